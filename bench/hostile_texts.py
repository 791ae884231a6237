"""How the time of what reads strangers' texts and files grows on hostile input: a length and twice that, side by side.

    python bench/hostile_texts.py [--runs 3] [--only NAME] [--json FILE]

Each shape is read at n and at 2n (letters, words or bytes, see the column), in turn, after a first reading that is not
counted; the table shows the median of the processor's time of some runs in milliseconds, and the ratio. Where a reader
cuts its text off, 2n is where it does. Linear work doubles; the script ends with 1 where a shape takes more than 3.2
times as long (or than the limit of its own in the table) and more than ten milliseconds, and does so again when it is
measured once more.
"""

import argparse
import io
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 3.2
"""Twice, and what caches and the machine add: the square would be four times."""
SQUARE = 5.0
"""Where the work is the square of the length by design, up to a bound that is said beside it: four times, and some."""
FLOOR_MS = 10.0


@dataclass(frozen=True, slots=True)
class Shape:
    """A reader, its hostile input for a length, the length n, and by how much the time may grow from n to 2n."""

    reader: str
    name: str
    make: Callable[[int], tuple[Any, ...]]
    read: Callable[..., object]
    length: int
    limit: float = LIMIT


def repeated(part: str) -> Callable[[int], tuple[str]]:
    """The part over and over, up to the length."""
    return lambda length: ((part * (length // len(part) + 1))[:length],)


def begun(start: str, letter: str) -> Callable[[int], tuple[str]]:
    """The start, then the letter over and over, up to the length."""
    return lambda length: (start + letter * (length - len(start)),)


def shown(part: str) -> str:
    """The part as a name in the table."""
    return ascii(part)[1:-1][:28]


# --- What strangers write ---------------------------------------------------------------------------------


def comments() -> Iterator[Shape]:
    """The list of words, links, telephone numbers: in comments, of which 20,000 letters are looked at."""
    from news.text import wordlist

    house = wordlist.WordList([line.word for line in wordlist.listed()])
    parts = [
        "đ.ị.t ", "!1|", "đ  ", "a.", "aa chấm ", "http ", "aa . ", "a-", "a" * 62 + " . ", "evil dot ",
        "t me", "t . me/ ", "0", "O", "0 ", "o.l", "l1", "0912 345 67 l", "@", "a@", "[at]", "a[dot]", "е",
        "оl", "ｅ．", "e\u0301\u0323", "\u0301", "\ufdfa", "\u200b", "www.", "evil. ", "н", "иgu", "ĄŁ", "１",
        "𝟎", "a\u0301\u0323\u0302", "₫", "*", "l0", "l0n ", "c@", "c*c", "0c ch0", "n9",
        "①", "ᵭ", "l\u0323", "fb/", "fb/a.", "fb/" + "a" * 63, "fb/a-b_",
    ]  # fmt: skip
    for half in (5_000, wordlist.LONGEST // 2):
        for part in parts:
            yield Shape("words", shown(part), repeated(part), house.find, half)
        for start, letter in (
            ("đần ", "₫"), ("ó", "c"), ("ó", "¢"), ("vã", "i"), ("vãi", "|"), ("rá", "¢"),
            ("l", "*"), ("c", "@"), ("n", "9"), ("0c ch", "0"), ("v0 h", "0"), ("bu0", "!"),
        ):  # fmt: skip
            name = f"{start} and {letter} over and over"
            yield Shape("words", name, begun(start, letter), house.find, half)
    for part in parts:
        yield Shape("links", shown(part), repeated(part), wordlist.links, wordlist.LONGEST // 2)
        yield Shape("phones", shown(part), repeated(part), wordlist.phones, wordlist.LONGEST // 2)


def names() -> Iterator[Shape]:
    """Names that could be the newsroom's: of each, twice the longest name is looked at."""
    from accounts.names import LONGEST, speaks_for_the_house

    for part in ("a", "1l", "t o a ", "ad", "mrn", "to a s", "i1l", "b ", "6", "8", "bao 1l", "Ι", "\ufdfa"):
        yield Shape(
            "names", shown(part), repeated(part), lambda name: speaks_for_the_house(name, "Báo il il il"), LONGEST
        )


def strangers() -> Iterator[Shape]:
    """Words that leave by mail, their links taken out: 1,000 letters are looked at."""
    from news.text.strangers import LONGEST, without_links

    for part in ("[", " [", "&amp;", "<", "a.", "a ", ". ", "[.", "&lt;", "\u0301", "//", "a\u3002", "\ufdfa"):
        yield Shape("strangers", shown(part), repeated(part), without_links, LONGEST // 2)
    # Each pass undoes one "amp;" of as many as there are; what it leaves is read again, up to those 1,000 letters.
    deep = repeated("&" + "amp;" * LONGEST)
    yield Shape("strangers", "&amp;amp;amp;…", deep, without_links, LONGEST // 2, SQUARE)


def letters() -> Iterator[Shape]:
    """Whose letter it is, taken out of it and of what was answered: a letter has 10,000 letters."""
    from news.text import contacts

    sender = ["Lò Văn Ánh", "Hoàng Anh", "anh@thu.vn", "0912 345 678", "Bản Nà Tăm"]
    for part in (
        "anh ", "anh Anh ", "Anh anh Lò Văn ", "bác\n", "anh\n> ", "ban doc ", "Lò-", "0912", "anh@", "\u0301", "[…]",
    ):  # fmt: skip
        yield Shape("letters", shown(part), repeated(part), lambda text: contacts.redact(text, sender), 5_000)
        yield Shape("called", shown(part), repeated(part), lambda text: contacts.unaddressed(text, sender), 5_000)


# --- What the desk writes ---------------------------------------------------------------------------------


def titles() -> Iterator[Shape]:
    """Titles set for the eye."""
    from news.text.segment import set_title

    for part in (
        "Đoàn công tác Ban Dân vận Trung ương ", "A ", "- ", "5 năm ", "10 ", "a", "a-", "1.", " ", "\u0323", "“",
    ):  # fmt: skip
        yield Shape("titles", shown(part), repeated(part), set_title, 5_000)


def numbered(letter: str, count: int, step: int = 1) -> str:
    """That many words, each another."""
    return " ".join(f"{letter}{number * step}" for number in range(count))


def at_random(count: int, prime: int) -> str:
    """Two words, in an order without a rule."""
    return " ".join("ab"[number * number % prime % 2] for number in range(count))


PAIRS: dict[str, Callable[[int], tuple[str, str]]] = {
    "nothing in common": lambda n: (numbered("a", n // 6), numbered("b", n // 6)),
    "one word over and over": lambda n: ("a " * (n // 2), "a " * (n // 2 - n // 66) + "b " * (n // 66)),
    "two words turned round": lambda n: ("a b " * (n // 4), "b a " * (n // 4)),
    "few words at random": lambda n: (at_random(n // 2, 7), at_random(n // 2, 11)),
    "one word without end": lambda n: ("x" * n, "y" * n),
    "only signs": lambda n: ("." * n, "," * (n // 2) + "." * (n // 2)),
    "only spaces": lambda n: (" " * n, "\n" * n),
    "marks on nothing": lambda n: ("\u0301" * n, "e\u0301" * (n // 2)),
    "many short lines": lambda n: (
        "\n".join(map(str, range(n // 6))),
        "\n".join(str(number * 7) for number in range(n // 6)),
    ),
    "every word another, in lines": lambda n: (
        "\n".join(" ".join(f"a{number + k}" for k in range(9)) for number in range(n // 40)),
        "\n".join(" ".join(f"a{number * 3 + k}" for k in range(9)) for number in range(n // 40)),
    ),
    "long paragraphs": lambda n: ("ba mươi chữ " * (n // 12), "ba bốn mươi " * (n // 12)),
}


def differences() -> Iterator[Shape]:
    """Two versions of a text, and of its source: beyond what may be compared, within it, up to the longest body."""
    from news.text import blocks, difference

    for name, make in PAIRS.items():
        for reader, read in (("by words", difference.words), ("by lines", difference.paragraphs)):
            # Each word is compared with each, 64 at a time, as long as there are fewer than 300 million pairs
            # (`MOST_BITS`, 17,000 words each: a fifth of a second): up to there it is the square, beyond it is linear.
            yield Shape(reader, name, make, read, 16_000, SQUARE)
            yield Shape(reader, name, make, read, 200_000)
    yield Shape(
        "matches", "turned round", lambda n: (range(n), range(n - 1, -1, -1)), difference.matches, 8_500, SQUARE
    )
    yield Shape("matches", "turned round", lambda n: (range(n), range(n - 1, -1, -1)), difference.matches, 40_000)
    sources: dict[str, Callable[[int], tuple[str]]] = {
        "ever deeper": lambda n: ("<b>x" * (n // 4),),
        "many marks": lambda n: ("<p>" + "<b>x</b> y" * (n // 10) + "</p>",),
        "lists in lists": lambda n: ("<ul><li>x" * (n // 9),),
        "paragraphs within forty": lambda n: ("<b>" * 40 + "<p>x</p>" * (n // 8),),
    }
    for name, source in sources.items():
        yield Shape("blocks", name, source, blocks.blocks, 120_000)


# --- Files ------------------------------------------------------------------------------------------------


def files() -> Iterator[Shape]:
    """Files that only cost time; those that are refused cost it up to the refusal."""
    from news import filetypes
    from news.filetypes import mp4
    from news.tests import specimens
    from news.tests.specimens import box

    def examined(extension: str) -> Callable[[bytes], None]:
        def read(data: bytes) -> None:
            with suppress(filetypes.BadFile):
                filetypes.examine(io.BytesIO(data), io.BytesIO(), extension)

        return read

    def film(data: bytes) -> None:
        with suppress(filetypes.BadFile):
            mp4.video(data)

    def moov(inner: bytes) -> bytes:
        return box(b"ftyp", b"isom", bytes(4)) + box(b"mdat", b"x") + box(b"moov", inner)

    def nested(count: int) -> bytes:
        deep = b""
        for _ in range(count):
            deep = box(b"trak", deep)
        return deep

    def pdf(part: bytes, before: bytes = b"", behind: bytes = b"") -> Callable[[int], tuple[bytes]]:
        return lambda n: (specimens.pdf(extra=before + part * n + behind),)

    def packed_pdf(part: bytes, before: bytes = b"", among: bytes = b"") -> Callable[[int], tuple[bytes]]:
        return lambda n: (specimens.pdf(extra=among, streams=(specimens.object_stream(b"1 0 " + before + part * n),)),)

    def packed_docx(n: int) -> tuple[bytes]:
        return (specimens.office(more={"word/media/a.bin": bytes(n)}),)

    def parted_docx(n: int) -> tuple[bytes]:
        return (specimens.office(more={f"word/{number}.xml": b"" for number in range(n)}),)

    # What a file may cost grows with it, from a hundred thousand tokens to two million (`STEPS_LEAST`, `STEPS_MOST`).
    long_remark = b"%" + b"x" * 60
    for n in (60_000, 350_000, 1_400_000):
        yield Shape("pdf", "/First", pdf(b"/First "), examined("pdf"), n)
    yield Shape("pdf", "<<", pdf(b"<<", behind=b"/First 1"), examined("pdf"), 60_000)
    yield Shape("pdf", "/AA<<", pdf(b"/AA<<"), examined("pdf"), 60_000)
    yield Shape("pdf", "/OpenAction[", pdf(b"[", before=b"/OpenAction"), examined("pdf"), 60_000)
    yield Shape("pdf", "/First 1>>stream, remark", pdf(b"/First 1>>stream\n%"), examined("pdf"), 120_000)
    yield Shape("pdf", "/AA, long remarks", pdf(b"/AA" + long_remark), examined("pdf"), 32_000)
    yield Shape("pdf", "/AA in lines of remarks", pdf(b"%/AA%/AA%/AA\n"), examined("pdf"), 160_000)
    yield Shape("pdf", "the word stream", pdf(b"stream"), examined("pdf"), 400_000)
    yield Shape("pdf", "streams that break", pdf(b"stream\nx\x9c\xff\xff"), examined("pdf"), 200_000)
    yield Shape("pdf", "cameras' segments", pdf(b"\xff\xe1\xff\xffExif\0"), examined("pdf"), 250_000)
    yield Shape("pdf", "slashes", pdf(b"/"), examined("pdf"), 1_250_000)
    # Each /First is followed to the end of its dictionary: the square, up to those tokens.
    yield Shape("pdf", "/First, within the bound", pdf(b"/First "), examined("pdf"), 150, SQUARE)
    yield Shape("pdf", "packed /AA, long remarks", packed_pdf(b"/AA" + long_remark), examined("pdf"), 64_000)
    yield Shape("pdf", "packed /XFA, long remarks", packed_pdf(b"/XFA" + long_remark), examined("pdf"), 64_000)
    yield Shape("pdf", "packed hexadecimals", packed_pdf(b"< ", b"/OpenAction["), examined("pdf"), 2 << 20)
    yield Shape("pdf", "packed strings", packed_pdf(b"/OpenAction("), examined("pdf"), 300_000)
    yield Shape("pdf", "packed slashes", packed_pdf(b"/"), examined("pdf"), 480_000)
    yield Shape("pdf", "packed escapes", packed_pdf(b"/#4a"), examined("pdf"), 480_000)
    yield Shape("pdf", "packed noughts", packed_pdf(b"\0"), examined("pdf"), 4 << 20)
    # A file of five megabytes may unpack to half of 36.
    filling = b"(" + b"x" * (5 << 20) + b")"
    yield Shape("pdf", "packed noughts, large file", packed_pdf(b"\0", among=filling), examined("pdf"), 8 << 20)
    yield Shape("docx", "packed noughts", packed_docx, examined("docx"), 32 << 20)
    yield Shape("docx", "many parts", parted_docx, examined("docx"), 2_400)
    yield Shape("mp4", "boxes in boxes", lambda n: (moov(nested(n)),), film, 3_000)
    yield Shape("mp4", "boxes side by side", lambda n: (moov(box(b"free") * n),), film, 90_000)
    yield Shape("mp4", "boxes in a track", lambda n: (moov(box(b"trak", box(b"free") * n)),), film, 90_000)


# --- Measuring --------------------------------------------------------------------------------------------


def measure(shape: Shape, runs: int) -> tuple[float, float]:
    """The medians for n and for 2n in milliseconds, taken in turn."""
    inputs = [shape.make(shape.length), shape.make(2 * shape.length)]
    shape.read(*inputs[0])
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for figures, given in zip(taken, inputs, strict=True):
            begun = time.process_time()
            shape.read(*given)
            figures.append((time.process_time() - begun) * 1000)
    return statistics.median(taken[0]), statistics.median(taken[1])


def main() -> int:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="measure only shapes whose reader or name contains this")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    asked = parser.parse_args()
    os.environ["NO_DOTENV"] = "1"
    sys.path.insert(0, str(ROOT))

    print(f"{'reader':10} {'shape':30} {'n':>10} {'n, ms':>9} {'2n, ms':>9} {'ratio':>6} {'limit':>6}")
    figures, is_fine = [], True
    for group in (comments, names, strangers, letters, titles, differences, files):
        for shape in group():
            if asked.only not in f"{shape.reader} {shape.name}":
                continue
            once, twice = measure(shape, asked.runs)
            if twice > FLOOR_MS and twice > shape.limit * once:
                once, twice = measure(shape, 2 * asked.runs + 1)
            ratio = twice / once if once else 1.0
            fits = twice <= FLOOR_MS or ratio <= shape.limit
            is_fine = is_fine and fits
            print(
                f"{shape.reader:10} {shape.name:30} {shape.length:>10,} {once:>9.2f} {twice:>9.2f} {ratio:>6.1f}"
                f" {shape.limit:>6.1f}{'' if fits else '  <<<'}",
                flush=True,
            )
            figures.append(
                {
                    "reader": shape.reader,
                    "shape": shape.name,
                    "n": shape.length,
                    "ms": [round(once, 2), round(twice, 2)],
                    "limit": shape.limit,
                    "is_fine": fits,
                }
            )
    if asked.json:
        asked.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0 if is_fine else 1


if __name__ == "__main__":
    sys.exit(main())
