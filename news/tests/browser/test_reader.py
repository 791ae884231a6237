"""A reader's own pages in a real browser: the button in the article, what is followed, switches; nothing for others."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone
from playwright.sync_api import Page, expect

from news.models import Bookmark, Follow, Notification, NotificationChoice, NotificationKind
from news.services import notifying
from news.tests import make

pytestmark = pytest.mark.django_db(transaction=True)
UNREAD = "/tai-khoan/thong-bao/chua-doc/"


def test_a_reader_keeps_follows_and_is_told(
    page: Page, sign_in: Callable[[Any], None], assert_accessible: Callable[[Page], None]
) -> None:
    user = make.make_user(None, full_name="Lò Thị Mai", email="mai@example.vn")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    section, tag = make.make_section("Thời sự"), make.make_tag("Biên giới")
    made = make.make_article("Mùa ban nở", section=section, tags=(tag,))
    edition = make.publish(made, at=timezone.now() - timedelta(hours=1))
    article = f"/tin/{edition.slug}-{edition.article_id}/"
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    # A stranger is told where to log in, inside the article; nothing asks what is new for somebody unknown.
    page.goto(article, wait_until="networkidle")
    page.get_by_role("link", name="Lưu đọc sau").click()
    way = page.locator("#luu-doc-sau").get_by_role("link", name="Đăng nhập")
    assert way.get_attribute("href") == f"/tai-khoan/dang-nhap/?next={article}luu/"
    assert_accessible(page)
    assert [url for url in asked if url.endswith(UNREAD)] == []
    assert page.context.cookies() == []

    # Logged in: kept without leaving the article, then taken off.
    sign_in(user)
    page.reload()
    page.get_by_role("link", name="Lưu đọc sau").click()
    page.get_by_role("button", name="Lưu bài này").click()
    expect(page.get_by_text("Bài này đang ở trong danh sách đã lưu")).to_be_visible()
    assert [row.article_id for row in Bookmark.objects.all()] == [edition.article_id]
    assert page.url.endswith(article)

    # The section and the tag are followed on their own pages.
    for place in (f"/{section.slug}/", f"/chu-de/{tag.slug}/"):
        page.goto(place)
        page.get_by_role("link", name="Theo dõi").click()
        page.get_by_role("button", name="Theo dõi", exact=True).click()
        expect(page.get_by_role("button", name="Thôi theo dõi")).to_be_visible()
        assert_accessible(page)
    assert Follow.objects.count() == 2

    # What is new is told beside "Tài khoản", from the first visit to one's own pages on.
    make.publish(make.make_article("Bài mới", section=section), at=timezone.now())
    comment = make.make_comment(edition)
    notifying.notify(
        user_id=user.pk,
        kind=NotificationKind.COMMENT_ANSWERED,
        at=timezone.now(),
        article_id=made.pk,
        comment_id=comment.pk,
    )
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto("/tai-khoan/")
    expect(page.get_by_text("1 thông báo chưa đọc")).to_be_visible()
    page.goto(article)
    expect(page.get_by_role("link", name="Tài khoản 2 điều bạn chưa xem")).to_be_visible()
    assert_accessible(page)

    page.goto("/tai-khoan/thong-bao/")
    page.get_by_role("button", name="Có người trả lời bình luận của bạn").click()
    page.wait_for_url(f"**{article}**")
    assert Notification.objects.get().read_at is not None

    # Every page by phone; one switch, then all of it off.
    for address in ("", "thong-bao/", "da-luu/", "theo-doi/", "theo-doi/danh-sach/", "binh-luan/", "thu/", "ho-so/"):
        page.goto(f"/tai-khoan/{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
        assert_accessible(page)
    page.goto("/tai-khoan/thong-bao/cach-nhan/")
    page.get_by_role("group", name="Có người trả lời bình luận của tôi").get_by_label("Qua thư").check()
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("status")).to_have_text("Đã lưu cách nhận thông báo.")
    assert NotificationChoice.objects.get(by_mail=True).kind == NotificationKind.COMMENT_ANSWERED
    page.get_by_role("button", name="Tắt tất cả").click()
    expect(page.get_by_role("status")).to_have_text("Đã tắt tất cả thông báo.")
    assert_accessible(page)

    # After a log-out the next page asks once, hears that nobody is there, and asks no more.
    page.context.clear_cookies()
    asked.clear()
    for _ in range(2):
        page.goto(article, wait_until="networkidle")
    assert len([url for url in asked if url.endswith(UNREAD)]) == 1
