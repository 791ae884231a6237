"""After an erasure nothing tells whose the data was: not the rows, not the raw bytes of the database, not the files."""

import base64
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import proving
from accounts.models import User
from news import crypto
from news.models import (
    Comment,
    DataRequest,
    DataRequestKind,
    ErasureReason,
    ErasureRecord,
    Feedback,
    FeedbackNote,
    Outbox,
    PrivacyLink,
    ReaderContact,
    ReportReason,
    Subscriber,
)
from news.queries import comments as comment_questions
from news.queries import feedback as questions
from news.queries import personal_data
from news.queries.comments import Viewer
from news.services import (
    commenting,
    consenting,
    contacting,
    corresponding,
    feedback,
    forwarding,
    holding,
    moderating,
    outbox,
    privacy,
    requesting,
    resetting,
    subscribing,
)
from news.tests import make, specimens
from news.workflow import NotAllowed

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
    other = make.make_letter(f"Một lá thư khác, của người khác, nhắc tới {EMAIL}.")
    corresponding.add(feedback_id=other.pk, body=f"Đã viết cho {EMAIL}.", at=now)
    theirs = make.make_comment(edition, "Một bình luận khác.", author=make.make_user(None))
    stamp = comment_questions.stamp_of(theirs)
    moderating.decide(comment_id=theirs.pk, step="hide", actor=desk, at=now, stamp=stamp, reason=f"Xem thư {EMAIL}")
    commenting.appeal(comment_id=theirs.pk, viewer=Viewer(theirs.author_id), words=f"Hỏi {EMAIL} xem.", at=now)
    moderating.deny_appeal(comment_id=theirs.pk, actor=desk, at=now, answer=f"Đã hỏi {EMAIL}.")
    shown = make.make_comment(edition, "Thêm một bình luận.")
    commenting.report(
        comment_id=shown.pk, user=None, reason=ReportReason.INSULT, note_of_reader=EMAIL, sender="203.0.113.9", at=now
    )
    requesting.take_in(kind=DataRequestKind.OTHER, email="ai.do@example.vn", note=f"Cùng {EMAIL}", actor=desk, at=now)
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
    assert other.body == "Một lá thư khác, của người khác, nhắc tới […]."
    tombstone = ErasureRecord.objects.get()
    assert (tombstone.reason, tombstone.actor, tombstone.counts) == ("wish", None, done.counts)
    assert tombstone.scrubbed_at == now


