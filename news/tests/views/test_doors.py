"""The doors themselves: who is asking, which methods, which requests are refused, what machines are given."""

import gzip
from datetime import timedelta
from ipaddress import ip_network
from xml.etree import ElementTree as ET

import brotli
import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.template import TemplateDoesNotExist
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.utils import timezone

from news import web
from news.middleware import TrustedProxyMiddleware
from news.models import OldAddress, ViewCount
from news.queries import addresses
from news.queries.cards import newest_of_each
from news.tests import make
from news.tests.make import NOW
from news.tests.views.test_pages import fill

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def browser():
    """A client whose forms need a token, as everybody's do outside the tests."""
    return Client(enforce_csrf_checks=True, headers={"User-Agent": make.PHONE})


# --- Methods -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"])
def test_a_wrong_method_is_told_so_before_any_token_is_asked_for(browser, method):
    addresses = fill(1) | {"alive": "/healthz/", "ready": "/healthz/san-sang/"}
    answers = {name: browser.generic(method, address) for name, address in addresses.items()}
    assert {
        name: (answer.status_code, answer.headers.get("Allow")) for name, answer in answers.items()
    } == dict.fromkeys(addresses, (405, "GET, HEAD"))


def test_the_beacon_needs_no_token_and_takes_nothing_but_posts(browser):
    edition = make.publish(make.make_article())
    assert browser.post("/dem/", {"bai": edition.article_id}).status_code == 204
    for method in ("GET", "HEAD", "PUT", "DELETE", "FOO"):
        response = browser.generic(method, "/dem/")
        assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert list(ViewCount.objects.values_list("count", flat=True)) == [1]


# --- Who is asking -------------------------------------------------------------------------------


def settled(remote, forwarded="", proto="", **extra):
    """REMOTE_ADDR and scheme after the middleware, and the names of what forwarding headers are left."""
    request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded, **extra)
    if proto:
        request.META["HTTP_X_FORWARDED_PROTO"] = proto
    TrustedProxyMiddleware(lambda request: HttpResponse())(request)
    left = [name for name in request.META if "FORWARD" in name or name == "HTTP_X_REAL_IP"]
    return request.META["REMOTE_ADDR"], request.scheme, left


@pytest.mark.parametrize(
    ("remote", "forwarded", "proto", "expected"),
    [
        # From anybody but our proxy nothing is believed.
        ("203.0.113.9", "198.51.100.7", "https", ("203.0.113.9", "http", [])),
        ("203.0.113.9", "10.0.0.5", "https", ("203.0.113.9", "http", [])),
        # From the proxy: the right-most address that is none of ours; what a client wrote before it is ignored.
        ("10.0.0.5", "198.51.100.7", "https", ("198.51.100.7", "https", [])),
        ("10.0.0.5", "1.1.1.1, 198.51.100.7", "http", ("198.51.100.7", "http", [])),
        ("10.0.0.5", "1.1.1.1, 198.51.100.7, 10.0.0.8", "HTTPS", ("198.51.100.7", "https", [])),
        ("10.0.0.5", "2001:db8::1", "", ("2001:db8::1", "http", [])),
        # Nonsense is not an address and never an error.
        ("10.0.0.5", "", "", ("10.0.0.5", "http", [])),
        ("10.0.0.5", "unknown", "x", ("10.0.0.5", "http", [])),
        ("10.0.0.5", ", ,;;\u0661.1.1.1, <script>", "javascript", ("10.0.0.5", "http", [])),
        ("", "198.51.100.7", "https", ("", "http", [])),
    ],
)
def test_only_a_proxy_of_ours_says_whom_it_stands_for(settings, remote, forwarded, proto, expected):
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]
    assert settled(remote, forwarded, proto) == expected


def test_without_proxies_every_forwarding_header_is_dropped(settings):
    settings.TRUSTED_PROXIES = []
    headers = {"HTTP_X_FORWARDED_HOST": "evil.example", "HTTP_FORWARDED": "for=1.1.1.1", "HTTP_X_REAL_IP": "1.1.1.1"}
    assert settled("127.0.0.1", "1.1.1.1", "https", **headers) == ("127.0.0.1", "http", [])


