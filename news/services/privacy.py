"""Privacy: readers' details as a whole are encrypted anew, erased, and their traces wiped from the database's files."""

import json
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import erasing
from accounts.models import User
from news import crypto
from news.models import (
    Comment,
    CommentAppeal,
    CommenterStanding,
    CommentEvent,
    CommentReport,
    CommentSwitch,
    Consent,
    DataRequest,
    DataRequestState,
    ErasureReason,
    ErasureRecord,
    Exchange,
    Feedback,
    FeedbackAddition,
    FeedbackAnswer,
    FeedbackNote,
    Outbox,
    PrivacyLink,
    ReaderContact,
)
from news.queries import personal_data
from news.queries.contacts import said_as
from news.queries.personal_data import Person
from news.services import bookmarking, commenting, feedback, following, notifying, second_factors, subscribing, turns
from news.text.contacts import holds_any, redact
from news.workflow import NotAllowed

# --- Keys ------------------------------------------------------------------------------------------------

ENCRYPTED: Final[tuple[tuple[type[Model], tuple[str, ...]], ...]] = (
    (ReaderContact, ("details",)),
    (Outbox, ("recipient", "message")),
    (PrivacyLink, ("address",)),
)
"""Every encrypted column there is, but second factors' secrets, which lie inside a JSON column of allauth's."""

BATCH = 200


def rotate_keys() -> int:
    """Encrypt every encrypted column with the newest key of the ring. Returns how many rows.

    Afterwards older keys may go. Raises `crypto.Undecryptable` when the ring lacks a key that is still in use: what was
    done until then stays.
    """
    return sum(_rotate(model, columns) for model, columns in ENCRYPTED) + second_factors.rotate_keys()


def _rotate(model: type[Model], columns: tuple[str, ...]) -> int:
    """The columns of every row that has something in one of them."""
    last, count = 0, 0
    while True:
        with transaction.atomic():
            filled = model._default_manager.filter(pk__gt=last).exclude(**dict.fromkeys(columns, ""))
            rows = list(filled.select_for_update().only(*columns).order_by("pk")[:BATCH])
            if not rows:
                return count
            for row in rows:
                for column in columns:
                    if getattr(row, column):
                        setattr(row, column, crypto.reencrypt(getattr(row, column)))
            model._default_manager.bulk_update(rows, columns)
        last = rows[-1].pk
        count += len(rows)


# --- Erasing ---------------------------------------------------------------------------------------------


class Held(Exception):
    """An order keeps this person's data for now; the message may be shown to them."""

    def __init__(self) -> None:
        super().__init__(
            "Pháp luật yêu cầu tòa soạn tạm giữ một phần dữ liệu này nên chưa xóa được. Yêu cầu của bạn đã được ghi"
            " nhận và sẽ được thực hiện ngay khi không còn phải giữ."
        )


@dataclass(frozen=True, slots=True)
class Erased:
    """What went: how many rows of each kind, by the kind's name in Vietnamese. Nothing of whose they were."""

    counts: dict[str, int]

    @property
    def total(self) -> int:
        """All together."""
        return sum(self.counts.values())


type Erase = Callable[..., int]


def _contacts(*, contact_ids: list[int], user_ids: list[int], strings: list[str], at: datetime) -> int:
    """The details, and with them what was agreed to."""
    Consent.objects.filter(Q(contact_id__in=contact_ids) | Q(user_id__in=user_ids)).delete()
    ReaderContact.objects.filter(pk__in=contact_ids).delete()
    return len(contact_ids)


ERASERS: Final[tuple[tuple[str, Erase], ...]] = (
    ("thư gửi tòa soạn", feedback.erase_of),
    ("bình luận", commenting.erase_of),
    ("bài đã lưu", bookmarking.erase_of),
    ("mục theo dõi", following.erase_of),
    ("thông báo", notifying.erase_of),
    ("bản tin", subscribing.erase_of),
    ("thông tin liên hệ", _contacts),
    ("tài khoản", erasing.erase_of),
)
"""Each kind of thing that is kept of readers, and what erases a person's rows of it in the caller's transaction."""

