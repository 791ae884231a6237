"""The page everything starts from, in a real browser: each of its elements by role and text."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from news.models import Edition, Feedback, ViewCount
from news.services import demo
from news.text.dates import long_date

TITLE = "Đoàn công tác Ban Dân vận Trung ương làm việc với Tỉnh ủy Lai Châu"


@pytest.fixture
def sample(transactional_db):
    """The demo newsroom; the address of the sample article."""
    demo.load(password="mat-khau-thu-nghiem", at=timezone.now())
    edition = Edition.objects.get(title=TITLE)
    return f"/tin/{edition.slug}-{edition.article_id}/"


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_every_element_of_the_sample_page_is_there(sample, chromium, live_server, scripts):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(sample)

    expect(page.get_by_role("banner").get_by_text(long_date(timezone.localdate()))).to_be_visible()
    expect(page.get_by_role("banner").get_by_role("link", name="Báo Tây Bắc")).to_be_visible()
    expect(page.get_by_role("navigation", name="Chuyên mục").get_by_role("link", name="Thời sự")).to_be_visible()

    article = page.get_by_role("article").first
    expect(article.get_by_role("link", name="Thời sự", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(article.get_by_text("Thứ Hai, 20/5/2024, 10:15").first).to_be_visible()
    expect(article.get_by_role("figure").get_by_text("Quang cảnh buổi làm việc.")).to_be_visible()
    expect(article.get_by_role("img", name=re.compile("Quang cảnh buổi làm việc"))).to_be_visible()
    expect(article.get_by_text(re.compile("^Các đồng chí: Vũ Văn Hoàn, Phó Bí thư Tỉnh ủy"))).to_be_visible()
    expect(article.get_by_text(re.compile("triển khai nhiệm vụ xây dựng nông thôn mới phải đồng bộ"))).to_be_visible()
    expect(article.get_by_role("link", name="PV").last).to_be_visible()

    box = page.get_by_role("region", name="Thành phần buổi làm việc")
    for fact in ("Ban Dân vận Trung ương", "huyện Phong Thổ; Tỉnh ủy Lai Châu", "năm 2017"):
        expect(box.get_by_text(fact, exact=True).first).to_be_visible()
    for name in ("Thào Xuân Sùng", "Vũ Văn Hoàn", "Tống Thanh Hải"):
        expect(box.get_by_role("link", name=name).last).to_be_visible()
    expect(
        box.get_by_text("Uỷ viên Trung ương Đảng, Phó trưởng Ban Thường trực Ban Dân vận Trung ương")
    ).to_be_visible()
    expect(box.get_by_text("Phó Bí thư Tỉnh ủy, Chủ tịch HĐND tỉnh")).to_be_visible()
    expect(box.get_by_text("Trưởng đoàn").last).to_be_visible()
    expect(box.get_by_text(re.compile("ại diện lãnh đạo một số sở, ngành, lực lượng vũ trang tỉnh"))).to_be_visible()

    expect(page.get_by_role("link", name="Dân vận", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Gửi cho bạn bè")).to_be_visible()
    expect(page.get_by_role("link", name="Facebook")).to_be_visible()
    expect(page.get_by_role("link", name="Bản in").first).to_be_visible()
    expect(page.get_by_role("link", name="Lưu bài")).to_be_visible()
    expect(page.get_by_role("heading", name="Phản hồi")).to_be_visible()
    expect(page.get_by_role("heading", name="Các tin khác")).to_be_visible()
    expect(
        page.get_by_role("link", name="Tỉnh Nậm Sơn đón Đoàn đại biểu tỉnh Phu Xay Khăm (Lào)").first
    ).to_be_visible()
    expect(page.get_by_role("heading", name="Xem nhiều nhất")).to_be_visible()
    for window in ("24 giờ", "7 ngày", "30 ngày"):
        expect(page.get_by_text(window, exact=True)).to_be_visible()
    page.get_by_text("Mã QR", exact=True).click()
    expect(page.get_by_role("img", name="Mã QR dẫn tới bài này")).to_be_visible()
    expect(page.get_by_role("button", name="Chép liên kết")).to_be_visible(visible=scripts)

    page.get_by_role("link", name="Gửi phản hồi về bài này").click()
    expect(page.get_by_role("group", name="Thông tin người gửi phản hồi")).to_be_visible()
    page.get_by_label("Nội dung phản hồi").fill("Tỷ lệ 144/2.086 phải là 6,90%.")
    page.get_by_label("Họ và tên").fill("Lò Thị Mai")
    page.get_by_label("Thư điện tử", exact=True).fill("mai@example.vn")
    page.get_by_role("button", name="Gửi phản hồi").click()
    expect(page.get_by_text("Tòa soạn chỉ nhận được khi bạn đồng ý điều này.")).to_be_visible()
    expect(page.get_by_label("Họ và tên")).to_have_value("Lò Thị Mai")
    page.get_by_role("checkbox", name=re.compile("trả lời phản hồi này")).check()
    page.get_by_role("button", name="Gửi phản hồi").click()
    expect(page.get_by_role("heading", name="Tòa soạn đã nhận phản hồi của bạn")).to_be_visible()
    expect(page.get_by_text(Feedback.objects.latest("pk").code)).to_be_visible()
    context.close()


def test_the_pages_around_the_sample_hold_in_the_browser(sample, page, assert_accessible, witness):
    """No violation of the policy, no console error, no overflow, nothing for axe: both looks, phone and desktop."""
    page.goto(sample)
    links = page.eval_on_selector_all("main a[href^='/']", "links => links.map(link => link.getAttribute('href'))")
    walk = ["/", "/thoi-su/", "/xem-nhieu/?trong=7d", "/doan-cong-tac/", "/phan-hoi/", sample, f"{sample}ban-in/"]
    starts = ("/nhan-su/", "/co-quan/", "/tac-gia/", "/chu-de/", "/doan-cong-tac/doan")
    walk += [next(link for link in links if link.startswith(start)) for start in starts]
    witness.expect("status of 404")
    for address in [*walk, "/khong-co-trang-nay/"]:
        for width, scheme in ((360, "light"), (1280, "dark")):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
            assert_accessible(page)
    for width in (320, 768, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        for address in ("/", sample, "/phan-hoi/"):
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)


def test_no_link_of_the_public_pages_is_broken(sample, client):
    """Every address that a page within two steps of the front page names answers 200."""
    seen: set[str] = set()
    waiting = {"/", sample}
    for _ in range(3):
        found: set[str] = set()
        for address in sorted(waiting - seen):
            seen.add(address)
            response = client.get(address)
            assert response.status_code in {200, 302}, address
            if response.headers["Content-Type"].startswith("text/html") and "attachment" not in str(response.headers):
                found |= set(re.findall(r'(?:href|src)="(/[^"#]*)"', response.content.decode()))
        waiting = {address for address in found if not address.startswith("/static/")}
    assert len(seen) > 40


def test_a_view_is_counted_after_five_seconds_and_once(sample, page):
    ViewCount.objects.all().delete()
    page.clock.install()
    page.goto(sample)
    page.clock.fast_forward(4000)
    assert ViewCount.objects.count() == 0
    with page.expect_request("**/dem/"):
        page.clock.fast_forward(2000)
    page.clock.fast_forward(60_000)
    page.goto("/")
    assert list(ViewCount.objects.values_list("count", flat=True)) == [1]


def test_the_saved_file_stands_alone(sample, page, tmp_path):
    page.goto(sample)
    with page.expect_download() as download:
        page.get_by_role("link", name="Lưu bài").click()
    path = tmp_path / "bai.html"
    download.value.save_as(path)
    text = path.read_text(encoding="utf-8")
    assert TITLE in text
    assert "data:image/jpeg;base64," in text
    assert re.findall(r'<(?:script|link rel="stylesheet"|img src="/)', text) == []
