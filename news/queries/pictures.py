"""Pictures as pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from news.queries import addresses


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its renditions: `src` a JPEG of middling width, the sets by format ("" for one it was never made
    in), the true proportions; `share` what other sites show of it: its crop for sharing, else `large`.
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
    share: str = ""


def picture_of(image: Mapping[str, Any] | None) -> Picture | None:
    """The picture that a sealed content or a card names, whole; None for none."""
    return _picture(image, image["renditions"], "") if image and image["renditions"] else None


def card_picture_of(image: Mapping[str, Any] | None) -> Picture | None:
    """The picture of a card: its crop for lists, where it has one; None for no picture."""
    crop = image.get("crops", {}).get("card") if image else None
    return _picture(image, crop["sizes"], f"card-{crop['tag']}-") if image and crop else picture_of(image)


def _picture(image: Mapping[str, Any], sizes: Sequence[Sequence[int]], cut: str) -> Picture:
    key, whole = image["key"], image["renditions"]
    width, height = next((size for size in sizes if size[0] >= 640), sizes[-1])
    large = addresses.rendition(key, next((size[0] for size in whole if size[0] >= 1280), whole[-1][0]), "jpg")
    share = image.get("crops", {}).get("share")

    def srcset(kind: str) -> str:
        return ", ".join(f"{addresses.rendition(key, f'{cut}{size[0]}', kind)} {size[0]}w" for size in sizes)

    return Picture(
        src=addresses.rendition(key, f"{cut}{width}", "jpg"),
        srcset_jpg=srcset("jpg"),
        srcset_webp=srcset("webp"),
        srcset_avif=srcset("avif") if "avif" in image.get("formats", ()) else "",
        large=large,
        share=(addresses.rendition(key, f"share-{share['tag']}-{share['sizes'][-1][0]}", "jpg") if share else large),
        width=width,
        height=height,
        alt=image.get("alt", ""),
        caption=image.get("caption", ""),
        credit=image.get("credit", ""),
        key=key,
    )
