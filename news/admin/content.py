"""A content as the desk shows it: labels in words, pictures at private addresses, the body through the sanitiser."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from news import imaging, markup
from news.models import ContributionKind, Image, Side
from news.queries.pictures import Picture

WIDEST = 960


def for_desk(content: dict[str, Any]) -> dict[str, Any]:
    """The content with everything in words."""
    return {
        **content,
        "body": body_html(content.get("body", "")),
        "event_on": _day(content.get("event_on")),
        "lead_image": _picture(content.get("lead_image")),
        "gallery": [_picture(image) for image in content.get("gallery", ())],
        "byline": [{**row, "kind": _label(ContributionKind, row["kind"])} for row in content.get("byline", ())],
        "delegations": [
            {
                **row,
                "from_on": _day(row["from_on"]),
                "to_on": _day(row["to_on"]),
                "attendees": [{**person, "side": _label(Side, person["side"])} for person in row["attendees"]],
            }
            for row in content.get("delegations", ())
        ],
    }


def body_html(source: Any) -> SafeString:
    """Stored rich text, sanitised once more before it stands in a page of the desk."""
    return mark_safe(markup.sanitise(str(source)))  # noqa: S308 - the sanitiser is the last step


def _day(text: Any) -> str:
    if not text:
        return ""
    day = date.fromisoformat(text)
    return f"{day.day}/{day.month}/{day.year}"


def _label(choices: Any, value: str) -> str:
    return str(choices(value).label) if value in choices.values else value


def _picture(image: dict[str, Any] | None) -> dict[str, Any] | None:
    if not image:
        return None
    fitting = [size for size in image["renditions"] if size[0] <= WIDEST] or image["renditions"][:1]
    width, height = fitting[-1]
    return {**image, "address": rendition_address(image["key"], width), "shown_width": width, "shown_height": height}


def rendition_address(key: str, width: int, kind: str = "webp") -> str:
    """Where the desk shows a rendition, public or not."""
    return reverse("admin:news_image_rendition", args=[key, width, kind])


def desk_picture(picture: Picture) -> Picture:
    """A page's picture with the desk's addresses in place of the public ones, which do not show it yet."""
    public, private = settings.MEDIA_BASE_URL, rendition_address("x", 1).removesuffix("x/1.webp")
    return replace(
        picture,
        src=picture.src.replace(public, private),
        srcset_jpg=picture.srcset_jpg.replace(public, private),
        srcset_webp=picture.srcset_webp.replace(public, private),
        srcset_avif=picture.srcset_avif.replace(public, private),
        large=picture.large.replace(public, private),
    )


def picture_of(image: Image) -> dict[str, Any]:
    """A picture of the library for the desk's forms."""
    sizes = imaging.rendition_sizes(image.width, image.height)
    width, height = ([size for size in sizes if size[0] <= WIDEST] or sizes[:1])[-1]
    return {
        "address": rendition_address(image.key, width),
        "width": width,
        "height": height,
        "alt": image.alt or f"Ảnh số {image.pk}, chưa có mô tả",
        "size": f"{image.width} × {image.height} điểm ảnh",
        "bytes": image.byte_count,
    }
