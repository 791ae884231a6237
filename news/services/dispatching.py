"""Dispatching: the mails of a newsletter's issue, in batches; nobody gets it twice, everybody once.

A worker claims a batch by a lease in a short transaction and talks to the mail server with nothing locked. In the
moment before a mail's last line goes out it writes "?" and the delivery's number into a journal, a local file that is
only appended to; then what the server said. A worker killed at any instant leaves a mail that was not handed over
(no line: it is sent when the lease ends), or one that was (a line: it is not sent again). Only what the journal leaves
open, handed over and never answered, is "unsure", and the desk may decide to send it again.
"""

import os
import re
import smtplib
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.mail import mailers
from django.db import transaction
from django.db.models import F, Q
from django.tasks import task
from django.utils import timezone

from accounts.models import User
from news import crypto
from news.models import (
    BounceSource,
    DeliveryState,
    IssueState,
    NewsletterDelivery,
    NewsletterIssue,
    Subscriber,
    SubscriberState,
)
from news.queries import newsletter as questions
from news.services import bouncing, contacting, mailing, newsletter, stopping, subscribing

BATCH: Final = 50
A_COMMIT: Final = 10
"""After so many mails what became of them is written down."""
LEASE: Final = timedelta(minutes=10)
BEGIN_WITHIN: Final = 300
"""Seconds of the lease in which a mail may still begin: one takes four minutes at the very most."""
FRESH: Final = 1.0
"""Seconds for which it is known who wants the newsletter; what of it is live is asked for every mail."""
TRIES: Final = 6
WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (2, 10, 30, 120, 360))
AWAY: Final = timedelta(minutes=2)
"""How long a batch waits where the mail server cannot be reached."""
STALE: Final = timedelta(hours=36)
QUIET: Final = timedelta(minutes=2)
"""An issue that nobody touched for so long has lost its task."""
ADDRESSED_AT_ONCE: Final = 1000
KEPT_FOR: Final = timedelta(days=60)
"""Reports of mails that came back name a delivery for about so long."""
PRUNED_AT_ONCE: Final = 30


# --- The journal -----------------------------------------------------------------------------------------

_LINE: Final = re.compile(r"([?+-]) (\d{1,18})", re.ASCII)