# --- What is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["q=%00", "q=%0a", "q=%0D%0ASet-Cookie:x", "q=%1f", "q=%7F", "x=%1B[31m", "x" * 5000])
def test_a_query_with_control_characters_or_without_end_is_refused(client, query):
    response = client.get(f"/?{query}")
    assert response.status_code == 400
    assert "Yêu cầu" in response.content.decode()
    assert {"Permissions-Policy", "Cross-Origin-Resource-Policy", "Content-Security-Policy"} <= set(response.headers)


@pytest.mark.parametrize("query", ["q=%09", "q=%250a", "q=%ff%fe", "q=%E1%BA%A1", "q=%", "%%%", "q=%zz"])
def test_other_odd_queries_change_nothing(client, query):
    assert client.get(f"/?{query}").status_code == 200


@pytest.mark.parametrize("host", ["", "evil.example", "a b", "127.0.0.1:port", "[::1", "x" * 300])
def test_another_host_is_refused_without_a_word_in_the_error_log(client, caplog, host):
    assert client.get("/", HTTP_HOST=host).status_code == 400
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "iso-8859-1", "nonsense", "us-ascii"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("address", ["/phan-hoi/", "/dem/", "/tai-khoan/dang-nhap/"])
def test_a_form_in_another_charset_is_refused(browser, address, kind, charset):
    body = "--x--\r\n" if "multipart" in kind else "bai=1"
    response = browser.generic("POST", address, body, content_type=f"{kind}; charset={charset}")
    # ASCII is UTF-8 too: such a form only lacks its token, or the number.
    allowed = {400} if charset != "us-ascii" else {400, 403, 204}
    assert response.status_code in allowed


@pytest.mark.parametrize(
    ("body", "kind", "length", "status", "count"),
    [
        ("bai={pk}", "application/x-www-form-urlencoded", None, 204, 1),
        ('{{"bai": {pk}}}', "application/json", None, 204, 1),
        ('{{"bai": "{pk}"}}', "application/json", None, 204, 1),
        ('{{"bai": true}}', "application/json", None, 400, 0),
        ("[{pk}]", "application/json", None, 400, 0),
        ("{{", "application/json", None, 400, 0),
        ("[" * 500, "application/json", None, 400, 0),
        ("bai={pk}", "application/x-www-form-urlencoded", "abc", 400, 0),
        ("bai={pk}", "application/x-www-form-urlencoded", "-1", 400, 0),
        ("bai={pk}", "application/x-www-form-urlencoded", "9" * 40, 400, 0),
        ("bai={pk}", "application/x-www-form-urlencoded", "", 400, 0),
        ("bai={pk}", "multipart/form-data", None, 400, 0),
        ("bai={pk}", "image/png", None, 400, 0),
        ("bai=123456", "application/x-www-form-urlencoded", None, 204, 0),
    ],
)
def test_every_beacon_is_counted_or_refused_and_none_is_an_error(browser, body, kind, length, status, count):
    edition = make.publish(make.make_article())
    extra = {} if length is None else {"CONTENT_LENGTH": length}
    response = browser.generic("POST", "/dem/", body.format(pk=edition.article_id), content_type=kind, **extra)
    assert (response.status_code, sum(ViewCount.objects.values_list("count", flat=True))) == (status, count)


def test_an_error_page_that_cannot_be_made_is_still_an_answer(monkeypatch):
    def broken(template):
        raise TemplateDoesNotExist(template)

    monkeypatch.setattr(web, "render_to_string", broken)
    response = web.error_page("500.html", 500)
    assert (response.status_code, response.content.decode()) == (500, "Lỗi 500\n")


def test_error_pages_ask_for_the_frame_at_most(client, django_assert_num_queries):
    for address, queries in (("/?q=%00", 0), ("/tin/a-01/", 4), ("/khong-co/gi", 4)):
        with django_assert_num_queries(queries):  # whether an earlier site had that address; the frame
            assert client.get(address).status_code in {400, 404}


