"""Lists of articles: cards from live editions, newest first, older ones by cursor. No OFFSET, no COUNT."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from news.models import Edition, EditionSection, Section
from news.models.edition import EditionLink, EditionLinkQuerySet, EditionQuerySet
from news.queries import addresses
from news.queries.pictures import Picture, card_picture_of

PAGE = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COLUMNS = (
    "article_id",
    "title",
    "title_set",
    "slug",
    "kicker",
    "lead",
    "card_image",
    "published_at",
    "section__name",
    "section__slug",
)


_MOMENT = re.compile(r"-?[0-9]{1,18}", re.ASCII)


class BadCursor(Exception):
    """The address names no place in the list."""


@dataclass(frozen=True, slots=True)
class Card:
    """An article in a list. `title_set` is the title with no-break spaces where a line must not end."""

    id: int
    title: str
    title_set: str
    kicker: str
    lead: str
    url: str
    section_name: str
    section_url: str
    published_at: datetime
    time: str
    time_iso: str
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class CardList:
    """A page of a list; `older` is the cursor of the next page ("" at the end), `is_first` tells the newest page."""

    cards: tuple[Card, ...]
    older: str = ""
    is_first: bool = True


def card_of(edition: Edition, at: datetime) -> Card:
    """The card of an edition loaded with the columns of a list and its section."""
    return Card(
        id=edition.article_id,
        title=edition.title,
        title_set=edition.title_set or edition.title,
        kicker=edition.kicker,
        lead=edition.lead,
        url=addresses.article(edition.slug, edition.article_id),
        section_name=edition.section.name,
        section_url=addresses.section(edition.section.slug),
        published_at=edition.published_at,
        time=addresses.clock(edition.published_at, at),
        time_iso=timezone.localtime(edition.published_at).isoformat(timespec="seconds"),
        picture=card_picture_of(edition.card_image),
    )


def encode(published_at: datetime, article_id: int) -> str:
    """The cursor that stands after that article in a list."""
    return f"{(published_at - _EPOCH) // timedelta(microseconds=1)}-{article_id}"


def decode(cursor: str) -> tuple[datetime, int]:
    """The place a cursor names. Raises `BadCursor`."""
    moment, dash, number = cursor.rpartition("-")
    if not (dash and _MOMENT.fullmatch(moment) and number.isascii() and number.isdigit()):
        raise BadCursor
    if len(number) > 19 or int(number) > 2**63 - 1:
        raise BadCursor
    try:
        return _EPOCH + timedelta(microseconds=int(moment)), int(number)
    except OverflowError:
        raise BadCursor from None


def _before(cursor: str) -> Q:
    moment, number = decode(cursor)
    return Q(published_at__lte=moment) & (Q(published_at__lt=moment) | Q(article_id__lt=number))


def _light(rows: EditionQuerySet) -> Any:
    return rows.select_related("section").only(*_COLUMNS).fetch_mode(models.FETCH_RAISE)


def latest(at: datetime, limit: int) -> list[Card]:
    """The newest live articles of the whole site. One query."""
    # The second bound says nothing new; it keeps SQLite's planner on the index of the order.
    rows = Edition.objects.live(at).filter(published_at__lte=at).newest_first()
    return [card_of(row, at) for row in _light(rows)[:limit]]


def period_page(
    start: datetime, end: datetime, at: datetime, *, shown_at: datetime, cursor: str = "", size: int = PAGE
) -> CardList:
    """A page of the live articles first published from `start` up to `end`, their moments told as they look from
    `shown_at`. One query. Raises `BadCursor`.
    """
    found = Edition.objects.live(at).filter(published_at__gte=start, published_at__lt=end).newest_first()
    return edition_page(found, shown_at, cursor, size)


def edition_page(found: EditionQuerySet, at: datetime, cursor: str = "", size: int = PAGE) -> CardList:
    """A page of live editions in the order of the lists. One query. Raises `BadCursor`."""
    rows = [*_light(found.filter(_before(cursor)) if cursor else found)[: size + 1]]
    return _page(rows, at, cursor, size)


def linked_page(rows: EditionLinkQuerySet, at: datetime, cursor: str = "", size: int = PAGE) -> CardList:
    """A page of the live articles that the index rows lead to. One query. Raises `BadCursor`."""
    found = (
        rows.live(at)
        .newest_first()
        .select_related("edition__section")
        .only("published_at", *(f"edition__{name}" for name in _COLUMNS))
        .fetch_mode(models.FETCH_RAISE)
    )
    links: list[EditionLink] = [*(found.filter(_before(cursor)) if cursor else found)[: size + 1]]
    return _page([link.edition for link in links], at, cursor, size)


def _page(editions: list[Edition], at: datetime, cursor: str, size: int) -> CardList:
    shown = editions[:size]
    older = encode(shown[-1].published_at, shown[-1].article_id) if len(editions) > size else ""
    return CardList(tuple(card_of(row, at) for row in shown), older, is_first=not cursor)


def section_page(section_id: int, at: datetime, cursor: str = "", size: int = PAGE) -> CardList:
    """A page of a section's articles, those of its subsections included."""
    return linked_page(EditionSection.objects.filter(section_id=section_id), at, cursor, size)


def newest_of_each(
    section_ids: Collection[int], at: datetime, each: int, without: Collection[int] = ()
) -> dict[int, list[Card]]:
    """The newest live articles of each section, those of its subsections included, `each` at most and none of the
    articles in `without`. Two queries however many sections; one when there is nothing.
    """
    rows = EditionSection.objects.live(at).filter(section_id=OuterRef("pk")).exclude(article_id__in=without)
    newest = rows.newest_first().values("edition_id")
    # One walk down the section's index for each place: no database-specific way to fetch several rows in one.
    places = {f"place_{n}": Subquery(newest[n : n + 1]) for n in range(each)}
    found = Section.objects.filter(pk__in=section_ids).annotate(**places).values_list("pk", *places)
    chosen_ids = {pk: [edition_id for edition_id in edition_ids if edition_id] for pk, *edition_ids in found}
    wanted = {edition_id for edition_ids in chosen_ids.values() for edition_id in edition_ids}
    cards = {row.pk: card_of(row, at) for row in _light(Edition.objects.live(at).filter(pk__in=wanted))}
    return {pk: [cards[edition_id] for edition_id in ids if edition_id in cards] for pk, ids in chosen_ids.items()}


def around(section_id: int, published_at: datetime, article_id: int, at: datetime, each: int = 5) -> list[Card]:
    """Các tin khác: the nearest newer and the nearest older articles of the section, newest first. Two queries."""
    rows = EditionSection.objects.filter(section_id=section_id).exclude(article_id=article_id).live(at)
    light = (
        rows.select_related("edition__section")
        .only("published_at", *(f"edition__{name}" for name in _COLUMNS))
        .fetch_mode(models.FETCH_RAISE)
    )
    newer_than = Q(published_at__gte=published_at) & (Q(published_at__gt=published_at) | Q(article_id__gt=article_id))
    newer = [*light.filter(newer_than).order_by("published_at", "article_id")[:each]]
    older = [*light.filter(_before(encode(published_at, article_id))).newest_first()[:each]]
    return [card_of(row.edition, at) for row in [*reversed(newer), *older]]


def chosen(article_ids: list[int], at: datetime) -> list[Card]:
    """The live ones of these articles, in the order given. One query, none for no ids."""
    if not article_ids:
        return []
    found = {row.article_id: row for row in _light(Edition.objects.live(at).filter(article_id__in=article_ids))}
    return [card_of(found[pk], at) for pk in article_ids if pk in found]
