"""Merging: what one side changed is taken, what both changed stays twice, and no word anybody typed is missing."""

import re
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from news.text import merge

WORDS = st.sampled_from("Đoàn công tác làm việc tại tỉnh Lai Châu và xã Nà Tăm . , mới".split())
LINE = st.lists(WORDS, max_size=8).map(" ".join)
LINES = st.lists(LINE, max_size=6).map("\n".join)
INLINE = st.one_of(LINE, LINE.map(lambda text: f"<strong>{text}</strong>"), st.just("<br>"))
BLOCK = st.one_of(
    st.lists(INLINE, max_size=4).map(lambda parts: f"<p>{' '.join(parts)}</p>"),
    LINE.map(lambda text: f"<h2>{text}</h2>"),
    st.lists(LINE, min_size=1, max_size=3).map(
        lambda items: "<ul>" + "".join(f"<li><p>{item}</p></li>" for item in items) + "</ul>"
    ),
    st.integers(1, 9).map(lambda pk: f'<figure data-image="{pk}"><figcaption>Chú "a>b"</figcaption></figure>'),
    st.just("<hr>"),
)
HTML = st.lists(BLOCK, max_size=6).map("".join)
KINDS = ((merge.line, LINE), (merge.lines, LINES), (merge.html, HTML))


def counted(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


@given(st.data())
def test_one_side_alone_is_taken_whole(data: st.DataObject) -> None:
    for join, texts in KINDS:
        base, side = data.draw(texts), data.draw(texts)
        assert join(base, side, base).text == side
        assert join(base, base, side).text == side
        assert join(base, side, side).text == side
        assert join(base, side, base).is_clean
        assert join(base, base, side).is_clean
        assert join(base, side, side).is_clean


@given(st.data())
def test_sides_are_treated_alike(data: st.DataObject) -> None:
    for join, texts in KINDS:
        base, one, two = data.draw(texts), data.draw(texts), data.draw(texts)
        there, back = join(base, one, two), join(base, two, one)
        assert there.is_clean == back.is_clean
        assert [(part.base, part.mine, part.theirs) for part in there.chunks] == [
            (part.base, part.theirs, part.mine) for part in back.chunks
        ]
        if there.is_clean:
            assert there.text == back.text


@given(st.data())
def test_no_word_that_somebody_added_is_missing(data: st.DataObject) -> None:
    for join, texts in KINDS:
        base, one, two = data.draw(texts), data.draw(texts), data.draw(texts)
        merged = counted(join(base, one, two).text)
        for side in (one, two):
            added = counted(side) - counted(base)
            assert not added - merged


@given(HTML)
def test_blocks_joined_are_the_source(source: str) -> None:
    assert "".join(merge.blocks(source)) == source


@given(st.text(alphabet="<>/pab \"='&;\n", max_size=60))
def test_blocks_of_anything_joined_are_the_source(source: str) -> None:
    assert "".join(merge.blocks(source)) == source


@given(HTML, HTML, HTML)
def test_merged_html_closes_every_tag(base: str, one: str, two: str) -> None:
    for block in merge.blocks(merge.html(base, one, two).text):
        opened = Counter(re.findall(r"<(p|ul|li|strong|h2|figure)\b", block))
        closed = Counter(re.findall(r"</(p|ul|li|strong|h2|figure)>", block))
        assert opened == closed


def test_two_paragraphs_changed_by_two_people() -> None:
    base = "<p>Một hai ba bốn.</p><p>Năm sáu bảy tám.</p>"
    merged = merge.html(base, "<p>Một hai ba bốn MỚI.</p><p>Năm sáu bảy tám.</p>", f"{base}<p>Chín.</p>")
    assert (merged.text, merged.is_clean) == (
        "<p>Một hai ba bốn MỚI.</p><p>Năm sáu bảy tám.</p><p>Chín.</p>",
        True,
    )


def test_two_words_of_one_paragraph() -> None:
    merged = merge.html(
        "<p>Sáng nay đoàn công tác làm việc tại tỉnh.</p>",
        "<p>Chiều nay đoàn công tác làm việc tại tỉnh.</p>",
        "<p>Sáng nay đoàn công tác làm việc tại <strong>tỉnh Lai Châu.</strong></p>",
    )
    assert merged.text == "<p>Chiều nay đoàn công tác làm việc tại <strong>tỉnh Lai Châu.</strong></p>"
    assert merged.is_clean


def test_one_word_changed_in_two_ways_keeps_both_passages() -> None:
    merged = merge.html("<p>Đoàn gồm 12 người.</p>", "<p>Đoàn gồm 13 người.</p>", "<p>Đoàn gồm 14 người.</p>")
    assert merged.text == "<p>Đoàn gồm 13 người.</p><p>Đoàn gồm 14 người.</p>"
    assert not merged.is_clean
    assert merge.line("Tên cũ", "Tên tôi", "Tên họ").text == "Tên tôi / Tên họ"


def test_a_passage_taken_away_here_and_changed_there_is_asked_about() -> None:
    merged = merge.lines("Một\nHai\nBa", "Một\nBa", "Một\nHai sửa\nBa")
    assert (merged.text, merged.is_clean) == ("Một\nHai sửa\nBa", False)


def test_rewritten_passages_are_not_woven_by_their_small_words() -> None:
    merged = merge.line(
        "Hội nghị tổng kết và triển khai nhiệm vụ",
        "Lãnh đạo tỉnh thăm và chúc Tết đồng bào các xã",
        "Hội nghị tổng kết và triển khai nhiệm vụ năm 2027",
    )
    assert not merged.is_clean
    assert merged.text.count(" / ") == 1


def test_a_long_body_is_merged_in_time() -> None:
    paragraphs = [f"<p>Đoạn {number} của một bài rất dài về tỉnh.</p>" for number in range(4000)]
    mine, theirs = list(paragraphs), list(paragraphs)
    mine[7] = "<p>Đoạn của tôi.</p>"
    theirs[3999] = "<p>Đoạn của họ.</p>"
    merged = merge.html("".join(paragraphs), "".join(mine), "".join(theirs))
    assert merged.is_clean
    assert merged.text.count("<p>") == 4000
