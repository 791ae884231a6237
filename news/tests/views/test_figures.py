"""Figures in the text of an article: sealed, published, printed on every page, taken away again."""

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from news.forms.fields import BodyField, ProseField
from news.models import Article, EditionImage, Recording
from news.queries.article_page import article_page
from news.services import filing, rendering, sealing
from news.services.importing import Importer
from news.tests import make, specimens

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_storage")]


def make_recording(data: bytes, name: str, **fields: Any) -> Recording:
    """A film or sound of the library."""
    actor = make.make_user()
    held = filing.hold(upload=SimpleUploadedFile(name, data), kinds=filing.PLAYED, actor=actor)
    fields.setdefault("title", name)
    return filing.record(held=held, actor=actor, at=make.NOW, **fields)


def full(**fields: Any) -> tuple[Article, dict[str, Any]]:
    """An article with every kind of figure, and what they show."""
    shown: dict[str, Any] = {
        "one": make.make_image("red", alt="Đỏ", caption="Theo kho <1>", credit="A.V"),
        "two": make.make_image("green", alt="Xanh"),
        "three": make.make_image("blue", alt="Lam", caption="Lam nhạt", credit="Ảnh: B.C"),
        "poster": make.make_image("yellow", alt="Bìa"),
        "cover": make.make_image("black", alt="Bìa nhúng", caption="Lễ hội"),
    }
    shown["film"] = make_recording(
        specimens.mp4(),
        "Lễ hội <b>.mp4",
        poster=shown["poster"],
        caption="Phim lễ hội",
        transcript="Dòng một\n\nDòng <hai>",
    )
    shown["sound"] = make_recording(
        specimens.mp3(), "Bài hát.mp3", title="Bài hát", credit="Lò Thị C", transcript="Lời hát"
    )
    body = (
        "<p>Mở đầu.</p>"
        f'<figure data-image="{shown["one"].pk}"><figcaption></figcaption></figure>'
        f'<aside><h2>Hộp</h2><figure data-images="{shown["two"].pk} {shown["three"].pk}">'
        "<figcaption>Chung <em>một</em> chú thích</figcaption></figure></aside>"
        f'<figure data-recording="{shown["film"].pk}"></figure>'
        f'<figure data-recording="{shown["sound"].pk}"><figcaption>Nghe hát</figcaption></figure>'
        f'<figure data-image="{shown["cover"].pk}" data-link="https://www.youtube.com/watch?v=1&amp;t=2"></figure>'
        "<p>Kết.</p>"
    )
    return make.make_article("Bài có hình", body=body, **fields), shown


def test_what_the_text_names_is_sealed_in_its_order() -> None:
    article, shown = full()
    content = sealing.compose(article)
    names = ("one", "two", "three", "cover")
    assert [image["id"] for image in content["body_images"]] == [shown[name].pk for name in names]
    assert content["body_images"][0]["caption"] == "Theo kho <1>"
    assert [item["id"] for item in content["recordings"]] == [shown["film"].pk, shown["sound"].pk]
    assert content["recordings"][0]["poster"]["key"] == shown["poster"].key
    assert content["recordings"][1]["poster"] is None
    assert rendering.image_keys(content) == {shown[name].key for name in (*names, "poster")}


def test_a_text_without_figures_is_sealed_as_before() -> None:
    content = sealing.compose(make.make_article(body="<p>Chữ</p><figure><figcaption>x</figcaption></figure>"))
    assert {"body_images", "recordings"} & content.keys() == set()


@pytest.mark.parametrize("count", [1, 3])
def test_gathering_asks_two_questions_more_however_many_figures(count: int, django_assert_num_queries: Any) -> None:
    plain = Article.objects.get(pk=make.make_article().pk)
    with CaptureQueriesContext(connection) as before:
        sealing.gather(plain)
    images = [make.make_image(colour) for colour in ("red", "green", "blue")[:count]]
    sounds = [make_recording(specimens.mp3(100 + n), f"{n}.mp3") for n in range(count)]
    body = "".join(f'<figure data-image="{image.pk}"></figure>' for image in images)
    body += "".join(f'<figure data-recording="{sound.pk}"></figure>' for sound in sounds)
    article = Article.objects.get(pk=make.make_article(body=body).pk)
    with django_assert_num_queries(len(before) + 2):
        copy = sealing.gather(article)
    assert (len(copy.body_images), len(copy.recordings)) == (count, count)


def test_pictures_of_the_text_are_public_with_the_edition_and_gone_after_it(
    django_capture_on_commit_callbacks: Any, client: Client
) -> None:
    article, shown = full()
    at = timezone.now() - timedelta(minutes=5)
    with django_capture_on_commit_callbacks(execute=True):
        edition = make.publish(article, at=at)
    keys = {shown[name].key for name in ("one", "two", "three", "poster", "cover")}
    assert set(EditionImage.objects.filter(edition=edition).values_list("key", flat=True)) == keys
    for key in keys:
        assert storages["public"].exists(f"{key}/320.webp")
        assert client.get(f"/media/{key}/320.webp").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        make.withdraw(article, at=timezone.now())
    for key in keys:
        assert not storages["public"].exists(f"{key}/320.webp")
        assert client.get(f"/media/{key}/320.webp").status_code == 404


