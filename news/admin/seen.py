"""Stock forms of the desk never overwrite unseen what a colleague saved: each carries what it was opened with.

The page holds the values its fields and rows had (`state`, as JSON); when it is sent, the row is locked and compared.
Where it differs nothing is written: the page comes back with what was typed and says what is there now.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from news import crypto

SEEN, OVERWRITE = "_seen", "_overwrite"
"""The hidden field with what was loaded, and the agreement to replace what is there now (by its hash)."""

LARGEST: Final = 300_000
"""Characters of a state that are read."""

type State = dict[str, Any]
"""`{"fields": {name: text or list of numbers}, "rows": {prefix: {number: {name: text}}}}`."""


@dataclass(frozen=True, slots=True)
class Differing:
    """One value that a colleague changed: its label, what it was when the page was opened, is now, is typed."""

    label: str
    was: str
    now: str
    mine: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody saved meanwhile: the values of then (None: not known) and of now; who saved last and when, if logged."""

    seen: State | None
    now: State
    who: str
    at: datetime | None

    @property
    def agreement(self) -> str:
        """What the page sends back when the user has looked and wants to save all the same."""
        return _hash(self.now)


def _hash(state: State) -> str:
    return crypto.sha256(crypto.canonical(state))


# --- What a page was opened with -----------------------------------------------------------------


def as_shown(page: Any, form: Any, formsets: Iterable[Any]) -> str:
    """The state of a form that was just opened, for its hidden field; no query."""
    fields = _values(form.instance, [*form.fields, *page.also_seen])
    for name in form.fields:
        if _is_many(form.instance, name):
            fields[name] = _numbers(form.initial.get(name) or ())
    rows = {
        type(formset).get_default_prefix(): {
            str(row.instance.pk): _values(row.instance, formset.form.base_fields) for row in formset.initial_forms
        }
        for formset in formsets
    }
    return json.dumps({"fields": fields, "rows": rows}, ensure_ascii=False, sort_keys=True)


def _as_stored(page: Any, request: HttpRequest, form: Any) -> State:
    """The same of what is in the database now, the row locked: part of the transaction that saves."""
    stored = page.model._base_manager.select_for_update(of=("self",)).get(pk=form.instance.pk)
    fields = _values(stored, [*form.fields, *page.also_seen])
    for name in form.fields:
        if _is_many(stored, name):
            fields[name] = _numbers(getattr(stored, name).all())
    rows = {}
    for inline in page.get_inline_instances(request, stored):
        made = inline.get_formset(request, stored)
        found = inline.get_queryset(request).filter(**{made.fk.name: stored})
        rows[made.get_default_prefix()] = {str(row.pk): _values(row, made.form.base_fields) for row in found}
    return {"fields": fields, "rows": rows}


def _column(instance: models.Model, name: str) -> Any:
    try:
        return instance._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _is_many(instance: models.Model, name: str) -> bool:
    return bool(getattr(_column(instance, name), "many_to_many", False))


def _numbers(rows: Iterable[Any]) -> list[str]:
    return sorted(str(getattr(row, "pk", row)) for row in rows)


def _values(instance: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """The columns among the names as text; a relation by its number."""
    found = {}
    for name in names:
        column = _column(instance, name)
        if column is not None and getattr(column, "concrete", False) and not column.many_to_many:
            found[name] = str(column.value_to_string(instance))
    return found


# --- What is there now ---------------------------------------------------------------------------


def check(page: Any, request: HttpRequest, form: Any) -> Conflict | None:
    """Whether the row and its rows are still as the sender saw them, or the sender agrees to replace what is there.

    Asked before anything of what was sent is put into the row, inside the transaction that saves.
    """
    now = _as_stored(page, request, form)
    seen = _read(request.POST.get(SEEN, ""))
    if seen == now or request.POST.get(OVERWRITE) == _hash(now):
        return None
    entry = (
        LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(page.model), object_id=str(form.instance.pk)
        )
        .select_related("user")
        .order_by("-id")
        .first()
    )
    return Conflict(seen, now, entry.user.get_full_name() if entry else "", entry.action_time if entry else None)


def _read(text: str) -> State | None:
    """The state that a page sent back; None for nonsense."""
    if not text or len(text) > LARGEST:
        return None
    try:
        state = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not (isinstance(state, dict) and state.keys() == {"fields", "rows"}):
        return None
    groups = [state["fields"], state["rows"]]
    if not all(isinstance(group, dict) for group in groups):
        return None
    rows = [row for found in state["rows"].values() if isinstance(found, dict) for row in found.values()]
    return state if all(isinstance(row, dict) for row in [*state["rows"].values(), *rows]) else None


