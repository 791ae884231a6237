"""What stands around every page: the masthead, the sections, today's date. Two queries."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from news.models import Masthead, Section
from news.text.dates import long_date


@dataclass(frozen=True, slots=True)
class SectionLink:
    """A section in the navigation; `children` are the sections below it."""

    id: int
    name: str
    slug: str
    url: str
    children: tuple["SectionLink", ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """The frame of a public page. `today` is the date line, "Thứ Hai, 20/5/2024"."""

    name: str
    motto: str
    url: str
    supervising_body: str
    licence: str
    editor_in_chief: str
    address: str
    phone: str
    email: str
    today: str
    today_iso: str
    year: int
    sections: tuple[SectionLink, ...]
    is_press: bool


def site(at: datetime) -> Site:
    """The frame as of that moment."""
    masthead = Masthead.objects.first() or Masthead(name="Tòa soạn")
    rows = list(Section.objects.filter(is_listed=True).order_by("order", "id"))

    def link(row: Section) -> SectionLink:
        below = tuple(link(child) for child in rows if child.parent_id == row.pk)
        return SectionLink(row.pk, row.name, row.slug, reverse("section_list", args=[row.slug]), below)

    today = timezone.localdate(at)
    return Site(
        name=masthead.name,
        motto=masthead.motto,
        url=settings.SITE_URL,
        supervising_body=masthead.supervising_body,
        licence=_licence(masthead),
        editor_in_chief=masthead.editor_in_chief,
        address=masthead.address,
        phone=masthead.phone,
        email=masthead.email,
        today=long_date(today),
        today_iso=today.isoformat(),
        year=today.year,
        sections=tuple(link(row) for row in rows if row.parent_id is None),
        is_press=settings.SITE_TYPE == "press",
    )


def _licence(masthead: Masthead) -> str:
    if not masthead.licence_number:
        return ""
    issued = masthead.licence_issued_on
    day = f" ngày {issued.day}/{issued.month}/{issued.year}" if issued else ""
    issuer = f" do {masthead.licence_issuer} cấp" if masthead.licence_issuer else ""
    return f"Giấy phép số {masthead.licence_number}{issuer}{day}"
