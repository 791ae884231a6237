"""Working days: the kept holidays are the lunar calendar's and the law's; counting is exact across Tết."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from news.tests.text.lunar import solar
from news.text.workdays import (
    ANNOUNCED,
    OFF,
    WORK,
    Calendar,
    SpecialDay,
    add_working_days,
    kept_calendar,
    read,
    working_days_between,
)

KEPT = kept_calendar()
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("year", "tet"),
    [
        (2024, date(2024, 2, 10)),
        (2025, date(2025, 1, 29)),
        (2026, date(2026, 2, 17)),
        (2027, date(2027, 2, 6)),
        (2028, date(2028, 1, 26)),
        (2029, date(2029, 2, 13)),
        (2030, date(2030, 2, 2)),  # a day before China's: the new moon is at 23:07 in Hà Nội
    ],
)
def test_the_years_holidays_are_all_there(year, tet):
    names = {found.name: day for day, found in KEPT.special.items() if day.year == year}
    assert solar(year, 1, 1) == tet == names["Tết Nguyên đán (mùng 1)"]
    assert solar(year, 3, 10) == names["Giỗ Tổ Hùng Vương (10 tháng Ba âm lịch)"]
    for day in (date(year, 1, 1), date(year, 4, 30), date(year, 5, 1), date(year, 9, 2)):
        assert KEPT.special[day].kind == OFF
    assert {date(year, 9, 1), date(year, 9, 3)} & set(KEPT.special)
    # Five days of Tết in the law, those that fall on a weekend made up for.
    around = [day for day in KEPT.special if abs((day - tet).days) < 8 and day.month in {1, 2} and day.day != 3]
    around = [day for day in around if "Tết Nguyên đán" in KEPT.special[day].name]
    assert sum(day.weekday() < 5 for day in around) == 5
    for day, found in KEPT.special.items():
        assert found.kind != WORK or day.weekday() >= 5


def test_what_is_announced_and_what_is_expected_are_told_apart():
    assert {found.ground for day, found in KEPT.special.items() if day.year <= 2026} == {ANNOUNCED}
    assert ANNOUNCED not in {found.ground for day, found in KEPT.special.items() if day.year >= 2027}


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 3, 2), 2, date(2026, 3, 4)),
        (date(2026, 3, 6), 1, date(2026, 3, 9)),  # Friday to Monday
        (date(2026, 2, 13), 1, date(2026, 2, 23)),  # across Tết: Friday the 13th to Monday the 23rd
        (date(2026, 2, 12), 10, date(2026, 3, 5)),
        (date(2026, 2, 17), 0, date(2026, 2, 23)),
        (date(2026, 1, 9), 1, date(2026, 1, 10)),  # a Saturday that is worked
        (date(2024, 5, 3), 1, date(2024, 5, 4)),
        (date(2024, 4, 26), 1, date(2024, 5, 2)),
    ],
)
def test_a_term_ends_on_a_working_day(start, count, end):
    assert add_working_days(start, count, KEPT) == end
    assert working_days_between(start, end, KEPT) == (count or 1)


@settings(max_examples=80)
@given(start=DAYS, count=st.integers(1, 60))
def test_counting_undoes_adding(start, count):
    end = add_working_days(start, count, KEPT)
    assert KEPT.is_working(end)
    assert working_days_between(start, end, KEPT) == count
    assert working_days_between(end, start, KEPT) == -count
    assert add_working_days(start, count - 1, KEPT) < end or count == 1


@settings(max_examples=60)
@given(start=DAYS, days=st.integers(0, 500))
def test_between_counts_the_days_one_by_one(start, days):
    end = start + timedelta(days=days)
    one_by_one = sum(KEPT.is_working(start + timedelta(days=step)) for step in range(1, days + 1))
    assert working_days_between(start, end, KEPT) == one_by_one


@given(start=DAYS, middle=DAYS, end=DAYS)
def test_spans_add_up(start, middle, end):
    parts = working_days_between(start, middle, KEPT) + working_days_between(middle, end, KEPT)
    assert parts == working_days_between(start, end, KEPT)


def test_a_newsrooms_own_day_stands_in_place_of_the_kept_one():
    own = KEPT.with_days([SpecialDay(date(2026, 2, 20), "Trực Tết", WORK), SpecialDay(date(2026, 3, 3), "Hội", OFF)])
    assert (own.is_working(date(2026, 2, 20)), own.is_working(date(2026, 3, 3))) == (True, False)
    assert add_working_days(date(2026, 3, 2), 1, own) == date(2026, 3, 4)
    assert not KEPT.is_working(date(2026, 2, 20))
    assert Calendar({}).is_working(date(2026, 2, 17))


@pytest.mark.parametrize(
    "line",
    [
        "2026-02-30 | X | nghỉ | công bố",
        "2026-02-17 | X | nghỉ",
        "2026-02-17 | | nghỉ | dự kiến",
        "x | X | đi | dự kiến",
    ],
)
def test_a_bad_line_is_refused(line):
    with pytest.raises(ValueError):
        list(read([line]))
