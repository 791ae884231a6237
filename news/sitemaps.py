"""Sitemaps: an index with a file a month, and the last two days for news search. Written out as they are read."""

from collections.abc import Iterable
from datetime import datetime
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from news.queries import feed_items
from news.queries.feed_items import Page
from news.web import public, xml_text

_SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


def _xml(lines: Iterable[str]) -> HttpResponse:
    text = "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', *lines, ""])
    return HttpResponse(text, content_type="application/xml; charset=utf-8")


def _moment(moment: datetime) -> str:
    return timezone.localtime(moment).isoformat("T", "seconds")


def _urls(pages: Iterable[Page]) -> HttpResponse:
    lines = [
        f"<url><loc>{escape(page.url)}</loc>"
        + (f"<lastmod>{_moment(page.changed_at)}</lastmod>" if page.changed_at else "")
        + "</url>"
        for page in pages
    ]
    return _xml([f'<urlset xmlns="{_SCHEMA}">', *lines, "</urlset>"])


@public
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """/sitemap.xml: the pages, then every month that has articles. One query."""
    months = [f"/sitemap-{year:04d}-{month:02d}.xml" for year, month in feed_items.months(timezone.now())]
    lines = [
        f"<sitemap><loc>{escape(settings.SITE_URL + path)}</loc></sitemap>" for path in ("/sitemap-trang.xml", *months)
    ]
    return _xml([f'<sitemapindex xmlns="{_SCHEMA}">', *lines, "</sitemapindex>"])


@public
def sitemap_pages(request: HttpRequest) -> HttpResponse:
    """The front page, the sections, the standing pages, the delegations, the archive. Three queries."""
    return _urls(feed_items.pages(timezone.now()))


@public
def sitemap_month(request: HttpRequest, year: int, month: int) -> HttpResponse:
    """The articles of one month; a month without any is no page."""
    if not (1900 <= year <= 2200 and 1 <= month <= 12):
        raise Http404
    pages = feed_items.month_pages(year, month, timezone.now())
    if not pages:
        raise Http404
    return _urls(pages)


@public
def sitemap_news(request: HttpRequest) -> HttpResponse:
    """/sitemap-tin-tuc.xml: what was published in the last 48 hours."""
    name, items = feed_items.recent(timezone.now())
    lines = [
        f"<url><loc>{escape(item.url)}</loc><news:news><news:publication><news:name>{escape(xml_text(name))}</news:name>"
        "<news:language>vi</news:language></news:publication>"
        f"<news:publication_date>{_moment(item.published_at)}</news:publication_date>"
        f"<news:title>{escape(xml_text(item.title))}</news:title></news:news></url>"
        for item in items
    ]
    if not lines:  # the schema wants one address at least
        lines = [f"<url><loc>{escape(settings.SITE_URL)}/</loc></url>"]
    return _xml([f'<urlset xmlns="{_SCHEMA}" xmlns:news="{_NEWS}">', *lines, "</urlset>"])
