from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("news", "0020_feedback_merged_at")]

    operations = [
        migrations.AddConstraint(
            model_name="feedback",
            constraint=models.CheckConstraint(
                condition=models.Q(("merged_at__isnull", False), ("merged_into__isnull", False), ("status", "merged"))
                | models.Q(
                    models.Q(("status", "merged"), _negated=True),
                    ("merged_at__isnull", True),
                    ("merged_into__isnull", True),
                ),
                name="feedback_merged_has_target",
            ),
        ),
    ]
