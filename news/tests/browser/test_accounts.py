"""An account from beginning to end, as a reader lives it: made, verified by a mail, guarded, left; and passkeys."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from news.tests import make
from news.tests.account.conftest import waiting
from news.tests.conftest import Witness
from news.tests.post_office import PostOffice, run_worker

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "mot-mat-khau-rat-dai-2026"


def code(secret: str) -> str:
    """What an authenticator app shows now."""
    return auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30))


def confirm(page: Page) -> None:
    """Say the password once more where it is asked."""
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Xác nhận").click()


def link(office: PostOffice, before: str) -> str:
    """The path of the link in the mail that came last."""
    run_worker()
    body = office.mails[-1].get_body(("plain",))
    assert body is not None
    found = re.search(rf"https?://[^/\s]+({re.escape(before)}\S*)", body.get_content())
    assert found is not None
    return found[1]


def test_an_account_from_beginning_to_end(
    page: Page,
    post_office: PostOffice,
    assert_accessible: Callable[[Page], None],
    context: BrowserContext,
    witness: Witness,
) -> None:
    witness.expect("status of 422")
    make.make_section("Chính trị")
    page.goto("/chinh-tri/")
    page.get_by_role("link", name="Tài khoản").first.click()
    assert_accessible(page)
    page.get_by_role("link", name="Đăng ký").click()
    assert page.locator("input:checked").count() == 0
    page.get_by_role("button", name="Đăng ký").click()
    expect(page.get_by_role("alert").first).to_contain_text("Chưa đăng ký được")
    assert_accessible(page)
    page.get_by_label("Tên hiển thị").fill("Lê Thị Hòa")
    page.get_by_label("Thư điện tử").fill("hoa@example.vn")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_label("Tôi đồng ý để tòa soạn giữ tên").check()
    page.get_by_role("button", name="Đăng ký").click()
    expect(page.get_by_role("heading", name="Hãy xem hộp thư")).to_be_visible()
    page.goto(link(post_office, "/tai-khoan/xac-nhan-thu/"))
    page.get_by_role("button", name="Đúng, xác nhận").click()
    user = User.objects.get()
    assert [address.verified for address in EmailAddress.objects.filter(user=user)] == [True]

    # A second factor, in plain pages.
    page.goto("/tai-khoan/hai-lop/")
    assert_accessible(page)
    page.get_by_role("link", name="Bật ứng dụng xác thực").click()
    confirm(page)
    expect(page.get_by_role("img", name="Mã QR")).to_be_visible()
    page.get_by_text("Không quét được?").click()
    secret = page.locator(".account__secret code").inner_text()
    assert_accessible(page)
    page.get_by_label("Mã của ứng dụng").fill(code(secret))
    page.get_by_role("button", name="Bật", exact=True).click()
    codes = page.locator(".account__codes code").all_inner_texts()
    assert len(codes) == 10
    assert_accessible(page)

    # Out, and in again: by the app's next code it would be; here by a code from the drawer.
    context.clear_cookies()
    page.goto("/tai-khoan/dang-nhap/")
    page.get_by_label("Tên đăng nhập hoặc thư điện tử").fill("Hoa@example.vn")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(page.get_by_role("heading", name="Thêm một bước nữa")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Mã", exact=True).fill(codes[0])
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.wait_for_url("**/tai-khoan/")

    # Logged in elsewhere, and out from there.
    other = Client(headers={"User-Agent": make.PHONE})
    other.post("/tai-khoan/dang-nhap/", {"login": "hoa@example.vn", "password": PASSWORD})
    other.post("/tai-khoan/dang-nhap/xac-thuc/", {"code": codes[1]})
    page.goto("/tai-khoan/phien-dang-nhap/")
    expect(page.get_by_text("Chrome trên máy Android").first).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Đăng xuất khỏi mọi nơi khác").click()
    expect(page.get_by_text("Đã đăng xuất khỏi mọi thiết bị khác.")).to_be_visible()
    assert other.get("/tai-khoan/phien-dang-nhap/").status_code == 302

    # And away.
    page.get_by_role("link", name="Xóa tài khoản").click()
    page.get_by_label("Mã", exact=True).fill(codes[2])
    page.get_by_role("button", name="Xác nhận").click()
    page.get_by_label("Tôi hiểu rằng").check()
    assert_accessible(page)
    page.get_by_role("button", name="Xóa tài khoản của tôi").click()
    expect(page.get_by_role("heading", name="Đã xóa tài khoản")).to_be_visible()
    assert not User.objects.filter(pk=user.pk).exists()


@pytest.fixture
def security_key(context: BrowserContext, page: Page) -> Any:
    """A passkey device without a person: it says yes to whatever it is asked."""
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    added = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return added["authenticatorId"]


@pytest.mark.usefixtures("security_key")
def test_a_passkey_opens_the_desk_without_a_password(
    page: Page, context: BrowserContext, settings: Any, assert_accessible: Callable[[Page], None]
) -> None:
    settings.STAFF_MFA_GRACE_DAYS = 0
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # the tests' server has no certificate
    user = make.make_user("reporter", username="pv", email="pv@example.vn", password=PASSWORD)
    page.goto("/quan-tri/")
    page.get_by_label("Tên đăng nhập hoặc thư điện tử").fill("pv")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(page.get_by_text("Bàn làm việc chỉ mở cho tài khoản đã bật xác thực hai lớp.")).to_be_visible()
    page.get_by_role("link", name="xác nhận hộp thư của bạn").click()
    assert_accessible(page)
    page.get_by_role("button", name="Gửi liên kết tới pv@example.vn").click()
    expect(page.get_by_text("Đã gửi liên kết tới pv@example.vn.")).to_be_visible()
    page.goto(waiting()[-1].path("/tai-khoan/hai-lop/qua-thu/"))
    expect(page.get_by_text("Đã xác nhận hộp thư")).to_be_visible()
    page.get_by_role("link", name="Thêm khóa truy cập").click()
    confirm(page)
    assert_accessible(page)
    page.get_by_label("Tên khóa").fill("YubiKey #2 (văn phòng) 🔑")
    page.get_by_role("button", name="Thêm khóa").click()
    expect(page.get_by_role("heading", name="Mã dự phòng")).to_be_visible()
    assert sorted(Authenticator.objects.filter(user=user).values_list("type", flat=True)) == [
        "recovery_codes",
        "webauthn",
    ]
    page.goto("/quan-tri/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url.endswith("/quan-tri/")
    page.goto("/tai-khoan/hai-lop/khoa-truy-cap/")
    expect(page.get_by_text("Đăng nhập không cần mật khẩu.")).to_be_visible()
    assert_accessible(page)

    # By the passkey alone.
    context.clear_cookies()
    page.goto("/quan-tri/news/article/")
    page.get_by_role("button", name="Dùng khóa truy cập").click()
    page.wait_for_url("**/quan-tri/news/article/")

    # As the second step after the password.
    context.clear_cookies()
    page.goto("/tai-khoan/dang-nhap/")
    page.get_by_label("Tên đăng nhập hoặc thư điện tử").fill("pv")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.get_by_role("button", name="Dùng khóa truy cập").click()
    page.wait_for_url("**/quan-tri/")

    # The last one stays.
    page.goto("/tai-khoan/hai-lop/khoa-truy-cap/")
    page.get_by_role("link", name="Bỏ YubiKey #2 (văn phòng) 🔑").click()
    page.get_by_role("button", name="Dùng khóa truy cập").click()
    page.get_by_role("button", name="Bỏ khóa").click()
    expect(page.get_by_text("Người của tòa soạn luôn cần một lớp xác thực thứ hai")).to_be_visible()
    assert Authenticator.objects.filter(user=user, type="webauthn").count() == 1


def test_where_passkeys_cannot_work_it_is_said_why(page: Page, assert_accessible: Callable[[Page], None]) -> None:
    make.make_user("reporter", username="pv", password=PASSWORD)
    page.goto("/tai-khoan/hai-lop/")
    page.get_by_label("Tên đăng nhập hoặc thư điện tử").fill("pv")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    why = page.get_by_text("khóa truy cập cần trình duyệt đời mới và trang mở qua HTTPS")
    expect(page.get_by_role("link", name="Thêm khóa truy cập")).to_be_visible()
    expect(why).to_be_hidden()
    page.add_init_script("delete window.PublicKeyCredential")  # as at an address that is not safe
    for address in ("/tai-khoan/hai-lop/", "/tai-khoan/hai-lop/khoa-truy-cap/"):
        page.goto(address)
        expect(why).to_be_visible()
        expect(page.get_by_role("link", name="Thêm khóa truy cập")).to_be_hidden()
        assert_accessible(page)
