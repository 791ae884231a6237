"""What the desk's templates format."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.template import Library
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

register = Library()

_MARK: Final = re.compile(r'<img [^>]*alt="(True|False|None)">')
_WORDS: Final = {"True": "có", "False": "không", "None": "–"}
_BARE: Final = re.compile(r"[\d\s.,:%/]*|có|không", re.IGNORECASE)


@register.filter
def labelled(cells: Iterable[SafeString], headers: Iterable[dict[str, Any]]) -> Iterator[SafeString]:
    """A list's cells, as Django's admin writes them; marks are words; a bare number, yes or no knows its column's name.

    On a phone the line of names is gone: there the style sheet puts `data-label` before what says nothing alone, and
    leaves out what is empty.
    """
    for cell, header in zip(cells, headers, strict=False):
        if not cell.startswith("<td"):
            yield cell
            continue
        rest = _MARK.sub(lambda mark: _WORDS[mark[1]], cell.removeprefix("<td"))
        inner = rest.partition(">")[2].removesuffix("</td>").strip()
        text = strip_tags(inner).strip()
        attribute = ""
        if inner in {"", "–"}:
            attribute = " data-empty"
        elif text and _BARE.fullmatch(text):
            attribute = format_html(' data-label="{}: "', capfirst(header["text"]))
        yield mark_safe(f"<td{attribute}{rest}")  # noqa: S308 - Django's own markup, our own words; the name is escaped
