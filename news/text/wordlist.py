"""Words that keep a comment back, found however they are dressed up; and what looks like a link or a phone number.

A text is read letter by letter: Unicode forms, letters of other alphabets that look like ours, invisible characters and
stray marks are seen through, each letter still knowing where it stands in the text as given. A pattern is one or more
syllables. It is found whole syllables at a time, never inside a longer word, with

- capitals, letters repeated, digits and signs in the place of letters (đ1t, m3), an asterisk in the place of a vowel;
- anything but letters between two syllables, or nothing at all (óc chó, óc-chó, ócchó);
- dots, dashes and the like between the letters of a syllable (n.g.u), or each of its letters set apart (n g u).

Since many innocent syllables are one with a rude one once their marks are gone (các, cạc), each pattern says how its
marks are meant: `marked` finds just these marks (a digit, a sign or a letter of another alphabet still stands for any
letter), `bare` these marks or no mark at all, `folded` whatever marks. Prices, numbers and codes are left alone
(25.000 đ!, 10 N, Đ17, C4C): what `_is_number` says of signs and digits in the place of letters. Total: any `str`, lone
surrogates too. Plain Python.
"""

import enum
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from accounts.look_alikes import READ_AS
from news.text.strangers import LOOK_ALIKE_DOTS, LOOK_ALIKE_SIGNS, TOP_LEVEL_DOMAINS

LONGEST: Final = 20_000
"""How much of a text is looked at."""
SPACED_LEAST: Final = 3
"""Letters a pattern needs to be looked for with every letter set apart: two letters are initials."""


class Match(enum.StrEnum):
    """How the marks of a pattern are meant."""

    MARKED = "marked"
    BARE = "bare"
    FOLDED = "folded"


@dataclass(frozen=True, slots=True)
class Word:
    """A pattern, e.g. ("óc chó", Match.MARKED)."""

    pattern: str
    match: Match = Match.MARKED


@dataclass(frozen=True, slots=True)
class Hit:
    """A word in the text, by the pattern that found it; `start` and `end` count code points of the text as given."""

    word: Word
    start: int
    end: int


# --- Reading a text ---------------------------------------------------------------------------------------

_STANDS_FOR: Final = {
    "a": "4@", "b": "68", "c": "¢", "e": "3€", "g": "96", "i": "1!|¡", "l": "1|", "o": "0", "s": "5$", "t": "7+",
    "u": "µ", "y": "¥", "z": "2", "đ": "₫",
}  # fmt: skip
_VOWELS: Final = frozenset("aeiouy")
_DIGITS: Final = frozenset("0123456789")
_SIGNS: Final = frozenset("".join(_STANDS_FOR.values()) + "*")
_WRITTEN: Final = frozenset(filter(str.isascii, _SIGNS))
"""Those that ordinary text is full of."""
_ALL_WRITTEN: Final = "".join(sorted(_WRITTEN))
_LEAST_LEFT: Final = 2
_MARKS: Final = frozenset("\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b")
"""The marks that Vietnamese writes, on the letters of `_MARKED`; others, and on others, are part of a disguise."""
_BARS: Final = frozenset("\u0335\u0336\u0337\u0338")
"""A bar laid over d makes đ."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text as it is read: one character of `bare` and `marked` each for what stands from `starts` to `ends`.

    Letters are small ones, without and with their marks; white space is " ", signs that may stand for a letter stay,
    everything else is ".". In `marked` a letter of another alphabet that carries no mark stays itself: nobody writes о
    or α with the marks that are meant, so it stands for any letter like it.
    """

    given: str
    bare: str
    marked: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def _read(text: str) -> _Reading:
    bare: list[str] = []
    shown: list[str] = []
    marks: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for place, character in enumerate(text[:LONGEST]):
        for part in _parts(character):
            if unicodedata.category(part) in {"Mn", "Me", "Mc"}:
                if bare and bare[-1] == "d" and part in _BARS:
                    bare[-1] = shown[-1] = "đ"
                    ends[-1] = place + 1
                elif bare and bare[-1].isalpha():
                    marks[-1] += part if part in _MARKS else ""
                    ends[-1] = place + 1
                continue
            if not part.isspace() and unicodedata.category(part) in {"Cc", "Cf", "Cn", "Co", "Cs"}:
                continue
            bare.append(_seen_as(part))
            shown.append(part if part in READ_AS else bare[-1])
            marks.append("")
            starts.append(place)
            ends.append(place + 1)
    marked = [_with(bare[i], marks[i]) if marks[i] else shown[i] for i in range(len(bare))]
    return _Reading(text, "".join("d" if c == "đ" else c for c in bare), "".join(marked), tuple(starts), tuple(ends))


