"""The desk in a real browser: every page under the strict policy, the editor, pop-ups, picks; then without scripts."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from accounts import roles
from accounts.models import User
from news.models import Article, CommenterStanding, DataRequestKind, Feedback, Image, Masthead, Outbox, ViewCount
from news.services import holding, requesting
from news.tests import make

AT = timezone.now() - timedelta(hours=3)
Accessible = Callable[[Page], None]


def everyone() -> User:
    """A user with every role, so that one visitor sees every page in its fullest form."""
    user = make.make_user("chief", full_name="Hoàng Thị Tổng Biên Tập")
    user.groups.add(roles.group_of("administrator"))
    return user


def a_newsroom() -> dict[str, int]:
    """One of everything; the numbers by which pages are opened."""
    person = make.make_person("Nguyễn Khắc Chử", ("Bí thư Tỉnh ủy", date(2017, 1, 1), None))
    delegation = make.make_delegation(
        "Đoàn công tác Ban Dân vận Trung ương",
        make.attendee(person, role=make.Role.HEAD),
        make.attendee(group="đại diện lãnh đạo một số sở, ngành"),
        visiting_organisation=make.make_organisation("Ban Dân vận Trung ương"),
    )
    section = make.make_section("Chính trị")
    live = make.make_article(
        "Bài đang đăng",
        section=section,
        at=AT,
        byline=(make.make_author("PV"),),
        tags=(make.make_tag("Lai Châu"),),
        delegations=(delegation,),
        lead_image=make.make_image(caption="Quang cảnh"),
        body="<h2>Tít</h2><ul><li>một</li></ul><blockquote><p>lời</p></blockquote>"
        "<table><tbody><tr><th>A</th><td>B</td></tr></tbody></table>"
        "<p>Xem <a href='https://example.vn'>trang của tỉnh</a> để biết thêm.</p>",
    )
    edition = make.publish(live, at=AT + timedelta(hours=1))
    work = make.make_article("Bài đang sửa", section=section, delegations=(delegation,), body=live.body)
    make.reviewing.advance(article_id=work.pk, transition="submit", actor=work.created_by, at=AT)
    Feedback.objects.create(code="PH-1", body="Thư", article=live, received_at=AT)
    Outbox.objects.create(kind="thu", recipient="x", message="x", created_at=AT, send_after=AT)
    ViewCount.objects.create(article=live, hour=AT, count=3)
    Masthead.objects.create(name="Cổng thông tin")
    chief = make.make_user("chief")
    order = {"email": "don@example.vn", "actor": chief, "at": AT}
    request = requesting.take_in(kind=DataRequestKind.ERASURE, note="Đơn giấy", **order)
    return {
        "datarequest": request.pk,
        "hold": holding.place(reason="Công văn 12", until=None, **order).pk,
        "live": live.pk,
        "work": work.pk,
        "image": live.lead_image_id or 0,
        "person": person.pk,
        "delegation": delegation.pk,
        "edition": edition.pk,
        "ledgerentry": edition.ledger_entries.get().pk,
        "revision": live.revisions.get().pk,
        "user": make.make_user("editor").pk,
        "right": make.make_user("editor").section_rights.get().pk,
        "tag": live.tags.get().pk,
        "section": section.pk,
        "standing": make.make_standing_page("/trang/gioi-thieu/", "Giới thiệu", live.body).pk,
    }


PAGES = (
    "/quan-tri/",
    "/quan-tri/news/article/",
    "/quan-tri/news/article/?q=khong-co-gi",
    "/quan-tri/news/article/add/",
    "/quan-tri/news/article/{work}/change/",
    "/quan-tri/news/article/{live}/change/",
    "/quan-tri/news/article/{work}/buoc/return/",
    "/quan-tri/news/article/{live}/buoc/expire/",
    "/quan-tri/news/article/{work}/xem-thu/",
    "/quan-tri/news/image/",
    "/quan-tri/news/image/add/",
    "/quan-tri/news/image/add/?_popup=1",
    "/quan-tri/news/image/{image}/change/",
    "/quan-tri/news/tag/{tag}/change/",
    "/quan-tri/news/tag/{tag}/history/",
    "/quan-tri/news/person/",
    "/quan-tri/news/person/add/",
    "/quan-tri/news/person/{person}/change/",
    "/quan-tri/news/organisation/add/",
    "/quan-tri/news/position/add/",
    "/quan-tri/news/articletemplate/",
    "/quan-tri/news/articletemplate/add/",
    "/quan-tri/news/delegation/",
    "/quan-tri/news/delegation/{delegation}/change/",
    "/quan-tri/news/edition/{edition}/change/",
    "/quan-tri/news/revision/{revision}/change/",
    "/quan-tri/news/ledgerentry/",
    "/quan-tri/news/ledgerentry/{ledgerentry}/change/",
    "/quan-tri/news/feedback/",
    "/quan-tri/news/outbox/",
    "/quan-tri/news/viewcount/",
    "/quan-tri/news/datarequest/",
    "/quan-tri/news/datarequest/add/",
    "/quan-tri/news/datarequest/{datarequest}/change/",
    "/quan-tri/news/legalhold/{hold}/change/",
    "/quan-tri/news/consenttext/add/",
    "/quan-tri/news/consenttext/add/?bieu-mau=phan-hoi",
    "/quan-tri/news/section/{section}/change/",
    "/quan-tri/news/masthead/1/change/",
    "/quan-tri/news/sectionright/{right}/delete/",
    "/quan-tri/flatpages/flatpage/",
    "/quan-tri/flatpages/flatpage/add/",
    "/quan-tri/flatpages/flatpage/{standing}/change/",
    "/quan-tri/accounts/user/",
    "/quan-tri/accounts/user/add/",
    "/quan-tri/accounts/user/{user}/change/",
    "/quan-tri/accounts/user/{user}/mat-khau/",
    "/quan-tri/auth/group/",
    "/tai-khoan/doi-mat-khau/",
    "/tai-khoan/dia-chi-thu/",
    "/tai-khoan/dang-xuat/",
)
SMALL = """() => {
    const targets = "button, input:not([type=hidden], [type=checkbox], [type=radio], [type=date]), select, summary,"
        + "a.button, nav a, .pile a";
    const least = (found) => (found.closest(".editor-tools") ? 36 : 40);
    return [...document.querySelectorAll(targets)]
        .filter((found) => found.checkVisibility() && found.getBoundingClientRect().height < least(found))
        .map((found) => found.outerHTML.slice(0, 100));
}"""
# In the page as it was sent: what scripts set afterwards goes through the CSSOM, or the policy would stop it.
INLINE = """async () => {
    const sent = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const inline = "[style], style, script:not([src], [type='application/json']), [onclick], [onchange], [onload]";
    return [...sent.querySelectorAll(inline)]
        .map((found) => found.outerHTML.slice(0, 120));
}"""


def settled(page: Page) -> None:
    """Wait until the page is what it will be; the editor, where there is one, included."""
    if page.locator("textarea[data-editor]").count():
        expect(page.locator(".editor[data-ready]")).to_be_visible()


@pytest.mark.parametrize("looks", [("light", 1280), ("dark", 360)])
def test_every_page(page: Page, sign_in: Any, assert_accessible: Accessible, looks: tuple[Any, int]) -> None:
    scheme, width = looks
    numbers = a_newsroom()
    sign_in(everyone())
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    for address in PAGES:
        response = page.goto(address.format(**numbers))
        assert response is not None
        assert response.status == 200, address
        settled(page)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{address} is {wider} px too wide at {width}"
        if "xem-thu" not in address:
            assert page.evaluate(INLINE) == [], address
        assert_accessible(page)


def test_log_in_page_in_both_looks(page: Page, live_server: Any, db: None, assert_accessible: Accessible) -> None:
    make.make_user("reporter", username="pv", password="mot-mat-khau-rat-dai-2026")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto("/quan-tri/")
        assert_accessible(page)
        page.get_by_label("Tên đăng nhập hoặc thư điện tử").fill("pv")
        page.get_by_label("Mật khẩu", exact=True).fill("sai")
        page.get_by_role("button", name="Đăng nhập").click()
        expect(page.get_by_role("alert")).to_contain_text("mật khẩu không đúng")
        assert_accessible(page)
    page.get_by_label("Mật khẩu", exact=True).fill("mot-mat-khau-rat-dai-2026")
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("heading", name="Bàn làm việc")).to_be_visible()


def test_touch_targets_are_large_enough(page: Page, sign_in: Any) -> None:
    numbers = a_newsroom()
    sign_in(everyone())
    page.set_viewport_size({"width": 360, "height": 800})
    for address in ("/quan-tri/", "/quan-tri/news/article/", "/quan-tri/news/article/{work}/change/"):
        page.goto(address.format(**numbers))
        settled(page)
        small = page.evaluate(SMALL)
        assert small == [], address


def test_on_a_phone_a_bare_number_says_what_it_counts(page: Page, sign_in: Any, transactional_db: None) -> None:
    CommenterStanding.objects.create(user=make.make_user(None), approved=7)
    sign_in(make.make_user("moderator"))
    page.goto("/quan-tri/news/commenterstanding/")
    told = "cell => getComputedStyle(cell, '::before').content"
    number, until = page.locator(".field-approved"), page.locator(".field-blocked_until")
    expect(number).to_have_text("7")
    assert number.evaluate(told) == "none"  # its column has a head
    expect(until).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 800})
    assert number.evaluate(told) == '"Được duyệt: "'
    expect(until).to_be_hidden()  # an empty one says nothing


# --- Writing ---------------------------------------------------------------------------------------------


def the_editor(page: Page) -> Locator:
    """The rich text, once its script has taken the textarea's place."""
    expect(page.locator("textarea[data-editor]")).to_be_hidden()
    return page.get_by_role("textbox", name="Nội dung").first


