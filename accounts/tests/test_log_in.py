"""Log-in and the account pages: one answer for all who fail, limits, Vietnamese words, nothing inline."""

import gettext
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User

pytestmark = pytest.mark.django_db
LOGIN = "/tai-khoan/dang-nhap/"
PASSWORD = "mot-mat-khau-rat-dai-2026"
REFUSED = "Tên đăng nhập, địa chỉ thư hoặc mật khẩu không đúng."


def make_user(name: str = "le.hoa", **fields: Any) -> User:
    fields.setdefault("full_name", "Lê Hoa")
    fields.setdefault("email", f"{name}@example.vn")
    return User.objects.create_user(name, password=PASSWORD, **fields)


def log_in(client: Client, login: str, password: str = PASSWORD, **extra: str) -> Any:
    return client.post(LOGIN, {"login": login, "password": password, **extra})


@pytest.mark.parametrize("login", ["le.hoa", "LE.HOA", " le.hoa ", "le.hoa@example.vn", "Le.Hoa@Example.VN"])
def test_by_user_name_or_address(client: Client, login: str) -> None:
    user = make_user(is_staff=True)
    response = log_in(client, login)
    assert (response.status_code, response.headers["Location"]) == (302, "/quan-tri/")
    assert client.session["_auth_user_id"] == str(user.pk)


def answer(client: Client, login: str, password: str) -> str:
    page = log_in(client, login, password).content.decode()
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)
    return page.replace(login, "…")


def test_who_fails_gets_the_same_answer(client: Client) -> None:
    make_user()
    make_user("da.khoa", is_active=False)
    pages = {
        answer(Client(), login, password)
        for login, password in (
            ("le.hoa", "sai-mat-khau-nay"),
            ("khong.co", "sai-mat-khau-nay"),
            ("da.khoa", "sai-mat-khau-nay"),
            ("le.hoa@example.vn", "sai-mat-khau-nay"),
            ("khong.co@example.vn", "sai-mat-khau-nay"),
        )
    }
    assert len(pages) == 1
    (page,) = pages
    assert REFUSED in page
    assert 'role="alert"' in page


class CountingHasher(MD5PasswordHasher):
    """Counts how often a password is hashed: what the time of an answer is made of."""

    algorithm = "counting"
    count = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).count += 1
        return str(super().encode(password, salt))


@pytest.mark.parametrize("login", ["le.hoa", "khong.co", "da.khoa", "le.hoa@example.vn", "khong.co@example.vn"])
def test_every_failure_takes_one_hash(client: Client, settings: Any, login: str) -> None:
    settings.PASSWORD_HASHERS = ["accounts.tests.test_log_in.CountingHasher"]
    make_user()
    make_user("da.khoa", is_active=False)
    CountingHasher.count = 0
    log_in(client, login, "sai-mat-khau-nay")
    assert CountingHasher.count == 1


def test_a_reader_lands_on_the_front_page(client: Client) -> None:
    make_user(is_staff=False)
    assert log_in(client, "le.hoa").headers["Location"] == "/"


def test_passwords_never_come_back_in_the_page(client: Client) -> None:
    make_user()
    assert "sai-mat-khau-nay" not in log_in(client, "le.hoa", "sai-mat-khau-nay").content.decode()


def test_a_locked_account_stays_out(client: Client) -> None:
    make_user(is_active=False)
    response = log_in(client, "le.hoa")
    assert "_auth_user_id" not in client.session
    assert response.status_code in {200, 302}


def test_five_failures_close_the_account_for_a_while(client: Client) -> None:
    make_user()
    for _ in range(5):
        assert REFUSED in log_in(client, "le.hoa", "sai-mat-khau-nay").content.decode()
    assert "Sai quá nhiều lần." in log_in(client, "le.hoa").content.decode()
    assert "_auth_user_id" not in client.session


def test_thirty_tries_a_minute_close_the_address(client: Client) -> None:
    for number in range(30):
        assert log_in(client, f"ai-do-{number}", "sai-mat-khau-nay").status_code == 200
    response = log_in(client, "ai-do-nua", "sai-mat-khau-nay")
    assert response.status_code == 429
    assert "Bạn thử nhiều lần quá" in response.content.decode()
    assert client.get(LOGIN).status_code == 200


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("/quan-tri/news/article/", "/quan-tri/news/article/"),
        ("https://ke-gian.example/", "/quan-tri/"),
        ("//ke-gian.example/", "/quan-tri/"),
        ("javascript:alert(1)", "/quan-tri/"),
        ("/\\ke-gian.example", "/quan-tri/"),
    ],
)
def test_next_stays_here(client: Client, target: str, lands: str) -> None:
    make_user(is_staff=True)
    assert log_in(client, "le.hoa", next=target).headers["Location"] == lands


