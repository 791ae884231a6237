"""The second factor: who needs one, who has one, and whether this session has shown it.

A pure question to the user's row and the session, asked at every road into the desk. Whatever made the session (a
password, a link in a mail, another site's log-in, a cookie from before), it opens the desk only when a second factor
was shown in it, or while the person's time to set one up has not run out.
"""

from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import signing
from django.http import HttpRequest

from accounts.models import FACTORS, User


class Standing(Enum):
    """How a session stands before the desk."""

    READER = "reader"
    """Not of the newsroom."""
    PROVEN = "proven"
    """The second factor was shown in this session."""
    GRACE = "grace"
    """None is set up, and there is time left to do so."""
    MISSING = "missing"
    """None is set up, and the time is over."""
    UNPROVEN = "unproven"
    """There is one, and this session has not shown it."""

    @property
    def may_enter(self) -> bool:
        """Whether the desk is open."""
        return self in {Standing.PROVEN, Standing.GRACE}


def has_one(user: User) -> bool:
    """Whether the user has set up a second factor. No query for the user of a request (`accounts.backends`)."""
    known: bool | None = getattr(user, "has_second_factor", None)
    return Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists() if known is None else known


def was_shown(request: HttpRequest, user: User) -> bool:
    """Whether this session has seen the user's second factor."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, user))


def grace_ends(user: User) -> datetime:
    """Until when the desk is open without one: STAFF_MFA_GRACE_DAYS from the day the person joined the newsroom."""
    began: datetime = user.staff_since or user.date_joined
    return began + timedelta(days=settings.STAFF_MFA_GRACE_DAYS)


def standing(request: HttpRequest, at: datetime) -> Standing:
    """How the session of this request stands. No query."""
    user = request.user
    if not isinstance(user, User) or not user.is_active or not user.is_staff:
        return Standing.READER
    if not has_one(user):
        return Standing.GRACE if at < grace_ends(user) else Standing.MISSING
    return Standing.PROVEN if was_shown(request, user) else Standing.UNPROVEN


# --- Setting one up when the time is over -----------------------------------------------------------------

LINK_LASTS: Final = timedelta(hours=1)
"""How long the mailed link is good, and the session in which it was opened."""
_LINK: Final = signing.TimestampSigner(salt="accounts.second_factor.late")
_OPENED: Final = "second-factor-late"


def may_set_up(request: HttpRequest, at: datetime) -> bool:
    """Whether this session may add a factor. Once the time is over a password alone may not: it could be stolen.

    Then the session has to have opened a link that was mailed to the account's address.
    """
    if standing(request, at) is not Standing.MISSING:
        return True
    opened = request.session.get(_OPENED)
    return (
        isinstance(opened, dict) and opened.get("user") == request.user.pk and opened.get("until", 0) > at.timestamp()
    )


def late_token(user: User) -> str:
    """What the mailed link carries."""
    return _LINK.sign(str(user.pk))


def open_late(request: HttpRequest, token: str, at: datetime) -> bool:
    """Let this session add a factor, if the link is the logged-in user's and not too old."""
    try:
        number = _LINK.unsign(token[:200], max_age=LINK_LASTS)
    except signing.BadSignature:
        return False
    if number != str(request.user.pk):
        return False
    request.session[_OPENED] = {"user": request.user.pk, "until": (at + LINK_LASTS).timestamp()}
    return True
