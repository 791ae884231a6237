"""Retaining: how long each kind of thing about readers is kept, why, and what sweeps it when its time is over."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import erasing
from accounts.models import User
from news import crypto
from news.models import (
    Comment,
    DataRequest,
    DataRequestState,
    ErasureReason,
    Feedback,
    FeedbackStatus,
    Notification,
    Outbox,
    PrivacyLink,
    ReaderContact,
    Subscriber,
    SubscriberState,
)
from news.queries import consents, personal_data
from news.queries import feedback as letters
from news.services import closing, privacy, requesting, subscribing

BATCH: Final = 200
LETTERS: Final = timedelta(days=731)
UNFINISHED_LETTERS: Final = timedelta(days=1096)
SPAM: Final = timedelta(days=90)
COMMENTS: Final = timedelta(days=366)
SENT_MAIL: Final = timedelta(days=30)
GIVEN_UP_MAIL: Final = timedelta(days=90)
TASKS: Final = timedelta(days=14)
LINKS: Final = timedelta(days=7)
REQUESTS: Final = timedelta(days=731)
VIEWS: Final = timedelta(days=731)
NOTICES: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Rule:
    """How long one kind of thing is kept and why, for people to read; what is over (`due`), and what ends it (`end`).

    `end` is given the keys of one batch and the clock, and works in a transaction of its own.
    """

    name: str
    label: str
    period: str
    why: str
    due: Callable[[datetime], QuerySet[Any]]
    end: Callable[[list[Any], datetime], int]


def _delete(model: Any) -> Callable[[list[Any], datetime], int]:
    def end(keys: list[Any], at: datetime) -> int:
        with transaction.atomic():
            return int(model._default_manager.filter(pk__in=keys).delete()[0])

    return end


def _erase_contacts(keys: list[int], at: datetime) -> int:
    """One transaction a contact: its letters are redacted too. One that no key opens stays until the key is back."""
    count = 0
    for key in keys:
        try:
            count += privacy.erase_contact(contact_id=key, at=at, reason=ErasureReason.RETENTION)
        except crypto.Undecryptable:
            continue
    return count


def _lapsed(at: datetime) -> QuerySet[Any]:
    return ReaderContact.objects.filter(keep_until__lt=timezone.localdate(at))


def _forgotten(at: datetime) -> QuerySet[Any]:
    """Letters nobody ever finished."""
    old = Feedback.objects.filter(contact__keep_until=None, received_at__lt=at - UNFINISHED_LETTERS)
    return ReaderContact.objects.filter(pk__in=old.values("contact_id"))


def _guests(at: datetime) -> QuerySet[Any]:
    """Contacts of comments by readers without an account."""
    old = ReaderContact.objects.filter(created_at__lt=at - COMMENTS, keep_until=None)
    return old.filter(pk__in=Comment.objects.exclude(contact=None).values("contact_id"))


def _unconfirmed(at: datetime) -> QuerySet[Any]:
    """Contacts of newsletters that were asked for and never confirmed."""
    late = Subscriber.objects.filter(state=SubscriberState.PENDING, created_at__lt=at - subscribing.CONFIRM_WITHIN)
    return ReaderContact.objects.filter(pk__in=late.values("contact_id"))


def _forget_contacts(keys: list[int], at: datetime) -> int:
    """The details go; what was said in public stays under the name it was said with."""
    count = 0
    with transaction.atomic():
        for row in ReaderContact.objects.select_for_update().filter(pk__in=keys).order_by("pk"):
            if personal_data.hold_on((row.email_digest,), at) is None:
                row.delete()
                count += 1
    return count


def date_letters(*, at: datetime) -> int:
    """Set the last day of who wrote letters that are finished, by what was last done with them; how many.

    A letter that was taken up again has none: it is worked on.
    """
    finished = (FeedbackStatus.ANSWERED, FeedbackStatus.CLOSED, FeedbackStatus.SPAM, FeedbackStatus.MERGED)
    count, last = 0, 0
    while True:
        rows = Feedback.objects.filter(status__in=finished, contact__keep_until=None, pk__gt=last)
        found = list(
            rows.exclude(contact=None).order_by("pk").values("pk", "contact_id", "status", "received_at")[:BATCH]
        )
        if not found:
            break
        done = _last_deeds([row["pk"] for row in found])
        with transaction.atomic():
            for row in found:
                period = SPAM if row["status"] == FeedbackStatus.SPAM else LETTERS
                day = timezone.localdate(max(done.get(row["pk"], row["received_at"]), row["received_at"]) + period)
                ReaderContact.objects.filter(pk=row["contact_id"], keep_until=None).update(keep_until=day)
        count, last = count + len(found), found[-1]["pk"]
    with transaction.atomic():
        reopened = Feedback.objects.exclude(status__in=finished).filter(contact__keep_until__gte=timezone.localdate(at))
        ReaderContact.objects.filter(pk__in=reopened.values("contact_id")).update(keep_until=None)
    return count


def _last_deeds(pks: list[int]) -> dict[int, datetime]:
    """When somebody last did something with these letters, by the admin's history."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Feedback), object_id__in=[str(pk) for pk in pks]
    ).exclude(change_message=letters.SEEN)
    return {
        int(pk or 0): moment for pk, moment in entries.order_by("action_time").values_list("object_id", "action_time")
    }


