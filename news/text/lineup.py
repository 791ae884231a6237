"""Who is in a picture, from left to right, as a caption says it."""

from collections.abc import Iterable
from typing import Final

from news.text.normalize import clean_line

COMRADE: Final = "đồng chí"
FROM_LEFT: Final = "Từ trái sang: "


def caption(people: Iterable[tuple[str, str]], title: str = COMRADE) -> str:
    """ "Từ trái sang: các đồng chí A, Bí thư Tỉnh ủy; B, Phó Bí thư." of (name, position) pairs; "" for nobody.

    One person needs no order: "Đồng chí A, Bí thư Tỉnh ủy.". `title` is what they are called, "" for nothing.
    """
    lines = [line for name, position in people if (line := _line(name, position))]
    if not lines:
        return ""
    title = clean_line(title)
    if len(lines) == 1:
        words = f"{title} {lines[0]}" if title else lines[0]
        return _ended(words[:1].upper() + words[1:])
    return _ended(f"{FROM_LEFT}{f'các {title} ' if title else ''}{'; '.join(lines)}")


def description(people: Iterable[tuple[str, str]], longest: int) -> str:
    """The same for those who cannot see the picture, within `longest` characters: positions go first, then the last
    names ("và 3 người khác"); "" for nobody.
    """
    rows = [(clean_line(name), position) for name, position in people if clean_line(name)]
    whole = caption(rows, "")
    if len(whole) <= longest:
        return whole
    names = [name for name, _ in rows]
    for shown in range(len(names), 0, -1):
        left = len(names) - shown
        rest = f" và {left} người khác" if left else ""
        words = _ended(f"{FROM_LEFT if len(names) > 1 else ''}{'; '.join(names[:shown])}{rest}")
        if len(words) <= longest:
            return words
    return whole[:longest]


def _line(name: str, position: str) -> str:
    name = clean_line(name).rstrip(" .;,")
    posts = [post for part in position.splitlines() if (post := clean_line(part).rstrip(" .;,"))]
    return ", ".join([name, *posts]) if name else ""


def _ended(words: str) -> str:
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."
