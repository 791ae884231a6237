"""The second factor: asked at every road into the desk, of whoever works here; set up, shown, lost, taken away."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from cryptography.fernet import Fernet
from django.conf import settings as project
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import second_factor
from accounts.models import User
from news.admin.site import GROUPS
from news.services import second_factors
from news.tests import make
from news.tests.account.conftest import (
    LOGIN,
    PASSWORD,
    SECRET,
    code,
    confirm,
    factors,
    log_in,
    make_colleague,
    make_reader,
    open_late,
    set_up,
    waiting,
)
from news.tests.admin.forms import send, words

pytestmark = pytest.mark.django_db
ASKED = "/tai-khoan/dang-nhap/xac-thuc/"
ROADS = (
    "/quan-tri/",
    "/quan-tri/login/",
    "/quan-tri/news/article/add/",
    "/quan-tri/chon/lien-ket/",
    "/quan-tri/tep/",
    "/quan-tri/bo-giao-dien/",
    *(f"/quan-tri/{model._meta.app_label}/{model._meta.model_name}/" for _, rows in GROUPS for _, model, _ in rows),
)


def force(user: User) -> Client:
    """A session made without any log-in: what a bypass of the second factor would leave."""
    client = Client()
    client.force_login(user, backend=project.AUTHENTICATION_BACKENDS[0])
    return client


# --- Who needs one ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_grace")
@pytest.mark.parametrize("role", ["reporter", "editor", "secretary", "chief", "moderator", "administrator"])
def test_every_role_sets_one_up_before_the_desk_opens(role: str) -> None:
    client = Client()
    user = make_colleague(role)
    assert log_in(client, user).headers["Location"] == "/quan-tri/"
    for road in ROADS:
        response = client.get(road, follow=True)
        assert response.redirect_chain[-1][0].startswith("/tai-khoan/hai-lop/?next=%2Fquan-tri%2F"), road
        assert "Bàn làm việc chỉ mở cho tài khoản đã bật xác thực hai lớp." in response.content.decode()
    assert client.post("/quan-tri/tep/", {"file": "x"}).status_code == 302


@pytest.mark.usefixtures("no_grace")
def test_a_superuser_needs_one_too() -> None:
    root = User.objects.create_superuser("root", full_name="Kỹ thuật", password=PASSWORD)
    assert force(root).get("/quan-tri/accounts/user/").status_code == 302


def test_the_time_to_set_one_up_runs_from_the_first_day_here(settings: Any) -> None:
    settings.STAFF_MFA_GRACE_DAYS = 14
    user = make_colleague(email="pv@example.vn")
    client = Client()
    page = log_in(client, user)
    page = client.get(page.headers["Location"])
    assert "Còn 13 ngày nữa, bàn làm việc chỉ mở cho tài khoản đã bật xác thực hai lớp." in words(page)
    assert "Bạn là người của tòa soạn: đến hết" in words(client.get("/tai-khoan/hai-lop/"))
    with time_machine.travel(timezone.now() + timedelta(days=13, hours=23)):
        assert client.get("/quan-tri/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=14, minutes=1)):
        assert client.get("/quan-tri/").status_code == 302


def test_a_reader_who_comes_to_work_here_has_the_time_from_then_on(sign_in_as_administrator: Client) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=400)):
        user = make_reader()
    assert user.staff_since is None
    address = f"/quan-tri/accounts/user/{user.pk}/change/"
    send(sign_in_as_administrator, address, "user_form", is_staff="on")
    user.refresh_from_db()
    first = user.staff_since
    assert first is not None
    assert timezone.now() - first < timedelta(minutes=1)
    send(sign_in_as_administrator, address, "user_form", without=("is_staff",))
    user.refresh_from_db()
    assert user.is_staff is False
    send(sign_in_as_administrator, address, "user_form", is_staff="on")
    user.refresh_from_db()
    assert user.staff_since == first  # it does not begin anew


@pytest.mark.usefixtures("no_grace")
def test_a_colleague_made_behind_our_back_has_no_time_at_all() -> None:
    user = make_reader()
    User.objects.filter(pk=user.pk).update(is_staff=True)
    assert force(user).get("/quan-tri/").status_code == 302


@pytest.fixture
def sign_in_as_administrator() -> Client:
    """An administrator at the desk, who has just said their password."""
    client = force(make_colleague("administrator"))
    confirm(client)
    return client


# --- No way around it ------------------------------------------------------------------------------------


def test_the_password_alone_opens_nothing() -> None:
    user = make_colleague()
    set_up(user)
    client = Client()
    assert log_in(client, user, next="/quan-tri/news/article/").headers["Location"] == ASKED
    for road in ("/quan-tri/", "/tai-khoan/hai-lop/", "/tai-khoan/doi-mat-khau/", "/tai-khoan/dia-chi-thu/"):
        assert client.get(road, follow=True).redirect_chain[-1][0].startswith(LOGIN), road
    assert "Mã không đúng." in client.post(ASKED, {"code": "000000"}).content.decode()
    assert client.post(ASKED, {"code": code()}).headers["Location"] == "/quan-tri/news/article/"
    assert client.get("/quan-tri/news/article/").status_code == 200


def test_a_code_and_a_recovery_code_work_once() -> None:
    user = make_colleague()
    codes = set_up(user)
    typed = code()
    for given, enters in ((typed, True), (typed, False), (codes[0], True), (codes[0], False), (codes[1], True)):
        client = Client()
        log_in(client, user)
        assert (client.post(ASKED, {"code": given}).status_code == 302) is enters, given


def test_five_wrong_codes_close_the_account_for_a_while() -> None:
    user = make_colleague()
    set_up(user)
    client = Client()
    log_in(client, user)
    for _ in range(5):
        assert "Mã không đúng." in client.post(ASKED, {"code": "000000"}).content.decode()
    assert "Sai quá nhiều lần." in client.post(ASKED, {"code": code()}).content.decode()
    client = Client(REMOTE_ADDR="203.0.113.5")  # from elsewhere too
    log_in(client, user)
    assert "Sai quá nhiều lần." in client.post(ASKED, {"code": code()}).content.decode()


@pytest.mark.parametrize("days", [0, 36500])
def test_a_session_that_showed_none_opens_no_road_even_while_time_runs(settings: Any, days: int) -> None:
    settings.STAFF_MFA_GRACE_DAYS = days
    user = make_colleague("chief")
    set_up(user)
    client = force(user)
    for road in ROADS:
        response = client.get(road, follow=True)
        assert response.redirect_chain[-1][0].startswith("/tai-khoan/xac-nhan/ma/?next=%2Fquan-tri%2F"), road
    assert client.post("/quan-tri/news/article/add/", {"title": "x"}).status_code in {302, 403}
    proof = client.post("/tai-khoan/xac-nhan/ma/", {"code": code(), "next": "/quan-tri/news/article/"})
    assert proof.headers["Location"] == "/quan-tri/news/article/"
    assert client.get("/quan-tri/news/article/").status_code == 200


def test_a_password_set_by_mail_is_no_way_around() -> None:
    user = make_colleague(email="pv@example.vn")
    set_up(user)
    client = Client()
    client.post("/tai-khoan/quen-mat-khau/", {"email": user.email})
    link = waiting()[0].path("/tai-khoan/quen-mat-khau/")
    address = client.get(link, follow=True).redirect_chain[-1][0]
    new = "mat-khau-moi-rat-dai-2027"
    client.post(address, {"password1": new, "password2": new})
    assert client.get("/quan-tri/").status_code == 302
    assert client.post(LOGIN, {"login": "pv@example.vn", "password": new}).headers["Location"] == ASKED


def test_verifying_an_address_is_no_way_around(client: Client) -> None:
    user = make_reader()
    EmailAddress.objects.filter(user=user).update(verified=False)
    set_up(user)
    assert log_in(client, user).status_code == 200
    (mail,) = waiting()
    client.post(mail.path("/tai-khoan/xac-nhan-thu/"))
    assert "_auth_user_id" not in client.session
    assert log_in(client, user).headers["Location"] == ASKED
    assert "_auth_user_id" not in client.session


def test_saying_the_password_again_does_not_stand_in_for_it() -> None:
    user = make_colleague()
    set_up(user)
    client = Client()
    log_in(client, user)
    client.post(ASKED, {"code": code()})
    taken_off = client.post("/tai-khoan/hai-lop/ma-du-phong/moi/")
    assert taken_off.headers["Location"].startswith("/tai-khoan/xac-nhan/ma/")
    refused = client.post("/tai-khoan/xac-nhan/", {"password": PASSWORD})
    assert refused.headers["Location"].startswith("/tai-khoan/xac-nhan/ma/")
    assert client.get("/tai-khoan/hai-lop/ma-du-phong/").status_code == 302


def test_no_browser_is_trusted() -> None:
    user = make_colleague()
    codes = set_up(user)
    client = Client()
    log_in(client, user)
    client.post(ASKED, {"code": codes[0]})
    assert "mfa_trusted" not in client.cookies
    client.post("/tai-khoan/dang-xuat/")
    client.cookies["mfa_trusted"] = "W1siYSIsIDFdXQ:x:y"
    assert log_in(client, user).headers["Location"] == ASKED


def test_the_question_costs_no_query(django_assert_num_queries: Any) -> None:
    user = make_colleague()
    client = force(user)
    request = client.get("/quan-tri/").wsgi_request
    request.user.pk  # noqa: B018 - fetched now
    with django_assert_num_queries(0):
        assert second_factor.standing(request, timezone.now()) is second_factor.Standing.GRACE


# --- Setting one up --------------------------------------------------------------------------------------


LATE = "/tai-khoan/hai-lop/qua-thu/"
SHUT = ("/tai-khoan/hai-lop/ung-dung/", "/tai-khoan/hai-lop/khoa-truy-cap/them/", "/tai-khoan/dia-chi-thu/")


@pytest.mark.usefixtures("no_grace")
def test_after_the_time_a_password_alone_sets_none_up() -> None:
    """Whoever has only the password gets no further than a mail to its owner; the link serves its owner's session."""
    user, other = make_colleague(email="pv@example.vn"), make_colleague(email="khac@example.vn")
    thief = Client()
    log_in(thief, user)
    confirm(thief)
    for address in SHUT:
        assert thief.get(address).headers["Location"] == LATE, address
        assert thief.post(address, {"code": "123456", "action_add": "1", "email": "trom@example.vn"}).status_code == 302
    assert factors(user) == []
    assert "xác nhận hộp thư của bạn" in thief.get("/tai-khoan/hai-lop/").content.decode()
    assert "Đã gửi liên kết tới pv@example.vn" in words(thief.post(LATE))
    (mail,) = waiting()
    assert (mail.to, "Nếu không phải bạn" in mail.text) == ("pv@example.vn", True)
    link = mail.path(LATE)
    stranger = Client()
    log_in(stranger, other)
    for client, answer in ((stranger, LATE), (Client(), LOGIN)):
        assert client.get(link).headers["Location"].startswith(answer)
        assert client.get(SHUT[0]).status_code == 302
    owner = Client()
    log_in(owner, user)
    assert owner.get(f"{link[:-4]}xxx/").headers["Location"] == LATE
    assert owner.get(link).headers["Location"] == "/tai-khoan/hai-lop/"
    confirm(owner)
    assert owner.get(SHUT[0]).status_code == 200
    assert owner.get(LATE).headers["Location"] == "/tai-khoan/hai-lop/"  # nothing to ask for any more
    assert thief.get(SHUT[0]).headers["Location"] == LATE  # it was not opened there
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert owner.get(SHUT[0]).headers["Location"] == LATE
        assert owner.get(link).headers["Location"] == LATE


