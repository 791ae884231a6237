"""Deadlines: until when letters are taken on and answered, in working days; who is reminded, who hears of late ones.

A letter's clock starts the day after it came, ends at the term's hour of the last working day, and starts anew when
its sender writes again or the desk reopens it. Changing the calendar or a term moves the deadlines of what still waits,
but for those that somebody set by hand.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts import roles
from accounts.models import User
from news.models import (
    LAST_IN_QUEUE,
    CalendarDay,
    Feedback,
    FeedbackKind,
    FeedbackStatus,
    FeedbackTerm,
    TermKind,
)
from news.queries import addresses
from news.queries import feedback as questions
from news.queries.deadlines import Clock, clock
from news.queries.feedback import HANDLE, WAITING
from news.services import chronicling, mailing, outbox
from news.text.normalize import clean_line
from news.text.workdays import add_working_days
from news.workflow import NotAllowed

SET_CLOCK: Final = "news.change_feedbackterm"
"""Who sets the calendar and the terms."""
REMIND_BEFORE: Final = 1
"""Working days before the end at which whoever has the letter is reminded."""
BATCH: Final = 200
DUE, LATE, UNCLAIMED = "feedback_due", "feedback_late", "feedback_unclaimed"
"""The kinds of these mails in the Outbox."""


# --- A letter's clock ------------------------------------------------------------------------------------


def start(row: Feedback, *, at: datetime, by: Clock) -> None:
    """Set the clock of an unsaved change: from now the letter waits for an answer, and for somebody to take it on."""
    row.waits_since, row.due_by_hand = at, False
    row.claim_by = by.claim_by(at)
    row.due_at = by.due(FeedbackKind(row.kind), at)
    row.answered_at = row.reminded_at = row.alarmed_at = row.unclaimed_told_at = None


def move(row: Feedback, due_at: datetime, *, at: datetime) -> None:
    """Put another deadline into an unsaved change; what lies ahead again is reminded of and told late anew."""
    row.due_at = due_at
    if due_at > at:
        row.reminded_at = row.alarmed_at = None


def queue_place(row: Feedback) -> datetime:
    """Where the letter stands in the desk's list, see `Feedback`."""
    if row.status in WAITING:
        return row.due_at or LAST_IN_QUEUE
    return LAST_IN_QUEUE + (LAST_IN_QUEUE - row.received_at)


CLOCK_COLUMNS: Final = (
    "waits_since", "claim_by", "due_at", "due_by_hand", "queue_at", "answered_at", "reminded_at", "alarmed_at",
    "unclaimed_told_at",
)  # fmt: skip


# --- The calendar and the terms --------------------------------------------------------------------------


def keep_day(*, day: CalendarDay, actor: User, at: datetime) -> int:
    """Keep a day of the newsroom's own calendar; how many letters' deadlines moved. Raises `NotAllowed`."""
    _require(actor)
    day.name, day.ground = clean_line(day.name)[:120], clean_line(day.ground)[:200]
    with transaction.atomic():
        day.save()
        return _recompute(actor, at, f"lịch làm việc: {day.name}")


def keep_term(*, term: FeedbackTerm, actor: User, at: datetime) -> int:
    """Keep how long something may take; how many letters' deadlines moved. Raises `NotAllowed`."""
    _require(actor)
    with transaction.atomic():
        term.save()
        return _recompute(actor, at, f"thời hạn: {term}")


def _require(actor: User) -> None:
    if SET_CLOCK not in actor.granted_permissions:
        raise NotAllowed("Bạn không có quyền sửa lịch làm việc và thời hạn xử lý phản hồi.")


def _recompute(actor: User, at: datetime, why: str) -> int:
    """Compute the deadlines of all letters that wait, each change with a line in its history."""
    by, count = clock(), 0
    waiting = Feedback.objects.filter(status__in=WAITING, waits_since__isnull=False)
    for row in waiting.select_for_update().defer("body").order_by("pk").iterator(chunk_size=BATCH):
        since = row.waits_since or row.received_at
        row.claim_by = by.claim_by(since)
        due = row.due_at if row.due_by_hand else by.due(FeedbackKind(row.kind), since)
        if due is not None and due != row.due_at:
            said = f"Hạn trả lời tính lại: {_words(row.due_at)} thành {_words(due)} ({why})."
            move(row, due, at=at)
            row.queue_at = queue_place(row)
            chronicling.note(row, actor=actor, at=at, said=said)
            count += 1
        row.save(update_fields=["claim_by", "due_at", "queue_at", "reminded_at", "alarmed_at"])
    return count


