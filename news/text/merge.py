"""Two people changed one text: a three-way merge of plain text and of HTML, after which no word of either is missing.

What only one of them changed is taken; what both changed alike is taken once; where they changed the same passage in
two ways, both passages stand one after the other and the merge is not clean. The sides are treated alike.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from news.text import difference

type Kind = Literal["same", "mine", "theirs", "both", "conflict"]

_WORD: Final = re.compile(r"\S+\s*|\s+")
_TAG: Final = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9]*)(?:[^"'<>]|"[^"]*"|'[^']*')*>""")
_HTML_TOKEN: Final = re.compile(r"""<(?:[^"'<>]|"[^"]*"|'[^']*')*>|[^\s<]+\s*|\s+|<""")
_VOID: Final = frozenset({"br", "hr", "img", "wbr", "col"})
_PARAGRAPHS: Final = frozenset({"p", "h2", "h3", "h4"})


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of the three texts: who changed it, and what stands there in each."""

    kind: Kind
    base: tuple[str, ...]
    mine: tuple[str, ...]
    theirs: tuple[str, ...]

    @property
    def both(self) -> tuple[str, ...]:
        """What stands there after the merge; in a conflict mine, then theirs."""
        if self.kind == "conflict":
            return self.mine + self.theirs
        return self.theirs if self.kind == "theirs" else self.mine


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome: its stretches, and the text in which nothing of either side is missing."""

    chunks: tuple[Chunk, ...]
    text: str

    @property
    def is_clean(self) -> bool:
        """Whether nobody has to choose anything."""
        return all(chunk.kind != "conflict" for chunk in self.chunks)


def chunks(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[Chunk]:
    """The three sequences cut where all of them agree: joined, each side's parts are that side again."""
    to_mine, to_theirs = dict(difference.matches(base, mine)), dict(difference.matches(base, theirs))
    found: list[Chunk] = []
    at = left = right = 0
    for place in [*sorted(to_mine.keys() & to_theirs.keys()), None]:
        ends = (len(base), len(mine), len(theirs)) if place is None else (place, to_mine[place], to_theirs[place])
        found += _changed(base[at : ends[0]], mine[left : ends[1]], theirs[right : ends[2]])
        if place is not None:
            same = (base[place],)
            found.append(Chunk("same", same, same, same))
            at, left, right = ends[0] + 1, ends[1] + 1, ends[2] + 1
    return found


def _changed(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[Chunk]:
    sides = tuple(base), tuple(mine), tuple(theirs)
    if not any(sides):
        return []
    if sides[0] == sides[1] == sides[2]:
        return [Chunk("same", *sides)]
    if sides[1] == sides[2]:
        return [Chunk("both", *sides)]
    if sides[0] == sides[2]:
        return [Chunk("mine", *sides)]
    if sides[0] == sides[1]:
        return [Chunk("theirs", *sides)]
    return [Chunk("conflict", *sides)]


def line(base: str, mine: str, theirs: str) -> Merged:
    """One line, by words; in a conflict both lines stand there whole, parted by a stroke."""
    found = _woven(_one(base), _one(mine), _one(theirs), _weave_words)
    text = " / ".join(part for chunk in found for part in chunk.both if part)
    return Merged(tuple(found), text)


def _one(text: str) -> list[str]:
    return [text] if text else []


def lines(base: str, mine: str, theirs: str) -> Merged:
    """Text of several lines, by lines and inside a line by words."""
    found = _woven(_lines(base), _lines(mine), _lines(theirs), _weave_words)
    return Merged(tuple(found), "\n".join(part for chunk in found for part in chunk.both))


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []


def html(base: str, mine: str, theirs: str) -> Merged:
    """Sanitised HTML, by its outermost elements and inside a paragraph by words; a tag is never torn apart."""
    found = _woven(blocks(base), blocks(mine), blocks(theirs), _weave_html)
    return Merged(tuple(found), "".join(part for chunk in found for part in chunk.both))


def blocks(source: str) -> list[str]:
    """The outermost elements of HTML and the text between them; joined they are the source again."""
    found: list[str] = []
    depth = start = 0
    for tag in _TAG.finditer(source):
        closing, name = tag[1], tag[2].lower()
        if depth == 0 and tag.start() > start:
            found.append(source[start : tag.start()])
            start = tag.start()
        if name not in _VOID:
            depth = max(0, depth - 1) if closing else depth + 1
        if depth == 0:
            found.append(source[start : tag.end()])
            start = tag.end()
    if start < len(source):
        found.append(source[start:])
    return found


# --- Inside a passage ----------------------------------------------------------------------------

type _Weave = Callable[[str, str, str], str | None]


def _woven(base: list[str], mine: list[str], theirs: list[str], weave: _Weave) -> list[Chunk]:
    """The chunks, a conflict made smaller or solved where the words inside it tell how."""
    found: list[Chunk] = []
    for chunk in chunks(base, mine, theirs):
        found += _solved(chunk, weave) if chunk.kind == "conflict" else [chunk]
    return found


def _solved(chunk: Chunk, weave: _Weave) -> Iterable[Chunk]:
    if not len(chunk.base) == len(chunk.mine) == len(chunk.theirs):
        return [chunk]
    solved: list[Chunk] = []
    for base, mine, theirs in zip(chunk.base, chunk.mine, chunk.theirs, strict=True):
        (part,) = _changed([base], [mine], [theirs])
        if part.kind == "conflict" and (text := weave(base, mine, theirs)) is not None:
            part = Chunk("both", part.base, (text,), (text,))
        solved.append(part)
    return solved


def _weave_words(base: str, mine: str, theirs: str) -> str | None:
    if not (difference.are_alike(base, mine) and difference.are_alike(base, theirs)):
        return None
    return _weave(_WORD.findall(base), _WORD.findall(mine), _WORD.findall(theirs))


def _weave(base: list[str], mine: list[str], theirs: list[str]) -> str | None:
    found = chunks(base, mine, theirs)
    if any(chunk.kind == "conflict" for chunk in found):
        return None
    return "".join(part for chunk in found for part in chunk.both)


def _weave_html(base: str, mine: str, theirs: str) -> str | None:
    """One paragraph or heading on all three sides, woven by words; None where tags would not close as they opened."""
    opened = [_TAG.match(side) for side in (base, mine, theirs)]
    names = {tag[2].lower() if tag else "" for tag in opened}
    if len(names) != 1 or not names <= _PARAGRAPHS:
        return None
    if not (difference.are_alike(_bare(base), _bare(mine)) and difference.are_alike(_bare(base), _bare(theirs))):
        return None
    text = _weave(_HTML_TOKEN.findall(base), _HTML_TOKEN.findall(mine), _HTML_TOKEN.findall(theirs))
    return text if text is not None and _closes(text) else None


def _bare(source: str) -> str:
    return _TAG.sub(" ", source)


def _closes(source: str) -> bool:
    open_tags: list[str] = []
    for tag in _TAG.finditer(source):
        name = tag[2].lower()
        if name in _VOID:
            continue
        if not tag[1]:
            open_tags.append(name)
        elif not open_tags or open_tags.pop() != name:
            return False
    return not open_tags and len(blocks(source)) == 1
