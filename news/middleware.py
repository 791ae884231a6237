"""What every request and answer goes through before and after Django's own middleware."""

import gzip
import hashlib
import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Final

import brotli
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags, quote_etag

from news.web import error_page

Handler = Callable[[HttpRequest], HttpResponseBase]

QUERY_MAX = 4096
SMALLEST: Final = 500
"""Bytes; what is smaller gains nothing by being compressed."""
_TEXTS: Final = ("text/", "application/xml", "application/json", "application/feed+json", "application/rss+xml",
                 "application/atom+xml", "image/svg+xml")  # fmt: skip
_WEIGHT: Final = re.compile(r"q\s*=\s*([01](?:\.[0-9]{0,3})?)")
# Control characters as a query spells them; a tab may come with a pasted search.
_CONTROL: Final = re.compile("[\x00-\x1f\x7f]|%(?:0[0-8a-f]|1[0-9a-f]|7f)", re.IGNORECASE)
PERMISSIONS: Final = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer autoplay camera display-capture encrypted-media geolocation gyroscope hid"
        " identity-credentials-get idle-detection magnetometer microphone midi payment"
        " screen-wake-lock serial usb xr-spatial-tracking"
    ).split()
)
_FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_SERVER",
    "HTTP_X_REAL_IP",
    "HTTP_FORWARDED",
)


def _is_trusted(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in settings.TRUSTED_PROXIES)


class TrustedProxyMiddleware:
    """Believe what a proxy says of its visitor only when the proxy is one of TRUSTED_PROXIES; drop it otherwise.

    Afterwards REMOTE_ADDR is the visitor's address and the scheme is the visitor's, and nothing else is to be asked.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Settle who is asking."""
        meta = request.META
        if _is_trusted(meta.get("REMOTE_ADDR", "")):
            # The right-most address that is not a proxy of ours: what stands left of it anybody may have written.
            hops = [part.strip() for part in meta.get("HTTP_X_FORWARDED_FOR", "").split(",")]
            for hop in reversed(hops):
                try:
                    meta["REMOTE_ADDR"] = str(ip_address(hop))
                except ValueError:
                    break
                if not _is_trusted(hop):
                    break
            if meta.get("HTTP_X_FORWARDED_PROTO", "").strip().lower() == "https":
                meta["wsgi.url_scheme"] = "https"
        for name in _FORWARDED:
            meta.pop(name, None)
        return self.get_response(request)


def _is_unclean(request: HttpRequest) -> bool:
    query = request.META.get("QUERY_STRING", "")
    if len(query) > QUERY_MAX or _CONTROL.search(query):
        return True
    if any(ord(letter) < 0x20 or ord(letter) == 0x7F for letter in request.path_info):
        return True
    try:
        request.get_host()
    except DisallowedHost:
        return True
    charset = request.content_params.get("charset", "utf-8") if request.content_params else "utf-8"
    return charset.strip("\"'").lower().replace("_", "-") not in {"utf-8", "utf8", "us-ascii"}


class RequestHygieneMiddleware:
    """Answer 400 to what no reader's browser sends: control characters, endless queries, odd charsets, other hosts."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Refuse early, before anything parses the request."""
        response = error_page("400.html", 400) if _is_unclean(request) else self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Permitted-Cross-Domain-Policies", "none")
        return response


def accepted_encoding(header: str) -> str:
    """The encoding to answer in, of those a request accepts: "br", "gzip" or "" (RFC 9110, 12.5.3)."""
    weights: dict[str, float] = {}
    for part in header.lower().split(",")[:20]:
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            if match := _WEIGHT.fullmatch(parameter):
                weight = float(match[1])
        weights[name] = weight
    return next((name for name in ("br", "gzip") if weights.get(name, weights.get("*", 0)) > 0), "")


def compress(response: HttpResponse, encoding: str) -> None:
    """Write the body anew in that encoding. Public pages hold no secret and echo no word of the visitor's."""
    body = response.content
    response.content = brotli.compress(body, quality=5) if encoding == "br" else gzip.compress(body, 6, mtime=0)
    response.headers["Content-Encoding"] = encoding
    if "Content-Length" in response.headers:
        response.headers["Content-Length"] = str(len(response.content))


class PublicPageMiddleware:
    """Public pages are the same for everyone: they carry an ETag for GET and HEAD alike, answer 304 by it, and go out
    compressed to whom that is right.

    A view says that its answer is public (`web.public`); every other answer is kept out of caches.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Tag what is public, answer 304 where the visitor has it."""
        response = self.get_response(request)
        if not getattr(response, "is_public_page", False):
            response.headers.setdefault("Cache-Control", "private, no-store")
            return response
        response.headers.setdefault("Cache-Control", "public, max-age=0, must-revalidate")
        if not isinstance(response, HttpResponse) or response.status_code != 200:
            return response
        etag = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
        response.headers["ETag"] = f"W/{etag}"
        is_text = response.headers.get("Content-Type", "").startswith(_TEXTS) and len(response.content) >= SMALLEST
        if is_text:
            patch_vary_headers(response, ["Accept-Encoding"])
        asked = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
        if asked == ["*"] or etag in {tag.removeprefix("W/") for tag in asked}:
            unchanged = HttpResponseNotModified()
            for name in ("Cache-Control", "ETag", "Vary", "Content-Security-Policy"):
                if name in response.headers:
                    unchanged.headers[name] = response.headers[name]
            return unchanged
        if is_text and (encoding := accepted_encoding(request.META.get("HTTP_ACCEPT_ENCODING", ""))):
            compress(response, encoding)
        return response
