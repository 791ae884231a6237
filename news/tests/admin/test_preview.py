"""The preview: the readers' page, of the desk's copy, for the desk only."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from news.tests import make

pytestmark = pytest.mark.django_db


def test_preview_is_the_readers_page_with_private_pictures(sign_in_as: Any, client: Any) -> None:
    image = make.make_image(caption="Quang cảnh")
    article = make.make_article("Bản thảo chưa đăng", lead_image=image, body="<p>Nội dung <strong>mới</strong></p>")
    address = f"/quan-tri/news/article/{article.pk}/xem-thu/"
    assert client.get(address).headers["Location"].startswith("/quan-tri/login/")
    assert sign_in_as(make.make_user("administrator")).get(address).status_code == 403
    response = sign_in_as(make.make_user("reporter")).get(address)
    page = response.content.decode()
    assert response.status_code == 200
    assert "<p>Nội dung <strong>mới</strong></p>" in page
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in response.headers["Cache-Control"]
    picture = f"/quan-tri/news/image/ban/{image.key}/640.jpg"
    assert f'src="{picture}"' in page
    assert "/media/" not in page
    assert client.get(picture).status_code == 302
    shown = sign_in_as(article.created_by).get(picture)
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
    assert shown.content[:2] == b"\xff\xd8"
    assert article.editions.count() == 0


def test_preview_shows_what_publishing_would_show(sign_in_as: Any, client: Any) -> None:
    person = make.make_person("Nguyễn Khắc Chử", ("Bí thư Tỉnh ủy", None, None))
    delegation = make.make_delegation("Đoàn công tác", make.attendee(person), make.attendee(group="các sở, ngành"))
    article = make.make_article("Như nhau", delegations=(delegation,), tags=(make.make_tag("Lai Châu"),))
    preview = sign_in_as(article.created_by).get(f"/quan-tri/news/article/{article.pk}/xem-thu/").content.decode()
    make.publish(article, at=timezone.now() - timedelta(minutes=1))
    page = client.get(f"/tin/nhu-nhau-{article.pk}/").content.decode()

    def cut(html: str, start: str, end: str) -> str:
        return html[html.index(start) : html.index(end, html.index(start))]

    for start, end in (
        ('<div class="article__body">', "</div>"),
        ('class="party', "</section>"),
        ('<div class="tags">', "</div>"),
    ):
        assert cut(preview, start, end) == cut(page, start, end)
