"""A letter's way in a real browser: sent, mailed by a real worker to a real server, answered, followed up."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from news.models import Feedback, FeedbackAnswer, Masthead
from news.tests import make
from news.tests.browser.test_desk import INLINE, SMALL
from news.tests.post_office import PostOffice, mailers, open_office, run_worker

AT = timezone.now() - timedelta(hours=3)
Accessible = Callable[[Page], None]
LONG = "Đường liên xã từ bản Nà Tăm đi trung tâm huyện sạt lở. " * 60 + "https://vi-du.example/" + "rat-dai-" * 60


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    """A real SMTP server that the site mails through."""
    office, controller = open_office()
    settings.MAILERS = mailers(office.port)
    yield office
    controller.stop()


def a_newsroom() -> Any:
    Masthead.objects.create(name="Báo Tây Bắc", email="bandoc@example.vn", phone="0213 000 000")
    article = make.make_article("Đường liên xã sạt lở", section=make.make_section("Thời sự"), at=AT)
    return make.publish(article, at=AT + timedelta(hours=1))


def fill(page: Page) -> None:
    page.get_by_label("Nội dung phản hồi").fill("Tỷ lệ 144/2.086 phải là 6,90%.")
    page.get_by_role("textbox", name="Họ và tên").fill("Lò Thị Mai")
    page.get_by_role("textbox", name="Thư điện tử").fill("mai@example.vn")
    page.get_by_role("textbox", name="Điện thoại").fill("0912 345 678")
    page.get_by_role("checkbox", name=re.compile("trả lời phản hồi này")).check()


def fits(page: Page) -> None:
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{page.url} is {wider} px too wide"
    assert page.evaluate(INLINE) == []


def test_from_the_letter_to_its_answer(
    page: Page, sign_in: Any, witness: Any, assert_accessible: Accessible, office: PostOffice
) -> None:
    witness.expect("status of 422")
    edition = a_newsroom()
    page.goto(f"/tin/{edition.slug}-{edition.article_id}/phan-hoi/")
    page.get_by_role("button", name="Gửi phản hồi").click()
    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    assert_accessible(page)
    alert.get_by_role("link", name="Họ và tên").click()
    expect(page.get_by_role("textbox", name="Họ và tên")).to_be_focused()
    fill(page)
    page.get_by_role("button", name="Gửi phản hồi").click()
    expect(page.get_by_role("heading", name="Tòa soạn đã nhận phản hồi của bạn")).to_be_visible()
    code = page.locator(".letter__code").inner_text()
    assert_accessible(page)

    run_worker()
    (receipt,) = office.mails
    assert office.recipients == ["mai@example.vn"]
    assert (receipt["Reply-To"], receipt["Subject"]) == ("bandoc@example.vn", f"Đã nhận phản hồi {code}")
    assert code in receipt.get_content()
    assert f"{site_settings.SITE_URL}/phan-hoi/tra-cuu/" in receipt.get_content()

    moderator = make.make_user("moderator", full_name="Lê Thị Kiểm")
    sign_in(moderator)
    page.goto("/quan-tri/")
    page.get_by_role("link", name="1 thư mới").click()
    page.get_by_role("link", name=code).click()
    expect(page.get_by_text("mai@example.vn")).to_be_visible()
    page.get_by_role("button", name="Nhận xử lý").click()
    expect(page.get_by_role("status")).to_contain_text("Bạn đã nhận xử lý thư này.")
    page.get_by_role("textbox", name="Lời đáp").fill("Chào chị Mai,\n\nTòa soạn đã sửa. Cảm ơn chị.")
    page.get_by_role("button", name="Gửi lời đáp").dblclick()
    expect(page.get_by_role("status")).to_contain_text("Đã gửi lời đáp")
    expect(page.locator(".letter-answer")).to_have_count(1)
    assert FeedbackAnswer.objects.count() == 1

    run_worker()
    assert office.recipients == ["mai@example.vn"] * 2
    assert office.mails[1]["Subject"] == f"Trả lời phản hồi {code}"
    text = office.mails[1].get_content().replace("\r\n", "\n")
    assert text.startswith("Chào chị Mai,\n\nTòa soạn đã sửa. Cảm ơn chị.\n\nBáo Tây Bắc\n")
    assert "> Tỷ lệ 144/2.086 phải là 6,90%." in text
    assert "Kiểm" not in text

    page.context.clear_cookies()
    page.goto("/phan-hoi/")
    page.get_by_role("link", name="Tra cứu bằng mã và thư điện tử").click()
    page.get_by_label("Mã phản hồi").fill(code.replace("-", "").lower())
    page.get_by_role("textbox", name="Thư điện tử").fill("lan@example.vn")
    page.get_by_role("button", name="Tra cứu").click()
    expect(page.get_by_role("alert")).to_contain_text("Không tìm thấy phản hồi nào")
    page.get_by_role("textbox", name="Thư điện tử").fill("mai@example.vn")
    page.get_by_role("textbox", name="Thư điện tử").press("Enter")
    expect(page.get_by_role("heading", name=f"Phản hồi {code}")).to_be_visible()
    expect(page.get_by_text("Đã trả lời")).to_be_visible()
    expect(page.get_by_text("Tòa soạn đã sửa. Cảm ơn chị.")).to_be_visible()
    expect(page.get_by_role("link", name="Đường liên xã sạt lở")).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320), ("light", 320)])
def test_the_readers_pages(
    page: Page, witness: Any, assert_accessible: Accessible, db: None, scheme: str, width: int
) -> None:
    witness.expect("status of 422")
    edition = a_newsroom()
    letter = make.make_letter(LONG, article=edition.article, email="mai@example.vn")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    for address in ("/phan-hoi/", "/phan-hoi/tra-cuu/", f"/tin/{edition.slug}-{edition.article_id}/phan-hoi/"):
        page.goto(address)
        fits(page)
        assert_accessible(page)
        page.get_by_role("main").get_by_role("button").last.click()
        expect(page.get_by_role("alert")).to_be_focused()
        fits(page)
        assert_accessible(page)
    page.goto("/phan-hoi/tra-cuu/")
    page.get_by_label("Mã phản hồi").fill(letter.code)
    page.get_by_role("textbox", name="Thư điện tử").fill("mai@example.vn")
    page.get_by_role("button", name="Tra cứu").click()
    expect(page.get_by_role("heading", name=letter.code)).to_be_visible()
    fits(page)
    assert_accessible(page)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360), ("light", 360)])
def test_the_desks_pages(
    page: Page, sign_in: Any, witness: Any, assert_accessible: Accessible, scheme: str, width: int
) -> None:
    witness.expect("status of 409", "status of 403")
    edition = a_newsroom()
    chief = make.make_user("chief", full_name="Hoàng Thị Tổng")
    new, answered, closed = (make.make_letter(LONG, article=edition.article, at=AT) for _ in range(3))
    FeedbackAnswer.objects.create(feedback=answered, body=LONG, answered_by=chief, answered_at=AT)
    Feedback.objects.filter(pk=answered.pk).update(status="answered", owner=chief, due_at=AT)
    Feedback.objects.filter(pk=closed.pk).update(status="closed")
    sign_in(chief)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    addresses = ["/quan-tri/", "/quan-tri/news/feedback/", "/quan-tri/news/feedback/?tinh-trang=spam"]
    addresses += [f"/quan-tri/news/feedback/{letter.pk}/change/" for letter in (new, answered, closed)]
    for address in (*addresses, f"/quan-tri/news/feedback/{new.pk}/history/"):
        page.goto(address)
        fits(page)
        assert_accessible(page)
        assert width > 360 or page.evaluate(SMALL) == [], address
    # Somebody else was faster.
    page.goto(addresses[3])
    Feedback.objects.filter(pk=new.pk).update(kind="tip")
    page.get_by_label("Thêm ghi chú nội bộ").fill("Của tôi")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("alert")).to_contain_text("sửa thư này sau khi bạn mở: loại")
    expect(page.get_by_label("Thêm ghi chú nội bộ")).to_have_value("Của tôi")
    fits(page)
    assert_accessible(page)
    page.get_by_label(re.compile("^Tôi đã xem những thay đổi")).check()
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("status")).to_contain_text("Đã lưu.")


def test_enter_in_a_field_saves_and_sends_nothing(page: Page, sign_in: Any, db: None) -> None:
    letter = make.make_letter(at=AT)
    sign_in(make.make_user("moderator"))
    page.goto(f"/quan-tri/news/feedback/{letter.pk}/change/")
    page.get_by_role("textbox", name="Lời đáp").fill("Chưa xong")
    page.get_by_label("Hạn trả lời").fill("20/12/2026 08:00")
    page.get_by_label("Hạn trả lời").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Đã lưu. Lời đáp chưa gửi vẫn còn trong ô.")
    expect(page.get_by_role("textbox", name="Lời đáp")).to_have_value("Chưa xong")
    assert FeedbackAnswer.objects.count() == 0


def test_without_scripts(chromium: Browser, context: Any, live_server: Any, sign_in: Any) -> None:
    edition = a_newsroom()
    sign_in(make.make_user("moderator"))
    bare = chromium.new_context(
        base_url=live_server.url, java_script_enabled=False, storage_state=context.storage_state()
    )
    try:
        page = bare.new_page()
        page.goto(f"/tin/{edition.slug}-{edition.article_id}/phan-hoi/")
        fill(page)
        page.get_by_role("button", name="Gửi phản hồi").click()
        code = page.locator(".letter__code").inner_text()
        letter = Feedback.objects.get(code=code)
        page.goto(f"/quan-tri/news/feedback/{letter.pk}/change/")
        page.get_by_role("textbox", name="Lời đáp").fill("Đã sửa.")
        page.get_by_role("button", name="Gửi lời đáp").click()
        page.get_by_role("button", name="Mở lại").click()
        page.get_by_role("button", name="Kết thúc").click()
        letter.refresh_from_db()
        assert (letter.status, letter.answers.get().body) == ("closed", "Đã sửa.")
        page.goto("/phan-hoi/tra-cuu/")
        page.get_by_label("Mã phản hồi").fill(code)
        page.get_by_role("textbox", name="Thư điện tử").fill("mai@example.vn")
        page.get_by_role("button", name="Tra cứu").click()
        expect(page.get_by_text("Đã kết thúc")).to_be_visible()
    finally:
        bare.close()
