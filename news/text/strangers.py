"""What strangers write and we pass on: their words without links, their names without anything but letters.

For text that leaves by mail to somebody who did not ask for it. Mail programs turn into a link whatever looks like one,
so nothing that looks like one is left, however it was spelled: with look-alike dots, invisible letters, entities, or
the dot as a word.
"""

import html
import re
import unicodedata
from pathlib import Path
from typing import Final

from news.text.normalize import clean_line, clean_text

LONGEST: Final = 1000
"""How much of a text is looked at; the rest is cut off."""


def _top_level_domains() -> frozenset[str]:
    """The list, those in other scripts both as "xn--…" and as their letters."""
    lines = (Path(__file__).parent / "data" / "top_level_domains.txt").read_text(encoding="utf-8").splitlines()
    names = {line for line in lines if line and not line.startswith("#")}
    return frozenset(names | {name[4:].encode().decode("punycode") for name in names if name.startswith("xn--")})


LINK_GONE: Final = "[liên kết đã bỏ]"
"""What may stand where a link or an address was cut out of a sentence."""

TOP_LEVEL_DOMAINS: Final = _top_level_domains()

# Letters before a dot that make an abbreviation, not a host: TP.HCM, TS.BS, ThS.Nguyễn.
_ABBREVIATIONS: Final = frozenset("tp tx tt p q x h ts ths pgs gs bs bsck cn ks ds ls nsnd nsưt st".split())

# What people read as a dot, a slash, a colon. Compatibility forms (．｡ ․ ／ ：＠) are gone after NFKC.
LOOK_ALIKE_SIGNS: Final = str.maketrans(
    dict.fromkeys("\u2044\u2215\u29f8\u2571\u3033\u1735", "/")
    | dict.fromkeys("\ua789\u2236\u02d0\u02f8\u0589\u05c3\u0703\u0704\u16ec", ":")
)
LOOK_ALIKE_DOTS: Final = (
    "\u3002\u00b7\u2022\u2219\u22c5\u2027\u30fb\u06d4\u0701\u0702\ua4f8\ua60e\u16eb\u2e31\u2e33\U00010a50"
)
_LOOK_ALIKE_DOT: Final = re.compile(rf"(?<=\S)[{LOOK_ALIKE_DOTS}](?=[^\W\d_])")
# A dot or an @ between brackets, or as a word between them: evil[.]com, evil(chấm)com, mai [a còng] evil.
_BRACKETED: Final = re.compile(
    r"\s*+(?<![\[({<])[\[({<]++\s*+(?:(\.|dot|chấm|cham)|@|at|a\s+(?:còng|cong)|a\s+móc)\s*[\])}>]+\s*", re.IGNORECASE
)
_TAG: Final = re.compile(r"<[^<>]*>")
_ANGLES: Final = str.maketrans("<>", "  ")

