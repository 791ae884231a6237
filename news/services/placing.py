"""Placing: a comment stands where its status belongs, and the numbers beside it are right, in one transaction.

Locks are taken in one order: the first comment of a thread, then the answer, then the article's tally.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from news.models import Comment, CommentStatus, CommentTally

_LISTED = Case(
    When(Q(parent=None) & (Q(status=CommentStatus.SHOWN) | Q(reply_count__gt=0)), then=Value(True)),
    default=Value(False),
)


def locked(comment_id: int) -> Comment:
    """The comment, its thread's first one too, locked until the transaction ends. Raises `Comment.DoesNotExist`."""
    parent_id = Comment.objects.values_list("parent_id", flat=True).get(pk=comment_id)
    if parent_id is not None:
        lock_thread(parent_id)
    return Comment.objects.select_for_update(of=("self",)).select_related("contact", "author").get(pk=comment_id)


def lock_thread(root_id: int) -> Comment:
    """The first comment of a thread, locked. Raises `Comment.DoesNotExist`."""
    return Comment.objects.select_for_update().get(pk=root_id)


def add(row: Comment) -> None:
    """Write a new comment and count it; of an answer the thread is locked by the caller."""
    row.is_listed = row.parent_id is None and row.status == CommentStatus.SHOWN
    row.save(force_insert=True)
    _count(row, "", row.status)


def put(row: Comment, status: CommentStatus, **fields: Any) -> None:
    """Give a locked comment another status, and the values of `fields` in the same statement."""
    was, row.status = row.status, status
    for name, value in fields.items():
        setattr(row, name, value)
    row.is_listed = row.parent_id is None and (status == CommentStatus.SHOWN or row.reply_count > 0)
    row.save(update_fields=["status", "is_listed", *fields])
    if was != status:
        _count(row, was, status)


def _count(row: Comment, was: str, now: str) -> None:
    shown = (now == CommentStatus.SHOWN) - (was == CommentStatus.SHOWN)
    held = (now == CommentStatus.HELD) - (was == CommentStatus.HELD)
    if row.parent_id is not None and shown:
        root = Comment.objects.filter(pk=row.parent_id)
        root.update(reply_count=F("reply_count") + shown)
        root.update(is_listed=_LISTED)
    if shown or held:
        CommentTally.objects.get_or_create(article_id=row.article_id)
        CommentTally.objects.filter(article_id=row.article_id).update(shown=F("shown") + shown, held=F("held") + held)


def recount(article_ids: Iterable[int]) -> int:
    """Make the numbers of these articles anew from their rows; how many articles had wrong ones."""
    return sum(_recount(pk) for pk in article_ids)


def _recount(article_id: int) -> bool:
    def of_replies(condition: Q) -> Coalesce:
        rows = Comment.objects.filter(condition, parent=OuterRef("pk")).order_by().values("parent")
        return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)

    with transaction.atomic():
        CommentTally.objects.get_or_create(article_id=article_id)
        tally = CommentTally.objects.select_for_update().get(article_id=article_id)
        rows = Comment.objects.filter(article_id=article_id)
        right = rows.annotate(right=of_replies(Q(status=CommentStatus.SHOWN))).filter(parent=None)
        wrong = list(right.exclude(reply_count=F("right")))
        for row in wrong:
            row.reply_count = row.right
        Comment.objects.bulk_update(wrong, ["reply_count"], batch_size=500)
        unlisted = rows.exclude(is_listed=_LISTED).update(is_listed=_LISTED)
        counts = {status: rows.filter(status=status).count() for status in (CommentStatus.SHOWN, CommentStatus.HELD)}
        before = (tally.shown, tally.held)
        tally.shown, tally.held = counts[CommentStatus.SHOWN], counts[CommentStatus.HELD]
        tally.save(update_fields=["shown", "held"])
    return bool(wrong or unlisted or before != (tally.shown, tally.held))
