"""Reading a picture nobody vouches for: what the file really is, then its pixels and nothing else.

Runs in the limited process (`news.imaging.worker`); knows no Django. Tests may call it directly.
"""

import hashlib
import io
import mmap
import re
import struct
import warnings
import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from PIL import Image as Pillow
from PIL import ImageCms, UnidentifiedImageError

from news.imaging import RATIO_MAX, SIDE_MAX, BadPicture, rendition_sizes
from news.imaging.rendering import save_as

UNREADABLE: Final = (
    # What decoders raise on files that somebody bent (found by mutating small pictures, EXIF and profiles included).
    UnidentifiedImageError, OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, EOFError,
    ArithmeticError, AttributeError, NotImplementedError, RuntimeError, struct.error, zlib.error,
)  # fmt: skip
NOT_A_PICTURE: Final = "Không đọc được tệp này như một ảnh JPEG, PNG hoặc WebP."
_ORIENTATION: Final = 0x0112
_EXIF, _TAKEN, _WRITTEN = 0x8769, 0x9003, 0x0132
_TURNS: Final = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
_NAMES: Final = {"JPEG": "JPEG", "PNG": "PNG", "WEBP": "WebP"}
_ENDINGS: Final = {"JPEG": ("jpg", "jpeg", "jpe", "jfif"), "PNG": ("png",), "WEBP": ("webp",)}
_TYPES: Final = {
    "JPEG": ("image/jpeg", "image/jpg", "image/pjpeg"),
    "PNG": ("image/png", "image/x-png"),
    "WEBP": ("image/webp",),
}
_TO_JPEG: Final = "hãy xuất ảnh thành JPEG hoặc PNG rồi tải lại."
_HEIC: Final = (
    "Đây là ảnh HEIC (kiểu ảnh của iPhone), trình duyệt của bạn đọc không mở được. Trên iPhone: Cài đặt › Camera › "
    "Định dạng › Tương thích nhất; trên máy tính: mở ảnh rồi xuất thành JPEG, và tải lại."
)
# (what the head of the file looks like, what to say of it)
_KNOWN: Final[tuple[tuple[re.Pattern[bytes], str], ...]] = (
    (re.compile(rb"GIF8[79]a"), f"Đây là ảnh GIF: {_TO_JPEG}"),
    (re.compile(rb"BM.{4}\0\0\0\0", re.DOTALL), f"Đây là ảnh BMP: {_TO_JPEG}"),
    (re.compile(rb"II\*\0|MM\0\*|II\+\0|MM\0\+"), f"Đây là ảnh TIFF hoặc ảnh thô của máy ảnh (RAW): {_TO_JPEG}"),
    (re.compile(rb"\0\0\0.ftyp(?:hei|hev|mif|msf)", re.DOTALL), _HEIC),
    (re.compile(rb"\0\0\0.ftypavi[fs]", re.DOTALL), f"Đây là ảnh AVIF: {_TO_JPEG}"),
    (re.compile(rb"\0\0\0.ftyp", re.DOTALL), "Đây là tệp phim, không phải ảnh: hãy thêm ở mục Phim, âm thanh."),
    (re.compile(rb"\xff\x0a|\0\0\0\x0cJXL |\0\0\0\x0cjP  "), f"Đây là ảnh JPEG XL hoặc JPEG 2000: {_TO_JPEG}"),
    (re.compile(rb"8BPS"), f"Đây là tệp Photoshop: {_TO_JPEG}"),
    (re.compile(rb"%PDF-"), "Đây là tệp PDF, không phải ảnh: hãy gắn vào bài ở mục Tệp đính kèm."),
    (re.compile(rb"PK\x03\x04|PK\x05\x06"), "Đây là tệp nén (ZIP) hoặc văn bản Office, không phải ảnh."),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*(?=<).{0,1000}?<svg[\s>]", re.DOTALL | re.IGNORECASE),
     "Không đọc được tệp này như một ảnh JPEG, PNG hoặc WebP: đây là ảnh vẽ SVG, có thể chứa mã chạy được, nên không "
     "nhận. Hãy xuất thành PNG."),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<"), "Đây là trang web hoặc tệp XML, không phải ảnh."),
)  # fmt: skip
_PADDING: Final = re.compile(rb"[\0\xff \r\n]*")
# What may stand behind a phone's picture (a moving picture, Samsung's notes) must not be something else as well.
_FOREIGN: Final = re.compile(rb"PK\x05\x06|%PDF-|<script|<\?php|<html|<svg|<!doctype|<iframe|MZ\x90\0|\x7fELF", re.I)
_EXTRA_PICTURES: Final = 8


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found: the clean file's format, size in pixels and bytes, its key (40 hexadecimal digits of its
    SHA-256), and the day the camera says ("" for none): nothing else of the camera's notes.
    """

    format: str
    width: int
    height: int
    byte_count: int
    key: str
    taken_on: str

    def told(self) -> dict[str, Any]:
        """For the way back to the parent process."""
        return {name: getattr(self, name) for name in self.__slots__}


def format_of(head: bytes) -> str:
    """ "JPEG", "PNG" or "WEBP" by the first bytes. Raises `BadPicture`, which says what the file is where known."""
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if not head:
        raise BadPicture("Tệp này rỗng.")
    raise BadPicture(next((words for shape, words in _KNOWN if shape.match(head)), NOT_A_PICTURE))


def check_name(found: str, name: str, declared: str) -> None:
    """Compare what the file is with its name's ending and the type the browser declared. Raises `BadPicture`.

    A name without an ending, and a browser that knows no type, say nothing wrong.
    """
    ending = name.rsplit(".", 1)[1].strip().lower() if "." in name else ""
    is_image = declared.startswith("image/")
    if ending and ending not in _ENDINGS[found]:
        raise BadPicture(
            f"Tệp mang đuôi .{ending[:10]} nhưng bên trong là ảnh {_NAMES[found]}: "
            f"hãy đổi đuôi thành .{_ENDINGS[found][0]} rồi tải lại."
        )
    if is_image and declared not in _TYPES[found]:
        raise BadPicture(f"Tệp được khai là {declared[:40]} nhưng bên trong là ảnh {_NAMES[found]}: không nhận.")


# --- Where the picture ends, and what stands behind it ---------------------------------------------------


def _jpeg_end(data: mmap.mmap, start: int) -> int | None:
    place = start + 2
    while True:
        place = data.find(b"\xff", place)
        if place < 0 or place + 1 >= len(data):
            return None
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
        elif marker in {0x00, 0x01} or 0xD0 <= marker <= 0xD8:
            place += 2
        elif marker == 0xD9:
            return place + 2
        else:
            length = int.from_bytes(data[place + 2 : place + 4], "big")
            if length < 2:
                return None
            place += 2 + length


def _png_end(data: mmap.mmap) -> int | None:
    place, has_pixels = 8, False
    while place + 12 <= len(data):
        length, name = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        if name == b"acTL" and not has_pixels:
            raise BadPicture("Ảnh động (APNG) không nhận: hãy lưu một khung hình thành PNG hoặc JPEG.")
        has_pixels = has_pixels or name == b"IDAT"
        place += 12 + length
        if name == b"IEND":
            return min(place, len(data))
    return None


def _webp_end(data: mmap.mmap) -> int | None:
    if (data[12:16] == b"VP8X" and len(data) > 20 and data[20] & 0x02) or data.find(b"ANIM", 12, 400) > 0:
        raise BadPicture("Ảnh động (WebP) không nhận: hãy lưu một khung hình thành JPEG hoặc PNG.")
    length = int.from_bytes(data[4:8], "little")
    return 8 + length + length % 2


def check_end(found: str, data: mmap.mmap) -> None:
    """Refuse a file that goes on behind its picture: it may be two things at once. Raises `BadPicture`.

    Padding is let through; behind a JPEG also what phones put there: further JPEGs (the second exposure of an HDR
    picture), a short film, Samsung's notes, none of which is kept. A picture that never ends is the decoder's affair.
    """
    end = {"PNG": _png_end, "WEBP": _webp_end}[found](data) if found != "JPEG" else _jpeg_end(data, 0)
    for _ in range(_EXTRA_PICTURES):
        if end is None or end >= len(data):
            return
        padding = _PADDING.match(data, end)
        if padding is not None:
            # Two FF may belong to the marker of the next JPEG.
            end = padding.end() - (
                data[padding.end() - 1] == 0xFF and data[padding.end() : padding.end() + 1] == b"\xd8"
            )
        if end >= len(data):
            return
        if found != "JPEG" or data[end : end + 3] != b"\xff\xd8\xff":
            break
        end = _jpeg_end(data, end)
    else:
        raise BadPicture("Tệp có quá nhiều ảnh nối nhau: hãy xuất lại ảnh rồi tải lên.")
    # The length before "ftyp" begins with zeros, which count as padding.
    is_phone = found == "JPEG" and (b"ftyp" in data[end : end + 8] or data[-4:] == b"SEFT")
    if is_phone and _FOREIGN.search(data, end) is None:
        return
    raise BadPicture(
        "Sau phần ảnh, tệp còn dữ liệu khác (có thể là mã, tệp nén hay trang web giấu trong ảnh): không nhận. "
        "Hãy mở ảnh, lưu lại thành một tệp mới rồi tải lên."
    )


# --- The pixels ------------------------------------------------------------------------------------------


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


def _taken_on(opened: Pillow.Image) -> str:
    """The day of the exposure as ISO, if the camera says a possible one."""
    try:
        exif = opened.getexif()
        words = str(exif.get_ifd(_EXIF).get(_TAKEN) or exif.get(_WRITTEN) or "")
        day = date.fromisoformat(words[:10].replace(":", "-"))
    except UNREADABLE:
        return ""
    # Cameras whose clock was never set say 1970 or 2000; a clock ahead by a day is a time zone.
    today = datetime.now(UTC).date()
    return day.isoformat() if date(2000, 1, 2) <= day <= today + timedelta(days=1) else ""


def _pixels(opened: Pillow.Image, max_pixels: int) -> Pillow.Image:
    if opened.width * opened.height > max_pixels:
        raise BadPicture(f"Ảnh quá lớn: tối đa {max_pixels // 1_000_000} triệu điểm ảnh.")
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
    # Without `info` nothing but the pixels is written: no EXIF, no comment, no profile, no text.
    picture.info.clear()
    return picture


def clean(source: Path, folder: Path, *, max_pixels: int, name: str = "", declared: str = "") -> Facts:
    """Write the picture of `source` into `folder`: `clean`, turned upright, in sRGB, without metadata, and `small`, a
    JPEG of the smallest width. Raises `BadPicture`.

    The format is looked up in a list by the file's first bytes, its ends are looked at and its pixels are counted
    before anything is decoded.
    """
    with source.open("rb") as file:
        found = format_of(file.read(1024))
        check_name(found, name, declared)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            check_end(found, data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # decoders warn of bent tags; of size our own, lower limit stands above
            with Pillow.open(source, formats=(found,)) as opened:
                taken_on = _taken_on(opened)
                picture = _pixels(opened, max_pixels)
    except BadPicture:
        raise
    except Pillow.DecompressionBombError:
        raise BadPicture(f"Ảnh quá lớn: tối đa {max_pixels // 1_000_000} triệu điểm ảnh.") from None
    except UNREADABLE as error:
        raise BadPicture(NOT_A_PICTURE) from error
    target = folder / "clean"
    if found == "PNG":
        picture.save(target, "PNG", optimize=False)
    else:
        picture.save(target, "JPEG", quality=95, subsampling=0)
    save_as(picture.resize(rendition_sizes(*picture.size)[0], Pillow.Resampling.LANCZOS), folder / "small", "jpg")
    with target.open("rb") as file:
        key = hashlib.file_digest(file, "sha256").hexdigest()[:40]
    return Facts(
        format="PNG" if found == "PNG" else "JPEG",
        width=picture.width,
        height=picture.height,
        byte_count=target.stat().st_size,
        key=key,
        taken_on=taken_on,
    )
