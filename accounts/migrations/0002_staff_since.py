"""Since when somebody works in the newsroom: from there runs the time to set up a second factor."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone


def begin_now(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Whoever works here already has the whole time from today."""
    apps.get_model("accounts", "User").objects.filter(is_staff=True).update(staff_since=timezone.now())


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="staff_since",
            field=models.DateTimeField(editable=False, null=True, verbose_name="vào tòa soạn từ"),
        ),
        migrations.RunPython(begin_now, migrations.RunPython.noop, elidable=True),
    ]
