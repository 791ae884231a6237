"""A reader's voice from beginning to end: account, comment, approval, answer, report, decision.

And the end of it all, after which nothing says who it was. In a real browser, by mail through a real server.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from news.forms import comment as comment_forms
from news.models import Comment, CommentStatus, Masthead, Notification
from news.tests import make
from news.tests.conftest import Witness
from news.tests.post_office import PostOffice, run_worker

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "mot-mat-khau-rat-dai-2026"
NAME, ADDRESS = "Lò Thị Mai Khôi", "mai.khoi@example.vn"
SAID = "Tôi là Lò Thị Mai Khôi ở bản Nà Tăm, mùa này hoa nở đẹp lắm."


@pytest.fixture
def others(chromium: Browser, live_server: LiveServer) -> Iterator[Callable[[User], Page]]:
    """`others(user)`: a tab of somebody else, in a browser of their own."""
    opened: list[BrowserContext] = []

    def tab(user: User) -> Page:
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        context = chromium.new_context(base_url=live_server.url, locale="vi-VN", reduced_motion="reduce")
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        opened.append(context)
        return context.new_page()

    yield tab
    for context in opened:
        context.close()


def mailed(office: PostOffice, to: str) -> list[tuple[str, str]]:
    """Subject and text of what that address was sent, the newest last."""
    run_worker()
    found = zip(office.recipients, office.mails, office.texts, strict=True)
    return [(mail["Subject"], text) for address, mail, text in found if address == to]


def link_in(text: str, before: str) -> str:
    """The path of the link in a mail."""
    found = re.search(rf"https?://[^/\s]+({re.escape(before)}\S*)", text)
    assert found is not None, text
    return found[1]


def dump() -> str:
    """Everything every table holds, as text."""
    found = ""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += repr(cursor.fetchall())
    return found


def write(page: Page, words: str) -> None:
    """Send the comment form that is open."""
    page.get_by_label("Bình luận của bạn").fill(words)
    page.get_by_role("button", name="Gửi bình luận").click()
    page.get_by_role("heading", name="Cảm ơn bạn, bình luận đang chờ duyệt").wait_for()


def decide(desk: Page, row: Comment, button: str, reason: str = "") -> None:
    """The moderator opens the comment at the desk, gives a reason where one is due, and presses the button."""
    desk.goto(f"/quan-tri/news/comment/{row.pk}/change/")
    if reason:
        desk.get_by_label("Lý do", exact=True).select_option(label=reason)
    desk.get_by_role("button", name=button, exact=True).click()
    desk.locator(".messages .success").wait_for()


def test_a_reader_registers_is_heard_answered_and_forgotten(
    page: Page,
    others: Callable[[User], Page],
    post_office: PostOffice,
    witness: Witness,
    assert_accessible: Callable[[Page], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(comment_forms, "QUICKEST", 0)
    Masthead.objects.create(name="Báo Điện Biên")
    edition = make.publish(make.make_article("Mùa ban nở"), at=timezone.now() - timedelta(hours=1))
    article = f"/tin/{edition.slug}-{edition.article_id}/"
    desk = others(make.make_user("moderator", username="kiem-duyet"))
    neighbour = others(make.make_user(None, full_name="Pờ Văn Sinh", email="sinh@example.vn"))

    # Registers, and proves the address by the mail.
    page.goto(article)
    page.get_by_role("link", name="Tài khoản").first.click()
    page.get_by_role("link", name="Đăng ký").click()
    page.get_by_label("Tên hiển thị").fill(NAME)
    page.get_by_label("Thư điện tử").fill(ADDRESS)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_label("Tôi đồng ý để tòa soạn giữ tên").check()
    page.get_by_role("button", name="Đăng ký").click()
    page.get_by_role("heading", name="Hãy xem hộp thư").wait_for()
    ((_, text),) = mailed(post_office, ADDRESS)
    page.goto(link_in(text, "/tai-khoan/xac-nhan-thu/"))
    page.get_by_role("button", name="Đúng, xác nhận").click()
    page.wait_for_load_state()

    # Wants to hear by mail too.
    page.goto("/tai-khoan/thong-bao/cach-nhan/")
    assert page.get_by_label("Qua thư").first.is_checked() is False
    for kind in ("Có người trả lời bình luận của tôi", "Tòa soạn duyệt, ẩn hoặc xem lại bình luận của tôi"):
        page.get_by_role("group", name=kind).get_by_label("Qua thư").check()
    page.get_by_role("button", name="Lưu").click()

    # Comments inside the article; it waits, and nobody else sees it.
    page.goto(article)
    page.get_by_role("link", name="Viết bình luận đầu tiên").click()
    write(page, SAID)
    row = Comment.objects.get()
    assert (row.status, row.author.full_name) == (CommentStatus.HELD, NAME)
    stranger = Client(headers={"User-Agent": make.PHONE})
    assert SAID not in stranger.get(f"{article}binh-luan/").content.decode()

    # Approved: it stands there, and its writer is told on the page and by mail.
    decide(desk, row, "Duyệt")
    assert SAID in stranger.get(f"{article}binh-luan/").content.decode()
    assert [subject for subject, _ in mailed(post_office, ADDRESS)[1:]] == [
        "Tòa soạn đã xem xét bình luận của bạn | Báo Điện Biên"
    ]
    page.goto("/tai-khoan/thong-bao/")
    page.get_by_role("button", name="Bình luận của bạn đã được duyệt và đang hiện").click()
    expect(page.get_by_text(SAID)).to_be_visible()

    # Answered by another reader, whose first comment waits as well.
    neighbour.goto(f"{article}binh-luan/{row.pk}/tra-loi/")
    write(neighbour, "Năm nay nở sớm thật.")
    assert len(mailed(post_office, ADDRESS)) == 2
    answer = Comment.objects.get(parent=row)
    decide(desk, answer, "Duyệt")
    subject, text = mailed(post_office, ADDRESS)[-1]
    assert subject == "Có người trả lời bình luận của bạn | Báo Điện Biên"
    assert "Năm nay nở sớm" not in text
    page.goto(link_in(text, article))
    expect(page.get_by_text("Năm nay nở sớm thật.")).to_be_visible()
    page.goto("/tai-khoan/thong-bao/")
    assert_accessible(page)
    page.get_by_role("button", name="Có người trả lời bình luận của bạn").click()
    expect(page.get_by_text("Năm nay nở sớm thật.")).to_be_visible()

    # Reported, hidden with a reason, which its writer reads.
    neighbour.goto(f"{article}binh-luan/{row.pk}/bao-xau/")
    neighbour.get_by_label("Lộ thông tin riêng của người khác").check()
    neighbour.get_by_role("button", name="Gửi").click()
    neighbour.wait_for_load_state()
    row.refresh_from_db()
    assert row.report_count == 1
    decide(desk, row, "Ẩn", "Lộ thông tin riêng của người khác")
    assert SAID not in stranger.get(f"{article}binh-luan/").content.decode()
    assert mailed(post_office, ADDRESS)[-1][0] == "Tòa soạn đã xem xét bình luận của bạn | Báo Điện Biên"
    page.goto("/tai-khoan/binh-luan/")
    expect(page.get_by_text("Lộ thông tin riêng của người khác")).to_be_visible()
    assert_accessible(page)
    decide(desk, row, "Khôi phục")

    # What is kept can be seen; then all of it goes.
    page.goto("/tai-khoan/du-lieu/")
    page.get_by_role("button", name="Mở trang dữ liệu của tôi").click()
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Xác nhận").click()
    expect(page.get_by_text(SAID)).to_be_visible()
    assert NAME in dump()
    page.goto("/tai-khoan/xoa/")
    page.get_by_label("Tôi hiểu rằng").check()
    page.get_by_role("button", name="Xóa tài khoản của tôi").click()
    expect(page.get_by_role("heading", name="Đã xóa tài khoản")).to_be_visible()
    run_worker()
    assert {row.user.full_name for row in Notification.objects.all()} == {"Pờ Văn Sinh"}
    shown = stranger.get(f"{article}binh-luan/").content.decode()
    assert "mùa này hoa nở đẹp lắm" in shown
    everything = dump()
    for trace in (NAME, ADDRESS, "mai.khoi"):
        assert trace not in shown
        assert trace.casefold() not in everything.casefold(), trace
