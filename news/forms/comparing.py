"""Two states of one article's form, field by field: what differs, who changed it, and the form that comes of choosing.

A page carries, in the field `opened`, which revision it was opened on and a mark of each field as it stood then. So
who changed a field since is known for every field alike, rows and delegations included, and whatever is added to the
form later. A delegation on both sides is taken apart further: see `weaving`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from django.utils.datastructures import MultiValueDict

from news.forms import weaving
from news.forms.article import ArticleDesk
from news.forms.delegation import Block
from news.forms.fields import BodyInput
from news.forms.items import Item, Pairs, items_of, mark_of
from news.models import Revision
from news.text import difference, merge

type Side = Literal["mine", "theirs", "choose"]

CONTROLS: Final = frozenset(
    {
        "csrfmiddlewaretoken",
        "version",
        "opened",
        "window",
        "writer",
        "_save",
        "_close",
        "_step",
        "_merge",
        "newest",
    }
)
"""What a form carries beside its content."""

CARRIED: Final = frozenset({"version", "opened", "window", "writer"})
"""Those of them that belong to a window and are kept with its state."""

CHOICE: Final = "chon-"
MIXED: Final = "tron-"
_TEXTS: Final = frozenset({"title", "kicker", "lead", "body"})
LONGEST_OPENED: Final = 100_000


# --- What the page was opened on -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened:
    """What a page was opened on: the numbers of the last save and step then (0: none), and the mark of every item."""

    revision: int = 0
    marks: Mapping[str, str] = field(default_factory=dict)
    step: int = 0

    @classmethod
    def of(cls, desk: ArticleDesk, revision: int, step: int = 0) -> "Opened":
        """A page that is opened now."""
        marks = {key: mark_of(item.value) for key, item in items_of(desk).items() if item.value}
        for block in desk.delegations.existing:
            marks |= weaving.marks_of(block)
        return cls(revision, marks, step)

    @classmethod
    def read(cls, text: str) -> "Opened | None":
        """What a page sent back; None for nothing that makes sense."""
        if not text or len(text) > LONGEST_OPENED:
            return None
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return None
        if not isinstance(found, dict) or not isinstance(found.get("m"), dict) or not isinstance(found.get("r"), int):
            return None
        step = found.get("s")
        marks = {str(key): str(value) for key, value in found["m"].items()}
        return cls(found["r"], marks, step if isinstance(step, int) else 0)

    @property
    def digest(self) -> str:
        """A mark of all of it: another one when anything has changed."""
        return mark_of(str(self))

    def __str__(self) -> str:
        return json.dumps({"r": self.revision, "s": self.step, "m": dict(self.marks)}, separators=(",", ":"))

    def has_changed(self, key: str, text: str) -> bool:
        """Whether an item is no longer as it was; an empty one bears no mark."""
        return self.marks.get(key, "") != (mark_of(text) if text else "")


@dataclass(frozen=True, slots=True)
class Base:
    """What stood there when the page was opened, as far as a revision tells: texts by field, delegations by block."""

    texts: Mapping[str, str] = field(default_factory=dict)
    delegations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def base_of(article_id: int | None, opened: Opened | None) -> Base:
    """What the revision says on which the page was opened; of the texts only what the marks prove."""
    if article_id is None or opened is None or not 0 < opened.revision < 2**31:
        return Base()
    found = (
        Revision.objects.filter(article_id=article_id, number=opened.revision).values_list("content", flat=True).first()
    )
    content = json.loads(found) if found else {}
    texts = {name: str(content.get(name) or "") for name in _TEXTS if name in content}
    return Base(
        {name: text for name, text in texts.items() if not opened.has_changed(name, text)},
        {f"doan-{row['id']}": row for row in content.get("delegations") or ()},
    )


# --- What differs ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """One item that is not the same in the two states. `mine`, `theirs`, `base` are None where it is not there.

    `views` is for whoever shows rich text.
    """

    key: str
    label: str
    kind: str
    side: Side
    mine: Item | None
    theirs: Item | None
    base: str | None
    merged: merge.Merged | None
    choice: str = ""
    mixed: str = ""
    views: tuple[Any, ...] = ()

    @property
    def is_asked(self) -> bool:
        """Whether somebody has to choose."""
        return self.side == "choose"

    @property
    def editor(self) -> str:
        """The field in which the mixed rich text can be put in order."""
        name = f"{MIXED}{self.key}"
        return BodyInput().render(name, self.mixed, {"id": name})

    @property
    def before(self) -> str | None:
        """What both began with, in words; what only one changed stands unchanged on the other side."""
        if self.base is not None or self.is_asked:
            return self.base
        other = self.theirs if self.side == "mine" else self.mine
        return other.text if other else ""

    @property
    def mine_pieces(self) -> list[difference.Piece]:
        """My text, and what changed in it since it was begun, where that is known."""
        return self._pieces(self.mine)

    @property
    def theirs_pieces(self) -> list[difference.Piece]:
        """The saved text likewise."""
        return self._pieces(self.theirs)

    def _pieces(self, item: Item | None) -> list[difference.Piece]:
        text = item.text if item else ""
        return difference.words(text if self.before is None else self.before, text)


def differences(mine: ArticleDesk, theirs: ArticleDesk, opened: Opened | None, base: Base) -> list[Difference]:
    """What differs between two states of the form, in the order of the page."""
    here, there = items_of(mine), items_of(theirs)
    found = []
    for key in [*here, *(key for key in there if key not in here)]:
        one, two = here.get(key), there.get(key)
        blocks = _both_blocks(one, two)
        if blocks:
            marks = opened.marks if opened else {}
            found += [_difference(part) for part in weaving.parts(*blocks, marks, base.delegations.get(key))]
            continue
        texts = (one.value if one else "", two.value if two else "")
        if texts[0] == texts[1]:
            continue
        if one is None:
            side: Side = "theirs"  # a part that the page did not have when it was opened
        else:
            by_me = opened is None or opened.has_changed(key, texts[0])
            by_them = opened is None or opened.has_changed(key, texts[1])
            side = "choose" if by_me and by_them else "mine" if by_me else "theirs"
        found.append(_difference(weaving.Part(key, side, one, two, base.texts.get(key))))
    return found


def _both_blocks(one: Item | None, two: Item | None) -> tuple[Block, Block] | None:
    """A delegation that both sides keep."""
    mine, theirs = one.block if one else None, two.block if two else None
    if mine is None or theirs is None or mine.delegation is None or theirs.delegation is None or mine.leaves:
        return None
    return mine, theirs


def _difference(part: weaving.Part) -> Difference:
    kind, before, merged = part.item.kind, part.base, None
    if part.side == "choose" and before is not None and kind in {"line", "lines", "html"}:
        join = {"line": merge.line, "lines": merge.lines, "html": merge.html}[kind]
        merged = join(before, *(item.value if item else "" for item in (part.mine, part.theirs)))
    return Difference(
        key=part.key,
        label=part.item.label,
        kind=kind,
        side=part.side,
        mine=part.mine,
        theirs=part.theirs,
        base=before,
        merged=merged,
        choice="mixed" if merged is not None and merged.is_clean else "",
        mixed=merged.text if merged is not None else "",
    )


def answered(found: Iterable[Difference], data: MultiValueDict[str, str]) -> list[Difference]:
    """The differences with what was chosen for each, as the page of the conflict sent it."""
    chosen = []
    for row in found:
        choice = data.get(f"{CHOICE}{row.key}", "")
        if choice not in {"mine", "theirs", "mixed"} or (choice == "mixed" and row.merged is None):
            choice = ""
        mixed = data.get(f"{MIXED}{row.key}", row.mixed)
        chosen.append(replace(row, choice=choice, mixed=mixed) if row.is_asked else row)
    return chosen


# --- The form that comes of it ---------------------------------------------------------------------------


def content_pairs(data: MultiValueDict[str, str]) -> Pairs:
    """What a page sent, without what steers it."""
    return [
        (name, value)
        for name, values in data.lists()
        if name not in CONTROLS and not name.startswith((CHOICE, MIXED))
        for value in values
    ]


def settled(
    mine: ArticleDesk,
    theirs: ArticleDesk,
    opened: Opened | None,
    found: Iterable[Difference],
    data: MultiValueDict[str, str],
) -> MultiValueDict[str, str]:
    """My form with what was chosen in it, on top of the saved state: as if it had been opened just now."""
    by_key = {row.key: row for row in found}
    marks = opened.marks if opened else {}

    def chosen(key: str) -> tuple[str, str]:
        return by_key[key].choice, by_key[key].mixed

    here, there = items_of(mine), items_of(theirs)
    result: MultiValueDict[str, str] = MultiValueDict()
    for name, value in content_pairs(data):
        result.appendlist(name, value)
    for key, item in {**there, **here}.items():
        blocks = _both_blocks(here.get(key), there.get(key))
        if blocks:
            _replace(result, item, _with(item, weaving.woven(*blocks, marks, chosen)))
            continue
        row = by_key.get(key)
        choice = (row.choice if row.is_asked else row.side) if row else "theirs"
        other = there.get(key)
        if choice == "mixed" and row:
            result.setlist(item.names[0], [row.mixed])
        elif choice == "theirs":
            _replace(result, item, other)
        elif item.kind == "rows":
            _replace(result, item, _with(item, _rebased(key, item.pairs, other.pairs if other else [])))
    return result


def _with(item: Item, pairs: Pairs) -> Item:
    return replace(item, sent=lambda: pairs)


def _replace(result: MultiValueDict[str, str], item: Item, by: Item | None) -> None:
    """Take an item's fields out of a form and put another state of it in (None: nothing)."""
    is_part = item.kind in {"rows", "block"}
    for name in list(result):
        if name in item.names or (is_part and name.startswith(item.names)):
            del result[name]
    if item.kind == "block":
        number = item.key.removeprefix("doan-")
        result.setlist("doan", [value for value in result.getlist("doan") if value != number])
    for name, value in by.pairs if by else []:
        result.appendlist(name, value)


