"""Commenting: readers write under articles, change and withdraw what they wrote, like, report, appeal.

Whatever is not trusted waits for the desk. What a form let through is checked here again, limits are counted here.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from accounts import proving
from accounts.models import User
from news import crypto, ratelimit
from news.models import (
    Comment,
    CommentAppeal,
    CommentDeed,
    CommenterStanding,
    CommentEvent,
    CommentLike,
    CommentReport,
    CommentStatus,
    ConsentText,
    Edition,
    NotificationKind,
    ReportReason,
    WordLevel,
)
from news.models.comment import LONGEST
from news.queries import comments as questions
from news.queries import editions
from news.queries.comments import Viewer
from news.services import consenting, contacting, naming, notifying, placing, telling, turns
from news.text import wordlist
from news.text.contacts import redact
from news.text.normalize import clean_line, clean_text, fold

FORM: Final = "binh-luan"

HOURLY, DAILY = 10, 50
"""Comments of one account."""
GUEST_HOURLY, GUEST_DAILY = 5, 20
"""Comments of guests of one mailbox, and of one browser."""
NETWORK_HOURLY, NETWORK_DAILY = 30, 120
"""Comments of guests from one network: a school's, an office's, a mobile operator's is many people's."""
ARTICLE_HOURLY: Final = 300
"""Comments under one article, from whomever."""
LIKES, REPORTS, CHANGES = 60, 20, 60
"""Of one account or network in an hour."""
SAME: Final = timedelta(hours=24)
"""How long the same words are known again."""
SAME_AT_MOST: Final = 3
"""How often the same words may be sent, from whomever, while they are known."""
SAME_LEAST: Final = 20
"""Letters below which the same words are no wonder."""
REPORTS_HOLD: Final = 5
"""Reports after which a comment that nobody of the desk has looked at is held until somebody does."""


BLOCKED: Final = "Tòa soạn đã tạm khóa việc bình luận của bạn. Bạn gửi phản hồi cho tòa soạn nếu thấy không đúng."


class Refused(Exception):
    """It was not taken; the message says why, in Vietnamese."""


class Closed(Refused):
    """The article takes no comments, or none from guests."""


class TooMany(Refused):
    """More than anybody writes; the message says when to come back."""


class Blocked(Refused):
    """The desk has locked the writer out for a while."""


class TooLate(Refused):
    """What was to be changed is no longer to be changed."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a reader wrote, as the form let it through; `name` and `email` are a guest's.

    `is_suspect`: a field no person sees was filled. `mark` is the opened form's own: sent twice, it is one comment.
    """

    body: str
    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    is_suspect: bool = False
    mark: str = field(default="", repr=False)


# --- Writing ---------------------------------------------------------------------------------------------------


def write(
    *,
    words: Words,
    edition: Edition,
    author: User | None,
    answering: int | None,
    sender: str,
    at: datetime,
    consent: ConsentText | None = None,
    purposes: Iterable[str] = (),
    address: str = "",
    written: Collection[int] = (),
) -> Comment:
    """Keep a comment under the article readers see; it is shown at once only if its writer is trusted.

    `answering` is the number of the comment it replies to, `sender` the network address (counted only, under a hashed
    key). A guest brings the wording they saw, what of it they agreed to, and as `written` the numbers of what their
    browser wrote before: an address proves nothing about who writes. The same words from the same writer are one
    comment. Raises `Closed`, `Blocked`, `TooMany`, `Refused`, `consenting.NotAgreed`.
    """
    body, name = clean_text(words.body)[:LONGEST], _name(words, author)
    if not body.strip() or not name:
        raise Refused("Hãy viết nội dung và ghi tên.")
    rules = questions.of_edition(edition, at)
    if not rules.is_open:
        raise Closed("Bài này không nhận thêm bình luận.")
    if author is None and not rules.for_guests:
        raise Closed("Hãy đăng nhập để bình luận ở bài này.")
    if author is None:
        _count_of_browser(written, at)
    _count_tries(words, author, sender, edition.article_id)
    digest = "" if author is not None else contacting.email_digest(words.email)
    standing = _standing(author, digest)
    if _is_blocked(author, words.email, digest, at):
        raise Blocked(_lockout(author, at))
    sum_of_words = _digest(body)
    sent = f"comment-form:{crypto.digest(f'comment-form {words.mark}')}" if words.mark else ""
    status, held_for = _judge(body, name, standing, author, at, is_suspect=words.is_suspect)
    with transaction.atomic():
        turns.take(f"comment {sum_of_words}")
        same = Comment.objects.filter(body_digest=sum_of_words, created_at__gt=at - SAME).order_by("-pk")
        before = cache.get(sent) if sent else None
        twin = _twin(same, author, written if before is None else {*written, before}, edition.article_id)
        if twin is not None:
            return twin
        known = len(same[:SAME_AT_MOST]) if len(body) >= SAME_LEAST else 0
        if known >= SAME_AT_MOST:
            raise TooMany("Nội dung này đã được gửi nhiều lần. Hãy viết bằng lời của bạn.")
        if known:
            held_for.insert(0, {"rule": "same"})
            status = CommentStatus.HELD if status == CommentStatus.SHOWN else status
        root, answered = _place(edition.article_id, answering)
        contact = None
        if author is None and consent is not None:
            contact = contacting.keep(details={"name": name, "email": words.email}, keep_until=None, at=at)
            consenting.record(contact=contact, text=consent, purposes=purposes, address=address, at=at)
        elif author is None:
            raise consenting.NotAgreed
        row = Comment(
            article_id=edition.article_id,
            parent=root,
            answering=answered,
            author=author,
            contact=contact,
            name=name,
            body=body,
            body_digest=sum_of_words,
            status=status,
            held_for=held_for,
            created_at=at,
        )
        placing.add(row)
        note(row, CommentDeed.WRITE, at)
        if status == CommentStatus.SHOWN:
            tell_of_answer(row, at)
        if sent:  # while it is still this form's turn
            cache.set(sent, row.pk, timeout=int(SAME.total_seconds()))
    return row


def _name(words: Words, author: User | None) -> str:
    if author is not None:
        return clean_line(author.get_full_name())[:60]
    name = clean_line(words.name)[:60]
    if naming.passes_for_us(name):
        raise Refused("Tên này dành cho tòa soạn. Hãy ghi tên của bạn.")
    return name


_DEED: Final = "gửi nhiều bình luận"


def _refusal_around(network: str) -> str:
    """Count one more guest of a network, who may be many people; why it is too many, or ""."""
    many = "Từ mạng bạn đang dùng đã có nhiều bình luận. Hãy thử lại {}, hoặc đăng nhập để gửi ngay."
    if not ratelimit.allow("comment-network-hour", network, limit=NETWORK_HOURLY, seconds=3600):
        return many.format("sau một giờ")
    if not ratelimit.allow("comment-network-day", network, limit=NETWORK_DAILY, seconds=86400):
        return many.format("vào ngày mai")
    return ""


def _count_of_browser(written: Collection[int], at: datetime) -> None:
    """Whether this browser wrote its share already, by the numbers it holds. Raises `TooMany`."""
    theirs = Comment.objects.filter(pk__in=list(written), author=None, created_at__gt=at - timedelta(days=1))
    moments = list(theirs.values_list("created_at", flat=True)[:GUEST_DAILY])
    if sum(moment > at - timedelta(hours=1) for moment in moments) >= GUEST_HOURLY:
        raise TooMany(ratelimit.now(_DEED))
    if len(moments) >= GUEST_DAILY:
        raise TooMany(ratelimit.today(_DEED))


def _count_tries(words: Words, author: User | None, sender: str, article_id: int) -> None:
    if author is not None:
        refusal = ratelimit.refusal("comment-account", str(author.pk), hourly=HOURLY, daily=DAILY, deed=_DEED)
    else:
        box = contacting.email_digest(words.email)
        refusal = ratelimit.refusal("comment-mailbox", box, hourly=GUEST_HOURLY, daily=GUEST_DAILY, deed=_DEED)
        refusal = refusal or _refusal_around(ratelimit.network_of(sender))
    if refusal:
        raise TooMany(refusal)
    if not ratelimit.allow("comment-article", str(article_id), limit=ARTICLE_HOURLY, seconds=3600):
        raise TooMany("Bài này đang nhận rất nhiều bình luận. Hãy thử lại sau một giờ.")


def _standing(author: User | None, digest: str) -> CommenterStanding | None:
    if author is not None:
        return CommenterStanding.objects.filter(user=author).first()
    return CommenterStanding.objects.filter(mailbox=digest).first() if digest else None


def _is_blocked(author: User | None, email: str, digest: str, at: datetime) -> bool:
    """Whether the desk locked out the account or the mailbox: one is not shed by writing as the other."""
    if author is not None:
        boxes = {contacting.email_digest(address) for address in proving.proven_by(author.pk)}
        theirs = Q(user=author) | Q(mailbox__in=boxes - {""})
    else:
        theirs = Q(mailbox=digest) | Q(user__in=proving.users_of(email))
    return CommenterStanding.objects.filter(theirs, blocked_until__gt=at).exists()


def _is_locked_out(row: Comment, at: datetime) -> bool:
    """The same of who wrote the comment."""
    if row.author is not None:
        return _is_blocked(row.author, "", "", at)
    if row.contact is None:
        return False
    return _is_blocked(None, contacting.read(row.contact)["email"], row.contact.email_digest, at)


def _lockout(author: User | None, at: datetime) -> str:
    """What is said to who is locked out; until when and why only to the account: anybody may type an address."""
    return (questions.lockout_of(author.pk, at) if author is not None else "") or BLOCKED


def _is_open(article_id: int, at: datetime) -> bool:
    edition = editions.edition_at(article_id, at)
    return isinstance(edition, Edition) and questions.of_edition(edition, at).is_open


def _digest(body: str) -> str:
    return crypto.sha256(" ".join(fold(body).split()))[:32]


def _twin(same: Any, author: User | None, written: Collection[int], article_id: int) -> Comment | None:
    """The writer's own comment of the same words under the same article: a bad line makes browsers send twice."""
    theirs = Q(author=author) if author is not None else Q(pk__in=list(written), author=None)
    found: Comment | None = same.filter(theirs, article_id=article_id).exclude(status=CommentStatus.WITHDRAWN).first()
    return found


