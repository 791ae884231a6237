"""People and organisations as live editions printed them."""

from functools import partial

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from news.queries import listings
from news.web import gathering, public


@public
def person_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """A person: in which position, when, in which delegation; the articles. Five queries."""
    now = timezone.now()
    person = listings.person(pk, now)
    if person is None:
        raise Http404
    return gathering(
        request,
        "news/person_detail.html",
        at=now,
        address=reverse("person_detail", args=[person.slug, person.id]),
        cards=partial(listings.person_page, person, now),
        feed_url=reverse("person_rss", args=[person.slug, person.id]),
        person=person,
    )


@public
def organisation_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """An organisation and the articles about its delegations."""
    now = timezone.now()
    organisation = listings.organisation(pk, now)
    if organisation is None:
        raise Http404
    return gathering(
        request,
        "news/organisation_detail.html",
        at=now,
        address=reverse("organisation_detail", args=[organisation.slug, organisation.id]),
        cards=partial(listings.organisation_page, organisation, now),
        organisation=organisation,
    )
