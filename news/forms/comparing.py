"""Two states of one article's form, field by field: what differs, who changed it, and the form that comes of choosing.

A page carries, in the field `opened`, which revision it was opened on and a mark of each field as it stood then. So
who changed a field since is known for every field alike, rows and delegations included, and whatever is added to the
form later.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, Literal

from django import forms
from django.utils.datastructures import MultiValueDict

from news import markup
from news.forms.article import ArticleDesk
from news.forms.delegation import Block
from news.forms.fields import BodyField, BodyInput, LinesField, TagsField
from news.models import Revision
from news.text import difference, merge
from news.text.normalize import clean_line, clean_text

type Pairs = list[tuple[str, str]]
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
_NAMES: Final = {
    "ten-ky": "Tên ký",
    "chum-anh": "Chùm ảnh",
    "lien-quan": "Bài liên quan",
    "tai-lieu": "Tài liệu đính kèm",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One field, one list of rows, one delegation, and the names it goes by in the form.

    `value` is the same for the same thing however it was typed; `shown` says it in words, and may ask the database.
    """

    key: str
    label: str
    kind: Literal["line", "lines", "html", "choice", "rows", "block"]
    value: str
    shown: Callable[[], str]
    sent: Callable[[], Pairs]
    names: tuple[str, ...]

    @property
    def text(self) -> str:
        """What stands there, for people."""
        return self.shown()

    @property
    def pairs(self) -> Pairs:
        """What the form sends of it."""
        return self.sent()


def mark_of(text: str) -> str:
    """Twelve characters that stand for a text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


# --- Reading a form --------------------------------------------------------------------------------------


def pairs_of(form: forms.BaseForm) -> Pairs:
    """What a browser would send of a form that nobody has touched."""
    return [pair for bound in form for pair in _pairs_of_field(bound)]


def _pairs_of_field(bound: forms.BoundField) -> Pairs:
    widget, value = bound.field.widget, bound.value()
    name = bound.html_name
    if isinstance(widget, forms.FileInput):
        return []
    if isinstance(widget, forms.CheckboxInput):
        return [(name, "on")] if widget.check_test(value) else []
    if getattr(widget, "allow_multiple_selected", False):
        return [(name, str(getattr(one, "pk", one))) for one in value or ()]
    if isinstance(widget, forms.Select):
        return [(name, "" if value is None else str(getattr(value, "pk", value)))]
    shown = widget.format_value(value)
    return [(name, "" if shown is None else str(shown))]


def _value_of(bound: forms.BoundField) -> str:
    """What stands in the field; things chosen by their numbers."""
    kept, widget, value = bound.field, bound.field.widget, bound.value()
    if isinstance(widget, forms.CheckboxInput):
        return "có" if widget.check_test(value) else ""
    if isinstance(kept, forms.ModelMultipleChoiceField | forms.MultipleChoiceField):
        return " ".join(sorted(str(getattr(one, "pk", one)) for one in value or ()))
    if isinstance(kept, forms.ModelChoiceField | forms.ChoiceField):
        return str(getattr(value, "pk", "" if value is None else value))
    text = str(widget.format_value(value) or "")
    if isinstance(kept, BodyField):
        return _body(text)
    if isinstance(kept, TagsField):
        return ", ".join(part for name in text.replace("\n", ",").split(",") if (part := clean_line(name)))
    if isinstance(kept, LinesField):
        return clean_text(text)
    if isinstance(kept, forms.DateField | forms.DateTimeField):
        return _moment(bound, text)
    return clean_line(text)


def _text_of(bound: forms.BoundField) -> str:
    """What stands in the field, in words."""
    value = _value_of(bound)
    if isinstance(bound.field, forms.ChoiceField | forms.ModelChoiceField):
        several = isinstance(bound.field, forms.ModelMultipleChoiceField | forms.MultipleChoiceField)
        chosen = set(value.split()) if several else {value}
        return "; ".join(str(label) for one, label in _options(bound.field) if one in chosen and one) or value
    return value


def _options(kept: Any) -> Iterator[tuple[str, Any]]:
    for value, label in kept.choices:
        if isinstance(label, list | tuple):
            yield from ((str(one), name) for one, name in label)
        else:
            yield str(value), label


def _body(text: str) -> str:
    return markup.sanitise(text if "<" in text else markup.paragraphs(text))


def _moment(bound: forms.BoundField, text: str) -> str:
    try:
        value = bound.field.to_python(text)
    except forms.ValidationError:
        return clean_line(text)
    return str(bound.field.widget.format_value(bound.field.prepare_value(value)) or "") if value else ""


def _kind(kept: forms.Field) -> Literal["line", "lines", "html", "choice"]:
    if isinstance(kept, BodyField):
        return "html"
    if isinstance(kept, LinesField):
        return "lines"
    return "line" if type(kept).__name__ == "LineField" else "choice"


type _Say = Callable[[forms.BoundField], str]


def _line_of(form: Any, say: _Say) -> str:
    parts = [
        say(bound).replace("\n", "; ")
        for bound in form
        if not bound.is_hidden and bound.name not in {"DELETE", "order", "id"}
    ]
    return " – ".join(part for part in parts if part)


def _rows_text(rows: Any, say: _Say) -> str:
    """A line for each row that stays, in the order of the page."""
    lines: list[tuple[int, str]] = []
    for form in rows.forms:
        if form.is_bound:
            leaves = f"{form.prefix}-DELETE" in form.data
            if leaves or not (form.instance.pk or form.has_changed()):
                continue
        elif not form.instance.pk:
            continue
        order = str(form["order"].value() if "order" in form.fields else "")
        lines.append((int(order) if order.isdecimal() and len(order) < 9 else 10**9, _line_of(form, say)))
    return "\n".join(line for _, line in sorted(lines, key=lambda row: row[0]))


def items_of(desk: ArticleDesk) -> dict[str, Item]:
    """Everything in the page's form that could differ, by its key, in the order of the page."""
    found = [_field(bound) for bound in desk.form if bound.name != "version"]
    found += [_rows(rows) for rows in desk.rows]
    blocks = [
        block for block in desk.delegations.all if block.delegation or (block.form.is_bound and block.has_changed)
    ]
    found += [_block(block) for block in blocks]
    return {item.key: item for item in found}