def _place(article_id: int, answering: int | None) -> tuple[Comment | None, Comment | None]:
    """The thread's first comment, locked, and the very comment answered. Raises `Refused`."""
    if answering is None:
        return None, None
    answered = Comment.objects.filter(pk=answering, article_id=article_id, status=CommentStatus.SHOWN).first()
    if answered is None:
        raise Refused("Bình luận bạn trả lời không còn hiện.")
    root = placing.lock_thread(answered.parent_id or answered.pk)
    return root, root if answered.pk == root.pk else answered


# --- What keeps a comment back -----------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _list_of(words: tuple[tuple[str, str], ...]) -> wordlist.WordList:
    return wordlist.WordList(wordlist.Word(pattern, wordlist.Match(match)) for pattern, match in words)


def found_words(text: str) -> list[tuple[wordlist.Hit, WordLevel]]:
    """What of the desk's list stands in a text. One query."""
    rules = questions.active_words()
    levels = {(rule.pattern, rule.match): WordLevel(rule.level) for rule in rules}
    hits = _list_of(tuple(levels)).find(text)
    return [(hit, levels[hit.word.pattern, hit.word.match.value]) for hit in hits]


def reasons_in(text: str, place: str = "body") -> tuple[list[dict[str, Any]], bool]:
    """Why the text itself keeps a comment back, with places in it; and whether it is plainly spam. One query."""
    found: list[dict[str, Any]] = []
    is_spam = False
    for hit, level in found_words(text):
        found.append({"rule": "word", "word": hit.word.pattern, "start": hit.start, "end": hit.end, "in": place})
        is_spam = is_spam or level is WordLevel.SPAM
    for rule, spans in (("link", wordlist.links(text)), ("phone", wordlist.phones(text))):
        found += [{"rule": rule, "start": span.start, "end": span.end, "in": place} for span in spans]
    return found[:100], is_spam


