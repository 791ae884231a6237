"""Xem nhiều nhất: views *in* the window, of articles that are live."""

from datetime import datetime, timedelta

from django.db.models import Sum

from news.models import ViewCount
from news.queries.cards import Card, chosen

WINDOWS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
LABELS = {"24h": "24 giờ", "7d": "7 ngày", "30d": "30 ngày"}


def most_read(at: datetime, window: str = "24h", limit: int = 10) -> list[Card]:
    """The most viewed live articles of the window, most views first. Two queries. Raises `KeyError`."""
    since = at - WINDOWS[window]
    rows = (
        ViewCount.objects.filter(hour__gt=since, hour__lte=at)
        .values("article_id")
        .annotate(total=Sum("count"))
        .order_by("-total", "-article_id")
    )
    # A few more than asked for, since withdrawn articles keep their counts.
    return chosen([row["article_id"] for row in rows[: limit * 3]], at)[:limit]