def _field(bound: forms.BoundField) -> Item:
    name, label = bound.name, str(bound.label or bound.name)
    kind, shown = _kind(bound.field), partial(_text_of, bound)
    return Item(name, label, kind, _value_of(bound), shown, partial(_sent, bound), (bound.html_name,))


def _sent(bound: forms.BoundField) -> Pairs:
    if not bound.form.is_bound:
        return _pairs_of_field(bound)
    data: Any = bound.form.data
    return [(bound.html_name, value) for value in data.getlist(bound.html_name)]


def _rows(rows: Any) -> Item:
    label = _NAMES.get(rows.prefix, rows.legend)
    shown, sent = partial(_rows_text, rows, _text_of), partial(_rows_sent, rows)
    return Item(rows.prefix, label, "rows", _rows_text(rows, _value_of), shown, sent, (f"{rows.prefix}-",))


def _rows_sent(rows: Any) -> Pairs:
    if not rows.is_bound:
        return [*pairs_of(rows.management_form), *(pair for form in rows.forms for pair in pairs_of(form))]
    return _starting(rows.data, f"{rows.prefix}-")


def _starting(data: Any, prefix: str) -> Pairs:
    return [(name, value) for name in data if name.startswith(prefix) for value in data.getlist(name)]


def _block(block: Block) -> Item:
    label = f"Đoàn công tác: {block.delegation.name}" if block.delegation else "Đoàn mới"
    shown, sent = partial(_block_text, block, _text_of), partial(_block_sent, block)
    return Item(block.prefix, label, "block", _block_text(block, _value_of), shown, sent, (f"{block.prefix}-",))


def _block_text(block: Block, say: _Say) -> str:
    if block.leaves:
        return "(bỏ đoàn này khỏi bài)"
    facts = [f"{bound.label}: {text}" for bound in block.form if (text := say(bound))]
    return "\n".join([*facts, _rows_text(block.rows, say)]).strip()


def _block_sent(block: Block) -> Pairs:
    if block.form.is_bound:
        pairs = _starting(block.form.data, f"{block.prefix}-")
    else:
        pairs = [*pairs_of(block.form), *_rows_sent(block.rows)]
        if block.delegation:
            pairs.append((f"{block.prefix}-thay", block.fingerprint))
    return [*pairs, ("doan", str(block.delegation.pk))] if block.delegation else pairs


# --- What the page was opened on -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened:
    """What a page was opened on: the number of the last revision then (0: none), and the mark of every item."""

    revision: int = 0
    marks: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, desk: ArticleDesk, revision: int) -> "Opened":
        """A page that is opened now."""
        return cls(revision, {key: mark_of(item.value) for key, item in items_of(desk).items() if item.value})

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
        return cls(found["r"], {str(key): str(value) for key, value in found["m"].items()})

    def __str__(self) -> str:
        return json.dumps({"r": self.revision, "m": dict(self.marks)}, separators=(",", ":"))

    def has_changed(self, key: str, text: str) -> bool:
        """Whether an item is no longer as it was; an empty one bears no mark."""
        return self.marks.get(key, "") != (mark_of(text) if text else "")


