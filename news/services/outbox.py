"""The outbox: mail is a row written in the transaction of what causes it; the task worker delivers it and forgets it.

A worker that takes a mail puts `send_after` a lease ahead in a transaction of its own, then talks to the mail server
with no lock held. When it dies in between, the mail is due again at the lease's end: its watchdog task, the next
delivery or `manage.py send_outbox` takes it. The Message-ID stays the same: a mail sent twice is one to its reader.
"""

import re
import smtplib
import time
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.header import Header
from email.headerregistry import (
    Address,
    AddressHeader,
    BaseHeader,
    HeaderRegistry,
    UnstructuredHeader,
)
from email.message import EmailMessage as WireMessage
from email.policy import Policy, default
from email.utils import parseaddr
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage, mailers
from django.db import transaction
from django.tasks import task
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.encoding import punycode

from accounts.models import User
from news import crypto, ratelimit
from news.models import Edition, MailStop, Masthead, Outbox
from news.text.mailbox import mailbox
from news.text.normalize import clean_line, nfc

SHARE, TEST, ROLE_GRANTED = "share", "test", "role_granted"
ACCOUNT_LINK, ACCOUNT_NOTICE = "account_link", "account_notice"
FROM_STRANGERS: Final = frozenset({SHARE})
"""What a visitor had us send to somebody: it respects MailStop, and nothing of the address is kept once it was sent or
given up."""
CAUSED_BY_STRANGERS: Final = FROM_STRANGERS | {"feedback_receipt", ACCOUNT_LINK}
"""What leaves because a visitor typed an address, anybody's: five times an hour for a mailbox at most."""

TRIES: Final = 8
WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
LEASE: Final = timedelta(minutes=10)  # a delivery takes four at the very most: a dozen exchanges of 20 seconds
A_SWEEP: Final = 20
HOURLY: Final = 5  # mails of strangers to one mailbox, in any sixty minutes
SUBJECT_MAX, HEADER_MAX, ADDRESS_MAX = 150, 900, 254

