"""Phản hồi: letters arrive, contacts stay apart and unreadable, limits hold, what was typed stays."""

import io
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image as Pillow

from news import crypto, ratelimit
from news.models import Consent, ConsentText, Feedback, FeedbackAnswer, FeedbackStatus, Outbox, ReaderContact
from news.queries import feedback as questions
from news.services import consenting, feedback
from news.tests import make, specimens
from news.tests.hostile import FRAGMENTS

pytestmark = pytest.mark.django_db

GOOD = {
    "kind": "error",
    "body": "Tỷ lệ 144/2.086 phải là 6,90%.",
    "name": "Lò Thị Mai",
    "email": "mai@example.vn",
    "phone": "0912 345 678",
    "address": "Bản Nà Tăm",
    "agree_reply": "on",
}


@pytest.fixture
def edition():
    return make.publish(make.make_article("Một bài"))


def letter(**changes):
    """A complete form, its consent wording included."""
    return GOOD | {"consent_text": consenting.current("phan-hoi", timezone.now()).pk} | changes


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
    assert [word for word in ("Lò Thị Mai", "mai@example.vn", "0912 345", "0912345678", "Nà Tăm") if word in dump] == []
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
        ("agree_reply", ""),
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
    statuses = [client.post("/phan-hoi/", letter(name=f"Người số {n}")).status_code for n in range(7)]
    assert statuses == [302] * 5 + [429] * 2
    refused = client.post("/phan-hoi/", letter())
    assert "Tỷ lệ 144/2.086" in refused.content.decode()
    assert client.post("/phan-hoi/", letter(), REMOTE_ADDR="203.0.113.9").status_code == 302
    # A header of the visitor's own changes nothing.
    assert client.post("/phan-hoi/", letter(), headers={"X-Forwarded-For": "198.51.100.1"}).status_code == 429
    assert Feedback.objects.count() == 6


def test_a_letter_that_a_bad_line_sent_twice_is_one_letter(client):
    first, second = (client.post("/phan-hoi/", letter()) for _ in range(2))
    assert (first.status_code, second.url) == (302, first.url)
    assert (Feedback.objects.count(), Outbox.objects.count()) == (1, 1)
    client.post("/phan-hoi/", letter(body="Một thư khác hẳn, cùng người gửi."))
    client.post("/phan-hoi/", letter(), REMOTE_ADDR="203.0.113.9")
    assert Feedback.objects.count() == 3


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


# --- The form --------------------------------------------------------------------------------------------


def test_the_form_is_a_fragment_that_knows_its_own_address(client, edition):
    for address in ("/phan-hoi/", f"/tin/{edition.slug}-{edition.article_id}/phan-hoi/"):
        text = client.get(address).content.decode()
        fragment = text.partition(" data-fragment>")[2]
        assert (text.count("data-fragment"), text.count("<form")) == (1, 1)
        assert f'<form method="post" action="{address}" enctype="multipart/form-data" novalidate>' in fragment
        assert "Gửi phản hồi</button>" in fragment
        assert '<a href="/phan-hoi/tra-cuu/"' in text


def test_errors_are_tied_to_their_fields_and_gathered_at_the_top(client):
    text = client.post("/phan-hoi/", letter(email="x", phone="gọi tôi", agree_reply="")).content.decode()
    for name in ("email", "phone", "agree_reply"):
        assert f'id="id_{name}_error"' in text
        assert f'<a href="#id_{name}">' in text
        field = re.search(rf'<(?:input|textarea)[^>]*name="{name}"[^>]*>', text)
        assert field is not None
        assert 'aria-invalid="true"' in field.group()
        assert re.search(rf'aria-describedby="[^"]*id_{name}_error"', field.group())
    assert re.findall(r'role="alert" tabindex="-1" autofocus', text) == ['role="alert" tabindex="-1" autofocus']
    names = re.findall(r' id="([^"]+)"', text)
    assert sorted(names) == sorted(set(names))


