"""Files at the desk: chosen, held, told by a token, lost by no error; films and sounds of the library."""

from typing import Any, ClassVar

import pytest
from django.core.files.storage import FileSystemStorage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from news.models import Article, Attachment, Recording
from news.services import filing
from news.tests import make, specimens
from news.tests.admin.forms import read_form, send, words

pytestmark = pytest.mark.django_db
ADD = "/quan-tri/news/recording/add/"
HOLD = "/quan-tri/tep/"
NEW = "/quan-tri/news/article/add/"


def upload(data: bytes = b"", name: str = "Quyết định.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data or specimens.pdf())


def hold(client: Client, data: bytes = b"", name: str = "Quyết định.pdf", kinds: str = "document") -> Any:
    return client.post(HOLD, {"tep": upload(data, name), "loai": kinds})


def whole(response: Any) -> bytes:
    return response.getvalue()


# --- The door where files come in ------------------------------------------------------------------------


def test_a_chosen_file_is_held_and_told(sign_in_as: Any) -> None:
    reporter = make.make_user()
    told = hold(sign_in_as(reporter)).json()
    assert told["name"] == "Quyết định"
    assert told["words"].startswith("Quyết định (PDF, ")
    assert filing.held_in(told["token"], kinds=filing.DOCUMENTS, actor=reporter).byte_count == len(specimens.pdf())


def test_a_file_is_refused_in_words(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user())
    answer = hold(client, b"MZ" + bytes(80))
    assert (answer.status_code, answer.json()) == (
        422,
        {"message": "Tên tệp là .pdf nhưng nội dung là chương trình Windows."},
    )
    assert hold(client, specimens.mp4(), "a.mp4").json() == {"message": "Chỉ nhận tệp PDF, DOCX, XLSX."}
    assert client.post(HOLD, {"loai": "document"}).status_code == 422
    assert client.post(HOLD, {"tep": upload(), "loai": "sach"}).status_code == 422
    assert client.get(HOLD).status_code == 405


@pytest.mark.parametrize("role", ["moderator", "administrator"])
def test_who_writes_nothing_sends_no_file(sign_in_as: Any, role: str) -> None:
    assert hold(sign_in_as(make.make_user(role))).status_code == 403


def test_a_file_needs_a_log_in_and_a_token_of_the_form(client: Client, sign_in_as: Any) -> None:
    assert hold(client).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = sign_in_as(make.make_user()).cookies
    assert hold(strict).status_code == 403


# --- Documents of an article -------------------------------------------------------------------------------


def fields(client: Client, address: str = NEW, **changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = read_form(client.get(address), "article_form").data
    section = make.Section.objects.first() or make.make_section()
    return {**data, "title": "Bài có tài liệu", "section": str(section.pk), **changes}


def test_a_document_goes_with_the_form_where_there_is_no_script(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user())
    response = client.post(
        NEW, fields(client, **{"tai-lieu-0-upload": upload(), "tai-lieu-0-title": " Quyết  định 12 "})
    )
    assert response.status_code == 302
    row = Attachment.objects.get()
    assert (row.title, row.content_type, row.article.title) == ("Quyết định 12", "application/pdf", "Bài có tài liệu")
    page = client.get(f"/quan-tri/news/article/{row.article_id}/change/").content.decode()
    assert f'href="/quan-tri/tep/{row.content_sha256[:40]}/quyet-dinh-12.pdf"' in page


def test_a_document_without_a_name_bears_that_of_its_file(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user())
    token = hold(client, name="Danh sách khách mời.pdf").json()["token"]
    assert client.post(NEW, fields(client, **{"tai-lieu-0-upload-giu": token})).status_code == 302
    assert Attachment.objects.get().title == "Danh sách khách mời"


def test_an_error_elsewhere_keeps_the_chosen_file(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user())
    refused = client.post(NEW, fields(client, title="", **{"tai-lieu-0-upload": upload()}))
    assert refused.status_code == 200
    assert "Đã nhận tệp Quyết định (PDF," in words(refused)
    again = read_form(refused, "article_form").data
    assert client.post(NEW, {**again, "title": "Nay có tiêu đề"}).status_code == 302
    assert Attachment.objects.get().title == "Quyết định"


def test_a_bad_file_is_told_beside_its_field_and_a_good_one_beside_it_is_kept(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user())
    data = fields(client, **{"tai-lieu-0-upload": upload(), "tai-lieu-0-title": "Tốt"})
    data["tai-lieu-TOTAL_FORMS"] = "2"
    data |= {"tai-lieu-1-upload": upload(b"MZ" + bytes(80), "b.pdf"), "tai-lieu-1-title": "Xấu"}
    refused = client.post(NEW, data)
    assert "Tên tệp là .pdf nhưng nội dung là chương trình Windows." in words(refused)
    assert "Đã nhận tệp Quyết định (PDF," in words(refused)
    assert Article.objects.count() == 0


def test_a_second_file_in_one_field_is_not_taken(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user())
    two = [upload(), upload(b"MZ" + bytes(80), "hai.pdf")]
    assert client.post(NEW, fields(client, **{"tai-lieu-0-upload": two})).status_code == 302
    assert Attachment.objects.get().title == "Quyết định"


def test_the_token_of_another_is_nobodys(sign_in_as: Any) -> None:
    token = hold(sign_in_as(make.make_user())).json()["token"]
    client = sign_in_as(make.make_user())
    refused = client.post(NEW, fields(client, **{"tai-lieu-0-upload-giu": token}))
    assert "Tệp đã chọn không còn được giữ: hãy chọn lại." in words(refused)
    assert Attachment.objects.count() == 0


class WatchedStorage(FileSystemStorage):
    """Folders that remember what was written, and whether a transaction was open then."""

    written: ClassVar[list[tuple[str, bool]]] = []

    def _save(self, name: str, content: Any) -> str:
        self.written.append((name.partition("/")[0], connection.in_atomic_block))
        return str(super()._save(name, content))  # type: ignore[misc]  # django-stubs know only save


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("own_storage")
def test_no_file_is_written_while_the_article_is_locked(sign_in_as: Any, settings: Any) -> None:
    private = settings.STORAGES["private"]
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {**private, "BACKEND": f"{__name__}.{WatchedStorage.__name__}"},
    }
    WatchedStorage.written.clear()
    owner = make.make_user()
    client = sign_in_as(owner)
    article = attached(client, "Một", "Hai")
    assert article.attachments.count() == 2
    assert WatchedStorage.written == [("held", False)] * 2 + [("attachments", False)] * 2
    assert storages["private"].listdir(f"held/{owner.pk}")[1] == []


@pytest.mark.usefixtures("own_storage")
def test_a_file_gone_between_the_form_and_the_save_is_told(sign_in_as: Any) -> None:
    owner = make.make_user()
    client = sign_in_as(owner)
    token = hold(client).json()["token"]
    found = filing.held_in(token, kinds=filing.DOCUMENTS, actor=owner)
    storages["private"].delete(filing.held_name(owner.pk, found.key, found.extension))
    refused = client.post(NEW, fields(client, **{"tai-lieu-0-upload-giu": token}))
    assert "Tệp đã chọn không còn được giữ: hãy chọn lại." in words(refused)
    assert Article.objects.count() == 0


def attached(client: Client, *titles: str) -> Article:
    data = fields(client)
    data["tai-lieu-TOTAL_FORMS"] = str(len(titles))
    for number, title in enumerate(titles):
        data[f"tai-lieu-{number}-upload-giu"] = hold(client, specimens.pdf(title), f"{title}.pdf").json()["token"]
    assert client.post(NEW, data).status_code == 302
    return Article.objects.get()


def test_documents_are_put_in_order_replaced_and_taken_out(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user())
    article = attached(client, "Mot", "Hai", "Ba")
    rows = list(article.attachments.order_by("order"))
    other = hold(client, specimens.office("xlsx"), "Bảng.xlsx").json()["token"]
    response = send(
        client,
        f"/quan-tri/news/article/{article.pk}/change/",
        "article_form",
        **{
            "tai-lieu-0-order": "5",
            "tai-lieu-1-DELETE": "on",
            "tai-lieu-2-upload-giu": other,
            "tai-lieu-2-title": "Bảng kê",
        },
    )
    assert response.status_code == 302
    kept = list(article.attachments.order_by("order"))
    assert [(row.pk, row.title) for row in kept] == [(rows[2].pk, "Bảng kê"), (rows[0].pk, "Mot")]
    assert kept[0].file.name.endswith(".xlsx")


def test_no_document_twice_and_not_too_many(sign_in_as: Any, settings: Any) -> None:
    client = sign_in_as(make.make_user())
    token = hold(client).json()["token"]
    data = fields(client, **{"tai-lieu-0-upload-giu": token, "tai-lieu-1-upload-giu": token})
    data["tai-lieu-TOTAL_FORMS"] = "2"
    assert "Tài liệu này đã có trong bài." in words(client.post(NEW, data))
    many = fields(client)
    many["tai-lieu-TOTAL_FORMS"] = "21"
    for number in range(21):
        many[f"tai-lieu-{number}-upload-giu"] = token
    assert "Quá nhiều dòng: tối đa 20." in words(client.post(NEW, many))


def test_who_may_not_edit_the_article_attaches_nothing(sign_in_as: Any) -> None:
    article = make.make_article()
    client = sign_in_as(make.make_user("reporter"))
    token = hold(client).json()["token"]
    data = fields(client, **{"tai-lieu-0-upload-giu": token, "version": str(article.version)})
    response = client.post(f"/quan-tri/news/article/{article.pk}/change/", data)
    assert response.status_code == 403
    assert Attachment.objects.count() == 0


# --- What the desk looks at ----------------------------------------------------------------------------------


def test_the_desk_opens_private_documents_and_others_do_not(sign_in_as: Any, client: Client) -> None:
    reporter = sign_in_as(make.make_user())
    row = attached(reporter, "Mot").attachments.get()
    address = f"/quan-tri/tep/{row.content_sha256[:40]}/mot.pdf"
    answer = reporter.get(address)
    assert whole(answer) == specimens.pdf("Mot")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="mot.pdf"'
    assert answer.headers["Cache-Control"] == "private, max-age=3600"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get(address).status_code == 302
    assert sign_in_as(make.make_user("moderator")).get(address).status_code == 403
    assert reporter.get(address.replace(row.content_sha256[:4], "0000")).status_code == 404
    assert reporter.get(address.replace(".pdf", ".exe")).status_code == 404


@pytest.mark.usefixtures("own_storage")
def test_what_is_held_is_open_to_its_owner_alone(sign_in_as: Any) -> None:
    owner = make.make_user()
    client = sign_in_as(owner)
    held = filing.held_in(hold(client).json()["token"], kinds=filing.DOCUMENTS, actor=owner)
    address = f"/quan-tri/tep/{held.key}/a.pdf"
    assert whole(client.get(address)) == specimens.pdf()
    assert sign_in_as(make.make_user("chief")).get(address).status_code == 404


def test_the_view_beside_the_form_shows_what_is_held_and_not_saved(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user())
    token = hold(client).json()["token"]
    data = fields(client, **{"tai-lieu-0-upload-giu": token})
    told = client.post("/quan-tri/news/article/add/song-song/", data).json()["html"]
    assert "Tài liệu kèm theo" in told
    assert client.get("/quan-tri/news/article/add/").status_code == 200
    assert Attachment.objects.count() == 0


def test_strangers_bring_no_files_and_the_desk_not_more_than_it_takes(
    sign_in_as: Any, client: Client, settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000
    settings.LETTER_UPLOAD_MAX_BYTES = 30_000
    settings.UPLOAD_MAX_BYTES = 50_000
    small, large = SimpleUploadedFile("a.pdf", bytes(20_000)), SimpleUploadedFile("a.pdf", bytes(60_000))
    assert client.post("/phan-hoi/tra-cuu/", {"tep": small}).status_code == 413
    small.seek(0)
    assert client.post("/phan-hoi/", {"tep": small}).status_code == 422  # a letter may bring a little
    assert client.post("/phan-hoi/", {"tep": large}).status_code == 413
    large.seek(0)
    desk = sign_in_as(make.make_user())
    small.seek(0)
    assert desk.post(HOLD, {"tep": small, "loai": "document"}).status_code == 422
    assert desk.post(HOLD, {"tep": large, "loai": "document"}).status_code == 413


# --- Films and sounds ----------------------------------------------------------------------------------------


def film(client: Client, **changes: Any) -> Any:
    token = hold(client, specimens.mp4(), "PHIM 1.mp4", "video audio").json()["token"]
    poster = make.make_image()
    data = {"upload-giu": token, "poster": f"#{poster.pk}", "transcript": "Kính chào quý vị."}
    return client.post(ADD, {**data, **changes})


def test_a_film_enters_the_library(sign_in_as: Any) -> None:
    reporter = make.make_user()
    client = sign_in_as(reporter)
    assert film(client, caption="Lễ  đón", credit="PV").status_code == 302
    row = Recording.objects.get()
    assert (row.title, row.kind, row.seconds, row.caption, row.uploaded_by) == (
        "PHIM 1",
        "video",
        65,
        "Lễ đón",
        reporter,
    )
    page = client.get(f"/quan-tri/news/recording/{row.pk}/change/").content.decode()
    assert f'src="/quan-tri/tep/{row.key}/phim-1.mp4"' in page
    shown = client.get("/quan-tri/news/recording/?q=phim&loai=video")
    assert "PHIM 1" in words(shown)
    assert "1:05" in words(shown)
    assert "PHIM 1" not in words(client.get("/quan-tri/news/recording/?loai=audio"))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"poster": ""}, "Hãy chọn ảnh bìa cho phim."),
        ({"transcript": ""}, "Hãy ghi lời cho người không nghe được"),
        ({"is_silent": "on"}, "Đã có lời thì hãy bỏ chọn mục này"),
        ({"upload-giu": ""}, "Hãy chọn tệp."),
        ({"upload-giu": "bịa"}, "Tệp đã chọn không còn được giữ"),
    ],
)
def test_what_a_film_lacks_is_told_and_the_rest_is_kept(sign_in_as: Any, changes: dict[str, str], says: str) -> None:
    client = sign_in_as(make.make_user())
    refused = film(client, caption="Giữ lại chữ này", **changes)
    assert refused.status_code == 200
    assert says in words(refused)
    assert 'value="Giữ lại chữ này"' in refused.content.decode()
    assert ("Đã nhận tệp PHIM 1 (MP4" in words(refused)) == ("upload-giu" not in changes)
    assert Recording.objects.count() == 0


