"""What the desk's templates format."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.template import Library
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

register = Library()

_BARE: Final = re.compile(r"[\d\s.,:%/]*|có|không", re.IGNORECASE)


@register.filter
def labelled(cells: Iterable[SafeString], headers: Iterable[dict[str, Any]]) -> Iterator[SafeString]:
    """A list's cells, as Django's admin writes them; a bare number, mark, yes or no knows its column's name.

    On a phone the line of names is gone: there the style sheet puts `data-label` before what says nothing alone, and
    leaves out what is empty.
    """
    for cell, header in zip(cells, headers, strict=False):
        inner = cell.partition(">")[2].removesuffix("</td>")
        text = strip_tags(inner).strip()
        if not cell.startswith("<td"):
            yield cell
        elif inner.strip() in {"", "–"}:
            yield _with(cell, mark_safe(" data-empty"))
        elif _BARE.fullmatch(text) and (text or "<img" in inner):
            yield _with(cell, format_html(' data-label="{}: "', capfirst(header["text"])))
        else:
            yield cell


def _with(cell: SafeString, attribute: SafeString) -> SafeString:
    return mark_safe(f"<td{attribute}{cell.removeprefix('<td')}")  # noqa: S308 - both are escaped already
