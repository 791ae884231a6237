"""Names that people give themselves: what is shown beside their words, so it says nothing but a name."""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import Final

from django.core.exceptions import ValidationError

from accounts.look_alikes import READ_AS

LONGEST = 60
_BETWEEN = frozenset(" .-'’")


def clean_name(value: str) -> str:
    """The name in NFC with single spaces. Raises `ValidationError` for what is no name.

    Letters of any script with their marks, digits, spaces, hyphens, apostrophes, and a full stop at a word's end (TS.
    Nguyễn Văn A): nothing of which a link or a mail address could be made, nothing that hides or turns the line around.
    """
    name = " ".join(unicodedata.normalize("NFC", value[: LONGEST * 8]).split(" ")).strip()
    name = " ".join(part for part in name.split(" ") if part)
    if any(unicodedata.category(letter)[0] not in "LMN" and letter not in _BETWEEN for letter in name):
        raise ValidationError("Tên chỉ gồm chữ, số, dấu cách, dấu gạch nối và dấu chấm sau chữ viết tắt.", code="name")
    if any(dot == "." and after != " " for dot, after in pairwise(name)):
        raise ValidationError("Sau dấu chấm trong tên phải có dấu cách.", code="name_dot")
    if len(name) < 2 or not any(letter.isalpha() for letter in name):
        raise ValidationError("Hãy ghi tên của bạn, ít nhất hai chữ cái.", code="name_short")
    if len(name) > LONGEST:
        raise ValidationError(f"Tên dài quá: tối đa {LONGEST} ký tự.", code="name_long")
    return name


def plain_line(value: str) -> str:
    """What somebody calls a thing of their own, on one line: without what is not seen or breaks it, never refused."""
    seen = "".join(letter if letter.isprintable() else " " for letter in value[: LONGEST * 8])
    return " ".join(unicodedata.normalize("NFC", seen).split())[:LONGEST].strip()


def clean_readers_name(value: str, newspaper: str = "") -> str:
    """A reader's name: as above, and not the newsroom's own. Raises `ValidationError`."""
    name = clean_name(value)
    if speaks_for_the_house(name, newspaper):
        raise ValidationError("Tên này dễ bị hiểu là của tòa soạn. Hãy chọn tên khác.", code="name_of_the_house")
    return name


# --- What a reader would take for the newsroom speaking ---------------------------------------------------

_ROLES: Final = (
    "toa soan", "bien tap", "ban quan tri", "quan tri vien", "quan tri trang", "quan tri mang", "nguoi quan tri",
    "kiem duyet vien", "ban kiem duyet", "admin", "administrator", "moderator", "webmaster",
)  # fmt: skip
"""Nobody is called so, whatever the marks: from a word's beginning to a word's end, or inside one long word."""
_ABBREVIATED: Final = ("bbt", "tbt", "btv", "qtv", "bqt", "tkts")
"""A word of the name, or the whole name spelled out (B. B. T)."""
_MARKED: Final = ("quản trị", "kiểm duyệt")
"""Quân Trí is a name, quản trị is none: found with these marks, and without any where the name begins so."""
_AROUND: Final = "ban bao cua chinh dien kenh nhom official online page tap chi thuc tin trang tu web website".split()
"""What stands around a newspaper's name of a word or two; alone, such a name may be a place's (người Lai Châu)."""

_STANDS_FOR: Final = {
    "a": "4", "b": "86", "e": "3", "g": "96", "i": "1l", "l": "1i", "o": "0", "q": "9", "s": "5", "t": "7", "z": "2",
}  # fmt: skip
_MARKS: Final = frozenset("\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b")
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_BEGINS, _ENDS = r"(?<![^\W\d_])", r"(?![^\W\d_])"


def speaks_for_the_house(name: str, newspaper: str = "") -> bool:
    """Whether readers would take the name for the newsroom's, or for that newspaper's. Total: any `str`.

    Seen through: letters of other alphabets, digits for letters, letters set apart or repeated, what is not seen.
    """
    marked = _read(name[: LONGEST * 2])
    bare = _bare(marked)
    if _house().search(bare) or any(_letters_lead(found[0]) for found in _abbreviations().finditer(bare)):
        return True
    if any(found.start() == 0 or not found[0].isascii() for found in _house_with_marks().finditer(marked)):
        return True
    paper = _paper(newspaper)
    return paper is not None and paper.search(bare) is not None


