"""What feeds and sitemaps list: the newest live editions of the site, a section, a tag, a person."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, models
from django.urls import reverse
from django.utils import timezone

from news.models import (
    Edition,
    EditionPerson,
    EditionSection,
    EditionTag,
    Masthead,
    Section,
)
from news.models.edition import EditionLinkQuerySet
from news.queries import addresses, listings
from news.queries.archive import newest_month
from news.queries.pictures import Picture, picture_of
from news.queries.site import STANDING_MAX, public_pages

FEED_SIZE = 30
SITEMAP_SIZE = 50_000
NEWS_WINDOW = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Item:
    """An article in a feed; addresses are absolute."""

    id: int
    title: str
    lead: str
    url: str
    section: str
    published_at: datetime
    updated_at: datetime
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: what it is of, where its page is (a path), who publishes it, its items; the moment it was asked for."""

    title: str
    page: str
    description: str
    publisher: str
    items: tuple[Item, ...]
    asked_at: datetime


_COLUMNS = (
    "article_id", "title", "slug", "lead", "card_image", "published_at", "sealed_at", "visible_from", "section__name",
)  # fmt: skip


def _item(row: Edition) -> Item:
    return Item(
        id=row.article_id,
        title=row.title,
        lead=row.lead,
        url=addresses.absolute(addresses.article(row.slug, row.article_id)),
        section=row.section.name,
        published_at=row.published_at,
        updated_at=max(row.visible_from, row.published_at),
        picture=picture_of(row.card_image),
    )


def _site_name() -> str:
    return Masthead.objects.values_list("name", flat=True).first() or "Tòa soạn"


def site_feed(at: datetime) -> Feed:
    """The newest of the whole site. Two queries."""
    rows = Edition.objects.live(at).newest_first().select_related("section").only(*_COLUMNS)
    name = _site_name()
    items = tuple(_item(row) for row in rows.fetch_mode(models.FETCH_RAISE)[:FEED_SIZE])
    return Feed(name, "/", f"Tin mới của {name}", name, items, at)


def _linked(rows: EditionLinkQuerySet, at: datetime) -> tuple[Item, ...]:
    found = rows.live(at).newest_first().select_related("edition__section")
    light = found.only("published_at", *(f"edition__{name}" for name in _COLUMNS)).fetch_mode(models.FETCH_RAISE)
    return tuple(_item(row.edition) for row in light[:FEED_SIZE])


def section_feed(slug: str, at: datetime) -> Feed | None:
    """The newest of a section; None when there is none of that address. Three queries."""
    section: Section | None = listings.section_named(slug)
    if section is None:
        return None
    items = _linked(EditionSection.objects.filter(section_id=section.pk), at)
    name = _site_name()
    return Feed(f"{section.name} · {name}", f"/{slug}/", f"Tin mới trong mục {section.name}", name, items, at)


def tag_feed(slug: str, at: datetime) -> Feed | None:
    """The newest of the tag or topic of that address, or of the one it was merged into; None otherwise."""
    head = listings.tag(slug, at)
    if head is None:
        return None
    items = _linked(EditionTag.objects.filter(tag_id__in=head.ids), at)
    name = _site_name()
    return Feed(f"{head.name} · {name}", f"/chu-de/{head.slug}/", f"Tin mới về {head.name}", name, items, at)


def person_feed(slug: str, pk: int, at: datetime) -> Feed | None:
    """The newest that name the person of that number, or the one it was merged into; None otherwise."""
    head = listings.person(pk, at)
    if head is None:
        return None
    items = _linked(EditionPerson.objects.filter(person_id__in=head.ids), at)
    name = _site_name()
    page = f"/nhan-su/{head.slug}-{head.id}/"
    return Feed(f"{head.name} · {name}", page, f"Tin mới có {head.name}", name, items, at)


# --- Sitemaps ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page:
    """A page in a sitemap; `url` absolute."""

    url: str
    changed_at: datetime | None


# A loose index scan: from the newest article to the newest one before its month, and so on; a look-up a month.
_MONTHS = """
    WITH RECURSIVE step(moment) AS (
        SELECT max(published_at) FROM news_edition WHERE visible_from <= %s AND visible_until > %s
        UNION ALL
        SELECT (
            SELECT max(published_at) FROM news_edition
            WHERE visible_from <= %s AND visible_until > %s AND published_at < {month_start}
        ) FROM step WHERE moment IS NOT NULL
    )
    SELECT moment FROM step WHERE moment IS NOT NULL
"""
_MONTH_START = {
    "sqlite": "datetime(moment, '+7 hours', 'start of month', '-7 hours')",
    "postgresql": "date_trunc('month', moment AT TIME ZONE 'Asia/Ho_Chi_Minh') AT TIME ZONE 'Asia/Ho_Chi_Minh'",
}


def months(at: datetime) -> list[tuple[int, int]]:
    """The months (year, month) in which live articles were published, newest first. One query."""
    moment = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS.format(month_start=_MONTH_START[connection.vendor]), [moment] * 4)
        rows = [row[0] for row in cursor.fetchall()]
    found = [datetime.fromisoformat(row).replace(tzinfo=UTC) if isinstance(row, str) else row for row in rows]
    return [(day.year, day.month) for day in map(timezone.localtime, found)]


def month_pages(year: int, month: int, at: datetime) -> list[Page]:
    """The live articles of a month, SITEMAP_SIZE (the protocol's limit) at most. One query."""
    start = datetime(year, month, 1, tzinfo=timezone.get_default_timezone())
    end = start + timedelta(days=monthrange(year, month)[1])
    rows = (
        Edition.objects.live(at)
        .filter(published_at__gte=start, published_at__lt=end)
        .newest_first()
        .values_list("slug", "article_id", "visible_from")[:SITEMAP_SIZE]
    )
    return [Page(addresses.absolute(addresses.article(slug, pk)), changed) for slug, pk, changed in rows]


def pages(at: datetime) -> list[Page]:
    """The front page, every section, and what stands beside the news. Three queries."""
    slugs = Section.objects.order_by("order", "id").values_list("slug", flat=True)
    newest = newest_month(at)
    paths = [
        "/",
        *(addresses.section(slug) for slug in slugs),
        *(reverse(name) for name in ("delegation_list", "most_read", "site_map")),
        *([newest.url] if newest else []),
        *public_pages().order_by("pk").values_list("url", flat=True)[:STANDING_MAX],
    ]
    return [Page(addresses.absolute(path), None) for path in paths]


def recent(at: datetime) -> tuple[str, list[Item]]:
    """The site's name and the articles of the last two days, 1,000 at most. Two queries."""
    rows = Edition.objects.live(at).filter(published_at__gt=at - NEWS_WINDOW).newest_first().select_related("section")
    return _site_name(), [_item(row) for row in rows.only(*_COLUMNS).fetch_mode(models.FETCH_RAISE)[:1000]]
