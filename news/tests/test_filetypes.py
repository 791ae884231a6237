"""What files are: by their bytes, with what must not stay taken out, and every hostile one refused in words."""

import io
import struct
import zipfile
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from news import filetypes
from news.filetypes import BadFile, mp3, mp4, office, pdf, pictures
from news.tests import specimens
from news.tests.specimens import DEVICE, PLACE, WRITER, box

GOOD = {
    "pdf": specimens.pdf(),
    "docx": specimens.office("docx"),
    "xlsx": specimens.office("xlsx"),
    "mp4": specimens.mp4(),
    "m4a": specimens.m4a(),
    "mp3": specimens.mp3(),
}


def kept(data: bytes, extension: str) -> bytes:
    target = io.BytesIO()
    filetypes.examine(io.BytesIO(data), target, extension)
    return target.getvalue()


def refusal(data: bytes, extension: str) -> str:
    with pytest.raises(BadFile) as caught:
        kept(data, extension)
    return str(caught.value)


@pytest.mark.parametrize(
    ("extension", "content_type", "seconds"),
    [
        ("pdf", "application/pdf", 0),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", 0),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 0),
        ("mp4", "video/mp4", 65),
        ("m4a", "audio/mp4", 65),
        ("mp3", "audio/mpeg", 3),
    ],
)
def test_good_files_are_taken(extension: str, content_type: str, seconds: int) -> None:
    found = filetypes.examine(io.BytesIO(GOOD[extension]), io.BytesIO(), extension)
    assert (found.type.content_type, found.seconds) == (content_type, seconds)


@pytest.mark.parametrize("extension", sorted(GOOD))
def test_a_file_on_disk_is_mapped_and_answers_the_same(extension: str, tmp_path: Any) -> None:
    path = tmp_path / "tep"
    path.write_bytes(GOOD[extension])
    target = io.BytesIO()
    with path.open("rb") as source:
        filetypes.examine(source, target, extension)
    assert target.getvalue() == kept(GOOD[extension], extension)


@pytest.mark.parametrize("extension", sorted(GOOD))
@pytest.mark.parametrize("really", sorted(GOOD))
def test_a_wrong_ending_is_refused(extension: str, really: str) -> None:
    if extension != really:
        assert refusal(GOOD[really], extension)


@pytest.mark.parametrize(
    ("data", "extension", "says"),
    [
        (b"", "pdf", "Tệp này rỗng."),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "pdf", "Tên tệp là .pdf nhưng nội dung là ảnh PNG."),
        (b"MZ" + bytes(80), "docx", "Tên tệp là .docx nhưng nội dung là chương trình Windows."),
        (b"<svg xmlns='x'><script/></svg>", "pdf", "Tên tệp là .pdf nhưng nội dung là trang HTML hoặc hình SVG."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(80), "docx",
         "Tên tệp là .docx nhưng nội dung là tệp Word, Excel kiểu cũ hoặc có mật khẩu."),
        (b"\x1a\x45\xdf\xa3" + bytes(80), "mp4", "Tên tệp là .mp4 nhưng nội dung là phim WebM hoặc MKV."),
        (specimens.office("xlsx"), "docx", "Đuôi tên tệp không đúng: nội dung là bảng tính Excel."),
        (specimens.mp4(), "m4a", "Tệp .m4a này có hình: hãy đổi đuôi tệp thành .mp4."),
        (specimens.m4a(), "mp4", "Tệp này không có hình: nếu là âm thanh, hãy đổi đuôi tệp thành .m4a."),
        (b"khong phai nhac" * 100, "mp3", "Không đọc được tệp này như một bản MP3."),
    ],
)  # fmt: skip
def test_lies_are_told_as_what_they_are(data: bytes, extension: str, says: str) -> None:
    assert refusal(data, extension) == says


# --- PDF -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        (b"<< /S /JavaScript /JS (app.alert(1)) >>", "có mã JavaScript"),
        (b"<< /S /J#61vaScript /JS (app.alert(1)) >>", "có mã JavaScript"),
        (b"<< /S /#4A#61#76#61#53#63#72#69#70#74 >>", "có mã JavaScript"),
        (b"<< /S /Launch /F (calc.exe) >>", "có lệnh mở chương trình khác"),
        (b"<< /Names [ << /EmbeddedFiles 9 0 R >> ] >>", "có tệp khác giấu bên trong"),
        (b"<< /Subtype /RichMedia >>", "có phim hoặc Flash nhúng bên trong"),
        (b"<< /Encrypt 7 0 R >>", "có mật khẩu hoặc khóa quyền"),
        (b"<< /Encrypt%x\n7 0 R >>", "có mật khẩu hoặc khóa quyền"),
    ],
)
def test_pdf_that_acts_by_itself_is_refused(extra: bytes, says: str) -> None:
    assert says in refusal(specimens.pdf(extra=extra), "pdf")


@pytest.mark.parametrize(
    "hidden",
    [
        specimens.object_stream(b"1 0  << /S /JavaScript /JS (x) >>"),
        specimens.object_stream(b"1 0  " + bytes(90_000) + b"<< /S /JavaS#63ript >>"),
        specimens.object_stream(b"1 0  << /S /JavaScript >>").replace(b"/Type /ObjStm ", b""),
        specimens.object_stream(b"1 0  << /S /JavaScript >>").replace(b"/First", b"/F#69rst"),
        specimens.object_stream(b"1 0  << /S /JavaScript >>").replace(b"stream\n", b"stream\r\n", 1),
    ],
)
def test_pdf_hides_nothing_in_object_streams(hidden: bytes) -> None:
    assert "có mã JavaScript" in refusal(specimens.pdf(streams=(hidden,)), "pdf")