def test_a_form_shown_again_asks_for_consent_to_the_wording_it_shows(client):
    seen = letter(email="x")
    ConsentText.objects.create(
        form="phan-hoi", version=2, text="Lời mới", purposes=["reply"], shown_from=timezone.now()
    )
    text = client.post("/phan-hoi/", seen).content.decode()
    newest = ConsentText.objects.get(version=2)
    assert f'<input type="hidden" name="consent_text" value="{newest.pk}"' in text
    assert "Lời mới" in text
    box = re.search(r'<input type="checkbox"[^>]*>', text)
    assert box is not None
    assert "checked" not in box.group()
    # A wording that never was: it can be mended in the page.
    again = client.post("/phan-hoi/", letter(consent_text="999999")).content.decode()
    assert "Lời xin đồng ý vừa được sửa." in again
    assert f'name="consent_text" value="{newest.pk}"' in again


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.9", "203.0.113.9", True),
        ("203.0.113.9", "203.0.113.10", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "", True),
        ("unix", "203.0.113.9", False),
    ],
)
def test_a_visitor_is_a_network(client, first, second, same):
    assert (ratelimit.network_of(first) == ratelimit.network_of(second)) is same
    for _ in range(5):
        client.post("/phan-hoi/", letter(), REMOTE_ADDR=first)
    assert client.post("/phan-hoi/", letter(), REMOTE_ADDR=second).status_code == (429 if same else 302)


def test_the_thank_you_page_leads_to_the_look_up(client):
    text = client.post("/phan-hoi/", letter(), follow=True).content.decode()
    found = re.search(r'href="(/phan-hoi/tra-cuu/\?ma=[^"]+)"', text)
    assert found is not None
    assert f'value="{Feedback.objects.get().code}"' in client.get(found[1]).content.decode()
    forged = client.get("/phan-hoi/tra-cuu/", {"ma": "PH-2026-000123-ABCD2345"}).content.decode()
    assert 'value="PH-' not in forged


# --- Following a letter ----------------------------------------------------------------------------------

FOLLOW = "/phan-hoi/tra-cuu/"
BACKEND = settings.AUTHENTICATION_BACKENDS[0]


def follow(client, code, email="mai@example.vn", **extra):
    return client.post(FOLLOW, {"code": code, "email": email}, **extra)


def test_who_wrote_sees_how_far_it_is_and_nothing_of_the_desk(client, edition):
    row = make.make_letter("Thư của tôi\n  thụt dòng", article=edition.article, email="mai@example.vn")
    moderator = make.make_user("moderator", full_name="Lê Thị Kín")
    before = follow(client, row.code).content.decode()
    assert "Đã tiếp nhận" in before
    page = questions.letter_page(row.pk, timezone.now())
    feedback.answer(
        feedback_id=row.pk,
        actor=moderator,
        at=timezone.now(),
        stamp=page.stamp,
        handling=feedback.Handling(moderator, timezone.now() + timedelta(days=9), "Ghi chú kín"),
        body="Tòa soạn đã sửa.",
    )
    response = follow(client, row.code)
    text = response.content.decode()
    for expected in ("Đã trả lời", "Tòa soạn đã sửa.", "Thư của tôi\n  thụt dòng", edition.title, row.code, "Góp ý"):
        assert expected in text
    assert f'href="/tin/{edition.slug}-{edition.article_id}/"' in text
    for secret in ("Kín", "kín", "Nà Tăm", "0912 345", "0912345678", "Lò Thị", "mai@example.vn"):
        assert secret not in text
    assert response.headers["Cache-Control"] == "private, no-store"
    assert '<meta name="robots" content="noindex">' in text


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("new", "Đã tiếp nhận"),
        ("open", "Đang xử lý"),
        ("answered", "Đã trả lời"),
        ("closed", "Đã kết thúc"),
        ("spam", "Đã tiếp nhận"),
    ],
)
def test_states_in_the_readers_words(client, status, said):
    row = make.make_letter(email="mai@example.vn")
    Feedback.objects.filter(pk=row.pk).update(status=status)
    text = follow(client, row.code).content.decode()
    assert f"<b>{said}</b>" in text
    assert "rác" not in text


def without_tokens(response):
    """The page without what is new each time it is shown."""
    return re.sub(r'name="(?:csrfmiddlewaretoken|pass)" value="[^"]+"', "", response.content.decode())


def test_spam_reads_word_for_word_like_a_new_letter(client):
    row = make.make_letter(email="mai@example.vn")
    one = without_tokens(follow(client, row.code))
    Feedback.objects.update(status="spam")
    assert without_tokens(follow(client, row.code)) == one


def test_an_article_that_readers_no_longer_see_is_not_named(client, edition):
    row = make.make_letter(article=edition.article, email="mai@example.vn")
    make.withdraw(edition.article, at=timezone.now() - timedelta(minutes=1))
    text = follow(client, row.code).content.decode()
    assert "nay không còn trên trang" in text
    assert edition.title not in text
    assert f"-{edition.article_id}/" not in text


def test_a_code_is_found_however_it_is_typed(client):
    row = make.make_letter(email="mai@example.vn")
    bare = row.code.replace("-", "")
    for typed in (
        row.code.lower(),
        bare,
        bare.lower(),
        f"  {row.code} ",
        " ".join(row.code),
        row.code.replace("-", "–"),
    ):
        response = follow(client, typed, email=" MAI@Example.vn ")
        assert row.code in response.content.decode(), typed


