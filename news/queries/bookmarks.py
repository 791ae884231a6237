"""What a reader put aside. Articles that are gone say so without their title."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from news.models import Bookmark, Edition
from news.queries import addresses, cards, own
from news.queries.cards import Card


@dataclass(frozen=True, slots=True)
class Kept:
    """An article put aside; `card` is None once readers no longer see it."""

    article_id: int
    saved: str
    saved_iso: str
    card: Card | None


def is_kept(user_id: int, article_id: int) -> bool:
    """Whether the reader put it aside. One query."""
    return Bookmark.objects.filter(user_id=user_id, article_id=article_id).exists()


def mine(user_id: int, at: datetime, cursor: str = "", size: int = own.PAGE) -> own.Page[Kept]:
    """A page of the reader's list: two queries, one when it is empty. Raises `BadCursor`."""
    rows, older = own.cut(Bookmark.objects.filter(user_id=user_id), cursor, size)
    live = {card.id: card for card in cards.chosen([row.article_id for row in rows], at)}
    items = tuple(
        Kept(row.article_id, addresses.clock(row.created_at, at), row.created_at.isoformat(), live.get(row.article_id))
        for row in rows
    )
    return own.Page(items, older, is_first=not cursor)


def export_of(*, contact_ids: list[int], user_ids: list[int]) -> list[dict[str, Any]]:
    """What these readers put aside, as they may take it with them, in Vietnamese words. Two queries."""
    rows = list(Bookmark.objects.filter(user_id__in=user_ids).order_by("pk").values_list("article_id", "created_at"))
    live = Edition.objects.live().filter(article_id__in=[number for number, _ in rows])
    seen = {number: (title, slug) for number, title, slug in live.values_list("article_id", "title", "slug")}
    found = []
    for number, moment in rows:
        title, slug = seen.get(number, ("", ""))
        found.append(
            {
                "Bài": title or f"Bài số {number}, không còn trên trang",
                "Địa chỉ": addresses.absolute(addresses.article(slug, number)) if title else "",
                "Lưu lúc": own.moment(moment),
            }
        )
    return found
