"""DOCX and XLSX: an archive whose main part is of the right type, without macros and other files, written anew.

The archive's own directory is read here, by plain arithmetic: no library walks a hostile archive and nothing is ever
unpacked to disk. The copy that is kept holds the same compressed parts in a fresh frame, so what stood before, between
or behind them (a second file in one) is gone. The names of its writer and company are blanked and its pictures lose
what a camera wrote in them, unless the document is signed: then its parts stay as they are.
"""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO, Final

from news.filetypes import package, pictures
from news.filetypes.bad import BadFile, Data

PARTS_MOST: Final = 5000
DIRECTORY_MOST: Final = 2 * 1024 * 1024
UNPACKED_MOST: Final = 400 * 1024 * 1024
RATIO_MOST: Final = 300
"""How many times larger a part of more than a megabyte may be than its compressed bytes."""
CONTENTS_MOST: Final = 1024 * 1024
PICTURE_MOST: Final = 64 * 1024 * 1024
RELATIONS_MOST: Final = 24 * 1024 * 1024
"""Bytes of all lists of relations together: each link of a table is one."""
CONTENTS: Final = b"[Content_Types].xml"
_OPEN: Final = "application/vnd.openxmlformats-officedocument."
_MAIN: Final = "officedocument"
_END, _ENTRY, _LOCAL = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
_BROKEN = "Tệp bị hỏng hoặc cắt cụt: Word, Excel cũng không mở được."

_XML: Final = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_BLANK: Final = {
    b"docprops/core.xml": _XML
    + b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
    b'core-properties"/>',
    b"docprops/app.xml": _XML + b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
    b'extended-properties"/>',
    b"docprops/custom.xml": _XML + b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
    b'custom-properties"/>',
}
_PICTURES: Final = (b".jpg", b".jpeg", b".jpe", b".jfif", b".png")


@dataclass(frozen=True, slots=True)
class Part:
    """One part as the directory tells it; `start` is where its compressed bytes begin."""

    name: bytes
    method: int
    flags: int
    checksum: int
    packed: int
    size: int
    start: int


def write(data: Data, target: BinaryIO, main: str) -> None:
    """Check the archive and write it anew. `main`: "wordprocessingml.document", "spreadsheetml.sheet".

    Raises `BadFile`.
    """
    parts = read(data)
    names = {part.name.lower() for part in parts}
    if len(names) != len(parts):
        raise BadFile("Tệp có hai phần cùng tên: hãy lưu lại bằng Word, Excel.")
    contents = next((part for part in parts if part.name == CONTENTS), None)
    if contents is None:
        raise BadFile("Đây là tệp nén ZIP, không phải văn bản Word, Excel.")
    type_of = package.types(unpack(data, contents))
    package.check_names(part.name for part in parts)
    roots = _relations(data, parts)
    _check_main(roots, names, type_of, main)
    is_signed = any(name.startswith(b"_xmlsignatures/") for name in names)
    _write(data, parts, target, {} if is_signed else _BLANK)


def _relations(data: Data, parts: list[Part]) -> list[package.Relation]:
    """Look at all relations; those of the file as a whole. Raises `BadFile`."""
    lists = [part for part in parts if part.name.lower().endswith(b".rels")]
    if sum(part.size for part in lists) > RELATIONS_MOST:
        raise BadFile("Tệp có quá nhiều phần bên trong.")
    found: list[package.Relation] = []
    for part in lists:
        relations = package.relations(unpack(data, part, RELATIONS_MOST))
        if part.name.lower() == b"_rels/.rels":
            found = relations
    return found


def _check_main(roots: list[package.Relation], names: set[bytes], type_of: Callable[[str], str], main: str) -> None:
    """The part that is opened first must be there once, and of the type that the file's name promises."""
    mains = [root.target.replace("\\", "/").lstrip("/").removeprefix("./") for root in roots if root.kind == _MAIN]
    if len(mains) != 1 or mains[0].lower().encode() not in names:
        raise BadFile("Tệp không nói phần nào là nội dung chính: hãy lưu lại bằng Word, Excel.")
    kind = type_of(mains[0])
    if kind == f"{_OPEN}{main}.main+xml":
        return
    other = "spreadsheetml.sheet" if "word" in main else "wordprocessingml.document"
    really = ("bảng tính Excel" if "word" in main else "văn bản Word") if kind == f"{_OPEN}{other}.main+xml" else ""
    raise BadFile(f"Đuôi tên tệp không đúng: nội dung là {really or 'một loại tệp khác'}.")


