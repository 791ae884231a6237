"""Leaving: a reader deletes the account, and with it what the newsroom keeps of them."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from accounts import erasing
from accounts.models import User
from news.services import privacy, requesting
from news.workflow import NotAllowed


def leave(*, user: User, at: datetime) -> None:
    """Erase the account of its owner, who asked for it, and all that is kept about them.

    Whoever asks at the same moment as another tab, and comes second, finds it done. Raises `NotAllowed` for people of
    the newsroom, and while an order keeps the data: then the wish is noted.
    """
    if user.is_staff or user.is_superuser:
        raise NotAllowed("Tài khoản của người trong tòa soạn do quản trị khóa, không tự xóa được.")
    try:
        link = requesting.opened(requesting.link_of(user_id=user.pk, at=at), at)
        if link is not None:
            requesting.erase(link=link.link, at=at)
    except requesting.LinkEnded:
        return
    except privacy.Held as order:
        raise NotAllowed(str(order)) from order


def sweep(*, at: datetime) -> int:
    """Erase registrations that nobody verified, and sessions that are over; how many accounts went."""
    with transaction.atomic():
        count = erasing.sweep_unverified(at=at)
    with transaction.atomic():
        Session.objects.filter(expire_date__lt=at).delete()
        UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return count
