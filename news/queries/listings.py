"""Pages that gather editions: of a tag, an author, a person, an organisation, a delegation.

What they say of the thing itself is what live editions printed, the newest first; the desk's tables are asked only
which number an address means and what it was merged into.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

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
from news.queries.cards import CardList, linked_page
from news.queries.site import SectionLink
from news.queries.visits import WORDS_MAX
from news.text.dates import date_range
from news.text.slug import slugify

PAYLOADS = 20
"""How many of the newest editions a person's or organisation's page opens to say which visits they had part in."""


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
    """An author as printed last. `ids` as in `TagHead`."""

    id: int
    name: str
    slug: str
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Appearance:
    """A visit where a person was, and in which role."""

    date: str
    role: str
    delegation: Link


@dataclass(frozen=True, slots=True)
class Period:
    """Visits in a row in which a person was printed with the same positions, the newest first; `dates` spans them."""

    positions: str
    dates: str
    appearances: tuple[Appearance, ...]


@dataclass(frozen=True, slots=True)
class PersonHead:
    """A person as printed last, with the positions and visits live editions tell of, the newest first. `ids` as in
    `TagHead`.
    """

    id: int
    name: str
    slug: str
    ids: tuple[int, ...]
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A visit an organisation sent or received, and the organisation at the other end."""

    date: str
    delegation: Link
    other: Link | None
    places: str


@dataclass(frozen=True, slots=True)
class OrganisationHead:
    """An organisation as printed last, with the visits live editions tell of, the newest first. `ids` as in `TagHead`;
    `is_whole`: no older article tells of more.
    """

    id: int
    name: str
    slug: str
    ids: tuple[int, ...]
    sent: tuple[Exchange, ...]
    received: tuple[Exchange, ...]
    is_whole: bool

    @property
    def words(self) -> str:
        """As much of the name as one may look for in the list of visits, whole words only."""
        return self.name if len(self.name) <= WORDS_MAX else self.name[: WORDS_MAX + 1].rpartition(" ")[0]


@dataclass(frozen=True, slots=True)
class DelegationHead:
    """A visit as printed last: under which number, from which day on. `ids` as in `TagHead`."""

    id: int
    ids: tuple[int, ...]
    box: DelegationBox
    printed_as: int
    from_on: date | None


type Json = Mapping[str, Any]
_YEAR: Final = re.compile(r"\b(?:19|20)[0-9]{2}\b")


def _payloads(rows: EditionLinkQuerySet, at: datetime, limit: int) -> Iterator[Json]:
    """The newest live payloads the index rows lead to. One query."""
    found = rows.live(at).newest_first().values_list("edition__payload", flat=True)[:limit]
    for payload in found:
        yield json.loads(payload)


def _contents(rows: EditionLinkQuerySet, at: datetime, limit: int) -> Iterator[Json]:
    """The newest live contents the index rows lead to. One query."""
    return (payload["content"] for payload in _payloads(rows, at, limit))


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


def section(slug: str) -> SectionLink | None:
    """The section of that address, in the navigation or not. One query."""
    row = Section.objects.filter(slug=slug).first()
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


# --- Visits in payloads --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Told:
    """A visit as an article printed it. `days`: the first and the last, if it has any; `place`: its place in time."""

    id: int
    item: Json
    box: DelegationBox
    days: tuple[date, date] | None
    place: date


def _told(payloads: Iterable[Json]) -> list[_Told]:
    """The visits of these payloads (newest first), each as the first payload prints it, the latest visit first. One
    query: merged ones are one.
    """
    items = [(payload["record"], item) for payload in payloads for item in payload["content"]["delegations"]]
    merged = Delegation.objects.filter(pk__in={item["id"] for _, item in items}, merged_into__isnull=False)
    kept = dict(merged.values_list("pk", "merged_into_id"))
    found: dict[int, _Told] = {}
    for record, item in items:
        pk = kept.get(item["id"]) or item["id"]
        box = replace(delegation_box(item), url=reverse("delegation_detail", args=[item["slug"], pk]))
        start = date.fromisoformat(item["from_on"]) if item["from_on"] else None
        days = (start, date.fromisoformat(item["to_on"]) if item["to_on"] else start) if start else None
        found.setdefault(pk, _Told(pk, item, box, days, days[1] if days else _place(record, item)))
    return sorted(found.values(), key=lambda told: (told.place, told.id), reverse=True)


def _place(record: Json, item: Json) -> date:
    """Where in time a visit without days stands: in the year its words name, else when its article came out."""
    published_on = timezone.localdate(datetime.fromisoformat(record["published_at"]))
    years = _YEAR.findall(item["date_text"])
    return min(published_on, date(int(years[-1]), 12, 31)) if years else published_on


# --- People --------------------------------------------------------------------------------------


