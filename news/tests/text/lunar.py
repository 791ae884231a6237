"""The Vietnamese lunar calendar by Hồ Ngọc Đức's published method, at UTC+7: what the kept holidays are checked by."""

from datetime import date, timedelta
from math import floor, pi, sin

ZONE = 7.0


def _julian(day: date) -> int:
    return day.toordinal() + 1721425


def _new_moon(number: int) -> float:
    t = number / 1236.85
    rad = pi / 180
    moment = 2415020.75933 + 29.53058868 * number + 0.0001178 * t**2 - 0.000000155 * t**3
    moment += 0.00033 * sin((166.56 + 132.87 * t - 0.009173 * t**2) * rad)
    m = 359.2242 + 29.10535608 * number - 0.0000333 * t**2 - 0.00000347 * t**3
    mpr = 306.0253 + 385.81691806 * number + 0.0107306 * t**2 + 0.00001236 * t**3
    f = 21.2964 + 390.67050646 * number - 0.0016528 * t**2 - 0.00000239 * t**3
    c = (0.1734 - 0.000393 * t) * sin(m * rad) + 0.0021 * sin(2 * rad * m)
    c += -0.4068 * sin(mpr * rad) + 0.0161 * sin(rad * 2 * mpr) - 0.0004 * sin(rad * 3 * mpr)
    c += 0.0104 * sin(rad * 2 * f) - 0.0051 * sin(rad * (m + mpr)) - 0.0074 * sin(rad * (m - mpr))
    c += 0.0004 * sin(rad * (2 * f + m)) - 0.0004 * sin(rad * (2 * f - m)) - 0.0006 * sin(rad * (2 * f + mpr))
    c += 0.0010 * sin(rad * (2 * f - mpr)) + 0.0005 * sin(rad * (2 * mpr + m))
    return moment + c - (-0.000278 + 0.000265 * t + 0.000262 * t**2)


def _new_moon_day(number: int) -> int:
    return floor(_new_moon(number) + 0.5 + ZONE / 24)


def _sun_sector(day: int) -> int:
    t = (day - 0.5 - ZONE / 24 - 2451545.0) / 36525
    rad = pi / 180
    m = 357.52910 + 35999.05030 * t - 0.0001559 * t**2 - 0.00000048 * t**3
    longitude = 280.46645 + 36000.76983 * t + 0.0003032 * t**2
    longitude += (1.914600 - 0.004817 * t - 0.000014 * t**2) * sin(rad * m)
    longitude += (0.019993 - 0.000101 * t) * sin(2 * rad * m) + 0.000290 * sin(3 * rad * m)
    longitude *= rad
    longitude -= pi * 2 * floor(longitude / (pi * 2))
    return floor(longitude / pi * 6)


def _eleventh_month(year: int) -> int:
    number = floor((_julian(date(year, 12, 31)) - 2415021) / 29.530588853)
    start = _new_moon_day(number)
    return _new_moon_day(number - 1) if _sun_sector(start) >= 9 else start


def _leap_offset(eleventh: int) -> int:
    number = floor((eleventh - 2415021.076998695) / 29.530588853 + 0.5)
    step, last, arc = 1, 0, _sun_sector(_new_moon_day(number + 1))
    while arc != last and step < 14:
        last, step = arc, step + 1
        arc = _sun_sector(_new_moon_day(number + step))
    return step - 1


def solar(year: int, month: int, day: int) -> date:
    """The day of that year, month and day of the lunar calendar (months before the eleventh, none of them doubled)."""
    eleventh, following = _eleventh_month(year - 1), _eleventh_month(year)
    number = floor(0.5 + (eleventh - 2415021.076998695) / 29.530588853)
    offset = month - 11 if month > 10 else month + 1
    if following - eleventh > 365 and offset >= _leap_offset(eleventh):
        offset += 1
    start = _new_moon_day(number + offset)
    return date(1, 1, 1) + timedelta(days=start + day - 1 - 1721426)
