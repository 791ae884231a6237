"""What a reader follows, and what is new of it.

There is no row for each reader and article: a section may have a hundred thousand followers. The lists are asked when
somebody looks, within the last month's editions, so neither the archive's size nor the number of readers matters.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from news.models import (
    Edition,
    EditionPerson,
    EditionSection,
    EditionTag,
    Follow,
    FollowDigest,
    FollowKind,
    NotificationChoice,
    NotificationKind,
    Person,
    Section,
    Tag,
)
from news.models.edition import EditionLinkQuerySet
from news.queries import addresses, own
from news.queries.cards import CardList, edition_page

RECENT: Final = timedelta(days=30)
"""How far back "new" goes."""
_ROUNDS: Final = 5
_LINKS: Final[dict[FollowKind, tuple[type[EditionPerson] | type[EditionTag], str, type[Person] | type[Tag]]]] = {
    FollowKind.PERSON: (EditionPerson, "person_id", Person),
    FollowKind.TAG: (EditionTag, "tag_id", Tag),
}


# --- One thing ------------------------------------------------------------------------------------------


def meanings(model: type[Person] | type[Tag], ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """For each number all that mean the same, the one it goes by first; sealed editions keep the number of their day.

    One query when none of them was merged, one more for each step up or down; none for no numbers.
    """
    into: dict[int, int | None] = {}
    asked: set[int] = set()
    wanted = set(ids)
    for _ in range(2 * _ROUNDS):
        if not wanted:
            break
        rows = model._default_manager.filter(Q(pk__in=wanted) | Q(merged_into_id__in=wanted))
        found = dict(rows.values_list("pk", "merged_into_id"))
        into |= found
        asked |= wanted
        wanted = {pk for pk in (*found, *found.values()) if pk} - asked
    groups: dict[int, set[int]] = {}
    for pk in into:
        groups.setdefault(_root(pk, into), set()).add(pk)
    return {pk: (root, *sorted(groups[root] - {root})) for pk in set(ids) & set(into) for root in [_root(pk, into)]}


def _root(pk: int, into: dict[int, int | None]) -> int:
    for _ in range(_ROUNDS):
        target = into.get(pk)
        if target is None:
            break
        pk = target
    return pk


def meaning(kind: FollowKind, pk: int) -> tuple[int, ...]:
    """Every number that means what `pk` means, the one it goes by first."""
    if kind == FollowKind.SECTION:
        return (pk,)
    return meanings(_LINKS[kind][2], [pk]).get(pk, (pk,))


def is_public(kind: FollowKind, pk: int, at: datetime) -> bool:
    """Whether it has a public page: a section always, others through a live edition."""
    if kind == FollowKind.SECTION:
        return Section.objects.filter(pk=pk).exists()
    rows, column, _ = _LINKS[kind]
    return rows.objects.filter(**{f"{column}__in": meaning(kind, pk)}).live(at).exists()


def is_followed(user_id: int, kind: FollowKind, ids: Collection[int]) -> bool:
    """Whether the reader follows it, under any of its numbers. One query."""
    return Follow.objects.filter(user_id=user_id, **{f"{kind}_id__in": ids}).exists()


# --- The reader's list ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Followed:
    """A line of the list, named as live editions print it; `name` is "" where nothing of it is public any more."""

    id: int
    kind: str
    name: str = ""
    url: str = ""


def sections_of(user_id: int) -> frozenset[int]:
    """The sections a reader follows. One query."""
    rows = Follow.objects.filter(user_id=user_id, section__isnull=False)
    return frozenset(pk for pk in rows.values_list("section_id", flat=True) if pk is not None)


def mine(user_id: int, at: datetime, cursor: str = "", size: int = own.PAGE) -> own.Page[Followed]:
    """A page of what the reader follows: one query, and three for people, three for tags among it; the payloads in one.

    Raises `BadCursor`.
    """
    rows, older = own.cut(Follow.objects.filter(user_id=user_id).select_related("section"), cursor, size)
    people = {row.person_id for row in rows if row.person_id}
    tags = {row.tag_id for row in rows if row.tag_id}
    named = _printed(people, tags, at)
    items = tuple(_line(row, named) for row in rows)
    return own.Page(items, older, is_first=not cursor)


type _Names = dict[tuple[FollowKind, int], tuple[str, str]]


def _line(row: Follow, named: _Names) -> Followed:
    if row.section is not None:
        return Followed(row.pk, FollowKind.SECTION.label, row.section.name, addresses.section(row.section.slug))
    name, url = named.get(row.target, ("", ""))
    return Followed(row.pk, row.target[0].label, name, url)


def _printed(people: set[int], tags: set[int], at: datetime) -> _Names:
    """Names and addresses of people and tags as the newest live edition of each prints them."""
    groups = {FollowKind.PERSON: meanings(Person, people), FollowKind.TAG: meanings(Tag, tags)}
    newest = {kind: _newest(kind, {pk for ids in group.values() for pk in ids}, at) for kind, group in groups.items()}
    wanted = {found for rows in newest.values() for found in rows.values()}
    editions = {}
    if wanted:
        rows = Edition.objects.live(at).filter(pk__in=wanted).values_list("pk", "published_at", "payload")
        editions = {pk: (moment, json.loads(payload)["content"]) for pk, moment, payload in rows}
    slugs = {}
    if groups[FollowKind.TAG]:
        roots = {ids[0] for ids in groups[FollowKind.TAG].values()}
        slugs = dict(Tag.objects.filter(pk__in=roots).values_list("pk", "slug"))
    named: _Names = {}
    for kind, group in groups.items():
        for asked, ids in group.items():
            found = [editions[newest[kind][pk]] for pk in ids if newest[kind].get(pk) in editions]
            if not found:
                continue
            _, content = max(found, key=lambda item: item[0])
            if kind == FollowKind.TAG:
                name = next((str(item["name"]) for item in content["tags"] if item["id"] in ids), "")
                url = addresses.tag(slugs[ids[0]])
            else:
                name, slug = _person_in(content, ids)
                url = addresses.person(slug, ids[0])
            if name:
                named[kind, asked] = (name, url)
    return named


def _newest(kind: FollowKind, ids: set[int], at: datetime) -> dict[int, int]:
    """The newest live edition of each: one walk down the index for each of them, one query; none for no numbers."""
    if not ids:
        return {}
    links, column, model = _LINKS[kind]
    rows: EditionLinkQuerySet = links.objects.filter(**{column: OuterRef("pk")}).live(at)
    found = model._default_manager.filter(pk__in=ids)
    annotated = found.annotate(newest=Subquery(rows.newest_first().values("edition_id")[:1]))
    return {pk: edition for pk, edition in annotated.values_list("pk", "newest") if edition}


def _person_in(content: dict[str, Any], ids: Collection[int]) -> tuple[str, str]:
    """Name and address words by which a content calls the person; both empty where it does not."""
    for delegation in content["delegations"]:
        for row in delegation["attendees"]:
            if row["person"] is not None and row["person"]["id"] in ids:
                return str(row["name"]), str(row["person"]["slug"])
    return "", ""


# --- What is new ----------------------------------------------------------------------------------------


def _targets(user_id: int) -> tuple[set[int], set[int], set[int]]:
    """Sections, tags and people the reader follows, under all their numbers: three queries, one when there are none."""
    rows = list(Follow.objects.filter(user_id=user_id).values_list("section_id", "tag_id", "person_id"))
    sections = {section for section, _, _ in rows if section}
    tags = {pk for ids in meanings(Tag, {tag for _, tag, _ in rows if tag}).values() for pk in ids}
    people = {pk for ids in meanings(Person, {person for _, _, person in rows if person}).values() for pk in ids}
    return sections, tags, people


def _editions(user_id: int, since: datetime, at: datetime) -> Any:
    """The live editions first published since then of anything the reader follows; None when they follow nothing."""
    sections, tags, people = _targets(user_id)
    chosen = Q()
    for links, column, ids in (
        (EditionSection, "section_id", sections),
        (EditionTag, "tag_id", tags),
        (EditionPerson, "person_id", people),
    ):
        if ids:
            # The index rows know the day too: each look-up stays within the month, however large the archive.
            recent = links.objects.filter(**{f"{column}__in": ids}, published_at__gte=since)
            chosen |= Q(pk__in=recent.values("edition_id"))
    if not chosen:
        return None
    return Edition.objects.live(at).filter(chosen, published_at__gte=since, published_at__lte=at).newest_first()


def news(user_id: int, at: datetime, cursor: str = "", size: int = own.PAGE) -> CardList:
    """A page of the last month's articles about what the reader follows: at most four queries. Raises `BadCursor`."""
    found = _editions(user_id, at - RECENT, at)
    return CardList(()) if found is None else edition_page(found, at, cursor, size)


