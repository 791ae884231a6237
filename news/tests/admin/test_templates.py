"""Starts for new articles: who keeps them, what they bring, that nothing is made before somebody saves."""

from typing import Any

import pytest

from news.models import Article, ArticleTemplate, Genre
from news.tests import make
from news.tests.admin.forms import read_form, send, words

pytestmark = pytest.mark.django_db
ADD = "/quan-tri/news/article/add/"
LIST = "/quan-tri/news/articletemplate/"


def a_start(**fields: Any) -> ArticleTemplate:
    return ArticleTemplate.objects.create(**{"name": "Mẫu thử", "hint": "Để thử", **fields})


def test_the_page_of_a_new_article_offers_them_in_order(sign_in_as: Any) -> None:
    ArticleTemplate.objects.all().delete()
    a_start(name="Hai", order=2)
    a_start(name="Một", order=1)
    a_start(name="Cất đi", is_offered=False)
    page = sign_in_as(make.make_user("reporter")).get(ADD)
    assert [row.name for row in page.context["templates"]] == ["Một", "Hai"]


def test_the_product_comes_with_three(sign_in_as: Any) -> None:
    page = sign_in_as(make.make_user("reporter")).get(ADD)
    assert [row.name for row in page.context["templates"]] == [
        "Tin hội nghị, cuộc họp",
        "Tin đoàn công tác",
        "Tin ngắn",
    ]


def test_a_start_fills_the_form_and_makes_nothing(sign_in_as: Any) -> None:
    section = make.make_section("Thời sự")
    start = a_start(
        title="[Ai] họp", kicker="Họp", lead="Sáng [ngày]", body="<p>[gì]</p>", genre=Genre.NOTICE, section=section,
        tags="Họp, Tỉnh ủy", opens_delegation=True,
    )  # fmt: skip
    client = sign_in_as(make.make_user("reporter"))
    page = client.get(f"{ADD}?mau={start.pk}")
    data = read_form(page, "article_form").data
    brought = {name: data[name] for name in ("title", "kicker", "lead", "body", "genre", "section", "tags")}
    assert brought == {
        "title": ["[Ai] họp"], "kicker": ["Họp"], "lead": ["Sáng [ngày]"], "body": ["<p>[gì]</p>"],
        "genre": ["notice"], "section": [str(section.pk)], "tags": ["Họp, Tỉnh ủy"],
    }  # fmt: skip
    assert page.context["opens_delegation"] is True
    assert not Article.objects.exists()
    send(client, f"{ADD}?mau={start.pk}", "article_form", title="Tỉnh ủy họp")
    article = Article.objects.get()
    assert (article.title, article.kicker, article.genre) == ("Tỉnh ủy họp", "Họp", "notice")
    assert sorted(tag.name for tag in article.tags.all()) == ["Họp", "Tỉnh ủy"]


@pytest.mark.parametrize("asked", ["999999", "x", "", "1" * 30, "-1", "<script>"])
def test_a_start_that_is_none_is_an_empty_form(sign_in_as: Any, asked: str) -> None:
    page = sign_in_as(make.make_user("reporter")).get(ADD, {"mau": asked})
    assert page.status_code == 200
    assert read_form(page, "article_form").data["title"] == [""]


def test_one_put_away_is_not_given(sign_in_as: Any) -> None:
    start = a_start(title="Cũ", is_offered=False)
    page = sign_in_as(make.make_user("reporter")).get(f"{ADD}?mau={start.pk}")
    assert read_form(page, "article_form").data["title"] == [""]


def test_an_editor_keeps_them_in_order(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user("editor"))
    response = send(
        client,
        f"{LIST}add/",
        "articletemplate_form",
        name="  Tin   mới ",
        title="[Việc gì]",
        body='<p onclick="x()">Chữ</p><script>alert(1)</script>',
        tags=" a ,, b ",
        order="4",
    )
    assert response.status_code == 302, words(response)
    made = ArticleTemplate.objects.get(name="Tin mới")
    assert (made.title, made.body, made.tags, made.order) == ("[Việc gì]", "<p>Chữ</p>", "a, b", 4)
    send(client, f"{LIST}{made.pk}/change/", "articletemplate_form", hint="Dùng luôn", without=("is_offered",))
    made.refresh_from_db()
    assert (made.hint, made.is_offered) == ("Dùng luôn", False)


def test_a_name_is_given_once(sign_in_as: Any) -> None:
    a_start(name="Trùng")
    response = send(sign_in_as(make.make_user("editor")), f"{LIST}add/", "articletemplate_form", name=" Trùng ")
    assert response.status_code == 200
    assert ArticleTemplate.objects.filter(name="Trùng").count() == 1


def test_reporters_use_them_and_change_none(sign_in_as: Any) -> None:
    start = a_start()
    client = sign_in_as(make.make_user("reporter"))
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{start.pk}/change/", {"name": "Khác"}).status_code == 403
    assert sign_in_as(make.make_user("moderator")).get(LIST).status_code == 403
    start.refresh_from_db()
    assert start.name == "Mẫu thử"


def test_a_hostile_name_is_text(sign_in_as: Any) -> None:
    a_start(name="<img src=x onerror=alert(1)>", hint="<b>đậm</b>")
    for address in (ADD, LIST):
        page = sign_in_as(make.make_user("editor")).get(address).content.decode()
        assert "<img src=x" not in page
        assert "<b>đậm</b>" not in page
