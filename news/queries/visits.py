"""Visits as live editions printed them: lists by filters, the years there are, a month's days, what lies beside one.

Each visit is shown once, as the newest article that tells of it has it: what an older article printed of its days and
people counts no more. The desk's tables are asked only what was merged into what.
"""

import json
from calendar import monthrange
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from typing import Any

from django.db.models import BigIntegerField, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from news.models import Delegation, Edition, EditionDelegation
from news.models.edition import EditionLinkQuerySet
from news.queries.article_page import AttendeeLine, Link, delegation_box
from news.queries.calendars import Calendar, Mark, month_name, month_table
from news.queries.cards import decode, encode
from news.text.normalize import fold

PAGE = 20
LONGEST = timedelta(days=366)
"""How long before a day a visit may have begun to be looked for there; it bounds the walk along the index of days."""
CALENDAR_MAX = 1000
"""How many visits of one month its calendar reads."""
YEARS_MAX = 200
WORDS_MAX = 80
"""How long the words may be that one looks for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader filters by; 0 and "" for nothing. A day belongs to a month, a month to a year."""

    year: int = 0
    month: int = 0
    day: int = 0
    text: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is filtered."""
        return not (self.year or self.text)

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day asked for."""
        if not self.year:
            return None
        last = self.month or 12
        start = date(self.year, self.month or 1, self.day or 1)
        return start, date(self.year, last, self.day or monthrange(self.year, last)[1])

    @property
    def query(self) -> str:
        """The filters as they stand in an address, always in the same order."""
        parts: dict[str, str | int] = {"nam": self.year, "thang": self.month, "ngay": self.day, "tim": self.text}
        return urlencode({name: value for name, value in parts.items() if value})

    @property
    def month_query(self) -> str:
        """The same without the day."""
        return replace(self, day=0).query

    @property
    def said(self) -> str:
        """The filters in words: "trong tháng 11/2026 khớp với “dân vận”"."""
        when = f"năm {self.year}"
        if self.month:
            when = f"ngày {self.day}/{self.month}/{self.year}" if self.day else f"tháng {self.month}/{self.year}"
        parts = [f"trong {when}" if self.year else "", f"khớp với “{self.text}”" if self.text else ""]
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit in a list. `named_count`: how many people the article names."""

    id: int
    name: str
    name_set: str
    url: str
    dates: str
    visiting: Link | None
    host: Link | None
    head: AttendeeLine | None
    places: str
    named_count: int


@dataclass(frozen=True, slots=True)
class VisitList:
    """A page of visits; `older` and `is_first` as in a list of cards."""

    visits: tuple[Visit, ...]
    older: str
    is_first: bool


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The visits before and after one, by their days."""

    previous: Visit | None
    next: Visit | None


def _shown(at: datetime) -> EditionLinkQuerySet:
    """The index rows that stand for their visits: live, and none newer of the same visit or of one merged with it.

    Each row is asked by look-ups in indexes: joined, SQLite would walk every edition there is.
    """
    newer = EditionDelegation.objects.live(at).filter(
        Q(published_at__gt=OuterRef("published_at"))
        | Q(published_at=OuterRef("published_at"), article_id__gt=OuterRef("article_id"))
        | Q(
            published_at=OuterRef("published_at"),
            article_id=OuterRef("article_id"),
            delegation_id__gt=OuterRef("delegation_id"),
        ),
        published_at__gte=OuterRef("published_at"),
    )
    merged_into = Delegation.objects.filter(pk=OuterRef("delegation_id")).values("merged_into_id")
    return (
        EditionDelegation.objects.annotate(
            visit_id=Coalesce(Subquery(merged_into), "delegation_id", output_field=BigIntegerField())
        )
        .filter(Exists(Edition.objects.live(at).filter(pk=OuterRef("edition_id"))))
        .exclude(Exists(newer.filter(delegation_id=OuterRef("visit_id"))))
        .exclude(Exists(newer.filter(delegation__merged_into_id=OuterRef("visit_id"))))
    )


def _asked_for(asked: Asked, at: datetime) -> EditionLinkQuerySet:
    rows = _shown(at)
    if asked.days is not None:
        start, end = asked.days
        rows = rows.filter(from_on__gte=start - LONGEST, from_on__lte=end, to_on__gte=start)
    words = dict.fromkeys(fold(asked.text).split())
    return reduce(lambda found, word: found.filter(search_key__contains=word), words, rows)


def _visit(item: Mapping[str, Any], visit_id: int) -> Visit:
    box = delegation_box(item)
    return Visit(
        id=visit_id,
        name=box.name,
        name_set=box.name_set,
        url=reverse("delegation_detail", args=[item["slug"], visit_id]),
        dates=box.dates,
        visiting=box.visiting,
        host=box.host,
        head=box.head,
        places=box.places,
        named_count=sum(not line.is_group for side in box.sides for line in side.lines),
    )


