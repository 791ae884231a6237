"""Files at the desk in a browser: chosen, shown going up, kept by every error, downloaded by a reader."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from news.models import Article, Attachment, Recording
from news.tests import make, specimens

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [(width, scheme) for width in (1280, 360) for scheme in ("light", "dark")]


def pdf_file(name: str = "Quyết định 12.pdf", data: bytes = b"") -> Any:
    return {"name": name, "mimeType": "application/pdf", "buffer": data or specimens.pdf()}


def open_form(page: Page, address: str = "/quan-tri/news/article/add/") -> Any:
    """An article's form with its documents unfolded; the rows of documents."""
    page.goto(address)
    fold = page.locator("details", has=page.get_by_text("Tài liệu đính kèm", exact=True)).first
    if fold.get_attribute("open") is None:
        fold.locator("summary").first.click()
    return page.locator("[data-rows='tai-lieu']")


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_a_document_from_the_reporters_disk_to_the_readers(page: Page, sign_in: Callable[[Any], None]) -> None:
    article = make.make_article("Bài có tài liệu")
    sign_in(article.created_by)
    rows = open_form(page, f"/quan-tri/news/article/{article.pk}/change/")
    page.locator("#id_title").fill("")
    rows.locator("input[type=file]").first.set_input_files(pdf_file())
    expect(rows.get_by_text("Đã nhận tệp Quyết định 12 (PDF,")).to_be_visible()
    expect(rows.get_by_label("Tên tài liệu").first).to_have_value("Quyết định 12")
    # Something else is wrong: what was chosen stays.
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.locator(".errornote").first).to_be_visible()
    rows = page.locator("[data-rows='tai-lieu']")
    expect(rows.get_by_text("Đã nhận tệp Quyết định 12 (PDF,")).to_be_visible()
    page.locator("#id_title").fill("Bài có tài liệu")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text("Đã lưu.", exact=True)).to_be_visible()
    assert Attachment.objects.get().title == "Quyết định 12"
    make.publish(Article.objects.select_related("section").get())
    page.goto(f"/tin/bai-co-tai-lieu-{article.pk}/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Quyết định 12").click()
    assert download.value.suggested_filename == "quyet-dinh-12.pdf"
    assert Path(download.value.path()).read_bytes() == specimens.pdf()


def test_a_bad_file_is_refused_at_once_in_words(page: Page, sign_in: Callable[[Any], None], witness: Any) -> None:
    witness.expect("status of 422")
    sign_in(make.make_user("reporter"))
    rows = open_form(page)
    rows.locator("input[type=file]").first.set_input_files(pdf_file(data=b"MZ" + bytes(200)))
    expect(rows.get_by_text("Tên tệp là .pdf nhưng nội dung là chương trình Windows.")).to_be_visible()
    expect(rows.locator("[data-held-token]").first).to_have_value("")


def test_a_large_file_shows_how_far_it_is_and_can_be_stopped(page: Page, sign_in: Callable[[Any], None]) -> None:
    sign_in(make.make_user("reporter"))
    rows = open_form(page)
    slow = page.context.new_cdp_session(page)
    slow.send("Network.enable")
    conditions = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 150_000}
    slow.send("Network.emulateNetworkConditions", conditions)
    large = pdf_file(data=specimens.pdf(extra=b"<< /X (" + b"a" * 1_500_000 + b") >>"))
    rows.locator("input[type=file]").first.set_input_files(large)
    progress = rows.get_by_role("progressbar")
    expect(progress).to_be_visible()
    expect(progress).not_to_have_attribute("value", "0")
    rows.get_by_role("button", name="Dừng").click()
    expect(rows.get_by_text("Đã dừng tải lên.")).to_be_visible()
    expect(progress).to_be_hidden()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_a_film_is_added_and_played(
    page: Page, sign_in: Callable[[Any], None], assert_accessible: Any, width: int, scheme: Any
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    image = make.make_image(caption="Cảnh đón đoàn")
    sign_in(make.make_user("reporter"))
    page.goto("/quan-tri/news/recording/add/")
    assert_accessible(page)
    film = {"name": "Lễ đón đoàn.mp4", "mimeType": "video/mp4", "buffer": specimens.mp4()}
    page.get_by_label("Tệp (MP4, M4A, MP3)").set_input_files(film)
    expect(page.get_by_text("Đã nhận tệp Lễ đón đoàn (MP4,")).to_be_visible()
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text("Hãy chọn ảnh bìa cho phim.")).to_be_visible()
    expect(page.get_by_text("Đã nhận tệp Lễ đón đoàn (MP4,")).to_be_visible()
    assert_accessible(page)
    assert fits(page)
    page.locator("#id_poster").fill(f"#{image.pk}")
    page.locator("#id_transcript").fill("Kính chào quý vị.")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.locator("video")).to_be_visible()
    assert Recording.objects.get().title == "Lễ đón đoàn"
    assert_accessible(page)
    assert fits(page)
    page.goto("/quan-tri/news/recording/")
    assert_accessible(page)
    assert fits(page)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_documents_of_an_article_are_for_everybody(
    page: Page, sign_in: Callable[[Any], None], assert_accessible: Any, width: int, scheme: Any
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    sign_in(make.make_user("reporter"))
    rows = open_form(page)
    rows.locator("input[type=file]").first.set_input_files(pdf_file())
    expect(rows.get_by_text("Đã nhận tệp")).to_be_visible()
    rows.evaluate("rows => rows.scrollIntoView({ block: 'center' })")  # away from the bar at the foot of the screen
    assert_accessible(page)
    assert fits(page)
