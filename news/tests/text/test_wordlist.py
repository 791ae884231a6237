"""Words found however they are dressed up, innocent ones left alone; links and numbers; total on any text."""

import random
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.look_alikes import READ_AS
from news.tests.text import case_files
from news.text import wordlist
from news.text.wordlist import Match, Word, WordList

HOUSE = WordList([line.word for line in wordlist.listed()])
DIRTY = case_files.pairs("comment_words_dirty.txt")
CLEAN = case_files.singles("comment_words_clean.txt")


def test_clean_lines_outnumber_dirty_ones() -> None:
    assert len(CLEAN) > len(DIRTY)
    assert len(NEITHER) > len(LINKS)


@pytest.mark.parametrize(("line", "pattern"), DIRTY)
def test_dirty_lines_are_found_with_the_word_that_hit(line: str, pattern: str) -> None:
    for form in ("NFC", "NFD", "NFKD"):
        text = unicodedata.normalize(form, f"Mở đầu, {line}, kết thúc.")
        assert pattern in {hit.word.pattern for hit in HOUSE.find(text)}, form


@pytest.mark.parametrize("line", CLEAN)
def test_clean_lines_are_left_alone(line: str) -> None:
    for form in ("NFC", "NFD"):
        assert [hit.word.pattern for hit in HOUSE.find(unicodedata.normalize(form, line))] == []


def test_each_line_of_the_list_says_why_and_finds_itself() -> None:
    for line in wordlist.listed():
        assert line.note
        assert line.level in {"hold", "spam"}
        assert line.word in {hit.word for hit in WordList([line.word]).find(line.word.pattern)}


@pytest.mark.parametrize(
    ("match", "found", "left"),
    [
        (Match.MARKED, ["đụ má", "ĐỤ MÁ", "đ.ụ má"], ["du ma", "dù mà", "đủ má"]),
        (Match.BARE, ["đụ má", "du ma", "DU-MA"], ["dù mà", "đụ mà", "đủ má"]),
        (Match.FOLDED, ["đụ má", "du ma", "dù mà"], ["du mang", "udu ma"]),
    ],
)
def test_a_pattern_says_how_its_marks_are_meant(match: Match, found: list[str], left: list[str]) -> None:
    words = WordList([Word("đụ má", match)])
    assert [text for text in [*found, *left] if words.find(text)] == found


def test_spans_are_those_of_the_text_as_given() -> None:
    text = unicodedata.normalize("NFD", "Ờ, l\u200bồ\u200dn nhé")
    (hit,) = HOUSE.find(text)
    assert unicodedata.normalize("NFC", text[hit.start : hit.end]).replace("\u200b", "").replace("\u200d", "") == "lồn"


LOOK_ALIKE = {"a": "а", "c": "с", "e": "е", "o": "о", "p": "р", "x": "х", "i": "і", "h": "һ", "t": "т", "m": "м"}


def dressed(word: str, seed: int) -> str:
    """The word in a disguise that its reader sees through."""
    chance = random.Random(seed)
    spaced = chance.random() < 0.3
    out = []
    for syllable in word.split(" "):
        letters = []
        for letter in syllable:
            base, *marks = list(unicodedata.normalize("NFD", letter))
            base = LOOK_ALIKE.get(base, base) if chance.random() < 0.3 and base != "i" else base
            shown = unicodedata.normalize(chance.choice(["NFC", "NFD"]), base + "".join(marks))
            shown = shown.upper() if chance.random() < 0.4 else shown
            letters.append(shown * (1 if chance.random() < 0.8 or marks else 3))
            letters[-1] += chance.choice(["", "", "\u200b", "\u00ad", "\u2060"])
        out.append((chance.choice([" ", ".", " . "]) if spaced else chance.choice(["", "", ".", "-"])).join(letters))
    return (" " if not spaced else "  ").join(out)


@settings(max_examples=150)
@given(st.sampled_from([line.word for line in wordlist.listed() if len(line.word.pattern) > 2]), st.integers(0, 2**32))
def test_no_disguise_helps(word: Word, seed: int) -> None:
    text = f"Thì {dressed(word.pattern, seed)}!"
    assert WordList([word]).find(text), text


@settings(max_examples=150)
@given(st.text(max_size=400))
def test_any_text_is_read_and_spans_lie_in_it(text: str) -> None:
    for hit in HOUSE.find(text):
        assert 0 <= hit.start < hit.end <= len(text)
    for span in [*wordlist.links(text), *wordlist.phones(text)]:
        assert 0 <= span.start < span.end <= len(text)


@settings(max_examples=100)
@given(st.text(max_size=60), st.sampled_from(list(Match)))
def test_any_text_is_a_pattern(pattern: str, match: Match) -> None:
    WordList([Word(pattern, match)]).find(f"a {pattern} b")


