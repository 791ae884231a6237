"""Dữ liệu cá nhân: asking for a link, and all that may be done with it; strangers learn nothing."""

import json
import logging
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from config.logs import WithoutLinks
from news import crypto
from news.models import (
    CommentLike,
    CommentReport,
    CommentStatus,
    Consent,
    ConsentText,
    DataRequest,
    DataRequestKind,
    Edition,
    ErasureRecord,
    Feedback,
    FeedbackFile,
    LegalHold,
    Outbox,
    PrivacyLink,
    ReaderContact,
    Subscriber,
    SubscriberState,
)
from news.services import consenting, contacting, holding, requesting
from news.tests import make

pytestmark = pytest.mark.django_db
EMAIL = "xuyen@thu-rieng.vn"


def ask(client: Any, email: str = EMAIL, **extra: str) -> Any:
    return client.post("/du-lieu-ca-nhan/", {"email": email, **extra})


def link() -> str:
    """The address in the newest mail."""
    text = crypto.decrypt(Outbox.objects.order_by("-pk")[0].message)["text"]
    found = re.search(r"/du-lieu-ca-nhan/\S+/", text)
    assert found is not None
    return found[0]


@pytest.fixture
def letter() -> Feedback:
    return make.make_letter(
        "Đường vào bản Nà Tăm hỏng.", email=EMAIL, name="Vàng Thị Xuyến", phone="0987 612 345", address="Sin Suối Hồ"
    )


def test_the_answer_is_the_same_whether_or_not_anything_is_kept(client: Any, letter: Feedback) -> None:
    known, unknown = ask(client), ask(client, "khong-ai@thu-rieng.vn")
    assert (known.status_code, known.url, unknown.url) == (302, "/du-lieu-ca-nhan/da-gui/", "/du-lieu-ca-nhan/da-gui/")
    mails = [(mail.kind, crypto.decrypt(mail.recipient)["address"]) for mail in Outbox.objects.order_by("-pk")[:2]]
    assert mails == [("privacy_link", "khong-ai@thu-rieng.vn"), ("privacy_link", EMAIL)]
    address = link()
    Outbox.objects.update(recipient="", message="", sent_at=timezone.now())
    page = client.get(address).content.decode()
    assert "Tòa soạn không giữ gì" in page
    assert "Vàng Thị Xuyến" not in page


def test_a_robot_and_a_bad_address_get_no_mail(client: Any) -> None:
    assert ask(client, website="x").status_code == 302
    assert ask(client, "a@example.com\nBcc: b@example.com").status_code == 422
    assert ask(client, "=?utf-8?q?a=40b=2c?=@example.com").status_code == 422
    assert (Outbox.objects.count(), PrivacyLink.objects.count()) == (0, 0)


def test_limits(client: Any) -> None:
    assert [ask(client, f"a{n}@example.vn").status_code for n in range(6)] == [302] * 5 + [429]
    for n in range(7):
        assert Client().post("/du-lieu-ca-nhan/", {"email": EMAIL}, REMOTE_ADDR=f"198.51.100.{n}").status_code == 302
    assert Outbox.objects.filter(recipient_digest=crypto.digest(EMAIL)).count() == 4


