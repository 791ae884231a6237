"""MP4 and M4A: a tree of boxes. What is not needed to play is blanked in its place, so that no offset changes.

Kept are the boxes of a closed list; every other one (places, devices, remarks, thumbnails: `udta`, `meta`, `uuid`,
`loci`, `gps ` …) becomes an empty `free` box of the same size. Tracks that are neither picture nor sound
(a camera's positions, a phone's sensors) are blanked with their samples. In a film without fragments whatever lies
between the samples of the tracks that stay is blanked too: dashboard cameras write their positions there.
"""

import struct
import sys
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from news.filetypes.bad import BadFile, Data

BOXES_MOST: Final = 200_000
SAMPLES_MOST: Final = 4_000_000
"""Of a track: a day of sound."""
CHUNKS_MOST: Final = 500_000
LONGEST: Final = 7 * 24 * 3600
"""Seconds; what claims to last longer is said to last as long."""
_BROKEN = "Tệp bị hỏng hoặc tải lên chưa hết."

# Container -> what it may hold. A name that is a key is a container itself.
KEPT: Final[dict[bytes, frozenset[bytes]]] = {
    name.encode(): frozenset(word.encode() for word in words.split())
    for name, words in {
        "": "ftyp styp moov moof mdat sidx ssix mfra",
        "moov": "mvhd trak mvex iods",
        "trak": "tkhd edts mdia",
        "edts": "elst",
        "mdia": "mdhd hdlr minf elng",
        "minf": "vmhd smhd nmhd dinf stbl",
        "dinf": "dref",
        "stbl": "stsd stts ctts cslg stsc stsz stz2 stco co64 stss stsh sdtp sbgp sgpd subs saiz saio padb stdp",
        "mvex": "mehd trex trep",
        "moof": "mfhd traf",
        "traf": "tfhd tfdt trun sbgp sgpd subs saiz saio",
        "mfra": "tfra mfro",
    }.items()
}
BRANDS: Final = frozenset(
    word.encode().ljust(4)
    for word in "isom iso2 iso3 iso4 iso5 iso6 iso7 iso8 iso9 mp41 mp42 avc1 dash MSNV M4V M4A M4B".split()
)


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its type, where it begins, where its content begins, where it ends; what holds it."""

    kind: bytes
    start: int
    body: int
    end: int


@dataclass(slots=True)
class Movie:
    """What was found, and what to blank: spans of bytes (start, length) and places of box types to rename "free"."""

    seconds: int = 0
    video: list[bytes] = field(default_factory=list)
    audio: list[bytes] = field(default_factory=list)
    erased: list[tuple[int, int]] = field(default_factory=list)
    freed: list[int] = field(default_factory=list)
    played: list[tuple[int, int]] = field(default_factory=list)
    """Where the samples of the tracks that stay lie (start, length)."""
    has_fragments: bool = False
    has_data: bool = False
    counted: int = 0

    def blank(self, box: Box) -> None:
        """The whole box is to become empty room."""
        self.freed.append(box.start + 4)
        self.erased.append((box.body, box.end - box.body))


def video(data: Data) -> Movie:
    """A film that browsers play. Raises `BadFile`."""
    movie = read(data)
    if not movie.video:
        raise BadFile("Tệp này không có hình: nếu là âm thanh, hãy đổi đuôi tệp thành .m4a.")
    if any(codec not in {b"avc1", b"avc3"} for codec in movie.video):
        raise BadFile("Phim không nén kiểu H.264 nên nhiều máy không xem được: hãy xuất lại thành MP4 (H.264, AAC).")
    _check_sound(movie)
    return movie


def audio(data: Data) -> Movie:
    """A sound recording that browsers play. Raises `BadFile`."""
    movie = read(data)
    if movie.video:
        raise BadFile("Tệp .m4a này có hình: hãy đổi đuôi tệp thành .mp4.")
    if not movie.audio:
        raise BadFile("Tệp này không có tiếng.")
    _check_sound(movie)
    return movie


def _check_sound(movie: Movie) -> None:
    if any(codec != b"mp4a" for codec in movie.audio):
        raise BadFile("Tiếng không nén kiểu AAC nên nhiều máy không nghe được: hãy xuất lại thành AAC.")


def read(data: Data) -> Movie:
    """The whole tree looked at. Raises `BadFile`."""
    movie = Movie()
    tops = list(_boxes(data, 0, len(data), movie))
    if not tops or tops[0].kind != b"ftyp":
        raise BadFile(_BROKEN)
    _check_brand(data, tops[0])
    if sum(box.kind == b"moov" for box in tops) != 1:
        raise BadFile(_BROKEN)
    movie.has_data = any(box.kind == b"mdat" and box.end > box.body for box in tops)
    movie.has_fragments = any(box.kind == b"moof" for box in tops)
    if not movie.has_data:
        raise BadFile(_BROKEN)
    for box in tops:
        if box.kind not in KEPT[b""]:
            movie.blank(box)
        elif box.kind in KEPT:
            _look(data, box, movie)
    if not movie.has_fragments:
        _blank_between(tops, movie)
    return movie


def _blank_between(tops: list[Box], movie: Movie) -> None:
    """Blank what no sample covers: `freeGPS ` blocks, cut scenes, leftovers of the editor."""
    spans = iter([*sorted(movie.played), (sys.maxsize, 0)])
    movie.played = []
    start, length = next(spans)
    for box in sorted((box for box in tops if box.kind == b"mdat"), key=lambda box: box.start):
        position = box.body
        while position < box.end:
            while start + length <= position:
                start, length = next(spans)
            if start > position:
                end = min(start, box.end)
                movie.erased.append((position, end - position))
                position = end
            else:
                position = min(start + length, box.end)


def _check_brand(data: Data, box: Box) -> None:
    if box.end - box.body < 8 or box.end - box.body > 1024:
        raise BadFile(_BROKEN)
    words = bytes(data[box.body : box.end])
    if words[:4] == b"qt  ":
        raise BadFile("Đây là phim QuickTime (.mov): hãy xuất lại thành MP4 (H.264, AAC).")
    if not {words[:4], *(words[at : at + 4] for at in range(8, len(words), 4))} & BRANDS:
        raise BadFile("Loại MP4 này không dùng trên trang được: hãy xuất lại thành MP4 (H.264, AAC).")


def _boxes(data: Data, start: int, end: int, movie: Movie) -> Iterator[Box]:
    """The boxes side by side from `start` to `end`, which they fill exactly. Raises `BadFile`."""
    position = start
    while position < end:
        movie.counted += 1
        if movie.counted > BOXES_MOST:
            raise BadFile("Tệp có cấu trúc quá rối: hãy xuất lại thành MP4 (H.264, AAC).")
        if position + 8 > end:
            raise BadFile(_BROKEN)
        size, kind = struct.unpack_from(">L4s", data, position)
        body = position + 8
        if size == 1:
            if position + 16 > end:
                raise BadFile(_BROKEN)
            (size,) = struct.unpack_from(">Q", data, position + 8)
            body = position + 16
        elif size == 0:
            if end != len(data):
                raise BadFile(_BROKEN)
            size = end - position
        if size < body - position or position + size > end:
            raise BadFile(_BROKEN)
        yield Box(kind, position, body, position + size)
        position += size


def _look(data: Data, top: Box, movie: Movie) -> None:
    """Everything below a container; a closed table bounds the depth (moov, trak, mdia, minf, stbl, stsd)."""
    waiting = [top]
    while waiting:
        parent = waiting.pop()
        for box in list(_boxes(data, parent.body, parent.end, movie)):
            if box.kind not in KEPT[parent.kind]:
                movie.blank(box)
            elif box.kind == b"trak":
                _track(data, box, movie)
            elif box.kind in KEPT:
                waiting.append(box)
            elif box.kind == b"mvhd":
                movie.seconds = _duration(data, box)


def _duration(data: Data, box: Box) -> int:
    """Seconds, 0 for unknown: the header says how many parts of a second the film lasts."""
    is_long = data[box.body : box.body + 1] == b"\x01"
    shift, layout, unknown = (20, ">LQ", 2**64 - 1) if is_long else (12, ">LL", 2**32 - 1)
    if box.end - box.body < shift + struct.calcsize(layout):
        raise BadFile(_BROKEN)
    scale, length = struct.unpack_from(layout, data, box.body + shift)
    if not scale or length == unknown:
        return 0
    return int(min(length // scale, LONGEST))


def _track(data: Data, track: Box, movie: Movie) -> None:
    found: dict[bytes, Box] = {}
    blanked: list[Box] = []
    waiting = [track]
    while waiting:
        parent = waiting.pop()
        for box in list(_boxes(data, parent.body, parent.end, movie)):
            if box.kind not in KEPT[parent.kind]:
                blanked.append(box)
            elif box.kind in KEPT:
                waiting.append(box)
            elif box.kind in found:
                raise BadFile(_BROKEN)
            else:
                found[box.kind] = box
    handler, table = found.get(b"hdlr"), found.get(b"stsd")
    if handler is None or table is None or handler.end - handler.body < 24:
        raise BadFile(_BROKEN)
    kind = bytes(data[handler.body + 8 : handler.body + 12])
    if kind not in {b"vide", b"soun"}:
        if movie.has_fragments:
            raise BadFile("Phim có rãnh dữ liệu của máy quay: hãy xuất lại thành MP4 (H.264, AAC).")
        spans = list(_samples(data, found))
        if sum(length for _, length in spans) > len(data):
            raise BadFile(_BROKEN)  # spans over each other would be written again and again
        movie.erased += spans
        movie.blank(track)
        return
    if not movie.has_fragments:
        movie.played += _samples(data, found)
    for box in blanked:
        movie.blank(box)
    movie.erased.append((handler.body + 24, handler.end - handler.body - 24))  # "GoPro AVC": the device's name
    _sample_entries(data, table, kind, movie)


def _sample_entries(data: Data, table: Box, kind: bytes, movie: Movie) -> None:
    if table.end - table.body < 8:
        raise BadFile(_BROKEN)
    entries = list(_boxes(data, table.body + 8, table.end, movie))
    if not 1 <= len(entries) <= 16:
        raise BadFile(_BROKEN)
    for entry in entries:
        if kind == b"vide":
            movie.video.append(entry.kind)
            if entry.end - entry.body >= 78:
                movie.erased.append((entry.body + 42, 32))  # the name of the encoder
        else:
            movie.audio.append(entry.kind)


def _samples(data: Data, found: dict[bytes, Box]) -> Iterator[tuple[int, int]]:
    """Where the samples of a track lie in the file, a span a chunk. Raises `BadFile`."""
    chunks = _numbers(data, found.get(b"stco"), "I") or _numbers(data, found.get(b"co64"), "Q")
    if not chunks:
        return
    if len(chunks) > CHUNKS_MOST:
        raise BadFile("Tệp có cấu trúc quá rối: hãy xuất lại thành MP4 (H.264, AAC).")
    runs = _numbers(data, found.get(b"stsc"), "I", 3)
    length_of = _lengths(data, found)
    sample = run = 0
    for number, start in enumerate(chunks, start=1):
        while 3 * (run + 1) < len(runs) and runs[3 * (run + 1)] <= number:
            run += 1
        count = runs[3 * run + 1] if runs else 1
        length = length_of(sample, sample + count)
        sample += count
        if start + length > len(data):
            raise BadFile(_BROKEN)
        if length:
            yield start, length


def _lengths(data: Data, found: dict[bytes, Box]) -> Callable[[int, int], int]:
    """How many bytes the samples of a track from one number to before another have together. Raises `BadFile`."""
    box, small = found.get(b"stsz"), found.get(b"stz2")
    if box is not None and box.end - box.body >= 12:
        fixed, count = struct.unpack_from(">LL", data, box.body + 4)
        if fixed:
            return lambda begin, end: fixed * max(0, min(end, count) - begin)
        sizes = _numbers(data, box, "I", shift=4)
    elif small is not None and small.end - small.body >= 12:
        code = {8: "B", 16: "H"}.get(data[small.body + 7])
        if code is None:
            raise BadFile("Phim ghi cỡ khung hình theo cách lạ: hãy xuất lại thành MP4 (H.264, AAC).")
        sizes = _numbers(data, small, code, shift=4)
    else:
        raise BadFile(_BROKEN)
    return lambda begin, end: sum(sizes[begin:end])


def _numbers(data: Data, box: Box | None, code: str, columns: int = 1, *, shift: int = 0) -> "array[int]":
    """The numbers of a table, row by row: its count of rows stands `shift` bytes behind its version and flags."""
    found = array(code)
    if box is None:
        return found
    start = box.body + 8 + shift
    if start > box.end:
        raise BadFile(_BROKEN)
    (count,) = struct.unpack_from(">L", data, start - 4)
    length = count * columns * found.itemsize
    if count > SAMPLES_MOST or start + length > box.end:
        raise BadFile(_BROKEN)
    found.frombytes(bytes(data[start : start + length]))
    if sys.byteorder == "little":
        found.byteswap()
    return found
