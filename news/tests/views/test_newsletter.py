"""Bản tin: who asks gets a link, who follows it gets the newsletter, one click ends it; strangers learn nothing."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from news import crypto
from news.models import (
    Bounce,
    BounceSource,
    Consent,
    ConsentText,
    ConsentWithdrawal,
    ErasureReason,
    MailScope,
    Outbox,
    ReaderContact,
    Subscriber,
    SubscriberState,
)
from news.queries import newsletter as questions
from news.queries import personal_data
from news.services import bouncing, consenting, privacy, stopping, subscribing
from news.tests import make

pytestmark = pytest.mark.django_db
EMAIL = "mai@example.vn"


def ask(client: Client, email: str = EMAIL, **extra: Any) -> Any:
    client.get("/ban-tin/")
    wording = ConsentText.objects.get(form="ban-tin")
    data = {"email": email, "frequency": "daily", "consent_text": wording.pk, "agree_newsletter": "on", **extra}
    return client.post("/ban-tin/", data)


def mails() -> list[tuple[str, str, str]]:
    """Kind, recipient and the link of each mail that waits, the oldest first."""
    found = []
    for row in Outbox.objects.order_by("pk"):
        text = crypto.decrypt(row.message)["text"]
        link = re.search(r"/ban-tin/\S+/", text)
        found.append((row.kind, crypto.decrypt(row.recipient)["address"], link[0] if link else ""))
    return found


def subscribed(client: Client, email: str = EMAIL, **extra: Any) -> Subscriber:
    ask(client, email, **extra)
    client.post(mails()[-1][2])
    return Subscriber.objects.get(mailbox_digest=crypto.digest(email))


# --- Asking ------------------------------------------------------------------------------------------------


def test_nothing_is_sent_before_the_owner_of_the_mailbox_confirms(client: Client) -> None:
    culture = make.make_section("Văn hóa")
    answer = ask(client, sections=[culture.pk])
    assert (answer.status_code, answer["Location"]) == (302, "/ban-tin/da-gui/")
    assert client.get("/ban-tin/da-gui/").status_code == 200
    row = Subscriber.objects.get()
    assert (row.state, list(row.sections.all()), row.pk in questions.who_wants_it([row.pk])) == (
        "pending",
        [culture],
        False,
    )
    ((kind, recipient, link),) = mails()
    assert (kind, recipient) == ("newsletter_confirm", EMAIL)
    # A scanner that opens every link of a mail confirms nothing.
    assert "Bấm nút dưới đây" in client.get(link).content.decode()
    row.refresh_from_db()
    assert row.state == "pending"
    for _ in range(2):  # twice is once
        assert "Bạn đã đăng ký bản tin" in client.post(link).content.decode()
    row.refresh_from_db()
    assert (row.state, row.pk in questions.who_wants_it([row.pk])) == ("active", True)
    consent = Consent.objects.get()
    assert (consent.contact, consent.purposes, consent.address) == (row.contact, ["newsletter"], "/ban-tin/")
    assert [kind for kind, *_ in mails()] == ["newsletter_confirm", "newsletter_welcome"]
    welcome = crypto.decrypt(Outbox.objects.order_by("-pk")[0].message)
    assert welcome["header:List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert EMAIL not in str(row) + link


def test_a_page_of_consent_unticked_of_nonsense_and_of_robots(client: Client) -> None:
    assert (
        "checked"
        not in re.findall(r'<input[^>]*name="agree_newsletter"[^>]*>', client.get("/ban-tin/").content.decode())[0]
    )
    assert ask(client, agree_newsletter="").status_code == 422
    assert ask(client, "a@example.vn\nBcc: b@example.vn").status_code == 422
    assert ask(client, frequency="hourly").status_code == 422
    assert ask(client, sections=["99999"]).status_code == 422
    assert ask(client, website="x").status_code == 302
    assert (Subscriber.objects.count(), Outbox.objects.count(), ReaderContact.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("number", ["9223372036854775808", "-1", "9" * 400, "x"])
def test_a_section_that_is_none_is_refused_in_words(client: Client, number: str) -> None:
    response = ask(client, sections=number)
    assert (response.status_code, Subscriber.objects.count()) == (422, 0)
    assert "field--wrong" in response.content.decode()


def test_who_gets_it_already_is_told_by_mail_only(client: Client) -> None:
    row = subscribed(client)
    key = row.key
    answer = ask(client, frequency="weekly")
    assert (answer.status_code, answer["Location"]) == (302, "/ban-tin/da-gui/")
    row.refresh_from_db()
    assert (row.state, row.frequency, row.key) == ("active", "daily", key)  # a stranger changes nothing
    assert mails()[-1][2].startswith("/ban-tin/cua-toi/")


def test_another_spelling_gets_no_link_of_a_subscription_that_runs(client: Client) -> None:
    """Where "+" is a letter like others, mai+x@ is somebody else: what changes mai@'s newsletter goes to mai@."""
    subscribed(client)
    ask(client, "mai+x@example.vn")
    _, recipient, link = mails()[-1]
    assert (recipient, link.startswith("/ban-tin/cua-toi/")) == (EMAIL, True)
    assert personal_data.person(email="mai+x@example.vn").contact_ids == []
    assert len(personal_data.person(email=EMAIL.upper()).contact_ids) == 1


