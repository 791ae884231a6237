"""Titles set for the eye: the syllables of a name, a compound or a bound group never part at a line's end.

Vietnamese writes a space between any two syllables, so a browser breaks "Dân / vận" as readily as a typesetter
never would. `set_title` puts no-break spaces where a reader hears one word, once, when an edition is sealed.

How it decides. Each rule of `_RULES` says for a span of two to four neighbours how firmly it binds them, in
points, and the reading of the line with the most points wins: longest match, but over the whole line instead of
from the left ("lưu thông / qua cầu treo", not "lưu / thông qua / cầu treo"). Where two readings are equally good
("bàn giao thông") neither is broken. What no rule knows stays loose: a missing word costs one plain break, a wrong
one an ugly block in every edition.

Words come from data/compounds.txt and data/places.txt, first syllables of names from data/name_starts.txt, and what a
word does to its neighbour ("xã" takes a name, "tháng" a number) from data/title_words.txt.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Final

from news.text.normalize import place_tones

NO_BREAK_SPACE: Final = "\u00a0"
# What stays together fits on a phone of 320 px at large type.
MAX_WORDS: Final = 4
MAX_LENGTH: Final = 24

# -- Word lists ----------------------------------------------------------------------------------------------


# i and y are one letter at the end of these syllables: kĩ thuật, lí luận, bác sỹ, tỉ đồng.
_Y_FOR_I: Final = re.compile(r"\b([hklmst])([yýỳỷỹỵ])\b")
_I_FOR_Y: Final = dict(zip("yýỳỷỹỵ", "iíìỉĩị", strict=True))


def _as_key(text: str) -> str:
    """`text` for comparison: lower case, NFC, tone marks in one place, one spelling of i and y."""
    return _Y_FOR_I.sub(lambda found: found[1] + _I_FOR_Y[found[2]], place_tones(text.lower()))


def _keys(words: str) -> frozenset[str]:
    """A list of keys, commas between them."""
    return frozenset(" ".join(word.split()) for word in _as_key(words).split(",")) - {""}


def _lines(file: str) -> list[str]:
    """The lines of a data file; a comment begins with #."""
    lines = (Path(__file__).parent / "data" / file).read_text(encoding="utf-8").splitlines()
    return [line.partition("#")[0].strip() for line in lines]


def _entries(file: str) -> frozenset[str]:
    """The words of a data file, a line each, as keys."""
    return _keys(",".join(_lines(file)))


def _sections(file: str) -> dict[str, frozenset[str]]:
    """The words of a data file by its sections, [name] and then words with commas between them."""
    parts = [part.partition("]") for part in "\n".join(_lines(file)).split("[")[1:]]
    return {name: _keys(words.replace("\n", ",")) for name, _, words in parts}


_PLACES: Final = _entries("places.txt")
_WORDS: Final = _entries("compounds.txt")
_SYLLABLES: Final = frozenset(" ".join(_WORDS).split())
_COMPOUNDS: Final = _WORDS | _PLACES
_STARTS: Final = _sections("name_starts.txt")
_ROLES: Final = _sections("title_words.txt")
_FUNCTION_WORDS: Final = _ROLES["function"]
_ABBREVIATIONS: Final = _ROLES["title"] | _ROLES["abbreviation"]
_NUMBERED: Final = _ROLES["numbered"]
_COUNTED: Final = _ROLES["counted"]
_LEVELS: Final = _ROLES["level"]
_SURNAMES: Final = _STARTS["surname"]

# -- Words of a line -----------------------------------------------------------------------------------------

