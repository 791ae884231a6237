"""Notifying: a reader is told what became of their words, on their page and, where they switched it on, by mail."""

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from news.models import (
    ROW_KINDS,
    Edition,
    EditionPerson,
    EditionSection,
    EditionTag,
    Follow,
    FollowDigest,
    FollowKind,
    MailScope,
    Notification,
    NotificationChoice,
    NotificationKind,
    Person,
    Tag,
)
from news.queries import addresses, comments
from news.queries import notifications as questions
from news.services import following, mailing, outbox, stopping

KIND, DIGEST = "notification", "followed_articles"
"""The kinds of these mails in the Outbox."""

ONE_MAIL_IN: Final = timedelta(hours=24)
"""While an earlier one of a kind about the same article or letter is unread, no other mail leaves for that long."""

MORNING: Final = 7
"""The hour in Vietnam from which on the day's mails are written."""
WINDOW: Final = timedelta(days=3)
"""How old an article may be that a mail calls new: a few days, so that a site that stood still tells it late."""
BATCH: Final = 50
"""Readers a transaction: a third of a second, in which nobody else writes on SQLite."""
NAMED: Final = 30
"""Articles a mail names."""
MOST: Final = 2000
"""Articles of those days that are looked at."""


def notify(
    *,
    user_id: int,
    kind: NotificationKind,
    at: datetime,
    article_id: int | None = None,
    comment_id: int | None = None,
    feedback_id: int | None = None,
    caused_by: int | None = None,
) -> None:
    """Tell a reader, in the caller's transaction.

    `comment_id` is the answer, or the comment that was decided on; `feedback_id` the letter that was answered.
    `caused_by` is whose doing it was: nobody is told of their own. The same thing twice is told once: an answer for
    good, a letter until the reader has read of it. A decision takes the place of what was told of the comment before,
    and is new again. A user that is gone or locked is told nothing.
    """
    if kind not in ROW_KINDS:
        raise ValueError(f"{kind} has no row: send_digests tells of it")
    if caused_by == user_id or not User.objects.filter(pk=user_id, is_active=True).exists():
        return
    choice = NotificationChoice.objects.filter(user_id=user_id, kind=kind).first() or NotificationChoice(kind=kind)
    if not (choice.on_page or choice.by_mail):
        return
    with transaction.atomic():
        if kind is NotificationKind.COMMENT_DECIDED and comment_id is not None:
            Notification.objects.filter(user_id=user_id, kind=kind, comment_id=comment_id).delete()
        row = _write(user_id, kind, at, article_id, comment_id, feedback_id, is_listed=choice.on_page)
        if row is not None and choice.by_mail:
            _mail(row, at)


def _write(
    user_id: int,
    kind: NotificationKind,
    at: datetime,
    article_id: int | None,
    comment_id: int | None,
    feedback_id: int | None,
    *,
    is_listed: bool,
) -> Notification | None:
    """The new row; None where the reader was told before."""
    try:
        with transaction.atomic():
            return Notification.objects.create(
                user_id=user_id,
                kind=kind,
                article_id=article_id,
                comment_id=comment_id,
                feedback_id=feedback_id,
                is_listed=is_listed,
                created_at=at,
                # What is on no page is never read there; it must not stand in the way of the next one.
                read_at=None if is_listed else at,
            )
    except IntegrityError:
        return None


# --- By mail ---------------------------------------------------------------------------------------------


def address_of(user_id: int) -> str:
    """Where a reader's notifications go: the address they proved to be theirs; "" for none."""
    proved = User.objects.filter(pk=user_id, is_active=True, emailaddress__verified=True)
    return (
        proved.alias(proven=Lower("emailaddress__email"))
        .filter(proven=Lower("email"))
        .values_list("email", flat=True)
        .first()
        or ""
    )


def is_stopped(address: str) -> bool:
    """Whether the reader followed the link in a mail by which all of this stops. One query."""
    return stopping.is_stopped(address=address, scope=MailScope.NOTIFICATION)


def _mail(row: Notification, at: datetime) -> None:
    address = address_of(row.user_id)
    if not address or _has_mail_unread(row, at) or is_stopped(address):
        return
    title = ""
    if row.article_id is not None:
        found = Edition.objects.live(at).filter(article_id=row.article_id).values_list("title", flat=True).first()
        if found is None:
            return
        title = found
    kind, masthead = NotificationKind(row.kind), outbox.masthead_name()
    stop = stopping.links(address, MailScope.NOTIFICATION)
    decided = row.comment if kind is NotificationKind.COMMENT_DECIDED else None
    lockout = comments.lockout(decided, at) if decided is not None else ""
    context = {
        "masthead": masthead,
        "stop": stop.page,
        "title": title,
        "said": questions.words_of(row, lockout),
        "feedback": addresses.absolute(reverse("feedback_send")) if lockout else "",
        "address": addresses.absolute(questions.place_of(row, at)),
        "choices": addresses.absolute(reverse("reader_choices")),
    }
    words = mailing.words(_MAILS[kind], context)
    outbox.post(
        kind=KIND,
        recipient=address,
        subject=f"{questions.WORDS[kind]} | {masthead}",
        text=words.text,
        html=words.html,
        at=at,
        article_id=row.article_id,
        stop=stop,
    )
    row.mailed_at = at
    row.save(update_fields=["mailed_at"])


