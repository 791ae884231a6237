"""The reader's view of what stands in the form: for who may change the copy, by POST only, and it writes nothing."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from news.models import Article, Author, Delegation, Organisation, Person, Role, Tag
from news.tests import make
from news.tests.admin.forms import read_form, words

pytestmark = pytest.mark.django_db


def change(article: Article) -> str:
    return reverse("admin:news_article_change", args=[article.pk])


def beside(article: Article) -> str:
    return reverse("admin:news_article_beside", args=[article.pk])


NEW = "/quan-tri/news/article/add/song-song/"


def state(client: Any, address: str, **changes: Any) -> dict[str, Any]:
    """What the form would send, with these changes."""
    data: dict[str, Any] = read_form(client.get(address), "article_form").data
    return {**data, **changes}


def test_it_shows_what_is_typed_and_writes_nothing(sign_in_as: Any) -> None:
    person = make.make_person("Nguyễn Khắc Chử", ("Bí thư Tỉnh ủy", date(2017, 1, 1), None))
    article = make.make_article("Cũ", tags=(make.make_tag("Đã có"),))
    client = sign_in_as(article.created_by)
    counts = [model.objects.count() for model in (Tag, Person, Author, Delegation, Organisation)]
    data = state(
        client,
        change(article),
        title="Mới <i>nghiêng</i>",
        lead="Lời mới",
        body='<p>Chữ mới<script>alert(1)</script></p><p onclick="x()">Hai</p>',
        tags="Đã có, Chưa có",
        event_on="20/5/2018",
        **{
            "ten-ky-1-author": "Tên mới tinh",
            "doan-moi-name": "Đoàn mới",
            "doan-moi-visiting_organisation": "Cơ quan mới",
            "doan-moi-nguoi-0-person": f"#{person.pk}",
            "doan-moi-nguoi-0-role": Role.HEAD,
            "doan-moi-nguoi-1-person": "Người chưa có",
        },
    )
    answer = client.post(beside(article), data).json()
    page = answer["html"].replace("\u00a0", " ")  # names are set in type
    assert "Mới &lt;i&gt;nghiêng&lt;/i&gt;" in page
    for shown in ("Lời mới", "Chữ mới", "Chưa có", "Tên mới tinh", "Đoàn mới", "Cơ quan mới", "Người chưa có"):
        assert shown in page
    assert "Bí thư Tỉnh ủy" in page
    for hidden in ("alert(1)", "onclick", "js/article.js", "js/display.js"):
        assert hidden not in page
    assert answer["counts"] == {"words": 3, "minutes": 1}
    assert answer["share"]["description"] == "Lời mới"
    assert "no_positions" in [row["kind"] for row in answer["findings"]]
    assert [model.objects.count() for model in (Tag, Person, Author, Delegation, Organisation)] == counts
    fresh = Article.objects.get(pk=article.pk)
    assert (fresh.title, fresh.version, fresh.event_on) == ("Cũ", 1, None)


def test_what_cannot_be_understood_stays_as_it_was_loaded(sign_in_as: Any) -> None:
    image = make.make_image()
    delegation = make.make_delegation("Đoàn A", make.attendee(make.make_person("Ông Một")))
    article = make.make_article("Cũ", lead="Lời cũ", lead_image=image, delegations=(delegation,))
    client = sign_in_as(article.created_by)
    data = state(
        client,
        change(article),
        title="x" * 300,
        lead="Lời mới",
        section="99999",
        event_on="31/2/2026",
        lead_image="#99999",
        **{f"doan-{delegation.pk}-nguoi-0-person": "#99999"},
    )
    answer = client.post(beside(article), data)
    assert answer.status_code == 200
    page = answer.json()["html"]
    assert "Cũ" in page
    assert "Lời mới" in page
    assert image.key in page
    assert "Ông Một" in page


def test_rows_stand_in_the_order_of_the_page_without_those_taken_out(sign_in_as: Any) -> None:
    names = ("Thứ nhất", "Thứ hai", "Thứ ba")
    delegation = make.make_delegation("Đoàn A", *(make.attendee(make.make_person(name)) for name in names))
    article = make.make_article(
        delegations=(delegation,), byline=(make.make_author("Bỏ đi"), make.make_author("Ở lại"))
    )
    client = sign_in_as(article.created_by)
    prefix = f"doan-{delegation.pk}-nguoi"
    moved = {f"{prefix}-{row}-order": str(place) for row, place in ((0, 2), (1, 0), (2, 1))}
    page = client.post(beside(article), state(client, change(article), **moved, **{"ten-ky-0-DELETE": "on"})).json()[
        "html"
    ]
    assert sorted(names, key=page.index) == ["Thứ hai", "Thứ ba", "Thứ nhất"]
    assert "Ở lại" in page
    assert "Bỏ đi" not in page


@pytest.mark.parametrize("data", [{}, {"title": "a"}, {"title": "\x00", "body": "<p>" * 3000, "tags": "," * 9000}])
def test_a_form_cut_short_is_no_crash(sign_in_as: Any, data: dict[str, str]) -> None:
    article = make.make_article("Cũ")
    client = sign_in_as(article.created_by)
    assert client.post(beside(article), data).status_code == 200
    make.make_section()
    assert client.post(NEW, data).status_code == 200


def test_a_new_article_is_seen_before_it_is_saved(sign_in_as: Any) -> None:
    make.make_section("Thời sự")
    client = sign_in_as(make.make_user("reporter"))
    answer = client.post(NEW, state(client, "/quan-tri/news/article/add/", body="Một dòng")).json()
    assert "Chưa có tiêu đề" in answer["html"]
    assert "Một dòng" in answer["html"]
    assert [row["kind"] for row in answer["findings"] if row["is_blocking"]] == ["no_title", "no_byline"]
    assert not Article.objects.exists()


def test_only_who_may_change_the_copy_now(sign_in_as: Any) -> None:
    article = make.make_article("Bản thảo")
    for role in ("reporter", "moderator", "administrator"):
        assert sign_in_as(make.make_user(role)).post(beside(article), {"title": "x"}).status_code == 403, role
    assert sign_in_as(make.make_user("moderator")).post(NEW, {"title": "x"}).status_code == 403
    own = sign_in_as(article.created_by)
    assert own.post(beside(article), {"title": "x"}).status_code == 200
    make.approve(article)
    assert own.post(beside(article), {"title": "x"}).status_code == 403
    assert own.post(reverse("admin:news_article_beside", args=[999_999]), {"title": "x"}).status_code == 404


def test_nothing_is_taken_from_the_address(sign_in_as: Any) -> None:
    article = make.make_article("Bản thảo")
    client = sign_in_as(article.created_by)
    assert client.get(f"{beside(article)}?title=<script>").status_code in {403, 405}
    page = client.post(f"{beside(article)}?title=kẻ+gian&body=<b>x</b>", state(client, change(article))).json()["html"]
    assert "kẻ gian" not in page


def test_it_asks_for_the_token(sign_in_as: Any, settings: Any) -> None:
    article = make.make_article()
    client = Client(enforce_csrf_checks=True)
    client.force_login(article.created_by, backend=settings.AUTHENTICATION_BACKENDS[0])
    assert client.post(beside(article), {"title": "x"}).status_code == 403


# --- The checks on the pages -----------------------------------------------------------------------------


def test_the_form_lists_the_checks_and_says_them_beside_the_field(sign_in_as: Any) -> None:
    article = make.make_article(byline=())
    page = sign_in_as(article.created_by).get(change(article))
    assert [row.kind for row in page.context["readiness"].blocking] == ["no_byline"]
    text = words(page)
    assert text.count("Chưa có người thực hiện: bài phải có ít nhất một tên ký.") == 2
    assert "1 lỗi phải sửa · 2 điều nên xem lại" in text
    assert 'href="#phan-ten-ky"' in page.content.decode()


def test_an_empty_page_is_no_list_of_faults(sign_in_as: Any) -> None:
    page = sign_in_as(make.make_user("reporter")).get("/quan-tri/news/article/add/")
    assert page.context["readiness"].rows == ()


def test_who_sends_it_on_is_told_what_will_stop_it(sign_in_as: Any) -> None:
    article = make.make_article(byline=())
    client = sign_in_as(article.created_by)
    client.post(change(article), state(client, change(article), _step="submit"))
    assert "Còn 1 lỗi phải sửa trước khi duyệt." in words(client.get(change(article)))


@pytest.mark.parametrize("step", ["approve", "schedule"])
def test_a_step_refused_for_findings_shows_them_and_no_button(sign_in_as: Any, step: str) -> None:
    article = make.make_article(byline=() if step == "approve" else None)
    at = make.NOW
    make.reviewing.advance(article_id=article.pk, transition="submit", actor=article.created_by, at=at)
    make.reviewing.advance(article_id=article.pk, transition="pass", actor=make.make_user("editor"), at=at)
    secretary = make.make_user("secretary")
    if step == "schedule":
        make.reviewing.advance(article_id=article.pk, transition="approve", actor=secretary, at=at)
        Article.objects.filter(pk=article.pk).update(body='<p><a href="/tin/x-99999/">x</a></p>')
    client = sign_in_as(secretary)
    page = reverse("admin:news_article_step", args=[article.pk, step])
    version = Article.objects.get(pk=article.pk).version
    response = client.post(page, {"version": version}) if step == "approve" else client.get(page)
    text = words(response)
    assert response.status_code == (409 if step == "approve" else 200)
    assert "Bài còn 1 lỗi phải sửa" in text
    assert ("Chưa có người thực hiện" if step == "approve" else "bài số 99999") in text
    assert [name for name, _, _ in read_form(response).buttons if name == "version"] == []
    assert Article.objects.get(pk=article.pk).version == version


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_view(sign_in_as: Any, count: int, django_assert_num_queries: Any) -> None:
    article = make.make_article(tags=(make.make_tag("Một"),))
    client = sign_in_as(article.created_by)
    data = state(client, change(article), body="<p>Đoạn</p>" * count)
    client.post(beside(article), data)
    with django_assert_num_queries(QUERIES):
        client.post(beside(article), data)


QUERIES = 27