@pytest.mark.usefixtures("no_grace")
def test_who_has_no_address_is_sent_to_the_administrator() -> None:
    user = make_colleague(email=None)
    client = Client()
    log_in(client, user)
    assert "Hãy nhờ quản trị ghi địa chỉ thư" in words(client.get(LATE))
    assert client.post(LATE).status_code == 200
    assert waiting() == []


@pytest.mark.usefixtures("no_grace")
def test_setting_one_up_opens_the_desk_and_ends_other_sessions() -> None:
    user = make_colleague(email="pv@example.vn")
    elsewhere, client = Client(), Client()
    log_in(elsewhere, user)
    log_in(client, user)
    open_late(client, user)
    assert client.get("/tai-khoan/hai-lop/ung-dung/").headers["Location"].startswith("/tai-khoan/xac-nhan/")
    confirm(client)
    page = client.get("/tai-khoan/hai-lop/ung-dung/")
    secret = client.session["mfa.totp.secret"]
    text = page.content.decode()
    assert f"<code>{secret}</code>" in text
    assert "<svg" in text
    assert " style=" not in text
    assert "data:" not in text
    assert "pv@example.vn" not in text
    wrong = client.post("/tai-khoan/hai-lop/ung-dung/", {"code": "000000"})
    assert "Mã không đúng." in wrong.content.decode()
    done = client.post("/tai-khoan/hai-lop/ung-dung/", {"code": code(client.session["mfa.totp.secret"])})
    assert done.headers["Location"] == "/tai-khoan/hai-lop/ma-du-phong/"
    codes = client.get("/tai-khoan/hai-lop/ma-du-phong/").content.decode()
    assert codes.count("<li><code>") == 10
    file = client.get("/tai-khoan/hai-lop/ma-du-phong/tai-ve/")
    assert file.headers["Content-Disposition"] == 'attachment; filename="ma-du-phong.txt"'
    assert file.headers["Cache-Control"].startswith(("max-age=0", "private"))
    assert client.get("/quan-tri/").status_code == 200
    assert elsewhere.get("/tai-khoan/hai-lop/").status_code == 302
    assert factors(user) == ["recovery_codes", "totp"]
    assert "mfa.totp.secret" not in client.session
    refused = client.post("/tai-khoan/hai-lop/ung-dung/tat/")
    assert "không tắt được cách cuối cùng" in refused.content.decode()
    assert factors(user) == ["recovery_codes", "totp"]