def hidden_script(dictionary: bytes = b"", after: bytes = b"\n", packed: bytes = b"") -> bytes:
    """An object stream with a catalog that runs a script on opening; `dictionary` stands first in its dictionary."""
    inside = b"1 0 9 60 << /Type /Catalog /Pages 2 0 R /OpenAction 9 0 R >>".ljust(68) + b"<< /S /JavaScript >>"
    packed = packed or zlib.compress(inside)
    return b"<< " + dictionary + b" /Type /ObjStm /N 2 /First 8 >>\nstream" + after + packed + b"\nendstream"


FLATE = b"/Filter /FlateDecode"


@pytest.mark.parametrize(
    "hidden",
    [
        hidden_script(FLATE),
        hidden_script(FLATE, after=b" \n"),
        hidden_script(FLATE, after=b"\t\r\n"),
        hidden_script(FLATE, after=b"\r"),
        hidden_script(FLATE, after=b"%x\n"),
        hidden_script(FLATE, after=b""),
        hidden_script(FLATE + b" /Z (obj)"),
        hidden_script(FLATE + b" /Z (endobj stream\nx endstream)"),
        hidden_script(FLATE + b" /Z (\\) obj >> ( \\( )"),
        hidden_script(FLATE + b" /Z << /Z [ (>>) <3e3e> ] >>"),
        hidden_script(FLATE + b" %obj\n"),
        hidden_script(FLATE + b" %endobj >> stream\r"),
        hidden_script(b"/Filter 8 0 R"),
        hidden_script(b"/F /Fl"),
        hidden_script(b"/Filter [ /FlateDecode ]"),
        hidden_script(FLATE).replace(b"/First 8", b"/Fi#72st 8"),
        hidden_script(FLATE).replace(b"/First 8", b"/First%x\n8"),
        hidden_script(FLATE).replace(b"/Type /ObjStm /N 2 /First 8", b"/Z 1"),
        hidden_script(FLATE).replace(b"/Type /ObjStm /N 2 /First 8", b"/First 8 /N 2"),
    ],
)
def test_pdf_hides_no_script_behind_a_bent_dictionary(hidden: bytes) -> None:
    extra = b"/FlateDecode"
    says = refusal(specimens.pdf(extra=extra, streams=(hidden,)), "pdf")
    assert "có mã JavaScript" in says or "Không kiểm tra được" in says


def test_pdf_hides_no_script_in_numbers_that_begin_with_a_remark() -> None:
    packed = zlib.compress(b"%" + b"x" * 3000 + b"\n1 0 << /S /JavaScript >>")
    assert "có mã JavaScript" in refusal(specimens.pdf(streams=(hidden_script(FLATE, packed=packed),)), "pdf")


def test_pdf_hides_no_script_behind_blanks_and_remarks_at_the_beginning() -> None:
    for before in (
        bytes(1023),
        bytes(90_000),
        b"%" + b"x" * 90_000 + b"\n",
        b"%x\n \0" * 30_000,
        b"1%" + b"x" * 2000 + b"\n",
    ):
        whole = zlib.compress(before + b"1 0 << /S /JavaScript >>")
        hidden = b"<< /Filter /FlateDecode >>\nstream\n" + whole + b"\nendstream"
        assert "có mã JavaScript" in refusal(specimens.pdf(streams=(hidden,)), "pdf")


def test_pdf_that_breaks_off_behind_a_script_is_refused() -> None:
    whole = zlib.compress(b"1 0 << /S /JavaScript >>" + bytes(range(256)) * 9, 0)
    plain = b"<< /Filter /FlateDecode >>\nstream\n"
    squeezed = zlib.compress(b"1 0 << /S /Java#53cript >>" + bytes(30_000))
    broken = squeezed[:-12] + b"\xff" * 40
    assert "có mã JavaScript" in refusal(specimens.pdf(streams=(plain + broken + b"\nendstream",)), "pdf")
    assert "có mã JavaScript" in refusal(specimens.pdf(streams=(plain + whole + b"\nendstream",)), "pdf")


@pytest.mark.parametrize(
    "dictionary",
    [
        b"/Filter 8 0 R",
        b"/Filter [ 8 0 R ]",
        b"/Filter /LZWDecode",
        b"/Fil#74er /LZW",
        b"/Filter /ASCIIHexDecode",
        b"/Filter [ /ASCII85Decode /FlateDecode ]",
        b"/Filter [ /FlateDecode /FlateDecode ]",
        b"/Filter /RunLengthDecode",
        b"/Filter /Crypt",
        b"/Filter /Unknown",
        b"/F /A85",
        b"/F (elsewhere)",
        b"/Filter /FlateDecode /Filter /AHx",
        b"/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 4 >>",
        b"/Filter /FlateDecode /DP [ << /Predictor 2 >> ]",
        b"/Z (obj) /Filter /LZWDecode",
        b"/Filter /LZWDecode /Z (endobj stream\n)",
        b"/Filter%x\r %y\n/LZWDecode",
        b"/Filter [%x\n/FlateDecode %]\n /LZWDecode]",
        b"/Filter 8 %/\n 0 R",
        b"/Z (/F%) /Filter /LZWDecode",
    ],
)
def test_pdf_with_objects_packed_another_way_is_refused(dictionary: bytes) -> None:
    # Numbers that look harmless: what counts is that they are not what a reader would see.
    for packed in (b"1 0 << >>", zlib.compress(b"1 0 << >>")):
        hidden = hidden_script(dictionary, packed=packed)
        assert "Không kiểm tra được" in refusal(specimens.pdf(streams=(hidden,)), "pdf")
    told = hidden_script(FLATE, packed=zlib.compress(b"1 0 << >>"))
    for first in (b"8 0 R", b"8 /First 9", b"-8", b"(8)"):
        bent = specimens.pdf(streams=(told.replace(b"/First 8", b"/First " + first),))
        assert "Không kiểm tra được" in refusal(bent, "pdf")


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        (b"<< /S /SubmitForm /F (https://x.vn) >>", "gửi dữ liệu"),
        (b"<< /S /ImportData /F (x) >>", "nạp dữ liệu"),
        (b"<< /S /GoToR /F (x.pdf) >>", "mở tệp khác"),
        (b"<< /S /GoTo#45 /F (x.pdf) >>", "mở tệp khác"),
        (b"<< /AcroForm << /XFA 9 0 R >> >>", "XFA"),
        (b"<< /AcroForm << /XFA[(a) 9 0 R] >> >>", "XFA"),
        (b"<< /AcroForm << /XFA%x\n\0 %y\r[(a) 9 0 R] >> >>", "XFA"),
        (b"<< /OpenAction << /S /URI /URI (https://x.vn) >> >>", "tự chạy khi mở"),
        (b"<< /Open#41ction << /S /#55RI >> >>", "tự chạy khi mở"),
        (b"<< /OpenAction << /S /Named /N /Print >> >>", "tự chạy khi mở"),
        (b"<< /OpenAction << /S /GoTo /D [3 0 R /Fit] /Next << /S /URI >> >> >>", "tự chạy khi mở"),
        (b"<< /OpenAction << /S /GoTo /S /URI >> >>", "tự chạy khi mở"),
        (b"<< /OpenAction << /S 10 0 R >> >>", "tự chạy khi mở"),
        (b"<< /AA << /O << /S /URI /URI (https://x.vn) >> >> >>", "tự chạy khi mở"),
        (b"<< /AA << /O [] /C<</S/URI>> >> >>", "tự chạy khi mở"),
        (b"<< /AA%x\n\0 %y\r<< /O << /S /URI >> >> >>", "tự chạy khi mở"),
        (b"<< /OpenAction 99 0 R >>", "Không kiểm tra được"),
    ],
)  # fmt: skip
def test_pdf_does_nothing_by_itself(inside: bytes, says: str) -> None:
    assert says in refusal(specimens.pdf(extra=inside), "pdf")
    packed = specimens.object_stream(b"1 0 " + inside)
    assert says in refusal(specimens.pdf(streams=(packed,)), "pdf")


