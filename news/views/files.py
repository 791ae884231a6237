"""Documents and recordings that readers get: those that a live edition carries, and no other."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header

from news import filetypes
from news.queries import editions
from news.web import MEDIA_HEADERS, read_only, stored_file


@read_only
def file(request: HttpRequest, key: str, name: str) -> HttpResponseBase:
    """A file under the name its edition gives it; anything else is not there. One query.

    Recordings play in the page. Documents are always downloaded, PDF too: nothing of a stranger's making is ever
    shown at our address, and the sandbox that guards it would keep browsers' readers from showing it anyway.
    """
    content_type = editions.carried_type(key, name, timezone.now())
    found = filetypes.type_of(content_type)
    if found is None:
        raise Http404
    shown = content_disposition_header(found.kind == filetypes.DOCUMENT, name) or "inline"
    return stored_file(
        request,
        storage="public",
        name=f"tep/{key}",
        etag=f'"{key}"',
        content_type=content_type,
        headers={**MEDIA_HEADERS, "Content-Disposition": shown},
    )
