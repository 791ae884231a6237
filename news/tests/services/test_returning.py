"""Mails that came back: reports count only for mails of ours, once; who cannot be reached gets no more newsletters."""

import io
import mailbox
import sys
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from anymail.backends.test import EmailBackend
from django.core.management import CommandError, call_command

from news.models import Bounce, DeliveryState, NewsletterDelivery, Outbox, Subscriber
from news.services import bouncing, dispatching, mailing, outbox, returning
from news.tests import make
from news.tests.make import NOW

pytestmark = pytest.mark.django_db

REPORT = """\
From: MAILER-DAEMON@mx.example.vn
To: toasoan@bao.example.vn
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

mai.bi.mat@example.vn: unknown

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.vn

Final-Recipient: rfc822; mai.bi.mat@example.vn
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {code} {status} <mai.bi.mat@example.vn>: unknown

--B
Content-Type: {kind}

Message-ID: <{message_id}>
Subject: Ban tin

--B--
"""


def report(message_id: str, **changes: str) -> bytes:
    words = {"action": "failed", "status": "5.1.1", "code": "550", "kind": "message/rfc822", **changes}
    return REPORT.format(message_id=message_id, **words).encode()


def sent(email: str = "mai.bi.mat@example.vn", days: int = 0) -> NewsletterDelivery:
    row = Subscriber.objects.first() or make.make_subscriber(email)
    issue = make.make_issue(NOW + timedelta(days=days))
    return NewsletterDelivery.objects.create(issue=issue, subscriber=row, state=DeliveryState.SENT, send_after=NOW)


def id_of(row: NewsletterDelivery) -> str:
    return f"{dispatching.message_id(row)}@bao.example.vn"


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_of_our_mail_is_noted_once_and_three_stop_the_newsletter(kind: str) -> None:
    for day in range(bouncing.MOST):
        delivery = sent(days=day)
        assert returning.read_report(raw=report(id_of(delivery), kind=kind), at=NOW) is True
        assert returning.read_report(raw=report(id_of(delivery), kind=kind), at=NOW) is False
    row = Subscriber.objects.get()
    assert (row.state, row.bounce_count, set(Bounce.objects.values_list("status", "source", "is_hard"))) == (
        *("bounced", 3, {("550 5.1.1", "report", True)}),
    )


def test_what_is_no_report_of_ours_changes_nothing() -> None:
    delivery = sent()
    good = id_of(delivery)
    forged = f"{delivery.pk}.{'0' * 24}.bantin@bao.example.vn"
    for raw in (
        report(forged),
        report(good, action="delayed"),
        report("x@y"),
        report(good).replace(b"multipart/report", b"text/plain"),
        b"",
        b"\xff\xfe\x00" * 50,
        b"Content-Type: multipart/report; boundary=B\n\n--B\nContent-Type: message/delivery-status\n\n--B--",
        b"Content-Type: message/rfc822\n\n" * 200,
    ):
        assert returning.read_report(raw=raw, at=NOW) is False
    assert Bounce.objects.count() == 0


@pytest.mark.parametrize(
    ("status", "hard"),
    [
        ("550 5.1.1", True), ("5.1.10", True), ("550", True), ("553", True), ("550 5.2.1", True),
        ("552 5.2.2", False), ("550 5.7.1", False), ("554", False), ("451 4.7.1", False), ("", False), ("5.0.0", False),
    ],
)  # fmt: skip
def test_only_no_such_mailbox_is_hard(status: str, hard: Any) -> None:
    assert bouncing.is_hard(status) is hard


def test_a_single_mail_that_came_back_says_so_in_the_outbox(post_office: Any) -> None:
    mail = outbox.post(kind="feedback_answer", recipient="a@example.vn", subject="Trả lời", text="x", at=NOW)
    outbox.attempt(mail_id=mail.pk, at=NOW)
    message_id = post_office.mails[0]["Message-ID"].strip("<>")
    late = f"{NOW + timedelta(microseconds=1):%Y%m%d%H%M%S%f}.{mail.pk}.outbox@x"
    assert returning.read_report(raw=report(late), at=NOW) is False
    assert returning.read_report(raw=report(message_id), at=NOW) is True
    assert Outbox.objects.get().last_error == "Thư đã gửi bị trả lại (550 5.1.1)."


def test_the_command_reads_a_maildir_an_mbox_and_one_mail(tmp_path: Any, capsys: Any, monkeypatch: Any) -> None:
    deliveries = [sent(days=day) for day in range(3)]
    box = mailbox.Maildir(tmp_path / "dir")
    box.add(report(id_of(deliveries[0])))
    box.add(b"Subject: khac\n\nx")
    call_command("record_bounces", str(tmp_path / "dir"))
    assert [message.get_subdir() for message in box] == ["cur", "cur"]
    call_command("record_bounces", str(tmp_path / "dir"))
    heap = mailbox.mbox(tmp_path / "mbox")
    heap.add(report(id_of(deliveries[1])))
    heap.close()
    call_command("record_bounces", str(tmp_path / "mbox"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(report(id_of(deliveries[2])))))
    call_command("record_bounces")
    assert capsys.readouterr().out.split("\n")[:-1] == [f"Đã ghi {count} thư bị trả lại." for count in (1, 0, 1, 1)]
    with pytest.raises(CommandError):
        call_command("record_bounces", str(tmp_path / "khong-co"))


