"""Rendering: from the clean original to the renditions named. Runs in the limited process; knows no Django."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

# Named one by one, so that Pillow does not load its forty other plugins to find them: the process starts sooner, and
# no parser is there that nobody asked for.
from PIL import AvifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401 - loading is their use
from PIL import Image as Pillow

from news.imaging import FORMATS, Wanted

_ENCODERS: Final[dict[str, dict[str, Any]]] = {
    # Speed 9 and method 2: twice as fast as the next better, for a twentieth more bytes.
    "avif": {"format": "AVIF", "quality": 58, "speed": 9, "max_threads": 1},
    "webp": {"format": "WEBP", "quality": 80, "method": 2},
    "jpg": {"format": "JPEG", "quality": 82, "progressive": True, "optimize": True},
}


def save_as(picture: Pillow.Image, target: Path, kind: str) -> None:
    """Write the picture in that format ("avif", "webp", "jpg")."""
    picture.save(target, **_ENCODERS[kind])


def render(source: Path, folder: Path, wanted: Iterable[Wanted]) -> None:
    """Make each wanted file in `folder`, under its own name."""
    shapes: dict[tuple[Any, tuple[int, int]], list[Wanted]] = {}
    for item in wanted:
        shapes.setdefault((item.box, item.size), []).append(item)
    with Pillow.open(source, formats=FORMATS) as opened:
        opened.load()
        for (box, size), items in shapes.items():
            scaled = _scaled(opened, size, box)
            for item in items:
                save_as(scaled, folder / item.name, item.kind)


def _scaled(picture: Pillow.Image, size: tuple[int, int], box: Any) -> Pillow.Image:
    if box is None:
        return picture if size == picture.size else picture.resize(size, Pillow.Resampling.LANCZOS)
    left, top, width, height = box
    across, down = picture.width / 1000, picture.height / 1000
    edges = (left * across, top * down, (left + width) * across, (top + height) * down)
    return picture.resize(size, Pillow.Resampling.LANCZOS, box=edges)
