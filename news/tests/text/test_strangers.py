"""Strangers' words: no link survives however it is spelled, and honest sentences come through."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from news.tests.hostile import FRAGMENTS
from news.text.strangers import LINK_GONE, LONGEST, TOP_LEVEL_DOMAINS, bare_name, without_links

CLEAN = [
    "Bài này hay, bạn đọc nhé!",
    "Đọc xong nhớ gọi cho mình lúc 10:30, số nhà 12/5 phố Trần Phú.",
    "Giá 1.000.000 đồng, tăng 3,5% so với ngày 20.5.2024 (tức 3.5 lần).",
    "Gồm lúa, ngô, sắn v.v. và nhiều thứ khác...",
    "Tỷ lệ 144/2.086 là 6,90%; xem mục 2.1.3.",
    "“Đẹp quá!” – bà Lò Thị Mai nói. Ai cũng vui.",
    "Thơ:\nCâu một\nCâu hai",
    "Anh A/chị B; hoặc cả hai (nếu rảnh)",
    "Chấm điểm 10. Com lê đẹp. Net làng ta.",
    "Ngày 2 tháng 9 • Quốc khánh",
    "Ai đó ơi 🙂 vui thật",
    "U.S.A và C.A.N.D",
]
SET_APART = [
    ("Bài hay lắm.Mọi người nên đọc", "Bài hay lắm. Mọi người nên đọc"),
    ("Ở TP.HCM có TS.BS Nguyễn Văn A", "Ở TP. HCM có TS. BS Nguyễn Văn A"),
    ("xanh·sạch·đẹp", "xanh. sạch. đẹp"),
    ("Vui.Me mình bảo thế, đẹp.Me bảo", "Me bảo"),
]
LINKS = [
    "https://evil.example/x?y=1",
    "HTTPS://EVIL.EXAMPLE",
    "http:evil",
    "hxxps://evil.example",
    "//evil.example/x",
    r"\\evil\share",
    "www.evil",
    "evil.com",
    "(evil.com),",
    "xem:evil.vn!",
    "bit.ly/3abc",
    "t.me/evil",
    "evil.xn--p1ai",
    "пример.рф",
    "đẹp.com",
    "evil.com:8080",
    "evil.unheardof/path",
    "evil.unheardof:8080",
    "192.168.1.20",
    "8.8.8.8/x",
    "evil。com",
    "evil｡com",
    "evil．com",
    "evil․com",
    "evil·com",
    "ｅｖｉｌ．ｃｏｍ",
    "𝐞𝐯𝐢𝐥.𝐜𝐨𝐦",
    "ⓔⓥⓘⓛ.ⓒⓞⓜ",
    "evil\u200b.\u200bcom",
    "ev\u00adil.c\u2060om",
    "evil\ufe0f.\ufe0fcom",
    "evil.\u0301com",
    "evil\u202e.com",
    "evil&#46;com",
    "evil&period;com",
    "evil&amp;#46;com",
    "evil%2ecom",
    "http꞉∕∕evil",
    "evil[.]com",
    "evil(dot)com",
    "evil {chấm} com",
    "evil [.] com",
    "evil chấm com",
    "evil dot com",
    "evil . com",
    "evil .com/x",
    "evil. com",
    "mai@vi.du",
    "mai＠vi.du",
    "mai [at] vi.du",
    "mai (a còng) vi.du",
    "mai a còng vi",
    "@evil",
    "mailto:mai",
    "tel:0912345678",
    "zalo:0912345678",
    "javascript:alert",
    "data:text/html,x",
    "[xem](http://evil)",
    "[url=//evil.example]xem[/url]",
    '<a href="http://evil.example">',
    "<img src=//evil.example/x>",
    "e<b>vil.c</b>om",
    "ev<!-- -->il.com",
]
ENDINGS = "|".join(sorted(map(re.escape, TOP_LEVEL_DOMAINS), key=len, reverse=True))
LINK = re.compile(rf"://|//\w|\bwww\.|@|https?:|mailto:|[^\s.]\.(?:{ENDINGS})(?![\w-])|[<>]", re.IGNORECASE)
PIECES = st.sampled_from(
    [
        *LINKS,
        *CLEAN,
        *FRAGMENTS,
        *"./:@[]()<>&;%#",
        "com",
        "vn",
        "evil",
        "a",
        "Đ",
        "\u200b",
        "\u0301",
        "。",
        "&#46;",
        "\n",
    ]
)


@pytest.mark.parametrize("text", CLEAN)
def test_honest_words_stay(text):
    assert without_links(text) == text


@pytest.mark.parametrize(("text", "expected"), SET_APART)
def test_words_joined_by_a_dot_are_set_apart(text, expected):
    assert without_links(text).endswith(expected)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("frame", ["{}", "Xem {} nhé", "Xem:\n{}\nnhé"])
def test_links_go_and_the_words_around_them_stay(link, frame):
    left = without_links(frame.format(link))
    assert LINK.search(left) is None
    assert not re.search(r"evil|mai|vi|du|com|0912|пример|đẹp|192|8\.8", left), left
    assert ("nhé" in left) == ("nhé" in frame)


@given(st.one_of(st.text(), st.lists(PIECES).map("".join), st.lists(PIECES).map(" ".join)))
@example("a.<x>com")
@example("http[.]://x")
@example("e&#x2e;&#x2e;com")
def test_nothing_like_a_link_survives_and_twice_is_once(text):
    left = without_links(text)
    assert LINK.search(unicodedata.normalize("NFKC", left)) is None
    assert not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} for letter in left if letter != "\n")
    assert without_links(left) == left


@given(st.one_of(st.text(), st.lists(PIECES).map(" ".join)))
def test_a_name_is_letters_and_spaces(text):
    name = bare_name(text)
    assert len(name) <= 40
    assert all(word.isalpha() for word in name.split(" ") if name)
    assert bare_name(name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  Nguyễn   Thị Ánh-Tuyết ", "Nguyễn Thị Ánh Tuyết"),
        ("Nguyễn".encode().decode(), "Nguyễn"),
        ("K'Brơi 2", "K Brơi"),
        ("Vào evil.com nhận quà", "Vào nhận quà"),
        ("0912 345 678", ""),
        ("Mai\r\nBcc: x@evil.example", "Mai Bcc"),
        ("a" * 70, "a" * 40),
        ("Một cái tên dài hơn bốn mươi chữ cái vì có người muốn nhắn", "Một cái tên dài hơn bốn mươi chữ cái vì"),
    ],
)
def test_names(text, name):
    assert bare_name(text) == name


@pytest.mark.parametrize("piece", ["[", "&amp;", "<", "a.", "a ", ". ", "[.", "&lt;", "\u0301", "//", "a\u3002"])
def test_of_a_long_and_nasty_text_the_beginning_is_kept(piece):
    kept = without_links(piece * 100_000)
    assert kept == without_links((piece * 100_000)[:LONGEST]) == without_links(kept)
    assert len(kept) <= 2 * LONGEST


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Xem https://evil.example/x?y=1, rồi gọi.", "Xem [liên kết đã bỏ], rồi gọi."),
        ("Viết cho mai@example.vn!", "Viết cho [liên kết đã bỏ]!"),
        ("evil chấm com là gì?", "[liên kết đã bỏ] là gì?"),
        ("Bài này hay, bạn đọc nhé!", "Bài này hay, bạn đọc nhé!"),
    ],
)
def test_a_mark_keeps_the_sentence_whole(text, left):
    assert without_links(text, mark=LINK_GONE) == left


@given(before=st.text(max_size=30), after=st.text(max_size=30), link=st.sampled_from(LINKS))
def test_a_mark_lets_no_link_through(before, after, link):
    marked = without_links(f"{before} {link} {after}", mark=LINK_GONE)
    assert without_links(marked) == marked == without_links(marked, mark=LINK_GONE)
