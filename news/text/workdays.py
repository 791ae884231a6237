"""Working days of Vietnam: Monday to Friday without holidays, and the days off that are worked to make up for others.

The day something happens is not counted; the first day counted is the next one (Bộ luật Dân sự 2015, Điều 147), and a
term never ends on a day off (Điều 148).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

OFF, WORK = "nghỉ", "làm bù"
ANNOUNCED, EXPECTED = "công bố", "dự kiến"
_DAY: Final = timedelta(days=1)
_FILE: Final = Path(__file__).parent / "data" / "holidays.txt"


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that is not what its weekday says. `kind`: OFF or WORK; `ground`: ANNOUNCED or EXPECTED."""

    day: date
    name: str
    kind: str
    ground: str = ANNOUNCED


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked; `special` by day."""

    special: Mapping[date, SpecialDay]

    def is_working(self, day: date) -> bool:
        """Whether the newsroom works that day."""
        found = self.special.get(day)
        return found.kind == WORK if found is not None else day.weekday() < 5

    def with_days(self, days: Iterable[SpecialDay]) -> "Calendar":
        """The calendar in which these days stand in place of what it says of them."""
        return Calendar({**self.special, **{found.day: found for found in days}})


def read(lines: Iterable[str]) -> Iterator[SpecialDay]:
    """The days of a file: "2026-02-17 | Tết Nguyên đán (mùng 1) | nghỉ | công bố". Raises `ValueError`."""
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 4 or parts[2] not in {OFF, WORK} or parts[3] not in {ANNOUNCED, EXPECTED} or not parts[1]:
            raise ValueError(f"line {number}: {line}")
        yield SpecialDay(date.fromisoformat(parts[0]), parts[1], parts[2], parts[3])


@lru_cache(maxsize=1)
def kept_calendar() -> Calendar:
    """The calendar of `data/holidays.txt`."""
    return Calendar({found.day: found for found in read(_FILE.read_text(encoding="utf-8").splitlines())})


def add_working_days(day: date, count: int, calendar: Calendar) -> date:
    """The `count`-th working day after `day`; with 0 the day itself, or the next one that is worked."""
    while count > 0:
        day += _DAY
        count -= calendar.is_working(day)
    while not calendar.is_working(day):
        day += _DAY
    return day


def working_days_between(start: date, end: date, calendar: Calendar) -> int:
    """How many working days come after `start` up to and with `end`; below zero where `end` comes first."""
    if end < start:
        return -working_days_between(end, start, calendar)
    weeks, rest = divmod((end - start).days, 7)
    count = weeks * 5 + sum((start + _DAY * step).weekday() < 5 for step in range(1, rest + 1))
    for day, found in calendar.special.items():
        if start < day <= end:
            count += (found.kind == WORK) - (day.weekday() < 5)
    return count
