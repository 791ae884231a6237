"""Leaving: a reader deletes the account, and with it what the newsroom keeps of them."""

from datetime import datetime

from django.db import transaction

from accounts import erasing
from accounts.models import User
from news.workflow import NotAllowed


def leave(*, user: User, at: datetime) -> None:
    """Erase the account of its owner, who asked for it. Raises `NotAllowed` for people of the newsroom."""
    if user.is_staff or user.is_superuser:
        raise NotAllowed("Tài khoản của người trong tòa soạn do quản trị khóa, không tự xóa được.")
    with transaction.atomic():
        erasing.erase_of(contact_ids=(), user_ids=[user.pk], strings=[], at=at)
