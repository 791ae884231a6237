"""The reader's view beside the form: the page and the checks of what stands in the form, saved or not."""

import copy
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from news import markup
from news.admin.content import desk_page, rendition_address
from news.forms import unsaved
from news.forms.article import ArticleDesk
from news.models import Article
from news.queries import addresses, readiness
from news.queries.article_page import WORDS_A_MINUTE, Surroundings, article_page
from news.queries.readiness import Finding
from news.queries.site import site
from news.services.sealing import Content

SHARE_WIDTH: Final = 640
UNTITLED: Final = "Chưa có tiêu đề"
TARGETS: Final = {
    "byline": "phan-ten-ky",
    "gallery": "phan-chum-anh",
    "delegations": "phan-doan",
}
"""Where a finding's link leads, by its field, where that is no field of the article itself."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding with the id of the element it belongs to."""

    kind: str
    field: str
    is_blocking: bool
    message: str
    target: str


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of a copy, blocking ones first, and the same by field."""

    rows: tuple[Shown, ...]

    @property
    def blocking(self) -> list[Shown]:
        """What must be repaired."""
        return [row for row in self.rows if row.is_blocking]

    @property
    def advising(self) -> list[Shown]:
        """What is worth a look."""
        return [row for row in self.rows if not row.is_blocking]

    @property
    def by_field(self) -> dict[str, list[Shown]]:
        """The findings of each field."""
        found: dict[str, list[Shown]] = {}
        for row in self.rows:
            found.setdefault(row.field, []).append(row)
        return found


def report(content: Content, *, article_id: int | None, at: datetime) -> Report:
    """What the checks find in a content, for the desk's pages."""
    return Report(tuple(_shown(row) for row in readiness.findings(content, article_id=article_id, at=at)))


def _shown(finding: Finding) -> Shown:
    field = finding.field
    target = TARGETS.get(field) or (f"phan-{field}" if field.startswith("doan-") else f"id_{field}")
    return Shown(finding.kind, field, finding.is_blocking, finding.message, target)


def reader_page(content: Content, at: datetime, template: str = "news/article_detail.html") -> str:
    """The page readers would see of a content; its pictures come from the desk."""
    frame = site(at)
    page = desk_page(article_page(content, site_name=frame.name))
    context = {
        "site": frame,
        "page": page,
        "around": Surroundings(),
        "current_section": page.section_id,
        "is_preview": True,
    }
    return render_to_string(template, context)


def share(content: Content, article_id: int | None) -> dict[str, str]:
    """What a search result and a shared card print of a content: title, description, address, picture ("" for none).

    The number in the address of an article that was never saved is not known yet: "…" stands for it.
    """
    page = article_page(content)
    image = content["lead_image"]
    picture = ""
    if image:
        sizes = image["renditions"]
        width = next((size[0] for size in sizes if size[0] >= SHARE_WIDTH), sizes[-1][0])
        picture = rendition_address(image["key"], width)
    return {
        "title": page.title,
        "description": page.description,
        "address": addresses.absolute(addresses.article(content["slug"], article_id or "…")),
        "picture": picture,
        "host": urlsplit(settings.SITE_URL).hostname or "",
    }


def counts(content: Content) -> dict[str, int]:
    """How long the text is: words, and minutes of reading."""
    words = len(markup.plain(content["body"]).split())
    return {"words": words, "minutes": max(1, -(-words // WORDS_A_MINUTE))}


def answer(request: HttpRequest, article: Article, user: User) -> JsonResponse:
    """What the sent form would look like and what the checks say of it. Nothing is written."""
    if request.method != "POST":
        raise PermissionDenied
    at = timezone.now()
    pk = article.pk
    content = unsaved.content_of(ArticleDesk(article, user=user, data=request.POST))
    found = report(content, article_id=pk, at=at)
    printed = content if content["title"] else {**content, "title": UNTITLED}
    answered: dict[str, Any] = {
        "html": reader_page(printed, at, "admin/news/article/beside.html"),
        "findings": [asdict(row) for row in found.rows],
        "counts": counts(content),
        "share": share(printed, pk),
    }
    response = JsonResponse(answered)
    response.headers["Cache-Control"] = "no-store"
    return response


def form_context(desk: ArticleDesk, article_id: int | None, user: User, at: datetime) -> dict[str, Any]:
    """What the form's page shows beside its fields before any script runs."""
    if desk.form.is_bound:
        # A twin: looking at what was sent must not fill the page with faults that nobody asked about.
        desk = ArticleDesk(copy.copy(desk.article), user=user, data=cast(MultiValueDict[str, str], desk.form.data))
        desk.article.pk = article_id
    content = unsaved.content_of(desk)
    printed = content if content["title"] else {**content, "title": UNTITLED}
    # An empty page is no list of faults: the checks begin with the first word.
    is_fresh = article_id is None and not desk.form.is_bound
    return {
        "readiness": Report(()) if is_fresh else report(content, article_id=article_id, at=at),
        "is_fresh": is_fresh,
        "counts": counts(content),
        "share": share(printed, article_id),
    }