@lru_cache(maxsize=4096)
def _parts(character: str) -> str:
    """A character as small letters, each followed by its marks; what looks like one of ours stays what it is."""
    if character in _SIGNS:
        return character
    if numeral := _numeral(character):
        return numeral
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", character))
    return "".join(part if part in READ_AS else unicodedata.normalize("NFKD", part.casefold()) for part in parts)


def _numeral(character: str) -> str:
    """The number that one character shows in a circle, brackets or before a full stop, in our digits; "" for others."""
    if unicodedata.category(character) != "No":
        return ""
    value = unicodedata.numeric(character)
    return str(int(value)) if value.is_integer() and value < 100 else ""


def _seen_as(part: str) -> str:
    if part in READ_AS:
        return READ_AS[part] if len(READ_AS[part]) == 1 else part
    if part.isspace():
        return " "
    return part if part.isalnum() or part in _SIGNS else "."


_MARKED: Final = frozenset("đ") | {
    unicodedata.normalize("NFC", letter + tone)
    for letter in "aăâeêioôơuưy"
    for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    if letter + tone not in set("aeiouy")
}
"""Every small letter that Vietnamese writes with marks."""


@lru_cache(maxsize=1024)
def _with(letter: str, marks: str) -> str:
    """The letter with its marks as one character: its first tone, its first other mark, where it has such a one."""
    if letter in READ_AS:
        return letter
    for mark in dict.fromkeys(sorted(marks, key=lambda mark: mark in "\u0300\u0301\u0303\u0309\u0323")):
        joined = unicodedata.normalize("NFC", letter + mark)
        letter = joined if joined in _MARKED else letter
    return letter


# --- Patterns ---------------------------------------------------------------------------------------------

_WITHIN: Final = r"\.{0,3}+"
_APART: Final = r"[ .*]{1,4}+"
_BETWEEN: Final = r"[^\w]{0,6}?"


def key_of(pattern: str) -> str:
    """A pattern as it is kept: small letters in NFC, one space between syllables."""
    return " ".join(unicodedata.normalize("NFC", pattern).casefold().split())


