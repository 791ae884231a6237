"""Granting: who may change whose account; who gives whom a role is told to the editors-in-chief."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import transaction
from django.urls import reverse

from accounts import roles
from accounts.models import User
from news.queries import addresses
from news.services import mailing, outbox
from news.workflow import NotAllowed

CHANGE: Final = "accounts.change_user"
"""Who changes accounts by role."""


def require(*, actor: User, user: User) -> None:
    """Raise `NotAllowed` unless the actor may change that account: by role or as a superuser; a superuser's, as one."""
    may = actor.is_active and (actor.is_superuser or CHANGE in actor.granted_permissions)
    if not may or (user.is_superuser and not actor.is_superuser):
        raise NotAllowed("Bạn không có quyền đổi tài khoản này.")


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
        "address": addresses.absolute(reverse("admin:accounts_user_history", args=[user.pk])),
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
