"""Rich text as blocks of plain words with marks, so that two versions of it can be laid side by side.

For comparing only: it reads sanitised HTML with a real parser and gives plain text, which every page escapes again.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from news.text.difference import Row, lines

KINDS: Final = {
    "p": "đoạn",
    "h2": "tiêu đề lớn",
    "h3": "tiêu đề nhỏ",
    "h4": "tiêu đề nhỏ nhất",
    "li": "mục",
    "tr": "hàng của bảng",
    "caption": "tên bảng",
    "figure": "hình",
    "hr": "vạch ngang",
}
"""What kinds of blocks there are, by the element that makes them, as editors call them."""

WITHIN: Final = {"blockquote": "trích dẫn", "aside": "hộp", "ol": "danh sách đánh số", "ul": "danh sách"}
"""What blocks stand in."""

MARKS: Final = {
    "a": "liên kết",
    "strong": "chữ đậm",
    "b": "chữ đậm",
    "em": "chữ nghiêng",
    "i": "chữ nghiêng",
    "u": "gạch chân",
    "s": "gạch ngang chữ",
    "sub": "chỉ số dưới",
    "sup": "chỉ số trên",
    "th": "ô đầu bảng",
    "td": "ô bảng",
}
"""What words may bear."""

FIGURES: Final = {
    "data-image": "ảnh",
    "data-images": "chùm ảnh",
    "data-recording": "phim, âm thanh",
    "data-link": "liên kết ra ngoài",
}
"""What a figure shows, by its attribute."""

_CELLS: Final = {"td", "th"}
_GAP: Final = re.compile(r"[ \t\r\n\f]+")
_CELL_GAP: Final = " | "
_DEEPEST: Final = 40
"""How deep elements are told apart; deeper ones add their words only, so that no nesting makes reading slow."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A property of some words (`text`, beginning at `at`) or of a whole block: its name and, for links, its value."""

    name: str
    value: str = ""
    text: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item, table row, figure … as plain text. `kind` and `within` are in Vietnamese."""

    kind: str
    text: str
    within: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()

    @property
    def name(self) -> str:
        """What it is and where it stands: "đoạn trong hộp"."""
        return " trong ".join((self.kind, *reversed(self.within)))

    @property
    def line(self) -> str:
        """The words, or where there are none, what stands there: "[ảnh 12]"."""
        if self.text:
            return self.text
        shown = ", ".join(f"{mark.name} {mark.value}" for mark in self.marks if mark.name in FIGURES.values())
        return f"[{shown or self.kind}]"

    @property
    def image_ids(self) -> tuple[int, ...]:
        """The numbers of the pictures that a figure shows."""
        numbers = (mark.value for mark in self.marks if mark.name in {FIGURES["data-image"], FIGURES["data-images"]})
        return tuple(int(part) for value in numbers for part in value.split() if part.isascii() and part.isdecimal())


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two blocks side by side. `gone` and `come` are the marks and properties that only one of them has.

    Where the words are the same and these are not, only the formatting has changed.
    """

    row: Row
    old: Block | None
    new: Block | None
    gone: tuple[Mark, ...] = ()
    come: tuple[Mark, ...] = ()

    @property
    def kind(self) -> str:
        """As the row's, or "format" where only the formatting has changed."""
        return "format" if self.row.kind == "same" and (self.gone or self.come) else self.row.kind


def compare(old: str, new: str) -> list[Comparison]:
    """Two versions of sanitised HTML, a row for each block."""
    left, right = blocks(old), blocks(new)
    rows = lines([block.line for block in left], [block.line for block in right])
    partners = _partners(rows, left, right)
    compared = []
    for row in rows:
        before = left[row.old] if row.old is not None else None
        after = right[row.new] if row.new is not None else None
        if before and after:
            gone, come = _formatting(before, after)
        elif (before or after) and (row.old, row.new) in partners:
            both = partners[row.old, row.new]
            gone, come = _formatting(left[both[0]], right[both[1]])
            gone, come = (gone, ()) if before else ((), come)
        else:
            gone, come = (), ()
        compared.append(Comparison(row, before, after, gone, come))
    return compared


def _partners(
    rows: Sequence[Row], left: Sequence[Block], right: Sequence[Block]
) -> dict[tuple[int | None, int | None], tuple[int, int]]:
    """For each moved block (by the numbers of its row) where it stood and where it stands."""
    here: dict[str, list[int]] = {}
    for row in rows:
        if row.kind == "moved_here" and row.new is not None:
            here.setdefault(right[row.new].line, []).append(row.new)
    found: dict[tuple[int | None, int | None], tuple[int, int]] = {}
    for row in rows:
        if row.kind == "moved_away" and row.old is not None:
            new = here[left[row.old].line].pop(0)
            found[row.old, None] = found[None, new] = row.old, new
    return found


