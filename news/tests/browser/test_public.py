"""Public pages in a real browser with the longest, widest and emptiest content they may meet.

The `page` fixture's witness fails a test for any console error, policy violation or request to anyone else.
"""

import re
from datetime import timedelta
from itertools import pairwise

import brotli
import pytest
from django.contrib.flatpages.models import FlatPage
from django.utils import timezone
from playwright.sync_api import expect

from news.models import GalleryImage, Masthead, Role, Side, TagKind, ViewCount
from news.services import editing, standing
from news.tests import make
from news.text.slug import slugify

WIDTHS = (320, 768, 1280, 1920)
LONG = (
    "Đoàn công tác liên ngành của Ủy ban Mặt trận Tổ quốc, các đoàn thể chính trị - xã hội và Hội đồng tư vấn dân tộc"
    " khảo sát việc thực hiện Chương trình mục tiêu quốc gia xây dựng nông thôn mới ở 108 xã biên giới rất khó khăn"
)
UNBROKEN = "https://dichvucong.example.vn/" + "thu-tuc-hanh-chinh-cap-do-4-" * 6
TABLE = "".join(f"<td><p>{'Chỉ tiêu' if n else 'Huyện Phong Thổ'} {n}: 12.345.678</p></td>" for n in range(9))
BODY = (
    f"<p>{LONG}. {UNBROKEN}</p><h2>{LONG}</h2><blockquote><p>{LONG}</p></blockquote>"
    f"<ul><li><p>{UNBROKEN}</p></li><li><p>{LONG}</p></li></ul><table><tbody><tr>{TABLE}</tr><tr>{TABLE}</tr></tbody></table>"
    "<p><strong>In đậm</strong>, <em>in nghiêng</em> và <a href='https://example.vn/van-ban'>một liên kết</a>.</p>"
)
PLAIN = f"<p>{LONG}.</p>" * 25


