"""Delegations: the list of visits with its filters and each visit, as live editions printed them."""

import re
from calendar import monthrange
from functools import partial
from typing import Final

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from news.queries import listings, visits
from news.queries.visits import WORDS_MAX, Asked
from news.text.normalize import clean_line
from news.web import cursor_of, frame, gathering, listed, public, show

YEARS: Final = (1900, 2199)
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


def _number(request: HttpRequest, name: str, low: int, high: int) -> int:
    """The number of that field; 0 for none. Raises `Http404` for anything else."""
    text = request.GET.get(name, "")
    if not text:
        return 0
    if not _NUMBER.fullmatch(text) or not low <= int(text) <= high:
        raise Http404
    return int(text)


def _asked(request: HttpRequest) -> Asked:
    """The filters of the address. Raises `Http404` for values that mean nothing."""
    year, month = _number(request, "nam", *YEARS), _number(request, "thang", 1, 12)
    day = _number(request, "ngay", 1, monthrange(year, month)[1] if year and month else 0)
    text = clean_line(request.GET.get("tim", ""))
    if len(text) > WORDS_MAX:
        raise Http404
    return Asked(year, month, day, text)


@public
def delegation_list(request: HttpRequest) -> HttpResponseBase:
    """Visits, by year, month, day and words. Six queries, seven with a month's calendar."""
    now = timezone.now()
    today = timezone.localdate(now)
    asked = _asked(request)
    address = reverse("delegation_list")
    if asked.month and not asked.year:
        # A month alone is the last one of that name.
        newest = Asked(today.year - (asked.month > today.month), asked.month, text=asked.text)
        return HttpResponseRedirect(f"{address}?{newest.query}")
    page = listed(lambda: visits.visits(asked, now, cursor_of(request)))
    years = visits.visit_years(now)
    site = frame(now)
    before, after = visits.nearby_months(asked, years) if asked.month else (None, None)
    return show(
        "news/delegation_list.html",
        site=site,
        asked=asked,
        list=page,
        years=sorted({*years, *([asked.year] if asked.year else [])}, reverse=True),
        months=range(1, 13),
        words_max=WORDS_MAX,
        calendar=visits.visit_calendar(asked, now) if asked.month else None,
        before=before,
        after=after,
        is_whole=page.is_first and not page.older,
        page_title=f"Đoàn công tác {asked.said}".rstrip(),
        canonical=f"{site.url}{address}{'' if asked.is_empty else f'?{asked.query}'}",
    )


@public
def delegation_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """One visit, its people and the articles about it, the visits before and after it. Eight queries."""
    now = timezone.now()
    visit = listings.delegation(pk, now)
    if visit is None:
        raise Http404
    return gathering(
        request,
        "news/delegation_detail.html",
        at=now,
        address=visit.box.url,
        cards=partial(listings.delegation_page, visit, now),
        box=visit.box,
        around=visits.neighbours(visit.id, visit.printed_as, visit.from_on, now),
    )
