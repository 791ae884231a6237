"""The standing pages at the desk."""

from typing import Any

import pytest
from django.contrib.flatpages.models import FlatPage

from news.tests import make
from news.tests.admin.forms import read_form, send, words

pytestmark = pytest.mark.django_db
BASE = "/quan-tri/flatpages/flatpage/"
FORM = "flatpage_form"


def address_of(page: FlatPage) -> str:
    return f"{BASE}{page.pk}/change/"


def test_a_secretary_makes_a_page_that_readers_open(sign_in_as: Any, client: Any) -> None:
    desk = sign_in_as(make.make_user("secretary"))
    response = send(
        desk,
        f"{BASE}add/",
        FORM,
        title="  Giới   thiệu ",
        url="/trang/gioi-thieu/",
        content="<h2>Chúng tôi</h2><p onclick=x>Chào</p><script>alert(1)</script>",
    )
    assert response.status_code == 302
    page = FlatPage.objects.get()
    assert (page.title, page.url, page.content) == (
        "Giới thiệu",
        "/trang/gioi-thieu/",
        "<h2>Chúng tôi</h2><p>Chào</p>",
    )
    assert "<h1>Giới thiệu</h1>" in client.get("/trang/gioi-thieu/").content.decode()


def test_plain_text_becomes_paragraphs(sign_in_as: Any) -> None:
    desk = sign_in_as(make.make_user("chief"))
    send(desk, f"{BASE}add/", FORM, title="Trang", url="/trang/a/", content="Một\n\nHai")
    assert FlatPage.objects.get().content == "<p>Một</p><p>Hai</p>"


@pytest.mark.parametrize("url", ["/gioi-thieu/", "/trang/Gioi/", "javascript:alert(1)", "/trang/a", ""])
def test_a_wrong_address_is_explained_beside_the_field_and_nothing_typed_is_lost(sign_in_as: Any, url: str) -> None:
    desk = sign_in_as(make.make_user("secretary"))
    response = send(desk, f"{BASE}add/", FORM, title="Trang mới", url=url, content="<p>Chữ đã gõ</p>")
    assert (response.status_code, FlatPage.objects.count()) == (200, 0)
    kept = read_form(response, FORM).data
    assert (kept["title"], kept["content"]) == (["Trang mới"], ["<p>Chữ đã gõ</p>"])
    assert response.context["adminform"].form.errors["url"]


def test_an_address_that_is_taken_is_refused(sign_in_as: Any) -> None:
    make.make_standing_page("/trang/a/")
    desk = sign_in_as(make.make_user("secretary"))
    response = send(desk, f"{BASE}add/", FORM, title="Trang", url="/trang/a/", content="x")
    assert "Đã có trang tĩnh ở địa chỉ này." in words(response)
    assert FlatPage.objects.count() == 1


def test_templates_and_comments_are_not_on_the_form(sign_in_as: Any) -> None:
    page = make.make_standing_page("/trang/a/")
    desk = sign_in_as(make.make_user("administrator"))
    form = read_form(desk.get(address_of(page)), FORM)
    assert set(form.data) == {"csrfmiddlewaretoken", "title", "url", "content", "seen"}
    send(
        desk,
        address_of(page),
        FORM,
        title="Mới",
        template_name="x.html",
        enable_comments="on",
    )
    page.refresh_from_db()
    assert (page.title, page.template_name, page.enable_comments) == ("Mới", "", False)


def test_the_page_has_the_editor_and_a_way_to_what_readers_see(sign_in_as: Any) -> None:
    page = make.make_standing_page("/trang/a/", "Trang A")
    desk = sign_in_as(make.make_user("secretary"))
    text = desk.get(address_of(page)).content.decode()
    assert 'href="/trang/a/" target="_blank"' in text
    assert "js/desk/editor.js" in text
    assert "data-editor=" in text
    assert "<h1>Trang A</h1>" in text


@pytest.mark.parametrize(
    ("url", "hidden"), [("javascript:alert(1)", False), ("//evil.example/", False), ("/trang/noi-bo/", True)]
)
def test_a_row_written_behind_our_back_has_no_way_to_it_and_no_script(sign_in_as: Any, url: str, hidden: Any) -> None:
    page = FlatPage.objects.create(
        url=url, title="<script>alert(1)</script>", content="<img src=x onerror=alert(1)>", registration_required=hidden
    )
    page.sites.set([1])
    desk = sign_in_as(make.make_user("secretary"))
    for address in (BASE, address_of(page)):
        text = desk.get(address).content.decode()
        assert "<script>alert(1)" not in text
        assert "onerror" not in text
        assert f'href="{url}"' not in text
    assert "không" in words(desk.get(BASE))


def test_who_saves_over_a_colleagues_change_is_told_first(sign_in_as: Any) -> None:
    page = make.make_standing_page("/trang/a/", content="<p>Cũ</p>")
    mine, theirs = (sign_in_as(make.make_user("secretary")) for _ in range(2))
    loaded = read_form(mine.get(address_of(page)), FORM).data
    send(theirs, address_of(page), FORM, content="<p>Của họ</p>")
    refused = mine.post(address_of(page), {**loaded, "content": "<p>Của tôi</p>"})
    assert "Có người vừa sửa trang này" in words(refused)
    page.refresh_from_db()
    assert page.content == "<p>Của họ</p>"
    again = read_form(refused, FORM).data
    assert again["content"] == ["<p>Của tôi</p>"]
    assert mine.post(address_of(page), again).status_code == 302
    page.refresh_from_db()
    assert page.content == "<p>Của tôi</p>"


def test_pages_of_another_site_are_not_on_this_desk(sign_in_as: Any) -> None:
    page = FlatPage.objects.create(url="/trang/a/", title="Của trang khác")
    desk = sign_in_as(make.make_user("secretary"))
    assert "Của trang khác" not in words(desk.get(BASE))
    assert desk.get(address_of(page)).status_code == 302


def test_a_page_is_hidden_and_never_deleted(sign_in_as: Any, client: Any) -> None:
    page = make.make_standing_page("/trang/a/", "Trang A")
    desk = sign_in_as(make.make_user("secretary"))
    assert client.get("/trang/a/").status_code == 200
    fields = read_form(desk.get(address_of(page)), FORM).data
    assert desk.post(address_of(page), {**fields, "registration_required": "on"}).status_code == 302
    assert client.get("/trang/a/").status_code == 404
    assert "/trang/a/" not in client.get("/").content.decode()
    assert desk.post(f"{BASE}{page.pk}/delete/", {"post": "yes"}).status_code == 403
    assert FlatPage.objects.count() == 1


def test_the_desk_speaks_vietnamese(sign_in_as: Any) -> None:
    page = make.make_standing_page("/trang/a/", "Trang A")
    desk = sign_in_as(make.make_user("secretary"))
    addresses = (BASE, f"{BASE}add/", address_of(page), f"{BASE}{page.pk}/history/")
    for address in addresses:
        text = words(desk.get(address)).lower()
        assert "flat page" not in text
        assert "trang tĩnh" in text
