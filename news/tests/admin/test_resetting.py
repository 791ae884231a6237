"""Whose password or address an administrator sets hears of it, and so do the editors-in-chief."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.second_factor import has_one
from news.services import resetting
from news.tests import make
from news.tests.account.conftest import PASSWORD, confirm, log_in, make_colleague, make_reader, set_up, waiting
from news.tests.admin.forms import send, words
from news.workflow import NotAllowed

pytestmark = pytest.mark.django_db
NEW = "mat-khau-moi-rat-dai-2027"


def change(user: User) -> str:
    return f"/quan-tri/accounts/user/{user.pk}/change/"


def set_to(client: Client, user: User, **changes: str) -> Any:
    confirm(client)
    typed = {"new_password1": NEW, "new_password2": NEW, "reason": "Quên mật khẩu, đã gặp mặt", **changes}
    return client.post(f"/quan-tri/accounts/user/{user.pk}/mat-khau/", typed)


def logged_in(user: User) -> Client:
    client = Client()
    log_in(client, user)
    return client


def history(user: User) -> list[str]:
    entries = LogEntry.objects.filter(object_id=str(user.pk)).order_by("pk")
    return [entry.get_change_message() for entry in entries]


@pytest.mark.parametrize("page", ["mat-khau", "hai-lop"])
def test_a_session_alone_changes_nobodys_log_in(sign_in_as: Any, page: str) -> None:
    """An open desk somebody walked away from, or a stolen cookie: the password is asked for once more."""
    user = make_colleague(email="pv@example.vn")
    set_up(user)
    client = sign_in_as(make_colleague("administrator"))
    address = f"/quan-tri/accounts/user/{user.pk}/{page}/"
    asked = f"/tai-khoan/xac-nhan/?next=%2Fquan-tri%2Faccounts%2Fuser%2F{user.pk}%2F{page}%2F"
    typed = {"new_password1": NEW, "new_password2": NEW, "reason": "Quên mật khẩu"}
    for answer in (client.get(address), client.post(address, typed)):
        assert (answer.status_code, answer.headers["Location"]) == (302, asked)
    assert NEW not in str(dict(client.session))
    assert client.post(asked, {"password": "sai-mat-khau-nay"}).status_code == 200
    user.refresh_from_db()
    assert (user.check_password(PASSWORD), has_one(user), waiting()) == (True, True, [])
    assert client.post(asked, {"password": PASSWORD}).headers["Location"] == address
    assert client.get(address).status_code == 200
    assert client.post(address, typed).headers["Location"] == change(user)


def test_the_chiefs_password_is_not_set_in_silence(sign_in_as: Any) -> None:
    chief = make_colleague("chief", email="tbt@example.vn", full_name="Lò Văn Chánh")
    make_colleague("chief", email="pho@example.vn")
    administrator = make_colleague("administrator", username="quan.tri", full_name="Lê Trị")
    theirs, desk = logged_in(chief), sign_in_as(administrator)
    assert theirs.get("/tai-khoan/").status_code == 200
    assert set_to(desk, chief, reason="").status_code == 200
    chief.refresh_from_db()
    assert (chief.check_password(PASSWORD), waiting()) == (True, [])
    assert set_to(desk, chief).status_code == 302
    chief.refresh_from_db()
    assert chief.check_password(NEW) is True
    assert theirs.get("/tai-khoan/").status_code == 302
    assert history(chief) == ["Đặt lại mật khẩu. Lý do: Quên mật khẩu, đã gặp mặt"]
    own, other = waiting()
    assert (own.to, other.to) == ("tbt@example.vn", "pho@example.vn")
    assert own.subject == other.subject == "Đặt lại mật khẩu ở Tòa soạn"
    for mail in (own, other):
        assert "Người làm: Lê Trị (quan.tri)" in mail.text
        assert "Lý do: Quên mật khẩu, đã gặp mặt" in mail.text
        assert NEW not in mail.text + mail.html
    assert "hãy báo ngay cho tổng biên tập" in own.text
    assert "Mật khẩu tài khoản của Lò Văn Chánh" in other.text


def test_ones_own_password_set_at_the_desk_keeps_this_session_and_ends_the_others(sign_in_as: Any) -> None:
    administrator = make_colleague("administrator", email="quan.tri@example.vn")
    elsewhere, desk = logged_in(administrator), logged_in(administrator)
    assert set_to(desk, administrator).status_code == 302
    assert (desk.get("/quan-tri/").status_code, elsewhere.get("/quan-tri/").status_code) == (200, 302)
    assert [mail.to for mail in waiting()] == ["quan.tri@example.vn"]


def test_another_address_wants_a_reason_and_is_told_at_both_and_to_the_chiefs(sign_in_as: Any) -> None:
    make_colleague("chief", email="tbt@example.vn")
    user = make_colleague("editor", email="cu@example.vn", username="le.hoa", full_name="Lê Hoa")
    EmailAddress.objects.create(user=user, email="cu@example.vn", verified=True, primary=True)
    theirs, desk = logged_in(user), sign_in_as(make.make_user("administrator"))
    refused = send(desk, change(user), "user_form", email="moi@example.vn")
    assert "Hãy ghi vì sao đổi địa chỉ thư." in words(refused)
    user.refresh_from_db()
    assert (user.email, waiting()) == ("cu@example.vn", [])
    sent = send(desk, change(user), "user_form", email="Moi@Example.vn", reason="Đổi tên miền")
    assert sent.status_code == 302
    user.refresh_from_db()
    assert (user.email, EmailAddress.objects.filter(user=user).count()) == ("moi@example.vn", 0)
    assert theirs.get("/quan-tri/").status_code == 302
    assert history(user) == ["Đổi địa chỉ thư. Lý do: Đổi tên miền"]
    old, new, chief = waiting()
    assert [mail.to for mail in (old, new, chief)] == ["cu@example.vn", "moi@example.vn", "tbt@example.vn"]
    assert "moi@example.vn" not in old.text + old.html  # whose the old one is now, nobody knows
    assert "từ nay không dùng địa chỉ này để đăng nhập" in old.text
    assert "từ nay bạn đăng nhập, nhận thư và đặt lại mật khẩu bằng địa chỉ này" in new.text
    assert "vừa được quản trị đổi từ cu@example.vn thành moi@example.vn." in chief.text
    assert all("Lý do: Đổi tên miền" in mail.text for mail in (old, new, chief))
    Client().post("/tai-khoan/quen-mat-khau/", {"email": "cu@example.vn"})
    assert len(waiting()) == 3  # the old address opens nothing any more


def test_an_address_taken_away_is_told_and_what_else_is_changed_is_noted_beside_it(sign_in_as: Any) -> None:
    user = make_colleague("editor", email="cu@example.vn")
    desk = sign_in_as(make.make_user("administrator"))
    send(desk, change(user), "user_form", email="", reason="Hộp thư bị lộ", is_active=[])
    user.refresh_from_db()
    assert (user.email, user.is_active) == (None, False)
    assert sorted(history(user)) == ["Bỏ địa chỉ thư. Lý do: Hộp thư bị lộ", "Tắt “hoạt động”."]
    assert [mail.to for mail in waiting()] == ["cu@example.vn"]


def test_what_leaves_the_address_alone_wants_no_reason_and_tells_nobody(sign_in_as: Any) -> None:
    make_colleague("chief", email="tbt@example.vn")
    user = make_colleague("editor", email="cu@example.vn")
    theirs, desk = logged_in(user), sign_in_as(make.make_user("administrator"))
    send(desk, change(user), "user_form", email=" CU@example.vn", full_name="Tên Mới")
    user.refresh_from_db()
    assert (user.full_name, user.email, waiting()) == ("Tên Mới", "cu@example.vn", [])
    assert theirs.get("/quan-tri/").status_code == 200


def test_a_reader_whose_address_is_set_verifies_it_before_getting_in(sign_in_as: Any) -> None:
    reader = make_reader(email="cu@example.vn")
    desk = sign_in_as(make.make_user("administrator"))
    send(desk, change(reader), "user_form", email="moi@example.vn", reason="Bạn đọc nhờ qua điện thoại")
    reader.refresh_from_db()
    assert log_in(Client(), reader).status_code == 200
    assert [mail.to for mail in waiting()] == ["cu@example.vn", "moi@example.vn", "moi@example.vn"]


@pytest.mark.parametrize("role", ["reporter", "editor", "secretary", "chief", "moderator", None])
def test_the_service_itself_refuses_who_may_not(role: str | None) -> None:
    user, actor = make_colleague("chief", email="tbt@example.vn"), make.make_user(role)
    at = timezone.now()
    with pytest.raises(NotAllowed):
        resetting.set_password(user_id=user.pk, password=NEW, actor=actor, reason="Tôi muốn", at=at)
    with pytest.raises(NotAllowed):
        resetting.change_address(user_id=user.pk, email="x@example.vn", actor=actor, reason="Tôi muốn", at=at)
    user.refresh_from_db()
    assert (user.email, user.check_password(PASSWORD), waiting(), history(user)) == ("tbt@example.vn", True, [], [])


def test_the_service_refuses_a_superusers_account_and_an_empty_reason() -> None:
    root = User.objects.create_superuser("root", full_name="Kỹ thuật", password=PASSWORD)
    actor, user, at = make.make_user("administrator"), make.make_user("reporter"), timezone.now()
    for subject, reason in ((root, "Tôi muốn"), (user, " \u200b ")):
        with pytest.raises(NotAllowed):
            resetting.set_password(user_id=subject.pk, password=NEW, actor=actor, reason=reason, at=at)
        with pytest.raises(NotAllowed):
            resetting.change_address(user_id=subject.pk, email="x@example.vn", actor=actor, reason=reason, at=at)
    locked = make.make_user("administrator", is_active=False)
    with pytest.raises(NotAllowed):
        resetting.set_password(user_id=user.pk, password=NEW, actor=locked, reason="Tôi muốn", at=at)