def _words(moment: datetime | None) -> str:
    if moment is None:
        return "chưa có"
    local = timezone.localtime(moment)
    return f"{local:%H:%M} {local.day}/{local.month}/{local.year}"


# --- Reminders and alarms --------------------------------------------------------------------------------


def remind_due(*, at: datetime) -> int:
    """Mail whoever must act, each letter once: before its deadline, after it, and when nobody took it on in time.

    Before: the person in charge, else the moderators; after: the editors-in-chief. One mail a person, without a word of
    the letters or of their senders. How many mails were written. For the timetable; safe to run at any time.
    """
    today = timezone.localtime(at).date()
    horizon = _end_of(add_working_days(today, REMIND_BEFORE, clock().calendar))
    waiting = Feedback.objects.filter(status__in=WAITING)
    return (
        _tell(waiting.filter(queue_at__gt=at, queue_at__lt=horizon, reminded_at=None), "reminded_at", DUE, at)
        + _tell(waiting.filter(queue_at__lte=at, alarmed_at=None), "alarmed_at", LATE, at)
        + _tell(
            waiting.filter(status=FeedbackStatus.NEW, claim_by__lte=at, unclaimed_told_at=None),
            "unclaimed_told_at",
            UNCLAIMED,
            at,
        )
    )


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


_SUBJECTS: Final = {
    DUE: "Phản hồi sắp đến hạn trả lời",
    LATE: "Phản hồi quá hạn trả lời",
    UNCLAIMED: "Phản hồi chưa có người nhận xử lý",
}


def _tell(letters: QuerySet[Feedback], column: str, kind: str, at: datetime) -> int:
    if not letters.exists():  # most minutes: no transaction, no lock
        return 0
    with transaction.atomic():
        rows = list(letters.select_for_update(skip_locked=True, of=("self",)).order_by("queue_at", "pk")[:BATCH])
        owners = {user.pk: user for user in User.objects.filter(pk__in={row.owner_id for row in rows if row.owner_id})}
        shared = _role("chief") if kind == LATE else _role("moderator")
        shared = shared or _able()
        by_person: dict[str, list[Feedback]] = defaultdict(list)
        for row in rows:
            owner = owners.get(row.owner_id or 0) if kind == DUE else None
            for address in [owner.email or ""] if owner is not None and _may_act(owner) else shared:
                by_person[address].append(row)
        told = {row.pk for found in by_person.values() for row in found}
        Feedback.objects.filter(pk__in=told).update(**{column: at})
        for address, found in by_person.items():
            words = mailing.words(kind, _context(found, at))
            outbox.post(
                kind=kind,
                recipient=address,
                subject=f"{_SUBJECTS[kind]} ({len(found)})" if len(found) > 1 else f"{_SUBJECTS[kind]} {found[0].code}",
                text=words.text,
                html=words.html,
                at=at,
            )
    return len(by_person)


def _context(letters: Iterable[Feedback], at: datetime) -> dict[str, Any]:
    by = clock()
    rows = [
        {
            "code": row.code,
            "kind": row.get_kind_display().lower(),
            "received_at": row.received_at,
            "due_at": row.due_at,
            "days": abs(by.days_left(row.due_at, at)) if row.due_at else 0,
            "address": addresses.absolute(reverse("admin:news_feedback_change", args=[row.pk])),
        }
        for row in letters
    ]
    return {"letters": rows, "masthead": outbox.masthead_name()}


def _may_act(user: User) -> bool:
    return bool(user.is_active and user.email and HANDLE in user.granted_permissions)


def _role(key: str) -> list[str]:
    name = next(role.name for role in roles.ROLES if role.key == key)
    people = User.objects.filter(groups__name=name, is_active=True, is_staff=True).order_by("pk")
    return _addresses(people)


def _able() -> list[str]:
    """Whoever else may work on letters."""
    return _addresses(questions.handlers())


def _addresses(people: QuerySet[User]) -> list[str]:
    return [email for email in people.values_list("email", flat=True) if email]


__all__ = [
    "CLOCK_COLUMNS", "DUE", "LATE", "UNCLAIMED", "TermKind", "keep_day", "keep_term", "move", "queue_place",
    "remind_due", "start",
]  # fmt: skip
