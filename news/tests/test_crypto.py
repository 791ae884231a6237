"""Encrypted details, digests, canonical text, signatures."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news import crypto

DETAILS = {"name": "Lò Thị Mai", "email": "mai@example.vn", "phone": "0912 345 678"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def key(letter):
    return base64.urlsafe_b64encode(letter.encode() * 32).decode()


def test_details_come_back_and_do_not_show():
    token = crypto.encrypt(DETAILS)
    assert crypto.decrypt(token) == DETAILS
    assert "Mai" not in token


def test_a_new_key_in_front_opens_old_details_and_rewrites_them(settings):
    settings.READER_KEYS = [key("a")]
    old = crypto.encrypt(DETAILS)
    settings.READER_KEYS = [key("b"), key("a")]
    assert crypto.decrypt(old) == DETAILS
    renewed = crypto.reencrypt(old)
    settings.READER_KEYS = [key("b")]
    assert crypto.decrypt(renewed) == DETAILS
    with pytest.raises(crypto.Undecryptable):
        crypto.decrypt(old)


def test_a_digest_finds_the_same_address_in_any_writing_and_says_nothing(settings):
    found = crypto.digest("Mai@Example.vn ")
    assert found == crypto.digest("mai@example.vn")
    assert (len(found), crypto.digest(" ")) == (64, "")
    settings.READER_LOOKUP_KEY = "another"
    assert crypto.digest("mai@example.vn") != found


@given(JSON)
def test_canonical_text_does_not_depend_on_the_order_of_keys(value):
    def turned(item):
        if isinstance(item, dict):
            return {name: turned(item[name]) for name in reversed(item)}
        return [turned(part) for part in item] if isinstance(item, list) else item

    assert crypto.canonical(turned(value)) == crypto.canonical(value)


def test_a_signature_holds_for_its_text_and_key_only(settings):
    signature = crypto.sign("đầu sổ")
    assert crypto.is_signed("đầu sổ", signature)
    assert not crypto.is_signed("đầu sổ.", signature)
    assert not crypto.is_signed("đầu sổ", "không phải chữ ký")
    settings.LEDGER_KEY = key("z")
    assert not crypto.is_signed("đầu sổ", signature)