@pytest.mark.parametrize("name", [b"OpenAction", b"AA", b"Open#41ction"])
def test_pdf_action_that_stands_elsewhere_is_found(name: bytes) -> None:
    goes, leaves = b"<< /S /GoTo /D [3 0 R /Fit] >>", b"<< /S /URI /URI (https://x.vn) >>"
    if name == b"AA":
        goes, leaves = b"<< /O " + goes + b" >>", b"<< /O " + leaves + b" >>"
    catalog = b"<< /Type /Catalog /" + name + b" 7 0 R >>"
    # The action as an object of its own: number 7.
    assert kept(specimens.pdf(extra=catalog, streams=(goes,)), "pdf")
    assert "tự chạy khi mở" in refusal(specimens.pdf(extra=catalog, streams=(leaves,)), "pdf")
    assert "tự chạy khi mở" in refusal(specimens.pdf(extra=catalog, streams=(b"8 0 R", leaves)), "pdf")
    assert kept(specimens.pdf(extra=catalog, streams=(b"8 0 R", goes)), "pdf")
    for gap in (b"%x\n", b" \0\t%y\r %z\n", b" " * 40):
        elsewhere = leaves + b"\nendobj\n007" + gap + b"0" + gap + b"obj\n" + leaves
        assert "tự chạy khi mở" in refusal(specimens.pdf(extra=catalog, streams=(goes, b"null", elsewhere)), "pdf")
    # In an object stream, and an earlier version of it too.
    for action, is_taken in ((goes, True), (leaves, False)):
        packed = specimens.object_stream(b"7 0 " + action)
        for streams in ((packed,), (goes, packed)):
            whole = specimens.pdf(extra=catalog, streams=streams)
            if is_taken:
                assert kept(whole, "pdf") == whole
            else:
                assert "tự chạy khi mở" in refusal(whole, "pdf")


@pytest.mark.parametrize(
    "ordinary",
    [
        b"<< /OpenAction [3 0 R /FitH 800] >>",
        b"<< /OpenAction << /S /GoTo /D [3 0 R /Fit] >> >>",
        b"<< /OpenAction << /D (chuong.1) /S /GoTo >> /Outlines << /First 3 0 R /Last 3 0 R >> >>",
        b"<< /Type /Annot /Subtype /Link /A << /S /URI /URI (https://vov.vn/) >> >>",
        b"<< /Type /Annot /AAPL:Keywords [ (a) ] /F 4 >>",
        b"<< /FirstChar 32 /First 12 0 R /Title (obj stream ObjStm) >>",
    ],
)
def test_pdf_that_only_goes_to_its_pages_is_taken(ordinary: bytes) -> None:
    for whole in (
        specimens.pdf(extra=ordinary),
        specimens.pdf(streams=(specimens.object_stream(b"1 0 " + ordinary),)),
        specimens.pdf(streams=(specimens.object_stream(b"1 0 " + ordinary).replace(b"stream\n", b"stream\r\n", 1),)),
    ):
        assert kept(whole, "pdf") == whole


def test_pdf_as_writers_make_them_today_is_taken() -> None:
    """Object streams beside a table with a predictor, pages that begin with numbers, pictures packed in many ways."""
    page = zlib.compress(b"1 0 0 1 72 720 cm BT (stream obj /First) Tj ET")
    table = zlib.compress(bytes([2, 1, 0, 9, 2, 0, 1, 0]))
    streams = (
        specimens.object_stream(b"9 0 << /Type /Annot /A << /S /URI /URI (https://vov.vn) >> >>"),
        b"<< /Filter /FlateDecode /Length 9 >>\nstream\n" + page + b"\nendstream",
        b"<< /Type /XRef /W [1 2 1] /DecodeParms << /Columns 4 /Predictor 12 >> /Filter /FlateDecode >>\nstream\r\n"
        + table + b"\r\nendstream",
        b"<< /Subtype /Image /Filter [ /ASCII85Decode /LZWDecode ] >>\nstream\nJ..)6T`?p&<!J9%_[umg\nendstream",
        b"<< /Subtype /Image /Filter /CCITTFaxDecode /DecodeParms << /K -1 >> >>\nstream\n\x00\x01\nendstream",
        b"<< /N 3 /Filter 8 0 R >>\nstream\n" + page + b"\nendstream",
    )  # fmt: skip
    whole = specimens.pdf(streams=streams)
    assert kept(whole, "pdf") == whole


