"""One delegation in two states of a form, woven into one: its facts by field, its people by row and field, their order.

The page carries a mark of every fact and of every field of every row, and the order of the rows, as it was opened: so
it is known who changed what. The last revision then, where the marks still prove it, says what stood there.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Final, Literal

from django import forms

from news.forms.delegation import Block
from news.forms.items import Item, Pairs, kind_of, mark_of, pairs_of, text_of, value_of
from news.models import Attendee, Role, Side
from news.queries import picks
from news.text import merge_rows
from news.text.merge_rows import Meeting, Row
from news.text.normalize import fold

type Content = Mapping[str, Any]
type Marks = Mapping[str, str]

FIELDS: Final = ("person", "name", "positions", "group", "side", "role")
"""What a row says; its mark is theirs in this order."""

CORE: Final = frozenset({"person", "group"})
"""Whom a row is about."""

ORDER: Final = "thu-tu"
_NO_ORDER: Final = 10**9


@dataclass(frozen=True, slots=True)
class Part:
    """One thing of a delegation that is not the same on both sides, and whose it is."""

    key: str
    side: Literal["mine", "theirs", "choose"]
    mine: Item | None
    theirs: Item | None
    base: str | None

    @property
    def item(self) -> Item:
        """Whichever there is."""
        found = self.mine or self.theirs
        assert found is not None  # noqa: S101 - a part stands on one side at least
        return found


type Chosen = Callable[[str], tuple[str, str]]
"""What was chosen for a part, by its key: "mine", "theirs" or "mixed" with the mixed text; ("", "") for nothing."""


# --- Reading a block --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Line:
    """One row of a block that stays."""

    form: Any
    row: Row
    place: int

    @property
    def name(self) -> str:
        """Whom it names, as it is printed."""
        return _name_of(self.said)

    @cached_property
    def said(self) -> dict[str, str]:
        """The words of each field."""
        return {name: text_of(self.form[name]) for name in FIELDS if name in self.form.fields}

    @property
    def text(self) -> str:
        """The row in words."""
        return _line_text(self.said)

    @property
    def sent(self) -> dict[str, str]:
        """What the form sends of it, by the names of the fields."""
        if not self.form.is_bound:
            prefix = f"{self.form.prefix}-"
            return {name.removeprefix(prefix): value for name, value in pairs_of(self.form)}
        data: Any = self.form.data
        return {bound.name: data[bound.html_name] for bound in self.form if bound.html_name in data}


def _name_of(said: Mapping[str, str]) -> str:
    return said.get("name") or _bare(said.get("person", "")) or said.get("group", "")


def _bare(person: str) -> str:
    return person.rpartition(" (số ")[0] if picks.number_in(person) is not None and " (số " in person else person


def _line_text(said: Mapping[str, str]) -> str:
    person, name = _bare(said.get("person", "")), said.get("name", "")
    who = f"{person} (tên khi in: {name})" if person and name and fold(person) != fold(name) else _name_of(said)
    parts = [who, said.get("positions", "").replace("\n", "; "), said.get("side", ""), said.get("role", "")]
    return " – ".join(part for part in parts if part)


def _lines(block: Block) -> list[_Line]:
    """The rows that stay, in their order."""
    forms_of = [form for form in block.rows.forms if _stays(form)]
    known = _known(forms_of)
    found = [_Line(form, _row(form, known), place) for place, form in enumerate(forms_of)]
    return sorted(found, key=lambda line: (_order(line.form), line.place))


def _stays(form: Any) -> bool:
    if not form.is_bound:
        return bool(form.instance.pk)
    if f"{form.prefix}-DELETE" in form.data:
        return False
    return bool(_number(form) or form.has_changed())


def _number(form: Any) -> str:
    """The number under which the row was saved; "" for a new one."""
    return str(form["id"].value() or "") if "id" in form.fields else ""


def _order(form: Any) -> int:
    text = str(form["order"].value() if "order" in form.fields else "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else _NO_ORDER


def _known(found: Iterable[Any]) -> picks.Known:
    """The people that rows name without their number."""
    typed = [_typed_name(form) for form in found]
    return picks.known_people(typed) if any(typed) else picks.Known({}, {})


def _typed_name(form: Any) -> str:
    """The name by which the row's person would be found on saving; "" where a number says who it is."""
    if "person" not in form.fields:
        return ""
    person = text_of(form["person"])
    if person:
        return "" if picks.bare_number(person) is not None else person
    return text_of(form["name"])