class Journal:
    """What was handed over to the mail server: "? 7" before it, "+ 7" when it was taken, "- 7" when it was refused."""

    def __init__(self, issue_id: int) -> None:
        self.path = Path(settings.DATA_DIR) / "journal" / f"ban-tin-{issue_id}"
        self._file = -1

    def marks(self) -> dict[int, str]:
        """The last mark of each delivery; a line cut short by a crash counts for nothing."""
        try:
            text = self.path.read_text(encoding="ascii", errors="replace")
        except FileNotFoundError:
            return {}
        found = (_LINE.fullmatch(line) for line in text.split("\n")[:-1])
        return {int(line[2]): line[1] for line in found if line is not None}

    def write(self, mark: str, number: int) -> None:
        """Append a line, in one piece."""
        os.write(self._file, f"{mark} {number}\n".encode("ascii"))

    @contextmanager
    def open(self) -> Iterator[None]:
        """For writing. A line that a crash cut short is ended first."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            size = os.fstat(self._file).st_size
            if size and os.pread(self._file, 1, size - 1) != b"\n":
                os.write(self._file, b"\n")
            yield
        finally:
            os.close(self._file)
            self._file = -1

    def forget(self) -> None:
        """The issue is over."""
        self.path.unlink(missing_ok=True)


# --- The task --------------------------------------------------------------------------------------------


def look(*, at: datetime) -> None:
    """Begin the issues that are due, and take up those whose task was lost; once a minute, from the timetable."""
    for issue in newsletter.begin_due(at=at):
        _enqueue(issue.pk, at)
    quiet = Q(touched_at=None) | Q(touched_at__lte=at - QUIET)
    for issue in NewsletterIssue.objects.filter(quiet, state=IssueState.SENDING).order_by("pk"):
        waiting = NewsletterDelivery.objects.filter(issue=issue, state=DeliveryState.WAITING)
        if not issue.is_addressed or waiting.filter(send_after__lte=at).exists() or not waiting.exists():
            _enqueue(issue.pk, at)


def _enqueue(issue_id: int, at: datetime) -> None:
    with transaction.atomic():
        NewsletterIssue.objects.filter(pk=issue_id).update(touched_at=at)
        send_some.enqueue(issue_id)


@task
def send_some(issue_id: int) -> None:
    """One batch, then the next one in a task of its own."""
    issue = NewsletterIssue.objects.filter(pk=issue_id, state=IssueState.SENDING).first()
    if issue is None:
        return
    if not issue.is_addressed:
        address(issue=issue, at=timezone.now())
    if send_batch(issue=issue, at=timezone.now()):
        _enqueue(issue_id, timezone.now())


def address(*, issue: NewsletterIssue, at: datetime) -> None:
    """A delivery for everybody who gets the issue; begun again after a crash it makes those that are missing."""
    rows = Subscriber.objects.filter(
        frequency=issue.frequency, state=SubscriberState.ACTIVE, confirmed_at__lte=issue.until
    ).order_by("pk")
    last = 0
    while numbers := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:ADDRESSED_AT_ONCE]):
        with transaction.atomic():
            NewsletterDelivery.objects.bulk_create(
                [NewsletterDelivery(issue=issue, subscriber_id=pk, send_after=at) for pk in numbers],
                ignore_conflicts=True,
            )
        last = numbers[-1]
    with transaction.atomic():
        count = NewsletterDelivery.objects.filter(issue=issue).count()
        NewsletterIssue.objects.filter(pk=issue.pk).update(is_addressed=True, total_count=count)


def send_unsure(*, issue_id: int, actor: User, at: datetime) -> int:
    """Send once more to those of whom nobody knows whether the mail got there; how many. Raises `NotAllowed`."""
    newsletter.require(actor)
    with transaction.atomic():
        issue = NewsletterIssue.objects.select_for_update().get(pk=issue_id)
        unsure = NewsletterDelivery.objects.filter(issue=issue, state=DeliveryState.UNSURE)
        numbers = list(unsure.values_list("pk", flat=True))
        count = unsure.update(state=DeliveryState.WAITING, send_after=at, attempt_count=0, finished_at=None)
        if count:
            # What the journal left open is decided.
            journal = Journal(issue.pk)
            with journal.open():
                for number in numbers:
                    journal.write("-", number)
            issue.state, issue.unsure_count = IssueState.SENDING, max(0, issue.unsure_count - count)
            issue.finished_at = issue.touched_at = None
            issue.save(update_fields=["state", "unsure_count", "finished_at", "touched_at"])
    return count


def prune(*, at: datetime) -> int:
    """Forget who was sent what, two months after an issue; its counts stay. How many rows."""
    old = NewsletterIssue.objects.filter(until__lt=at - KEPT_FOR, state__in=[IssueState.DONE, IssueState.EMPTY])
    count = 0
    for number in list(old.filter(is_addressed=True).order_by("pk").values_list("pk", flat=True)[:PRUNED_AT_ONCE]):
        with transaction.atomic():
            count += NewsletterDelivery.objects.filter(issue_id=number).delete()[0]
            NewsletterIssue.objects.filter(pk=number).update(is_addressed=False, content=[])
    return count


# --- A batch ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Done:
    """What became of the mails since the last commit."""

    ended: dict[tuple[DeliveryState, str], list[int]] = field(default_factory=dict)
    put_off: list[tuple[int, datetime, str]] = field(default_factory=list)
    bounced: list[tuple[int, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(map(len, self.ended.values())) + len(self.put_off)

    def end(self, row: NewsletterDelivery, state: DeliveryState, words: str = "") -> None:
        self.ended.setdefault((state, words[:200]), []).append(row.pk)


class _Away(Exception):
    """The mail server cannot be reached or takes nothing from us now: the rest of the batch waits.

    `is_unsure`: it went away with a mail in hand.
    """

    def __init__(self, words: str, *, is_unsure: bool) -> None:
        super().__init__(words)
        self.words = words
        self.is_unsure = is_unsure


def send_batch(*, issue: NewsletterIssue, at: datetime) -> bool:
    """Send what is due of an issue, a batch at most; whether there may be more to send at once."""
    if at > issue.until + STALE:
        _give_up(issue, at)
        return False
    rows = _claim(issue, at)
    if not rows:
        _finish(issue, at)
        return False
    started = time.monotonic()
    journal = Journal(issue.pk)
    marks = journal.marks() if any(row.attempt_count > 1 for row in rows) else {}
    done, left = _Done(), deque(rows)
    away, is_on = "", True
    with journal.open(), _Sender(issue, journal, rows) as sender:
        while left and is_on and not away and time.monotonic() - started < BEGIN_WITHIN:
            try:
                _one(left[0], marks.get(left[0].pk, ""), sender, done)
                left.popleft()
            except _Away as trouble:
                away = trouble.words
                if trouble.is_unsure:
                    done.end(left.popleft(), DeliveryState.UNSURE)
            if done.count >= A_COMMIT:
                is_on, done = _commit(issue, done), _Done()
    is_on = _commit(issue, done) and is_on
    _release(left, until=timezone.now() + (AWAY if away else timedelta()), words=away)
    return is_on and not away


def _claim(issue: NewsletterIssue, at: datetime) -> list[NewsletterDelivery]:
    """The next deliveries, in this worker's hands until their lease ends."""
    with transaction.atomic():
        waiting = NewsletterDelivery.objects.filter(issue=issue, state=DeliveryState.WAITING, send_after__lte=at)
        waiting = waiting.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
        rows = list(waiting.select_related("subscriber__contact").prefetch_related("subscriber__sections")[:BATCH])
        taken = NewsletterDelivery.objects.filter(pk__in=[row.pk for row in rows])
        taken.update(send_after=at + LEASE, attempt_count=F("attempt_count") + 1)
        NewsletterIssue.objects.filter(pk=issue.pk).update(touched_at=at)
    for row in rows:
        row.attempt_count += 1
    return rows