def _judge(
    body: str,
    name: str,
    standing: CommenterStanding | None,
    author: User | None,
    at: datetime,
    *,
    is_suspect: bool,
) -> tuple[CommentStatus, list[dict[str, Any]]]:
    found, is_spam = reasons_in(body)
    in_name, _ = reasons_in(name, "name")
    found += in_name
    if is_suspect:
        found.append({"rule": "suspect"})
    if is_spam or is_suspect:
        return CommentStatus.SPAM, found
    if not found and questions.is_trusted(standing, at):
        return CommentStatus.SHOWN, []
    if standing is None or not standing.approved:
        found.append({"rule": "first"})
    elif not questions.is_trusted(standing, at):
        found.append({"rule": "guest" if author is None else "untrusted"})
    return CommentStatus.HELD, found


# --- Its writer changes it ---------------------------------------------------------------------------------


def edit(*, comment_id: int, viewer: Viewer, body: str, sender: str, at: datetime) -> Comment:
    """Change what one wrote, for some minutes and while the article is open. What was shown and is not trusted waits.

    Raises `TooLate`, `TooMany`, `Closed`, `Blocked`, `Refused`; `Comment.DoesNotExist` for what the visitor did not
    write.
    """
    body = clean_text(body)[:LONGEST]
    if not body.strip():
        raise Refused("Hãy viết nội dung.")
    _count_changes(viewer, sender, CHANGES, "comment-change")
    with transaction.atomic():
        row = _own(comment_id, viewer)
        if row.status not in {CommentStatus.HELD, CommentStatus.SHOWN} or at >= questions.edit_until(row):
            raise TooLate(f"Chỉ sửa được trong {settings.COMMENT_EDIT_MINUTES} phút sau khi viết.")
        if row.body == body:
            return row
        if not _is_open(row.article_id, at):
            raise Closed("Bài này không nhận thêm bình luận nên bình luận không sửa được nữa.")
        if _is_locked_out(row, at):
            raise Blocked(_lockout(row.author, at))
        standing = questions.standing_of(row)
        status, held_for = _judge(body, row.name, standing, row.author, at, is_suspect=False)
        if status == CommentStatus.HELD and row.status == CommentStatus.SHOWN:
            held_for.append({"rule": "edited"})
        elif status == CommentStatus.SHOWN and row.status == CommentStatus.HELD and row.report_count:
            # Readers' reports keep it back, not its words: changing those is no answer to them.
            status, held_for = CommentStatus.HELD, [{"rule": "reports"}]
        changed = {"body": body, "body_digest": _digest(body), "edited_at": at, "held_for": held_for}
        placing.put(row, status, **changed)
        note(row, CommentDeed.EDIT, at)
    return row