def test_not_found_is_said_without_a_frame_when_the_database_is_away(client, monkeypatch):
    make.make_section("Thời sự")
    assert "Thời sự" in client.get("/tin/a-01/").content.decode()

    def away(at=None):
        raise OperationalError("away")

    monkeypatch.setattr("news.views.errors.frame", away)
    response = client.get("/tin/a-01/")
    assert (response.status_code, "Thời sự" in response.content.decode()) == (404, False)
    assert "Không có trang này" in response.content.decode()


# --- Front page ----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_front_page_asks_as_much_for_three_sections_as_for_one(client, count):
    for number in range(count):
        section = make.make_section(f"Mục {number}")
        for minute in range(7):
            edition = make.publish(make.make_article(section=section), at=NOW + (10 * number + minute) * MINUTE)
    ViewCount.objects.create(article_id=edition.article_id, hour=timezone.now() - 5 * MINUTE, count=1)
    with CaptureQueriesContext(connection) as captured:
        front = client.get("/").context["front"]
    assert (len(captured), len(front.blocks)) == (10, count)


def test_a_block_has_its_sections_newest_that_are_not_above_and_nothing_hidden(client):
    news, quiet = make.make_section("Thời sự"), make.make_section("Bạn đọc")
    rural = make.make_section("Nông thôn", parent=news)
    make.make_section("Trống")
    old = make.publish(make.make_article("Thư bạn đọc", section=quiet), at=NOW - timedelta(days=400))
    gone = make.publish(make.make_article("Đã gỡ", section=quiet), at=NOW - timedelta(days=300))
    make.withdraw(gone.article, at=NOW)
    make.schedule(make.make_article("Hẹn giờ", section=quiet), visible_from=timezone.now() + timedelta(days=1))
    for number in range(10):
        where = rural if number % 2 else news
        make.publish(make.make_article(f"Tin {number}", section=where), at=NOW + number * MINUTE)
    front = client.get("/").context["front"]
    above = [front.lead.title, *(card.title for card in front.featured)]
    assert above == ["Tin 9", "Tin 8", "Tin 7", "Tin 6"]
    assert {block.section.name: [card.title for card in block.cards] for block in front.blocks} == {
        "Thời sự": ["Tin 5", "Tin 4", "Tin 3", "Tin 2"],
        "Bạn đọc": ["Thư bạn đọc"],
    }
    assert newest_of_each([], timezone.now(), 4) == {}
    assert [card.id for card in newest_of_each([quiet.pk], timezone.now(), 4)[quiet.pk]] == [old.article_id]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_visits_shows_each_once_newest_first_by_cursor(client, django_assert_num_queries, count):
    for number in range(22):
        visit = make.make_delegation(f"Đoàn {number}", make.attendee(make.make_person()))
        for minute in range(count):
            article = make.make_article(f"Tin {number}.{minute}", delegations=(visit,))
            make.publish(article, at=NOW + (10 * number + minute) * MINUTE)
    withdrawn = make.make_delegation("Đoàn đã gỡ", make.attendee(make.make_person()))
    gone = make.publish(make.make_article(delegations=(withdrawn,)), at=NOW + timedelta(days=2))
    make.withdraw(gone.article, at=NOW + timedelta(days=3))
    seen, older = [], ""
    for _ in range(5):
        with django_assert_num_queries(6):
            page = client.get(f"/doan-cong-tac/{older}").context["list"]
        seen += [visit.name for visit in page.visits]
        if not page.older:
            break
        older = f"?truoc={page.older}"
    assert seen == [f"Đoàn {number}" for number in reversed(range(22))]


@pytest.mark.parametrize("path", ["/tin/mot-bai-7/", "/tin/mot-bai-7/ban-in/", "/tin/mot-bai-7/tai-ve/", "/thoi-su/"])
def test_addresses_made_in_bulk_are_those_of_the_list(path):
    match = resolve(path)
    made = addresses.article("mot-bai", 7, match.url_name) if "pk" in match.kwargs else addresses.section("thoi-su")
    assert made == path == reverse(match.url_name, kwargs=match.kwargs)


# --- Merged ones ---------------------------------------------------------------------------------


