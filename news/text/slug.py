"""Addresses made from titles."""

import re
import unicodedata
from typing import Final

from news.text.normalize import SPELLED_OUT, fold

_SPELLED_OUT: Final = re.compile(f"[{''.join(SPELLED_OUT)}]")
# Dropped without parting the word: H'Mông is one word with any apostrophe.
_INSIDE_WORDS: Final = re.compile(
    "["
    "'`\u2018\u2019\u02b9-\u02bf"  # apostrophes
    "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"  # soft hyphen, zero-width and direction characters
    "]+"
)
_BETWEEN_WORDS: Final = re.compile("[^a-z0-9]+")


def slugify(text: str, max_length: int = 80) -> str:
    """`text` as a piece of a public address: "Đoàn công tác" is "doan-cong-tac".

    Only a-z, 0-9 and single hyphens between them, at most `max_length` characters, cut at a hyphen unless the
    first word alone is too long. Letters of other scripts are reduced to ASCII by NFKC and `fold` where that
    is possible and dropped otherwise, so the result may be "" (a title in Lao): callers then use "bai". Total
    and idempotent; two titles may share a slug, so an address needs the id as well.
    """
    slug = fold(text if text.isascii() else unicodedata.normalize("NFKC", text))
    if not slug.isascii():
        slug = _SPELLED_OUT.sub(lambda letter: SPELLED_OUT[letter[0]], slug)
    slug = _BETWEEN_WORDS.sub("-", _INSIDE_WORDS.sub("", slug)).strip("-")
    if len(slug) <= max_length:
        return slug
    at_a_word = slug[: max(max_length, 0) + 1].rpartition("-")[0]
    return at_a_word or slug[: max(max_length, 0)]
