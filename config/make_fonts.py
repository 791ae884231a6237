"""Make static/fonts/ from the typefaces' own packages: subset to what Vietnamese needs, one file a face.

    .venv/bin/python -m config.make_fonts        (needs npm, for `npm pack`; only when a typeface has a new release)

Source Serif 4 and Be Vietnam Pro come as separate files for Latin and Vietnamese letters. A page always needs both, so
they are merged: one request a face instead of two, and what they share is stored once. Hinting, unused letters and
features are left out. The serif stays variable in weight, between the two masters that the pages use; the italic serves
emphasis in a text and is fetched only by pages that have some. Each licence (SIL OFL 1.1) is copied beside the files.
"""

import io
import subprocess
import tarfile
import tempfile
import unicodedata
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.designspaceLib import AxisDescriptor, DesignSpaceDocument, SourceDescriptor
from fontTools.merge import Merger, Options
from fontTools.ttLib import TTFont
from fontTools.varLib import build, instancer

OUT = Path(__file__).resolve().parent.parent / "static" / "fonts"
PACKAGES = {
    "source-serif": "@fontsource-variable/source-serif-4@5.3.1",
    "be-vietnam": "@fontsource/be-vietnam-pro@5.3.0",
}
VIETNAMESE = "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯư" + "".join(map(chr, range(0x1EA0, 0x1EFA)))
LETTERS = VIETNAMESE + "".join(map(chr, range(0x20, 0x7F))) + "\u00a0“”‘’–—…•·«»°²³×±½₫€§→←"
# Kerning is kept where it shows, after the letters and marks that lean away from what follows; the rest weighs as much
# as a face of its own.
KERNED = set("AFKLPRTVWY“‘")
SUBSETS = ("latin", "vietnamese")


def fetch(package: str, folder: Path) -> Path:
    """The unpacked npm package."""
    packed = subprocess.run(
        ["npm", "pack", "--silent", package],  # noqa: S607 - whichever npm the maker has
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()[-1]
    target = folder / packed.removesuffix(".tgz")
    with tarfile.open(folder / packed) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def base_of(code: int) -> str:
    """The letter under the marks: "T" of "T", "A" of "Ậ"."""
    return unicodedata.normalize("NFD", chr(code))[0]


def keep_kerning_of(font: TTFont, kept: set[str]) -> None:
    """Leave the pairs that begin with one of these glyphs; the subsetter clears up after it."""
    for lookup in font["GPOS"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            table = getattr(table, "ExtSubTable", table)
            if type(table).__name__ != "PairPos":
                continue
            names = table.Coverage.glyphs
            if table.Format == 1:
                pairs = [(name, pair) for name, pair in zip(names, table.PairSet, strict=True) if name in kept]
                names, table.PairSet = [name for name, _ in pairs], [pair for _, pair in pairs]
                table.PairSetCount = len(table.PairSet)
            table.Coverage.glyphs = [name for name in names if name in kept]


def part(path: Path, number: int, *, kern: bool, weight: int | None) -> TTFont:
    """One subset file with our letters only, its glyphs named so that two parts can be joined."""
    font = TTFont(path)
    if weight is not None:
        font = instancer.instantiateVariableFont(font, {"wght": weight})
    options = subset.Options()
    options.layout_features = ["kern"] if kern else []
    options.hinting = False
    options.notdef_outline = False
    options.name_IDs = [0, 1, 2, 13, 14]
    options.drop_tables += ["DSIG", "BASE", "STAT", "HVAR", "MVAR", "gasp", "meta"]
    if kern:
        keep_kerning_of(font, {name for code, name in font.getBestCmap().items() if base_of(code) in KERNED})
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=LETTERS)
    subsetter.subset(font)
    letters: dict[str, str] = {}
    for code, name in sorted(font.getBestCmap().items()):
        letters.setdefault(name, f"u{code:04X}")
    order = font.getGlyphOrder()
    names = [".notdef" if n == 0 else letters.get(name, f"part{number}x{n}") for n, name in enumerate(order)]
    font["post"].formatType = 3.0
    font.flavor = None
    buffer = io.BytesIO()
    font.save(buffer)
    buffer.seek(0)
    font = TTFont(buffer)
    font.setGlyphOrder(names)
    font["post"].formatType = 2.0
    font["post"].extraNames, font["post"].mapping = [], {}
    font["post"].glyphOrder = names
    return font


def master(pattern: str, folder: Path, name: str, *, kern: bool, weight: int | None = None) -> Path:
    """Latin and Vietnamese letters of one weight in one file."""
    paths = []
    for number, subset_name in enumerate(SUBSETS):
        source = folder / pattern.format(subset=subset_name)
        path = folder / f"{name}-{number}.ttf"
        part(source, number, kern=kern, weight=weight).save(path)
        paths.append(str(path))
    merged = Merger(Options(drop_tables=["GDEF"])).merge(paths)
    target = folder / f"{name}.ttf"
    merged.save(target)
    return target


def write(font: TTFont, name: str) -> None:
    """The face as a WOFF2 file, without glyph names and under a name of its own: what is changed may not bear a name
    that its licence reserves.
    """
    for record in font["name"].names:
        if record.nameID in {1, 4, 6}:
            record.string = "ToaSoan-" + name
    font["post"].formatType = 3.0
    font.flavor = "woff2"
    path = OUT / f"{name}.woff2"
    font.save(path)
    print(f"{path.name}: {path.stat().st_size:,} bytes, {len(font.getBestCmap())} letters")


def variable(folder: Path, name: str, pattern: str, weights: tuple[int, int]) -> TTFont:
    """A face that varies between two weights, each an instance of the package's own variable file."""
    plan = DesignSpaceDocument()
    axis: Any = AxisDescriptor()
    axis.name, axis.tag = "Weight", "wght"
    axis.minimum, axis.default, axis.maximum = weights[0], weights[0], weights[1]
    plan.addAxis(axis)
    for weight in weights:
        source: Any = SourceDescriptor()
        source.path = str(master(pattern, folder, f"{name}-{weight}", kern=True, weight=weight))
        source.location = {"Weight": weight}
        source.familyName, source.styleName = name, str(weight)
        plan.addSource(source)
    font, _, _ = build(plan, optimize=True)
    for table in ("STAT", "HVAR", "MVAR"):
        if table in font:
            del font[table]
    return font


def main() -> None:
    """Fetch, merge, write."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        packages = {key: fetch(package, folder) for key, package in PACKAGES.items()}
        for key, package in packages.items():
            (OUT / f"OFL-{key}.txt").write_bytes((package / "LICENSE").read_bytes())
        serif = str(packages["source-serif"] / "files" / "source-serif-4-{subset}-wght-")
        sans = str(packages["be-vietnam"] / "files" / "be-vietnam-pro-{subset}-")
        write(variable(folder, "serif", serif + "normal.woff2", (400, 660)), "source-serif")
        write(TTFont(master(serif + "italic.woff2", folder, "italic", kern=False, weight=400)), "source-serif-italic")
        for weight in (400, 600):
            write(
                TTFont(master(sans + f"{weight}-normal.woff2", folder, f"s{weight}", kern=False)),
                f"be-vietnam-{weight}",
            )


if __name__ == "__main__":
    main()