def _one(row: NewsletterDelivery, mark: str, sender: "_Sender", done: _Done) -> None:
    """Send one mail, unless the journal tells that it was handed over before. Raises `_Away`."""
    if mark in {"+", "?"}:
        done.end(row, DeliveryState.SENT if mark == "+" else DeliveryState.UNSURE)
        return
    if row.attempt_count > TRIES:
        done.end(row, DeliveryState.FAILED, "Việc gửi bị ngắt giữa chừng.")
        return
    state, trouble = sender.send(row)
    if trouble is None:
        done.end(row, state)
    elif trouble.is_final or row.attempt_count >= TRIES:
        done.end(row, DeliveryState.FAILED, trouble.words)
        if trouble.status:
            done.bounced.append((row.subscriber_id, trouble.status))
    else:
        wait = WAITS[min(row.attempt_count, len(WAITS)) - 1]
        done.put_off.append((row.pk, timezone.now() + wait, trouble.words))


_COUNTS: Final = {
    DeliveryState.SENT: "sent_count",
    DeliveryState.SKIPPED: "skipped_count",
    DeliveryState.FAILED: "failed_count",
    DeliveryState.UNSURE: "unsure_count",
}


def _commit(issue: NewsletterIssue, done: _Done) -> bool:
    """Write down what became of the mails; whether the issue is still being sent."""
    now = timezone.now()
    with transaction.atomic():
        held = NewsletterDelivery.objects.filter(state=DeliveryState.WAITING)
        counts: dict[str, Any] = {}
        for (state, words), numbers in done.ended.items():
            count = held.filter(pk__in=numbers).update(state=state, finished_at=now, error=words)
            counts[_COUNTS[state]] = counts.get(_COUNTS[state], F(_COUNTS[state])) + count
        for number, until, words in done.put_off:
            held.filter(pk=number).update(send_after=until, error=words[:200])
        for subscriber_id, status in done.bounced:
            bouncing.record(
                subscriber_id=subscriber_id, issue_id=issue.pk, status=status, source=BounceSource.SMTP, at=now
            )
        rows = NewsletterIssue.objects.filter(pk=issue.pk)
        rows.update(touched_at=now, **counts)
        return rows.filter(state=IssueState.SENDING).exists()


