"""Phản hồi: letters arrive, contacts stay apart and unreadable, limits hold, what was typed stays."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from news import crypto
from news.models import Consent, ConsentText, Feedback, FeedbackStatus, ReaderContact
from news.services import feedback
from news.tests import make
from news.tests.hostile import FRAGMENTS

pytestmark = pytest.mark.django_db

GOOD = {
    "kind": "error",
    "body": "Tỷ lệ 144/2.086 phải là 6,90%.",
    "name": "Lò Thị Mai",
    "email": "mai@example.vn",
    "phone": "0912 345 678",
    "address": "Bản Nà Tăm",
    "consent": "on",
}


@pytest.fixture
def edition():
    return make.publish(make.make_article("Một bài"))


def letter(**changes):
    """A complete form, its consent wording included."""
    return GOOD | {"consent_text": feedback.consent_text(timezone.now()).pk} | changes


def test_a_letter_about_an_article_is_kept_with_its_code_and_consent(client, edition):
    address = f"/tin/{edition.slug}-{edition.article_id}/phan-hoi/"
    response = client.post(address, letter(), follow=True)
    row, contact, consent = Feedback.objects.get(), ReaderContact.objects.get(), Consent.objects.get()
    assert re.fullmatch(rf"PH-\d{{4}}-{row.pk:06d}-[2-9A-Z]{{8}}", row.code)
    assert row.code in response.content.decode()
    assert (row.article_id, row.kind, row.status, row.contact) == (
        edition.article_id,
        "error",
        FeedbackStatus.NEW,
        contact,
    )
    assert crypto.decrypt(contact.details) == {key: GOOD[key] for key in ("name", "email", "phone", "address")}
    assert (contact.email_digest, contact.phone_digest) == (
        crypto.digest("mai@example.vn"),
        crypto.digest("0912345678"),
    )
    assert (consent.contact, consent.text.version, consent.purposes, consent.address) == (
        contact,
        1,
        ["reply"],
        address,
    )


def test_a_general_letter_belongs_to_no_article(client):
    assert client.post("/phan-hoi/", letter()).status_code == 302
    assert Feedback.objects.get().article is None


def test_no_contact_detail_stands_readable_in_the_database(client, edition):
    client.post(f"/tin/{edition.slug}-{edition.article_id}/phan-hoi/", letter())
    dump = ""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            dump += repr(cursor.fetchall())
    assert "144/2.086" in dump
    assert [word for word in ("Lò Thị Mai", "mai@example.vn", "0912", "Nà Tăm") if word in dump] == []
    words = [str(model.objects.get()) for model in (ReaderContact, Feedback, Consent)]
    assert [word for word in words if "Mai" in word or "@" in word] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("body", ""),
        ("body", "ngắn"),
        ("body", "x" * 10_001),
        ("name", " "),
        ("name", "\u202e" * 9),
        ("body", " \u200b" * 20),
        ("email", "không phải thư"),
        ("email", "=?utf-8?q?a=40b=2c?=@example.com"),
        ("email", "a@example.com\nBcc: b@example.com"),
        ("phone", "gọi tôi"),
        ("kind", "khác"),
        ("consent", ""),
        ("consent_text", "999999"),
        ("consent_text", "x"),
    ],
)
def test_bad_input_is_said_beside_its_field_and_keeps_what_was_typed(client, field, value):
    response = client.post("/phan-hoi/", letter(**{field: value}))
    assert (response.status_code, Feedback.objects.count(), ReaderContact.objects.count()) == (422, 0, 0)
    assert list(response.context["form"].errors) == [field]
    if field != "body":
        assert "Tỷ lệ 144/2.086" in response.content.decode()


def test_consent_is_not_ticked_beforehand_and_an_older_wording_stays_what_was_agreed_to(client):
    text = client.get("/phan-hoi/").content.decode()
    box = re.search(r'<input type="checkbox"[^>]*>', text)
    assert box is not None
    assert "checked" not in box.group()
    seen = letter()
    now = timezone.now()
    ConsentText.objects.create(form="phan-hoi", version=2, text="Lời mới", purposes=["reply", "x"], shown_from=now)
    client.post("/phan-hoi/", seen)
    assert Consent.objects.get().text.version == 1
    assert "Lời mới" in client.get("/phan-hoi/").content.decode()


def test_a_letter_with_the_hidden_field_filled_is_kept_as_spam(client):
    client.post("/phan-hoi/", letter(website="http://spam.example"))
    assert Feedback.objects.get().status == FeedbackStatus.SPAM


def test_one_sender_has_a_limit_and_another_still_gets_through(client):
    statuses = [client.post("/phan-hoi/", letter()).status_code for _ in range(7)]
    assert statuses == [302] * 5 + [429] * 2
    refused = client.post("/phan-hoi/", letter())
    assert "Tỷ lệ 144/2.086" in refused.content.decode()
    assert client.post("/phan-hoi/", letter(), REMOTE_ADDR="203.0.113.9").status_code == 302
    # A header of the visitor's own changes nothing.
    assert client.post("/phan-hoi/", letter(), headers={"X-Forwarded-For": "198.51.100.1"}).status_code == 429
    assert Feedback.objects.count() == 6


def test_the_form_of_what_readers_cannot_see_answers_like_the_article(client, edition):
    article = edition.article
    draft = make.make_article("Nháp")
    make.withdraw(article, at=timezone.now() - timedelta(minutes=1))
    assert client.get(f"/tin/{edition.slug}-{article.pk}/phan-hoi/").status_code == 410
    assert client.post(f"/tin/{edition.slug}-{article.pk}/phan-hoi/", letter()).status_code == 410
    assert client.get(f"/tin/nhap-{draft.pk}/phan-hoi/").status_code == 404
    assert Feedback.objects.count() == 0


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_told_so_before_the_token_is_asked_for(method):
    response = getattr(Client(enforce_csrf_checks=True), method)("/phan-hoi/")
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, POST")


def test_too_large_a_body_is_told_so(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert client.post("/phan-hoi/", letter(body="x" * 2000)).status_code == 413


def test_the_thank_you_page_shows_only_codes_this_site_signed(client):
    assert client.get("/phan-hoi/da-nhan/?ma=PH-2026-000001-AAAAAAAA").status_code == 404
    assert client.get("/phan-hoi/da-nhan/").status_code == 404


def test_a_form_without_its_token_is_refused(edition):
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/phan-hoi/", letter())
    assert (response.status_code, Feedback.objects.count()) == (403, 0)


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_hostile_words_come_back_as_words(client, fragment):
    words = fragment.replace("\0", "")
    text = client.post("/phan-hoi/", letter(body=words, name=words, email="x")).content.decode()
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "<svg/onload" not in text
