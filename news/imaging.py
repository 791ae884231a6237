"""Pictures: decoded safely, stripped of everything but the pixels, scaled to a closed list of widths."""

import hashlib
import io
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Final

import segno
from django.conf import settings
from PIL import Image as Pillow
from PIL import ImageCms, UnidentifiedImageError

WIDTHS: Final = (320, 640, 960, 1280, 1920)
RENDITION_FORMATS: Final = ("avif", "webp", "jpg")
"""The file name endings of renditions, what browsers should prefer first."""
FORMATS: Final = ("JPEG", "PNG", "WEBP")
# What decoders raise on files that somebody bent (found by mutating small pictures, EXIF and profiles included).
_UNREADABLE: Final = (
    UnidentifiedImageError, OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, EOFError,
    ArithmeticError, AttributeError, NotImplementedError, struct.error, zlib.error,
)  # fmt: skip
_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
_one_at_a_time = threading.Lock()
SIDE_MAX: Final = 30_000
RATIO_MAX: Final = 8  # no rendition comes near the 16,383 points that WebP holds


class BadPicture(Exception):
    """The file is not a picture this site takes; the message says why, in Vietnamese."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded upload: clean bytes (re-encoded, no metadata), their format, size in pixels and SHA-256 digests."""

    data: bytes
    format: str
    width: int
    height: int
    upload_sha256: str
    key: str


def _to_srgb(picture: Pillow.Image) -> Pillow.Image:
    profile = picture.info.get("icc_profile")
    if not profile:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return converted or picture


def read(upload: IO[bytes]) -> Picture:
    """The picture in `upload`, turned upright, in sRGB, without metadata. Raises `BadPicture`.

    The formats are listed, the number of bytes and of pixels is limited before anything is decoded, and a process
    decodes one picture at a time, so that many uploads at once do not fill its memory.
    """
    with _one_at_a_time:
        return _read(upload)


def _read(upload: IO[bytes]) -> Picture:
    raw = upload.read(settings.IMAGE_MAX_BYTES + 1)
    if len(raw) > settings.IMAGE_MAX_BYTES:
        raise BadPicture(f"Ảnh quá nặng: tối đa {settings.IMAGE_MAX_BYTES // 1024 // 1024} MB.")
    too_large = BadPicture(f"Ảnh quá lớn: tối đa {settings.IMAGE_MAX_PIXELS // 1_000_000} triệu điểm ảnh.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # decoders warn of bent tags; of size our own, lower limit stands below
            opened = Pillow.open(io.BytesIO(raw), formats=FORMATS)
            if opened.width * opened.height > settings.IMAGE_MAX_PIXELS:
                raise too_large
            if max(opened.size) > SIDE_MAX or max(opened.size) > min(opened.size) * RATIO_MAX:
                raise BadPicture(f"Ảnh quá dài hoặc quá hẹp: cạnh dài tối đa gấp {RATIO_MAX} lần cạnh ngắn.")
            opened.load()
            turn = _TURNS.get(opened.getexif().get(_ORIENTATION, 1))
            picture = opened.transpose(turn) if turn is not None else opened
            has_alpha = "A" in picture.getbands() or "transparency" in picture.info
            if picture.mode not in {"RGB", "RGBA", "L"}:
                picture = picture.convert("RGBA" if has_alpha else "RGB")
            picture = _to_srgb(picture).convert("RGBA" if has_alpha else "RGB")
            if has_alpha:
                flat = Pillow.new("RGB", picture.size, "white")
                flat.paste(picture, mask=picture.getchannel("A"))
                picture = flat
    except BadPicture:
        raise
    except Pillow.DecompressionBombError:
        raise too_large from None
    except _UNREADABLE as error:
        raise BadPicture("Không đọc được tệp này như một ảnh JPEG, PNG hoặc WebP.") from error
    lossless = opened.format == "PNG"
    buffer = io.BytesIO()
    # Without `info` nothing but the pixels is written: no EXIF, no comment, no profile, no text.
    picture.info.clear()
    if lossless:
        picture.save(buffer, "PNG", optimize=False)
    else:
        picture.save(buffer, "JPEG", quality=95, subsampling=0)
    data = buffer.getvalue()
    return Picture(
        data=data,
        format="PNG" if lossless else "JPEG",
        width=picture.width,
        height=picture.height,
        upload_sha256=hashlib.sha256(raw).hexdigest(),
        key=hashlib.sha256(data).hexdigest()[:40],
    )


def qr_code(text: str) -> bytes:
    """A QR code of the text, black on white with its quiet zone, as an SVG file."""
    buffer = io.BytesIO()
    segno.make(text, error="m", micro=False).save(buffer, kind="svg", border=4, light="#fff", omitsize=True)
    return buffer.getvalue()


def rendition_sizes(width: int, height: int) -> list[tuple[int, int]]:
    """The (width, height) of each rendition of a picture of that size, smallest first; none larger than it."""
    widths = [w for w in WIDTHS if w < width] or []
    if not widths or width <= WIDTHS[-1]:
        widths.append(min(width, WIDTHS[-1]))
    return [(w, max(1, round(height * w / width))) for w in widths]


def rendition_names(picture: Picture) -> list[str]:
    """The file names of a picture's renditions."""
    widths = [width for width, _ in rendition_sizes(picture.width, picture.height)]
    return [f"{width}.{kind}" for width in widths for kind in RENDITION_FORMATS]


_ENCODERS: Final[dict[str, dict[str, Any]]] = {
    # Speed 9 and method 2: twice as fast as the next better, for a twentieth more bytes.
    "avif": {"format": "AVIF", "quality": 58, "speed": 9, "max_threads": 1},
    "webp": {"format": "WEBP", "quality": 80, "method": 2},
    "jpg": {"format": "JPEG", "quality": 82, "progressive": True, "optimize": True},
}


def renditions(picture: Picture) -> Iterator[tuple[str, bytes]]:
    """Each rendition's file name ("640.avif", "640.webp", "640.jpg") and bytes."""
    source = Pillow.open(io.BytesIO(picture.data), formats=FORMATS)
    source.load()
    for width, height in rendition_sizes(picture.width, picture.height):
        scaled = source if (width, height) == source.size else source.resize((width, height), Pillow.Resampling.LANCZOS)
        for name in RENDITION_FORMATS:
            buffer = io.BytesIO()
            scaled.save(buffer, **_ENCODERS[name])
            yield f"{width}.{name}", buffer.getvalue()
