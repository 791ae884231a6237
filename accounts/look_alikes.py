"""Letters that people take for others: other alphabets' for ours, ornamental ones for plain ones.

Two rooms look through disguises: `accounts.names`, and the newsroom's list of words. Plain Python. Drawn up by the
shapes in common fonts, after Unicode Technical Standard 39 (confusables); capitals and small letters apart, since Greek
Ν is read as N, and ν as v. Latin letters with a stroke, hook, tail or the like are known by their names in Unicode.
"""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_DRAWN_LIKE: Final = {
    "a": "аАαΑɑᴀɐΛДΔᎪꓮⲀⲁ",
    "b": "вВбБьЬъЪβΒʙƄƅᏴꓐⲂⲃ",
    "c": "сСςᴄᏟꓚⲤⲥ",
    "d": "ԁԀδᴅᎠժꓒꓓ",
    "e": "еЕєЄэЭεΕΣξΞᴇəɛƐҽᎬꓰⲈⲉ",
    "f": "ғҒϝϜꜰƒꓝ",
    "g": "ԍԌɡɢցᏀꓖ",
    "h": "һҺнНћЋΗʜհᎻꓧⲎⲏ",
    "i": "іІɩιΙɪıᎥꓲⲒⲓ",
    "j": "јЈϳᴊᎫꓙ",
    "k": "кКқҚκΚᴋᏦꓗⲔⲕ",
    "l": "ӏӀІΙʟłŁᏞꓡ",
    "m": "мМΜᴍᎷꓟⲘⲙ",
    "n": "пПнНиИηΝπΠɴŋŊոռᑎꓠⲚⲛ",
    "o": "оОѳѲοΟσθΘᴏøØօՕᎾꓳⲞⲟ〇ჿסဝ٥۵०০๐໐០",
    "p": "рРρΡᴘþÞᏢꓑⲢⲣ",
    "q": "ԛԚɋ",
    "r": "гГяЯΓʀɾɼᎡᖇꓣⲄ",
    "s": "ѕЅꜱʂՏᏚꓢ",
    "t": "тТτΤᴛᎢꓔⲦⲧ",
    "u": "иИцЦυμᴜʋսՍꓴ",
    "v": "ѵѴνᴠᏙꓦ",
    "w": "ԝԜшШщЩωᴡᎳꓪ",
    "x": "хХҳҲχΧꓫ",
    "y": "уУүҮγΥʏᎽꓬ",
    "z": "ᴢʐΖζᏃꓜ",
    "đ": "ðÐɖƉƌƋђЂ",
}


_LATIN: Final = (
    range(0x00C0, 0x02B0), range(0x1D00, 0x1DC0), range(0x2C60, 0x2C80), range(0xA720, 0xA800), range(0xAB30, 0xAB70)
)  # fmt: skip
"""Where Unicode keeps Latin letters of other languages and of phonetics."""
_CHANGED: Final = re.compile(r"LATIN (?:SMALL LETTER|CAPITAL LETTER|LETTER SMALL CAPITAL) ([A-Z]) WITH ")


def _read_as() -> Mapping[str, str]:
    read: dict[str, str] = {}
    for letter, drawn in _DRAWN_LIKE.items():
        for other in drawn:
            read[other] = read.get(other, "") + letter
    for first in (0x1F150, 0x1F170):  # letters white on black, in circles and squares
        read |= {chr(first + step): chr(ord("a") + step) for step in range(26)}
    for other in (chr(code) for block in _LATIN for code in block):
        changed = _CHANGED.match(unicodedata.name(other, ""))
        if changed and other not in "đĐ" and unicodedata.normalize("NFKD", other) == other:
            read.setdefault(other, changed[1].lower())
    return MappingProxyType(read)


READ_AS: Final = _read_as()
"""Each such letter, without marks, to the small letters it is read as: mostly one, и is "nu"."""