COVERED: Final[dict[str, str]] = {
    "accounts.User": "tài khoản",
    "account.EmailAddress": "tài khoản",
    "mfa.Authenticator": "tài khoản",
    "socialaccount.SocialAccount": "tài khoản",
    "socialaccount.SocialToken": "tài khoản",
    "usersessions.UserSession": "tài khoản",
    "account.EmailConfirmation": "tài khoản",
    "accounts.User_groups": "tài khoản",
    "accounts.User_user_permissions": "tài khoản",
    "news.ReaderContact": "thông tin liên hệ",
    "news.Consent": "thông tin liên hệ",
    "news.ConsentWithdrawal": "thông tin liên hệ",
    "news.Feedback": "thư gửi tòa soạn",
    **dict.fromkeys(
        (
            "news.FeedbackAnswer",
            "news.FeedbackNote",
            "news.FeedbackAddition",
            "news.FeedbackFile",
            "news.FeedbackForward",
            "news.Exchange",
        ),
        "thư gửi tòa soạn",
    ),
    "news.Comment": "bình luận",
    "news.CommentAppeal": "bình luận",
    "news.CommentSwitch": "lời của tòa soạn",
    "news.CommentEvent": "lời của tòa soạn",
    "news.CommentLike": "bình luận",
    "news.CommentReport": "bình luận",
    "news.CommenterStanding": "bình luận",
    "news.Bookmark": "bài đã lưu",
    "news.Follow": "mục theo dõi",
    "news.FollowDigest": "mục theo dõi",
    "news.Notification": "thông báo",
    "news.NotificationChoice": "thông báo",
    "news.Subscriber": "bản tin",
    "news.Subscriber_sections": "bản tin",
    "news.NewsletterDelivery": "bản tin",
    "news.Bounce": "bản tin",
    "news.Outbox": "thư đi",
    "sessions.Session": "phiên đăng nhập",
    "admin.LogEntry": "nhật ký quản trị",
    "django_tasks_database.DBTaskResult": "việc chạy ngầm",
    "news.PrivacyLink": "liên kết và yêu cầu",
    "news.DataRequest": "liên kết và yêu cầu",
}
"""Models that hold something of readers, and by what an erasure reaches them; the database's own cascades included."""

_COPY: Final = "tin bài và danh mục do tòa soạn viết"
_DESK: Final = "chỉ có lời của người trong tòa soạn, về việc của tòa soạn"
_MACHINE: Final = "do máy ghi, không có lời của ai"
NOT_READERS: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "news.Author", "news.Organisation", "news.Person", "news.PersonSpelling", "news.Position",
            "news.Delegation", "news.Attendee", "news.Image", "news.ImagePerson", "news.FormerFile", "news.Section",
            "news.Tag", "news.Article", "news.GalleryImage", "news.Attachment", "news.ArticleTemplate",
            "news.Edition", "news.EditionDelegation", "news.EditionImage", "news.EditionFile", "news.LedgerEntry",
            "news.Masthead", "news.Recording", "news.Revision", "flatpages.FlatPage",
        ),
        _COPY,
    ),
    **dict.fromkeys(
        (
            "news.SectionRight", "news.Draft", "news.EditLock", "news.FrontPlace", "news.WorkflowStep",
            "news.WordRule", "news.ConsentText", "auth.Group", "news.ReplyTemplate",
            "news.CalendarDay", "news.FeedbackTerm",
        ),
        _DESK,
    ),
    **dict.fromkeys(
        (
            "news.OldAddress", "news.LedgerHead", "news.ScheduledRun", "news.NewsletterIssue", "auth.Permission",
            "contenttypes.ContentType", "sites.Site", "socialaccount.SocialApp",
        ),
        _MACHINE,
    ),
    "news.MailStop": "địa chỉ chỉ còn là mã băm, giữ để không gửi nữa đúng như người đó muốn",
    "news.LegalHold": "địa chỉ chỉ còn là mã băm; lý do là văn bản của cơ quan yêu cầu",
    "news.ErasureRecord": "dấu vết của lần xóa, không có gì của ai",
}  # fmt: skip
"""Models with text, or of a user's, that hold no word of a reader; each with why. A test knows that none is missing."""


