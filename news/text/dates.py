"""Dates as a Vietnamese page prints them: day before month, no leading zeros, 24-hour clock."""

import datetime
from typing import Final

# In the order of date.weekday(). With the capitals of a page's date line, "Chủ Nhật" too.
WEEKDAYS: Final = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")


def _full(day: datetime.date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


def _clock(moment: datetime.datetime) -> str:
    return f"{moment.hour:02d}:{moment.minute:02d}"


def long_date(day: datetime.date) -> str:
    """The date line of a page: "Thứ Hai, 20/5/2024"."""
    return f"{WEEKDAYS[day.weekday()]}, {_full(day)}"


def long_moment(moment: datetime.datetime) -> str:
    """A day and its minute: "Thứ Hai, 20/5/2024, 10:15"; the hour has two digits ("07:05"), seconds are
    dropped.

    `moment` is printed as it stands, naive or aware: the caller has already turned it into local time.
    """
    return f"{long_date(moment)}, {_clock(moment)}"


def short_moment(moment: datetime.datetime, now: datetime.datetime) -> str:
    """As little as tells `moment` from `now`: "10:15" on the same day, "19/5" in the same year, else
    "19/5/2023".

    Later moments follow the same rule. Both are read as they stand, naive or aware: the caller has already
    turned both into the same local time.
    """
    if moment.date() == now.date():
        return _clock(moment)
    if moment.year == now.year:
        return f"{moment.day}/{moment.month}"
    return _full(moment)


_SPANS: Final = (("năm", 365 * 86400), ("tháng", 30 * 86400), ("ngày", 86400), ("giờ", 3600), ("phút", 60))


def ago(moment: datetime.datetime, now: datetime.datetime) -> str:
    """How long before `now`, in its largest unit: "3 giờ trước"; "vừa xong" within a minute and for what is to come.

    A month counts 30 days, a year 365.
    """
    seconds = (now - moment).total_seconds()
    for name, span in _SPANS:
        if seconds >= span:
            return f"{int(seconds // span)} {name} trước"
    return "vừa xong"


def date_range(start: datetime.date | None, end: datetime.date | None) -> str:
    """The days from `start` to `end`, each part of a date said once and joined by an en dash.

    "" without either, "20/5/2024" for one day or when only one of them is known, "24–26/12/2024" within a
    month, "30/4–2/5/2024" within a year, "30/12/2024–2/1/2025" otherwise. Swapped ends are put in order.
    """
    known = sorted(_day(day) for day in (start, end) if day is not None)
    if not known:
        return ""
    first, last = known[0], known[-1]
    if first == last:
        return _full(last)
    if first.year != last.year:
        return f"{_full(first)}\u2013{_full(last)}"
    if first.month != last.month:
        return f"{first.day}/{first.month}\u2013{_full(last)}"
    return f"{first.day}\u2013{_full(last)}"


def _day(day: datetime.date) -> datetime.date:
    """A datetime is a date to the type checker, but does not compare with one."""
    return day.date() if isinstance(day, datetime.datetime) else day
