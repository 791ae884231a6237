"""The archive by day, month and year of first publication, as the clock shows in Vietnam. No walk over the archive:
each day and month is one look-up in the index.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from news.models import Edition
from news.queries.calendars import Calendar, Mark, month_name, month_table
from news.queries.cards import BadCursor, CardList, period_page
from news.queries.site import PageLink
from news.text.dates import long_date

DAY_PAGE = 40


@dataclass(frozen=True, slots=True)
class ArchiveDay:
    """The articles of a day, the month it belongs to, the nearest days before and after it that have any."""

    heading: str
    list: CardList
    calendar: Calendar
    month: PageLink
    year: PageLink
    previous: PageLink | None
    next: PageLink | None


@dataclass(frozen=True, slots=True)
class ArchiveMonth:
    """A month with its days, its articles, the nearest months before and after it that have any."""

    heading: str
    list: CardList
    calendar: Calendar
    year: PageLink
    previous: PageLink | None
    next: PageLink | None


@dataclass(frozen=True, slots=True)
class ArchiveYear:
    """Twelve months, those without articles with an empty `url`, and the nearest years that have articles."""

    heading: str
    months: tuple[PageLink, ...]
    previous: PageLink | None
    next: PageLink | None

    @property
    def is_empty(self) -> bool:
        """Whether no month has articles."""
        return not any(month.url for month in self.months)


type Period = tuple[datetime, datetime]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())


def _day(day: date) -> Period:
    return _midnight(day), _midnight(day + timedelta(days=1))


def _month(year: int, month: int) -> Period:
    return _midnight(date(year, month, 1)), _midnight(date(year, month, monthrange(year, month)[1]) + timedelta(days=1))


def _filled(periods: Sequence[Period], at: datetime) -> list[int]:
    """Which of the periods have live articles, by their places. One query, a look-up in the index for each."""
    values = ", ".join(["(%s, %s, %s)"] * len(periods))
    sql = f"""
        WITH period(place, start, finish) AS (VALUES {values})
        SELECT place FROM period WHERE EXISTS (
            SELECT 1 FROM news_edition WHERE visible_from <= %s AND visible_until > %s
            AND published_at >= period.start AND published_at < period.finish
        ) ORDER BY place
    """  # noqa: S608 - nothing but placeholders is put in
    adapt = connection.ops.adapt_datetimefield_value
    bounds = [value for place, (start, end) in enumerate(periods) for value in (place, adapt(start), adapt(end))]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*bounds, adapt(at), adapt(at)])
        return [row[0] for row in cursor.fetchall()]


def _nearest(period: Period, at: datetime) -> tuple[date | None, date | None]:
    """The last day before the period and the first day after it that have live articles. Two queries."""
    live = Edition.objects.live(at)
    older = live.filter(published_at__lt=period[0]).newest_first()
    newer = live.filter(published_at__gte=period[1]).order_by("published_at", "article_id")
    before, after = (rows.values_list("published_at", flat=True).first() for rows in (older, newer))
    return (timezone.localdate(before) if before else None, timezone.localdate(after) if after else None)


def _day_link(day: date) -> PageLink:
    return PageLink(long_date(day), reverse("archive_day", args=[day.year, day.month, day.day]))


def _month_link(day: date) -> PageLink:
    return PageLink(month_name(day.year, day.month), reverse("archive_month", args=[day.year, day.month]))


def _year_link(day: date) -> PageLink:
    return PageLink(f"Năm {day.year}", reverse("archive_year", args=[day.year]))


def _days(year: int, month: int, at: datetime, *, chosen: int | None = None) -> Calendar:
    """The month with the days that have live articles. One query."""
    numbers = range(1, monthrange(year, month)[1] + 1)
    address = reverse("archive_month", args=[year, month])
    filled = _filled([_day(date(year, month, number)) for number in numbers], at)
    marks = {place + 1: Mark(f"{address}{place + 1:02d}/") for place in filled}
    return month_table(year, month, marks=marks, today=timezone.localdate(at), chosen=chosen)


def _page(period: Period, at: datetime, shown_at: datetime, cursor: str, size: int) -> CardList:
    found = period_page(*period, at, shown_at=shown_at, cursor=cursor, size=size)
    if cursor and not found.cards:
        raise BadCursor
    return found


def newest_month(at: datetime) -> PageLink | None:
    """The month in which something was published last; None in an empty newsroom. One query."""
    until = _day(timezone.localdate(at))[1]  # a bound, lest SQLite walk along another index
    rows = Edition.objects.live(at).filter(published_at__lt=until).newest_first()
    newest = rows.values_list("published_at", flat=True).first()
    return _month_link(timezone.localdate(newest)) if newest else None


def archive_day(day: date, at: datetime, cursor: str = "") -> ArchiveDay | None:
    """A day; None before the first article and after today. Four queries. Raises `BadCursor`."""
    if day > timezone.localdate(at):
        return None
    period = _day(day)
    cards = _page(period, at, period[0], cursor, DAY_PAGE)
    before, after = _nearest(period, at)
    if not cards.cards and before is None:
        return None
    return ArchiveDay(
        heading=long_date(day),
        list=cards,
        calendar=_days(day.year, day.month, at, chosen=day.day),
        month=_month_link(day),
        year=_year_link(day),
        previous=_day_link(before) if before else None,
        next=_day_link(after) if after else None,
    )


def archive_month(year: int, month: int, at: datetime, cursor: str = "") -> ArchiveMonth | None:
    """A month; None before the first article and after this month. Four queries. Raises `BadCursor`."""
    first = date(year, month, 1)
    if first > timezone.localdate(at):
        return None
    period = _month(year, month)
    cards = _page(period, at, at, cursor, DAY_PAGE)
    before, after = _nearest(period, at)
    if not cards.cards and before is None:
        return None
    return ArchiveMonth(
        heading=month_name(year, month),
        list=cards,
        calendar=_days(year, month, at),
        year=_year_link(first),
        previous=_month_link(before) if before else None,
        next=_month_link(after) if after else None,
    )


def archive_year(year: int, at: datetime) -> ArchiveYear | None:
    """A year; None before the first article and after this year. Three queries."""
    if year > timezone.localdate(at).year:
        return None
    filled = set(_filled([_month(year, month) for month in range(1, 13)], at))
    before, after = _nearest((_midnight(date(year, 1, 1)), _midnight(date(year + 1, 1, 1))), at)
    if not filled and before is None:
        return None
    links = [_month_link(date(year, month, 1)) for month in range(1, 13)]
    return ArchiveYear(
        heading=f"Năm {year}",
        months=tuple(link if place in filled else PageLink(link.name, "") for place, link in enumerate(links)),
        previous=_year_link(before) if before else None,
        next=_year_link(after) if after else None,
    )
