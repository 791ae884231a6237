"""A reader registers, verifies the address, changes it, forgets the password: every mail in the Outbox, nobody told."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from accounts.models import User
from news.models import Consent, ConsentText, Masthead, Outbox
from news.queries import personal_data
from news.services import consenting, holding, leaving, resetting
from news.tests import causes, make
from news.tests.account.conftest import LOGIN, PASSWORD, log_in, make_colleague, make_reader, waiting
from news.workflow import NotAllowed

pytestmark = pytest.mark.django_db
SIGN_UP = "/tai-khoan/dang-ky/"


def filled(**changes: str) -> dict[str, str]:
    """The form as a reader sends it."""
    wording = consenting.current("tai-khoan", make.NOW)
    return {
        "full_name": "Lê Thị Hòa",
        "email": "hoa@example.vn",
        "password1": PASSWORD,
        "consent_text": str(wording.pk),
        "agree_account": "on",
        "website": "",
        **changes,
    }


def test_register_verify_and_go_on(client: Client) -> None:
    page = client.get(f"{SIGN_UP}?next=/chinh-tri/").content.decode()
    assert "checked" not in page  # nothing is agreed to beforehand
    response = client.post(SIGN_UP, filled(next="/chinh-tri/"))
    assert response.headers["Location"] == "/tai-khoan/xac-nhan-thu/"
    user = User.objects.get()
    assert (user.full_name, user.email, user.is_staff, user.is_superuser) == (
        "Lê Thị Hòa",
        "hoa@example.vn",
        False,
        False,
    )
    assert re.fullmatch(r"bd-[0-9a-f]{12}", user.username)
    assert user.check_password(PASSWORD) is True
    (consent,) = Consent.objects.all()
    assert (consent.user, consent.text.form, consent.purposes, consent.address) == (
        user,
        "tai-khoan",
        ["account"],
        SIGN_UP,
    )
    (mail,) = waiting()
    assert (mail.kind, mail.to) == ("account_link", "hoa@example.vn")
    assert mail.subject == "Xác nhận địa chỉ thư – Tòa soạn"
    assert f'href="http://127.0.0.1:8000{mail.path("/tai-khoan/xac-nhan-thu/")}">Mở liên kết</a>' in mail.html
    assert "Lê Thị Hòa" not in mail.text + mail.html  # the address may be somebody else's
    assert "_auth_user_id" not in client.session
    assert log_in(Client(), user).status_code == 200  # not before it is verified
    link = mail.path("/tai-khoan/xac-nhan-thu/")
    assert "Địa chỉ hoa@example.vn có đúng là của Lê Thị Hòa không?" in client.get(link).content.decode()
    next_page = client.post(link, follow=True)
    assert next_page.redirect_chain == [("/tai-khoan/xac-nhan-thu/xong/?next=%2Fchinh-tri%2F", 302)]
    assert "Đã xác nhận hoa@example.vn." in next_page.content.decode()
    assert 'href="/chinh-tri/">Đọc tiếp</a>' in next_page.content.decode()
    assert "Đã xác nhận" not in client.get("/tai-khoan/dia-chi-thu/").content.decode()  # said once
    assert client.session["_auth_user_id"] == str(user.pk)
    assert EmailAddress.objects.get().verified is True
    other = Client()
    assert "Liên kết này đã dùng rồi" in other.get(link).content.decode()
    other.post(link)
    assert "_auth_user_id" not in other.session  # the link logs nobody in but who registered
    assert log_in(other, user).headers["Location"] == "/tai-khoan/"


@pytest.mark.parametrize(
    ("opened_in", "next_page", "page"),
    [("the same", "", "/tai-khoan/"), ("the same", "/tai-khoan/da-luu/", "/tai-khoan/da-luu/"), ("another", "", LOGIN)],
)
def test_the_very_next_page_says_that_the_address_is_verified(
    client: Client, opened_in: str, next_page: str, page: str
) -> None:
    client.post(SIGN_UP, filled(**({"next": next_page} if next_page else {})))
    browser = client if opened_in == "the same" else Client()
    shown = browser.post(waiting()[0].path("/tai-khoan/xac-nhan-thu/"), follow=True)
    assert shown.redirect_chain == [(page, 302)]
    assert shown.content.decode().count("Đã xác nhận hoa@example.vn.") == 1


def test_a_log_in_before_the_address_is_verified_tells_nobody_whether_it_was_taken() -> None:
    """Who registers any address with a password of theirs learns nothing from logging in with both."""
    take("co-roi@example.vn", is_reader=True)
    pages = []
    for email, network in (("co-roi@example.vn", "192.0.2.1"), ("chua-co@example.vn", "192.0.2.2")):
        client = Client(REMOTE_ADDR=network)
        client.post(SIGN_UP, filled(email=email, password1="cua-ke-di-do-1975"))
        for _ in range(6):
            page = client.post(LOGIN, {"login": email, "password": "cua-ke-di-do-1975"}).content.decode()
            page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)
            pages.append(page.replace(email, "…"))
    assert pages[:6] == pages[6:]
    assert "mở liên kết trong thư xác nhận" in pages[0]
    assert "Sai quá nhiều lần." in pages[5]
    assert [mail.to for mail in waiting()] == ["co-roi@example.vn", "chua-co@example.vn"]


def test_a_log_in_before_the_address_is_verified_mails_the_link_again(client: Client) -> None:
    client.post(SIGN_UP, filled())
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        for _ in range(2):
            client.post(LOGIN, {"login": "hoa@example.vn", "password": PASSWORD})
    assert [(mail.to, mail.subject) for mail in waiting()] == [
        ("hoa@example.vn", "Xác nhận địa chỉ thư – Tòa soạn")
    ] * 2


@pytest.mark.parametrize("elsewhere", ["https://ke-gian.example/", "//ke-gian.example", "javascript:alert(1)", ""])
def test_the_way_on_stays_with_us(client: Client, elsewhere: str) -> None:
    page = client.get("/tai-khoan/xac-nhan-thu/xong/", {"next": elsewhere}).content.decode()
    assert 'href="/">Đọc tiếp</a>' in page
    assert elsewhere == "" or elsewhere not in page


def test_the_pages_and_mails_of_accounts_carry_the_newspapers_name(client: Client) -> None:
    Masthead.objects.create(name="Báo <Vùng cao>")
    for path in (SIGN_UP, LOGIN, "/tai-khoan/quen-mat-khau/", "/tai-khoan/xac-nhan-thu/", "/tai-khoan/xac-nhan-thu/x/"):
        page = client.get(path).content.decode()
        assert " | Báo &lt;Vùng cao&gt;</title>" in page, path
        assert '<p class="nameplate__name"><a href="/">Báo &lt;Vùng cao&gt;</a></p>' in page, path
        assert "| Tòa soạn" not in page, path
    client.post(SIGN_UP, filled())
    (mail,) = waiting()
    assert mail.subject == "Xác nhận địa chỉ thư – Báo <Vùng cao>"
    assert "Tòa soạn" not in mail.text + mail.html


def test_nothing_in_the_form_makes_a_colleague(client: Client) -> None:
    make_colleague("chief")
    names = "is_staff is_superuser is_active groups user_permissions user pk".split()
    forged = {**dict.fromkeys(names, "1"), "username": "quan-tri", "staff_since": "2020-01-01"}
    client.post(SIGN_UP, filled(**forged))
    user = User.objects.get(email="hoa@example.vn")
    assert (user.is_staff, user.is_superuser, user.staff_since) == (False, False, None)
    assert (user.groups.count(), user.user_permissions.count()) == (0, 0)
    assert user.username != "quan-tri"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"full_name": "Tòa Soạn"}, "Tên này dễ bị hiểu là của tòa soạn."),
        ({"full_name": "Hòa http://ke-gian.example"}, "Tên chỉ gồm chữ, số"),
        ({"full_name": "Hòa\r\nBcc: a@b.vn"}, "Tên chỉ gồm chữ, số"),
        ({"email": "=?utf-8?q?a=40b=2c?=@example.com"}, "Hãy ghi một địa chỉ thư điện tử đúng."),
        ({"email": "hoa@[127.0.0.1]"}, "Hãy ghi một địa chỉ thư điện tử đúng."),
        ({"email": "hoa@example.vn\r\nBcc: a@b.vn"}, "Hãy ghi một địa chỉ thư điện tử đúng."),
        ({"password1": "ngan"}, "Mật khẩu quá ngắn"),
        ({"password1": "hoa@example.vn"}, "Mật khẩu quá giống"),
        ({"agree_account": ""}, "Tòa soạn chỉ nhận được khi bạn đồng ý điều này."),
        ({"consent_text": "0"}, "Lời xin đồng ý vừa được sửa."),
    ],
)
def test_mistakes_are_explained_and_nothing_is_kept(client: Client, changes: dict[str, str], says: str) -> None:
    response = client.post(SIGN_UP, filled(**changes))
    assert response.status_code == 422
    page = response.content.decode()
    assert says in page
    assert filled(**changes)["password1"] not in re.sub(r"value=\"hoa@example.vn\"|>hoa@example.vn<", "", page)
    assert (User.objects.count(), Consent.objects.count(), Outbox.objects.count()) == (0, 0, 0)


def test_a_field_with_several_mistakes_is_listed_once(client: Client) -> None:
    page = client.post(SIGN_UP, filled(password1="123456")).content.decode()
    assert all(says in page for says in ("Mật khẩu quá ngắn", "dễ đoán", "chỉ gồm chữ số"))
    assert page.count('href="#id_password1">Mật khẩu</a>') == 1


def test_the_log_in_page_says_all_that_registering_asks_for(client: Client) -> None:
    assert "Đăng ký</a>, chỉ cần tên, địa chỉ thư và một mật khẩu." in client.get(LOGIN).content.decode()


def test_a_used_link_says_what_to_do_now_logged_in_or_not(client: Client) -> None:
    used = "/tai-khoan/xac-nhan-thu/khong-phai/"
    page = client.get(used).content.decode()
    assert 'Hãy <a href="/tai-khoan/dang-nhap/">đăng nhập</a>; nếu' in page
    log_in(client, make_reader())
    page = client.get(used).content.decode()
    assert 'Bạn đang đăng nhập: <a href="/tai-khoan/dia-chi-thu/">' in page
    assert 'Hãy <a href="/tai-khoan/dang-nhap/">' not in page


@pytest.mark.parametrize("name", ["Báo Lai Châu", "Вáo Lаi Сhâu", "BBT", "T0à s0ạn"])
def test_nobody_registers_under_the_newspapers_name(client: Client, name: str) -> None:
    Masthead.objects.create(name="Báo Lai Châu")
    response = client.post(SIGN_UP, filled(full_name=name))
    assert (response.status_code, User.objects.count()) == (422, 0)
    assert "Tên này dễ bị hiểu là của tòa soạn." in response.content.decode()
    client.post(SIGN_UP, filled(full_name="Người Lai Châu"))
    assert User.objects.get().full_name == "Người Lai Châu"


def test_an_address_with_an_account_gets_the_same_answer(client: Client) -> None:
    for email in ("co-roi@example.vn", "bien-tap@example.vn"):
        make_reader("co-roi", email=email) if email.startswith("co") else make_colleague("editor", email=email)
        known = client.post(SIGN_UP, filled(email=email.upper()), follow=True)
        unknown = Client().post(SIGN_UP, filled(email=f"moi-{email}"), follow=True)
        assert known.redirect_chain == unknown.redirect_chain
        assert known.content.decode().replace(email, "…") == unknown.content.decode().replace(f"moi-{email}", "…")
    first, *_ = (mail for mail in waiting() if mail.to == "co-roi@example.vn")
    assert (first.kind, first.subject) == ("account_link", "Đã có tài khoản – Tòa soạn")
    assert "/tai-khoan/quen-mat-khau/" in first.text
    assert Consent.objects.count() == 2  # the two new ones


def test_a_machine_that_fills_what_nobody_sees_gets_the_page_and_no_account(client: Client) -> None:
    response = client.post(SIGN_UP, filled(website="https://ke-gian.example"))
    assert response.headers["Location"] == "/tai-khoan/xac-nhan-thu/"
    assert (User.objects.count(), Outbox.objects.count()) == (0, 0)


def test_registration_may_be_closed(client: Client, settings: Any) -> None:
    settings.REGISTRATION_OPEN = False
    assert "Không mở đăng ký" in client.get(SIGN_UP).content.decode()
    client.post(SIGN_UP, filled())
    assert not User.objects.exists()
    assert "Đăng ký" not in client.get(LOGIN).content.decode()


def test_what_tells_who_has_an_account_takes_the_same_time(settings: Any, client: Client) -> None:
    make_reader(email="co-roi@example.vn")
    settings.ANSWER_SECONDS = 0.4
    for address, data in (
        (SIGN_UP, filled(email="co-roi@example.vn")),
        (SIGN_UP, filled()),
        ("/tai-khoan/quen-mat-khau/", {"email": "co-roi@example.vn"}),
        ("/tai-khoan/quen-mat-khau/", {"email": "khong-co@example.vn"}),
    ):
        began = time.monotonic()
        client.post(address, data)
        assert time.monotonic() - began >= 0.4


def test_four_mails_an_hour_to_a_mailbox_and_one_for_its_forgotten_password(client: Client) -> None:
    for number in range(7):
        client.post(SIGN_UP, filled(email=f"hoa+{number}@example.vn"))
    assert len(waiting()) == 4
    assert User.objects.count() == 7
    for _ in range(2):
        client.post("/tai-khoan/quen-mat-khau/", {"email": "hoa+3@example.vn"})
    assert [mail.subject for mail in waiting()[4:]] == ["Đặt lại mật khẩu – Tòa soạn"]


def test_a_registration_and_its_mail_are_one(client: Client) -> None:
    form = filled()
    with causes.refused("INSERT ON news_consent"), pytest.raises(DatabaseError, match="refused by a test"):
        client.post(SIGN_UP, form)
    assert (User.objects.count(), EmailAddress.objects.count(), Outbox.objects.count()) == (0, 0, 0)


def test_an_older_wording_may_be_agreed_to_for_a_day_and_is_the_one_that_is_kept(client: Client) -> None:
    form = filled()
    old = ConsentText.objects.get()
    client.post(SIGN_UP, form)
    assert Consent.objects.get().text == old


def test_registrations_nobody_verified_go_after_a_week(client: Client) -> None:
    client.post(SIGN_UP, filled())
    kept = [make_reader(), make_colleague(email=None)]
    user = User.objects.get(email="hoa@example.vn")
    assert leaving.sweep(at=user.date_joined) == 0
    assert leaving.sweep(at=user.date_joined + timedelta(days=8)) == 1
    assert list(User.objects.order_by("pk")) == kept


# --- A forgotten password ----------------------------------------------------------------------------


def test_reset_by_mail(client: Client) -> None:
    user = make_reader(email="hoa@example.vn")
    response = client.post("/tai-khoan/quen-mat-khau/", {"email": "Hoa@example.vn"}, headers={"Host": "localhost"})
    assert response.headers["Location"] == "/tai-khoan/quen-mat-khau/da-gui/"
    (mail,) = waiting()
    assert (mail.kind, mail.to, mail.subject) == ("reset_link", "hoa@example.vn", "Đặt lại mật khẩu – Tòa soạn")
    assert "http://127.0.0.1:8000/tai-khoan/quen-mat-khau/" in mail.text  # the site's address, whatever Host said
    link = mail.path("/tai-khoan/quen-mat-khau/")
    address = client.get(link, follow=True).redirect_chain[-1][0]
    new = "mat-khau-moi-rat-dai-2027"
    wrong = client.post(address, {"password1": new, "password2": "khac"}).content.decode()
    assert "Hai lần nhập mật khẩu phải giống nhau." in wrong
    assert client.post(address, {"password1": new, "password2": new}).status_code == 302
    user.refresh_from_db()
    assert user.check_password(new) is True
    assert "_auth_user_id" not in client.session
    assert "Liên kết không còn dùng được" in Client().get(link).content.decode()
    assert [mail.kind for mail in waiting()] == ["reset_link", "account_notice"]


def test_reset_for_an_unknown_address_says_the_same_and_sends_nothing(client: Client) -> None:
    make_reader(email="hoa@example.vn")
    known = client.post("/tai-khoan/quen-mat-khau/", {"email": "hoa@example.vn"}, follow=True)
    assert Outbox.objects.count() == 1
    unknown = Client().post("/tai-khoan/quen-mat-khau/", {"email": "khong.co@example.vn"}, follow=True)
    assert known.content == unknown.content
    assert Outbox.objects.count() == 1


# --- Another address ------------------------------------------------------------------------------------


def test_another_address_counts_once_it_is_verified(client: Client) -> None:
    user = make_reader(email="cu@example.vn")
    log_in(client, user)
    address = "/tai-khoan/dia-chi-thu/"
    asked = client.post(address, {"action_add": "1", "email": "moi@example.vn"})
    assert asked.headers["Location"] == "/tai-khoan/xac-nhan/?next=%2Ftai-khoan%2Fdia-chi-thu%2F"
    client.post("/tai-khoan/xac-nhan/", {"password": PASSWORD, "next": address})  # and goes on with what was asked
    assert "moi@example.vn</strong> đang chờ xác nhận" in client.get(address).content.decode()
    user.refresh_from_db()
    assert user.email == "cu@example.vn"
    (mail,) = waiting()
    assert mail.to == "moi@example.vn"
    client.post(mail.path("/tai-khoan/xac-nhan-thu/"))
    user.refresh_from_db()
    assert user.email == "moi@example.vn"
    assert [(row.email, row.verified) for row in EmailAddress.objects.all()] == [("moi@example.vn", True)]
    assert [(mail.kind, mail.to) for mail in waiting()][1:] == [("account_notice", "cu@example.vn")]
    assert "Liên kết này đã dùng rồi" in Client().get("/tai-khoan/xac-nhan-thu/khong-phai/").content.decode()


ADDRESS = "/tai-khoan/dia-chi-thu/"


def test_an_order_to_keep_is_not_left_behind_with_the_old_address(client: Client) -> None:
    """The order finds the account by its address: neither its owner nor an administrator changes that meanwhile."""
    now, chief = timezone.now(), make.make_user("chief")
    user = make_reader(email="giu@example.vn")
    order = holding.place(email="giu@example.vn", reason="Công văn 12", until=None, actor=chief, at=now)
    ask_for(client, user, "khac@example.vn")
    (mail,) = [mail for mail in waiting() if mail.to == "khac@example.vn"]
    client.post(mail.path("/tai-khoan/xac-nhan-thu/"))
    page = client.get(ADDRESS).content.decode()
    assert ("Chưa đổi được địa chỉ thư" in page, "Công văn" in page) == (True, False)
    with pytest.raises(NotAllowed):
        resetting.change_address(
            user_id=user.pk, email="khac@example.vn", actor=make.make_user("administrator"), reason="Xin đổi", at=now
        )
    user.refresh_from_db()
    assert user.email == "giu@example.vn"
    assert personal_data.hold_on(personal_data.person(user_id=user.pk).email_digests, now) == order


def ask_for(client: Client, user: User, email: str) -> str:
    """Log in, ask for another address; what the page then says."""
    log_in(client, user)
    client.post(ADDRESS, {"action_add": "1", "email": email})
    client.post("/tai-khoan/xac-nhan/", {"password": PASSWORD, "next": ADDRESS})
    return client.get(ADDRESS).content.decode()


def take(email: str, *, is_reader: bool) -> User:
    """Somebody who has that address: a reader who verified it, or a colleague for whom an administrator wrote it."""
    return make_reader("nguoi-giu", email=email) if is_reader else make_colleague(email=email)


@pytest.mark.parametrize("is_reader", [True, False])
def test_an_address_somebody_has_is_asked_for_as_any_other_and_only_its_owner_is_told(*, is_reader: bool) -> None:
    take("co-roi@example.vn", is_reader=is_reader)
    one, other = make_reader("mot"), make_reader("hai")
    taken, free = ask_for(Client(), one, "co-roi@example.vn"), ask_for(Client(), other, "con-trong@example.vn")
    csrf = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
    assert csrf.sub("", taken).replace("co-roi", "…").replace("mot@", "@") == (
        csrf.sub("", free).replace("con-trong", "…").replace("hai@", "@")
    )
    told, link = waiting()
    assert (told.kind, told.to, told.subject) == (
        "account_link",
        "co-roi@example.vn",
        "Địa chỉ thư đã có tài khoản – Tòa soạn",
    )
    assert "http://127.0.0.1:8000/tai-khoan/quen-mat-khau/" in told.text
    assert "/tai-khoan/xac-nhan-thu/" not in told.text
    assert "mot@example.vn" not in told.text + told.html
    assert link.path("/tai-khoan/xac-nhan-thu/")


@pytest.mark.parametrize("is_reader", [True, False])
@pytest.mark.parametrize("is_logged_in", [True, False])
def test_an_address_taken_meanwhile_is_refused_kindly(*, is_reader: bool, is_logged_in: bool) -> None:
    user, client = make_reader(email="cu@example.vn"), Client()
    ask_for(client, user, "moi@example.vn")
    (mail,) = waiting()
    holder = take("moi@example.vn", is_reader=is_reader)
    browser = client if is_logged_in else Client()
    answer = browser.post(mail.path("/tai-khoan/xac-nhan-thu/"), follow=True)
    assert answer.status_code == 200
    assert "moi@example.vn: địa chỉ này đã thuộc một tài khoản khác." in answer.content.decode()
    for one, email in ((user, "cu@example.vn"), (holder, "moi@example.vn")):
        one.refresh_from_db()
        assert one.email == email
    own = EmailAddress.objects.filter(user=user).order_by("pk")
    assert [(row.email, row.verified) for row in own] == [("cu@example.vn", True), ("moi@example.vn", False)]


def test_an_address_taken_in_the_very_moment_is_refused_kindly(client: Client) -> None:
    user = make_reader(email="cu@example.vn")
    ask_for(client, user, "moi@example.vn")
    (mail,) = waiting()
    colleague = make_colleague(email="khac@example.vn")
    # Looked at while it was free; taken before it is written.
    taken = f"UPDATE accounts_user SET email = 'moi@example.vn' WHERE id = {colleague.pk}"
    with causes.meanwhile("UPDATE OF email ON accounts_user", of=user.pk, then=taken):
        answer = client.post(mail.path("/tai-khoan/xac-nhan-thu/"), follow=True)
    assert "địa chỉ này đã thuộc một tài khoản khác." in answer.content.decode()
    for one, email in ((user, "cu@example.vn"), (colleague, "khac@example.vn")):  # both went back with the write
        one.refresh_from_db()
        assert one.email == email


def test_a_colleague_keeps_the_address_an_administrator_wrote_until_another_is_verified(client: Client) -> None:
    user = make_colleague(email="cu@example.vn")
    ask_for(client, user, "moi@example.vn")
    user.refresh_from_db()
    assert user.email == "cu@example.vn"
    client.post(ADDRESS, {"action_add": "1", "email": "lai-khac@example.vn"})
    assert [mail.to for mail in waiting()] == ["moi@example.vn", "lai-khac@example.vn"]
    client.post(waiting()[-1].path("/tai-khoan/xac-nhan-thu/"))
    user.refresh_from_db()
    assert user.email == "lai-khac@example.vn"


def test_what_changed_is_told_with_the_device_in_words_and_no_network_address(client: Client) -> None:
    user = make_reader()
    client = Client(headers={"User-Agent": "Xem http://ke-gian.example Chrome Windows"}, REMOTE_ADDR="203.0.113.9")
    log_in(client, user)
    new = "mat-khau-moi-rat-dai-2027"
    wrong = {"oldpassword": "khong-phai", "password1": new, "password2": new}
    assert "Mật khẩu hiện nay không đúng." in client.post("/tai-khoan/doi-mat-khau/", wrong).content.decode()
    client.post("/tai-khoan/doi-mat-khau/", {**wrong, "oldpassword": PASSWORD})
    (mail,) = waiting()
    assert (mail.kind, mail.subject) == ("account_notice", "Mật khẩu đã đổi – Tòa soạn")
    assert "từ Chrome trên máy Windows." in mail.text
    assert "203.0.113.9" not in mail.text
    assert "ke-gian" not in mail.text
    assert client.get("/tai-khoan/doi-mat-khau/").status_code == 200  # still logged in
