"""Every mail there is: two forms of one thing, escaped, with headers that nobody's words reach."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from news.services import mailing, outbox
from news.services.mailing import BadMail, Words
from news.tests.hostile import FRAGMENTS
from news.tests.make import NOW

FOLDER = Path(settings.BASE_DIR) / "templates" / "news" / "email"
ALONE = {
    "base",
    "account",
    "second_factor_reset",
    "account_closed",
    "account_unused",
    "address_reset",
    "password_reset",
}
"""The frame, and the texts of accounts, which one frame dresses (`account_mail`)."""
KINDS = sorted({path.stem for path in FOLDER.iterdir()} - ALONE)
HOSTILE = st.sampled_from(
    [
        *FRAGMENTS,
        "\r\nBcc: x@evil.example",
        "=?utf-8?q?x?=",
        "\u2028",
        "\u202e",
        "Đảng",
        "a" * 300,
        "@",
        ";",
        ",",
        "<",
        ">",
    ]
)


class Anything:
    """Answers every name with the same hostile words, in lists too."""

    def __init__(self, words: str) -> None:
        self.words = words

    def __getitem__(self, name):
        if name in {"received_at", "due_at", "at"}:
            return NOW
        if name in {"letters", "parts", "pieces"}:
            return [Anything(self.words)]
        if name in {"quoted", "lines", "granted"}:
            return [f"> {self.words}"]
        if name in {"letter", "site", "user", "actor", "details"}:
            return Anything(self.words)
        if name in {"address", "link", "stop", "manage", "url"}:
            return f"https://bao.example.vn/?{self.words}"
        return self.words

    def __iter__(self):
        raise TypeError

    def __str__(self) -> str:
        return self.words


CONTEXT = (
    "address answer at day details frequency granted is_known is_own items lead letter letters line lines link links"
    " manage masthead name parts quoted reason role site stop subject text title user words actor days"
).split()


def test_every_mail_has_both_forms():
    names = {path.name for path in FOLDER.iterdir()}
    assert [kind for kind in KINDS if not {f"{kind}.txt", f"{kind}.html"} <= names] == []


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_in_a_mail_its_html_is_escaped_and_asks_for_nothing(kind):
    for fragment in FRAGMENTS:
        hostile = Anything(fragment)
        said = mailing.words(kind, {name: hostile[name] for name in CONTEXT})
        assert not isinstance(said.text, SafeString)
        assert not isinstance(said.html, SafeString)
        harmless = mailing.words(kind, {name: Anything("x")[name] for name in CONTEXT})
        # Paragraphs come of line ends; but for them hostile words make no element and end no attribute.
        assert elements(said.html) == elements(harmless.html), fragment


def elements(html: str) -> list[str]:
    """The elements of a page with the names of their attributes."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag not in {"p", "br"}:
                found.append(f"{tag} {' '.join(name for name, _ in attrs)}")

    Reader().feed(html)
    return found


def test_the_frame_asks_for_nothing_from_anywhere():
    frame = (FOLDER / "base.html").read_text(encoding="utf-8")
    assert re.findall(r"<img|<link|<script|src=|url\(|@import|style=\"|https?://", frame) == []


@pytest.mark.django_db
@hypothesis_settings(max_examples=40)
@given(data=st.data())
def test_no_words_reach_a_header_whatever_the_kind(data):
    pieces = [data.draw(HOSTILE) for _ in range(4)]
    kind = data.draw(st.sampled_from(KINDS))
    said = mailing.words(kind, {name: Anything(pieces[0])[name] for name in CONTEXT})
    try:
        subject = mailing.subject(pieces[1])
        recipient = mailing.address(f"mai{pieces[2]}@example.vn")
        reply_to = mailing.address(f"toa-soan{pieces[3]}@example.vn")
        header = mailing.header("List-Id", f"<{pieces[3]}>")
    except BadMail:
        subject, recipient, reply_to, header = "Thư", "mai@example.vn", "", "<x>"
    mail = mailing.compose(
        recipient=recipient,
        subject=subject,
        words=Words(mailing.body(said.text), mailing.body(said.html)),
        message_id="1.outbox",
        sender="Báo",
        reply_to=reply_to,
        headers={"List-Id": header},
    ).message()
    assert set(mail.keys()) - {"Reply-To"} == {
        *("Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "List-Id"),
        *("Auto-Submitted", "X-Auto-Response-Suppress"),
    }
    assert [str(mail["To"]), len(mail.get_all("To")), mail["Bcc"], mail["Cc"]] == [recipient, 1, None, None]
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail.as_bytes().isascii()


def test_a_stranger_of_a_kind_is_refused():
    with pytest.raises(BadMail):
        outbox.post(kind="x", recipient="a@example.vn\nBcc: b@example.vn", subject="x", text="x", at=NOW)
