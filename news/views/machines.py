"""What machines ask for: pictures, the view beacon, robots.txt, the addresses of an earlier site."""

import json
import re
from typing import Final

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
)
from django.http.response import HttpResponseBase
from django.templatetags.static import static
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.http import escape_leading_slashes
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from news.queries import editions
from news.queries.editions import Gone
from news.services import counting
from news.views.errors import gone
from news.web import MEDIA_HEADERS, public, read_only, stored_file

TYPES: Final = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}
BEACON_MAX = 512


@read_only
def media(request: HttpRequest, key: str, width: str, kind: str) -> HttpResponseBase:
    """A rendition that a live edition shows; anything else is not there. One query.

    `width`: "640", or "card-1a2b3c4d-640" of a crop: only what an edition was sealed with lies in the public storage.
    """
    if not editions.is_shown(key, timezone.now()):
        raise Http404
    return stored_file(
        request,
        storage="public",
        name=f"{key}/{width}.{kind}",
        etag=f'"{key}-{width}-{kind}"',
        content_type=TYPES[kind],
        headers=MEDIA_HEADERS,
    )


@csrf_exempt
@require_POST
def view_beacon(request: HttpRequest) -> HttpResponse:
    """Count one view: `bai`, the article's number, as a form field or in JSON. 204 for all that is well-formed; 503
    when it could not be written.

    Exempt from the CSRF check (a cached page has no token); a request that says it comes from elsewhere counts nothing.
    """
    number = _beacon_number(request)
    if not re.fullmatch(r"[1-9][0-9]{0,17}", number, re.ASCII):
        return HttpResponse(status=400)
    is_ours = request.META.get("HTTP_SEC_FETCH_SITE", "same-origin") == "same-origin"
    origin = request.META.get("HTTP_ORIGIN")
    if is_ours and origin in {None, settings.SITE_URL, f"{request.scheme}://{request.get_host()}"}:
        try:
            counting.count_view(
                article_id=int(number),
                address=request.META["REMOTE_ADDR"],
                agent=request.headers.get("User-Agent", "")[:400],
                at=timezone.now(),
            )
        except counting.NotCounted:
            return HttpResponse(status=503, headers={"Retry-After": "1"})
    return HttpResponse(status=204)


def _beacon_number(request: HttpRequest) -> str:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not re.fullmatch(r"[0-9]{1,9}", length, re.ASCII) or int(length) > BEACON_MAX:
        return ""
    if request.content_type != "application/json":
        return request.POST.get("bai", "")
    try:
        fields = json.loads(request.body)
    except ValueError:
        return ""
    return str(fields.get("bai", "")) if isinstance(fields, dict) else ""


@public
def robots(request: HttpRequest) -> HttpResponse:
    """robots.txt."""
    lines = [
        "User-agent: *",
        "Disallow: /quan-tri/",
        "Disallow: /tai-khoan/",
        "Disallow: /xem-truoc/",
        "Disallow: /dem/",
        "",
        f"Sitemap: {settings.SITE_URL}/sitemap.xml",
        f"Sitemap: {settings.SITE_URL}/sitemap-tin-tuc.xml",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@public
def old_address(request: HttpRequest, old_path: str) -> HttpResponseBase:
    """An address of the earlier site, or one that lacks its last slash; otherwise nothing is here."""
    query = request.META.get("QUERY_STRING", "")
    found = editions.moved(request.path_info, query, timezone.now())
    if found is Gone.ONCE:
        return gone(request)
    if isinstance(found, str):
        return HttpResponsePermanentRedirect(found)
    if not old_path.endswith("/"):
        try:
            match = resolve(f"{request.path_info}/")
        except Resolver404:
            raise Http404 from None
        if match.url_name != "old_address":
            return HttpResponsePermanentRedirect(
                escape_leading_slashes(f"{request.path}/{f'?{query}' if query else ''}")
            )
    raise Http404


@public
def favicon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for the icon of a page that names none."""
    return HttpResponsePermanentRedirect(static("img/favicon.png"))