class Provider(EmailBackend):
    """Keeps what it would have sent."""

    sent: ClassVar[list[Any]] = []

    def post_to_esp(self, payload: Any, message: Any) -> Any:
        self.sent.append(payload.get_params())
        return super().post_to_esp(payload, message)


# --- A provider ----------------------------------------------------------------------------------------


@pytest.fixture
def provider(settings: Any) -> Any:
    settings.ANYMAIL_ESP = "postmark"
    settings.ANYMAIL_WEBHOOK_SECRET = "toa:soan"
    settings.ANYMAIL = {"WEBHOOK_SECRET": "toa:soan"}
    return settings


EVENT = {
    "RecordType": "Bounce",
    "Type": "HardBounce",
    "TypeCode": 1,
    "Email": "Mai.Bi.Mat@example.vn",
    "MessageID": "x",
    "BouncedAt": "2026-03-02T03:00:00Z",
}


def test_a_providers_reports_need_its_secret(client: Any, provider: Any) -> None:
    sent()
    address = "/ban-tin/thu-tra-lai/"

    def tell(event: Any, **headers: str) -> int:
        return client.post(address, event, content_type="application/json", headers=headers).status_code

    secret = {"Authorization": "Basic dG9hOnNvYW4="}
    assert tell(EVENT) == 400
    assert tell(EVENT, Authorization="Basic eDp5") == 400
    assert Bounce.objects.count() == 0
    assert (tell(EVENT, **secret), tell(EVENT, **secret)) == (200, 200)
    assert [(row.source, row.is_hard) for row in Bounce.objects.all()] == [("service", True)]
    assert tell("không phải", **secret) == 400
    assert tell(EVENT | {"RecordType": "SpamComplaint", "Type": "SpamComplaint"}, **secret) == 200
    assert Subscriber.objects.get().state == "stopped"
    assert tell(EVENT | {"Email": "ai@example.vn"}, **secret) == 200
    assert client.get(address).status_code == 405
    provider.ANYMAIL_WEBHOOK_SECRET = ""
    assert tell(EVENT, **secret) == 404


def test_a_mail_leaves_through_a_provider_as_it_would_by_smtp(settings: Any) -> None:
    """django-anymail's own test backend: everything of its way but the provider."""
    settings.MAILERS = {"default": {"BACKEND": "news.tests.services.test_returning.Provider", "OPTIONS": {}}}
    mail = outbox.post(
        kind="feedback_answer",
        recipient="mai@bücher.example",
        subject="Trả lời, của tòa soạn",
        text="Chào bạn",
        html="<p>Chào bạn</p>",
        reply_to="toa-soan@example.vn",
        at=NOW,
    )
    assert outbox.attempt(mail_id=mail.pk, at=NOW) is True
    mail.refresh_from_db()
    assert (mail.sent_at, mail.last_error) == (NOW, "")
    (params,) = Provider.sent
    assert (params["subject"], params["text_body"], params["html_body"]) == (
        *("Trả lời, của tòa soạn", "Chào bạn\n", "<p>Chào bạn</p>\n"),
    )
    assert [str(address) for address in params["to"]] == ["mai@bücher.example"]
    assert params["from"].addr_spec == "toasoan@127.0.0.1"


def test_without_a_provider_there_is_no_such_address(client: Any) -> None:
    assert client.post("/ban-tin/thu-tra-lai/", {}).status_code == 404
    assert "anymail" not in {name.split(".")[0] for name in __import__("django").apps.apps.app_configs}


class AnymailError(Exception):
    """As django-anymail's: known by its name, since ours does not import it."""

    def __init__(self, words: str, status_code: int | None = None) -> None:
        super().__init__(words)
        self.status_code = status_code


@pytest.mark.parametrize(
    ("code", "words", "is_final", "is_servers"),
    [
        (401, "Dịch vụ gửi thư không nhận thư (401).", False, True),
        (422, "Dịch vụ gửi thư từ chối nội dung thư (422).", True, False),
        (503, "Dịch vụ gửi thư không nhận thư (503).", False, True),
        (None, "Không nối được dịch vụ gửi thư (AnymailError).", False, True),
    ],
)
def test_what_a_provider_answers_is_told_without_its_words(
    code: Any, words: str, is_final: Any, is_servers: Any
) -> None:
    found = mailing.failure(AnymailError("mai.bi.mat@example.vn", code))
    assert (found.words, found.is_final, found.is_servers) == (words, is_final, is_servers)
