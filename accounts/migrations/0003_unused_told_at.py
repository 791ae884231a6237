"""When the owner of an account that nobody uses was told that it is about to go."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_staff_since"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="unused_told_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="báo lâu không dùng lúc"),
        ),
    ]