def test_readers_may_have_one_and_give_it_up(client: Client, django_capture_on_commit_callbacks: Any) -> None:
    user = make_reader()
    log_in(client, user)
    assert "Bàn làm việc" not in client.get("/tai-khoan/hai-lop/").content.decode()
    confirm(client)
    client.get("/tai-khoan/hai-lop/ung-dung/")
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/tai-khoan/hai-lop/ung-dung/", {"code": code(client.session["mfa.totp.secret"])})
    assert factors(user) == ["recovery_codes", "totp"]
    assert client.post("/tai-khoan/hai-lop/ung-dung/tat/").headers["Location"] == "/tai-khoan/hai-lop/"
    assert factors(user) == []
    said = [mail.subject for mail in waiting()]
    assert said == ["Đã bật ứng dụng xác thực – Tòa soạn", "Đã tắt ứng dụng xác thực – Tòa soạn"]


def test_secrets_lie_encrypted_and_the_key_turns(settings: Any) -> None:
    user = make_reader()
    codes = set_up(user)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        lying = " ".join(str(row) for row in cursor.fetchall())
    assert SECRET not in lying
    assert not any(one in lying for one in codes)
    old = settings.READER_KEYS
    settings.READER_KEYS = [Fernet.generate_key().decode(), *old]
    assert second_factors.rotate_keys() == 2
    call_command("rotate_reader_keys")
    settings.READER_KEYS = settings.READER_KEYS[:1]
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code()) is True
    assert Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes() == codes