@pytest.mark.django_db(transaction=True)
def test_nothing_counts_as_wiped_while_an_older_snapshot_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL a dump that runs keeps erased rows in the files: the erasure stays open, a later run settles it."""
    if connection.vendor == "sqlite":
        return  # it keeps no rows for older snapshots
    now = timezone.now()
    make.make_letter(f"Gọi {PHONE}.", email=EMAIL, phone=PHONE)
    monkeypatch.setattr(privacy, "SNAPSHOT_PATIENCE", 0)
    dump = connection.copy()
    try:
        with dump.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT count(*) FROM news_person")
        privacy.erase(email=EMAIL, at=now, reason=ErasureReason.WISH)
        assert privacy.scrub(at=now) == 0
        assert PHONE.encode() in raw_database()
        assert ErasureRecord.objects.get().scrubbed_at is None
    finally:
        with dump.cursor() as cursor:
            cursor.execute("ROLLBACK")
        dump.close()
    monkeypatch.undo()
    assert privacy.scrub(at=now) == 1
    assert PHONE.encode() not in raw_database()
    with connection.cursor() as cursor:
        assert [name for name in connection.introspection.table_names(cursor) if name.startswith("scrub_probe")] == []


# --- Sessions end before, the rest in one transaction -----------------------------------------------------


def remembers(**words: str) -> SessionStore:
    session = SessionStore()
    session.update(words)
    session.create()
    return session


@pytest.mark.django_db(transaction=True)
def test_sessions_end_before_the_transaction_and_those_written_meanwhile_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy, "BATCH", 3)
    now, owner = timezone.now(), make.make_user(None, email=EMAIL)
    others = {remembers(account_verified_email=f"nguoi-khac-{number}@example.vn").session_key for number in range(7)}
    for _ in range(7):
        remembers(account_verified_email=EMAIL.lower())
    remembers(_auth_user_id=str(owner.pk))
    left: list[set[str]] = []

    def meanwhile() -> None:
        left.append(set(Session.objects.values_list("pk", flat=True)))
        remembers(_auth_user_id=str(owner.pk))
        remembers(account_verified_email=EMAIL)

    with CaptureQueriesContext(connection) as queries:
        done = privacy.erase(email=EMAIL, at=now, reason=ErasureReason.WISH, first=meanwhile)
    assert left == [others]
    assert (done.counts["phiên đăng nhập"], ErasureRecord.objects.get().counts) == (10, done.counts)
    assert set(Session.objects.values_list("pk", flat=True)) == others
    asked = [query["sql"] for query in queries if '"session_data"' in query["sql"]]
    asked = [sql for sql in asked if sql.startswith("SELECT")]
    assert ["LIMIT 3" in sql for sql in asked] == [True] * 10
    assert ['"expire_date" >=' in sql for sql in asked] == [False] * 6 + [True] * 4


@pytest.mark.django_db(transaction=True)
def test_an_erasure_cut_short_after_the_sessions_is_done_by_the_next() -> None:
    now = timezone.now()
    letter = make.make_letter("Thư.", email=EMAIL)
    remembers(account_verified_email=EMAIL)

    def cut() -> None:
        raise requesting.LinkEnded

    with pytest.raises(requesting.LinkEnded):
        privacy.erase(email=EMAIL, at=now, reason=ErasureReason.WISH, first=cut)
    assert (Session.objects.count(), ErasureRecord.objects.count(), ReaderContact.objects.count()) == (0, 0, 1)
    remembers(account_verified_email=EMAIL)
    privacy.erase(email=EMAIL, at=now, reason=ErasureReason.WISH)
    letter.refresh_from_db()
    assert (Session.objects.count(), ErasureRecord.objects.count(), letter.contact) == (0, 1, None)


@pytest.mark.django_db(transaction=True)
def test_an_address_proven_meanwhile_is_looked_for_in_every_session() -> None:
    now, owner = timezone.now(), make.make_user(None, email=EMAIL)
    old = remembers(account_verified_email=VICTIM)
    Session.objects.filter(pk=old.session_key).update(expire_date=now + timedelta(days=1))

    def prove() -> None:
        EmailAddress.objects.create(user=owner, email=VICTIM, verified=True)

    done = privacy.erase(user_id=owner.pk, at=now, reason=ErasureReason.WISH, first=prove)
    assert (done.counts["phiên đăng nhập"], Session.objects.count()) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_who_may_not_be_erased_is_not_logged_out_either() -> None:
    now, chief = timezone.now(), make.make_user("chief", email="tong.bien.tap@example.vn")
    reader = make.make_user(None, email=EMAIL)
    EmailAddress.objects.create(user=reader, email=EMAIL, verified=True)
    holding.place(email=EMAIL, reason="Công văn 12/CV-CA", until=None, actor=chief, at=now)
    for user in (chief, reader):
        remembers(_auth_user_id=str(user.pk))
    with pytest.raises(NotAllowed):
        privacy.erase(user_id=chief.pk, at=now, reason=ErasureReason.WISH)
    with pytest.raises(privacy.Held):
        privacy.erase(email=EMAIL, at=now, reason=ErasureReason.WISH)
    assert privacy.erase_account(user_id=reader.pk, at=now, reason=ErasureReason.RETENTION) is False
    assert Session.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_account_used_again_while_its_sessions_end_stays() -> None:
    now, reader = timezone.now(), make.make_user(None, email=EMAIL)
    erased = privacy.erase_account(user_id=reader.pk, at=now, reason=ErasureReason.RETENTION, is_due=lambda: False)
    assert (erased, User.objects.filter(pk=reader.pk).exists(), ErasureRecord.objects.count()) == (False, True, 0)


# --- Who works here, and who only looks like somebody ---------------------------------------------------


@pytest.mark.django_db
def test_nobody_wipes_the_history_of_the_newsrooms_people(client: Client) -> None:
    """Neither by the desk nor by the page: what was done to a colleague's account, and the mail about it, stay."""
    now = timezone.now()
    chief, moderator = make.make_user("chief", email="tong.bien.tap@example.vn"), make.make_user("moderator")
    resetting.set_password(
        user_id=chief.pk, password="một-mật-khẩu-mới-9", actor=make.make_user("administrator"), reason="Quên", at=now
    )
    requesting.ask(email=chief.email or "", sender="198.51.100.9", at=now)
    mails, lines = Outbox.objects.exclude(message="").count(), LogEntry.objects.exclude(change_message="").count()
    wish = requesting.take_in(
        kind=DataRequestKind.ERASURE, email=chief.email or "", note="Gọi điện", actor=moderator, at=now
    )
    with pytest.raises(NotAllowed):
        requesting.erase_for(request_id=wish.pk, email=chief.email or "", actor=moderator, at=now)
    address = crypto.decrypt(Outbox.objects.order_by("-pk")[0].message)["text"]
    (token,) = set(re.findall(r"/du-lieu-ca-nhan/([^/\s]{20,})/", address))
    refused = client.post(f"/du-lieu-ca-nhan/{token}/xoa/")
    assert (refused.status_code, "đang làm việc ở tòa soạn" in refused.content.decode()) == (403, True)
    assert Outbox.objects.exclude(message="").count() == mails
    assert LogEntry.objects.exclude(change_message="").filter(object_id=str(chief.pk)).exists()
    assert LogEntry.objects.exclude(change_message="").count() >= lines