@pytest.mark.parametrize(
    "cost",
    [
        b"/First " * 60_000,
        b"/First 1>>stream\n%" * 20_000,
        b"/AA<<" * 60_000,
        b"/AA%%" * 20_000,
        b"%/AA%/AA%/AA\n" * 20_000,
        (b"/AA%" + b"x" * 60) * 4000,
        (b"/XFA%" + b"x" * 60) * 4000,
        b"/OpenAction" + b"[" * 300_000,
        b"/OpenAction(" * 20_000,
        b"/OpenAction[" + (b"/" + b"#41" * 99) * 5000,
        b"stream" * 60_000,
        b"stream\nx\x9c\xff\xff" * 20_000,
        b"/" * (2 * pdf.NAMES_LEAST),
    ],
    ids=[
        "firsts", "remarks before streams", "tables", "remarks", "remarks of many lines", "long remarks",
        "long remarks before forms", "lists", "strings in strings", "escaped names",
        "words", "broken streams", "slashes",
    ],
)  # fmt: skip
def test_pdf_that_only_costs_time_is_refused(cost: bytes) -> None:
    assert "Không kiểm tra được" in refusal(specimens.pdf(extra=cost), "pdf")


@pytest.mark.parametrize(
    "cost",
    [
        (b"/AA%" + b"x" * 60) * 16_000,
        (b"/XFA%" + b"x" * 60) * 16_000,
        b"/OpenAction[" + b"< " * 100_000,
        b"/OpenAction(" * 20_000,
        b"/" * (pdf.NAMES_LEAST + 100_000),
    ],
    ids=["long remarks", "long remarks before forms", "hexadecimals without end", "strings in strings", "slashes"],
)
def test_pdf_with_objects_that_only_cost_time_is_refused(cost: bytes) -> None:
    packed = specimens.object_stream(b"1 0 " + cost)
    assert len(packed) < 10_000
    assert "Không kiểm tra được" in refusal(specimens.pdf(streams=(packed,)), "pdf")


def test_pdf_whose_numbers_only_cost_time_is_refused() -> None:
    catalog, goes = b"<< /Type /Catalog /OpenAction 8 0 R >>", b"<< /S /GoTo /D [3 0 R /Fit] >>"
    for cost in (b"8%" * 20_000, b"8%" * 20_000 + b"\n" + b"1" * 900_000, b"8 0 obj " * 200_000):
        assert "Không kiểm tra được" in refusal(specimens.pdf(extra=catalog, streams=(cost, goes)), "pdf")
    table = b"7 0 " * 300_000
    packed = specimens.object_stream(table + goes).replace(b"/First 4", b"/First %d" % len(table))
    assert "Không kiểm tra được" in refusal(specimens.pdf(extra=catalog, streams=(packed, goes)), "pdf")


def test_pdf_with_objects_in_a_table_with_noughts_is_looked_into() -> None:
    catalog = b"<< /Type /Catalog /OpenAction 9 0 R >>"
    packed = specimens.object_stream(b"9\0\0000 << /S /URI /URI (https://x.vn) >>").replace(b"/First 4", b"/First 5")
    assert "tự chạy khi mở" in refusal(specimens.pdf(extra=catalog, streams=(packed,)), "pdf")


def test_pdf_streams_that_unpack_to_nothing_are_paid_for() -> None:
    """Each of these begins anew, and goes on through all that follows without an end."""
    inner = b"1 1stream\nx\x9c"
    start = b"\0" + struct.pack("<HH", len(inner), len(inner) ^ 0xFFFF) + inner
    chain = b"stream\nx\x9c" + start * 1500 + b"\0\0\0\xff\xff" * 40_000
    assert "nén quá nhiều" in refusal(specimens.pdf(extra=chain), "pdf")


def test_pdf_with_masks_and_dark_pictures_is_taken() -> None:
    """Noughts are blanks; a picture that begins with millions of them is no object stream and is not kept in memory."""
    pictures_of_noughts = tuple(
        b"<< /Subtype /Image /Filter /FlateDecode >>\nstream\n" + zlib.compress(bytes(4 << 20) + end) + b"\nendstream"
        for end in (b"", b"\x07" + b"7 7 /JavaScript", b"%")
    )
    whole = specimens.pdf(streams=pictures_of_noughts)
    assert kept(whole, "pdf") == whole


def test_pdf_with_dictionaries_that_only_begin_is_taken_as_it_is() -> None:
    whole = specimens.pdf(extra=b"<<" * 60_000 + b"/First 1")
    assert kept(whole, "pdf") == whole


def test_pdf_with_streams_that_cannot_be_looked_into_is_refused() -> None:
    twice = specimens.object_stream(b"1 0 << >>", b"/Filter [/ASCII85Decode /FlateDecode]")
    assert "Không kiểm tra được" in refusal(specimens.pdf(streams=(twice,)), "pdf")
    double = specimens.object_stream(b"1 0 << >>", b"/Filter [/FlateDecode /FlateDecode]")
    assert "Không kiểm tra được" in refusal(specimens.pdf(streams=(double,)), "pdf")
    broken = specimens.object_stream(b"1 0 << >>").replace(b"stream\nx", b"stream\n??", 1)
    assert "Không kiểm tra được" in refusal(specimens.pdf(streams=(broken,)), "pdf")


def test_pdf_with_ordinary_object_streams_is_taken_as_it_is() -> None:
    data = specimens.pdf(streams=(specimens.object_stream(b"1 0  << /Type /Annot /S /URI >>"),))
    assert kept(data, "pdf") == data


