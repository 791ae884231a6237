"""Names that people give themselves, and browsers in words."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.devices import described
from accounts.names import LONGEST, clean_name, clean_readers_name


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Lê Thị Hòa", "Lê Thị Hòa"),
        ("  Lê   Thị Hòa ", "Lê Thị Hòa"),
        (unicodedata.normalize("NFD", "Nguyễn Ước"), "Nguyễn Ước"),
        ("TS. Nguyễn Văn A", "TS. Nguyễn Văn A"),
        ("Y Dhăm Knul", "Y Dhăm Knul"),
        ("Xi-xa-vạt Kẹo-bun-phăn", "Xi-xa-vạt Kẹo-bun-phăn"),
        ("H’Mông 2", "H’Mông 2"),
    ],
)
def test_names_are_put_in_order(given_name: str, kept: str) -> None:
    assert clean_readers_name(given_name) == kept


@pytest.mark.parametrize(
    "name",
    [
        "A", "123", "", "Lê\nHòa", "Lê\u202eHòa", "Lê\u200bHòa", "ke-gian.example", "http://ke-gian.example", "a@b.vn",
        "<b>Lê</b>", "Lê" * LONGEST, "Tòa soạn", "TOA SOAN", "Ban  Biên-Tập", "Quản trị viên", "Ａdmin",
    ],
)  # fmt: skip
def test_what_is_no_readers_name_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        clean_readers_name(name)


@settings(max_examples=150)
@given(st.text(max_size=80))
def test_whatever_is_kept_is_one_plain_line(text: str) -> None:
    try:
        name = clean_name(text)
    except ValidationError:
        return
    assert clean_name(name) == name == unicodedata.normalize("NFC", name)
    assert 2 <= len(name) <= LONGEST
    assert not set('@/:<>"\\&\r\n\t') & set(name)


WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"
ZALO = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36 Zalo android"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (WINDOWS, "Chrome trên máy Windows"),
        (IPHONE, "Safari trên iPhone"),
        (ZALO, "Zalo trên máy Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox trên máy Linux"),
        ("", "Trình duyệt trên thiết bị không rõ"),
        ("Hãy xem ke-gian.example <script>", "Trình duyệt trên thiết bị không rõ"),
    ],
)  # fmt: skip
def test_browsers_in_words(user_agent: str, words: str) -> None:
    assert described(user_agent) == words
    assert described(words) == words