@pytest.mark.django_db
@pytest.mark.parametrize("domain", ["gmaıl.com", "gmaİl.com", "ɡmail.com"])
def test_a_domain_that_looks_alike_is_somebody_elses(domain: str) -> None:
    """PostgreSQL takes ı for i where capitals do not count: the data page of one must not open to the other."""
    owner = make.make_user(None, email="nan.nhan@gmail.com")
    assert proving.users_of("Nan.Nhan@GMAIL.com") == {owner.pk}
    assert proving.users_of(f"nan.nhan@{domain}") == set()
    assert personal_data.person(email=f"nan.nhan@{domain}").user_ids == []


# --- What somebody only typed is not theirs ---------------------------------------------------------------

VICTIM = "nguoi.khac@example.vn"


def subscribed(client: Client, email: str) -> Subscriber:
    wording = consenting.current("ban-tin", timezone.now())
    wish = {"email": email, "frequency": "daily", "consent_text": wording.pk, "agree_newsletter": "on"}
    assert client.post("/ban-tin/", wish).status_code == 302
    row = Subscriber.objects.order_by("-pk")[0]
    Subscriber.objects.filter(pk=row.pk).update(state="active", confirmed_at=timezone.now())
    return row


@pytest.mark.django_db
def test_an_address_that_somebody_only_typed_finds_nothing_of_its_owners(client: Client) -> None:
    """A letter from one's account may name anybody's address: erasing oneself takes nothing of theirs along."""
    now = timezone.now()
    subscribed(client, VICTIM)
    requesting.ask(email=VICTIM, sender="198.51.100.9", at=now)
    mails = set(Outbox.objects.exclude(message="").values_list("pk", flat=True))
    link = PrivacyLink.objects.get()
    attacker = make.make_user(None, email="ke.xau@example.vn", full_name="Kẻ Xấu")
    letter = make.make_letter("Thư có địa chỉ của người khác trong đó.", email=VICTIM, phone="0213 000 000")
    Feedback.objects.filter(pk=letter.pk).update(account=attacker)

    done = privacy.erase(user_id=attacker.pk, at=now, reason=ErasureReason.WISH)

    assert (done.counts["bản tin"], done.counts["thư đi"], done.counts["thư gửi tòa soạn"]) == (0, 0, 1)
    assert Subscriber.objects.filter(state="active").count() == 1
    assert set(Outbox.objects.exclude(message="").values_list("pk", flat=True)) >= mails
    link.refresh_from_db()
    assert (link.revoked_at, link.email_digest != "") == (None, True)
    assert DataRequest.objects.filter(link=link).count() == 1


@pytest.mark.django_db
def test_mail_of_others_is_never_dropped_for_what_somebody_typed(client: Client) -> None:
    now = timezone.now()
    text = "Thư PH-2026-000005 đã tới. Điện thoại tòa soạn: 0213 000 000."
    mail = outbox.post(kind="role_granted", recipient="tbt@example.vn", subject="Báo", text=text, at=now)
    letter = make.make_letter("Một lá thư.", email=EMAIL, phone="0213 000 000")
    assert letter.contact is not None
    privacy.erase(email=EMAIL, at=now, reason=ErasureReason.WISH)
    kept = Outbox.objects.get(pk=mail.pk)
    assert crypto.decrypt(kept.message)["text"].strip() == text
    about = outbox.post(kind="test", recipient="tbt@example.vn", subject="Về", text=f"Có người: {EMAIL}", at=now)
    make.make_letter("Lá thư nữa.", email=EMAIL)
    privacy.erase(email=EMAIL, at=now, reason=ErasureReason.WISH)
    assert crypto.decrypt(Outbox.objects.get(pk=about.pk).message)["text"].strip() == "Có người: […]"


@pytest.mark.django_db
def test_an_order_on_somebody_elses_address_is_neither_told_nor_in_the_way(client: Client) -> None:
    now = timezone.now()
    chief = make.make_user("chief")
    holding.place(email=VICTIM, reason="Công văn 12/CV-CA", until=None, actor=chief, at=now)
    reader = make.make_user(None, email="doc.gia@example.vn")
    held = make.make_letter("Thư nêu địa chỉ đang bị giữ.", email=VICTIM)
    own = make.make_letter("Thư của tôi.", email="doc.gia@example.vn")
    Feedback.objects.filter(pk__in=[held.pk, own.pk]).update(account=reader)
    privacy.erase(user_id=reader.pk, at=now, reason=ErasureReason.WISH)
    held.refresh_from_db()
    own.refresh_from_db()
    assert (held.contact is not None, held.account, own.contact) == (True, None, None)
    assert not User.objects.filter(pk=reader.pk).exists()
    with pytest.raises(privacy.Held):
        privacy.erase(email=VICTIM, at=now, reason=ErasureReason.WISH)


