"""What every door to the web shares: the mark of a public answer, the frame of a page, the pages for errors."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Final

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponsePermanentRedirect,
)
from django.http.response import HttpResponseBase
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from news.queries.cards import BadCursor, CardList
from news.queries.site import Site, site

type View = Callable[..., HttpResponseBase]

# What XML 1.0 has no place for; titles cannot hold it, but an old import's might one day.
_NOT_XML: Final = re.compile("[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def read_only(view: View) -> View:
    """Let GET and HEAD through and answer 405 to every other method.

    Exempt from the CSRF check only because nothing but reading gets through, so that a wrong method is told as such.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return view(request, *args, **kwargs)

    return csrf_exempt(answer)


def form_page(view: View) -> View:
    """Let GET, HEAD and POST through, a POST only with its CSRF token; other methods are answered 405 before that."""
    guarded = csrf_protect(view)

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        return guarded(request, *args, **kwargs)

    return csrf_exempt(answer)


def public(view: View) -> View:
    """Mark a read-only view's answer as the same for everyone."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.is_public_page = True  # type: ignore[attr-defined]  # read by PublicPageMiddleware
        return response

    return read_only(answer)


def error_page(template: str, status: int) -> HttpResponse:
    """A page for what went wrong: no query, no form read, no visitor needed; plain words if not even it can be made."""
    try:
        return HttpResponse(render_to_string(template), status=status)
    except (TemplateDoesNotExist, TemplateSyntaxError, OSError, ValueError):  # a static file has no hash
        return HttpResponse(f"Lỗi {status}\n", status=status, content_type="text/plain; charset=utf-8")


def xml_text(text: str) -> str:
    """The text without the characters that XML has no place for."""
    return _NOT_XML.sub("", text)


def cursor_of(request: HttpRequest) -> str:
    """The place in the list that the address asks for; "" for the newest page."""
    return request.GET.get("truoc", "")


def listed[T](ask: Callable[[], T]) -> T:
    """What a list query answers. Raises `Http404` for a cursor that names no place."""
    try:
        return ask()
    except BadCursor:
        raise Http404 from None


def frame(at: datetime | None = None) -> Site:
    """The frame around a page."""
    return site(at or timezone.now())


def show(template: str, status: int = 200, **context: Any) -> HttpResponse:
    """The template with its context and nothing of the visitor's: no request, no user, no token."""
    return HttpResponse(render_to_string(template, context), status=status)


def gathering(
    request: HttpRequest,
    template: str,
    *,
    at: datetime,
    address: str,
    cards: Callable[[str], CardList],
    **context: Any,
) -> HttpResponse:
    """The page of something that gathers articles, at its one right path `address`; from any other it is sent there.

    `cards` answers a page of its list for a cursor. Raises `Http404` for a cursor that names no place.
    """
    if request.path != address:
        return HttpResponsePermanentRedirect(address)
    site = frame(at)
    page = listed(lambda: cards(cursor_of(request)))
    return show(template, site=site, list=page, canonical=f"{site.url}{address}", **context)
