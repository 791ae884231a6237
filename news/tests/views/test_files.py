"""The public door of documents and recordings: what a live edition carries, whole and in part, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from news.models import Article, Attachment, EditionFile
from news.services import editing, filing, publishing, reviewing
from news.tests import make, specimens
from news.tests.admin.forms import words

pytestmark = pytest.mark.django_db
NOW = make.NOW


def attach(article: Article, title: str = "Quyết định 12", data: bytes = b"") -> str:
    """Put a document to the article as its author's form does; its public address."""
    author = article.created_by
    assert author is not None
    upload = SimpleUploadedFile("a.pdf", data or specimens.pdf(title))
    held = filing.hold(upload=upload, kinds=filing.DOCUMENTS, actor=author)

    filing.copy_ahead([held])

    def keep(saved: Article) -> None:
        row = Attachment(article=saved, title=title)
        filing.attach(row, held)
        row.save()

    at = NOW - timedelta(hours=1)
    editing.change(article=article, actor=author, at=at, version=article.version, save_related=keep)
    return f"/media/tep/{held.key}/quyet-dinh-12.pdf"


def make_film(**facts: Any) -> Any:
    actor = make.make_user()
    upload = SimpleUploadedFile("a.mp4", specimens.mp4(**facts))
    held = filing.hold(upload=upload, kinds=filing.PLAYED, actor=actor)
    return filing.record(
        held=held, actor=actor, at=NOW, title="Lễ đón", poster=make.make_image(), transcript="Kính chào."
    )


def published_film(**facts: Any) -> str:
    film = make_film(**facts)
    make.publish(make.make_article(body=f'<p>Xem:</p><figure data-recording="{film.pk}"></figure>'))
    return f"/media/tep/{film.key}/le-don.mp4"


def test_a_document_is_downloaded_under_its_name(client: Client) -> None:
    article = make.make_article()
    address = attach(article)
    make.publish(article)
    answer = client.get(address)
    assert (answer.status_code, answer.content) == (200, specimens.pdf("Quyết định 12"))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="quyet-dinh-12.pdf"'
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in answer.headers


def test_the_page_lists_its_documents_everywhere(client: Client) -> None:
    article = make.make_article("Bài có tài liệu")
    address = attach(article, "Quyết định 12")
    make.publish(article)
    page = f"/tin/bai-co-tai-lieu-{article.pk}/"
    for tail in ("", "ban-in/", "tai-ve/"):
        answer = client.get(page + tail)
        assert f'href="{address}"' in answer.content.decode()
        size = len(specimens.pdf("Quyết định 12"))
        assert f"Tài liệu kèm theo Quyết định 12 (PDF, {size} byte)" in words(answer)
    other = make.make_article("Bài không có")
    make.publish(other)
    assert "Tài liệu kèm theo" not in words(client.get(f"/tin/bai-khong-co-{other.pk}/"))


def test_titles_of_documents_are_escaped(client: Client) -> None:
    article = make.make_article("Bài")
    attach(article, '"><script>alert(1)</script>')
    make.publish(article)
    page = client.get(f"/tin/bai-{article.pk}/").content.decode()
    assert "<script>alert(1)" not in page
    key = EditionFile.objects.get()
    assert (key.name, client.get(f"/media/tep/{key.key}/{key.name}").status_code) == ("script-alert-1-script.pdf", 200)


# --- Who sees what ---------------------------------------------------------------------------------------


def test_nothing_is_served_before_its_edition_is_live(client: Client, time_machine: Any) -> None:
    article = make.make_article()
    address = attach(article)
    assert client.get(address).status_code == 404
    make.approve(article)
    assert client.get(address).status_code == 404
    time_machine.move_to(NOW)
    later = NOW + timedelta(days=1)
    chief = make.make_user("chief")
    publishing.schedule(article_id=article.pk, actor=chief, at=NOW, visible_from=later)
    scheduled = client.get(address)
    absent = client.get(f"/media/tep/{'0' * 40}/quyet-dinh-12.pdf")
    assert (scheduled.status_code, scheduled.content) == (404, absent.content)
    time_machine.move_to(later + timedelta(seconds=1))
    assert client.get(address).status_code == 200


def test_nothing_is_served_after_it(client: Client, time_machine: Any) -> None:
    article = make.make_article()
    address = attach(article)
    make.publish(article)
    time_machine.move_to(NOW + timedelta(hours=1))
    until = NOW + timedelta(days=1)
    publishing.expire(article_id=article.pk, actor=make.make_user("secretary"), at=NOW, until=until)
    assert client.get(address).status_code == 200
    time_machine.move_to(until)
    assert client.get(address).status_code == 404


def test_nothing_is_served_of_a_withdrawn_article(client: Client) -> None:
    article = make.make_article()
    address = attach(article)
    make.publish(article)
    make.withdraw(article, at=NOW + timedelta(hours=1))
    answer = client.get(address)
    assert (answer.status_code, "Quyết" in answer.content.decode()) == (404, False)
    # Back again with the next edition, under the same key.
    make.revise(Article.objects.get(pk=article.pk), at=NOW + timedelta(hours=2))
    publishing.publish(article_id=article.pk, actor=make.make_user("chief"), at=NOW + timedelta(hours=3))
    assert client.get(address).status_code == 200