def _read(name: str) -> str:
    """The name as it is seen: small letters with the marks that Vietnamese writes, digits, one space between words."""
    seen: list[str] = []
    for letter in unicodedata.normalize("NFD", unicodedata.normalize("NFKC", name)):
        category = unicodedata.category(letter)
        if category[0] == "M":
            seen.append(letter if letter in _MARKS else "")
        elif category not in {"Cf", "Cn", "Co", "Cs"}:
            seen.append(_seen_as(letter))
    text = "".join(" " if letter in _BLANK else letter for letter in seen)
    return " ".join(unicodedata.normalize("NFC", text).split())


def _seen_as(letter: str) -> str:
    """A letter as a small one of ours; itself where it may be read as several, see `_class`."""
    if letter in READ_AS:
        return READ_AS[letter] if len(READ_AS[letter]) == 1 else letter
    return letter.casefold() if letter.isalnum() else " "


def _bare(marked: str) -> str:
    plain = unicodedata.normalize("NFD", marked).replace("đ", "d")
    return "".join(letter for letter in plain if unicodedata.category(letter) != "Mn")


def _letters_lead(hit: str) -> bool:
    """Whether more of it is letters than digits that may stand for one: BBT and B8T, not T87."""
    return 2 * sum(letter.isalpha() for letter in hit) > len(hit.replace(" ", ""))


def _stand_ins(letter: str) -> set[str]:
    """What may stand for a letter, one character each."""
    bare = _bare(letter)
    drawn = {other for other, read in READ_AS.items() if len(read) > 1 and bare in read}
    return {letter, bare, *_STANDS_FOR.get(bare, ""), *drawn}


def _spelled(words: str, between: str = " ?") -> str:
    """The words with each letter once or several times, `between` between any two.

    Neighbours that may look the same (b and b, i and l) are one run: told apart they could be read in many ways.
    """
    runs: list[tuple[set[str], int]] = []
    for letter in words.replace(" ", ""):
        letters = _stand_ins(letter)
        if runs and runs[-1][0] & letters:
            runs[-1] = (runs[-1][0] | letters, runs[-1][1] + 1)
        else:
            runs.append((letters, 1))
    return between.join(_run(letters, count, between) for letters, count in runs)


def _run(letters: set[str], count: int, between: str) -> str:
    one = f"[{''.join(sorted(letters))}]"
    if "m" in letters:
        one = f"(?:{one}|rn)"
    return f"{one}+" if count == 1 else f"{one}(?:{between}{one}){{{count - 1},}}"


@lru_cache(maxsize=1)
def _house() -> re.Pattern[str]:
    apart = "|".join(map(_spelled, _ROLES))
    inside = "|".join(_spelled(words, "") for words in _ROLES)
    return re.compile(f"{_BEGINS}(?:{apart}){_ENDS}|{inside}")


@lru_cache(maxsize=1)
def _abbreviations() -> re.Pattern[str]:
    words = "|".join(_spelled(letters, "") for letters in _ABBREVIATED)
    spelled_out = "|".join(map(_spelled, _ABBREVIATED))
    return re.compile(rf"{_BEGINS}(?:{words}){_ENDS}|\A(?:{spelled_out})\Z")


@lru_cache(maxsize=1)
def _house_with_marks() -> re.Pattern[str]:
    return re.compile(f"{_BEGINS}(?:{'|'.join(map(_spelled, _MARKED))}){_ENDS}")


@lru_cache(maxsize=8)
def _paper(newspaper: str) -> re.Pattern[str] | None:
    words = re.findall(r"[^\W_]+", _bare(_read(newspaper)))
    if not words:
        return None
    name = _spelled("".join(words))
    if len(words) > 2:
        return re.compile(f"{_BEGINS}{name}{_ENDS}")
    around = "|".join(_AROUND)
    return re.compile(rf"\A(?:(?:{around}) )*{name}(?: (?:{around}|\d+))*\Z")
