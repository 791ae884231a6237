"""Differences of texts: nothing lost, nothing made up, readable, and made for any input."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from news.text import blocks, difference
from news.text.difference import Piece, Row, keyed, lines, paragraphs, words

SYLLABLES = st.sampled_from(["đồng", "chí", "Bí", "thư", "Tỉnh", "ủy", "20/5/2024", ",", ".", " ", " ", "\n", "\u00a0"])
TEXTS = st.one_of(st.text(max_size=60), st.lists(SYLLABLES, max_size=40).map("".join))


def told(old: str, new: str) -> str:
    """The difference as a line: [-removed-] {+added+}."""
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in words(old, new))


def joined(pieces: list[Piece], without: str) -> str:
    """The text of one side."""
    return "".join(piece.text for piece in pieces if piece.kind != without)


# --- By words ------------------------------------------------------------------------------------


@settings(max_examples=400)
@given(TEXTS, TEXTS)
def test_either_text_can_be_read_from_the_pieces(old: str, new: str) -> None:
    pieces = words(old, new)
    assert joined(pieces, "added") == old
    assert joined(pieces, "removed") == new
    assert all(piece.text for piece in pieces)
    assert all(first.kind != second.kind for first, second in pairwise(pieces))
    if old == new:
        assert [piece.kind for piece in pieces] == ["same"] * bool(old)


@settings(max_examples=200)
@given(st.lists(SYLLABLES, max_size=20), st.lists(SYLLABLES, max_size=20), st.lists(SYLLABLES, max_size=20))
def test_what_both_texts_begin_with_is_the_same(head: list[str], old: list[str], new: list[str]) -> None:
    start = "Mở đầu chung. " + "".join(head) + " hết."
    pieces = words(start + "\n" + "".join(old), start + "\n" + "".join(new))
    assert pieces[0].kind == "same"
    assert pieces[0].text.startswith(start.removesuffix("."))  # what repeats may be told at either end


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("ngày 20/5/2024 tại", "ngày 21/5/2024 tại", "ngày [-20/5/2024-]{+21/5/2024+} tại"),
        ("Bí thư Tỉnh ủy", "Phó Bí thư Tỉnh ủy", "{+Phó +}Bí thư Tỉnh ủy"),
        ("một hai", "một hai, ba", "một hai{+, ba+}"),
        ("hòa bình", "hoà bình", "[-hòa-]{+hoà+} bình"),
        ("một hai", "một\nhai", "một[- -]{+\n+}hai"),
        ("", "chữ", "{+chữ+}"),
        ("chữ", "", "[-chữ-]"),
        # One unchanged word between rewritten ones is no help to a reader: told as one change.
        ("ông An họp chiều", "bà Bình họp sáng", "[-ông An họp chiều-]{+bà Bình họp sáng+}"),
        # Two things added to a sentence stay two things added.
        ("đến dự có các đồng chí", "đến dự có mặt các vị đồng chí", "đến dự có {+mặt +}các {+vị +}đồng chí"),
    ],
)  # fmt: skip
def test_changes_are_told_as_people_would(old: str, new: str, expected: str) -> None:
    assert told(old, new) == expected


def test_what_is_only_space_can_be_seen() -> None:
    assert [piece.shown for piece in words("một hai", "một  hai")] == ["một ", "␣", "hai"]
    assert Piece("added", "\n").shown == "↵\n"
    assert Piece("same", "\n").shown == "\n"


LONG = 60_000
HARD = {
    "nothing in common": (" ".join(f"a{n}" for n in range(10_000)), " ".join(f"b{n}" for n in range(10_000))),
    "one word over and over": ("a " * (LONG // 2), "a " * (LONG // 2 - 900) + "b " * 900),
    "two words turned round": ("a b " * (LONG // 4), "b a " * (LONG // 4)),
    "few words at random": (
        " ".join("ab"[n * n % 7 % 2] for n in range(LONG // 2)),
        " ".join("ab"[n * n % 11 % 2] for n in range(LONG // 2)),
    ),
    "one word without end": ("x" * LONG, "y" * LONG),
    "only signs": ("." * LONG, "," * (LONG // 2) + "." * (LONG // 2)),
    "only spaces": (" " * LONG, "\n" * LONG),
    "marks on nothing": ("\u0301" * LONG, "e\u0301" * (LONG // 2)),
    "many short lines": ("\n".join(map(str, range(10_000))), "\n".join(str(n * 7) for n in range(10_000))),
    "every word another, in lines": (
        "\n".join(" ".join(f"a{n + k}" for k in range(9)) for n in range(1500)),
        "\n".join(" ".join(f"a{n * 3 + k}" for k in range(9)) for n in range(1500)),
    ),
    "the longest body": ("ba mươi chữ " * 33_000, "ba bốn mươi " * 33_000),
}  # fmt: skip


@pytest.mark.parametrize("name", HARD)
def test_long_texts_are_told_whole(name: str) -> None:
    old, new = HARD[name]
    pieces = words(old, new)
    rows = paragraphs(old, new)
    assert joined(pieces, "added") == old
    assert joined(pieces, "removed") == new
    assert "\n".join("".join(piece.text for piece in row.left) for row in rows if row.old is not None) == old
    assert "\n".join("".join(piece.text for piece in row.right) for row in rows if row.new is not None) == new


# --- Side by side --------------------------------------------------------------------------------


@settings(max_examples=300)
@given(TEXTS, TEXTS)
def test_either_text_can_be_read_down_its_side(old: str, new: str) -> None:
    rows = paragraphs(old, new)
    assert "\n".join("".join(piece.text for piece in row.left) for row in rows if row.old is not None) == old
    assert "\n".join("".join(piece.text for piece in row.right) for row in rows if row.new is not None) == new
    assert [row.old for row in rows if row.old is not None] == list(range(len(old.split("\n")) if old else 0))
    assert [row.new for row in rows if row.new is not None] == list(range(len(new.split("\n")) if new else 0))
    assert {piece.kind for row in rows for piece in row.left} <= {"same", "removed"}
    assert {piece.kind for row in rows for piece in row.right} <= {"same", "added"}


def _kinds(rows: list[Row]) -> list[tuple[str, int | None, int | None]]:
    return [(row.kind, row.old, row.new) for row in rows]


def test_a_changed_paragraph_stands_beside_itself() -> None:
    old = ["Mở đầu.", "Đoàn đến thăm tỉnh.", "Kết thúc."]
    new = ["Mở đầu.", "Một đoạn mới hoàn toàn khác.", "Đoàn đến thăm và làm việc với tỉnh.", "Kết thúc."]
    assert _kinds(lines(old, new)) == [("same", 0, 0), ("added", None, 1), ("changed", 1, 2), ("same", 2, 3)]


def test_a_moved_paragraph_is_told_as_moved() -> None:
    rows = lines(["một đoạn", "hai chữ khác", "ba câu nữa"], ["hai chữ khác", "ba câu nữa", "một đoạn"])
    assert _kinds(rows) == [("moved_away", 0, None), ("same", 1, 0), ("same", 2, 1), ("moved_here", None, 2)]


def test_one_paragraph_for_another_is_a_change() -> None:
    assert _kinds(lines(["Tiêu đề cũ của bài"], ["Tên mới của bài báo"])) == [("changed", 0, 0)]
    assert _kinds(lines(["hoàn toàn"], ["khác hẳn"])) == [("removed", 0, None), ("added", None, 0)]


@settings(max_examples=300)
@given(st.lists(st.integers(0, 5), max_size=12), st.lists(st.integers(0, 5), max_size=12))
def test_every_thing_of_two_lists_is_told_once(old: list[int], new: list[int]) -> None:
    pairs = keyed(old, new)
    assert sorted(pair.old for pair in pairs if pair.old is not None) == list(range(len(old)))
    assert [pair.new for pair in pairs if pair.new is not None] == list(range(len(new)))
    assert all(old[pair.old] == new[pair.new] for pair in pairs if pair.old is not None and pair.new is not None)


def test_a_list_in_another_order() -> None:
    told = [(pair.old, pair.new, pair.is_moved) for pair in keyed(["An", "Bình", "Chi"], ["Bình", "An", "Dũng"])]
    assert sorted(told, key=str) == sorted(
        [(1, 0, False), (0, 1, True), (2, None, False), (None, 2, False)], key=str
    ) or sorted(told, key=str) == sorted([(1, 0, True), (0, 1, False), (2, None, False), (None, 2, False)], key=str)


# --- Rich text -----------------------------------------------------------------------------------


def test_rich_text_is_read_as_blocks() -> None:
    source = (
        "<h2>Tít</h2><p>Một <strong>hai <a href='https://x.vn/'>ba</a></strong><br>bốn</p>"
        "<ul><li><p>mục</p></li></ul><aside><p>trong hộp</p></aside>"
        "<table><tbody><tr><th>A</th><td><p>B</p></td></tr></tbody></table>"
        "<figure data-images='12 15'><figcaption>Chú thích</figcaption></figure><hr>trần"
    )
    assert [(block.name, block.text) for block in blocks.blocks(source)] == [
        ("tiêu đề lớn", "Tít"),
        ("đoạn", "Một hai ba\nbốn"),
        ("mục trong danh sách", "mục"),
        ("đoạn trong hộp", "trong hộp"),
        ("hàng của bảng", "A | B"),
        ("hình", "Chú thích"),
        ("vạch ngang", ""),
        ("đoạn", "trần"),
    ]
    assert blocks.blocks(source)[5].image_ids == (12, 15)


def _formats(old: str, new: str) -> list[tuple[str, list[str], list[str]]]:
    def shown(marks: tuple[blocks.Mark, ...]) -> list[str]:
        return [" ".join(filter(None, (mark.name, mark.value, mark.text))) for mark in marks]

    return [(row.kind, shown(row.gone), shown(row.come)) for row in blocks.compare(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<p>a b</p>", "<p>a <b>b</b></p>", ("format", [], ["chữ đậm b"])),
        ("<p>a <b>b</b> b</p>", "<p>a b <b>b</b></p>", ("format", ["chữ đậm b"], ["chữ đậm b"])),
        ("<p>a b</p>", "<h2>a b</h2>", ("format", ["đoạn"], ["tiêu đề lớn"])),
        (
            '<p><a href="https://1.vn">b</a></p>',
            '<p><a href="https://2.vn">b</a></p>',
            ("format", ["liên kết https://1.vn b"], ["liên kết https://2.vn b"]),
        ),
        (
            '<figure data-image="1"></figure>',
            '<figure data-image="2"></figure>',
            ("changed", ["ảnh 1"], ["ảnh 2"]),
        ),
        ("<p>a <b>b</b></p>", "<p>a <b>b c</b></p>", ("changed", [], [])),
    ],
)
def test_a_change_of_format_alone_is_told(old: str, new: str, expected: tuple[str, list[str], list[str]]) -> None:
    assert _formats(old, new) == [expected]


def test_a_moved_block_tells_its_change_of_format_too() -> None:
    old = '<p><a href="https://1.vn">đi</a></p><p>một</p><p>hai</p>'
    new = '<p>một</p><p>hai</p><p><a href="https://2.vn">đi</a></p>'
    assert _formats(old, new) == [
        ("moved_away", ["liên kết https://1.vn đi"], []),
        ("same", [], []),
        ("same", [], []),
        ("moved_here", [], ["liên kết https://2.vn đi"]),
    ]


@settings(max_examples=200)
@given(st.text(alphabet="<>/pbulia =\"'&;x12 -!", max_size=80))
def test_any_source_is_read_without_error(source: str) -> None:
    rows = blocks.compare(source, "<p>x</p>")
    assert [row.old for row in rows if row.old is not None] == blocks.blocks(source)


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("<b>x" * 60_000, ["x" * 60_000]),
        ("<p>" + "<b>x</b> y" * 20_000 + "</p>", ["x y" * 20_000]),
        ("<ul><li>x" * 20_000, ["x"] * 20_000),
        ("<b>" * 40 + "<p>x</p>" * 25_000, ["x"] * 25_000),
    ],
    ids=["deep", "long", "deep lists", "many blocks"],
)
def test_deep_or_long_sources_are_read_to_their_end(source: str, texts: list[str]) -> None:
    assert [block.text for block in blocks.blocks(source)] == texts


def test_beyond_its_bound_nothing_is_compared() -> None:
    some, many = 17_000, 18_000
    assert some**2 <= difference.MOST_BITS < many**2
    assert len(difference.matches(range(some), range(some - 1, -1, -1))) == 1
    assert difference.matches(range(many), range(many - 1, -1, -1)) == []
