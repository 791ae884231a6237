"""Standing pages, the pages in English, the map of the site, the sitemap that lists them."""

import re
from xml.etree import ElementTree as ET

import pytest
from django.contrib.flatpages.models import FlatPage
from django.contrib.sites.models import Site

from news.models import Masthead
from news.tests import make
from news.tests.hostile import FRAGMENTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def masthead():
    return Masthead.objects.create(
        name="Báo Tây Bắc",
        supervising_body="Tỉnh ủy Nậm Sơn",
        licence_number="12/GP-BTTTT",
        editor_in_chief="Lò Văn Chính",
        address="Số 1 đường Hoàng Liên",
        phone="0213 3876 000",
        email="toasoan@example.vn",
    )


def behind_our_back(url, *, title="Trang lạ", content="", site=1, **fields):
    page = FlatPage.objects.create(url=url, title=title, content=content, **fields)
    page.sites.set([site])
    return page


def facts(text):
    """The definition list, as pairs."""
    listed = text[text.index('<dl class="facts">') : text.index("</dl>")]
    return [
        tuple(re.sub(r"<[^>]+>", "", part) for part in pair)
        for pair in re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", listed)
    ]


def test_a_page_shows_its_text_and_who_publishes_it(client, masthead):
    make.make_standing_page("/trang/gioi-thieu/", "Giới thiệu", "<h2>Chúng tôi</h2><p>Một tờ báo & bạn đọc.</p>")
    text = client.get("/trang/gioi-thieu/").content.decode()
    assert "<h1>Giới thiệu</h1>" in text
    assert '<div class="prose"><h2>Chúng tôi</h2><p>Một tờ báo &amp; bạn đọc.</p></div>' in text
    assert facts(text) == [
        ("Tên báo", "Báo Tây Bắc"),
        ("Cơ quan chủ quản", "Tỉnh ủy Nậm Sơn"),
        ("Giấy phép", "Giấy phép số 12/GP-BTTTT"),
        ("Tổng Biên tập", "Lò Văn Chính"),
        ("Địa chỉ", "Số 1 đường Hoàng Liên"),
        ("Điện thoại", "0213 3876 000"),
        ("Thư điện tử", "toasoan@example.vn"),
    ]
    assert 'href="tel:02133876000"' in text
    assert 'href="mailto:toasoan@example.vn"' in text
    assert '<html lang="vi">' in text
    assert '<link rel="canonical" href="http://127.0.0.1:8000/trang/gioi-thieu/">' in text
    assert '<meta name="description" content="Chúng tôi Một tờ báo &amp; bạn đọc.">' in text


def test_a_page_in_english_says_so_and_names_the_facts_in_english(client, masthead):
    make.make_standing_page("/en/", "About us", "<p>A newspaper.</p>")
    make.make_standing_page("/en/contact/", "Contact", "<p>Write.</p>")
    text = client.get("/en/contact/").content.decode()
    assert '<html lang="en">' in text
    assert [name for name, _ in facts(text)] == [
        "Name", "Supervising body", "Licence", "Editor-in-chief", "Address", "Phone", "E-mail",
    ]  # fmt: skip
    nav = text[text.index('aria-label="Pages in English"') :].split("</nav>")[0]
    assert re.findall(r'href="([^"]+)"( aria-current="page")?', nav) == [
        ("/en/", ""),
        ("/en/contact/", ' aria-current="page"'),
    ]


def test_a_site_that_is_no_newspaper_has_no_editor_in_chief(client, masthead, settings):
    settings.SITE_TYPE = "portal"
    make.make_standing_page("/trang/lien-he/")
    assert ("Chịu trách nhiệm nội dung", "Lò Văn Chính") in facts(client.get("/trang/lien-he/").content.decode())


def test_other_pages_have_no_facts_and_an_empty_masthead_shows_none(client):
    make.make_standing_page("/trang/tro-giup/")
    make.make_standing_page("/trang/lien-he/")
    assert "<dl" not in client.get("/trang/tro-giup/").content.decode()
    assert facts(client.get("/trang/lien-he/").content.decode()) == [("Tên báo", "Tòa soạn")]


@pytest.mark.parametrize(("asked", "right"), [("/gioi-thieu/", "/trang/gioi-thieu/"), ("/lien-he/", "/trang/lien-he/")])
def test_short_addresses_lead_to_the_pages_that_are_there(client, asked, right):
    assert client.get(asked).status_code == 404
    make.make_standing_page(right)
    for address in (asked, asked.rstrip("/")):
        response = client.get(address, follow=True)
        assert response.redirect_chain[-1] == (right, 301)


@pytest.mark.parametrize(
    "url", ["/trang/", "/trang/khong-co/", "/en/", "/en/x/", "/trang/a/b/", "/trang/A/", "/trang/a%2f/"]
)
def test_pages_that_do_not_exist_are_not_found(client, url):
    assert client.get(url).status_code == 404


