"""What every door to the web shares: the mark of a public answer, the frame of a page, the pages for errors."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import wraps
from typing import IO, Any, Final

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.files.storage import storages
from django.core.files.uploadhandler import FileUploadHandler
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseNotModified,
    HttpResponsePermanentRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.http import parse_etags
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accounts import second_factor
from accounts.models import User
from news.queries.cards import BadCursor, CardList
from news.queries.site import Site, site
from news.services.mailing import masthead_name

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


def reader_page(view: View) -> View:
    """A page of a reader's own, as `form_page`; whoever is not logged in is asked to, and comes back afterwards."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path() if request.method != "POST" else request.path)
        return view(request, *args, **kwargs)

    return form_page(answer)


def reader_of(request: HttpRequest) -> User:
    """Who is logged in. Raises `PermissionDenied` for nobody, which `reader_page` has kept away."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user


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


_TYPED_IN: Final = re.compile(
    r"(?:news|flatpages)_[a-z]+_(?:add|change)|news_feedback_(?:forward|publish)|news_comment_decide|news_image_describe"
)
"""Names of the desk's pages in which people write; those of accounts hold passwords."""


def gives_back(request: HttpRequest) -> bool:
    """Whether this was typed at the desk, in a form of ours, and cannot be taken now (no log-in, or an old token).

    Only then it is shown again: never to a GET, never for another site's form.
    """
    match = request.resolver_match
    if request.method != "POST" or match is None or "admin" not in match.namespaces:
        return False
    if _TYPED_IN.fullmatch(match.url_name or "") is None:
        return False
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return False
    own = f"{request.scheme}://{request.get_host()}"
    said = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return said == own or said.startswith(f"{own}/")


def given_back(request: HttpRequest) -> HttpResponse:
    """403: the form was not taken; all that was typed stands in a form that can be sent again after a log-in."""
    pairs = [
        (name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values
    ]
    user = getattr(request, "user", None)
    context = {
        "site_header": "Tòa soạn",
        "pairs": pairs,
        "is_logged_in": user is not None and second_factor.standing(request, timezone.now()).may_enter,
    }
    return HttpResponse(render_to_string("admin/given_back.html", context, request=request), status=403)


def xml_text(text: str) -> str:
    """The text without the characters that XML has no place for."""
    return _NOT_XML.sub("", text)


def cursor_of(request: HttpRequest) -> str:
    """The place in the list that the address asks for; "" for the newest page."""
    return request.GET.get("truoc", "")


def number_in(request: HttpRequest, name: str) -> int:
    """The row a form of ours names. Raises `Http404` for what is no number of a row."""
    value = request.POST.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise Http404
    return int(value)


def listed[T](ask: Callable[[], T]) -> T:
    """What a list query answers. Raises `Http404` for a cursor that names no place."""
    try:
        return ask()
    except BadCursor:
        raise Http404 from None


def named(request: HttpRequest) -> dict[str, Any]:
    """The newspaper's name for the pages of accounts, which know no newsroom; asked for only where it is shown."""
    return {"masthead": SimpleLazyObject(masthead_name)}


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


# --- Files that come in ------------------------------------------------------------------------


LETTER_FORMS: Final = frozenset({"feedback_send", "article_feedback"})
"""The only forms on which strangers enclose files."""


class UploadLimit(FileUploadHandler):
    """How much a request may bring, asked before any of it is read; the desk takes files, and the form of letters."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803 - Django's name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Raise `RequestDataTooBig` for more than the visitor may send."""
        request = self.request
        if request is not None and hasattr(request, "user"):
            is_desk = second_factor.standing(request, timezone.now()).may_enter
        else:
            is_desk = False
        match = getattr(request, "resolver_match", None)
        if is_desk:
            most = settings.UPLOAD_MAX_BYTES
        elif match is not None and match.url_name in LETTER_FORMS:
            most = settings.LETTER_UPLOAD_MAX_BYTES
        else:
            most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if content_length > most:
            raise RequestDataTooBig

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """On to the handlers that keep it."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Theirs to answer."""


# --- Files of a storage, whole or in part --------------------------------------------------------

MEDIA_HEADERS: Final = {
    # Short, so that what is withdrawn is soon gone from caches too.
    "Cache-Control": "public, max-age=300",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""What goes with every public picture, document and recording: opened by itself it can do nothing."""
_RANGE: Final = re.compile(r"\Abytes=(\d{0,15})-(\d{0,15})\Z", re.ASCII)
AT_ONCE: Final = 1024 * 1024
"""Bytes that are answered in one piece; more goes out in pieces of a quarter of that, whatever the file's size."""


class Piece:
    """The bytes from `start` to `end` of an open file, a piece at a time; closes the file."""

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        self.file = file
        self.left = end - start
        file.seek(start)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        found = self.file.read(min(self.left, AT_ONCE // 4)) if self.left > 0 else b""
        if not found:
            raise StopIteration
        self.left -= len(found)
        return found

    def close(self) -> None:
        """Called by the server when the answer is over, sent or broken off."""
        self.file.close()


def stored_file(
    request: HttpRequest, *, storage: str, name: str, etag: str, content_type: str, headers: Mapping[str, str]
) -> HttpResponseBase:
    """A file of a storage as its client asks for it: whole, one range of it (206, 416), or 304. Raises `Http404`.

    `etag` is strong and quoted: files never change under their name.
    """
    held = storages[storage]
    told = {**headers, "ETag": etag, "Accept-Ranges": "bytes"}
    try:
        size = held.size(name)
        if {"*", etag} & set(parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))):
            return HttpResponseNotModified(headers=told)
        # Only GET knows ranges (RFC 9110, 14.2); HEAD tells of the whole.
        asked = range_of(request.META.get("HTTP_RANGE", ""), size) if request.method == "GET" else None
        if asked is not None and request.META.get("HTTP_IF_RANGE", etag) != etag:
            asked = None
        start, end = asked or (0, size)
        if asked is not None and start >= end:
            return HttpResponse(status=416, headers=told | {"Content-Range": f"bytes */{size}"})
        told["Content-Length"] = str(end - start)
        if asked is not None:
            told["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        status = 200 if asked is None else 206
        if request.method == "HEAD":
            return HttpResponse(status=status, content_type=content_type, headers=told)
        piece = Piece(held.open(name), start, end)
    except FileNotFoundError as error:
        raise Http404 from error
    if end - start <= AT_ONCE:
        data = b"".join(piece)
        piece.close()
        return HttpResponse(data, status=status, content_type=content_type, headers=told)
    return StreamingHttpResponse(piece, status=status, content_type=content_type, headers=told)


def range_of(header: str, size: int) -> tuple[int, int] | None:
    """The asked bytes as (start, end); start >= end: none of them exist; None: the whole file (RFC 9110, 14.2)."""
    match = _RANGE.match(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return (max(0, size - int(last)), size) if int(last) else (size, size)
    start = int(first)
    if last and int(last) < start:
        return None
    return start, min(int(last) + 1, size) if last else size
