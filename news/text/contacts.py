"""What in a text tells who wrote it or how to reach them: found, so that it can be shown, and taken out."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from news.text.normalize import nfc

GONE: Final = "[…]"
"""What stands where something was taken out."""
SHORTEST: Final = 3
"""Shorter strings are in too many words to be looked for."""

_EMAIL: Final = re.compile(r"[^\s@<>()\[\],;:\"']{1,64}@[^\s@<>()\[\],;:\"']{1,190}\.[^\W\d_]{2,20}")
_PHONE: Final = re.compile(r"(?<![\w/.,-])(?:\+?84|0)(?:[ .()-]{0,2}\d){8,10}(?![\w/])")
_LINK: Final = re.compile(r"(?:https?://|www\.)\S{2,500}", re.IGNORECASE)
_NAMED: Final = re.compile(
    r"(?i:(?:tôi|em|cháu|mình|con|tui) (?:tên )?là|tên tôi là|tôi tên|ký tên:?|kính thư,?|người gửi:?|người viết:?)"
    r"\s+((?:[A-ZÀ-ỸĐ][\w'’]*\s+){1,4}[A-ZÀ-ỸĐ][\w'’]*)"
)


@dataclass(frozen=True, slots=True)
class Remains:
    """A string that may tell who somebody is, and what kind of thing it is, in words."""

    words: str
    kind: str


def redact(text: str, strings: Iterable[str], *, mark: str = GONE) -> str:
    """The text without these strings: whatever their capitals, spaces between words, and signs between digits.

    Strings shorter than `SHORTEST` letters or digits are left. Longer ones go first.
    """
    text = nfc(text)
    for string in sorted({nfc(string).strip() for string in strings}, key=len, reverse=True):
        pattern = _pattern(string)
        if pattern is not None:
            text = pattern.sub(mark, text)
    return text


def holds_any(text: str, strings: Iterable[str]) -> bool:
    """Whether one of these strings stands in the text, as `redact` would find it."""
    text = nfc(text)
    return any(pattern.search(text) for string in strings if (pattern := _pattern(nfc(string).strip())) is not None)


def without_contacts(text: str, strings: Iterable[str]) -> str:
    """The text without these strings and without anything that looks like an address, a number or a link."""
    text = redact(text, strings)
    for pattern in (_LINK, _EMAIL, _PHONE):
        text = pattern.sub(GONE, text)
    return text


def remains(text: str, strings: Iterable[str] = ()) -> list[Remains]:
    """What may still tell who wrote it: addresses, numbers, links, names told as one's own, parts of these strings."""
    text = nfc(text)
    found = [Remains(match[0], "địa chỉ thư") for match in _EMAIL.finditer(text)]
    found += [Remains(match[0], "số điện thoại") for match in _PHONE.finditer(text)]
    found += [Remains(match[0][:80], "liên kết") for match in _LINK.finditer(text)]
    found += [Remains(match[1], "tên người") for match in _NAMED.finditer(text)]
    for string in strings:
        pattern = _pattern(nfc(string).strip())
        found += [Remains(match[0], "thông tin người gửi") for match in (pattern.finditer(text) if pattern else ())]
    return list(dict.fromkeys(found))


def _pattern(string: str) -> re.Pattern[str] | None:
    digits = re.sub(r"\D", "", string)
    if len(digits) >= 8 and not re.search(r"[^\d\s+().-]", string):
        national = re.sub(r"\A(?:84|0)", "", digits)
        body = r"[\s.()-]{0,3}".join(national)
        return re.compile(rf"(?<!\d)(?:\+?84|0)?[\s.()-]{{0,3}}{body}(?!\d)")
    if sum(letter.isalnum() for letter in string) < SHORTEST:
        return None
    # A quoted letter breaks lines anywhere and begins each with its mark.
    words = r"[\s>]+".join(re.escape(word) for word in string.split())
    edge = ("(?<!\\w)" if _is_word(string[0]) else "", "(?!\\w)" if _is_word(string[-1]) else "")
    return re.compile(f"{edge[0]}{words}{edge[1]}", re.IGNORECASE)


def _is_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LN"
