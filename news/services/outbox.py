"""The outbox: mail is a row written in the transaction of what causes it; the task worker delivers it and forgets it.

A worker that takes a mail puts `send_after` a lease ahead in a transaction of its own, then talks to the mail server
with no lock held. When it dies in between, the mail is due again at the lease's end: its watchdog task, the next
delivery or `manage.py send_outbox` takes it. The Message-ID stays the same: a mail sent twice is one to its reader.
"""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives, mailers
from django.db import transaction
from django.db.models import Q
from django.tasks import task
from django.utils import timezone

from accounts.models import User
from news import crypto, ratelimit
from news.models import Edition, MailScope, Outbox
from news.services import mailing, stopping
from news.services.mailing import BadMail, Trouble, Words, is_address, masthead_name
from news.text.mailbox import mailbox

__all__ = ["BadMail", "is_address", "masthead_name"]
"""Also found here, where mail is posted."""

SHARE, TEST, ROLE_GRANTED = "share", "test", "role_granted"
ACCOUNT_LINK, ACCOUNT_NOTICE, GUEST_NOTICE = "account_link", "account_notice", "comment_notice"
RESET_LINK = "reset_link"
FROM_STRANGERS: Final = frozenset({SHARE})
"""What a visitor had us send to somebody: nothing of the address is kept once it was sent or given up."""
CAUSED_BY_STRANGERS: Final = FROM_STRANGERS | {
    *("feedback_receipt", "newsletter_confirm", ACCOUNT_LINK, RESET_LINK, "privacy_link", GUEST_NOTICE),
}
"""What leaves because a visitor typed an address, anybody's: for a mailbox `HOURLY` at most, see `may_receive`."""

TRIES: Final = 8
WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
LEASE: Final = timedelta(minutes=10)  # a delivery takes four at the very most: a dozen exchanges of 20 seconds
A_SWEEP: Final = 20
HOURLY: Final = 5  # mails of strangers to one mailbox, in any sixty minutes
_HEADER: Final = "header:"


def post(
    *,
    kind: str,
    recipient: str,
    subject: str,
    text: str,
    at: datetime,
    html: str = "",
    reply_to: str = "",
    headers: Mapping[str, str] | None = None,
    article_id: int | None = None,
    stop: stopping.StopLink | None = None,
) -> Outbox:
    """Write a mail into the Outbox in the caller's transaction; after commit the task worker delivers it.

    One bare address each in `recipient` and `reply_to` ("" for none); `headers` out of `mailing.HEADERS`; `text` and
    `html` say the same (`mailing.words`). With `article_id` the mail is dropped unless readers see that article when it
    leaves; with `stop` it says how to stop mail of its kind, and is dropped where that was asked. Raises `BadMail`.
    """
    message = {
        "subject": mailing.subject(subject),
        "text": mailing.body(text),
        "reply_to": mailing.address(reply_to) if reply_to else "",
        "article": "" if article_id is None else str(article_id),
    }
    if html:
        message["html"] = mailing.body(html)
    if stop is not None:
        message["scope"] = stop.scope
    for name, value in {**(headers or {}), **(stop.headers if stop is not None else {})}.items():
        message[_HEADER + name] = mailing.header(name, value)
    address = mailing.address(recipient)
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
    said = mailing.words("test", {"masthead": masthead, "name": str(actor), "at": at})
    subject = f"Thư thử của {masthead}"
    return post(kind=TEST, recipient=actor.email, subject=subject, text=said.text, html=said.html, at=at)


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


def sweep_due(*, at: datetime) -> None:
    """Have the task worker deliver what is due, if anything is."""
    if Outbox.objects.filter(sent_at=None, given_up_at=None, send_after__lte=at).exists():
        sweep.enqueue()


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
        trouble = mailing.failure(error)
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


def can_again(mail: Outbox, at: datetime) -> bool:
    """Whether `send_again` would take it up."""
    is_stuck = mail.given_up_at is not None or (mail.last_error != "" and mail.send_after > at)
    return mail.sent_at is None and mail.message != "" and is_stuck


def send_again(*, mail_id: int, at: datetime) -> bool:
    """Take a mail up again that was given up, or one at once that waits after an error.

    False when there is none, nothing of it is left, or a worker has it in hand.
    """
    with transaction.atomic():
        left = Outbox.objects.filter(pk=mail_id, sent_at=None).exclude(message="")
        stuck = left.filter(Q(given_up_at__isnull=False) | ~Q(last_error="") & Q(send_after__gt=at))
        count = stuck.update(given_up_at=None, attempt_count=0, last_error="", send_after=at)
        if count:
            transaction.on_commit(partial(deliver.enqueue, mail_id), robust=True)
    return bool(count)


def _compose(mail: Outbox, address: str, message: dict[str, str]) -> EmailMultiAlternatives:
    """The mail as it leaves."""
    return mailing.compose(
        recipient=address,
        subject=message["subject"],
        words=Words(message["text"], message.get("html", "")),
        message_id=f"{mail.created_at:%Y%m%d%H%M%S%f}.{mail.pk}.outbox",
        sender=masthead_name(),
        reply_to=message["reply_to"],
        headers={key.removeprefix(_HEADER): value for key, value in message.items() if key.startswith(_HEADER)},
    )


# --- What speaks against it


def _hindrance(mail: Outbox, address: str, message: dict[str, str], at: datetime) -> Trouble | None:
    """What speaks against this mail at this moment."""
    if message["article"] and not Edition.objects.live(at).filter(article_id=int(message["article"])).exists():
        return Trouble("Bạn đọc không còn xem được bài này.", is_final=True)
    box = mailbox(address)
    # Mails from before stop links knew their scope: only strangers' had one.
    scope = message.get("scope", MailScope.SHARE if mail.kind in FROM_STRANGERS else "")
    if scope and stopping.is_stopped(address=address, scope=MailScope(scope)):
        return Trouble("Người nhận không muốn nhận loại thư này.", is_final=True)
    if mail.kind in CAUSED_BY_STRANGERS and not _has_place(mail, box):
        return Trouble("Địa chỉ này đã có đủ thư của một giờ.")
    return None


def _has_place(mail: Outbox, box: str) -> bool:
    """Whether the mail has one of its mailbox's places: a try that failed keeps the place it took for the next one."""
    mark = f"outbox-place-{mail.pk}"
    if cache.get(mark):
        return True
    if not may_receive("leaves", box, is_password=mail.kind == RESET_LINK):
        return False
    cache.set(mark, 1, timeout=3600)
    return True


def may_receive(step: str, box: str, *, is_password: bool = False) -> bool:
    """Count one more mail that a stranger causes; False once any sixty minutes would hold more than `HOURLY`.

    There are places that are free again an hour after each was taken: a window that begins anew would let twice as
    many through around its edge. The last place is for a forgotten password alone (`is_password`): whatever else is
    sent there, its owner gets in. Counted where mails are accepted and again where they leave (`step`), since
    processes without a shared cache each count for themselves.
    """
    places = reversed(range(HOURLY)) if is_password else range(HOURLY - 1)
    return any(ratelimit.allow(f"mailbox-{step}-{place}", box, limit=1, seconds=3600) for place in places)
