"""Bản tin: asked for, confirmed by its owner, changed and stopped by links in its mails; nobody learns who has it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from news import crypto
from news.models import (
    Consent,
    ConsentWithdrawal,
    ErasureReason,
    MailScope,
    MailStop,
    Masthead,
    Outbox,
    ReaderContact,
    Subscriber,
)
from news.services import consenting, outbox, privacy, stopping, subscribing
from news.tests import make
from news.tests.hostile import FRAGMENTS

pytestmark = pytest.mark.django_db

SENT = "/ban-tin/da-gui/"


@pytest.fixture
def good():
    Masthead.objects.create(name="Báo Điện Biên")
    text = consenting.current("ban-tin", timezone.now())
    return {
        "email": "Mai.Bi.Mat@example.vn",
        "frequency": "daily",
        "consent_text": text.pk,
        "agree_newsletter": "on",
    }


def deliver():
    for mail_id in Outbox.objects.filter(sent_at=None, given_up_at=None).order_by("pk").values_list("pk", flat=True):
        outbox.attempt(mail_id=mail_id, at=timezone.now())


def path_in(text, word):
    """The path of the link in a mail that leads below /ban-tin/<word>/."""
    (found,) = re.findall(rf"http://127\.0\.0\.1:8000(/ban-tin/{word}/\S+)", text)
    return found


def subscribed(client, good, post_office, **changes):
    """Asked, confirmed; the subscriber and the text of the welcome."""
    client.post("/ban-tin/", good | changes)
    deliver()
    client.post(path_in(post_office.texts[-1], "xac-nhan"))
    deliver()
    return Subscriber.objects.latest("pk"), post_office.texts[-1]


def test_it_is_asked_for_and_confirmed_by_the_owner_of_the_mailbox(client, good, post_office):
    section = make.make_section("Văn hóa")
    answer = client.post("/ban-tin/", good | {"frequency": "weekly", "sections": [section.pk]})
    assert (answer.status_code, answer.headers["Location"]) == (302, SENT)
    row = Subscriber.objects.get()
    assert (row.state, row.frequency, list(row.sections.all()), row.mailbox_digest) == (
        *("pending", "weekly", [section], crypto.digest("mai.bi.mat@example.vn")),
    )
    assert [(c.text.form, c.purposes, c.contact_id, c.address) for c in Consent.objects.all()] == [
        ("ban-tin", ["newsletter"], row.contact_id, "/ban-tin/")
    ]
    deliver()
    (mail,) = post_office.mails
    assert (mail["To"], mail["Subject"], mail["Reply-To"], mail["List-Unsubscribe"]) == (
        *("Mai.Bi.Mat@example.vn", "Bản tin của Báo Điện Biên: hãy xác nhận đăng ký", None, None),
    )
    link = path_in(post_office.texts[0], "xac-nhan")
    assert link in post_office.htmls[0]
    for _ in range(2):  # link scanners look
        page = client.get(link)
        assert (page.status_code, "Xác nhận đăng ký" in page.content.decode()) == (200, True)
    assert Subscriber.objects.get().state == "pending"
    done = client.post(link)
    assert "Bạn đã đăng ký bản tin" in done.content.decode()
    client.post(link)
    row.refresh_from_db()
    assert (row.state, row.confirmed_at is not None) == ("active", True)
    deliver()
    assert len(post_office.mails) == 2
    welcome = post_office.mails[1]
    stop = path_in(post_office.texts[1], "thoi-nhan")
    assert (welcome["List-Unsubscribe"], welcome["List-Unsubscribe-Post"]) == (
        *(f"<http://127.0.0.1:8000{stop}>", "List-Unsubscribe=One-Click"),
    )


def test_the_answer_is_the_same_whatever_is_known_of_the_address(client, good, post_office):
    subscribed(client, good, post_office)
    before = Subscriber.objects.values().get()
    again = client.post("/ban-tin/", good | {"frequency": "weekly"})
    assert (again.status_code, again.headers["Location"], again.cookies) == (302, SENT, {})
    assert Subscriber.objects.values().get() == before  # a stranger changes nothing
    assert Consent.objects.count() == 1
    deliver()
    assert "đang nhận bản tin rồi" in post_office.texts[-1]
    assert client.get(path_in(post_office.texts[-1], "cua-toi")).status_code == 200


def test_what_nobody_confirms_is_forgotten(client, good, post_office):
    client.post("/ban-tin/", good)
    deliver()
    link = path_in(post_office.texts[0], "xac-nhan")
    late = timezone.now() + subscribing.CONFIRM_WITHIN + timedelta(minutes=1)
    with time_machine.travel(late):
        assert client.get(link).status_code == 410
        assert client.post(link).status_code == 410
    assert subscribing.sweep(at=timezone.now()) == 0
    assert subscribing.sweep(at=late) == 1
    assert (Subscriber.objects.count(), ReaderContact.objects.count(), Consent.objects.count()) == (0, 0, 0)
    assert client.get(link).status_code == 410


def test_its_owner_changes_and_stops_it(client, good, post_office):
    section = make.make_section("Văn hóa")
    row, welcome = subscribed(client, good, post_office)
    own, stop = path_in(welcome, "cua-toi"), path_in(welcome, "thoi-nhan")
    saved = client.post(own, {"frequency": "weekly", "sections": [section.pk]})
    row.refresh_from_db()
    assert ("Đã lưu" in saved.content.decode(), row.frequency, list(row.sections.all())) == (True, "weekly", [section])
    assert client.post(own, {"frequency": "hourly", "sections": [999]}).status_code == 422
    for _ in range(2):
        assert client.get(stop).status_code == 200
    row.refresh_from_db()
    assert row.state == "active"
    strict = Client(enforce_csrf_checks=True)
    for _ in range(2):  # RFC 8058: no cookie, no page before it
        done = strict.post(stop, {"List-Unsubscribe": "One-Click"})
        assert (done.status_code, "Bạn đã thôi nhận bản tin" in done.content.decode(), done.cookies) == (200, True, {})
    row.refresh_from_db()
    assert (row.state, row.contact.keep_until) == ("stopped", timezone.localdate() + subscribing.KEPT_AFTER_STOP)
    assert list(ConsentWithdrawal.objects.values_list("purpose", flat=True)) == ["newsletter"]
    assert client.post(own, {"frequency": "daily"}).status_code == 200
    row.refresh_from_db()
    assert row.state == "stopped"


def test_a_mailbox_that_wanted_no_mail_and_confirms_gets_it_again(client, good, post_office):
    token = stopping.token("mai.bi.mat@example.vn", MailScope.DIGEST)
    stopping.stop(token=token, scope=MailScope.DIGEST, at=timezone.now())
    subscribed(client, good, post_office)
    assert [row.lifted_at is None for row in MailStop.objects.all()] == [False]


def test_erasure_leaves_nothing_of_a_subscription(client, good, post_office):
    _, welcome = subscribed(client, good, post_office)
    privacy.erase(email="mai.bi.mat@example.vn", at=timezone.now(), reason=ErasureReason.WISH)
    assert (Subscriber.objects.count(), ReaderContact.objects.count(), Consent.objects.count()) == (0, 0, 0)
    assert client.post(path_in(welcome, "thoi-nhan")).status_code == 200
    assert client.get(path_in(welcome, "cua-toi")).status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", ""),
        ("email", "không phải thư"),
        ("email", "a@example.vn\nBcc: b@example.vn"),
        ("email", "=?utf-8?q?a=40b=2c?=@example.com"),
        ("frequency", "hourly"),
        ("sections", "999999"),
        ("agree_newsletter", ""),
        ("consent_text", "999999"),
    ],
)
def test_bad_input_is_said_beside_its_field(client, good, name, value):
    answer = client.post("/ban-tin/", good | {name: value})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [name])
    assert (Subscriber.objects.count(), Outbox.objects.count()) == (0, 0)


def test_nothing_is_ticked_before_the_reader_does(client, good):
    page = client.get("/ban-tin/").content.decode()
    assert re.findall(r'<input type="checkbox"[^>]*checked', page) == []


def test_hostile_addresses_and_tokens_open_nothing(client, good):
    for number, fragment in enumerate(FRAGMENTS):
        answer = client.post(
            "/ban-tin/", good | {"email": f"a{fragment}@example.vn"}, REMOTE_ADDR=f"203.0.113.{number}"
        )
        assert answer.status_code in {302, 422}
        assert "<script>alert" not in answer.content.decode()
    for token in ("x", "1:k:x", "x" * 5000, "%00", "Đ", "1:" + "k" * 22):
        for page in ("xac-nhan", "cua-toi", "thoi-nhan"):
            assert client.get(f"/ban-tin/{page}/{token}/").status_code in {400, 404, 410}
            assert client.post(f"/ban-tin/{page}/{token}/").status_code in {400, 404, 410}


def test_limits_of_a_network_and_of_a_mailbox(client, good, post_office):
    for number in range(subscribing.HOURLY):
        assert client.post("/ban-tin/", good | {"email": f"a{number}@example.vn"}).status_code == 302
    full = client.post("/ban-tin/", good | {"email": "them@example.vn"})
    assert (full.status_code, "Bạn đã đăng ký nhiều lần" in full.content.decode()) == (429, True)
    for number in range(7):  # from everywhere, at one mailbox
        client.post("/ban-tin/", good, REMOTE_ADDR=f"203.0.{number}.1")
    deliver()
    assert post_office.recipients.count("Mai.Bi.Mat@example.vn") == outbox.HOURLY
    assert client.post("/ban-tin/", good | {"website": "x"}, REMOTE_ADDR="203.0.99.1").status_code == 302


def test_queries(client, good, django_assert_num_queries):
    make.make_section()
    client.get("/ban-tin/")
    with django_assert_num_queries(5):  # consent; masthead, sections, standing pages; sections to choose
        client.get("/ban-tin/")
    with django_assert_num_queries(3):
        client.get(SENT)
