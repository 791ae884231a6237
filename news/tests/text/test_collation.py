import functools
import re
import sqlite3
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.tests.text import case_files
from news.text.collation import person_sort_key, sort_key
from news.text.normalize import ToneStyle, place_tones

ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]

any_text = st.text(st.characters())  # every code point, lone surrogates too
syllables = st.text(
    "aàảãáạăằẳẵắặâầẩẫấậbcdđeèéêềếghiìíklmnoòóôồốơờớpqrstuùúưừứvxyỳýfjwz", min_size=1, max_size=4
).flatmap(lambda word: st.sampled_from([word, word.title(), word.upper()]))
phrases = st.lists(syllables | st.sampled_from(["2", "10"]), max_size=4).map(" ".join)


def taken_apart(text: str) -> list[tuple[int, int, bool]]:
    """Each letter's place in the alphabet, its tone and whether it is a capital. The slow and plain way."""
    letters: list[tuple[int, int, bool]] = []
    for char in place_tones(text):
        marks = [mark for mark in unicodedata.normalize("NFD", char)[1:] if mark in TONES]
        tone = TONES.index("".join(marks))
        letter = unicodedata.normalize("NFD", char)
        for mark in marks:
            letter = letter.replace(mark, "")
        small = unicodedata.normalize("NFC", letter).lower()
        place = -20 if small == " " else int(small) - 10 if small.isdigit() else ALPHABET.index(small)
        letters.append((place, tone, char.isupper()))
    return letters


def compare(left: str, right: str) -> int:
    """-1, 0 or 1 by letters, then tones, then capitals."""
    ours, theirs = taken_apart(left), taken_apart(right)
    for level in range(3):
        a, b = [letter[level] for letter in ours], [letter[level] for letter in theirs]
        if a != b:
            return -1 if a < b else 1
    return 0


@pytest.mark.parametrize(("first", "second"), case_files.neighbours("alphabetical_order.txt"))
def test_alphabetical_order(first, second):
    assert sort_key(first) < sort_key(second)


@pytest.mark.parametrize(("first", "second"), case_files.neighbours("person_order.txt"))
def test_order_of_people(first, second):
    assert person_sort_key(first) < person_sort_key(second)


@given(phrases, phrases)
def test_keys_are_in_the_order_of_the_alphabet(left, right):
    ours, theirs = sort_key(left), sort_key(right)
    assert (ours > theirs) - (ours < theirs) == compare(left, right)


@given(st.lists(phrases, max_size=8))
def test_sqlite_sorts_keys_in_the_order_of_the_alphabet(texts):
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE entry (key varchar(255))")
    database.executemany("INSERT INTO entry VALUES (?)", [(sort_key(text),) for text in texts])
    rows = [key for (key,) in database.execute("SELECT key FROM entry ORDER BY key")]
    database.close()
    assert rows == [sort_key(text) for text in sorted(texts, key=functools.cmp_to_key(compare))]


@given(any_text | phrases)
def test_keys_are_digits_only(text):
    assert re.fullmatch("[0-9]*", sort_key(text))
    assert re.fullmatch("[0-9]*", person_sort_key(text))


@given(any_text | phrases)
def test_keys_are_the_same_for_both_forms_and_both_placements(text):
    for key in (sort_key, person_sort_key):
        assert key(unicodedata.normalize("NFD", text)) == key(text)
        assert key(place_tones(text, ToneStyle.NEW)) == key(text)


@given(phrases)
def test_key_of_vietnamese_text_is_at_most_four_digits_a_letter(text):
    assert len(sort_key(text)) <= 4 * len(text) + 3


@given(phrases, phrases, st.integers(1, 60))
def test_cut_keys_are_in_no_other_order(left, right, length):
    first, second = sorted([sort_key(left), sort_key(right)])
    assert first[:length] <= second[:length]


@pytest.mark.parametrize("key", [sort_key, person_sort_key])
def test_punctuation_and_apostrophes_do_not_count(key):
    assert key("“H'Yam”  Bkrông") == key("H\u2019Yam Bkrông")
    assert key("(Lê) Văn, An…") == key("Lê Văn An")


@given(st.lists(st.sampled_from(["Hà", "Hạ", "Hòa", "Hải"]), min_size=4, max_size=4))
def test_people_of_one_given_name_stand_together(given_names):
    surnames = ["Lê Anh", "Trần Văn", "Vũ", "Đỗ Thị Ái"]
    people = [f"{surname} {name}" for surname, name in zip(surnames, given_names, strict=True)]
    in_order = [person.split()[-1] for person in sorted(people, key=person_sort_key)]
    assert in_order == sorted(given_names, key=sort_key)


@pytest.mark.parametrize("name", ["", " ", "…", "-"])
def test_no_name_sorts_first(name):
    assert person_sort_key(name) < person_sort_key("An")


def test_the_order_of_a_persons_name_is_independent_of_case_until_the_end():
    assert person_sort_key("Lê Anh AN") < person_sort_key("Lê Văn An") < person_sort_key("LÊ VĂN AN")
