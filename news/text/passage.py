"""A passage of an article that a reader points at: found in the text, with a little of what stands around it."""

import hashlib
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from news.text.normalize import clean_line, fold

LONGEST: Final = 300
AROUND: Final = 60
"""Letters before and after a passage that are kept with it."""


@dataclass(frozen=True, slots=True)
class Passage:
    """The words pointed at, as the article has them, and what stands right before and after."""

    words: str
    before: str = ""
    after: str = ""


def find(text: str, words: str, before: str = "") -> Passage | None:
    """Where the words stand in the text: of several places the one after `before`, else the first. None for nowhere.

    Spaces and line ends count alike.
    """
    text, words, before = (" ".join(part.split()) for part in (text, words[: LONGEST * 2], before[-AROUND:]))
    if not words:
        return None
    places: list[int] = []
    start = text.find(words)
    while start >= 0 and len(places) < 100:
        places.append(start)
        start = text.find(words, start + 1)
    if not places:
        return None
    best = max(places, key=lambda place: (_common_end(text[:place].rstrip(), before.rstrip()), -place))
    end = best + len(words)
    return Passage(words, text[max(0, best - AROUND) : best].lstrip(), text[end : end + AROUND].rstrip())


def key(words: str) -> str:
    """By which reports of one passage are found together: 40 hex digits; "" for no words."""
    line = fold(clean_line(words))
    return hashlib.sha256(line.encode()).hexdigest()[:40] if line else ""


def fragment(passage: Passage) -> str:
    """The end of an address that opens at the passage: our own mark, and a text fragment for browsers that know it."""
    start = " ".join(passage.before.split()[-3:])
    end = " ".join(passage.after.split()[:3])
    parts = [f"{_part(start)}-," if start else "", _part(passage.words), f",-{_part(end)}" if end else ""]
    return f"#doan={quote(passage.words, safe='')}:~:text={''.join(parts)}"


def _part(words: str) -> str:
    """Percent-encoded, the signs of a text fragment's own grammar too."""
    return quote(words, safe="").replace("-", "%2D")


def _common_end(one: str, two: str) -> int:
    count = 0
    while count < min(len(one), len(two)) and one[-1 - count] == two[-1 - count]:
        count += 1
    return count