def test_a_wrong_pair_and_an_unknown_code_answer_alike(client):
    row, other = make.make_letter(email="mai@example.vn"), make.make_letter(email="lan@example.vn")
    erased = make.make_letter(email="mai@example.vn")
    erased.contact.delete()
    unknown = row.code[:-8] + "22222222"
    pairs = {
        "unknown": (unknown, "mai@example.vn"),
        "somebody else's": (other.code, "mai@example.vn"),
        "nobody's": (row.code, "nobody@example.vn"),
        "erased": (erased.code, "mai@example.vn"),
        "no code": ("x", "mai@example.vn"),
        "number only": (row.code[:-9], "mai@example.vn"),
    }
    answers, counts = {}, {}
    for name, (code, email) in pairs.items():
        with CaptureQueriesContext(connection) as queries:
            response = follow(client, code, email)
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
        text = text.replace(f'value="{code}"', "").replace(f'value="{email}"', "")
        answers[name], counts[name] = (response.status_code, text), len(queries)
    assert len(set(answers.values())) == 1
    assert set(counts.values()) == {counts["unknown"]}
    status, text = answers["unknown"]
    assert status == 422
    assert "Không tìm thấy phản hồi nào" in text


def test_what_was_typed_stays_and_bad_input_is_told(client):
    response = follow(client, "PH-2026-000001-ABCD2345", "không phải thư")
    text = response.content.decode()
    assert response.status_code == 422
    assert 'value="PH-2026-000001-ABCD2345"' in text
    assert 'id="id_email_error"' in text
    assert follow(client, "", "").status_code == 422
    assert follow(client, "x" * 5000, "a@example.vn").status_code == 422


def test_tries_are_limited_by_network_and_by_code(client):
    row = make.make_letter(email="mai@example.vn")
    wrong = [
        follow(client, f"PH-2026-000001-2222222{n}", REMOTE_ADDR=f"2001:db8::{n}").status_code for n in range(2, 10)
    ]
    wrong += [follow(client, row.code, REMOTE_ADDR="2001:db8::1").status_code for _ in range(4)]
    assert wrong == [422] * 8 + [200] * 2 + [429] * 2
    refused = follow(client, row.code, REMOTE_ADDR="2001:db8::1").content.decode()
    assert "Hãy thử lại sau mười phút." in refused
    assert f'value="{row.code}"' in refused
    codes = [
        follow(client, row.code.lower(), "x@example.vn", REMOTE_ADDR=f"203.0.113.{n}").status_code for n in range(9)
    ]
    assert codes == [422] * 8 + [429]


def test_what_is_no_code_uses_up_nobody_elses_tries(client):
    for number in range(12):
        status = follow(client, f"mã {number}", REMOTE_ADDR=f"203.0.113.{number}").status_code
        assert status == 422


def test_the_look_up_sets_no_cookie_before_it_is_opened_and_asks_for_its_token(client):
    assert client.get("/").cookies == {}
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(FOLLOW, {"code": "x", "email": "a@example.vn"}).status_code == 403
    assert strict.put(FOLLOW).status_code == 405
    assert list(client.get(FOLLOW).cookies) == ["csrf"]


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_hostile_words_are_words_on_the_look_up(client, fragment):
    row = make.make_letter(f"{fragment} và mười ký tự", email="mai@example.vn", name=fragment.replace("\0", ""))
    page = questions.letter_page(row.pk, timezone.now())
    moderator = make.make_user("moderator")
    feedback.answer(
        feedback_id=row.pk,
        actor=moderator,
        at=timezone.now(),
        stamp=page.stamp,
        handling=feedback.Handling(None, None, fragment),
        body=f"Đáp: {fragment}",
    )
    for response in (follow(client, row.code), follow(client, fragment, fragment)):
        text = response.content.decode()
        assert response.status_code in {200, 422}
        for harm in ("<script>alert", "<img src=x", "<svg/onload", "<iframe", "<base ", "<form action", "<xmp"):
            assert harm not in text


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_look_up(client, edition, count, django_assert_num_queries):
    row = make.make_letter(article=edition.article, email="mai@example.vn")
    moderator = make.make_user("moderator")
    for number in range(count):
        FeedbackAnswer.objects.create(
            feedback=row, body=f"{number}", answered_by=moderator, answered_at=row.received_at
        )
    # who wrote it, the letter, its answers, its article, what was agreed to and taken back, files, what was added,
    # whether it is printed; masthead, sections, standing pages
    with django_assert_num_queries(12):
        assert f"{count - 1}</div>" in follow(client, row.code).content.decode()