def test_the_editor_writes_and_saves(page: Page, sign_in: Any) -> None:
    article = make.make_article("Bài", body="<p>Mở đầu.</p>")
    sign_in(article.created_by)
    page.goto(f"/quan-tri/news/article/{article.pk}/change/")
    text = the_editor(page)
    expect(text).to_contain_text("Mở đầu.")
    expect(page.locator("textarea[data-editor]")).to_be_hidden()
    text.click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Chữ đậm").click()
    page.keyboard.type("Đoàn công tác")
    page.get_by_role("button", name="Chữ đậm").click()
    expect(page.get_by_role("button", name="Chữ đậm")).to_have_attribute("aria-pressed", "false")
    page.keyboard.type(" làm việc.")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Tít phụ lớn").click()
    page.keyboard.type("Khảo sát")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Danh sách", exact=True).click()
    page.keyboard.type("một")
    page.keyboard.press("Enter")
    page.keyboard.type("hai")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Đã lưu.")
    article.refresh_from_db()
    assert article.body == (
        "<p>Mở đầu.</p><p><strong>Đoàn công tác</strong> làm việc.</p><h2>Khảo sát</h2>"
        "<ul><li><p>một</p></li><li><p>hai</p></li></ul>"
    )


def test_links_are_asked_for_in_a_dialog(page: Page, sign_in: Any, assert_accessible: Accessible) -> None:
    article = make.make_article("Bài", body="<p>Lai Châu</p>")
    sign_in(article.created_by)
    page.goto(f"/quan-tri/news/article/{article.pk}/change/")
    the_editor(page).click()
    page.keyboard.press("Control+a")
    page.get_by_role("button", name="Liên kết", exact=True).click()
    dialog = page.get_by_role("dialog", name="Liên kết")
    dialog.get_by_label("Địa chỉ").fill("javascript:alert(1)")
    dialog.get_by_role("button", name="Đặt liên kết").click()
    expect(dialog).to_be_visible()
    assert_accessible(page)
    dialog.get_by_label("Địa chỉ").fill("https://laichau.gov.vn/tin")
    dialog.get_by_role("button", name="Đặt liên kết").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Đã lưu.")
    article.refresh_from_db()
    assert article.body == '<p><a href="https://laichau.gov.vn/tin" rel="noopener noreferrer">Lai Châu</a></p>'