def test_a_film_in_which_nobody_speaks_says_so(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user())
    film(client, transcript="", is_silent="on")
    row = Recording.objects.get()
    assert row.transcript == "Không có lời nói."
    address = f"/quan-tri/news/recording/{row.pk}/change/"
    assert read_form(client.get(address), "recording_form").data["is_silent"] == ["on"]
    assert send(client, address, "recording_form", without=("is_silent",), transcript="Lời mới").status_code == 302
    row.refresh_from_db()
    assert row.transcript == "Lời mới"


def test_a_sound_needs_no_poster_and_goes_without_script(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user())
    response = client.post(ADD, {"upload": upload(specimens.mp3(), "Lời chúc.mp3"), "transcript": "Chúc mừng."})
    assert response.status_code == 302
    assert (Recording.objects.get().title, Recording.objects.get().kind) == ("Lời chúc", "audio")


def test_the_same_film_again_is_the_one_there_is(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user())
    film(client)
    response = client.get(film(client, title="Tên khác").headers["Location"])
    assert [row.title for row in Recording.objects.all()] == ["PHIM 1"]
    assert "Tệp này đã có trong kho" in words(response)


def test_the_player_gets_ranges(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user())
    film(client)
    row = Recording.objects.get()
    address = f"/quan-tri/tep/{row.key}/phim-1.mp4"
    part = client.get(address, headers={"Range": "bytes=4-11"})
    assert (part.status_code, part.content, part.headers["Content-Range"]) == (
        206,
        b"ftypisom",
        f"bytes 4-11/{row.byte_count}",
    )
    assert sign_in_as(make.make_user("moderator")).get(address).status_code == 403