def test_the_page_shows_all_that_is_kept_and_is_told_to_nobody(client: Any, letter: Feedback) -> None:
    ask(client)
    address = link()
    assert EMAIL not in address
    assert crypto.digest(EMAIL) not in address
    assert PrivacyLink.objects.get().token_digest not in address
    response = client.get(address)
    for said in ("Vàng Thị Xuyến", "0987 612 345", "Sin Suối Hồ", "Đường vào bản Nà Tăm hỏng.", letter.code, EMAIL):
        assert said in response.content.decode()
    headers = response.headers
    assert (headers["Referrer-Policy"], headers["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
    assert headers["Cache-Control"] == "private, no-store"
    assert not response.cookies
    assert client.put(address).status_code == 405


def test_files_are_told_of_in_words_and_exactly_in_the_file_for_machines(client: Any, letter: Feedback) -> None:
    for kind, size in (("image/jpeg", 13_755), ("application/pdf", 2_400_000)):
        FeedbackFile.objects.create(
            feedback=letter,
            file_name=f"a{size}",
            content_type=kind,
            byte_count=size,
            content_sha256="0" * 64,
            received_at=timezone.now(),
        )
    ask(client)
    page = client.get(link()).content.decode()
    said = ("Ảnh JPEG", "14 kB", "PDF", "2,4 MB")
    assert re.findall(r"<dt>(?:Kiểu|Dung lượng)</dt><dd>([^<]+)<", page) == list(said)
    assert "Số byte" not in page
    exact = client.post(f"{link()}tai-ve/", {"dang": "json"}).content.decode()
    assert ('"Số byte": 13755' in exact, '"Kiểu": "image/jpeg"' in exact) == (True, True)


@pytest.mark.parametrize("change", ["other", "late", "cut"])
def test_a_link_that_is_good_no_more_leads_to_a_new_one(client: Any, letter: Feedback, change: str) -> None:
    ask(client)
    address = link()
    at = timezone.now() + (timedelta(hours=49) if change == "late" else timedelta())
    address = {"other": "/du-lieu-ca-nhan/x:y/", "cut": f"{address[:-4]}/", "late": address}[change]
    with time_machine.travel(at, tick=False):
        for response in (client.get(address), client.post(f"{address}xoa/")):
            assert (response.status_code, response.url) == (302, "/du-lieu-ca-nhan/?het-han=1")
        assert "Liên kết này không còn dùng được" in client.get(response.url).content.decode()
    assert ReaderContact.objects.count() == 1


def test_corrections_reach_every_letter_of_the_address_and_no_other(client: Any, letter: Feedback) -> None:
    second = make.make_letter("Lá thư thứ hai.", email=EMAIL, name="Vàng Xuyến", phone="", address="")
    other = make.make_letter("Của người khác.", name="Giàng A Páo")
    ask(client)
    page = {"name": "Vàng Thị Xuyên", "phone": "0911 222 333", "address": ""}
    assert client.post(f"{link()}sua/", page | {"phone": "gọi tôi"}).status_code == 422
    response = client.post(f"{link()}sua/", page)
    assert response.status_code == 302
    assert "Đã sửa." in client.get(response.url).content.decode()
    for row, expected in (
        (second, ("Vàng Thị Xuyên", "0911 222 333", "")),
        (letter, ("Vàng Thị Xuyên", "0911 222 333", "Sin Suối Hồ")),
        (other, ("Giàng A Páo", "0912 345 678", "Bản Nà Tăm")),
    ):
        row.refresh_from_db()
        assert row.contact is not None
        opened = contacting.read(row.contact)
        assert (opened["name"], opened["phone"], opened["address"]) == expected
    assert second.contact is not None
    assert second.contact.phone_digest == contacting.phone_digest("0911222333")


def test_each_purpose_is_taken_back_by_itself_and_only_ones_own(client: Any, letter: Feedback) -> None:
    wording = consenting.current("phan-hoi", timezone.now())
    mine = Consent.objects.get()
    mine.purposes = ["reply", "publish"]
    mine.save()
    make.make_letter("Của người khác.")
    other = Consent.objects.order_by("-pk")[0]
    ask(client)
    assert f'value="{other.pk}"' not in client.get(link()).content.decode()
    for number, purpose in ((other.pk, "reply"), (mine.pk, "forward"), (mine.pk, "publish"), ("x", "reply")):
        assert client.post(f"{link()}rut-lai/", {"dong-y": number, "viec": purpose}).status_code == 302
    mine.refresh_from_db()
    other.refresh_from_db()
    assert [row.purpose for row in mine.withdrawals.all()] == ["publish"]
    assert (mine.withdrawn_at, other.withdrawals.count(), mine.text) == (None, 0, wording)
    client.post(f"{link()}rut-lai/", {"dong-y": mine.pk, "viec": "reply"})
    mine.refresh_from_db()
    assert mine.withdrawn_at is not None
    assert ReaderContact.objects.filter(keep_until__lt=timezone.localdate()).get() == mine.contact


def test_what_a_form_cannot_do_without_is_asked_again_with_what_follows(client: Any, letter: Feedback) -> None:
    consent = Consent.objects.get()
    consent.purposes = ["reply", "publish"]
    consent.save()
    reader = make.make_user(None, email=EMAIL)
    EmailAddress.objects.create(user=reader, email=EMAIL, verified=True, primary=True)
    wordings = [consenting.current(form, timezone.now()) for form in ("tai-khoan", "binh-luan", "ban-tin")]
    for wording in wordings:
        needed = [purpose.name for purpose in wording.asked if purpose.is_required]
        consenting.record(text=wording, purposes=needed, user=reader, address="/x/", at=timezone.now())
    ask(client)
    page = client.get(link()).content.decode()
    asked = re.findall(r"<details class=\"kept__sure\">(.*?)</details>", page, re.DOTALL)
    once = re.sub(r"<details class=\"kept__sure\">.*?</details>", "", page, flags=re.DOTALL)
    found = [re.findall('name="viec" value="([a-z]+)"', part) for part in (*asked, once)]
    assert found == [["newsletter"], ["publish"], ["account"], ["reply"], ["publish"]]
    follows = ("thôi gửi bản tin", "rút khỏi trang ngay", "Tài khoản đóng ngay", "thôi trả lời bạn qua thư")
    assert [words in part for words, part in zip(follows, asked, strict=True)] == [True] * 4
    assert all("Vâng, rút lại" in part and "<summary>Rút lại" in part for part in asked)


def test_each_consent_says_what_it_was_given_with_and_articles_go_by_their_titles(
    client: Any, letter: Feedback
) -> None:
    now = timezone.now()
    article = make.make_article("Đường vào bản", at=now - timedelta(hours=2))
    edition = make.publish(article, at=now - timedelta(hours=1))
    second = make.make_letter("Thư thứ hai,\nvề bài này. " + "Rất dài. " * 20, article=article, email=EMAIL)
    reader = make.make_user(None, email=EMAIL)
    EmailAddress.objects.create(user=reader, email=EMAIL, verified=True, primary=True)
    make.make_comment(edition, "Đường hỏng lâu rồi.", name="Xuyến", email=EMAIL)
    seen, hidden = make.make_comment(edition, "OTHERS-ONE"), make.make_comment(edition, "OTHERS-TWO", is_shown=False)
    CommentLike.objects.create(comment=seen, user=reader, created_at=now)
    CommentReport.objects.create(comment=hidden, user=reader, reason="spam", created_at=now)
    ask(client)
    page = client.get(link()).content.decode()
    agreed = page[page.index('id="rut-lai"') :]
    path = f"/tin/{edition.slug}-{edition.article_id}/"
    first_code, second_code = (row.code.rpartition("-")[0] for row in (letter, second))
    titled = f'bài <a href="{path}">Đường vào bản</a>'
    assert f"Thư {first_code} “Đường vào bản Nà Tăm hỏng.”" in agreed
    assert re.search(f"Thư {second_code} “Thư thứ hai, về bài này. [^”\n]{{20,40}}…”, {titled}", agreed)
    assert f"Bình luận “Đường hỏng lâu rồi.”, {titled}" in agreed
    assert [row.code in agreed for row in (letter, second)] == [False, False]
    kept = page[: page.index('id="rut-lai"')]
    assert re.findall(rf'<dd><a href="https?://[^/]+{path}([^"]*)">Đường vào bản</a></dd>', kept) == (
        ["", f"binh-luan/{seen.pk}/", ""]
    )
    assert [word for word in ("Bình luận số", "OTHERS-", f"<dd>{edition.article_id}</dd>") if word in page] == []
    told = json.loads(client.post(f"{link()}tai-ve/").content)["dữ liệu"]
    assert [row["Về"].partition(" “")[0] for row in told["Đồng ý đã cho"]] == (
        ["Bình luận", f"Thư {second_code}", f"Thư {first_code}"]
    )
    assert [row["Bài"] for row in told["Bình luận"]] == ["Đường vào bản"] * 3
    Edition.objects.update(visible_until=now)
    page = client.get(link()).content.decode()
    assert page.count(f"Bài số {edition.article_id}, không còn trên trang") == 3
    assert path not in page


def test_a_guest_who_takes_back_the_consent_to_be_shown_is_shown_no_more(client: Any) -> None:
    now = timezone.now()
    edition = make.publish(make.make_article("Đường vào bản", at=now - timedelta(hours=2)), at=now - timedelta(hours=1))
    comment = make.make_comment(edition, "Đường hỏng lâu rồi.", name="Xuyến", email=EMAIL)
    ask(client)
    consent = Consent.objects.get()
    client.post(f"{link()}rut-lai/", {"dong-y": consent.pk, "viec": "publish"})
    comment.refresh_from_db()
    assert comment.status == CommentStatus.WITHDRAWN


def test_who_takes_back_the_consent_to_the_newsletter_gets_none(client: Any) -> None:
    wording = consenting.current("ban-tin", timezone.now())
    wish = {"email": EMAIL, "frequency": "daily", "consent_text": wording.pk, "agree_newsletter": "on"}
    client.post("/ban-tin/", wish)
    Subscriber.objects.update(state=SubscriberState.ACTIVE, confirmed_at=timezone.now())
    ask(client)
    assert "Hằng ngày" in client.get(link()).content.decode()
    client.post(f"{link()}rut-lai/", {"dong-y": Consent.objects.get().pk, "viec": "newsletter"})
    assert Subscriber.objects.get().state == SubscriberState.STOPPED


def test_what_the_desk_wrote_among_itself_is_counted_and_not_told(client: Any, letter: Feedback) -> None:
    desk, now = make.make_user("moderator"), timezone.now()
    for body in ("NOTE-ONE: hay kiện", "NOTE-TWO: xem lại"):
        letter.notes.create(body=body, written_by=desk, written_at=now)
    words = {"recipient": "ubnd@example.vn", "words": "FORWARD-WORDS: cẩn thận"}
    letter.forwards.create(**words, forwarded_by=desk, forwarded_at=now)
    edition = make.publish(make.make_article("Đường vào bản", at=now - timedelta(hours=2)), at=now - timedelta(hours=1))
    comment = make.make_comment(edition, "Đường hỏng lâu rồi.", name="Xuyến", email=EMAIL)
    comment.events.create(deed="hide", actor=desk, reason="EVENT-REASON", at=now)
    ask(client)
    address = link()
    told = [
        client.get(address).content.decode(),
        client.post(f"{address}tai-ve/").content.decode(),
        client.post(f"{address}tai-ve/", {"dang": "html"}).content.decode(),
    ]
    said = "2, chỉ dùng để xử lý thư, không hiện ở đây; muốn biết thêm thì viết cho tòa soạn"
    assert [text.count(said) for text in told] == [1, 1, 1]
    assert ["ubnd@example.vn" in text for text in told] == [True, True, True]
    internal = ("NOTE-ONE", "NOTE-TWO", "FORWARD-WORDS", "EVENT-REASON")
    assert [word for text in told for word in internal if word in text] == []


def test_export_is_a_file_for_machines_and_one_for_reading(client: Any, letter: Feedback) -> None:
    ask(client)
    response = client.post(f"{link()}tai-ve/")
    kept = json.loads(response.content)
    assert re.fullmatch(r'attachment; filename="du-lieu-ca-nhan-[\d-]{10}\.json"', response["Content-Disposition"])
    assert kept["địa chỉ thư"] == EMAIL
    assert kept["dữ liệu"]["Thư gửi tòa soạn"][0]["Nội dung"] == "Đường vào bản Nà Tăm hỏng."
    assert kept["dữ liệu"]["Thông tin liên hệ"][0]["Điện thoại"] == "0987 612 345"
    page = client.post(f"{link()}tai-ve/", {"dang": "html"})
    assert page["Content-Type"] == "text/html; charset=utf-8"
    assert "Đường vào bản Nà Tăm hỏng." in page.content.decode()
    assert client.get(f"{link()}tai-ve/").status_code == 405


def test_erasing_asks_first_then_ends_every_link(client: Any, letter: Feedback) -> None:
    ask(client)
    first = link()
    ask(client)
    second = link()
    assert "Xóa dữ liệu của bạn?" in client.get(f"{first}xoa/").content.decode()
    assert ReaderContact.objects.count() == 1
    response = client.post(f"{first}xoa/")
    assert (response.status_code, response.url) == (302, "/du-lieu-ca-nhan/da-xoa/")
    assert "Đã xóa dữ liệu của bạn" in client.get(response.url).content.decode()
    assert (ReaderContact.objects.count(), Consent.objects.count(), ErasureRecord.objects.count()) == (0, 0, 1)
    assert client.get(second).url == "/du-lieu-ca-nhan/?het-han=1"
    assert Outbox.objects.exclude(recipient_digest="").count() == 0
    kinds = list(DataRequest.objects.order_by("pk").values_list("kind", "state", "email_digest"))
    assert kinds == [("access", "done", ""), ("access", "done", ""), ("erasure", "done", "")]
    assert client.post("/phan-hoi/tra-cuu/", {"code": letter.code, "email": EMAIL}).status_code == 422


def test_an_order_to_keep_suspends_the_erasure_until_it_ends(client: Any, letter: Feedback) -> None:
    now = timezone.now()
    chief = make.make_user("chief")
    hold = holding.place(email=EMAIL.upper(), reason="Công văn 12 của Công an tỉnh", until=None, actor=chief, at=now)
    ask(client)
    before = client.get(f"{link()}xoa/").content.decode()
    assert "hiện chưa xóa được" in before
    assert "Công văn 12" not in before
    response = client.post(f"{link()}xoa/")
    said = client.get(response.url).content.decode()
    assert "Pháp luật yêu cầu tòa soạn tạm giữ" in said
    assert "Công văn 12" not in said
    client.post(f"{link()}xoa/")
    waiting = DataRequest.objects.get(kind=DataRequestKind.ERASURE)
    assert (waiting.state, waiting.completed_at, waiting.note) == ("suspended", None, f"Đang giữ theo {hold}.")
    assert ReaderContact.objects.count() == 1
    assert requesting.resume(at=now) == 0
    holding.lift(hold_id=hold.pk, actor=chief, at=now)
    assert requesting.resume(at=now) == 1
    waiting.refresh_from_db()
    assert (waiting.state, ReaderContact.objects.count()) == ("done", 0)
    entries = LogEntry.objects.filter(user=chief).order_by("pk").values_list("object_repr", "change_message")
    assert list(entries) == [(f"Lệnh giữ số {hold.pk}", "Đặt lệnh giữ."), (f"Lệnh giữ số {hold.pk}", "Bỏ lệnh giữ.")]
    assert LegalHold.objects.get().email_digest == crypto.digest(EMAIL)


def test_who_is_logged_in_needs_no_mail_and_sees_no_address_they_have_not_proven(letter: Feedback) -> None:
    reader = make.make_user(None, email=EMAIL, full_name="Xuyến")
    client: Any = Client()
    assert client.post("/du-lieu-ca-nhan/cua-toi/").url.startswith("/tai-khoan/")
    client.force_login(reader)
    assert client.get("/du-lieu-ca-nhan/cua-toi/").url == "/du-lieu-ca-nhan/"
    assert "Theo tài khoản đang đăng nhập" in client.get("/du-lieu-ca-nhan/").content.decode()
    page = client.get(client.post("/du-lieu-ca-nhan/cua-toi/").url).content.decode()
    assert "Đường vào bản Nà Tăm hỏng." not in page
    EmailAddress.objects.update_or_create(user=reader, email=EMAIL, defaults={"verified": True, "primary": True})
    page = client.get(client.post("/du-lieu-ca-nhan/cua-toi/").url).content.decode()
    assert "Đường vào bản Nà Tăm hỏng." in page


def test_a_log_in_of_yesterday_shows_first_that_it_is_them() -> None:
    reader = make.make_user(None, email=EMAIL, password="mot-mat-khau-rat-dai-2026")
    client: Any = Client()
    client.force_login(reader)
    asked = client.post("/du-lieu-ca-nhan/cua-toi/").url
    assert asked.startswith("/tai-khoan/xac-nhan/?")
    back = client.post(asked, {"password": "mot-mat-khau-rat-dai-2026"}, follow=True)
    assert back.redirect_chain[-1][0].startswith("/du-lieu-ca-nhan/")
    assert reader.username in back.content.decode()


def test_nothing_personal_in_logs_history_and_tasks(
    client: Any, letter: Feedback, caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    wording: ConsentText = consenting.current("phan-hoi", timezone.now())
    canary = {"name": "Vàng Thị Xuyến", "email": EMAIL, "phone": "0987612345", "address": "Sin Suối Hồ"}
    with caplog.at_level(logging.DEBUG), django_capture_on_commit_callbacks(execute=True):
        client.post("/phan-hoi/", {"kind": "tip", "body": "ngắn", **canary})
        client.post(
            "/phan-hoi/",
            {"kind": "tip", "body": "Một lá thư dài.", **canary, "consent_text": wording.pk, "agree_reply": "on"},
        )
        ask(client)
        address = link()
        client.get(address)
        client.put(address)
        client.post(f"{address}xoa/")
    handler = logging.getLogger().handlers
    assert any(isinstance(kept, WithoutLinks) for found in handler for kept in found.filters)
    quiet = WithoutLinks()
    lines = [quiet.filter(record).getMessage() for record in caplog.records if record.name != "django.db.backends"]
    lines += [f"{entry.object_repr} {entry.change_message}" for entry in LogEntry.objects.all()]
    lines += [f"{row.args_kwargs} {row.traceback} {row.return_value}" for row in DBTaskResult.objects.all()]
    assert any("/du-lieu-ca-nhan/…" in line for line in lines)
    token = address.split("/")[2]
    assert [line for line in lines if any(word in line for word in (*canary.values(), token))] == []


@pytest.mark.parametrize("count", [1, 3])
def test_queries(client: Any, django_assert_num_queries: Any, count: int) -> None:
    now = timezone.now()
    reader = make.make_user(None, email=EMAIL)
    EmailAddress.objects.create(user=reader, email=EMAIL, verified=True, primary=True)
    for n in range(count):
        article = make.make_article(f"Bài {n}", at=now - timedelta(hours=2))
        edition = make.publish(article, at=now - timedelta(hours=1))
        make.make_letter(f"Lá thư số {n}, đủ dài.", article=article, email=EMAIL)
        make.make_comment(edition, email=EMAIL)
        CommentLike.objects.create(comment=make.make_comment(edition), user=reader, created_at=now)
    ask(client)
    address = link()
    client.get(address)
    with django_assert_num_queries(44):
        client.get(address)
