import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.tests.text import case_files
from news.text.normalize import place_tones
from news.text.slug import slugify

any_text = st.text(st.characters())  # every code point, lone surrogates too


@pytest.mark.parametrize(("title", "slug"), case_files.pairs("slug.txt"))
def test_slug(title, slug):
    assert slugify(title) == slug


@pytest.mark.parametrize(
    ("max_length", "slug"),
    [
        (13, "doan-cong-tac"),
        (12, "doan-cong"),
        (9, "doan-cong"),
        (8, "doan"),
        (5, "doan"),
        (4, "doan"),
        (3, "doa"),
        (0, ""),
        (-1, ""),
    ],
)
def test_long_slug_is_cut_at_a_hyphen_where_there_is_one(max_length, slug):
    assert slugify("Đoàn công tác", max_length) == slug


def test_slug_is_at_most_eighty_long_unless_told():
    assert slugify("đoàn " * 50) == "-".join(["doan"] * 16)
    assert slugify("đ" * 200) == "d" * 80


def test_invisible_characters_do_not_part_words():
    assert slugify("Đo\u00adàn c\u200bông\ufeff tác") == "doan-cong-tac"


def test_no_break_space_parts_words():
    assert slugify("Đoàn\u00a0công\u202ftác") == "doan-cong-tac"


@given(any_text, st.integers(-2, 100))
def test_slug_has_only_its_alphabet_and_is_idempotent(text, max_length):
    slug = slugify(text, max_length)
    assert re.fullmatch("([a-z0-9]+(-[a-z0-9]+)*)?", slug)
    assert len(slug) <= max(max_length, 0)
    assert slugify(slug, max_length) == slug


@given(any_text)
def test_slug_does_not_depend_on_tone_placement(text):
    assert slugify(place_tones(text)) == slugify(text)
