"""Stopping: the link in a mail by which its reader wants no more of its kind (RFC 8058), and what the desk notes of it.

The link holds the keyed digest of the mailbox, signed; the list of who wants no mail holds that digest. Nobody can read
an address out of either.
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.admin.models import ADDITION
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import User
from news import crypto
from news.models import MailScope, MailStop
from news.queries import addresses
from news.services import chronicling
from news.text.mailbox import mailbox
from news.text.normalize import clean_line
from news.workflow import NotAllowed

RECORD: Final = "news.change_mailstop"
VIEWS: Final = {
    MailScope.SHARE: "share_stop",
    MailScope.DIGEST: "digest_stop",
    MailScope.NOTIFICATION: "notification_stop",
}
"""The page of each scope, whose address holds a token."""
_SIGNERS: Final = {scope: signing.Signer(salt=f"news.stopping.{scope}") for scope in MailScope} | {
    MailScope.SHARE: signing.Signer(salt="news.sharing.stop")
}


@dataclass(frozen=True, slots=True)
class StopLink:
    """How a mail says that it can be stopped: the page for its text, and the headers for mail programs."""

    scope: MailScope
    page: str

    @property
    def headers(self) -> dict[str, str]:
        """What `one_click` says of the page."""
        return one_click(self.page)


def one_click(page: str) -> dict[str, str]:
    """The headers that say to mail programs where this mail is stopped, a newsletter ended, by one click (RFC 8058)."""
    return {"List-Unsubscribe": f"<{page}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def links(address: str, scope: MailScope) -> StopLink:
    """The link for a mail of that scope to that address."""
    return StopLink(scope, addresses.absolute(reverse(VIEWS[scope], args=[token(address, scope)])))


def token(address: str, scope: MailScope) -> str:
    """What the link carries: the keyed digest of the mailbox, signed for this scope alone."""
    digest = bytes.fromhex(_digest(address))
    return _SIGNERS[scope].sign(base64.urlsafe_b64encode(digest).decode().rstrip("="))


def is_token(value: str, scope: MailScope) -> bool:
    """Whether this site made it."""
    return bool(_digest_in(value, scope))


def stop(*, token: str, scope: MailScope, at: datetime) -> bool:
    """Send no more mail of that scope to the mailbox; False for a token that this site did not make."""
    digest = _digest_in(token, scope)
    if digest:
        _write(MailStop(address_digest=digest, scope=scope, stopped_at=at))
    return bool(digest)


def is_stopped(*, address: str, scope: MailScope) -> bool:
    """Whether the mailbox behind the address wants no mail of that scope. One query."""
    return MailStop.objects.filter(address_digest=_digest(address), scope=scope, lifted_at=None).exists()


def is_stopped_by(*, token: str, scope: MailScope) -> bool:
    """The same of the mailbox of a link; False for a token that this site did not make. One query."""
    digest = _digest_in(token, scope)
    return bool(digest) and MailStop.objects.filter(address_digest=digest, scope=scope, lifted_at=None).exists()


def ask_again(*, address: str, scope: MailScope, at: datetime) -> None:
    """The owner of the mailbox asks for such mail, and has proved to be the owner: what was stopped is lifted."""
    MailStop.objects.filter(address_digest=_digest(address), scope=scope, lifted_at=None).update(lifted_at=at)


# --- What the desk notes -------------------------------------------------------------------------------


def record(*, address: str, scopes: list[MailScope], reason: str, actor: User, at: datetime) -> list[MailStop]:
    """Note that the owner of an address wants no mail of these scopes; those that were not noted before.

    The reason must not hold the address. Raises `NotAllowed`.
    """
    reason = _reasoned(reason, actor)
    with transaction.atomic():
        made = []
        for scope in scopes:
            row = MailStop(
                address_digest=_digest(address), scope=scope, stopped_at=at, recorded_by=actor, reason=reason
            )
            if _write(row):
                chronicling.note(row, actor=actor, at=at, flag=ADDITION, said=f"Ghi theo yêu cầu: {reason}")
                made.append(row)
    return made


def lift(*, stop_id: int, reason: str, actor: User, at: datetime) -> bool:
    """Let mail reach the mailbox again; False when it is not stopped. Raises `NotAllowed`."""
    reason = _reasoned(reason, actor)
    with transaction.atomic():
        row = MailStop.objects.select_for_update().filter(pk=stop_id, lifted_at=None).first()
        if row is None:
            return False
        row.lifted_at = at
        row.save(update_fields=["lifted_at"])
        chronicling.note(row, actor=actor, at=at, said=f"Bỏ dừng: {reason}")
    return True


def found(address: str) -> list[MailStop]:
    """What is noted of a mailbox, the newest first."""
    return list(MailStop.objects.filter(address_digest=_digest(address)).order_by("-pk")[:20])


def _reasoned(reason: str, actor: User) -> str:
    if RECORD not in actor.granted_permissions:
        raise NotAllowed("Bạn không có quyền ghi nhận địa chỉ không nhận thư.")
    reason = clean_line(reason)
    if not reason:
        raise NotAllowed("Hãy ghi lý do.")
    if "@" in reason:
        raise NotAllowed("Đừng ghi địa chỉ thư trong lý do: danh sách này không giữ địa chỉ của ai.")
    return reason[:300]


def _write(row: MailStop) -> bool:
    """Keep it; False where the same is noted already."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return False
    return True


def _digest(address: str) -> str:
    return crypto.digest(mailbox(address))


def _digest_in(value: str, scope: MailScope) -> str:
    try:
        text = _SIGNERS[scope].unsign(value[:200])
    except signing.BadSignature:
        return ""
    return base64.urlsafe_b64decode(f"{text}=").hex()
