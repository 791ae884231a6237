"""Delegations: the list with its filters and calendar, the pages of people and organisations that tell of visits."""

import re
from datetime import date, timedelta
from functools import partial

import pytest
from django.utils import timezone

from news.models import Role, Side
from news.queries import visits
from news.queries.visits import Asked
from news.tests import make
from news.tests.make import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LIST = "/doan-cong-tac/"


def tell(visit, title="", *, minute=0, **fields):
    """Publish an article about the visit, that many minutes after the tests' usual moment."""
    article = make.make_article(title or f"Tin về {visit.name}", delegations=(visit,), **fields)
    return make.publish(article, at=NOW + minute * MINUTE)


def make_visit(name, start, end=None, *attendees, **fields):
    days = {"from_on": date.fromisoformat(start), "to_on": date.fromisoformat(end) if end else None}
    return make.make_delegation(name, *(attendees or (make.attendee(make.make_person()),)), **days, **fields)


def names(response):
    return [visit.name for visit in response.context["list"].visits]


@pytest.fixture
def newsroom():
    """Visits of several days, months and years."""
    central = make.make_organisation("Ban Dân vận Trung ương")
    province = make.make_organisation("Tỉnh ủy Lai Châu")
    head = make.attendee(make.make_person("Triệu Tài Vinh"), role=Role.HEAD, positions="Phó Trưởng ban")
    member = make.attendee(make.make_person("Lò Thị Mai"), side=Side.HOST)
    group = make.attendee(group="đại diện một số sở", side=Side.HOST)
    rows = [
        make_visit("Đoàn Một", "2025-12-30", "2026-01-02"),
        make_visit("Đoàn Hai", "2026-01-31", "2026-02-01"),
        make_visit(
            "Đoàn Ba", "2026-02-10", None, head, member, group,
            visiting_organisation=central, host_organisation=province, places="Thành phố Lai Châu\nHuyện Tam Đường",
        ),
        make_visit("Đoàn Bốn", "2024-02-29"),
    ]  # fmt: skip
    undated = make.make_delegation("Đoàn Năm", make.attendee(make.make_person()), from_on=None, date_text="quý III")
    for minute, visit in enumerate([*rows, undated]):
        tell(visit, minute=minute)
    return rows


# --- The list ------------------------------------------------------------------------------------


def test_without_filters_the_newest_told_comes_first(client, newsroom):
    assert names(client.get(LIST)) == ["Đoàn Năm", "Đoàn Bốn", "Đoàn Ba", "Đoàn Hai", "Đoàn Một"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("nam=2026", ["Đoàn Ba", "Đoàn Hai", "Đoàn Một"]),
        ("nam=2025", ["Đoàn Một"]),
        ("nam=2024", ["Đoàn Bốn"]),
        ("nam=2026&thang=1", ["Đoàn Hai", "Đoàn Một"]),
        ("nam=2026&thang=2", ["Đoàn Ba", "Đoàn Hai"]),
        ("nam=2025&thang=12", ["Đoàn Một"]),
        ("nam=2026&thang=2&ngay=1", ["Đoàn Hai"]),
        ("nam=2026&thang=1&ngay=1", ["Đoàn Một"]),
        ("nam=2024&thang=2&ngay=29", ["Đoàn Bốn"]),
        ("tim=trieu+tai", ["Đoàn Ba"]),
        ("tim=TRIỆU+tài", ["Đoàn Ba"]),
        ("tim=tam+đường+dân+vận", ["Đoàn Ba"]),
        ("nam=2026&thang=2&tim=lai+chau", ["Đoàn Ba"]),
        ("nam=2026&thang=1&tim=lai+chau", []),
        ("tim=lai+chau+khong-co", []),
        ("tim=%25", []),
        ("tim=_", []),
        ("nam=2023", []),
        ("nam=&thang=&tim=", ["Đoàn Năm", "Đoàn Bốn", "Đoàn Ba", "Đoàn Hai", "Đoàn Một"]),
        ("tim=++", ["Đoàn Năm", "Đoàn Bốn", "Đoàn Ba", "Đoàn Hai", "Đoàn Một"]),
    ],
)
def test_filters_combine(client, newsroom, query, expected):
    response = client.get(f"{LIST}?{query}")
    assert (response.status_code, names(response)) == (200, expected)


