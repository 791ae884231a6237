"""Bản tin in a real browser without scripts: asked for, confirmed, changed, stopped; and the desk that looks at it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from news.models import Masthead, Subscriber
from news.services import newsletter, subscribing
from news.tests import make
from news.tests.conftest import Witness
from news.tests.post_office import PostOffice, run_worker

pytestmark = pytest.mark.django_db(transaction=True)


def link_in(text: str, word: str) -> str:
    """The path of the link in a mail that leads below /ban-tin/<word>/."""
    (found,) = re.findall(rf"https?://[^/\s]+(/ban-tin/{word}/\S+)", text)
    return found


def test_a_reader_subscribes_without_scripts_and_stops(
    chromium: Browser, live_server: LiveServer, post_office: PostOffice
) -> None:
    Masthead.objects.create(name="Báo Điện Biên")
    make.make_section("Văn hóa")
    context = chromium.new_context(base_url=live_server.url, locale="vi-VN", java_script_enabled=False)
    witness = Witness(context, live_server.url)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="Nhận bản tin qua thư").click()
    page.get_by_label("Thư điện tử").fill("mai@example.vn")
    page.get_by_label("Mỗi tuần một thư").check()
    page.get_by_label("Văn hóa").check()
    witness.expect("status of 422")
    page.get_by_role("button", name="Đăng ký").click()
    page.get_by_text("Tòa soạn chỉ nhận được khi bạn đồng ý điều này.").wait_for()
    assert page.get_by_label("Văn hóa").is_checked()
    page.get_by_label(re.compile("Tôi đồng ý để tòa soạn giữ địa chỉ thư này")).check()
    page.get_by_role("button", name="Đăng ký").click()
    page.get_by_role("heading", name="Hãy xem hộp thư của bạn").wait_for()
    run_worker()
    page.goto(link_in(post_office.texts[0], "xac-nhan"))
    page.get_by_role("button", name="Xác nhận đăng ký").click()
    page.get_by_role("heading", name="Bạn đã đăng ký bản tin").wait_for()
    page.get_by_role("link", name="Đổi định kỳ, chuyên mục").click()
    page.get_by_label("Mỗi ngày một thư").check()
    page.get_by_role("button", name="Lưu").click()
    page.get_by_text("Đã lưu.").wait_for()
    row = Subscriber.objects.get()
    assert (row.state, row.frequency, [section.name for section in row.sections.all()]) == (
        *("active", "daily", ["Văn hóa"]),
    )
    run_worker()
    page.goto(link_in(post_office.texts[1], "thoi-nhan"))
    page.get_by_role("button", name="Thôi nhận bản tin").click()
    page.get_by_role("heading", name="Bạn đã thôi nhận bản tin").wait_for()
    row.refresh_from_db()
    assert row.state == "stopped"
    assert witness.unexpected() == []
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_its_pages_are_for_everybody(page: Page, assert_accessible: Callable[[Page], None], width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    make.make_section("Văn hóa")
    row = make.make_subscriber("mai@example.vn")
    token = subscribing.own_token(row)
    for address in ("/ban-tin/", "/ban-tin/da-gui/", f"/ban-tin/cua-toi/{token}/", f"/ban-tin/thoi-nhan/{token}/"):
        page.goto(address)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_desk_looks_at_the_newsletter_and_at_who_wants_no_mail(
    page: Page, sign_in: Callable[[Any], None], assert_accessible: Callable[[Page], None], witness: Any
) -> None:
    witness.expect(
        "does not match the recipient window's origin ('null')"
    )  # axe asks the mail's frame, whose sandbox answers nobody
    make.publish(make.make_article("Mùa ban nở"), at=timezone.now() - timedelta(hours=1))
    issue = make.make_issue(timezone.now(), state="sending", total_count=10, sent_count=3)
    sign_in(make.make_user("secretary", email="thu.ky@example.vn"))
    page.goto("/quan-tri/news/newsletterissue/")
    assert_accessible(page)
    page.get_by_role("link", name="Xem trước bản tin hằng tuần").click()
    page.locator("summary", has_text="Dạng chữ").press("Enter")
    page.get_by_text("Mùa ban nở").first.wait_for()
    assert_accessible(page)
    framed = page.frame_locator(".mail-frame")
    framed.get_by_role("link", name="Mùa ban nở").wait_for()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Mở riêng").click()
    opened.value.get_by_role("link", name="Mùa ban nở").wait_for()
    for mail in (framed.locator(".name"), opened.value.locator(".name")):
        ground = mail.evaluate("name => getComputedStyle(name).borderBottomStyle")
        assert ground == "solid"  # its style is let in
    opened.value.close()
    page.goto(f"/quan-tri/news/newsletterissue/{issue.pk}/change/")
    page.get_by_role("button", name="Tạm dừng").click()
    page.get_by_text("Đã tạm dừng.").wait_for()
    assert_accessible(page)
    newsletter.plans()
    row = make.make_subscriber("mai@example.vn")
    sign_in(make.make_user("administrator"))
    for address in ("newsletterplan/", "subscriber/", "mailstop/", "mailstop/add/", "scheduledrun/", "outbox/"):
        page.goto(f"/quan-tri/news/{address}")
        assert_accessible(page)
    page.goto(f"/quan-tri/news/subscriber/{row.pk}/change/")
    page.get_by_role("button", name="Xem địa chỉ (che bớt)").click()
    page.get_by_text("m***@example.vn").wait_for()
    assert_accessible(page)
    page.goto("/quan-tri/news/mailstop/tra-cuu/")
    page.get_by_label("Thư điện tử").fill("mai@example.vn")
    page.get_by_role("button", name="Tra cứu").click()
    page.get_by_text("Địa chỉ này không dừng loại thư nào.").wait_for()
    assert_accessible(page)
