import itertools
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.tests.text import case_files
from news.text import segment
from news.text.collation import sort_key
from news.text.normalize import ToneStyle, nfc, place_tones
from news.text.segment import MAX_LENGTH, MAX_WORDS, plain_title, set_title

DATA = Path(segment.__file__).parent / "data"

any_text = st.text(st.characters())  # every code point, lone surrogates too
# What titles are made of, in any order: the rules must hold in nonsense as well.
pieces = st.sampled_from(
    "Đoàn công tác Ban Dân vận Trung ương làm việc với Tỉnh ủy Lai Châu UBND tỉnh xã Mường Lủng Và A Lử Nguyễn Thị "
    "Bích 20 tỷ đồng tháng 6 khóa XV lần thứ 14 thứ Hai 49-CT/TW 2020 2025 20/5 50% Km 45 8 giờ 30 TP. TS. “Dân khéo” "
    "tế-xã hội kinh - – — : , ? … (Lào) nhân iPhone".split()
)
titles = st.lists(pieces, max_size=30).map(" ".join)
loose_text = st.text(st.sampled_from(" \u00a0\n\t-–“”.,:aAbBĐôộ16XV\u0302\u0323\u2009\u202f"))
texts = any_text | loose_text | titles


def entries(name: str) -> list[str]:
    """The words of a data file with a word a line."""
    read = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [line for line in read if line and not line.startswith("#")]


@pytest.mark.parametrize("title", case_files.lines("titles.txt"))
def test_title(title):
    assert set_title(title.replace("_", " ")) == title.replace("_", "\u00a0")


@pytest.mark.parametrize("title", case_files.lines("titles.txt"))
def test_title_in_other_forms_is_set_alike(title):
    plain = title.replace("_", " ")
    for form in (unicodedata.normalize("NFD", plain), place_tones(plain, ToneStyle.NEW)):
        spaces = [char for char in set_title(form) if char in " \u00a0"]
        assert spaces == [" " if char == " " else "\u00a0" for char in title if char in " _"]


@given(texts)
def test_only_spaces_change(text):
    assert plain_title(set_title(text)) == plain_title(text)


@given(texts)
def test_setting_is_idempotent(text):
    assert set_title(set_title(text)) == set_title(text)


@given(titles)
def test_spaces_set_by_hand_are_decided_anew(title):
    assert set_title(title.replace(" ", "\u00a0")) == set_title(title)


@given(texts)
def test_what_stays_together_is_short(text):
    for together in re.split(r"[^\S\u00a0]+", nfc(set_title(text))):  # a line may end at any other space
        if "\u00a0" in together:
            assert len(together) <= MAX_LENGTH
            assert len(together.split("\u00a0")) <= MAX_WORDS


@given(titles)
def test_nothing_is_joined_across_punctuation(title):
    for left, right in itertools.pairwise(set_title(title).split("\u00a0")):
        before, after = left.split(" ")[-1], right.split(" ")[0]
        assert before[-1:] not in set(",:?…”)") or set(after) <= set("-–—:,?…")
        assert after[:1] not in {"“", "("}


@given(titles)
def test_a_line_begins_with_a_dash_only_where_its_word_has_no_room_for_it(title):
    for before, after in itertools.pairwise(set_title(title).split(" ")):
        full = len(before.split("\u00a0")) == MAX_WORDS or len(before) > MAX_LENGTH - 2
        assert full or after.split("\u00a0")[0] not in {"-", "–", "—"}


@pytest.mark.parametrize(
    "text",
    [
        "Đoàn công tác Ban Dân vận Trung ương " * 270,
        "A " * 5_000,
        "- " * 5_000,
        "5 năm " * 1_600,
        "10 " * 3_300,
        "a" * 10_000,
        "a-" * 5_000,
        "1." * 5_000,
        " " * 10_000,
        "\u0323" * 10_000,
        "“" * 10_000,
    ],
    ids=lambda text: text[:8],
)
def test_ten_thousand_characters_stay_what_they_are(text):
    assert plain_title(set_title(text)) == text


@pytest.mark.parametrize("name", ["compounds.txt", "places.txt"])
def test_word_lists_are_in_order(name):
    words = entries(name)
    assert words == sorted(set(words), key=lambda word: (sort_key(word), word))
    assert words == [place_tones(word.lower()) for word in words]


def test_compounds_are_words_of_two_to_four_syllables():
    words = entries("compounds.txt")
    assert len(words) > 2500
    assert [word for word in words if not 2 <= len(word.split(" ")) <= MAX_WORDS or len(word) > MAX_LENGTH] == []


def test_every_compound_is_joined():
    loose = [word for word in entries("compounds.txt") if " " in set_title(word)]
    assert loose == []