@pytest.mark.parametrize(
    "query",
    [
        "nam=x",
        "nam=1899",
        "nam=2200",
        "nam=02026",
        "nam=20261",
        "nam=-1",
        "nam=2026.0",
        "nam=٢٠٢٦",
        "nam=2026&thang=0",
        "nam=2026&thang=13",
        "nam=2026&thang=01",
        "nam=2026&thang=x",
        "ngay=1",
        "nam=2026&ngay=1",
        "thang=2&ngay=1",
        "nam=2026&thang=2&ngay=29",
        "nam=2026&thang=2&ngay=0",
        "tim=" + "x" * 81,
        "truoc=x",
        "nam=2026&truoc=1-",
        "nam=2026&truoc=999999999999999999-1",
    ],
)
def test_values_that_mean_nothing_are_no_page(client, newsroom, query):
    assert client.get(f"{LIST}?{query}").status_code == 404


def test_a_month_alone_is_the_last_one_of_that_name(client, time_machine):
    time_machine.move_to(NOW)  # March 2026
    answers = {month: client.get(f"{LIST}?thang={month}&tim=lai+châu").headers["Location"] for month in (3, 4)}
    assert answers == {
        3: "/doan-cong-tac/?nam=2026&thang=3&tim=lai+ch%C3%A2u",
        4: "/doan-cong-tac/?nam=2025&thang=4&tim=lai+ch%C3%A2u",
    }


def test_a_row_says_who_came_to_whom_with_whom_and_how_many_are_named(client, newsroom):
    visit = next(visit for visit in client.get(LIST).context["list"].visits if visit.name == "Đoàn Ba")
    assert (visit.dates, visit.visiting.name, visit.host.name) == (
        "10/2/2026",
        "Ban Dân vận Trung ương",
        "Tỉnh ủy Lai Châu",
    )
    assert (visit.head.name, visit.head.positions, visit.places, visit.named_count) == (
        "Triệu Tài Vinh",
        "Phó Trưởng ban",
        "Thành phố Lai Châu; Huyện Tam Đường",
        2,
    )
    assert client.get(visit.url).status_code == 200


def test_the_result_is_counted_in_words_only_when_it_is_known(client, newsroom, monkeypatch):
    def said(query):
        found = re.search(
            r'class="filters__result">(.*?)(?: · <a.*?)?</p>', client.get(f"{LIST}?{query}").content.decode()
        )
        return found and found[1]

    assert said("nam=2026&thang=2") == "2 đoàn trong tháng 2/2026"
    assert said("nam=2026&thang=2&ngay=1") == "1 đoàn trong ngày 1/2/2026"
    assert said("nam=2026&tim=lai+châu") == "1 đoàn trong năm 2026 khớp với “lai châu”"
    assert said("") is None
    monkeypatch.setattr("news.views.delegations.visits.visits", partial(visits.visits, size=2))
    assert said("nam=2026") == "Các đoàn trong năm 2026, mới nhất trước"
    page = client.get(f"{LIST}?nam=2026").context["list"]
    assert said(f"nam=2026&truoc={page.older}") == "Các đoàn trong năm 2026, mới nhất trước"


def test_an_empty_result_says_so_and_leads_back(client, newsroom):
    text = client.get(f"{LIST}?nam=2023&tim=<b>").content.decode()
    assert "Không có đoàn nào trong năm 2023 khớp với “&lt;b&gt;”." in text
    assert '<meta name="robots" content="noindex">' in text
    assert "Bỏ lọc" in text
    assert "Chưa có đoàn công tác nào." not in text


