"""What an article's form says, item by item: fields, lists, delegations; the same however it was typed."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from django import forms

from news import markup
from news.forms.article import ArticleDesk
from news.forms.delegation import Block
from news.forms.fields import BodyField, LinesField, PickField, TagsField
from news.queries import picks
from news.text.normalize import clean_line, clean_text

type Pairs = list[tuple[str, str]]
type Kind = Literal["line", "lines", "html", "choice", "rows", "row", "block"]

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
    kind: Kind
    value: str
    shown: Callable[[], str]
    sent: Callable[[], Pairs] = list
    names: tuple[str, ...] = ()
    block: Block | None = None

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


def value_of(bound: forms.BoundField) -> str:
    """What stands in the field; things chosen by their numbers."""
    kept, widget, value = bound.field, bound.field.widget, bound.value()
    if isinstance(widget, forms.CheckboxInput):
        return "có" if widget.check_test(value) else ""
    if isinstance(kept, forms.ModelMultipleChoiceField | forms.MultipleChoiceField):
        return " ".join(sorted(str(getattr(one, "pk", one)) for one in value or ()))
    if isinstance(kept, forms.ModelChoiceField | forms.ChoiceField):
        return str(getattr(value, "pk", "" if value is None else value))
    if isinstance(kept, PickField):
        number = picks.bare_number(_typed(bound))
        return _typed(bound) if number is None else str(number)
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


def text_of(bound: forms.BoundField) -> str:
    """What stands in the field, in words."""
    if isinstance(bound.field, PickField):
        return _typed(bound)
    value = value_of(bound)
    if isinstance(bound.field, forms.ChoiceField | forms.ModelChoiceField):
        several = isinstance(bound.field, forms.ModelMultipleChoiceField | forms.MultipleChoiceField)
        chosen = set(value.split()) if several else {value}
        return "; ".join(str(label) for one, label in _options(bound.field) if one in chosen and one) or value
    return value


def _typed(bound: forms.BoundField) -> str:
    return clean_line(str(bound.field.widget.format_value(bound.value()) or ""))


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


def kind_of(kept: forms.Field) -> Kind:
    """How a field's text can be compared and merged."""
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
    kind, shown = kind_of(bound.field), partial(text_of, bound)
    return Item(name, label, kind, value_of(bound), shown, partial(_sent, bound), (bound.html_name,))


def _sent(bound: forms.BoundField) -> Pairs:
    if not bound.form.is_bound:
        return _pairs_of_field(bound)
    data: Any = bound.form.data
    return [(bound.html_name, value) for value in data.getlist(bound.html_name)]


def _rows(rows: Any) -> Item:
    label = _NAMES.get(rows.prefix, rows.legend)
    shown, sent = partial(_rows_text, rows, text_of), partial(_rows_sent, rows)
    return Item(rows.prefix, label, "rows", _rows_text(rows, value_of), shown, sent, (f"{rows.prefix}-",))


def _rows_sent(rows: Any) -> Pairs:
    if not rows.is_bound:
        return [*pairs_of(rows.management_form), *(pair for form in rows.forms for pair in pairs_of(form))]
    return _starting(rows.data, f"{rows.prefix}-")


def _starting(data: Any, prefix: str) -> Pairs:
    return [(name, value) for name in data if name.startswith(prefix) for value in data.getlist(name)]


def _block(block: Block) -> Item:
    label = f"Đoàn công tác: {block.delegation.name}" if block.delegation else "Đoàn mới"
    shown, sent = partial(_block_text, block, text_of), partial(_block_sent, block)
    return Item(block.prefix, label, "block", _block_text(block, value_of), shown, sent, (f"{block.prefix}-",), block)


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