class CheckedForm:
    """Mixed into a page's form by `checked`: it is in order only if nobody saved the row meanwhile."""

    conflict: Conflict | None = None
    page: Any
    request: Any

    def clean(self) -> Any:
        """Look at the database before the form's own rules change anything in memory."""
        self.conflict = check(self.page, self.request, self)
        data = super().clean()  # type: ignore[misc]  # mixed into a ModelForm
        if self.conflict is not None:
            self.add_error(None, _message(self.conflict))  # type: ignore[attr-defined]  # as above
        return data


def _message(conflict: Conflict) -> str:
    if conflict.seen is None:
        return "Không rõ bạn đã mở bản nào của mục này nên chưa lưu. Những gì bạn gõ còn ở dưới."
    who = conflict.who or "Có người"
    when = f" (lần lưu ghi trong nhật ký: {who}, {date_and_time(conflict.at)})" if conflict.at else ""
    return f"Mục này đã được sửa sau khi bạn mở{when} nên chưa lưu. Những gì bạn gõ còn ở dưới."


def checked(form: type[Any], page: Any, request: HttpRequest) -> type[Any]:
    """The form class of a page with the check; a form that has its own (a field `seen`) stays as it is."""
    if "seen" in form.base_fields:
        return form
    made: type[Any] = type(form)(form.__name__, (CheckedForm, form), {"page": page, "request": request})  # type: ignore[misc]  # the forms' own metaclass
    return made


# --- What the page says --------------------------------------------------------------------------


def differences(conflict: Conflict, form: Any, formsets: Iterable[Any]) -> list[Differing]:
    """The values that a colleague changed, beside what was typed."""
    seen: State = conflict.seen or {"fields": {}, "rows": {}}
    found = []
    for name, now in conflict.now["fields"].items():
        was = seen["fields"].get(name)
        if was == now:
            continue
        column = _column(form.instance, name)
        label = form.fields[name].label if name in form.fields else column.verbose_name
        shown = [_told(column, value) for value in (was, now, _typed(form, name))]
        found.append(Differing(str(label or name), *shown))
    for formset in formsets:
        prefix = type(formset).get_default_prefix()
        found += _differing_rows(formset, seen["rows"].get(prefix, {}), conflict.now["rows"].get(prefix, {}))
    return found


def _differing_rows(formset: Any, seen: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Differing]:
    name = str(formset.model._meta.verbose_name)
    label = name[:1].upper() + name[1:]
    blank = formset.model()
    for number in dict.fromkeys([*seen, *now]):
        was, there = seen.get(number), now.get(number)
        if was != there:
            mine = next((row for row in formset.forms if str(row.instance.pk) == number), None)
            typed = {key: _typed(mine, key) for key in formset.form.base_fields} if mine else None
            yield Differing(label, *(_row(blank, values, formset) for values in (was, there, typed)))


def _row(blank: models.Model, values: Mapping[str, Any] | None, formset: Any) -> str:
    if values is None:
        return "không có dòng này"
    found: list[str] = []
    for name in formset.form.base_fields:
        column = _column(blank, name)
        if column is not None and (text := _told(column, values.get(name))):
            found.append(f"{column.verbose_name}: {text}" if found else text)
    return "; ".join(found)


def _typed(form: Any, name: str) -> Any:
    return form[name].data if name in form.fields else None


def _told(column: Any, value: Any) -> str:
    """A value as people read it."""
    if column is not None and column.many_to_many:
        numbers = [str(number) for number in value or ()]
        return ", ".join(str(row) for row in column.remote_field.model._base_manager.filter(pk__in=_whole(numbers)))
    if isinstance(column, models.BooleanField):
        return "có" if value in {True, "True", "on", "true", "1"} else "không"
    text = "" if value is None or value == "None" else str(value)
    if column is not None and column.is_relation and text.isascii() and text.isdecimal():
        row = column.remote_field.model._base_manager.filter(pk__in=_whole([text])).first()
        return str(row) if row is not None else text
    if column is not None and getattr(column, "choices", None):
        return str(dict(column.flatchoices).get(column.to_python(text) if text.isdecimal() else text, text))
    if isinstance(column, models.DateField) and not isinstance(column, models.DateTimeField):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return text
        return f"{day.day}/{day.month}/{day.year}"
    return text


def _whole(numbers: Iterable[str]) -> list[int]:
    return [int(number) for number in numbers if number.isascii() and number.isdecimal() and len(number) < 19]


def date_and_time(moment: datetime | None) -> str:
    """ "10:05 2/3/2026", in Vietnam."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return f"{local:%H:%M} {local.day}/{local.month}/{local.year}"
