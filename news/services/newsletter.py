"""The newsletter: when an issue begins and what is frozen for it; how its mails read; pause, go on, try it out.

`dispatching` sends the mails. What was withdrawn is in none of them: what is live is asked as each mail leaves.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from news import ratelimit
from news.models import (
    Frequency,
    IssueState,
    NewsletterIssue,
    NewsletterPlan,
    Outbox,
)
from news.queries import newsletter as questions
from news.queries.newsletter import Part, Shelf
from news.services import mailing, outbox, subscribing
from news.text.dates import long_date
from news.text.mailbox import mailbox
from news.workflow import NotAllowed

HANDLE: Final = "news.change_newsletterissue"
PLAN: Final = "news.change_newsletterplan"
PERIODS: Final = {Frequency.DAILY: timedelta(days=1), Frequency.WEEKLY: timedelta(days=7)}
STILL_TODAY: Final = timedelta(hours=12)
"""How long after its hour an issue may still begin, where no scheduler ran."""
DEFAULTS: Final[dict[Frequency, dict[str, Any]]] = {
    Frequency.DAILY: {"hour": 6, "weekday": None},
    Frequency.WEEKLY: {"hour": 7, "weekday": 1},
}


# --- When ------------------------------------------------------------------------------------------------


def plans() -> list[NewsletterPlan]:
    """The plan of each frequency, made as the house has it where there is none."""
    held = {plan.frequency: plan for plan in NewsletterPlan.objects.all()}
    for frequency in Frequency:
        if frequency not in held:
            held[frequency], _ = NewsletterPlan.objects.get_or_create(frequency=frequency, defaults=DEFAULTS[frequency])
    return [held[frequency] for frequency in Frequency]


def set_plan(*, plan: NewsletterPlan, actor: User) -> None:
    """Keep when a newsletter leaves. Raises `NotAllowed`."""
    if PLAN not in actor.granted_permissions:
        raise NotAllowed("Bạn không có quyền đổi giờ gửi bản tin.")
    with transaction.atomic():
        plan.save(update_fields=["is_on", "hour", "weekday"])


def last_moment(plan: NewsletterPlan, at: datetime) -> datetime:
    """The last moment at or before `at` at which the plan lets its newsletter leave."""
    now = timezone.localtime(at)
    for back in range(8):
        moment = timezone.make_aware(datetime.combine(now.date() - timedelta(days=back), time(plan.hour)))
        if moment <= at and plan.weekday in {None, moment.isoweekday()}:
            return moment
    raise ValueError(plan.weekday)


def begin_due(*, at: datetime) -> list[NewsletterIssue]:
    """The issues that begin now, frozen; an issue begins once, and one with nothing new is not sent."""
    begun = []
    for plan in plans():
        moment = last_moment(plan, at)
        if plan.is_on and at - moment < STILL_TODAY:
            issue = _begin(Frequency(plan.frequency), moment, at)
            if issue is not None:
                begun.append(issue)
    return begun


def _begin(frequency: Frequency, moment: datetime, at: datetime) -> NewsletterIssue | None:
    """The issue of that moment; None where it has begun before, or holds nothing."""
    day = timezone.localdate(moment)
    if NewsletterIssue.objects.filter(frequency=frequency, day=day).exists():
        return None
    since = _since(frequency, at)
    content = questions.new_content(since=since, until=at)
    with transaction.atomic():
        issue, is_new = NewsletterIssue.objects.get_or_create(
            frequency=frequency,
            day=day,
            defaults={
                "since": since,
                "until": at,
                "content": content,
                "state": IssueState.SENDING if content else IssueState.EMPTY,
                "finished_at": None if content else at,
            },
        )
    return issue if is_new and content else None


def _since(frequency: Frequency, at: datetime) -> datetime:
    """Where the last issue ended; after a long pause only the last two periods."""
    last = NewsletterIssue.objects.filter(frequency=frequency).order_by("-day").values_list("until", flat=True).first()
    period = PERIODS[frequency]
    return max(last, at - 2 * period) if last is not None else at - period


# --- What it says ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Letter:
    """What every mail of an issue shares: the newspaper's name, the subject, what it may hold."""

    masthead: str
    subject: str
    day: str
    frequency: str
    shelf: Shelf


