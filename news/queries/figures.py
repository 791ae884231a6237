"""Figures of a text: what the page prints for each, and which of those it names are not there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from django.db.models import Q
from django.utils.safestring import SafeString, mark_safe

from news import filetypes, markup
from news.models import Image, Recording
from news.queries import addresses, picks
from news.queries.pictures import Picture, picture_of


@dataclass(frozen=True, slots=True)
class Play:
    """A recording that can be played: `length` as "2:05", "" when unknown; `transcript` by paragraphs."""

    is_video: bool
    title: str
    url: str
    content_type: str
    length: str
    poster: Picture | None
    caption: str
    credit: str
    transcript: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text, in order: sanitised HTML, or a figure with what it shows.

    `html` is the piece itself, or the figure's own caption ("": the library's stands beside each picture).
    """

    kind: Literal["html", "picture", "gallery", "recording", "embed", "caption"]
    html: SafeString
    pictures: tuple[Picture, ...] = ()
    play: Play | None = None
    link: str = ""
    site: str = ""

    @property
    def picture(self) -> Picture | None:
        """The only picture, or the first."""
        return self.pictures[0] if self.pictures else None


def body_parts(content: Mapping[str, Any]) -> tuple[Part, ...]:
    """The text of a content, sealed or composed, as a page prints it. No query.

    A figure whose picture or recording the content does not hold prints its caption and nothing else.
    """
    images = {image["id"]: image for image in content.get("body_images", ())}
    recordings = {recording["id"]: recording for recording in content.get("recordings", ())}
    found = []
    for part in markup.parts(content["body"]):
        if isinstance(part, markup.Html):
            found.append(Part("html", _safe(part.text)))
        else:
            found.append(_figure(part, images, recordings))
    return tuple(part for part in found if part.kind != "caption" or part.html)


def _safe(text: str) -> SafeString:
    return mark_safe(text)  # noqa: S308 - pieces of `markup.parts`, which sanitises


def _figure(
    figure: markup.Figure, images: Mapping[int, Mapping[str, Any]], recordings: Mapping[int, Mapping[str, Any]]
) -> Part:
    caption = _safe(figure.caption)
    if figure.kind == "recording":
        recording = recordings.get(figure.recording)
        return Part("recording", caption, play=play_of(recording)) if recording else Part("caption", caption)
    pictures = tuple(found for number in figure.images if (found := picture_of(images.get(number))))
    if not pictures:
        return Part("caption", caption)
    return Part(figure.kind, caption, pictures, link=figure.link, site=site_of(figure.link))


def site_of(link: str) -> str:
    """The name of the site an address leads to, as said beside it: "youtube.com"; "" for none."""
    return (urlsplit(link).hostname or "").removeprefix("www.") if link else ""


def play_of(recording: Mapping[str, Any]) -> Play:
    """A recording of a content, ready to be played from its public address."""
    return Play(
        is_video=recording["kind"] == "video",
        title=recording["title"],
        url=addresses.file(recording["key"], addresses.recording_name(recording["title"], recording["content_type"])),
        content_type=recording["content_type"],
        length=filetypes.length_in_words(recording["seconds"]),
        poster=picture_of(recording["poster"]),
        caption=recording["caption"],
        credit=recording["credit"],
        transcript=tuple(line for line in recording["transcript"].splitlines() if line.strip()),
    )


def missing(body: str) -> list[str]:
    """What the text names and the library does not have, in words for the desk. Two queries at most."""
    images, recordings = markup.figure_numbers(body)
    no_image = _absent(Image, images)
    no_recording = _absent(Recording, recordings)
    return [
        *(f"Ảnh số {number} không có trong kho." for number in no_image),
        *(f"Phim, âm thanh số {number} không có trong kho." for number in no_recording),
    ]


def _absent(model: type[Image] | type[Recording], numbers: list[int]) -> list[int]:
    if not numbers:
        return []
    known = set(model._default_manager.filter(pk__in=numbers).values_list("pk", flat=True))
    return [number for number in numbers if number not in known]


# --- The library, as the editor asks for it --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture or a recording of the library: what the editor shows of it. `image` is the picture or the poster."""

    kind: Literal["picture", "recording"]
    id: int
    label: str
    note: str
    caption: str
    image: Image | None


MOST_SHOWN = 24


def library_pictures(text: str, before: int | None = None) -> list[Shown]:
    """The newest pictures that match the words (all for none), older than number `before` when given. One query."""
    rows = Image.objects.filter(picks.pictures_matching(text)) if text.strip() else Image.objects.all()
    rows = rows.filter(pk__lt=before) if before else rows
    return [_shown_picture(row) for row in rows.order_by("-id")[:MOST_SHOWN]]


def library_recordings(text: str, before: int | None = None) -> list[Shown]:
    """The newest recordings that match the words. One query."""
    condition = picks.containing("text_key", text)
    number = picks.bare_number(text)
    rows = Recording.objects.filter(condition if number is None else condition | Q(pk=number)).select_related("poster")
    rows = rows.filter(pk__lt=before) if before else rows
    return [_shown_recording(row) for row in rows.order_by("-id")[:MOST_SHOWN]]


def shown(images: Iterable[int], recordings: Iterable[int]) -> list[Shown]:
    """The pictures and recordings of these numbers, those that exist. Two queries at most."""
    image_ids, recording_ids = list(images), list(recordings)
    found = list(Image.objects.filter(pk__in=image_ids)) if image_ids else []
    heard = list(Recording.objects.filter(pk__in=recording_ids).select_related("poster")) if recording_ids else []
    return [*map(_shown_picture, found), *map(_shown_recording, heard)]


def _shown_picture(row: Image) -> Shown:
    return Shown("picture", row.pk, str(row), f"{row.width} × {row.height}", row.caption, row)


def _shown_recording(row: Recording) -> Shown:
    note = ", ".join(filter(None, (row.get_kind_display(), filetypes.length_in_words(row.seconds))))
    return Shown("recording", row.pk, row.title, note, row.caption, row.poster)