def read(data: Data) -> list[Part]:
    """The parts of the archive, within the limits. Raises `BadFile`."""
    size = len(data)
    end = data.rfind(_END, max(0, size - 65_557))
    if end < 0 or end + 22 > size:
        raise BadFile(_BROKEN)
    _, disk, first_disk, here, count, length, start, _ = struct.unpack_from("<4s4H2LH", data, end)
    if disk or first_disk or here != count or data.rfind(b"PK\x06\x07", max(0, end - 20), end) >= 0:
        raise BadFile("Tệp nén nhiều tập hoặc quá lớn: hãy lưu lại bằng Word, Excel.")
    if count > PARTS_MOST or length > DIRECTORY_MOST:
        raise BadFile("Tệp có quá nhiều phần bên trong.")
    if start + length > end or not count:
        raise BadFile(_BROKEN)
    parts, position = [], start
    for _ in range(count):
        part, position = _entry(data, position, start + length, start)
        parts.append(part)
    _check_sizes(parts, size)
    return parts


def _entry(data: Data, position: int, end: int, directory: int) -> tuple[Part, int]:
    if position + 46 > end or data[position : position + 4] != _ENTRY:
        raise BadFile(_BROKEN)
    (flags, method, _, _, checksum, packed, unpacked, name, extra, comment, _, _, _, local) = struct.unpack_from(
        "<4H3L5H2L", data, position + 8
    )
    after = position + 46 + name + extra + comment
    if after > end or not name:
        raise BadFile(_BROKEN)
    if flags & 0x2041:
        raise BadFile("Tệp có mật khẩu: hãy lưu lại bản không có mật khẩu.")
    if method not in {0, 8}:
        raise BadFile("Tệp nén theo cách lạ: hãy lưu lại bằng Word, Excel.")
    title = bytes(data[position + 46 : position + 46 + name])
    if local + 30 > directory or data[local : local + 4] != _LOCAL:
        raise BadFile(_BROKEN)
    own_name, own_extra = struct.unpack_from("<2H", data, local + 26)
    begin = local + 30 + own_name + own_extra
    if bytes(data[local + 30 : local + 30 + own_name]) != title or begin + packed > directory:
        raise BadFile(_BROKEN)
    if method == 0 and packed != unpacked:
        raise BadFile(_BROKEN)
    return Part(title, method, flags, checksum, packed, unpacked, begin), after


def _check_sizes(parts: list[Part], size: int) -> None:
    if sum(part.size for part in parts) > UNPACKED_MOST or any(
        part.size > (1 << 20) and part.size > RATIO_MOST * part.packed for part in parts
    ):
        raise BadFile("Tệp bung ra quá lớn: hãy bỏ bớt phần trống rồi lưu lại.")
    if sum(part.packed for part in parts) > size:
        raise BadFile(_BROKEN)
    spans = sorted((part.start, part.start + part.packed) for part in parts if part.packed)
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise BadFile(_BROKEN)  # parts that lie over each other: how a small file becomes a huge one


def unpack(data: Data, part: Part, most: int = CONTENTS_MOST) -> bytes:
    """The content of a part of at most so many bytes. Raises `BadFile`."""
    if part.size > most:
        raise BadFile("Một phần bên trong tệp quá lớn: hãy nén ảnh trong tệp rồi lưu lại.")
    packed = bytes(data[part.start : part.start + part.packed])
    if part.method == 0:
        found = packed
    else:
        try:
            found = zlib.decompressobj(-15).decompress(packed, most)
        except zlib.error:
            raise BadFile(_BROKEN) from None
    if len(found) != part.size or zlib.crc32(found) != part.checksum:
        raise BadFile(_BROKEN)
    return found


def _write(data: Data, parts: list[Part], target: BinaryIO, blanks: dict[bytes, bytes]) -> None:
    """The same parts in a fresh archive, without moments, comments, extra fields."""
    directory, position = [], 0
    for part in parts:
        blank = blanks.get(part.name.lower())
        if blank is None and blanks and part.name.lower().endswith(_PICTURES):
            blank = pictures.without_places(unpack(data, part, PICTURE_MOST))
        if blank is not None:
            part = Part(part.name, 0, part.flags, zlib.crc32(blank), len(blank), len(blank), 0)
        # 1980-01-01, the earliest day that the format can say.
        facts = struct.pack("<4H3L2H", part.flags & 0x0800, part.method, 0, 33, part.checksum, part.packed, part.size,
                            len(part.name), 0)  # fmt: skip
        target.write(_LOCAL + struct.pack("<H", 20) + facts + part.name)
        if blank is not None:
            target.write(blank)
        else:
            for start in range(part.start, part.start + part.packed, 1 << 20):
                target.write(data[start : min(part.start + part.packed, start + (1 << 20))])
        directory.append(
            _ENTRY + struct.pack("<2H", 20, 20) + facts + struct.pack("<3H2L", 0, 0, 0, 0, position) + part.name
        )
        position += 30 + len(part.name) + part.packed
    whole = b"".join(directory)
    target.write(whole)
    target.write(struct.pack("<4s4H2LH", _END, 0, 0, len(parts), len(parts), len(whole), position, 0))
