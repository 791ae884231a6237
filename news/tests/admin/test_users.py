"""Users and their roles: what an administrator may give, and what nobody gets by a forged form."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from accounts import roles
from accounts.models import User
from news.models import ErasureReason, SectionRight
from news.services import privacy
from news.tests import make
from news.tests.account.conftest import log_in, make_colleague
from news.tests.admin.forms import read_form, send, words

pytestmark = pytest.mark.django_db
ADD = "/quan-tri/accounts/user/add/"
PASSWORD = "mot-mat-khau-rat-dai-2026"


def change(user: User) -> str:
    return f"/quan-tri/accounts/user/{user.pk}/change/"


def test_an_administrator_makes_a_user_and_gives_sections(sign_in_as: Any) -> None:
    administrator, section = make.make_user("administrator"), make.make_section("Chính trị")
    client = sign_in_as(administrator)
    response = send(
        client,
        ADD,
        "user_form",
        username="le.hoa",
        full_name="Lê Hoa",
        email="Le.Hoa@Example.VN",
        phone="0912 345 678",
        groups=[str(roles.group_of("editor").pk)],
        password1=PASSWORD,
        password2=PASSWORD,
    )
    user = User.objects.get(username="le.hoa")
    assert response.headers["Location"] == change(user)
    assert (user.email, user.is_staff, user.is_superuser, user.check_password(PASSWORD)) == (
        "le.hoa@example.vn",
        True,
        False,
        True,
    )
    assert [group.name for group in user.groups.all()] == ["Biên tập viên"]
    send(client, change(user), "user_form", **{"section_rights-0-section": str(section.pk)})
    assert [right.section for right in SectionRight.objects.filter(user=user)] == [section]
    send(client, change(user), "user_form", groups=[], **{"section_rights-0-DELETE": "on"})
    assert (user.groups.count(), SectionRight.objects.filter(user=user).count()) == (0, 0)
    said = [(entry.object_repr, entry.get_change_message()) for entry in LogEntry.objects.order_by("id")]
    assert said == [
        ("Lê Hoa", "Giao vai trò Biên tập viên."),
        ("Lê Hoa", "Giao Chính trị."),
        ("Lê Hoa", "Thôi vai trò Biên tập viên. Thôi giao Chính trị."),
    ]
    assert not LogEntry.objects.filter(change_message__icontains="example.vn").exists()


def test_all_sections_are_given_outright_and_once(sign_in_as: Any) -> None:
    user = make.make_user("editor", everywhere=False)
    client = sign_in_as(make.make_user("administrator"))
    send(client, change(user), "user_form", **{"section_rights-0-section": "tat-ca"})
    assert [right.section for right in SectionRight.objects.filter(user=user)] == [None]
    data = read_form(client.get(change(user)), "user_form").data
    assert data["section_rights-0-section"] == ["tat-ca"]
    assert client.post(change(user), data).status_code == 302
    emptied = client.post(change(user), {**data, "section_rights-0-section": ""})
    assert "Hãy chọn một chuyên mục, hoặc mọi chuyên mục." in words(emptied)
    forged = {**data, "section_rights-1-section": "tat-ca"}
    assert client.post(change(user), forged).status_code in {200, 302}
    assert SectionRight.objects.filter(user=user).count() == 1


def test_nobody_makes_a_superuser_but_a_superuser(sign_in_as: Any) -> None:
    administrator = make.make_user("administrator")
    client = sign_in_as(administrator)
    assert "is_superuser" not in client.get(change(administrator)).content.decode()
    send(client, change(administrator), "user_form", is_superuser="on", user_permissions=["1", "2"])
    administrator.refresh_from_db()
    assert (administrator.is_superuser, administrator.user_permissions.count()) == (False, 0)
    root = sign_in_as(User.objects.create_superuser("root", full_name="Kỹ thuật"))
    send(root, change(administrator), "user_form", is_superuser="on")
    administrator.refresh_from_db()
    assert administrator.is_superuser is True


def test_a_superusers_account_is_for_superusers(sign_in_as: Any) -> None:
    root = User.objects.create_superuser("root", full_name="Kỹ thuật", password=PASSWORD)
    client = sign_in_as(make.make_user("administrator"))
    assert client.post(change(root), {"username": "root", "full_name": "Kẻ gian"}).status_code == 403
    password = f"/quan-tri/accounts/user/{root.pk}/mat-khau/"
    assert client.get(password).status_code == 403
    assert client.post(password, {"new_password1": PASSWORD, "new_password2": PASSWORD}).status_code == 403
    root.refresh_from_db()
    assert (root.full_name, root.check_password(PASSWORD)) == ("Kỹ thuật", True)


@pytest.mark.parametrize("others", [0, 1])
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("is_active", "Bạn không tự khóa tài khoản của mình được"),
        ("is_staff", "Bạn không tự bỏ quyền vào bàn làm việc của mình được"),
        ("groups", "Bạn không tự thôi vai trò Quản trị của mình được"),
    ],
)
def test_nobody_locks_themselves_out(sign_in_as: Any, name: str, says: str, others: int) -> None:
    administrator = make.make_user("administrator")
    for _ in range(others):
        make.make_user("administrator")
    client = sign_in_as(administrator)
    response = send(client, change(administrator), "user_form", **{name: []})
    assert response.status_code == 200
    assert response.context["adminform"].form.errors.keys() == {name}
    assert says in words(response)
    administrator.refresh_from_db()
    assert (administrator.is_active, administrator.is_staff, administrator.groups.count()) == (True, True, 1)
    assert send(client, change(administrator), "user_form", full_name="Tên Mới").status_code == 302
    assert client.get("/quan-tri/").status_code == 200


def test_a_superuser_stays_one_until_another_says_otherwise(sign_in_as: Any) -> None:
    root = User.objects.create_superuser("root", full_name="Kỹ thuật")
    other = User.objects.create_superuser("root-2", full_name="Kỹ thuật hai")
    refused = send(sign_in_as(root), change(root), "user_form", is_superuser=[])
    assert "Bạn không tự thôi quyền quản trị kỹ thuật của mình được" in words(refused)
    assert send(sign_in_as(other), change(root), "user_form", is_superuser=[], is_staff=[]).status_code == 302
    root.refresh_from_db()
    assert (root.is_superuser, root.is_staff) == (False, False)


@pytest.mark.parametrize("name", ["is_active", "is_staff", "groups"])
def test_the_last_administrator_stays_whoever_asks(sign_in_as: Any, name: str) -> None:
    last = make.make_user("administrator")
    make.make_user("administrator", is_active=False)
    client = sign_in_as(User.objects.create_superuser("root", full_name="Kỹ thuật"))
    refused = send(client, change(last), "user_form", **{name: []})
    assert refused.context["adminform"].form.errors.keys() == {name}
    assert "Đây là quản trị cuối cùng còn hoạt động" in words(refused)
    last.refresh_from_db()
    assert (last.is_active, last.is_staff, last.groups.count()) == (True, True, 1)
    assert privacy.erase_account(user_id=last.pk, at=timezone.now(), reason=ErasureReason.RETENTION) is False
    make.make_user("administrator")
    assert send(client, change(last), "user_form", **{name: []}).status_code == 302


def test_who_is_locked_is_logged_out_for_good(sign_in_as: Any) -> None:
    user = make_colleague("editor")
    theirs, desk = Client(), sign_in_as(make.make_user("administrator"))
    log_in(theirs, user)
    assert theirs.get("/tai-khoan/").status_code == 200
    send(desk, change(user), "user_form", is_active=[])
    assert theirs.get("/tai-khoan/").status_code == 302
    send(desk, change(user), "user_form", is_active="on")
    user.refresh_from_db()
    assert (user.is_active, theirs.get("/tai-khoan/").status_code) == (True, 302)


def test_only_roles_of_the_table_can_be_given(sign_in_as: Any) -> None:
    foreign = roles.Group.objects.create(name="Tự chế")
    user = make.make_user("reporter")
    response = send(sign_in_as(make.make_user("administrator")), change(user), "user_form", groups=[str(foreign.pk)])
    assert response.status_code == 200
    assert [group.name for group in user.groups.all()] == ["Phóng viên"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"username": "Lê Hoa"}, "Tên đăng nhập gồm chữ thường không dấu"),
        ({"username": "da-co"}, "Tên đăng nhập này đã có người dùng."),
        ({"email": "DA-CO@example.vn"}, "Địa chỉ thư này đã có người dùng."),
        ({"email": "=?utf-8?q?a=40b=2c?=@example.com"}, "Địa chỉ thư không hợp lệ."),
        ({"password2": "khac"}, "Hai lần nhập mật khẩu phải giống nhau."),
        ({"password1": "ngan", "password2": "ngan"}, "Mật khẩu quá ngắn: cần ít nhất 12 ký tự."),
        ({"full_name": "  "}, "Hãy điền mục này."),
    ],
)
def test_mistakes_are_explained(sign_in_as: Any, fields: dict[str, str], says: str) -> None:
    make.make_user("reporter", username="da-co", email="da-co@example.vn")
    filled = {"username": "moi", "full_name": "Mới", "password1": PASSWORD, "password2": PASSWORD, **fields}
    response = send(sign_in_as(make.make_user("administrator")), ADD, "user_form", **filled)
    assert response.status_code == 200
    assert says in words(response)
    assert PASSWORD not in response.content.decode()
    assert not User.objects.filter(username="moi").exists()


def test_setting_a_password(sign_in_as: Any) -> None:
    administrator, user = make.make_user("administrator"), make.make_user("reporter")
    client: Client = sign_in_as(administrator)
    for subject in (user, administrator):
        address = f"/quan-tri/accounts/user/{subject.pk}/mat-khau/"
        assert "Mật khẩu quá ngắn" in words(client.post(address, {"new_password1": "a", "new_password2": "a"}))
        typed = {"new_password1": PASSWORD, "new_password2": PASSWORD}
        assert "Hãy điền mục này." in words(client.post(address, {**typed, "reason": " \u200b "}))
        assert client.post(address, {**typed, "reason": "Quên mật khẩu"}).status_code == 302
        subject.refresh_from_db()
        assert subject.check_password(PASSWORD) is True
    assert client.get("/quan-tri/").status_code == 200  # still logged in after setting one's own
    assert client.get("/quan-tri/accounts/user/999/mat-khau/").status_code in {403, 404}
    assert sign_in_as(make.make_user("chief")).get(address).status_code == 403


def test_what_is_said_of_a_save_begins_like_a_sentence(sign_in_as: Any) -> None:
    user = make.make_user("reporter", full_name="Lê Hoa")
    client = sign_in_as(make.make_user("administrator"))
    send(client, change(user), "user_form", phone="0912 345 678")
    assert "Đã lưu người dùng “ Lê Hoa ”." in words(client.get("/quan-tri/accounts/user/"))


def test_what_a_password_must_be_is_not_said_of_the_wrong_person(sign_in_as: Any) -> None:
    user = make.make_user("reporter")
    page = words(sign_in_as(make.make_user("administrator")).get(f"/quan-tri/accounts/user/{user.pk}/mat-khau/"))
    assert "thông tin khác của tài khoản" in page
    assert "của bạn" not in page


def test_users_cannot_be_deleted(sign_in_as: Any) -> None:
    user = make.make_user("reporter")
    client = sign_in_as(User.objects.create_superuser("root", full_name="Kỹ thuật"))
    assert client.post(f"/quan-tri/accounts/user/{user.pk}/delete/", {"post": "yes"}).status_code == 403
    assert (
        client.post(
            "/quan-tri/accounts/user/", {"action": "delete_selected", "_selected_action": [user.pk]}
        ).status_code
        == 200
    )
    assert User.objects.filter(pk=user.pk).exists()


def test_taking_a_section_right_away(sign_in_as: Any) -> None:
    right = make.make_user("editor").section_rights.get()
    client = sign_in_as(make.make_user("administrator"))
    address = f"/quan-tri/news/sectionright/{right.pk}/delete/"
    assert "Việc này không lấy lại được." in words(client.get(address))
    assert [name for name, _, _ in read_form(client.get(address)).buttons if name] == []
    assert client.post(address, {"post": "yes"}).status_code == 302
    assert SectionRight.objects.count() == 0