def withdraw(*, comment_id: int, viewer: Viewer, at: datetime) -> Comment:
    """Take back what one wrote: readers no longer see it. Twice is once.

    Raises `TooLate` for what the desk decided against; `Comment.DoesNotExist` for what the visitor did not write.
    """
    with transaction.atomic():
        row = _own(comment_id, viewer)
        if row.status == CommentStatus.WITHDRAWN:
            return row
        if row.status in questions.REFUSED and row.decided_by_id is not None:
            raise TooLate("Bình luận này không còn hiện nên không cần rút.")
        placing.put(row, CommentStatus.WITHDRAWN)
        note(row, CommentDeed.WITHDRAW, at)
    return row


def appeal(*, comment_id: int, viewer: Viewer, words: str, at: datetime) -> CommentAppeal:
    """Speak up against a decision, once a comment.

    Raises `TooLate`, `Refused`; `Comment.DoesNotExist` for what the visitor did not write.
    """
    words = clean_text(words)[:1000]
    if not words.strip():
        raise Refused("Hãy viết vì sao bạn thấy quyết định chưa đúng.")
    with transaction.atomic():
        row = _own(comment_id, viewer)
        if not questions.may_appeal(row):
            raise TooLate("Bình luận này không có quyết định nào để khiếu nại.")
        made, is_new = CommentAppeal.objects.get_or_create(comment=row, defaults={"words": words, "created_at": at})
        if not is_new:
            raise TooLate("Bạn đã khiếu nại về bình luận này. Mỗi bình luận khiếu nại được một lần.")
        note(row, CommentDeed.APPEAL, at)
    return made