def test_a_table_in_the_editor(page: Page, sign_in: Any) -> None:
    article = make.make_article("Bài", body="<p>Bảng:</p>")
    sign_in(article.created_by)
    page.goto(f"/quan-tri/news/article/{article.pk}/change/")
    the_editor(page).click()
    page.keyboard.press("Control+End")
    expect(page.get_by_role("button", name="Xóa bảng")).to_be_hidden()
    page.get_by_role("button", name=re.compile("^Chèn bảng")).click()
    page.keyboard.type("Ô một")
    page.get_by_role("button", name="Xóa cột").click()
    page.get_by_role("button", name="Xóa hàng").click()
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Đã lưu.")
    article.refresh_from_db()
    assert article.body.count("<tr>") == 2
    assert "style" not in article.body


def test_the_toolbar_by_keyboard(page: Page, sign_in: Any) -> None:
    article = make.make_article("Bài", body="<p>Chữ</p>")
    sign_in(article.created_by)
    page.goto(f"/quan-tri/news/article/{article.pk}/change/")
    settled(page)
    page.get_by_role("button", name="Đoạn văn").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Tít phụ lớn")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Tít phụ lớn")).to_have_attribute("aria-pressed", "true")
    assert page.locator(".editor-tools button[tabindex='0']").count() == 1