@pytest.mark.parametrize("role", ["moderator", "administrator"])
def test_the_library_is_for_who_writes(sign_in_as: Any, role: str) -> None:
    film(sign_in_as(make.make_user()))
    client = sign_in_as(make.make_user(role))
    pk = Recording.objects.get().pk
    for address in ("/quan-tri/news/recording/", ADD, f"/quan-tri/news/recording/{pk}/change/"):
        assert client.get(address).status_code == 403
    assert client.get("/quan-tri/chon/phim/?q=phim").status_code == 403


def test_a_recording_is_picked_by_its_words(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user())
    film(client, title="Lễ đón đoàn")
    found = client.get("/quan-tri/chon/phim/?q=le don").json()["results"]
    assert [(row["label"], row["note"]) for row in found] == [("Lễ đón đoàn", "phim, 65 giây")]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_a_fixed_number_of_times(sign_in_as: Any, count: int, django_assert_num_queries: Any) -> None:
    client = sign_in_as(make.make_user())
    for number in range(count):
        data = upload(specimens.mp3(10 + number), f"{number}.mp3")
        client.post(ADD, {"upload": data, "transcript": "x", "title": f"Bản ghi {number}"})
    client.get("/quan-tri/news/recording/")
    with django_assert_num_queries(4):
        client.get("/quan-tri/news/recording/")