def test_an_empty_newsroom_has_an_empty_list(client):
    text = client.get(LIST).content.decode()
    assert "Chưa có đoàn công tác nào." in text
    assert "noindex" not in text
    assert client.get(f"{LIST}?nam=2026&thang=3").status_code == 200


def test_the_form_keeps_what_was_asked_and_offers_the_years_there_are(client, newsroom):
    text = client.get(f"{LIST}?nam=2026&thang=2&tim=lai+%22ch%C3%A2u").content.decode()
    form = text[text.index("<form class") : text.index("</form>")]
    assert re.findall(r'value="(\d{4})"', form) == ["2026", "2025", "2024"]
    assert re.findall(r'value="(\w+)" selected', form) == ["2026", "2"]
    assert 'value="lai &quot;châu"' in form
    assert 'method="get"' in form
    assert "csrf" not in form


def test_the_canonical_address_has_the_filters_in_one_order_and_no_cursor(client, newsroom):
    text = client.get(f"{LIST}?tim=ba&thang=2&x=1&nam=2026").content.decode()
    assert '<link rel="canonical" href="http://127.0.0.1:8000/doan-cong-tac/?nam=2026&amp;thang=2&amp;tim=ba">' in text
    assert '<link rel="canonical" href="http://127.0.0.1:8000/doan-cong-tac/">' in client.get(LIST).content.decode()