def _erase_accounts(keys: list[int], at: datetime) -> int:
    with transaction.atomic():
        erasing.erase_of(contact_ids=(), user_ids=keys, strings=[], at=at)
    return len(keys)


def _erase_wholly(
    due: Callable[[datetime], QuerySet[User]], reason: ErasureReason, note: str
) -> Callable[[list[int], datetime], int]:
    """Accounts with what was kept by their consent, one transaction each; what is held or no key opens stays.

    So does one that was logged into, or opened again, since the batch was looked up.
    """

    def end(keys: list[int], at: datetime) -> int:
        count = 0
        for key in keys:
            is_due = due(at).filter(pk=key).exists
            with suppress(crypto.Undecryptable):
                if is_due():
                    count += privacy.erase_account(user_id=key, at=at, reason=reason, note=note, is_due=is_due)
        return count

    return end


def _ended(at: datetime) -> QuerySet[User]:
    return consents.ended_accounts()


def _unused(at: datetime) -> QuerySet[User]:
    return erasing.unused(at=at)


def _used_links(at: datetime) -> QuerySet[Any]:
    waiting = DataRequest.objects.filter(state=DataRequestState.SUSPENDED).exclude(link=None).values("link_id")
    return PrivacyLink.objects.filter(expires_at__lt=at - LINKS).exclude(pk__in=waiting)


def _old_requests(at: datetime) -> QuerySet[Any]:
    over = (DataRequestState.DONE, DataRequestState.LAPSED)
    return DataRequest.objects.filter(state__in=over, completed_at__lt=at - REQUESTS)


