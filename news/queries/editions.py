"""Which edition an address means, and what to answer when there is none to show."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum

from django.utils.encoding import escape_uri_path

from news.models import Edition, EditionFile, EditionImage, OldAddress
from news.queries import addresses


class Gone(Enum):
    """Why there is no page: readers once saw the article, or never did (absent and unpublished answer alike)."""

    ONCE = "once visible"
    NEVER = "never visible"


def edition_at(article_id: int, at: datetime) -> Edition | Gone:
    """The edition readers see at that moment. One query, a second one when there is none."""
    columns = ("article_id", "slug", "title", "title_set", "payload")
    edition = Edition.objects.live(at).filter(article_id=article_id).only(*columns).first()
    if edition is not None:
        return edition
    seen = Edition.objects.once_visible(at).filter(article_id=article_id).exists()
    return Gone.ONCE if seen else Gone.NEVER


def is_shown(key: str, at: datetime) -> bool:
    """Whether a live edition shows the picture of that key. One query."""
    return EditionImage.objects.live(at).filter(key=key).exists()


def carried_type(key: str, name: str, at: datetime) -> str:
    """The media type of the file of that key and name, if a live edition carries it; "" otherwise. One query."""
    rows = EditionFile.objects.live(at).filter(key=key, name=name)
    return rows.values_list("content_type", flat=True).first() or ""


def moved(path: str, query: str, at: datetime) -> str | Gone:
    """Where an address of the earlier site leads: by path and query, else by path. One to three queries.

    A path with marks is found whether it was kept as letters or as browsers send it.
    """
    spellings = list(dict.fromkeys((path, escape_uri_path(path))))
    paths = [f"{spelling}?{query}" for spelling in spellings] + spellings if query else spellings
    rows = dict(OldAddress.objects.filter(path__in=paths).values_list("path", "article_id"))
    article_id = next((rows[old] for old in paths if old in rows), None)
    if article_id is None:
        return Gone.NEVER
    found = edition_at(article_id, at)
    return addresses.article(found.slug, article_id) if isinstance(found, Edition) else found


def titles(article_ids: Iterable[int], at: datetime | None = None) -> dict[int, tuple[str, str]]:
    """Title and path of each of these articles that readers see now; the others are not in it. One query."""
    live = Edition.objects.live(at).filter(article_id__in=set(article_ids))
    rows = live.values_list("article_id", "title", "slug")
    return {number: (title, addresses.article(slug, number)) for number, title, slug in rows}