# --- What a sender does on the letter's page ---------------------------------------------------------------


def answer(row):
    page, at = questions.letter_page(row.pk, timezone.now()), timezone.now()
    fresh = Feedback.objects.get(pk=row.pk)
    feedback.answer(
        feedback_id=row.pk,
        actor=make.make_user("moderator"),
        at=at,
        stamp=page.stamp,
        handling=feedback.Handling(fresh.owner, fresh.due_at),
        body="Tòa soạn đã sửa.",
    )


def act(client, response, do, **typed):
    """Send one of the forms of a letter's page."""
    token = re.search(r'name="pass" value="([^"]+)"', response.content.decode())
    assert token is not None
    return client.post("/phan-hoi/tra-cuu/thu/", {"pass": token[1], "do": do, **typed})


def test_the_sender_adds_rates_and_takes_back_what_they_agreed_to(client):
    row = make.make_letter(email="mai@example.vn", at=timezone.now())
    page = follow(client, row.code)
    assert "Tòa soạn trả lời trước 17:00" in page.content.decode()
    assert "Đánh giá lời đáp" not in page.content.decode()
    answer(row)
    page = follow(client, row.code)
    rated = act(client, page, "rate", rating="4", words="Nhanh")
    assert "Bạn đã đánh giá lời đáp: 4/5." in rated.content.decode()
    assert act(client, page, "rate", rating="1").status_code == 422
    assert act(client, page, "add", body="x").status_code == 422
    added = act(client, page, "add", body="Vẫn còn <b>sai</b>.")
    assert "Vẫn còn &lt;b&gt;sai&lt;/b&gt;." in added.content.decode()
    assert "Đang xử lý" in added.content.decode()
    assert act(client, page, "withdraw", purpose="reply").status_code == 422  # without the box
    taken = act(client, page, "withdraw", purpose="reply", sure="1").content.decode()
    assert "24 giờ" in taken
    assert "Viết thêm vào thư này" not in taken


@pytest.mark.parametrize("token", ["", "x", "eyJh:x:y", "x" * 5000])
def test_a_pass_of_ones_own_opens_nothing(client, token):
    row = make.make_letter(email="mai@example.vn")
    response = client.post("/phan-hoi/tra-cuu/thu/", {"pass": token, "do": "add", "body": "Viết thêm"})
    assert (response.status_code, row.additions.count()) == (422, 0)
    assert client.get("/phan-hoi/tra-cuu/thu/").status_code == 302


def test_actions_of_one_network_have_a_limit(client):
    page = follow(client, make.make_letter(email="mai@example.vn").code)
    statuses = [act(client, page, "add", body=f"Thêm lần {n}").status_code for n in range(25)]
    assert (statuses.count(200), statuses.count(422), statuses.count(429)) == (3, 17, 5)


def test_a_reader_who_is_logged_in_finds_their_name_in_the_form_and_the_letter_under_their_account(client):
    reader, other = make.make_user(None, full_name="Vàng A Páo", email="pao@example.vn"), make.make_user(None)
    client.force_login(reader, backend=BACKEND)
    text = client.get("/phan-hoi/").content.decode()
    assert 'value="Vàng A Páo"' in text
    assert 'value="pao@example.vn"' in text
    client.post("/phan-hoi/", letter())
    row = Feedback.objects.get()
    assert row.account == reader
    assert row.code in client.get(f"/phan-hoi/cua-toi/{row.pk}/").content.decode()
    client.force_login(other, backend=BACKEND)
    assert client.get(f"/phan-hoi/cua-toi/{row.pk}/").status_code == 404
    client.logout()
    assert client.get(f"/phan-hoi/cua-toi/{row.pk}/").status_code == 302


# --- A passage, and files ----------------------------------------------------------------------------------


def test_a_passage_is_found_in_the_article_and_reports_of_it_are_grouped(client):
    edition = make.publish(make.make_article("Bài có lỗi", body="<p>Tỷ lệ hộ nghèo là 6,9%.</p><p>Hết bài.</p>"))
    address = f"/tin/{edition.slug}-{edition.article_id}/phan-hoi/"
    assert 'name="passage_words"' in client.get(address).content.decode()
    assert 'name="passage_words"' not in client.get("/phan-hoi/").content.decode()
    for n, words in enumerate(("hộ  nghèo là 6,9%", "Hộ nghèo là 6,9%", "không có trong bài")):
        typed = letter(passage_words=words, body=f"Báo lỗi lần thứ {n}", name=f"Người {n}")
        assert client.post(address, typed).status_code == 302
    first, second, odd = Feedback.objects.order_by("pk")
    assert (first.passage, first.passage_after) == ("hộ nghèo là 6,9%", ". Hết bài.")
    assert first.passage_before.endswith("Tỷ lệ ")
    page = questions.letter_page(first.pk, timezone.now())
    assert page.alike == [second]
    assert page.passage_address.startswith(f"/tin/{edition.slug}-{edition.article_id}/#doan=h%E1%BB%99%20ngh")
    assert (odd.passage, odd.passage_before) == ("không có trong bài", "")