def test_a_document_taken_out_of_the_next_edition_is_gone_with_the_last(client: Client) -> None:
    article = make.make_article()
    address = attach(article)
    make.publish(article)
    editor = make.make_user("editor")
    reviewing.advance(article_id=article.pk, transition="reopen", actor=editor, at=NOW + timedelta(hours=1))
    fresh = Article.objects.select_related("section").get(pk=article.pk)
    editing.change(
        article=fresh,
        actor=editor,
        at=NOW + timedelta(hours=2),
        version=fresh.version,
        save_related=lambda saved: saved.attachments.all().delete(),
    )
    assert client.get(address).status_code == 200
    reviewing.advance(article_id=article.pk, transition="pass", actor=editor, at=NOW + timedelta(hours=3))
    chief = make.make_user("chief")
    reviewing.advance(article_id=article.pk, transition="approve", actor=chief, at=NOW + timedelta(hours=4))
    publishing.publish(article_id=article.pk, actor=chief, at=NOW + timedelta(hours=5))
    assert client.get(address).status_code == 404


def test_unused_recordings_and_other_names_are_not_there(client: Client) -> None:
    film = make_film()
    storages["public"].save(f"tep/{film.key}", ContentFile(b"da chep som"))
    assert client.get(f"/media/tep/{film.key}/le-don.mp4").status_code == 404
    address = published_film(seconds=66)
    key = address.split("/")[3]
    assert client.get(address).status_code == 200
    for path in (
        f"/media/tep/{key}/",
        f"/media/tep/{key}/khac.mp4",
        f"/media/tep/{key}/le-don.mp3",
        f"/media/tep/{key}/le-don.mp4/",
        f"/media/tep/{key}/..%2f..%2fle-don.mp4",
        f"/media/tep/{key.upper()}/le-don.mp4",
        f"/media/tep/{key[:39]}/le-don.mp4",
        f"/media/{key}/le-don.mp4",
    ):
        assert client.get(path).status_code == 404


def test_it_asks_once(client: Client, django_assert_num_queries: Any) -> None:
    address = published_film()
    with django_assert_num_queries(1):
        client.get(address)


# --- HTTP ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=5-", 206, 5, None),
        ("bytes=-7", 206, -7, None),
        ("bytes=0-99999999", 206, 0, None),
        ("bytes=9-5", 200, 0, None),
        ("bytes=0-1,4-5", 200, 0, None),
        ("donkeys=0-1", 200, 0, None),
        ("bytes=-", 200, 0, None),
    ],
)
def test_ranges(client: Client, asked: str, status: int, start: int, end: int | None) -> None:
    address = published_film()
    data = client.get(address).content
    part = client.get(address, headers={"Range": asked})
    assert (part.status_code, part.content) == (status, data[start:end])
    assert part.headers["Content-Length"] == str(len(part.content))
    assert ("Content-Range" in part.headers) == (status == 206)
    assert part.headers["Content-Disposition"] == 'inline; filename="le-don.mp4"'


def test_a_range_beyond_the_end_is_told(client: Client) -> None:
    address = published_film()
    size = len(client.get(address).content)
    for asked in (f"bytes={size}-", "bytes=-0"):
        part = client.get(address, headers={"Range": asked})
        assert (part.status_code, part.headers["Content-Range"]) == (416, f"bytes */{size}")


def test_what_is_known_is_not_sent_again(client: Client) -> None:
    address = published_film()
    tag = client.get(address).headers["ETag"]
    known = client.get(address, headers={"If-None-Match": tag})
    assert (known.status_code, known.content, known.headers["ETag"]) == (304, b"", tag)
    assert client.get(address, headers={"If-None-Match": '"khac"'}).status_code == 200
    assert client.get(address, headers={"Range": "bytes=0-1", "If-Range": tag}).status_code == 206
    assert client.get(address, headers={"Range": "bytes=0-1", "If-Range": '"khac"'}).status_code == 200


def test_head_tells_of_the_whole_and_other_methods_are_refused(client: Client) -> None:
    address = published_film()
    whole = client.get(address)
    head = client.head(address, headers={"Range": "bytes=0-1"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.content))
    assert client.post(address).status_code == 405


def test_a_long_film_goes_out_in_pieces(client: Client) -> None:
    address = published_film(samples=bytes(range(256)) * 20_000)
    answer = client.get(address, headers={"Range": "bytes=100-"})
    assert (answer.status_code, answer.streaming) == (206, True)
    pieces = list(answer)
    assert max(map(len, pieces)) <= 256 * 1024
    assert sum(map(len, pieces)) == int(answer.headers["Content-Length"])
    answer.close()
    key = address.split("/")[3]
    with storages["public"].open(f"tep/{key}") as file:
        assert b"".join(pieces) == file.read()[100:]


def test_a_public_copy_that_is_missing_is_not_there(client: Client) -> None:
    address = published_film()
    storages["public"].delete(f"tep/{address.split('/')[3]}")
    assert client.get(address).status_code == 404
