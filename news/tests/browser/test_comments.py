"""Bình luận in a real browser: written, answered, liked, changed, with scripts and without; moderated by keyboard."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from news.forms import comment as forms
from news.models import Comment, CommentStatus, ReportReason, WordRule
from news.queries import comments as questions
from news.services import commenting
from news.tests import make

Accessible = Callable[[Page], None]


@pytest.fixture
def edition(transactional_db: None) -> Any:
    return make.publish(make.make_article("Cầu treo Nậm Ban thông xe"), at=timezone.now())


@pytest.fixture
def article(edition: Any) -> str:
    return f"/tin/{edition.slug}-{edition.article_id}/"


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser is quicker than a person; the form need not have been open for three seconds."""
    monkeypatch.setattr(forms, "QUICKEST", 0)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def reader(request: Any, chromium: Any, live_server: Any) -> Any:
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=request.param, locale="vi-VN")
    page = context.new_page()
    page.scripts = request.param
    yield page
    context.close()


def log_in(page: Any, user: Any, live_server: Any) -> None:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])


def test_a_guest_writes_corrects_and_takes_back(reader: Any, article: str, edition: Any) -> None:
    root = make.make_comment(edition, "Bao giờ cho xe tải qua?", name="Bác Sùng")
    reader.goto(article)
    assert reader.context.cookies() == []
    reader.get_by_role("link", name="Đọc và viết bình luận").click()
    expect(reader.get_by_text("Bao giờ cho xe tải qua?")).to_be_visible()
    assert reader.context.cookies() == []
    reader.get_by_role("link", name="Trả lời Bác Sùng").click()
    reader.get_by_role("textbox", name="Bình luận của bạn").fill("Sau Tết bác ạ.")
    reader.get_by_label("Tên của bạn").fill("Lò Thị Mai")
    reader.get_by_role("button", name="Gửi bình luận").click()
    expect(reader.get_by_role("alert")).to_be_visible()
    expect(reader.get_by_role("textbox", name="Bình luận của bạn")).to_have_value("Sau Tết bác ạ.")
    reader.get_by_label("Thư điện tử").fill("mai@example.vn")
    reader.get_by_label("để liên hệ về").check()
    reader.get_by_role("button", name="Gửi bình luận").click()
    expect(reader.get_by_role("heading", name="bình luận đang chờ duyệt")).to_be_visible()
    if reader.scripts:
        expect(reader).to_have_url(re.compile(article + "$"))
    reader.get_by_role("link", name="Xem các bình luận").click()
    expect(reader.get_by_role("heading", name="Bình luận của bạn, chỉ bạn thấy")).to_be_visible()
    reader.get_by_role("link", name="Sửa").click()
    reader.get_by_role("textbox", name="Bình luận của bạn").fill("Ra Giêng bác ạ.")
    reader.get_by_role("button", name="Lưu").click()
    expect(reader.get_by_text("Ra Giêng bác ạ.")).to_be_visible()
    reader.get_by_role("link", name="Rút lại").click()
    reader.get_by_role("button", name="Rút lại").click()
    expect(reader.get_by_text("Bình luận của bạn đã được rút.")).to_be_visible()
    expect(reader.get_by_text("Ra Giêng bác ạ.")).to_have_count(0)
    expect(reader.locator(".comment__state")).to_have_count(0)
    row = Comment.objects.get(parent=root)
    assert (row.body, row.status) == ("Ra Giêng bác ạ.", CommentStatus.WITHDRAWN)


NONE_YET = "Bạn hãy là người đầu tiên"


def test_the_first_comment_is_written_at_once(reader: Any, article: str, edition: Any, live_server: Any) -> None:
    log_in(reader, make.make_user(None), live_server)
    reader.goto(article)
    reader.get_by_role("link", name="Viết bình luận đầu tiên").click()
    reader.get_by_role("link", name="Về các bình luận").click()
    expect(reader.get_by_text(NONE_YET)).to_be_visible()
    reader.get_by_role("link", name="Viết bình luận", exact=True).click()
    reader.get_by_role("textbox", name="Bình luận của bạn").fill("Chúc mừng bà con Nậm Ban.")
    reader.get_by_role("button", name="Gửi bình luận").click()
    expect(reader.get_by_role("heading", name="bình luận đang chờ duyệt")).to_be_visible()
    expect(reader.get_by_text(NONE_YET)).to_have_count(0)
    reader.get_by_role("link", name="Xem các bình luận").click()
    expect(reader.get_by_text("Chúc mừng bà con Nậm Ban.")).to_be_visible()
    expect(reader.get_by_text(NONE_YET)).to_have_count(0)
    reader.goto(article)
    reader.get_by_role("link", name="Viết bình luận đầu tiên").click()
    reader.get_by_role("textbox", name="Bình luận của bạn").fill("Mong cầu bền lâu.")
    reader.get_by_role("button", name="Gửi bình luận").click()
    reader.get_by_role("link", name="Xem các bình luận").click()
    expect(reader.get_by_text("Mong cầu bền lâu.")).to_be_visible()
    if reader.scripts:
        expect(reader).to_have_url(re.compile(article + "$"))


