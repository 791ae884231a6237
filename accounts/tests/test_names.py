"""Names that people give themselves, and browsers in words."""

import random
import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.devices import described
from accounts.look_alikes import READ_AS
from accounts.names import LONGEST, clean_name, clean_readers_name, plain_line, speaks_for_the_house


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
    ("written", "kept"),
    [
        ("YubiKey #2 (văn phòng)", "YubiKey #2 (văn phòng)"),
        (" Khóa\nđỏ \x00\u202e🔑 ", "Khóa đỏ 🔑"),
        ("\u200b\t", ""),
        ("ơ" * 100, "ơ" * LONGEST),
    ],
)
def test_what_one_calls_a_thing_is_any_plain_line(written: str, kept: str) -> None:
    assert plain_line(written) == kept


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


PAPER = "Báo Lai Châu"
OF_THE_HOUSE = [
    "Tòa soạn", "Toà Sọan", "Tоа sоạn", "Τòa soạn", "T0a s0an", "T ò a s o ạ n", "Tòasoạn",
    "Tòa\u3164soạn", "TOA SOAN 2", "Tòaa soạnn", "Thư ký tòa soạn", "ban  biên-tập", "8an biên tập",
    "Tổng biên tập", "Biên tập viên Lan", "BBT", "B8T", "8BT", "Bbt Báo", "B. B. T", "B.B.T", "TBT",
    "Anh TBT", "Quản trị viên", "Quảntrịviên", "quan tri vien", "Quản trị", "Quan tri", "Lê Quản Trị",
    "Kiểm duyệt", "Admin", "Adm1n", "4dmin", "Аdmin", "ΑDΜΙΝ", "admln", "adrnin", "A d m i n",
    "Superadmin", "admin2", "Ａdmin", "𝐀𝐝𝐦𝐢𝐧", "🅰dmin", "ᴀᴅᴍɪɴ", "ꓮꓓꓟꓲꓠ", "Aԁmіи", "T໐a s໐an",
    "A\u034fdmin", "Báo Lai Châu", "BAO LAI CHAU", "Bao Lai Chau online", "Báo Lаi Сhâu", "BáoLaiChâu",
    "8áo L4i Châu",
]  # fmt: skip
PEOPLE = [
    "Nguyễn Thị Ban", "Trần Bình Tây", "Toàn", "Tô An", "Tò An", "Lê Quân Trí", "Nguyễn Quan Trí", "Nguyen Quan Tri",
    "Tống Biên", "Hà Tập", "Ban Văn Biên", "Bàn Biên", "Y Gad Minh", "Ad Minh", "Adam Minh", "Hoa 887", "T87",
    "Lò Văn Toán", "Đoàn Soạn", "Hoa Soạn", "Tạ Toàn Soái", "Giàng A Sò An", "Vàng A Toả", "Người Lai Châu", "Lai Châu",
    "Bảo Lai", "Мария Иванова", "Νίκος", "Kiểm", "Bùi Bích Thủy", "TS. Nguyễn Văn A", "Đỗ Mạnh", "Tập Tành Viết",
]  # fmt: skip


@pytest.mark.parametrize("name", OF_THE_HOUSE)
def test_nobody_passes_for_the_newsroom_or_the_newspaper(name: str) -> None:
    for form in ("NFC", "NFD"):
        assert speaks_for_the_house(unicodedata.normalize(form, name), PAPER)
    with pytest.raises(ValidationError):
        clean_readers_name(name, PAPER)


@pytest.mark.parametrize("name", PEOPLE)
def test_people_are_called_what_they_are_called(name: str) -> None:
    assert clean_readers_name(name, PAPER) == name


def test_a_newspaper_called_by_its_place_leaves_the_place_to_its_people() -> None:
    assert [name for name in ("Lai Châu", "Trang tin Lai Châu", "Lаi Сhâu", "Người Lai Châu", "Mai Lai Châu Xa")
            if speaks_for_the_house(name, "Lai Châu")] == ["Lai Châu", "Trang tin Lai Châu", "Lаi Сhâu"]  # fmt: skip


_SURNAMES = "Nguyễn Trần Lê Phạm Hoàng Lò Vàng Giàng Sùng Tao Hà Ban Bàn Bùi Quàng Tòng Điêu Mùa Thào Tống".split()
_GIVEN = "Toàn An Ban Biên Bình Tây Trí Quân Quan Duyệt Tập Soạn Mai Thủy Sơn Viên Minh Đạt Tỏa Tâm Kiểm Lan".split()


@settings(max_examples=300)
@given(st.sampled_from(_SURNAMES), st.sampled_from(["Thị", "Văn", "A", "Thanh"]), st.sampled_from(_GIVEN))
def test_a_surname_a_middle_name_and_a_given_name_are_always_a_name(surname: str, middle: str, given_name: str) -> None:
    name = f"{surname} {middle} {given_name}"
    assert clean_readers_name(name, PAPER) == name


@settings(max_examples=300)
@given(
    st.sampled_from(["Tòa soạn", "Ban biên tập", "Quản trị viên", "Admin", "Báo Lai Châu"]),
    st.randoms(use_true_random=False),
)
def test_no_disguise_makes_a_reader_the_newsroom(said: str, chance: random.Random) -> None:
    drawn = {letter: [other for other, read in READ_AS.items() if letter in read] for letter in "abcehilmnopqstuv"}
    letters = []
    for letter in unicodedata.normalize("NFD", said):
        shown = chance.choice([letter, letter.upper(), *drawn.get(letter.lower(), [])])
        letters.append(shown * chance.choice([1, 1, 1, 2]) if shown.isalnum() else shown)
        letters.append(chance.choice(["", "", "", "\u200b", "\u2060", "\u034f"]))
    assert speaks_for_the_house("".join(letters), PAPER), "".join(letters)


@settings(max_examples=300)
@given(st.text(max_size=200), st.text(max_size=40))
def test_any_text_is_looked_at(name: str, newspaper: str) -> None:
    assert speaks_for_the_house(name, newspaper) in {True, False}


@pytest.mark.parametrize("part", ["a", "1l", "t o a ", "ad", "mrn", "to a s", "i1l", "b ", "Ι"])
def test_long_names_are_judged_by_their_beginning(part: str) -> None:
    assert not speaks_for_the_house(part * 5000, "Báo il il il")
    assert speaks_for_the_house("Tòa soạn " + part * 5000, "Báo il il il")


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
