"""Erasing a person's account: what `services.privacy.erase` of the newsroom asks of this app."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db.models import F, ProtectedError, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts import log_ins
from accounts.models import User

UNVERIFIED_DAYS = 7
"""How long a registration waits for its address to be verified."""
TOLD_BEFORE = timedelta(days=30)
"""How long before an unused account goes its owner is told."""
_ERASED = "Tài khoản đã xóa"


def erase_of(*, contact_ids: Iterable[int], user_ids: Iterable[int], strings: list[str], at: datetime) -> int:
    """Erase these accounts in the caller's transaction, log them out everywhere; how many rows went or were blanked.

    An account that wrote for the newsroom, or that rows of the newsroom name, stays as an empty, closed one: what was
    published keeps its history. Accounts of people who work here are not erased but closed by an administrator, and so
    are left out. `contact_ids` and `strings` mean nothing here: accounts hold no free text.
    """
    count = 0
    for user in User.objects.filter(pk__in=list(user_ids), is_staff=False, is_superuser=False).order_by("pk"):
        count += _belongings(user)
        if user.staff_since is None and not user.groups.exists():
            try:
                user.delete()
            except ProtectedError:
                _blank(user)
        else:
            _blank(user)
        count += 1
    return count


def _belongings(user: User) -> int:
    """Sessions first, so that nothing goes on under the account."""
    count = log_ins.end(user.pk)
    for rows in (
        SocialToken.objects.filter(account__user=user),
        SocialAccount.objects.filter(user=user),
        Authenticator.objects.filter(user=user),
        EmailAddress.objects.filter(user=user),
    ):
        count += rows.delete()[0]
    return count


def _blank(user: User) -> None:
    user.username, user.full_name, user.email, user.phone = f"da-xoa-{user.pk}", _ERASED, None, ""
    user.password, user.is_active, user.last_login = make_password(None), False, None
    user.save()
    user.groups.clear()
    user.user_permissions.clear()


def unverified(*, at: datetime) -> QuerySet[User]:
    """Registrations whose address nobody verified in time."""
    verified = EmailAddress.objects.filter(verified=True).values("user_id")
    return User.objects.filter(
        Q(is_staff=False, is_superuser=False, staff_since=None, last_login=None),
        username__startswith="bd-",
        date_joined__lt=at - timedelta(days=UNVERIFIED_DAYS),
    ).exclude(pk__in=verified)


def sweep_unverified(*, at: datetime) -> int:
    """Erase registrations whose address nobody verified in time; how many accounts."""
    pks = list(unverified(at=at).order_by("pk").values_list("pk", flat=True)[:500])
    erase_of(contact_ids=(), user_ids=pks, strings=[], at=at)
    return len(pks)


def unused_after() -> timedelta:
    """How long a reader's account is kept after its last log-in."""
    return timedelta(days=math.ceil(settings.READER_ACCOUNT_MONTHS * 365.25 / 12))


def soon_unused(*, at: datetime) -> QuerySet[User]:
    """Readers' accounts whose time without a log-in is over in a month, and whose owners were not told yet."""
    untold = Q(unused_told_at=None) | Q(unused_told_at__lte=F("used_at"))
    return _readers(at - unused_after() + TOLD_BEFORE).filter(untold)


def unused(*, at: datetime) -> QuerySet[User]:
    """Readers' accounts whose time without a log-in is over, a month or more after their owners were told."""
    return _readers(at - unused_after()).filter(unused_told_at__gt=F("used_at"), unused_told_at__lt=at - TOLD_BEFORE)


def _readers(used_before: datetime) -> QuerySet[User]:
    """Open accounts of readers, last used before then; none where they are kept without end."""
    readers = User.objects.filter(is_active=True, is_staff=False, is_superuser=False, staff_since=None, groups=None)
    readers = readers.annotate(used_at=Coalesce("last_login", "date_joined")).filter(used_at__lt=used_before)
    return readers if settings.READER_ACCOUNT_MONTHS else readers.none()