def _has_mail_unread(row: Notification, at: datetime) -> bool:
    """Whether a mail of that kind about the same thing lies unread: a hundred answers are one mail a day."""
    alike = Notification.objects.filter(user_id=row.user_id, kind=row.kind, mailed_at__gt=at - ONE_MAIL_IN)
    alike = alike.filter(Q(read_at=None) | Q(is_listed=False))
    return alike.filter(article=row.article, feedback=row.feedback).exists()


_MAILS: Final = {
    NotificationKind.COMMENT_ANSWERED: "comment_answered",
    NotificationKind.COMMENT_DECIDED: "comment_decided",
    NotificationKind.FEEDBACK_ANSWERED: "feedback_noticed",
}
"""The text of each kind."""


# --- On the page -----------------------------------------------------------------------------------------


def open_one(*, user_id: int, notice_id: int, at: datetime) -> str | None:
    """Mark one as read; the path of what it is about. None for another reader's, or none at all."""
    row = Notification.objects.filter(user_id=user_id, pk=notice_id, is_listed=True).first()
    if row is None:
        return None
    Notification.objects.filter(pk=row.pk, read_at=None).update(read_at=at)
    return questions.place_of(row, at)


def read_all(*, user_id: int, at: datetime) -> None:
    """All of it has been seen: what is listed, and what is new of what the reader follows."""
    with transaction.atomic():
        Notification.objects.filter(user_id=user_id, is_listed=True, read_at=None).update(read_at=at)
        following.look(user_id=user_id, at=at)


def choose(*, user_id: int, wanted: Mapping[NotificationKind, tuple[bool, bool]], at: datetime) -> None:
    """How the reader wants to hear of each kind: (on the page, by mail).

    Who wants mail again after having stopped it by a link has proved the address, and gets it.
    """
    with transaction.atomic():
        if any(by_mail for _, by_mail in wanted.values()) and (address := address_of(user_id)):
            stopping.ask_again(address=address, scope=MailScope.NOTIFICATION, at=at)
        for kind, (on_page, by_mail) in wanted.items():
            NotificationChoice.objects.update_or_create(
                user_id=user_id, kind=kind, defaults={"on_page": on_page, "by_mail": by_mail}
            )


def stop_all(*, user_id: int, at: datetime) -> None:
    """Nothing any more, neither on the page nor by mail."""
    choose(user_id=user_id, wanted=dict.fromkeys(NotificationKind, (False, False)), at=at)


# --- New articles of what is followed: one mail a day -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Story:
    """A new article, and what leads to it."""

    id: int
    title: str
    url: str
    section: str
    published_at: datetime


@dataclass(slots=True)
class _News:
    """The last days' articles that readers see, the newest first, and which of them each thing leads to."""

    stories: list[_Story]
    of: dict[tuple[FollowKind, int], list[_Story]]
    roots: dict[FollowKind, dict[int, int]]

    def for_reader(self, rows: Iterable[Follow], told: Collection[int]) -> list[_Story]:
        """What appeared since each thing was followed and was not told before, each once, the newest first."""
        found: dict[int, _Story] = {}
        for row in rows:
            kind, target = row.target
            for story in self.of.get((kind, self.roots.get(kind, {}).get(target, target)), ()):
                if story.published_at > row.created_at and story.id not in told:
                    found[story.id] = story
        return sorted(found.values(), key=lambda story: (story.published_at, story.id), reverse=True)


def send_digests(*, at: datetime) -> int:
    """Write today's mails about new articles, one a reader at most and none before seven; how many were written.

    Readers are taken in batches, each batch one transaction in which their rows are locked, their mails written and
    what those named is noted: whoever is interrupted begins where the last whole batch ended, and two that run at once
    never write to the same reader. Articles are those readers see when the batch is written.
    """
    today = timezone.localdate(at)
    if timezone.localtime(at).hour < MORNING:
        return 0
    started = time.monotonic()
    last, count = 0, 0
    while batch := _due(last, today):
        with transaction.atomic():
            count += _write_batch(batch, at + timedelta(seconds=time.monotonic() - started))
        last = batch[-1]
    return count