def test_pdf_bomb_is_refused() -> None:
    bomb = specimens.object_stream(b"1 0 " + bytes(10 * 1024 * 1024))
    assert "nén quá nhiều" in refusal(specimens.pdf(streams=(bomb,)), "pdf")
    many = [specimens.object_stream(b"1 0 " + bytes(6 * 1024 * 1024))] * 3
    assert kept(specimens.pdf(streams=tuple(many[:2])), "pdf")
    assert "nén quá nhiều" in refusal(specimens.pdf(streams=tuple(many)), "pdf")


def test_pdf_of_many_pages_may_unpack_to_as_much_more() -> None:
    pages = specimens.object_stream(b"1 0 " + bytes(10 * 1024 * 1024))
    assert kept(specimens.pdf(extra=b"(" + b"x" * 2_000_000 + b")", streams=(pages,)), "pdf")


def test_places_of_pictures_that_lie_over_each_other_are_blanked_once() -> None:
    head = b"\xff\xe1\xff\xffExif\0"
    data = head * 20_000 + PLACE + bytes(70_000) + head + PLACE
    spans = list(pictures.camera_segments(data))
    assert spans == [(4, len(head) * 19_999 + 2 + 0xFFFF), (len(data) - len(head) - len(PLACE) + 4, len(data))]


@pytest.mark.parametrize("cut", [10, 200, 500])
def test_pdf_cut_short_is_refused(cut: int) -> None:
    assert "bị cắt cụt" in refusal(specimens.pdf()[:cut], "pdf")


def test_pdf_with_something_before_it_is_refused() -> None:
    assert refusal(b"GIF89a" + specimens.pdf(), "pdf") == "Tên tệp là .pdf nhưng nội dung là ảnh GIF."


# --- DOCX, XLSX --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("extension", ["docx", "xlsx"])
def test_office_keeps_its_parts_and_loses_its_writer(extension: str) -> None:
    data = kept(specimens.office(extension), extension)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        everything = {name: archive.read(name) for name in archive.namelist()}
    path = "word/document.xml" if extension == "docx" else "xl/workbook.xml"
    assert everything[path] == b"<document>" + b"<p>Noi dung</p>" * 50 + b"</document>"
    assert not [name for name, part in everything.items() if WRITER.encode() in part]
    assert kept(data, extension) == data


def a_photograph(kind: str) -> bytes:
    """A picture as a camera leaves it: with the place in its EXIF."""
    picture, exif, buffer = Pillow.new("RGB", (64, 48), "teal"), Pillow.Exif(), io.BytesIO()
    exif[0x010F] = DEVICE.decode()
    exif.get_ifd(0x8825)[29] = PLACE.decode()
    picture.save(buffer, kind, exif=exif, **({"progressive": True, "comment": PLACE} if kind == "JPEG" else {}))
    assert DEVICE in buffer.getvalue()
    return buffer.getvalue() + b"behind the end: " + PLACE


@pytest.mark.parametrize(("name", "kind"), [("word/media/image1.jpeg", "JPEG"), ("docProps/thumbnail.png", "PNG")])
def test_pictures_in_office_lose_their_places_and_keep_their_pixels(name: str, kind: str) -> None:
    photograph = a_photograph(kind)
    data = kept(specimens.office(more={name: photograph}), "docx")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        clean = archive.read(name)
    assert DEVICE not in clean
    assert PLACE not in clean
    before, after = (Pillow.open(io.BytesIO(found)) for found in (photograph, clean))
    assert (after.size, after.mode, after.tobytes()) == (before.size, before.mode, before.tobytes())
    assert kept(data, "docx") == data


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("word/media/a.tiff", "ảnh TIFF, HEIC"),
        ("word/media/a.HEIC", "ảnh TIFF, HEIC"),
        ("word/media/a.mp4", "phim nhúng"),
    ],
)
def test_what_may_carry_a_place_and_cannot_be_cleaned_is_refused(name: str, says: str) -> None:
    assert says in refusal(specimens.office(more={name: b"x"}), "docx")