def test_a_link_in_running_text_is_underlined(reader: Any, article: str, edition: Any) -> None:
    row = make.make_comment(edition)
    reader.goto(f"{article}binh-luan/{row.pk}/thich/")
    link = reader.get_by_role("main").get_by_role("link", name="đăng nhập", exact=True)
    assert link.evaluate("link => getComputedStyle(link).textDecorationLine") == "underline"


def test_a_reader_likes_reports_and_reads_on(reader: Any, article: str, edition: Any, live_server: Any) -> None:
    for number in range(23):
        make.make_comment(edition, f"Ý kiến thứ {number} về cây cầu mới.", name=f"Khách {chr(65 + number)}")
    user = make.make_user(None)
    log_in(reader, user, live_server)
    reader.goto(article)
    reader.get_by_role("link", name="Đọc và viết bình luận").click()
    first = reader.locator(".comment").first
    first.get_by_role("link", name=re.compile("^Thích")).click()
    if not reader.scripts:
        reader.get_by_role("button", name="Thích").click()
        reader.get_by_role("link", name="Về các bình luận").click()
    expect(reader.get_by_role("link", name=re.compile("Đã thích"))).to_have_count(1)
    assert Comment.objects.get(like_count=1).body.startswith("Ý kiến thứ 22")
    reader.goto(f"{article}binh-luan/")
    reader.get_by_role("link", name="Bình luận cũ hơn").click()
    expect(reader.get_by_text("Ý kiến thứ 0 về")).to_be_visible()
    expect(reader.locator(".comment")).to_have_count(23 if reader.scripts else 3)
    reader.get_by_role("link", name="Báo xấu bình luận của Khách A").click()
    reader.get_by_label("Quảng cáo, lừa đảo").check()
    reader.get_by_role("button", name="Gửi").click()
    expect(reader.get_by_text("Tòa soạn sẽ xem lại bình luận này.")).to_be_visible()
    assert Comment.objects.filter(report_count=1).count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_readers_pages_are_accessible(
    page: Page, article: str, edition: Any, assert_accessible: Accessible, width: int, scheme: Any
) -> None:
    user = make.make_user("moderator")
    root = make.make_comment(edition, "Một ý kiến dài " + "rất dài " * 60, name="Nguyễn Thị Thanh Hương " * 2)
    for number in range(4):
        make.make_comment(edition, f"Trả lời {number}: " + "x" * 200, answering=root)
    answer = make.moderating.answer(comment_id=root.pk, actor=user, at=timezone.now(), body="Tòa soạn cảm ơn bạn.")
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    for tail in ("", "viet/", f"{root.pk}/", f"{root.pk}/tra-loi/", f"{root.pk}/bao-xau/", "da-gui/"):
        page.goto(f"{article}binh-luan/{tail}")
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, tail
    # A link to one answer opens the thread in the article's page.
    page.goto(f"{article}#binh-luan-{answer.pk}")
    expect(page.locator("[data-picked]")).to_contain_text("Tòa soạn cảm ơn bạn.")
    page.get_by_role("link", name=re.compile("^Tất cả bình luận")).click()
    page.get_by_role("link", name="Viết bình luận", exact=True).click()
    expect(page.get_by_role("textbox", name="Bình luận của bạn")).to_be_focused()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_moderator_goes_through_the_queue_by_keyboard(
    page: Page, edition: Any, sign_in: Callable[[Any], None], assert_accessible: Accessible
) -> None:
    WordRule.objects.get_or_create(pattern="óc chó", match="marked")
    bodies = ["Hay quá, cảm ơn nhà báo.", "Đồ ó.c c.h.ó viết bài.", "Mua thuốc ở evil.com nhé.", "Cầu đẹp lắm."]
    rows = [make.make_comment(edition, body, is_shown=False) for body in bodies]
    sign_in(make.make_user("moderator", full_name="Lường Thị Duyệt"))
    page.goto("/quan-tri/")
    page.get_by_role("link", name="4 bình luận chờ duyệt").click()
    assert_accessible(page)
    expect(page.locator("mark")).to_have_text(["evil.com", "ó.c c.h.ó"])
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Phím tắt")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("d")
    expect(page.get_by_text("Đã duyệt. 1 bình luận.")).to_be_visible()
    page.keyboard.press("r")
    expect(page.get_by_role("dialog", name=re.compile("^Đánh dấu rác bình luận của "))).to_be_visible()
    expect(page.locator("#ly-do [data-press]")).to_have_text("Đánh dấu rác")
    page.keyboard.press("5")
    expect(page.get_by_text("Đã đánh dấu rác. 1 bình luận.")).to_be_visible()
    page.keyboard.press("a")
    page.get_by_label("Lý do khác").fill("Không nói với nhau như vậy")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đã ẩn. 1 bình luận.")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("l")
    expect(page.get_by_role("dialog", name=re.compile("^Khóa người viết .+ trong 30 ngày$"))).to_be_visible()
    expect(page.get_by_role("button", name="Khóa 30 ngày", exact=True)).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_text(re.compile(r"Đã khóa người viết đến \d+/\d+/\d+ và ẩn bình luận này"))).to_be_visible()
    expect(page.get_by_text("Không có bình luận nào ở hàng này.")).to_be_visible()
    found = {row.body: (row.status, row.reason) for row in Comment.objects.all()}
    assert [found[body] for body in bodies] == [
        (CommentStatus.HIDDEN, "Xúc phạm người khác"),
        (CommentStatus.HIDDEN, "Không nói với nhau như vậy"),
        (CommentStatus.SPAM, "Quảng cáo"),
        (CommentStatus.SHOWN, ""),
    ]
    page.goto(f"/quan-tri/news/comment/{rows[1].pk}/change/")
    assert_accessible(page)
    expect(page.get_by_text("khach-")).to_have_count(0)
    page.get_by_role("button", name="Xem thư điện tử").click()
    expect(page.get_by_text("@example.vn")).to_be_visible()
    page.get_by_role("button", name="Khôi phục").click()
    expect(page.get_by_text("Đã khôi phục.")).to_be_visible()
    page.get_by_role("textbox", name="Trả lời thay tòa soạn").fill("Mong bạn nói nhẹ nhàng hơn.")
    page.get_by_role("button", name="Đăng câu trả lời").click()
    expect(page.get_by_text("Đã đăng câu trả lời của tòa soạn.")).to_be_visible()
    page.goto("/quan-tri/news/wordrule/thu/")
    page.get_by_label("Thử một đoạn").fill("Một người óc c h ó nào đó")
    page.get_by_role("button", name="Thử").click()
    expect(page.locator("mark")).to_have_text("óc c h ó")
    assert_accessible(page)


