"""The archive: by day, by month, by year."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from news.queries import archive as queries
from news.web import cursor_of, frame, listed, public, show


@public
def archive(request: HttpRequest) -> HttpResponseBase:
    """On to the newest month; before the first article an empty page. One query."""
    now = timezone.now()
    newest = queries.newest_month(now)
    if newest is not None:
        return HttpResponseRedirect(newest.url)
    site = frame(now)
    return show("news/archive.html", site=site, page_title="Lưu trữ", canonical=f"{site.url}{reverse('archive')}")


@public
def archive_year(request: HttpRequest, year: int) -> HttpResponseBase:
    """Twelve months. Six queries."""
    now = timezone.now()
    found = queries.archive_year(year, now)
    if found is None:
        raise Http404
    site = frame(now)
    return show(
        "news/archive_year.html",
        site=site,
        found=found,
        page_title=f"Lưu trữ: {found.heading}",
        canonical=f"{site.url}{request.path}",
    )


@public
def archive_month(request: HttpRequest, year: int, month: int) -> HttpResponseBase:
    """A month's days and articles. Seven queries."""
    address = reverse("archive_month", args=[year, month])
    if request.path != address:
        return HttpResponsePermanentRedirect(address)
    now = timezone.now()
    found = listed(lambda: queries.archive_month(year, month, now, cursor_of(request)))
    if found is None:
        raise Http404
    site = frame(now)
    return show(
        "news/archive_month.html",
        site=site,
        found=found,
        page_title=f"Lưu trữ: {found.heading}",
        canonical=f"{site.url}{address}",
    )


@public
def archive_day(request: HttpRequest, year: int, month: int, day: int) -> HttpResponseBase:
    """A day's articles. Seven queries."""
    try:
        asked = date(year, month, day)
    except ValueError:
        raise Http404 from None
    address = reverse("archive_day", args=[year, month, day])
    if request.path != address:
        return HttpResponsePermanentRedirect(address)
    now = timezone.now()
    found = listed(lambda: queries.archive_day(asked, now, cursor_of(request)))
    if found is None:
        raise Http404
    site = frame(now)
    return show(
        "news/archive_day.html",
        site=site,
        found=found,
        page_title=f"Lưu trữ: {found.heading}",
        canonical=f"{site.url}{address}",
    )
