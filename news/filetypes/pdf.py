"""PDF: a whole file without anything that acts by itself.

Names may be written with escapes (`/J#61vaScript`) and objects may hide in compressed object streams, so both are
undone before looking. Long names are looked for everywhere, in the data of streams too: by chance they come up in
pictures less than once in 2**56 places, and nothing can hide behind a false mark of a stream.
"""

import re
import zlib
from typing import Final

from news.filetypes.bad import BadFile, Data

INFLATED_MOST: Final = 64 * 1024 * 1024
"""Bytes of object streams that are looked at, all together."""
STREAMS_MOST: Final = 200_000
_TAIL: Final = 2048


def _name(*words: str) -> str:
    """One of the words as the rest of a name, its letters as they are or escaped."""
    spelled = ("".join(f"(?:{letter}|#{ord(letter):02x}|#{ord(letter):02X})" for letter in word) for word in words)
    return f"(?:{'|'.join(spelled)})"


_ACTIVE: Final = re.compile(f"/{_name('JavaScript', 'Launch', 'EmbeddedFile', 'RichMedia', 'Rendition')}".encode())
_ENCRYPTED: Final = re.compile(f"/{_name('Encrypt')}".encode() + rb"[\s/<\[0-9]")
_FIRST: Final = _name("First")
_FLATE: Final = _name("FlateDecode", "Fl")
_ODD: Final = _name("LZWDecode", "LZW", "ASCIIHexDecode", "AHx", "ASCII85Decode", "A85", "RunLengthDecode", "Crypt",
                    "DecodeParms", "DP")  # fmt: skip
# One pass: where an object begins, what its dictionary says, where its stream begins.
_TOKEN: Final = re.compile(
    (
        rf"(?P<object>\bobj\b|endobj)|/(?:(?P<first>{_FIRST}(?=[\s\d%]))|(?P<odd>{_ODD}\b)|(?P<flate>{_FLATE}\b))"
        r"|(?P<stream>(?<!end)stream(?:\r\n|\n|\r))"
    ).encode()
)
_WORDS: Final = {
    "JavaScript": "có mã JavaScript",
    "Launch": "có lệnh mở chương trình khác",
    "EmbeddedFile": "có tệp khác giấu bên trong",
    "RichMedia": "có phim hoặc Flash nhúng bên trong",
    "Rendition": "có phim nhúng bên trong",
}
_ESCAPE: Final = re.compile(rb"#([0-9a-fA-F]{2})")


def check(data: Data) -> None:
    """Raise `BadFile` unless the file is a whole, open and quiet PDF."""
    if data[:5] != b"%PDF-" or not bytes(data[5:8]).replace(b".", b"").isdigit():
        raise BadFile("Tệp này không phải PDF.")
    if b"%%EOF" not in bytes(data[-_TAIL:]):
        raise BadFile("Tệp PDF bị cắt cụt hoặc hỏng: không thấy phần cuối.")
    if data.find(b"startxref", max(0, len(data) - 2 * _TAIL)) < 0:
        raise BadFile("Tệp PDF hỏng: không thấy mục lục của tệp.")
    if _ENCRYPTED.search(data):
        raise BadFile("Tệp PDF có mật khẩu hoặc khóa quyền: hãy lưu lại bản không khóa.")
    _refuse_active(data)
    _look_into_streams(data)


def _refuse_active(data: Data) -> None:
    found = _ACTIVE.search(data)
    if found:
        name = _ESCAPE.sub(lambda byte: bytes([int(byte[1], 16)]), found[0])[1:].decode("ascii", "replace")
        raise BadFile(f"Tệp PDF {_WORDS.get(name, 'có nội dung tự chạy')}: hãy lưu lại bản chỉ có chữ và hình.")


def _look_into_streams(data: Data) -> None:
    """Undo the object streams (their dictionaries say /First) and look for the same names in them."""
    budget, streams = INFLATED_MOST, 0
    first = odd = False
    flate = 0
    for token in _TOKEN.finditer(data):
        kind = token.lastgroup
        if kind == "object":
            first, odd, flate = False, False, 0
        elif kind == "first":
            first = True
        elif kind == "odd":
            odd = True
        elif kind == "flate":
            flate += 1
        elif first:
            streams += 1
            if odd or flate > 1 or streams > STREAMS_MOST:
                raise BadFile("Không kiểm tra được tệp PDF này: hãy lưu lại bằng “In ra PDF”.")
            if flate:
                budget -= _look_into(data, token.end(), budget)
            first, odd, flate = False, False, 0


def _look_into(data: Data, start: int, budget: int) -> int:
    """How many bytes were inflated and looked at. What is not stored compressed was looked at already."""
    inflate = zlib.decompressobj()
    position, kept, count = start, b"", 0
    while not inflate.eof and (inflate.unconsumed_tail or position < len(data)):
        piece = inflate.unconsumed_tail or bytes(data[position : position + 65536])
        if not inflate.unconsumed_tail:
            position += len(piece)
        try:
            out = inflate.decompress(piece, 1 << 20)
        except zlib.error:
            if not count:
                raise BadFile("Không kiểm tra được tệp PDF này: hãy lưu lại bằng “In ra PDF”.") from None
            break  # readers stop here too
        count += len(out)
        if count > budget:
            raise BadFile("Không kiểm tra được tệp PDF này: bên trong nén quá nhiều.")
        _refuse_active(kept + out)
        kept = (kept + out)[-64:]
    return count
