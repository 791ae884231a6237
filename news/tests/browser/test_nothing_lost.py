"""Nothing typed is lost: the line goes dead, the browser is killed, the server is killed, the log-in ends, two people
write at once. In a real browser; in the end every word is there.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import Error as PlaywrightError

from accounts.models import User
from config.testing import KEYS
from news import markup
from news.models import Article, Draft, EditLock, WorkflowStep
from news.services import drafting
from news.tests import make
from news.tests.browser.test_editor import PASTE, PASTED
from news.tests.conftest import REPORT_VIOLATIONS

Accessible = Callable[[Page], None]
ADD = "/quan-tri/news/article/add/"
KEPT = re.compile("Đã giữ bản đang gõ lúc")


def change(article: Article) -> str:
    return f"/quan-tri/news/article/{article.pk}/change/"


def settled(page: Page) -> None:
    expect(page.locator(".editor[data-ready]")).to_be_visible()


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    settled(page)
    return page


def write_body(page: Page, text: str) -> None:
    page.locator(".editor-text").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def title(page: Page) -> Any:
    return page.get_by_label(re.compile("^Tiêu đề"))


def state_of(draft: Draft) -> dict[str, str]:
    return dict(drafting.read_state(draft.state))


def cookie_of(user: User, address: str) -> Any:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": address, "httpOnly": True, "sameSite": "Lax"}


@pytest.fixture
def another(chromium: Browser, live_server: Any) -> Iterator[Callable[[User], BrowserContext]]:
    """`another(user)`: a further browser in which that user is logged in."""
    made = []

    def another(user: User) -> BrowserContext:
        context = chromium.new_context(base_url=live_server.url, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
        context.set_default_timeout(10_000)
        context.add_cookies([cookie_of(user, live_server.url)])
        made.append(context)
        return context

    yield another
    for context in made:
        context.close()


# --- Kept every few seconds --------------------------------------------------------------------------


def test_every_field_is_kept_rows_added_by_the_page_included(
    page: Page, sign_in: Any, assert_accessible: Accessible
) -> None:
    article = make.make_article("Cũ", byline=(make.make_author("PV"),))
    sign_in(article.created_by)
    opened(page, change(article))
    title(page).fill("Tên đang gõ")
    write_body(page, " Thêm một câu.")
    byline = page.locator('[data-rows="ten-ky"]')
    for name in ("Lò Thị Dòng Hai", "Lò Thị Dòng Ba"):
        byline.get_by_role("button", name="Thêm dòng").click()
        byline.locator('input[name$="-author"]').last.fill(name)
    expect(page.locator("[data-kept]")).to_have_text(KEPT)
    assert_accessible(page)
    draft = Draft.objects.get()
    state = state_of(draft)
    assert (draft.article, draft.owner, draft.title) == (article, article.created_by, "Tên đang gõ")
    assert state["body"] == "<p>Nội dung bài viết. Thêm một câu.</p>"
    authors = [value for name, value in state.items() if re.fullmatch(r"ten-ky-\d+-author", name) and value]
    assert [name.partition(" (")[0] for name in authors] == ["PV", "Lò Thị Dòng Hai", "Lò Thị Dòng Ba"]
    assert not {"csrfmiddlewaretoken", "_save"} & set(state)
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('ban-go:'))") == []
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text("Đã lưu.")).to_be_visible()
    assert not Draft.objects.exists()


def test_a_form_that_grows_too_large_is_told_before_anything_is_lost(
    page: Page, sign_in: Any, assert_accessible: Accessible, monkeypatch: Any, witness: Any
) -> None:
    witness.expect("status of 413")
    article = make.make_article("Cũ")
    sign_in(article.created_by)
    opened(page, change(article))
    room = page.evaluate("[...new FormData(document.getElementById('article_form'))].length")
    monkeypatch.setattr(drafting, "MOST_PAIRS", room + 12)
    opened(page, change(article))
    byline = page.locator('[data-rows="ten-ky"]')
    add = byline.get_by_role("button", name="Thêm dòng")
    for _ in range(6):
        add.click()
    expect(byline.get_by_role("status")).to_contain_text("nhiều dòng hết mức máy chủ nhận trong một lần")
    assert byline.locator(":scope > [data-row]").count() < 7
    assert_accessible(page)
    # What came some other way (an older page, a script) is told too, and is not sent away to be refused.
    monkeypatch.setattr(drafting, "MOST_PAIRS", room - 20)
    title(page).fill("Tên đang gõ")
    expect(page.locator("[data-kept]")).to_contain_text("hãy bỏ bớt dòng rồi bấm Lưu")
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.wait_for_timeout(1500)
    expect(title(page)).to_have_value("Tên đang gõ")
    expect(page.locator("[data-kept]")).to_contain_text("hãy bỏ bớt dòng rồi bấm Lưu")
    assert Article.objects.get().title == "Cũ"
    monkeypatch.undo()
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text("Đã lưu.")).to_be_visible()


def test_reading_alone_keeps_nothing_and_closing_asks_nothing(page: Page, sign_in: Any) -> None:
    article = make.make_article("Bài")
    sign_in(article.created_by)
    opened(page, change(article))
    title(page).focus()
    write_body(page, "")
    page.wait_for_timeout(3000)
    page.goto("/quan-tri/")
    assert not Draft.objects.exists()


def test_a_dead_line_keeps_the_text_here_until_it_is_back(page: Page, sign_in: Any, witness: Any) -> None:
    witness.expect("ERR_INTERNET_DISCONNECTED")
    article = make.make_article("Cũ")
    sign_in(article.created_by)
    opened(page, change(article))
    title(page).fill("Gõ khi có mạng")
    expect(page.locator("[data-kept]")).to_have_text(KEPT)
    page.context.set_offline(True)
    title(page).fill("Gõ khi mất mạng")
    expect(page.locator("[data-kept]")).to_contain_text("Mất kết nối: bản đang gõ được giữ trong máy này")
    copies = page.evaluate("Object.entries(localStorage).filter(([name]) => name.startsWith('ban-go:'))")
    assert [("Gõ khi mất mạng" in value) for _, value in copies] == [True]
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.locator("[data-kept]")).to_contain_text("chưa lưu được")
    expect(title(page)).to_have_value("Gõ khi mất mạng")
    assert Draft.objects.get().title == "Gõ khi có mạng"
    page.context.set_offline(False)
    expect(page.locator("[data-kept]")).to_have_text(KEPT)
    assert Draft.objects.get().title == "Gõ khi mất mạng"
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('ban-go:'))") == []
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text("Đã lưu.")).to_be_visible()
    article.refresh_from_db()
    assert article.title == "Gõ khi mất mạng"


def test_what_was_typed_offline_is_offered_after_the_browser_was_closed(
    page: Page, sign_in: Any, witness: Any, assert_accessible: Accessible
) -> None:
    witness.expect("ERR_INTERNET_DISCONNECTED")
    article = make.make_article("Cũ")
    sign_in(article.created_by)
    opened(page, change(article))
    page.context.set_offline(True)
    title(page).fill("Chỉ ở trong máy")
    expect(page.locator("[data-kept]")).to_contain_text("được giữ trong máy này")
    page.close()  # without a word to anybody
    page.context.set_offline(False)
    again = opened(page.context.new_page(), change(article))
    expect(again.get_by_text("Máy này còn giữ một bản gõ")).to_contain_text("Chỉ ở trong máy")
    assert_accessible(again)
    again.get_by_role("button", name="Mở bản này").click()
    expect(title(again)).to_have_value("Chỉ ở trong máy")
    assert Draft.objects.get().title == "Chỉ ở trong máy"
    # Nobody else who uses this machine is shown it.
    sign_in(make.make_user("editor"))
    stranger = opened(page.context.new_page(), change(article))
    expect(stranger.get_by_text("Máy này còn giữ")).to_have_count(0)


def test_a_killed_browser_finds_everything_again(
    another: Any, live_server: Any, db: None, assert_accessible: Accessible
) -> None:
    make.make_section("Chính trị")
    reporter = make.make_user("reporter")
    killed = another(reporter)
    page = opened(killed.new_page(), ADD)
    title(page).fill("Bài mới chưa lưu lần nào")
    page.get_by_label(re.compile("^Chuyên mục")).select_option("Chính trị")
    write_body(page, "Đoạn gõ dở.")
    page.locator('input[name="ten-ky-0-author"]').fill("Lò Thị A")
    expect(page.locator("[data-kept]")).to_have_text(KEPT)
    killed.close()

    page = another(reporter).new_page()
    page.goto("/quan-tri/")
    expect(page.get_by_role("heading", name="Đang gõ dở, chưa lưu")).to_be_visible()
    opened(page, ADD)
    expect(page.get_by_role("heading", name="Bạn có bản đang gõ chưa lưu")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name=re.compile("^Mở bản đang gõ")).click()
    settled(page)
    expect(title(page)).to_have_value("Bài mới chưa lưu lần nào")
    expect(page.locator(".editor-text")).to_contain_text("Đoạn gõ dở.")
    expect(page.locator('input[name="ten-ky-0-author"]')).to_have_value("Lò Thị A")
    assert_accessible(page)
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text("Đã lưu bản nháp.")).to_be_visible()
    article = Article.objects.get()
    assert (article.title, article.body) == ("Bài mới chưa lưu lần nào", "<p>Đoạn gõ dở.</p>")
    assert article.contributions.get().author.name == "Lò Thị A"
    assert not Draft.objects.exists()


def test_one_draft_opened_in_two_windows_becomes_two(page: Page, sign_in: Any, witness: Any) -> None:
    witness.expect("status of 409")
    reporter = make.make_user("reporter")
    sign_in(reporter)
    opened(page, ADD)
    title(page).fill("Gốc")
    expect(page.locator("[data-kept]")).to_have_text(KEPT)
    key = Draft.objects.get().key
    one = opened(page.context.new_page(), f"{ADD}?nhap={key}")
    two = opened(page.context.new_page(), f"{ADD}?nhap={key}")
    title(one).fill("Cửa sổ một")
    expect(one.locator("[data-kept]")).to_have_text(KEPT)
    title(two).fill("Cửa sổ hai")
    expect(two.locator("[data-kept]")).to_have_text(KEPT)
    assert sorted(Draft.objects.values_list("title", flat=True)) == ["Cửa sổ hai", "Cửa sổ một"]


# --- Leaving -------------------------------------------------------------------------------------------


def test_leaving_asks_only_while_something_is_neither_saved_nor_kept(page: Page, sign_in: Any, witness: Any) -> None:
    witness.expect("ERR_INTERNET_DISCONNECTED")
    article = make.make_article("Cũ")
    sign_in(article.created_by)
    opened(page, change(article))
    asked = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.context.set_offline(True)
    title(page).click()
    page.keyboard.type("Mới ")
    with suppress(PlaywrightError):
        page.get_by_role("link", name="← Bài viết").click(no_wait_after=True)
    for _ in range(50):
        if asked:
            break
        page.wait_for_timeout(100)
    assert asked == ["beforeunload"]
    assert "Mới" in title(page).input_value()
    page.context.set_offline(False)
    expect(page.locator("[data-kept]")).to_have_text(KEPT)
    page.get_by_role("link", name="← Bài viết").click()
    expect(page.get_by_role("heading", name="Bài viết")).to_be_visible()
    assert asked == ["beforeunload"]


# --- The log-in ends -----------------------------------------------------------------------------------


def test_a_log_in_that_ends_in_the_middle_costs_no_word(
    page: Page, live_server: Any, db: None, witness: Any, assert_accessible: Accessible
) -> None:
    witness.expect("status of 401", "status of 403")
    password = "mot-mat-khau-rat-dai-2026"
    reporter = make.make_user("reporter", username="pv", password=password)
    make.make_user("editor", username="btv", full_name="Lê Biên Tập", password=password)
    article = make.make_article("Cũ", author=reporter)

    def log_in(tab: Page, name: str) -> None:
        tab.goto("/quan-tri/")
        tab.get_by_label("Tên đăng nhập hoặc thư điện tử").fill(name)
        tab.get_by_label("Mật khẩu", exact=True).fill(password)
        tab.get_by_role("button", name="Đăng nhập").click()
        expect(tab.get_by_role("heading", name="Bàn làm việc")).to_be_visible()

    log_in(page, "pv")
    opened(page, change(article))
    title(page).fill("Gõ trước khi hết phiên")
    expect(page.locator("[data-kept]")).to_have_text(KEPT)
    Session.objects.all().delete()
    title(page).fill("Gõ sau khi hết phiên")
    dialog = page.get_by_role("dialog", name="Phiên đăng nhập đã hết")
    expect(dialog).to_be_visible()
    assert_accessible(page)
    with page.context.expect_page() as fresh:
        dialog.get_by_role("link", name=re.compile("^Đăng nhập lại")).click()
    tab = fresh.value
    log_in(tab, "btv")
    expect(dialog).to_contain_text("Bạn đã đăng nhập bằng tài khoản Lê Biên Tập")
    assert Draft.objects.get().title == "Gõ trước khi hết phiên"
    Session.objects.all().delete()
    log_in(tab, "pv")
    expect(dialog).to_be_hidden()
    expect(page.locator("[data-kept]")).to_have_text(KEPT)
    assert Draft.objects.get().title == "Gõ sau khi hết phiên"
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text("Đã lưu.")).to_be_visible()
    article.refresh_from_db()
    assert article.title == "Gõ sau khi hết phiên"


def test_saving_with_an_ended_log_in_sends_nothing_into_the_void(page: Page, sign_in: Any, witness: Any) -> None:
    witness.expect("status of 401", "status of 403")
    article = make.make_article("Cũ")
    sign_in(article.created_by)
    opened(page, change(article))
    title(page).fill("Vẫn còn đây")
    Session.objects.all().delete()
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("dialog", name="Phiên đăng nhập đã hết")).to_be_visible()
    expect(title(page)).to_have_value("Vẫn còn đây")
    sign_in(article.created_by)
    expect(page.get_by_role("dialog", name="Phiên đăng nhập đã hết")).to_be_hidden()
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text("Đã lưu.")).to_be_visible()


# --- Two at once -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("looks", [("light", 1280), ("dark", 360)])
def test_two_people_at_once_end_with_the_words_of_both(
    page: Page, sign_in: Any, another: Any, witness: Any, assert_accessible: Accessible, looks: tuple[Any, int]
) -> None:
    witness.expect("status of 409")
    page.emulate_media(color_scheme=looks[0])
    page.set_viewport_size({"width": looks[1], "height": 800})
    article = make.make_article(
        "Hội nghị tổng kết năm", lead="Sáng nay.", body="<p>Đoạn một của bài.</p><p>Đoạn hai của bài.</p>"
    )
    editor = make.make_user("editor", full_name="Lê Biên Tập")
    sign_in(article.created_by)
    opened(page, change(article))
    other = opened(another(editor).new_page(), change(article))
    title(other).fill("Hội nghị tổng kết năm 2026 của tỉnh")
    other.get_by_label("Sa-pô").fill("Sa-pô của biên tập viên.")
    write_body(other, " Chữ của biên tập viên.")
    other.get_by_role("button", name="Lưu", exact=True).click()
    expect(other.get_by_text("Đã lưu.")).to_be_visible()

    title(page).fill("Khai mạc hội nghị tổng kết năm")
    page.locator(".editor-text p").first.click()
    page.keyboard.press("Home")
    page.keyboard.type("Chữ của phóng viên. ")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.get_by_text(re.compile(r"Lê Biên Tập đã lưu bài lúc \d\d:\d\d \(lần lưu 2\), mới hơn"))).to_be_visible()
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("heading", name="Hai người cùng sửa bài này")).to_be_visible()
    settled(page)
    expect(page.get_by_text(re.compile(r"Lê Biên Tập đã lưu bài lúc \d\d:\d\d \(lần lưu 2\), sau khi"))).to_be_visible()
    expect(page.locator("#khac-lead")).to_have_count(0)
    expect(page.locator(".words ins").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert_accessible(page)
    page.get_by_role("button", name="Lưu bản đã trộn").click()
    expect(page.get_by_text("Đã lưu.")).to_be_visible()
    article.refresh_from_db()
    assert article.body == (
        "<p>Chữ của phóng viên. Đoạn một của bài.</p><p>Đoạn hai của bài. Chữ của biên tập viên.</p>"
    )
    assert (article.title, article.lead, article.version) == (
        "Khai mạc hội nghị tổng kết năm 2026 của tỉnh",
        "Sa-pô của biên tập viên.",
        3,
    )


@pytest.mark.parametrize("looks", [("light", 1280), ("dark", 360)])
def test_two_people_in_one_delegation_end_with_the_words_of_both(
    page: Page, sign_in: Any, another: Any, witness: Any, assert_accessible: Accessible, looks: tuple[Any, int]
) -> None:
    witness.expect("status of 409")
    page.emulate_media(color_scheme=looks[0])
    page.set_viewport_size({"width": looks[1], "height": 800})
    names = ("Trần Văn A", "Lò Thị B", "Lý Văn C")
    delegation = make.make_delegation("Đoàn công tác", *(make.attendee(make.make_person(name)) for name in names))
    picture = make.make_image(alt="Cầu mới")
    article = make.make_article(
        "Bài",
        delegations=(delegation,),
        body=f'<p>Đoàn đi thăm cầu mới ở xã.</p><figure data-image="{picture.pk}"></figure>',
    )
    editor = make.make_user("editor", full_name="Lê Biên Tập")
    sign_in(article.created_by)
    opened(page, change(article))
    other = opened(another(editor).new_page(), change(article))
    rows = f"doan-{delegation.pk}-nguoi"
    other.locator(f'[name="{rows}-2-positions"]').fill("Chức do biên tập ghi")
    other.locator(f'[name="{rows}-1-positions"]').fill("Giám đốc")
    other.locator(".editor-text p").first.click()
    other.keyboard.press("End")
    other.keyboard.type(" Câu của biên tập.")
    other.get_by_role("button", name="Lưu", exact=True).click()
    expect(other.get_by_text("Đã lưu.")).to_be_visible()

    page.locator(f'[name="{rows}-0-positions"]').fill("Chức do phóng viên ghi")
    page.locator(f'[name="{rows}-1-positions"]').fill("Phó giám đốc")
    page.locator(".editor-text p").first.click()
    page.keyboard.press("Home")
    page.keyboard.type("Câu của phóng viên. ")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("heading", name="Hai người cùng sửa bài này")).to_be_visible()
    settled(page)
    asked = page.locator("[data-conflict]")
    expect(asked.get_by_role("heading", level=2)).to_have_text(["Nội dung", "Đoàn công tác, Lò Thị B: Chức vụ hôm đó"])
    expect(page.locator(".mixed .figure-view img").first).to_be_visible()
    expect(page.locator(".mixed .figure-view").first).to_have_css("border-top-style", "solid")
    for folded in page.locator("details").all():
        folded.evaluate("element => element.open = true")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert_accessible(page)
    if shots := os.environ.get("SHOTS"):
        page.screenshot(path=Path(shots) / f"conflict-{looks[1]}-{looks[0]}.png", full_page=True)
    asked.last.get_by_role("radio", name="Bản đã lưu").check()
    page.get_by_role("button", name="Lưu bản đã trộn").click()
    expect(page.get_by_text("Đã lưu.")).to_be_visible()
    lines = delegation.attendees.order_by("order")
    assert list(lines.values_list("name", "positions")) == [
        ("Trần Văn A", "Chức do phóng viên ghi"), ("Lò Thị B", "Giám đốc"), ("Lý Văn C", "Chức do biên tập ghi"),
    ]  # fmt: skip
    article.refresh_from_db()
    assert markup.plain(article.body).startswith("Câu của phóng viên. Đoàn đi thăm cầu mới ở xã. Câu của biên tập.")


def test_one_passage_written_twice_is_put_in_order_in_the_editor(
    page: Page, sign_in: Any, another: Any, witness: Any
) -> None:
    witness.expect("status of 409")
    article = make.make_article("Bài", body="<p>Đoàn gồm 12 người.</p>")
    editor = make.make_user("editor")
    sign_in(article.created_by)
    opened(page, change(article))
    other = opened(another(editor).new_page(), change(article))
    for window, number in ((other, "14"), (page, "13")):
        window.locator(".editor-text").click()
        window.keyboard.press("Control+a")
        window.keyboard.type(f"Đoàn gồm {number} người.")
    other.get_by_role("button", name="Lưu", exact=True).click()
    expect(other.get_by_text("Đã lưu.")).to_be_visible()
    page.get_by_role("button", name="Lưu", exact=True).click()
    settled(page)
    mixed = page.locator(".mixed .editor-text")
    expect(mixed).to_contain_text("Đoàn gồm 13 người.")
    expect(mixed).to_contain_text("Đoàn gồm 14 người.")
    expect(page.get_by_role("radio", name=re.compile("^Bản trộn"))).not_to_be_checked()
    mixed.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Đã hỏi lại.")
    expect(page.get_by_role("radio", name=re.compile("^Bản trộn"))).to_be_checked()
    page.get_by_role("button", name="Lưu bản đã trộn").click()
    expect(page.get_by_text("Đã lưu.")).to_be_visible()
    article.refresh_from_db()
    assert article.body == "<p>Đoàn gồm 13 người.</p><p>Đoàn gồm 14 người. Đã hỏi lại.</p>"


def test_the_lock_is_shown_taken_over_and_told(
    page: Page, sign_in: Any, another: Any, assert_accessible: Accessible
) -> None:
    article = make.make_article("Bài")
    writer = article.created_by
    editor = make.make_user("editor", full_name="Lê Biên Tập")
    sign_in(writer)
    opened(page, change(article))
    expect(page.locator("[data-lock]")).to_be_hidden()
    title(page).fill("Đang gõ dở")
    expect(page.locator("[data-kept]")).to_have_text(KEPT)
    assert EditLock.objects.get().holder == writer

    other = opened(another(editor).new_page(), change(article))
    expect(other.locator("[data-lock]")).to_contain_text(f"{writer.get_full_name()} đang sửa bài này từ")
    assert_accessible(other)
    other.get_by_role("link", name="Nhận sửa thay…").click()
    assert_accessible(other)
    other.get_by_label(re.compile("^Lý do")).fill("Phóng viên đi vắng")
    other.get_by_role("button", name="Nhận sửa bài này").click()
    settled(other)
    expect(other.get_by_text(f"Bản đang gõ của {writer.get_full_name()}")).to_be_visible()
    expect(other.locator("[data-lock]")).to_be_hidden()
    assert WorkflowStep.objects.get().reason == f"Từ {writer.get_full_name()}. Phóng viên đi vắng"

    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("[data-lock]")).to_contain_text("Lê Biên Tập đã nhận sửa bài lúc")
    expect(page.locator("[data-lock]")).to_contain_text("Bản của bạn được giữ nguyên")
    assert Draft.objects.get().title == "Đang gõ dở"

    # The lock ends with the page: whoever comes next finds the article free.
    other.goto("/quan-tri/")
    page.goto("/quan-tri/")
    expect(page.get_by_role("heading", name="Bàn làm việc")).to_be_visible()
    deadline = time.monotonic() + 30
    while EditLock.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not EditLock.objects.exists()


def test_the_same_article_in_two_windows_of_one_person(page: Page, sign_in: Any) -> None:
    article = make.make_article("Bài")
    sign_in(article.created_by)
    opened(page, change(article))
    expect(page.locator("[data-lock]")).to_be_hidden()
    second = opened(page.context.new_page(), change(article))
    expect(second.locator("[data-lock]")).to_contain_text("Bạn đang mở bài này ở một cửa sổ khác")
    page.reload()
    settled(page)
    expect(page.locator("[data-lock]")).to_be_hidden()


# --- Without scripts --------------------------------------------------------------------------------------


def test_two_at_once_and_an_ended_log_in_without_scripts(chromium: Browser, live_server: Any, db: None) -> None:
    article = make.make_article("Cũ", body="<p>Một hai ba bốn.</p>")
    bare = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    bare.set_default_timeout(10_000)
    try:
        bare.add_cookies([cookie_of(article.created_by, live_server.url)])
        page = bare.new_page()
        page.goto(change(article))
        title(page).fill("Của tôi")
        page.get_by_label("Nội dung").first.fill("<p>Một hai ba bốn năm.</p>")
        fresh = Article.objects.select_related("section").get(pk=article.pk)
        fresh.title, fresh.body = "Của họ", "<p>Không hai ba bốn.</p>"
        make.editing.change(article=fresh, actor=make.make_user("editor"), at=timezone.now(), version=1)
        page.get_by_role("button", name="Lưu", exact=True).click()
        page.get_by_role("radio", name="Của tôi").first.check()
        Session.objects.all().delete()
        page.get_by_role("button", name="Lưu bản đã trộn").click()
        expect(page.get_by_role("heading", name="Chưa lưu được, nhưng không chữ nào mất")).to_be_visible()
        bare.add_cookies([cookie_of(article.created_by, live_server.url)])
        page.get_by_role("button", name="Gửi lại").click()
        expect(page.get_by_text("Đã lưu.")).to_be_visible()
    finally:
        bare.close()
    article.refresh_from_db()
    assert (article.title, article.body) == ("Của tôi", "<p>Không hai ba bốn năm.</p>")


# --- The server is killed -----------------------------------------------------------------------------------

SET_UP = """
from django.test import Client
from django.utils import timezone
from django.conf import settings
from news.tests import make
make.make_section("Chính trị")
reporter = make.make_user("reporter", username="pv")
client = Client()
client.force_login(reporter, backend=settings.AUTHENTICATION_BACKENDS[0])
print("COOKIE=" + client.cookies[settings.SESSION_COOKIE_NAME].value)
"""
LOOK = """
from news.models import Article, Draft
article = Article.objects.get()
print("BODY=" + article.title + "|" + article.body + "|" + str(Draft.objects.count()))
"""


class Server:
    """The site as it runs on somebody's machine: its own process, its own SQLite file."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "PATH": os.environ["PATH"], **KEYS, "NO_DOTENV": "1", "DATA_DIR": str(folder), "DEBUG": "1",
            "SITE_URL": self.url, "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONWARNINGS": "ignore",
        }  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None

    def manage(self, *words: str, script: str = "") -> str:
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=settings.BASE_DIR, env=self.environment, input=script, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{self.port}"],
            cwd=settings.BASE_DIR, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        for _ in range(900):
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz/", timeout=1):
                return
            time.sleep(0.1)
        pytest.fail("the server does not answer")

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None


