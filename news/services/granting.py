"""Granting: who may change whose account, and what is taken from nobody; roles given are told to the chiefs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import roles
from accounts.models import User
from news.queries import consents
from news.services import closing, mailing, outbox
from news.workflow import NotAllowed

CHANGE: Final = "accounts.change_user"
"""Who changes accounts by role."""
ADMINISTRATOR: Final = next(role.name for role in roles.ROLES if role.key == "administrator")
_LOST_BY_ONESELF: Final = {
    "is_active": (
        "Bạn không tự khóa tài khoản của mình được: khóa rồi thì bạn không vào lại để mở. Hãy nhờ một quản trị khác."
    ),
    "is_staff": "Bạn không tự bỏ quyền vào bàn làm việc của mình được. Hãy nhờ một quản trị khác.",
    "groups": f"Bạn không tự thôi vai trò {ADMINISTRATOR} của mình được. Hãy nhờ một quản trị khác.",
    "is_superuser": "Bạn không tự thôi quyền quản trị kỹ thuật của mình được. Hãy nhờ một quản trị kỹ thuật khác.",
}
_LAST: Final = (
    "Đây là quản trị cuối cùng còn hoạt động: bỏ đi thì không còn ai quản lý tài khoản."
    f" Hãy giao vai trò {ADMINISTRATOR} cho người khác trước."
)


def require(*, actor: User, user: User) -> None:
    """Raise `NotAllowed` unless the actor may change that account: by role or as a superuser; a superuser's, as one."""
    may = actor.is_active and (actor.is_superuser or CHANGE in actor.granted_permissions)
    if not may or (user.is_superuser and not actor.is_superuser):
        raise NotAllowed("Bạn không có quyền đổi tài khoản này.")


@dataclass(frozen=True, slots=True)
class Powers:
    """What an account may do, by the names of its fields; `groups` are the names of its roles."""

    is_active: bool
    is_staff: bool
    is_superuser: bool
    groups: frozenset[str]

    def holds(self, name: str) -> bool:
        """Whether it has what that field gives of an administrator's power."""
        return ADMINISTRATOR in self.groups if name == "groups" else bool(getattr(self, name))


def refusals(*, actor: User, user_id: int, wanted: Powers) -> dict[str, str]:
    """Why the account cannot be given just these powers, by the field that asks for it; empty where it can.

    An account whose owner took back the consent to it is given nothing: it waits to be erased. Nobody takes from
    themselves what they administer by; the last who has the role keeps it, whoever asks. Part of the
    transaction that saves: of two who take it from each other at one moment the second is refused.
    """
    user = User.objects.get(pk=user_id)
    had = Powers(user.is_active, user.is_staff, user.is_superuser, _role_names(user))
    ended_at = None if had.is_active else consents.account_ended_at([user_id])
    if ended_at is not None:
        asked = {"is_active": wanted.is_active, "is_staff": wanted.is_staff, "is_superuser": wanted.is_superuser}
        words = f"Tài khoản này không mở lại được: {closing.what_comes(ended_at, timezone.now())}."
        return {name: words for name, is_asked in {**asked, "groups": wanted.groups}.items() if is_asked}
    lost = [name for name in _LOST_BY_ONESELF if had.holds(name) and not wanted.holds(name)]
    if not (had.is_active and had.is_staff and (had.is_superuser or had.holds("groups"))) or not lost:
        return {}
    if actor.pk == user_id:
        return {name: _LOST_BY_ONESELF[name] for name in lost}
    Group.objects.select_for_update(no_key=True).filter(name=ADMINISTRATOR).first()
    others = User.objects.filter(is_active=True, is_staff=True).exclude(pk=user_id)
    by_role = Q(groups__name=ADMINISTRATOR)
    if others.filter(by_role if had.holds("groups") else by_role | Q(is_superuser=True)).exists():
        return {}
    return dict.fromkeys([name for name in lost if name != "is_superuser" or not had.holds("groups")], _LAST)


def _role_names(user: User) -> frozenset[str]:
    return frozenset(user.groups.values_list("name", flat=True))


def chiefs() -> list[User]:
    """The editors-in-chief who have an address. One query."""
    name = next(role.name for role in roles.ROLES if role.key == "chief")
    return list(User.objects.filter(groups__name=name, is_active=True, email__isnull=False).order_by("pk"))


def announce(*, user: User, granted: list[str], actor: User, at: datetime, told: Iterable[User]) -> int:
    """Mail to the editors-in-chief which roles the user was given, in the caller's transaction; how many mails.

    `told` are those who held the role before, so that nobody is left out by losing it in the same step.
    """
    recipients = {chief.pk: chief for chief in [*told, *chiefs()]}
    masthead = outbox.masthead_name()
    context = {
        "user": user,
        "granted": granted,
        "actor": actor,
        "at": at,
        "masthead": masthead,
    }
    words = mailing.words("role_granted", context)
    count = 0
    with transaction.atomic():
        for chief in recipients.values():
            try:
                outbox.post(
                    kind=outbox.ROLE_GRANTED,
                    recipient=chief.email or "",
                    subject=f"Giao vai trò ở {masthead}",
                    text=words.text,
                    html=words.html,
                    at=at,
                )
            except outbox.BadMail:  # an address nobody can write to keeps no role from being given; the log has it
                continue
            count += 1
    return count
