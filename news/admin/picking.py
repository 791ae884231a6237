"""Where the desk's forms look up what may be picked: names as one types, people with the posts of a day."""

import re
from datetime import date
from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from news import imaging
from news.admin.content import rendition_address
from news.forms.fields import DayField
from news.queries import figures as library
from news.queries import picks
from news.queries.inner_links import inner_links

_NUMBER: Final = re.compile(r"\d{1,18}\Z", re.ASCII)
THUMBNAIL: Final = 320
"""The least width of a picture in the editor, in pixels."""


@require_safe
def pick(request: HttpRequest, kind: str) -> HttpResponse:
    """Up to a dozen matches of `?q=` as JSON; for people `?ngay=` says of which day the posts are."""
    source = picks.SOURCES.get(kind)
    if source is None:
        raise Http404
    granted = request.user.granted_permissions  # type: ignore[union-attr]  # staff, says admin_view
    if not granted & set(source.may_view.split()):
        raise PermissionDenied
    found = source.find(request.GET.get("q", "")[: picks.LONGEST], day_in(request.GET.get("ngay", "")))
    return JsonResponse(
        {
            "results": [
                {
                    "id": choice.id,
                    "label": choice.label,
                    "note": choice.note,
                    "text": choice.text,
                    "positions": list(choice.positions),
                }
                for choice in found
            ]
        }
    )


@require_safe
def links(request: HttpRequest) -> HttpResponse:
    """Articles whose title matches `?q=`, each with the address at which readers see it, "" while they do not."""
    if "news.view_article" not in request.user.granted_permissions:  # type: ignore[union-attr]  # staff, says admin_view
        raise PermissionDenied
    found = inner_links(request.GET.get("q", "")[: picks.LONGEST], timezone.now())
    return JsonResponse(
        {"results": [{"id": row.id, "label": row.title, "note": row.note, "address": row.address} for row in found]}
    )


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """The library for the editor: `?loai=anh|phim&q=` searches it (`&truoc=` older than that number), `?anh=1,2&phim=3`
    gives those numbers.
    """
    granted = request.user.granted_permissions  # type: ignore[union-attr]  # staff, says admin_view
    may_see = {"picture": "news.view_image" in granted, "recording": "news.view_recording" in granted}
    if not any(may_see.values()):
        raise PermissionDenied
    asked = request.GET
    words, before = asked.get("q", "")[: picks.LONGEST], picks.bare_number(asked.get("truoc", "")[:30])
    if "loai" not in asked:
        found = library.shown(numbers_in(asked.get("anh", "")), numbers_in(asked.get("phim", "")))
    elif asked["loai"] == "phim":
        found = library.library_recordings(words, before) if may_see["recording"] else []
    else:
        found = library.library_pictures(words, before) if may_see["picture"] else []
    return JsonResponse(
        {"results": [_figure(row) for row in found if may_see[row.kind]], "is_full": len(found) == library.MOST_SHOWN}
    )


def numbers_in(text: str) -> list[int]:
    """The numbers of a list such as "1,2", a hundred at most; what is no number is passed over."""
    return [int(part) for part in text[:2000].split(",")[:100] if _NUMBER.match(part)]


def _figure(row: library.Shown) -> dict[str, Any]:
    sizes = imaging.rendition_sizes(row.image.width, row.image.height) if row.image else ()
    width, height = next((size for size in sizes if size[0] >= THUMBNAIL), sizes[-1]) if sizes else (0, 0)
    return {
        "kind": row.kind,
        "id": row.id,
        "label": row.label,
        "note": row.note,
        "caption": row.caption,
        "address": rendition_address(row.image.key, width) if row.image else "",
        "width": width,
        "height": height,
    }


def day_in(text: str) -> date:
    """The day written there as in a form (20/5/2024) or as ISO; today for anything else."""
    try:
        return date_field.clean(text[:20]) or timezone.localdate()
    except ValidationError:
        return timezone.localdate()


date_field = DayField(required=False)