def test_reports_and_appeals_are_answered_by_keyboard_on_a_small_screen(
    page: Page, edition: Any, sign_in: Callable[[Any], None], assert_accessible: Accessible
) -> None:
    user, writer, at = make.make_user("moderator"), make.make_user(None), timezone.now()
    reported = make.make_comment(edition, "Câu bị báo xấu.")
    hidden = make.make_comment(edition, "Câu bị ẩn.", author=writer)
    commenting.report(
        comment_id=reported.pk, user=writer, reason=ReportReason.FALSE, note_of_reader="x" * 400, sender="", at=at
    )
    stamp = questions.stamp_of(hidden)
    make.moderating.decide(comment_id=hidden.pk, step="hide", actor=user, at=at, stamp=stamp, reason="Lạc đề")
    commenting.appeal(comment_id=hidden.pk, viewer=questions.Viewer(writer.pk), words="Đúng đề mà.", at=at)
    sign_in(user)
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto("/quan-tri/news/comment/")
    page.get_by_role("navigation", name="Hàng bình luận").get_by_role("link", name="Bị báo xấu").click()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.keyboard.press("j")
    page.keyboard.press("n")
    expect(page.get_by_text("Đã để nguyên và đóng các lời báo xấu. 1 bình luận.")).to_be_visible()
    page.get_by_role("link", name="Khiếu nại").click()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.keyboard.press("j")
    page.keyboard.press("t")
    expect(page.get_by_role("heading", name="Khiếu nại: Chờ xem lại")).to_be_in_viewport()
    page.get_by_label("Lời trả lời khiếu nại").fill("Bài nói về cầu.")
    page.get_by_role("button", name="Giữ nguyên quyết định").click()
    expect(page.get_by_text("Đã trả lời khiếu nại.")).to_be_visible()


def test_a_moderator_decides_on_many_without_scripts(edition: Any, chromium: Any, live_server: Any) -> None:
    for number in range(3):
        make.make_comment(edition, f"Bình luận {number} chờ duyệt.", is_shown=False)
    page = chromium.new_context(base_url=live_server.url, java_script_enabled=False).new_page()
    log_in(page, make.make_user("moderator"), live_server)
    page.goto("/quan-tri/news/comment/")
    for box in page.get_by_role("checkbox").all()[:2]:
        box.check()
    page.get_by_role("button", name="Duyệt các dòng đã chọn").click()
    expect(page.get_by_text("Đã duyệt. 2 bình luận.")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Ẩn bình luận số")).click()
    expect(page.get_by_text("Hãy chọn hoặc ghi lý do")).to_be_visible()
    page.get_by_role("combobox", name="Lý do").select_option("Quảng cáo")
    page.get_by_role("button", name=re.compile("^Ẩn bình luận số")).click()
    expect(page.get_by_text("Đã ẩn. 1 bình luận.")).to_be_visible()
    page.context.close()
