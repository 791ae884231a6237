"""Files held, kept, published, taken away: each under the hash of what is kept, none served before its edition."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from news.models import Attachment, EditionFile, Recording
from news.services import drafting, editing, filing, indexing, publishing, sealing
from news.services.filing import BadFile, Held
from news.tests import make, specimens
from news.workflow import NotAllowed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_storage")]
NOW = make.NOW


def upload(data: bytes, name: str = "quyết định.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def held(data: bytes = b"", name: str = "quyết định.pdf", actor: Any = None) -> Held:
    kinds = filing.DOCUMENTS | filing.PLAYED
    return filing.hold(upload=upload(data or specimens.pdf(), name), kinds=kinds, actor=actor or make.make_user())


def stored(folder: str) -> list[str]:
    private = storages["private"]
    if not private.exists(folder):
        return []
    return sorted(f"{folder}/{below}/{name}" for below in private.listdir(folder)[0]
                  for name in private.listdir(f"{folder}/{below}")[1])  # fmt: skip


# --- Holding -----------------------------------------------------------------------------------------


def test_a_held_file_is_told_by_a_token_of_its_owner() -> None:
    owner, other = make.make_user(), make.make_user()
    found = held(specimens.office(), "../../Kế hoạch.DOCX", owner)
    assert (found.name, found.type.name) == ("Kế hoạch", "DOCX")
    assert filing.held_in(found.token, kinds=filing.DOCUMENTS, actor=owner) == found
    with pytest.raises(BadFile, match="không còn được giữ"):
        filing.held_in(found.token, kinds=filing.DOCUMENTS, actor=other)
    with pytest.raises(BadFile, match="không còn được giữ"):
        filing.held_in(found.token, kinds=filing.PLAYED, actor=owner)
    with pytest.raises(BadFile, match="không còn được giữ"):
        filing.held_in(found.token[:-2], kinds=filing.DOCUMENTS, actor=owner)
    assert stored("held") == [f"held/{owner.pk}/{found.key}.docx"]


def a_draft(owner: Any, token: str, at: Any, sequence: int = 1) -> None:
    """A window in which the file was chosen, kept on the server."""
    state = [("title", "Bài"), ("tai-lieu-0-upload-giu", token), ("lead", "a:b:c")]
    drafting.keep(owner=owner, key="cua-so-1", article_id=None, state=state, base_version=0, sequence=sequence, at=at)


def sweep(at: Any) -> int:
    """As cron does once a day."""
    drafting.sweep(at=at)
    return filing.sweep(at=at)


def test_a_held_file_lives_as_long_as_a_draft_that_names_it() -> None:
    owner, now = make.make_user(), timezone.now()
    found = held(actor=owner)
    loose = held(specimens.pdf("Khac"), actor=owner)
    for sequence, days in enumerate((0, 150, 300, 450), start=1):
        a_draft(owner, found.token, now + timedelta(days=days), sequence)
        sweep(now + timedelta(days=days + 149))
        assert filing.held_in(found.token, kinds=filing.DOCUMENTS, actor=owner) == found
    with pytest.raises(BadFile, match="không còn được giữ"):
        filing.held_in(loose.token, kinds=filing.DOCUMENTS, actor=owner)
    assert sweep(now + timedelta(days=450) + drafting.KEPT_FOR - timedelta(minutes=1)) == 0
    assert sweep(now + timedelta(days=450) + drafting.KEPT_FOR + timedelta(minutes=1)) == 1
    with pytest.raises(BadFile, match="không còn được giữ"):
        filing.held_in(found.token, kinds=filing.DOCUMENTS, actor=owner)


def test_another_persons_draft_holds_no_file() -> None:
    owner, other, now = make.make_user(), make.make_user(), timezone.now()
    found = held(actor=owner)
    a_draft(other, found.token, now + timedelta(days=150))
    assert sweep(now + timedelta(days=188)) == 1


def test_nobody_holds_more_than_so_many_files(monkeypatch: Any) -> None:
    owner = make.make_user()
    monkeypatch.setattr(filing, "HELD_MOST", 2)
    for text in ("Một", "Hai"):
        held(specimens.pdf(text), actor=owner)
    with pytest.raises(BadFile, match="quá nhiều tệp"):
        held(specimens.pdf("Ba"), actor=owner)
    assert held(specimens.pdf("Ba"), actor=make.make_user()).owner != owner.pk


def test_nobody_holds_more_than_so_many_bytes(settings: Any) -> None:
    owner, size = make.make_user(), len(specimens.pdf("Ba"))
    settings.FILES_HELD_MAX_BYTES = 2 * size + 1
    for text in ("Ba", "Tu"):
        held(specimens.pdf(text), actor=owner)
    with pytest.raises(BadFile, match="quá nhiều tệp"):
        held(specimens.pdf("Ba"), actor=owner)
    assert held(specimens.pdf("Ba"), actor=make.make_user()).owner != owner.pk


def test_a_busy_reporter_is_not_locked_out(monkeypatch: Any, django_capture_on_commit_callbacks: Any) -> None:
    """What is saved is not held: neither counted nor there."""
    monkeypatch.setattr(filing, "HELD_MOST", 2)
    article = make.make_article()
    owner = article.created_by
    for text in ("Một", "Hai", "Ba", "Bốn"):
        with django_capture_on_commit_callbacks(execute=True):
            make_attached(article, text, specimens.pdf(text))
    film = held(specimens.mp4(), "a.mp4", owner)
    with django_capture_on_commit_callbacks(execute=True):
        filing.record(held=film, actor=owner, at=NOW, title="Phim")
    assert stored("held") == []
    assert len(stored("attachments")) == 4
    # The kept copy is there for whoever still names the token, and a copy held again beside it counts for nothing.
    assert filing.held_in(film.token, kinds=filing.PLAYED, actor=owner) == film
    for text in ("Một", "Hai", "Ba"):
        held(specimens.pdf(text), actor=owner)
    assert filing.record(held=held(specimens.mp4(), "b.mp4", owner), actor=owner, at=NOW, title="x").title == "Phim"
    assert [name for name in stored("held") if name.endswith("mp4")] == []


@pytest.mark.parametrize("name", ["\N{PARTY POPPER}" * 127, "\N{PARTY POPPER}" * 300, '\x01"\\' * 90, "ế" * 300])
def test_a_file_with_a_long_name_can_be_used(name: str) -> None:
    owner = make.make_user()
    found = held(name=f"{name}.pdf", actor=owner)
    assert len(found.token) <= filing.TOKEN_LONGEST
    assert filing.held_in(found.token, kinds=filing.DOCUMENTS, actor=owner) == found


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (specimens.pdf(), "a.exe", "Chỉ nhận tệp PDF, DOCX, XLSX."),
        (specimens.pdf(), "pdf", "Chỉ nhận tệp PDF, DOCX, XLSX."),
        (specimens.mp4(), "a.mp4", "Chỉ nhận tệp PDF, DOCX, XLSX."),
        (b"", "a.pdf", "Tệp này rỗng."),
        (b"MZ" + bytes(99), "a.pdf", "Tên tệp là .pdf nhưng nội dung là chương trình Windows."),
    ],
)
def test_what_is_refused_leaves_nothing_behind(data: bytes, name: str, says: str) -> None:
    with pytest.raises(BadFile) as caught:
        filing.hold(upload=upload(data, name), kinds=filing.DOCUMENTS, actor=make.make_user())
    assert str(caught.value) == says
    assert stored("held") == []


def test_too_heavy_a_file_is_refused_before_it_is_read(settings: Any) -> None:
    settings.FILE_MAX_BYTES = {"document": 1024 * 1024, "audio": 1, "video": 1}
    large = SimpleNamespace(name="a.pdf", size=1024 * 1024 + 1)  # whoever reads it fails
    with pytest.raises(BadFile, match=r"Tệp quá nặng: PDF tối đa 1 MB\."):
        filing.hold(upload=large, kinds=filing.DOCUMENTS, actor=make.make_user())


@pytest.mark.parametrize(("data", "name"), [(specimens.pdf("Dài"), "a.pdf"), (specimens.office("xlsx"), "a.xlsx")])
def test_a_document_whose_check_meets_a_limit_is_refused(settings: Any, data: bytes, name: str) -> None:
    settings.DOCUMENT_PROCESS_FILE_SIZE = 100
    with pytest.raises(BadFile, match="Không kiểm tra được tệp này: tệp quá phức tạp hoặc đã hỏng"):
        held(data, name)
    assert stored("held") == []
    settings.DOCUMENT_PROCESS_FILE_SIZE = 1024**2
    assert held(data, name).name == "a"


@pytest.mark.parametrize("role", ["moderator", "administrator", None])
def test_who_writes_nothing_holds_nothing(role: str | None) -> None:
    with pytest.raises(NotAllowed):
        held(actor=make.make_user(role))
    assert stored("held") == []


def test_old_held_files_are_swept_and_used_ones_stay() -> None:
    make_attached(make.make_article())
    found = held(specimens.pdf("Khac"))
    held(specimens.mp3(), "a.mp3")
    now = timezone.now()
    assert filing.sweep(at=now + timedelta(days=29)) == 0
    assert filing.sweep(at=now + timedelta(days=31)) == 1  # the sound
    kept = stored("attachments")
    assert filing.sweep(at=now + drafting.KEPT_FOR) == 0
    assert filing.sweep(at=now + drafting.KEPT_FOR + timedelta(days=8)) == 2
    assert (stored("held"), stored("attachments")) == ([], kept)
    assert found.key not in str(kept)


def test_a_copy_made_ahead_of_a_save_that_came_to_nothing_is_swept() -> None:
    article, now = make.make_article(), timezone.now()
    row = make_attached(article)
    taken_out = make_attached(article, "Cũ", specimens.pdf("Cu"))
    taken_out.delete()  # an earlier version names it
    lost = held(specimens.pdf("Khac"), actor=article.created_by)
    shared = held(specimens.pdf("Chung"), actor=article.created_by)
    filing.copy_ahead([lost, shared])
    assert len(stored("attachments")) == 4
    assert filing.sweep(at=now + timedelta(days=186)) == 0
    a_draft(article.created_by, shared.token, now + timedelta(days=150))
    assert filing.sweep(at=now + timedelta(days=188)) == 3
    keys = sorted(found.content_sha256[:40] if isinstance(found, Attachment) else found.key
                  for found in (row, taken_out, shared))  # fmt: skip
    assert sorted(name.rpartition("/")[2] for name in stored("attachments")) == [f"{key}.pdf" for key in keys]


# --- Documents -----------------------------------------------------------------------------------------


def make_attached(article: Any, title: str = "Quyết định số 12", data: bytes = b"", name: str = "a.pdf") -> Attachment:
    """Put a document to a draft, as its form does."""
    row, chosen = Attachment(title=title, order=0), held(data, name, article.created_by)
    filing.copy_ahead([chosen])

    def keep(saved: Any) -> None:
        row.article = saved
        filing.attach(row, chosen)
        row.save(force_insert=True)

    editing.change(article=article, actor=article.created_by, at=NOW - timedelta(hours=1), version=article.version,
                   save_related=keep)  # fmt: skip
    return row


def test_a_document_is_sealed_under_its_public_name() -> None:
    article = make.make_article()
    row = make_attached(article)
    assert row.file.name == f"attachments/{row.content_sha256[:2]}/{row.content_sha256[:40]}.pdf"
    assert sealing.compose(article)["attachments"] == [
        {
            "id": row.pk,
            "title": "Quyết định số 12",
            "name": "quyet-dinh-so-12.pdf",
            "content_type": "application/pdf",
            "byte_count": len(specimens.pdf()),
            "sha256": row.content_sha256,
        }
    ]


def public_files() -> list[str]:
    public = storages["public"]
    return sorted(public.listdir("tep")[1]) if public.exists("tep") else []


def test_files_become_public_by_publishing_and_go_by_withdrawal(django_capture_on_commit_callbacks: Any) -> None:
    article = make.make_article()
    key = make_attached(article).content_sha256[:40]
    make.approve(article)
    assert public_files() == []
    with django_capture_on_commit_callbacks(execute=True):
        publishing.publish(article_id=article.pk, actor=make.make_user("secretary"), at=NOW)
    assert public_files() == [key]
    assert list(EditionFile.objects.values_list("key", "name", "content_type")) == [
        (key, "quyet-dinh-so-12.pdf", "application/pdf")
    ]
    with django_capture_on_commit_callbacks(execute=True):
        make.withdraw(article, at=NOW + timedelta(hours=1))
    assert public_files() == []
    assert stored("attachments") != []


def test_a_file_that_another_live_article_carries_stays_public(django_capture_on_commit_callbacks: Any) -> None:
    first, second = make.make_article(), make.make_article()
    key = make_attached(first).content_sha256[:40]
    make_attached(second, "Tên khác")
    with django_capture_on_commit_callbacks(execute=True):
        make.publish(first)
        make.publish(second)
        make.withdraw(first, at=NOW + timedelta(hours=1))
    assert public_files() == [key]


def test_a_copy_cut_short_is_made_again() -> None:
    article = make.make_article()
    key = make_attached(article).content_sha256[:40]
    storages["public"].save(f"tep/{key}", upload(b"nua chung"))
    make.publish(article)
    with storages["public"].open(f"tep/{key}") as file:
        assert file.read() == specimens.pdf()


def test_a_document_lost_from_the_storage_is_told_before_anything_is_published() -> None:
    article = make.make_article()
    row = make_attached(article)
    make.approve(article)
    storages["private"].delete(row.file.name)
    with pytest.raises(publishing.FileMissing, match="tải tệp đó lên lại"):
        publishing.publish(article_id=article.pk, actor=make.make_user("secretary"), at=NOW)
    assert not article.editions.exists()


def test_index_rows_of_files_are_made_again() -> None:
    article = make.make_article()
    make_attached(article)
    make.publish(article)
    before = list(EditionFile.objects.values_list("edition", "article", "key", "name", "content_type"))
    EditionFile.objects.all().delete()
    indexing.rebuild()
    assert list(EditionFile.objects.values_list("edition", "article", "key", "name", "content_type")) == before
    assert len(before) == 1


# --- Recordings ----------------------------------------------------------------------------------------


def test_a_film_enters_the_library_without_its_places() -> None:
    actor = make.make_user()
    film = filing.record(
        held=held(specimens.mp4(), "PHIM_0001.mp4", actor),
        actor=actor,
        at=NOW,
        title=" Lễ  đón đoàn ",
        poster=make.make_image(),
        transcript="Lời  chào.",
    )
    with storages["private"].open(film.file.name) as file:
        kept = file.read()
    assert specimens.PLACE not in kept
    assert (film.kind, film.title, film.seconds, film.byte_count) == ("video", "Lễ đón đoàn", 65, len(kept))
    assert film.file.name == f"recordings/{film.key[:2]}/{film.key}.mp4"
    assert film.text_key == "le don doan"
    again = filing.record(held=held(specimens.mp4(), "b.mp4", actor), actor=actor, at=NOW, title="Khác")
    assert (again.pk, Recording.objects.count()) == (film.pk, 1)


@pytest.mark.parametrize("role", ["moderator", "administrator"])
def test_who_writes_nothing_changes_no_recording(role: str) -> None:
    actor = make.make_user()
    sound = filing.record(held=held(specimens.mp3(), "a.mp3", actor), actor=actor, at=NOW, title="Lời chúc")
    with pytest.raises(NotAllowed):
        filing.describe(recording=sound, actor=make.make_user(role))
    with pytest.raises(NotAllowed):
        filing.record(held=held(specimens.m4a(), "a.m4a", actor), actor=make.make_user(role), at=NOW, title="x")


def test_a_recording_in_the_text_is_published_with_it(django_capture_on_commit_callbacks: Any) -> None:
    actor = make.make_user()
    sound = filing.record(
        held=held(specimens.mp3(), "a.mp3", actor), actor=actor, at=NOW, title="Lời chúc", transcript="Chúc mừng."
    )
    article = make.make_article(author=actor, body=f'<p>Nghe:</p><figure data-recording="{sound.pk}"></figure>')
    with django_capture_on_commit_callbacks(execute=True):
        make.publish(article)
    assert public_files() == [sound.key]
    assert list(EditionFile.objects.values_list("key", "name")) == [(sound.key, "loi-chuc.mp3")]


# --- Back again ----------------------------------------------------------------------------------------


def test_a_document_taken_out_or_replaced_comes_back_with_its_version() -> None:
    article = make.make_article()
    row = make_attached(article)
    sealed = sealing.attachment_json(row)
    row.delete()
    assert filing.bring_back(article=article, pk=sealed["id"], sealed=sealed, at_place=0) is True
    back = article.attachments.get()
    assert sealing.attachment_json(back) == sealed
    other = held(specimens.pdf("Khac"), actor=article.created_by)
    with pytest.raises(BadFile, match="không còn được giữ"):
        filing.attach(back, other)  # not copied ahead: the transaction copies nothing
    filing.copy_ahead([other])
    filing.attach(back, other)
    back.save()
    assert filing.bring_back(article=article, pk=sealed["id"], sealed=sealed, at_place=0) is True
    assert sealing.attachment_json(article.attachments.get()) == sealed
    storages["private"].delete(back.file.name)
    gone = {**sealed, "sha256": "0" * 64}
    assert filing.bring_back(article=article, pk=sealed["id"], sealed=gone, at_place=0) is False


def test_the_number_of_a_document_of_another_article_is_not_taken_over() -> None:
    first, second = make.make_article(), make.make_article()
    row = make_attached(first)
    sealed = sealing.attachment_json(row)
    assert filing.bring_back(article=second, pk=row.pk, sealed=sealed, at_place=0) is True
    assert first.attachments.get().pk == row.pk
    assert second.attachments.get().pk != row.pk