class WordList:
    """Patterns, ready to be looked for. Those without a letter find nothing."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._finders = [(word, found) for word in words for found in [_finder(word)] if found is not None]

    def find(self, text: str) -> list[Hit]:
        """What of the list stands in the text, in its order; where two begin alike, the longer one first."""
        reading = _read(text)
        hits: list[Hit] = []
        for word, finder in self._finders:
            hits += [Hit(word, reading.starts[start], reading.ends[end - 1]) for start, end in finder.spans(reading)]
        return sorted(hits, key=lambda hit: (hit.start, -hit.end, hit.word.pattern))


@dataclass(frozen=True, slots=True)
class _Finder:
    """A pattern with its marks (`marked`), without (`bare`), or both: never one half with and one half without."""

    on_marked: re.Pattern[str] | None
    on_bare: re.Pattern[str] | None
    needs_no_marks: bool
    is_syllable: bool

    def spans(self, reading: _Reading) -> list[tuple[int, int]]:
        found = set()
        if self.on_marked is not None:
            for hit in self.on_marked.finditer(reading.marked):
                if not self._is_number(reading, hit):
                    found.add(hit.span(1))
        if self.on_bare is not None:
            for hit in self.on_bare.finditer(reading.bare):
                start, end = hit.span(1)
                if self.needs_no_marks and _MARKED & set(reading.marked[start:end]):
                    continue
                if not self._is_number(reading, hit):
                    found.add((start, end))
        return sorted(found)

    def _is_number(self, reading: _Reading, hit: re.Match[str]) -> bool:
        """Whether the signs in what was found stand for no letters: a price, a number, a code.

        They do stand for some where two letters at least are left (not in đ!, Đ17, 10n), and no number goes on before
        (10c chó). Where no letter left carries a mark or is drawn like another, a word of one syllable is held together
        by letters at both its ends (l0n, bu0i; not 1on, 25c4c, l * n) and is no code in capitals (C4C, but c4c, C@C);
        of more syllables three letters are left (0c ch0).
        """
        word: str = hit[1]
        start, end = hit.span(1)
        if word.isalpha() or not _WRITTEN & set(word):
            return False
        before, after = hit.string[start - 1 : start], hit.string[end : end + 1]
        left = sum(sign.isalpha() or not sign.isascii() for sign in word)
        if left < _LEAST_LEFT or (word[0].isdigit() and before.isdigit() and before != word[0]):
            return True
        if not word.isascii():
            return False
        if not self.is_syllable:
            return left <= _LEAST_LEFT
        core = word.strip(_ALL_WRITTEN)
        word = core if hit.re.fullmatch(core) else word
        shown = reading.given[reading.starts[start] : reading.ends[end - 1]]
        if shown.isupper() and not _DIGITS.isdisjoint(word):
            return True
        if word.isalpha() or hit.re is self.on_bare:
            return False
        is_held = word[0].isalpha() and word[-1].isalpha() and not {" ", "."} & set(word)
        return not is_held or before.isdigit() or after.isdigit()


def _finder(word: Word) -> _Finder | None:
    reading = _read(key_of(word.pattern))
    places = [range(found.start(), found.end()) for found in re.finditer(r"[^\W_]+", reading.bare)]
    if not any(reading.bare[i].isalpha() for syllable in places for i in syllable):
        return None

    def look_for(letters: str) -> re.Pattern[str]:
        syllables = [[_class(letters[i], reading.bare[i]) for i in syllable] for syllable in places]
        first = places[0][0]
        return _expression(syllables, _signs(letters[first], reading.bare[first]))

    return _Finder(
        on_marked=None if word.match is Match.FOLDED else look_for(reading.marked),
        on_bare=None if word.match is Match.MARKED else look_for(reading.bare),
        needs_no_marks=word.match is Match.BARE,
        is_syllable=len(places) == 1,
    )


def _expression(syllables: list[list[str]], signs: str) -> re.Pattern[str]:
    """What is found is its first group. `signs`: those that may stand for the first letter, as a class; "" for none."""
    is_long = sum(map(len, syllables)) >= SPACED_LEAST
    begins = r"(?<![^\W\d_])"
    first = syllables[0][0]
    if signs and first not in syllables[0][1:2]:
        # What stands for the first letter is read once a run of it, from the first place where a word may begin (behind
        # a sign, where the run touches a letter before it): from any later one it leads to the same end, and to start
        # again at each would take the square of the run's length.
        begins = rf"(?={first})(?<!{first})(?:{begins}|(?:(?!{signs}){first})*+{signs})"
    shapes = []
    for syllable, following in zip(syllables, [*syllables[1:], [""]], strict=True):
        last = f"{syllable[-1]}+"
        if following[0] and following[0] not in following[1:2]:
            # It gives back what may begin the next syllable (ócchó): all of that run or nothing, for the same reason.
            last = f"(?:{last}(?:(?!{following[0]})|(?<!{following[0]}))|{syllable[-1]})"
        tight = _WITHIN.join([*_repeated(syllable[:-1], syllable[-1]), last])
        apart = _APART.join([*(f"{letter}++" for letter in syllable[:-1]), last])
        shapes.append(f"(?:{tight}|{apart})" if is_long and len(syllable) > 1 else tight)
    return re.compile(rf"{begins}({_BETWEEN.join(shapes)})(?![^\W\d_])")


def _repeated(letters: list[str], following: str) -> list[str]:
    """Each letter any number of times; before the same letter once, so that đmm is found in đmm."""
    nexts = [*letters[1:], following]
    return [letter if letter == after else f"{letter}++" for letter, after in zip(letters, nexts, strict=False)]


@lru_cache(maxsize=32)
def _drawn_like(letter: str) -> frozenset[str]:
    return frozenset(drawn for drawn, letters in READ_AS.items() if letter in letters)


def _allowed(letter: str, bare: str) -> set[str]:
    """What may stand for a letter of a pattern."""
    allowed = {letter}
    if letter.isalpha():
        allowed |= set(_STANDS_FOR.get("đ" if letter == "đ" else bare, ""))
        allowed |= _drawn_like(bare) | (_drawn_like("đ") if letter == "đ" else frozenset())
        allowed |= {"*"} if bare in _VOWELS else set()
    return allowed


def _class(letter: str, bare: str) -> str:
    """That, as a class of characters."""
    return f"[{''.join(map(re.escape, sorted(_allowed(letter, bare))))}]"


def _signs(letter: str, bare: str) -> str:
    """Those of them that are no letters, as a class; "" for none."""
    signs = [sign for sign in sorted(_allowed(letter, bare)) if not re.fullmatch(r"[^\W\d_]", sign)]
    return f"[{''.join(map(re.escape, signs))}]" if signs else ""


# --- The list that comes with the house -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list: the word, what it does ("hold" or "spam"), and why it is there."""

    word: Word
    level: str
    note: str