@pytest.mark.browser
def test_a_server_killed_in_the_middle_of_typing_costs_no_word(chromium: Browser, tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.manage("migrate", "-v0")
    cookie = re.search("COOKIE=(.+)", server.manage("shell", "-v0", script=SET_UP))
    assert cookie is not None
    context = chromium.new_context(base_url=server.url, locale="vi-VN")
    context.set_default_timeout(30_000)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie[1].strip(), "url": server.url}])
    try:
        server.start()
        page = opened(context.new_page(), ADD)
        title(page).fill("Viết khi máy chủ chết")
        page.get_by_label(re.compile("^Chuyên mục")).select_option("Chính trị")
        write_body(page, "Câu một.")
        expect(page.locator("[data-kept]")).to_have_text(KEPT)
        server.kill()
        write_body(page, " Câu hai.")
        expect(page.locator("[data-kept]")).to_contain_text("Mất kết nối")
        page.get_by_role("button", name="Lưu", exact=True).click()
        expect(page.locator("[data-kept]")).to_contain_text("chưa lưu được")
        write_body(page, " Câu ba.")
        page.wait_for_timeout(1000)
        page.close()  # and the browser goes too
        server.start()
        page = opened(context.new_page(), ADD)
        page.get_by_role("button", name="Mở bản này").click()
        expect(title(page)).to_have_value("Viết khi máy chủ chết")
        settled(page)
        write_body(page, " Câu bốn.")
        page.get_by_role("button", name="Lưu", exact=True).click()
        expect(page.get_by_text("Đã lưu bản nháp.")).to_be_visible()
        said = server.manage("shell", "-v0", script=LOOK)
        assert "BODY=Viết khi máy chủ chết|<p>Câu một. Câu hai. Câu ba. Câu bốn.</p>|0" in said
    finally:
        context.close()
        server.kill()


