"""Following: a reader wants to hear of a person, a tag, a section; and no more."""

from datetime import datetime
from typing import Final

from django.db import transaction

from news.models import Follow, FollowDigest, FollowKind
from news.queries import follows

MOST: Final = 200
"""What one reader follows."""


class NotFollowed(Exception):
    """It cannot be followed; the message says why."""


def follow(*, user_id: int, kind: FollowKind, target_id: int, at: datetime) -> None:
    """Follow a person, tag or section that has a public page; again changes nothing.

    What was merged into another is followed as that other. Raises `NotFollowed`.
    """
    if not follows.is_public(kind, target_id, at):
        raise NotFollowed("Mục này không còn trên trang.")
    ids = follows.meaning(kind, target_id)
    with transaction.atomic():
        # The reader's own row, locked: the limit holds for two windows too.
        FollowDigest.objects.get_or_create(user_id=user_id, defaults={"seen_at": at})
        FollowDigest.objects.select_for_update().get(user_id=user_id)
        mine = Follow.objects.filter(user_id=user_id)
        if mine.filter(**{f"{kind}_id__in": ids}).exists():
            return
        if mine.count() >= MOST:
            raise NotFollowed(f"Bạn đang theo dõi {MOST} mục. Hãy bỏ bớt những mục không cần nữa.")
        Follow.objects.create(user_id=user_id, created_at=at, **{f"{kind}_id": ids[0]})


def unfollow(*, user_id: int, kind: FollowKind, target_id: int, at: datetime) -> None:
    """From that moment on no more of it, under whatever number it was followed."""
    ids = follows.meaning(kind, target_id)
    Follow.objects.filter(user_id=user_id, **{f"{kind}_id__in": ids}).delete()


def drop(*, user_id: int, follow_id: int, at: datetime) -> None:
    """No more of what that line of the reader's own list means; another's number changes nothing."""
    row = Follow.objects.filter(user_id=user_id, pk=follow_id).first()
    if row is not None:
        kind, target_id = row.target
        unfollow(user_id=user_id, kind=kind, target_id=target_id, at=at)


def look(*, user_id: int, at: datetime) -> None:
    """The reader has seen what is new among what they follow."""
    with transaction.atomic():
        FollowDigest.objects.update_or_create(user_id=user_id, defaults={"seen_at": at})


def erase_of(*, contact_ids: list[int], user_ids: list[int], strings: list[str], at: datetime) -> int:
    """Delete what these readers follow and how far they were told; how many rows. No word of theirs is in it."""
    with transaction.atomic():
        count, _ = Follow.objects.filter(user_id__in=user_ids).delete()
        more, _ = FollowDigest.objects.filter(user_id__in=user_ids).delete()
    return count + more
