"""Letters that people take for others: other alphabets' for ours, ornamental ones for plain ones.

Two rooms look through disguises: `accounts.names`, and the newsroom's list of words. Plain Python. Drawn up by the
shapes in common fonts, after Unicode Technical Standard 39 (confusables); capitals and small letters apart, since Greek
Ν is read as N, and ν as v.
"""

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


def _read_as() -> Mapping[str, str]:
    read: dict[str, str] = {}
    for letter, drawn in _DRAWN_LIKE.items():
        for other in drawn:
            read[other] = read.get(other, "") + letter
    for first in (0x1F150, 0x1F170):  # letters white on black, in circles and squares
        read |= {chr(first + step): chr(ord("a") + step) for step in range(26)}
    return MappingProxyType(read)


READ_AS: Final = _read_as()
"""Each such letter, without marks, to the small letters it is read as: mostly one, и is "nu"."""