def listed() -> list[Listed]:
    """The list the house starts with, `data/comment_words.txt`: `level | match | pattern | why`."""
    lines = (Path(__file__).parent / "data" / "comment_words.txt").read_text(encoding="utf-8").splitlines()
    found = []
    for line in lines:
        if line.strip() and not line.startswith("#"):
            level, match, pattern, note = (part.strip() for part in line.split("|", 3))
            found.append(Listed(Word(key_of(pattern), Match(match)), level, note))
    return found


# --- Links and numbers ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a text, in code points."""

    start: int
    end: int


MARKS_LOOKED_AT: Final = 6
"""On one letter: Vietnamese writes two; heaps of them are a disguise, and costly to put in order."""


@dataclass(frozen=True, slots=True)
class _Plain:
    """A text as links and numbers are looked for in it: in NFKC, in our letters, with nothing that is not seen.

    Each character of `text` stands for what lies from `starts` to `ends` in the text as given; capitals stay capitals.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


def _plain(text: str) -> _Plain:
    if text.isascii():
        return _Plain(text, range(len(text)), range(1, len(text) + 1))
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    place = 0
    while place < len(text):
        end = place + 1
        while end < len(text) and end - place <= MARKS_LOOKED_AT and unicodedata.category(text[end])[0] == "M":
            end += 1
        shown = _as_plain(text[place:end])
        letters.append(shown)
        starts += [place] * len(shown)
        ends += [end] * len(shown)
        place = end
    return _Plain("".join(letters), starts, ends)


@lru_cache(maxsize=4096)
def _as_plain(cluster: str) -> str:
    """A letter with its marks as a link or a number would be read in it; "" for what is not seen."""
    shown = [numeral := _numeral(cluster[0])]
    for letter in unicodedata.normalize("NFKC", cluster[1:] if numeral else cluster):
        base = unicodedata.normalize("NFD", letter)[0]
        category = unicodedata.category(letter)
        if category[0] == "M" or (category in {"Cc", "Cf", "Cn", "Co", "Cs"} and not letter.isspace()):
            continue
        if category == "Nd":
            shown.append(str(unicodedata.digit(letter)))
        elif base in READ_AS:
            read = READ_AS[base][0].replace("đ", "d")
            shown.append(read.upper() if base.isupper() else read)
        elif category == "Pd":
            shown.append("-")
        else:
            shown.append("." if letter in LOOK_ALIKE_DOTS else letter.translate(LOOK_ALIKE_SIGNS))
    return "".join(shown)


_ENDINGS: Final = "|".join(sorted((name for name in TOP_LEVEL_DOMAINS if name.isascii()), key=len, reverse=True))
_CLEAR: Final = "com|net|org|vn|info|xyz|club|icu|biz|edu|gov|io|bet"
"""Endings that begin no Vietnamese sentence, unless it is written without marks (com, net)."""
_DOT: Final = r"(?:\.|\s?[\[({]\s?(?:\.|dot|chấm|cham)\s?[\])}]\s?)"
_ON: Final = r"(?![\w-]|\.\w)(?:[/?:]\S{0,200})?"
_LINK: Final = re.compile(
    rf"(?:h(?:tt|xx)ps?|s?ftps?)\s?:\s?/\s?/\s?\S{{1,200}}|(?i:www){_DOT}\S{{1,200}}"
    r"|[\w.+-]{1,64}(?:@|\s?[\[(]\s?(?:at|a còng|@)\s?[\])]\s?)[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"
    rf"|(?<![\w.])(?:[a-z0-9-]{{2,63}}{_DOT}){{1,4}}(?:{_ENDINGS}){_ON}"
    rf"|(?<![\w.])(?:[A-Za-z0-9-]{{2,63}}\.){{1,4}}(?:com|net|org|vn|info|xyz|club|COM|NET|ORG|VN|XYZ|Com|Net|Vn){_ON}"
    r"|\b(?i:zalo|t|m|fb|bit|goo|tinyurl|wa)(?:\s?\.\s?|\s(?:chấm|cham|dot)\s|\s)(?i:me|ly|gl|com)/[\w@+]\S{0,200}"
    r"|\b(?:javascript|data|vbscript)\s?:\S{1,200}",
)
# The dot set apart, or as a word: what stands before it tells an address from the end of a sentence.
_APART_DOT: Final = re.compile(
    r"(?<![\w.-])(?P<host>(?:[A-Za-z0-9-]{1,63}\.){0,3}[A-Za-z0-9-]{2,63})"
    r"(?P<dot>\s{1,2}\.\s{0,2}|\.\s{1,2}|\s{1,2}(?i:chấm|cham|dot)\s{1,2})"
    rf"(?P<end>{_ENDINGS}|{_CLEAR.upper()}){_ON}"
)
_SYLLABLE: Final = re.compile(
    r"(?:ngh|[cgknpt]h|ng|gi|qu|tr|[bcdghklmnpqrstvx])?(?:uye|uya|oai|oay|uay|uoi|uou|ieu|yeu|oeo|[aeiouy]{1,2})"
    r"(?:ch|ng|nh|[cmnpt])?",
    re.IGNORECASE,
)
_NO_HOSTS: Final = frozenset(
    "web website internet domain facebook fb zalo ok oke okay hay va la cho nhu trang nay do".split()
)
"""Words that stand before a dot, and before “chấm com”, without being the name of any site meant."""
_DIGIT: Final = r"(?:\d|(?<![^\W\d_oOlI])[oOlI](?![^\W\d_oOlI]))"
_PHONE: Final = re.compile(
    rf"(?<![\d.,])(?:\+?84|0|(?<![^\W\d_])[oO](?=[\s.\-_*]{{0,2}}[\dlI]))(?:[\s.\-_*]{{0,2}}{_DIGIT}){{8,10}}(?!\d)"
)
_FEWEST_DIGITS: Final = 7
"""Of a telephone number in which letters stand for some."""


def links(text: str) -> list[Span]:
    """What a reader, or a program, would follow: addresses of pages and of mail, their dots written as words too.

    So are accounts at the networks people use, by the network's name and a slash.
    """
    plain = _plain(text[:LONGEST])
    found = [match.span() for match in _LINK.finditer(plain.text)]
    found += [match.span() for match in _APART_DOT.finditer(plain.text) if _is_address(match)]
    found += [match.span() for match in _HANDLE.finditer(plain.text) if _is_account(match)]
    return _spans(plain, found)


def phones(text: str) -> list[Span]:
    """Vietnamese telephone numbers, an O written for a nought and an l for a one."""
    plain = _plain(text[:LONGEST])
    found = (match for match in _PHONE.finditer(plain.text) if sum(map(str.isdigit, match[0])) >= _FEWEST_DIGITS)
    return _spans(plain, [match.span() for match in found])


_HANDLE: Final = re.compile(
    r"(?<![\w./-])(?i:fb|zalo|zl|tele|telegram|tg|ig|insta|instagram|facebook|tiktok|messenger|viber|youtube|yt)/@?"
    r"(?P<name>(?:[A-Za-z0-9_-]|\.(?=[A-Za-z0-9])){4,63}+)(?!\w)"
)
"""An account as people write it down: fb/nhacai."""
_NO_ACCOUNTS: Final = frozenset(
    "apple douyin email facebook fanpage gmail google group iphone instagram internet line messenger meta microsoft"
    " netflix page reels skype threads telegram tiktok twitter viber video website wechat whatsapp youtube zalo".split()
)
"""What is named beside a network: Facebook/TikTok, zalo/email."""


def _is_account(match: re.Match[str]) -> bool:
    """Whether the word behind a network's name is somebody's account there: no other network, no syllable or two."""
    name = match["name"].strip("-_").lower()
    parts = [part for part in re.split(r"[._-]", name) if part]
    return (
        re.search("[a-z]", name) is not None and name not in _NO_ACCOUNTS and not all(map(_SYLLABLE.fullmatch, parts))
    )


def _spans(plain: _Plain, found: list[tuple[int, int]]) -> list[Span]:
    """Where that stands in the text as given; of two that overlap, one that holds both."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return [Span(plain.starts[start], plain.ends[end - 1]) for start, end in joined]


def _is_address(match: re.Match[str]) -> bool:
    """Whether the word before a dot that is set apart is a site's, and what follows the end of one.

    “evil . com”, “evil chấm top” are addresses; “hom nay an gi . com rang” is a sentence without its marks.
    """
    host, dot, end = match["host"], match["dot"].strip(), match["end"]
    is_clear = end.lower() in _CLEAR.split("|")
    if host.lower() in _NO_HOSTS or not re.search("[A-Za-z]", host):
        return False
    if dot == "chấm" and is_clear:
        return True
    if all(map(_SYLLABLE.fullmatch, host.split("."))):
        return False
    if dot != ".":
        return True
    return is_clear and (match["dot"][0].isspace() or (len(host) > 2 and end != "vn"))
