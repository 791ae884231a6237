"""MP3: frames one after another. What is kept are the frames; the tags around them (ID3, APE, lyrics) are left out."""

from dataclasses import dataclass
from typing import Final

from news.filetypes.bad import BadFile, Data

FRAMES_LEAST: Final = 3
JUNK_MOST: Final = 8192
"""Bytes before the first frame that are not a tag: padding of careless encoders."""
TAIL_MOST: Final = 4096
_BROKEN = "Không đọc được tệp này như một bản MP3."

_HIGH: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_LOW: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES: Final = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_TAGS: Final = (b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"ID3", b"3DI")


@dataclass(frozen=True, slots=True)
class Sound:
    """Where the frames lie, and how long they play."""

    start: int
    end: int
    seconds: int


def read(data: Data) -> Sound:
    """Walk all frames. Raises `BadFile`."""
    start = _first_frame(data, _after_tags(data))
    position, frames, played = start, 0, 0.0
    while position + 4 <= len(data):
        found = _frame(data, position)
        if found is None or position + found[0] > len(data):
            break
        length, seconds = found
        position += length
        played += seconds
        frames += 1
    rest = len(data) - position
    if frames < FRAMES_LEAST:
        raise BadFile(_BROKEN)
    if rest > TAIL_MOST and not bytes(data[position : position + 16]).startswith(_TAGS):
        raise BadFile("Bản MP3 bị hỏng ở giữa: hãy xuất lại.")
    return Sound(start, position, min(round(played), 7 * 24 * 3600))


def _after_tags(data: Data) -> int:
    position = 0
    while data[position : position + 3] == b"ID3" and position + 10 <= len(data):
        flags = data[position + 5]
        size = 0
        for byte in bytes(data[position + 6 : position + 10]):
            if byte & 0x80:
                raise BadFile(_BROKEN)
            size = size << 7 | byte
        position += 10 + size + (10 if flags & 0x10 else 0)
    return position


def _first_frame(data: Data, start: int) -> int:
    for position in range(start, min(start + JUNK_MOST, len(data) - 4)):
        found = _frame(data, position) if data[position] == 0xFF else None
        if found and _frame(data, position + found[0]):
            return position
    raise BadFile(_BROKEN)


def _frame(data: Data, position: int) -> tuple[int, float] | None:
    """The length of the frame that begins there and the seconds it plays; None where none begins."""
    head = bytes(data[position : position + 4])
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate, sampling = head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer != 1 or rate in {0, 15} or sampling == 3:
        return None
    hertz = _RATES[version][sampling]
    samples = 1152 if version == 3 else 576
    length = samples // 8 * 1000 * (_HIGH if version == 3 else _LOW)[rate] // hertz + (head[2] >> 1 & 1)
    return length, samples / hertz
