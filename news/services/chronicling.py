"""Chronicling: what was done with a row stands in the admin's history, written with it; never whose the data is."""

from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from accounts.models import User


def note(row: Model, *, actor: User, at: datetime, said: str, flag: int = CHANGE) -> None:
    """One line of a row's history, in the caller's transaction. `flag` is the admin's `ADDITION` or `CHANGE`."""
    LogEntry.objects.create(
        user=actor,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=str(row)[:200],
        action_flag=flag,
        change_message=said,
        action_time=at,
    )
