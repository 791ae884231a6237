"""A month as a table: weeks from Monday on, each day with where it leads and what is noted of it. No query."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from news.text.dates import WEEKDAYS


@dataclass(frozen=True, slots=True)
class Mark:
    """What a day of the table has. `went_on`, `goes_on`: something lasts from the day before, into the day after."""

    url: str
    note: str = ""
    went_on: bool = False
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of the table; `url` is "" where there is nothing to see. `rest` is what makes its number a date."""

    number: int
    rest: str
    url: str
    note: str
    went_on: bool
    goes_on: bool
    is_today: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Weekday:
    """The head of a column: "T2", "Thứ Hai"."""

    short: str
    full: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """A month; a place of `weeks` is None where the week belongs to another month."""

    caption: str
    weekdays: tuple[Weekday, ...]
    weeks: tuple[tuple[CalendarDay | None, ...], ...]


_WEEKDAYS = tuple(
    Weekday(short, full) for short, full in zip(("T2", "T3", "T4", "T5", "T6", "T7", "CN"), WEEKDAYS, strict=True)
)


def month_name(year: int, month: int) -> str:
    """ "Tháng 11/2026"."""
    return f"Tháng {month}/{year}"


def month_table(
    year: int, month: int, *, marks: Mapping[int, Mark], today: date, chosen: int | None = None
) -> Calendar:
    """The month with its marked days, by number; `chosen` is the day the page is about."""

    def cell(number: int) -> CalendarDay | None:
        if not number:
            return None
        mark = marks.get(number, Mark(""))
        return CalendarDay(
            number=number,
            rest=f"/{month}/{year}",
            url=mark.url,
            note=mark.note,
            went_on=mark.went_on,
            goes_on=mark.goes_on,
            is_today=(year, month, number) == (today.year, today.month, today.day),
            is_chosen=number == chosen,
        )

    weeks = calendar.Calendar(calendar.MONDAY).monthdayscalendar(year, month)
    return Calendar(month_name(year, month), _WEEKDAYS, tuple(tuple(cell(number) for number in week) for week in weeks))
