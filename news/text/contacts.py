"""What in a text tells who wrote it or how to reach them: found, so that it can be shown, and taken out."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from news.text.collation import sorts_by_first_part
from news.text.normalize import fold, nfc, place_tones

GONE: Final = "[…]"
"""What stands where something was taken out."""
READER: Final = "bạn đọc"
"""What somebody is called whose name is not told."""
SHORTEST: Final = 3
"""Shorter strings are in too many words to be looked for."""

_EMAIL: Final = re.compile(r"[^\s@<>()\[\],;:\"']{1,64}@[^\s@<>()\[\],;:\"']{1,190}\.[^\W\d_]{2,20}")
_PHONE: Final = re.compile(r"(?<![\w/.,-])(?:\+?84|0)(?:[ .()-]{0,2}\d){8,10}(?![\w/])")
_LINK: Final = re.compile(r"(?:https?://|www\.)\S{2,500}", re.IGNORECASE)
_NAMED: Final = re.compile(
    r"(?i:(?:tôi|em|cháu|mình|con|tui) (?:tên )?là|tên tôi là|tôi tên|ký tên:?|kính thư,?|người gửi:?|người viết:?)"
    r"\s+((?:[A-ZÀ-ỸĐ][\w'’]*\s+){1,4}[A-ZÀ-ỸĐ][\w'’]*)"
)


# What stands before the name by which somebody is called.
_TITLES: Final = (
    "bạn đọc", "độc giả", "đồng chí", "thầy giáo", "cô giáo", "bác sĩ", "bác sỹ", "anh", "chị", "em", "ông", "bà",
    "bác", "cô", "chú", "cháu", "dì", "dượng", "thím", "cậu", "mợ", "cụ", "bạn", "thầy", "đ/c",
)  # fmt: skip
_TITLE: Final = re.compile(
    rf"(?<!\w)(?:{'|'.join(title.replace(' ', r'[\s>]+') for title in _TITLES)})(?!\w)", re.IGNORECASE
)
_BARE_TITLE: Final = re.compile(
    rf"(?<!\w)(?:{'|'.join(fold(title).replace(' ', r'[\s>]+') for title in _TITLES)})(?!\w)", re.IGNORECASE
)
_HERO: Final = re.compile(r"anh hùng\s+(?:lao động|(?:các )?lực lượng|dân tộc)", re.IGNORECASE)
_SYLLABLE: Final = re.compile(r"[^\W\d_]+")
_NEXT_SYLLABLE: Final = re.compile(r"(?:[\s>]+|[-\u2010'’ʼ])([^\W\d_]+)")
_NAME: Final = re.compile(r"[^\W\d_]+(?:[\s.'’ʼ\u2010-]+[^\W\d_]+){0,7}")
_LINE: Final = re.compile(r"[^\n]+")
_AROUND: Final = 24


@dataclass(frozen=True, slots=True)
class _Call:
    """Where somebody is called by name: the title's beginning, the name's beginning and end."""

    start: int
    name_start: int
    end: int


@dataclass(frozen=True, slots=True)
class Remains:
    """A string that may tell who somebody is, and what kind of thing it is, in words."""

    words: str
    kind: str


def redact(text: str, strings: Iterable[str], *, mark: str = GONE) -> str:
    """The text without these strings: whatever their capitals, spaces between words, and signs between digits.

    Strings shorter than `SHORTEST` letters or digits are left. Longer ones go first. Of a string that may be a name
    goes also what people are called by, behind a word of `_TITLES`: "Chào bác Ánh" is "Chào bác […]".
    """
    text = nfc(text)
    strings = sorted({nfc(string).strip() for string in strings}, key=len, reverse=True)
    for string in strings:
        pattern = _pattern(string)
        if pattern is not None:
            text = pattern.sub(mark, text)
    for name in _names(strings):
        for call in reversed(list(_calls(text, name))):
            text = f"{text[: call.name_start]}{mark}{text[call.end :]}"
    return text


def unaddressed(text: str, strings: Iterable[str]) -> str:
    """The text with whoever it names behind a word of `_TITLES` as `READER`, where these strings hold that name.

    "Chào bác Ánh" and "Chào bác Lò Văn Ánh" are "Chào bạn đọc".
    """
    text = nfc(text)
    for name in _names(strings):
        for call in reversed(list(_calls(text, name))):
            title = text[call.start : call.name_start].split()[0]
            shouts = title.isupper() and len(title) > 1
            reader = READER.upper() if shouts else READER.capitalize() if title[0].isupper() else READER
            text = f"{text[: call.start]}{reader}{text[call.end :]}"
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
        found += [Remains(_around(text, start, end), "tên gọi của người gửi") for start, end in _given(text, [string])]
    return list(dict.fromkeys(found))


def gaps(text: str) -> list[Remains]:
    """The places where something was taken out and the sentence was not made whole again."""
    return [Remains(_around(text, *match.span()), "chỗ đã bỏ") for match in re.finditer(r"\[(?:…|\.\.\.)\]", text)]


# --- Names by which people are called --------------------------------------------------------------------


def _names(strings: Iterable[str]) -> list[list[str]]:
    """The syllables of each string that may be a name; those of other peoples also as far as the name proper goes."""
    found = []
    for string in strings:
        name = nfc(string).strip()
        if _NAME.fullmatch(name):
            syllables = _SYLLABLE.findall(name)
            found.append(syllables)
            if len(syllables) > 2 and sorts_by_first_part(name):
                found.append(syllables[:2])
    return found


def _calls(text: str, name: list[str]) -> Iterator[_Call]:
    """Where the text calls somebody by the last syllables of that name: "bác Ánh", "chị Thanh Mai", "ông Lò Ánh".

    Syllables written without marks count too, a title without them only on a line that has none.
    """
    titles = {match.start(): match for match in _TITLE.finditer(text)}
    for line in _LINE.finditer(text):
        if fold(line[0]) == " ".join(line[0].casefold().split()):
            titles |= {match.start(): match for match in _BARE_TITLE.finditer(text, *line.span())}
    for start, title in sorted(titles.items()):
        place, position, name_start = 0, title.end(), -1
        while (word := _NEXT_SYLLABLE.match(text, position)) is not None and word[1][0].isupper():
            same = [at for at in range(place, len(name)) if _is_same(word[1], name[at], name)]
            if not same:
                break
            name_start = word.start(1) if name_start < 0 else name_start
            place, position = same[-1] + 1, word.end()
            if place == len(name):
                if not _HERO.match(text, start):
                    yield _Call(start, name_start, position)
                break


def _is_same(word: str, syllable: str, name: list[str]) -> bool:
    if place_tones(word).casefold() == place_tones(syllable).casefold():
        return True
    is_bare = fold(word) == word.casefold() or fold("".join(name)) == "".join(name).casefold()
    return is_bare and fold(word) == fold(syllable)


def _given(text: str, strings: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where a given name of these strings stands, behind a title or alone; alone where it is no title itself."""
    for name in _names(strings):
        called = [(call.start, call.end) for call in _calls(text, name)]
        yield from called
        if name[-1].casefold() in _TITLES:
            continue
        for word in _SYLLABLE.finditer(text):
            inside = any(start <= word.start() < end for start, end in called)
            if (
                not inside
                and word[0][0].isupper()
                and place_tones(word[0]).casefold() == place_tones(name[-1]).casefold()
            ):
                yield word.span()


def _around(text: str, start: int, end: int) -> str:
    """A place with a few words around it, on one line."""
    before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    if start > _AROUND:
        before = f"…{before.partition(' ')[2]}"
    if end + _AROUND < len(text):
        after = f"{after.rpartition(' ')[0]}…"
    return " ".join(f"{before}{text[start:end]}{after}".split())


# --- The strings themselves ------------------------------------------------------------------------------


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
