"""Names that people give themselves: what is shown beside their words, so it says nothing but a name."""

import unicodedata
from itertools import pairwise

from django.core.exceptions import ValidationError

LONGEST = 60
_BETWEEN = frozenset(" .-'’")
# What a reader would take for the newsroom speaking; compared without marks and case.
_OF_THE_HOUSE = ("toa soan", "ban bien tap", "bien tap vien", "tong bien tap", "quan tri", "kiem duyet", "admin")


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


def clean_readers_name(value: str) -> str:
    """A reader's name: as above, and not the newsroom's own. Raises `ValidationError`."""
    name = clean_name(value)
    folded = _folded(name)
    if any(words in folded for words in _OF_THE_HOUSE):
        raise ValidationError("Tên này dễ bị hiểu là của tòa soạn. Hãy chọn tên khác.", code="name_of_the_house")
    return name


def _folded(name: str) -> str:
    """Small letters without marks, đ as d, single spaces between words."""
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", name).casefold()).replace("đ", "d")
    letters = (letter if letter.isalnum() else " " for letter in plain if unicodedata.category(letter) != "Mn")
    return " ".join("".join(letters).split())
