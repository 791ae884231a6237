"""The outbox: what is posted leaves once, as ours, to one address; what fails is tried again; then it is forgotten."""

import logging
import threading
import unicodedata
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import SMTP, default

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from news import crypto
from news.models import MailStop, Masthead, Outbox
from news.services import outbox
from news.tests import make
from news.tests.hostile import FRAGMENTS
from news.tests.make import NOW
from news.tests.post_office import free_port, mailers, run_worker
from news.text.mailbox import mailbox
from news.text.normalize import clean_line

WORDS = st.lists(
    st.sampled_from(
        ["Đảng", "bộ", "tỉnh", " ", "  ", ",", '"', "\\", "<", "=?", "?=", "@", "🙂", "a", "x" * 30, "(", ";"]
    )
).map(lambda pieces: "".join(pieces)[:120])
SECRETS = ("mai.bi.mat@example.vn", "bi.mat", "Điều bí mật trong thư", "Mã PH-7")


def post(recipient="mai.bi.mat@example.vn", **changes):
    return outbox.post(
        **{
            "kind": "tra-loi",
            "recipient": recipient,
            "subject": "Mã PH-7",
            "text": "Chào bạn,\n\nĐiều bí mật trong thư.\n",
            "at": NOW,
            **changes,
        }
    )


def post_and_fail():
    """A mail in a transaction that does not come to be."""
    with transaction.atomic():
        post("khac@example.vn")
        raise RuntimeError


def sender_of(raw):
    """The sender as mail programs decode it; the standard library's own reader keeps spaces between encoded words."""
    value = message_from_bytes(raw)["From"].replace("\r\n", "")
    return str(make_header(decode_header(value)))


def dump():
    """Everything every table holds, as text."""
    found = ""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += repr(cursor.fetchall())
    return found


def logged(caplog):
    """What we logged; the mail server of the tests writes its own."""
    return "".join(record.getMessage() for record in caplog.records if record.name != "mail.log")


def state(mail):
    mail.refresh_from_db()
    return mail.attempt_count, mail.sent_at, mail.given_up_at, mail.last_error


# --- What is written -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_mail_is_written_encrypted_in_the_callers_transaction():
    mail = post(reply_to="toasoan@example.vn", headers={"List-Id": "<a.example.vn>"})
    assert crypto.decrypt(mail.recipient) == {"address": "mai.bi.mat@example.vn"}
    assert crypto.decrypt(mail.message) == {
        "subject": "Mã PH-7",
        "text": "Chào bạn,\n\nĐiều bí mật trong thư.\n",
        "reply_to": "toasoan@example.vn",
        "article": "",
        "header:List-Id": "<a.example.vn>",
    }
    assert (mail.recipient_digest, mail.created_at, mail.send_after) == (
        crypto.digest("mai.bi.mat@example.vn"),
        NOW,
        NOW,
    )
    assert [word for word in SECRETS if word in dump() or word in str(mail)] == []
    with pytest.raises(RuntimeError):
        post_and_fail()
    assert Outbox.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_only_what_was_committed_is_enqueued_and_the_task_knows_a_number_only(post_office):
    with pytest.raises(RuntimeError):
        post_and_fail()
    assert DBTaskResult.objects.count() == 0
    mail = post()
    task = DBTaskResult.objects.get()
    assert (task.task_path, task.args_kwargs) == ("news.services.outbox.deliver", {"args": [mail.pk], "kwargs": {}})


LINE_ENDS = (
    "\n",
    "\r",
    "\r\n",
    "\v",
    "\f",
    "\x1c",
    "\x85",
    "\u2028",
    "\u2029",
    "\0",
    "\x7f",
    "\u202e",
    "\u200b",
    "\ud800",
)


