"""The article: its page, for print, as a file."""

import base64
import re
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.storage import storages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone

from news.imaging.codes import qr_code
from news.models import Edition
from news.queries import addresses
from news.queries.article_page import ArticlePage, page_of, surroundings
from news.queries.comments import openness
from news.queries.editions import Gone, edition_at
from news.queries.feedback import EXCHANGES_OF_ARTICLE, exchanges
from news.queries.site import Site
from news.views.errors import gone
from news.web import frame, public, show

# A file on its own has no typefaces to fetch; it falls back to the reader's.
_FACES: Final = re.compile(r"@font-face\s*\{[^}]*\}\s*")


def edition_or_answer(request: HttpRequest, slug: str, pk: int) -> Edition | HttpResponseBase:
    """The live edition, or what to answer instead: 410, or 301 to its right address. Raises `Http404`."""
    edition = edition_at(pk, timezone.now())
    if edition is Gone.ONCE:
        return gone(request)
    if edition is Gone.NEVER:
        raise Http404
    if edition.slug != slug:
        tail = request.path_info.split(f"-{pk}/", 1)[1]
        return HttpResponsePermanentRedirect(f"/tin/{edition.slug}-{pk}/{tail}")
    return edition


@public
def article_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """The page readers read. Nine queries at most, ten with related picks."""
    edition = edition_or_answer(request, slug, pk)
    if not isinstance(edition, Edition):
        return edition
    site = frame()
    page = page_of(edition, site_name=site.name)
    now = timezone.now()
    return show(
        "news/article_detail.html",
        site=site,
        page=page,
        around=surroundings(page, now),
        comments=openness(article_id=pk, section_id=page.section_id, published_at=page.published_at, at=now),
        exchanges=exchanges(pk, count=EXCHANGES_OF_ARTICLE),
        current_section=page.section_id,
        is_preview=False,
    )


@public
def article_print(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """The article on paper."""
    edition = edition_or_answer(request, slug, pk)
    if not isinstance(edition, Edition):
        return edition
    site = frame()
    return show("news/article_print.html", site=site, page=page_of(edition, site_name=site.name))


@public
def article_qr(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """The article's address as a QR code."""
    edition = edition_or_answer(request, slug, pk)
    if not isinstance(edition, Edition):
        return edition
    image = qr_code(addresses.absolute(addresses.article(edition.slug, pk)))
    response = HttpResponse(image, content_type="image/svg+xml")
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    return response


@public
def article_save(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """The article as one HTML file with its pictures and its look inside."""
    edition = edition_or_answer(request, slug, pk)
    if not isinstance(edition, Edition):
        return edition
    site = frame()
    page = page_of(edition, site_name=site.name)
    response = HttpResponse(_file(site, page), content_type="text/html; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-{pk}.html"'
    # Opened from this site by mistake, the file may show itself and do nothing else.
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; img-src data:; style-src 'none'; sandbox; frame-ancestors 'none'"
    )
    return response


def _file(site: Site, page: ArticlePage) -> str:
    pictures = {}
    in_text = [picture for part in page.parts for picture in part.pictures]
    for picture in (page.picture, *page.gallery, *in_text):
        if picture is None:
            continue
        name = f"{picture.key}/{picture.width}.jpg"
        if storages["public"].exists(name):
            with storages["public"].open(name) as file:
                pictures[picture.key] = f"data:image/jpeg;base64,{base64.b64encode(file.read()).decode()}"
    css = _FACES.sub("", _style("css/tokens.css")) + _style("css/saved.css")
    context = {"site": site, "page": page, "pictures": pictures, "css": css}
    return render_to_string("news/article_save.html", context)


def _style(name: str) -> str:
    path = finders.find(name) or settings.STATIC_ROOT / name
    return Path(str(path)).read_text(encoding="utf-8")
