"""Bookmarking: a reader puts an article aside, and takes it off again."""

from datetime import datetime
from typing import Final

from django.db import transaction

from news.models import Bookmark, Edition

MOST: Final = 1000
"""Articles one reader keeps."""


class NotKept(Exception):
    """The article cannot be put aside; the message says why."""


def keep(*, user_id: int, article_id: int, at: datetime) -> None:
    """Put an article aside that readers see now; again changes nothing. Raises `NotKept`."""
    if not Edition.objects.live(at).filter(article_id=article_id).exists():
        raise NotKept("Bài này không còn trên trang.")
    with transaction.atomic():
        mine = Bookmark.objects.filter(user_id=user_id)
        if not mine.filter(article_id=article_id).exists() and mine.count() >= MOST:
            raise NotKept(f"Bạn đã lưu {MOST} bài. Hãy bỏ bớt những bài không cần nữa.")
        Bookmark.objects.get_or_create(user_id=user_id, article_id=article_id, defaults={"created_at": at})


def forget(*, user_id: int, article_id: int) -> None:
    """Take it off the reader's list, whatever became of the article."""
    Bookmark.objects.filter(user_id=user_id, article_id=article_id).delete()


def erase_of(*, contact_ids: list[int], user_ids: list[int], strings: list[str], at: datetime) -> int:
    """Delete what these readers put aside; how many. There is no word of theirs in it."""
    count, _ = Bookmark.objects.filter(user_id__in=user_ids).delete()
    return count
