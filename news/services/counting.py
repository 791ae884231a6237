"""Counting: one view of one article, into the bucket of its hour. Nothing of the reader is kept.

Views that arrive together are written together: each waits until the batch it is in has been committed, so what was
answered is counted, exactly once, whatever happens to the process afterwards. Who has just read the same article is
known for half an hour by a salted hash in the cache's memory; salt and hash are never written down (a Redis that serves
as this cache is to be run without persistence).
"""

import hashlib
import hmac
import re
import secrets
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.core.cache import cache
from django.db import DatabaseError, connection, transaction

from news.models import Edition

REPEAT_SECONDS: Final = 30 * 60
_SALT_SECONDS: Final = 24 * 3600
# What says of itself that it is no reader: crawlers, previews of shared links, monitors, programs.
_BOTS: Final = re.compile(
    r"(?<!cu)bots?\b|crawl|spider|slurp|scrape|preview|externalhit|facebookcatalog|embed|fetch|monitor|uptime|pingdom"
    r"|lighthouse|pagespeed|archiver|feed|\brss|validator|\bcurl/|wget|python|aiohttp|httpx|okhttp|\bjava/|libwww"
    r"|\bperl/|\bruby/|\bphp/|go-http|\bnode\b|axios|postman|insomnia|\bwrk\b|\bab/|siege",
    re.IGNORECASE,
)


class NotCounted(Exception):
    """The database did not take the batch; the view may be sent again."""


@dataclass(eq=False)
class _Batch:
    """Views by (article, hour) that are written together; `taken` are the articles that readers saw at that moment."""

    views: Counter[tuple[int, datetime]] = field(default_factory=Counter)
    at: datetime | None = None
    taken: frozenset[int] | None = None
    failed: bool = False


_joining = threading.Lock()
_writing = threading.Lock()
_open = _Batch()


def is_bot(agent: str) -> bool:
    """Whether a User-Agent names a program instead of a reader's browser; a missing one does."""
    return not agent or bool(_BOTS.search(agent))


def count_view(*, article_id: int, address: str, agent: str, at: datetime) -> bool:
    """Add one view, if a reader made it and sees the article at that moment; whether it was counted.

    `address` and `agent` only tell a repeat (same article within half an hour) from a new view. Returns when the view
    is in the database. Raises `NotCounted`.
    """
    if is_bot(agent):
        return False
    mark = _mark(address, agent, article_id)
    if not cache.add(mark, 1, timeout=REPEAT_SECONDS):
        return False
    try:
        return _join(article_id, at)
    except NotCounted:
        cache.delete(mark)
        raise


def _mark(address: str, agent: str, article_id: int) -> str:
    salt = cache.get("view-salt")
    if salt is None:
        cache.add("view-salt", secrets.token_hex(32), timeout=_SALT_SECONDS)
        salt = cache.get("view-salt") or ""
    who = f"{address}\0{agent}\0{article_id}".encode()
    return "view:" + hmac.new(salt.encode(), who, hashlib.sha256).hexdigest()[:32]


def _join(article_id: int, at: datetime) -> bool:
    """Put the view into the open batch and see it written: by whoever comes first, for all that wait by then."""
    global _open  # noqa: PLW0603 - the batch that is open is this process's own state
    with _joining:
        batch = _open
        batch.views[article_id, at.replace(minute=0, second=0, microsecond=0)] += 1
        batch.at = max(batch.at or at, at)
    with _writing:
        if batch.taken is None and not batch.failed:
            with _joining:
                _open = _Batch()
            try:
                batch.taken = _write(batch)
            except DatabaseError:
                batch.failed = True
    if batch.failed:
        raise NotCounted
    return article_id in (batch.taken or ())


def _write(batch: _Batch) -> frozenset[int]:
    """Add the batch to the buckets in one transaction. Returns the articles that were live."""
    asked = {article_id for article_id, _ in batch.views}
    live = frozenset(Edition.objects.live(batch.at).filter(article_id__in=asked).values_list("article_id", flat=True))
    # In one order everywhere, so that two processes never wait for each other's rows.
    rows = sorted((key, count) for key, count in batch.views.items() if key[0] in live)
    if rows:
        places = ", ".join(["(%s, %s, %s)"] * len(rows))
        values: list[Any] = []
        for (article_id, hour), count in rows:
            values += [article_id, connection.ops.adapt_datetimefield_value(hour), count]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO news_viewcount (article_id, hour, count) VALUES {places}"  # noqa: S608 - only places
                " ON CONFLICT (article_id, hour) DO UPDATE SET count = news_viewcount.count + excluded.count",
                values,
            )
    return live