def _formatting(old: Block, new: Block) -> tuple[tuple[Mark, ...], tuple[Mark, ...]]:
    before, after = [*old.marks], [*new.marks]
    if old.name != new.name:
        before.append(Mark(old.name))
        after.append(Mark(new.name))
    if old.line != new.line:  # the words themselves are shown: what a mark covers need not be told again
        before = [Mark(mark.name, mark.value) for mark in before]
        after = [Mark(mark.name, mark.value) for mark in after]
    return tuple((Counter(before) - Counter(after)).elements()), tuple((Counter(after) - Counter(before)).elements())


def blocks(source: str) -> list[Block]:
    """The blocks of sanitised HTML in order. Any text is read without error, well formed or not."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    reader.end_block()
    return reader.found


@dataclass(slots=True)
class _Open:
    """An element that has begun: before which part and letter its words begin, and what they bear."""

    tag: str
    start: int
    at: int
    marks: list[Mark] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects blocks; an element outside the lists above adds its words and nothing else."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Block] = []
        self._within: list[str] = []
        self._kinds: list[str] = []
        self._properties: list[Mark] = []
        self._inline: list[_Open] = []
        self._parts: list[str] = []
        self._length = 0
        self._marks: list[Mark] = []

    # --- What the parser reports --------------------------------------------------------------------

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """A block begins, or words that bear something."""
        values = {name: value or "" for name, value in attrs}
        if tag == "br":
            self._add("\n")
        elif tag in WITHIN:
            self.end_block()
            _enter(self._within, tag)
            self._properties += _others(values, ())
        elif tag in _CELLS:
            if self._parts:
                self._add(_CELL_GAP)
            self._begin(tag, _others(values, ()))
        elif tag in KINDS and not self._in_row(tag):
            self.end_block()
            if tag == "hr":
                self.found.append(Block(KINDS["hr"], "", self._places()))
                return
            _enter(self._kinds, tag)
            self._properties += _figure(values) if tag == "figure" else _others(values, ())
        elif tag in MARKS:
            self._begin(tag, _others(values, ("href", "rel")), values.get("href", ""))

    def handle_endtag(self, tag: str) -> None:
        """A block or words that bear something end."""
        if tag in WITHIN:
            self.end_block()
            _forget(self._within, tag)
        elif tag in MARKS:
            self._finish(tag)
        elif tag in KINDS and not self._in_row(tag):
            self.end_block(ends_figure=tag == "figure")
            _forget(self._kinds, tag)

    def handle_data(self, data: str) -> None:
        """Words; white space counts once, as in a page."""
        data = _GAP.sub(" ", data)
        if data.startswith(" ") and (not self._parts or self._parts[-1].endswith((" ", "\n"))):
            data = data[1:]
        if data:
            self._add(data)

    # --- Blocks -------------------------------------------------------------------------------------

    def end_block(self, *, ends_figure: bool = False) -> None:
        """Keep what has been read as a block, if it is anything."""
        for opened in reversed(self._inline):
            self._keep(opened)
            opened.start, opened.at, opened.marks = 0, 0, []
        text = "".join(self._parts).strip(" \n")
        if text or ends_figure:
            kind = next((kind for kind in reversed(self._kinds) if kind != "p"), "p")
            marks = [*self._properties, *self._marks]
            self.found.append(Block(KINDS[kind], text, self._places(), tuple(marks)))
            self._properties = []
        elif "figure" not in self._kinds:
            self._properties = []
        self._parts, self._length, self._marks = [], 0, []

    def _places(self) -> tuple[str, ...]:
        return tuple(WITHIN[tag] for tag in self._within)

    def _in_row(self, tag: str) -> bool:
        return "tr" in self._kinds and tag != "tr"

    # --- Words --------------------------------------------------------------------------------------

    def _add(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)

    def _begin(self, tag: str, marks: list[Mark], value: str = "") -> None:
        own = [] if tag == "td" else [Mark(MARKS[tag], value)]
        more = [Mark(f"{MARKS[tag]}, {mark.name}", mark.value) for mark in marks]
        if len(self._inline) < _DEEPEST:
            self._inline.append(_Open(tag, len(self._parts), self._length, own + more))

    def _finish(self, tag: str) -> None:
        for place in range(len(self._inline) - 1, -1, -1):
            if self._inline[place].tag == tag:
                self._keep(self._inline.pop(place))
                return

    def _keep(self, opened: _Open) -> None:
        if opened.marks:
            text = "".join(self._parts[opened.start :]).strip()
            self._marks += [Mark(mark.name, mark.value, text, opened.at) for mark in opened.marks]


def _figure(values: dict[str, str]) -> list[Mark]:
    known = [Mark(name, values[attribute]) for attribute, name in FIGURES.items() if attribute in values]
    return known + _others(values, tuple(FIGURES))


def _others(values: dict[str, str], known: Iterable[str]) -> list[Mark]:
    return [Mark(name, value) for name, value in sorted(values.items()) if name not in known]


def _enter(names: list[str], name: str) -> None:
    if len(names) < _DEEPEST:
        names.append(name)


def _forget(names: list[str], name: str) -> None:
    """Take the innermost of that name out, if there is one."""
    for place in range(len(names) - 1, -1, -1):
        if names[place] == name:
            del names[place]
            return