HEADERS: Final = frozenset({"List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "In-Reply-To", "References"})
"""What a caller may add: none of them names a sender or a recipient."""

_HEADER: Final = "header:"
_CODE: Final = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


class BadMail(Exception):
    """A recipient, subject or header that could say more than it should: nothing was written."""


def post(
    *,
    kind: str,
    recipient: str,
    subject: str,
    text: str,
    at: datetime,
    reply_to: str = "",
    headers: Mapping[str, str] | None = None,
    article_id: int | None = None,
) -> Outbox:
    """Write a mail into the Outbox in the caller's transaction; after commit the task worker delivers it.

    One bare address each in `recipient` and `reply_to` ("" for none); `headers` out of `HEADERS`. With `article_id` the
    mail is dropped unless readers see that article when it leaves. Raises `BadMail`.
    """
    message = {
        "subject": _shortened(_checked(subject).strip()),
        "text": _UNWRITABLE.sub("", nfc(text).replace("\r\n", "\n").replace("\r", "\n")).strip("\n") + "\n",
        "reply_to": _address(reply_to) if reply_to else "",
        "article": "" if article_id is None else str(article_id),
    }
    for name, value in (headers or {}).items():
        if name not in HEADERS or len(value) > HEADER_MAX or not value.isascii():
            raise BadMail(f"the header {name!r} cannot be set so")
        message[_HEADER + name] = _checked(value)
    address = _address(recipient)
    with transaction.atomic():
        mail = Outbox.objects.create(
            kind=kind,
            recipient=crypto.encrypt({"address": address}),
            recipient_digest=crypto.digest(address),
            message=crypto.encrypt(message),
            created_at=at,
            send_after=at,
        )
        # Robust: what is committed is committed, and the sweep finds a mail whose task could not be written.
        transaction.on_commit(partial(deliver.enqueue, mail.pk), robust=True)
    return mail


def _checked(value: str) -> str:
    """The value of a header. Raises `BadMail` for what ends a line, hides, or is decoded by its reader."""
    if "=?" in value or any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for letter in value):
        raise BadMail("a header holds control characters or an encoded word")
    return nfc(value)


def is_address(value: str) -> bool:
    """Whether a mail can go there: one bare address, without names, lists, comments or encoded words."""
    try:
        _address(value)
    except BadMail:
        return False
    return True


def _shortened(subject: str) -> str:
    return subject if len(subject) <= SUBJECT_MAX else f"{subject[: SUBJECT_MAX - 1].rstrip()}…"


def _address(value: str) -> str:
    """One bare address. Raises `BadMail` for anything else: names, lists, groups, comments, encoded words."""
    if len(value) > ADDRESS_MAX:
        raise BadMail("an address is too long")
    parsed = AddressHeader.value_parser(_checked(value))
    boxes = parsed.all_mailboxes
    if parsed.all_defects or len(boxes) != 1 or boxes[0].addr_spec != value or not boxes[0].domain:
        raise BadMail("not one plain address")
    return value


# --- Trying it out -----------------------------------------------------------------------------------


class NoAddress(Exception):
    """The user has no address to send to; the message says where to write one."""

    def __init__(self) -> None:
        super().__init__("Tài khoản của bạn chưa có địa chỉ thư. Hãy ghi địa chỉ ở trang của bạn trong mục Người dùng.")


class TooMany(Exception):
    """More test mails than anybody needs."""

    def __init__(self) -> None:
        super().__init__("Bạn đã gửi nhiều thư thử trong thời gian ngắn. Hãy thử lại sau một giờ.")


def post_test(*, actor: User, at: datetime) -> Outbox:
    """A test mail to the actor's own address. Raises `NoAddress`, `TooMany`, `BadMail`."""
    if not actor.email:
        raise NoAddress
    if not ratelimit.allow("mail-test", mailbox(actor.email), limit=HOURLY, seconds=3600):
        raise TooMany
    masthead = masthead_name()
    text = render_to_string("news/email/test.txt", {"masthead": masthead, "name": str(actor), "at": at})
    return post(kind=TEST, recipient=actor.email, subject=f"Thư thử của {masthead}", text=text, at=at)


# --- Delivery ----------------------------------------------------------------------------------------


@task
def deliver(mail_id: int) -> None:
    """Deliver a mail if it is due, then what others left lying."""
    now = timezone.now()
    if attempt(mail_id=mail_id, at=now):
        deliver_due(at=timezone.now())


@task
def sweep() -> None:
    """Deliver what is due."""
    deliver_due(at=timezone.now())


def deliver_due(*, at: datetime) -> int:
    """Try mails that are due, the oldest first, a handful at a time; how many were looked at.

    It finds those whose task was lost and those whose worker died. Stops when the mail server cannot be reached.
    """
    started = time.monotonic()
    due = Outbox.objects.filter(sent_at=None, given_up_at=None, send_after__lte=at).order_by("send_after", "pk")
    count = 0
    for mail_id in list(due.values_list("pk", flat=True)[:A_SWEEP]):
        count += 1
        # The clock goes on while mails leave: a lease begins when it is taken.
        if not attempt(mail_id=mail_id, at=at + timedelta(seconds=time.monotonic() - started)):
            break
    return count


def attempt(*, mail_id: int, at: datetime) -> bool:
    """Deliver one mail if it is due and nobody else is at it. False when the mail server could not be reached."""
    mail = _claim(mail_id, at)
    if mail is None:
        return True
    try:
        address = crypto.decrypt(mail.recipient)["address"]
        message = crypto.decrypt(mail.message)
        trouble = _hindrance(mail, address, message, at)
        if trouble is None:
            mailers.default.send_messages([_compose(mail, address, message)])
    except Exception as error:  # noqa: BLE001 - a traceback would be kept with the task, and may quote the address
        trouble = _failure(error)
    if trouble is None:
        _close(mail, sent_at=at, last_error="")
        return True
    if trouble.is_final or mail.attempt_count >= TRIES:
        _close(mail, given_up_at=at, last_error=trouble.words)
    else:
        _put_off(mail, at + WAITS[mail.attempt_count - 1], trouble.words)
    return not trouble.is_servers


def _claim(mail_id: int, at: datetime) -> Outbox | None:
    """The mail, taken by this worker until its lease ends; None when it is not due, done, or in other hands."""
    with transaction.atomic():
        waiting = Outbox.objects.filter(pk=mail_id, sent_at=None, given_up_at=None, send_after__lte=at)
        mail = waiting.select_for_update(skip_locked=True).first()
        if mail is None:
            return None
        if mail.attempt_count >= TRIES:
            _close(mail, given_up_at=at, last_error="Việc gửi bị ngắt giữa chừng.")
            return None
        mail.attempt_count += 1
        mail.send_after = at + LEASE
        mail.save(update_fields=["attempt_count", "send_after"])
        # The watchdog: with the claim, so that no moment is left in which a dead worker's mail waits for the next one.
        deliver.using(run_after=mail.send_after).enqueue(mail.pk)
    return mail


def _close(mail: Outbox, **values: Any) -> None:
    """It left, or never will; what it said stands in the newsroom's own rows, if anywhere.

    A mail of the newsroom's own that was given up keeps its text, so that it can be sent again.
    """
    blank = {"recipient": "", "message": ""}
    if mail.kind in FROM_STRANGERS:
        values |= {**blank, "recipient_digest": ""}
    elif "sent_at" in values:
        values |= blank
    with transaction.atomic():
        Outbox.objects.filter(pk=mail.pk, sent_at=None, given_up_at=None).update(**values)


def _put_off(mail: Outbox, until: datetime, words: str) -> None:
    with transaction.atomic():
        waiting = Outbox.objects.filter(pk=mail.pk, sent_at=None, given_up_at=None)
        if waiting.update(send_after=until, last_error=words):
            deliver.using(run_after=until).enqueue(mail.pk)


def send_again(*, mail_id: int, at: datetime) -> bool:
    """Take a mail up again that was given up; False when there is none, or nothing of it is left."""
    with transaction.atomic():
        given_up = Outbox.objects.filter(pk=mail_id, given_up_at__isnull=False).exclude(message="")
        count = given_up.update(given_up_at=None, attempt_count=0, last_error="", send_after=at)
        if count:
            transaction.on_commit(partial(deliver.enqueue, mail_id), robust=True)
    return bool(count)


# --- What goes over the wire ----------------------------------------------------------------------------


class _AsItStands(BaseHeader):
    """A header of plain ASCII that is not folded: long addresses in it would come out as encoded words."""

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """Nothing is taken apart."""
        kwds["parse_tree"] = UnstructuredHeader.value_parser(value)
        kwds["decoded"] = value

    def fold(self, *, policy: Policy) -> str:
        """One line."""
        return f"{self.name}: {self}{policy.linesep}"


class _Subject(_AsItStands):
    """The subject, encoded as a whole: the standard library's own folding loses or doubles spaces between words."""

    def fold(self, *, policy: Policy) -> str:
        """Lines of at most 76 characters."""
        return f"{self.name}: {_encoded(str(self), policy)}{policy.linesep}"


class _Sender(_AsItStands):
    """The sender, its name encoded like the subject."""

    def fold(self, *, policy: Policy) -> str:
        """Lines of at most 76 characters; the address on a line of its own."""
        name, address = parseaddr(str(self))
        return f"{self.name}: {_encoded(name, policy)}{policy.linesep} <{address}>{policy.linesep}"


def _encoded(words: str, policy: Policy) -> str:
    """As encoded words, unless they are plain: letters, digits, spaces."""
    if words.isascii() and words.replace(" ", "").isalnum():
        return words
    return Header(words, "utf-8", header_name="Subject").encode(linesep=policy.linesep)


_HEADERS: Final = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _AsItStands)
_HEADERS.map_to_type("subject", _Subject)
_HEADERS.map_to_type("from", _Sender)


