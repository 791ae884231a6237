"""A passage is found where its reader saw it, and an address opens there."""

from urllib.parse import unquote

from hypothesis import given, settings
from hypothesis import strategies as st

from news.text.passage import AROUND, LONGEST, Passage, find, fragment, key

TEXT = "Tỷ lệ hộ nghèo giảm còn 6,9%.\nỞ xã khác, tỷ lệ hộ nghèo còn 12%. Tỷ lệ hộ nghèo là số của năm."


def test_the_place_after_the_same_words_is_taken():
    found = find(TEXT, "hộ nghèo", before="Ở xã khác, tỷ  lệ ")
    assert found == Passage(
        "hộ nghèo", "Tỷ lệ hộ nghèo giảm còn 6,9%. Ở xã khác, tỷ lệ ", " còn 12%. Tỷ lệ hộ nghèo là số của năm."
    )
    assert find(TEXT, "hộ nghèo") == find(TEXT, "hộ  nghèo", before="Tỷ lệ")
    assert find(TEXT, "hộ giàu") is None
    assert find(TEXT, " ") is None


def test_the_address_names_the_words_and_what_stands_around_them():
    found = find(TEXT, "6,9%.")
    place = fragment(found)
    assert place.startswith("#doan=6%2C9%25.:~:text=")
    assert unquote(place.partition(":~:text=")[2]) == "nghèo giảm còn-,6,9%.,-Ở xã khác,"
    assert not set(place.partition(":~:text=")[2]) & set(' "<>&#')


def test_reports_of_one_passage_have_one_key():
    assert key("Tỷ  lệ") == key("tỷ lệ ") != key("tỷ lệ hộ")
    assert key(" \u200b") == ""


@settings(max_examples=80)
@given(st.text(max_size=200), st.integers(0, 150), st.integers(1, 40))
def test_whatever_is_cut_out_is_found_again(text, start, length):
    words = text[start : start + length]
    found = find(text, words, text[:start])
    assert (found is None) == (not words.split())
    if found is not None:
        assert found.words in " ".join(text.split())
        assert len(found.words) <= LONGEST * 2
        assert len(found.before) <= AROUND
        fragment(found)
