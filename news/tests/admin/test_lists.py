"""Lists: a page by cursor, never a count, found with or without diacritics, a fixed number of queries."""

import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from news.models import (
    ArticleTemplate,
    CalendarDay,
    CommenterStanding,
    CommentSetting,
    CommentSwitch,
    ConsentText,
    DataRequest,
    ErasureRecord,
    Feedback,
    LegalHold,
    MailStop,
    OldAddress,
    Outbox,
    Person,
    PersonSpelling,
    Recording,
    RecordingKind,
    ReplyTemplate,
    Section,
    ViewCount,
    WordRule,
)
from news.queries import picks
from news.services.registering import keep
from news.tests import make
from news.text.normalize import fold

pytestmark = pytest.mark.django_db
AT = timezone.now() - timedelta(hours=2)


def published(n: int) -> None:
    make.publish(make.make_article(at=AT), at=AT + timedelta(hours=1))


def make_view_count(n: int) -> None:
    ViewCount.objects.create(article=make.make_article(), hour=AT, count=n)


def make_feedback(n: int) -> None:
    Feedback.objects.create(code=f"PH-{n}", article=make.make_article(), body="Thư", received_at=AT)


def make_comment(n: int) -> None:
    edition = make.publish(make.make_article(at=AT), at=AT + timedelta(hours=1))
    make.make_comment(edition, f"Bình luận {n}", author=make.make_user(None), is_shown=False)


def make_switch(n: int) -> None:
    CommentSwitch.objects.create(
        article=make.make_article(), state="off", reason="x", changed_at=AT, changed_by=make.make_user()
    )


def make_outbox(n: int) -> None:
    Outbox.objects.create(kind="thu", recipient="x", recipient_digest="x", message="x", created_at=AT, send_after=AT)


def make_position(n: int) -> None:
    person = make.make_person(f"Người {n}", (f"Chức {n}", None, None))
    person.positions.update(organisation=make.make_organisation())


def make_recording(n: int, name: str = "Phim của đoàn") -> None:
    Recording.objects.create(
        kind=RecordingKind.AUDIO,
        title=f"{name} {n}",
        text_key=fold(f"{name} {n}"),
        file=f"recordings/{n}.mp3",
        key=f"{n:040}",
        content_type="audio/mpeg",
        byte_count=9,
        uploaded_by=make.make_user(),
        created_at=AT,
    )