def test_limits_by_sender_and_by_mailbox(client: Client) -> None:
    assert [ask(client, f"a{n}@example.vn").status_code for n in range(6)] == [302] * 5 + [429]
    for n in range(7):
        assert ask(Client(REMOTE_ADDR=f"198.51.100.{n}")).status_code == 302
    assert sum(recipient == EMAIL for _, recipient, _ in mails()) == 4


def test_a_link_that_is_late_forged_or_replaced_confirms_nothing(client: Client) -> None:
    ask(client)
    first = mails()[-1][2]
    ask(client)
    second = mails()[-1][2]
    assert client.post(first).status_code == 410  # asked again since: the newest link counts
    assert client.post(second.replace("xac-nhan/", "xac-nhan/9")).status_code == 410
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert client.post(second).status_code == 410
        assert subscribing.sweep(at=timezone.now()) == 1
    assert (Subscriber.objects.count(), ReaderContact.objects.count(), Consent.objects.count()) == (0, 0, 0)


# --- Changing, stopping --------------------------------------------------------------------------------------


def test_its_owner_changes_it_by_the_link_in_each_mail(client: Client) -> None:
    culture = make.make_section("Văn hóa")
    row = subscribed(client)
    page = f"/ban-tin/cua-toi/{subscribing.own_token(row)}/"
    assert client.get(page).status_code == 200
    answer = client.post(page, {"frequency": "weekly", "sections": [culture.pk]})
    row.refresh_from_db()
    assert ("Đã lưu" in answer.content.decode(), row.frequency, list(row.sections.all())) == (True, "weekly", [culture])
    assert client.post(page, {"frequency": "hourly"}).status_code == 422
    assert client.get(page.replace("cua-toi/", "cua-toi/1")).status_code == 404


def test_one_click_stops_and_so_does_the_page(client: Client) -> None:
    row = subscribed(client)
    page = f"/ban-tin/thoi-nhan/{subscribing.own_token(row)}/"
    assert "Thôi nhận bản tin?" in client.get(page).content.decode()
    row.refresh_from_db()
    assert row.state == "active"  # looking changes nothing
    mail_program = Client(enforce_csrf_checks=True)
    for _ in range(2):
        assert mail_program.post(page, {"List-Unsubscribe": "One-Click"}).status_code == 200
    told = client.get(page).content.decode()
    assert ("Thôi nhận bản tin?" in told, "Bản tin này đã dừng" in told, 'method="post"' in told) == (
        False,
        True,
        False,
    )
    row.refresh_from_db()
    assert (row.state, row.pk in questions.who_wants_it([row.pk]), ConsentWithdrawal.objects.count()) == (
        "stopped",
        False,
        1,
    )
    assert row.ended_at is not None
    assert row.contact.keep_until == timezone.localdate(row.ended_at + subscribing.KEPT_AFTER_STOP)
    assert mail_program.post(page.replace("thoi-nhan/", "thoi-nhan/1")).status_code == 404
    # Whoever comes back confirms again, and gets a new link.
    again = subscribed(client)
    assert (again.pk, again.state, again.key == row.key, again.contact.keep_until) == (row.pk, "active", False, None)
    assert "Thôi nhận bản tin?" in client.get(page).content.decode()  # the old link stops the new one as well
    assert (
        "Thôi nhận bản tin?"
        in client.get(page.replace(page.split("/")[3], subscribing.own_token(again))).content.decode()
    )


