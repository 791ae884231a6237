"""Standing pages: who we are, how to reach us, the rules; the few pages in English; the map of the site."""

from django.http import Http404, HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from news.queries import standing
from news.web import frame, public, show


def _answer(request: HttpRequest, template: str, lang: str) -> HttpResponseBase:
    page = standing.standing_page(request.path)
    if page is None:
        raise Http404
    site = frame()
    return show(
        template,
        site=site,
        standing=page,
        lang=lang,
        page_title=page.title,
        description=page.description,
        canonical=f"{site.url}{page.url}",
    )


@public
def standing_page(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A page in Vietnamese. Four queries."""
    return _answer(request, "news/standing_page.html", "vi")


@public
def english_page(request: HttpRequest, slug: str = "") -> HttpResponseBase:
    """A page in English. Four queries."""
    return _answer(request, "news/english_page.html", "en")


@public
def standing_moved(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A short address of a page in Vietnamese leads to its own, where there is one. One query."""
    address = reverse("standing_page", args=[slug])
    if standing.standing_page(address) is None:
        raise Http404
    return HttpResponsePermanentRedirect(address)


@public
def site_map(request: HttpRequest) -> HttpResponseBase:
    """Where everything is, for people. Three queries."""
    site = frame(timezone.now())
    return show("news/site_map.html", site=site, page_title="Sơ đồ trang", canonical=f"{site.url}{reverse('site_map')}")