@pytest.fixture
def newsroom(transactional_db):
    """Articles with everything an article can have, as long as it may be; the address of each page type."""
    now = timezone.now()
    Masthead.objects.create(
        name="Báo và Phát thanh, Truyền hình Tây Bắc",
        motto="Tiếng nói của Đảng bộ, chính quyền và Nhân dân các dân tộc trong tỉnh",
        supervising_body="Tỉnh ủy",
        licence_number="000/GP-BTTTT",
        address=LONG[:200],
        phone="0213.000.000",
        email="toasoan-dien-tu-va-ban-doc@example.vn",
    )
    sections = [make.make_section(f"Chuyên mục có tên khá dài thứ {n}") for n in range(9)]
    child = make.make_section("Mục con của một chuyên mục", parent=sections[0])
    tags = tuple(make.make_tag(f"Từ khóa {'rất ' * n}dài", TagKind.TOPIC if n % 2 else TagKind.TAG) for n in range(8))
    author = make.make_author("Nguyễn Phúc Hoàng Thiên Ân (Trung tâm Truyền thông huyện)")
    host = make.make_organisation(LONG[:190])
    people = [
        make.attendee(
            make.make_person(f"Công Tằng Tôn Nữ Huyền Trân {n}"),
            side=[Side.DELEGATION, Side.HOST, Side.UNKNOWN][n % 3],
            role=Role.HEAD if n == 0 else Role.RECEIVE if n % 3 == 1 else Role.ATTEND,
            positions="Phó Bí thư Thường trực Tỉnh ủy\nChủ tịch Hội đồng nhân dân tỉnh\nTrưởng Đoàn đại biểu Quốc hội",
        )
        for n in range(7)
    ]
    group = make.attendee(group="đại diện lãnh đạo một số sở, ngành, lực lượng vũ trang, " + UNBROKEN, side=Side.HOST)
    visit = make.make_delegation(
        LONG,
        *people,
        group,
        host_organisation=host,
        visiting_organisation=make.make_organisation("Ban Dân vận Trung ương"),
        places="\n".join(f"xã {LONG[:60]} {n}" for n in range(4)),
        purpose=LONG,
        from_on=timezone.localdate(now) - timedelta(days=1),
        to_on=timezone.localdate(now),
    )
    for url, title in (("/trang/gioi-thieu/", LONG), ("/trang/lien-he/", "Liên hệ"), ("/en/", "About us")):
        standing.keep(FlatPage(url=url, title=title[:200], content=BODY))
    image = make.make_image(alt=LONG, caption=f"{LONG}. {UNBROKEN}"[:490], credit="Nguyễn Phúc Hoàng Thiên Ân - TTXVN")
    articles = []
    for number in range(6):
        article = make.make_article(
            f"{LONG} ({number})"[:240],
            kicker="Xây dựng Đảng và hệ thống chính trị trong sạch, vững mạnh",
            lead=f"{LONG}. {UNBROKEN}",
            body=PLAIN if number == 2 else BODY,
            section=child if number % 2 else sections[number],
            tags=tags,
            byline=(author, make.make_author("PV")),
            delegations=(visit,),
            lead_image=image if number != 1 else None,
            source_name="Báo điện tử của một cơ quan có tên rất dài",
            source_url=UNBROKEN,
            ai_used=True,
            ai_note="Dùng công cụ để chuyển ghi âm thành chữ; biên tập viên đã nghe lại.",
            at=now - timedelta(days=2),
        )
        GalleryImage.objects.create(article=article, image=make.make_image("navy", caption=LONG[:200]), order=1)
        article = editing.change(
            article=article, actor=article.created_by, at=now - timedelta(days=1), version=article.version
        )
        articles.append(make.publish(article, at=now - timedelta(hours=6 - number)))
        ViewCount.objects.create(
            article=article, hour=now.replace(minute=0, second=0, microsecond=0), count=10 - number
        )
    last = articles[-1]
    person = people[0].person
    return {
        "home": "/",
        "section": f"/{sections[0].slug}/",
        "empty section": f"/{sections[8].slug}/",
        "article": f"/tin/{last.slug}-{last.article_id}/",
        "plain article": f"/tin/{articles[2].slug}-{articles[2].article_id}/",
        "article without a picture": f"/tin/{articles[1].slug}-{articles[1].article_id}/",
        "print": f"/tin/{last.slug}-{last.article_id}/ban-in/",
        "tag": f"/chu-de/{tags[-1].slug}/",
        "person": f"/nhan-su/cong-tang-ton-nu-huyen-tran-0-{person.pk}/",
        "author": f"/tac-gia/nguyen-phuc-hoang-thien-an-trung-tam-truyen-thong-huyen-{author.pk}/",
        "organisation": f"/co-quan/{slugify(host.name)}-{host.pk}/",
        "delegation": f"/doan-cong-tac/{slugify(visit.name)}-{visit.pk}/",
        "delegations": "/doan-cong-tac/",
        "delegations of a month": f"/doan-cong-tac/?nam={now.year}&thang={now.month}",
        "delegations found": "/doan-cong-tac/?tim=lien+nganh",
        "archive": f"/luu-tru/{timezone.localtime(now):%Y/%m}/",
        "archive of a year": f"/luu-tru/{timezone.localtime(now):%Y}/",
        "archive of a day": f"/luu-tru/{timezone.localtime(articles[-1].published_at):%Y/%m/%d}/",
        "standing page": "/trang/gioi-thieu/",
        "english": "/en/",
        "site map": "/so-do-trang/",
        "send to a friend": f"/tin/{last.slug}-{last.article_id}/gui-ban-be/",
        "letter": f"/tin/{last.slug}-{last.article_id}/phan-hoi/",
        "follow a letter": "/phan-hoi/tra-cuu/",
        "most read": "/xem-nhieu/?trong=7d",
        "nobody read": "/xem-nhieu/?trong=30d",
        "404": "/khong-co-trang-nay/",
    }