@pytest.mark.parametrize(
    "part",
    [
        "đ.ị.t ", "!1|", "đ  ", "a.", "aa chấm ", "http ", "aa . ", "a-", "a" * 62 + " . ", "evil dot ",
        "t me", "t . me/ ", "0", "O", "0 ", "o.l", "l1", "0912 345 67 l", "@", "a@", "[at]", "a[dot]", "е",
        "оl", "ｅ．", "e\u0301\u0323", "\u0301", "\ufdfa", "\u200b", "www.", "evil. ", "н", "иgu", "ĄŁ", "１",
        "𝟎", "a\u0301\u0323\u0302",
    ],
)  # fmt: skip
@pytest.mark.parametrize("length", [5_000, 20_000])
def test_in_long_texts_spans_stand_in_order(part: str, length: int) -> None:
    text = (part * length)[:length]
    starts = [hit.start for hit in HOUSE.find(text)]
    assert starts == sorted(starts)
    for spans in (wordlist.links(text), wordlist.phones(text)):
        assert all(0 <= span.start < span.end <= length for span in spans)
        assert all(before.end <= after.start for before, after in pairwise(spans))


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("00000c chó", "00000c chó"),
        ("x0000c chó", "000c chó"),
        ("xó0ó0c chó", "ó0c chó"),
        ("xl1l1ồn", "l1ồn"),
        ("xl1|lồn", "|lồn"),
        ("óccccchó", "óccccchó"),
        ("vãi1111ồn", "vãi1111ồn"),
    ],
)
def test_runs_of_what_stands_for_a_letter_are_read_from_where_a_word_may_begin(text: str, hit: str) -> None:
    assert hit in {text[found.start : found.end] for found in HOUSE.find(text)}


LINKS, PHONES = case_files.pairs("comment_links_dirty.txt"), case_files.pairs("comment_phones_dirty.txt")
NEITHER = case_files.singles("comment_links_clean.txt")


@pytest.mark.parametrize(("line", "piece"), LINKS)
def test_links_are_pointed_out_as_they_were_written(line: str, piece: str) -> None:
    for form in ("NFC", "NFD"):
        text = unicodedata.normalize(form, line)
        assert [text[span.start : span.end] for span in wordlist.links(text)] == [unicodedata.normalize(form, piece)]


@pytest.mark.parametrize(("line", "piece"), PHONES)
def test_phone_numbers_are_pointed_out_as_they_were_written(line: str, piece: str) -> None:
    assert [line[span.start : span.end] for span in wordlist.phones(line)] == [piece]


@pytest.mark.parametrize("line", NEITHER)
def test_what_looks_like_neither_is_left_alone(line: str) -> None:
    for form in ("NFC", "NFD"):
        text = unicodedata.normalize(form, line)
        assert [text[span.start : span.end] for span in [*wordlist.links(text), *wordlist.phones(text)]] == []


@settings(max_examples=200)
@given(st.sampled_from(["evil.com", "nhacai88.vn", "t.me/abc", "0912345678"]), st.randoms(use_true_random=False))
def test_no_disguise_hides_a_link_or_a_number(shown: str, chance: random.Random) -> None:
    letters = []
    for letter in shown:
        drawn = [other for other, read in READ_AS.items() if read == letter and other.islower()]
        letters.append(chance.choice([letter, chr(ord(letter) + 0xFEE0), *drawn]))
        letters.append(chance.choice(["", "", "\u200b", "\u00ad", "\ufe0f"]))
    hidden = "".join(letters).rstrip("\u200b\u00ad")
    text = f"Xem \u200b{hidden} nhé"
    (span,) = [*wordlist.links(text), *wordlist.phones(text)]
    assert text[span.start : span.end] == hidden


@settings(max_examples=300)
@given(st.text(alphabet="ab .,0oOl1@/[]():-chấmdotcvneе．ｏ\u200b\u0301\u0302", max_size=60))
def test_spans_lie_in_the_text_one_after_another(text: str) -> None:
    for found in (wordlist.links(text), wordlist.phones(text)):
        assert all(0 <= span.start < span.end <= len(text) for span in found)
        assert all(one.end <= other.start for one, other in pairwise(found))


@pytest.mark.parametrize(
    "text",
    ["xem evil.com nhé", "https://evil.vn/a?b", "WWW.EVIL.COM", "evil[.]com", "evil chấm com", "mai@evil.vn", "hxxp://a.b",
     "vào zalo.me/0912", "EVIL.VN/x", "javascript:alert(1)", "bit.ly/abc", "evil。com"],
)  # fmt: skip
def test_links_are_seen(text: str) -> None:
    assert wordlist.links(text)


@pytest.mark.parametrize(
    "text",
    ["Hay.Nên làm", "TP.HCM", "3.500.000 đồng", "20.5.2024", "Ok.Ai cũng biết", "v.v.", "15/2021/NĐ-CP", "Tốt.Cảm ơn",
     "chấm com là gì", "9 giờ 30", "QL.4D"],
)  # fmt: skip
def test_what_only_looks_like_a_link_is_none(text: str) -> None:
    assert wordlist.links(text) == []


def test_phone_numbers() -> None:
    assert [wordlist.phones(text) != [] for text in ("0912 345 678", "+84.912.345.678", "0213.3876.543")] == [True] * 3
    assert [wordlist.phones(text) for text in ("2.086 người", "20/5/2024", "12345678", "144/2.086")] == [[]] * 4
