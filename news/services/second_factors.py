"""Second factors of the newsroom's people: an administrator takes one away that was lost; the key ring turns."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from accounts import log_ins
from accounts.models import User
from news import crypto
from news.queries import addresses
from news.services import account_mail, chronicling, granting, outbox
from news.text.normalize import clean_line
from news.workflow import NotAllowed

BATCH = 200
REASON_MAX = 300
_SECRETS = ("secret", "seed")


def reset(*, user: User, actor: User, reason: str, at: datetime) -> None:
    """Take away every second factor of a user, and end all their sessions; the next log-in leads to setting one up.

    Written into the history with its reason, mailed to the person and to the editors-in-chief. Raises `NotAllowed`.
    """
    granting.require(actor=actor, user=user)
    reason = clean_line(reason)[:REASON_MAX]
    if user.pk == actor.pk:
        raise NotAllowed("Không ai tự đặt lại xác thực hai lớp của mình ở đây: hãy làm ở trang tài khoản.")
    if not reason:
        raise NotAllowed("Hãy ghi lý do.")
    with transaction.atomic():
        count, _ = Authenticator.objects.filter(user=user).delete()
        if not count:
            raise NotAllowed("Người này chưa bật xác thực hai lớp.")
        log_ins.end(user.pk)
        chronicling.note(user, actor=actor, at=at, said=f"Đặt lại xác thực hai lớp. Lý do: {reason}")
        _tell(user, actor, reason, at)


def _tell(user: User, actor: User, reason: str, at: datetime) -> None:
    masthead = outbox.masthead_name()
    people = {chief.pk: chief for chief in granting.chiefs()}
    people[user.pk] = user
    context = {
        "user": user,
        "actor": actor,
        "reason": reason,
        "at": at,
        "masthead": masthead,
        "set_up": addresses.absolute(reverse("mfa_index")),
    }
    for person in people.values():
        account_mail.post(
            template="second_factor_reset",
            recipient=person.email or "",
            subject=f"Đặt lại xác thực hai lớp ở {masthead}",
            text=render_to_string("news/email/second_factor_reset.txt", {**context, "is_own": person.pk == user.pk}),
            masthead=masthead,
            at=at,
        )


def rotate_keys() -> int:
    """Encrypt the secrets of every second factor with the newest key of the ring; how many. Raises `Undecryptable`."""
    last, count = 0, 0
    while True:
        with transaction.atomic():
            kept = Authenticator.objects.filter(pk__gt=last, type__in=("totp", "recovery_codes"))
            rows = list(kept.select_for_update().order_by("pk")[:BATCH])
            for row in rows:
                row.data |= {name: crypto.reencrypt(row.data[name]) for name in _SECRETS if name in row.data}
            Authenticator.objects.bulk_update(rows, ["data"])
        if not rows:
            return count
        last = rows[-1].pk
        count += len(rows)