def test_the_page_prints_every_figure(client: Client) -> None:
    article, shown = full()
    make.publish(article, at=timezone.now() - timedelta(minutes=5))
    text = client.get(f"/tin/bai-co-hinh-{article.pk}/").content.decode()
    body = text[
        text.index('<div class="article__body">') : text.index('class="article__byline"')
        if 'class="article__byline"' in text
        else text.index('class="share"')
    ]
    assert body.count("<picture>") == 4
    for name in ("one", "two", "three", "cover"):
        assert f"/media/{shown[name].key}/" in body
    assert "<span>Theo kho &lt;1&gt;</span>" in body
    assert "Chung <em>một</em> chú thích" in body
    assert "Ảnh: B.C" in body
    assert "Ảnh: Ảnh:" not in body
    film, sound = shown["film"], shown["sound"]
    assert re.search(
        rf'<video controls preload="none" playsinline src="/media/tep/{film.key}/[a-z0-9-]+\.mp4" '
        rf'poster="/media/{shown["poster"].key}/',
        body,
    )
    assert re.search(
        rf'<audio controls preload="none" src="/media/tep/{sound.key}/bai-hat\.mp3" aria-label="Bài hát">', body
    )
    assert "<summary>Lời</summary><p>Dòng một</p>\n<p>Dòng &lt;hai&gt;</p>" in body
    assert "Nghe hát" in body
    assert '<a class="embed__link" href="https://www.youtube.com/watch?v=1&amp;t=2" rel="noopener">' in body
    assert "Xem trên youtube.com" in body
    assert "data-image" not in body
    assert "style=" not in body


def test_print_and_saved_file_say_where_recordings_are(client: Client) -> None:
    article, shown = full()
    make.publish(article, at=timezone.now() - timedelta(minutes=5))
    printed = client.get(f"/tin/bai-co-hinh-{article.pk}/ban-in/").content.decode()
    saved = client.get(f"/tin/bai-co-hinh-{article.pk}/tai-ve/").content.decode()
    for text in (printed, saved):
        assert "<video" not in text
        assert "<audio" not in text
        assert text.count("trên trang</a>") == 2
        assert "Dòng &lt;hai&gt;" in text
        assert 'Xem trên youtube.com: <a href="https://www.youtube.com/watch?v=1&amp;t=2" rel="noopener">' in text
    assert printed.count("<picture>") == 4
    assert saved.count('src="data:image/jpeg;base64,') == 4
    assert f"/media/{shown['one'].key}" not in saved


def test_what_is_not_in_the_content_prints_its_caption_only() -> None:
    article = make.make_article()
    content = sealing.compose(article) | {
        "body": '<p>a</p><figure data-image="7"><figcaption>Chữ <b>x</b></figcaption></figure>'
        '<figure data-recording="8"></figure>'
        '<figure data-images="7 9"></figure><figure data-image="7" data-link="https://a.vn">Tới</figure>'
    }
    page = article_page(content)
    assert [(part.kind, part.html) for part in page.parts] == [
        ("html", "<p>a</p>"),
        ("caption", "Chữ <b>x</b>"),
        ("caption", "Tới"),
    ]


def test_words_of_figures_count_as_the_text_s() -> None:
    page = article_page(
        sealing.compose(
            make.make_article(
                lead="", body='<figure data-image="7"><figcaption>Chú thích</figcaption></figure><p>Chữ.</p>'
            )
        )
    )
    assert page.description == "Chú thích Chữ."


def test_a_number_that_is_not_in_the_library_is_refused_by_name() -> None:
    image = make.make_image()
    body = f'<figure data-images="{image.pk} 999998"></figure><figure data-recording="77"></figure>'
    field = BodyField(required=False)
    with pytest.raises(ValidationError) as refused:
        field.clean(body)
    assert refused.value.messages == ["Ảnh số 999998 không có trong kho.", "Phim, âm thanh số 77 không có trong kho."]
    assert field.clean(f'<figure data-image="{image.pk}"></figure>') == f'<figure data-image="{image.pk}"></figure>'
    assert field.clean("<figure></figure>") == ""
    assert (
        ProseField().clean('<p>x</p><figure data-image="999998">y</figure>')
        == '<p>x</p><figure data-image="999998">y</figure>'
    )


def test_an_import_names_no_picture_of_ours(tmp_path: Any) -> None:
    image = make.make_image()
    make.make_section("Thời sự")
    row = {
        "id": 5, "section": "thoi-su", "title": "Bài cũ", "lead": "L", "byline": "", "tags": [],
        "body_html": f'<h1>Tít</h1><figure data-image="{image.pk}"><figcaption>chú</figcaption></figure>',
        "published_at": "2020-01-01T08:00:00",
    }  # fmt: skip
    source = io.BytesIO(json.dumps(row).encode())
    Importer(actor=None, at=make.NOW, folder=tmp_path).run(source)
    article = Article.objects.filter(pk=5).first()
    assert article is not None
    assert article.body == "<h2>Tít</h2><figure><figcaption>chú</figcaption></figure>"
    assert "body_images" not in sealing.compose(article)
