"""Rich text: what is let in, and that nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news import markup
from news.tests.hostile import FRAGMENTS


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>Một <strong>hai</strong></p>", "<p>Một <strong>hai</strong></p>"),
        ("<h1>Đề</h1><h2>Mục</h2>", "Đề<h2>Mục</h2>"),
        ('<p class="MsoNormal" style="color:red" onclick="x()">Chữ</p>', "<p>Chữ</p>"),
        ("<script>alert(1)</script>Sau", "Sau"),
        ("<svg><script>alert(1)</script></svg>Sau", "Sau"),
        ('<a href="javascript:alert(1)">x</a>', '<a rel="noopener noreferrer">x</a>'),
        ('<a href="/tin/a-1/" target="_blank">x</a>', '<a href="/tin/a-1/" rel="noopener noreferrer">x</a>'),
        ('<td colspan="2" width="9">x</td>', "x"),
        ('<table><tr><td width="9">x</td></tr></table>', "<table><tbody><tr><td>x</td></tr></tbody></table>"),
        ("<p>Đoàn</p>", "<p>Đoàn</p>"),
        ("a\x00b\x1fc\r\nd", "abc\nd"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_allow_list(source, expected):
    assert markup.sanitise(source) == expected


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_no_hostile_fragment_keeps_a_handler_a_scheme_or_a_foreign_element(fragment):
    clean = markup.sanitise(f"<p>trước</p>{fragment}<p>sau</p>").lower()
    tags = clean.split("<")[1:]
    names = {tag.lstrip("/").split(">")[0].split(" ")[0] for tag in tags}
    assert names <= markup.ALLOWED_TAGS
    attributes = [tag.split(">")[0] for tag in tags]
    assert [tag for tag in attributes if " on" in tag or "javascript:" in tag or "data:" in tag or "style" in tag] == []


@given(st.text() | st.sampled_from(FRAGMENTS).flatmap(lambda part: st.text(max_size=20).map(lambda text: text + part)))
def test_sanitising_again_changes_nothing(source):
    once = markup.sanitise(source)
    assert markup.sanitise(once) == once


def test_plain_text_of_markup():
    assert markup.plain("<p>Một &amp; hai</p><ul><li>ba</li></ul>") == "Một & hai\nba"


def test_paragraphs_of_plain_text():
    assert markup.paragraphs("Một <b>\n\n hai ") == "<p>Một &lt;b&gt;</p><p>hai</p>"