def wide_ones(page):
    """What stands out of the window to the right, but for what scrolls in a box of its own."""
    return page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            const inBox = (element) => {
                for (let box = element.parentElement; box && box !== document.body; box = box.parentElement)
                    if (getComputedStyle(box).overflowX !== "visible") return true;
                return false;
            };
            return [...document.body.querySelectorAll("*")]
                .filter((element) => {
                    const place = element.getBoundingClientRect();
                    return place.width && place.right > width + 1 && !inBox(element);
                })
                .map((element) => `${element.tagName}.${element.className}`);
        }"""
    )


def test_no_page_is_wider_than_its_window(newsroom, page, witness):
    witness.expect("status of 404")
    found = {}
    for name, address in newsroom.items():
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            over = page.evaluate("document.documentElement.scrollWidth") - width
            if over > 0 or wide_ones(page):
                found[name, width] = (over, wide_ones(page))
    assert found == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page_type(newsroom, page, witness, assert_accessible, scheme):
    witness.expect("status of 404")
    page.emulate_media(color_scheme=scheme)
    for address in newsroom.values():
        page.goto(address)
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert_accessible(page)


def test_without_scripts_every_page_reads_whole_and_nothing_dead_is_shown(newsroom, chromium, live_server):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    for name, address in newsroom.items():
        status = page.goto(address).status
        assert status == (404 if name == "404" else 200), name
        expect(page.get_by_role("main")).to_be_visible()
        for button in page.locator("main button:not([type=submit])").all():
            assert not button.is_visible(), f"{name}: a button that needs a script: {button.inner_text()}"
        expect(page.get_by_text("Hiển thị", exact=True)).to_be_hidden()
    page.goto(newsroom["article"])
    page.get_by_role("link", name="Gửi cho bạn bè").click()
    expect(page).to_have_url(re.compile(newsroom["article"] + "gui-ban-be/$"))
    expect(page.get_by_label("Thư điện tử của người nhận")).to_be_visible()
    page.go_back()
    for name, start in (
        ("Facebook", "https://www.facebook.com/sharer/sharer.php?u=http%3A%2F%2F"),
        ("X (mở trang khác)", "https://x.com/intent/post?url=http%3A%2F%2F"),
        ("Telegram", "https://t.me/share/url?url=http%3A%2F%2F"),
    ):
        link = page.get_by_role("link", name=name, exact=name[0] == "X")
        expect(link).to_have_attribute("href", re.compile(re.escape(start)))
        expect(link).to_have_attribute("rel", "noopener noreferrer")
    context.close()


def test_the_text_size_is_chosen_kept_and_given_back(newsroom, page):
    page.goto(newsroom["article"])
    text = page.locator(".article__body p").first

    def size():
        return text.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")

    usual = size()
    control = page.get_by_role("article").first.get_by_role("group", name="Cỡ chữ")
    control.get_by_role("button", name="Chữ to hơn").click()
    control.get_by_role("button", name="Chữ to hơn").click()
    larger = size()
    assert larger > usual
    page.goto(newsroom["article without a picture"])
    assert size() == larger
    page.set_viewport_size({"width": 320, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("article").first.get_by_role("button", name="Cỡ chữ thường").click()
    assert (size(), page.evaluate("localStorage.length")) == (usual, 0)


def test_contrast_and_ground_are_chosen_by_keyboard_kept_and_given_back(newsroom, page, assert_accessible):
    page.goto(newsroom["home"])

    def ground():
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    usual = ground()
    opener = page.get_by_text("Hiển thị", exact=True)
    opener.focus()
    page.keyboard.press("Enter")
    panel = page.locator(".display__panel")
    expect(panel).to_be_visible()
    for width in (320, 360, 412, 768):
        page.set_viewport_size({"width": width, "height": 900})
        for level in ("-1", "3"):
            page.evaluate("level => { document.documentElement.dataset.textSize = level }", level)
            for box in (button.bounding_box() for button in panel.get_by_role("button").all()):
                assert 0 <= box["x"] <= box["x"] + box["width"] <= width, (width, level, box)
    page.evaluate("delete document.documentElement.dataset.textSize")
    panel.get_by_role("group", name="Nền trang").get_by_role("button", name="Tối").click()
    panel.get_by_role("group", name="Tương phản").get_by_role("button", name="Cao").click()
    assert ground() == "rgb(0, 0, 0)"
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(opener).to_be_focused()
    page.goto(newsroom["article"])
    assert ground() == "rgb(0, 0, 0)"
    assert_accessible(page)
    page.get_by_text("Hiển thị", exact=True).click()
    page.get_by_role("button", name="Theo máy").click()
    page.get_by_role("button", name="Thường", exact=True).click()
    assert (ground(), page.evaluate("localStorage.length")) == (usual, 0)
    page.mouse.click(5, 500)
    expect(page.locator(".display__panel")).to_be_hidden()


def test_sharing_and_copying_show_only_where_the_browser_can(newsroom, context, page):
    page.goto(newsroom["article"])
    address = page.locator("link[rel=canonical]").get_attribute("href")
    expect(page.get_by_role("button", name="Chia sẻ")).to_have_count(0)  # no share sheet on this desktop
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Chép liên kết").click()
    expect(page.get_by_role("status").filter(has_text="Đã chép liên kết.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == address

    page.add_init_script("navigator.share = async (what) => { window.shared = what; };")
    page.reload()
    page.get_by_role("button", name="Chia sẻ").first.click()
    assert page.evaluate("window.shared.url") == address


@pytest.mark.parametrize(("kind", "limit"), [("plain article", 60), ("article", 72)], ids=["usual", "with italics"])
def test_an_article_is_light(newsroom, page, kind, limit):
    """12 requests at most; 60 KiB at most without pictures, text as compressed as it goes over the wire.

    Emphasis in the text fetches the italic face, which most articles never need.
    """
    asked = {}
    page.on("response", lambda response: asked.update({response.url: response}))
    page.goto(newsroom[kind], wait_until="networkidle")
    kinds = {url: response.headers.get("content-type", "") for url, response in asked.items()}
    bodies = {url: asked[url].body() for url, kind in kinds.items() if not kind.startswith("image/")}
    wire = sum(
        len(body) if url.endswith(".woff2") else len(brotli.compress(body, quality=5)) for url, body in bodies.items()
    )
    assert wire <= limit * 1024
    assert len(kinds) <= (12 if kind == "plain article" else 14)  # pictures included; the second has a gallery
    assert [response.status for response in asked.values() if response.status != 200] == []
    assert page.context.cookies() == []
    blocking = 'script:not([async], [defer], [type="module"], [type="application/ld+json"]), script[blocking]'
    assert page.locator(blocking).count() == 0


def test_the_page_reads_in_order_by_keyboard_and_by_headings(newsroom, page):
    page.goto(newsroom["article"])
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Đến nội dung")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    levels = page.eval_on_selector_all("h1,h2,h3,h4", "all => all.map(one => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert [(a, b) for a, b in pairwise(levels) if b > a + 1] == []


def test_the_page_does_not_jump_while_it_loads(newsroom, page):
    page.goto(newsroom["article"], wait_until="networkidle")
    shift = page.evaluate(
        """() => new Promise((resolve) => {
            let sum = 0;
            new PerformanceObserver((list) => {
                for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
            }).observe({ type: "layout-shift", buffered: true });
            setTimeout(() => resolve(sum), 300);
        })"""
    )
    assert shift < 0.02


def test_an_empty_newsroom_stands_too(transactional_db, page, assert_accessible):
    for address in ("/", "/xem-nhieu/", "/doan-cong-tac/"):
        page.goto(address)
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert_accessible(page)
