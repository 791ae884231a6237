"""Rich text: what is let in, that nothing else is, and how a page's pieces come of it."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news import markup
from news.markup import Figure, Html
from news.tests.hostile import FRAGMENTS

PASTE = sorted((Path(__file__).parent / "paste").glob("*.html"))
NOISE = re.compile(
    r"mso|class=|style=|<o:|w:WordDocument|Symbol;|@list| lang=|docs-internal|endif|supportLists", re.IGNORECASE
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>Một <strong>hai</strong></p>", "<p>Một <strong>hai</strong></p>"),
        ("<h1>Đề</h1><h2>Mục</h2>", "<h2>Đề</h2><h2>Mục</h2>"),
        ("<h5>a</h5><H6 class=x>b</H6><strike>c</strike><hr>", "<h4>a</h4><h4>b</h4><s>c</s><hr>"),
        ("<header>a</header><h1x>b</h1x>", "ab"),
        ('<p lang="vi" title="x">y</p>', "<p>y</p>"),
        ('<p class="MsoNormal" style="color:red" onclick="x()">Chữ</p>', "<p>Chữ</p>"),
        ("<script>alert(1)</script>Sau", "Sau"),
        ("<svg><script>alert(1)</script></svg>Sau", "Sau"),
        ('<a href="javascript:alert(1)">x</a>', '<a rel="noopener noreferrer">x</a>'),
        ('<a href="/tin/a-1/" target="_blank">x</a>', '<a href="/tin/a-1/" rel="noopener noreferrer">x</a>'),
        ('<a href="#_ftn1">x</a>', '<a rel="noopener noreferrer">x</a>'),
        ('<td colspan="2" width="9">x</td>', "x"),
        ('<table><tr><td width="9">x</td></tr></table>', "<table><tbody><tr><td>x</td></tr></tbody></table>"),
        ("<p>Đoàn</p>", "<p>Đoàn</p>"),
        ("a\x00b\x1fc\r\nd", "abc\nd"),
        ("<p>còn<del cite='x'> bỏ</del><ins>thêm</ins></p>", "<p>cònthêm</p>"),
        ("<xml><w:View>Normal</w:View></xml><p>Chữ<o:p></o:p></p>", "<p>Chữ</p>"),
        ("<aside class=x><p>Hộp</p></aside>", "<aside><p>Hộp</p></aside>"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_allow_list(source, expected):
    assert markup.sanitise(source) == expected


@pytest.mark.parametrize(
    ("attributes", "kept"),
    [
        ('data-image="12"', ' data-image="12"'),
        ('data-image="012"', ""),
        ('data-image="0"', ""),
        ('data-image="-1"', ""),
        ('data-image="1e3"', ""),
        ('data-image="١٢"', ""),
        ('data-image="12\n"', ""),
        (f'data-image="{"9" * 18}"', f' data-image="{"9" * 18}"'),
        (f'data-image="{"9" * 19}"', ""),
        ('data-images=" 1  2\t3 "', ' data-images="1 2 3"'),
        ('data-images=""', ""),
        ('data-images="1 x"', ""),
        (f'data-images="{" ".join(["7"] * 60)}"', f' data-images="{" ".join(["7"] * 60)}"'),
        (f'data-images="{" ".join(["7"] * 61)}"', ""),
        ('data-recording="5"', ' data-recording="5"'),
        ('data-recording="5;drop"', ""),
        ('data-link="https://youtube.com/?a=1&amp;b=2"', ' data-link="https://youtube.com/?a=1&amp;b=2"'),
        ('data-link="HTTP://Vi.du.vn/"', ' data-link="HTTP://Vi.du.vn/"'),
        ('data-link="javascript:alert(1)"', ""),
        ('data-link="//evil.example/"', ""),
        ('data-link="https://"', ""),
        ('data-link="https://[::1"', ""),
        ('data-link="https://a b"', ""),
        ("data-link='https://a.vn/\"onclick=x'", ""),
        (f'data-link="https://a.vn/{"a" * 2000}"', ""),
        ('data-image="1" src="x" style="y" onerror="z" class="w" id="v" data-else="1"', ' data-image="1"'),
    ],
)
def test_what_a_figure_may_say(attributes, kept):
    assert markup.sanitise(f"<figure {attributes}>Chữ</figure>") == f"<figure{kept}>Chữ</figure>"


def test_the_attributes_of_figures_stand_on_figures_only():
    assert markup.sanitise('<p data-image="1" data-link="https://a.vn">x</p><a data-image="2">y</a>') == (
        '<p>x</p><a rel="noopener noreferrer">y</a>'
    )


def test_the_editor_and_the_sanitiser_read_one_table():
    made = {tag for row in markup.ALLOWED if row.extension for tag in row.elements} | {"p"}
    assert made == markup.ALLOWED_TAGS
    assert set(markup.EDITOR_EXTENSIONS) == {row.extension for row in markup.ALLOWED} - {""}
    assert set(markup.EDITOR_EXTENSIONS) - set(markup.PROSE_EXTENSIONS) == {"Box", "Figure"}
    assert json.loads(json.dumps(markup.EDITOR_EXTENSIONS)) == markup.EDITOR_EXTENSIONS
    assert not markup.ALLOWED_TAGS & {"svg", "math", "style", "iframe", "img", "script", "video", "object", "form"}


# --- Hostile words -----------------------------------------------------------------------------------


def tags_of(clean):
    return {tag.lstrip("/").split(">")[0].split(" ")[0] for tag in clean.lower().split("<")[1:]}


@pytest.mark.parametrize(
    "frame", ["<p>trước</p>{}<p>sau</p>", '<figure data-image="1"><figcaption>{}</figcaption></figure>', "<aside>{}"]
)
@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_no_hostile_fragment_keeps_a_handler_a_scheme_or_a_foreign_element(fragment, frame):
    whole = markup.sanitise(frame.replace("{}", fragment)).lower()
    pieces = markup.parts(frame.replace("{}", fragment))
    for clean in (whole, *(piece.text if isinstance(piece, Html) else piece.caption for piece in pieces)):
        assert tags_of(clean) <= markup.ALLOWED_TAGS
        attributes = [tag.split(">")[0] for tag in clean.lower().split("<")[1:]]
        bad = [tag for tag in attributes if " on" in tag or "javascript:" in tag or "data:" in tag or "style" in tag]
        assert bad == []


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_a_hostile_link_never_leads_anywhere(fragment):
    quoted = fragment.replace("&", "&amp;").replace('"', "&quot;")
    assert markup.parts(f'<figure data-image="1" data-link="{quoted}"></figure>') == [Figure("picture", (1,))]


PIECES = st.sampled_from(
    [
        *FRAGMENTS, "<figure>", "</figure>", '<figure data-image="1">', '<figure data-images="2 3" data-link="x">',
        '<figure data-recording="4"/>', '<figure data-image="1" data-link="https://a.vn/?b=1&c=2">', "<figcaption>",
        "</figcaption>", "<aside>", "</aside>", "<p>", "</p>", "<table>", "<td>", "<strong>", "</strong>",
        "<a href='/x'>",
        "<h1>", "</h1>", "<ul><li>", "\n", "chữ", "&lt;figure data-image=&quot;9&quot;&gt;", "<!--", "-->", "<![CDATA[",
        '<figure title=">" data-image="7">', "<FIGURE DATA-IMAGE=8>",
    ]
)  # fmt: skip
MESS = st.lists(PIECES | st.text(max_size=6), max_size=14).map("".join)


@given(st.text() | MESS)
def test_sanitising_again_changes_nothing(source):
    once = markup.sanitise(source)
    assert markup.sanitise(once) == once


@given(MESS)
def test_the_pieces_together_are_what_the_sanitiser_let_through(source):
    clean = markup.sanitise(source)
    pieces = markup.parts(source)
    rest = clean
    for piece in pieces:
        if isinstance(piece, Html):
            assert rest.startswith(piece.text)
            rest = rest[len(piece.text) :]
        else:
            # A figure takes the place of its own element, from its start to the end that belongs to it.
            opening = re.match(r"<figure( [^>]*)>", rest)
            assert opening
            assert markup.sanitise(opening[0]).startswith(opening[0])
            depth, end = 0, 0
            for tag in re.finditer(r"<(/?)figure[ >]", rest):
                depth += -1 if tag[1] else 1
                if depth == 0:
                    end = tag.end()
                    break
            assert end
            rest = rest[end:]
            assert tags_of(piece.caption) <= {"strong", "b", "em", "i", "u", "s", "sub", "sup", "a", "br"}
            assert markup.sanitise(piece.caption) == piece.caption.strip()
    assert rest == ""
    assert markup.parts(clean) == pieces


@given(MESS)
def test_plain_words_of_anything_hold_no_markup_of_ours(source):
    assert "data-image=" not in re.sub(r"<figure data-image=\"9\">", "", markup.plain(markup.sanitise(source)))


# --- Pieces ------------------------------------------------------------------------------------------


def test_the_pieces_of_a_text():
    source = (
        "<p>Một</p>\n"
        '<figure data-image="12"><figcaption>Chú <b>thích</b></figcaption></figure>'
        '<aside><p>Hộp</p><figure data-images="15 12 15"></figure></aside>'
        '<figure data-recording="5"><figcaption></figcaption></figure>'
        '<figure data-image="7" data-link="https://www.youtube.com/watch?v=1&amp;t=2"><figcaption>Phim</figcaption></figure>'
        "<figure><figcaption>không số</figcaption></figure>"
    )
    assert markup.parts(source) == [
        Html("<p>Một</p>\n"),
        Figure("picture", (12,), caption="Chú <b>thích</b>"),
        Html("<aside><p>Hộp</p>"),
        Figure("gallery", (15, 12)),
        Html("</aside>"),
        Figure("recording", recording=5),
        Figure("embed", (7,), link="https://www.youtube.com/watch?v=1&t=2", caption="Phim"),
        Html("<figure><figcaption>không số</figcaption></figure>"),
    ]
    assert markup.figure_numbers(source) == ([12, 15, 7], [5])
    assert markup.parts("") == []
    assert markup.parts("<p>chữ</p>") == [Html("<p>chữ</p>")]


def test_every_word_in_a_figure_is_in_its_caption():
    source = (
        '<figure data-image="1"><p>một</p><figcaption>hai<br>ba<h2>bốn</h2></figcaption>'
        '<figure data-image="2"><figcaption>năm</figcaption></figure>sáu</figure>'
    )
    assert markup.parts(source) == [Figure("picture", (1,), caption="một hai ba bốn năm sáu")]
    assert markup.figure_numbers(source) == ([1], [])


def test_a_link_without_a_picture_is_no_figure():
    assert markup.figures('<figure data-link="https://a.vn">x</figure>') == []


def test_figures_of_another_house_name_nothing():
    assert markup.foreign(
        '<h1>a</h1><figure data-image="1" data-link="https://a.vn"><figcaption>b</figcaption></figure>'
    ) == ("<h2>a</h2><figure><figcaption>b</figcaption></figure>")


def test_plain_text_of_markup():
    assert markup.plain("<p>Một &amp; hai</p><ul><li>ba</li></ul>") == "Một & hai\nba"
    assert markup.plain('<figure data-image="1"><figcaption>bốn</figcaption></figure><p>năm</p>') == "bốn\n\nnăm"


def test_paragraphs_of_plain_text():
    assert markup.paragraphs("Một <b>\n\n hai ") == "<p>Một &lt;b&gt;</p><p>hai</p>"


# --- What programs put on the clipboard, pasted into the plain field as it is -------------------------


@pytest.mark.parametrize("path", PASTE, ids=lambda path: path.stem)
def test_the_server_alone_makes_a_clean_text_of_what_was_copied(path):
    clean = markup.sanitise(path.read_text(encoding="utf-8"))
    assert NOISE.findall(clean) == []
    assert tags_of(clean) <= markup.ALLOWED_TAGS
    assert re.findall(r"javascript:|vbscript:|file:|<img|&lt;[a-z]+:", clean) == []
    # No word is lost that the editor's own cleaning keeps; signs that were pictures are.
    kept = re.sub("[👍🌾]", "", (path.parent / "expected" / path.name).read_text(encoding="utf-8"))
    words = [word.rstrip(".") for word in markup.plain(kept).split()]
    assert [word for word in words if word not in markup.plain(clean)] == []


def test_words_struck_out_in_word_do_not_come_back():
    clean = markup.sanitise((Path(__file__).parent / "paste" / "word_report.html").read_text(encoding="utf-8"))
    assert ("có 9 xã" in clean, "có 7 xã" in clean) == (True, False)