def _due(last: int, today: date) -> list[int]:
    """The next readers who want the mail and had none today."""
    had = FollowDigest.objects.filter(user_id=OuterRef("user_id"), sent_on__gte=today)
    rows = NotificationChoice.objects.filter(
        ~Exists(had), kind=NotificationKind.FOLLOWED_ARTICLE, by_mail=True, user_id__gt=last
    )
    return list(rows.order_by("user_id").values_list("user_id", flat=True)[:BATCH])


def _write_batch(users: list[int], at: datetime) -> int:
    """The mails of these readers; how many."""
    today = timezone.localdate(at)
    news = _news(at)
    FollowDigest.objects.bulk_create([FollowDigest(user_id=pk, seen_at=at) for pk in users], ignore_conflicts=True)
    locked = FollowDigest.objects.select_for_update().filter(user_id__in=users).order_by("user_id")
    # Asked again under the lock: another that runs at the same time may have written to them meanwhile.
    rows = [row for row in locked if row.sent_on is None or row.sent_on < today]
    follows_of: dict[int, list[Follow]] = {}
    for follow in Follow.objects.filter(user_id__in=users).order_by("pk"):
        follows_of.setdefault(follow.user_id, []).append(follow)
    proved = User.objects.filter(pk__in=users, is_active=True, emailaddress__verified=True)
    address_of = dict(
        proved.alias(proven=Lower("emailaddress__email")).filter(proven=Lower("email")).values_list("pk", "email")
    )
    masthead = outbox.masthead_name()
    recent = {story.id for story in news.stories}
    count = 0
    for row in rows:
        stories = news.for_reader(follows_of.get(row.user_id, ()), row.told)
        address = address_of.get(row.user_id)
        row.sent_on = today
        row.told = [pk for pk in row.told if pk in recent]
        if address and stories and not is_stopped(address):
            row.told = [*row.told, *(story.id for story in stories)]
            _post_digest(address, stories, masthead, at)
            count += 1
    FollowDigest.objects.bulk_update(rows, ["sent_on", "told"])
    return count


def _post_digest(address: str, stories: list[_Story], masthead: str, at: datetime) -> None:
    day = timezone.localdate(at)
    stop = stopping.links(address, MailScope.NOTIFICATION)
    context = {
        "masthead": masthead,
        "stop": stop.page,
        "stories": stories[:NAMED],
        "more": len(stories) - NAMED,
        "place": addresses.absolute(reverse("reader_follows")),
        "choices": addresses.absolute(reverse("reader_choices")),
    }
    words = mailing.words(DIGEST, context)
    outbox.post(
        kind=DIGEST,
        recipient=address,
        subject=f"Bài mới bạn theo dõi, {day.day}/{day.month}/{day.year} | {masthead}",
        text=words.text,
        html=words.html,
        at=at,
        stop=stop,
    )


_LINKS: Final = (
    (FollowKind.SECTION, EditionSection),
    (FollowKind.TAG, EditionTag),
    (FollowKind.PERSON, EditionPerson),
)


def _news(at: datetime) -> _News:
    """What the mails of this moment may name. Six queries, whatever the number of readers."""
    since = at - WINDOW
    live = Edition.objects.live(at).filter(published_at__gt=since, published_at__lte=at).newest_first()
    columns = live.values_list("pk", "article_id", "title", "slug", "section__name", "published_at")
    by_edition = {
        pk: _Story(number, title, addresses.absolute(addresses.article(slug, number)), section, moment)
        for pk, number, title, slug, section, moment in columns[:MOST]
    }
    roots = {FollowKind.TAG: _roots(Tag), FollowKind.PERSON: _roots(Person)}
    of: dict[tuple[FollowKind, int], list[_Story]] = {}
    for kind, links in _LINKS:
        found = links.objects.filter(edition_id__in=by_edition).values_list("edition_id", f"{kind}_id")
        for edition, target in found:
            of.setdefault((kind, roots.get(kind, {}).get(target, target)), []).append(by_edition[edition])
    return _News(list(by_edition.values()), of, roots)


def _roots(model: type[Tag] | type[Person]) -> dict[int, int]:
    """For each number that was merged into another: the one it goes by now."""
    into = dict(model._default_manager.filter(merged_into__isnull=False).values_list("pk", "merged_into_id"))

    def root(pk: int) -> int:
        for _ in range(5):
            if pk not in into:
                break
            pk = into[pk]
        return pk

    return {pk: root(pk) for pk in into}


# --- Erasure ---------------------------------------------------------------------------------------------


def erase_of(*, contact_ids: list[int], user_ids: list[int], strings: list[str], at: datetime) -> int:
    """Delete what these readers were told and how they wanted to hear; how many rows. No word of theirs is in it."""
    with transaction.atomic():
        count, _ = Notification.objects.filter(user_id__in=user_ids).delete()
        more, _ = NotificationChoice.objects.filter(user_id__in=user_ids).delete()
    return count + more
