"""The front page and the most viewed."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from news.queries.front_page import front_page
from news.queries.most_read import LABELS, WINDOWS
from news.queries.most_read import most_read as most_read_cards
from news.web import frame, public, show


@public
def home(request: HttpRequest) -> HttpResponseBase:
    """The front page."""
    now = timezone.now()
    site = frame(now)
    return show("news/home.html", site=site, front=front_page(site.sections, now), canonical=f"{site.url}/")


@public
def most_read(request: HttpRequest) -> HttpResponseBase:
    """Xem nhiều nhất in one of three windows; an unknown one is no page."""
    window = request.GET.get("trong") or "24h"
    if window not in WINDOWS:
        raise Http404
    now = timezone.now()
    site = frame(now)
    address = reverse("most_read")
    windows = [
        {"key": key, "label": label, "url": f"{address}?trong={key}", "is_current": key == window}
        for key, label in LABELS.items()
    ]
    return show(
        "news/most_read.html",
        site=site,
        windows=windows,
        cards=most_read_cards(now, window, limit=20),
        canonical=f"{site.url}{address}?trong={window}",
    )