def new_count(user_id: int, at: datetime) -> int:
    """How many of them appeared since the reader last looked, up to `own.MANY` and one. At most six queries."""
    kind = NotificationKind.FOLLOWED_ARTICLE
    if NotificationChoice.objects.filter(user_id=user_id, kind=kind, on_page=False).exists():
        return 0
    seen = FollowDigest.objects.filter(user_id=user_id).values_list("seen_at", flat=True).first()
    if seen is None:
        return 0
    # A moment later than the last look: what was there then has been seen.
    found = _editions(user_id, max(seen + timedelta(microseconds=1), at - RECENT), at)
    if found is None:
        return 0
    return len(found.values_list("pk", flat=True)[: own.MANY + 1])


def export_of(*, contact_ids: list[int], user_ids: list[int]) -> list[dict[str, Any]]:
    """What these readers follow, as they may take it with them, in Vietnamese words."""
    rows = list(Follow.objects.filter(user_id__in=user_ids).select_related("section").order_by("pk"))
    people = {row.person_id for row in rows if row.person_id}
    named = _printed(people, {row.tag_id for row in rows if row.tag_id}, timezone.now())
    found = []
    for row in rows:
        line = _line(row, named)
        found.append(
            {
                "Theo dõi": line.kind,
                "Tên": line.name or "Không còn trên trang",
                "Địa chỉ": addresses.absolute(line.url) if line.url else "",
                "Từ lúc": own.moment(row.created_at),
            }
        )
    return found
