"""Documents and recordings, checked by their bytes: what a file says of itself is not believed, nothing is unpacked.

`examine` looks at a file and writes the one that is kept: without places, devices, names of people where the format
lets them be taken out soundly. Memory stays flat (files are mapped, not read), time and counts are bounded, and
whatever is wrong ends in `BadFile` with words for the person who chose the file.
"""

import io
import mmap
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Final

from news.filetypes import mp3, mp4, office, pdf, pictures
from news.filetypes.bad import BadFile, Data
from news.text.slug import slugify

__all__ = ["AUDIO", "BY_EXTENSION", "DOCUMENT", "TYPES", "VIDEO", "BadFile", "FileType", "Found", "examine",
           "extension_of", "length_in_words", "public_name", "size_in_words", "type_named", "type_of"]  # fmt: skip

DOCUMENT, VIDEO, AUDIO = "document", "video", "audio"


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file that is taken: its extension, its name on screen, its media type, what one does with it."""

    extension: str
    name: str
    content_type: str
    kind: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a file is; `seconds` it plays (0: unknown, or nothing to play)."""

    type: FileType
    seconds: int = 0


_OFFICE: Final = "application/vnd.openxmlformats-officedocument."

TYPES: Final = (
    FileType("pdf", "PDF", "application/pdf", DOCUMENT),
    FileType("docx", "DOCX", f"{_OFFICE}wordprocessingml.document", DOCUMENT),
    FileType("xlsx", "XLSX", f"{_OFFICE}spreadsheetml.sheet", DOCUMENT),
    # One format each that every browser plays; WebM is left out because its boxes would need a second stripper.
    FileType("mp4", "MP4", "video/mp4", VIDEO),
    FileType("m4a", "M4A", "audio/mp4", AUDIO),
    FileType("mp3", "MP3", "audio/mpeg", AUDIO),
)
BY_EXTENSION: Final = {found.extension: found for found in TYPES}
_BY_CONTENT: Final = {found.content_type: found for found in TYPES}


def type_of(content_type: str) -> FileType | None:
    """The kind of file with that media type."""
    return _BY_CONTENT.get(content_type)


def extension_of(content_type: str) -> str:
    """The extension under which files of that media type are kept; "bin" for an unknown one."""
    found = type_of(content_type)
    return found.extension if found else "bin"


def public_name(title: str, content_type: str) -> str:
    """The name under which readers get a file: its title as a slug, 110 characters at most, with its extension."""
    return f"{slugify(title, 100) or 'tep'}.{extension_of(content_type)}"


def size_in_words(byte_count: int) -> str:
    """ "820 byte", "64 kB", "1,2 MB"."""
    if byte_count < 1000:
        return f"{byte_count} byte"
    if byte_count < 999_500:
        return f"{round(byte_count / 1000)} kB"
    millions = byte_count / 1_000_000
    return f"{millions:.1f} MB".replace(".", ",") if millions < 99.95 else f"{round(millions)} MB"