# --- Picking ---------------------------------------------------------------------------------------------


def test_a_person_brings_the_posts_of_the_event(page: Page, sign_in: Any, assert_accessible: Accessible) -> None:
    person = make.make_person(
        "Nguyễn Khắc Chử",
        ("Bí thư Tỉnh ủy", date(2017, 1, 1), date(2019, 12, 31)),
        ("Phó Trưởng Ban Tổ chức Trung ương", date(2020, 1, 1), None),
    )
    article = make.make_article("Bài")
    sign_in(article.created_by)
    page.goto(f"/quan-tri/news/article/{article.pk}/change/")
    page.get_by_label("Ngày diễn ra sự kiện").fill("20/5/2018")
    page.get_by_text("Lập đoàn mới").click()
    page.get_by_label("Tên đoàn").fill("Đoàn công tác")
    row = page.get_by_role("group", name="Đại biểu 1")
    field = row.get_by_role("combobox", name="Nhân sự")
    field.press_sequentially("khac chu")
    option = page.get_by_role("option", name=re.compile("Nguyễn Khắc Chử"))
    expect(option).to_contain_text("Bí thư Tỉnh ủy")
    assert_accessible(page)
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(field).to_have_value(f"Nguyễn Khắc Chử (số {person.pk})")
    expect(row.get_by_label("Chức vụ hôm đó")).to_have_value("Bí thư Tỉnh ủy")

    page.get_by_role("button", name="Thêm dòng").nth(0).click()
    second = page.get_by_role("group", name="Đại biểu 2")
    expect(second.get_by_role("combobox", name="Nhân sự")).to_be_focused()
    second.get_by_text("Tên khi in, nhóm không nêu tên").click()
    second.get_by_label("Tên như khi in").fill("Lò Văn Mới")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Đã lưu.")
    assert [(row.name, row.positions) for row in article.delegations.get().attendees.order_by("order")] == [
        ("Nguyễn Khắc Chử", "Bí thư Tỉnh ủy"),
        ("Lò Văn Mới", ""),
    ]


def test_tags_one_after_another_and_escape(page: Page, sign_in: Any) -> None:
    make.make_tag("Lai Châu")
    make.make_tag("Dân vận")
    article = make.make_article("Bài")
    sign_in(article.created_by)
    page.goto(f"/quan-tri/news/article/{article.pk}/change/")
    field = page.get_by_role("combobox", name="Từ khóa")
    field.press_sequentially("lai")
    page.get_by_role("option", name="Lai Châu").click()
    expect(page.get_by_role("list", name="Từ khóa đã chọn").get_by_role("listitem")).to_have_text(["Lai Châu×"])
    expect(field).to_have_value("")
    field.press_sequentially("dan")
    expect(page.get_by_role("option", name="Dân vận")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".pick-list [role=option]")).to_have_count(0)
    field.press_sequentially(" sinh")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Đã lưu.")
    assert sorted(tag.name for tag in article.tags.all()) == ["Lai Châu", "dan sinh"]