def test_what_was_merged_has_one_page_with_the_articles_of_both(client):
    person_a, person_b, person_c = (make.make_person(name) for name in ("Lò Mai", "Lò Thị Mai", "Lò T. Mai"))
    host_a, host_b = make.make_organisation("Tỉnh uỷ"), make.make_organisation("Tỉnh ủy")
    tag_a, tag_b = make.make_tag("Công tác dân vận"), make.make_tag("Dân vận")
    visits = []
    for number, (person, host, tag) in enumerate([(person_a, host_a, tag_a), (person_b, host_b, tag_b)]):
        visit = make.make_delegation(f"Đoàn {number}", make.attendee(person), host_organisation=host)
        visits.append(visit)
        article = make.make_article(f"Tin {number}", tags=(tag,), delegations=(visit,))
        make.publish(article, at=NOW + number * MINUTE)
    person_a.merged_into, person_b.merged_into = person_b, person_c
    host_a.merged_into, tag_a.merged_into, visits[0].merged_into = host_b, tag_b, visits[1]
    for row in (person_a, person_b, host_a, tag_a, visits[0]):
        row.save()
    pages = {
        f"/nhan-su/lo-mai-{person_a.pk}/": f"/nhan-su/lo-thi-mai-{person_c.pk}/",
        f"/nhan-su/lo-thi-mai-{person_b.pk}/": f"/nhan-su/lo-thi-mai-{person_c.pk}/",
        f"/co-quan/tinh-uy-{host_a.pk}/": f"/co-quan/tinh-uy-{host_b.pk}/",
        "/chu-de/cong-tac-dan-van/": "/chu-de/dan-van/",
        f"/doan-cong-tac/doan-0-{visits[0].pk}/": f"/doan-cong-tac/doan-1-{visits[1].pk}/",
    }
    for old, new in pages.items():
        response = client.get(old)
        assert (response.status_code, response.headers.get("Location")) == (301, new)
        page = client.get(new)
        assert (page.status_code, [card.title for card in page.context["list"].cards]) == (200, ["Tin 1", "Tin 0"]), new
    for feed in (f"/nhan-su/lo-thi-mai-{person_c.pk}/rss/", "/chu-de/dan-van/rss/"):
        titles = [item.findtext("title") for item in ET.fromstring(client.get(feed).content).iter("item")]
        assert titles == ["Tin 1", "Tin 0"]


def test_what_was_merged_into_something_hidden_tells_nothing(client):
    shown, hidden = make.make_person("Lò Mai"), make.make_person("Bí Mật")
    never = make.make_person("Vô Danh")
    never.merged_into = hidden
    never.save()
    make.publish(make.make_article(delegations=(make.make_delegation("Đoàn", make.attendee(shown)),)))
    for person, slug in ((hidden, "bi-mat"), (never, "vo-danh")):
        assert client.get(f"/nhan-su/{slug}-{person.pk}/").status_code == 404


def test_people_merged_in_a_circle_are_no_endless_search(client):
    one, two = make.make_person("Lò Mai"), make.make_person("Lò Mơ")
    make.publish(make.make_article(delegations=(make.make_delegation("Đoàn", make.attendee(one)),)))
    one.merged_into, two.merged_into = two, one
    one.save()
    two.save()
    assert client.get(f"/nhan-su/lo-mai-{one.pk}/").status_code in {200, 301}


# --- Old addresses -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        ("/bai-cu-12/", "/bai-cu-12/"),
        ("/bai-cu-12", "/bai-cu-12"),
        ("/2024/05/bài-cũ/", "/2024/05/b%C3%A0i-c%C5%A9/"),
        ("/2024/05/b%C3%A0i-c%C5%A9/", "/2024/05/b%C3%A0i-c%C5%A9/"),
        ("/x%20y.html", "/x%20y.html"),
        ("/index.php?nv=news&id=3", "/index.php?nv=news&id=3"),
        ("/cu.html", "/cu.html?utm_source=x"),
    ],
)
def test_an_old_address_is_found_however_it_is_spelled(client, kept, asked):
    edition = make.publish(make.make_article())
    OldAddress.objects.create(path=kept, article=edition.article)
    response = client.get(asked)
    assert (response.status_code, response.headers.get("Location")) == (
        301,
        f"/tin/{edition.slug}-{edition.article_id}/",
    )
    make.withdraw(edition.article, at=timezone.now())
    assert client.get(asked).status_code == 410
    assert edition.title not in client.get(asked).content.decode()


