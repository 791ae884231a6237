"""Leaving: a reader deletes the account, and with it what the newsroom keeps of them."""

from datetime import datetime

from accounts.models import User
from news.models import ErasureReason
from news.services import privacy
from news.workflow import NotAllowed


def leave(*, user: User, at: datetime) -> None:
    """Erase the account of its owner, who asked for it, and what was written under the addresses it has proven.

    Raises `NotAllowed` for people of the newsroom, and while the law has the newsroom keep the data.
    """
    if user.is_staff or user.is_superuser:
        raise NotAllowed("Tài khoản của người trong tòa soạn do quản trị khóa, không tự xóa được.")
    try:
        privacy.erase(user_id=user.pk, at=at, reason=ErasureReason.WISH)
    except privacy.Held as held:
        raise NotAllowed(str(held)) from None