def _item(payload: str, delegation_id: int) -> Mapping[str, Any]:
    items = json.loads(payload)["content"]["delegations"]
    return next(item for item in items if item["id"] == delegation_id)


def visits(asked: Asked, at: datetime, cursor: str = "", size: int = PAGE) -> VisitList:
    """A page of visits: by their first day where a time is asked for, else by the newest article that tells of each;
    the newest first. Two queries, one when there is none. Raises `BadCursor`.
    """
    rows = _asked_for(asked, at)
    column = "published_at" if asked.days is None else "from_on"
    if cursor:
        moment, number = decode(cursor)
        place = moment if asked.days is None else moment.date()
        rows = rows.filter(Q(**{f"{column}__lt": place}) | Q(delegation_id__lt=number), **{f"{column}__lte": place})
    ordered = rows.order_by(f"-{column}", "-delegation_id")
    found = list(ordered.values_list(column, "delegation_id", "visit_id", "edition_id")[: size + 1])
    page = found[:size]
    payloads = dict(Edition.objects.filter(pk__in={row[3] for row in page}).values_list("pk", "payload"))
    shown = tuple(_visit(_item(payloads[edition], pk), visit) for _, pk, visit, edition in page)
    older = ""
    if len(found) > size:
        last, number = page[-1][:2]
        older = encode(last if asked.days is None else datetime.combine(last, time.min, UTC), number)
    return VisitList(shown, older, is_first=not cursor)


def visit_years(at: datetime) -> tuple[int, ...]:
    """The years from the newest visit's to the oldest one's. One query, two look-ups."""
    dated = _shown(at).filter(from_on__isnull=False)
    oldest = Subquery(dated.order_by("from_on", "id").values("from_on")[:1])
    ends = dated.order_by("-from_on", "-id").values_list("from_on", oldest).first()
    if ends is None:
        return ()
    newest_on, oldest_on = ends
    return tuple(range(newest_on.year, max(oldest_on.year, newest_on.year - YEARS_MAX) - 1, -1))


def visit_calendar(asked: Asked, at: datetime) -> Calendar:
    """The month asked for with the days that have visits, a visit of several days on each of them. One query."""
    start = date(asked.year, asked.month, 1)
    end = date(asked.year, asked.month, monthrange(asked.year, asked.month)[1])
    rows = (
        _asked_for(replace(asked, day=0), at).order_by("from_on", "id").values_list("from_on", "to_on")[:CALENDAR_MAX]
    )
    spans = [(max(first, start), min(last, end), first, last) for first, last in rows]
    marks = {}
    for number in range(1, end.day + 1):
        day = date(asked.year, asked.month, number)
        there = [(first, last) for shown_first, shown_last, first, last in spans if shown_first <= day <= shown_last]
        if there:
            marks[number] = Mark(
                url=f"{reverse('delegation_list')}?{Asked(asked.year, asked.month, number, asked.text).query}",
                note=f"{len(there)} đoàn",
                went_on=any(first < day for first, _ in there),
                goes_on=any(last > day for _, last in there),
            )
    return month_table(asked.year, asked.month, marks=marks, today=timezone.localdate(at), chosen=asked.day or None)


def nearby_months(asked: Asked, years: Collection[int]) -> tuple[Link | None, Link | None]:
    """The month before the one asked for and the month after it, with the same words, where the years have visits."""
    first = date(asked.year, asked.month, 1)
    before, after = (
        Link(
            month_name(day.year, day.month),
            f"{reverse('delegation_list')}?{Asked(day.year, day.month, text=asked.text).query}",
        )
        if day.year in years
        else None
        for day in (first - timedelta(days=1), first + timedelta(days=31))
    )
    return before, after


def neighbours(visit_id: int, printed_as: int, on: date | None, at: datetime) -> Neighbours:
    """The visits just before and just after that one, which its newest article printed under the number `printed_as`
    with the first day `on`. Two queries, none for a visit without a day.
    """
    if on is None:
        return Neighbours(None, None)
    payload = Subquery(Edition.objects.filter(pk=OuterRef("edition_id")).values("payload")[:1])
    others = _shown(at).exclude(visit_id=visit_id)
    found = []
    for step, order in (("lt", ("-from_on", "-delegation_id")), ("gt", ("from_on", "delegation_id"))):
        beyond = Q(**{f"from_on__{step}": on}) | Q(**{f"delegation_id__{step}": printed_as})
        rows = others.filter(beyond, **{f"from_on__{step}e": on}).order_by(*order)
        row = rows.values_list("delegation_id", "visit_id", payload).first()
        found.append(_visit(_item(row[2], row[0]), row[1]) if row else None)
    return Neighbours(*found)