def test_pages_of_other_sites_and_those_behind_a_log_in_are_not_there(client):
    other = Site.objects.create(domain="other.example", name="Khác")
    behind_our_back("/trang/cua-nguoi-khac/", site=other.pk)
    behind_our_back("/trang/noi-bo/", registration_required=True)
    for url in ("/trang/cua-nguoi-khac/", "/trang/noi-bo/"):
        assert client.get(url).status_code == 404
    for url in ("/", "/so-do-trang/", "/sitemap-trang.xml"):
        text = client.get(url).content.decode()
        assert ("cua-nguoi-khac" in text, "noi-bo" in text) == (False, False)


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_a_row_written_behind_our_back_brings_no_script(client, fragment):
    hostile = fragment.replace("\0", "")
    behind_our_back("/trang/gioi-thieu/", title=hostile[:200], content=hostile)
    text = client.get("/trang/gioi-thieu/").content.decode()
    scripts = [part.split(">")[0] for part in text.lower().split("<script")[1:]]
    assert all("type=" in script for script in scripts), scripts
    body = text[text.index('<div class="prose">') : text.index("</article>")].lower()
    assert not re.search(r"<(script|iframe|svg|math|img|object|style|form|input)", body)
    assert not re.search(r"<[^>]+\son\w+=", body)
    assert 'href="javascript' not in body


@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_as_much_for_three_as_for_one(client, django_assert_num_queries, count):
    for number in range(count):
        make.make_standing_page(f"/trang/trang-{number}/")
        make.make_standing_page(f"/en/page-{number}/")
    for url, queries in (("/trang/trang-0/", 4), ("/en/page-0/", 4), ("/so-do-trang/", 3), ("/sitemap-trang.xml", 3)):
        with django_assert_num_queries(queries):
            assert client.get(url).status_code == 200
    make.make_standing_page("/trang/lien-he/")
    with django_assert_num_queries(1):
        assert client.get("/lien-he/").status_code == 301


# --- The frame -----------------------------------------------------------------------------------


def test_the_frame_knows_the_pages_in_the_order_they_were_made(client):
    for url in ("/trang/lien-he/", "/en/contact/", "/trang/gioi-thieu/", "/en/"):
        make.make_standing_page(url, url.strip("/"))
    site = client.get("/so-do-trang/").context["site"]
    assert [link.url for link in site.pages] == ["/trang/lien-he/", "/trang/gioi-thieu/"]
    assert (site.english.url, [link.url for link in site.english_pages]) == ("/en/", ["/en/", "/en/contact/"])


def test_without_english_pages_there_is_no_way_to_them(client):
    make.make_standing_page("/trang/lien-he/")
    assert client.get("/so-do-trang/").context["site"].english is None
    make.make_standing_page("/en/contact/")
    assert client.get("/so-do-trang/").context["site"].english.url == "/en/contact/"


# --- The map and the sitemap ---------------------------------------------------------------------


def test_the_map_leads_to_everything_and_nothing_on_it_is_broken(client):
    parent = make.make_section("Thời sự")
    make.make_section("Nông thôn", parent=parent)
    make.make_section("Nội bộ", is_listed=False)
    make.make_standing_page("/trang/lien-he/")
    make.make_standing_page("/en/")
    make.publish(make.make_article(section=parent))
    text = client.get("/so-do-trang/").content.decode()
    main = text.split("<main")[1].split("</main>")[0]
    links = re.findall(r'href="(/[^"]*)"', main)
    assert {
        "/", "/thoi-su/", "/nong-thon/", "/doan-cong-tac/", "/xem-nhieu/", "/luu-tru/", "/trang/lien-he/", "/en/",
        "/phan-hoi/", "/rss/", "/atom/", "/feed.json", "/thoi-su/rss/", "/nong-thon/rss/",
    } == set(links)  # fmt: skip
    assert {link: client.get(link, follow=True).status_code for link in links} == dict.fromkeys(links, 200)


def test_an_empty_newsroom_has_a_map(client):
    response = client.get("/so-do-trang/")
    assert (response.status_code, "Chưa có chuyên mục nào." in response.content.decode()) == (200, True)


def test_the_sitemap_of_pages_lists_each_once_and_each_answers(client):
    make.make_section("Thời sự")
    make.make_standing_page("/trang/lien-he/")
    make.make_standing_page("/en/")
    make.publish(make.make_article())
    root = ET.fromstring(client.get("/sitemap-trang.xml").content)
    found = [str(item.text).removeprefix("http://127.0.0.1:8000") for item in root.iter() if item.tag.endswith("}loc")]
    assert found == [
        "/", "/thoi-su/", "/doan-cong-tac/", "/xem-nhieu/", "/so-do-trang/", "/luu-tru/2026/03/", "/trang/lien-he/",
        "/en/",
    ]  # fmt: skip
    assert {path: client.get(path).status_code for path in found} == dict.fromkeys(found, 200)
