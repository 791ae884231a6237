"""Public pages: addresses, queries, caching, cursors, hostile requests."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from news.models import Masthead, ViewCount
from news.queries.cards import BadCursor, decode, encode
from news.services import counting
from news.tests import make
from news.tests.hostile import FRAGMENTS
from news.tests.make import NOW
from news.text.normalize import clean_line
from news.text.slug import slugify

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def fill(count, **fields):
    """That many published articles, a minute apart, the last one newest; with every kind of row beside them."""
    section = fields.pop("section", None) or make.make_section("Thời sự")
    tag = make.make_tag("Dân vận")
    author = make.make_author("PV")
    person = make.make_person("Lò Thị Mai")
    host = make.make_organisation("Tỉnh ủy")
    delegation = make.make_delegation("Đoàn công tác", make.attendee(person), host_organisation=host)
    image = make.make_image()
    Masthead.objects.get_or_create(id=1, defaults={"name": "Báo Tây Bắc"})
    for url, title in (("/trang/gioi-thieu/", "Giới thiệu"), ("/en/", "About us")):
        make.make_standing_page(url, title)
    editions = []
    for number in range(1, count + 1):
        article = make.make_article(
            f"Tin thứ {number}",
            section=section,
            tags=(tag,),
            byline=(author,),
            delegations=(delegation,),
            lead_image=image,
            **fields,
        )
        editions.append(make.publish(article, at=NOW + number * MINUTE))
        ViewCount.objects.create(
            article=article, hour=timezone.now().replace(minute=0, second=0, microsecond=0), count=number
        )
    last = editions[-1]
    return {
        "home": "/",
        "section": f"/{section.slug}/",
        "article": f"/tin/{last.slug}-{last.article_id}/",
        "print": f"/tin/{last.slug}-{last.article_id}/ban-in/",
        "save": f"/tin/{last.slug}-{last.article_id}/tai-ve/",
        "qr": f"/tin/{last.slug}-{last.article_id}/ma-qr.svg",
        "tag": f"/chu-de/{tag.slug}/",
        "author": f"/tac-gia/pv-{author.pk}/",
        "person": f"/nhan-su/lo-thi-mai-{person.pk}/",
        "organisation": f"/co-quan/tinh-uy-{host.pk}/",
        "delegation": f"/doan-cong-tac/doan-cong-tac-{delegation.pk}/",
        "delegations": "/doan-cong-tac/",
        "delegations_month": "/doan-cong-tac/?nam=2026&thang=3&tim=doan",
        "archive_day": "/luu-tru/2026/03/02/",
        "archive_month": "/luu-tru/2026/03/",
        "archive_year": "/luu-tru/2026/",
        "standing": "/trang/gioi-thieu/",
        "english": "/en/",
        "site_map": "/so-do-trang/",
        "most_read": "/xem-nhieu/",
        "rss": "/rss/",
        "section_rss": f"/{section.slug}/rss/",
        "tag_rss": f"/chu-de/{tag.slug}/rss/",
        "person_rss": f"/nhan-su/lo-thi-mai-{person.pk}/rss/",
        "sitemap": "/sitemap.xml",
        "sitemap_pages": "/sitemap-trang.xml",
        "sitemap_month": "/sitemap-2026-03.xml",
        "sitemap_news": "/sitemap-tin-tuc.xml",
        "picture": f"/media/{image.key}/640.webp",
        "robots": "/robots.txt",
        "missing": "/tin/khong-co-999999/",
    }


QUERIES = {
    "home": 10,
    "section": 4,
    "article": 10,
    "print": 4,
    "save": 4,
    "qr": 1,
    "tag": 7,
    "author": 5,
    "person": 7,
    "organisation": 7,
    "delegation": 8,
    "delegations": 6,
    "delegations_month": 7,
    "archive_day": 7,
    "archive_month": 7,
    "archive_year": 6,
    "standing": 4,
    "english": 4,
    "site_map": 3,
    "most_read": 5,
    "rss": 2,
    "section_rss": 3,
    "tag_rss": 5,
    "person_rss": 5,
    "sitemap": 1,
    "sitemap_pages": 3,
    "sitemap_month": 1,
    "sitemap_news": 2,
    "picture": 1,
    "robots": 0,
    "missing": 5,
}


@pytest.mark.parametrize("count", [1, 3])
def test_each_page_asks_a_fixed_number_of_queries(client, count):
    addresses = fill(count)
    asked = {}
    for name, address in addresses.items():
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        asked[name] = len(captured)
    assert asked == QUERIES


def test_public_pages_set_no_cookie_carry_no_token_and_answer_304(client):
    for name, address in fill(2).items():
        if name == "missing":
            continue
        first = client.get(address)
        text = first.getvalue().decode(errors="replace")
        assert (first.status_code, dict(first.cookies)) == (200, {}), name
        assert "csrfmiddlewaretoken" not in text
        assert "nonce" not in first.headers["Content-Security-Policy"] + text
        assert "Cookie" not in first.headers.get("Vary", "")
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.getvalue()) == (304, b""), name
        assert again.headers["ETag"] == first.headers["ETag"]


def test_head_is_get_without_a_body_with_the_same_tag(client):
    for name, address in fill(1).items():
        get, head = client.get(address), client.head(address)
        assert (head.status_code, head.getvalue(), head.headers.get("ETag")) == (
            get.status_code,
            b"",
            get.headers.get("ETag"),
        ), name


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_other_methods_are_told_what_is_allowed(client, method):
    addresses = fill(1)
    for name in ("home", "section", "article", "print", "rss", "sitemap", "picture", "robots"):
        response = getattr(client, method)(addresses[name])
        assert (response.status_code, response.headers.get("Allow")) == (405, "GET, HEAD"), name


def test_every_answer_carries_the_strict_policy(client):
    addresses = fill(1)
    for address in [*addresses.values(), "/tai-khoan/dang-nhap/", "/khong-co/"]:
        headers = client.get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert "camera=()" in headers["Permissions-Policy"]


# --- Lists ---------------------------------------------------------------------------------------


def test_a_section_is_read_to_its_end_by_cursor_each_article_once(client):
    section = make.make_section("Thời sự")
    child = make.make_section("Nông thôn", parent=section)
    for number in range(45):
        where = child if number % 3 == 0 else section
        # Equal times, so that the order rests on the numbers too.
        make.publish(make.make_article(f"Tin {number:02}.", section=where), at=NOW + (number // 4) * MINUTE)
    seen, address = [], "/thoi-su/"
    for _ in range(3):
        response = client.get(address)
        page = response.context["list"]
        seen += [card.title for card in page.cards]
        address = f"/thoi-su/?truoc={page.older}"
    assert seen == [f"Tin {number:02}." for number in reversed(range(45))]
    assert page.older == ""


@pytest.mark.parametrize(
    "cursor", ["x", "1", "-", "1-", "-1", "1-1-1", "9" * 30 + "-1", "1-" + "9" * 30, "１-１", "1- 1"]
)
def test_a_cursor_that_names_no_place_is_no_page(client, cursor):
    make.make_section("Thời sự")
    assert client.get("/thoi-su/", {"truoc": cursor}).status_code == 404


@given(st.integers(1, 7 * 10**15), st.integers(1, 2**63 - 1))
def test_a_cursor_comes_back_as_it_went(microseconds, number):
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    assert decode(encode(moment, number)) == (moment, number)


@given(st.text(max_size=40))
def test_any_text_is_a_cursor_or_refused(text):
    try:
        moment, number = decode(text)
    except BadCursor:
        return
    assert moment.tzinfo is UTC
    assert number >= 0


def test_the_neighbours_of_an_article_are_the_nearest_newer_and_older(client):
    fill(14)
    middle = make.Edition.objects.get(title="Tin thứ 7")
    around = client.get(f"/tin/{middle.slug}-{middle.article_id}/").context["around"]
    assert [card.title for card in around.others] == [f"Tin thứ {n}" for n in (12, 11, 10, 9, 8, 6, 5, 4, 3, 2)]


def test_most_viewed_counts_views_in_the_window(client):
    now = timezone.now()
    old, new = make.make_article("Bài cũ nhiều người xem"), make.make_article("Bài mới")
    for article in (old, new):
        make.publish(article, at=NOW)
    for hours, article, count in [(1, new, 5), (30, old, 50), (24 * 20, old, 500)]:
        hour = (now - timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)
        ViewCount.objects.create(article=article, hour=hour, count=count)

    def titles(window):
        return [card.title for card in client.get(f"/xem-nhieu/?trong={window}").context["cards"]]

    assert titles("24h") == ["Bài mới"]
    assert titles("7d") == titles("30d") == ["Bài cũ nhiều người xem", "Bài mới"]
    assert client.get("/xem-nhieu/?trong=1y").status_code == 404


# --- Beacon --------------------------------------------------------------------------------------


def seen(edition, address, at):
    counting.count_view(article_id=edition.article_id, address=address, agent=make.PHONE, at=at)


def test_views_of_an_hour_add_up_in_one_bucket():
    edition = make.publish(make.make_article())
    for minute in range(3):
        seen(edition, f"192.0.2.{minute}", NOW + minute * MINUTE)
    seen(edition, "192.0.2.9", NOW + timedelta(hours=1))
    assert list(ViewCount.objects.order_by("hour").values_list("hour", "count")) == [
        (NOW, 3),
        (NOW + timedelta(hours=1), 1),
    ]


@pytest.mark.parametrize("body", ["", "bai=", "bai=abc", "bai=0", "bai=-1", "bai=" + "9" * 30, "bai=1&x=" + "y" * 600])
def test_a_malformed_beacon_is_refused(client, body):
    response = client.post("/dem/", body, content_type="application/x-www-form-urlencoded")
    assert (response.status_code, ViewCount.objects.count()) == (400, 0)


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_a_beacon_from_elsewhere_counts_nothing(client, headers):
    edition = make.publish(make.make_article())
    assert client.post("/dem/", {"bai": edition.article_id}, headers=headers).status_code == 204
    assert ViewCount.objects.count() == 0


def test_the_beacon_sets_no_cookie_and_takes_posts_only(client):
    edition = make.publish(make.make_article())
    response = client.post("/dem/", {"bai": edition.article_id}, headers={"Origin": "http://testserver"})
    assert (response.status_code, response.content, dict(response.cookies)) == (204, b"", {})
    assert ViewCount.objects.get().count == 1
    assert client.get("/dem/").status_code == 405


# --- Pictures ------------------------------------------------------------------------------------


def test_ranges_of_a_picture(client):
    address = fill(1)["picture"]
    whole = client.get(address).getvalue()

    def ask(value):
        response = client.get(address, headers={"Range": value})
        return response.status_code, response.getvalue(), response.headers.get("Content-Range")

    size = len(whole)
    assert ask("bytes=0-9") == (206, whole[:10], f"bytes 0-9/{size}")
    assert ask("bytes=10-") == (206, whole[10:], f"bytes 10-{size - 1}/{size}")
    assert ask("bytes=-7") == (206, whole[-7:], f"bytes {size - 7}-{size - 1}/{size}")
    assert ask(f"bytes=0-{size + 50}") == (206, whole, f"bytes 0-{size - 1}/{size}")
    assert ask(f"bytes={size}-") == (416, b"", f"bytes */{size}")
    assert ask("bytes=9-3") == (200, whole, None)
    assert ask("bytes=0-1,5-6") == (200, whole, None)
    assert ask("bites=0-1") == (200, whole, None)


@pytest.mark.parametrize(
    "name", ["../../site.sqlite3", "640.svg", "640.webp/x", "..%2f640.webp", "640.WEBP", "99999.jpg"]
)
def test_no_other_name_is_a_picture(client, name):
    address = fill(1)["picture"].rsplit("/", 1)[0]
    assert client.get(f"{address}/{name}").status_code == 404


# --- Feeds and sitemaps --------------------------------------------------------------------------


def test_feeds_are_well_formed_whatever_a_title_holds(client):
    titles = sorted({title for fragment in FRAGMENTS if (title := clean_line(fragment)[:250])})
    for title in titles:
        make.publish(make.make_article(title))
    feed = ET.fromstring(client.get("/rss/").content)
    assert sorted(str(item.findtext("title")) for item in feed.iter("item")) == titles
    atom = ET.fromstring(client.get("/atom/").content)
    assert len(atom.findall("{http://www.w3.org/2005/Atom}entry")) == len(titles)
    assert sorted(item["title"] for item in client.get("/feed.json").json()["items"]) == titles
    ET.fromstring(client.get("/sitemap-tin-tuc.xml").content)


def test_the_sitemap_index_lists_just_the_months_that_have_articles(client):
    for moment in (datetime(2023, 12, 31, 17, 30, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC), NOW):
        make.publish(make.make_article(), at=moment)
    text = client.get("/sitemap.xml").content.decode()
    assert [part.split("<")[0].rsplit("/", 1)[1] for part in text.split("<loc>")[1:]] == [
        "sitemap-trang.xml",
        "sitemap-2026-03.xml",
        "sitemap-2024-03.xml",
        "sitemap-2024-01.xml",  # half past midnight of 1 January in Vietnam
    ]
    assert [client.get(f"/sitemap-{name}.xml").status_code for name in ("2024-01", "2023-12", "2024-13")] == [
        200,
        404,
        404,
    ]


# --- Addresses and hostile requests --------------------------------------------------------------


def test_an_address_without_its_last_slash_is_sent_there(client):
    addresses = fill(1)
    for name in ("article", "section", "tag", "delegations"):
        response = client.get(addresses[name].rstrip("/") + "?x=1")
        assert (response.status_code, response.headers["Location"]) == (301, f"{addresses[name]}?x=1")
    assert client.get("/khong-co-gi/gi-ca").status_code == 404


def test_merged_ones_lead_to_what_they_were_merged_into(client):
    addresses = fill(1)
    kept = make.Person.objects.get()
    gone = make.make_person("Lò Mai")
    gone.merged_into = kept
    gone.save()
    tag = make.make_tag("Công tác dân vận")
    tag.merged_into = make.Tag.objects.get(slug="dan-van")
    tag.save()
    assert client.get(f"/nhan-su/lo-mai-{gone.pk}/").headers["Location"] == addresses["person"]
    assert client.get("/chu-de/cong-tac-dan-van/").headers["Location"] == addresses["tag"]


@pytest.mark.parametrize(
    "path",
    [
        "/tin/a-00001/",
        "/tin/a-99999999999999999999/",
        "/tin/-1/",
        "/tin/a-1/x/",
        "/tin/a-١/",
        "/nhan-su/x-1/",
        "/x/y/z",
    ],
)
def test_odd_addresses_are_not_found(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "extra"),
    [
        ("/?q=%00", {}),
        ("/?" + "x" * 5000, {}),
        ("/thoi-su%00/", {}),
        ("/thoi%0asu/", {}),
        ("/", {"HTTP_HOST": "evil.example"}),
        ("/", {"HTTP_HOST": "a b"}),
    ],
)
def test_requests_that_make_no_sense_are_answered_400(client, path, extra):
    assert client.get(path, **extra).status_code == 400


def test_a_form_in_an_odd_charset_is_answered_400(client):
    response = client.post(
        "/tai-khoan/dang-nhap/", "login=a", content_type="application/x-www-form-urlencoded; charset=utf-7"
    )
    assert response.status_code == 400


@settings(suppress_health_check=list(HealthCheck), max_examples=60)
@given(st.text(max_size=60))
def test_no_path_is_an_error_of_ours(client, path):
    assert client.get("/" + path).status_code in {200, 301, 400, 404}


def test_an_empty_newsroom_has_honest_pages(client):
    statuses = {path: client.get(path).status_code for path in ("/", "/rss/", "/atom/", "/feed.json", "/sitemap.xml",
        "/sitemap-trang.xml", "/sitemap-tin-tuc.xml", "/xem-nhieu/", "/doan-cong-tac/", "/robots.txt", "/healthz/",
        "/healthz/san-sang/")}  # fmt: skip
    assert set(statuses.values()) == {200}


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_hostile_words_stay_words_on_every_page(client, fragment):
    words = clean_line(fragment)[:100] or "x"
    tag = make.registering.keep(make.Tag(name=words, slug=f"the-{abs(hash(fragment)) % 10**6}"))
    person = make.make_person(words)
    delegation = make.make_delegation(
        words, make.attendee(person, positions=words), purpose=words, places=words, date_text=words[:80], from_on=None
    )
    edition = make.publish(
        make.make_article(
            words,
            lead=fragment.replace("\0", ""),
            kicker=words[:80],
            body=f"<p>Có chữ.</p>{fragment}",
            tags=(tag,),
            byline=(make.make_author(words),),
            delegations=(delegation,),
            lead_image=make.make_image(alt=words, caption=words, credit=words),
            source_name=words,
        )
    )
    person_slug = f"{slugify(words) or 'nhan-su'}-{person.pk}"
    for address in (
        "/",
        f"/tin/{edition.slug}-{edition.article_id}/",
        f"/chu-de/{tag.slug}/",
        f"/nhan-su/{person_slug}/",
    ):
        response = client.get(address)
        assert response.status_code == 200, address
        text = response.content.decode()
        scripts = [part.split(">")[0] for part in text.lower().split("<script")[1:]]
        assert all("type=" in script for script in scripts), scripts
        opened = [tag_.split(">")[0] for tag_ in text.split("<")[1:]]
        handlers = [part for part in opened if " onerror=" in part.lower() and '="' not in part.split(" onerror=")[0]]
        assert handlers == []
        assert "<svg/onload" not in text
        assert "<img src=x" not in text
        assert 'href="javascript' not in text.lower()