@pytest.mark.django_db
@pytest.mark.parametrize("end", LINE_ENDS)
@pytest.mark.parametrize("field", ["recipient", "subject", "reply_to", "header"])
def test_no_header_can_be_smuggled_in(end, field):
    value = f"mai@example.vn{end}Bcc: ke.gian@evil.example"
    changes = {"headers": {"List-Id": value}} if field == "header" else {field: value}
    with pytest.raises(outbox.BadMail):
        post(**changes)
    assert Outbox.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {"recipient": "=?utf-8?q?a=40b=2c?=@example.com"},
        {"subject": "=?utf-8?q?x?="},
        {"headers": {"List-Id": "=?utf-8?q?x?="}},
        {"headers": {"List-Id": "ờ"}},
        {"headers": {"List-Id": "x" * 901}},
        {"headers": {"Bcc": "ke.gian@evil.example"}},
        {"headers": {"list-id": "x"}},
        {"headers": {"From": "ke.gian@evil.example"}},
        {"headers": {"List-Id: x\r\nBcc": "ke.gian@evil.example"}},
        {"recipient": ""},
        {"recipient": "mai"},
        {"recipient": "mai@"},
        {"recipient": "mai@example.vn, ke.gian@evil.example"},
        {"recipient": "mai@example.vn; ke.gian@evil.example"},
        {"recipient": "mai@example.vn ke.gian@evil.example"},
        {"recipient": "Mai <mai@example.vn>"},
        {"recipient": "<mai@example.vn>"},
        {"recipient": "mai@example.vn (Mai)"},
        {"recipient": "Nhóm: mai@example.vn;"},
        {"recipient": "ờ@example.vn"},
        {"recipient": f"{'a' * 250}@example.vn"},
        {"reply_to": "a@example.vn, b@example.vn"},
    ],
)
def test_what_is_not_one_address_or_one_value_is_refused(changes):
    with pytest.raises(outbox.BadMail):
        post(**changes)


@pytest.mark.django_db
def test_a_long_subject_is_cut():
    subject = crypto.decrypt(post(subject="Một " * 100).message)["subject"]
    assert (len(subject), subject[-4:]) == (150, "t M…")