def erase(
    *,
    email: str = "",
    user_id: int | None = None,
    at: datetime,
    reason: ErasureReason,
    actor: User | None = None,
    note: str = "",
    first: Callable[[], object] = lambda: None,
) -> Erased:
    """Erase all that is kept about whoever has that address or account, and leave a tombstone that names nobody.

    Letters stay, redacted, as nobody's. Their sessions end before, piece by piece; the rest is one transaction, and
    what `first` writes, or raises, belongs to it. Raises `Held` while an order keeps the data, `NotAllowed` for people
    of the newsroom, `crypto.Undecryptable` when what is to be looked for in texts cannot be opened.
    """
    ended = _end_sessions(_erasable(email, user_id, at))
    with _alone():
        first()
        somebody = _but_held(_erasable(email, user_id, at), at)
        counts = _erase(somebody, at)
        counts["thư đi"] = _mails(somebody)
        counts["phiên đăng nhập"] = ended.count + _end_later_sessions(somebody, ended)
        counts["nhật ký quản trị"] = _history(somebody)
        counts["lời của tòa soạn"] = _desk_words(somebody)
        counts["việc chạy ngầm"] = _tasks(somebody)
        _requests(somebody, at)
        _leave_tombstone(counts, at, reason, actor, note)
    return Erased(counts)


def _erasable(email: str, user_id: int | None, at: datetime) -> Person:
    somebody = personal_data.person(email=email, user_id=user_id)
    of_the_newsroom = Q(is_staff=True) | Q(is_superuser=True) | Q(groups__isnull=False)
    if User.objects.filter(of_the_newsroom, pk__in=somebody.user_ids).exists():
        raise NotAllowed(
            "Địa chỉ này là của người đang làm việc ở tòa soạn: nhật ký công việc phải được giữ nên không xóa được."
            " Quản trị kết thúc tài khoản trước, rồi mới xóa."
        )
    if personal_data.hold_on(somebody.email_digests, at) is not None:
        raise Held
    return somebody


def erase_contact(*, contact_id: int, at: datetime, reason: ErasureReason) -> bool:
    """Erase one contact and redact what was written with it; the person's other rows stay. False when it is held, gone.

    Raises `crypto.Undecryptable`.
    """
    with _alone():
        row = ReaderContact.objects.select_for_update().filter(pk=contact_id).first()
        if row is None or personal_data.hold_on((row.email_digest,), at) is not None:
            return False
        opened = crypto.decrypt(row.details)
        somebody = Person(
            email="",
            addresses=[],
            email_digests=(),
            contact_ids=[row.pk],
            user_ids=[],
            identifiers=[string for name in ("email", "phone") for string in said_as(opened, name)],
            words=[string for name in ("name", "address") for string in said_as(opened, name)],
            details={},
        )
        _leave_tombstone(_erase(somebody, at), at, reason, None, "")
    return True


def erase_account(
    *, user_id: int, at: datetime, reason: ErasureReason, note: str = "", is_due: Callable[[], bool] = lambda: True
) -> bool:
    """Erase an account and what was kept by its consent; letters and newsletters, which have their own, stay.

    False when it is held, gone or of the newsroom's, or not due any longer once its sessions have ended, as in `erase`.
    Letters let go of the account, comments of the name. Raises `crypto.Undecryptable`.
    """
    somebody = _account(user_id, at)
    if somebody is None:
        return False
    ended = _end_sessions(somebody)
    with _alone():
        User.objects.select_for_update().filter(pk=user_id).exists()
        somebody = _account(user_id, at)
        if somebody is None or not is_due():
            return False
        Feedback.objects.filter(account_id=user_id, contact__isnull=False).update(account=None)
        PrivacyLink.objects.filter(user_id=user_id).update(user=None)
        counts = _erase(somebody, at)
        counts["phiên đăng nhập"] = ended.count + _end_later_sessions(somebody, ended)
        counts["nhật ký quản trị"] = _history(somebody)
        _leave_tombstone(counts, at, reason, None, note)
    return True