# Endings that stand in no sentence; after a dot set apart they make an address all the same: "evil . com".
_PLAIN_ENDING: Final = r"(?:com|net|org|vn|info|xyz|icu|biz|edu|gov|io|bet)(?:[./:]\S*)?(?!\w)"
_SPOKEN: Final = re.compile(
    rf"(?<!\S)\S++\s++(?:\.\s*+|(?i:chấm|cham|dot)\s++){_PLAIN_ENDING}"  # evil .com, evil . com, evil chấm com
    rf"|(?<!\S)\S++(?<=\w\.)\s++{_PLAIN_ENDING}"  # evil. com
    r"|(?<!\S)\S++\s++a\s++(?i:còng|móc)\s++\S++"  # mai a còng evil
)
_WORD: Final = re.compile(r"\S+")
_ENDING: Final = re.compile(r"[.,;:!?]+\Z")
_LINK: Final = re.compile(
    r"@|://|//\w|\\\\|\bwww\b|%(?:2e|2f|3a|40)"
    r"|(?:h(?:tt|xx)ps?|mailto):"
    r"|\b(?:s?ftps?|javascript|vbscript|data|tel|sms|callto|skype|zalo|viber|whatsapp|tg|fb|intent"
    r"|market|magnet|file|blob|about|view-source|ssh|irc|geo|facetime|bitcoin|urn):\S",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(r"[^\W_][\w-]*")
_PATH: Final = re.compile(r"/\S|:\d")
_NUMBERS: Final = re.compile(r"(?<![\d.])(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_JOINING_DOT: Final = re.compile(r"(?<=[^\s.])\.(?=[^\W\d_](?:[^\W\d_]|[\u0300-\u036f]))")


def without_links(text: str, *, mark: str = "") -> str:
    """Plain text of several lines without anything that a mail program or a reader takes for a link or an address.

    Compatibility characters are written as what they stand for (NFKC), markup goes, and so does every word with a web
    or mail address in it. Two words joined by a dot that are no address are set apart ("hay.Nên" is "hay. Nên").
    Where there is a `mark` (`LINK_GONE`) it stands for each of them, and the signs that end a sentence stay behind it.
    Idempotent.
    """
    text = text[:LONGEST]
    while True:
        stripped = _stripped(text, mark)
        if stripped == text:
            return text
        text = stripped


def bare_name(text: str, longest: int = 40) -> str:
    """A person's name of letters and single spaces, cut at a word's end where it is longer; "" where none is left."""
    letters = "".join(letter if letter.isalpha() else " " for letter in without_links(clean_line(text)))
    name = " ".join(letters.split())
    if len(name) <= longest:
        return name
    cut = name[:longest]
    return (cut if name[longest] == " " or " " not in cut else cut.rsplit(" ", 1)[0]).rstrip()


def _stripped(text: str, mark: str) -> str:
    """One pass: what it leaves may still hold a link that the pass itself brought to light."""
    text = unicodedata.normalize("NFKC", html.unescape(clean_text(text)))
    text = _visible(text).translate(LOOK_ALIKE_SIGNS)
    text = _BRACKETED.sub(lambda found: "." if found[1] else "@", text)
    text = _TAG.sub("", text).translate(_ANGLES)
    text = _LOOK_ALIKE_DOT.sub(".", text)
    text = _SPOKEN.sub(f" {mark} ", text)
    lines = _WORD.sub(lambda found: _unlinked(found[0], mark), text).split("\n")
    return clean_text("\n".join(" ".join(line.split()) for line in lines))


def _visible(text: str) -> str:
    """Without what is not seen, or hangs on nothing: format characters, selectors, marks without a letter."""
    kept: list[str] = []
    for letter in text:
        category = unicodedata.category(letter)
        if category in {"Cf", "Cn", "Co", "Cs", "Me"} or "\ufe00" <= letter <= "\ufe0f":
            continue
        if category in {"Mn", "Mc"} and not (kept and unicodedata.category(kept[-1])[0] in "LM"):
            continue
        kept.append(letter)
    return "".join(kept)


def _unlinked(word: str, mark: str) -> str:
    if _LINK.search(word) or _has_address(word):
        ending = _ENDING.search(word)
        return f" {mark}{ending[0] if ending else ''} " if mark else " "
    return _JOINING_DOT.sub(". ", word)


def _has_address(word: str) -> bool:
    """Whether a host stands in the word: by its ending, by a path or a port behind it, or by its four numbers."""
    for numbers in _NUMBERS.finditer(word):
        if all(part == str(int(part)) and int(part) < 256 for part in numbers.groups()):
            return True
    before, *behind = word.split(".")
    for part in behind:
        label = _LABEL.match(part)
        if before and label is not None and _ends_a_host(before, label[0].rstrip("-_"), part[label.end() :]):
            return True
        before = part
    return False


def _ends_a_host(before: str, label: str, rest: str) -> bool:
    """Whether `label`, which a dot joins to `before`, is the end of a host's name; `rest` follows it in the word."""
    if not label[0].isalpha() or len(label) < 2:
        return False
    if _PATH.match(rest):
        return True
    if label.casefold() not in TOP_LEVEL_DOMAINS:
        return False
    # A sentence that begins without a space ("lắm.Me tôi"), an abbreviation (TS.BS): these are only set apart.
    begins_sentence = label.istitle() and not before.isascii()
    return not begins_sentence and before.casefold() not in _ABBREVIATIONS