@pytest.mark.parametrize("query", ["", "nam=2026", "tim=doan", "nam=2026&thang=2&tim=doan"])
def test_filtered_lists_are_read_to_their_end_by_cursor_each_visit_once(client, monkeypatch, query):
    for number in range(7):
        visit = make_visit(f"Đoàn {number}", f"2026-02-{1 + number // 3:02}")
        tell(visit, minute=number // 2)
    monkeypatch.setattr("news.views.delegations.visits.visits", partial(visits.visits, size=3))
    seen, older = [], ""
    for _ in range(3):
        page = client.get(f"{LIST}?{query}{older}").context["list"]
        seen += [visit.name for visit in page.visits]
        older = f"&truoc={page.older}"
    assert (seen, page.older) == ([f"Đoàn {number}" for number in reversed(range(7))], "")


def test_the_way_to_older_pages_keeps_the_filters(client, newsroom, monkeypatch):
    monkeypatch.setattr("news.views.delegations.visits.visits", partial(visits.visits, size=2))
    first = client.get(f"{LIST}?nam=2026&tim=đoàn").content.decode()
    older = re.findall(r'href="(\?[^"]+)" rel="next"', first)[0].replace("&amp;", "&")
    second = client.get(f"{LIST}{older}")
    assert names(second) == ["Đoàn Một"]
    assert 'href="./?nam=2026&amp;tim=%C4%91o%C3%A0n" rel="first"' in second.content.decode()


# --- Told several times, merged ------------------------------------------------------------------


def test_a_visit_told_of_twice_is_shown_once_as_the_newest_article_has_it(client):
    visit = make_visit("Đoàn thăm", "2026-01-10")
    tell(visit, "Đoàn đến")
    visit.from_on, visit.name = date(2026, 2, 10), "Đoàn thăm và làm việc"
    make.registering.keep(visit)
    edition = tell(visit, "Đoàn kết thúc", minute=5)
    assert names(client.get(LIST)) == ["Đoàn thăm và làm việc"]
    assert names(client.get(f"{LIST}?nam=2026&thang=2")) == ["Đoàn thăm và làm việc"]
    assert names(client.get(f"{LIST}?nam=2026&thang=1")) == []
    make.withdraw(edition.article, at=timezone.now())
    assert names(client.get(LIST)) == names(client.get(f"{LIST}?nam=2026&thang=1")) == ["Đoàn thăm"]


def test_what_the_desk_changes_after_print_changes_nothing(client, newsroom):
    visit = newsroom[2]
    visit.name, visit.from_on, visit.places = "Đoàn chưa in", date(2025, 5, 5), "Nơi chưa in"
    make.registering.keep(visit)
    make.attending.keep(attendee=make.attendee(make.make_person("Người Chưa In")), delegation=visit)
    assert names(client.get(f"{LIST}?nam=2025&thang=5")) == []
    assert "chưa in" not in client.get(LIST).content.decode().lower()
    assert names(client.get(f"{LIST}?tim=nguoi+chua+in")) == []


@pytest.mark.parametrize("newer_is_merged", [True, False])
def test_merged_visits_are_one_whichever_was_told_last(client, newer_is_merged):
    first, second, third = (make_visit(f"Đoàn {word}", "2026-02-10") for word in ("một", "hai", "ba"))
    for minute, visit in enumerate((first, second, third)):
        tell(visit, minute=minute)
    kept, merged = (first, (second, third)) if newer_is_merged else (third, (first, second))
    for visit in merged:
        visit.merged_into = kept
        visit.save()
    for address in (LIST, f"{LIST}?nam=2026", f"{LIST}?nam=2026&thang=2&ngay=10", f"{LIST}?tim=doan"):
        found = client.get(address).context["list"].visits
        assert [(visit.name, visit.url) for visit in found] == [("Đoàn ba", f"/doan-cong-tac/doan-ba-{kept.pk}/")]
    assert client.get(found[0].url).status_code == 200
    calendar = client.get(f"{LIST}?nam=2026&thang=2").context["calendar"]
    assert [day.note for week in calendar.weeks for day in week if day and day.note] == ["1 đoàn"]


def test_two_visits_of_one_article_merged_later_are_one(client):
    first, second = make_visit("Đoàn một", "2026-02-10"), make_visit("Đoàn hai", "2026-02-10")
    make.publish(make.make_article(delegations=(first, second)))
    second.merged_into = first
    second.save()
    found = client.get(LIST).context["list"].visits
    assert [visit.id for visit in found] == [first.pk]
    assert client.get(found[0].url).status_code == 200


def test_hidden_articles_tell_of_no_visit_no_year_no_day(client, newsroom):
    gone = make_visit("Đoàn đã gỡ", "2019-05-05")
    make.withdraw(tell(gone).article, at=timezone.now())
    make.make_article(delegations=(make_visit("Đoàn nháp", "2018-05-05"),))
    waiting = make.make_article(delegations=(make_visit("Đoàn hẹn", "2030-05-05"),))
    make.schedule(waiting, visible_from=timezone.now() + timedelta(days=1))
    assert client.get(LIST).context["years"] == [2026, 2025, 2024]
    for year in (2018, 2019, 2030):
        page = client.get(f"{LIST}?nam={year}&thang=5")
        days = [day for week in page.context["calendar"].weeks for day in week if day and day.url]
        assert (names(page), days) == ([], [])


# --- The calendar --------------------------------------------------------------------------------


def test_the_calendar_marks_every_day_of_a_visit(client, newsroom):
    tell(make_visit("Đoàn Sáu", "2026-01-30", "2026-01-31"), minute=9)
    calendar = client.get(f"{LIST}?nam=2026&thang=1").context["calendar"]
    marked = [day for week in calendar.weeks for day in week if day and day.url]
    assert [(day.number, day.note, day.went_on, day.goes_on) for day in marked] == [
        (1, "1 đoàn", True, True),
        (2, "1 đoàn", True, False),
        (30, "1 đoàn", False, True),
        (31, "2 đoàn", True, True),
    ]
    assert marked[0].url == "/doan-cong-tac/?nam=2026&thang=1&ngay=1"
    assert names(client.get(marked[3].url)) == ["Đoàn Hai", "Đoàn Sáu"]


def test_the_calendar_keeps_the_words_and_marks_the_day_asked_for(client, newsroom):
    response = client.get(f"{LIST}?nam=2026&thang=2&ngay=10&tim=lai+châu")
    days = [day for week in response.context["calendar"].weeks for day in week if day]
    assert [day.number for day in days if day.url] == [10]
    assert [day.number for day in days if day.is_chosen] == [10]
    assert response.context["before"].url == "/doan-cong-tac/?nam=2026&thang=1&tim=lai+ch%C3%A2u"
    assert response.context["after"].url == "/doan-cong-tac/?nam=2026&thang=3&tim=lai+ch%C3%A2u"
    assert "calendar" not in client.get(f"{LIST}?nam=2026").content.decode().split("<main")[1]


def test_the_calendar_ends_where_the_years_end(client, newsroom):
    first, last = (client.get(f"{LIST}?nam={year}&thang={month}").context for year, month in ((2024, 1), (2026, 12)))
    assert (first["before"], first["after"].name) == (None, "Tháng 2/2024")
    assert (last["before"].name, last["after"]) == ("Tháng 11/2026", None)


@pytest.mark.parametrize("asked", [Asked(2026), Asked(2026, 2), Asked(2026, 12), Asked(2024, 2), Asked(2026, 2, 3)])
def test_the_days_asked_for_are_whole_months_and_years(asked):
    start, end = asked.days
    assert (start.year, end.year) == (asked.year, asked.year)
    assert (end + timedelta(days=1)).day == (4 if asked.day else 1)


@pytest.mark.parametrize("count", [1, 3])
def test_filters_ask_as_much_for_three_visits_as_for_one(client, django_assert_num_queries, count):
    for number in range(count):
        tell(make_visit(f"Đoàn {number}", f"2026-02-{1 + number:02}"), minute=number)
    for query, queries in (("", 6), ("nam=2026", 6), ("tim=doan", 6), ("nam=2026&thang=2", 7), ("tim=khong", 5)):
        with django_assert_num_queries(queries):
            client.get(f"{LIST}?{query}")


# --- One delegation ------------------------------------------------------------------------------


def test_a_visit_has_those_before_and_after_it_beside_it(client, newsroom):
    def around(visit):
        found = client.get(f"/doan-cong-tac/{visit.name.lower().replace('đoàn ', 'doan-')}-{visit.pk}/", follow=True)
        beside = found.context["around"]
        return tuple(other and other.name for other in (beside.previous, beside.next))

    assert [around(visit) for visit in newsroom] == [
        ("Đoàn Bốn", "Đoàn Hai"),
        ("Đoàn Một", "Đoàn Ba"),
        ("Đoàn Hai", None),
        (None, "Đoàn Một"),
    ]


def test_visits_of_one_day_lie_beside_each_other(client):
    rows = [make_visit(f"Đoàn {number}", "2026-02-10") for number in range(3)]
    for visit in rows:
        tell(visit)
    found = client.get(f"/doan-cong-tac/doan-1-{rows[1].pk}/").context["around"]
    assert (found.previous.name, found.next.name) == ("Đoàn 0", "Đoàn 2")


def test_a_visit_without_a_day_has_none_beside_it(client, newsroom):
    visit = make.Delegation.objects.get(name="Đoàn Năm")
    found = client.get(f"/doan-cong-tac/doan-nam-{visit.pk}/").context["around"]
    assert (found.previous, found.next) == (None, None)


# --- People --------------------------------------------------------------------------------------


def person_page(client, person):
    return client.get(f"/nhan-su/x-{person.pk}/", follow=True).context["person"]


def test_a_person_is_told_in_periods_of_the_positions_printed(client):
    person = make.make_person("Lò Thị Mai")
    told = [
        ("2024-05-01", None, "Giám đốc Sở Y tế", Role.ATTEND),
        ("2024-09-10", "2024-09-12", "Giám đốc Sở Y tế", Role.CHAIR),
        ("2025-03-01", None, "Phó Chủ tịch tỉnh\nỦy viên Ban Thường vụ", Role.HEAD),
        ("2026-01-05", None, "Giám đốc Sở Y tế", Role.ATTEND),
    ]
    # Told in another order than they happened.
    for minute, number in enumerate((2, 0, 3, 1)):
        start, end, positions, role = told[number]
        tell(
            make_visit(f"Đoàn {number}", start, end, make.attendee(person, positions=positions, role=role)),
            minute=minute,
        )
    periods = person_page(client, person).periods
    assert [(period.positions, period.dates) for period in periods] == [
        ("Giám đốc Sở Y tế", "5/1/2026"),
        ("Phó Chủ tịch tỉnh, Ủy viên Ban Thường vụ", "1/3/2025"),
        ("Giám đốc Sở Y tế", "1/5–12/9/2024"),
    ]
    assert [(item.date, item.role, item.delegation.name) for item in periods[2].appearances] == [
        ("10–12/9/2024", "Chủ trì", "Đoàn 1"),
        ("1/5/2024", "", "Đoàn 0"),
    ]


def test_a_visit_told_of_twice_counts_once_for_a_person_as_printed_last(client):
    person = make.make_person("Lò Thị Mai")
    visit = make_visit("Đoàn", "2026-01-05", None, make.attendee(person, positions="Phó Giám đốc"))
    tell(visit)
    line = visit.attendees.get()
    line.positions = "Giám đốc"
    line.save()
    tell(visit, "Tin sau", minute=5)
    assert [(period.positions, len(period.appearances)) for period in person_page(client, person).periods] == [
        ("Giám đốc", 1)
    ]


def test_merged_visits_count_once_for_a_person_and_an_organisation(client):
    person, host = make.make_person("Lò Thị Mai"), make.make_organisation("Tỉnh ủy")
    first, second = (
        make_visit(f"Đoàn {word}", "2026-01-05", None, make.attendee(person), host_organisation=host)
        for word in ("một", "hai")
    )
    for minute, visit in enumerate((first, second)):
        tell(visit, minute=minute)
    second.merged_into = first
    second.save()
    expected = [("Đoàn hai", f"/doan-cong-tac/doan-hai-{first.pk}/")]
    periods = person_page(client, person).periods
    links = [item.delegation for period in periods for item in period.appearances]
    assert [(link.name, link.url) for link in links] == expected
    received = client.get(f"/co-quan/tinh-uy-{host.pk}/").context["organisation"].received
    assert [(item.delegation.name, item.delegation.url) for item in received] == expected


def test_positions_never_printed_are_nowhere(client):
    person = make.make_person("Lò Thị Mai", ("Bí thư chưa in", None, None))
    tell(make_visit("Đoàn", "2026-01-05", None, make.attendee(person, positions="Giám đốc")))
    unprinted = make.attendee(person, positions="Chức vụ chưa in")
    make.make_article(delegations=(make_visit("Đoàn chưa in", "2026-01-06", None, unprinted),))
    assert "chưa in" not in client.get(f"/nhan-su/lo-thi-mai-{person.pk}/").content.decode()


def test_an_article_that_printed_no_position_breaks_no_period(client):
    person = make.make_person("Lò Thị Mai")
    for number, positions in enumerate(("Giám đốc", "", "Giám đốc")):
        tell(make_visit(f"Đoàn {number}", f"2026-01-0{number + 1}", None, make.attendee(person, positions=positions)))
    periods = person_page(client, person).periods
    assert [(period.positions, period.dates) for period in periods] == [("Giám đốc", "1–3/1/2026")]


def test_a_visit_without_days_stands_in_the_year_its_words_name(client):
    person = make.make_person("Thào Xuân Sùng")

    def attend(positions):
        return make.attendee(person, positions=positions)

    tell(make_visit("Đoàn sau", "2020-05-01", None, attend("Trưởng ban")), at=NOW - timedelta(days=1))
    old = make.make_delegation("Đoàn trước", attend("Phó Trưởng ban"), from_on=None, date_text="quý III năm 2017")
    tell(old, minute=5)
    lost = make.make_delegation("Đoàn không ngày", attend("Ủy viên"), from_on=None)
    tell(lost, minute=9)
    periods = person_page(client, person).periods
    assert [(period.positions, period.dates) for period in periods] == [
        ("Ủy viên", ""),
        ("Trưởng ban", "1/5/2020"),
        ("Phó Trưởng ban", "quý III năm 2017"),
    ]


# --- Organisations -------------------------------------------------------------------------------


def test_an_organisation_has_the_visits_it_sent_and_received(client):
    central, province = make.make_organisation("Ban Dân vận"), make.make_organisation("Tỉnh ủy")
    there = {"visiting_organisation": central, "host_organisation": province}
    back = {"visiting_organisation": province, "host_organisation": central}
    tell(make_visit("Đoàn xuống", "2026-01-05", **there), minute=2)
    tell(make_visit("Đoàn xuống nữa", "2026-02-05", places="Sìn Hồ", **there), minute=1)
    tell(make_visit("Đoàn lên", "2026-03-01", **back))
    response = client.get(f"/co-quan/tinh-uy-{province.pk}/")
    found = response.context["organisation"]
    assert [(item.delegation.name, item.date, item.other.name, item.places) for item in found.received] == [
        ("Đoàn xuống nữa", "5/2/2026", "Ban Dân vận", "Sìn Hồ"),
        ("Đoàn xuống", "5/1/2026", "Ban Dân vận", ""),
    ]
    assert [(item.delegation.name, item.other.name) for item in found.sent] == [("Đoàn lên", "Ban Dân vận")]
    assert "Tìm các đoàn trước đó" not in response.content.decode()


def test_an_organisation_with_many_visits_leads_to_the_list(client, monkeypatch):
    monkeypatch.setattr("news.queries.listings.PAYLOADS", 2)
    host = make.make_organisation("Tỉnh ủy")
    for number in range(3):
        tell(make_visit(f"Đoàn {number}", f"2026-01-0{number + 1}", host_organisation=host), minute=number)
    response = client.get(f"/co-quan/tinh-uy-{host.pk}/")
    assert [item.delegation.name for item in response.context["organisation"].received] == ["Đoàn 2", "Đoàn 1"]
    link = re.findall(r'href="(/doan-cong-tac/\?tim=[^"]+)"', response.content.decode())[0]
    assert names(client.get(link)) == ["Đoàn 2", "Đoàn 1", "Đoàn 0"]


# --- Feeds of what was merged --------------------------------------------------------------------


@pytest.mark.parametrize("tail", ["rss/", "atom/", "feed.json"])
def test_feeds_of_what_was_merged_lead_to_the_kept_ones(client, tail):
    old, kept = make.make_person("Lò Mai"), make.make_person("Lò Thị Mai")
    tag, kept_tag = make.make_tag("Công tác dân vận"), make.make_tag("Dân vận")
    tell(make_visit("Đoàn", "2026-01-05", None, make.attendee(old), make.attendee(kept)), tags=(tag, kept_tag))
    old.merged_into, tag.merged_into = kept, kept_tag
    old.save()
    tag.save()
    moved = {
        f"/nhan-su/lo-mai-{old.pk}/{tail}": f"/nhan-su/lo-thi-mai-{kept.pk}/{tail}",
        f"/nhan-su/sai-ten-{kept.pk}/{tail}": f"/nhan-su/lo-thi-mai-{kept.pk}/{tail}",
        f"/chu-de/cong-tac-dan-van/{tail}": f"/chu-de/dan-van/{tail}",
    }
    answers = {address: client.get(address) for address in moved}
    assert {address: answer.headers.get("Location") for address, answer in answers.items()} == moved
    assert {answer.status_code for answer in answers.values()} == {301}
    assert {client.get(address).status_code for address in moved.values()} == {200}
