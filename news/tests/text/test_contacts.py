"""What tells who wrote a text is found and taken out, however it is spelled."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from news.text.contacts import GONE, holds_any, redact, remains, without_contacts

WHO = ["Lò Thị Mai", "mai@example.vn", "0912 345 678", "Bản Nà Tăm"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Tôi là Lò Thị Mai.", "Tôi là […]."),
        ("tôi là LÒ  THỊ\nMAI", "tôi là […]"),
        ("thư MAI@example.vn, gọi 0912.345.678 hay +84 912 345 678", "thư […], gọi […] hay […]"),
        ("gọi 84912345678", "gọi […]"),
        ("> ở Bản\n> Nà Tăm", "> ở […]"),
        ("Lò Thị Mai Anh ở bản Nà Tăm", "[…] Anh ở […]"),
        ("Hoa mai nở", "Hoa mai nở"),
        ("NFD: Lo\u0300 Thi\u0323 Mai", "NFD: […]"),
    ],
)
def test_redact(text, left):
    assert redact(text, WHO) == left


def test_short_strings_are_left_alone():
    assert redact("An ăn ở đây", ["An", "", " "]) == "An ăn ở đây"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("viết cho toi@thu.vn nhé", ["địa chỉ thư"]),
        ("gọi 0987 654 321", ["số điện thoại"]),
        ("xem https://x.example/a", ["liên kết"]),
        ("Tôi tên là Giàng A Páo, hỏi", ["tên người"]),
        ("Kính thư, Nguyễn Văn Tám", ["tên người"]),
        ("Tỷ lệ 144/2.086 là 6,90% năm 2026", []),
        ("Quyết định số 02/2026/QĐ-UBND ngày 15/3/2026", []),
        ("Đường dây nóng 113", []),
    ],
)
def test_what_remains_is_told(text, kinds):
    assert [found.kind for found in remains(text)] == kinds


def test_the_public_version_has_no_contact():
    text = "Tôi là Lò Thị Mai, mai@example.vn, bạn tôi lan@thu.vn 0988 111 222, http://x.vn/y. Vì sao đường hỏng?"
    clean = without_contacts(text, WHO)
    assert clean == f"Tôi là {GONE}, {GONE}, bạn tôi {GONE} {GONE}, {GONE} Vì sao đường hỏng?"
    assert remains(clean, WHO) == []


@settings(max_examples=80)
@given(before=st.text(max_size=30), after=st.text(max_size=30), string=st.sampled_from(WHO))
def test_a_string_between_spaces_never_survives(before, after, string):
    assert not holds_any(redact(f"{before} {string} {after}", WHO), [string])


@settings(max_examples=60)
@given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=4))
def test_any_text_is_taken(text, strings):
    without_contacts(text, strings)
    remains(text, strings)