_OPENING: Final = "\"'“‘„«‹([{<"
_CLOSING: Final = ".,:;!?…\"'”’»›)]}>"
_ENDS_SENTENCE: Final = frozenset(".:!?…")
_DASHES: Final = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
# Alone between spaces they may end a line and never begin one.
_TRAILING: Final = _DASHES | frozenset(".,:;!?…”’»)]}|/")
# White space at which a browser breaks anyway, or which somebody chose with care.
_OTHER_SPACE: Final = re.compile(r"([^\S \u00a0]+)")
_HYPHEN: Final = re.compile("[-\u2010\u2011\u2013]")
_LETTERS_OR_DIGITS: Final = re.compile(r"[^\W_]")
_NUMBER: Final = re.compile(r"[+\u2212-]?\d.*")
_AMOUNT: Final = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?(?:[-\u2013/]\d+(?:,\d+)?)?")
_DATE: Final = re.compile(r"(?:19|20)\d\d(?:[-\u2013/]\d\d(?:\d\d)?)?|\d\d?/\d\d?|\d\d?[-\u2013]\d\d?/\d\d?")
_ROMAN: Final = re.compile("(?=[IVXLC])L?X{0,4}(?:IX|IV|V?I{0,3})")


@dataclass(frozen=True, slots=True)
class _Word:
    """What stands between two spaces, with the lone dashes after it."""

    text: str  # NFC, punctuation and all
    key: str  # as in the dictionary: no punctuation around it, lower case, tone marks in one place
    core: str  # as `key`, in its own case
    size: int  # itself, and one for each lone dash after it
    opens: bool  # punctuation stands before it: it belongs to nothing on its left
    closes: bool  # punctuation stands after it: it belongs to nothing on its right
    dashed: bool  # a lone dash stands after it
    begins: bool  # the first of a sentence: its capital says nothing
    capital: bool  # a syllable of a name, or the first of a word with a capital
    number: bool  # digits, or a Roman numeral
    initials: bool  # UBND, GD&ĐT


def _word(text: str) -> _Word:
    core = text.lstrip(_OPENING)
    opens = core != text
    bare = core.rstrip(_CLOSING)
    ending = core[len(bare) :]
    if ending == "." and (_as_key(bare) in _ABBREVIATIONS or (len(bare) == 1 and bare.isupper())):
        ending = ""
    return _Word(
        text=text,
        key=_as_key(bare),
        core=bare,
        size=1,
        opens=opens or not bare,
        closes=bool(ending) or not bare,
        dashed=False,
        begins=False,
        capital=bare != bare.lower() and (not bare.isupper() or len(bare) == 1) and not bare[0].isdigit(),
        number=bool(_NUMBER.fullmatch(bare) or _ROMAN.fullmatch(bare)),
        initials=len(bare) > 1 and bare.isupper() and bare[0].isalpha(),
    )


def _words(line: str) -> list[_Word]:
    """The words of a line: a lone dash or stop goes to the word before it, as long as that stays short."""
    words: list[_Word] = []
    for text in line.split(" "):
        before = words[-1] if words else None
        alone = bool(text) and _TRAILING.issuperset(text)
        if alone and before and before.text and before.size < MAX_WORDS and _fits([before], text):
            dashed = _DASHES.issuperset(text)
            words[-1] = replace(before, text=f"{before.text} {text}", size=before.size + 1, closes=True, dashed=dashed)
        else:
            words.append(replace(_word(text), begins=before is None or _ends_sentence(before) or text[:1] in _OPENING))
    return _without_idle_capitals(words)


def _ends_sentence(word: _Word) -> bool:
    ending = word.text[len(word.text.rstrip(_CLOSING)) :]
    return not word.text or word.dashed or (word.closes and not _ENDS_SENTENCE.isdisjoint(ending))


def _without_idle_capitals(words: list[_Word]) -> list[_Word]:
    """Capitals count only where they tell names: not in a Title Set Like This, not at a sentence's beginning."""
    if sum(word.core.isalpha() for word in words) > MAX_WORDS and not any(word.core.islower() for word in words):
        words = [replace(word, initials=False) for word in words]
        if any(all(_touch(words, start + more) for more in range(MAX_WORDS)) for start in range(len(words))):
            return [replace(word, capital=False) for word in words]
    return [
        replace(word, capital=False) if _is_idle(word) and not _begins_name(words, place) else word
        for place, word in enumerate(words)
    ]


def _is_idle(word: _Word) -> bool:
    """Whether its sentence alone may have given the word its capital. "iPhone" has its own."""
    return word.begins and word.capital and (len(word.core) == 1 or word.core[1:].islower())


