"""Differences between two texts, for people to read: by words, and paragraph beside paragraph.

Nothing is lost or made up: what is the same and what was removed give the old text, what is the same and what was
added give the new one. The time is bounded for any two texts: longest common subsequences are found with whole rows
of bits at once (Hyyrö 2004), and where even that would be too much, the stretch counts as rewritten.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

type Change = Literal["same", "removed", "added"]
type RowKind = Literal["same", "changed", "removed", "added", "moved_away", "moved_here"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that is the same in both, or was removed from the old one, or added in the new one."""

    kind: Change
    text: str

    @property
    def shown(self) -> str:
        """The text as it can be seen: spaces and line breaks that stand alone have signs."""
        if self.kind == "same" or self.text.strip():
            return self.text
        return "".join(_SIGNS.get(letter, "␣") for letter in self.text)


_SIGNS: Final = {"\n": "↵\n", "\u00a0": "⍽"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a comparison side by side; `old`, `new` are the numbers of its paragraphs, None where there is none.

    `left` holds pieces that are the same or removed, `right` those that are the same or added. A paragraph that went
    elsewhere unchanged is `moved_away` on the left and `moved_here` on the right.
    """

    kind: RowKind
    left: tuple[Piece, ...]
    right: tuple[Piece, ...]
    old: int | None
    new: int | None


MOST_BITS: Final = 300_000_000
"""How many pairs of tokens are compared at most in one call: about 40 MB and a fifth of a second."""

MOST_PAIRS: Final = 4_000
"""How many pairs of paragraphs are weighed against each other for likeness in one gap."""

LIKE: Final = 0.4
"""From which share of common words two paragraphs count as one that was changed."""

MOST_ROUNDS: Final = 3
"""How often unique triples are looked for between those already found."""

MOST_ISLAND: Final = 5
"""The longest run of unchanged words that may be told as part of the changes around it."""

_TOKEN: Final = re.compile(r"(?:\d+(?:[.,/:]\d+)*|[^\W\d][\w\u0300-\u036f]*|\S)?\s*", re.DOTALL)
_FINE: Final = re.compile(r"\d+(?:[.,/:]\d+)*|[^\W\d][\w\u0300-\u036f]*|\s|\S", re.DOTALL)
_WORD: Final = re.compile(r"\w+")


# --- By words ------------------------------------------------------------------------------------


def words(old: str, new: str) -> list[Piece]:
    """What changed from `old` to `new`, by words (syllables, numbers, signs), grouped so that people can read it.

    Neighbouring pieces differ in kind and none is empty; a removed piece stands before the one that replaces it.
    """
    if old == new:
        return [Piece("same", old)] if old else []
    first, second = _tokens(old), _tokens(new)
    groups = _groups(first, second, matches(first, second))
    return _pieces(_without_islands(groups))


def matches(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Pairs of positions with equal elements, both ascending: a long common subsequence, anchored where it is unique.

    Fast for any input; where the rest is too large to compare, it is left unmatched.
    """
    found: list[tuple[int, int]] = []
    todo = [(0, len(old), 0, len(new), 0)]
    left_over = MOST_BITS
    while todo:
        low, high, start, end, depth = todo.pop()
        while low < high and start < end and old[low] == new[start]:
            found.append((low, start))
            low, start = low + 1, start + 1
        while low < high and start < end and old[high - 1] == new[end - 1]:
            high, end = high - 1, end - 1
            found.append((high, end))
        if low == high or start == end:
            continue
        anchors = _anchors(old, new, (low, high, start, end)) if depth < MOST_ROUNDS else []
        if not anchors:
            cost = (high - low) * (end - start)
            if cost <= left_over:
                left_over -= cost
                found += _longest_common(old, new, (low, high, start, end))
            continue
        for left, right in [*anchors, (high, end)]:
            todo.append((low, left, start, right, depth + 1))
            if left < high:
                found.append((left, right))
            low, start = left + 1, right + 1
    return sorted(found)


type _Window = tuple[int, int, int, int]


def _anchors(old: Sequence[Hashable], new: Sequence[Hashable], window: _Window) -> list[tuple[int, int]]:
    """Where three elements in a row occur once on either side: the longest ascending run of such places."""
    low, high, start, end = window
    there = _unique(new, start, end)
    pairs = [(place, there[triple]) for triple, place in _unique(old, low, high).items() if triple in there]
    pairs.sort()
    return _ascending(pairs)


def _unique(row: Sequence[Hashable], low: int, high: int) -> dict[tuple[Hashable, ...], int]:
    places: dict[tuple[Hashable, ...], int] = {}
    repeated: set[tuple[Hashable, ...]] = set()
    for place in range(low, high - 2):
        triple: tuple[Hashable, ...] = (row[place], row[place + 1], row[place + 2])
        if triple in places:
            repeated.add(triple)
        places[triple] = place
    for triple in repeated:
        del places[triple]
    return places


def _ascending(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs whose second numbers ascend too."""
    ends: list[int] = []
    at: list[int] = []
    before: list[int] = []
    for number, (_, second) in enumerate(pairs):
        length = bisect_left(ends, second)
        if length == len(ends):
            ends.append(second)
            at.append(number)
        else:
            ends[length], at[length] = second, number
        before.append(at[length - 1] if length else -1)
    run: list[tuple[int, int]] = []
    number = at[-1] if at else -1
    while number >= 0:
        run.append(pairs[number])
        number = before[number]
    run.reverse()
    return run


def _longest_common(old: Sequence[Hashable], new: Sequence[Hashable], window: _Window) -> list[tuple[int, int]]:
    """A longest common subsequence of the two stretches."""
    low, high, start, end = window
    # Single bits are set and read in bytes: a number would be copied for each of them.
    size = (end - start) // 8 + 1
    bits = {element: bytearray(size) for element in {*old[low:high]} & {*new[start:end]}}
    for bit, element in enumerate(new[start:end]):
        if element in bits:
            bits[element][bit >> 3] |= 1 << (bit & 7)
    places = {element: int.from_bytes(row, "little") for element, row in bits.items()}
    full = (1 << (end - start)) - 1
    state = full
    rows: list[bytes] = []
    for element in old[low:high]:
        hit = state & places.get(element, 0)
        state = (state + hit | state - hit) & full
        rows.append(state.to_bytes(size, "little"))
    found: list[tuple[int, int]] = []
    row, column = high - low, end - start
    while row and column:
        place, bit = column - 1 >> 3, column - 1 & 7
        if rows[row - 1][place] >> bit & 1:
            column -= 1
            continue
        row -= 1
        if row and not rows[row - 1][place] >> bit & 1:
            continue
        column -= 1
        found.append((low + row, start + column))
    return found


def _tokens(text: str) -> list[str]:
    return [token for token in _TOKEN.findall(text) if token]


@dataclass(slots=True)
class _Group:
    """Unchanged words, or a change with what was there and what came in its place; `*_words` count them."""

    same: list[str]
    removed: list[str]
    added: list[str]
    same_words: int = 0
    removed_words: int = 0
    added_words: int = 0

    @property
    def weight(self) -> int:
        return max(self.removed_words, self.added_words)

    def take(self, other: "_Group") -> None:
        """Become one with the group that follows."""
        self.same += other.same
        self.removed += other.removed
        self.added += other.added
        self.same_words += other.same_words
        self.removed_words += other.removed_words
        self.added_words += other.added_words

    def swallow(self, island: "_Group") -> None:
        """Take unchanged words in as if they had been written anew."""
        self.removed += island.same
        self.added += island.same
        self.removed_words += island.same_words
        self.added_words += island.same_words


def _unchanged(parts: list[str]) -> _Group:
    return _Group(parts, [], [], same_words=_word_count(parts))


def _word_count(parts: Iterable[str]) -> int:
    return sum(1 for part in parts if part[0].isalnum())


def _groups(old: Sequence[str], new: Sequence[str], pairs: Iterable[tuple[int, int]]) -> list[_Group]:
    """Alternating changes and unchanged stretches, each change cut down to where the two really differ."""
    groups: list[_Group] = []
    low = start = 0
    run: list[str] = []
    for left, right in [*pairs, (len(old), len(new))]:
        if left > low or right > start:
            groups.append(_unchanged(run))
            run = []
            groups += _trimmed("".join(old[low:left]), "".join(new[start:right]))
        if left < len(old):
            run.append(old[left])
        low, start = left + 1, right + 1
    groups.append(_unchanged(run))
    return _joined(groups)


def _trimmed(removed: str, added: str) -> list[_Group]:
    """A change without the words and spaces that both sides begin or end with."""
    left, right = _FINE.findall(removed), _FINE.findall(added)
    shorter = min(len(left), len(right))
    head = 0
    while head < shorter and left[head] == right[head]:
        head += 1
    tail = 0
    while tail < shorter - head and left[-1 - tail] == right[-1 - tail]:
        tail += 1
    gone, come = left[head : len(left) - tail], right[head : len(right) - tail]
    change = _Group([], gone, come, removed_words=_word_count(gone), added_words=_word_count(come))
    return [_unchanged(left[:head]), change, _unchanged(left[len(left) - tail :])]


def _joined(groups: Iterable[_Group]) -> list[_Group]:
    """Without empty groups, neighbours of a kind in one."""
    joined: list[_Group] = []
    for group in groups:
        if not (group.same or group.removed or group.added):
            continue
        if joined and bool(joined[-1].same) == bool(group.same):
            joined[-1].take(group)
        else:
            joined.append(group)
    return joined


def _without_islands(groups: Iterable[_Group]) -> list[_Group]:
    """The same difference; a change, a few unchanged words and a change are told as one change."""
    kept: list[_Group] = []
    for group in groups:
        if not group.same and len(kept) > 1 and _is_island(kept[-2], kept[-1], group):
            kept[-2].swallow(kept.pop())
            kept[-1].take(group)
        else:
            kept.append(group)
    return kept


def _is_island(before: _Group, island: _Group, after: _Group) -> bool:
    """Whether the unchanged words are too few between such changes to help a reader."""
    count = island.same_words
    if count > MOST_ISLAND or any("\n" in part for part in island.same):
        return False
    if not (before.removed or after.removed) or not (before.added or after.added):
        return False
    return count * 3 <= before.weight + after.weight and count <= min(before.weight, after.weight)


def _pieces(groups: Iterable[_Group]) -> list[Piece]:
    pieces: list[Piece] = []
    kinds: tuple[Change, ...] = ("same", "removed", "added")
    for group in groups:
        for kind, parts in zip(kinds, (group.same, group.removed, group.added), strict=True):
            if parts:
                pieces.append(Piece(kind, "".join(parts)))
    return pieces


# --- Side by side --------------------------------------------------------------------------------


def paragraphs(old: str, new: str) -> list[Row]:
    """Two texts side by side, a row for each line; changed lines show their changes by words.

    Joined with line breaks, the left sides give the old text and the right sides the new one; empty lines included.
    """
    return lines(old.split("\n") if old else [], new.split("\n") if new else [])


def lines(old: Sequence[str], new: Sequence[str]) -> list[Row]:
    """Two lists of lines side by side: equal ones, changed ones beside each other, removed, added and moved ones."""
    pairs = aligned(old, new)
    moved = _moved(old, new, pairs)
    rows: list[Row] = []
    for left, right in pairs:
        if left is not None and right is not None:
            rows.append(_pair(old[left], new[right], left, right))
        elif left is not None:
            kind: RowKind = "moved_away" if left in moved[0] else "removed"
            rows.append(Row(kind, _whole("removed", old[left]), (), left, None))
        elif right is not None:
            kind = "moved_here" if right in moved[1] else "added"
            rows.append(Row(kind, (), _whole("added", new[right]), None, right))
    return rows


def aligned(old: Sequence[str], new: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Numbers of lines that belong beside each other, in the order of both lists; None where a side has nothing."""
    pairs: list[tuple[int | None, int | None]] = []
    low = start = 0
    for left, right in [*matches(old, new), (len(old), len(new))]:
        pairs += _alike(old, new, (low, left, start, right))
        if left < len(old):
            pairs.append((left, right))
        low, start = left + 1, right + 1
    return pairs


def likeness(old: Counter[str], new: Counter[str]) -> float:
    """The share of words that two lines have in common, from 0 to 1."""
    total = old.total() + new.total()
    return 2 * (old & new).total() / total if total else 0.0


def _alike(old: Sequence[str], new: Sequence[str], window: _Window) -> list[tuple[int | None, int | None]]:
    """A gap between equal lines: those alike beside each other, in order; the others alone."""
    low, high, start, end = window
    height, width = high - low, end - start
    if height * width > MOST_PAIRS or not (height and width):
        chosen = _in_step(old, new, window)
    else:
        chosen = _best_pairs(old, new, window)
    pairs: list[tuple[int | None, int | None]] = []
    for left, right in [*chosen, (high, end)]:
        pairs += [(number, None) for number in range(low, left)]
        pairs += [(None, number) for number in range(start, right)]
        if left < high and right < end:
            pairs.append((left, right))
        low, start = left + 1, right + 1
    return pairs


def are_alike(old: str, new: str) -> bool:
    """Whether one is the other changed: at least the share `LIKE` of their words is common."""
    return likeness(_counted(old), _counted(new)) >= LIKE


def _counted(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text))


def _in_step(old: Sequence[str], new: Sequence[str], window: _Window) -> list[tuple[int, int]]:
    """Of a gap too large to weigh each against each: those alike at the same place."""
    low, high, start, end = window
    together = zip(range(low, high), range(start, end), strict=False)
    return [pair for pair in together if likeness(_counted(old[pair[0]]), _counted(new[pair[1]])) >= LIKE]


def _best_pairs(old: Sequence[str], new: Sequence[str], window: _Window) -> list[tuple[int, int]]:
    """The pairs in order whose likeness is greatest taken together."""
    low, high, start, end = window
    left = [_counted(line) for line in old[low:high]]
    right = [_counted(line) for line in new[start:end]]
    alone = len(left) == len(right) == 1  # one line for one line: the same place, however little is left of it
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    alike = [[likeness(one, other) for other in right] for one in left]
    for row in range(len(left) - 1, -1, -1):
        for column in range(len(right) - 1, -1, -1):
            share = alike[row][column]
            paired = share + best[row + 1][column + 1] if share >= LIKE or (alone and share > 0) else 0.0
            best[row][column] = max(paired, best[row + 1][column], best[row][column + 1])
    pairs: list[tuple[int, int]] = []
    row = column = 0
    while row < len(left) and column < len(right):
        if best[row][column] == best[row + 1][column]:
            row += 1
        elif best[row][column] == best[row][column + 1]:
            column += 1
        else:
            pairs.append((low + row, start + column))
            row, column = row + 1, column + 1
    return pairs


def _moved(
    old: Sequence[str], new: Sequence[str], pairs: Iterable[tuple[int | None, int | None]]
) -> tuple[set[int], set[int]]:
    """The numbers of lines without a partner that stand elsewhere on the other side, word for word."""
    gone: dict[str, list[int]] = {}
    come: dict[str, list[int]] = {}
    for left, right in pairs:
        if right is None and left is not None and old[left].strip():
            gone.setdefault(old[left], []).append(left)
        elif left is None and right is not None and new[right].strip():
            come.setdefault(new[right], []).append(right)
    away: set[int] = set()
    here: set[int] = set()
    for text in gone.keys() & come.keys():
        count = min(len(gone[text]), len(come[text]))
        away.update(gone[text][:count])
        here.update(come[text][:count])
    return away, here


def _pair(old: str, new: str, left: int, right: int) -> Row:
    if old == new:
        same = _whole("same", old)
        return Row("same", same, same, left, right)
    pieces = words(old, new)
    return Row(
        "changed",
        tuple(piece for piece in pieces if piece.kind != "added"),
        tuple(piece for piece in pieces if piece.kind != "removed"),
        left,
        right,
    )


def _whole(kind: Change, text: str) -> tuple[Piece, ...]:
    return (Piece(kind, text),) if text else ()


# --- Lists of things with names ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pairing:
    """A thing of one list, the other or both; `old`, `new` are its places. `is_moved`: it stands in another order."""

    old: int | None
    new: int | None
    is_moved: bool = False


def keyed(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Pairing]:
    """Two lists of things known by their keys, in the order of the new one; what is gone stands where it was.

    A key that occurs again counts as another thing. Every place of both lists occurs exactly once.
    """
    before, after = _numbered(old), _numbered(new)
    steady = dict(matches(before, after))
    places = {key: place for place, key in enumerate(before)}
    known = set(after)
    pairs: list[Pairing] = []
    low = start = 0
    for left, right in [*steady.items(), (len(before), len(after))]:
        pairs += [Pairing(place, None) for place in range(low, left) if before[place] not in known]
        for place in range(start, right):
            earlier = places.get(after[place])
            pairs.append(Pairing(earlier, place, is_moved=earlier is not None))
        if left < len(before):
            pairs.append(Pairing(left, right))
        low, start = left + 1, right + 1
    return pairs


def _numbered(keys: Iterable[Hashable]) -> list[tuple[Hashable, int]]:
    """Each key with how often it has occurred before."""
    seen: Counter[Hashable] = Counter()
    numbered = []
    for key in keys:
        numbered.append((key, seen[key]))
        seen[key] += 1
    return numbered