# --- All of it, one article ---------------------------------------------------------------------------------

LIBRARY = """
from news.tests import make
for colour in ("red", "green", "blue", "gold", "navy"):
    make.make_image(colour, caption="Ảnh " + colour)
"""
STORED = """
from news.models import Article, Draft
article = Article.objects.get()
print("STORED=" + article.title + "|" + article.lead + "|" + str(Draft.objects.count()) + "|" + article.body)
"""


def insert_pictures(page: Page, tool: str, kind: Any, captions: list[str]) -> None:
    """Choose pictures of the library in the editor's dialog of that name."""
    page.get_by_role("button", name=tool, exact=True).click()
    dialog = page.get_by_role("dialog", name=tool)
    for caption in captions:
        dialog.get_by_role(kind, name=re.compile(caption)).check()
    dialog.get_by_role("button", name="Chèn", exact=True).click()
    expect(dialog).to_have_count(0)


def write_last(page: Page, text: str) -> None:
    """Go on in the last paragraph, whatever pictures stand above it."""
    page.locator(".editor-text > p").last.click()
    page.keyboard.press("End")
    page.keyboard.type(text)


@pytest.mark.browser
def test_an_article_from_word_with_pictures_survives_everything(chromium: Browser, tmp_path: Path) -> None:
    """Paste, three pictures and a gallery; no line, no server, no browser; two windows at once: every word is there."""
    server = Server(tmp_path)
    server.manage("migrate", "-v0")
    cookie = re.search("COOKIE=(.+)", server.manage("shell", "-v0", script=SET_UP))
    assert cookie is not None
    server.manage("shell", "-v0", script=LIBRARY)
    context = chromium.new_context(base_url=server.url, locale="vi-VN", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie[1].strip(), "url": server.url}])
    violations: list[str] = []
    context.add_init_script(REPORT_VIOLATIONS)
    context.on("console", lambda message: violations.append(message.text) if "CSP:" in message.text else None)
    try:
        server.start()
        page = opened(context.new_page(), ADD)
        title(page).fill("Báo cáo chép từ Word")
        page.get_by_label(re.compile("^Chuyên mục")).select_option("Chính trị")
        page.evaluate(PASTED, [(PASTE / "word_report.html").read_text(encoding="utf-8"), "x"])
        for caption in ("Ảnh red", "Ảnh green", "Ảnh blue"):
            page.locator(".editor-text").press("Control+End")
            insert_pictures(page, "Chèn ảnh", "radio", [caption])
            page.keyboard.press("Enter")
        page.locator(".editor-text").press("Control+End")
        insert_pictures(page, "Chèn chùm ảnh", "checkbox", ["Ảnh gold", "Ảnh navy"])
        page.keyboard.press("Enter")
        page.keyboard.type("Câu lưu lần đầu.")
        page.get_by_role("button", name="Lưu", exact=True).click()
        expect(page.get_by_text("Đã lưu bản nháp.")).to_be_visible()
        address = page.url

        settled(page)
        write_last(page, " Câu khi có mạng.")
        expect(page.locator("[data-kept]")).to_have_text(KEPT)
        context.set_offline(True)
        write_last(page, " Câu khi mất mạng.")
        expect(page.locator("[data-kept]")).to_contain_text("Mất kết nối")
        context.set_offline(False)
        expect(page.locator("[data-kept]")).to_have_text(KEPT)
        server.kill()
        write_last(page, " Câu khi máy chủ chết.")
        expect(page.locator("[data-kept]")).to_contain_text("Mất kết nối")
        page.close()  # the browser goes with it

        server.start()
        page = opened(context.new_page(), address)
        page.get_by_role("button", name="Mở bản này").click()
        settled(page)
        expect(page.locator(".editor-text")).to_contain_text("Câu khi máy chủ chết.")
        other = opened(context.new_page(), address)
        title(other).fill("Báo cáo chép từ Word, tên của cửa sổ kia")
        other.get_by_label("Sa-pô").fill("Sa-pô của cửa sổ kia.")
        other.get_by_role("button", name="Lưu", exact=True).click()
        expect(other.get_by_text("Đã lưu.")).to_be_visible()
        write_last(page, " Câu sau cùng.")
        page.get_by_role("button", name="Lưu", exact=True).click()
        expect(page.get_by_role("heading", name="Bạn đang mở bài này ở hai cửa sổ")).to_be_visible()
        page.get_by_role("button", name="Lưu bản đã trộn").click()
        expect(page.get_by_text("Đã lưu.")).to_be_visible()

        said = re.search("STORED=(.+)", server.manage("shell", "-v0", script=STORED), re.DOTALL)
        assert said is not None
        heading, lead, _drafts, body = said[1].split("|", 3)
        assert (heading, lead) == ("Báo cáo chép từ Word, tên của cửa sổ kia", "Sa-pô của cửa sổ kia.")
        pasted = markup.plain((PASTE / "expected" / "word_report.html").read_text(encoding="utf-8"))
        typed = "Câu lưu lần đầu. Câu khi có mạng. Câu khi mất mạng. Câu khi máy chủ chết. Câu sau cùng."
        assert markup.plain(body).split() == [*pasted.split(), *typed.split()]
        assert [tuple(figure.images) for figure in markup.figures(body)] == [(1,), (2,), (3,), (4, 5)]
        assert not violations
    finally:
        context.close()
        server.kill()
