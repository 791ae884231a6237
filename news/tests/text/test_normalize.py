import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.tests.text import case_files
from news.text.normalize import ToneStyle, clean_line, clean_text, fold, nfc, place_tones

any_text = st.text(st.characters())  # every code point, lone surrogates too
vietnamese_text = st.text(
    "aàảãáạăằâầeèéêềiìoòóọôơuùủưyỳýỷỵbcdđghklmnpqrstvxOÒÓÀÁEÈÉUÙỦYỲÝĐ ,.-\u0300\u0301\u0323\u0302"
)
styles = st.sampled_from(ToneStyle)


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


# -- nfc


def test_nfc_composes():
    assert nfc(nfd("Đoàn công tác Tỉnh ủy")) == "Đoàn công tác Tỉnh ủy"


def test_nfc_keeps_no_break_space_and_controls():
    assert nfc("20\u00a0km\u202f\u200b\tế") == "20\u00a0km\u202f\u200b\tế"


def test_nfc_replaces_each_lone_surrogate():
    assert nfc("a\ud800b\udfff\ud83d\ude00ế") == "a\ufffdb\ufffd\ufffd\ufffdế"


@given(any_text)
def test_nfc_is_idempotent_and_can_be_stored(text):
    once = nfc(text)
    assert nfc(once) == once
    assert once.encode().decode() == once


# -- clean_line


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("", ""),
        (" \t\n ", ""),
        ("Đoàn công tác", "Đoàn công tác"),
        ("  Đoàn \u00a0 công\u202ftác\u2007 ", "Đoàn công tác"),
        ("Đoàn\r\ncông\u2028tác\x0b\x0c\x85!", "Đoàn công tác !"),
        ("Đo\u00adàn c\u200bô\u200dng\ufeff tác\u2060", "Đoàn công tác"),
        ("\u202eĐoàn\u202c \u2066công\u2069 tác\u200f", "Đoàn công tác"),
        ("a\x00b\x07c\x7fd\x9fe\x1ff", "abcdef"),
        ("a\u3164\u2800b", "a b"),
        ("a\ufffeb\uffffc", "abc"),
        ("a\u200b\u0301", "á"),
        ("\u00d0ắk Lắk, \u00f0ường, \u0189ắk, \u018cường", "Đắk Lắk, đường, Đắk, đường"),
        ("H\u2019M\u00f4ng \u2013 \u201cK\u1ea1n\u201d", "H\u2019Mông \u2013 \u201cKạn\u201d"),
        ("\ud800ế", "\ufffdế"),
    ],
)
def test_clean_line(dirty, clean):
    assert clean_line(dirty) == clean


@given(any_text)
def test_clean_line_is_one_tidy_line_and_idempotent(text):
    line = clean_line(text)
    assert clean_line(line) == line
    assert line.split(" ") == (line.split() or [""])
    assert nfc(line) == line


# -- clean_text


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("", ""),
        (" \n\n ", ""),
        ("một\r\nhai\rba\nbốn", "một\nhai\nba\nbốn"),
        ("một\u2028hai\u2029ba\x0bbốn\x0cnăm\x85sáu", "một\nhai\nba\nbốn\nnăm\nsáu"),
        ("một  \t\nhai\u00a0\n", "một\nhai"),
        ("một\n\n\n\n \nhai\n\nba", "một\n\nhai\n\nba"),
        ("20\u00a0km \u202f dài", "20 km dài"),
        ("  Thân em\nnhư \u200b tấm", "  Thân em\nnhư tấm"),
        ("a\x00b\u200bc\u202ed", "abcd"),
        ("\u00d0 \u00f0", "\u00d0 \u00f0"),
        ("a\r\u200b\nb", "a\nb"),
    ],
)
def test_clean_text(dirty, clean):
    assert clean_text(dirty) == clean