def _account(user_id: int, at: datetime) -> Person | None:
    """The owner of a reader's account as far as the account goes; None when it is held, gone or of the newsroom's."""
    if not User.objects.filter(pk=user_id, is_staff=False, is_superuser=False).exists():
        return None
    somebody = personal_data.person(user_id=user_id)
    if personal_data.hold_on(somebody.email_digests, at) is not None:
        return None
    return replace(somebody, user_ids=[user_id], contact_ids=[], addresses=[])


def _but_held(somebody: Person, at: datetime) -> Person:
    """The person without letters that name an address which is not proven theirs and which an order keeps.

    Anybody may write anybody's address into a letter: neither is the order told to them nor does it stop their wish.
    """
    contacts = ReaderContact.objects.filter(pk__in=somebody.contact_ids).exclude(
        email_digest__in=somebody.email_digests
    )
    held = contacts.filter(email_digest__in=personal_data.holds_at(at).exclude(email_digest="").values("email_digest"))
    kept = set(held.values_list("pk", flat=True))
    if not kept:
        return somebody
    Feedback.objects.filter(contact_id__in=kept).update(account=None)
    return replace(somebody, contact_ids=[pk for pk in somebody.contact_ids if pk not in kept])


@contextmanager
def _alone() -> Iterator[None]:
    """A transaction that no other erasure meets: two of one person would wait for each other's rows."""
    with transaction.atomic():
        turns.take("erasure")
        yield


def _erase(somebody: Person, at: datetime) -> dict[str, int]:
    order = {
        "contact_ids": somebody.contact_ids,
        "user_ids": somebody.user_ids,
        "strings": somebody.strings,
        "at": at,
    }
    return {name: erase_of(**order) for name, erase_of in ERASERS}


def _leave_tombstone(
    counts: dict[str, int], at: datetime, reason: ErasureReason, actor: User | None, note: str
) -> None:
    ErasureRecord.objects.create(erased_at=at, reason=reason, actor=actor, note=note[:300], counts=counts)
    transaction.on_commit(flush, robust=True)


def _mails(somebody: Person) -> int:
    """Mails to a proven address that wait are dropped, those that left are nobody's; others lose what tells who it is.

    What somebody typed finds no mail of other people's: a mail that goes elsewhere is only redacted, and only where it
    names a proven address, or a name together with a telephone number or address.
    """
    to_them = Outbox.objects.filter(recipient_digest__in=somebody.email_digests)
    count = to_them.exclude(sent_at=None).update(recipient="", recipient_digest="", message="")
    count += to_them.delete()[0]
    for mail in Outbox.objects.exclude(message="").only("message").order_by("pk").iterator(BATCH):
        try:
            message = crypto.decrypt(mail.message)
        except crypto.Undecryptable:
            continue  # nobody reads it any more
        said = "\n".join(message.values())
        is_about = holds_any(said, somebody.addresses) or (
            holds_any(said, somebody.words) and holds_any(said, somebody.identifiers)
        )
        if is_about:
            redacted = {name: redact(words, somebody.strings) for name, words in message.items()}
            count += Outbox.objects.filter(pk=mail.pk, message=mail.message).update(message=crypto.encrypt(redacted))
    return count


@dataclass(frozen=True, slots=True)
class _Ended:
    """All sessions that were written before `since` have been looked through for these; how many ended."""

    since: datetime
    user_ids: frozenset[int]
    addresses: frozenset[str] = field(repr=False)
    count: int


LATE: Final = timedelta(minutes=5)
"""How long a session may take from its moment to its row, clocks of several machines included."""


