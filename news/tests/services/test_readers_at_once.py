"""Readers who click twice, or come at one moment: one row each, and no page that breaks. Real threads."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from accounts.models import User
from news.models import Comment, Consent, Edition, ErasureReason, Feedback, Outbox, ReaderContact, Subscriber
from news.services import commenting, consenting, feedback, privacy, subscribing, turns
from news.tests import make
from news.tests.account.test_registration import SIGN_UP, filled
from news.tests.services.test_erasure import EMAIL, NAME, PHONE, send_letter, traces
from news.tests.services.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
AT = timezone.now()
BODY = "Cây cầu này dân bản mong đã lâu."


@pytest.fixture
def edition() -> Edition:
    return make.publish(make.make_article("Cầu thông xe", at=AT - timedelta(hours=3)), at=AT)


def test_a_registration_sent_five_times_at_once_is_one_account_and_no_error(caplog: Any) -> None:
    answers: list[tuple[int, str]] = []
    form = filled()

    def send() -> None:
        answer = Client().post(SIGN_UP, form)
        answers.append((answer.status_code, answer.headers.get("Location", "")))

    with caplog.at_level(logging.WARNING):
        assert at_once(*[send] * 5) == ["done"] * 5
    assert answers == [(302, "/tai-khoan/xac-nhan-thu/")] * 5
    assert (User.objects.count(), EmailAddress.objects.count(), Consent.objects.count()) == (1, 1, 1)
    assert "hoa@example.vn" not in caplog.text


def test_a_newsletter_asked_for_four_times_at_once_is_one_subscriber() -> None:
    consent = consenting.current(subscribing.FORM, AT)
    wish = subscribing.Wish(email="mai@example.vn", frequency="daily", sections=())

    def ask(number: int) -> None:
        subscribing.ask(
            wish=wish, consent=consent, agreed=["newsletter"], address="/", sender=f"198.51.100.{number}", at=AT
        )

    assert at_once(*[lambda number=number: ask(number) for number in range(4)]) == ["done"] * 4
    assert Subscriber.objects.count() == 1
    assert ReaderContact.objects.count() == 1  # earlier wishes that nobody confirmed are forgotten


def test_a_letter_sent_five_times_at_once_is_one_letter() -> None:
    consent = consenting.current(feedback.FORM, AT)
    letter = feedback.Letter(
        kind="opinion",
        body=BODY,
        name="Lò Thị Mai",
        email="mai@example.vn",
        phone="",
        address="",
        is_suspect=False,
    )
    codes: set[str] = set()

    def send() -> None:
        row = feedback.receive(
            letter=letter, article=None, consent=consent, purposes=["reply"], address="/", sender="198.51.100.7", at=AT
        )
        codes.add(row.code)

    assert at_once(*[send] * 5) == ["done"] * 5
    assert len(codes) == 1
    assert (Feedback.objects.count(), Outbox.objects.count(), ReaderContact.objects.count()) == (1, 1, 1)


def test_a_comment_sent_four_times_at_once_is_one_comment(edition: Edition) -> None:
    reader = make.make_user(None)
    consent = consenting.current(commenting.FORM, AT)

    def of_account() -> None:
        words = commenting.Words(body=BODY)
        commenting.write(words=words, edition=edition, author=reader, answering=None, sender="::1", at=AT)

    def of_guest() -> None:
        words = commenting.Words(body=f"{BODY} Mừng lắm!", name="Vàng A Sử", email="su@example.vn", mark="dau-mot")
        commenting.write(
            words=words, edition=edition, author=None, answering=None, sender="198.51.100.7", at=AT,
            consent=consent, purposes=["publish"], address="/",
        )  # fmt: skip

    assert at_once(*[of_account] * 4, *[of_guest] * 4) == ["done"] * 8
    assert set(Comment.objects.values_list("author", "name")) == {(reader.pk, str(reader)), (None, "Vàng A Sử")}
    assert Comment.objects.count() == 2
    assert ReaderContact.objects.count() == 1


def test_the_same_words_from_many_at_once_are_taken_as_often_as_one_after_another(edition: Edition) -> None:
    readers = [make.make_user(None) for _ in range(6)]

    def write(reader: User) -> None:
        words = commenting.Words(body=BODY)
        commenting.write(words=words, edition=edition, author=reader, answering=None, sender="::1", at=AT)

    outcomes = at_once(*[lambda reader=reader: write(reader) for reader in readers])
    assert sorted(map(str, outcomes)) == sorted(["done"] * 3 + [str(commenting.TooMany)] * 3)
    assert Comment.objects.count() == commenting.SAME_AT_MOST


def test_one_person_erased_by_the_desk_by_the_page_and_by_the_terms_at_once(own_storage: None) -> None:
    reader = make.make_user(None, email=EMAIL, full_name=NAME, phone=PHONE)
    EmailAddress.objects.create(user=reader, email=EMAIL.lower(), verified=True, primary=True)
    for number in range(3):
        send_letter(Client(REMOTE_ADDR=f"198.51.100.{number}"))
    contacts = list(ReaderContact.objects.order_by("-pk").values_list("pk", flat=True))
    assert len(contacts) == 3
    at, wish = timezone.now(), ErasureReason.WISH
    outcomes = at_once(
        lambda: privacy.erase(email=EMAIL, at=at, reason=ErasureReason.DESK),
        lambda: privacy.erase(user_id=reader.pk, at=at, reason=wish),
        lambda: privacy.erase_account(user_id=reader.pk, at=at, reason=wish),
        *[lambda pk=pk: privacy.erase_contact(contact_id=pk, at=at, reason=ErasureReason.RETENTION) for pk in contacts],
    )
    assert outcomes == ["done"] * 6
    assert not User.objects.filter(pk=reader.pk).exists()
    assert not ReaderContact.objects.exists()
    assert not [body for body in Feedback.objects.values_list("body", flat=True) if traces(body.encode())]


def test_a_turn_outside_of_a_transaction_is_none() -> None:
    with pytest.raises(Exception, match="inside a transaction"):
        turns.take("x")