def _begins_name(words: list[_Word], place: int) -> bool:
    """Whether the capital that begins a sentence begins a name as well: Nguyễn, Nậm; Đoàn before Văn."""
    if not (_touch(words, place) and words[place + 1].capital):
        return False
    first = words[place].key
    if first in _SURNAMES or first in _STARTS["place"]:
        return True
    if any(_key(words[place : place + length]) in _PLACES for length in (2, 3)):
        return True
    if first in _STARTS["doubtful surname"]:
        return _is_person(words, place)
    return first not in _SYLLABLES and first not in _FUNCTION_WORDS and first not in _ROLES["place"]


def _is_person(words: list[_Word], place: int) -> bool:
    """Whether the name at `place` is a person's, by its surname and its length: Nguyễn Văn An, Và Thị Mai."""
    if not (_touch(words, place) and words[place + 1].capital):
        return False
    first, second = words[place].key, words[place + 1].key
    if not (first in _SURNAMES or first in _STARTS["doubtful surname"]):
        return False
    if second in _STARTS["sure middle"]:
        return True
    if not (_touch(words, place + 1) and words[place + 2].capital):
        return False
    return first in _SURNAMES or (second in _STARTS["middle"] and f"{first} {second}" not in _COMPOUNDS)


def _touch(words: list[_Word], place: int) -> bool:
    """Whether nothing but a space stands between this word and the next."""
    return place + 1 < len(words) and not words[place].closes and not words[place + 1].opens


def _key(words: list[_Word]) -> str:
    return " ".join(word.key for word in words)


def _fits(words: list[_Word], *more: str) -> bool:
    """Whether these may stand on one line together."""
    pieces = [word.text for word in words] + list(more)
    return sum(word.size for word in words) + len(more) <= MAX_WORDS and len(" ".join(pieces)) <= MAX_LENGTH


# -- Rules: how firmly a span of two to four words is bound, in points; 0 where it is not ------------------------
#
# Ten points a joint is what the dictionary gives. Fewer: gives way to the dictionary. More: goes before it.

_Rule = Callable[[list[_Word], int, int], int]


def _compound(words: list[_Word], start: int, end: int) -> int:
    """A word of the dictionary; two with a tight hyphen between them (kinh tế-xã hội)."""
    span = words[start:end]
    # "tại Sao Mai" is not "tại sao".
    if len(span) == 2 and span[0].core.islower() and span[1].capital and len(span[1].core) > 1:
        return 0
    key = _key(span)
    known = key in _COMPOUNDS or (
        not any(word.capital for word in span[1:])
        and _HYPHEN.search(key) is not None
        and all(part in _COMPOUNDS for part in _HYPHEN.split(key))
    )
    return 10 * (len(span) - 1) if known else 0


def _run(words: list[_Word], place: int) -> range:
    """The capitals around `place`, as far as they matter: a handful on either side."""
    first, last = place, place
    while first > 0 and words[first - 1].capital and _touch(words, first - 1) and place - first <= MAX_WORDS:
        first -= 1
    while last + 1 < len(words) and words[last + 1].capital and _touch(words, last) and last - place <= MAX_WORDS:
        last += 1
    return range(first, last + 1)


def _name(words: list[_Word], start: int, end: int) -> int:
    """Capitals: a name of two to four syllables; with its number (SEA Games 33), with its TS. before it."""
    span = words[start:end]
    if span[0].key in _ROLES["title"]:
        return 9 * (len(span) - 1) if all(word.capital for word in span[1:]) else 0
    if not span[0].capital:
        return 0
    if span[-1].number and not span[-1].capital:
        return 8 * (len(span) - 1) if not _counted_on(words, end - 1) and all(word.capital for word in span[:-1]) else 0
    if not all(word.capital for word in span):
        return 0
    if span[0].key in _PLACES and len(_run(words, start)) > 2:
        return 0  # a country: Tổng thống Mỹ / Donald Trump
    surname = span[0].key in _SURNAMES
    if len(_run(words, start)) > MAX_WORDS and not surname:
        return 3 * (len(span) - 1)
    # Four capitals that are two words of the dictionary stay two.
    return (8 * (len(span) - 1) if len(span) < 4 else 18) + (4 if surname else 0)