# The list, who opens it, how one more row is made, and how many queries it takes with one row and with three.
LISTS: dict[str, tuple[str, Callable[[int], Any], int]] = {
    "news/article": ("editor", lambda n: make.make_article(), 5),
    "news/image": ("editor", lambda n: make.make_image(("red", "green", "blue")[n]), 5),
    "news/recording": ("editor", make_recording, 4),
    "news/articletemplate": ("editor", lambda n: ArticleTemplate.objects.create(name=f"Mẫu {n}"), 4),
    "news/tag": ("editor", lambda n: make.make_tag(), 4),
    "news/author": ("editor", lambda n: make.make_author(user=make.make_user()), 4),
    "news/edition": ("editor", published, 4),
    "news/ledgerentry": ("secretary", published, 4),
    "news/delegation": ("editor", lambda n: make.make_delegation(visiting_organisation=make.make_organisation()), 4),
    "news/person": ("editor", lambda n: make.make_person(f"Người {n}", ("Chức", None, None)), 5),
    "news/organisation": ("editor", lambda n: make.make_organisation(parent=make.make_organisation()), 4),
    "news/position": ("editor", make_position, 4),
    "news/revision": ("editor", lambda n: make.make_article(), 4),
    "news/feedback": ("moderator", make_feedback, 6),
    "news/replytemplate": ("moderator", lambda n: ReplyTemplate.objects.create(name=f"Mẫu {n}", body="Lời"), 4),
    "news/feedbackterm": ("chief", lambda n: None, 4),
    "news/calendarday": ("chief", lambda n: CalendarDay.objects.create(day=date(2026, 3, 3 + n), name="Nghỉ"), 4),
    "news/comment": ("moderator", make_comment, 4),
    "news/wordrule": ("moderator", lambda n: WordRule.objects.create(pattern=f"từ {n}"), 4),
    "news/commentsetting": ("moderator", lambda n: CommentSetting.objects.create(section=make.make_section()), 6),
    "news/commentswitch": ("moderator", make_switch, 4),
    "news/commenterstanding": (
        "moderator",
        lambda n: CommenterStanding.objects.create(user=make.make_user(None)),
        4,
    ),
    "news/newsletterissue": ("secretary", lambda n: make.make_issue(AT + timedelta(days=n)), 4),
    "news/subscriber": ("administrator", lambda n: make.make_subscriber(f"ban-{n}@example.vn"), 4),
    "news/newsletterplan": ("administrator", lambda n: None, 5),
    "news/outbox": ("administrator", make_outbox, 6),
    "news/mailstop": (
        "administrator",
        lambda n: MailStop.objects.create(address_digest=f"{n}", stopped_at=AT, recorded_by=make.make_user()),
        4,
    ),
    "news/viewcount": ("secretary", make_view_count, 4),
    "news/section": ("administrator", lambda n: make.make_section(parent=make.make_section()), 4),
    "news/sectionright": ("administrator", lambda n: make.make_user("editor"), 4),
    "accounts/user": ("administrator", lambda n: make.make_user("editor"), 5),
    "auth/group": ("administrator", lambda n: None, 5),
    "news/consenttext": (
        "administrator",
        lambda n: ConsentText.objects.create(form="phan-hoi", version=n + 1, text="Lời", shown_from=AT),
        4,
    ),
    "news/datarequest": (
        "moderator",
        lambda n: DataRequest.objects.create(
            kind="other", received_at=AT, acknowledge_by=AT, complete_by=AT, handled_by=make.make_user("moderator")
        ),
        4,
    ),
    "news/legalhold": (
        "chief",
        lambda n: LegalHold.objects.create(
            email_digest="x", reason="Công văn", placed_by=make.make_user("chief"), placed_at=AT
        ),
        4,
    ),
    "news/erasurerecord": (
        "moderator",
        lambda n: ErasureRecord.objects.create(
            erased_at=AT, reason="desk", actor=make.make_user("moderator"), counts={"thư": n}
        ),
        4,
    ),
    "news/oldaddress": (
        "administrator",
        lambda n: OldAddress.objects.create(path=f"/cu/{n}", article=make.make_article()),
        4,
    ),
    "flatpages/flatpage": ("secretary", lambda n: make.make_standing_page(f"/trang/trang-{n}/"), 4),
}


@pytest.mark.parametrize("name", LISTS)
def test_queries(sign_in_as: Any, name: str) -> None:
    role, make_row, expected = LISTS[name]
    client = sign_in_as(make.make_user(role))
    address = f"/quan-tri/{name}/"
    make_row(0)
    client.get(address)
    for number in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) == expected, [query["sql"][:120] for query in queries]
        assert not any("COUNT(" in query["sql"] or "OFFSET" in query["sql"] for query in queries)
        make_row(1 + number)


def test_a_list_says_yes_and_no_in_words(sign_in_as: Any) -> None:
    make.make_section("Kinh tế", is_listed=False)
    make.make_section("Văn hóa", is_listed=True)
    page = sign_in_as(make.make_user("administrator")).get("/quan-tri/news/section/").content.decode()
    assert page.count(">có</td>") == page.count(">không</td>") == 1
    assert 'alt="True"' not in page
    assert page.count('data-label="Hiện trên thanh chuyên mục: "') == 2