def upload(size=None):
    data = io.BytesIO()
    Pillow.new("RGB", (640, 480), "green").save(data, "JPEG")
    return SimpleUploadedFile("ảnh.jpg", data.getvalue() if size is None else b"x" * size, "image/jpeg")


def test_files_come_with_a_letter_and_a_bad_one_is_said_beside_its_field(client, own_storage):
    assert client.post("/phan-hoi/", letter(enclosures=[upload(), upload()])).status_code == 302
    assert Feedback.objects.get().files.count() == 2
    bad = client.post("/phan-hoi/", letter(name="Khác", enclosures=[upload(), upload(3000)]))
    assert (bad.status_code, list(bad.context["form"].errors)) == (422, ["enclosures"])
    many = client.post("/phan-hoi/", letter(name="Khác", enclosures=[upload()] * 4))
    assert list(many.context["form"].errors) == ["enclosures"]
    assert Feedback.objects.count() == 1


def test_a_pdf_that_cannot_be_checked_within_its_limits_is_said_beside_its_field(client, own_storage, settings):
    pdf = SimpleUploadedFile("đơn.pdf", specimens.pdf("Một lá đơn"), "application/pdf")
    settings.DOCUMENT_PROCESS_FILE_SIZE = 100
    answer = client.post("/phan-hoi/", letter(enclosures=[pdf]))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["enclosures"])
    assert "Không kiểm tra được tệp này: tệp quá phức tạp hoặc đã hỏng." in answer.content.decode()
    assert Feedback.objects.count() == 0
    settings.DOCUMENT_PROCESS_FILE_SIZE = 1024**2
    pdf.seek(0)
    assert client.post("/phan-hoi/", letter(enclosures=[pdf])).status_code == 302
    assert Feedback.objects.get().files.get().content_type == "application/pdf"


AGAIN = "Hãy chọn lại tệp: trình duyệt không giữ tệp đã chọn."


def test_files_are_looked_at_and_asked_for_again_whatever_else_is_wrong(client, own_storage):
    def wrong(**extra):
        response = client.post("/phan-hoi/", letter(body="ngắn", **extra))
        assert response.status_code == 422
        return response.context["form"].errors

    assert "enclosures" not in wrong()
    assert list(wrong(enclosures=[upload()])["enclosures"]) == [AGAIN]
    bad = list(wrong(enclosures=[upload(), upload(3000)])["enclosures"])
    assert (bad[0].startswith("Tệp thứ 2: "), bad[1:]) == (True, [AGAIN])
    many = list(wrong(enclosures=[upload()] * 4)["enclosures"])
    assert many == ["Mỗi thư kèm tối đa 3 tệp.", AGAIN]
    assert list(wrong(enclosures=[upload(3000)], website="x")["enclosures"]) == [AGAIN]
    alone = client.post("/phan-hoi/", letter(enclosures=[upload(3000)])).context["form"].errors
    assert (list(alone), alone["enclosures"][-1]) == (["enclosures"], AGAIN)
    for _ in range(20):  # beyond what a network may have looked at, the other fields are told all the same
        found = wrong(enclosures=[upload(3000)])
    assert (sorted(found), list(found["enclosures"])) == (["body", "enclosures"], [AGAIN])
    edition = make.publish(make.make_article("Bài có lỗi"))
    response = client.post(
        f"/tin/{edition.slug}-{edition.article_id}/phan-hoi/", letter(body="ngắn", enclosures=[upload()])
    )
    assert AGAIN in response.content.decode()
    assert Feedback.objects.count() == 0


def test_only_the_form_of_letters_takes_large_requests_of_strangers(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 200_000
    settings.LETTER_UPLOAD_MAX_BYTES = 400_000
    settings.LETTER_FILE_MAX_BYTES = 100_000
    assert client.post("/phan-hoi/", letter(enclosures=[upload(300_000)])).status_code == 422
    assert client.post("/phan-hoi/", letter(enclosures=[upload(500_000)])).status_code == 413
    assert client.post("/phan-hoi/tra-cuu/", {"enclosures": upload(300_000)}).status_code == 413