def _place(words: list[_Word], start: int, end: int) -> int:
    """A common noun and its name: xã Mường Lủng, người Mông, anh Páo."""
    for length in (2, 1):
        noun, name = words[start : start + length], words[start + length : end]
        if not name or not all(word.capital for word in name):
            continue
        key = _key(noun)
        alone = len(_run(words, start + length)) - (1 if noun[-1].capital else 0)
        person = 1 < alone <= MAX_WORDS and _is_person(words, start + length)
        if _ends_compound(words, start, start + length) or (person and _is_office(words, start, key)):
            continue
        if key in _ROLES["place"] or (key in _ROLES["people"] and len(name) == alone <= 2):
            return 10 * (end - start - 1) + 1
        if key in _ROLES["address"] and len(name) == alone == 1:
            return 10
    return 0


def _is_office(words: list[_Word], start: int, noun: str) -> bool:
    """Whether the noun at `start` ends a post rather than begins a place: Chủ tịch UBND xã / Lò Văn Hoan."""
    after_body = start > 0 and (words[start - 1].initials or words[start - 1].key == "ủy")
    return after_body or (noun in _LEVELS and noun != "phường") or noun in ("thành phố", "thị xã")


def _ends_compound(words: list[_Word], start: int, end: int) -> bool:
    """Whether a longer word ends at `end` and swallows the noun at `start`: hợp tác xã, con đường."""
    for first in range(max(start - 3, 0), start):
        if all(_touch(words, place) for place in range(first, start)) and _compound(words, first, end):
            return True
    return False


def _body(words: list[_Word], start: int, end: int) -> int:
    """Sở Nội vụ, Luật Đất đai, Bộ CHQS tỉnh; UBND tỉnh where no name follows."""
    head, rest = words[start], words[start + 1 : end]
    if head.initials:
        return 9 if len(rest) == 1 and rest[0].key in _LEVELS else 0
    if head.key not in _ROLES["body"] or _ends_compound(words, start, start + 1):
        return 0
    if rest[0].initials:
        return 9 * len(rest) if len(rest) == 1 or (len(rest) == 2 and rest[1].key in _LEVELS) else 0
    named = len(rest) > 1 and rest[0].core[:1].isupper() and _key(rest) not in _PLACES
    return 10 * len(rest) if named and _compound(words, start + 1, end) else 0


def _numbered(words: list[_Word], start: int, end: int) -> int:
    """tháng 6, cuối năm 2025, khóa XV, lần thứ 14, Chỉ thị 49, thứ Hai."""
    last = end - 1
    ordinal = words[last - 1].key in _ROLES["ranked"] and words[last].key in _ROLES["ordinal"]
    return 10 * (last - start) + 2 if (words[last].number or ordinal) and _takes_number(words, start, last) else 0


def _takes_number(words: list[_Word], start: int, place: int) -> bool:
    """Whether the words from `start` take the number at `place`: not in "dự án / 20 tỷ đồng", "kế hoạch / 5 năm"."""
    close = words[place - 1].key in _NUMBERED
    if place - start == 1:
        known = close and not _ends_compound(words, start, place)
    else:
        known = _key(words[start:place]) in _NUMBERED or (close and _compound(words, start, place) > 0)
    if start > 1 and _AMOUNT.fullmatch(words[start - 1].core) and words[start - 2].key not in _NUMBERED:
        return False  # "5 năm / 2026-2030"
    if place - start > 1 and words[place - 2].key == "mỗi":
        return False  # "mỗi năm / 2 vụ"
    if not known or not _touch(words, place) or not _AMOUNT.fullmatch(words[place].core):
        return known
    after = words[place + 1].key
    measured = after in _ROLES["scale"] or after in _ROLES["unit"]
    return not measured and (close or after not in _COUNTED)


def _bound_before(words: list[_Word], place: int) -> bool:
    """Whether the number at `place` belongs to the noun before it."""
    return any(
        _takes_number(words, start, place)
        for start in range(max(place - MAX_WORDS + 1, 0), place)
        if all(_touch(words, between) for between in range(start, place))
    )


