"""Many spellings of an address, one mailbox."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.text.mailbox import mailbox


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("mai@example.vn", "mai@example.vn"),
        (" Mai@Example.VN ", "mai@example.vn"),
        ("mai+tin+hay@example.vn", "mai@example.vn"),
        ("m.a.i+x@gmail.com", "mai@gmail.com"),
        ("M.ai@GoogleMail.com", "mai@gmail.com"),
        ("m.ai@example.vn", "m.ai@example.vn"),
        ("mai@bücher.example", "mai@xn--bcher-kva.example"),
        ("mai@xn--bcher-kva.example", "mai@xn--bcher-kva.example"),
        ("mai@example.vn.", "mai@example.vn"),
        ("+x@example.vn", "+x@example.vn"),
        ("khong-co-a-cong", "khong-co-a-cong"),
        ("", ""),
    ],
)
def test_key(address, key):
    assert mailbox(address) == key


@given(st.text())
def test_any_text_has_a_key(text):
    mailbox(text)
