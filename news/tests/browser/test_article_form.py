"""The article's form in a real browser: rows by keyboard and by hand, chips, counts, keys, the reader's view beside."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from news.models import Article, ArticleTemplate, Role, Side
from news.tests import make

Accessible = Callable[[Page], None]
WIDE, PHONE = {"width": 1720, "height": 1000}, {"width": 360, "height": 740}


def form(article: Article) -> str:
    return f"/quan-tri/news/article/{article.pk}/change/"


def a_visit(count: int = 3) -> Any:
    """A delegation with that many people, the first its head."""
    people = [make.make_person(f"Người {n}", (f"Chức vụ {n}", date(2020, 1, 1), None)) for n in range(1, count + 1)]
    lines = [make.attendee(one, role=Role.HEAD if one is people[0] else Role.ATTEND) for one in people]
    return make.make_delegation("Đoàn công tác", *lines)


def saved(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="Đã lưu.")).to_be_visible()


def names(article: Article) -> list[str]:
    return [row.name for row in article.delegations.get().attendees.order_by("order", "id")]


def test_a_list_is_put_in_order_by_keyboard_and_by_hand(
    page: Page, sign_in: Any, transactional_db: None, assert_accessible: Accessible
) -> None:
    article = make.make_article("Bài", delegations=(a_visit(),))
    sign_in(article.created_by)
    page.goto(form(article))
    first = page.get_by_role("group", name="Đại biểu 1").get_by_role("combobox", name="Nhân sự")
    first.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_role("group", name="Đại biểu 2").get_by_role("combobox", name="Nhân sự")).to_be_focused()
    expect(page.locator("[data-announce]")).to_have_text("Người 1: nay ở vị trí 2 trên 3.")
    page.get_by_role("button", name="Lên: đại biểu 3").click()
    expect(page.get_by_role("button", name="Lên: đại biểu 2")).to_be_focused()
    assert_accessible(page)

    handle = page.locator(".rows-people .row-handle").nth(2)
    handle.evaluate("handle => handle.scrollIntoView({ block: 'center' })")
    start, target = handle.bounding_box(), page.get_by_role("group", name="Đại biểu 1").bounding_box()
    assert start is not None
    assert target is not None
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(start["x"] + 5, target["y"] + target["height"] / 2, steps=8)
    page.mouse.move(start["x"] + 5, target["y"] + 2, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Lưu", exact=True).click()
    saved(page)
    assert names(article) == ["Người 1", "Người 2", "Người 3"]


def test_a_row_is_taken_out_and_taken_back(page: Page, sign_in: Any, transactional_db: None) -> None:
    article = make.make_article("Bài", delegations=(a_visit(),))
    sign_in(article.created_by)
    page.goto(form(article))
    page.get_by_role("button", name="Bỏ: đại biểu 2").click()
    expect(page.get_by_text("Đã bỏ: Người 2", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Hoàn lại: Người 2")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đã bỏ: Người 2", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Bỏ: đại biểu 3").click()
    page.get_by_role("button", name="Lưu", exact=True).click()
    saved(page)
    assert names(article) == ["Người 1", "Người 2"]


def test_thirty_people_are_typed_with_the_keyboard_alone(page: Page, sign_in: Any, transactional_db: None) -> None:
    for n in range(1, 31):
        make.make_person(f"Đại biểu Số{n:02}", (f"Chức vụ {n}", date(2020, 1, 1), None))
    article = make.make_article("Bài")
    sign_in(article.created_by)
    page.goto(form(article))
    page.get_by_label("Ngày diễn ra sự kiện").fill("20/5/2025")
    page.get_by_text("Lập đoàn mới").click()
    page.get_by_label("Tên đoàn").fill("Đoàn ba mươi người")
    page.get_by_role("group", name="Đại biểu 1", exact=True).get_by_role("combobox", name="Nhân sự").focus()
    for n in range(1, 31):
        page.keyboard.type(f"so{n:02}")
        expect(page.locator(".pick-list [role=option]")).to_have_text([re.compile(f"Số{n:02}")])
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        if n < 30:
            page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Đại biểu 30", exact=True).get_by_label("Chức vụ hôm đó")).to_have_value(
        "Chức vụ 30"
    )
    page.keyboard.press("Control+s")
    saved(page)
    rows = list(article.delegations.get().attendees.order_by("order", "id"))
    assert [(row.name, row.positions) for row in rows] == [(f"Đại biểu Số{n:02}", f"Chức vụ {n}") for n in range(1, 31)]


def test_the_next_line_goes_on_with_the_same_party(page: Page, sign_in: Any, transactional_db: None) -> None:
    article = make.make_article("Bài", delegations=(a_visit(1),))
    sign_in(article.created_by)
    page.goto(form(article))
    page.get_by_role("group", name="Đại biểu 1").get_by_label("Bên").select_option(Side.HOST)
    page.locator(".rows-people").first.get_by_role("button", name="Thêm dòng").click()
    second = page.get_by_role("group", name="Đại biểu 2")
    expect(second.get_by_role("combobox", name="Nhân sự")).to_be_focused()
    expect(second.get_by_label("Bên")).to_have_value(Side.HOST)


def test_tags_are_chips(page: Page, sign_in: Any, transactional_db: None, assert_accessible: Accessible) -> None:
    make.make_tag("Lai Châu")
    article = make.make_article("Bài", tags=(make.make_tag("Dân vận"),))
    sign_in(article.created_by)
    page.goto(form(article))
    field, chips = page.get_by_role("combobox", name="Từ khóa"), page.get_by_role("list", name="Từ khóa đã chọn")
    field.press_sequentially("Mùa hoa,")
    field.press_sequentially("lai châu")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(chips.get_by_role("listitem")).to_have_text(["Dân vận×", "Mùa hoamới×", "lai châu×"])
    assert_accessible(page)
    page.keyboard.press("Backspace")
    expect(field).to_have_value("lai châu")
    expect(chips.get_by_role("listitem")).to_have_count(2)
    page.get_by_role("button", name="Bỏ từ khóa Dân vận").click()
    page.get_by_role("button", name="Lưu", exact=True).click()
    saved(page)
    assert sorted(tag.name for tag in article.tags.all()) == ["Lai Châu", "Mùa hoa"]


def test_counts_follow_and_speak_only_at_the_limit(page: Page, sign_in: Any, transactional_db: None) -> None:
    article = make.make_article("Bài")
    sign_in(article.created_by)
    page.goto(form(article))
    title, count = page.get_by_label(re.compile("^Tiêu đề")), page.locator("#id_title_count")
    expect(count).to_have_text("3/100 ký tự · 1 từ")
    title.fill("ă" * 100)
    expect(count).to_have_text("100/100 ký tự · 1 từ")
    expect(page.locator("[data-announce]")).to_have_text("")
    title.press_sequentially("b")
    expect(count).to_have_text("101/100 ký tự, dài hơn 1 ký tự · 1 từ")
    expect(page.locator("[data-announce]")).to_have_text("Tiêu đề: quá 100 ký tự.")
    expect(page.locator(".card-title")).to_have_text("ă" * 89 + "…")


def test_saving_by_key_brings_the_cursor_back(page: Page, sign_in: Any, transactional_db: None) -> None:
    article = make.make_article("Bài", body="<p>Một hai ba</p>" * 30)
    sign_in(article.created_by)
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto(form(article))
    lead = page.get_by_label("Sa-pô")
    lead.click()
    page.keyboard.press("Home")
    page.keyboard.type("Mới. ")
    page.keyboard.press("Control+s")
    saved(page)
    expect(lead).to_be_focused()
    assert lead.evaluate("field => field.selectionStart") == len("Mới. ")

    text = page.locator(".editor-text")
    text.locator("p").nth(20).click()
    page.keyboard.press("End")
    page.keyboard.type(" bốn")
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    saved(page)
    expect(text).to_be_focused()
    page.wait_for_timeout(300)
    page.keyboard.type(" năm")
    expect(text.locator("p").nth(20)).to_have_text("Một hai ba bốn năm")

    # A save that was refused leads to why, wherever one was writing.
    page.get_by_label(re.compile("^Tiêu đề")).fill("")
    text.locator("p").nth(25).click()
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    refused = page.get_by_role("alert").filter(has_text="Chưa lưu được.")
    expect(refused).to_be_focused()
    expect(refused).to_be_in_viewport()


def test_keys_are_told_and_silent_behind_a_dialog(
    page: Page, sign_in: Any, transactional_db: None, assert_accessible: Accessible
) -> None:
    article = make.make_article("Bài")
    sign_in(article.created_by)
    page.goto(form(article))
    page.get_by_role("button", name="Phím tắt").click()
    expect(page.get_by_role("dialog", name="Phím tắt")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Alt+Shift+G")
    page.keyboard.press("Control+s")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Phím tắt")).to_be_hidden()
    page.get_by_label("Sa-pô").press_sequentially("Sao? ")
    expect(page.get_by_role("dialog", name="Phím tắt")).to_be_hidden()
    page.keyboard.press("Alt+Shift+G")
    expect(page.get_by_role("status").filter(has_text="Đã gửi biên tập.")).to_be_visible()
    article.refresh_from_db()
    assert (article.state, article.version) == ("submitted", 3)
    assert "Sao?" in article.lead


def test_the_readers_view_follows_what_is_typed_and_saves_nothing(
    page: Page, sign_in: Any, transactional_db: None, assert_accessible: Accessible
) -> None:
    article = make.make_article("Bài cũ", body="<p>Đoạn</p>" * 40)
    sign_in(article.created_by)
    page.set_viewport_size(WIDE)
    page.goto(form(article))
    page.keyboard.press("Alt+Shift+P")
    seen = page.frame_locator("[data-beside-pane] iframe")
    expect(seen.get_by_role("heading", level=1)).to_have_text("Bài cũ")
    page.locator("[data-beside-pane] iframe").evaluate("frame => frame.contentWindow.scrollTo(0, 600)")
    page.get_by_label(re.compile("^Tiêu đề")).fill("Bài mới <b>đậm</b>")
    expect(seen.get_by_role("heading", level=1)).to_have_text("Bài mới <b>đậm</b>")
    page.wait_for_function(
        "() => Math.abs(document.querySelector('[data-beside-pane] iframe').contentWindow.scrollY - 600) < 5"
    )
    page.get_by_role("button", name="Máy tính").click()
    expect(page.get_by_role("button", name="Máy tính")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDE["width"]
    assert_accessible(page)
    article.refresh_from_db()
    assert (article.title, article.version) == ("Bài cũ", 1)
    page.get_by_role("button", name="Lưu", exact=True).click()
    saved(page)
    expect(seen.get_by_role("heading", level=1)).to_have_text("Bài mới <b>đậm</b>")
    # A window made narrow and wide again: over the form, beside it.
    for size, is_over in (({"width": 1280, "height": 900}, True), (WIDE, False)):
        page.get_by_role("button", name="Xem như bạn đọc").click() if is_over else None
        page.set_viewport_size(size)
        if is_over:
            expect(page.locator("[data-beside-pane]")).not_to_have_attribute("open", "")
            page.get_by_role("button", name="Xem như bạn đọc").click()
    expect(page.get_by_role("button", name="Xem như bạn đọc")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.documentElement.classList.contains('is-beside')")


def test_on_a_phone_the_readers_view_lies_over_the_form(
    page: Page, sign_in: Any, transactional_db: None, assert_accessible: Accessible
) -> None:
    article = make.make_article("Bài", delegations=(a_visit(),), lead_image=make.make_image())
    sign_in(article.created_by)
    page.set_viewport_size(PHONE)
    page.goto(form(article))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Xem như bạn đọc").click()
    dialog = page.get_by_role("dialog", name="Như bạn đọc thấy")
    expect(page.frame_locator("[data-beside-pane] iframe").get_by_role("heading", level=1)).to_have_text("Bài")
    assert_accessible(page)
    dialog.get_by_role("button", name="Đóng").click()
    expect(dialog).to_be_hidden()


def test_the_checks_follow_and_lead_to_their_fields(page: Page, sign_in: Any, transactional_db: None) -> None:
    article = make.make_article("Bài", byline=())
    sign_in(article.created_by)
    page.goto(form(article))
    checks = page.get_by_role("region", name="Kiểm tra trước khi đăng")
    expect(checks.get_by_text("1 lỗi phải sửa")).to_be_visible()
    checks.get_by_role("link", name=re.compile("Chưa có người thực hiện")).click()
    expect(page.get_by_role("combobox", name="Tên ký")).to_be_focused()
    page.keyboard.type("Thu Hà")
    expect(checks.get_by_text("Đăng được")).to_be_visible()
    expect(page.locator("[data-announce]")).to_have_text("Kiểm tra: đăng được.")
    page.keyboard.press("Tab")
    expect(page.get_by_text("“Thu Hà” chưa có trong danh mục: khi lưu sẽ được thêm mới.")).to_be_visible()


def test_a_button_stays_under_the_finger_while_it_is_pressed(page: Page, sign_in: Any, transactional_db: None) -> None:
    """That a name is new is told below its field: not between press and release, where the click would miss."""
    article = make.make_article("Bài")
    sign_in(article.created_by)
    page.goto(form(article))
    byline = page.locator('[data-rows="ten-ky"]')
    add = byline.get_by_role("button", name="Thêm dòng")
    rows, told = byline.locator("[data-row]:visible"), byline.get_by_text("“Lò Thị Mới” chưa có trong danh mục")
    rows.last.locator('input[name$="-author"]').fill("Lò Thị Mới")
    add.scroll_into_view_if_needed()
    box, before = add.bounding_box(), rows.count()
    assert box is not None
    page.mouse.move(box["x"] + 5, box["y"] + box["height"] - 5)
    with page.expect_response(lambda answer: "q=L" in answer.url) as answer:
        page.mouse.down()
    answer.value.finished()
    page.wait_for_timeout(300)
    assert add.bounding_box() == box
    page.mouse.up()
    expect(rows).to_have_count(before + 1)
    expect(told).to_be_visible()


def test_a_picture_shows_as_soon_as_it_is_picked(page: Page, sign_in: Any, transactional_db: None) -> None:
    make.make_image("red", caption="Mùa lúa chín", alt="Ruộng bậc thang")
    article = make.make_article("Bài")
    sign_in(article.created_by)
    page.goto(form(article))
    page.get_by_role("button", name="Chọn trong kho ảnh cho ô Ảnh chính").click()
    dialog = page.get_by_role("dialog", name="Chọn ảnh trong kho")
    dialog.get_by_role("radio", name=re.compile("Mùa lúa chín")).check()
    dialog.get_by_role("button", name="Chọn", exact=True).click()
    expect(page.locator(".lead-shown img")).to_be_visible()
    expect(page.get_by_role("button", name="Chọn trong kho ảnh cho ô Ảnh chính")).to_be_focused()
    field = page.get_by_role("combobox", name="Ảnh chính", exact=True)
    field.fill("")
    field.press("Tab")
    expect(page.locator(".lead-shown img")).to_have_count(0)
    field.press_sequentially("lúa")
    page.get_by_role("option", name=re.compile("Mùa lúa chín")).click()
    expect(page.locator(".lead-shown img")).to_be_visible()
    expect(page.locator(".card-picture img")).to_have_count(1)
    assert page.locator(".lead-shown img").evaluate("image => image.decode().then(() => image.naturalWidth > 0)")


def test_parts_stay_folded_as_they_were_left(page: Page, sign_in: Any, transactional_db: None) -> None:
    article = make.make_article("Bài")
    sign_in(article.created_by)
    page.goto(form(article))
    part = page.locator("[data-fold=tu-khoa]")
    part.locator("summary").click()
    page.reload()
    expect(part).not_to_have_attribute("open", "")


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_new_article_from_a_template(
    chromium: Browser, live_server: Any, sign_in: Any, context: Any, transactional_db: None, *, scripts: bool
) -> None:
    ArticleTemplate.objects.create(
        name="Mẫu thử", hint="Để thử", title="[Cơ quan] họp", body="<p>[Việc gì]</p>", tags="Họp", opens_delegation=True
    )
    make.make_section("Thời sự")
    reporter = make.make_user("reporter")
    sign_in(reporter)
    visitor = chromium.new_context(base_url=live_server.url, java_script_enabled=scripts, locale="vi-VN")
    visitor.add_cookies(context.cookies())
    page = visitor.new_page()
    page.goto("/quan-tri/news/article/add/")
    page.get_by_role("link", name=re.compile("Mẫu thử")).click()
    expect(page.get_by_label(re.compile("^Tiêu đề"))).to_have_value("[Cơ quan] họp")
    expect(page.get_by_label("Tên đoàn")).to_be_visible()
    assert not Article.objects.exists()
    page.get_by_label(re.compile("^Tiêu đề")).fill("Ủy ban họp")
    page.get_by_label(re.compile("^Chuyên mục")).first.select_option("Thời sự")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Đã lưu bản nháp.")).to_be_visible()
    article = Article.objects.get()
    assert (article.title, article.body) == ("Ủy ban họp", "<p>[Việc gì]</p>")
    assert [tag.name for tag in article.tags.all()] == ["Họp"]
    visitor.close()


def test_order_and_removal_without_scripts(
    chromium: Browser, live_server: Any, sign_in: Any, context: Any, transactional_db: None
) -> None:
    article = make.make_article("Bài", delegations=(a_visit(),))
    sign_in(article.created_by)
    visitor = chromium.new_context(base_url=live_server.url, java_script_enabled=False, locale="vi-VN")
    visitor.add_cookies(context.cookies())
    page = visitor.new_page()
    page.goto(form(article))
    page.get_by_role("group", name="Đại biểu 1").get_by_label("Thứ tự").fill("9")
    page.get_by_role("group", name="Đại biểu 2").get_by_label("Bỏ dòng này").check()
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Đã lưu.")).to_be_visible()
    assert names(article) == ["Người 3", "Người 1"]
    visitor.close()