def length_in_words(seconds: int) -> str:
    """ "2:05", "1:02:05"; "" where it is not known."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return (f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}") if seconds else ""


# --- What a file is -------------------------------------------------------------------------------------

_MAGIC: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"%PDF-", "tệp PDF"),
    (0, b"PK\x03\x04", "tệp nén ZIP, hoặc văn bản Word, Excel"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "tệp Word, Excel kiểu cũ hoặc có mật khẩu"),
    (0, b"\xff\xd8\xff", "ảnh JPEG"),
    (0, b"\x89PNG", "ảnh PNG"),
    (0, b"GIF8", "ảnh GIF"),
    (8, b"WEBP", "ảnh WebP"),
    (0, b"Rar!", "tệp nén RAR"),
    (0, b"7z\xbc\xaf", "tệp nén 7z"),
    (0, b"\x1f\x8b", "tệp nén gzip"),
    (0, b"MZ", "chương trình Windows"),
    (0, b"\x7fELF", "chương trình Linux"),
    (0, b"{\\rtf", "tệp RTF"),
    (4, b"ftyp", "phim hoặc âm thanh MP4"),
    (0, b"\x1a\x45\xdf\xa3", "phim WebM hoặc MKV"),
    (8, b"AVI ", "phim AVI"),
    (8, b"WAVE", "âm thanh WAV"),
    (0, b"OggS", "âm thanh Ogg"),
    (0, b"fLaC", "âm thanh FLAC"),
    (0, b"ID3", "âm thanh MP3"),
)


def what_is(head: bytes) -> str:
    """A guess, in Vietnamese, by the first kilobyte: for messages only."""
    for offset, magic, name in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return name
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<svg", b"<?xml", b"<!doctype", b"<html", b"<script")):
        return "trang HTML hoặc hình SVG"
    return "một loại tệp khác"


_MAGIC_OF: Final = {
    "pdf": (0, b"%PDF-"),
    "docx": (0, b"PK\x03\x04"),
    "xlsx": (0, b"PK\x03\x04"),
    "mp4": (4, b"ftyp"),
    "m4a": (4, b"ftyp"),
}


def examine(source: BinaryIO, target: BinaryIO, extension: str) -> Found:
    """Check that the file is what its extension says and write into the empty `target` the one to be kept.

    Raises `BadFile`. `extension` is one of `BY_EXTENSION`, in small letters.
    """
    wanted = BY_EXTENSION[extension]
    data = mapped(source)
    try:
        head = bytes(data[:1024])
        offset, magic = _MAGIC_OF.get(extension, (0, b""))
        if head[offset : offset + len(magic)] != magic:
            raise BadFile(f"Tên tệp là .{extension} nhưng nội dung là {what_is(head)}.")
        return Found(wanted, _WRITERS[extension](data, target))
    finally:
        if isinstance(data, mmap.mmap):
            data.close()


def mapped(source: BinaryIO) -> Data:
    """The file's bytes without reading them into memory, where the system lets us. Raises `BadFile` for none."""
    try:
        number = source.fileno()
    except (OSError, AttributeError, io.UnsupportedOperation):
        source.seek(0)
        found = source.read()
        if not found:
            raise BadFile("Tệp này rỗng.") from None
        return found
    source.flush()
    if not source.seek(0, io.SEEK_END):
        raise BadFile("Tệp này rỗng.")
    return mmap.mmap(number, 0, access=mmap.ACCESS_READ)


def _copy(data: Data, target: BinaryIO) -> None:
    for start in range(0, len(data), 1 << 20):
        target.write(data[start : start + (1 << 20)])
        if isinstance(data, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            data.madvise(mmap.MADV_DONTNEED, start, min(1 << 20, len(data) - start))  # memory stays flat


def _pdf(data: Data, target: BinaryIO) -> int:
    pdf.check(data)
    begin = target.tell()
    _copy(data, target)
    is_signed = data.find(b"/ByteRange") >= 0  # a signature is over the bytes as they are
    for start, end in () if is_signed else pictures.camera_segments(data):
        target.seek(begin + start)
        target.write(bytes(end - start))  # as long as it was: every place the file names stays where it is
    target.seek(0, io.SEEK_END)
    return 0


def _docx(data: Data, target: BinaryIO) -> int:
    office.write(data, target, "wordprocessingml.document")
    return 0


def _xlsx(data: Data, target: BinaryIO) -> int:
    office.write(data, target, "spreadsheetml.sheet")
    return 0


def _played(read: Callable[[Data], mp4.Movie]) -> Callable[[Data, BinaryIO], int]:
    def write(data: Data, target: BinaryIO) -> int:
        movie = read(data)
        _copy(data, target)
        zeros = memoryview(bytes(1 << 16))
        for start, length in movie.erased:
            target.seek(start)
            for done in range(0, length, len(zeros)):
                target.write(zeros[: min(len(zeros), length - done)])
        for start in movie.freed:
            target.seek(start)
            target.write(b"free")
        target.seek(0, io.SEEK_END)
        return movie.seconds

    return write


def _mp3(data: Data, target: BinaryIO) -> int:
    sound = mp3.read(data)
    for start in range(sound.start, sound.end, 1 << 20):
        target.write(data[start : min(sound.end, start + (1 << 20))])
    return sound.seconds


_WRITERS: Final[dict[str, Callable[[Data, BinaryIO], int]]] = {
    "pdf": _pdf,
    "docx": _docx,
    "xlsx": _xlsx,
    "mp4": _played(mp4.video),
    "m4a": _played(mp4.audio),
    "mp3": _mp3,
}
