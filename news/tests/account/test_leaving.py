"""A reader takes their data along and deletes the account; nothing of it stays."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import erasing, exporting
from accounts.models import User
from news.services import leaving
from news.tests import make
from news.tests.account.conftest import PASSWORD, code, log_in, make_colleague, make_reader, set_up
from news.workflow import NotAllowed

pytestmark = pytest.mark.django_db
DELETE = "/tai-khoan/xoa/"


def belongings(user_id: int) -> int:
    """How many rows of the account's own there are."""
    models: tuple[Any, ...] = (EmailAddress, Authenticator, UserSession, SocialAccount)
    return sum(model.objects.filter(user_id=user_id).count() for model in models)


def test_leaving_asks_who_one_is_and_whether_one_means_it() -> None:
    user = make_reader(full_name="Lê Hoa")
    set_up(user)
    SocialAccount.objects.create(user=user, provider="google", uid="123", extra_data={"email": "hoa@gmail.example"})
    client, elsewhere = Client(), Client()
    for one, typed in ((elsewhere, None), (client, code())):
        log_in(one, user)
        if typed:
            one.post("/tai-khoan/dang-nhap/xac-thuc/", {"code": typed})
    assert client.post(DELETE, {"sure": "on"}).headers["Location"].startswith("/tai-khoan/xac-nhan/ma/")
    assert User.objects.filter(pk=user.pk).exists()
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    client.post("/tai-khoan/xac-nhan/ma/", {"code": codes[0]})
    assert "Hãy đánh dấu ô này" in client.post(DELETE).content.decode()
    keys = list(UserSession.objects.values_list("session_key", flat=True))
    assert client.post(DELETE, {"sure": "on"}).headers["Location"] == "/tai-khoan/xoa/xong/"
    assert not User.objects.filter(pk=user.pk).exists()
    assert belongings(user.pk) == 0
    assert not Session.objects.filter(session_key__in=keys).exists()
    assert "Đã xóa tài khoản" in client.get("/tai-khoan/xoa/xong/").content.decode()
    assert client.get("/tai-khoan/hai-lop/").status_code == 302


def test_the_newsrooms_people_do_not_delete_themselves() -> None:
    user = make_colleague()
    client = Client()
    log_in(client, user)
    client.post("/tai-khoan/xac-nhan/", {"password": PASSWORD})
    assert "không tự xóa được" in client.get(DELETE).content.decode()
    assert client.post(DELETE, {"sure": "on"}).status_code == 403
    with pytest.raises(NotAllowed):
        leaving.leave(user=user, at=timezone.now())
    assert erasing.erase_of(contact_ids=(), user_ids=[user.pk], strings=[], at=timezone.now()) == 0
    assert User.objects.filter(pk=user.pk, is_active=True).exists()


def test_who_wrote_for_the_newsroom_leaves_an_empty_account() -> None:
    user = make_colleague(email="cu@example.vn", phone="0912 345 678", full_name="Lê Hoa")
    make.make_article("Một bài", author=user)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    User.objects.filter(pk=user.pk).update(is_staff=False)
    assert erasing.erase_of(contact_ids=(), user_ids=[user.pk], strings=[], at=timezone.now()) == 2
    user.refresh_from_db()
    kept = (user.username, user.full_name, user.email, user.phone, user.is_active, user.groups.count())
    assert kept == (f"da-xoa-{user.pk}", "Tài khoản đã xóa", None, "", False, 0)
    assert user.has_usable_password() is False
    assert belongings(user.pk) == 0


def test_what_an_account_holds_in_plain_words_and_no_secret(django_assert_num_queries: Any) -> None:
    user = make_reader(full_name="Lê Hoa", email="hoa@example.vn")
    make_reader("nguoi-khac")
    codes = set_up(user)
    client = Client(headers={"User-Agent": make.PHONE})
    log_in(client, user)
    client.post("/tai-khoan/dang-nhap/xac-thuc/", {"code": codes[0]})
    with django_assert_num_queries(5):
        (told,) = exporting.export_of(contact_ids=(), user_ids=[user.pk])
    assert (told["Tên hiển thị"], told["Thư điện tử"]) == ("Lê Hoa", "hoa@example.vn")
    assert told["Địa chỉ thư"] == [{"Địa chỉ": "hoa@example.vn", "Đã xác nhận": "có"}]
    assert [way["Cách"] for way in told["Xác thực hai lớp"]] == ["Ứng dụng xác thực", "Mã dự phòng"]
    assert told["Phiên đăng nhập"][0]["Thiết bị"] == "Chrome trên máy Android"
    said = str(told)
    assert "nguoi-khac" not in said
    assert user.password not in said
    assert not any(one in said for one in codes)


def test_erasing_twice_is_erasing_once() -> None:
    user = make_reader()
    now = timezone.now() + timedelta(minutes=1)
    assert erasing.erase_of(contact_ids=(), user_ids=[user.pk], strings=[], at=now) == 2
    assert erasing.erase_of(contact_ids=(), user_ids=[user.pk], strings=[], at=now) == 0
