"""Counting: one view of one article, into the bucket of its hour. Nothing of the reader is asked or kept."""

from datetime import datetime

from django.db import connection, transaction

from news.models import Edition

_ADD = (
    "INSERT INTO news_viewcount (article_id, hour, count) VALUES (%s, %s, 1)"
    " ON CONFLICT (article_id, hour) DO UPDATE SET count = news_viewcount.count + 1"
)


def count_view(*, article_id: int, at: datetime) -> bool:
    """Add one view, if readers see the article at that moment; whether it was counted."""
    if not Edition.objects.live(at).filter(article_id=article_id).exists():
        return False
    hour = connection.ops.adapt_datetimefield_value(at.replace(minute=0, second=0, microsecond=0))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ADD, [article_id, hour])
    return True