_UNUSED: Final = (
    Rule(
        "unused_accounts",
        "Tài khoản bạn đọc không dùng",
        f"{settings.READER_ACCOUNT_MONTHS} tháng từ lần đăng nhập cuối; 30 ngày trước khi xóa có thư báo",
        "không ai dùng thì không cần giữ; đăng nhập một lần là giữ được",
        _unused,
        _erase_wholly(_unused, ErasureReason.RETENTION, "Tài khoản lâu không dùng."),
    ),
)[: 1 if settings.READER_ACCOUNT_MONTHS else 0]
"""No rule where accounts are kept without end."""

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "contacts",
        "Thông tin liên hệ, thư và tệp gửi kèm",
        "24 tháng sau khi thư được trả lời hoặc kết thúc, 90 ngày với thư rác",
        "đủ để trả lời khi người gửi hỏi lại, khiếu nại; sau đó không còn cần biết ai đã viết",
        _lapsed,
        _erase_contacts,
    ),
    Rule(
        "unfinished",
        "Thông tin liên hệ của thư chưa kết thúc",
        "36 tháng từ khi nhận",
        "thư bị bỏ quên không giữ người gửi mãi",
        _forgotten,
        _erase_contacts,
    ),
    Rule(
        "guests",
        "Địa chỉ thư của khách bình luận",
        "12 tháng; bình luận và tên hiện vẫn còn",
        "để báo người viết khi có người trả lời hoặc phàn nàn",
        _guests,
        _forget_contacts,
    ),
    Rule(
        "unconfirmed",
        "Đăng ký nhận bản tin chưa xác nhận",
        f"{subscribing.CONFIRM_WITHIN.days} ngày",
        "chưa ai chứng tỏ địa chỉ là của mình",
        _unconfirmed,
        _forget_contacts,
    ),
    Rule(
        "sent_mail",
        "Thư đã gửi (chỉ còn loại thư và lúc gửi)",
        "30 ngày",
        "để tòa soạn thấy thư có đi hay không",
        lambda at: Outbox.objects.filter(sent_at__lt=at - SENT_MAIL),
        _delete(Outbox),
    ),
    Rule(
        "given_up_mail",
        "Thư không gửi được",
        "90 ngày",
        "để quản trị sửa lỗi rồi gửi lại",
        lambda at: Outbox.objects.filter(given_up_at__lt=at - GIVEN_UP_MAIL),
        _delete(Outbox),
    ),
    Rule(
        "tasks",
        "Việc chạy ngầm đã xong",
        "14 ngày, phần lớn 3 ngày",
        "để tìm lỗi; trong đó chỉ có số thứ tự",
        lambda at: DBTaskResult.objects.finished().filter(finished_at__lt=at - TASKS).order_by(),
        _delete(DBTaskResult),
    ),
    Rule(
        "registrations",
        "Đăng ký tài khoản chưa xác nhận thư",
        "7 ngày",
        "chưa ai chứng tỏ địa chỉ là của mình",
        lambda at: erasing.unverified(at=at),
        _erase_accounts,
    ),
    Rule(
        "closed_accounts",
        "Tài khoản mà chủ đã rút lại đồng ý",
        "đến lần dọn gần nhất, không quá 2 ngày",
        "tài khoản đóng ngay khi rút lại, chỉ còn chờ xóa",
        _ended,
        _erase_wholly(_ended, ErasureReason.WISH, "Rút lại đồng ý về tài khoản."),
    ),
    *_UNUSED,
    Rule(
        "sessions",
        "Phiên đăng nhập",
        "đến khi hết hạn",
        "hết hạn thì vô dụng",
        lambda at: Session.objects.filter(expire_date__lt=at),
        _delete(Session),
    ),
    Rule(
        "links",
        "Liên kết xem dữ liệu cá nhân",
        "7 ngày sau khi hết hạn",
        "để biết đã trả lời yêu cầu",
        _used_links,
        _delete(PrivacyLink),
    ),
    Rule(
        "requests",
        "Yêu cầu về dữ liệu cá nhân",
        "24 tháng",
        "để chứng minh đã làm đúng hạn; trong đó không có tên, địa chỉ",
        _old_requests,
        _delete(DataRequest),
    ),
    Rule(
        "notices",
        "Thông báo ở trang của bạn đọc",
        "12 tháng",
        "đủ để tìm lại câu trả lời; bình luận và thư vẫn ở trang của chúng",
        lambda at: Notification.objects.filter(created_at__lt=at - NOTICES),
        _delete(Notification),
    ),
    Rule(
        "views",
        "Nhật ký xem thông tin người gửi",
        "24 tháng",
        "để biết ai trong tòa soạn đã xem",
        lambda at: LogEntry.objects.filter(change_message=letters.SEEN, action_time__lt=at - VIEWS),
        _delete(LogEntry),
    ),
)
"""What is kept of readers and for how long: shown on `/du-lieu-ca-nhan/`, enforced by `enforce`."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many of one kind went, or would go."""

    rule: Rule
    count: int


def due(*, at: datetime) -> list[Swept]:
    """What `enforce` would end now, of what it has dated before, orders to keep left aside; nothing is changed."""
    return [Swept(rule, rule.due(at).count()) for rule in RULES]


def enforce(*, at: datetime) -> list[Swept]:
    """End everything whose time is over, in small transactions; do the erasures that waited for an order to end.

    Before, tell whose account is about to go; after, wipe what erased rows left in the database's files.
    """
    date_letters(at=at)
    closing.warn_unused(at=at)
    resumed = requesting.resume(at=at)
    swept = [Swept(rule, _sweep(rule, at)) for rule in RULES]
    privacy.scrub(at=at)
    return [*swept, Swept(RESUMED, resumed)] if resumed else swept


RESUMED: Final = Rule(
    "resumed",
    "Yêu cầu xóa đã chờ lệnh giữ",
    "",
    "lệnh giữ đã hết",
    lambda at: DataRequest.objects.none(),
    lambda keys, at: 0,
)


def _sweep(rule: Rule, at: datetime) -> int:
    """Batch by batch along the key; what stays (under an order) is passed over."""
    count, last = 0, None
    while True:
        rows = rule.due(at).order_by("pk")
        keys = list((rows if last is None else rows.filter(pk__gt=last)).values_list("pk", flat=True)[:BATCH])
        if not keys:
            return count
        count += rule.end(keys, at)
        last = keys[-1]
