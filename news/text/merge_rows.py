"""Two people changed one list of rows: which rows meet, who changed what in them, and in which order they stand.

Rows are known by their number, or, where one side does not know the other's number, by whom they name. What a field
says stands here as a string that is equal where the field says the same. The sides are treated alike.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

type Values = Mapping[str, str]
type Side = Literal["same", "mine", "theirs", "choose"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number ("" until it is saved), whom it names, and what its fields say ("" where there is none)."""

    number: str
    who: str
    values: Values

    def says(self, name: str) -> str:
        """What a field says."""
        return self.values.get(name, "")


@dataclass(frozen=True, slots=True)
class Meeting:
    """One row as it stands on either side (None: not there), and whose is taken.

    `side` is "fields" where both changed the row and each field has a side of its own.
    """

    mine: Row | None
    theirs: Row | None
    side: Side | Literal["fields"]
    fields: Mapping[str, Side] = field(default_factory=dict)

    @property
    def number(self) -> str:
        """The number by which the row is known, theirs first; "" for one that is not saved yet."""
        return (self.theirs.number if self.theirs else "") or (self.mine.number if self.mine else "")


def meetings(
    was: Mapping[str, Values] | None,
    mine: Sequence[Row],
    theirs: Sequence[Row],
    *,
    core: Collection[str],
    removed: Collection[str] = (),
    blank: Values | None = None,
) -> list[Meeting]:
    """Every row of either side once, mine first.

    `was` holds the rows that both began with, by number; None: nobody knows. `core` are the fields that say whom a row
    is about: where they differ, the row is one or the other, never a mixture. `removed` are the numbers of the rows
    that I said to take out (one that is merely missing is not), `blank` is what a row says that nobody filled in.
    """
    partners = _partners(mine, theirs)
    found = []
    for place, row in enumerate(mine):
        other = theirs[partners[place]] if place in partners else None
        found.append(_meeting(was, row, other, core, blank or {}) if other else _mine_alone(was, row))
    taken = set(partners.values())
    found += [_theirs_alone(was, row, removed) for place, row in enumerate(theirs) if place not in taken]
    return found


def _partners(mine: Sequence[Row], theirs: Sequence[Row]) -> dict[int, int]:
    """Which of their rows each of mine is: by number, and of the others by whom they name."""
    numbers = {row.number: place for place, row in enumerate(theirs) if row.number}
    pairs = {place: numbers[row.number] for place, row in enumerate(mine) if row.number in numbers}
    left: dict[str, list[int]] = {}
    taken = set(pairs.values())
    for place, row in enumerate(theirs):
        if row.who and place not in taken:
            left.setdefault(row.who, []).append(place)
    for place, row in enumerate(mine):
        if place not in pairs and left.get(row.who):
            pairs[place] = left[row.who].pop(0)
    return pairs


def _meeting(was: Mapping[str, Values] | None, mine: Row, theirs: Row, core: Collection[str], blank: Values) -> Meeting:
    names = list(dict.fromkeys([*theirs.values, *mine.values]))
    differ = [name for name in names if mine.says(name) != theirs.says(name)]
    if not differ:
        return Meeting(mine, theirs, "same")
    if was is None:
        base = None
    else:
        base = was.get(theirs.number) if theirs.number in was else was.get(mine.number)
        is_new = base is None and not mine.number
        base = blank if is_new else base
    sides: dict[str, Side] = {name: "same" if name not in differ else _side(base, name, mine, theirs) for name in names}
    if base is not None and set(sides.values()) <= {"same", "mine"}:
        return Meeting(mine, theirs, "mine")
    if base is not None and set(sides.values()) <= {"same", "theirs"}:
        return Meeting(mine, theirs, "theirs")
    if any(name in core for name in differ):
        return Meeting(mine, theirs, "choose")
    return Meeting(mine, theirs, "fields", sides)


def _side(base: Values | None, name: str, mine: Row, theirs: Row) -> Side:
    """Whose a field is that the two fill in differently."""
    if base is None:
        return "choose"
    by_me, by_them = mine.says(name) != base.get(name, ""), theirs.says(name) != base.get(name, "")
    return "choose" if by_me and by_them else "mine" if by_me else "theirs"


def _mine_alone(was: Mapping[str, Values] | None, row: Row) -> Meeting:
    if not row.number:
        return Meeting(row, None, "mine")  # I added it
    base = was.get(row.number) if was is not None else None
    return Meeting(row, None, "theirs" if base is not None and _is_as(base, row) else "choose")  # they took it out


def _theirs_alone(was: Mapping[str, Values] | None, row: Row, removed: Collection[str]) -> Meeting:
    if row.number not in removed:
        return Meeting(None, row, "theirs")  # they added it
    base = was.get(row.number) if was is not None else None
    return Meeting(None, row, "mine" if base is not None and _is_as(base, row) else "choose")  # I took it out


def _is_as(base: Values, row: Row) -> bool:
    return all(base.get(name, "") == row.says(name) for name in {*base, *row.values})


# --- Their order -----------------------------------------------------------------------------------------


def whose_order(was: Sequence[str] | None, mine: Sequence[str], theirs: Sequence[str]) -> Side:
    """Whose order is taken of the rows that both have; each key stands once in a list. `was` None: nobody knows."""
    here, there = set(mine), set(theirs)
    one, two = [key for key in mine if key in there], [key for key in theirs if key in here]
    if one == two:
        return "same"
    if was is None:
        return "choose"
    known = set(was)
    begun = [key for key in was if key in here and key in there]
    by_me, by_them = ([key for key in keys if key in known] != begun for keys in (one, two))
    if by_me and by_them:
        return "choose"
    return "mine" if by_me else "theirs"


def in_order(first: Iterable[str], second: Iterable[str]) -> list[str]:
    """All keys in the order of `first`; what only `second` has stands behind what it follows there."""
    order = list(dict.fromkeys(first))
    known = set(order)
    at = 0
    for key in dict.fromkeys(second):
        if key in known:
            at = order.index(key) + 1
            continue
        order.insert(at, key)
        known.add(key)
        at += 1
    return order