def test_what_the_page_keeps_by_itself_keeps_the_chosen_file(sign_in_as: Any) -> None:
    reporter = make.make_user()
    client = sign_in_as(reporter)
    token = hold(client).json()["token"]
    data = fields(client, title="Chưa lưu", **{"tai-lieu-0-upload-giu": token})
    state = [
        [name, value] for name, values in data.items() for value in (values if isinstance(values, list) else [values])
    ]
    asked = {"article": None, "window": "w" * 22, "writer": reporter.pk, "version": 0, "sequence": 1, "state": state}
    assert client.post("/quan-tri/news/article/giu/", asked, content_type="application/json").status_code == 200
    restored = client.get(f"{NEW}?nhap={'w' * 22}")
    assert "Đã nhận tệp Quyết định (PDF," in words(restored)
    assert client.post(NEW, read_form(restored, "article_form").data).status_code == 302
    assert Attachment.objects.get().title == "Quyết định"


def test_two_saves_at_once_keep_the_file_that_came_second(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user())
    article = attached(client, "Mot")
    address = f"/quan-tri/news/article/{article.pk}/change/"
    opened = read_form(client.get(address), "article_form").data
    assert send(client, address, "article_form", title="Người khác sửa tiêu đề").status_code == 302
    second = {**opened, "lead": "Của tôi", "tai-lieu-1-upload": upload(), "tai-lieu-TOTAL_FORMS": "2"}
    conflict = client.post(address, second)
    assert conflict.status_code == 409
    assert "Quyết định (PDF," in words(conflict)
    merged = read_form(conflict).data
    assert client.post(address, {**merged, "_merge": "1"}).status_code == 302
    article.refresh_from_db()
    assert (article.title, article.lead) == ("Người khác sửa tiêu đề", "Của tôi")
    assert [row.title for row in article.attachments.order_by("order")] == ["Mot", "Quyết định"]