def test_a_picture_is_added_in_a_pop_up(page: Page, sign_in: Any, assert_accessible: Accessible) -> None:
    article = make.make_article("Bài")
    sign_in(article.created_by)
    page.goto(f"/quan-tri/news/article/{article.pk}/change/")
    settled(page)
    with page.expect_popup() as opened:
        page.get_by_role("link", name=re.compile("^Thêm ảnh")).first.click()
    popup = opened.value
    expect(popup.get_by_role("heading", name="Thêm ảnh vào kho")).to_be_visible()
    assert_accessible(popup)
    popup.get_by_label("Chú thích").fill("Quang cảnh <b>")
    popup.get_by_label("Mô tả cho người không nhìn thấy ảnh").fill("Một phòng họp")
    popup.get_by_label("Tác giả ảnh, nguồn").fill("PV")
    popup.get_by_label("Tệp ảnh").set_input_files(
        {"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": b"khong phai anh"}
    )
    popup.get_by_role("button", name="Tải lên").click()
    expect(popup.get_by_text("Không đọc được tệp này như một ảnh JPEG, PNG hoặc WebP.")).to_be_visible()
    popup.get_by_label("Tệp ảnh").set_input_files(
        {"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": make.picture_bytes()}
    )
    with popup.expect_event("close"):
        popup.get_by_role("button", name="Tải lên").click()
    image = Image.objects.get()
    expect(page.get_by_role("combobox", name="Ảnh chính")).to_have_value(f"Quang cảnh <b> (số {image.pk})")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Đã lưu.")
    article.refresh_from_db()
    assert article.lead_image == image


def test_the_calendar_writes_day_first(page: Page, sign_in: Any) -> None:
    article = make.make_article("Bài")
    sign_in(article.created_by)
    page.goto(f"/quan-tri/news/article/{article.pk}/change/")
    settled(page)
    expect(page.get_by_role("button", name="Mở lịch").first).to_be_visible()
    page.evaluate(
        """() => {
            const field = document.getElementById("id_event_on");
            const calendar = field.parentElement.querySelector("input[type=date]");
            calendar.value = "2018-05-20";
            calendar.dispatchEvent(new Event("change"));
        }"""
    )
    expect(page.get_by_label("Ngày diễn ra sự kiện")).to_have_value("20/05/2018")


# --- The frame -------------------------------------------------------------------------------------------


def test_theme_menu_and_skip_link(page: Page, sign_in: Any, db: None) -> None:
    sign_in(make.make_user("reporter", full_name="Nguyễn Thị Phóng Viên"))
    page.goto("/quan-tri/")
    page.get_by_role("button", name="Nguyễn Thị Phóng Viên").click()
    page.get_by_role("button", name="Nền: tự động").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 22, 25)"
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Tới nội dung")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.set_viewport_size({"width": 360, "height": 800})
    expect(page.get_by_role("navigation", name="Mục lục")).to_be_hidden()
    page.get_by_role("button", name="Mục lục").click()
    page.get_by_role("navigation", name="Mục lục").get_by_role("link", name="Bài viết").click()
    expect(page.get_by_role("heading", name="Bài viết")).to_be_visible()


# --- Without scripts -------------------------------------------------------------------------------------


def test_an_article_from_draft_to_desk_without_scripts(
    chromium: Browser, live_server: Any, sign_in: Any, context: Any
) -> None:
    person = make.make_person("Nguyễn Khắc Chử", ("Bí thư Tỉnh ủy", date(2017, 1, 1), None))
    make.make_section("Chính trị")
    reporter = make.make_user("reporter")
    sign_in(reporter)
    bare = chromium.new_context(
        base_url=live_server.url, java_script_enabled=False, storage_state=context.storage_state()
    )
    try:
        page = bare.new_page()
        page.goto("/quan-tri/")
        page.get_by_role("link", name="Viết bài mới").click()
        page.get_by_label(re.compile("^Tiêu đề")).fill("Viết không cần script")
        page.get_by_label("Nội dung").first.fill("Đoạn một\nĐoạn hai")
        page.get_by_label(re.compile("^Chuyên mục")).select_option("Chính trị")
        page.get_by_label("Ngày diễn ra sự kiện").fill("20/5/2018")
        page.get_by_text("Lập đoàn mới").click()
        page.get_by_label("Tên đoàn").fill("Đoàn công tác")
        page.get_by_label("Nhân sự").first.fill("nguyen khac chu")
        page.get_by_role("button", name="Lưu và gửi biên tập").click()
        expect(page.get_by_text("Đã gửi biên tập.")).to_be_visible()
        article = Article.objects.get()
        assert (article.body, article.state) == ("<p>Đoạn một</p><p>Đoạn hai</p>", "submitted")
        row = article.delegations.get().attendees.get()
        assert (row.person, row.positions) == (person, "Bí thư Tỉnh ủy")
        page.get_by_role("button", name="Rút về sửa").click()
        expect(page.get_by_text("Đã rút bài về để sửa.")).to_be_visible()
    finally:
        bare.close()
