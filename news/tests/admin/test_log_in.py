"""The way to the desk goes through the accounts."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from news.tests import make
from news.tests.admin.forms import words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("/quan-tri/", "%2Fquan-tri%2F"),
        ("/quan-tri/news/article/?q=a", "%2Fquan-tri%2Fnews%2Farticle%2F%3Fq%3Da"),
        ("/quan-tri/login/?next=/quan-tri/news/image/", "%2Fquan-tri%2Fnews%2Fimage%2F"),
        ("/quan-tri/login/?next=https://ke-gian.example/", "%2Fquan-tri%2F"),
        ("/quan-tri/login/?next=//ke-gian.example/", "%2Fquan-tri%2F"),
        ("/quan-tri/login/", "%2Fquan-tri%2F"),
    ],
)
def test_strangers_are_led_to_the_log_in(client: Client, address: str, target: str) -> None:
    response = client.get(address, follow=True)
    assert response.redirect_chain[-1][0] == f"/tai-khoan/dang-nhap/?next={target}"
    assert response.status_code == 200


def test_logging_in_leads_back(client: Client) -> None:
    make.make_user("reporter", username="pv", password="mot-mat-khau-rat-dai-2026")
    page = client.get("/quan-tri/news/article/", follow=True).content.decode()
    assert '<input type="hidden" name="next" value="/quan-tri/news/article/">' in page
    response = client.post(
        "/tai-khoan/dang-nhap/",
        {"login": "pv", "password": "mot-mat-khau-rat-dai-2026", "next": "/quan-tri/news/article/"},
    )
    assert response.headers["Location"] == "/quan-tri/news/article/"
    assert client.get("/quan-tri/login/").headers["Location"] == "/quan-tri/"


def test_a_reader_is_told_honestly_and_does_not_loop(sign_in_as: Any) -> None:
    reader = make.make_user(None, full_name="Bạn <b>Đọc</b>")
    client = sign_in_as(reader)
    for address in ("/quan-tri/", "/quan-tri/news/article/", "/quan-tri/login/"):
        response = client.get(address, follow=True)
        assert response.status_code == 403
        assert len(response.redirect_chain) <= 1
        assert "Tài khoản này không vào được bàn làm việc" in words(response)
        assert "Bạn &lt;b&gt;Đọc&lt;/b&gt;" in response.content.decode()
    assert client.post("/quan-tri/news/article/add/", {"title": "x"}).status_code == 302


def test_log_out_and_password_go_through_the_accounts(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user("reporter"))
    assert client.get("/quan-tri/logout/").headers["Location"] == "/tai-khoan/dang-xuat/"
    assert client.post("/quan-tri/logout/").headers["Location"] == "/tai-khoan/dang-xuat/"
    assert client.get("/quan-tri/password_change/").headers["Location"] == "/tai-khoan/doi-mat-khau/"
    assert client.get("/quan-tri/news/").headers["Location"] == "/quan-tri/"


def test_a_locked_colleague_is_out_at_once(sign_in_as: Any) -> None:
    user = make.make_user("reporter")
    client = sign_in_as(user)
    assert client.get("/quan-tri/").status_code == 200
    user.is_active = False
    user.save()
    assert client.get("/quan-tri/").status_code == 302


def test_forms_of_the_desk_need_their_token() -> None:
    client = Client(enforce_csrf_checks=True)
    user = make.make_user("reporter")
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    article = make.make_article("Nguyên", author=user)
    for address in (
        "/quan-tri/news/article/add/",
        f"/quan-tri/news/article/{article.pk}/change/",
        f"/quan-tri/news/article/{article.pk}/buoc/submit/",
        "/quan-tri/news/image/add/",
        "/quan-tri/news/delegation/add/",
    ):
        assert client.post(address, {"title": "x", "version": "1"}).status_code == 403, address
    article.refresh_from_db()
    assert (article.title, article.state) == ("Nguyên", "draft")
