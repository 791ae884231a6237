"""Moving an archive in."""

import io
import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from news.models import Article, Edition, Image, LedgerEntry, LedgerKind, OldAddress, Section, State, Tag
from news.services import importing, ledger, publishing, sealing
from news.services.importing import Importer, Refused, parse_line
from news.tests import make
from news.tests.make import NOW
from news.text.segment import plain_title

pytestmark = pytest.mark.django_db


def line(pk, **changes):
    """One good line as a dictionary."""
    return {
        "id": pk,
        "section": "thoi-su",
        "title": f"Tin số {pk}",
        "lead": "Mở đầu",
        "body_html": "<p>Nội dung</p>",
        "byline": "PV",
        "tags": ["Dân vận", "Nông thôn mới"],
        "published_at": "2024-05-20T10:15:00",
    } | changes


def load(tmp_path, *rows, at=NOW, **options):
    """Import the rows (dictionaries or raw bytes)."""
    source = b"\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows)
    options.setdefault("create_sections", True)
    return Importer(actor=None, at=at, folder=tmp_path, **options).run(io.BytesIO(source))


def live_titles(at=NOW):
    return list(Edition.objects.live(at).newest_first().values_list("title", flat=True))


def test_a_line_becomes_a_live_edition_with_its_number_time_and_provenance(tmp_path):
    report = load(tmp_path, line(7))
    assert (report.created, report.changed, report.skipped, report.refused) == (1, 0, 0, [])
    edition = Edition.objects.get()
    payload = json.loads(edition.payload)
    assert (edition.article_id, edition.number, edition.title) == (7, 1, "Tin số 7")
    assert edition.published_at == edition.visible_from == datetime(2024, 5, 20, 3, 15, tzinfo=UTC)
    assert [item["name"] for item in payload["content"]["byline"]] == ["PV"]
    assert {item["slug"] for item in payload["content"]["tags"]} == {"dan-van", "nong-thon-moi"}
    assert payload["content"]["provenance"] == "import"
    assert list(LedgerEntry.objects.values_list("kind", "article")) == [(LedgerKind.IMPORT, 7)]
    assert ledger.verify().faults == ()


def test_an_offset_in_the_time_is_believed(tmp_path):
    load(tmp_path, line(7, published_at="2024-05-20T10:15:00Z"))
    assert Edition.objects.get().published_at == datetime(2024, 5, 20, 10, 15, tzinfo=UTC)


def test_the_same_file_again_changes_nothing(tmp_path):
    rows = [line(pk) for pk in range(1, 30)]
    load(tmp_path, *rows)
    before = list(Edition.objects.order_by("id").values())
    report = load(tmp_path, *rows)
    assert (report.created, report.changed, report.skipped) == (0, 0, 29)
    assert list(Edition.objects.order_by("id").values()) == before
    assert LedgerEntry.objects.count() == 29


def test_changed_content_is_a_new_edition_and_the_old_one_ends(tmp_path):
    load(tmp_path, line(7), line(8))
    later = make.NOW + make.timedelta(hours=1)
    report = load(tmp_path, line(7, title="Tin đã sửa", tags=["Dân vận"]), line(8), at=later)
    assert (report.created, report.changed, report.skipped) == (0, 1, 1)
    first, second = Edition.objects.filter(article=7).order_by("number")
    assert (first.visible_until, second.visible_from, second.title) == (later, later, "Tin đã sửa")
    assert second.published_at == first.published_at
    assert list(Article.objects.get(pk=7).tags.values_list("slug", flat=True)) == ["dan-van"]
    assert ledger.verify().faults == ()


def test_a_number_that_stands_twice_in_a_file_is_taken_once(tmp_path):
    rows = [line(7), line(7, title="Bản sau")]
    first, again = load(tmp_path, *rows), load(tmp_path, *rows)
    assert [number for number, _ in first.refused + again.refused] == [2, 2]
    assert (first.created, again.skipped, live_titles()) == (1, 1, ["Tin số 7"])


def test_no_number_is_taken_that_an_address_could_not_carry(tmp_path, client):
    rows = [line(10**15, title="Số lớn nhất"), line(10**15 + 1), line(2**63 - 1)]
    assert [number for number, _ in load(tmp_path, *rows).refused] == [2, 3]
    assert "Số lớn nhất" in plain_title(client.get("/").content.decode())
    assert client.get(f"/tin/so-lon-nhat-{10**15}/").status_code == 200
    assert make.make_article(section=Section.objects.get()).pk == 10**15 + 1


