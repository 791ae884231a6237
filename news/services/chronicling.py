"""Chronicling: what was done with a letter stands in the admin's history, written with it; never whose letter it is."""

from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from accounts.models import User
from news.models import Feedback


def note(letter: Feedback, *, actor: User, at: datetime, said: str) -> None:
    """One line of a letter's history, in the caller's transaction."""
    LogEntry.objects.create(
        user=actor,
        content_type=ContentType.objects.get_for_model(Feedback),
        object_id=str(letter.pk),
        object_repr=str(letter),
        action_flag=CHANGE,
        change_message=said,
        action_time=at,
    )