def test_log_out_asks_and_ends_the_session(client: Client) -> None:
    client.force_login(make_user(), backend=settings.AUTHENTICATION_BACKENDS[0])
    assert "Bạn muốn đăng xuất khỏi máy này?" in client.get("/tai-khoan/dang-xuat/").content.decode()
    assert client.post("/tai-khoan/dang-xuat/").headers["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_nobody_registers_yet(client: Client) -> None:
    assert "Chưa mở đăng ký" in client.get("/tai-khoan/dang-ky/").content.decode()
    client.post("/tai-khoan/dang-ky/", {"username": "ke-moi", "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.exists()


# --- A forgotten password --------------------------------------------------------------------------------


def test_reset_by_mail(client: Client) -> None:
    user = make_user()
    response = client.post("/tai-khoan/quen-mat-khau/", {"email": "Le.Hoa@example.vn"})
    assert response.headers["Location"] == "/tai-khoan/quen-mat-khau/da-gui/"
    (message,) = mail.outbox
    assert message.to == ["le.hoa@example.vn"]
    assert "Đặt lại mật khẩu" in message.subject
    assert "Có người, hẳn là bạn, xin đặt lại mật khẩu" in message.body
    link = re.search(r"https?://[^/]+(/tai-khoan/quen-mat-khau/\S+)", message.body)
    assert link is not None
    form = client.get(link[1], follow=True)
    assert "Đặt mật khẩu mới" in form.content.decode()
    new = "mat-khau-moi-rat-dai-2027"
    address = form.redirect_chain[-1][0]
    assert (
        "Hai lần nhập mật khẩu phải giống nhau."
        in client.post(address, {"password1": new, "password2": "khac"}).content.decode()
    )
    assert client.post(address, {"password1": new, "password2": new}).status_code == 302
    user.refresh_from_db()
    assert user.check_password(new) is True
    assert "Liên kết không còn dùng được" in Client().get(link[1]).content.decode()


def test_reset_for_an_unknown_address_says_the_same_and_sends_nothing(client: Client) -> None:
    make_user()
    known = client.post("/tai-khoan/quen-mat-khau/", {"email": "le.hoa@example.vn"}, follow=True)
    mail.outbox.clear()
    unknown = Client().post("/tai-khoan/quen-mat-khau/", {"email": "khong.co@example.vn"}, follow=True)
    assert known.content == unknown.content
    assert mail.outbox == []


# --- Every page ------------------------------------------------------------------------------------------

PAGES = {
    "account_login": False,
    "account_signup": False,
    "account_inactive": False,
    "account_reset_password": False,
    "account_reset_password_done": False,
    "account_reset_password_from_key_done": False,
    "account_email_verification_sent": False,
    "account_logout": True,
    "account_reauthenticate": True,
    "account_email": True,
    "account_change_password": True,
}
ENGLISH = re.compile(r"\b(the|your|password|email|sign|account|please|must|reset|change)\b", re.IGNORECASE)


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_vietnamese_and_carry_nothing_inline(client: Client, name: str) -> None:
    user = make_user()
    if PAGES[name]:
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    response = client.get(reverse(name))
    page = response.content.decode()
    assert response.status_code == 200
    assert '<html lang="vi">' in page
    assert page.count("<h1") == 1
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)
    text = re.sub(r"<[^>]*>", " ", page)
    assert ENGLISH.findall(text) == []


def test_a_password_that_was_never_set(client: Client) -> None:
    user = make_user()
    user.set_unusable_password()
    user.save()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    page = client.get("/tai-khoan/doi-mat-khau/", follow=True)
    assert "Đặt mật khẩu" in page.content.decode()
    assert client.post("/tai-khoan/dat-mat-khau/", {"password1": PASSWORD, "password2": PASSWORD}).status_code == 302


def test_changing_the_password(client: Client) -> None:
    user = make_user()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    new = "mat-khau-moi-rat-dai-2027"
    wrong = client.post("/tai-khoan/doi-mat-khau/", {"oldpassword": "khong-phai", "password1": new, "password2": new})
    assert "Mật khẩu hiện nay không đúng." in wrong.content.decode()
    assert (
        client.post(
            "/tai-khoan/doi-mat-khau/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
        ).status_code
        == 302
    )
    user.refresh_from_db()
    assert user.check_password(new) is True
    assert client.get("/tai-khoan/doi-mat-khau/").status_code == 200  # still logged in


def test_adding_and_confirming_an_address(client: Client) -> None:
    user = make_user(email=None)
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    client.post("/tai-khoan/dia-chi-thu/", {"action_add": "1", "email": "moi@example.vn"})
    (message,) = mail.outbox
    assert "Địa chỉ này được ghi cho tài khoản của Lê Hoa." in message.body
    link = re.search(r"https?://[^/]+(/tai-khoan/xac-nhan-thu/\S+)", message.body)
    assert link is not None
    assert "Địa chỉ moi@example.vn có đúng là của Lê Hoa không?" in client.get(link[1]).content.decode()
    client.post(link[1])
    assert "moi@example.vn, chính, đã xác nhận" in re.sub(
        r"\s+", " ", client.get("/tai-khoan/dia-chi-thu/").content.decode()
    )
    assert "Liên kết này đã hết hạn" in Client().get("/tai-khoan/xac-nhan-thu/khong-phai/").content.decode()


# --- Words of third parties ------------------------------------------------------------------------------


def test_the_compiled_catalogue_is_the_written_one() -> None:
    folder = Path(settings.BASE_DIR, "locale/vi/LC_MESSAGES")
    written = (folder / "django.po").read_text(encoding="utf-8")
    with (folder / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    entries = re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', written, re.MULTILINE)
    assert len(entries) > 80
    for message, translation in entries:
        found = compiled.gettext(message)
        if found == message:  # has a context
            found = compiled.pgettext("field label", message)
        assert found == translation, message
