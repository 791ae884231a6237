"""Log-in and the account pages: one answer for all who fail, limits, Vietnamese words, nothing inline."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import allauth
import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from accounts import known_devices
from accounts.models import User

pytestmark = pytest.mark.django_db
LOGIN = "/tai-khoan/dang-nhap/"
PASSWORD = "mot-mat-khau-rat-dai-2026"
REFUSED = "Tên đăng nhập, địa chỉ thư hoặc mật khẩu không đúng. Nếu vừa đăng ký,"


def make_user(name: str = "le.hoa", **fields: Any) -> User:
    fields.setdefault("full_name", "Lê Hoa")
    fields.setdefault("email", f"{name}@example.vn")
    user = User.objects.create_user(name, password=PASSWORD, **fields)
    if user.email:
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


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


def test_a_reader_lands_on_their_own_page(client: Client) -> None:
    make_user(is_staff=False)
    assert log_in(client, "le.hoa").headers["Location"] == "/tai-khoan/"


def test_a_reader_goes_on_from_the_page_they_came_from(client: Client) -> None:
    make_user(is_staff=False)
    for came, field in (
        ("http://testserver/tin/mot-bai-5/?trang=2", 'name="next" value="/tin/mot-bai-5/?trang=2"'),
        ("http://testserver/tai-khoan/quen-mat-khau/", None),
        ("https://ke-gian.example/tin/", None),
        ("javascript:alert(1)", None),
    ):
        page = client.get(LOGIN, headers={"Referer": came}).content.decode()
        assert page.count('name="next"') == (2 if field else 0), came  # with a password, and with a passkey
        assert field is None or field in page
    assert log_in(client, "le.hoa", next="/tin/mot-bai-5/?trang=2").headers["Location"] == "/tin/mot-bai-5/?trang=2"


def test_passwords_never_come_back_in_the_page(client: Client) -> None:
    make_user()
    assert "sai-mat-khau-nay" not in log_in(client, "le.hoa", "sai-mat-khau-nay").content.decode()


def test_what_is_wrong_is_said_above_with_links_and_beside_its_field(client: Client) -> None:
    make_user()
    page = client.post(LOGIN, {"login": "le.hoa", "password": ""}).content.decode()
    assert '<div class="letter__refusal" role="alert" tabindex="-1" autofocus>' in page
    assert '<li><a href="#id_password">Mật khẩu</a></li>' in page
    assert '<div class="field field--wrong">\n  <label for="id_password">' in page
    assert '<div class="field__errors" id="id_password_error"><p class="field__error">' in page
    assert re.search(r'aria-describedby="[^"]*\bid_password_error"', page)
    assert f"<li>{REFUSED}" in log_in(client, "le.hoa", "sai-mat-khau-nay").content.decode()


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


def test_tries_count_by_the_name_they_give_and_tell_not_whose_address_it_is(client: Client) -> None:
    make_user()
    for login in ("le.hoa", "LE.HOA", " le.hoa", "Le.Hoa", "le.hoa "):
        assert REFUSED in log_in(client, login, "sai-mat-khau-nay").content.decode()
    assert "Sai quá nhiều lần." in log_in(client, "le.hoa").content.decode()
    for address in ("le.hoa@example.vn", "khong.co@example.vn"):
        assert REFUSED in log_in(client, address, "sai-mat-khau-nay").content.decode()


def test_strangers_lock_nobody_out_of_a_device_they_were_logged_in_on(client: Client) -> None:
    user = make_user()
    log_in(client, "le.hoa")
    client.post("/tai-khoan/dang-xuat/")
    for number in range(5):
        stranger = Client(REMOTE_ADDR=f"192.0.2.{number}")
        stranger.cookies["may-quen"] = "gia:mao:chu-ky"
        assert REFUSED in log_in(stranger, "le.hoa", "sai-mat-khau-nay").content.decode()
    assert "Sai quá nhiều lần." in log_in(Client(), "le.hoa").content.decode()
    make_user("thu.hai")
    theirs = Client()
    log_in(theirs, "thu.hai")
    theirs.post("/tai-khoan/dang-xuat/")
    assert "Sai quá nhiều lần." in log_in(theirs, "le.hoa").content.decode()  # known for another account only
    log_in(client, "le.hoa")
    assert client.session["_auth_user_id"] == str(user.pk)
    client.post("/tai-khoan/dang-xuat/")
    for login in ("le.hoa", "le.hoa@example.vn", "le.hoa", "le.hoa@example.vn", "le.hoa"):
        assert REFUSED in log_in(client, login, "sai-mat-khau-nay").content.decode()
    assert "Sai quá nhiều lần." in log_in(client, "le.hoa").content.decode()  # this device has its own five


def test_a_device_remembers_five_accounts_and_says_nothing_of_them(client: Client) -> None:
    numbers = []
    for number in range(6):
        numbers.append(make_user(f"ban.{number}").pk)
        log_in(client, f"ban.{number}")
        client.post("/tai-khoan/dang-xuat/")
    cookie = client.cookies["may-quen"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert "ban" not in cookie.value
    request = RequestFactory().get("/")
    request.COOKIES["may-quen"] = cookie.value
    assert list(known_devices.of(request)) == numbers[1:]


def test_an_unknown_account_is_closed_alike(client: Client) -> None:
    make_user()
    pages: list[str] = []
    for login in ("le.hoa", "khong.co@example.vn"):
        client = Client(REMOTE_ADDR=f"192.0.2.{len(pages)}")
        for _ in range(5):
            log_in(client, login, "sai-mat-khau-nay")
        pages.append(answer(client, login, "sai-mat-khau-nay"))
    assert "Sai quá nhiều lần." in pages[0]
    assert pages[0] == pages[1]


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


# --- Every page ------------------------------------------------------------------------------------------

PAGES = {
    "account_login": False,
    "account_signup": False,
    "account_inactive": False,
    "account_reset_password": False,
    "account_reset_password_done": False,
    "account_reset_password_from_key_done": False,
    "account_email_verification_sent": False,
    "account_email_confirmed": False,
    "socialaccount_login_cancelled": False,
    "account_left": False,
    "account_logout": True,
    "account_reauthenticate": True,
    "account_email": True,
    "account_change_password": True,
    "mfa_index": True,
    "mfa_list_webauthn": True,
    "usersessions_list": True,
    "socialaccount_connections": True,
}
ENGLISH = re.compile(
    r"\b(the|your|password|email|sign|account|please|code|passkey|device|session|must|reset|change)\b", re.IGNORECASE
)


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
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\s(?:src=|type=.application/json.))", page)
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


# --- Words of third parties ------------------------------------------------------------------------------


def test_the_compiled_catalogue_is_the_written_one() -> None:
    folder = Path(settings.BASE_DIR, "locale/vi/LC_MESSAGES")
    written = (folder / "django.po").read_text(encoding="utf-8")
    with (folder / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    entries = re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', written, re.MULTILINE)
    assert len(entries) > 80
    for message, said in entries:
        message = message.replace('\\"', '"')
        found = compiled.gettext(message)
        if found == message:  # has a context
            found = compiled.pgettext("field label", message)
        assert found == said, message


SAID = ("account", "core", "mfa", "socialaccount", "usersessions")
"""The packages of allauth that are switched on."""


def sources(folder: str) -> Iterator[Path]:
    """Their modules but the fifty other sites' own; of those the three that SOCIAL_PROVIDERS may name."""
    for path in sorted(Path(allauth.__file__).parent.joinpath(folder).rglob("*.py")):
        parts = path.parts
        known = {"base", "facebook", "google", "oauth2", "openid_connect"}
        if "tests" not in parts and ("providers" not in parts or known & set(parts)):
            yield path