@given(st.binary(max_size=400), st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
def test_bent_pictures_in_office_end_in_words(data: bytes, magic: bytes) -> None:
    try:
        found = pictures.without_places(magic + data)
    except BadFile:
        return
    assert found.startswith(magic)
    assert pictures.without_places(found) == found


def test_pictures_in_a_pdf_lose_their_places_and_nothing_moves() -> None:
    photograph = a_photograph("JPEG").partition(b"behind")[0]
    whole = specimens.pdf(
        streams=(b"5 0 obj << /Filter /DCTDecode >> stream\n" + photograph + b"\nendstream endobj\n",)
    )
    data = kept(whole, "pdf")
    assert (len(data), DEVICE in data) == (len(whole), False)
    begin = data.index(b"\xff\xd8\xff")
    clean = Pillow.open(io.BytesIO(data[begin : begin + len(photograph)]))
    assert clean.tobytes() == Pillow.open(io.BytesIO(photograph)).tobytes()
    signed = whole + b"/ByteRange [0 1 2 3]\n%%EOF\n"
    assert DEVICE in kept(signed, "pdf")


def test_signed_office_stays_as_it_was_signed() -> None:
    data = kept(specimens.office(more={"_xmlsignatures/sig1.xml": b"<s/>"}), "docx")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert WRITER.encode() in archive.read("docProps/core.xml")


def test_office_with_a_second_file_behind_it_loses_that_file() -> None:
    data = kept(specimens.office() + b"", "docx")
    buffer = io.BytesIO(specimens.office())
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = b"<script>alert(1)</script>"
    assert kept(buffer.getvalue(), "docx") == data


@pytest.mark.parametrize(
    ("made", "says"),
    [
        ({"more": {"word/vbaProject.bin": b"x"}}, "Tệp có macro"),
        ({"main": "application/vnd.ms-word.document.macroEnabled.main+xml"}, "Tệp có macro"),
        ({"more": {"word/activeX/activeX1.xml": b"x"}}, "ActiveX"),
        ({"contents": b"<!DOCTYPE x [<!ENTITY a 'b'>]><Types/>"}, "lệnh lạ"),
        ({"contents": b"<Types/>"}, "Đuôi tên tệp không đúng"),
        ({"contents": bytes(2 * 1024 * 1024)}, "Tệp bung ra quá lớn"),
    ],
)
def test_office_that_is_more_than_text_is_refused(made: dict[str, Any], says: str) -> None:
    assert says in refusal(specimens.office(**made), "docx")


def leads(kind: str, target: str, mode: str = ' TargetMode="External"', *, base: str = specimens.RELATION) -> bytes:
    """A list of relations with one that leads there."""
    return specimens.relations(f'<Relationship Id="rId7" Type="{base}{kind}" Target="{target}"{mode}/>')


UTF_16 = leads("attachedTemplate", "x").decode().partition("?>")[2].encode("utf-16")


@pytest.mark.parametrize(
    ("name", "part", "says"),
    [
        ("word/_rels/settings.xml.rels", leads("attachedTemplate", "https://x.vn/a.dotm"), "tệp mẫu ở nơi khác"),
        ("word/_rels/settings.xml.rels", leads("attached&#84;emplate", "a.dotm", ""), "tệp mẫu ở nơi khác"),
        ("word/_rels/settings.xml.rels", UTF_16, "tệp mẫu ở nơi khác"),
        ("word/_rels/document.xml.rels", leads("image", "https://x.vn/a.png"), "ảnh lấy từ nơi khác"),
        ("word/_rels/document.xml.rels", leads("image", "//x.vn/a.png", ""), "ảnh lấy từ nơi khác"),
        ("word/_rels/document.xml.rels", leads("image", "\\\\x.vn\\a.png", ""), "ảnh lấy từ nơi khác"),
        ("word/_rels/document.xml.rels", leads("image", "a.png", ' TargetMode="external"'), "ảnh lấy từ nơi khác"),
        ("word/_rels/document.xml.rels", leads("font", "https://x.vn/a"), "lấy nội dung từ nơi khác"),
        ("word/_rels/document.xml.rels", leads("frame", "https://x.vn/a"), "khung lấy nội dung"),
        ("word/_rels/document.xml.rels", leads("subDocument", "b.docx"), "phần con"),
        ("word/_rels/document.xml.rels", leads("oleObject", "file:///c:/a.xls"), "tệp khác nhúng"),
        ("word/_rels/document.xml.rels", leads("package", "a.xml", ""), "tệp khác nhúng"),
        ("word/_rels/document.xml.rels", leads("aFChunk", "a.xml", ""), "lấy nguyên từ một tệp khác"),
        ("word/_rels/document.xml.rels", leads("control", "a.xml", ""), "ActiveX"),
        ("word/_rels/document.xml.rels",
         leads("vbaProject", "a.xml", "", base="http://schemas.microsoft.com/office/2006/relationships/"), "có macro"),
        ("xl/externalLinks/_rels/externalLink1.xml.rels", leads("externalLinkPath", "b.xlsx"), "ngắt liên kết"),
        ("xl/connections.xml", b"<x/>", "kết nối lấy dữ liệu"),
        ("word/_rels/document.xml.rels", b"<!DOCTYPE a><Relationships/>", "lệnh lạ"),
        ("word/_rels/document.xml.rels", b"<?x y?><Relationships/>", "lệnh lạ"),
        ("word/_rels/document.xml.rels", b"<Relationships>", "bị hỏng"),
        ("word/embeddings/oleObject1.bin", b"x", "tệp khác nhúng"),
        ("word/embeddings/a.docm", b"x", "tệp khác nhúng"),
        ("word/Embeddings/a.exe", b"x", "tệp khác nhúng"),
        ("word/embeddings/a.png", b"x", "tệp khác nhúng"),
        ("word/media/a.exe", b"x", "phần lạ bên trong (a.exe)"),
        ("word/a", b"x", "phần lạ bên trong (a)"),
        ("../../x", b"x", "tên lạ"),
        ("word/../../x.xml", b"x", "tên lạ"),
        ("/etc/x.xml", b"x", "tên lạ"),
        ("c:/x.xml", b"x", "tên lạ"),
        ("word//x.xml", b"x", "tên lạ"),
        ("word\\x.xml", b"x", "tên lạ"),
        ("word/x.xml.", b"x", "tên lạ"),
        ("word/x.xml ", b"x", "tên lạ"),
        ("word/%2e%2e/x.xml", b"x", "tên lạ"),
        ("word/\N{RIGHT-TO-LEFT OVERRIDE}x.xml", b"x", "tên lạ"),
    ],
)  # fmt: skip
def test_office_that_leads_elsewhere_or_carries_other_files_is_refused(name: str, part: bytes, says: str) -> None:
    for extension in ("docx", "xlsx"):
        assert says in refusal(specimens.office(extension, more={name: part}), extension)


def contents(*entries: str) -> bytes:
    """A list of contents."""
    return f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{"".join(entries)}</Types>'.encode()


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


@pytest.mark.parametrize(
    ("listed", "says"),
    [
        (contents(f'<Override PartName="/word/document.xml" ContentType="{WORD}"/>',
                  '<Default Extension="xml" ContentType="application/vnd.ms-office.&#118;baProject"/>'), "có macro"),
        (contents(f'<Override PartName="/word/document.xml" ContentType="{WORD}"/>',
                  '<Default Extension="bin" ContentType="application/vnd.ms-office.activeX"/>'), "ActiveX"),
        (contents(f'<Override PartName="/word/document.xml" ContentType="{WORD}"/>')
         .replace(b"document.main", b"document.macro&#x45;nabled.main"), "có macro"),
        (contents('<Override PartName="/word/document.xml" ContentType="application/x"/>',
                  f'<!-- <Override PartName="/word/document.xml" ContentType="{WORD}"/> -->'), "Đuôi tên tệp"),
        (contents(f'<Override PartName="/word/other.xml" ContentType="{WORD}"/>'), "Đuôi tên tệp không đúng"),
        (contents(f'<Override PartName="/word/document.xml" ContentType="{WORD}"/>',
                  '<Override PartName="/word/document.xml" ContentType="application/x"/>'), "lệnh lạ"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><Types/>".encode("utf-16"), "lệnh lạ"),
        (b"<Types", "bị hỏng"),
    ],
)  # fmt: skip
def test_office_is_known_by_its_list_of_contents_as_it_is_read(listed: bytes, says: str) -> None:
    assert says in refusal(specimens.office(contents=listed), "docx")


def test_office_without_one_main_part_is_refused() -> None:
    two = specimens.relations(*[
        f'<Relationship Id="a{number}" Type="{specimens.RELATION}officeDocument" Target="word/document.xml"/>'
        for number in range(2)
    ])  # fmt: skip
    for roots in (specimens.relations(), two, leads("officeDocument", "word/none.xml", "")):
        assert "nội dung chính" in refusal(specimens.office(more={"_rels/.rels": roots}), "docx")
    outside = leads("officeDocument", "https://x.vn/a.xml")
    assert "từ nơi khác" in refusal(specimens.office(more={"_rels/.rels": outside}), "docx")


def test_office_as_word_and_excel_make_it_is_taken() -> None:
    listed = contents(
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>',
        '<Default Extension="bin" ContentType="application/vnd.openxmlformats-officedocument.oleObject"/>',
        f'<Override PartName="/word/document.xml" ContentType="{WORD}"/>',
    )
    more = {
        "word/_rels/document.xml.rels": specimens.relations(
            f'<Relationship Id="rId1" Type="{specimens.RELATION}hyperlink" Target="https://vov.vn/"'
            ' TargetMode="External"/>',
            f'<Relationship Id="rId2" Type="{specimens.RELATION}image" Target="media/image1.png"/>',
            f'<Relationship Id="rId3" Type="{specimens.RELATION}printerSettings" Target="printerSettings1.bin"/>',
        ),
        "word/printerSettings1.bin": b"x",
        "word/fonts/font1.odttf": b"x",
        "customXml/item1.xml": b"<x/>",
        "[trash]/0000.xml": b"",
        "word/": b"",
    }
    assert kept(specimens.office(contents=listed, more=more), "docx")


def test_zip_without_a_list_of_contents_is_no_document() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", b"x")
    assert refusal(buffer.getvalue(), "docx") == "Đây là tệp nén ZIP, không phải văn bản Word, Excel."


def test_zip_bombs_are_refused_without_unpacking() -> None:
    bomb = specimens.office(more={"word/media/a.bin": bytes(64 * 1024 * 1024)})
    assert "bung ra quá lớn" in refusal(bomb, "docx")
    assert "quá nhiều phần" in refusal(specimens.office(more={f"word/{n}.xml": b"" for n in range(5001)}), "docx")


def test_parts_over_each_other_and_twice_are_refused() -> None:
    data = bytearray(specimens.office())
    first = data.rfind(b"PK\x01\x02")
    second = data.rfind(b"PK\x01\x02", 0, first)
    data[first + 42 : first + 46] = data[second + 42 : second + 46]
    assert "hỏng" in refusal(bytes(data), "docx")
    buffer = io.BytesIO(specimens.office())
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("[Content_Types].xml", b"<x/>")
    assert "cùng tên" in refusal(buffer.getvalue(), "docx")


def test_office_with_a_password_is_refused() -> None:
    data = bytearray(specimens.office())
    entry = data.find(b"PK\x01\x02")
    data[entry + 8] |= 1
    assert "mật khẩu" in refusal(bytes(data), "docx")


# --- MP4, M4A, MP3 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("extension", ["mp4", "m4a", "mp3"])
def test_no_place_and_no_device_stays(extension: str) -> None:
    data = GOOD[extension]
    assert PLACE in data
    assert DEVICE in data
    clean = kept(data, extension)
    assert PLACE not in clean
    assert DEVICE not in clean
    assert PLACE[:8] not in clean


def test_a_film_keeps_its_length_and_its_samples() -> None:
    data = specimens.mp4()
    clean = kept(data, "mp4")
    assert len(clean) == len(data)
    assert clean.count(b"HINH" * 500) == 1
    assert clean.find(b"HINH") == data.find(b"HINH")
    assert mp4.read(clean).video == [b"avc1"]
    assert kept(clean, "mp4") == clean


def test_positions_between_the_samples_of_a_film_are_blanked() -> None:
    """As dashboard cameras write them: in the data, between the chunks, named by no track."""
    block = b"freeGPS \x4c\0\0\0" + PLACE + DEVICE
    first, second = b"HINH" * 100, b"ANH " * 90
    inside = block + first + block + second + block
    ftyp = box(b"ftyp", b"isom", struct.pack(">L", 512), b"isom")
    start = len(ftyp) + 8
    chunks = (start + len(block), start + 2 * len(block) + len(first))
    for chunk_box in (
        box(b"stco", bytes(4), struct.pack(">3L", 2, *chunks)),
        box(b"co64", bytes(4), struct.pack(">LQQ", 2, *chunks)),
    ):
        for size_box, runs in (
            (box(b"stsz", bytes(4), struct.pack(">4L", 0, 2, len(first), len(second))), (1, 1, 1, 1)),
            (box(b"stsz", bytes(4), struct.pack(">2L", 4, 190)), (2, 1, 100, 1, 2, 90, 1)),
            (box(b"stz2", bytes(7), b"\x10", struct.pack(">L2H", 2, len(first), len(second))), (1, 1, 1, 1)),
            (box(b"stz2", bytes(7), b"\x08", struct.pack(">L190B", 190, *[4] * 190)), (2, 1, 100, 1, 2, 90, 1)),
        ):
            table = box(b"stsc", bytes(4), struct.pack(f">{len(runs)}L", *runs))
            track = specimens.a_track(b"vide", b"avc1", table + size_box + chunk_box)
            film = ftyp + box(b"mdat", inside) + box(b"moov", box(b"mvhd", bytes(100)), track) + box(b"mdat", block)
            clean = kept(film, "mp4")
            assert clean[start : start + len(inside)] == (
                bytes(len(block)) + first + bytes(len(block)) + second + bytes(len(block))
            )
            assert (len(clean), PLACE in clean, DEVICE in clean) == (len(film), False, False)
            assert kept(clean, "mp4") == clean


def test_a_film_in_fragments_keeps_its_data() -> None:
    """Where its samples lie is told piece by piece: there nothing is taken out between them."""
    film = specimens.mp4(positions=False) + box(b"moof", box(b"mfhd", bytes(8))) + box(b"mdat", b"HINH" * 50)
    assert kept(film, "mp4").endswith(b"HINH" * 50)


def test_sound_keeps_its_frames_only() -> None:
    clean = kept(specimens.mp3(frames=50), "mp3")
    assert clean == (b"\xff\xfb\x90\x00" + b"\x55" * 413) * 50


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (specimens.mp4(video=b"hvc1"), "không nén kiểu H.264"),
        (specimens.mp4(sound=b"ac-3"), "không nén kiểu AAC"),
        (specimens.mp4(brand=b"qt  "), "QuickTime"),
        (specimens.mp4()[:-1], "hỏng hoặc tải lên chưa hết"),
        (specimens.mp4()[:200], "hỏng hoặc tải lên chưa hết"),
        (specimens.mp4() + b"\0\0\0\x04moov", "hỏng"),
        (specimens.mp4().replace(b"mdat", b"skip"), "hỏng"),
        (box(b"ftyp", b"isom", bytes(4)) + box(b"moov"), "hỏng"),
        (box(b"ftyp", b"isom", bytes(4)) + box(b"mdat", b"x") + box(b"moov"), "không có hình"),
        (box(b"ftyp", b"heic", bytes(4)) + bytes(8), "Loại MP4 này không dùng"),
    ],
)
def test_films_that_do_not_play_are_refused(data: bytes, says: str) -> None:
    assert says in refusal(data, "mp4")


