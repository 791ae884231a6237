"""The outbox on the desk: what waits, what left, why not; trying again and trying out, for administrators alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from accounts.models import User
from news import crypto
from news.models import Masthead, Outbox
from news.services import outbox
from news.tests import make
from news.tests.admin.forms import words
from news.tests.post_office import PostOffice, run_worker

pytestmark = pytest.mark.django_db
LIST = "/quan-tri/news/outbox/"
TEST = f"{LIST}gui-thu/"


def page_of(mail: Outbox) -> str:
    return f"{LIST}{mail.pk}/change/"


def posted(**changes: Any) -> Outbox:
    return outbox.post(
        **{
            "kind": "feedback_answer",
            "recipient": "ban.doc@example.vn",
            "subject": "Trả lời",
            "text": "Điều bí mật",
            "at": timezone.now(),
            **changes,
        }
    )


def given_up(office: PostOffice, **changes: Any) -> Outbox:
    office.refusals["ban.doc@example.vn"] = "550 5.1.1 <ban.doc@example.vn> unknown"
    mail = posted(**changes)
    outbox.attempt(mail_id=mail.pk, at=timezone.now())
    office.refusals.clear()
    mail.refresh_from_db()
    return mail


def test_the_list_says_how_each_mail_fares_and_never_to_whom(sign_in_as: Any, post_office: PostOffice) -> None:
    gone = given_up(post_office)
    sent = posted(kind=outbox.SHARE)
    outbox.attempt(mail_id=sent.pk, at=timezone.now())
    waiting = posted(kind=outbox.ROLE_GRANTED)
    later = posted(kind="loai-khac", at=timezone.now() + timedelta(hours=1))
    client = sign_in_as(make.make_user("administrator"))
    page = client.get(LIST)
    text = words(page)
    rows = text[text.index("Lỗi gần nhất") :]
    for said in (
        "Trả lời phản hồi",
        "Thôi gửi",
        "Máy chủ thư từ chối địa chỉ người nhận (550 5.1.1).",
        "Gửi cho bạn bè",
        "Đã gửi",
        "Báo giao vai trò",
        "Chờ gửi",
        "loai-khac",
        "Chờ gửi, từ",
    ):
        assert said in rows, said
    for mail in (gone, sent, waiting, later):
        seen = client.get(page_of(mail)).content.decode()
        for secret in ("ban.doc", "Điều bí mật", mail.recipient[:30] or "-.-", crypto.digest("ban.doc@example.vn")):
            assert secret not in seen
            assert secret not in page.content.decode()

    def numbers(choice: str) -> list[int]:
        return [row.pk for row in client.get(LIST, {"tinh-trang": choice}).context["cl"].result_list]

    assert (numbers("cho"), numbers("xong"), numbers("thoi")) == ([later.pk, waiting.pk], [sent.pk], [gone.pk])


@pytest.mark.django_db(transaction=True)
def test_a_given_up_mail_is_sent_again_at_the_push_of_a_button(sign_in_as: Any, post_office: PostOffice) -> None:
    mail = given_up(post_office)
    client = sign_in_as(make.make_user("administrator"))
    address = f"{LIST}{mail.pk}/gui-lai/"
    assert f'action="{address}"' in client.get(page_of(mail)).content.decode()
    answer = client.post(address, follow=True)
    assert "Thư đang được gửi lại." in words(answer)
    run_worker()
    assert post_office.recipients == ["ban.doc@example.vn"]
    assert [(entry.object_repr, entry.change_message) for entry in LogEntry.objects.all()] == [
        (f"Thư {mail.pk}: Trả lời phản hồi", "Gửi lại.")
    ]
    again = client.post(address, follow=True)
    assert "Chỉ gửi lại được thư gặp lỗi hoặc đã thôi gửi, và còn giữ nội dung." in words(again)
    assert address not in client.get(page_of(mail)).content.decode()


def test_a_forgotten_mail_cannot_be_sent_again(sign_in_as: Any, post_office: PostOffice) -> None:
    mail = given_up(post_office, kind=outbox.SHARE)
    client = sign_in_as(make.make_user("administrator"))
    assert "gui-lai" not in client.get(page_of(mail)).content.decode()
    answer = client.post(f"{LIST}{mail.pk}/gui-lai/", follow=True)
    assert "Chỉ gửi lại được thư gặp lỗi hoặc đã thôi gửi, và còn giữ nội dung." in words(answer)
    assert client.post(f"{LIST}999999/gui-lai/").headers["Location"] == LIST


@pytest.mark.django_db(transaction=True)
def test_a_test_mail_goes_to_whoever_asks_for_it(sign_in_as: Any, post_office: PostOffice) -> None:
    Masthead.objects.create(name="Báo Điện Biên")
    user = make.make_user("administrator", email="quan.tri@example.vn", full_name="Lò Văn Trị")
    client = sign_in_as(user)
    assert f'action="{TEST}"' in client.get(LIST).content.decode()
    answer = client.post(TEST, {"email": "ke.gian@evil.example"}, follow=True)
    assert "Thư thử đang được gửi tới địa chỉ của bạn." in words(answer)
    run_worker()
    (mail,) = post_office.mails
    assert (post_office.recipients, mail["Subject"]) == (["quan.tri@example.vn"], "Thư thử của Báo Điện Biên")
    first, _, said, _, last, _ = post_office.texts[0].split("\n")
    assert (first, last) == ("Chào Lò Văn Trị,", "Báo Điện Biên")
    assert said.startswith("Đây là thư thử gửi lúc ")
    assert said.endswith("Bạn đọc được thư này nghĩa là máy chủ thư đã được nối đúng.")
    assert [entry.change_message for entry in LogEntry.objects.all()] == ["Gửi thư thử."]
    for _ in range(5):
        answer = client.post(TEST, follow=True)
    assert "Bạn đã gửi nhiều thư thử trong thời gian ngắn." in words(answer)
    assert Outbox.objects.count() == 5


def test_without_an_address_the_test_mail_says_so(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user("administrator"))
    assert "Tài khoản của bạn chưa có địa chỉ thư." in words(client.post(TEST, follow=True))
    User.objects.filter(groups__name="Quản trị").update(email='"a b"(x)@example.vn')
    assert "Địa chỉ thư của bạn không dùng được." in words(client.post(TEST, follow=True))
    assert Outbox.objects.count() == 0


@pytest.mark.parametrize("role", ["reporter", "editor", "secretary", "chief", "moderator", "superuser", None])
def test_nobody_else_sends(sign_in_as: Any, post_office: PostOffice, role: str | None) -> None:
    mail = given_up(post_office)
    if role == "superuser":
        user = User.objects.create_superuser("root", full_name="Kỹ thuật", email="root@example.vn")
    else:
        user = make.make_user(role, email="toi@example.vn")
    client = sign_in_as(user)
    for address in (TEST, f"{LIST}{mail.pk}/gui-lai/"):
        assert client.post(address).status_code == (302 if role is None else 403)  # readers are asked to log in
    mail.refresh_from_db()
    assert (mail.given_up_at is not None, Outbox.objects.count()) == (True, 1)


def test_it_takes_a_post_with_its_token(sign_in_as: Any, post_office: PostOffice) -> None:
    mail = given_up(post_office)
    user = make.make_user("administrator", email="quan.tri@example.vn")
    client = sign_in_as(user)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    for address in (TEST, f"{LIST}{mail.pk}/gui-lai/"):
        assert client.get(address).status_code == 405
        assert strict.post(address).status_code == 403
    assert Outbox.objects.count() == 1
