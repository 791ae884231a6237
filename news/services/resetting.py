"""Resetting: an administrator sets somebody's password or address. Whose it is, and the editors-in-chief, are told."""

from datetime import datetime
from typing import Final

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from accounts import log_ins
from accounts.models import User
from news.queries import addresses, personal_data
from news.services import account_mail, chronicling, granting, outbox
from news.text.normalize import clean_line
from news.workflow import NotAllowed

REASON_MAX: Final = 300


def set_password(*, user_id: int, password: str, actor: User, reason: str, at: datetime, session_key: str = "") -> None:
    """Give the account that password, which its form has checked, and end its log-ins but the actor's own session.

    Written into the history with its reason, mailed to the person and to the editors-in-chief. Raises `NotAllowed`.
    """
    reason = _reason(reason)
    granting.require(actor=actor, user=User.objects.get(pk=user_id))
    hashed = make_password(password)  # slow: before anything is locked
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user_id)
        granting.require(actor=actor, user=user)
        user.password = hashed
        user.save(update_fields=["password"])
        log_ins.end(user.pk, but=session_key)
        chronicling.note(user, actor=actor, at=at, said=f"Đặt lại mật khẩu. Lý do: {reason}")
        _tell(user, [user.email], actor, reason, at, subject="Đặt lại mật khẩu", what="password")


def change_address(
    *, user_id: int, email: str | None, actor: User, reason: str, at: datetime, session_key: str = ""
) -> bool:
    """Give the account that address (None: none any longer); False where it is the one it has.

    Addresses it had proven count no more, its log-ins end but for the actor's own session. Written into the history
    with its reason, without the addresses; mailed to both of them and to the editors-in-chief. Raises `NotAllowed`.
    """
    reason = _reason(reason)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user_id)
        granting.require(actor=actor, user=user)
        was = user.email
        if was == email:
            return False
        digests = personal_data.person(user_id=user.pk, email=was or "").email_digests
        if personal_data.hold_on(digests, at) is not None:
            raise NotAllowed("Dữ liệu của tài khoản này đang được giữ theo một lệnh: chưa đổi được địa chỉ thư.")
        user.email = email
        user.save(update_fields=["email"])
        EmailAddress.objects.filter(user=user).exclude(email=email or "").delete()
        log_ins.end(user.pk, but=session_key)
        chronicling.note(user, actor=actor, at=at, said=f"{'Đổi' if email else 'Bỏ'} địa chỉ thư. Lý do: {reason}")
        _tell(user, [was, email], actor, reason, at, subject="Đổi địa chỉ thư", what="address", was=was)
    return True


def _reason(reason: str) -> str:
    reason = clean_line(reason)[:REASON_MAX]
    if not reason:
        raise NotAllowed("Hãy ghi lý do.")
    return reason


def _tell(
    user: User,
    own: list[str | None],
    actor: User,
    reason: str,
    at: datetime,
    *,
    subject: str,
    what: str,
    was: str | None = None,
) -> None:
    """One mail to each of the person's addresses, and one to each other editor-in-chief."""
    masthead = outbox.masthead_name()
    chiefs = [chief.email for chief in granting.chiefs() if chief.pk != user.pk]
    context = {
        "user": user,
        "actor": actor,
        "reason": reason,
        "at": at,
        "masthead": masthead,
        "was": was,
        "change_password": addresses.absolute(reverse("account_change_password")),
    }
    for recipient, is_own in [*((address, True) for address in own), *((address, False) for address in chiefs)]:
        if recipient:
            said = {"is_own": is_own, "is_old": is_own and what == "address" and recipient == was}
            account_mail.post(
                template=f"{what}_reset",
                recipient=recipient,
                subject=f"{subject} ở {masthead}",
                text=render_to_string(f"news/email/{what}_reset.txt", {**context, **said}),
                masthead=masthead,
                at=at,
            )
