"""Delegations: the list of visits and each one, as live editions printed them."""

from functools import partial

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from news.queries import listings
from news.web import cursor_of, frame, gathering, listed, public, show


@public
def delegation_list(request: HttpRequest) -> HttpResponseBase:
    """Visits, by the newest article that tells of them."""
    now = timezone.now()
    site = frame(now)
    page = listed(lambda: listings.delegation_boxes(now, cursor_of(request)))
    return show(
        "news/delegation_list.html",
        site=site,
        boxes=page.boxes,
        older=page.older,
        is_first=page.is_first,
        canonical=f"{site.url}{reverse('delegation_list')}",
    )


@public
def delegation_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """One visit, its people and the articles about it."""
    now = timezone.now()
    visit = listings.delegation(pk, now)
    if visit is None:
        raise Http404
    return gathering(
        request,
        "news/delegation_detail.html",
        at=now,
        address=visit.box.url,
        cards=partial(listings.delegation_page, visit, now),
        box=visit.box,
    )
