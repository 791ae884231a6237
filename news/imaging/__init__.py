"""Pictures: which are taken, which renditions and crops there are. Files are decoded in `news.imaging.limited` only.

This module knows numbers and names, no pixels: neither Pillow nor Django is loaded with it, because every run of the
limited process imports it.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

WIDTHS: Final = (320, 640, 960, 1280, 1920)
RENDITION_FORMATS: Final = ("avif", "webp", "jpg")
"""The file name endings of renditions, what browsers should prefer first."""
FORMATS: Final = ("JPEG", "PNG", "WEBP")
SIDE_MAX: Final = 30_000
RATIO_MAX: Final = 8  # no rendition comes near the 16,383 points that WebP holds
SMALLEST: Final = WIDTHS[0]
CENTRE: Final = (500, 500)
BOX_MIN: Final = 50
"""A crop shows at least this many thousandths of the picture's width."""

Box = tuple[int, int, int, int]
"""Left, top, width, height of a crop, in thousandths of the picture's width and height."""


class BadPicture(Exception):
    """The file is not a picture this site takes; the message says why, in Vietnamese."""


class BadCrop(Exception):
    """The box is not inside the picture; the message says so, in Vietnamese."""


@dataclass(frozen=True, slots=True)
class Crop:
    """A named crop: what it is for, its proportions, the widths in pixels it is made in, smallest first."""

    label: str
    ratio: tuple[int, int]
    widths: tuple[int, ...]

    def height(self, width: int) -> int:
        """The height that goes with a width."""
        return max(1, round(width * self.ratio[1] / self.ratio[0]))


CROPS: Final[Mapping[str, Crop]] = {
    "card": Crop("Ảnh trong danh sách bài (3:2)", (3, 2), (320, 640, 960)),
    "share": Crop("Ảnh khi chia sẻ lên mạng xã hội (1200 × 630)", (1200, 630), (1200,)),
}
"""The closed list of crops; nothing else is ever cut out of a picture."""


FILE_NAME: Final = re.compile(rf"(?:(?:{'|'.join(CROPS)})-[0-9a-f]{{8}}-)?[0-9]{{1,4}}\.(?:avif|webp|jpg)")
"""What a rendition's file may be called: "640.avif", "card-1a2b3c4d-640.avif"."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file to make: its name ("640.avif", "card-1a2b3c4d-640.avif"), its size, its crop (None: the whole)."""

    name: str
    size: tuple[int, int]
    kind: str
    box: Box | None = None


def rendition_sizes(width: int, height: int) -> list[tuple[int, int]]:
    """The (width, height) of each rendition of a picture of that size, smallest first; none larger than it."""
    widths = [w for w in WIDTHS if w < width] or []
    if not widths or width <= WIDTHS[-1]:
        widths.append(min(width, WIDTHS[-1]))
    return [(w, max(1, round(height * w / width))) for w in widths]


def largest_box(name: str, width: int, height: int) -> tuple[int, int]:
    """The width and height of the largest box with the crop's proportions, in thousandths of the picture's sides.

    One side is a thousand; the other is the nearest whole number, which bends the proportions of no picture within
    `RATIO_MAX` by a hundredth.
    """
    across, down = CROPS[name].ratio
    if width * down > height * across:
        return max(1, round(1000 * height * across / (down * width))), 1000
    return 1000, max(1, round(1000 * width * down / (across * height)))


def focal_box(name: str, width: int, height: int, focal: tuple[int, int]) -> Box:
    """The largest box of the crop with the focal point as near to its middle as the picture's edges allow."""
    box_width, box_height = largest_box(name, width, height)
    left = min(max(0, focal[0] - box_width // 2), 1000 - box_width)
    top = min(max(0, focal[1] - box_height // 2), 1000 - box_height)
    return left, top, box_width, box_height


def fitted_box(name: str, width: int, height: int, *, left: int, top: int, box_width: int) -> Box:
    """The box with that left, top and width, its height made to fit the crop's proportions. Raises `BadCrop`."""
    most_wide, _ = largest_box(name, width, height)
    if left < 0 or top < 0 or box_width < min(BOX_MIN, most_wide) or left + box_width > 1000:
        raise BadCrop("Khung cắt phải nằm trong ảnh.")
    across, down = CROPS[name].ratio
    step = width * down / across / height
    box_height = max(1, round(box_width * step))
    # The width of a box that fills the picture is rounded too, by half a step: so much may its height be over.
    if box_width > most_wide or top + box_height > 1001 + step / 2:
        raise BadCrop("Khung cắt phải nằm trong ảnh: hãy thu nhỏ hoặc dời khung lên.")
    return left, top, box_width, min(box_height, 1000 - top)


def crop_tag(box: Sequence[int]) -> str:
    """Eight hexadecimal digits that stand for a box in file names."""
    return hashlib.sha256(",".join(map(str, box)).encode()).hexdigest()[:8]


def crop_sizes(name: str, width: int, box: Sequence[int]) -> list[tuple[int, int]]:
    """The (width, height) of each rendition of a crop, smallest first; none larger than what is cut out."""
    crop, points = CROPS[name], max(1, width * box[2] // 1000)
    widths = [w for w in crop.widths if w < points]
    if len(widths) < len(crop.widths):
        widths.append(min(points, crop.widths[-1]))
    return [(w, crop.height(w)) for w in dict.fromkeys(widths)]


def crops_of(
    width: int, height: int, focal: tuple[int, int], chosen: Mapping[str, Sequence[int]]
) -> dict[str, dict[str, Any]]:
    """The crops of a picture as they are sealed, by name: {"box", "tag", "sizes"}.

    Empty for a picture whose focal point is its middle and that has no box of its own: pages then cut by style sheet.
    """
    own = {name: box for name, box in chosen.items() if name in CROPS and len(box) == 4}
    if focal == CENTRE and not own:
        return {}
    found: dict[str, dict[str, Any]] = {}
    for name in CROPS:
        box = own.get(name) or focal_box(name, width, height, focal)
        found[name] = {
            "box": list(box),
            "tag": crop_tag(box),
            "sizes": [list(size) for size in crop_sizes(name, width, box)],
        }
    return found


def files_of(shape: Mapping[str, Any]) -> list[Wanted]:
    """Every file of a picture described as it is sealed: "renditions", and "formats" and "crops" where it has them."""
    kinds = shape.get("formats", ("webp", "jpg"))
    whole = [Wanted(f"{w}.{kind}", (w, h), kind) for w, h in shape["renditions"] for kind in kinds]
    cut = [
        Wanted(f"{name}-{crop['tag']}-{w}.{kind}", (w, h), kind, tuple(crop["box"]))
        for name, crop in shape.get("crops", {}).items()
        if name in CROPS
        for w, h in crop["sizes"]
        for kind in kinds
    ]
    return whole + cut
