"""What a reader was told, and how they want to hear. Articles that are gone are named by no title."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef
from django.urls import reverse

from news.models import CommentDeed, CommentEvent, Edition, Notification, NotificationChoice, NotificationKind
from news.queries import addresses, comments, follows, own

WORDS: Final = {
    NotificationKind.COMMENT_ANSWERED: "Có người trả lời bình luận của bạn",
    NotificationKind.COMMENT_DECIDED: "Tòa soạn đã xem xét bình luận của bạn",
    NotificationKind.FEEDBACK_ANSWERED: "Tòa soạn đã trả lời thư của bạn",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A line of the list; `words` and `title` (the article's, "" when there is none) are those of now."""

    id: int
    words: str
    title: str
    is_new: bool
    time: str
    time_iso: str


def mine(user_id: int, at: datetime, cursor: str = "", size: int = own.PAGE) -> own.Page[Notice]:
    """A page of what the reader was told: two queries, one when there is no article among it; one more where they were
    locked out. Raises `BadCursor`.
    """
    blocked = CommentEvent.objects.filter(comment=OuterRef("comment_id"), deed=CommentDeed.BLOCK)
    told = Notification.objects.filter(user_id=user_id, is_listed=True).select_related("comment__appeal")
    told = told.annotate(is_of_block=Exists(blocked))
    rows, older = own.cut(told.defer("comment__body", "comment__held_for"), cursor, size)
    titles: dict[int, str] = {}
    if numbers := {row.article_id for row in rows if row.article_id}:
        titles = dict(Edition.objects.live(at).filter(article_id__in=numbers).values_list("article_id", "title"))
    lockout = comments.lockout_of(user_id, at) if any(row.is_of_block for row in rows) else ""
    items = tuple(
        Notice(
            id=row.pk,
            words=words_of(row, lockout if row.is_of_block else ""),
            title=titles.get(row.article_id or 0, ""),
            is_new=row.read_at is None,
            time=addresses.clock(row.created_at, at),
            time_iso=row.created_at.isoformat(timespec="seconds"),
        )
        for row in rows
    )
    return own.Page(items, older, is_first=not cursor)


def words_of(row: Notification, lockout: str = "") -> str:
    """What the reader is told; a decision as it is now, so that no earlier one is kept anywhere.

    `lockout` is that of its comment, `comments.lockout`.
    """
    said = ""
    if row.kind == NotificationKind.COMMENT_DECIDED and row.comment is not None:
        said = comments.outcome(row.comment, lockout)
    return said or WORDS[NotificationKind(row.kind)]


def place_of(row: Notification, at: datetime) -> str:
    """The path of the page that shows what the reader was told of."""
    if row.feedback_id is not None:
        return addresses.own_letter(row.feedback_id)
    if row.kind == NotificationKind.COMMENT_DECIDED:
        return reverse("reader_comments")
    slug = None
    if row.article_id is not None:
        slug = Edition.objects.live(at).filter(article_id=row.article_id).values_list("slug", flat=True).first()
    if row.article_id is None or slug is None:
        return reverse("reader_comments")
    return f"{addresses.article(slug, row.article_id, 'comment_list')}{row.comment_id}/#binh-luan-{row.comment_id}"


@dataclass(frozen=True, slots=True)
class Unread:
    """How many there are of each, counted up to 20; in words "0", "7", "20+"."""

    notices: int
    articles: int

    @property
    def words(self) -> str:
        """Both together."""
        return own.up_to(self.notices + self.articles)

    @property
    def notices_words(self) -> str:
        """What the reader was told."""
        return own.up_to(self.notices)

    @property
    def articles_words(self) -> str:
        """New articles of what is followed."""
        return own.up_to(self.articles)

    @property
    def has_any(self) -> bool:
        """Whether there is something to say."""
        return self.notices + self.articles > 0


def unread(user_id: int, at: datetime) -> Unread:
    """What the reader has not seen: one query, and those of `follows.new_count`."""
    rows = Notification.objects.filter(user_id=user_id, is_listed=True, read_at=None).values_list("pk")
    return Unread(len(rows[: own.MANY + 1]), follows.new_count(user_id, at))


def choices(user_id: int) -> dict[NotificationKind, NotificationChoice]:
    """How the reader wants to hear of each kind, what they never touched as it is for everyone. One query."""
    rows = {row.kind: row for row in NotificationChoice.objects.filter(user_id=user_id)}
    return {kind: rows.get(kind) or NotificationChoice(user_id=user_id, kind=kind) for kind in NotificationKind}


def export_of(*, contact_ids: list[int], user_ids: list[int]) -> list[dict[str, Any]]:
    """What these readers were told and how they want to hear, as they may take it with them. Two queries."""
    told = Notification.objects.filter(user_id__in=user_ids).order_by("pk")
    found: list[dict[str, Any]] = [
        {
            "Thông báo": WORDS[NotificationKind(row.kind)],
            "Lúc": own.moment(row.created_at),
            "Đã đọc": own.moment(row.read_at) if row.read_at else "chưa",
            "Gửi thư": own.moment(row.mailed_at) if row.mailed_at else "không",
        }
        for row in told
    ]
    chosen = NotificationChoice.objects.filter(user_id__in=user_ids).order_by("pk")
    found += [
        {
            "Muốn nhận tin về": NotificationKind(choice.kind).label,
            "Ở trang": "có" if choice.on_page else "không",
            "Qua thư": "có" if choice.by_mail else "không",
        }
        for choice in chosen
    ]
    return found