def _row(form: Any, known: picks.Known) -> Row:
    values = {name: value_of(form[name]) for name in FIELDS if name in form.fields}
    if typed := _typed_name(form):
        people = known.named(typed)
        values["person"] = str(people[0].pk) if len(people) == 1 else fold(typed)
    person, group = values.get("person", ""), values.get("group", "")
    return Row(
        _number(form),
        f"person:{person}" if person else f"group:{fold(group)}" if group else "",
        {name: _mark(value) for name, value in values.items() if value},
    )


def _mark(text: str) -> str:
    """Six characters that stand for what a field of a row says; "" for nothing."""
    digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
    return base64.urlsafe_b64encode(digest[:5]).decode()[:6] if text else ""


def _blank() -> dict[str, str]:
    """The marks of a row that nobody filled in."""
    fresh = Attendee()
    return {"side": _mark(str(fresh.side)), "role": _mark(str(fresh.role))}


# --- What a page was opened on ----------------------------------------------------------------------------


def marks_of(block: Block) -> dict[str, str]:
    """The marks that a page carries of a block."""
    found = {_fact_key(block, bound): mark_of(value) for bound in block.form if (value := value_of(bound))}
    lines = _lines(block)
    for line in lines:
        found[f"{block.prefix}.{line.row.number}"] = ".".join(line.row.says(name) for name in FIELDS)
    found[f"{block.prefix}.{ORDER}"] = " ".join(line.row.number for line in lines)
    return found


def _fact_key(block: Block, bound: forms.BoundField) -> str:
    return f"{block.prefix}.{bound.name}"


@dataclass(frozen=True, slots=True)
class _Begun:
    """What both sides began with: the numbers of the rows in order (None: nobody knows), their marks, and the words."""

    order: list[str] | None = None
    rows: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def was(self) -> Mapping[str, Mapping[str, str]] | None:
        """The rows for `merge_rows`."""
        return None if self.order is None else self.rows


def _begun(block: Block, marks: Marks, content: Content | None) -> _Begun:
    prefix = block.prefix
    if f"{prefix}.{ORDER}" not in marks:
        return _Begun()
    order = marks[f"{prefix}.{ORDER}"].split()
    rows = {}
    for number in order:
        parts = marks.get(f"{prefix}.{number}", "").split(".")
        if len(parts) != len(FIELDS):
            return _Begun()
        rows[number] = {name: part for name, part in zip(FIELDS, parts, strict=True) if part}
    if content is None:
        return _Begun(order, rows)
    return _Begun(order, rows, _facts_said(prefix, marks, content), _rows_said(order, rows, content))


def _facts_said(prefix: str, marks: Marks, content: Content) -> dict[str, str]:
    """The facts in words, those of which the mark proves that they stood there."""
    sides = {"visiting_organisation": content.get("visiting") or {}, "host_organisation": content.get("host") or {}}
    values = {name: (str(side.get("id", "")), str(side.get("name", ""))) for name, side in sides.items()}
    for name in ("name", "date_text", "purpose"):
        values[name] = (str(content.get(name) or ""),) * 2
    values["places"] = ("\n".join(content.get("places") or ()),) * 2
    for name in ("from_on", "to_on"):
        values[name] = (_day(content.get(name)),) * 2
    return {
        name: said
        for name, (value, said) in values.items()
        if marks.get(f"{prefix}.{name}", "") == (mark_of(value) if value else "")
    }


