"""Dữ liệu cá nhân without JavaScript: a link by real mail, then seen, put right, taken along, taken back, erased."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from news.models import Consent, ErasureRecord, Feedback, Masthead, Outbox, ReaderContact
from news.tests import make
from news.tests.browser.test_feedback import fits
from news.tests.conftest import Witness
from news.tests.post_office import PostOffice, run_worker

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL = "xuyen@thu-rieng.vn"


@pytest.fixture
def context(chromium: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    """A visitor whose browser runs no script of ours; axe is another matter, see below."""
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False, locale="vi-VN")
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def witness(context: BrowserContext, live_server: LiveServer) -> Iterator[Witness]:
    """Whatever goes wrong; a browser without scripts has nothing to report at the end."""
    witness = Witness(context, live_server.url)
    yield witness
    assert witness.unexpected() == []


def test_from_the_wish_to_see_to_being_forgotten(
    page: Page,
    witness: Witness,
    chromium: Browser,
    live_server: LiveServer,
    post_office: PostOffice,
    assert_accessible: Callable[[Page], None],
    tmp_path: Path,
) -> None:
    witness.expect("status of 422")
    Masthead.objects.create(name="Báo Tây Bắc", email="bandoc@example.vn")
    make.make_letter(
        "Đường vào bản hỏng, gọi tôi số 0987.612.345.", email=EMAIL, name="Vàng Thị Xuyến", phone="0987612345"
    )
    looks = chromium.new_context(base_url=live_server.url, viewport={"width": 360, "height": 800})
    eyes = looks.new_page()

    def look(address: str) -> None:
        """The same page in a browser with scripts: for axe, on a phone and on a desk, light and dark."""
        for width in (360, 1280):
            eyes.set_viewport_size({"width": width, "height": 900})
            for scheme in ("light", "dark"):
                eyes.emulate_media(color_scheme=scheme)
                eyes.goto(address)
                eyes.evaluate("document.querySelectorAll('main .kept__sure').forEach(part => { part.open = true })")
                fits(eyes)
                assert_accessible(eyes)

    page.goto("/phan-hoi/")
    page.get_by_role("link", name="Dữ liệu cá nhân của bạn").click()
    look(page.url)
    page.get_by_role("textbox", name="Thư điện tử").fill(EMAIL)
    page.get_by_role("button", name="Gửi liên kết cho tôi").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hãy mở hộp thư của bạn")
    look(page.url)
    run_worker()
    mail = next(mail for mail in post_office.mails if "Dữ liệu cá nhân" in mail["Subject"])
    assert mail["To"] == EMAIL
    body = mail.get_body(("plain",))
    assert body is not None
    address = re.search(r"/du-lieu-ca-nhan/\S+/", body.get_content())
    assert address is not None
    page.goto(address[0])
    expect(page.get_by_text("Đường vào bản hỏng, gọi tôi số 0987.612.345.", exact=True)).to_be_visible()
    look(address[0])

    page.get_by_role("textbox", name="Điện thoại").fill("gọi tôi")
    page.get_by_role("button", name="Lưu thông tin đúng").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("textbox", name="Điện thoại").fill("0987612345")
    page.get_by_role("textbox", name="Họ và tên").fill("Vàng Thị Xuyên")
    page.get_by_role("button", name="Lưu thông tin đúng").click()
    expect(page.get_by_text("Đã sửa.")).to_be_visible()
    expect(page.get_by_role("definition").get_by_text("Vàng Thị Xuyên").first).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("button", name="Tải về cho máy (JSON)").click()
    download.value.save_as(tmp_path / "a.json")
    kept = json.loads((tmp_path / "a.json").read_text())
    assert kept["dữ liệu"]["Thông tin liên hệ"][0]["Họ và tên"] == "Vàng Thị Xuyên"

    sure = page.get_by_role("button", name=re.compile("^Vâng, rút lại"))
    expect(sure).to_be_hidden()
    page.locator("summary", has_text="Rút lại").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Tòa soạn thôi trả lời bạn qua thư.")).to_be_visible()
    fits(page)
    sure.click()
    expect(page.get_by_text("Đã rút lại.")).to_be_visible()
    assert [row.purpose for row in Consent.objects.get().withdrawals.all()] == ["reply"]

    page.get_by_role("link", name="Xóa tất cả…").click()
    look(f"{address[0]}xoa/")
    page.get_by_role("button", name="Xóa tất cả").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã xóa dữ liệu của bạn")
    look(page.url)
    assert Feedback.objects.get().body == "Đường vào bản hỏng, gọi tôi số […]."
    assert (ReaderContact.objects.count(), ErasureRecord.objects.count()) == (0, 1)
    assert Outbox.objects.exclude(recipient_digest="").count() == 0
    page.goto(address[0])
    expect(page.get_by_role("alert")).to_contain_text("không còn dùng được")
    looks.close()