# What a search or a filter of a list asks: who opens it, how one more row that is found is made, how many queries.
SEARCHES: dict[str, tuple[str, Callable[[int], Any], int]] = {
    "news/article/?q=bai": ("editor", lambda n: make.make_article(), 5),
    "news/article/?q=7&trang-thai=draft": ("editor", lambda n: make.make_article(f"Bài 7, lần {n}"), 5),
    "news/article/?trang-thai=draft": ("editor", lambda n: make.make_article(), 5),
    "news/article/?chuyen-muc=%s&trang-thai=draft&q=bai": ("editor", lambda n: make.make_article(), 5),
    "news/image/?q=anh": ("editor", lambda n: make.make_image(("red", "green", "blue")[n]), 5),
    "news/image/?chieu=ngang&dung=chua": ("editor", lambda n: make.make_image(("red", "green", "blue")[n]), 5),
    "news/recording/?q=phim": ("editor", make_recording, 4),
    "news/tag/?q=tu": ("editor", lambda n: make.make_tag(), 4),
    "news/tag/?loai=tag": ("editor", lambda n: make.make_tag(), 4),
    "news/author/?q=tac": ("editor", lambda n: make.make_author(user=make.make_user()), 4),
    "news/delegation/?q=doan": ("editor", lambda n: make.make_delegation(), 4),
    "news/person/?q=nguoi&xac-minh=roi": ("editor", lambda n: make.make_person(f"Người {n}"), 5),
    "news/organisation/?q=co": ("editor", lambda n: make.make_organisation(parent=make.make_organisation()), 4),
    "news/position/?q=nguoi": ("editor", make_position, 4),
    "news/feedback/?tinh-trang=new&loai=opinion&phu-trach=chua-co": ("moderator", make_feedback, 6),
    "news/feedback/?q=PH-0": ("moderator", make_feedback, 6),
    "news/feedback/?han=qua-han": ("moderator", lambda n: make.make_letter(), 6),
    "news/feedback/?han=sap-han": ("moderator", lambda n: make.make_letter(kind="error", at=timezone.now()), 8),
    "news/comment/?hang=held": ("moderator", make_comment, 4),
    "news/wordrule/?q=từ": ("moderator", lambda n: WordRule.objects.create(pattern=f"từ {n}"), 4),
    "news/feedback/?q=ba@example.vn": (
        "moderator",
        lambda n: (make.make_letter("Thư.", email="ba@example.vn"), make.make_letter("Thư khác.")),
        6,
    ),
    "news/outbox/?tinh-trang=cho": ("administrator", make_outbox, 6),
    "news/outbox/?loai=thu": ("administrator", make_outbox, 6),
    "news/newsletterissue/?tinh-trang=done": ("chief", lambda n: make.make_issue(AT + timedelta(days=n)), 4),
    "news/subscriber/?tinh-trang=active&dinh-ky=daily": (
        "administrator",
        lambda n: make.make_subscriber(f"ban-{n}@example.vn"),
        4,
    ),
    "accounts/user/?q=nguoi": ("administrator", lambda n: make.make_user("editor"), 6),
}


@pytest.mark.parametrize("query", SEARCHES)
def test_queries_of_searches(sign_in_as: Any, query: str) -> None:
    role, make_row, expected = SEARCHES[query]
    client = sign_in_as(make.make_user(role))
    make_row(0)
    address = f"/quan-tri/{query}".replace("%s", str(Section.objects.values_list("pk", flat=True).first()))
    client.get(address)
    shown = []
    for number in range(2):
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address)
        assert response.status_code == 200
        assert len(queries) == expected, [query["sql"][:120] for query in queries]
        assert not any("COUNT(" in query["sql"] or "OFFSET" in query["sql"] for query in queries)
        shown.append(len(titles(response)))
        make_row(1 + number)
    assert shown[0] >= 1


# What is picked, how one more match is made, and how many queries an answer takes.
PICKS: dict[str, tuple[Callable[[int], Any], int]] = {
    "nhan-su": (lambda n: make.make_person(f"Người {n}", ("Chức", None, None)), 5),
    "co-quan": (lambda n: make.make_organisation(f"Người {n}", parent=make.make_organisation()), 4),
    "tu-khoa": (lambda n: make.make_tag(f"Người {n}"), 4),
    "tac-gia": (lambda n: make.make_author(f"Người {n}"), 4),
    "doan": (lambda n: make.make_delegation(f"Người {n}"), 4),
    "bai": (lambda n: make.make_article(f"Người {n}"), 4),
    "anh": (lambda n: make.make_image(("red", "green", "blue")[n], caption=f"Người {n}"), 4),
    "phim": (lambda n: make_recording(n, "Người"), 4),
    "dong-nghiep": (lambda n: make.make_user(full_name=f"Người {n}"), 4),
}


