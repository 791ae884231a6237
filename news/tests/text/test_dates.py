import datetime
import functools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.text.dates import WEEKDAYS, ago, date_range, long_date, long_moment, short_moment

moment = functools.partial(datetime.datetime, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("day", "line"),
    [
        (date(2024, 5, 20), "Thứ Hai, 20/5/2024"),
        (date(2024, 5, 21), "Thứ Ba, 21/5/2024"),
        (date(2024, 5, 22), "Thứ Tư, 22/5/2024"),
        (date(2024, 5, 23), "Thứ Năm, 23/5/2024"),
        (date(2024, 5, 24), "Thứ Sáu, 24/5/2024"),
        (date(2024, 5, 25), "Thứ Bảy, 25/5/2024"),
        (date(2023, 1, 1), "Chủ Nhật, 1/1/2023"),
    ],
)
def test_long_date(day, line):
    assert long_date(day) == line


def test_weekdays_are_in_the_order_of_weekday():
    assert [WEEKDAYS[date(2024, 5, day).weekday()] for day in (20, 26)] == ["Thứ Hai", "Chủ Nhật"]


@pytest.mark.parametrize(
    ("at", "line"),
    [
        (moment(2024, 5, 20, 10, 15), "Thứ Hai, 20/5/2024, 10:15"),
        (moment(2024, 5, 20, 7, 5, 59), "Thứ Hai, 20/5/2024, 07:05"),
        (moment(2024, 5, 20), "Thứ Hai, 20/5/2024, 00:00"),
    ],
)
def test_long_moment(at, line):
    assert long_moment(at) == line
    assert long_moment(at.replace(tzinfo=None)) == line


def test_long_moment_is_printed_in_the_zone_it_is_given_in():
    hanoi = datetime.timezone(datetime.timedelta(hours=7))
    assert long_moment(moment(2024, 5, 19, 23, 30).astimezone(hanoi)) == "Thứ Hai, 20/5/2024, 06:30"


@pytest.mark.parametrize(
    ("at", "line"),
    [
        (moment(2024, 5, 20, 10, 15), "10:15"),
        (moment(2024, 5, 20, 23, 59), "23:59"),
        (moment(2024, 5, 20, 0, 0), "00:00"),
        (moment(2024, 5, 19, 23, 59), "19/5"),
        (moment(2024, 5, 21, 0, 0), "21/5"),
        (moment(2024, 1, 1, 8, 0), "1/1"),
        (moment(2023, 5, 20, 10, 15), "20/5/2023"),
        (moment(2023, 12, 31, 23, 59), "31/12/2023"),
        (moment(2025, 1, 1, 0, 0), "1/1/2025"),
    ],
)
def test_short_moment(at, line):
    assert short_moment(at, now=moment(2024, 5, 20, 12, 0)) == line


@pytest.mark.parametrize(
    ("seconds", "line"),
    [
        (-60, "vừa xong"),
        (59, "vừa xong"),
        (60, "1 phút trước"),
        (3599, "59 phút trước"),
        (3 * 3600 + 5, "3 giờ trước"),
        (86400, "1 ngày trước"),
        (29 * 86400, "29 ngày trước"),
        (364 * 86400, "12 tháng trước"),
        (365 * 86400, "1 năm trước"),
    ],
)
def test_ago(seconds, line):
    now = moment(2024, 5, 20, 12, 0)
    assert ago(now - timedelta(seconds=seconds), now) == line


@pytest.mark.parametrize(
    ("start", "end", "line"),
    [
        (None, None, ""),
        (date(2024, 5, 20), None, "20/5/2024"),
        (None, date(2024, 5, 20), "20/5/2024"),
        (date(2024, 5, 20), date(2024, 5, 20), "20/5/2024"),
        (date(2024, 12, 24), date(2024, 12, 26), "24\u201326/12/2024"),
        (date(2024, 4, 30), date(2024, 5, 2), "30/4\u20132/5/2024"),
        (date(2024, 12, 30), date(2025, 1, 2), "30/12/2024\u20132/1/2025"),
        (date(2023, 5, 20), date(2024, 5, 20), "20/5/2023\u201320/5/2024"),
        (date(2024, 12, 26), date(2024, 12, 24), "24\u201326/12/2024"),
        (moment(2024, 12, 24, 8, 0), date(2024, 12, 26), "24\u201326/12/2024"),
    ],
)
def test_date_range(start, end, line):
    assert date_range(start, end) == line


@given(st.dates(), st.dates())
def test_date_range_does_not_mind_the_order_of_its_ends(start, end):
    assert date_range(start, end) == date_range(end, start)
    assert date_range(start, end).endswith(f"/{max(start, end).year}")
