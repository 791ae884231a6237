"""Vietnamese alphabetical order as keys that any database sorts the same way.

A key is a string of the digits 0-9 and nothing else. Digits stand in the same order in code points and in
every usual locale collation, and no collation joins two of them into one letter as some do with ch, ng, ll or
aa (old glibc Vietnamese among them). So a column of keys is in Vietnamese order under SQLite's BINARY,
PostgreSQL's C, and any libc or ICU collation alike. Source of the order: shared/vietnamese.md 19.

How a key is built. Fixed-width codes, so that a shorter text is a prefix of a longer one and sorts before it:

    primary   two digits a letter   00 end of the level (below everything)
                                    01 between words (an bình before anh), 02 before a surname
                                    10-19 the digits, 20-52 the letters a ă â b … y z
                                    90 + seven digits: the code point of anything else, after z
    tone      one digit a letter    1 ngang, 2 huyền, 3 hỏi, 4 ngã, 5 sắc, 6 nặng, 7 another mark
    case      one digit a letter    1 small, 2 capital

A whole key is  primary 00 tone 0 case,  so tones count only between texts of the same letters, and case only
between texts of the same letters and tones. The 1s at the end of the tone and case levels are left out: 0 and
the end of the key sort below 1, so the order stays and most keys get shorter. A Vietnamese text of n letters
has a key of at most 4n + 3 digits. A key may be cut anywhere to fit a column: what is left sorts right as far
as it goes. Different texts may share a key (punctuation does not count), so order by something unique after
it.
"""

import re
import unicodedata
from pathlib import Path
from typing import Final

from news.text.normalize import SPELLED_OUT, clean_line, place_tones

# The order of tones at equal letters, as combining marks: ngang huyền hỏi ngã sắc nặng.
TONES: Final = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
ALPHABET: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"

_END: Final = "00"
_NEXT_WORD: Final = "01"
_SURNAME: Final = "02"
_TONE_END: Final = "0"
_PLAIN: Final = "1"
_CAPITAL: Final = "2"
_FOREIGN_MARK: Final = "7"

_PRIMARY: Final = {" ": _NEXT_WORD}
_PRIMARY.update({str(digit): f"1{digit}" for digit in range(10)})
_PRIMARY.update({letter: f"{20 + place}" for place, letter in enumerate(ALPHABET)})
_TONE: Final = {mark: str(place) for place, mark in enumerate(TONES, start=1) if mark}
_LETTER_MARKS: Final = "\u0302\u0306\u031b"  # circumflex, breve, horn: â, ă, ơ are letters, not a with a mark


def _codes(char: str) -> tuple[str, str, str]:
    """The primary, tone and case digits of one character: none of each for a mark on its own."""
    if char == " ":
        return _NEXT_WORD, _PLAIN, _PLAIN
    primary = tone = ""
    for piece in unicodedata.normalize("NFC", char.casefold()):
        if unicodedata.combining(piece):
            continue
        letters, mark = _letters(piece)
        for letter in letters:
            primary += _PRIMARY.get(letter) or f"90{ord(letter):07d}"
            tone += mark
    case = _CAPITAL if char.isupper() or char.istitle() else _PLAIN
    return primary, tone, case * len(tone)


def _letters(piece: str) -> tuple[str, str]:
    """A small letter as letters of the alphabet and the tone digit they share; itself if not of ours."""
    if piece in _PRIMARY:
        return piece, _PLAIN
    if piece in SPELLED_OUT:
        return SPELLED_OUT[piece], _FOREIGN_MARK
    apart = unicodedata.normalize("NFD", piece)
    base, marks = apart[0], apart[1:]
    if base not in _PRIMARY:
        return piece, _PLAIN
    letter = unicodedata.normalize("NFC", base + "".join(mark for mark in marks if mark in _LETTER_MARKS))
    others = "".join(mark for mark in marks if mark not in _LETTER_MARKS)
    if letter not in _PRIMARY:
        return base, _FOREIGN_MARK
    if not others:
        return letter, _PLAIN
    return letter, _TONE.get(others, _FOREIGN_MARK)