def _by_row(prefix: str, pairs: Pairs) -> list[dict[str, str]]:
    """The fields of each row by their own names, in the order of their numbers."""
    rows: dict[int, dict[str, str]] = {}
    for name, value in pairs:
        number, _, own = name.removeprefix(f"{prefix}-").partition("-")
        if name.startswith(f"{prefix}-") and own and number.isdecimal() and len(number) < 5:
            rows.setdefault(int(number), {})[own] = value
    return [rows[number] for number in sorted(rows)]


def _rebased(prefix: str, mine: Pairs, theirs: Pairs) -> Pairs:
    """My rows in place of the saved ones: those that are still there changed, the others taken out or put in anew."""
    own = _by_row(prefix, mine)
    known = {row["id"]: row for row in own if row.get("id")}
    saved = [row for row in _by_row(prefix, theirs) if row.get("id")]
    numbers = {row["id"] for row in saved}
    first = [known.get(row["id"]) or {**row, "DELETE": "on"} for row in saved]
    rest = [
        {name: value for name, value in row.items() if name != "id"}
        for row in own
        if row.get("id") not in numbers and "DELETE" not in row
    ]
    facts = {"TOTAL_FORMS": len(first) + len(rest), "INITIAL_FORMS": len(first), "MIN_NUM_FORMS": 0}
    return [
        *((f"{prefix}-{name}", str(value)) for name, value in facts.items()),
        *((f"{prefix}-{n}-{name}", value) for n, row in enumerate([*first, *rest]) for name, value in row.items()),
    ]