def _release(rows: Iterable[NewsletterDelivery], *, until: datetime, words: str) -> None:
    """Not begun: they wait as if nobody had taken them."""
    numbers = [row.pk for row in rows]
    if numbers:
        with transaction.atomic():
            held = NewsletterDelivery.objects.filter(pk__in=numbers, state=DeliveryState.WAITING)
            held.update(send_after=until, error=words[:200], attempt_count=F("attempt_count") - 1)


def _give_up(issue: NewsletterIssue, at: datetime) -> None:
    """Yesterday's news is not sent tomorrow: what still waits never leaves."""
    with transaction.atomic():
        waiting = NewsletterDelivery.objects.filter(issue=issue, state=DeliveryState.WAITING, send_after__lte=at)
        count = waiting.update(state=DeliveryState.FAILED, finished_at=at, error="Quá muộn để gửi số này.")
        NewsletterIssue.objects.filter(pk=issue.pk).update(failed_count=F("failed_count") + count)
    _finish(issue, at)


def _finish(issue: NewsletterIssue, at: datetime) -> None:
    """The issue is over once nothing of it waits."""
    with transaction.atomic():
        rows = NewsletterIssue.objects.select_for_update().filter(pk=issue.pk, is_addressed=True)
        found = rows.filter(state=IssueState.SENDING).first()
        if found is None or found.deliveries.filter(state=DeliveryState.WAITING).exists():
            return
        rows.update(state=IssueState.DONE, finished_at=at)
        transaction.on_commit(Journal(issue.pk).forget)


# --- One connection --------------------------------------------------------------------------------------