@pytest.mark.parametrize("kind", PICKS)
def test_queries_of_picking(sign_in_as: Any, kind: str) -> None:
    make_row, expected = PICKS[kind]
    client = sign_in_as(make.make_user("editor", full_name="Lò Văn Sửa"))
    make_row(0)
    for number in range(2):
        with CaptureQueriesContext(connection) as queries:
            found = client.get(f"/quan-tri/chon/{kind}/", {"q": "nguoi"}).json()["results"]
        assert len(queries) == expected, [query["sql"][:120] for query in queries]
        assert len(found) >= 1 + number
        make_row(1 + number)


def test_every_source_is_counted() -> None:
    assert PICKS.keys() == picks.SOURCES.keys()


def test_every_page_of_the_desk_is_counted(sign_in_as: Any) -> None:
    from django.contrib import admin  # noqa: PLC0415 - the site is set up by then

    registered = {f"{model._meta.app_label}/{model._meta.model_name}" for model in admin.site._registry}
    assert registered - LISTS.keys() == {"news/masthead", "news/frontplace", "news/scheduledrun"}  # one page


@pytest.mark.parametrize("name", LISTS)
def test_a_search_asked_of_any_list_is_answered(sign_in_as: Any, name: str) -> None:
    """By address too, where the list has no box for it."""
    role, make_row, _ = LISTS[name]
    make_row(0)
    client = sign_in_as(make.make_user(role))
    for query in ("a", "1", "%", "'"):
        assert client.get(f"/quan-tri/{name}/", {"q": query}).status_code == 200


def titles(response: Any) -> list[str]:
    return [str(row) for row in response.context["cl"].result_list]


def test_pages_by_cursor_newest_first(sign_in_as: Any) -> None:
    for number in range(95):
        make.make_tag(f"T{number}")
    author, section = make.make_user(), make.make_section()
    for number in range(95):
        make.make_article(f"Bài {number}", author=author, section=section)
    client = sign_in_as(make.make_user("editor"))
    first = client.get("/quan-tri/news/article/")
    assert titles(first) == [f"Bài {number}" for number in range(94, 54, -1)]
    assert first.context["cl"].previous_address == ""
    second = client.get(f"/quan-tri/news/article/{first.context['cl'].next_address}")
    assert titles(second) == [f"Bài {number}" for number in range(54, 14, -1)]
    third = client.get(f"/quan-tri/news/article/{second.context['cl'].next_address}")
    assert titles(third) == [f"Bài {number}" for number in range(14, -1, -1)]
    assert third.context["cl"].next_address == ""
    back = client.get(f"/quan-tri/news/article/{third.context['cl'].previous_address}")
    assert titles(back) == titles(second)
    top = client.get(f"/quan-tri/news/article/{back.context['cl'].previous_address}")
    assert titles(top) == titles(first)
    assert top.context["cl"].previous_address == ""


def test_pages_by_cursor_from_a_to_z(sign_in_as: Any) -> None:
    for number in range(100):
        make.make_person(f"Nguyễn Văn {number // 2:02}")  # two of each name
    client = sign_in_as(make.make_user("editor"))
    seen, query = [], ""
    while True:
        page = client.get(f"/quan-tri/news/person/{query}")
        seen.append([row.pk for row in page.context["cl"].result_list])
        query = page.context["cl"].next_address
        if not query:
            break
    assert [len(page) for page in seen] == [40, 40, 20]
    assert [pk for page in seen for pk in page] == list(
        Person.objects.order_by("sort_key", "pk").values_list("pk", flat=True)
    )
    assert "Trang sau" in client.get("/quan-tri/news/person/").content.decode()