def _counted(words: list[_Word], start: int, end: int) -> int:
    """20 tỷ đồng, 300 học sinh, 12 xã, 5 - 6 tuổi."""
    number, rest = words[start], words[start + 1 : end]
    thing = rest[0]
    if not _AMOUNT.fullmatch(number.core) or thing.number or _bound_before(words, start):
        return 0
    after_name = start > 0 and words[start - 1].capital and _touch(words, start - 1)
    if thing.key not in _COUNTED and (after_name or _DATE.fullmatch(number.core)):
        return 0
    # "ngày 20 tháng 5": the next number has the stronger claim.
    if _touch(words, end - 1) and words[end].number and _takes_number(words, end - 1, end):
        return 0
    if len(rest) == 1:
        plain = thing.core.islower() and thing.key not in _FUNCTION_WORDS
        return 9 if plain or thing.key in _ROLES["unit in capitals"] else 0
    unit = rest[1].key.partition("/")[0]
    measured = len(rest) == 2 and thing.key in _ROLES["scale"] and unit in _ROLES["unit"]
    measured = measured or (len(rest) == 2 and thing.key in _ROLES["ranked"] and unit in _ROLES["ordinal"])
    return 10 * len(rest) - 1 if measured or (thing.core.islower() and _compound(words, start + 1, end)) else 0


def _time(words: list[_Word], start: int, end: int) -> int:
    """8 giờ 30, 8 giờ 30 phút."""
    keys = [word.key for word in words[start:end]]
    if len(keys) < 3 or not (words[start].number and keys[1] == "giờ" and words[start + 2].number):
        return 0
    return 12 * (len(keys) - 1) if keys[3:] in ([], ["phút"]) else 0


def _letter(words: list[_Word], start: int, end: int) -> int:
    """cúm A, vitamin C: one letter is no line's beginning."""
    first, last = words[start], words[start + 1]
    if end - start > 2 or first.key in _FUNCTION_WORDS or not (first.core.islower() or first.key in _NUMBERED):
        return 0
    name = _touch(words, end - 1) and words[end].capital
    return 8 if len(last.core) == 1 and last.core.isupper() and not name else 0


def _dated(words: list[_Word], start: int, end: int) -> int:
    """Luật Đất đai 2024, tối nay 30/4: a date leans on the word before it."""
    span = words[start : end - 1]
    if not _DATE.fullmatch(words[end - 1].core) or _counted_on(words, end - 1):
        return 0
    if len(span) == 1:
        return 6 if span[0].core[:1].isalpha() and span[0].key not in _FUNCTION_WORDS else 0
    inner = max(rule(words, start, end - 1) for rule in (_compound, _name, _body))
    return inner + 6 if inner else 0


def _counted_on(words: list[_Word], place: int) -> bool:
    """Whether the number at `place` counts what follows."""
    return _touch(words, place) and words[place + 1].key in _COUNTED


def _range(words: list[_Word], start: int, end: int) -> int:
    """2020 - 2025, 5 - 6 tuổi, Bắc - Nam: the one rule that looks across a dash."""
    first, last = words[start], words[start + 1]
    if not (first.dashed and first.text.partition(" ")[0].endswith(first.core)) or last.opens:
        return 0
    if end - start == 2:
        return 30 if (first.number and last.number) or _two_sides(words, start) else 0
    measured = first.number and last.number and words[end - 1].core.islower() and words[end - 1].key in _COUNTED
    return 39 if end - start == 3 and measured else 0


def _two_sides(words: list[_Word], start: int) -> bool:
    """Bắc - Nam; not the last and the first of longer names."""
    before = start > 0 and _touch(words, start - 1) and words[start - 1].capital
    after = words[start + 1].dashed or (_touch(words, start + 1) and words[start + 2].capital)
    return {words[start].key, words[start + 1].key} <= _ROLES["side"] and not before and not after


_RULES: Final[tuple[_Rule, ...]] = (
    _compound,
    _name,
    _place,
    _body,
    _numbered,
    _counted,
    _time,
    _letter,
    _dated,
)

# -- The best reading ----------------------------------------------------------------------------------------


