"""Captions of people from left to right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.text import lineup

A = ("Lò Văn A", "Bí thư Tỉnh ủy")
B = ("Nguyễn Thị B", "Phó Bí thư Tỉnh ủy\nChủ tịch UBND tỉnh")
C = ("Tống Thanh C", "")


@pytest.mark.parametrize(
    ("people", "title", "says"),
    [
        ([], "đồng chí", ""),
        ([("", "Bí thư")], "đồng chí", ""),
        ([A], "đồng chí", "Đồng chí Lò Văn A, Bí thư Tỉnh ủy."),
        ([A], "", "Lò Văn A, Bí thư Tỉnh ủy."),
        ([C], "", "Tống Thanh C."),
        (
            [A, B, C],
            "đồng chí",
            "Từ trái sang: các đồng chí Lò Văn A, Bí thư Tỉnh ủy; Nguyễn Thị B, Phó Bí thư Tỉnh ủy, "
            "Chủ tịch UBND tỉnh; Tống Thanh C.",
        ),
        ([A, C], "", "Từ trái sang: Lò Văn A, Bí thư Tỉnh ủy; Tống Thanh C."),
        ([("  Lò  Văn A ,", " Bí thư. "), ("X.", "")], "ông", "Từ trái sang: các ông Lò Văn A, Bí thư; X."),
    ],
)
def test_a_caption_names_them_in_order(people, title, says):
    assert lineup.caption(people, title) == says


def test_a_description_drops_posts_then_the_last_names():
    assert lineup.description([A, C], 300) == "Từ trái sang: Lò Văn A, Bí thư Tỉnh ủy; Tống Thanh C."
    assert lineup.description([A, B, C], 60) == "Từ trái sang: Lò Văn A; Nguyễn Thị B; Tống Thanh C."
    assert lineup.description([A, B, C], 45) == "Từ trái sang: Lò Văn A và 2 người khác."
    assert lineup.description([], 300) == ""


@given(st.lists(st.tuples(st.text(max_size=130), st.text(max_size=300)), max_size=30), st.integers(20, 500))
def test_a_description_is_one_line_that_fits(people, longest):
    words = lineup.description(people, longest)
    assert len(words) <= longest
    assert "\n" not in words