# --- What arrives ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_mail_arrives_whole_from_us_to_one_address(post_office, settings):
    settings.DEFAULT_FROM_EMAIL = "Tên cũ <toasoan@bao.example.vn>"
    Masthead.objects.create(name='Báo "Điện Biên", cơ quan của Đảng bộ tỉnh')
    stop = f"<https://bao.example.vn/gui-ban-be/dung/{'aZ0_-' * 9}:{'bY1-_' * 9}/>"
    mail = post(
        subject="Trả lời phản hồi của bạn đọc về việc thu gom rác ở các bản vùng cao và nhiều việc khác nữa",
        text="Chào bạn,\n\nMột dòng rất dài " + "và dài thêm nữa " * 20 + "\n.\nHết.\n",
        reply_to="phan-hoi@bao.example.vn",
        headers={"List-Unsubscribe": stop, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )
    assert outbox.attempt(mail_id=mail.pk, at=NOW) is True
    ((sender, recipients, raw),) = post_office.envelopes
    assert (sender, recipients) == ("toasoan@bao.example.vn", ["mai.bi.mat@example.vn"])
    (arrived,) = post_office.mails
    domain = "bao.example.vn"
    assert {name: str(value) for name, value in arrived.items() if name not in {"Date", "X-Peer"}} == {
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": arrived["Content-Transfer-Encoding"],
        "MIME-Version": "1.0",
        "Subject": "Trả lời phản hồi của bạn đọc về việc thu gom rác ở các bản vùng cao và nhiều việc khác nữa",
        "From": str(arrived["From"]),
        "To": "mai.bi.mat@example.vn",
        "Reply-To": "phan-hoi@bao.example.vn",
        "Message-ID": f"<20260302030000000000.{mail.pk}.outbox@{domain}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "List-Unsubscribe": stop,
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert sender_of(raw) == 'Báo "Điện Biên", cơ quan của Đảng bộ tỉnh <toasoan@bao.example.vn>'
    assert post_office.texts == ["Chào bạn,\n\nMột dòng rất dài " + "và dài thêm nữa " * 20 + "\n.\nHết.\n"]
    # Whole on the wire too: an encoded word is no address to a mail program.
    assert f"\r\nList-Unsubscribe: {stop}\r\n".encode() in raw
    assert max(map(len, raw.split(b"\r\n"))) < 998


@pytest.mark.django_db
def test_names_in_other_letters_arrive(post_office, settings):
    settings.DEFAULT_FROM_EMAIL = "toasoan@báo.example"
    outbox.attempt(mail_id=post("mai@bücher.example").pk, at=NOW)
    ((sender, recipients, raw),) = post_office.envelopes
    assert (sender, recipients) == ("toasoan@xn--bo-mia.example", ["mai@xn--bcher-kva.example"])
    assert sender_of(raw) == "Tòa soạn <toasoan@xn--bo-mia.example>"
    assert post_office.mails[0]["Message-ID"].endswith("outbox@xn--bo-mia.example>")


@pytest.mark.django_db
def test_hostile_text_stays_text(post_office):
    for fragment in FRAGMENTS:
        mail = post(text=f"{fragment}\nBcc: ke.gian@evil.example\n\n--x\nContent-Type: text/html\n\n<b>")
        outbox.attempt(mail_id=mail.pk, at=NOW)
        arrived = post_office.mails[-1]
        assert (arrived.get_content_type(), arrived["Bcc"], arrived.is_multipart()) == ("text/plain", None, False)
        assert fragment.replace("\0", "") in post_office.texts[-1]
    assert post_office.recipients == ["mai.bi.mat@example.vn"] * len(FRAGMENTS)


@pytest.mark.django_db
@hypothesis_settings(max_examples=60)
@given(name=WORDS, subject=WORDS, text=st.text(max_size=200))
def test_whatever_the_words_the_headers_are_ours(name, subject, text):
    with transaction.atomic():
        Masthead.objects.all().delete()
        Masthead.objects.create(name=name)
        try:
            mail = post(subject=subject, text=text)
        except outbox.BadMail:
            return
        raw = outbox._compose(mail, "mai@example.vn", crypto.decrypt(mail.message)).message(policy=SMTP).as_bytes()
        transaction.set_rollback(True)
    arrived = message_from_bytes(raw, policy=default)
    assert set(arrived.keys()) == {
        *("Content-Type", "Content-Transfer-Encoding", "MIME-Version", "Subject", "From", "To", "Date"),
        *("Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
    }
    assert arrived.defects == []
    assert (str(arrived["To"]), len(arrived["From"].addresses)) == ("mai@example.vn", 1)
    assert " ".join(str(arrived["Subject"]).split()) == " ".join(unicodedata.normalize("NFC", subject).split())
    shown = clean_line(name).replace("=?", "") or "Tòa soạn"
    assert " ".join(sender_of(raw).split()) == " ".join(f"{shown} <toasoan@127.0.0.1>".split())
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n\r\n", 1)[0].split(b"\r\n")) < 100


@pytest.mark.django_db
def test_after_sending_the_newsrooms_own_mail_keeps_the_digest_and_nothing_else(post_office, caplog):
    caplog.set_level(logging.DEBUG)
    mail = post()
    assert outbox.attempt(mail_id=mail.pk, at=NOW + timedelta(minutes=1)) is True
    assert state(mail) == (1, NOW + timedelta(minutes=1), None, "")
    assert (mail.recipient, mail.message, mail.recipient_digest) == ("", "", crypto.digest("mai.bi.mat@example.vn"))
    assert [word for word in SECRETS if word in dump() or word in logged(caplog)] == []


@pytest.mark.django_db
def test_of_a_strangers_mail_nothing_is_kept(post_office):
    mail = post(kind=outbox.SHARE)
    outbox.attempt(mail_id=mail.pk, at=NOW)
    mail.refresh_from_db()
    assert (mail.recipient, mail.message, mail.recipient_digest) == ("", "", "")
    text = dump()
    digests = (crypto.digest("mai.bi.mat@example.vn"), crypto.digest(mailbox("mai.bi.mat@example.vn")))
    assert [word for word in (*SECRETS, *digests) if word in text] == []


@pytest.mark.django_db(transaction=True)
def test_the_worker_delivers_and_its_rows_say_nothing(post_office, caplog):
    caplog.set_level(logging.DEBUG)
    at = timezone.now()
    post(at=at)
    post("la.ai@example.vn", kind=outbox.SHARE, at=at)
    run_worker()
    assert post_office.recipients == ["mai.bi.mat@example.vn", "la.ai@example.vn"]
    assert set(DBTaskResult.objects.values_list("status", flat=True)) == {"SUCCESSFUL", "READY"}  # watchdogs wait
    with time_machine.travel(at + timedelta(hours=1), tick=True):
        run_worker()
    assert set(DBTaskResult.objects.values_list("status", "return_value")) == {("SUCCESSFUL", None)}
    assert len(post_office.recipients) == 2
    assert [word for word in (*SECRETS, "la.ai") if word in dump() or word in logged(caplog)] == []


# --- What goes wrong -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_server_that_is_down_is_tried_again_and_again_then_given_up(settings, post_office):
    up = settings.MAILERS
    settings.MAILERS = mailers(free_port())
    mail, at, waits = post(), NOW, []
    for attempt in range(1, 9):
        assert outbox.attempt(mail_id=mail.pk, at=at) is False
        mail.refresh_from_db()
        assert mail.attempt_count == attempt
        assert mail.last_error == "Không nối được máy chủ thư (ConnectionRefusedError)."
        waits.append(int((mail.send_after - at).total_seconds() // 60))
        outbox.attempt(mail_id=mail.pk, at=mail.send_after - timedelta(seconds=1))  # not due: nothing happens
        at = mail.send_after
    assert waits[:7] == [1, 5, 15, 60, 180, 360, 720]
    assert (mail.attempt_count, mail.given_up_at is not None, mail.sent_at) == (8, True, None)
    runs = DBTaskResult.objects.filter(task_path="news.services.outbox.deliver").values_list("run_after", flat=True)
    assert NOW + timedelta(minutes=1) in set(runs)
    # Its text is kept, so that an administrator can have it sent again.
    settings.MAILERS = up
    assert outbox.send_again(mail_id=mail.pk, at=at) is True
    assert outbox.attempt(mail_id=mail.pk, at=at) is True
    assert (state(mail), post_office.recipients) == ((1, at, None, ""), ["mai.bi.mat@example.vn"])
    assert outbox.send_again(mail_id=mail.pk, at=at) is False


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("refusal", "is_given_up", "says"),
    [
        ("550 5.1.1 <mai.bi.mat@example.vn> User unknown", True, "Máy chủ thư từ chối địa chỉ người nhận (550 5.1.1)."),
        ("553 mai.bi.mat khong co o day", True, "Máy chủ thư từ chối địa chỉ người nhận (553)."),
        ("451 4.7.1 Thu lai sau, mai.bi.mat", False, "Máy chủ thư từ chối địa chỉ người nhận (451 4.7.1)."),
    ],
)
def test_a_refused_recipient(post_office, refusal, is_given_up, says):
    post_office.refusals["mai.bi.mat@example.vn"] = refusal
    mail = post()
    assert outbox.attempt(mail_id=mail.pk, at=NOW) is True
    assert state(mail) == (1, None, NOW if is_given_up else None, says)
    assert [word for word in SECRETS if word in dump()] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "is_given_up", "says"),
    [
        ("554 5.7.1 Spam for mai.bi.mat@example.vn", True, "Máy chủ thư từ chối nội dung thư (554 5.7.1)."),
        ("452 4.3.1 Full", False, "Máy chủ thư từ chối nội dung thư (452 4.3.1)."),
    ],
)
def test_a_refused_text(post_office, answer, is_given_up, says):
    post_office.answer = answer
    mail = post()
    outbox.attempt(mail_id=mail.pk, at=NOW)
    assert state(mail) == (1, None, NOW if is_given_up else None, says)


@pytest.mark.django_db
def test_a_strangers_mail_that_was_given_up_is_forgotten_too(post_office):
    post_office.refusals["mai.bi.mat@example.vn"] = "550 5.1.1 unknown"
    mail = post(kind=outbox.SHARE)
    outbox.attempt(mail_id=mail.pk, at=NOW)
    mail.refresh_from_db()
    assert (mail.given_up_at, mail.recipient, mail.message, mail.recipient_digest) == (NOW, "", "", "")
    assert outbox.send_again(mail_id=mail.pk, at=NOW) is False


@pytest.mark.django_db
def test_without_the_key_a_mail_waits_for_it(settings, post_office):
    mail, keys = post(), settings.READER_KEYS
    settings.READER_KEYS = ["c29tZS1vdGhlci1rZXktb2YtdGhlLXRlc3RzLS0zMmI="]
    outbox.attempt(mail_id=mail.pk, at=NOW)
    assert state(mail) == (1, None, None, "Thiếu khóa để mở nội dung thư (READER_KEYS).")
    settings.READER_KEYS = keys
    outbox.deliver_due(at=NOW + timedelta(minutes=1))
    assert post_office.recipients == ["mai.bi.mat@example.vn"]


@pytest.mark.django_db
def test_what_nobody_foresaw_is_noted_by_its_name_only(settings, caplog):
    settings.MAILERS = {"default": {"BACKEND": "news.tests.services.test_outbox.Broken"}}
    mail = post()
    assert outbox.attempt(mail_id=mail.pk, at=NOW) is True
    assert state(mail) == (1, None, None, "Không gửi được (KeyError).")
    assert [word for word in SECRETS if word in dump() or word in logged(caplog)] == []


class Broken:
    """A mail backend with a fault whose words give the address away."""

    def __init__(self, **options):
        pass

    def send_messages(self, messages):
        raise KeyError(messages[0].to[0])


# --- Dead workers and many workers ---------------------------------------------------------------------


@pytest.mark.django_db
def test_a_mail_whose_worker_died_is_left_alone_until_its_lease_ends(post_office):
    mail = post()
    assert outbox._claim(mail.pk, NOW) is not None  # and then: kill -9
    lease = NOW + outbox.LEASE
    for moment in (NOW, lease - timedelta(seconds=1)):
        outbox.attempt(mail_id=mail.pk, at=moment)
        outbox.deliver_due(at=moment)
    assert post_office.recipients == []
    assert outbox.deliver_due(at=lease) == 1
    assert state(mail) == (2, mail.sent_at, None, "")
    assert post_office.recipients == ["mai.bi.mat@example.vn"]


@pytest.mark.django_db(transaction=True)
def test_a_dead_workers_mail_is_delivered_though_nothing_else_happens(post_office):
    at = timezone.now()
    mail = post(at=at)
    DBTaskResult.objects.all().delete()  # its task ended with the worker
    outbox._claim(mail.pk, at)
    run_worker()
    assert post_office.recipients == []
    with time_machine.travel(at + outbox.LEASE + timedelta(seconds=1)):
        run_worker()
    assert post_office.recipients == ["mai.bi.mat@example.vn"]


@pytest.mark.django_db
def test_a_mail_that_kills_its_workers_is_given_up():
    mail, at = post(), NOW
    for _ in range(outbox.TRIES):
        assert outbox._claim(mail.pk, at) is not None
        at += outbox.LEASE
    assert outbox.attempt(mail_id=mail.pk, at=at) is True
    assert state(mail) == (8, None, at, "Việc gửi bị ngắt giữa chừng.")


@pytest.mark.django_db(transaction=True)
def test_each_delivery_sweeps_up_mails_whose_task_was_lost(post_office):
    at = timezone.now()
    lost = post("mat@example.vn", at=at - timedelta(hours=1))
    later = post("chua@example.vn", at=at + timedelta(hours=1))
    DBTaskResult.objects.all().delete()
    post(at=at)
    run_worker()
    assert sorted(post_office.recipients) == ["mai.bi.mat@example.vn", "mat@example.vn"]
    lost.refresh_from_db()
    assert (lost.attempt_count, state(later)) == (1, (0, None, None, ""))


@pytest.mark.django_db
def test_a_sweep_stops_where_the_server_is_down(settings):
    settings.MAILERS = mailers(free_port())
    mails = [post(f"a{number}@example.vn", at=NOW + timedelta(seconds=number)) for number in range(3)]
    assert outbox.deliver_due(at=NOW + timedelta(minutes=1)) == 1
    assert [state(mail)[0] for mail in mails] == [1, 0, 0]


@pytest.mark.django_db(transaction=True)
def test_the_command_delivers_or_asks_the_worker_to(post_office, capsys):
    post(at=timezone.now())
    DBTaskResult.objects.all().delete()
    call_command("send_outbox")
    assert capsys.readouterr().out == "Đã xử lý 1 thư đến hạn.\n"
    assert post_office.recipients == ["mai.bi.mat@example.vn"]
    post("hai@example.vn", at=timezone.now())
    DBTaskResult.objects.all().delete()
    call_command("send_outbox", "--later")
    assert len(post_office.recipients) == 1
    run_worker()
    assert post_office.recipients == ["mai.bi.mat@example.vn", "hai@example.vn"]


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_send_a_mail_once(post_office):
    post_office.pause = 0.3
    mails = [post(f"a{number}@example.vn") for number in range(3)]
    barrier = threading.Barrier(6)
    raised = []

    def work(mail_id):
        try:
            barrier.wait(timeout=60)
            outbox.attempt(mail_id=mail_id, at=NOW)
            outbox.deliver_due(at=NOW)
        except Exception as error:  # noqa: BLE001 - the outcome is what the test looks at
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[mails[number % 3].pk]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=180)
    assert raised == []
    assert sorted(post_office.recipients) == ["a0@example.vn", "a1@example.vn", "a2@example.vn"]
    assert [state(mail)[0] for mail in mails] == [1, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_the_mail_server(post_office):
    """While a mail is under way, no row and no database is locked."""
    post_office.pause = 1.5
    mail = post()

    def work():
        outbox.attempt(mail_id=mail.pk, at=NOW)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    while state(mail)[0] == 0:
        pass
    started = timezone.now()
    Masthead.objects.create(name="Báo")
    Outbox.objects.filter(pk=mail.pk).update(kind="khac")
    assert (timezone.now() - started).total_seconds() < 1
    assert thread.is_alive()
    thread.join(timeout=180)


# --- What strangers cause ------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_stopped_mailbox_gets_nothing_from_strangers_and_still_its_answers(post_office):
    MailStop.objects.create(address_digest=crypto.digest("mai@gmail.com"), stopped_at=NOW)
    for address in ("mai@gmail.com", "M.A.I+x@googlemail.com"):
        mail = post(address, kind=outbox.SHARE)
        outbox.attempt(mail_id=mail.pk, at=NOW)
        assert state(mail) == (1, None, NOW, "Người nhận không muốn nhận loại thư này.")
        assert mail.recipient == mail.recipient_digest == ""
    outbox.attempt(mail_id=post("mai@gmail.com", kind="feedback_answer").pk, at=NOW)
    assert post_office.recipients == ["mai@gmail.com"]


@pytest.mark.django_db
def test_an_hour_lets_a_mailbox_have_four_and_a_forgotten_password_and_the_others_wait(post_office):
    spellings = ["mai@gmail.com", "m.ai@gmail.com", "mai+1@gmail.com", "MAI@gmail.com", "ma.i@googlemail.com"]
    kinds = [outbox.SHARE, "feedback_receipt"]
    mails = [post(spellings[number % 5], kind=kinds[number % 2]) for number in range(6)]
    links = [post("mai@gmail.com", kind=outbox.RESET_LINK) for _ in range(2)]
    answer = post("mai@gmail.com", kind="feedback_answer")
    for mail in (*mails, *links, answer):
        outbox.attempt(mail_id=mail.pk, at=NOW)
    assert len(post_office.recipients) == 6
    assert [state(mail)[1] for mail in mails] == [NOW] * 4 + [None] * 2
    assert state(mails[5])[3] == "Địa chỉ này đã có đủ thư của một giờ."
    assert [state(mail)[1] for mail in (*links, answer)] == [NOW, None, NOW]


@pytest.mark.django_db
@pytest.mark.parametrize(("is_password", "most"), [(False, 4), (True, 5)])
def test_no_hour_holds_more(*, is_password, most):
    def may(count):
        return [outbox.may_receive("x", "mai@example.vn", is_password=is_password) for _ in range(count)]

    with time_machine.travel(NOW, tick=False) as clock:
        assert may(2) == [True, True]
        clock.shift(timedelta(minutes=55))
        assert may(most) == [True] * (most - 2) + [False] * 2
        clock.shift(timedelta(minutes=6))
        # The first two are an hour old; the others are not.
        assert may(3) == [True, True, False]
        assert outbox.may_receive("x", "khac@example.vn") is True


@pytest.mark.django_db
def test_forgotten_passwords_take_their_own_place_first():
    assert outbox.may_receive("x", "mai@example.vn", is_password=True)
    assert [outbox.may_receive("x", "mai@example.vn") for _ in range(5)] == [True] * 4 + [False]


@pytest.mark.django_db
def test_an_article_that_was_withdrawn_takes_its_mail_with_it(post_office):
    now = timezone.now()
    article = make.make_article("Bài gỡ")
    make.publish(article)
    shown, gone = (post(article_id=article.pk, at=now) for _ in range(2))
    outbox.attempt(mail_id=shown.pk, at=now)
    make.withdraw(article, at=now)
    outbox.attempt(mail_id=gone.pk, at=now)
    assert (state(shown)[1], state(gone)) == (now, (1, None, now, "Bạn đọc không còn xem được bài này."))
    assert len(post_office.recipients) == 1


@pytest.mark.django_db
def test_queries(post_office, django_assert_num_queries):
    with django_assert_num_queries(3):  # a savepoint around the row
        mail = post()
    # Take it: savepoint, row, update, watchdog (insert), release. Masthead. Close: savepoint, update, release.
    with django_assert_num_queries(9):
        outbox.attempt(mail_id=mail.pk, at=NOW)
    with django_assert_num_queries(1):
        outbox.deliver_due(at=NOW)