class _Level(dict[int, str]):
    """A table for `str.translate`, filled for Latin; other characters are worked out and not kept."""

    def __init__(self, level: int) -> None:
        latin = (*range(0x250), *range(0x1E00, 0x1F00))
        super().__init__((point, _codes(chr(point))[level]) for point in latin)
        self.level = level

    def __missing__(self, point: int) -> str:
        return _codes(chr(point))[self.level]


_PRIMARY_LEVEL: Final = _Level(0)
_TONE_LEVEL: Final = _Level(1)
_CASE_LEVEL: Final = _Level(2)

# Apostrophes of every kind (H'Yam and HYam are one name) and marks that no letter took.
_IGNORED: Final = re.compile("['`\u2018\u2019\u02b9-\u02bf\u0300-\u036f]+")
_BETWEEN_WORDS: Final = re.compile(r"[\W_]+")


def _words(text: str) -> str:
    """Only letters, digits and single spaces between them, tone marks in one place."""
    line = _IGNORED.sub("", place_tones(clean_line(text)))
    return _BETWEEN_WORDS.sub(" ", line).strip()


def _trimmed(level: str) -> str:
    return level.rstrip(_PLAIN)


def sort_key(text: str) -> str:
    """The key of `text` in Vietnamese alphabetical order: digits only, see the head of this file.

    Letters by the alphabet (f j w z where Latin has them), a space before any digit, digits before letters,
    other scripts last; then tones in the order of `TONES`; then small before capital letters. Punctuation and
    hyphens part words, apostrophes are ignored. Total; equal for NFC and NFD, and for both placements of tone
    marks.
    """
    words = _words(text)
    tones = _trimmed(words.translate(_TONE_LEVEL))
    cases = _trimmed(words.translate(_CASE_LEVEL))
    return words.translate(_PRIMARY_LEVEL) + _END + tones + _TONE_END + cases


# -- Names of people -----------------------------------------------------------------------------------------


_APOSTROPHE: Final = re.compile("[`\u2018\u2019\u02b9-\u02bf]")
_WORD: Final = re.compile(r"\w[\w']*")
_HYPHENATED: Final = re.compile(r"\w[-\u2010\u2011\u2013]\w")


def _first_word(name: str) -> str:
    """The first word in small letters; the marks stay, since Châu and Chau are surnames of two peoples."""
    small = place_tones(clean_line(name)).casefold()
    word = _WORD.search(_APOSTROPHE.sub("'", small))
    return word[0] if word else ""


def _first_part_words() -> frozenset[str]:
    """First words of names that sort by their first part, from the data file."""
    lines = (Path(__file__).parent / "data" / "first_part_names.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(_first_word(line.partition("#")[0]) for line in lines) - {""}


_FIRST_PART_WORDS: Final = _first_part_words()


def sorts_by_first_part(name: str) -> bool:
    """Whether people of that name are called by its first part, see data/first_part_names.txt."""
    first = _first_word(name)
    start, apostrophe, _ = first.partition("'")
    return not _FIRST_PART_WORDS.isdisjoint({first, start + apostrophe}) or bool(_HYPHENATED.search(name))


def person_sort_key(name: str) -> str:
    """The key of a person's name, digits only: by given name, then middle names, then surname.

    The syllables are compared from the last to the first, each whole with its tones before the next, so that
    all Hà stand before all Hạ; case counts at the very end. At equal given and middle names so far, a name
    that has another middle name stands before one that has come to its surname: Lê Văn An < Trần An
    (vietnamese.md 19). Names that begin with a word of data/first_part_names.txt (Ê Đê, K'ho, Khmer) and
    names with a hyphen (foreign) are compared from the first part to the last. Total; punctuation as in
    `sort_key`.
    """
    parts = [words for part in clean_line(name).split(" ") if (words := _words(part))]
    joints = [_NEXT_WORD] * (len(parts) - 1)
    if not sorts_by_first_part(name) and joints:
        parts.reverse()
        joints[-1] = _SURNAME
    key = cases = ""
    for part, joint in zip(parts, [*joints, _END], strict=False):
        tones = _trimmed(part.translate(_TONE_LEVEL))
        key += part.translate(_PRIMARY_LEVEL) + _END + tones + _TONE_END + joint
        cases += part.translate(_CASE_LEVEL)
    return key + _trimmed(cases)
