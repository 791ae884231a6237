"""What stands around every page: the masthead, the sections, the standing pages, today's date. Three queries."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.flatpages.models import FlatPage
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from news.models import Masthead, Section
from news.text.dates import long_date

STANDING_MAX = 60
"""How many standing pages the footer's one query reads: far more than a newspaper has."""


@dataclass(frozen=True, slots=True)
class SectionLink:
    """A section in the navigation; `children` are the sections below it."""

    id: int
    name: str
    slug: str
    url: str
    children: tuple["SectionLink", ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page by its name and where it is."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Site:
    """The frame of a public page. `today` is the date line, "Thứ Hai, 20/5/2024".

    `pages` are the standing pages in Vietnamese, the oldest first; `english` is the page in English that leads to the
    others, `english_pages` all of them, that one first.
    """

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
    pages: tuple[PageLink, ...]
    english: PageLink | None
    english_pages: tuple[PageLink, ...]


def site(at: datetime) -> Site:
    """The frame as of that moment."""
    masthead = Masthead.objects.first() or Masthead(name="Tòa soạn")
    rows = list(Section.objects.filter(is_listed=True).order_by("order", "id"))

    def link(row: Section) -> SectionLink:
        below = tuple(link(child) for child in rows if child.parent_id == row.pk)
        address = reverse("section_list", args=[row.slug])
        return SectionLink(row.pk, row.name, row.slug, address, below, row.description)

    today = timezone.localdate(at)
    pages = _standing_pages()
    english = sorted((link for link in pages if link.url.startswith("/en/")), key=lambda link: link.url != "/en/")
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
        pages=tuple(link for link in pages if link.url.startswith("/trang/")),
        english=english[0] if english else None,
        english_pages=tuple(english),
    )


def public_pages() -> QuerySet[FlatPage]:
    """The standing pages that readers may see: this site's, without a log-in. The only definition."""
    return FlatPage.objects.filter(sites=settings.SITE_ID, registration_required=False)


def _standing_pages() -> list[PageLink]:
    rows = public_pages().order_by("pk").values_list("url", "title")[:STANDING_MAX]
    return [PageLink(title, url) for url, title in rows]


def _licence(masthead: Masthead) -> str:
    if not masthead.licence_number:
        return ""
    issued = masthead.licence_issued_on
    day = f" ngày {issued.day}/{issued.month}/{issued.year}" if issued else ""
    issuer = f" do {masthead.licence_issuer} cấp" if masthead.licence_issuer else ""
    return f"Giấy phép số {masthead.licence_number}{issuer}{day}"
