"""Gửi cho bạn bè in a real browser: by keyboard, with mistakes, to the thanks; the page that stops it; the outbox."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from news.models import MailScope, MailStop, Masthead, Outbox
from news.services import outbox, stopping
from news.tests import make
from news.tests.conftest import Witness

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def masthead() -> None:
    """The newspaper has a name."""
    Masthead.objects.create(name="Báo Điện Biên")


@pytest.mark.parametrize("width", [320, 1280])
def test_a_reader_sends_an_article(
    page: Page, witness: Witness, assert_accessible: Callable[[Page], None], width: int
) -> None:
    edition = make.publish(make.make_article("Mùa ban nở"))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"/tin/{edition.slug}-{edition.article_id}/gui-ban-be/")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_label("Tên của bạn").fill("Lò Thị Mai")
    page.get_by_label("Thư điện tử của người nhận").fill("không phải thư")
    page.get_by_label("Lời nhắn").fill("Đọc nhé!")
    witness.expect("status of 422")
    page.get_by_role("button", name="Gửi bài").press("Enter")
    page.get_by_text("Hãy ghi đúng một địa chỉ thư, ví dụ mai@example.vn.").wait_for()
    assert_accessible(page)
    assert page.get_by_label("Lời nhắn").input_value() == "Đọc nhé!"
    page.get_by_label("Thư điện tử của người nhận").fill("ban@example.vn")
    page.get_by_role("button", name="Gửi bài").click()
    page.get_by_role("heading", name="Cảm ơn bạn đã gửi bài").wait_for()
    assert_accessible(page)
    assert Outbox.objects.count() == 1


def test_a_recipient_wants_no_more_of_it(page: Page, assert_accessible: Callable[[Page], None]) -> None:
    page.goto(f"/gui-ban-be/dung/{stopping.token('ban@example.vn', MailScope.SHARE)}/")
    assert_accessible(page)
    page.get_by_role("button", name="Dừng nhận thư").click()
    page.get_by_role("heading", name="Đã dừng").wait_for()
    assert_accessible(page)
    assert (MailStop.objects.count(), page.context.cookies()) == (1, [])


def test_an_administrator_tries_the_outbox(
    page: Page, sign_in: Callable[[Any], None], assert_accessible: Callable[[Page], None]
) -> None:
    user = make.make_user("administrator", email="quan.tri@example.vn")
    mail = outbox.post(
        kind="feedback_answer", recipient="a@example.vn", subject="Trả lời", text="Thư", at=timezone.now()
    )
    Outbox.objects.filter(pk=mail.pk).update(given_up_at=timezone.now(), last_error="Máy chủ thư từ chối (550).")
    sign_in(user)
    page.goto("/quan-tri/news/outbox/")
    assert_accessible(page)
    page.get_by_role("button", name="Gửi thử").click()
    page.get_by_text("Thư thử đang được gửi tới địa chỉ của bạn.").wait_for()
    assert_accessible(page)
    page.goto(f"/quan-tri/news/outbox/{mail.pk}/change/")
    assert_accessible(page)
    page.get_by_role("button", name="Gửi lại").click()
    page.get_by_text("Thư đang được gửi lại.").wait_for()
    assert Outbox.objects.filter(given_up_at=None).count() == 2