def test_ten_bad_lines_are_refused_by_number_and_the_rest_is_loaded(tmp_path):
    rows = [
        line(1),
        b"{not json",
        b"[1, 2]",
        line("5"),
        line(-5),
        line(True),
        line(2, title="  "),
        line(3, published_at="hôm qua"),
        line(4, section=7),
        line(5, tags="x" * 200),
        b'{"id": 6, "title": "\xff"}',
        line(9),
    ]
    report = load(tmp_path, *rows)
    assert [number for number, _ in report.refused] == [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    assert all(reason for _, reason in report.refused)
    assert (report.created, report.read) == (2, 12)
    assert sorted(Article.objects.values_list("pk", flat=True)) == [1, 9]


def test_an_unknown_section_is_refused_unless_asked_to_make_it(tmp_path):
    report = load(tmp_path, line(1), create_sections=False)
    assert [number for number, _ in report.refused] == [1]
    assert Section.objects.count() == Article.objects.count() == 0
    assert load(tmp_path, line(1)).sections == ["thoi-su"]


@pytest.mark.parametrize("slug", ["quan-tri", "Thời sự", "", "tin", "a/b", "x" * 90])
def test_a_section_address_that_cannot_be_is_refused(tmp_path, slug):
    assert [number for number, _ in load(tmp_path, line(1, section=slug)).refused] == [1]


def test_html_is_sanitised_on_the_way_in(tmp_path):
    body = '<p onclick="x()">Một</p><script>alert(1)</script><a href="javascript:x">hai</a><img src=x onerror=y>'
    load(tmp_path, line(1, body_html=body, title="<b>Đậm</b>\u0000"))
    content = json.loads(Edition.objects.get().payload)["content"]
    assert content["body"] == '<p>Một</p><a rel="noopener noreferrer">hai</a>'
    assert content["title"] == "<b>Đậm</b>"


def test_decomposed_text_comes_in_composed(tmp_path):
    load(tmp_path, line(1, title="Đoàn công tác"))
    assert Edition.objects.get().slug == "doan-cong-tac"
    assert Article.objects.get().title == "Đoàn công tác"


def test_what_the_desk_changed_after_the_import_is_not_overwritten(tmp_path):
    load(tmp_path, line(7))
    article = Article.objects.get(pk=7)
    approved = make.revise(article, at=NOW, title="Tòa soạn đã sửa")
    in_work = load(tmp_path, line(7, title="Bản cũ sửa lại"))
    publishing.publish(article_id=7, actor=approved.approved_by, at=NOW + make.timedelta(hours=1))
    printed = load(tmp_path, line(7, title="Bản cũ sửa lại"))
    assert [in_work.refused[0][0], printed.refused[0][0]] == [1, 1]
    assert Article.objects.get(pk=7).title == "Tòa soạn đã sửa"


def test_a_withdrawn_article_does_not_come_back_by_import(tmp_path):
    load(tmp_path, line(7))
    make.withdraw(Article.objects.get(pk=7), at=NOW)
    report = load(tmp_path, line(7, title="Thử lại"), at=NOW + make.timedelta(hours=1))
    assert len(report.refused) == 1
    assert Edition.objects.live(NOW + make.timedelta(hours=2)).count() == 0


def test_an_article_of_the_desk_is_not_overwritten(tmp_path):
    article = make.make_article("Bài của tòa soạn", section=make.make_section("Thời sự"))
    assert len(load(tmp_path, line(article.pk)).refused) == 1
    assert Article.objects.get().title == "Bài của tòa soạn"


def test_the_next_article_of_the_desk_gets_the_next_number(tmp_path):
    load(tmp_path, line(5000))
    assert make.make_article(section=Section.objects.get()).pk == 5001


def test_an_imported_article_goes_through_both_gates_like_any_other(tmp_path):
    load(tmp_path, line(7))
    article = Article.objects.select_related("section", "lead_image").get(pk=7)
    assert sealing.compose(article) == json.loads(Edition.objects.get().payload)["content"]
    assert make.revise(article, at=NOW, title="Sửa ở bàn").state == State.APPROVED


def test_a_line_of_the_future_is_no_archive(tmp_path):
    report = load(tmp_path, line(7, published_at="2026-03-05T07:00:00"), line(8))
    assert ([number for number, _ in report.refused], live_titles()) == ([1], ["Tin số 8"])


def test_an_expired_article_does_not_come_back_by_import(tmp_path):
    load(tmp_path, line(7))
    later = NOW + make.timedelta(hours=1)
    publishing.expire(article_id=7, actor=make.make_user("chief"), at=NOW, until=later)
    report = load(tmp_path, line(7, title="Thử lại"), at=later)
    assert (len(report.refused), live_titles(later)) == (1, [])


@pytest.mark.parametrize(
    "changes",
    [
        {"images": ["a" * 300 + ".jpg"]},
        {"images": ["a\u0000.jpg"]},
        {"images": [{"file": "."}]},
        {"images": ["http://[.jpg"]},
        {"source": {"name": "Báo", "url": "http://a.vn/\u0000"}},
        {"source": {"name": "Báo\u0000", "url": "http://[a.vn/"}},
        {"tags": ["\u0000", "\ud800"]},
        {"byline": "\u0000"},
        {"old_url": "/\u0000%00/a"},
        {"published_at": "0001-01-01T00:00:00+14:00"},
        {"lead": "\ud800"},
    ],
)
def test_whatever_a_line_holds_the_next_one_is_loaded(tmp_path, changes):
    report = load(tmp_path, line(1, **changes), line(2))
    assert report.read == 2
    assert "Tin số 2" in live_titles()


def test_pictures_beside_the_file_come_along_and_missing_ones_are_noticed(tmp_path):
    (tmp_path / "anh").mkdir()
    (tmp_path / "anh" / "1.jpg").write_bytes(make.picture_bytes(colour="teal"))
    (tmp_path / "anh" / "2.png").write_bytes(make.picture_bytes(colour="navy", kind="PNG"))
    (tmp_path / "anh" / "3.jpg").write_bytes(b"GIF89a not a picture")
    images = [
        {"file": "anh/1.jpg", "alt": "Quang cảnh", "caption": "Quang cảnh buổi làm việc.", "credit": "PV"},
        "anh/2.png",
        "anh/3.jpg",
        "../secret.jpg",
        {"url": "https://example.com/a.jpg"},
    ]
    report = load(tmp_path, line(7, images=images))
    assert (report.created, [number for number, _ in report.notices]) == (1, [1, 1, 1])
    content = json.loads(Edition.objects.get().payload)["content"]
    assert content["lead_image"]["caption"] == "Quang cảnh buổi làm việc."
    assert [item["id"] for item in content["gallery"]] == [Image.objects.order_by("id").last().pk]
    (tmp_path / "anh" / "3.jpg").write_bytes(make.picture_bytes(colour="red"))
    assert load(tmp_path, line(7, images=images), at=NOW + make.timedelta(hours=1)).changed == 1


def test_an_old_address_is_kept(tmp_path):
    load(tmp_path, line(7, old_url="https://baocu.example/thoi-su/tin-cu-7.html?x=1#binh-luan"))
    assert list(OldAddress.objects.values_list("path", "article")) == [("/thoi-su/tin-cu-7.html?x=1", 7)]


def test_a_merged_tag_is_not_brought_back(tmp_path):
    kept = make.make_tag("Xây dựng nông thôn mới")
    gone = make.make_tag("Nông thôn mới")
    gone.merged_into = kept
    gone.save()
    load(tmp_path, line(7))
    assert set(Article.objects.get().tags.values_list("slug", flat=True)) == {"dan-van", kept.slug}
    assert Tag.objects.count() == 3


def test_batches_are_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 3)
    assert load(tmp_path, *[line(pk) for pk in range(1, 9)]).created == 8
    assert ledger.verify().entry_count == 8


def test_the_command_reports_and_a_missing_file_is_an_error(tmp_path, capsys):
    path = tmp_path / "kho.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in [line(1), line(2, title="")]) + "\n\n")
    call_command("import_articles", str(path), "--create-sections")
    output = capsys.readouterr()
    assert "Dòng 2: bị từ chối, “title” trống." in output.err
    assert "Đọc 2 dòng: 1 bài mới, 0 bài có ấn bản mới, 0 bài không đổi, 1 dòng bị từ chối." in output.out
    with pytest.raises(CommandError):
        call_command("import_articles", str(tmp_path / "khong-co.jsonl"))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def outcome(raw):
    """The line's title, or the words of its refusal."""
    try:
        return parse_line(1, raw).title
    except Refused as refusal:
        return str(refusal)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(importing._KEYS)), _json))
def test_any_json_object_is_a_line_or_refused_with_words(row):
    assert outcome(json.dumps(line(1) | row).encode()) != ""


@given(st.binary(max_size=200))
def test_any_bytes_are_a_line_or_refused_with_words(raw):
    assert outcome(raw) != ""
