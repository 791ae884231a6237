"""Lists of a reader's own rows, the newest first, older ones by the number of a row. No OFFSET, no COUNT."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from news.queries.cards import BadCursor

PAGE: Final = 20
MANY: Final = 20
"""How far what a reader has not seen is counted."""
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Page[T]:
    """A page of such a list; `older` is the cursor of the next one ("" at the end), `is_first` tells the newest."""

    items: tuple[T, ...]
    older: str = ""
    is_first: bool = True


def place(cursor: str) -> int | None:
    """The number of the row after which the page begins; None for the newest page. Raises `BadCursor`."""
    if not cursor:
        return None
    if not _NUMBER.fullmatch(cursor):
        raise BadCursor
    return int(cursor)


def cut(rows: "QuerySet[Any]", cursor: str, size: int = PAGE) -> tuple[list[Any], str]:
    """The rows of one page, and the cursor of the next. One query. Raises `BadCursor`."""
    rows, before = rows.order_by("-pk"), place(cursor)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: size + 1])
    return found[:size], str(found[size - 1].pk) if len(found) > size else ""


def moment(at: datetime) -> str:
    """A moment as an export says it."""
    return date_format(timezone.localtime(at), "H:i j/n/Y")


def up_to(count: int) -> str:
    """Such a count in words: "0", "7", "20+"."""
    return f"{MANY}+" if count > MANY else str(count)
