"""A working day in real browsers: A edits, A cannot publish, B publishes, and readers see the old text until then."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from news.models import Article, Edition
from news.services import demo, ledger
from news.tests.conftest import Witness

PASSWORD = "mat-khau-thu-nghiem"
OLD, NEW = "Con đường mới về bản Huổi Pết", "Con đường mới về bản Huổi Pết đã thông xe"


@pytest.fixture
def article(transactional_db):
    """The demo newsroom and one of its live articles."""
    demo.load(password=PASSWORD, at=timezone.now())
    return Article.objects.get(title=OLD)


@pytest.fixture
def log_in(chromium, live_server):
    """A window of its own for each person, logged in through the real form."""
    contexts, witnesses = [], []

    def open_window(username):
        context = chromium.new_context(base_url=live_server.url, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
        contexts.append(context)
        witnesses.append(Witness(context, live_server.url))
        page = context.new_page()
        if username:
            page.goto("/quan-tri/")
            page.get_by_label(re.compile("Tên đăng nhập")).fill(username)
            page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Đăng nhập").click()
            expect(page.get_by_role("heading", name="Bàn làm việc")).to_be_visible()
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert [line for witness in witnesses for line in witness.unexpected()] == []


def test_an_edit_reaches_readers_only_through_a_second_person(article, log_in):
    change = f"/quan-tri/news/article/{article.pk}/change/"
    edition = Edition.objects.get(article=article)
    address = f"/tin/{edition.slug}-{article.pk}/"
    reader, editor, secretary = log_in(None), log_in("bientapvien2"), log_in("thuky2")

    # Editor A opens the live article for editing and changes it.
    editor.goto(change)
    editor.get_by_role("button", name="Mở lại để sửa").click()
    editor.get_by_label(re.compile("^Tiêu đề")).fill(NEW)
    editor.get_by_role("button", name=re.compile("^Lưu")).first.click()
    expect(editor.get_by_label(re.compile("^Tiêu đề"))).to_have_value(NEW)

    # Readers still see the old text; A is offered no way to publish, and asking all the same is refused.
    reader.goto(address)
    expect(reader.get_by_role("heading", level=1)).to_have_text(OLD)
    expect(editor.get_by_role("button", name=re.compile("^(Duyệt|Xuất bản)$"))).to_have_count(0)
    editor.get_by_role("button", name="Chuyển duyệt xuất bản").click()
    expect(editor.get_by_text("Chờ duyệt xuất bản").first).to_be_visible()
    expect(editor.get_by_role("button", name=re.compile("^(Duyệt|Xuất bản)$"))).to_have_count(0)

    # Secretary B approves and publishes.
    secretary.goto(change)
    secretary.get_by_role("button", name="Duyệt", exact=True).click()
    reader.reload()
    expect(reader.get_by_role("heading", level=1)).to_have_text(OLD)
    secretary.get_by_role("button", name="Xuất bản", exact=True).click()
    expect(secretary.get_by_text("Đã xuất bản").first).to_be_visible()

    # The reader, at the old address, is sent to the new text.
    reader.goto(address)
    expect(reader.get_by_role("heading", level=1)).to_have_text(NEW)
    assert "da-thong-xe" in reader.url
    assert ledger.verify().faults == ()