@given(st.text(st.sampled_from("aế \t\r\n\u00a0\u200b\u0301\u2028\x0b\x00\u3164\ud800")) | any_text)
def test_clean_text_is_tidy_and_idempotent(text):
    clean = clean_text(text)
    assert clean_text(clean) == clean
    assert "\n\n\n" not in clean
    assert [line.rstrip() for line in clean.split("\n")] == clean.split("\n")
    assert clean.split() == clean_text(clean.replace("\n", " ")).split()


# -- place_tones


@pytest.mark.parametrize(("new", "old"), case_files.pairs("tone_placement.txt"))
def test_tones_move_both_ways(new, old):
    assert place_tones(new) == old
    assert place_tones(old, ToneStyle.NEW) == new
    assert place_tones(old) == old
    assert place_tones(new, ToneStyle.NEW) == new
    assert place_tones(nfd(new)) == old


@pytest.mark.parametrize("text", case_files.singles("tone_placement.txt"))
def test_tones_stay(text):
    assert place_tones(text, ToneStyle.OLD) == text
    assert place_tones(text, ToneStyle.NEW) == text
    assert place_tones(nfd(text)) == text


def test_tone_cases_that_stay_outnumber_those_that_move():
    assert len(case_files.singles("tone_placement.txt")) > len(case_files.pairs("tone_placement.txt"))


@pytest.mark.parametrize("old", ["hòa", "HÒA", "Hòa", "hÒa", "hòA", "HòA", "khỏE", "THỦy", "ủY", "ỦY"])
def test_tones_move_in_every_mix_of_cases(old):
    new = place_tones(old, ToneStyle.NEW)
    assert new != old
    assert new.isupper() == old.isupper()
    assert place_tones(new, ToneStyle.OLD) == old


def test_every_tone_moves():
    old = "hòa hóa hỏa hõa họa hòe hóe hỏe hõe họe thùy thúy thủy thũy thụy"
    new = "hoà hoá hoả hoã hoạ hoè hoé hoẻ hoẽ hoẹ thuỳ thuý thuỷ thuỹ thuỵ"
    assert place_tones(old, ToneStyle.NEW) == new
    assert place_tones(new, ToneStyle.OLD) == old


@given(any_text | vietnamese_text, styles)
def test_place_tones_is_idempotent_and_nfc(text, style):
    once = place_tones(text, style)
    assert place_tones(once, style) == once
    assert nfc(once) == once
    assert place_tones(nfd(text), style) == once


@given(vietnamese_text)
def test_old_style_comes_back_from_new(text):
    old = place_tones(text, ToneStyle.OLD)
    assert place_tones(place_tones(old, ToneStyle.NEW), ToneStyle.OLD) == old


@given(any_text | vietnamese_text, styles)
def test_place_tones_changes_neither_length_nor_comparison_key(text, style):
    assert fold(place_tones(text, style)) == fold(text)
    assert len(place_tones(text, style)) == len(nfc(text))


# -- fold


@pytest.mark.parametrize(("text", "key"), case_files.pairs("fold.txt"))
def test_fold(text, key):
    assert fold(text) == key
    assert fold(nfd(text)) == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", ""),
        (" ", " "),
        ("\u00a0\n", " "),
        ("  a \t\u00a0b\n", " a b "),
        ("a \u0301 b", "a b"),
        ("\u0301", ""),
    ],
)
def test_fold_makes_one_space_of_white_space_and_keeps_the_ends(text, key):
    assert fold(text) == key


@given(any_text | vietnamese_text)
def test_fold_is_idempotent_and_the_same_for_both_forms(text):
    key = fold(text)
    assert fold(key) == key
    assert fold(nfc(text)) == key
    assert fold(nfd(text)) == key


@given(vietnamese_text)
def test_fold_does_not_see_case(text):
    assert fold(text.upper()) == fold(text.lower()) == fold(text)


def test_fold_is_idempotent_on_every_character_of_the_basic_plane():
    characters = [chr(point) for point in range(0x10000)]
    assert [char for char in characters if fold(fold(char)) != fold(char)] == []