@pytest.mark.parametrize("folder", SAID)
def test_every_word_of_allauth_has_its_translation(folder: str) -> None:
    silent = []
    for path in sources(folder):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[-1], ast.Constant):
                continue
            if ast.unparse(node.func).rsplit(".", 1)[-1] not in {"_", "gettext", "gettext_lazy", "pgettext"}:
                continue
            words = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
            said = translation.pgettext(*words) if len(words) == 2 else translation.gettext(words[0])
            if said == words[-1]:
                silent.append(f"{path.name}: {words[-1]}")
    assert silent == []


UNUSED = re.compile(
    r"phone|code|passkey|trust|signup_form|unknown_account|snippets/|base_|/base\.html|login_redirect|account_inactive"
    r"|email\.html|messages/login_|email_deleted|cannot_delete"
)
"""What is switched off, or only a part of allauth's own pages."""


def test_every_template_of_allauth_has_ours_in_its_place() -> None:
    theirs = Path(allauth.__file__).parent / "templates"
    names = [str(path.relative_to(theirs)) for folder in SAID for path in theirs.joinpath(folder).rglob("*.*")]
    ours = Path(settings.BASE_DIR, "templates")
    assert len(names) > 80
    assert [name for name in names if not UNUSED.search(name) and not (ours / name).exists()] == []
