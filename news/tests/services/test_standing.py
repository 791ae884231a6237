"""Keeping standing pages: the address, the text, the site."""

import pytest
from django.conf import settings
from django.contrib.flatpages.models import FlatPage

from news.services import demo, standing
from news.tests import make
from news.tests.hostile import FRAGMENTS
from news.workflow import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("url", ["/trang/gioi-thieu/", "/trang/a/", "/trang/quy-che-2026/", "/en/", "/en/about-us/"])
def test_addresses_that_readers_can_open_are_kept(client, url):
    make.make_standing_page(url, "Tên trang")
    assert client.get(url).status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/",
        "/trang/",
        "/trang/Gioi-Thieu/",
        "/trang/gioi-thieu",
        "trang/gioi-thieu/",
        "/trang/giới-thiệu/",
        "/trang/a--b/",
        "/trang/-a/",
        "/trang/a_b/",
        "/trang/a/b/",
        "/trang/a/\n",
        "/trang/../quan-tri/",
        "/en",
        "/en/a/b/",
        "/tin/a-1/",
        "//example.vn/",
        "javascript:alert(1)",
        "/trang/١/",
    ],
)
def test_other_addresses_are_refused_and_nothing_is_kept(url):
    with pytest.raises(standing.BadAddress) as refusal:
        standing.check_address(url, but=None)
    assert "/trang/ten-trang/" in str(refusal.value)
    if url.strip() == url:
        with pytest.raises(standing.BadAddress):
            make.make_standing_page(url)
    assert FlatPage.objects.count() == 0


def test_an_address_belongs_to_one_page():
    page = make.make_standing_page("/trang/gioi-thieu/")
    with pytest.raises(standing.BadAddress, match="Đã có trang tĩnh"):
        make.make_standing_page("/trang/gioi-thieu/")
    page.title = "Tên mới"
    assert standing.keep(page).pk == page.pk


def test_what_is_kept_is_tidy_sanitised_and_on_this_site():
    page = standing.keep(
        FlatPage(
            url=" /trang/gioi-thieu/ ",
            title="  Gio\u031b\u0301i   thie\u0323\u0302u\n",
            content='<p onclick="x()">To\u0300a</p><script>alert(1)</script>',
            template_name="admin/base.html",
            enable_comments=True,
        )
    )
    page.refresh_from_db()
    assert (page.url, page.title, page.content) == ("/trang/gioi-thieu/", "Giới thiệu", "<p>Tòa</p>")
    assert (page.template_name, page.enable_comments) == ("", False)
    assert list(page.sites.values_list("pk", flat=True)) == [settings.SITE_ID]


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_keeping_twice_changes_nothing(fragment):
    page = make.make_standing_page("/trang/gioi-thieu/", fragment.replace("\0", "")[:150] or "x", fragment)
    first = (page.title, page.content)
    standing.keep(page)
    assert (page.title, page.content) == first


def test_the_demo_brings_its_pages_and_does_without_them(client, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "FOLDER", tmp_path)
    demo._standing_pages()
    assert FlatPage.objects.count() == 0
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "gioi-thieu.json").write_text(
        '{"url": "/trang/gioi-thieu/", "title": "Giới thiệu", "content": "<p>Chào</p>"}', encoding="utf-8"
    )
    demo._standing_pages()
    assert "<p>Chào</p>" in client.get("/trang/gioi-thieu/").content.decode()


def test_every_page_of_the_demo_can_be_kept_and_opened(client):
    demo._standing_pages()
    urls = list(FlatPage.objects.values_list("url", flat=True))
    assert {"/trang/gioi-thieu/", "/trang/lien-he/", "/en/"} <= set(urls)
    assert {url: client.get(url).status_code for url in urls} == dict.fromkeys(urls, 200)


@pytest.mark.parametrize(
    ("role", "may"), [("reporter", False), ("editor", False), ("moderator", False), ("chief", True)]
)
def test_the_service_asks_for_the_right(role, may):
    actor = make.make_user(role)
    page = FlatPage(url="/trang/moi/", title="Mới", content="<p>Chữ</p>")
    if may:
        assert standing.write(page=page, seen="", actor=actor).pk
    else:
        with pytest.raises(NotAllowed):
            standing.write(page=page, seen="", actor=actor)
        assert not FlatPage.objects.exists()


def test_what_a_colleague_saved_is_not_written_over():
    page = make.make_standing_page("/trang/moi/", "Mới")
    seen = standing.fingerprint(page)
    first, second = FlatPage.objects.get(), FlatPage.objects.get()
    chief = make.make_user("chief")
    first.title, second.title = "Bản của Lan", "Bản của Minh"
    standing.write(page=first, seen=seen, actor=chief)
    with pytest.raises(standing.Rewritten):
        standing.write(page=second, seen=seen, actor=chief)
    assert FlatPage.objects.get().title == "Bản của Lan"