def _day(text: Any) -> str:
    return f"{date.fromisoformat(text):%d/%m/%Y}" if text else ""


def _rows_said(
    order: Sequence[str], rows: Mapping[str, Mapping[str, str]], content: Content
) -> dict[str, dict[str, str]]:
    """Each row in words, those of which the marks prove that they stood there."""
    attendees = content.get("attendees") or ()
    if len(attendees) != len(order):
        return {}
    found = {}
    for number, row in zip(order, attendees, strict=True):
        person = row.get("person") or {}
        texts = {name: str(row.get(name) or "") for name in ("name", "group", "side", "role")}
        texts |= {"person": str(person.get("id", "")), "positions": "\n".join(row.get("positions") or ())}
        if all(_mark(text) == rows[number].get(name, "") for name, text in texts.items()):
            labels = {"person": "", "side": _label(Side, texts["side"]), "role": _label(Role, texts["role"])}
            found[number] = texts | labels
    return found


def _label(choices: Any, value: str) -> str:
    return str(choices(value).label) if value in choices.values else value


# --- What differs -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Two:
    """A block on both sides, and what both began with."""

    mine: Block
    theirs: Block
    begun: _Begun

    @cached_property
    def mine_lines(self) -> dict[int, _Line]:
        """My rows by the identity of their `Row`."""
        return {id(line.row): line for line in _lines(self.mine)}

    @cached_property
    def theirs_lines(self) -> dict[int, _Line]:
        """Their rows likewise."""
        return {id(line.row): line for line in _lines(self.theirs)}

    @cached_property
    def meetings(self) -> list[Meeting]:
        """Every row of either side once."""
        data: Any = self.mine.form.data
        removed = [_number(form) for form in self.mine.rows.forms if form.is_bound and f"{form.prefix}-DELETE" in data]
        return merge_rows.meetings(
            self.begun.was,
            [line.row for line in self.mine_lines.values()],
            [line.row for line in self.theirs_lines.values()],
            core=CORE,
            removed=removed,
            blank=_blank(),
        )

    def line(self, row: Row) -> _Line:
        """The row as a form holds it."""
        return self.mine_lines.get(id(row)) or self.theirs_lines[id(row)]

    def key(self, meeting: Meeting) -> str:
        """How choices name a row."""
        if meeting.number:
            return f"{self.mine.prefix}.{meeting.number}"
        assert meeting.mine is not None  # noqa: S101 - theirs all have numbers
        return f"{self.mine.prefix}.moi{self.line(meeting.mine).place}"

    @cached_property
    def orders(self) -> tuple[list[str], list[str]]:
        """The keys of the rows in my order and in theirs."""
        mine = {id(one.mine): self.key(one) for one in self.meetings if one.mine}
        theirs = {id(one.theirs): self.key(one) for one in self.meetings if one.theirs}
        return [mine[row] for row in self.mine_lines], [theirs[row] for row in self.theirs_lines]

    @cached_property
    def whose_order(self) -> merge_rows.Side:
        """Whose order is taken."""
        return merge_rows.whose_order(None if self.begun.order is None else self.begun_order, *self.orders)

    @property
    def begun_order(self) -> list[str]:
        """The keys of the rows as they stood when the page was opened; none where nobody knows."""
        return [f"{self.mine.prefix}.{number}" for number in self.begun.order or ()]

    def said(self, meeting: Meeting) -> Mapping[str, str] | None:
        """What the row said when the page was opened, where it is known."""
        numbers = [row.number for row in (meeting.theirs, meeting.mine) if row]
        return next((self.begun.said[number] for number in numbers if number in self.begun.said), None)

    def is_new(self, meeting: Meeting) -> bool:
        """Whether it is known that the row was not there."""
        numbers = {row.number for row in (meeting.theirs, meeting.mine) if row}
        return self.begun.order is not None and not numbers & set(self.begun.order)


