"""What a notification is about is a comment's row, now that there are comments."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("news", "0011_comment"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="notification", name="notification_about_its_kind"),
        migrations.RemoveConstraint(model_name="notification", name="notification_answer_once"),
        migrations.RemoveConstraint(model_name="notification", name="notification_decision_once_unread"),
        migrations.RemoveField(model_name="notification", name="comment_id"),
        migrations.AddField(
            model_name="notification",
            name="comment",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="news.comment"
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("comment__isnull", False),
                        ("feedback", None),
                        ("kind__in", ["comment_answered", "comment_decided"]),
                    ),
                    models.Q(("comment", None), ("feedback__isnull", False), ("kind", "feedback_answered")),
                    _connector="OR",
                ),
                name="notification_about_its_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "comment_answered")),
                fields=("user", "comment"),
                name="notification_answer_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "comment_decided"), ("read_at", None)),
                fields=("user", "comment"),
                name="notification_decision_once_unread",
            ),
        ),
    ]
