"""What tells who wrote a text is found and taken out, however it is spelled."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from news.text.contacts import GONE, gaps, holds_any, redact, remains, unaddressed, without_contacts

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


# --- Called by name --------------------------------------------------------------------------------------

CALLED = [
    ("Lò Văn Ánh", "Chào bác Ánh, đường đã sửa.", "Chào bác […], đường đã sửa.", "Chào bạn đọc, đường đã sửa."),
    ("Nguyễn Văn Hùng", "Anh Hùng thân mến!", "Anh […] thân mến!", "Bạn đọc thân mến!"),
    ("Nguyễn Thị Thanh Mai", "chị Thanh\n> Mai ơi", "chị […] ơi", "bạn đọc ơi"),
    ("Nguyễn Thị Thanh Mai", "CHÀO CHỊ MAI", "CHÀO CHỊ […]", "CHÀO BẠN ĐỌC"),
    ("Vàng A Sử", "Gửi ông Vàng Sử và chú A Sử", "Gửi ông […] và chú […]", "Gửi bạn đọc và bạn đọc"),
    ("Trần Thị Hòa", "Kính gửi cô Hoà", "Kính gửi cô […]", "Kính gửi bạn đọc"),
    ("Lò Văn Ánh", "Chao bac Anh, duong da sua.", "Chao bac […], duong da sua.", "Chao bạn đọc, duong da sua."),
    ("Lo Van Anh", "Chào bác Ánh", "Chào bác […]", "Chào bạn đọc"),
    ("Lê An", "Thầy giáo An và bác sĩ An", "Thầy giáo […] và bác sĩ […]", "Bạn đọc và bạn đọc"),
    ("Y Dhăm Knul", "Chào anh Y Dhăm", "Chào anh […]", "Chào bạn đọc"),
    ("H'Yam Bkrông", "Chào chị H’Yam", "Chào chị […]", "Chào bạn đọc"),
    ("Lò Thị Mai", "Bạn đọc Mai hỏi", "Bạn đọc […] hỏi", "Bạn đọc hỏi"),
]


@pytest.mark.parametrize(("name", "text", "redacted", "printed"), CALLED)
def test_who_is_called_by_name_is_not_told(name, text, redacted, printed):
    assert (redact(text, [name]), unaddressed(text, [name])) == (redacted, printed)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Nguyễn Văn Hùng", "Danh hiệu Anh hùng Lao động; các anh hùng liệt sĩ; ANH HÙNG LAO ĐỘNG; anh Hưng"),
        ("Lê An", "Ban An toàn giao thông; công an; An Giang; Ban An ninh"),
        ("Trần Thị Con", "Bà con nông dân và các em"),
        ("Lò Văn Ánh", "Ánh nắng, ánh sáng; bác sĩ nói ánh mắt"),
        ("Hoàng Thị Sĩ", "Các bác sĩ, ông bà, chị em"),
        ("Trần Văn Năm", "Ba Năm sau, năm 2026, tháng Năm"),
        ("Lê Văn Mai", "Ngày mai, ban mai, cô giáo"),
        ("mai@example.vn", "Chào chị Mai"),
        ("0912 345 678", "Chào chị Mai 0912"),
        ("Lò Thị Mai", "Chào chị Lò Thị Hoa và bạn Mái"),
    ],
)
def test_ordinary_words_and_other_people_stay(name, text):
    assert (redact(text, [name]), unaddressed(text, [name])) == (text, text)


GIVEN = ["Ánh", "Hùng", "An", "Mai", "Sử", "Hòa", "Thủy", "Lan", "Y"]
TITLES = ["anh", "chị", "em", "ông", "bà", "bác", "cô", "chú", "cháu", "dì", "thím", "cậu", "mợ", "bạn", "thầy"]
PLAIN_WORDS = st.lists(
    st.sampled_from("đường đã sửa hôm qua anh hùng bác sĩ bà con lan tỏa mai sau ánh sáng an toàn sử dụng".split()),
    max_size=12,
).map(" ".join)


@given(PLAIN_WORDS, PLAIN_WORDS, st.sampled_from(TITLES), st.sampled_from(GIVEN), st.booleans())
def test_a_name_goes_behind_every_title_and_the_words_around_stay(before, after, title, given_name, begins):
    title = title.capitalize() if begins else title
    strings = [f"Lò Văn {given_name}"]
    assert redact(f"{before}. {title} {given_name}, {after}", strings) == f"{before}. {title} […], {after}"
    assert redact(f"{before} {after}", strings) == f"{before} {after}"
    assert redact(redact(f"{title} {given_name}", strings), strings) == f"{title} […]"


def test_what_still_names_somebody_and_what_is_not_whole_is_told():
    text = "Chào bác Ánh, tòa soạn đã nhận thư của bác. Ánh hỏi vì sao […] đường hỏng?"
    assert [(found.kind, found.words) for found in remains(text, ["Lò Văn Ánh"])] == [
        ("tên gọi của người gửi", "Chào bác Ánh, tòa soạn đã nhận thư…"),
        ("tên gọi của người gửi", "…đã nhận thư của bác. Ánh hỏi vì sao […] đường…"),
    ]
    assert [found.words for found in gaps(text)] == ["…bác. Ánh hỏi vì sao […] đường hỏng?"]
    assert remains("Anh hỏi vì sao ánh sáng yếu", ["Trần Văn Anh"]) == []
