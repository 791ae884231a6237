"""Forms written out in Python are, letter by letter, what Django's templates would give."""

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.utils.functional import lazystr
from django.utils.safestring import mark_safe
from hypothesis import given
from hypothesis import strategies as st

from news.forms.rendering import WrittenOut

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=20),
    st.sampled_from(["", "a<b>&\"'", "Đoàn công tác", mark_safe("&amp;"), lazystr("<lười>")]),
)
NAMES = st.from_regex(r"[a-z][a-z-]{0,8}", fullmatch=True)
CHOICES = st.lists(
    st.one_of(
        st.tuples(VALUES, VALUES),
        st.tuples(st.sampled_from(["Nhóm", "<nhóm>"]), st.lists(st.tuples(VALUES, VALUES), max_size=2)),
    ),
    max_size=4,
)
PLAIN = [
    forms.TextInput,
    forms.NumberInput,
    forms.EmailInput,
    forms.URLInput,
    forms.DateInput,
    forms.DateTimeInput,
    forms.HiddenInput,
    forms.CheckboxInput,
    forms.Textarea,
]


def rendered(widget: forms.Widget, value: Any, attrs: dict[str, Any]) -> tuple[str, str]:
    written, stock = (widget.render("tên", value, attrs, renderer=kind()) for kind in (WrittenOut, DjangoTemplates))
    return written, stock


@given(st.sampled_from(PLAIN), VALUES, st.dictionaries(NAMES, VALUES, max_size=3))
def test_plain_fields(kind: type[forms.Widget], value: Any, attrs: dict[str, Any]) -> None:
    written, stock = rendered(kind(), value, attrs)
    assert written == stock


@given(CHOICES, VALUES, st.dictionaries(NAMES, VALUES, max_size=3))
def test_lists(choices: list[Any], value: Any, attrs: dict[str, Any]) -> None:
    written, stock = rendered(forms.Select(choices=choices), value, attrs)
    assert written == stock


class OwnOption(forms.Select):
    """A list whose options are drawn by another template."""

    option_template_name = "django/forms/widgets/checkbox_option.html"


@pytest.mark.parametrize(
    "widget",
    [
        forms.RadioSelect(choices=[("a", "A")]),
        forms.CheckboxSelectMultiple(choices=[("a", "A")]),
        forms.SelectMultiple(choices=[("a", "<A>"), ("b", "B")]),
        forms.NullBooleanSelect(),
        forms.ClearableFileInput(),
        OwnOption(choices=[("a", "A")]),
    ],
    ids=lambda widget: type(widget).__name__,
)
def test_others(widget: forms.Widget) -> None:
    written, stock = rendered(widget, "a", {"id": "x"})
    assert written == stock


class Form(forms.Form):
    """With and without errors."""

    name = forms.CharField(help_text="<b>")
    day = forms.DateField(required=False)


@pytest.mark.parametrize("data", [None, {}, {"name": "<script>", "day": "x"}])
def test_a_form_with_its_errors(data: dict[str, str] | None) -> None:
    written, stock = (str(Form(data, renderer=kind())) for kind in (WrittenOut, DjangoTemplates))
    assert written == stock
    assert ("errorlist" in written) == (data is not None)


def test_the_site_uses_it() -> None:
    assert isinstance(get_default_renderer(), WrittenOut)
