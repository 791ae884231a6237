"""After an erasure nothing tells whose the data was: not the rows, not the raw bytes of the database, not the files."""

import base64
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from news.models import Comment, ErasureReason, ErasureRecord, Feedback, Outbox, PrivacyLink, Subscriber
from news.queries import feedback as questions
from news.services import consenting, corresponding, feedback, forwarding, privacy, requesting
from news.tests import make, specimens

EMAIL, PHONE, ADDRESS, NAME = "Xuyen.Vang@thu-rieng.vn", "0987 612 345", "Số 7, bản Sin Suối Hồ", "Vàng Thị Xuyến"
FORMS = (EMAIL, "0987612345", "0987.612.345", "+84 987 612 345", ADDRESS, NAME)


def traces(text: bytes) -> list[str]:
    """Which of the strings stand in these bytes, as they are or as our own code might write them."""
    found = []
    for string in FORMS:
        plain = string.encode()
        written = {plain, string.lower().encode(), base64.b64encode(plain), quote(string).encode()}
        written |= {string.encode("unicode_escape"), base64.b64encode(plain)[:-4]}
        found += [string for form in written if form in text]
    return found


def raw_database() -> bytes:
    """The bytes of the database: its files on SQLite, a dump and the tables' own files on PostgreSQL."""
    if connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        return b"".join(path.read_bytes() for path in map(Path, (name, f"{name}-wal")) if path.exists())
    parts = []
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute(
            "SELECT c.oid::regclass::text, pg_relation_filepath(c.oid), c.relkind FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname IN ('public', 'pg_toast') AND c.relkind IN ('r', 't', 'i')"
        )
        for table, path, kind in cursor.fetchall():
            cursor.execute("SELECT pg_read_binary_file(%s, 0, 100000000, true)", [path])
            parts.append(bytes(cursor.fetchone()[0] or b""))
            if kind == "r":
                cursor.execute(f"SELECT t::text FROM {table} t")
                parts += [row[0].encode() for row in cursor.fetchall()]
    return b"\n".join(parts)


def send_letter(client: Client) -> Feedback:
    wording = consenting.current("phan-hoi", timezone.now())
    form = {
        "kind": "question",
        "body": f"Tôi là {NAME.upper()}, ở {ADDRESS}. Gọi 0987.612.345 hoặc +84 987 612 345, thư {EMAIL.lower()} nhé.",
        "name": NAME,
        "email": EMAIL,
        "phone": PHONE,
        "address": ADDRESS,
        "consent_text": str(wording.pk),
        "agree_reply": "on",
        "agree_forward": "on",
        "enclosures": SimpleUploadedFile("CMND Xuyen.pdf", specimens.pdf(f"Don cua {EMAIL}")),
    }
    assert client.post("/phan-hoi/", form).status_code == 302
    return Feedback.objects.order_by("-pk")[0]


@pytest.mark.django_db(transaction=True)
def test_a_dump_after_an_erasure_holds_none_of_the_strings(client: Client, own_storage: None, tmp_path: Path) -> None:
    now = timezone.now()
    reader = make.make_user(None, email=EMAIL, full_name=NAME, phone=PHONE)
    letter = send_letter(client)
    edition = make.publish(make.make_article("Đường vào bản", at=now - timedelta(hours=2)), at=now - timedelta(hours=1))
    sent = make.comment_form(client, edition, name=NAME, email=EMAIL, body=f"Ai cần thì gọi {PHONE}, gặp {NAME}.")
    assert sent.status_code == 302
    comment = Comment.objects.get()
    wording = consenting.current("ban-tin", now)
    wish = {"email": EMAIL, "frequency": "daily", "consent_text": wording.pk, "agree_newsletter": "on"}
    assert client.post("/ban-tin/", wish).status_code == 302
    assert Subscriber.objects.count() == 1
    desk = make.make_user("moderator")
    page = questions.letter_page(letter.pk, now)
    assert page is not None
    note = feedback.Handling(owner=None, due_at=None, note=f"Đã gọi {PHONE}, {NAME} hẹn mai.")
    feedback.answer(
        feedback_id=letter.pk, actor=desk, at=now, stamp=page.stamp, handling=note, body=f"Chào bà {NAME}, ({EMAIL})"
    )
    corresponding.add(feedback_id=letter.pk, body=f"Số mới của tôi vẫn là {PHONE}.", at=now)
    corresponding.rate(feedback_id=letter.pk, rating=5, words=f"Cảm ơn. {NAME}", at=now)
    onward = forwarding.Onward("so@co-quan.vn", f"Xin chuyển đơn của {NAME}.", forwarding.Carries.DETAILS)
    forwarding.forward(feedback_id=letter.pk, actor=desk, at=now, onward=onward)
    assert len(list(tmp_path.glob("private/phan-hoi/*.pdf"))) == 1
    assert feedback.sender_of(letter=letter, actor=desk, at=now) is not None
    LogEntry.objects.create(
        user=desk, content_type=ContentType.objects.get_for_model(User), object_id=str(reader.pk),
        object_repr=str(reader), action_flag=ADDITION, change_message=f"Thêm {EMAIL}", action_time=now,
    )  # fmt: skip
    session = SessionStore()
    session["account_verified_email"] = EMAIL
    session.create()
    DBTaskResult.objects.create(
        args_kwargs={"args": [1], "kwargs": {}}, task_path="x", backend_name="default", run_after=now,
        exception_class_path="x", traceback=f"SMTPRecipientsRefused: {EMAIL.lower()}", status="FAILED", finished_at=now,
    )  # fmt: skip
    requesting.ask(email=EMAIL, sender="198.51.100.9", at=now)
    other = make.make_letter("Một lá thư khác, của người khác.")
    assert traces(raw_database()) != []

    done = privacy.erase(email=EMAIL.lower(), at=now, reason=ErasureReason.WISH)
    privacy.scrub(at=now)

    assert (done.counts["thư gửi tòa soạn"], done.counts["bản tin"]) == (1, 1)
    assert traces(raw_database()) == []
    letter.refresh_from_db()
    assert letter.contact is None
    assert list(tmp_path.glob("private/phan-hoi/*")) == []
    assert letter.additions.get().body == "Số mới của tôi vẫn là […]."
    assert letter.body == "Tôi là […], ở […]. Gọi […] hoặc […], thư […] nhé."
    comment.refresh_from_db()
    assert (comment.name, comment.body, comment.contact) == ("Bạn đọc", "Ai cần thì gọi […], gặp […].", None)
    assert letter.answers.get().body == "Chào bà […], ([…])"
    assert not User.objects.filter(email__iexact=EMAIL).exists()
    assert (PrivacyLink.objects.get().address, PrivacyLink.objects.get().email_digest) == ("", "")
    assert [mail.message for mail in Outbox.objects.exclude(recipient_digest="")] != []  # the other reader's
    other.refresh_from_db()
    assert other.contact is not None
    tombstone = ErasureRecord.objects.get()
    assert (tombstone.reason, tombstone.actor, tombstone.counts) == ("wish", None, done.counts)
    assert tombstone.scrubbed_at == now