def letter_of(issue: NewsletterIssue) -> Letter:
    """For an issue, kept or only thought of. Three queries."""
    masthead = mailing.masthead_name()
    subject = f"Bản tin {masthead}, {long_date(issue.day)}"
    return Letter(
        masthead, subject, long_date(issue.day), issue.get_frequency_display().lower(), questions.shelf(issue.content)
    )


def words_of(letter: Letter, parts: tuple[Part, ...], links: dict[str, str]) -> mailing.Words:
    """One reader's mail in both forms."""
    context = {
        "masthead": letter.masthead,
        "subject": letter.subject,
        "day": letter.day,
        "frequency": letter.frequency,
        "parts": parts,
        **links,
    }
    return mailing.words("newsletter", context)


@dataclass(frozen=True, slots=True)
class Preview:
    """A newsletter as it would read now."""

    subject: str
    text: str
    html: str


def preview(*, issue: NewsletterIssue, at: datetime) -> Preview | None:
    """How it reads for who chose no sections; None where nothing is in it. Its links lead nowhere."""
    letter = letter_of(issue)
    parts = questions.parts(letter.shelf, questions.live_now(letter.shelf, at), frozenset())
    if not parts:
        return None
    words = words_of(letter, parts, subscribing.own_links())
    return Preview(letter.subject, words.text, words.html)


def next_issue(*, frequency: Frequency, at: datetime) -> NewsletterIssue:
    """The issue that would begin at this moment; it is not kept."""
    since = _since(frequency, at)
    content = questions.new_content(since=since, until=at)
    return NewsletterIssue(frequency=frequency, day=timezone.localdate(at), since=since, until=at, content=content)


# --- What the desk does ----------------------------------------------------------------------------------


class NothingNew(NotAllowed):
    """There is nothing in the newsletter."""

    def __init__(self) -> None:
        super().__init__("Bản tin này chưa có bài nào để gửi.")


def try_out(*, issue: NewsletterIssue, actor: User, at: datetime) -> Outbox:
    """The newsletter to the actor's own address. Raises `NotAllowed`, `outbox.NoAddress`, `TooMany`, `BadMail`."""
    require(actor)
    if not actor.email:
        raise outbox.NoAddress
    if not ratelimit.allow("mail-test", mailbox(actor.email), limit=outbox.HOURLY, seconds=3600):
        raise outbox.TooMany
    seen = preview(issue=issue, at=at)
    if seen is None:
        raise NothingNew
    return outbox.post(
        kind=outbox.TEST,
        recipient=actor.email,
        subject=f"[Thử] {seen.subject}",
        text=seen.text,
        html=seen.html,
        at=at,
    )


def pause(*, issue_id: int, actor: User) -> bool:
    """Let no more mails of an issue leave; False when it is not being sent. Raises `NotAllowed`."""
    return _turn(issue_id, actor, IssueState.SENDING, IssueState.PAUSED)


def go_on(*, issue_id: int, actor: User) -> bool:
    """Let the rest leave; False when it was not paused. Raises `NotAllowed`."""
    return _turn(issue_id, actor, IssueState.PAUSED, IssueState.SENDING)


def _turn(issue_id: int, actor: User, source: IssueState, target: IssueState) -> bool:
    require(actor)
    with transaction.atomic():
        rows = NewsletterIssue.objects.filter(pk=issue_id, state=source)
        return bool(rows.update(state=target, touched_at=None))


def require(actor: User) -> None:
    """Raise `NotAllowed` unless the newsletter is the actor's work."""
    if HANDLE not in actor.granted_permissions:
        raise NotAllowed("Bạn không có quyền với bản tin.")
