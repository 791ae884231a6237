"""Pictures: what the law and readers who cannot see them ask for."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from news import markup
from news.queries.readiness.finding import Copy, Finding, advising, blocking

# What every picture must say, by its key in the content.
REQUIRED: Final = {"alt": "mô tả (alt)", "caption": "chú thích", "credit": "tác giả ảnh, nguồn"}


def pictures(copy: Copy) -> Iterator[Finding]:
    """Every picture shown says what it shows, what it is about and whose it is; the article has one to lead it."""
    content = copy.content
    if content["lead_image"] is None:
        yield advising("no_lead_image", "lead_image", "Chưa có ảnh chính: thẻ bài và thẻ chia sẻ sẽ không có ảnh.")
    places = (
        ("lead_image", "ảnh chính", [content["lead_image"]]),
        ("body", "trong bài", content.get("body_images", ())),
        ("gallery", "trong chùm ảnh", content["gallery"]),
    )
    captioned = _captioned(content["body"])
    for field, where, images in places:
        for image in images:
            if image is not None:
                yield from _lacking(image, field, where, has_caption=field == "body" and image["id"] in captioned)


def _captioned(body: str) -> set[int]:
    """The pictures of a text that stand above a caption of their figure: the library's own is not needed there."""
    return {number for figure in markup.figures(body) if figure.caption for number in figure.images}


def _lacking(image: Mapping[str, Any], field: str, where: str, *, has_caption: bool) -> Iterator[Finding]:
    for key, word in REQUIRED.items():
        if not (image.get(key) or "").strip() and not (has_caption and key == "caption"):
            yield blocking(f"no_{key}", field, f"Thiếu {word} cho ảnh số {image['id']} ({where}).")


def missing_figures(copy: Copy) -> Iterator[Finding]:
    """Pictures and recordings that the text names and the library does not have."""
    content = copy.content
    images, recordings = markup.figure_numbers(content["body"])
    for word, numbers, rows in (
        ("Ảnh", images, content.get("body_images", ())),
        ("Video, âm thanh", recordings, content.get("recordings", ())),
    ):
        known = {row["id"] for row in rows}
        for number in numbers:
            if number not in known:
                yield blocking("missing_figure", "body", f"{word} số {number} trong bài không còn trong kho.")
