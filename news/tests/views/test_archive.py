"""The archive by day, month and year."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from news.queries.calendars import Mark, month_table
from news.tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def at(text):
    """That moment in Vietnam."""
    return datetime.fromisoformat(f"{text}+07:00")


def publish(title, moment, **fields):
    return make.publish(make.make_article(title, **fields), at=at(moment))


def titles(response):
    return [card.title for card in response.context["found"].list.cards]


def calendar_links(response):
    """The addresses of the days that the calendar leads to."""
    weeks = response.context["found"].calendar.weeks
    return [day.url for week in weeks for day in week if day and day.url]


@pytest.fixture
def newsroom():
    """Articles on both sides of midnight, of a month and of a year, as the clock shows in Vietnam."""
    publish("Cuối năm", "2025-12-31T23:59:59")
    publish("Đầu năm", "2026-01-01T00:00:00")
    publish("Sáng mồng năm", "2026-01-05T08:00:00")
    publish("Chiều mồng năm", "2026-01-05T17:30:00")
    publish("Tháng ba", "2026-03-01T00:00:00")


# --- A day ---------------------------------------------------------------------------------------


def test_a_day_has_what_was_first_published_then_newest_first(client, newsroom):
    response = client.get("/luu-tru/2026/01/05/")
    assert titles(response) == ["Chiều mồng năm", "Sáng mồng năm"]
    found = response.context["found"]
    assert (found.heading, [card.time for card in found.list.cards]) == ("Thứ Hai, 5/1/2026", ["17:30", "08:00"])
    assert (found.previous.name, found.previous.url) == ("Thứ Năm, 1/1/2026", "/luu-tru/2026/01/01/")
    assert (found.next.name, found.next.url) == ("Chủ Nhật, 1/3/2026", "/luu-tru/2026/03/01/")
    assert calendar_links(response) == ["/luu-tru/2026/01/01/", "/luu-tru/2026/01/05/"]


def test_a_day_begins_at_midnight_in_vietnam(client, newsroom):
    assert titles(client.get("/luu-tru/2025/12/31/")) == ["Cuối năm"]
    assert titles(client.get("/luu-tru/2026/01/01/")) == ["Đầu năm"]


def test_an_article_stays_on_the_day_of_its_first_publication(client):
    edition = publish("Bản đầu", "2026-01-05T08:00:00")
    make.revise(edition.article, at=at("2026-02-01T08:00:00"), title="Bản sửa")
    make.publishing.publish(
        article_id=edition.article_id, actor=make.make_user("secretary"), at=at("2026-02-01T09:00:00")
    )
    assert titles(client.get("/luu-tru/2026/01/05/")) == ["Bản sửa"]
    response = client.get("/luu-tru/2026/02/01/")
    assert (response.status_code, titles(response)) == (200, [])


def test_a_day_without_articles_is_an_honest_page_that_no_machine_keeps(client, newsroom):
    response = client.get("/luu-tru/2026/01/06/")
    text = response.content.decode()
    assert (response.status_code, "Ngày này không có bài nào." in text) == (200, True)
    assert '<meta name="robots" content="noindex">' in text
    assert "noindex" not in client.get("/luu-tru/2026/01/05/").content.decode()


def test_a_day_that_has_not_come_or_lies_before_everything_is_no_page(client, newsroom):
    tomorrow = timezone.localdate() + DAY
    addresses = (f"/luu-tru/{tomorrow:%Y/%m/%d}/", "/luu-tru/2025/12/30/", "/luu-tru/1900/01/01/")
    assert [client.get(address).status_code for address in addresses] == [404, 404, 404]
    assert client.get(f"/luu-tru/{timezone.localdate():%Y/%m/%d}/").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/luu-tru/2026/13/",
        "/luu-tru/2026/00/",
        "/luu-tru/2026/13/01/",
        "/luu-tru/2026/02/30/",
        "/luu-tru/2026/01/00/",
        "/luu-tru/2026/01/32/",
        "/luu-tru/1899/12/31/",
        "/luu-tru/0000/01/01/",
        "/luu-tru/2200/",
        "/luu-tru/9999/12/31/",
        "/luu-tru/26/01/05/",
        "/luu-tru/2026/001/05/",
        "/luu-tru/2026/01/005/",
        "/luu-tru/٢٠٢٦/01/05/",
        "/luu-tru/x/",
        "/luu-tru/2026/01/05/x/",
        "/luu-tru/2026/01/05/?truoc=x",
        "/luu-tru/2026/01/?truoc=1-",
        "/luu-tru/2026-01-05/",
    ],
)
def test_what_names_no_day_is_no_page(client, newsroom, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("asked", "right"),
    [
        ("/luu-tru/2026/1/5/", "/luu-tru/2026/01/05/"),
        ("/luu-tru/2026/01/5/", "/luu-tru/2026/01/05/"),
        ("/luu-tru/2026/1/", "/luu-tru/2026/01/"),
        ("/luu-tru/2026/01/05", "/luu-tru/2026/01/05/"),
        ("/luu-tru/2026/01", "/luu-tru/2026/01/"),
    ],
)
def test_other_forms_of_an_address_lead_to_the_right_one(client, newsroom, asked, right):
    response = client.get(asked)
    assert (response.status_code, response.headers["Location"]) == (301, right)


def test_a_full_day_is_read_to_its_end_by_cursor_each_article_once(client, django_assert_num_queries):
    for number in range(45):
        publish(f"Tin {number:02}.", f"2026-01-05T08:{number // 3:02}:00")
    publish("Hôm trước", "2026-01-04T08:00:00")
    publish("Hôm sau", "2026-01-06T08:00:00")
    seen, address = [], "/luu-tru/2026/01/05/"
    for _ in range(2):
        with django_assert_num_queries(7):
            response = client.get(address)
        page = response.context["found"].list
        seen += titles(response)
        address = f"/luu-tru/2026/01/05/?truoc={page.older}"
    assert (len(page.cards), page.older) == (5, "")
    assert seen == [f"Tin {number:02}." for number in reversed(range(45))]


def test_a_cursor_beyond_the_day_names_no_place(client, newsroom):
    first = client.get("/luu-tru/2026/03/01/").context["found"].list.cards[0]
    later = f"{int(first.published_at.timestamp()) * 10**6}-{first.id}"
    assert client.get(f"/luu-tru/2026/01/05/?truoc={later}").status_code == 200
    assert client.get("/luu-tru/2026/01/05/?truoc=1-1").status_code == 404


# --- Months, years, the root ---------------------------------------------------------------------


def test_a_month_has_its_days_and_its_articles(client, newsroom):
    response = client.get("/luu-tru/2026/01/")
    found = response.context["found"]
    assert titles(response) == ["Chiều mồng năm", "Sáng mồng năm", "Đầu năm"]
    assert calendar_links(response) == ["/luu-tru/2026/01/01/", "/luu-tru/2026/01/05/"]
    assert (found.previous.url, found.next.url) == ("/luu-tru/2025/12/", "/luu-tru/2026/03/")


def test_a_month_without_articles_between_others_is_an_honest_page(client, newsroom):
    response = client.get("/luu-tru/2026/02/")
    found = response.context["found"]
    assert (response.status_code, calendar_links(response)) == (200, [])
    assert (found.previous.url, found.next.url) == ("/luu-tru/2026/01/", "/luu-tru/2026/03/")
    assert "noindex" in response.content.decode()
    assert client.get("/luu-tru/2025/11/").status_code == 404


def test_a_year_has_twelve_months_of_which_those_with_articles_are_links(client, newsroom):
    publish("Xưa", "2023-07-01T08:00:00")
    found = client.get("/luu-tru/2026/").context["found"]
    assert len(found.months) == 12
    assert [month.url for month in found.months if month.url] == ["/luu-tru/2026/01/", "/luu-tru/2026/03/"]
    assert (found.previous.url, found.next) == ("/luu-tru/2025/", None)
    empty = client.get("/luu-tru/2024/")
    around = empty.context["found"]
    assert (empty.status_code, "noindex" in empty.content.decode()) == (200, True)
    assert (around.previous.url, around.next.url) == ("/luu-tru/2023/", "/luu-tru/2025/")
    next_year = timezone.localdate().year + 1
    assert [client.get(f"/luu-tru/{year}/").status_code for year in (2022, next_year)] == [404, 404]


def test_the_root_leads_to_the_newest_month(client, newsroom):
    response = client.get("/luu-tru/")
    assert (response.status_code, response.headers["Location"]) == (302, "/luu-tru/2026/03/")


def test_an_empty_newsroom_has_an_empty_archive(client):
    response = client.get("/luu-tru/")
    assert (response.status_code, "Chưa có bài nào" in response.content.decode()) == (200, True)
    today = timezone.localdate()
    addresses = (f"/luu-tru/{today:%Y/%m/%d}/", f"/luu-tru/{today:%Y/%m}/", f"/luu-tru/{today:%Y}/")
    assert [client.get(address).status_code for address in addresses] == [404, 404, 404]


def test_what_is_hidden_makes_no_day_no_month_no_year(client, newsroom):
    gone = publish("Đã gỡ", "2026-02-10T08:00:00")
    make.withdraw(gone.article, at=at("2026-02-11T08:00:00"))
    make.schedule(make.make_article("Hẹn giờ"), visible_from=timezone.now() + DAY)
    make.make_article("Bản nháp")
    older = publish("Xưa đã gỡ", "2020-02-10T08:00:00")
    make.withdraw(older.article, at=at("2020-02-11T08:00:00"))
    assert calendar_links(client.get("/luu-tru/2026/02/")) == []
    assert titles(client.get("/luu-tru/2026/02/10/")) == []
    assert [month.url for month in client.get("/luu-tru/2026/").context["found"].months if month.url] == [
        "/luu-tru/2026/01/",
        "/luu-tru/2026/03/",
    ]
    assert client.get("/luu-tru/2020/02/10/").status_code == client.get("/luu-tru/2020/").status_code == 404
    assert client.get("/luu-tru/").headers["Location"] == "/luu-tru/2026/03/"


@pytest.mark.parametrize("count", [1, 3])
def test_each_page_asks_as_much_for_three_days_as_for_one(client, django_assert_num_queries, count):
    for number in range(count):
        publish(f"Tin {number}", f"2026-01-{5 + number:02}T08:00:00")
    addresses = (("/luu-tru/2026/01/05/", 7), ("/luu-tru/2026/01/", 7), ("/luu-tru/2026/", 6), ("/luu-tru/", 1))
    for address, queries in addresses:
        with django_assert_num_queries(queries):
            client.get(address)


# --- The calendar --------------------------------------------------------------------------------


def test_the_calendar_is_a_table_that_can_be_heard(client, newsroom):
    text = client.get("/luu-tru/2026/01/05/").content.decode()
    table = text[text.index("<table") : text.index("</table>")]
    assert "<caption>Tháng 1/2026</caption>" in table
    heads = re.findall(r'<th scope="col"><span aria-hidden="true">(.+?)</span>.+?>(.+?)</span></th>', table)
    assert [short for short, _ in heads] == ["T2", "T3", "T4", "T5", "T6", "T7", "CN"]
    assert [full for _, full in heads][::6] == ["Thứ Hai", "Chủ Nhật"]
    assert table.count('aria-current="page"') == 1
    rows = re.findall(r"<tr>(.+?)</tr>", table.split("<tbody>")[1])
    assert [row.count("<td") for row in rows] == [7] * 5
    spoken = re.sub(r"<[^>]+>", "", re.findall(r'<a href="/luu-tru/2026/01/05/".+?</a>', table)[0])
    assert spoken == "Ngày 5/1/2026"


def test_today_is_marked(client):
    today = timezone.localdate()
    make.publish(make.make_article(at=timezone.now() - timedelta(hours=1)), at=timezone.now())
    text = client.get(f"/luu-tru/{today:%Y/%m}/").content.decode()
    marked = re.findall(r'calendar__day--today.*?aria-current="date">.*?</span>(\d+)<', text)
    assert marked == [str(today.day)]


@pytest.mark.parametrize(("year", "month"), [(2026, 1), (2026, 2), (2024, 2), (2026, 3), (2021, 2)])
def test_a_month_begins_under_its_weekday_and_ends_with_its_last_day(year, month):
    weeks = month_table(year, month, marks={3: Mark("/x/", "2 đoàn")}, today=date(2026, 1, 1)).weeks
    days = [day for week in weeks for day in week if day]
    assert [day.number for day in days] == list(range(1, len(days) + 1))
    assert date(year, month, len(days)) + DAY == date(year + month // 12, month % 12 + 1, 1)
    assert weeks[0].index(days[0]) == date(year, month, 1).weekday()
    assert [(day.number, day.note) for day in days if day.url] == [(3, "2 đoàn")]


def test_addresses_of_days_are_those_of_the_list(client, newsroom):
    found = client.get("/luu-tru/2026/01/05/").context["found"]
    days = [day for week in found.calendar.weeks for day in week if day and day.url]
    assert [day.url for day in days] == [reverse("archive_day", args=[2026, 1, day.number]) for day in days]


def test_months_long_ago_are_found_whatever_the_clock_was_then(client):
    make.publish(make.make_article("Xưa"), at=datetime(1955, 6, 30, 17, 30, tzinfo=UTC))
    assert titles(client.get("/luu-tru/1955/07/01/")) == ["Xưa"]