def _end_sessions(somebody: Person) -> _Ended:
    """Log-ins of their accounts, and whatever else a session remembers of a proven address.

    A batch at a time, each by itself: opening every session takes seconds on a large site, and nobody waits for that.
    Cut short, it is done again with the erasure that did not come to pass.
    """
    since = timezone.now() - LATE
    count = _end_among(Session.objects.all(), somebody)
    return _Ended(since, frozenset(somebody.user_ids), frozenset(somebody.addresses), count)


def _end_later_sessions(somebody: Person, ended: _Ended) -> int:
    """Those that were written since, told by their last day; all, where the person has become more than was looked for.

    `expire_date` is the moment of writing and `SESSION_COOKIE_AGE`: no log-in here sets another.
    """
    rows = Session.objects.all()
    if ended.user_ids.issuperset(somebody.user_ids) and ended.addresses.issuperset(somebody.addresses):
        rows = rows.filter(expire_date__gte=ended.since + timedelta(seconds=settings.SESSION_COOKIE_AGE))
    return _end_among(rows, somebody)


def _end_among(rows: QuerySet[Session], somebody: Person) -> int:
    own, count, last = {str(pk) for pk in somebody.user_ids}, 0, ""
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last, found = batch[-1].pk, []
        for session in batch:
            data = session.get_decoded()
            said = json.dumps(data, default=str, ensure_ascii=False)
            if data.get("_auth_user_id") in own or holds_any(said, somebody.addresses):
                found.append(session.pk)
        if found:
            count += Session.objects.filter(pk__in=found).delete()[0]
    return count


def _history(somebody: Person) -> int:
    """The admin's history keeps what was done, not to whom."""
    users = ContentType.objects.get_for_model(User)
    about = LogEntry.objects.filter(content_type=users, object_id__in=[str(pk) for pk in somebody.user_ids])
    count = about.update(object_repr="Tài khoản đã xóa", change_message="")
    naming = Q()
    for string in somebody.addresses:
        naming |= Q(object_repr__icontains=string) | Q(change_message__icontains=string)
    entries = list(LogEntry.objects.filter(naming).order_by("pk")) if naming else []
    for entry in entries:
        entry.object_repr = redact(entry.object_repr, somebody.strings)
        entry.change_message = redact(entry.change_message, somebody.strings)
    LogEntry.objects.bulk_update(entries, ["object_repr", "change_message"])
    return count + len(entries)


DESK_WORDS: Final[tuple[tuple[type[Model], str], ...]] = (
    (Comment, "body"),
    (Comment, "reason"),
    (CommentAppeal, "words"),
    (CommentAppeal, "answer"),
    (CommenterStanding, "reason"),
    (CommentEvent, "reason"),
    (CommentReport, "note"),
    (CommentSwitch, "reason"),
    (DataRequest, "note"),
    (Exchange, "question"),
    (Exchange, "answer"),
    (Feedback, "body"),
    (Feedback, "rating_words"),
    (FeedbackAddition, "body"),
    (FeedbackAnswer, "body"),
    (FeedbackNote, "body"),
)
"""Where the newsroom, or another reader, may have written down somebody's address, whatever it was about."""


def _desk_words(somebody: Person) -> int:
    """What the newsroom, or anybody, wrote down of a proven address loses it; how many rows."""
    count = 0
    for model, column in DESK_WORDS:
        naming = Q()
        for address in somebody.addresses:
            naming |= Q(**{f"{column}__icontains": address})
        for pk, words in model._default_manager.filter(naming).values_list("pk", column) if naming else ():
            changed = {column: redact(words, somebody.strings)}
            count += model._default_manager.filter(pk=pk).update(**changed)
    return count