def test_boxes_in_boxes_do_not_exhaust_anything() -> None:
    deep = b""
    for _ in range(3000):
        deep = box(b"trak", deep)
    many = box(b"free") * 300_000
    for inner, says in ((deep, "hỏng"), (many, "quá rối"), (box(b"trak", many), "quá rối")):
        film = box(b"ftyp", b"isom", bytes(4)) + box(b"mdat", b"x") + box(b"moov", inner)
        with pytest.raises(BadFile, match=says):
            mp4.video(film)


def test_samples_told_beyond_the_file_are_refused() -> None:
    data = specimens.mp4(positions=True)
    place = data.rfind(b"stco", 0, data.rfind(b"gps "))
    wrong = data[: place + 12] + struct.pack(">L", 2**31) + data[place + 16 :]
    assert "hỏng" in refusal(wrong, "mp4")


def test_mp3_broken_in_the_middle_is_refused() -> None:
    data = specimens.mp3(20)
    assert "hỏng ở giữa" in refusal(data[: 300 + 417 * 10] + bytes(9000) + data, "mp3")


# --- Anything at all -----------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(extension=st.sampled_from(sorted(GOOD)), data=st.data())
def test_broken_files_are_taken_or_refused_and_nothing_else(extension: str, data: Any) -> None:
    good = bytearray(GOOD[extension])
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(good) - 1))
        how = data.draw(st.sampled_from(["put", "cut", "drop", "add"]))
        if how == "put":
            some = data.draw(st.binary(min_size=1, max_size=8))
            good[place : place + len(some)] = some
        elif how == "cut":
            del good[max(place, 1) :]
        elif how == "drop":
            del good[place : place + data.draw(st.integers(1, 40))]
        else:
            good[place:place] = data.draw(st.binary(max_size=30))
        if not good:
            good = bytearray(b"x")
    target = io.BytesIO()
    try:
        filetypes.examine(io.BytesIO(bytes(good)), target, extension)
    except BadFile:
        return
    assert len(target.getvalue()) <= len(good) + 2000