@pytest.mark.django_db
def test_what_the_newsroom_wrote_down_of_an_address_goes_too(client: Client) -> None:
    now = timezone.now()
    desk = make.make_user("moderator")
    edition = make.publish(make.make_article("Bài", at=now - timedelta(hours=2)), at=now - timedelta(hours=1))
    asked = make.make_comment(edition, "Xin hỏi.", name=NAME, email=EMAIL)
    answered = moderating.answer(comment_id=asked.pk, actor=desk, body=f"Chào {NAME}, thư {EMAIL} đã nhận.", at=now)
    other = make.make_letter("Thư của người khác.")
    FeedbackNote.objects.create(
        feedback=other, body=f"Giống thư của {EMAIL}, gọi {PHONE}.", written_by=desk, written_at=now
    )
    make.make_letter("Thư.", email=EMAIL, phone=PHONE)
    privacy.erase(email=EMAIL, at=now, reason=ErasureReason.WISH)
    answered.refresh_from_db()
    assert answered.body == "Chào […], thư […] đã nhận."
    assert FeedbackNote.objects.get(feedback=other).body == "Giống thư của […], gọi […]."


@pytest.mark.django_db
@pytest.mark.parametrize("is_held", [True, False], ids=["held", "free"])
def test_whoever_types_an_address_for_the_newsletter_destroys_no_consent(client: Client, *, is_held: bool) -> None:
    now = timezone.now()
    row = subscribed(client, VICTIM)
    old = row.contact_id
    assert subscribing.stop(token=subscribing.own_token(row), at=now)
    if is_held:
        holding.place(email=VICTIM, reason="Công văn", until=None, actor=make.make_user("chief"), at=now)
    subscribed(client, VICTIM)
    contact = ReaderContact.objects.get(pk=old)
    assert contact.consents.count() == 1
    assert contact.keep_until is not None


@pytest.mark.django_db(transaction=True)
def test_what_was_corrected_before_goes_too(client: Client) -> None:
    """Letters and answers keep the words of their day: a name and a number since corrected are looked for as well."""
    now = timezone.now()
    desk = make.make_user("moderator")
    reader = make.make_user(None, email=EMAIL, full_name=NAME, phone=PHONE)
    EmailAddress.objects.create(user=reader, email=EMAIL, verified=True, primary=True)
    edition = make.publish(make.make_article("Bài", at=now - timedelta(hours=2)), at=now - timedelta(hours=1))
    asked = make.make_comment(edition, "Xin hỏi.", author=reader)
    answered = moderating.answer(comment_id=asked.pk, actor=desk, body=f"Chào {NAME}.", at=now)
    letter = make.make_letter(f"Tôi là {NAME}, gọi {PHONE}.", email=EMAIL, phone=PHONE, name=NAME, address=ADDRESS)
    User.objects.filter(pk=reader.pk).update(full_name="Lường Mới", phone="")
    opened = requesting.opened(requesting.link_of(user_id=reader.pk, at=now), now)
    assert opened is not None
    for name in ("Vàng Khác", "Lường Mới"):
        requesting.correct(
            link=opened.link, details={"name": name, "phone": "0911 222 333", "address": "Bản Mới"}, at=now
        )
    assert contacting.read(ReaderContact.objects.get(feedback=letter))["name"] == "Lường Mới"
    kept = personal_data.kept(personal_data.person(user_id=reader.pk))
    assert f"'Họ và tên, trước khi sửa': 'Vàng Khác; {NAME}'" in str(kept)
    requesting.erase(link=opened.link, at=now)
    privacy.scrub(at=now)
    answered.refresh_from_db()
    letter.refresh_from_db()
    assert (answered.body, letter.body) == ("Chào […].", "Tôi là […], gọi […].")
    assert traces(raw_database()) == []


@pytest.mark.django_db
def test_a_retention_that_ends_takes_what_was_corrected_before(client: Client) -> None:
    now = timezone.now()
    letter = make.make_letter(f"Tôi là {NAME}, gọi {PHONE}.", email=EMAIL, phone=PHONE, name=NAME)
    assert letter.contact_id is not None
    contacting.correct(contact_id=letter.contact_id, details={"name": "Lường Mới", "phone": ""})
    assert privacy.erase_contact(contact_id=letter.contact_id, at=now, reason=ErasureReason.RETENTION)
    letter.refresh_from_db()
    assert letter.body == "Tôi là […], gọi […]."