def _two(mine: Block, theirs: Block, marks: Marks, content: Content | None) -> _Two:
    return _Two(mine, theirs, _begun(mine, marks, content))


def parts(mine: Block, theirs: Block, marks: Marks, content: Content | None) -> list[Part]:
    """What differs between two states of a delegation.

    `marks` are those that the page carries, `content` is the delegation in the revision on which it was opened.
    """
    two = _two(mine, theirs, marks, content)
    found = _facts(two, marks)
    for meeting in two.meetings:
        found += _row_parts(two, meeting)
    if two.whose_order != "same":
        found.append(_order_part(two))
    return found


def _facts(two: _Two, marks: Marks) -> list[Part]:
    found = []
    for here, there in zip(two.mine.form, two.theirs.form, strict=True):
        values = value_of(here), value_of(there)
        if values[0] == values[1]:
            continue
        key, known = _fact_key(two.mine, here), two.begun.order is not None
        by_me, by_them = (not known or marks.get(key, "") != (mark_of(text) if text else "") for text in values)
        one, other = (_item(key, f"{_of(two)}: {bound.label}", bound) for bound in (here, there))
        side: Literal["mine", "theirs", "choose"] = "choose" if by_me and by_them else "mine" if by_me else "theirs"
        found.append(Part(key, side, one, other, two.begun.facts.get(here.name)))
    return found


def _of(two: _Two) -> str:
    return str(two.theirs.delegation)


def _item(key: str, label: str, bound: forms.BoundField) -> Item:
    return Item(key, label, kind_of(bound.field), value_of(bound), lambda: text_of(bound))


def _row_parts(two: _Two, meeting: Meeting) -> list[Part]:
    if meeting.side == "same":
        return []
    key, said = two.key(meeting), two.said(meeting)
    mine, theirs = (two.line(row) if row else None for row in (meeting.mine, meeting.theirs))
    name = next(line.name for line in (theirs, mine) if line)
    if meeting.side != "fields":
        label = f"{_of(two)}, đại biểu: {name}"
        one, other = (_line_item(key, label, line) if line else None for line in (mine, theirs))
        base = "" if two.is_new(meeting) else _line_text(said) if said else None
        return [Part(key, meeting.side, one, other, base)]
    found = []
    assert mine is not None  # noqa: S101 - a row has fields of its own on both sides
    assert theirs is not None  # noqa: S101
    for field_name, side in meeting.fields.items():
        if side == "same":
            continue
        own = f"{key}.{field_name}"
        bounds = [line.form[field_name] if field_name in line.form.fields else None for line in (mine, theirs)]
        items = [_item(own, f"{_of(two)}, {name}: {bound.label}", bound) if bound else None for bound in bounds]
        before = (said or {}).get(field_name) if said else "" if two.is_new(meeting) else None
        found.append(Part(own, side, items[0], items[1], before))
    return found


def _line_item(key: str, label: str, line: _Line) -> Item:
    return Item(key, label, "row", line.text, _constant(line.text))


def _constant(text: str) -> Callable[[], str]:
    return lambda: text


def _order_part(two: _Two) -> Part:
    names = {}
    for meeting in two.meetings:
        row = meeting.theirs or meeting.mine
        names[two.key(meeting)] = two.line(row).name if row else ""
    key, label = f"{two.mine.prefix}.{ORDER}", f"{_of(two)}: Thứ tự đại biểu"
    texts = ["\n".join(names[one] for one in order) for order in two.orders]
    mine, theirs = (Item(key, label, "rows", text, _constant(text)) for text in texts)
    base = None
    if two.begun.order is not None and all(number in two.begun.said for number in two.begun.order):
        base = "\n".join(_name_of(two.begun.said[number]) for number in two.begun.order)
    side = two.whose_order
    assert side != "same"  # noqa: S101 - asked before
    return Part(key, side, mine, theirs, base)


# --- The block that comes of it ---------------------------------------------------------------------------


