"""Every role that is given is told to the editors-in-chief, in the transaction that gives it."""

from typing import Any

import pytest

from accounts import roles
from accounts.models import User
from news import crypto
from news.models import Masthead, Outbox
from news.tests import make
from news.tests.admin.forms import send
from news.tests.post_office import PostOffice, run_worker

pytestmark = pytest.mark.django_db
PASSWORD = "mot-mat-khau-rat-dai-2026"


def change(user: User) -> str:
    return f"/quan-tri/accounts/user/{user.pk}/change/"


def groups(*keys: str) -> list[str]:
    return [str(roles.group_of(key).pk) for key in keys]


def told() -> list[str]:
    """To whom mail waits, in order."""
    return [crypto.decrypt(mail.recipient)["address"] for mail in Outbox.objects.order_by("pk")]


@pytest.mark.django_db(transaction=True)
def test_the_mail_says_who_gave_what_to_whom(sign_in_as: Any, post_office: PostOffice) -> None:
    Masthead.objects.create(name="Báo Điện Biên")
    make.make_user("chief", email="tong.bien.tap@example.vn")
    user = make.make_user("reporter", username="le.hoa", full_name="Lê Hoa")
    administrator = make.make_user("administrator", username="quan.tri", full_name="Lò Văn Trị")
    client = sign_in_as(administrator)
    send(client, change(user), "user_form", groups=groups("reporter", "editor", "secretary"))
    run_worker()
    assert post_office.recipients == ["tong.bien.tap@example.vn"]
    assert post_office.mails[0]["Subject"] == "Giao vai trò ở Báo Điện Biên"
    lines = post_office.texts[0].split("\n")
    assert lines[:8] == [
        "Chào bạn,",
        "",
        "Tài khoản Lê Hoa (le.hoa) vừa được giao vai trò:",
        "",
        "- Biên tập viên",
        "- Thư ký tòa soạn",
        "",
        "Người giao: Lò Văn Trị (quan.tri)",
    ]
    assert "/quan-tri/" not in post_office.texts[0]  # the pages of accounts are closed to its readers


def test_what_is_no_grant_is_not_mailed(sign_in_as: Any) -> None:
    make.make_user("chief", email="tong.bien.tap@example.vn")
    user = make.make_user("editor")
    client = sign_in_as(make.make_user("administrator"))
    send(client, change(user), "user_form", full_name="Tên mới")
    send(client, change(user), "user_form", groups=[])
    assert told() == []
    send(client, change(user), "user_form", groups=groups("reporter"))
    assert told() == ["tong.bien.tap@example.vn"]


def test_a_new_user_with_a_role_is_told_too(sign_in_as: Any) -> None:
    make.make_user("chief", email="tong.bien.tap@example.vn")
    client = sign_in_as(make.make_user("administrator"))
    fields = {"full_name": "Lê Hoa", "password1": PASSWORD, "password2": PASSWORD}
    send(client, "/quan-tri/accounts/user/add/", "user_form", username="khong.vai", groups=[], **fields)
    assert told() == []
    send(client, "/quan-tri/accounts/user/add/", "user_form", username="le.hoa", groups=groups("editor"), **fields)
    assert told() == ["tong.bien.tap@example.vn"]


def test_a_superuser_counts_as_a_role(sign_in_as: Any) -> None:
    make.make_user("chief", email="tong.bien.tap@example.vn")
    user = make.make_user("administrator")
    client = sign_in_as(User.objects.create_superuser("root", full_name="Kỹ thuật"))
    send(client, change(user), "user_form", is_superuser="on")
    assert "- Quản trị kỹ thuật" in crypto.decrypt(Outbox.objects.get().message)["text"]


def test_who_loses_the_role_in_the_same_step_hears_of_it_as_well_as_who_gets_it(sign_in_as: Any) -> None:
    old = make.make_user("chief", email="cu@example.vn")
    make.make_user("chief", email="da.nghi@example.vn", is_active=False)
    make.make_user("chief")  # without an address
    new = make.make_user("editor", email="moi@example.vn")
    client = sign_in_as(make.make_user("administrator"))
    send(client, change(new), "user_form", groups=groups("editor", "chief"))
    assert told() == ["cu@example.vn", "moi@example.vn"]
    Outbox.objects.all().delete()
    send(client, change(old), "user_form", groups=groups("moderator"))
    assert told() == ["cu@example.vn", "moi@example.vn"]


def test_an_address_nobody_can_write_to_keeps_no_role_from_being_given(sign_in_as: Any) -> None:
    chief = make.make_user("chief", email="x@example.vn")
    User.objects.filter(pk=chief.pk).update(email='"a\x01b"@example.vn')
    user = make.make_user("reporter")
    send(sign_in_as(make.make_user("administrator")), change(user), "user_form", groups=groups("editor"))
    assert (told(), [group.name for group in user.groups.all()]) == ([], ["Biên tập viên"])
