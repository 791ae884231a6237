"""A content as the desk shows it: labels in words, pictures at private addresses, the body through the sanitiser."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from news import filetypes, imaging, markup
from news.models import ContributionKind, Image, Side
from news.queries import addresses
from news.queries.article_page import ArticlePage
from news.queries.figures import Part, body_parts
from news.queries.pictures import Picture

WIDEST = 960


def for_desk(content: dict[str, Any]) -> dict[str, Any]:
    """The content with everything in words."""
    return {
        **content,
        "body": body_html(content.get("body", "")),
        "parts": [desk_part(part) for part in body_parts({**content, "body": str(content.get("body", ""))})],
        "event_on": _day(content.get("event_on")),
        "lead_image": _picture(content.get("lead_image")),
        "gallery": [_picture(image) for image in content.get("gallery", ())],
        "attachments": [_document(item) for item in content.get("attachments", ())],
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


def _document(item: dict[str, Any]) -> dict[str, Any]:
    found = filetypes.type_of(item["content_type"])
    name = filetypes.public_name(item["title"], item["content_type"])
    return {
        **item,
        "address": reverse("admin:file", args=[item["sha256"][:40], name]),
        "facts": f"{found.name if found else ''}, {filetypes.size_in_words(item['byte_count'])}",
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


def rendition_address(key: str, width: int | str, kind: str = "webp") -> str:
    """Where the desk shows a rendition, public or not; `width` is "card-1a2b3c4d-640" for one of a crop."""
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
        share=picture.share.replace(public, private),
    )


def desk_part(part: Part) -> Part:
    """A piece of a text with the desk's addresses in place of the public ones."""
    play = part.play
    if play is not None:
        poster = desk_picture(play.poster) if play.poster else None
        play = replace(play, poster=poster, url=desk_file(play.url))
    return replace(part, pictures=tuple(map(desk_picture, part.pictures)), play=play)


def desk_file(url: str) -> str:
    """Where the desk gets a document or a recording whose public address this is."""
    public, private = addresses.file("0" * 40, "x.pdf"), reverse("admin:file", args=["0" * 40, "x.pdf"])
    return url.replace(public.removesuffix("0" * 40 + "/x.pdf"), private.removesuffix("0" * 40 + "/x.pdf"), 1)


def desk_page(page: ArticlePage) -> ArticlePage:
    """An article's page with the desk's addresses of its pictures and recordings: what a preview shows."""
    return replace(
        page,
        picture=desk_picture(page.picture) if page.picture else None,
        gallery=tuple(desk_picture(picture) for picture in page.gallery),
        parts=tuple(desk_part(part) for part in page.parts),
        attachments=tuple(replace(item, url=desk_file(item.url)) for item in page.attachments),
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
