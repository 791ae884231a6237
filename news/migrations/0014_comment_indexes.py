"""SQLite takes an index with a condition only where it is written IS NOT NULL: so these are made anew, in these words."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("news", "0013_personal_data"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="comment",
            name="comment_replies",
        ),
        migrations.RemoveIndex(
            model_name="comment",
            name="comment_of_author",
        ),
        migrations.RemoveIndex(
            model_name="comment",
            name="comment_mine",
        ),
        migrations.RemoveIndex(
            model_name="commenterstanding",
            name="commenter_blocked",
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("parent__isnull", False)), fields=["parent", "status", "id"], name="comment_replies"
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("author__isnull", False)),
                fields=["article", "author", "-id"],
                name="comment_of_author",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("author__isnull", False)), fields=["author", "-id"], name="comment_mine"
            ),
        ),
        migrations.AddIndex(
            model_name="commenterstanding",
            index=models.Index(
                condition=models.Q(("blocked_until__isnull", False)), fields=["-id"], name="commenter_blocked"
            ),
        ),
    ]