class _Mail(EmailMessage):
    def message(self, *, policy: Any = default) -> WireMessage:
        """As Django makes it, with long headers whole, and in seven bits, which every server passes on unchanged."""
        return super().message(policy=policy.clone(header_factory=_HEADERS, cte_type="7bit"))


def masthead_name() -> str:
    """The newspaper's name as it may stand in a header. One query."""
    masthead = Masthead.objects.only("name").first()
    return clean_line(masthead.name if masthead else "").replace("=?", "") or "Tòa soạn"


def _compose(mail: Outbox, address: str, message: dict[str, str]) -> EmailMessage:
    """The mail as it leaves: our sender, one recipient, plain text."""
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    user, _, host = sender.rpartition("@")
    domain = punycode(host or "localhost")
    return _Mail(
        subject=message["subject"],
        body=message["text"],
        from_email=str(Address(masthead_name(), user, domain)),
        to=[address],
        reply_to=[message["reply_to"]] if message["reply_to"] else None,
        headers={
            "Message-ID": f"<{mail.created_at:%Y%m%d%H%M%S%f}.{mail.pk}.outbox@{domain}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            **{key.removeprefix(_HEADER): value for key, value in message.items() if key.startswith(_HEADER)},
        },
    )


# --- Why a mail does not leave --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why a mail did not leave, in words without its address; `is_servers`: no other mail would fare better now."""

    words: str
    is_final: bool = False
    is_servers: bool = False