def _own(comment_id: int, viewer: Viewer) -> Comment:
    row = placing.locked(comment_id)
    if not viewer.wrote(row) or row.by_newsroom:
        raise Comment.DoesNotExist
    return row


def _count_changes(viewer: Viewer, sender: str, limit: int, scope: str) -> None:
    who = f"account {viewer.user_id}" if viewer.user_id is not None else ratelimit.network_of(sender)
    if not ratelimit.allow(scope, who, limit=limit, seconds=3600):
        raise TooMany("Bạn đã thao tác nhiều lần trong thời gian ngắn. Hãy thử lại sau một giờ.")


# --- What others think of it -------------------------------------------------------------------------------


def like(*, comment_id: int, user: User, at: datetime) -> int:
    """Like a comment that readers see, once; how many like it now.

    Raises `TooMany`, `Blocked`, `Refused`, `Comment.DoesNotExist`.
    """
    _count_changes(Viewer(user.pk), "", LIKES, "comment-like")
    if _is_blocked(user, "", "", at):
        raise Blocked(_lockout(user, at))
    with transaction.atomic():
        row = Comment.objects.select_for_update().get(pk=comment_id, status=CommentStatus.SHOWN)
        if row.author_id == user.pk:
            raise Refused("Bạn không thích bình luận của chính mình được.")
        _, is_new = CommentLike.objects.get_or_create(comment=row, user=user, defaults={"created_at": at})
        if is_new:
            row.like_count += 1
            row.save(update_fields=["like_count"])
    return row.like_count


def unlike(*, comment_id: int, user: User) -> int:
    """Take a like back; how many like it now. Raises `TooMany`, `Comment.DoesNotExist`."""
    _count_changes(Viewer(user.pk), "", LIKES, "comment-like")
    with transaction.atomic():
        row = Comment.objects.select_for_update().get(pk=comment_id)
        taken, _ = CommentLike.objects.filter(comment=row, user=user).delete()
        if taken and row.like_count:
            row.like_count -= 1
            row.save(update_fields=["like_count"])
    return row.like_count


def report(
    *, comment_id: int, user: User | None, reason: ReportReason, note_of_reader: str, sender: str, at: datetime
) -> None:
    """Tell the desk that a comment should not stand, once a reader; of a visitor a keyed hash is kept.

    Where many do and nobody of the desk has looked at it yet, it is held until somebody does. Raises `TooMany`,
    `Comment.DoesNotExist`.
    """
    _count_changes(Viewer(user.pk if user else None), sender, REPORTS, "comment-report")
    visitor = "" if user is not None else crypto.digest(f"comment-report {ratelimit.network_of(sender)}")
    with transaction.atomic():
        row = placing.locked(comment_id)
        if row.status != CommentStatus.SHOWN:
            raise Comment.DoesNotExist
        try:
            with transaction.atomic():
                CommentReport.objects.create(
                    comment=row,
                    user=user,
                    visitor=visitor,
                    reason=reason,
                    note=clean_line(note_of_reader)[:500],
                    created_at=at,
                )
        except IntegrityError:
            return
        row.report_count += 1
        row.save(update_fields=["report_count"])
        if row.report_count >= REPORTS_HOLD and row.decided_by_id is None and not row.by_newsroom:
            placing.put(row, CommentStatus.HELD, held_for=[*row.held_for, {"rule": "reports"}])
            note(row, CommentDeed.HOLD, at)


# --- Shared with the desk ----------------------------------------------------------------------------------


def note(row: Comment, deed: CommentDeed, at: datetime, actor: User | None = None, reason: str = "") -> None:
    """Write a line of the comment's log, in the caller's transaction."""
    CommentEvent.objects.create(comment=row, deed=deed, actor=actor, reason=reason[:300], at=at)


