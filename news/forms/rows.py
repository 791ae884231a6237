"""Rows that belong to something: the byline of an article, its gallery, the people of a delegation."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from django import forms
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.forms.models import BaseInlineFormSet
from django.forms.utils import ErrorDict, ErrorList
from django.utils.functional import cached_property

MOST_ROWS: Final = 700
"""So many rows one request may bring, all lists of the page together; each list has a limit of its own besides."""


class TooManyRows(SuspiciousOperation):
    """More rows than any page of ours sends."""


def check_rows(data: Mapping[str, Any]) -> None:
    """Raise `TooManyRows` (answered 400) before a form is made for each of them."""
    counts = [str(data[name]) for name in data if name.endswith("-TOTAL_FORMS")]
    if sum(int(text) for text in counts if text.isascii() and text.isdecimal() and len(text) < 9) > MOST_ROWS:
        raise TooManyRows


class CalmForm(forms.ModelForm):
    """A form that can show what was typed without judging it."""

    def calm(self) -> None:
        """Bound, and not a word about what is still wrong: what is restored was never sent."""
        self._errors = ErrorDict()


class RowForm(CalmForm):
    """One row. What must be unique among them is checked by the rows as a whole: two may swap places in one save."""

    def validate_unique(self) -> None:
        """Left to the rows."""

    def validate_constraints(self) -> None:
        """Left to the rows."""

    @property
    def is_blank(self) -> bool:
        """A row that nobody filled in, or that is to go."""
        return bool(not hasattr(self, "cleaned_data") or not self.cleaned_data or self.cleaned_data.get("DELETE"))


class Rows(BaseInlineFormSet):
    """The rows of one parent, in order; `legend` names one of them, `kind` is for the style sheet."""

    legend = "Dòng"
    kind = "plain"
    default_error_messages = {
        **BaseInlineFormSet.default_error_messages,
        "too_many_forms": "Quá nhiều dòng: tối đa %(num)d.",
        "too_few_forms": "Quá ít dòng: tối thiểu %(num)d.",
    }

    @cached_property
    def empty_form(self) -> Any:
        """The row that a script copies; the same one each time it is asked for."""
        return super().empty_form

    def add_fields(self, form: Any, index: int | None) -> None:
        """The number that orders the rows is optional: a new row comes last."""
        super().add_fields(form, index)
        if "order" in form.fields:
            form.fields["order"].required = False
            form.fields["order"].initial = None
            if not form.instance.pk:
                form.initial.pop("order", None)
            form.fields["order"].widget.attrs |= {"class": "narrow", "inputmode": "numeric"}
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = "Bỏ dòng này"

    def calm(self) -> None:
        """As `CalmForm.calm`, for every row."""
        self._errors: list[Any] = [{} for _ in self.forms]
        self._non_form_errors = ErrorList()
        for form in cast(list[RowForm], self.forms):
            form.calm()

    def validate_unique(self) -> None:
        """See `clean`: the messages of the base class speak English grammar."""

    def kept(self) -> list[Any]:
        """The filled rows that stay, in the order of the page."""
        return [
            form
            for form in cast(list[RowForm], self.forms)
            if form.is_valid() and not form.is_blank and (form.instance.pk or form.has_changed())
        ]

    def refuse_repeated(self, value_of: Callable[[Any], Any], message: str, *, field: str) -> None:
        """Put `message` beside `field` of each row whose value (None: does not count) an earlier row has already."""
        seen = set()
        for form in self.kept():
            value = value_of(form)
            if value is None:
                continue
            if value in seen:
                form.add_error(field, ValidationError(message, code="repeated"))
            seen.add(value)

    def write(self, parent: Any, prepare: Callable[[Any, Any], None]) -> None:
        """Make the database's rows those of the page; part of the transaction of whoever calls.

        `prepare(row, cleaned_data)` fills in what the form only names. Rows that changed are taken out and put back
        under their own number, so that two of them may swap what is unique.
        """
        fresh: list[Any] = []
        last = max((form.instance.order or 0 for form in self.initial_forms), default=-1)
        for form in self.forms:
            if form.instance.pk and (form in self.deleted_forms or form.has_changed()):
                type(form.instance)._default_manager.filter(pk=form.instance.pk).delete()
        for form in self.kept():
            if not form.has_changed():
                continue
            row = form.instance
            setattr(row, self.fk.name, parent)
            order = form.cleaned_data.get("order")
            if order is None:
                last += 1
                order = last
            row.order = order
            prepare(row, form.cleaned_data)
            fresh.append(row)
        for row in fresh:
            row.save(force_insert=True)