def _tasks(somebody: Person) -> int:
    """Rows of background work hold numbers only; a traceback of what failed may have quoted somebody all the same."""
    naming = Q()
    for string in somebody.identifiers:
        for column in ("traceback", "given", "gave"):
            naming |= Q(**{f"{column}__icontains": string})
    if not naming:
        return 0
    rows = DBTaskResult.objects.annotate(
        given=Cast("args_kwargs", TextField()), gave=Cast("return_value", TextField())
    ).filter(naming, finished_at__isnull=False)
    return DBTaskResult.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).delete()[0]


def _requests(somebody: Person, at: datetime) -> None:
    """Links end, requests are nobody's; what waited for the erasure is done."""
    digests = somebody.email_digests
    theirs = Q(email_digest__in=digests) | Q(user_id__in=somebody.user_ids)
    links = list(PrivacyLink.objects.filter(theirs).values_list("pk", flat=True))
    requests = DataRequest.objects.filter(Q(email_digest__in=digests) | Q(link_id__in=links))
    requests.filter(state__in=personal_data.WAITING).update(state=DataRequestState.DONE, completed_at=at)
    requests.update(email_digest="", link=None)
    PrivacyLink.objects.filter(pk__in=links).update(address="", email_digest="", user=None, revoked_at=at)


# --- Traces in the database's files ----------------------------------------------------------------------

SNAPSHOT_PATIENCE: Final = 20
"""Seconds that `scrub` waits for older snapshots to end."""


def flush() -> bool:
    """After an erasure: what SQLite's log beside the database still repeats goes into the database, and the log goes.

    What is freed there is overwritten (`secure_delete`). False when a reader is in the way: `scrub` comes later. On
    PostgreSQL there is nothing to do at once: a dump holds no dead rows.
    """
    if connection.vendor != "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return bool(cursor.fetchone()[0] == 0)


def scrub(*, at: datetime) -> int:
    """Wipe what erased rows left in the database's own files; how many erasures that settles.

    SQLite is written anew as a whole; of PostgreSQL the tables are, that held a reader's words: each is locked while
    that lasts, seconds for tables of some hundred megabytes. Nothing is done where nothing was erased since, nor inside
    a transaction, where no database allows it, nor while an older snapshot (a dump that runs) sees what was erased.
    """
    if connection.in_atomic_block:
        return 0
    waiting = list(ErasureRecord.objects.filter(scrubbed_at=None).order_by("pk").values_list("pk", flat=True))
    if not waiting:
        return 0
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA temp_store=FILE")  # the copy it makes is as large as the database
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA temp_store=MEMORY")
        elif not _is_past(cursor):
            return 0
        else:
            for table in scrubbed_tables():
                cursor.execute(f"VACUUM (FULL, ANALYZE) {connection.ops.quote_name(table)}")
    if not flush():
        return 0
    with transaction.atomic():
        return ErasureRecord.objects.filter(pk__in=waiting).update(scrubbed_at=at)


def _is_past(cursor: CursorWrapper) -> bool:
    """Whether what was erased is past for every snapshot of this PostgreSQL: VACUUM keeps what one of them still sees.

    The probe is a row deleted just now: what VACUUM drops of it, it drops of everything erased before. An ANALYZE by
    autovacuum holds its snapshot for moments, which are waited for; a long transaction is left to the next run.
    """
    probe = connection.ops.quote_name(f"scrub_probe_{secrets.token_hex(6)}")
    cursor.execute(f"CREATE UNLOGGED TABLE {probe} AS SELECT 1 AS erased")
    try:
        cursor.execute(f"DELETE FROM {probe}")  # noqa: S608 - the name was made above
        until = time.monotonic() + SNAPSHOT_PATIENCE
        while True:
            cursor.execute(f"VACUUM (FULL) {probe}")
            cursor.execute("SELECT pg_relation_size(%s)", [probe])
            if cursor.fetchone()[0] == 0:
                return True
            if time.monotonic() > until:
                return False
            time.sleep(0.2)
    finally:
        cursor.execute(f"DROP TABLE {probe}")


def scrubbed_tables() -> Iterable[str]:
    """The tables that an erasure empties or redacts."""
    return [apps.get_model(label)._meta.db_table for label in COVERED]