def _points(words: list[_Word], start: int, end: int) -> int:
    """How firmly the span is bound by the rule that binds it most; 0 where it must not be."""
    if not _fits(words[start:end]):
        return 0
    across = _range(words, start, end) if all(_touch(words, place) for place in range(start + 1, end - 1)) else 0
    if across or not all(_touch(words, place) for place in range(start, end - 1)):
        return across
    return max(rule(words, start, end) for rule in _RULES)


def _joints(words: list[_Word]) -> list[bool]:
    """For each word but the last, whether it stays with the next."""
    count = len(words)
    # A function word stands well alone; any other lone syllable may be half of a word: "lưu thông / qua cầu".
    readings = [{start + 1: int(word.key in _FUNCTION_WORDS)} for start, word in enumerate(words)]
    for start in range(count):
        for end in range(start + 2, min(start + MAX_WORDS, count) + 1):
            if found := _points(words, start, end):
                readings[start][end] = found
    # The most points to be had up to each place and from it on.
    before = [0] * (count + 1)
    for start in range(count):
        for end, found in readings[start].items():
            before[end] = max(before[end], before[start] + found)
    after = [0] * (count + 1)
    for start in reversed(range(count)):
        after[start] = max(found + after[end] for end, found in readings[start].items())
    best = [
        {end for end, found in readings[start].items() if before[start] + found + after[end] == before[count]}
        for start in range(count)
    ]
    either = [False] * count
    for start in range(count):
        for end in best[start]:
            either[start : end - 1] = [True] * (end - 1 - start)
    joints = [False] * count
    start = 0
    while start < count:
        end = either.index(False, start) + 1
        if _fits(words[start:end]):
            joints[start : end - 1] = [True] * (end - 1 - start)
        else:
            _longest_first(best, joints, start, end)
        start = end
    return joints


def _longest_first(best: list[set[int]], joints: list[bool], start: int, end: int) -> None:
    """Marks the joints of one best reading from `start` to `end`: the longest span at each place."""
    while start < end:
        stop = max(best[start], default=start + 1)
        joints[start : stop - 1] = [True] * (stop - 1 - start)
        start = stop


def _without_orphan(words: list[_Word], joints: list[bool]) -> list[bool]:
    """A last word of at most four letters takes the one before it along."""
    last = len(words) - 1
    if last < 1 or joints[last - 1] or not _touch(words, last - 1):
        return joints
    first = last - 1
    while first > 0 and joints[first - 1]:
        first -= 1
    if len(_LETTERS_OR_DIGITS.findall(words[last].core)) <= 4 and _fits(words[first:]):
        return [*joints[: last - 1], True, *joints[last:]]
    return joints


def _set_line(line: str) -> str:
    words = _words(place_tones(line))
    joints = _without_orphan(words, _joints(words))
    # A word may hold spaces of its own, before its dashes: those never break.
    ends = list(accumulate(word.size for word in words))
    breaks = {end for end, joined in zip(ends, joints, strict=True) if not joined}
    pieces = line.split(" ")
    spaces = [" " if place in breaks else NO_BREAK_SPACE for place in range(1, len(pieces))]
    return "".join(piece + space for piece, space in zip(pieces, [*spaces, ""], strict=True))


# -- The two doors -------------------------------------------------------------------------------------------


def plain_title(text: str) -> str:
    """`text` with ordinary spaces for no-break ones."""
    return text.replace(NO_BREAK_SPACE, " ")


def set_title(text: str) -> str:
    """`text` with U+00A0 for the spaces inside names, compounds and bound groups, so that no line breaks there.

    Nothing else changes: `plain_title(set_title(text)) == plain_title(text)`. No-break spaces that `text` already
    holds are decided anew, so the function is idempotent. What stays together is at most `MAX_WORDS` words between
    spaces (a lone dash counts) and `MAX_LENGTH` characters of NFC. It never reaches across `, : ; ? ! …`, brackets
    or quotes; only a dash keeps to what stands before it, and between two numbers to both. Total; in linear time.
    """
    parts = _OTHER_SPACE.split(plain_title(text))
    return "".join(part if place % 2 else _set_line(part) for place, part in enumerate(parts))
