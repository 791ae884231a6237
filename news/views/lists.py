"""Lists of articles: of a section, a tag or topic, an author."""

from functools import partial

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from news.models import TagKind
from news.queries import listings
from news.queries.cards import section_page
from news.views.machines import old_address
from news.web import cursor_of, frame, gathering, listed, public, show


@public
def section_list(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A section, newest first. Three queries."""
    now = timezone.now()
    site = frame(now)
    everything = {link.slug: link for section in site.sections for link in (section, *section.children)}
    section = everything.get(slug) or listings.hidden_section(slug)
    if section is None:
        # An address of the earlier site may look like a section's.
        return old_address(request, request.path_info[1:])
    return show(
        "news/section_list.html",
        site=site,
        section=section,
        children=section.children,
        list=listed(lambda: section_page(section.id, now, cursor_of(request))),
        current_section=section.id,
        canonical=f"{site.url}{section.url}",
        feed_url=reverse("section_rss", args=[slug]),
    )


@public
def tag_detail(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A tag or topic that some live edition carries. Four queries."""
    now = timezone.now()
    tag = listings.tag(slug, now)
    if tag is None:
        raise Http404
    return gathering(
        request,
        "news/card_list.html",
        at=now,
        address=reverse("tag_detail", args=[tag.slug]),
        cards=partial(listings.tag_page, tag, now),
        feed_url=reverse("tag_rss", args=[tag.slug]),
        kind=TagKind(tag.kind).label,
        follow_url=reverse("tag_follow", args=[tag.slug]),
        heading=tag.name,
    )


@public
def author_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """What somebody signed. Four queries."""
    now = timezone.now()
    author = listings.author(pk, now)
    if author is None:
        raise Http404
    return gathering(
        request,
        "news/card_list.html",
        at=now,
        address=reverse("author_detail", args=[author.slug, pk]),
        cards=partial(listings.author_page, pk, now),
        kind="Tác giả",
        heading=author.name,
    )
