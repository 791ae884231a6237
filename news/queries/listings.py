"""Pages that gather editions: of a tag, an author, a person, an organisation, a delegation.

What they say of the thing itself is what live editions printed, the newest first; the desk's tables are asked only
which number an address means and what it was merged into.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from news.models import (
    Delegation,
    EditionAuthor,
    EditionDelegation,
    EditionOrganisation,
    EditionPerson,
    EditionTag,
    Organisation,
    Person,
    Section,
    Tag,
)
from news.models.edition import EditionLinkQuerySet
from news.queries.article_page import DelegationBox, Link, delegation_box, role_word
from news.queries.cards import CardList, decode, encode, linked_page
from news.queries.site import SectionLink
from news.text.slug import slugify

PAYLOADS = 20
"""How many of the newest editions a person's page opens to say where the person was."""


@dataclass(frozen=True, slots=True)
class TagHead:
    """A tag or topic as printed."""

    id: int
    name: str
    slug: str
    kind: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class NameHead:
    """An author or organisation as printed last."""

    id: int
    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class Appearance:
    """Where a person was and in which position that day."""

    date: str
    positions: str
    role: str
    delegation: Link


@dataclass(frozen=True, slots=True)
class PersonHead:
    """A person as printed last, with the visits live editions tell of."""

    id: int
    name: str
    slug: str
    appearances: tuple[Appearance, ...]


@dataclass(frozen=True, slots=True)
class BoxList:
    """A page of visits; `older` as in a list of cards."""

    boxes: tuple[DelegationBox, ...]
    older: str
    is_first: bool


def _contents(rows: EditionLinkQuerySet, at: datetime, limit: int) -> Iterator[dict[str, Any]]:
    """The newest live contents the index rows lead to. One query."""
    found = rows.live(at).newest_first().values_list("edition__payload", flat=True)[:limit]
    for payload in found:
        yield json.loads(payload)["content"]


def hidden_section(slug: str) -> SectionLink | None:
    """A section that is not in the navigation; its page exists all the same. One query."""
    row = Section.objects.filter(slug=slug, is_listed=False).first()
    return SectionLink(row.pk, row.name, row.slug, reverse("section_list", args=[row.slug])) if row else None


# --- Tags ----------------------------------------------------------------------------------------


def tag(slug: str, at: datetime) -> TagHead | None:
    """The tag of that address, or the one it was merged into, if a live edition carries it. Two queries."""
    row = Tag.objects.select_related("merged_into").filter(slug=slug).first()
    if row is None:
        return None
    row = row.merged_into or row
    for content in _contents(EditionTag.objects.filter(tag_id=row.pk), at, 1):
        for item in content["tags"]:
            if item["id"] == row.pk:
                return TagHead(row.pk, item["name"], row.slug, item["kind"])
    return None


def tag_page(pk: int, at: datetime, cursor: str = "") -> CardList:
    """Its articles."""
    return linked_page(EditionTag.objects.filter(tag_id=pk), at, cursor)


# --- Authors -------------------------------------------------------------------------------------


def author(pk: int, at: datetime) -> NameHead | None:
    """The author as signed last. One query."""
    for content in _contents(EditionAuthor.objects.filter(author_id=pk), at, 1):
        for item in content["byline"]:
            if item["id"] == pk:
                return NameHead(pk, item["name"], slugify(item["name"]) or "ten")
    return None


def author_page(pk: int, at: datetime, cursor: str = "") -> CardList:
    """What they signed."""
    return linked_page(EditionAuthor.objects.filter(author_id=pk), at, cursor)


# --- People --------------------------------------------------------------------------------------


def person(pk: int, at: datetime) -> PersonHead | None:
    """The person of that number, or the one it was merged into, if a live edition names them. Two queries."""
    target = Person.objects.filter(pk=pk).values_list("merged_into_id", flat=True).first() or pk
    name, slug = "", ""
    appearances: dict[tuple[int, str], Appearance] = {}
    for content in _contents(EditionPerson.objects.filter(person_id=target), at, PAYLOADS):
        for item in content["delegations"]:
            box = delegation_box(item)
            for row in item["attendees"]:
                if row["person"] is None or row["person"]["id"] != target:
                    continue
                if not name:
                    name, slug = row["name"], row["person"]["slug"]
                positions = ", ".join(row["positions"])
                appearances.setdefault(
                    (box.id, positions), Appearance(box.dates, positions, role_word(row["role"]), Link(box.name, box.url))
                )
    return PersonHead(target, name, slug, tuple(appearances.values())) if name else None


def person_page(pk: int, at: datetime, cursor: str = "") -> CardList:
    """The articles that name the person."""
    return linked_page(EditionPerson.objects.filter(person_id=pk), at, cursor)


# --- Organisations -------------------------------------------------------------------------------


def organisation(pk: int, at: datetime) -> NameHead | None:
    """The organisation of that number, or the one it was merged into, as printed last. Two queries."""
    target = Organisation.objects.filter(pk=pk).values_list("merged_into_id", flat=True).first() or pk
    for content in _contents(EditionOrganisation.objects.filter(organisation_id=target), at, 1):
        for item in content["delegations"]:
            for side in (item["visiting"], item["host"]):
                if side and side["id"] == target:
                    return NameHead(target, side["name"], side["slug"])
    return None


def organisation_page(pk: int, at: datetime, cursor: str = "") -> CardList:
    """The articles about its delegations."""
    return linked_page(EditionOrganisation.objects.filter(organisation_id=pk), at, cursor)


# --- Delegations ---------------------------------------------------------------------------------


def delegation(pk: int, at: datetime) -> DelegationBox | None:
    """The visit of that number, or the one it was merged into, as printed last. Two queries."""
    target = Delegation.objects.filter(pk=pk).values_list("merged_into_id", flat=True).first() or pk
    for content in _contents(EditionDelegation.objects.filter(delegation_id=target), at, 1):
        for item in content["delegations"]:
            if item["id"] == target:
                return delegation_box(item)
    return None


def delegation_page(pk: int, at: datetime, cursor: str = "") -> CardList:
    """The articles about the visit."""
    return linked_page(EditionDelegation.objects.filter(delegation_id=pk), at, cursor)


def delegation_boxes(at: datetime, cursor: str = "", size: int = PAYLOADS) -> BoxList:
    """A page of visits, by the newest article that tells of each. One query. Raises `BadCursor`."""
    rows = EditionDelegation.objects.live(at).newest_first()
    if cursor:
        moment, number = decode(cursor)
        rows = rows.filter(published_at__lte=moment).exclude(published_at=moment, article_id__gte=number)
    found = list(rows.values_list("published_at", "article_id", "delegation_id", "edition__payload")[: size + 1])
    shown = found[:size]
    if len(found) > size:
        # Keep the visits of one article together on a page.
        last = shown[-1][1]
        shown = [row for row in shown if row[1] != last or found[size][1] != last] or shown
    boxes: dict[int, DelegationBox] = {}
    for _, _, pk, payload in shown:
        for item in json.loads(payload)["content"]["delegations"]:
            if item["id"] == pk:
                boxes.setdefault(pk, delegation_box(item))
    older = encode(shown[-1][0], shown[-1][1]) if len(found) > size else ""
    return BoxList(tuple(boxes.values()), older, is_first=not cursor)


def section_named(slug: str) -> Section | None:
    """The section of that address, for feeds. One query."""
    return Section.objects.filter(slug=slug).first()