@settings(max_examples=150)
@given(st.binary(max_size=3000))
def test_noise_is_refused(noise: bytes) -> None:
    for check in (pdf.check, office.read, mp4.read, mp3.read):
        with pytest.raises(BadFile):
            check(noise or b"x")


KINDS = [name.encode() for name in "moov trak mdia minf stbl stsd stsz stco stsc hdlr mvhd udta mdat moof".split()]


def _joined(rows: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join(box(kind, body) for kind, body in rows)


TREES = st.recursive(
    st.binary(max_size=60),
    lambda inner: st.lists(st.tuples(st.sampled_from(KINDS), inner), max_size=5).map(_joined),
    max_leaves=30,
)


@settings(max_examples=150)
@given(TREES)
def test_any_tree_of_boxes_is_taken_or_refused(tree: bytes) -> None:
    film = box(b"ftyp", b"isom", bytes(4), b"isom") + tree + box(b"mdat", b"x")
    try:
        movie = mp4.read(film)
    except BadFile:
        return
    assert all(0 <= start <= start + length <= len(film) for start, length in movie.erased)


# --- Words -----------------------------------------------------------------------------------------------------


def test_names_and_sizes_for_readers() -> None:
    assert filetypes.public_name("Báo cáo tháng 5 (dự thảo)", "application/pdf") == "bao-cao-thang-5-du-thao.pdf"
    assert filetypes.public_name("../../etc/passwd\r\n", "application/pdf") == "etc-passwd.pdf"
    assert filetypes.public_name("ລາວ", "audio/mpeg") == "tep.mp3"
    assert len(filetypes.public_name("x" * 500, "video/mp4")) <= 110
    assert [filetypes.size_in_words(n) for n in (0, 999, 64_400, 999_600, 1_234_567, 104_000_000)] == [
        "0 byte", "999 byte", "64 kB", "1,0 MB", "1,2 MB", "104 MB",
    ]  # fmt: skip
