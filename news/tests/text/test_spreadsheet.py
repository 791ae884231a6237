"""Tables leave as files in which nothing is a formula."""

import csv
import io
import zipfile
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from news.text.spreadsheet import harmless, to_csv, to_xlsx


@pytest.mark.parametrize("text", ["=1+1", "+84", "-2", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0", "＝1"])
def test_what_begins_like_a_formula_is_text(text):
    assert harmless(text) == f"'{text}"
    assert next(csv.reader(io.StringIO(to_csv([[text]]).decode("utf-8-sig")))) == [f"'{text}"]


def test_csv_is_what_excel_reads():
    assert to_csv([["Mã", "Số"], ['Góp ý, "hay"', 3], [None, 1.5]]) == (
        '\ufeffMã,Số\r\n"Góp ý, ""hay""",3\r\n,1.5\r\n'.encode()
    )


@settings(max_examples=50)
@given(st.lists(st.lists(st.one_of(st.text(max_size=20), st.integers(), st.none()), max_size=30), max_size=5))
def test_a_workbook_is_well_formed_and_holds_no_formula(rows):
    data = to_xlsx([("Tổng hợp", rows), ('Từng "thư" <1>', [])])
    assert data == to_xlsx([("Tổng hợp", rows), ('Từng "thư" <1>', [])])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            ElementTree.fromstring(archive.read(name))
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert sheet.count("<row ") == len(rows)