def _hindrance(mail: Outbox, address: str, message: dict[str, str], at: datetime) -> _Trouble | None:
    """What speaks against this mail at this moment."""
    if message["article"] and not Edition.objects.live(at).filter(article_id=int(message["article"])).exists():
        return _Trouble("Bạn đọc không còn xem được bài này.", is_final=True)
    box = mailbox(address)
    if mail.kind in FROM_STRANGERS and MailStop.objects.filter(address_digest=crypto.digest(box)).exists():
        return _Trouble("Người nhận không muốn nhận loại thư này.", is_final=True)
    if mail.kind in CAUSED_BY_STRANGERS and not _has_place(mail, box):
        return _Trouble(f"Đã có {HOURLY} thư tới địa chỉ này trong một giờ.")
    return None


def _has_place(mail: Outbox, box: str) -> bool:
    """Whether the mail has one of its mailbox's places: a try that failed keeps the place it took for the next one."""
    mark = f"outbox-place-{mail.pk}"
    if cache.get(mark):
        return True
    if not may_receive("leaves", box):
        return False
    cache.set(mark, 1, timeout=3600)
    return True


def may_receive(step: str, box: str) -> bool:
    """Count one more mail that a stranger causes; False once any sixty minutes would hold more than `HOURLY`.

    There are places that are free again an hour after each was taken: a window that begins anew would let twice as
    many through around its edge. Counted where mails are accepted and again where they leave (`step`), since
    processes without a shared cache each count for themselves.
    """
    return any(ratelimit.allow(f"mailbox-{step}-{place}", box, limit=1, seconds=3600) for place in range(HOURLY))


def _failure(error: Exception) -> _Trouble:
    """What went wrong, in words of ours: a server's own may repeat the address."""
    for kind, say in _FAILURES:
        if isinstance(error, kind):
            return say(error)
    return _Trouble(f"Không gửi được ({type(error).__name__}).")


def _refused_recipient(error: Any) -> _Trouble:
    code, words = next(iter(error.recipients.values()), (0, b""))
    is_final = bool(error.recipients) and all(500 <= code < 600 for code, _ in error.recipients.values())
    return _Trouble(f"Máy chủ thư từ chối địa chỉ người nhận ({_reply(code, words)}).", is_final=is_final)


def _refused_text(error: Any) -> _Trouble:
    reply = _reply(error.smtp_code, error.smtp_error)
    return _Trouble(f"Máy chủ thư từ chối nội dung thư ({reply}).", is_final=500 <= error.smtp_code < 600)


def _refused_us(error: Any) -> _Trouble:
    reply = _reply(error.smtp_code, error.smtp_error)
    return _Trouble(f"Máy chủ thư từ chối bên gửi ({reply}).", is_servers=True)


def _unreachable(error: Any) -> _Trouble:
    return _Trouble(f"Không nối được máy chủ thư ({type(error).__name__}).", is_servers=True)


def _reply(code: int, words: bytes | str) -> str:
    """The codes of a server's answer and nothing of its words."""
    found = _CODE.match(words if isinstance(words, bytes) else words.encode())
    return f"{code} {found[1].decode()}" if found else str(code)


_FAILURES: Final[tuple[tuple[type[Exception], Callable[[Any], _Trouble]], ...]] = (
    (smtplib.SMTPRecipientsRefused, _refused_recipient),
    (smtplib.SMTPDataError, _refused_text),
    (smtplib.SMTPResponseException, _refused_us),  # sender, log-in, greeting
    (smtplib.SMTPException, _unreachable),
    (OSError, _unreachable),
    (crypto.Undecryptable, lambda error: _Trouble("Thiếu khóa để mở nội dung thư (READER_KEYS).")),
    # What no address can be: it will be none later.
    (ValueError, lambda error: _Trouble(f"Không soạn được thư ({type(error).__name__}).", is_final=True)),
)
