"""Feeds: RSS 2.0, Atom and JSON Feed of the site, a section, a tag or topic, a person. All from live editions."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed, Enclosure, Rss201rev2Feed

from news.queries import addresses, feed_items
from news.queries.feed_items import Feed
from news.web import View, public, xml_text


class _Dated:
    """A feed without items is as old as its day, not as its second: asked twice it is the same."""

    feed: dict[str, Any]
    items: list[Any]

    def latest_post_date(self) -> datetime:
        """The newest moment of the items."""
        return super().latest_post_date() if self.items else self.feed["asked_on"]  # type: ignore[misc]  # a mixin


class Rss(_Dated, Rss201rev2Feed):
    """RSS 2.0."""


class Atom(_Dated, Atom1Feed):
    """Atom 1.0."""


def _write(kind: type[Rss | Atom], feed: Feed, address: str) -> HttpResponse:
    page = addresses.absolute(feed.page)
    writer = kind(
        title=xml_text(feed.title),
        link=page,
        description=xml_text(feed.description),
        language="vi",
        feed_url=addresses.absolute(address),
        feed_guid=page,
        author_name=xml_text(feed.publisher),  # Atom wants an author (RFC 4287, 4.1.1)
        ttl=10,
        asked_on=timezone.localtime(feed.asked_at).replace(hour=0, minute=0, second=0, microsecond=0),
    )
    for item in feed.items:
        picture = item.picture
        writer.add_item(
            title=xml_text(item.title),
            link=item.url,
            description=xml_text(item.lead),
            unique_id=f"{settings.SITE_URL}/tin/{item.id}/",
            unique_id_is_permalink=False,
            pubdate=timezone.localtime(item.published_at),
            updateddate=timezone.localtime(item.updated_at),
            categories=[xml_text(item.section)],
            enclosures=[Enclosure(addresses.absolute(picture.large), "0", "image/jpeg")] if picture else [],
        )
    return HttpResponse(writer.writeString("utf-8"), content_type=writer.content_type)


def _json(feed: Feed, address: str) -> HttpResponse:
    page = addresses.absolute(feed.page)
    body: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": page,
        "feed_url": addresses.absolute(address),
        "description": feed.description,
        "authors": [{"name": feed.publisher}],
        "language": "vi",
        "items": [
            {
                "id": f"{settings.SITE_URL}/tin/{item.id}/",
                "url": item.url,
                "title": item.title,
                "content_text": item.lead or item.title,
                "summary": item.lead,
                "date_published": timezone.localtime(item.published_at).isoformat(),
                "date_modified": timezone.localtime(item.updated_at).isoformat(),
                "tags": [item.section],
                **({"image": addresses.absolute(item.picture.large)} if item.picture else {}),
            }
            for item in feed.items
        ],
    }
    return JsonResponse(
        body, json_dumps_params={"ensure_ascii": False}, content_type="application/feed+json; charset=utf-8"
    )


def _views(ask: Callable[..., Feed | None]) -> tuple[View, View, View]:
    """The three views of one feed: RSS, Atom, JSON. `ask` gets the address's values and the moment."""

    def view(tail: str, write: Callable[[Feed, str], HttpResponse]) -> View:
        @public
        def answer(request: HttpRequest, **values: Any) -> HttpResponseBase:
            feed = ask(**values, at=timezone.now())
            if feed is None:
                raise Http404
            if not request.path.startswith(feed.page):  # merged since, or another spelling of the name
                return HttpResponsePermanentRedirect(feed.page + tail)
            return write(feed, request.path)

        return answer

    return (
        view("rss/", lambda feed, address: _write(Rss, feed, address)),
        view("atom/", lambda feed, address: _write(Atom, feed, address)),
        view("feed.json", _json),
    )


rss, atom, json_feed = _views(feed_items.site_feed)
section_rss, section_atom, section_json = _views(feed_items.section_feed)
tag_rss, tag_atom, tag_json = _views(feed_items.tag_feed)
person_rss, person_atom, person_json = _views(feed_items.person_feed)
