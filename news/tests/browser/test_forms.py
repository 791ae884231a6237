"""Readers' forms in a real browser: opened in the article, on their own pages without a script, hostile input too."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from news import crypto
from news.models import Feedback, Outbox
from news.services import consenting
from news.tests import make
from news.tests.hostile import FRAGMENTS

WORDS = [fragment for fragment in FRAGMENTS if fragment.strip() and "\x00" not in fragment][:12]


@pytest.fixture
def article(transactional_db):
    """The address of an article."""
    edition = make.publish(make.make_article("Cầu treo Nậm Ban thông xe"), at=timezone.now())
    return f"/tin/{edition.slug}-{edition.article_id}/"


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def reader(request, chromium, live_server):
    """A reader's page, with and without scripts; `.scripts` says which."""
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=request.param)
    page = context.new_page()
    page.scripts = request.param
    yield page
    context.close()


def opened(page, article, link, field):
    """Go to the article and open the form behind the link: in place with scripts, on its own page without."""
    page.goto(article)
    page.get_by_role("link", name=link).click()
    expect(page.get_by_label(field)).to_be_visible()
    if page.scripts:
        expect(page).to_have_url(re.compile(article + "$"))
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
    else:
        expect(page).not_to_have_url(re.compile(article + "$"))


def test_an_article_is_sent_to_a_friend(reader, article):
    opened(reader, article, "Gửi cho bạn bè", "Thư điện tử của người nhận")
    reader.get_by_label("Tên của bạn").fill("Lò Thị Mai")
    reader.get_by_label("Thư điện tử của người nhận").fill("khong-phai-thu")
    reader.get_by_label("Lời nhắn").fill("Đọc bài này nhé")
    reader.get_by_role("button", name="Gửi bài").click()
    expect(reader.get_by_role("alert")).to_be_visible()
    expect(reader.get_by_label("Tên của bạn")).to_have_value("Lò Thị Mai")
    expect(reader.get_by_label("Lời nhắn")).to_have_value("Đọc bài này nhé")
    reader.get_by_label("Thư điện tử của người nhận").fill("ban@example.vn")
    reader.get_by_role("button", name="Gửi bài").click()
    expect(reader.get_by_role("heading", name="Cảm ơn bạn đã gửi bài")).to_be_visible()
    mail = Outbox.objects.get()
    assert "ban@example.vn" in crypto.decrypt(mail.recipient).values()
    if reader.scripts:
        expect(reader).to_have_url(re.compile(article + "$"))


@pytest.mark.parametrize(
    ("link", "field", "form"),
    [
        ("Gửi phản hồi về bài này", "Nội dung phản hồi", "phan-hoi"),
        ("Viết bình luận đầu tiên", "Bình luận của bạn", "binh-luan"),
    ],
)
def test_all_that_is_agreed_to_is_to_be_seen_in_the_opened_form(reader, article, link, field, form):
    opened(reader, article, link, field)
    wording = consenting.current(form, timezone.now())
    expect(reader.get_by_text(wording.text, exact=True)).to_be_visible()
    for purpose in wording.asked:
        expect(reader.get_by_text(purpose.words)).to_be_visible()


def fill_letter(page, words):
    page.get_by_label("Nội dung phản hồi").fill(words)
    page.get_by_label("Họ và tên").fill("Giàng A Páo")
    page.get_by_label("Thư điện tử", exact=True).fill("pao@example.vn")


def test_a_letter_is_written_refused_kept_and_received(reader, article):
    opened(reader, article, "Gửi phản hồi về bài này", "Nội dung phản hồi")
    fill_letter(reader, "Bài viết rất hay, xin hỏi cầu cho xe mấy tấn?")
    reader.get_by_role("button", name="Gửi phản hồi").click()
    expect(reader.get_by_role("alert")).to_be_visible()
    expect(reader.get_by_text("Tòa soạn chỉ nhận được khi bạn đồng ý điều này.")).to_be_visible()
    expect(reader.get_by_label("Họ và tên")).to_have_value("Giàng A Páo")
    reader.get_by_role("checkbox", name=re.compile("xử lý và trả lời")).check()
    reader.get_by_role("button", name="Gửi phản hồi").click()
    expect(reader.get_by_role("heading", name="Tòa soạn đã nhận phản hồi của bạn")).to_be_visible()
    letter = Feedback.objects.get()
    expect(reader.get_by_text(letter.code, exact=True)).to_be_visible()
    assert letter.article is not None

    reader.goto("/phan-hoi/tra-cuu/")
    reader.get_by_label(re.compile("^Mã")).fill(letter.code.lower())
    reader.get_by_label(re.compile("Thư điện tử")).fill("pao@example.vn")
    reader.get_by_role("button", name="Tra cứu").click()
    expect(reader.get_by_text("xin hỏi cầu cho xe mấy tấn")).to_be_visible()


@pytest.mark.parametrize("words", WORDS)
def test_hostile_words_run_nothing_in_the_fetched_form(article, page, witness, words):
    witness.expect("status of 422")
    page.scripts = True
    opened(page, article, "Gửi phản hồi về bài này", "Nội dung phản hồi")
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    page.get_by_label("Nội dung phản hồi").fill(words + " và vài chữ nữa cho đủ")
    page.get_by_label("Họ và tên").fill(words[:100])
    page.get_by_role("button", name="Gửi phản hồi").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.get_by_label("Họ và tên").input_value().strip() == words[:100].strip()
    assert (
        page.evaluate("document.querySelectorAll('.fetched script, .fetched [onerror], .fetched [onload]').length") == 0
    )


def test_the_opened_forms_are_accessible_and_close_again(article, page, assert_accessible):
    page.scripts = True
    opened(page, article, "Gửi cho bạn bè", "Thư điện tử của người nhận")
    page.get_by_role("link", name="Gửi phản hồi về bài này").click()
    expect(page.get_by_label("Nội dung phản hồi")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert_accessible(page)
    link = page.get_by_role("link", name="Gửi cho bạn bè")
    expect(link).to_have_attribute("aria-expanded", "true")
    link.click()
    expect(page.get_by_label("Thư điện tử của người nhận")).to_be_hidden()
    expect(link).to_have_attribute("aria-expanded", "false")


def test_a_form_that_cannot_be_fetched_is_opened_on_its_own_page(article, page, witness):
    witness.expect("Failed to load resource", "net::ERR_FAILED")
    page.goto(article)
    page.route(
        "**/gui-ban-be/", lambda route: route.abort() if route.request.resource_type == "fetch" else route.continue_()
    )
    page.get_by_role("link", name="Gửi cho bạn bè").click()
    expect(page).to_have_url(re.compile("/gui-ban-be/$"))
    expect(page.get_by_label("Thư điện tử của người nhận")).to_be_visible()


def test_no_cookie_before_a_form_is_opened(article, page):
    page.goto(article)
    assert page.context.cookies() == []
