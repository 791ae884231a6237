"""PDF: a whole file without anything that acts by itself.

Names may be written with escapes (`/J#61vaScript`) and objects may hide in compressed object streams, so both are
undone before looking. Long names are looked for everywhere, in the data of streams too: by chance they come up in
pictures less than once in 2**36 places, and nothing can hide behind a false mark of a stream.

Readers find objects by the file's own table, so no walk from the file's beginning sees what they see: a comment, a
string, a false `obj` would throw it off. Instead each name that matters (`/First`, `/Filter` …) is followed forwards
from where it stands to the end of its dictionary, which is what a reader that got there does too. Besides, whatever
unpacks to something that begins as an object stream is looked into, whatever its dictionary says.

What stands between a name and its value (blanks, remarks) may be long and lie under many names at once, so no pattern
looks across it: it is read by `_after_gap`, which like every walk is paid for from the file's `_Work`.
"""

import re
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from news.filetypes.bad import BadFile, Data

INFLATED_LEAST: Final = 16 * 1024 * 1024
INFLATED_TIMES: Final = 4
"""Bytes that are unpacked and looked at, all together (object streams, and pages that begin like one): so many, and so
many times the file; of one stream half as many."""
STREAMS_MOST: Final = 100_000
NAMES_LEAST: Final = 1_000_000
"""Names, in the file and in what it unpacks to: so many, and one more for each four bytes of the file."""
STEPS_LEAST: Final = 100_000
STEPS_MOST: Final = 2_000_000
"""Tokens that are read, all together: so many in a small file, one more for each five bytes up to so many."""
_TAIL: Final = 2048
_PIECE: Final = 16 * 1024
_BEGINNING: Final = 1024
_DEEPEST: Final = 24
_ROUNDS_MOST: Final = 8
"""References that lead to references."""
_GAP_PRICE: Final = 8
_HEAD_PRICE: Final = 32
_SEARCH_PRICE: Final = 4
"""As how many bytes of a token counts a byte of a gap, of an object stream's table, of where a line's end is sought."""
_BREAK_PRICE: Final = 1 << 14
"""The same for finding where a stream breaks."""

_MEGABYTE: Final = 1 << 20
_TOO_MUCH: Final = "Không kiểm tra được tệp PDF này: bên trong nén quá nhiều."
_UNSEEN: Final = "Không kiểm tra được tệp PDF này: hãy lưu lại bằng “In ra PDF”."


def _name(*words: str) -> str:
    """One of the words as the rest of a name, its letters as they are or escaped."""
    spelled = ("".join(f"(?:{letter}|#{ord(letter):02x}|#{ord(letter):02X})" for letter in word) for word in words)
    return f"(?:{'|'.join(spelled)})"


_WORDS: Final = {
    "JavaScript": "có mã JavaScript",
    "Launch": "có lệnh mở chương trình khác",
    "EmbeddedFile": "có tệp khác giấu bên trong",
    "RichMedia": "có phim hoặc Flash nhúng bên trong",
    "Rendition": "có phim nhúng bên trong",
    "SubmitForm": "có lệnh gửi dữ liệu đi",
    "ImportData": "có lệnh nạp dữ liệu từ nơi khác",
    "GoToR": "có lệnh mở tệp khác",
    "GoToE": "có lệnh mở tệp khác",
    "XFA": "có biểu mẫu XFA tự chạy",
}
_BLANK: Final = r"[\0\t\n\f\r ]"
_REGULAR: Final = r"[^\0\t\n\f\r ()<>\[\]{}/%]"
_GAP: Final = rf"(?:{_BLANK}++|%[^\r\n]*+[\r\n])*+"
_ENDS: Final = rf"(?!{_REGULAR})"
_LONG: Final = _name("JavaScript", "Launch", "EmbeddedFile", "RichMedia", "Rendition", "SubmitForm", "ImportData")