def person(pk: int, at: datetime) -> PersonHead | None:
    """The person of that number, or the one it was merged into, if a live edition names them. Three queries."""
    ids = _meaning(Person, pk)
    payloads = list(_payloads(EditionPerson.objects.filter(person_id__in=ids), at, PAYLOADS))
    rows = (line for payload in payloads for item in payload["content"]["delegations"] for line in _lines(item, ids))
    newest = next(rows, None)
    if newest is None:
        return None
    return PersonHead(ids[0], newest["name"], newest["person"]["slug"], ids, _periods(_told(payloads), ids))


def _lines(item: Json, ids: Sequence[int]) -> list[Json]:
    """The person's lines in a visit, first those under the number the person goes by."""
    rows = [row for row in item["attendees"] if row["person"] is not None and row["person"]["id"] in ids]
    return sorted(rows, key=lambda row: row["person"]["id"] != ids[0])


def _periods(visits: Iterable[_Told], ids: Sequence[int]) -> tuple[Period, ...]:
    """Visits in a row with the same positions together; an article that printed none changes nothing."""
    attended = [(visit, lines[0]) for visit in visits if (lines := _lines(visit.item, ids))]
    groups: list[tuple[str, list[tuple[_Told, Json]]]] = []
    for visit, line in attended:
        positions = ", ".join(line["positions"])
        if not groups or positions not in {"", groups[-1][0]}:
            groups.append((positions, []))
        groups[-1][1].append((visit, line))
    return tuple(
        Period(
            positions,
            _span([visit for visit, _ in rows]),
            tuple(
                Appearance(visit.box.dates, role_word(line["role"]), Link(visit.box.name, visit.box.url))
                for visit, line in rows
            ),
        )
        for positions, rows in groups
    )


def _span(visits: Sequence[_Told]) -> str:
    """From the first day of these visits to the last; their words where none has a day."""
    days = [day for visit in visits if visit.days for day in visit.days]
    return date_range(min(days), max(days)) if days else "; ".join(dict.fromkeys(visit.box.dates for visit in visits))


def person_page(person: PersonHead, at: datetime, cursor: str = "") -> CardList:
    """The articles that name the person."""
    return linked_page(EditionPerson.objects.filter(person_id__in=person.ids), at, cursor)


# --- Organisations -------------------------------------------------------------------------------


def organisation(pk: int, at: datetime) -> OrganisationHead | None:
    """The organisation of that number, or the one it was merged into, as printed last. Three queries."""
    ids = _meaning(Organisation, pk)
    payloads = list(_payloads(EditionOrganisation.objects.filter(organisation_id__in=ids), at, PAYLOADS + 1))
    items = (item for payload in payloads for item in payload["content"]["delegations"])
    sides = (side for item in items for side in (item["visiting"], item["host"]) if side and side["id"] in ids)
    newest = next(sides, None)
    if newest is None:
        return None
    told = _told(payloads[:PAYLOADS])

    def exchanges(own: str, other: str) -> tuple[Exchange, ...]:
        return tuple(
            Exchange(visit.box.dates, Link(visit.box.name, visit.box.url), getattr(visit.box, other), visit.box.places)
            for visit in told
            if visit.item[own] and visit.item[own]["id"] in ids
        )

    sent, received = exchanges("visiting", "host"), exchanges("host", "visiting")
    return OrganisationHead(
        ids[0], newest["name"], newest["slug"], ids, sent, received, is_whole=len(payloads) <= PAYLOADS
    )


def organisation_page(organisation: OrganisationHead, at: datetime, cursor: str = "") -> CardList:
    """The articles about its delegations."""
    return linked_page(EditionOrganisation.objects.filter(organisation_id__in=organisation.ids), at, cursor)


# --- Delegations ---------------------------------------------------------------------------------


def delegation(pk: int, at: datetime) -> DelegationHead | None:
    """The visit of that number, or the one it was merged into, as printed last. Two queries."""
    ids = _meaning(Delegation, pk)
    for content in _contents(EditionDelegation.objects.filter(delegation_id__in=ids), at, 1):
        # The same as in lists when an article tells of two that were merged since.
        for item in sorted(content["delegations"], key=lambda item: int(item["id"]), reverse=True):
            if item["id"] in ids:
                url = reverse("delegation_detail", args=[item["slug"], ids[0]])
                box = replace(delegation_box(item), id=ids[0], url=url)
                day = date.fromisoformat(item["from_on"]) if item["from_on"] else None
                return DelegationHead(ids[0], ids, box, item["id"], day)
    return None


def delegation_page(delegation: DelegationHead, at: datetime, cursor: str = "") -> CardList:
    """The articles about the visit."""
    return linked_page(EditionDelegation.objects.filter(delegation_id__in=delegation.ids), at, cursor)


def section_named(slug: str) -> Section | None:
    """The section of that address, for feeds. One query."""
    return Section.objects.filter(slug=slug).first()