def woven(mine: Block, theirs: Block, marks: Marks, chosen: Chosen) -> Pairs:
    """What the form sends of the delegation with what was chosen in it, on top of the saved state."""
    two = _two(mine, theirs, marks, None)
    sides = {part.key: part.side for part in _facts(two, marks)}
    pairs: Pairs = []
    for here, there in zip(mine.form, theirs.form, strict=True):
        key = _fact_key(mine, here)
        choice, mixed = _decided(sides.get(key, "theirs"), key, chosen)
        if choice == "mixed":
            pairs.append((here.html_name, mixed))
        else:
            pairs += _sent(here if choice == "mine" else there)
    pairs += _woven_rows(two, chosen)
    pairs.append((f"{mine.prefix}-thay", theirs.fingerprint))
    assert mine.delegation is not None  # noqa: S101 - a new one is on one side only
    return [*pairs, ("doan", str(mine.delegation.pk))]


def _decided(side: str, key: str, chosen: Chosen) -> tuple[str, str]:
    return chosen(key) if side == "choose" else (side, "")


def _sent(bound: forms.BoundField) -> Pairs:
    data: Any = bound.form.data
    if bound.form.is_bound:
        return [(bound.html_name, value) for value in data.getlist(bound.html_name)]
    return [pair for pair in pairs_of(bound.form) if pair[0] == bound.html_name]


def _woven_rows(two: _Two, chosen: Chosen) -> Pairs:
    stay, gone = {}, []
    for meeting in two.meetings:
        row = _woven_row(two, meeting, chosen)
        if row is not None:
            stay[two.key(meeting)] = row
        elif meeting.theirs:
            gone.append({**two.line(meeting.theirs).sent, "DELETE": "on"})
    whose, _ = _decided(two.whose_order, f"{two.mine.prefix}.{ORDER}", chosen)
    mine, theirs = two.orders
    first, second = (mine, theirs) if whose == "mine" else (theirs, mine)
    order = [key for key in merge_rows.in_order(merge_rows.in_order(first, two.begun_order), second) if key in stay]
    if order != [key for key in theirs if key in stay]:
        stay = {key: {**stay[key], "order": str(place)} for place, key in enumerate(order)}
    rows = [*(stay[key] for key in order), *gone]
    saved, fresh = [row for row in rows if row.get("id")], [row for row in rows if not row.get("id")]
    prefix = two.mine.rows.prefix
    facts = {"TOTAL_FORMS": len(rows), "INITIAL_FORMS": len(saved), "MIN_NUM_FORMS": 0}
    return [
        *((f"{prefix}-{name}", str(value)) for name, value in facts.items()),
        *((f"{prefix}-{n}-{name}", value) for n, row in enumerate([*saved, *fresh]) for name, value in row.items()),
    ]


def _woven_row(two: _Two, meeting: Meeting, chosen: Chosen) -> dict[str, str] | None:
    """What the form sends of a row; None for one that is taken out."""
    key = two.key(meeting)
    mine = two.line(meeting.mine).sent if meeting.mine else None
    theirs = two.line(meeting.theirs).sent if meeting.theirs else None
    if mine is not None:
        mine = {name: value for name, value in mine.items() if name not in {"id", "DELETE"}}
        if theirs is not None:
            mine = {**mine, "id": theirs["id"], "order": theirs.get("order", "")}
    if meeting.side != "fields":
        side = "theirs" if meeting.side == "same" else _decided(meeting.side, key, chosen)[0]
        return mine if side == "mine" else theirs
    assert mine is not None  # noqa: S101 - a row has fields of its own on both sides
    assert theirs is not None  # noqa: S101
    row = dict(theirs)
    for name, side in meeting.fields.items():
        choice, mixed = _decided("theirs" if side == "same" else side, f"{key}.{name}", chosen)
        if choice == "mixed":
            row[name] = mixed
        elif choice == "mine":
            row[name] = mine.get(name, "")
    return row
