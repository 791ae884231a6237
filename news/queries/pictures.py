"""Pictures as pages show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from news.queries import addresses


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its renditions: `src` a JPEG of middling width, the sets by format ("" for one it was never made
    in), the true proportions.
    """

    src: str
    srcset_jpg: str
    srcset_webp: str
    srcset_avif: str
    large: str
    width: int
    height: int
    alt: str
    caption: str = ""
    credit: str = ""
    key: str = ""


def picture_of(image: Mapping[str, Any] | None) -> Picture | None:
    """The picture that a sealed content or a card names; None for none."""
    if not image or not image["renditions"]:
        return None
    key, sizes = image["key"], image["renditions"]
    width, height = next((size for size in sizes if size[0] >= 640), sizes[-1])

    def srcset(kind: str) -> str:
        return ", ".join(f"{addresses.rendition(key, size[0], kind)} {size[0]}w" for size in sizes)

    return Picture(
        src=addresses.rendition(key, width, "jpg"),
        srcset_jpg=srcset("jpg"),
        srcset_webp=srcset("webp"),
        srcset_avif=srcset("avif") if "avif" in image.get("formats", ()) else "",
        large=addresses.rendition(key, next((size[0] for size in sizes if size[0] >= 1280), sizes[-1][0]), "jpg"),
        width=width,
        height=height,
        alt=image.get("alt", ""),
        caption=image.get("caption", ""),
        credit=image.get("credit", ""),
        key=key,
    )
