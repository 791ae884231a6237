"""When a letter was merged; those whose main letter had been answered before, so that nobody wrote to them, wait again.

The constraint that goes here comes back in the next migration, in a transaction of its own: PostgreSQL changes no table
whose rows were just written.
"""

from typing import Any

from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce, Now


def tell_when(apps: Any, schema_editor: Any) -> None:
    """Who was answered with the main letter was merged before; who was not, and never would be, is open again."""
    Feedback = apps.get_model("news", "Feedback")
    merged = Feedback.objects.filter(status="merged")
    missed = merged.filter(answered_at=None, merged_into__answered_at__isnull=False)
    Feedback.objects.filter(pk__in=list(missed.values_list("pk", flat=True))).update(
        status="open", merged_into=None, queue_at=Coalesce(F("due_at"), F("queue_at"))
    )
    merged.filter(answered_at=None).update(merged_at=Now())
    merged.exclude(answered_at=None).update(
        merged_at=F("received_at"),
        due_at=Subquery(Feedback.objects.filter(pk=OuterRef("merged_into")).values("due_at")[:1]),
    )


class Migration(migrations.Migration):
    dependencies = [("news", "0019_article_made_once")]

    operations = [
        migrations.RemoveConstraint(model_name="feedback", name="feedback_merged_has_target"),
        migrations.AddField(
            model_name="feedback",
            name="merged_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="gộp lúc"),
        ),
        migrations.RunPython(tell_when, migrations.RunPython.noop),
    ]
