"""How forms become HTML: Django's own templates, but what a long form has by the hundred is written out in Python.

A delegation of sixty has some six hundred fields and nine hundred options; each of them through the template engine was
two thirds of the time its page took to open. What is written here is, letter by letter, what Django's templates give.
"""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe


def _text(value: Any) -> str:
    """The value as it may stand in HTML; plain text, which is most of it, by the shortest way."""
    if type(value) is str:
        return escape(value)
    return conditional_escape(value if isinstance(value, str) else str(value))


def _attributes(widget: Mapping[str, Any]) -> str:
    return "".join(
        f" {_text(name)}" if value is True else f' {_text(name)}="{_text(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _input(widget: Mapping[str, Any]) -> str:
    value = "" if widget["value"] is None else f' value="{_text(widget["value"])}"'
    return f'<input type="{_text(widget["type"])}" name="{_text(widget["name"])}"{value}{_attributes(widget)}>'


def _textarea(widget: Mapping[str, Any]) -> str:
    value = _text(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{_text(widget["name"])}"{_attributes(widget)}>\n{value}</textarea>'


def _select(widget: Mapping[str, Any]) -> str:
    parts = [f'<select name="{_text(widget["name"])}"{_attributes(widget)}>']
    for group, options, _ in widget["optgroups"]:
        if group:
            parts.append(f'\n  <optgroup label="{_text(group)}">')
        for option in options:
            name = f'value="{_text(option["value"])}"{_attributes(option)}'
            parts.append(f"\n  <option {name}>{_text(option['label'])}</option>\n")
        if group:
            parts.append("\n  </optgroup>")
    parts.append("\n</select>")
    return "".join(parts)


_INPUTS: Final = "input text number email url date datetime hidden checkbox".split()
_WRITTEN: Final[dict[str, Callable[[Mapping[str, Any]], str]]] = {
    **{f"django/forms/widgets/{name}.html": _input for name in _INPUTS},
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/select.html": _select,
}
_OPTION: Final = "django/forms/widgets/select_option.html"
_ERRORS: Final = "django/forms/errors/list/default.html"


class WrittenOut(DjangoTemplates):
    """Django's renderer, quicker for plain fields and for fields without an error."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> SafeString:
        """The HTML of a widget, of errors, of a form."""
        if template_name == _ERRORS and not context["errors"]:
            return mark_safe("")
        write = _WRITTEN.get(template_name)
        if write is None or not _is_plain(context["widget"]):
            return mark_safe(super().render(template_name, context, request))  # noqa: S308 - a rendered template
        return mark_safe(write(context["widget"]))  # noqa: S308 - every value above passes `_text`


def _is_plain(widget: Mapping[str, Any]) -> bool:
    """Whether the options of a list, if it is one, look as Django's own do."""
    return all(
        option["template_name"] == _OPTION for _, options, _ in widget.get("optgroups", ()) for option in options
    )