@pytest.mark.parametrize(
    ("name", "query", "found"),
    [
        ("news/article", "doan cong tac", ["Đoàn công tác Ban Dân vận"]),
        ("news/article", "Đoàn công tác", ["Đoàn công tác Ban Dân vận"]),
        ("news/article", "ĐOÀN  CÔNG TÁC dân", ["Đoàn công tác Ban Dân vận"]),
        ("news/article", unicodedata.normalize("NFD", "Đoàn công tác"), ["Đoàn công tác Ban Dân vận"]),
        ("news/article", "100%", ["Tăng 100% sản lượng"]),
        ("news/article", "%", ["Tăng 100% sản lượng"]),
        ("news/article", "_", []),
        ("news/article", "'; DROP TABLE --", []),
        ("news/person", "khac chu", ["Nguyễn Khắc Chử"]),
        ("news/person", "K. Chử", ["Nguyễn Khắc Chử"]),
        ("news/position", "chu", ["Bí thư"]),
        ("news/tag", "lai chau", ["Lai Châu"]),
        ("news/delegation", "DOAN", ["Đoàn thăm"]),
    ],
)
def test_search(sign_in_as: Any, name: str, query: str, found: list[str]) -> None:
    make.make_article("Đoàn công tác Ban Dân vận")
    make.make_article("Tăng 100% sản lượng")
    person = make.make_person("Nguyễn Khắc Chử", ("Bí thư", None, None))
    keep(PersonSpelling(person=person, name="Nguyễn K. Chử"))
    make.make_tag("Lai Châu")
    make.make_delegation("Đoàn thăm")
    client = sign_in_as(make.make_user("editor"))
    assert titles(client.get(f"/quan-tri/{name}/", {"q": query})) == found


def test_search_by_number_and_filters(sign_in_as: Any) -> None:
    section = make.make_section()
    one = make.make_article("Một", section=section)
    make.make_article("Hai", section=make.make_section(), author=one.created_by)
    make.reviewing.advance(article_id=one.pk, transition="submit", actor=one.created_by, at=AT)
    client = sign_in_as(one.created_by)

    def shown(**query: str) -> list[str]:
        return titles(client.get("/quan-tri/news/article/", query))

    assert shown(q=str(one.pk)) == ["Một"]
    assert shown(**{"trang-thai": "submitted"}) == ["Một"]
    assert shown(**{"chuyen-muc": str(section.pk)}) == ["Một"]
    assert shown(**{"cua-toi": "1"}) == ["Hai", "Một"]
    assert shown(**{"trang-thai": "'", "chuyen-muc": "x"}) == ["Hai", "Một"]


@pytest.mark.parametrize(
    "query",
    [
        "body__contains=x",
        "created_by__password__startswith=pbkdf2",
        "o=-1.2",
        "p=9999",
        "all=",
        "e=1",
        "truoc=x",
        "truoc=-1",
        "sau=" + "9" * 40,
        "_facets=1",
        "utm_source=x",
        "q=" + "a" * 3000,
    ],
)
def test_odd_parameters_change_nothing(sign_in_as: Any, query: str) -> None:
    make.make_article("Bài")
    response = sign_in_as(make.make_user("editor")).get(f"/quan-tri/news/article/?{query}")
    assert response.status_code == 200
    assert titles(response) == ([] if query.startswith("q=") else ["Bài"])


def test_state_and_what_readers_see(sign_in_as: Any) -> None:
    live = make.make_article("Đang thấy", at=AT)
    make.publish(live, at=AT + timedelta(minutes=40))
    make.revise(live, at=AT + timedelta(minutes=50), title="Đang thấy, bản mới")
    past = make.make_article("Đến giờ rồi", at=AT)
    make.schedule(past, at=AT + timedelta(minutes=40), visible_from=AT + timedelta(minutes=45))
    page = sign_in_as(make.make_user("editor")).get("/quan-tri/news/article/").content.decode()
    assert page.count("bạn đọc đang thấy") == 2
    assert '<span class="state state-approved">Đã duyệt</span> <span class="seen">bạn đọc đang thấy</span>' in page
    assert '<span class="state state-published">Đã xuất bản</span>' in page
