"""The article page: from a content (sealed, or composed for a preview) to one frozen dataclass; the lists around it."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from news import filetypes, markup
from news.models import Edition, Role, Side
from news.queries import addresses
from news.queries.cards import Card, around, chosen
from news.queries.figures import Part, body_parts
from news.queries.most_read import most_read
from news.queries.pictures import Picture, picture_of
from news.text.dates import date_range, long_moment
from news.text.segment import set_title
from news.text.slug import slugify

Json = Mapping[str, Any]
WORDS_A_MINUTE = 220
SIDE_TITLES = {Side.DELEGATION: "Đoàn công tác", Side.HOST: "Bên tiếp", Side.UNKNOWN: "Thành phần"}


@dataclass(frozen=True, slots=True)
class Link:
    """A word that leads somewhere."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Signature:
    """A name under the article and what it did: "" for the text, else "Ảnh", "Biên tập"."""

    name: str
    url: str
    part: str


@dataclass(frozen=True, slots=True)
class AttendeeLine:
    """A line of the box: a person with the positions of that day, or a group. `role` is "" for mere presence."""

    name: str
    url: str
    positions: str
    role: str
    is_group: bool
    is_head: bool


@dataclass(frozen=True, slots=True)
class SideList:
    """One party of a visit and its people, in the order of the list."""

    title: str
    lines: tuple[AttendeeLine, ...]