def _mark(begins: str, names: str) -> re.Pattern[bytes]:
    """A slash and one of the names, which begin with these letters; for most slashes no more than that is asked."""
    return re.compile(rf"/(?=[{begins}#])(?:{names})".encode())


_ACTIVE: Final = _mark("JLERSIGX", rf"{_LONG}|{_name('GoToR', 'GoToE')}{_ENDS}|(?P<form>{_name('XFA')})")
_ENCRYPTED: Final = _mark("E", rf"{_name('Encrypt')}(?:{_ENDS}|\d)")
_OPENS: Final = _mark("OA", rf"{_name('OpenAction')}{_ENDS}|(?P<table>{_name('AA')})")
_FIRST: Final = _mark("FO", rf"(?:(?P<first>{_name('First')})|{_name('ObjStm')}){_ENDS}")
_PACKED: Final = _mark("FD", rf"(?:{_name('Filter', 'F')}|(?P<parameters>{_name('DecodeParms', 'DP')})){_ENDS}")
_FLATE: Final = re.compile(rf"/{_name('FlateDecode', 'Fl')}{_ENDS}".encode())
_NULL: Final = re.compile(f"null{_ENDS}".encode())
_DIGITS: Final = re.compile(rb"[+-]?\d++")
_TABLE: Final = re.compile(rb"<<|\+?\d")
_FORM: Final = re.compile(rb"\[|\+?\d")
_TOKEN: Final = re.compile(rf"{_BLANK}++|%[^\r\n]*+|<<|>>|<[^>]*+>|/{_REGULAR}*+|{_REGULAR}++|[\s\S]".encode())
_IN_STRING: Final = re.compile(rb"\\[\s\S]|[()]")
_STREAM: Final = re.compile(rb"stream(?<!endstream)")
_LINE: Final = re.compile(rb"[\0\t\f ]*+(?:\r\n|\n|\r)")
_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_BETWEEN: Final = re.compile(rf"(?:{_BLANK}++|%[^\r\n]*+)++".encode())
_NUMBERS: Final = re.compile(rf"{_GAP}[+-]?\d*+(?:{_GAP}(?:[+-]?\d|(?:%[^\r\n]*+)?\Z)|(?<=\d\d))".encode())
"""Two numbers, or the beginning of what may become some."""
_NOTHING: Final = re.compile(rf"{_GAP}(?P<remark>%[^\r\n]*+)?\Z".encode())
# A number, behind which a second one and `obj` stand or what may lie between them: it is read on from there.
_OBJECT: Final = re.compile(
    rf"(?<!\d)0*+(\d{{1,10}})(?!\d)(?={_BLANK}{{0,15}}+(?:%|{_BLANK}|\d{{1,15}}+{_BLANK}{{0,15}}+(?:obj|[%\d]|{_BLANK})))".encode()
)
_ESCAPE: Final = re.compile(rb"#([0-9a-fA-F]{2})")
_COMMENT: Final = re.compile(rb"%[^\r\n]*+")
_ALONE: Final = re.compile(rb"(?<![^\0\t\n\f\r ])\+?\d{1,10}(?![^\0\t\n\f\r ])")
_WHOLE: Final = re.compile(rb"\+?\d{1,10}")


