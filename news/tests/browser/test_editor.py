"""The editor in a real browser: what is pasted, figures from the library, links to articles, everything by keyboard."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from news.models import Article, Image
from news.tests import make
from news.tests.views import test_figures as figures

Accessible = Callable[[Page], None]
PASTE = Path(__file__).parent.parent / "paste"
FIXTURES = sorted(path.stem for path in PASTE.glob("*.html"))
PASTED = """([html, text]) => {
    const data = new DataTransfer();
    if (html) data.setData("text/html", html);
    data.setData("text/plain", text);
    const target = document.querySelector(".editor-text");
    target.focus();
    target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""
PASTED_FILE = """(bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], "image.png", { type: "image/png" }));
    const target = document.querySelector(".editor-text");
    target.focus();
    target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def open_editor(page: Page, article: Article) -> Locator:
    """The editor of an article, ready to be written in."""
    page.goto(f"/quan-tri/news/article/{article.pk}/change/")
    expect(page.locator(".editor[data-ready]")).to_be_visible()
    return page.locator(".editor-text")


def paste(page: Page, html: str, text: str = "x") -> None:
    """What the clipboard held."""
    page.evaluate(PASTED, [html, text])


def written(page: Page) -> str:
    """The HTML that would be sent."""
    return page.locator("textarea[data-editor]").input_value()


def by_lines(html: str) -> str:
    """The same HTML with a line for each block, so that a difference can be read."""
    return re.sub(
        r"(</(?:p|h[234]|li|ul|ol|tr|table|tbody|blockquote|figure|aside)>|<(?:ul|ol|table|tbody|tr)(?: [^>]*)?>|<hr>)",
        r"\1\n",
        html,
    )


@pytest.mark.parametrize("name", FIXTURES)
def test_pasted(page: Page, sign_in: Any, name: str) -> None:
    article = make.make_article("Bài", body="")
    sign_in(article.created_by)
    open_editor(page, article)
    paste(page, (PASTE / f"{name}.html").read_text(encoding="utf-8"))
    expected = (PASTE / "expected" / f"{name}.html").read_text(encoding="utf-8")
    assert by_lines(written(page)).strip() == expected.strip()


# --- Figures -----------------------------------------------------------------------------------------


def open_empty(page: Page, sign_in: Any, body: str = "<p>Mở đầu.</p>") -> Article:
    """A draft opened by its author, the cursor at the end of its text."""
    article = make.make_article("Bài", body=body)
    sign_in(article.created_by)
    open_editor(page, article).click()
    page.keyboard.press("Control+End")
    return article


def save(page: Page) -> None:
    """As the author does."""
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text("Đã lưu.").first).to_be_visible()


def test_a_picture_is_chosen_from_the_library(page: Page, sign_in: Any, assert_accessible: Accessible) -> None:
    image = make.make_image("red", caption="Chợ phiên Sìn Hồ")
    make.make_image("blue", caption="Cầu treo")
    article = open_empty(page, sign_in)
    page.get_by_role("button", name="Chèn ảnh").click()
    dialog = page.get_by_role("dialog", name="Chèn ảnh")
    expect(dialog.get_by_role("radio")).to_have_count(2)
    dialog.get_by_role("button", name="Chèn", exact=True).click()
    expect(dialog.get_by_role("alert").filter(has_text="Hãy chọn một ảnh.")).to_be_visible()
    dialog.get_by_label("Tìm trong kho ảnh").fill("cho phien")
    expect(dialog.get_by_role("radio")).to_have_count(1)
    assert_accessible(page)
    dialog.get_by_role("radio", name=re.compile("Chợ phiên Sìn Hồ")).check()
    dialog.get_by_role("button", name="Chèn", exact=True).click()
    expect(dialog).to_have_count(0)
    figure = page.locator(".figure-view")
    expect(figure.get_by_role("img", name="Chợ phiên Sìn Hồ")).to_be_visible()
    page.keyboard.type("Chú thích riêng")
    page.keyboard.press("Enter")
    page.keyboard.type("Đoạn sau.")
    assert_accessible(page)
    save(page)
    article.refresh_from_db()
    assert article.body == (
        f'<p>Mở đầu.</p><figure data-image="{image.pk}"><figcaption>Chú thích riêng</figcaption></figure>'
        "<p>Đoạn sau.</p>"
    )


def test_a_gallery_and_an_embed_by_keyboard_alone(page: Page, sign_in: Any, assert_accessible: Accessible) -> None:
    images = [make.make_image(colour, caption=f"Ảnh {colour}") for colour in ("red", "green", "blue")]
    article = open_empty(page, sign_in)
    page.get_by_role("button", name="Đoạn văn").focus()
    while page.evaluate("document.activeElement.getAttribute('aria-label')") != "Chèn chùm ảnh":
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Chèn chùm ảnh")
    expect(dialog.get_by_role("checkbox")).to_have_count(3)
    expect(dialog.get_by_label("Tìm trong kho ảnh")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab") if page.evaluate("document.activeElement.type") != "checkbox" else None
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(dialog.get_by_text("Đã chọn 2 ảnh")).to_be_visible()
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator(".figure-view img")).to_have_count(2)
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("^Chèn nhúng")).focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=re.compile("^Chèn nhúng"))
    page.keyboard.type("youtube")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert").filter(has_text="Ghi địa chỉ đầy đủ")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Control+a")
    page.keyboard.type("https://www.youtube.com/watch?v=1&t=2")
    dialog.get_by_role("radio").nth(2).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    page.keyboard.type("Xem phim")
    # The gallery is chosen anew: another order, one picture less.
    page.get_by_role("button", name=f"Chọn lại chùm ảnh số {images[2].pk}").click()
    dialog = page.get_by_role("dialog", name="Chèn chùm ảnh")
    dialog.get_by_role("checkbox", name=re.compile("Ảnh green")).check()
    dialog.get_by_role("button", name=f"Đưa lên trước ảnh số {images[0].pk}").click()
    expect(dialog.get_by_role("button", name=f"Đưa ra sau ảnh số {images[0].pk}")).to_be_focused()
    dialog.get_by_role("button", name=f"Bỏ ảnh số {images[1].pk}").click()
    assert_accessible(page)
    dialog.get_by_role("button", name="Chọn", exact=True).click()
    expect(page.get_by_role("button", name=f"Chọn lại chùm ảnh số {images[0].pk}")).to_be_focused()
    # Up, over the gallery and the first paragraph: by the figure's own buttons.
    page.get_by_role("button", name=f"Đưa lên nhúng số {images[0].pk}").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=f"Đưa lên nhúng số {images[0].pk}")).to_be_focused()
    page.keyboard.press("Enter")
    save(page)
    article.refresh_from_db()
    assert article.body.replace("<p></p>", "") == (
        f'<figure data-image="{images[0].pk}" data-link="https://www.youtube.com/watch?v=1&amp;t=2">'
        "<figcaption>Xem phim</figcaption></figure>"
        f'<p>Mở đầu.</p><figure data-images="{images[0].pk} {images[2].pk}"><figcaption></figcaption></figure>'
    )


def test_figures_come_back_are_moved_and_taken_away(page: Page, sign_in: Any) -> None:
    image = make.make_image(caption="Cầu treo")
    figure = f'<figure data-image="{image.pk}"><figcaption>Chú <em>thích</em></figcaption></figure>'
    body = f"<p>Một</p>{figure}<aside><p>Hộp</p></aside>"
    article = open_empty(page, sign_in, body)
    expect(page.locator(".figure-view img")).to_be_visible()
    assert written(page) == body
    page.get_by_role("button", name=f"Đưa xuống ảnh số {image.pk}").click()
    page.locator(".box-view").click()
    page.get_by_role("button", name="Đưa khối lên").click()
    page.get_by_role("button", name=f"Bỏ ảnh số {image.pk}").click()
    expect(page.locator(".figure-view")).to_have_count(0)
    save(page)
    article.refresh_from_db()
    assert article.body == "<aside><p>Hộp</p></aside><p>Một</p>"


def test_a_box_around_paragraphs(page: Page, sign_in: Any) -> None:
    article = open_empty(page, sign_in)
    button = page.get_by_role("button", name="Hộp", exact=True)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.keyboard.type(" Trong hộp.")
    save(page)
    article.refresh_from_db()
    assert article.body == "<aside><p>Mở đầu. Trong hộp.</p></aside>"


def test_a_number_that_is_not_in_the_library_is_said(page: Page, sign_in: Any) -> None:
    open_empty(page, sign_in, '<p>Một</p><figure data-image="424242"></figure>')
    expect(page.get_by_text("Ảnh số 424242 không có trong kho.")).to_be_visible()
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(
        page.locator(".field.wrong, .errorlist").get_by_text("Ảnh số 424242 không có trong kho.").first
    ).to_be_visible()
    assert "424242" in written(page)


# --- Pictures from the clipboard ---------------------------------------------------------------------


def test_a_screenshot_is_pasted_into_the_library_and_the_text(page: Page, sign_in: Any) -> None:
    article = open_empty(page, sign_in)
    page.evaluate(PASTED_FILE, list(make.picture_bytes(kind="PNG")))
    expect(page.locator(".figure-view img")).to_be_visible()
    expect(page.locator(".editor-said")).to_contain_text("Đã chèn ảnh.")
    image = Image.objects.get()
    save(page)
    article.refresh_from_db()
    assert article.body == f'<p>Mở đầu.</p><figure data-image="{image.pk}"><figcaption></figcaption></figure>'


def test_a_bad_picture_is_refused_in_words_and_the_text_stays(page: Page, sign_in: Any, witness: Any) -> None:
    witness.expect("status of 400")
    open_empty(page, sign_in)
    page.evaluate(PASTED_FILE, list(b"khong phai anh"))
    expect(page.locator(".editor-said.wrong")).to_contain_text("Không đọc được tệp này như một ảnh")
    assert (written(page), Image.objects.count()) == ("<p>Mở đầu.</p>", 0)


def test_a_lost_connection_is_said(page: Page, sign_in: Any, witness: Any) -> None:
    open_empty(page, sign_in)
    expect(page.locator(".editor[data-ready]")).to_be_visible()
    witness.expect("request failed", "ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    page.evaluate(PASTED_FILE, list(make.picture_bytes(kind="PNG")))
    expect(page.locator(".editor-said.wrong")).to_contain_text("mất kết nối")
    page.context.set_offline(False)


def test_pictures_in_pasted_text_are_left_out_and_said(page: Page, sign_in: Any) -> None:
    open_empty(page, sign_in, "")
    paste(
        page,
        '<p>Chữ</p><img src="file:///C:/a.png"><p><img src="https://a.vn/b.png">'
        '<img src="data:image/png;base64,x"></p>',
    )
    assert written(page) == "<p>Chữ</p>"
    expect(page.locator(".editor-said")).to_have_text("Đã bỏ 3 ảnh: hãy tải lên kho ảnh rồi chèn.")


def test_plain_text_keeps_its_paragraphs_in_nfc(page: Page, sign_in: Any) -> None:
    open_empty(page, sign_in, "")
    paste(page, "", "Đoa\u0300n một\r\n\r\n<b>hai</b>\nba")
    assert written(page) == "<p>Đoàn một</p><p>&lt;b&gt;hai&lt;/b&gt;</p><p>ba</p>"


def test_what_was_copied_in_the_editor_keeps_its_figures(page: Page, sign_in: Any) -> None:
    image = make.make_image()
    open_empty(page, sign_in, f'<p>Một</p><figure data-image="{image.pk}"><figcaption>Chú</figcaption></figure>')
    expect(page.locator(".figure-view img")).to_be_visible()
    first = page.locator(".editor-text > p").first
    first.click()
    page.keyboard.press("Control+a")
    copied = page.evaluate(
        """() => {
            const text = document.querySelector(".editor-text");
            const data = new DataTransfer();
            text.dispatchEvent(new ClipboardEvent("copy", { clipboardData: data, bubbles: true, cancelable: true }));
            return data.getData("text/html");
        }"""
    )
    assert f'data-image="{image.pk}"' in copied
    page.keyboard.press("ArrowLeft")  # a click into what is selected might begin to drag it
    page.keyboard.press("End")
    page.wait_for_timeout(300)  # no hand is quicker than the browser tells the editor of its new selection
    page.keyboard.type("!")  # typed into the paragraph: the editor has seen where the cursor is now
    expect(first).to_have_text("Một!")
    paste(page, copied)
    expect(page.locator(".figure-view img")).to_have_count(2)
    assert written(page).count(f'data-image="{image.pk}"') == 2


# --- Links -------------------------------------------------------------------------------------------


def test_a_link_to_an_article_is_found_by_its_title(page: Page, sign_in: Any, assert_accessible: Accessible) -> None:
    live = make.make_article("Đoàn công tác thăm Tam Đường")
    make.publish(live)
    make.make_article("Đoàn công tác, bản nháp")
    article = open_empty(page, sign_in, "<p>Xem thêm</p>")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Liên kết")
    dialog.get_by_label("Hoặc tìm bài để dẫn tới").focus()
    page.keyboard.type("doan cong tac")
    expect(dialog.get_by_text("1 bài dẫn tới được trong 2 bài tìm thấy.")).to_be_visible()
    expect(dialog.get_by_text("bạn đọc chưa xem được")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Địa chỉ")).to_have_value(f"/tin/doan-cong-tac-tham-tam-duong-{live.pk}/")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    save(page)
    article.refresh_from_db()
    address = f"/tin/doan-cong-tac-tham-tam-duong-{live.pk}/"
    assert article.body == f'<p><a href="{address}" rel="noopener noreferrer">Xem thêm</a></p>'


def test_a_wrong_address_is_said_beside_the_field(page: Page, sign_in: Any) -> None:
    open_empty(page, sign_in)
    page.keyboard.press("Control+a")
    page.get_by_role("button", name="Liên kết", exact=True).click()
    dialog = page.get_by_role("dialog", name="Liên kết")
    for wrong in ("javascript:alert(1)", "//evil.example/", "data:text/html,x", "không phải địa chỉ"):
        dialog.get_by_label("Địa chỉ").fill(wrong)
        page.keyboard.press("Enter")
        expect(dialog.get_by_role("alert")).to_contain_text("Địa chỉ phải bắt đầu bằng")
        expect(dialog.get_by_label("Địa chỉ")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert written(page) == "<p>Mở đầu.</p>"


# --- What readers get --------------------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_every_figure_on_the_public_page(
    page: Page, assert_accessible: Accessible, live_server: Any, scheme: Any, width: int
) -> None:
    article, _ = figures.full(lead_image=make.make_image("olive"))
    make.publish(article)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"/tin/bai-co-hinh-{article.pk}/")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page.get_by_text("Lời", exact=True).first.click()
    expect(page.get_by_text("Dòng một")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Xem trên youtube.com"))).to_be_visible()
    assert_accessible(page)
