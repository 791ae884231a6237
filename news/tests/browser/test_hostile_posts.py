"""A thousand hostile posts, comments and letters, leave the limits' worth; none of their scripts runs for anybody."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from news import crypto
from news.models import Comment, CommentStatus, Feedback, Outbox, WordRule
from news.queries import comments as questions
from news.services import commenting, consenting, feedback, moderating, outbox
from news.tests import make
from news.tests.conftest import Witness
from news.tests.hostile import FRAGMENTS
from news.text.wordlist import listed

pytestmark = pytest.mark.django_db(transaction=True)

TRICKS = (
    "xem http://evil.example/{n} nhé",
    "evil{n}[.]com",
    "đ1t mẹ {n}",
    "ó.c c.h.ó {n}",
    "nhà c@i uy t1n {n}",
    "gọi 0912 345 6{n:02}",
    "To: a@evil.example\r\nBcc: b@evil.example\r\n\r\n{n}",
    "\u202eđảo ngược {n}\u202c",
    "\x00\x01 {n}",
    "z\u0336\u0335\u0334 {n} " + "\u0301" * 400,
    "=?utf-8?q?{n}?=",
    "{{{{ {n} }}}}{{% debug %}}",
    "<svg><style><img src=x onerror=alert({n})></style></svg>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert({n})&gt;">',
    "]]><!--<script>alert({n})</script>",
)
NAMES = ("Mai", "<script>alert(1)</script>", "\u202eiaM", 'Mai" onmouseover="alert(1)', "<img src=x onerror=alert(1)>")


def hostile(number: int) -> dict[str, str]:
    """The words of the post of that number, each different."""
    chance = random.Random(number)
    trick = chance.choice(TRICKS).format(n=number % 100)
    body = f"{trick} {chance.choice(FRAGMENTS)} {number}"
    return {"body": body, "name": NAMES[number % len(NAMES)], "email": f"ke-xau-{number % 7}@example.vn"}


def sent_from(number: int) -> Client:
    """A visitor of one of eight networks; a header that says otherwise is not believed."""
    client = Client(REMOTE_ADDR=f"198.51.100.{number % 8}", headers={"X-Forwarded-For": f"10.0.0.{number % 250}"})
    client.raise_request_exception = False
    return client


def letter_form(client: Client, number: int) -> Any:
    """Send the same words as a letter, of that kind of sender."""
    wording = consenting.current(feedback.FORM, timezone.now())
    told = {"kind": "opinion", "consent_text": str(wording.pk), "agree_reply": "on"}
    return client.post("/phan-hoi/", {**told, **hostile(number)})


def test_hostile_posts_leave_the_limits_worth_and_run_nothing(
    page: Page, witness: Witness, sign_in: Callable[[Any], None]
) -> None:
    if not WordRule.objects.exists():  # an earlier test has emptied the tables
        WordRule.objects.bulk_create(
            WordRule(pattern=line.word.pattern, match=line.word.match, level=line.level) for line in listed()
        )
    edition = make.publish(make.make_article("Cầu treo"), at=timezone.now())
    answers: Counter[int] = Counter()
    letters: Counter[int] = Counter()
    for number in range(1000):
        if number % 4:
            answers[make.comment_form(sent_from(number), edition, **hostile(number)).status_code] += 1
        else:
            letters[letter_form(sent_from(number // 4), number).status_code] += 1
    # A megabyte, many fields, a form in another charset, no form at all: each refused, none an error of ours.
    base = f"/tin/{edition.slug}-{edition.article_id}/binh-luan/"
    assert (
        make.comment_form(sent_from(1), edition, body="x" * 1_000_000, name="a", email="a@example.vn").status_code
        == 422
    )
    assert sent_from(1).post(f"{base}viet/", {f"f{n}": "x" for n in range(13_000)}).status_code == 413
    assert (
        sent_from(1).post(f"{base}viet/", b"\xff\xfe", content_type="application/x-www-form-urlencoded").status_code
        == 422
    )
    assert sent_from(1).post(f"{base}viet/", b"body=x", content_type="text/plain; charset=utf-7").status_code == 400
    assert sent_from(1).get(f"{base}9{'9' * 17}/").status_code == 404

    kept = list(Comment.objects.order_by("pk"))
    # Seven mailboxes may write five each in an hour, thirty from a network; nothing hostile is shown, nothing mailed.
    assert len(kept) == answers[302] <= commenting.GUEST_HOURLY * 7
    assert set(answers) <= {302, 422, 429}
    assert len(kept) >= commenting.GUEST_HOURLY
    assert {row.status for row in kept} <= {CommentStatus.HELD, CommentStatus.SPAM}
    # Letters: five an hour for each network; receipts, five an hour for each mailbox, and to nobody else.
    assert Feedback.objects.count() == letters[302] <= feedback.HOURLY * 8
    assert letters[302] >= feedback.HOURLY
    assert set(letters) <= {302, 422, 429}
    mails = list(Outbox.objects.all())
    assert {mail.kind for mail in mails} <= {"feedback_receipt"}
    assert len(mails) <= outbox.HOURLY * 7
    addressed = Counter(crypto.decrypt(mail.recipient)["address"] for mail in mails)
    assert set(addressed) <= {f"ke-xau-{number}@example.vn" for number in range(7)}
    assert max(addressed.values()) <= outbox.HOURLY
    assert not any(letter in row.body + row.name for row in kept for letter in "\x00\x01\u202e\ud800")
    assert all(len(row.body) <= 3000 and len(row.name) <= 60 for row in kept)
    assert any(rule["rule"] == "word" for row in kept for rule in row.held_for)
    assert any(rule["rule"] == "link" for row in kept for rule in row.held_for)

    moderator = make.make_user("moderator")
    for row in kept[:25]:
        if row.status == CommentStatus.HELD:
            moderating.decide(
                comment_id=row.pk, step="approve", actor=moderator, at=timezone.now(), stamp=questions.stamp_of(row)
            )
    shown = Comment.objects.filter(status=CommentStatus.SHOWN).order_by("-pk").first()
    assert shown is not None
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    page.goto(base)
    assert page.locator(".comment").count() >= 1
    page.goto(f"{base}{shown.pk}/")
    page.goto(f"/tin/{edition.slug}-{edition.article_id}/")
    page.get_by_role("link", name="Đọc và viết bình luận").click()
    page.locator("#binh-luan .comment").first.wait_for()
    sign_in(moderator)
    for address in ("", "?hang=spam", "?hang=tat-ca", f"{shown.pk}/change/"):
        page.goto(f"/quan-tri/news/comment/{address}")
        page.locator("h1").wait_for()
    for letter in Feedback.objects.order_by("-pk")[:3]:
        page.goto(f"/quan-tri/news/feedback/{letter.pk}/change/")
        page.locator("h1").wait_for()
    page.goto("/quan-tri/news/feedback/")
    assert (
        page.evaluate("document.querySelectorAll('main script, main img, main iframe, main svg, main math').length")
        == 0
    )