def base_texts(article_id: int, opened: Opened | None) -> dict[str, str]:
    """The texts of the article as they stood when the page was opened, where a revision still proves it."""
    if opened is None or not 0 < opened.revision < 2**31:
        return {}
    found = (
        Revision.objects.filter(article_id=article_id, number=opened.revision).values_list("content", flat=True).first()
    )
    content = json.loads(found) if found else {}
    texts = {name: str(content.get(name) or "") for name in _TEXTS if name in content}
    return {name: text for name, text in texts.items() if not opened.has_changed(name, text)}


# --- What differs ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """One item that is not the same in the two states. `mine`, `theirs`, `base` are None where it is not there."""

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
    def mine_pieces(self) -> list[difference.Piece]:
        """My text beside that on which it was begun, or beside the saved one where that is not known."""
        before = self.base if self.base is not None else (self.theirs.text if self.theirs else "")
        return difference.words(self._read(before), self._read(self.mine.text if self.mine else ""))

    @property
    def theirs_pieces(self) -> list[difference.Piece]:
        """The saved text beside that on which mine was begun, where it is known."""
        text = self._read(self.theirs.text if self.theirs else "")
        return difference.words(self._read(self.base), text) if self.base is not None else difference.words(text, text)

    @property
    def base_text(self) -> str:
        """What both began with, in words."""
        return self._read(self.base or "")

    def _read(self, text: str) -> str:
        return readable(text) if self.kind == "html" else text


def readable(body: str) -> str:
    """Rich text as plain paragraphs; what is no text stands there as a word in brackets."""
    parts = []
    for block in merge.blocks(body):
        words = markup.plain(block)
        if block.startswith("<figure"):
            words = f"[Hình, tệp] {words}".strip()
        elif not words and block.startswith("<hr"):
            words = "[Đường kẻ]"
        parts.append(words)
    return "\n".join(part for part in parts if part)


def differences(
    mine: ArticleDesk, theirs: ArticleDesk, opened: Opened | None, base: Mapping[str, str]
) -> list[Difference]:
    """What differs between two states of the form, in the order of the page."""
    here, there = items_of(mine), items_of(theirs)
    found = []
    for key in [*here, *(key for key in there if key not in here)]:
        one, two = here.get(key), there.get(key)
        texts = (one.value if one else "", two.value if two else "")
        if texts[0] == texts[1]:
            continue
        if one is None:
            side: Side = "theirs"  # a part that the page did not have when it was opened
        else:
            by_me = opened is None or opened.has_changed(key, texts[0])
            by_them = opened is None or opened.has_changed(key, texts[1])
            side = "choose" if by_me and by_them else "mine" if by_me else "theirs"
        known = one or two
        assert known is not None  # noqa: S101 - one of the two names the key
        before = base.get(key)
        merged = None
        if side == "choose" and before is not None and known.kind in {"line", "lines", "html"}:
            join = {"line": merge.line, "lines": merge.lines, "html": merge.html}[known.kind]
            merged = join(before, *texts)
        found.append(
            Difference(
                key=key,
                label=known.label,
                kind=known.kind,
                side=side,
                mine=one,
                theirs=two,
                base=before,
                merged=merged,
                choice="mixed" if merged is not None and merged.is_clean else "",
                mixed=merged.text if merged is not None else "",
            )
        )
    return found


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
    mine: ArticleDesk, theirs: ArticleDesk, found: Iterable[Difference], data: MultiValueDict[str, str]
) -> MultiValueDict[str, str]:
    """My form with what was chosen in it, on top of the saved state: as if it had been opened just now."""
    by_key = {row.key: row for row in found}
    here, there = items_of(mine), items_of(theirs)
    result: MultiValueDict[str, str] = MultiValueDict()
    for name, value in content_pairs(data):
        result.appendlist(name, value)
    for key, item in {**there, **here}.items():
        row = by_key.get(key)
        choice = (row.choice if row.is_asked else row.side) if row else "theirs"
        other = there.get(key)
        if choice == "mixed" and row:
            result.setlist(item.names[0], [row.mixed])
        elif choice == "theirs":
            _replace(result, item, other)
        elif item.kind == "rows":
            _replace(result, item, _with(item, _rebased(key, item.pairs, other.pairs if other else [])))
        elif item.kind == "block" and other is not None:
            _replace(result, item, _with(item, _rebased_block(item, other)))
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


def _rebased_block(mine: Item, theirs: Item) -> Pairs:
    rows = f"{mine.key}-nguoi"
    kept = [pair for pair in mine.pairs if not pair[0].startswith(f"{rows}-") and pair[0] != f"{mine.key}-thay"]
    seen = [pair for pair in theirs.pairs if pair[0] == f"{mine.key}-thay"]
    return [*kept, *seen, *_rebased(rows, mine.pairs, theirs.pairs)]
