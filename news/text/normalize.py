"""Text at the door, and the key by which it is compared.

Everything that enters passes `nfc`, `clean_line` or `clean_text` once; everything that is compared, searched
or matched goes through `fold`. All functions here are total (any `str`, lone surrogates too, never an
exception) and idempotent. Source: shared/vietnamese.md, sections 13, 17 and 18.1.
"""

import enum
import re
import unicodedata
from typing import Final

# -- NFC at the door -----------------------------------------------------------------------------------------

_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def nfc(text: str) -> str:
    """`text` in Unicode form NFC, with U+FFFD for every lone surrogate, so that it can be stored as UTF-8.

    Nothing else changes: NBSP, controls and zero-width characters stay (`clean_line`, `clean_text` remove
    them). A surrogate becomes one U+FFFD each, so the length changes by composition only.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        text = _LONE_SURROGATE.sub("\ufffd", text)
    return unicodedata.normalize("NFC", text)


# -- Cleaning ------------------------------------------------------------------------------------------------

# Characters nobody sees. They hide words from search, break XML feeds, or turn a line of text around.
_INVISIBLE: Final = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls; those that part words or lines are white space, below
    "\u00ad"  # soft hyphen
    "\u034f"  # combining grapheme joiner
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction marks, overrides, isolates
    "\u180e\u200b-\u200d\u2060-\u2065\ufeff"  # zero-width spaces and joiners, byte order mark
    "\u206a-\u206f\ufff9-\ufffb"  # deprecated format controls, interlinear annotation
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # shorthand and music format controls
    "\ufdd0-\ufdef\ufffe\uffff"  # noncharacters, refused by XML or worse
    "\U000e0000-\U000e0fff"  # tags and variation selectors beyond the plane people write in
    "]+"
)
# Letters and symbols that are blank on screen but are not white space to Unicode.
_BLANK: Final = re.compile("[\u115f\u1160\u2800\u3164\uffa0]+")
_LINE_END: Final = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANK_LINES: Final = re.compile("\n{3,}")

# Letters that look like Đ and đ, typed from foreign keyboards and old fonts: eth, African d, d with topbar.
_D_LOOK_ALIKES: Final = str.maketrans(
    {"\u00d0": "Đ", "\u0189": "Đ", "\u018b": "Đ", "\u00f0": "đ", "\u0256": "đ", "\u018c": "đ"}
)


def _visible(text: str) -> str:
    """NFC without invisible characters; blank letters become spaces. White space is left for the caller."""
    text, dropped = _INVISIBLE.subn("", nfc(text))
    if text.isascii():
        return text
    text = _BLANK.sub(" ", text)
    # What was dropped may have kept a letter and its mark apart.
    return unicodedata.normalize("NFC", text) if dropped else text


def clean_line(text: str) -> str:
    """One line of plain text for titles, names and the like.

    NFC; control, zero-width and direction characters and soft hyphens removed; every run of white space
    (tabs, line ends, NBSP and its kin) one space; stripped. Look-alikes of Đ and đ (U+00D0, U+00F0 …) become
    Đ and đ: here only, because a title is written in Vietnamese while a body may quote Icelandic.
    """
    line = " ".join(_visible(text).split())
    return line if line.isascii() else line.translate(_D_LOOK_ALIKES)


def clean_text(text: str) -> str:
    r"""Plain text of several lines: letters from readers, leads, comments.

    NFC and visible characters as in `clean_line`, except that look-alikes of Đ stay. Every line end (CRLF,
    CR, line and paragraph separators, form feeds) is "\n"; inside a line a run of white space is one space;
    the end of a line is trimmed, its indentation kept as spaces (verse); never more than one blank line
    running, none at either end.
    """
    lines = []
    # Line ends after the invisible: CR + zero-width + LF is one line end.
    for line in _LINE_END.sub("\n", _visible(text)).split("\n"):
        words = " ".join(line.split())
        indent = len(line) - len(line.lstrip()) if words else 0
        lines.append(" " * indent + words)
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


# -- Tone placement ------------------------------------------------------------------------------------------


class ToneStyle(enum.StrEnum):
    """Where the tone mark of an open oa, oe, uy stands: on the first vowel (hòa) or on the second (hoà)."""

    OLD = "old"
    NEW = "new"


_TONE_MARKS: Final = "\u0300\u0301\u0303\u0309\u0323"


def _toned(letters: str) -> str:
    """Every letter of `letters` with every tone mark, as a string of NFC letters."""
    return "".join(unicodedata.normalize("NFC", letter + mark) for letter in letters for mark in _TONE_MARKS)


def _old_to_new() -> dict[str, str]:
    """Each rime in old placement, in every mix of cases, to the same rime in new placement."""
    rimes = ("oa", "oA", "Oa", "OA", "oe", "oE", "Oe", "OE", "uy", "uY", "Uy", "UY")
    return {
        _toned(rime[0])[tone] + rime[1]: rime[0] + _toned(rime[1])[tone]
        for rime in rimes
        for tone in range(len(_TONE_MARKS))
    }


_OLD_TO_NEW: Final = _old_to_new()
_MOVED: Final = {
    ToneStyle.OLD: {new: old for old, new in _OLD_TO_NEW.items()},
    ToneStyle.NEW: _OLD_TO_NEW,
}


def _either_case(letters: str) -> str:
    return letters + letters.upper()


def _misplaced(style: ToneStyle) -> re.Pattern[str]:
    """Finds the rimes whose mark has to move for `style`, and web addresses, which are left as they are.

    A rime counts only in a whole syllable: an onset that Vietnamese writes before it and no letter around. So
    `qu` and `gi` never match (q, i are no onsets here), nor rimes with a coda or a third vowel (hoàn, khuỷu,
    xoài), nor foreign words (Noé, Chloé, Citroën). The onset is looked for behind the rime, since rimes are
    rarer than onsets.
    """

    def rime(first: str, second: str, onsets: str, digraphs: str) -> str:
        if style is ToneStyle.OLD:
            pair = f"[{_either_case(first)}][{_toned(_either_case(second))}]"
        else:
            pair = f"[{_toned(_either_case(first))}][{_either_case(second)}]"
        pairs_of_letters = "|".join(
            "".join(f"[{_either_case(letter)}]" for letter in digraph) for digraph in digraphs.split()
        )
        start = r"(?<![^\W\d_])(?<![\u0300-\u036f])"
        return (
            rf"{pair}(?![^\W\d_]|[\u0300-\u036f])"
            rf"(?:(?<={start}..)|(?<={start}[{_either_case(onsets)}]..)|(?<={start}(?:{pairs_of_letters})..))"
        )

    return re.compile(
        "|".join(
            [
                rime("o", "a", "bdđghlmnprstvx", "ch kh ng nh ph th tr"),
                # Without b m n r v: Boé, Noé, Roé are names, and no Vietnamese syllable begins so.
                rime("o", "e", "dđghlstx", "ch kh ng nh th"),
                rime("u", "y", "bdđhlmnprstvx", "ch kh ng nh ph th tr"),
                r"https?://[^\s<>\"']+",
            ]
        )
    )


_MISPLACED: Final = {style: _misplaced(style) for style in ToneStyle}


def place_tones(text: str, style: ToneStyle = ToneStyle.OLD) -> str:
    """`text` in NFC with the tone mark of open oa, oe, uy where `style` puts it: hòa, thủy or hoà, thuỷ.

    Only whole syllables of Vietnamese shape change, in any mix of cases; words after `qu` and `gi`, rimes
    with a coda or a third vowel, foreign words and http addresses stay. The number of code points of NFC text
    never changes, and neither does `fold(text)`. For plain text: HTML attributes without a scheme are not
    recognised. Source: shared/vietnamese.md 13.
    """
    text = nfc(text)
    if text.isascii():
        return text
    moved = _MOVED[style]
    return _MISPLACED[style].sub(lambda found: moved.get(found[0], found[0]), text)


# -- The comparison key --------------------------------------------------------------------------------------

# The five tones, then circumflex, breve and horn: `str.replace` removes these faster than any pattern does.
_VIETNAMESE_MARKS: Final = _TONE_MARKS + "\u0302\u0306\u031b"
_MARK: Final = re.compile("[\u0300-\u036f]")
# đ has no decomposition; the others are its look-alikes. Lower case only: this follows casefold().
_D_LETTER: Final = re.compile("[đ\u00f0\u0256\u018c]")

# Small Latin letters that Unicode does not take apart, for keys and addresses in ASCII. `fold` keeps them.
SPELLED_OUT: Final = {
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "ł": "l",
    "\u0131": "i",
    "þ": "th",
    "ħ": "h",
    "ŋ": "ng",
}


def fold(text: str) -> str:
    """The comparison key: case, diacritics, đ/d, tone placement and the kind of white space no longer matter.

    NFC, casefold, NFD, combining marks U+0300-036F dropped, đ and its look-alikes to d, NFC; a run of white
    space is one space, also at the ends (not stripped: `clean_line` does that). Equal for the NFC and NFD
    forms of a text. Not of the same length as the text (ß is ss), so offsets into it are not offsets into the
    text. Source: shared/vietnamese.md 18.1.
    """
    if text.isascii():
        folded = text.lower()
    else:
        folded = unicodedata.normalize("NFD", nfc(text).casefold())
        for mark in _VIETNAMESE_MARKS:
            folded = folded.replace(mark, "")
        folded = folded.replace("đ", "d")
        if not folded.isascii():
            folded = _D_LETTER.sub("d", _MARK.sub("", folded))
            folded = unicodedata.normalize("NFC", folded)
    words = " ".join(folded.split())
    if not words:
        return " " if folded else ""
    before = " " if folded[0].isspace() else ""
    after = " " if folded[-1].isspace() else ""
    return before + words + after