def test_a_link_of_an_earlier_subscription_stops_the_one_that_runs_now(client: Client) -> None:
    first = subscribed(client)
    link = f"/ban-tin/thoi-nhan/{subscribing.own_token(first)}/"
    client.post(link, {"List-Unsubscribe": "One-Click"})
    again = subscribed(client)
    assert (again.pk, again.state, again.key == first.key) == (first.pk, SubscriberState.ACTIVE, False)
    assert client.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    again.refresh_from_db()
    assert again.state == SubscriberState.STOPPED
    assert subscribing.of_token(subscribing.own_token(first)) is None  # it changes nothing


def test_other_ways_to_want_no_more(client: Client) -> None:
    row = subscribed(client)
    stopping.stop(token=stopping.token(EMAIL, MailScope.DIGEST), scope=MailScope.DIGEST, at=timezone.now())
    assert questions.who_wants_it([row.pk]) == set()
    stopping.ask_again(address=EMAIL, scope=MailScope.DIGEST, at=timezone.now())
    assert questions.who_wants_it([row.pk]) == {row.pk}
    consenting.withdraw(consent_id=Consent.objects.get().pk, purpose="newsletter", at=timezone.now())
    assert questions.who_wants_it([row.pk]) == set()


# --- Personal data -------------------------------------------------------------------------------------------


def test_a_person_sees_their_subscription_and_it_goes_with_them(client: Client) -> None:
    row = subscribed(client)
    Bounce.objects.create(subscriber=row, source=BounceSource.SMTP, is_hard=True)
    kept = personal_data.kept(personal_data.person(email=EMAIL))
    (found,) = (kind.rows for kind in kept if kind.heading == "Bản tin")
    assert (found[0]["Định kỳ"], found[0]["Tình trạng"]) == ("Hằng ngày", "Đang nhận")
    erased = privacy.erase(email=EMAIL, at=timezone.now(), reason=ErasureReason.WISH)
    assert erased.counts["bản tin"] == 1
    assert (Subscriber.objects.count(), Bounce.objects.count(), ReaderContact.objects.count()) == (0, 0, 0)


# --- Mails that came back ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "is_hard"),
    [
        *[("550 5.1.1", True), ("5.1.10", True), ("550", True), ("553", True), ("550 5.2.1", True)],
        *[("552 5.2.2", False), ("550 5.7.1", False), ("451 4.1.1", False), ("554", False), ("", False)],
    ],
)
def test_which_codes_say_that_there_is_no_such_mailbox(*, status: str, is_hard: bool) -> None:
    assert bouncing.is_hard(status) is is_hard


def test_mails_that_come_back_three_times_end_it_and_its_owner_may_take_it_up_again(client: Client) -> None:
    row = subscribed(client)
    for count in range(1, 4):
        assert bouncing.record(
            subscriber_id=row.pk,
            issue_id=None,
            status="550 5.1.1",
            source=BounceSource.SMTP,
            at=timezone.now() + timedelta(days=count),
        )
        row.refresh_from_db()
        assert (row.state, row.bounce_count) == ("active" if count < 3 else "bounced", count)
    page = f"/ban-tin/cua-toi/{subscribing.own_token(row)}/"
    assert "nhiều lần không tới nơi" in client.get(page).content.decode()
    client.post(page, {"frequency": "daily"})
    row.refresh_from_db()
    assert (row.state, row.bounce_count, row.contact.keep_until) == (SubscriberState.ACTIVE, 0, None)