# --- Where one is logged in --------------------------------------------------------------------------------


def test_sessions_are_shown_in_words_and_ended_from_elsewhere() -> None:
    user, other = make_reader(), make_reader("nguoi-khac")
    phone = Client(headers={"User-Agent": make.PHONE}, REMOTE_ADDR="203.0.113.7")
    desk = Client(headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/130.0"})
    stranger = Client()
    log_in(phone, user)
    log_in(desk, user)
    log_in(stranger, other)
    assert sorted(UserSession.objects.filter(user=user).values_list("ip", "user_agent")) == [
        ("0.0.0.0", "Chrome trên máy Android"),
        ("0.0.0.0", "Firefox trên máy Windows"),
    ]
    page = desk.get("/tai-khoan/phien-dang-nhap/")
    assert "Chrome trên máy Android" in words(page)
    assert "Đang dùng ở đây" in words(page)
    assert "203.0.113.7" not in page.content.decode()
    foreign = UserSession.objects.get(user=other)
    desk.post("/tai-khoan/phien-dang-nhap/", {"session": str(foreign.pk)})
    assert stranger.get("/tai-khoan/phien-dang-nhap/").status_code == 200
    assert desk.post("/tai-khoan/phien-dang-nhap/", {"session": "9" * 40}).status_code == 403
    there = UserSession.objects.get(user=user, user_agent="Chrome trên máy Android")
    desk.post("/tai-khoan/phien-dang-nhap/", {"session": str(there.pk)})
    assert phone.get("/tai-khoan/phien-dang-nhap/").status_code == 302
    log_in(phone, user)
    desk.post("/tai-khoan/phien-dang-nhap/")
    assert phone.get("/tai-khoan/phien-dang-nhap/").status_code == 302
    assert desk.get("/tai-khoan/phien-dang-nhap/").status_code == 200


def test_a_new_password_ends_every_other_session() -> None:
    user = make_reader()
    here, there = Client(), Client()
    log_in(here, user)
    log_in(there, user)
    new = "mat-khau-moi-rat-dai-2027"
    here.post("/tai-khoan/doi-mat-khau/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert there.get("/tai-khoan/phien-dang-nhap/").status_code == 302
    assert here.get("/tai-khoan/phien-dang-nhap/").status_code == 200
    assert [row.ip for row in UserSession.objects.all()] == ["0.0.0.0"]
    assert Session.objects.count() <= 2


# --- Lost ---------------------------------------------------------------------------------------------------


def test_an_administrator_takes_a_lost_one_away_with_a_reason(sign_in_as_administrator: Client) -> None:
    chief = make_colleague("chief", email="tbt@example.vn")
    user = make_colleague(email="pv@example.vn", full_name="Lê Hoa")
    set_up(user)
    theirs = Client()
    log_in(theirs, user)
    theirs.post(ASKED, {"code": code()})
    desk = sign_in_as_administrator
    assert words(desk.get("/quan-tri/accounts/user/")).count("đã bật") == 1
    address = f"/quan-tri/accounts/user/{user.pk}/hai-lop/"
    page = desk.get(address).content.decode()
    assert SECRET not in page
    assert desk.post(address, {"reason": "  "}).status_code == 200
    assert factors(user) == ["recovery_codes", "totp"]
    assert desk.post(address, {"reason": "Mất điện thoại"}).status_code == 302
    assert factors(user) == []
    assert theirs.get("/quan-tri/").status_code == 302
    (entry,) = LogEntry.objects.filter(object_id=str(user.pk))
    assert entry.get_change_message() == "Đặt lại xác thực hai lớp. Lý do: Mất điện thoại"
    assert [mail.to for mail in waiting()] == [chief.email, user.email]
    assert all("Lý do: Mất điện thoại" in mail.text for mail in waiting())
    assert "chưa bật xác thực hai lớp: không có gì" in words(desk.get(address))
    assert desk.post(address, {"reason": "Lần nữa"}).status_code == 200


def test_who_may_not_take_one_away(sign_in_as_administrator: Client) -> None:
    root = User.objects.create_superuser("root", full_name="Kỹ thuật", password=PASSWORD)
    user = make_colleague()
    for one in (root, user):
        set_up(one)
    administrator = User.objects.get(pk=sign_in_as_administrator.session["_auth_user_id"])
    address = "/quan-tri/accounts/user/{}/hai-lop/".format
    reason = {"reason": "Mất điện thoại"}
    assert sign_in_as_administrator.post(address(root.pk), reason).status_code == 403
    assert force(make_colleague("chief")).post(address(user.pk), reason).status_code == 403
    assert sign_in_as_administrator.post(address(999_999), reason).status_code in {403, 404}
    own = sign_in_as_administrator.post(address(administrator.pk), reason)
    assert "Không ai tự đặt lại" in words(own)
    assert factors(root) == factors(user) == ["recovery_codes", "totp"]