class _Work:
    """What looking at one file may still cost."""

    def __init__(self, length: int) -> None:
        self.bytes = INFLATED_LEAST + INFLATED_TIMES * length
        self.stream_most = self.bytes // 2
        self.streams = STREAMS_MOST
        self.names = NAMES_LEAST + length // 4
        self.steps = min(STEPS_MOST, STEPS_LEAST + length // 5)

    def step(self, length: int) -> None:
        """One token of so many bytes."""
        self.steps -= 1 + (length >> 8)
        if self.steps < 0:
            raise BadFile(_UNSEEN)

    def unpack(self, length: int) -> None:
        """So many bytes, packed or unpacked."""
        self.bytes -= length
        if self.bytes < 0:
            raise BadFile(_TOO_MUCH)

    def look(self, text: Data) -> None:
        """A text that is to be searched for names."""
        self.names -= sum(text[start : start + _MEGABYTE].count(b"/") for start in range(0, len(text), _MEGABYTE))
        if self.names < 0:
            raise BadFile(_UNSEEN)


@dataclass(frozen=True, slots=True)
class _Name:
    """A name, its escapes undone."""

    text: bytes


@dataclass(frozen=True, slots=True)
class _Reference:
    """A value that stands elsewhere, by its number."""

    number: int


_GO: Final = _Name(b"GoTo")


@dataclass(slots=True)
class _Entries:
    """A dictionary; `is_twofold` when it says something twice, which readers take differently."""

    values: dict[bytes, object] = field(default_factory=dict)
    is_twofold: bool = False


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
    work = _Work(len(data))
    work.look(data)
    _refuse_active(data, work)
    waiting = _actions(data, work)
    heads = _object_streams(data, work)
    places: list[tuple[int, int]] = []
    for text, place in _texts(data, heads, work):
        work.look(text)
        _refuse_active(text, work)
        waiting |= _actions(text, work)
        if place is not None:
            places.append(place)
    if waiting:
        _follow(data, waiting, places, work)


def _refuse_active(text: Data, work: _Work) -> None:
    for found in _ACTIVE.finditer(text):
        if found["form"] and not _FORM.match(text, _after_gap(text, found.end(), work)):
            continue
        raise BadFile(f"Tệp PDF {_WORDS[_plain(found[0]).decode()]}: hãy lưu lại bản chỉ có chữ và hình.")


def _after_gap(text: Data, position: int, work: _Work) -> int:
    """Where the blanks and remarks end that begin there; the text's end for a remark that nothing ends."""
    found = _BETWEEN.match(text, position)
    end = found.end() if found else position
    work.step((end - position) * _GAP_PRICE)
    return end


def _after_digits(text: Data, position: int, work: _Work) -> int:
    """Where the number ends that begins there; the same place for none."""
    found = _DIGITS.match(text, position)
    end = found.end() if found else position
    work.step(end - position)
    return end


def _plain(name: bytes) -> bytes:
    """A name without its slash and its escapes."""
    return _ESCAPE.sub(lambda byte: bytes([int(byte[1], 16)]), name)[1:]


# --- Reading ---------------------------------------------------------------------------------------------


def _tokens(text: Data, position: int, work: _Work) -> Iterator[tuple[bytes, int]]:
    """The tokens from there on, each with its place; a string in parentheses is one b"("."""
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            return
        token, start, position = found[0], position, found.end()
        work.step(position - start + (token.count(b"#") << 8))
        if token == b"(":
            position = _after_string(text, position, work)
        elif token == b"<":
            work.step(len(text) - position)  # so far its end was looked for
        if token[:1] not in b"\0\t\n\f\r %":
            yield token, start


def _after_string(text: Data, position: int, work: _Work) -> int:
    depth = 1
    for found in _IN_STRING.finditer(text, position):
        work.step(found.start() - position)
        position = found.end()
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
        if not depth:
            return position
    work.step(len(text) - position)
    return len(text)


def _stream_after(text: Data, position: int, work: _Work) -> int | None:
    """Where the word `stream` stands that follows the dictionary in which this place lies; None for no stream."""
    depth = 0
    is_over = False
    for token, start in _tokens(text, position, work):
        if is_over:
            return start if token.startswith(b"stream") else None
        depth += {b"<<": 1, b">>": -1}.get(token, 0)
        is_over = depth < 0
        if not is_over and token in {b"endobj", b"endstream"}:
            return None
    return None


def _value(text: Data, position: int, work: _Work) -> object:
    """The value that stands there: `_Entries`, a list, `_Name`, `_Reference`, or None for any other."""
    tokens = _tokens(text, position, work)
    try:
        found, _ = _read(tokens, next(tokens)[0], 0)
    except (StopIteration, RuntimeError):
        return None
    return found


def _read(tokens: Iterator[tuple[bytes, int]], token: bytes, depth: int) -> tuple[object, bytes]:
    """The value that begins with the token, and the token behind it."""
    if depth > _DEEPEST:
        raise BadFile(_UNSEEN)
    if token == b"<<":
        return _read_entries(tokens, depth), next(tokens, (b"", 0))[0]
    if token == b"[":
        items: list[object] = []
        token = next(tokens, (b"", 0))[0]
        while token not in {b"]", b""}:
            item, token = _read(tokens, token, depth + 1)
            items.append(item)
        return items, next(tokens, (b"", 0))[0]
    after = next(tokens, (b"", 0))[0]
    if token.startswith(b"/"):
        return _Name(_plain(token)), after
    if _WHOLE.fullmatch(token) and _WHOLE.fullmatch(after):
        # Two numbers: of a reference, or just two; the second one is given up, for nothing that matters needs it.
        third = next(tokens, (b"", 0))[0]
        if third == b"R":
            return _Reference(int(token)), next(tokens, (b"", 0))[0]
        return None, third
    return None, after


def _read_entries(tokens: Iterator[tuple[bytes, int]], depth: int) -> _Entries:
    entries = _Entries()
    token = next(tokens, (b"", 0))[0]
    while token not in {b">>", b""}:
        if not token.startswith(b"/"):
            token = next(tokens, (b"", 0))[0]
            continue
        key = _plain(token)
        entries.is_twofold |= key in entries.values
        token = next(tokens, (b"", 0))[0]
        entries.values[key] = None
        if token != b">>":
            entries.values[key], token = _read(tokens, token, depth + 1)
    return entries


# --- Object streams --------------------------------------------------------------------------------------


def _object_streams(data: Data, work: _Work) -> dict[int, int]:
    """Where `stream` stands behind the dictionary of an object stream -> where its objects begin in it."""
    found: dict[int, int] = {}
    for mark in _FIRST.finditer(data):
        place = _stream_after(data, mark.end(), work)
        if place is None:
            continue
        found.setdefault(place, -1)
        if mark["first"]:
            tokens = _tokens(data, mark.end(), work)
            first, after = next(tokens, (b"", 0))[0], next(tokens, (b"", 0))[0]
            if not _WHOLE.fullmatch(first) or _WHOLE.fullmatch(after) or found[place] >= 0:
                raise BadFile(_UNSEEN)  # told elsewhere, or twice
            found[place] = int(first)
    if found and any(
        _is_odd(data, mark, work) and _stream_after(data, mark.end(), work) in found for mark in _PACKED.finditer(data)
    ):
        raise BadFile(_UNSEEN)
    return found


def _is_odd(data: Data, mark: re.Match[bytes], work: _Work) -> bool:
    """Whether the filter named there is not plainly Flate, or something is done to its result."""
    place = _after_gap(data, mark.end(), work)
    if _NULL.match(data, place):
        return False
    if mark["parameters"]:
        return True
    if data[place : place + 1] == b"[":
        listed = _FLATE.match(data, _after_gap(data, place + 1, work))
        return not listed or data[(end := _after_gap(data, listed.end(), work)) : end + 1] != b"]"
    if not data[place : place + 1].isdigit():
        return not _FLATE.match(data, place)
    # The flags of an annotation, not a filter.
    place = _after_gap(data, _after_digits(data, place, work), work)
    after = data[place : place + 1]
    return not (after.isalpha() or after in {b"/", b">"})


def _texts(data: Data, heads: dict[int, int], work: _Work) -> Iterator[tuple[bytes, tuple[int, int] | None]]:
    """What is packed and is, or begins as, an object stream; where its data begins and where its objects do in it."""
    for mark in _STREAM.finditer(data):
        is_told = mark.start() in heads
        seen = False
        for start in _starts(data, mark.end(), work):
            if not _is_packed(data, start):
                if is_told and _are_numbers(data, start, work):
                    seen = True  # not packed: it was looked at already
                    yield b"", (start, heads[mark.start()])
                continue
            work.streams -= 1
            if work.streams < 0:
                raise BadFile(_UNSEEN)
            if is_told or _begins_as_objects(data, start, work):
                seen = True
                text = _inflated(data, start, work, must_end=is_told)
                yield text, (start, heads[mark.start()]) if is_told else None
        if is_told and not seen:
            raise BadFile(_UNSEEN)


def _are_numbers(data: Data, position: int, work: _Work) -> bool:
    """Whether two numbers stand there."""
    start = _after_gap(data, position, work)
    end = _after_digits(data, start, work)
    if end - start > 1 and data[end - 2 : end].isdigit():
        return True
    return end > start and _DIGITS.match(data, _after_gap(data, end, work)) is not None


def _starts(data: Data, position: int, work: _Work) -> list[int]:
    """Where the data of a stream begins: behind the line; readers that are careless take other places for it."""
    found = _LINE.match(data, position)
    work.step(0 if found else _BEGINNING * _SEARCH_PRICE)
    if found:
        return [found.end()]
    line = _LINE_END.search(data, position, position + _BEGINNING)
    return [position, position + 1, *([line.end()] if line else [])]


def _is_packed(data: Data, start: int) -> bool:
    head = bytes(data[start : start + 2])
    return len(head) == 2 and head[0] & 0x0F == 8 and int.from_bytes(head) % 31 == 0


def _begins_as_objects(data: Data, start: int, work: _Work) -> bool:
    """Whether it unpacks to something with two numbers at its beginning, or breaks off there."""
    try:
        head = zlib.decompressobj().decompress(bytes(data[start : start + _BEGINNING]), _BEGINNING)
    except zlib.error:
        return True
    if not _NOTHING.match(head):
        return _NUMBERS.match(head) is not None
    remark, has_remarks = b"", False
    for piece in _pieces(data, start, work):
        text = remark + piece
        nothing = _NOTHING.match(text)
        if nothing is None:
            return _NUMBERS.match(text) is not None
        remark = b"%" if nothing["remark"] else b""
        has_remarks |= b"%" in piece
    return has_remarks  # without any: a picture's dark edge, a mask that hides nothing: noughts are blanks


def _inflated(data: Data, start: int, work: _Work, *, must_end: bool) -> bytes:
    """The whole of it. One that breaks off is refused if it `must_end`; of another one all that a reader would get."""
    return b"".join(_pieces(data, start, work, must_end=must_end))


def _pieces(data: Data, start: int, work: _Work, *, must_end: bool = False) -> Iterator[bytes]:
    inflate, position, most = zlib.decompressobj(), start, work.stream_most
    while not inflate.eof and (inflate.unconsumed_tail or position < len(data)):
        piece = inflate.unconsumed_tail
        if not piece:
            piece = bytes(data[position : position + _PIECE])
            position += len(piece)
        before = inflate.copy()
        try:
            out, is_broken = inflate.decompress(piece, _MEGABYTE), False
        except zlib.error:
            if must_end:
                raise BadFile(_UNSEEN) from None
            out, is_broken = _until_it_breaks(before, piece, work), True
        # Packed bytes count too: there are streams without end that unpack to nothing.
        work.unpack(len(piece) - len(inflate.unconsumed_tail) - len(inflate.unused_data) + len(out))
        most -= len(out)
        if most < 0:
            raise BadFile(_TOO_MUCH)
        yield out
        if is_broken:
            return
    if must_end and not inflate.eof:
        raise BadFile(_UNSEEN)


def _until_it_breaks(inflate: "zlib._Decompress", piece: bytes, work: _Work) -> bytes:
    """What comes of the piece up to the byte that is wrong; readers stop there too."""
    work.step(_BREAK_PRICE)
    found, position = b"", 0
    size = 1 << len(piece).bit_length()
    while size := size >> 1:
        ahead = inflate.copy()
        with suppress(zlib.error):
            found += ahead.decompress(piece[position : position + size])
            inflate, position = ahead, position + size
    return found


# --- What is done on opening -----------------------------------------------------------------------------


_Judge = Callable[[object, set[Any]], None]
_Waiting = set[tuple[int, _Judge]]
"""Objects by number that are still to be found, and who judges them."""


def _actions(text: Data, work: _Work) -> _Waiting:
    """Judge what is done on opening the file or a page; what of it stands in objects elsewhere.

    Raises `BadFile` for anything done but going to a page.
    """
    waiting: _Waiting = set()
    for mark in _OPENS.finditer(text):
        judge = _judge_table if mark["table"] else _judge_action
        if mark["table"] and not _TABLE.match(text, _after_gap(text, mark.end(), work)):
            continue
        judge(_value(text, mark.end(), work), waiting)
    return waiting


def _judge_action(found: object, waiting: _Waiting) -> None:
    if isinstance(found, _Reference):
        waiting.add((found.number, _judge_action))
    elif isinstance(found, _Entries):
        kind = found.values.get(b"S", _GO)
        if found.is_twofold or kind != _GO or b"Next" in found.values:
            raise BadFile("Tệp PDF có lệnh tự chạy khi mở tệp, mở trang: hãy lưu lại bản chỉ có chữ và hình.")


def _judge_table(found: object, waiting: _Waiting) -> None:
    """As /AA has them: an action for each occasion."""
    if isinstance(found, _Reference):
        waiting.add((found.number, _judge_table))
    elif isinstance(found, _Entries):
        if found.is_twofold:
            raise BadFile(_UNSEEN)
        for action in found.values.values():
            _judge_action(action, waiting)


def _follow(data: Data, waiting: _Waiting, places: list[tuple[int, int]], work: _Work) -> None:
    """Judge those objects wherever they are defined. Raises `BadFile`, also for one that is nowhere."""
    done: _Waiting = set()
    again = _Work(len(data))  # for what is unpacked once more
    for _ in range(_ROUNDS_MOST):
        judges: dict[int, list[_Judge]] = {}
        for number, judge in waiting:
            judges.setdefault(number, []).append(judge)
        seen: set[int] = set()
        more: _Waiting = set()
        for number, found in _defined(data, judges.keys(), places, work, again):
            seen.add(number)
            for judge in judges[number]:
                judge(found, more)
        if seen != judges.keys():
            raise BadFile(_UNSEEN)
        done |= waiting
        waiting = more - done
        if not waiting:
            return
    raise BadFile(_UNSEEN)


def _defined(
    data: Data, numbers: Collection[int], places: list[tuple[int, int]], work: _Work, again: _Work
) -> Iterator[tuple[int, object]]:
    """Every definition of an object of those numbers: of an earlier version of the file too."""
    for mark in _OBJECT.finditer(data):
        work.step(0)
        if int(mark[1]) in numbers:
            start = _after_gap(data, mark.end(), work)
            end = _after_digits(data, start, work)
            word = _after_gap(data, end, work)
            if end > start and data[word : word + 3] == b"obj":
                yield int(mark[1]), _value(data, word + 3, work)
    for start, first in places:
        if _is_packed(data, start):
            text = _inflated(data, start, again, must_end=True)
        else:
            end = data.find(b"endstream", start)
            end = end if end >= 0 else len(data)
            again.unpack(end - start)
            text = bytes(data[start:end])
        head = _COMMENT.sub(b" ", text[: max(0, first)])
        work.step(len(head) * _HEAD_PRICE)
        words = (int(found[0]) for found in _ALONE.finditer(head))
        for number, offset in zip(words, words, strict=False):
            if number in numbers:
                yield number, _value(text, first + offset, work)