@dataclass(frozen=True, slots=True)
class DelegationBox:
    """Who came, who received them, where, when and why. `name_set` is the name as set in type."""

    id: int
    name: str
    name_set: str
    url: str
    visiting: Link | None
    host: Link | None
    head: AttendeeLine | None
    places: str
    dates: str
    purpose: str
    sides: tuple[SideList, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a republished text came from."""

    name: str
    url: str
    published: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document to take away: `facts` are its kind and its size in words, "PDF, 1,2 MB"."""

    title: str
    url: str
    facts: str


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """Everything the page prints of the article itself. In a preview `id` is 0 and the moments are the preview's.

    `title_set` is the title with no-break spaces where a line must not end.
    """

    id: int
    number: int
    title: str
    title_set: str
    kicker: str
    lead: str
    description: str
    parts: tuple[Part, ...]
    url: str
    absolute_url: str
    print_url: str
    save_url: str
    qr_url: str
    feedback_url: str
    share_url: str
    bookmark_url: str
    section: Link
    section_id: int
    published_at: datetime
    modified_at: datetime
    published: str
    published_iso: str
    updated: str
    updated_iso: str
    minutes: int
    picture: Picture | None
    gallery: tuple[Picture, ...]
    attachments: tuple[Document, ...]
    byline: tuple[Signature, ...]
    delegations: tuple[DelegationBox, ...]
    tags: tuple[Link, ...]
    source: Source | None
    ai_note: str
    related_ids: tuple[int, ...]
    share_links: tuple[Link, ...]
    structured_data: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The lists around an article; a preview leaves them empty."""

    others: tuple[Card, ...] = ()
    related: tuple[Card, ...] = ()
    most_read: tuple[Card, ...] = field(default=())


def article_page(content: Json, record: Json | None = None, *, site_name: str = "", title_set: str = "") -> ArticlePage:
    """The page of a content; `record` is what was sealed with it, None for a preview. No query.

    `title_set`: the title as set in type when it was sealed; set now if "".
    """
    now = timezone.now()
    pk = record["article"] if record else 0
    published_at = datetime.fromisoformat(record["published_at"]) if record else now
    modified_at = datetime.fromisoformat(record["sealed_at"]) if record else now
    modified_at = max(modified_at, published_at)
    slug = content["slug"]
    url = addresses.article(slug, pk)
    text = markup.plain(content["body"])
    picture = picture_of(content["lead_image"])
    signatures = tuple(_signature(item) for item in content["byline"])
    description = " ".join((content["lead"] or text).split())[:200].rstrip()
    section = Link(content["section"]["name"], reverse("section_list", args=[content["section"]["slug"]]))
    absolute_url = addresses.absolute(url)
    is_revised = bool(record and record["number"] > 1 and (modified_at - published_at).total_seconds() > 60)
    return ArticlePage(
        id=pk,
        number=record["number"] if record else 0,
        title=content["title"],
        title_set=title_set or set_title(content["title"]),
        kicker=content["kicker"],
        lead=content["lead"],
        description=description,
        parts=body_parts(content),
        url=url,
        absolute_url=absolute_url,
        print_url=addresses.article(slug, pk, "article_print"),
        save_url=addresses.article(slug, pk, "article_save"),
        qr_url=addresses.article(slug, pk, "article_qr"),
        feedback_url=addresses.article(slug, pk, "article_feedback"),
        share_url=f"{url}gui-ban-be/",
        bookmark_url=f"{url}luu/",
        section=section,
        section_id=content["section"]["id"],
        published_at=published_at,
        modified_at=modified_at,
        published=long_moment(timezone.localtime(published_at)),
        published_iso=_iso(published_at),
        updated_iso=_iso(modified_at),
        updated=long_moment(timezone.localtime(modified_at)) if is_revised else "",
        minutes=max(1, math.ceil(len(text.split()) / WORDS_A_MINUTE)),
        picture=picture,
        gallery=tuple(found for item in content["gallery"] if (found := picture_of(item))),
        attachments=tuple(_document(item) for item in content.get("attachments", ())),
        byline=signatures,
        delegations=tuple(delegation_box(item) for item in content["delegations"]),
        tags=tuple(Link(item["name"], reverse("tag_detail", args=[item["slug"]])) for item in content["tags"]),
        source=_source(content["source"]),
        ai_note=(content["ai"] or {}).get("note", ""),
        related_ids=tuple(content["related"]),
        share_links=_share_links(absolute_url, content["title"]),
        structured_data=_structured_data(
            content, signatures, absolute_url, description, picture, published_at, modified_at, site_name
        ),
    )


def _share_links(url: str, title: str) -> tuple[Link, ...]:
    """Where an article is shared by a plain link, at the address that each documents for it; no script of theirs."""
    return (
        Link("Facebook", f"https://www.facebook.com/sharer/sharer.php?{urlencode({'u': url})}"),
        Link("X", f"https://x.com/intent/post?{urlencode({'url': url, 'text': title})}"),
        Link("Telegram", f"https://t.me/share/url?{urlencode({'url': url, 'text': title})}"),
    )


def _document(item: Json) -> Document:
    found = filetypes.type_of(item["content_type"])
    facts = [found.name] if found else []
    return Document(
        title=item["title"],
        url=addresses.file(item["sha256"][:40], item["name"]),
        facts=", ".join([*facts, filetypes.size_in_words(item["byte_count"])]),
    )


def _iso(moment: datetime) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds")


def page_of(edition: Edition, *, site_name: str = "") -> ArticlePage:
    """The page of a sealed edition loaded with its payload."""
    payload = json.loads(edition.payload)
    return article_page(payload["content"], payload["record"], site_name=site_name, title_set=edition.title_set)


def surroundings(page: ArticlePage, at: datetime) -> Surroundings:
    """The lists around a published article. Four queries, five with related picks."""
    return Surroundings(
        others=tuple(around(page.section_id, page.published_at, page.id, at)),
        related=tuple(chosen([pk for pk in page.related_ids if pk != page.id], at)),
        most_read=tuple(most_read(at, limit=10)),
    )


def _signature(item: Json) -> Signature:
    parts = {"text": "", "photo": "Ảnh", "editing": "Biên tập"}
    return Signature(item["name"], _page_address("author_detail", item["name"], item["id"]), parts[item["kind"]])


def _page_address(view: str, name: str, pk: int, slug: str = "") -> str:
    return reverse(view, args=[slug or slugify(name) or "ten", pk])


@lru_cache(maxsize=4096)
def name_set(name: str) -> str:
    """A name as set in type; names come again and again, so what was set is remembered."""
    return set_title(name)


def delegation_box(item: Json) -> DelegationBox:
    """The box of one delegation of a content. No query."""
    lines = [(Side(row["side"]), _line(row)) for row in item["attendees"]]
    sides = tuple(
        SideList(SIDE_TITLES[side], found)
        for side in Side
        if (found := tuple(line for own, line in lines if own is side))
    )
    start, end = (date.fromisoformat(item[key]) if item[key] else None for key in ("from_on", "to_on"))
    return DelegationBox(
        id=item["id"],
        name=item["name"],
        name_set=name_set(item["name"]),
        url=reverse("delegation_detail", args=[item["slug"], item["id"]]),
        visiting=_organisation(item["visiting"]),
        host=_organisation(item["host"]),
        head=next((line for _, line in lines if line.is_head), None),
        places="; ".join(item["places"]),
        dates=date_range(start, end) or item["date_text"],
        purpose=item["purpose"],
        sides=sides,
    )


def _organisation(item: Json | None) -> Link | None:
    if item is None:
        return None
    return Link(item["name"], reverse("organisation_detail", args=[item["slug"], item["id"]]))


def role_word(role: str) -> str:
    """The role as printed beside a name; mere presence is not said."""
    return "" if role == Role.ATTEND else Role(role).label


def _line(row: Json) -> AttendeeLine:
    role = Role(row["role"])
    person = row["person"]
    group = row["group"]
    return AttendeeLine(
        name=row["name"] or group[:1].upper() + group[1:],
        url=reverse("person_detail", args=[person["slug"], person["id"]]) if person else "",
        positions=", ".join(row["positions"]),
        role=role_word(role),
        is_group=bool(group),
        is_head=role is Role.HEAD,
    )


def _source(item: Json | None) -> Source | None:
    if item is None:
        return None
    moment = item["published_at"]
    published = long_moment(timezone.localtime(datetime.fromisoformat(moment))) if moment else ""
    url = item["url"] if item["url"].startswith(("http://", "https://")) else ""
    return Source(item["name"], url, published)


def _structured_data(
    content: Json,
    signatures: tuple[Signature, ...],
    url: str,
    description: str,
    picture: Picture | None,
    published_at: datetime,
    modified_at: datetime,
    site_name: str,
) -> str:
    """schema.org's NewsArticle as JSON that may stand in a script element: `<`, `>` and `&` are written as escapes."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": url,
        "url": url,
        "headline": content["title"],
        "description": description,
        "inLanguage": "vi",
        "datePublished": _iso(published_at),
        "dateModified": _iso(modified_at),
        "articleSection": content["section"]["name"],
        "keywords": [item["name"] for item in content["tags"]],
        "author": [
            {"@type": "Person", "name": item.name, "url": addresses.absolute(item.url)}
            for item in signatures
            if not item.part
        ]
        or [{"@type": "Organization", "name": site_name or "Tòa soạn"}],
        "publisher": {
            "@type": "NewsMediaOrganization",
            "name": site_name or "Tòa soạn",
            "url": addresses.absolute("/"),
        },
    }
    if picture:
        data["image"] = [addresses.absolute(picture.large)]
    text = json.dumps(data, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
