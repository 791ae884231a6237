"""People and organisations as live editions printed them."""

from django.http import Http404, HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from news.queries import listings
from news.web import cursor_of, frame, listed, public, show


@public
def person_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """A person: in which position, when, in which delegation; the articles. Five queries."""
    now = timezone.now()
    person = listings.person(pk, now)
    if person is None:
        raise Http404
    if (person.slug, person.id) != (slug, pk):
        return HttpResponsePermanentRedirect(reverse("person_detail", args=[person.slug, person.id]))
    site = frame(now)
    return show(
        "news/person_detail.html",
        site=site,
        person=person,
        list=listed(lambda: listings.person_page(person, now, cursor_of(request))),
        canonical=f"{site.url}{reverse('person_detail', args=[slug, pk])}",
        feed_url=reverse("person_rss", args=[slug, pk]),
    )


@public
def organisation_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """An organisation and the articles about its delegations."""
    now = timezone.now()
    organisation = listings.organisation(pk, now)
    if organisation is None:
        raise Http404
    if (organisation.slug, organisation.id) != (slug, pk):
        return HttpResponsePermanentRedirect(reverse("organisation_detail", args=[organisation.slug, organisation.id]))
    site = frame(now)
    return show(
        "news/organisation_detail.html",
        site=site,
        organisation=organisation,
        list=listed(lambda: listings.organisation_page(organisation, now, cursor_of(request))),
        canonical=f"{site.url}{reverse('organisation_detail', args=[slug, pk])}",
    )
