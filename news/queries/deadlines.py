"""The newsroom's clock: its calendar, the terms of each kind of letter, and what is left of a deadline. Read-only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from django.utils import timezone

from news.models import CalendarDay, DayKind, FeedbackKind, FeedbackTerm, TermKind
from news.text.dates import long_date
from news.text.workdays import OFF, WORK, Calendar, SpecialDay, add_working_days, kept_calendar, working_days_between

SOON: Final = 2
"""With so many working days left, or fewer, a letter is soon due."""
DEFAULTS: Final = {
    TermKind.CLAIM: 2,
    TermKind.OPINION: 10,
    TermKind.QUESTION: 10,
    TermKind.ERROR: 2,
    TermKind.TIP: 5,
}
"""Working days, where no row says otherwise."""
_ENDS: Final = time(17, 0)


@dataclass(frozen=True, slots=True)
class Term:
    """So many working days, and the hour of the last one at which it is over."""

    working_days: int
    ends_at: time


@dataclass(frozen=True, slots=True)
class Clock:
    """What deadlines are computed by."""

    calendar: Calendar
    terms: Mapping[str, Term]

    def due(self, kind: FeedbackKind, since: datetime) -> datetime:
        """Until when a letter of that kind is to be answered."""
        return self._end(self.terms[kind.value], since)

    def claim_by(self, since: datetime) -> datetime:
        """Until when somebody should have taken it on."""
        return self._end(self.terms[TermKind.CLAIM], since)

    def _end(self, term: Term, since: datetime) -> datetime:
        day = add_working_days(timezone.localtime(since).date(), term.working_days, self.calendar)
        return timezone.make_aware(datetime.combine(day, term.ends_at))

    def days_left(self, due_at: datetime, at: datetime) -> int:
        """Working days after today up to the deadline's day; below zero when that day is over."""
        return working_days_between(timezone.localtime(at).date(), timezone.localtime(due_at).date(), self.calendar)

    def days_taken(self, since: datetime, until: datetime) -> int:
        """Working days from the day something came to the day it was done."""
        return max(0, self.days_left(until, since))


def clock() -> Clock:
    """The clock as it is set now: the kept calendar with the newsroom's own days, and the terms. Two queries."""
    own = [
        SpecialDay(day, name, OFF if kind == DayKind.OFF else WORK)
        for day, name, kind in CalendarDay.objects.values_list("day", "name", "kind")
    ]
    terms = {kind.value: Term(days, _ENDS) for kind, days in DEFAULTS.items()}
    for kind, days, ends_at in FeedbackTerm.objects.values_list("kind", "working_days", "ends_at"):
        terms[kind] = Term(days, ends_at)
    return Clock(kept_calendar().with_days(own), terms)


def due_in_words(due_at: datetime) -> str:
    """ "17:00, Thứ Tư, 4/3/2026"."""
    local = timezone.localtime(due_at)
    return f"{local:%H:%M}, {long_date(local)}"


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a deadline: `tone` is "late", "soon" or "", `words` say it."""

    words: str
    tone: str


def left(due_at: datetime | None, at: datetime, by: Clock) -> Left:
    """How much time a letter that waits still has."""
    if due_at is None:
        return Left("chưa có hạn", "")
    days = by.days_left(due_at, at)
    if due_at <= at:
        return Left(f"quá hạn {-days} ngày làm việc" if days < 0 else "quá hạn hôm nay", "late")
    if days == 0:
        return Left("hết hạn hôm nay", "soon")
    return Left(f"còn {days} ngày làm việc", "soon" if days <= SOON else "")