# --- Feeds, sitemaps, pictures -------------------------------------------------------------------


def test_feeds_say_who_publishes_them_and_what_they_are(client):
    fill(2)
    atom = ET.fromstring(client.get("/atom/").content)
    space = "{http://www.w3.org/2005/Atom}"
    assert atom.findtext(f"{space}author/{space}name") == "Báo Tây Bắc"
    assert [link.get("href") for link in atom.findall(f"{space}link") if link.get("rel") == "self"] == [
        "http://127.0.0.1:8000/atom/"
    ]
    ids = [entry.findtext(f"{space}id") for entry in atom.findall(f"{space}entry")]
    assert len(set(ids)) == len(ids) == 2
    rss = ET.fromstring(client.get("/rss/").content)
    assert rss.findtext("channel/language") == "vi"
    assert client.get("/feed.json").json()["authors"] == [{"name": "Báo Tây Bắc"}]


@pytest.mark.parametrize("name", ["rss", "atom", "feed.json"])
def test_an_empty_feed_is_the_same_when_asked_again(client, time_machine, name):
    make.make_section("Trống")
    address = f"/trong/{name}" if "." in name else f"/trong/{name}/"
    time_machine.move_to(NOW)
    first = client.get(address)
    time_machine.move_to(NOW + 3 * MINUTE)
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_the_news_sitemap_names_an_address_even_on_quiet_days(client):
    make.publish(make.make_article("Bài cũ"), at=NOW)
    root = ET.fromstring(client.get("/sitemap-tin-tuc.xml").content)
    assert [element.text for element in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")] == [
        "http://127.0.0.1:8000/"
    ]


def test_head_of_a_picture_tells_of_the_whole_whatever_range_it_names(client):
    address = fill(1)["picture"]
    whole = client.get(address)
    head = client.head(address, headers={"Range": "bytes=0-9"})
    assert (head.status_code, head.headers["Content-Length"], head.getvalue()) == (
        200,
        whole.headers["Content-Length"],
        b"",
    )
    assert head.headers["Accept-Ranges"] == "bytes"


def test_a_range_is_for_the_picture_it_was_meant_for_only(client):
    address = fill(1)["picture"]
    etag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"Range": "bytes=0-9", "If-Range": etag}).status_code == 206
    assert client.get(address, headers={"Range": "bytes=0-9", "If-Range": '"another"'}).status_code == 200


# --- Compression ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("", None),
        ("identity", None),
        ("gzip;q=0", None),
        ("br;q=0, gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("GZIP", "gzip"),
        ("*", "br"),
        ("*;q=0, gzip;q=0.5", "gzip"),
        ("br ; q=0.001", "br"),
        ("nonsense;;;q=x,,", None),
    ],
)
def test_public_text_goes_out_as_it_was_accepted_and_is_the_same_text(browser, asked, answered):
    make.publish(make.make_article())
    plain = browser.get("/")
    response = browser.get("/", headers={"Accept-Encoding": asked})
    body = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[answered](response.content)
    assert (response.headers.get("Content-Encoding"), body) == (answered, plain.content)
    assert (response.headers["ETag"], response.headers["Vary"]) == (plain.headers["ETag"], "Accept-Encoding")
    assert int(response.headers["Content-Length"]) == len(response.content)
    again = browser.get("/", headers={"Accept-Encoding": asked, "If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["Vary"]) == (304, b"", "Accept-Encoding")
    head = browser.head("/", headers={"Accept-Encoding": asked})
    assert (head.content, head.headers["ETag"]) == (b"", plain.headers["ETag"])


def test_what_is_not_public_is_not_compressed(browser):
    response = browser.get("/phan-hoi/", headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in response.headers
