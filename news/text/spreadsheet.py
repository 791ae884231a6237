"""Tables as files that spreadsheets open: CSV and XLSX, in which no cell is ever a formula."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import Final
from xml.sax.saxutils import escape

Cell = str | int | float | None
_BOM: Final = "\ufeff"
_STARTS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NOT_XML: Final = re.compile("[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_DATE: Final = (2020, 1, 1, 0, 0, 0)
"""Of every part of an archive: equal tables are equal files."""


def harmless(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula: an apostrophe goes before what begins like one."""
    return (
        f"'{text}" if text.lstrip(" \u00a0").startswith(_STARTS_FORMULA) or text.startswith(_STARTS_FORMULA) else text
    )


def to_csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with its mark, so that Excel reads Vietnamese; lines end as RFC 4180 has them."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return (_BOM + target.getvalue()).encode()


def to_xlsx(sheets: Sequence[tuple[str, Sequence[Sequence[Cell]]]]) -> bytes:
    """A workbook of named sheets; the first row of each is its heading. Text stays text, whatever it begins with."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(name: str, words: str) -> None:
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + words)

        numbers = range(1, len(sheets) + 1)
        put("[Content_Types].xml", _contents(numbers))
        put("_rels/.rels", _relations([("rId1", "officeDocument", "xl/workbook.xml")]))
        put("xl/workbook.xml", _workbook([name for name, _ in sheets]))
        last = (f"rId{len(sheets) + 1}", "styles", "styles.xml")
        put(
            "xl/_rels/workbook.xml.rels",
            _relations([*((f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in numbers), last]),
        )
        put("xl/styles.xml", _STYLES)
        for number, (_, rows) in zip(numbers, sheets, strict=True):
            put(f"xl/worksheets/sheet{number}.xml", _sheet(rows))
    return target.getvalue()


_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES: Final = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs></styleSheet>'
)


def _contents(numbers: Iterable[int]) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_KIND}.worksheet+xml"/>' for n in numbers
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>{sheets}</Types>'
    )


def _relations(rows: Iterable[tuple[str, str, str]]) -> str:
    inner = "".join(
        f'<Relationship Id="{name}" Type="{_RELATION}/{kind}" Target="{target}"/>' for name, kind, target in rows
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inner}</Relationships>'


def _workbook(names: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name="{_attribute(name[:31])}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, 1)
    )
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATION}"><sheets>{sheets}</sheets></workbook>'


def _sheet(rows: Sequence[Sequence[Cell]]) -> str:
    lines = "".join(
        f'<row r="{number}">{"".join(_cell(cell, column, number) for column, cell in enumerate(row))}</row>'
        for number, row in enumerate(rows, 1)
    )
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData></worksheet>'


def _cell(cell: Cell, column: int, row: int) -> str:
    if cell is None or cell == "":
        return ""
    place = f'r="{_letters(column)}{row}"' + (' s="1"' if row == 1 else "")
    if isinstance(cell, int | float):
        return f"<c {place}><v>{cell}</v></c>"
    return f'<c {place} t="inlineStr"><is><t xml:space="preserve">{escape(_NOT_XML.sub("", cell))}</t></is></c>'


def _letters(column: int) -> str:
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _attribute(text: str) -> str:
    return escape(_NOT_XML.sub("", text), {'"': "&quot;"})