class _Sender:
    """The mails of an issue over one connection to the mail server, each read anew as it leaves."""

    def __init__(self, issue: NewsletterIssue, journal: Journal, rows: list[NewsletterDelivery]) -> None:
        self.issue = issue
        self.journal = journal
        self.letter = newsletter.letter_of(issue)
        self.words: dict[tuple[frozenset[int], tuple[int, ...]], mailing.Words | None] = {}
        self.readers = [row.subscriber_id for row in rows]
        self.wanting: set[int] = set()
        self.asked_at = -FRESH
        self.mailer: Any = None
        self.tells_itself = False
        self.number = 0
        self.is_over = False
        """Whether the mail under way was handed over."""

    def __enter__(self) -> "_Sender":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """The connection; its own trouble is no news."""
        mailer, self.mailer = self.mailer, None
        if mailer is not None:
            with suppress(OSError, smtplib.SMTPException):
                mailer.close()

    def send(self, row: NewsletterDelivery) -> tuple[DeliveryState, mailing.Trouble | None]:
        """Send one; raise `_Away` when no other would fare better now."""
        self.is_over = False
        try:
            mail = self._mail(row)
            if mail is None:
                return DeliveryState.SKIPPED, None
            self._open()
            self.number = row.pk
            if not self.tells_itself:
                self.hand_over()
            self.mailer.send_messages([mail])
        except Exception as error:  # noqa: BLE001 - a traceback would be kept with the task, and may quote the address
            return self._failed(row, error)
        with suppress(OSError):  # it was taken all the same
            self.journal.write("+", row.pk)
        return DeliveryState.SENT, None

    def hand_over(self) -> None:
        """From here on nobody but the server knows."""
        self.journal.write("?", self.number)
        self.is_over = True

    def _failed(self, row: NewsletterDelivery, error: Exception) -> tuple[DeliveryState, mailing.Trouble | None]:
        trouble = mailing.failure(error)
        was_told = mailing.is_answer(error)
        was_told = was_told or (self.is_over and mailing.never_connected(error))
        is_unsure = self.is_over and not was_told
        if self.is_over and was_told:
            self.journal.write("-", row.pk)
        if not was_told or trouble.is_servers:
            self.close()
        if trouble.is_servers:
            raise _Away(trouble.words, is_unsure=is_unsure) from None
        if is_unsure:
            return DeliveryState.UNSURE, None
        return DeliveryState.FAILED, trouble

    def _open(self) -> None:
        if self.mailer is not None and getattr(getattr(self.mailer, "connection", None), "sock", self) is None:
            self.close()  # the server has ended it
        if self.mailer is None:
            self.mailer = mailers.default
            self.mailer.open()
            smtp = getattr(self.mailer, "connection", None)
            self.tells_itself = isinstance(smtp, smtplib.SMTP)
            if isinstance(smtp, smtplib.SMTP):
                smtp.send = _telling(smtp.send, self.hand_over)  # type: ignore[assignment, method-assign]  # of this one connection

    def _mail(self, row: NewsletterDelivery) -> Any:
        """The mail as it reads at this moment; None where there is nothing for this reader, or they stopped it."""
        if time.monotonic() - self.asked_at >= FRESH:
            self.asked_at = time.monotonic()
            self.wanting = questions.who_wants_it(self.readers)
        if row.subscriber_id not in self.wanting:
            return None
        subscriber = row.subscriber
        words = self._words(frozenset(section.pk for section in subscriber.sections.all()))
        if words is None:
            return None
        token = subscribing.own_token(subscriber)
        links = subscribing.own_links(token)
        return mailing.compose(
            recipient=contacting.read(subscriber.contact)["email"],
            subject=self.letter.subject,
            words=mailing.Words(
                words.text.replace(subscribing.PLACE, token), words.html.replace(subscribing.PLACE, token)
            ),
            message_id=message_id(row),
            sender=self.letter.masthead,
            headers={**stopping.one_click(links["stop"]), "List-Id": f"<ban-tin.{mailing.domain()}>"},
        )

    def _words(self, wanted: frozenset[int]) -> mailing.Words | None:
        """What is live at this moment of what a reader wants; composed once as long as that stays the same."""
        live = questions.live_now(self.letter.shelf, timezone.now())
        key = (wanted, tuple(sorted(live.values())))
        if key not in self.words:
            parts = questions.parts(self.letter.shelf, live, wanted)
            self.words[key] = newsletter.words_of(self.letter, parts, subscribing.own_links()) if parts else None
        return self.words[key]


def _telling(send: Callable[[Any], None], tell: Callable[[], None]) -> Callable[[Any], None]:
    """`smtplib` sends a mail's text with its last line, the dot, in one call: it is told just before."""

    def tell_and_send(data: Any) -> None:
        if isinstance(data, bytes) and data.endswith(b"\r\n.\r\n"):
            tell()
        send(data)

    return tell_and_send


def message_id(row: NewsletterDelivery) -> str:
    """What stands before the "@": the same for every attempt; nobody else can name a delivery by it."""
    return f"{row.pk}.{crypto.digest(f'newsletter-delivery {row.pk}')[:24]}.bantin"


def of_message_id(value: str) -> NewsletterDelivery | None:
    """Which delivery a mail that came back was."""
    found = re.match(r"<?(\d{1,18})\.([0-9a-f]{24})\.bantin@", value, re.ASCII)
    if found is None:
        return None
    row = NewsletterDelivery.objects.filter(pk=int(found[1])).select_related("subscriber").first()
    return row if row is not None and message_id(row).split(".")[1] == found[2] else None
