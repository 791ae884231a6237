"""The outbox in numbers, without counting it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from news.models import Outbox

MOST: Final = 100
"""Beyond so many the desk needs no exact number."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many mails wait and how many were given up, in words: "7", "hơn 100"; since when the oldest could leave."""

    waiting: str
    given_up: str
    oldest: datetime | None


def tally(at: datetime) -> Tally:
    """Two queries, each of them along a partial index and of at most a hundred rows."""
    waiting = Outbox.objects.filter(sent_at=None, given_up_at=None, send_after__lte=at).order_by("send_after")
    due = list(waiting.values_list("send_after", flat=True)[: MOST + 1])
    given_up = Outbox.objects.filter(given_up_at__isnull=False).order_by("-id")
    return Tally(_words(len(due)), _words(_reached(given_up)), due[0] if due else None)


def _reached(rows: QuerySet[Outbox]) -> int:
    return len(rows.values_list("pk", flat=True)[: MOST + 1])


def _words(number: int) -> str:
    return str(number) if number <= MOST else f"hơn {MOST}"
