"""Pictures inside documents: what a camera wrote beside the pixels is taken out, the pixels are not touched.

A JPEG keeps the segments that its colours need, a PNG the chunks that its colours need; all else goes, whatever stands
behind the picture's end too. Pure arithmetic over the segments: nothing is decoded.
"""

import re
import struct
from collections.abc import Iterator
from typing import Final

from news.filetypes.bad import BadFile, Data

_BROKEN: Final = "Có ảnh hỏng trong tệp: hãy thay ảnh đó rồi lưu lại."
# JFIF, colour profile (only with its name), Adobe's colour transform.
_KEPT_SEGMENTS: Final = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_KEPT_CHUNKS: Final = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs hIST".split())
_CAMERA: Final = re.compile(
    rb"\xff\xe1(..)(?:Exif\0|http://ns\.adobe\.com/xap/1\.0/\0|http://ns\.adobe\.com/xmp/extension/\0)", re.DOTALL
)


def without_places(picture: bytes) -> bytes:
    """A JPEG or PNG without what was written beside its pixels; anything else as it is. Raises `BadFile`."""
    if picture.startswith(b"\xff\xd8\xff"):
        return _jpeg(picture)
    if picture.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(picture)
    return picture


def _jpeg(data: bytes) -> bytes:
    kept, position = [data[:2]], 2
    while True:
        if position + 2 > len(data) or data[position] != 0xFF:
            raise BadFile(_BROKEN)
        marker = data[position + 1]
        if marker == 0xFF:  # padding between segments
            position += 1
            continue
        if marker == 0xD9:
            return b"".join([*kept, data[position : position + 2]])
        if position + 4 > len(data):
            raise BadFile(_BROKEN)
        (length,) = struct.unpack_from(">H", data, position + 2)
        end = position + 2 + length
        if length < 2 or end > len(data):
            raise BadFile(_BROKEN)
        if marker == 0xDA:
            end = _end_of_scan(data, end)
        if _is_kept(marker, data[position + 4 : position + 20]):
            kept.append(data[position:end])
        position = end
        if marker == 0xDA and end + 4 > len(data):
            # Cut short, or at its very end: the end marker is put where it belongs.
            return b"".join([*kept, b"\xff\xd9"])


def _is_kept(marker: int, start: bytes) -> bool:
    if marker in _KEPT_SEGMENTS:
        return start.startswith(_KEPT_SEGMENTS[marker])
    return not (0xE0 <= marker <= 0xEF or marker == 0xFE)


def _end_of_scan(data: bytes, position: int) -> int:
    """Where the next segment after a scan begins: the next marker that is no stuffing and no restart."""
    while (position := data.find(b"\xff", position)) >= 0 and position + 1 < len(data):
        follows = data[position + 1]
        if follows not in {0x00, 0xFF} and not 0xD0 <= follows <= 0xD7:
            return position
        position += 1 if follows == 0xFF else 2
    return len(data)


def _png(data: bytes) -> bytes:
    kept, position = [data[:8]], 8
    while position + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, position)
        kind, end = data[position + 4 : position + 8], position + 12 + length
        if end > len(data):
            break
        if kind in _KEPT_CHUNKS:
            kept.append(data[position:end])
        if kind == b"IEND":
            return b"".join(kept)
        position = end
    raise BadFile(_BROKEN)


def camera_segments(data: Data) -> Iterator[tuple[int, int]]:
    """Where cameras' segments of JPEGs stand that lie in a file as they are (start, end of what they say), those that
    lie over each other as one."""
    begin = end = 0
    for found in _CAMERA.finditer(data):
        (length,) = struct.unpack(">H", found[1])
        start = found.start() + 4
        if start > end:
            if begin < end:
                yield begin, end
            begin = end = start
        end = max(end, min(len(data), found.start() + 2 + length))
    if begin < end:
        yield begin, end