def tell_of_answer(row: Comment, at: datetime) -> None:
    """Tell who wrote the thread's first comment, and who wrote the one that is answered, each once."""
    told: set[tuple[int | None, int | None]] = set()
    for answered in (row.answering, row.parent):
        if answered is None or answered.by_newsroom or (answered.author_id, answered.contact_id) in told:
            continue
        told.add((answered.author_id, answered.contact_id))
        tell(answered, NotificationKind.COMMENT_ANSWERED, at, about=row, caused_by=row.author_id)


def tell(row: Comment, kind: NotificationKind, at: datetime, *, about: Comment, caused_by: int | None) -> None:
    """Tell the writer of a comment: an account as it chose, a guest by mail where they agreed to that."""
    if row.author_id is not None:
        notifying.notify(
            user_id=row.author_id,
            kind=kind,
            at=at,
            article_id=row.article_id,
            comment_id=about.pk,
            caused_by=caused_by,
        )
    elif row.contact_id is not None:
        telling.tell_guest(contact_id=row.contact_id, kind=kind, at=at, article_id=row.article_id, comment_id=about.pk)


# --- Erasing -------------------------------------------------------------------------------------------------

ERASED_NAME: Final = "Bạn đọc"


def erase_of(*, contact_ids: Iterable[int], user_ids: Iterable[int], strings: list[str], at: datetime) -> int:
    """Part somebody's comments from them: they stay in their threads without name, account, contact and the strings.

    Likes and reports go, an open appeal too; a block of a mailbox stays as the digest it is, the rest of how their
    comments fared goes. How many comments were changed. Part of the caller's transaction.
    """
    contact_ids, user_ids = list(contact_ids), list(user_ids)
    count = 0
    with transaction.atomic():
        theirs = Q(contact_id__in=contact_ids) | Q(author_id__in=user_ids)
        digests = set(
            Comment.objects.filter(contact_id__in=contact_ids).values_list("contact__email_digest", flat=True)
        )
        rows = Comment.objects.select_for_update(of=("self",)).filter(theirs, by_newsroom=False)
        for row in rows.order_by("pk"):
            row.body = redact(row.body, strings)
            row.name, row.author, row.contact = ERASED_NAME, None, None
            row.body_digest, row.reason, row.held_for = _digest(row.body), redact(row.reason, strings), []
            row.save(update_fields=["body", "name", "author", "contact", "body_digest", "reason", "held_for"])
            CommentAppeal.objects.filter(comment=row).delete()
            for event in row.events.exclude(reason=""):
                row.events.filter(pk=event.pk).update(reason=redact(event.reason, strings))
            note(row, CommentDeed.ERASE, at)
            # What the newsroom answered them may call them by name.
            for answer in Comment.objects.filter(Q(parent=row) | Q(answering=row), by_newsroom=True):
                Comment.objects.filter(pk=answer.pk).update(body=redact(answer.body, strings))
            count += 1
        liked = list(CommentLike.objects.filter(user_id__in=user_ids).values_list("comment_id", flat=True))
        CommentLike.objects.filter(user_id__in=user_ids).delete()
        Comment.objects.filter(pk__in=liked, like_count__gt=0).update(like_count=F("like_count") - 1)
        reported = CommentReport.objects.filter(user_id__in=user_ids)
        opened = list(reported.filter(handled_at=None).values_list("comment_id", flat=True))
        reported.delete()
        Comment.objects.filter(pk__in=opened, report_count__gt=0).update(report_count=F("report_count") - 1)
        standings = CommenterStanding.objects.filter(Q(user_id__in=user_ids) | Q(mailbox__in=digests - {""}))
        standings.filter(Q(blocked_until=None) | Q(blocked_until__lte=at)).delete()
        # A block goes on with the mailbox, as the digest it is, when its account goes.
        for blocked in standings.exclude(user=None).select_related("user"):
            box = contacting.email_digest(blocked.user.email or "") if blocked.user is not None else ""
            if box:
                kept, _ = CommenterStanding.objects.get_or_create(mailbox=box)
                kept.blocked_until = max(kept.blocked_until or at, blocked.blocked_until or at)
                kept.save(update_fields=["blocked_until"])
        standings.update(approved=0, refused=0, refused_at=None, reason="")
    return count
