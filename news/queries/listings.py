"""Pages that gather editions: of a tag, an author, a person, an organisation, a delegation.

What they say of the thing itself is what live editions printed, the newest first; the desk's tables are asked only
which number an address means and what it was merged into.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from news.models import (
    Delegation,
    Edition,
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
    """A tag or topic as printed. `ids` are all the numbers that mean it: its own and those merged into it."""

    id: int
    name: str
    slug: str
    kind: str
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NameHead:
    """An author or organisation as printed last. `ids` as in `TagHead`."""

    id: int
    name: str
    slug: str
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Appearance:
    """Where a person was and in which position that day."""

    date: str
    positions: str
    role: str
    delegation: Link


@dataclass(frozen=True, slots=True)
class PersonHead:
    """A person as printed last, with the visits live editions tell of. `ids` as in `TagHead`."""

    id: int
    name: str
    slug: str
    ids: tuple[int, ...]
    appearances: tuple[Appearance, ...]


@dataclass(frozen=True, slots=True)
class DelegationHead:
    """A visit as printed last. `ids` as in `TagHead`."""

    id: int
    ids: tuple[int, ...]
    box: DelegationBox


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


type Mergeable = type[Tag] | type[Person] | type[Organisation] | type[Delegation]
MERGES_MAX = 5


def _meaning(model: Mergeable, pk: int) -> tuple[int, ...]:
    """Every number that means what `pk` means; the one it goes by first. Sealed editions keep the number of their day.

    One query for what was never merged; one more for each step up or down.
    """
    seen = {pk}
    for _ in range(MERGES_MAX):
        rows = dict(model._default_manager.filter(Q(pk=pk) | Q(merged_into_id=pk)).values_list("pk", "merged_into_id"))
        target = rows.get(pk)
        if target is None or target in seen:
            break
        seen.add(target)
        pk = target
    below = set(rows) - {pk}
    found = {pk} | below
    for _ in range(MERGES_MAX):
        if not below:
            break
        below = set(model._default_manager.filter(merged_into_id__in=below).values_list("pk", flat=True)) - found
        found |= below
    return (pk, *sorted(found - {pk}))


def hidden_section(slug: str) -> SectionLink | None:
    """A section that is not in the navigation; its page exists all the same. One query."""
    row = Section.objects.filter(slug=slug, is_listed=False).first()
    return SectionLink(row.pk, row.name, row.slug, reverse("section_list", args=[row.slug])) if row else None


# --- Tags ----------------------------------------------------------------------------------------


def tag(slug: str, at: datetime) -> TagHead | None:
    """The tag of that address, or the one it was merged into, if a live edition carries it. Three queries."""
    asked = Tag.objects.filter(slug=slug).values_list("pk", flat=True).first()
    if asked is None:
        return None
    ids = _meaning(Tag, asked)
    if ids[0] != asked:
        slug = Tag.objects.values_list("slug", flat=True).get(pk=ids[0])
    for content in _contents(EditionTag.objects.filter(tag_id__in=ids), at, 1):
        for item in content["tags"]:
            if item["id"] in ids:
                return TagHead(ids[0], item["name"], slug, item["kind"], ids)
    return None


def tag_page(tag: TagHead, at: datetime, cursor: str = "") -> CardList:
    """Its articles."""
    return linked_page(EditionTag.objects.filter(tag_id__in=tag.ids), at, cursor)


# --- Authors -------------------------------------------------------------------------------------


def author(pk: int, at: datetime) -> NameHead | None:
    """The author as signed last. One query."""
    for content in _contents(EditionAuthor.objects.filter(author_id=pk), at, 1):
        for item in content["byline"]:
            if item["id"] == pk:
                return NameHead(pk, item["name"], slugify(item["name"]) or "ten", (pk,))
    return None


def author_page(pk: int, at: datetime, cursor: str = "") -> CardList:
    """What they signed."""
    return linked_page(EditionAuthor.objects.filter(author_id=pk), at, cursor)


# --- People --------------------------------------------------------------------------------------


def person(pk: int, at: datetime) -> PersonHead | None:
    """The person of that number, or the one it was merged into, if a live edition names them. Two queries."""
    ids = _meaning(Person, pk)
    name, slug = "", ""
    appearances: dict[tuple[int, str], Appearance] = {}
    for content in _contents(EditionPerson.objects.filter(person_id__in=ids), at, PAYLOADS):
        for item in content["delegations"]:
            box = delegation_box(item)
            for row in item["attendees"]:
                if row["person"] is None or row["person"]["id"] not in ids:
                    continue
                if not name:
                    name, slug = row["name"], row["person"]["slug"]
                positions = ", ".join(row["positions"])
                appearances.setdefault(
                    (box.id, positions),
                    Appearance(box.dates, positions, role_word(row["role"]), Link(box.name, box.url)),
                )
    return PersonHead(ids[0], name, slug, ids, tuple(appearances.values())) if name else None


def person_page(person: PersonHead, at: datetime, cursor: str = "") -> CardList:
    """The articles that name the person."""
    return linked_page(EditionPerson.objects.filter(person_id__in=person.ids), at, cursor)


# --- Organisations -------------------------------------------------------------------------------


def organisation(pk: int, at: datetime) -> NameHead | None:
    """The organisation of that number, or the one it was merged into, as printed last. Two queries."""
    ids = _meaning(Organisation, pk)
    for content in _contents(EditionOrganisation.objects.filter(organisation_id__in=ids), at, 1):
        for item in content["delegations"]:
            for side in (item["visiting"], item["host"]):
                if side and side["id"] in ids:
                    return NameHead(ids[0], side["name"], side["slug"], ids)
    return None


def organisation_page(organisation: NameHead, at: datetime, cursor: str = "") -> CardList:
    """The articles about its delegations."""
    return linked_page(EditionOrganisation.objects.filter(organisation_id__in=organisation.ids), at, cursor)


# --- Delegations ---------------------------------------------------------------------------------


def delegation(pk: int, at: datetime) -> DelegationHead | None:
    """The visit of that number, or the one it was merged into, as printed last. Two queries."""
    ids = _meaning(Delegation, pk)
    for content in _contents(EditionDelegation.objects.filter(delegation_id__in=ids), at, 1):
        for item in content["delegations"]:
            if item["id"] in ids:
                url = reverse("delegation_detail", args=[item["slug"], ids[0]])
                return DelegationHead(ids[0], ids, replace(delegation_box(item), id=ids[0], url=url))
    return None


def delegation_page(delegation: DelegationHead, at: datetime, cursor: str = "") -> CardList:
    """The articles about the visit."""
    return linked_page(EditionDelegation.objects.filter(delegation_id__in=delegation.ids), at, cursor)


def delegation_boxes(at: datetime, cursor: str = "", size: int = PAYLOADS) -> BoxList:
    """A page of visits, by the newest article that tells of each. Two queries. Raises `BadCursor`.

    The index rows are walked first and each asked whether it is live: joined, SQLite would walk every edition there is.
    """
    is_live = Exists(Edition.objects.live(at).filter(pk=OuterRef("edition_id")))
    rows = EditionDelegation.objects.filter(is_live).newest_first()
    if cursor:
        moment, number = decode(cursor)
        rows = rows.filter(published_at__lte=moment).exclude(published_at=moment, article_id__gte=number)
    found = list(rows.values_list("published_at", "article_id", "delegation_id", "edition_id")[: size + 1])
    shown = found[:size]
    if len(found) > size:
        # Keep the visits of one article together on a page.
        last = shown[-1][1]
        shown = [row for row in shown if row[1] != last or found[size][1] != last] or shown
    payloads = dict(Edition.objects.live(at).filter(pk__in={row[3] for row in shown}).values_list("pk", "payload"))
    boxes: dict[int, DelegationBox] = {}
    for _, _, pk, edition_id in shown:
        for item in json.loads(payloads[edition_id])["content"]["delegations"]:
            if item["id"] == pk:
                boxes.setdefault(pk, delegation_box(item))
    older = encode(shown[-1][0], shown[-1][1]) if len(found) > size else ""
    return BoxList(tuple(boxes.values()), older, is_first=not cursor)


def section_named(slug: str) -> Section | None:
    """The section of that address, for feeds. One query."""
    return Section.objects.filter(slug=slug).first()
