"""What a check before publishing finds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong or doubtful.

    `kind`: its name, stable, for tests and style; `field`: the part of the form it belongs to ("title", "gallery",
    "doan-12"); `is_blocking`: nothing is approved or published with it; `message`: one Vietnamese sentence.
    """

    kind: str
    field: str
    is_blocking: bool
    message: str


@dataclass(frozen=True, slots=True)
class Copy:
    """What a check looks at: a composed content, the number of its article (None: not saved yet), and the moment."""

    content: Content
    article_id: int | None
    at: datetime


QUOTED: Final = 60
"""How much of a text a message quotes, in characters."""


def quoted(text: str) -> str:
    """The beginning of a text in quotation marks."""
    text = " ".join(text.split())
    return f"“{text[: QUOTED - 1].rstrip()}…”" if len(text) > QUOTED else f"“{text}”"


def blocking(kind: str, field: str, message: str) -> Finding:
    """Something without whose repair nothing is published."""
    return Finding(kind, field, True, message)


def advising(kind: str, field: str, message: str) -> Finding:
    """Something to look at once more; the editor decides."""
    return Finding(kind, field, False, message)
