"""The pages around a letter: passing on, merging, printing, files, the month's report, the calendar; rights, words."""

import csv
import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from news.models import CalendarDay, Exchange, Feedback, FeedbackForward, FeedbackTerm, Outbox, ReplyTemplate
from news.queries import feedback_report
from news.services import consenting, corresponding, feedback
from news.tests import make, specimens
from news.tests.admin.forms import read_form, words
from news.tests.hostile import FRAGMENTS
from news.tests.make import NOW

pytestmark = pytest.mark.django_db
LIST = "/quan-tri/news/feedback/"
AT = timezone.now() - timedelta(hours=3)
HARMS = ("<script>alert", "<img src=x", "<svg/onload", "<iframe", "<base ", "<form action")


@pytest.fixture
def desk(sign_in_as: Any) -> Any:
    return sign_in_as(make.make_user("moderator", full_name="Lê Thị Kiểm"))


def agreed(body: str = "Tôi là Lò Thị Mai. Vì sao đường hỏng?", **more: Any) -> Feedback:
    article = make.make_article("Một bài", at=AT)
    make.publish(article, at=AT + timedelta(hours=1))
    who = {"name": "Lò Thị Mai", "email": "mai@example.vn", "phone": "0912 345 678", "address": "Bản Nà Tăm"}
    return feedback.receive(
        letter=feedback.Letter(kind="question", body=body, is_suspect=False, **who, **more),
        article=article,
        consent=consenting.current(feedback.FORM, AT),
        purposes=["reply", "publish", "forward"],
        address="/phan-hoi/",
        sender="198.51.100.7",
        at=AT,
    )


def answered(letter: Feedback, client: Any) -> None:
    data = read_form(client.get(f"{LIST}{letter.pk}/change/"), "feedback_form").data
    assert client.post(f"{LIST}{letter.pk}/change/", data | {"_answer": "1", "answer": "Đã sửa."}).status_code == 302


def test_a_letter_is_passed_on_to_one_place(desk):
    letter = agreed()
    address = f"{LIST}{letter.pk}/chuyen/"
    assert "checked" in desk.get(address).content.decode().partition('value="khong"')[2][:60]
    colleague = make.make_user("secretary", email="thuky@example.vn")
    for wrong in ({}, {"colleague": colleague.pk, "recipient": "a@example.vn"}, {"recipient": "a@x.vn, b@x.vn"}):
        page = desk.post(address, {"carries": "khong", "words": "Nhờ xem", **wrong})
        assert page.status_code == 422
        assert "Nhờ xem" in page.content.decode()
    reader = make.make_user(None, email="doc@example.vn")
    assert desk.post(address, {"carries": "khong", "colleague": reader.pk}).status_code == 422
    assert desk.post(address, {"carries": "co", "colleague": colleague.pk}).status_code == 302
    assert (FeedbackForward.objects.get().recipient, Outbox.objects.filter(kind="feedback_forward").count()) == (
        "thuky@example.vn",
        1,
    )
    assert "thuky@example.vn" in words(desk.get(f"{LIST}{letter.pk}/change/"))


def test_merging_by_code_or_number(desk):
    one, main = make.make_letter(at=AT), make.make_letter(at=AT)
    address = f"{LIST}{one.pk}/gop/"
    for wrong in ("", "PH-2026-000099-ABCDEFGH", "x", str(one.pk), "9" * 18):
        assert desk.post(address, {"into": wrong}).status_code == 422
    done = desk.post(address, {"into": main.code.lower()})
    assert (done.status_code, done.url) == (302, f"{LIST}{main.pk}/change/")
    assert main.code in words(desk.get(f"{LIST}{one.pk}/change/"))
    assert one.code in words(desk.get(f"{LIST}{main.pk}/change/"))
    late = make.make_letter(at=AT)
    Feedback.objects.filter(pk=main.pk).update(status="answered", answered_at=AT)
    refused = desk.post(f"{LIST}{late.pk}/gop/", {"into": main.code})
    assert refused.status_code == 422
    assert f"Hãy trả lời thẳng thư này, hoặc mở lại thư {main.code} rồi gộp." in words(refused)


def test_printing_asks_once_more_where_something_is_left_and_can_be_undone(desk, client):
    letter = agreed()
    answered(letter, desk)
    address = f"{LIST}{letter.pk}/dang/"
    page = desk.get(address)
    assert "Tôi là […]. Vì sao đường hỏng?" in page.content.decode()
    typed = {"question": "Vì sao? Gọi 0988 777 666", "answer": "Vì mưa."}
    refused = desk.post(address, typed)
    assert (refused.status_code, Exchange.objects.count()) == (422, 0)
    assert "0988 777 666" in refused.content.decode()
    stamp = refused.context["doubts_stamp"]
    assert desk.post(address, typed | {"looked_at": "x"}).status_code == 422
    assert (
        desk.post(address, {"question": "Lò Thị Mai hỏi", "answer": "Vì mưa.", "looked_at": stamp}).status_code == 403
    )
    assert desk.post(address, typed | {"looked_at": stamp}).status_code == 302
    edition = letter.article.editions.get()
    public = f"/tin/{edition.slug}-{letter.article_id}/phan-hoi/"
    text = client.get(public).content.decode()
    assert ("Vì mưa." in text, "Mai" in text) == (True, False)
    # Under the article as well, beside what is sealed.
    assert "Vì mưa." in client.get(f"/tin/{edition.slug}-{letter.article_id}/").content.decode()
    assert desk.post(address, {"_down": "1"}).status_code == 302
    assert "Vì mưa." not in client.get(public).content.decode()
    assert "Vì mưa." not in client.get(f"/tin/{edition.slug}-{letter.article_id}/").content.decode()


def test_printing_is_not_offered_once_the_sender_took_their_consent_back(desk):
    letter = agreed()
    answered(letter, desk)
    printing = f'href="{LIST}{letter.pk}/dang/"'
    typed = {"question": "Vì sao?", "answer": "Vì mưa."}
    assert desk.post(f"{LIST}{letter.pk}/dang/", typed).status_code == 302
    assert printing in desk.get(f"{LIST}{letter.pk}/change/").content.decode()
    corresponding.withdraw(feedback_id=letter.pk, purpose="publish", at=timezone.now())
    assert printing not in desk.get(f"{LIST}{letter.pk}/change/").content.decode()


def test_a_file_is_downloaded_in_a_sandbox_by_whom_it_concerns_and_noted(desk, sign_in_as, client, own_storage):
    upload = SimpleUploadedFile("đơn Lò Thị Mai.pdf", specimens.pdf(), "application/pdf")
    letter, other = agreed(files=(upload,)), make.make_letter(at=AT)
    row = letter.files.get()
    address = f"{LIST}{letter.pk}/tep/{row.pk}/"
    response = desk.get(address)
    assert response.status_code == 200
    assert b"".join(response) == specimens.pdf()
    assert response.headers["Content-Disposition"] == f'attachment; filename="phan-hoi-{letter.pk}-tep-{row.pk}.pdf"'
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"].startswith("private, no-store")
    assert f"Tải tệp kèm thư số {row.pk}." in words(desk.get(f"{LIST}{letter.pk}/history/"))
    assert desk.get(f"{LIST}{other.pk}/tep/{row.pk}/").status_code == 404
    for role in ("reporter", "secretary", "administrator"):
        assert sign_in_as(make.make_user(role)).get(address).status_code == 403
    assert client.get(address).status_code == 302
    assert client.get(f"/media/{row.file_name}").status_code == 404


@pytest.mark.parametrize("role", ["reporter", "editor", "secretary", "administrator"])
def test_nobody_else_opens_these_pages(sign_in_as, role):
    letter, client = make.make_letter(at=AT), sign_in_as(make.make_user(role))
    for page in ("chuyen", "gop", "dang"):
        assert client.get(f"{LIST}{letter.pk}/{page}/").status_code == 403
        assert client.post(f"{LIST}{letter.pk}/{page}/", {"_down": "1"}).status_code == 403
    for page in ("bao-cao/", "bao-cao/csv/", "bao-cao/xlsx/"):
        assert client.get(f"{LIST}{page}").status_code == 403


def test_absent_letters_and_odd_months_are_not_found(desk):
    for page in ("999999/chuyen", "999999/gop", "999999/dang", "999999/tep/1", "bao-cao/exe"):
        assert desk.get(f"{LIST}{page}/").status_code == 404
    for month in ("x", "2026", "2026-13", "2026-0", "20260-1", "٢٠٢٦-٠١", "1999-01"):
        assert desk.get(f"{LIST}bao-cao/", {"thang": month}).status_code == 404


# --- The report ------------------------------------------------------------------------------------------


def a_month() -> None:
    """Letters of March 2026 in every state, and one of another month."""
    moderator = make.make_user("moderator")
    section = make.make_section("=HYPERLINK(1)")
    article = make.make_article(section=section)
    states = [
        ("open", None, {}),
        ("answered", NOW + timedelta(days=1), {"rating": 5}),
        ("answered", NOW + timedelta(days=40), {"rating": 2}),
        ("closed", None, {}),
        ("spam", None, {}),
        ("new", None, {"article": article}),
        ("answered", NOW + timedelta(days=2), {"article": article, "kind": "error"}),
    ]
    for status, answered_at, more in states:
        letter = make.make_letter(kind=more.pop("kind", "opinion"), article=more.pop("article", None), at=NOW)
        Feedback.objects.filter(pk=letter.pk).update(status=status, answered_at=answered_at, owner=moderator, **more)
    make.make_letter(at=NOW + timedelta(days=40))


def test_the_reports_totals_are_those_of_its_rows():
    a_month()
    report = feedback_report.monthly(NOW.date().replace(day=1), NOW + timedelta(days=60))
    total = report.total
    assert (total.received, total.in_time, total.late, total.open, total.overdue, total.closed, total.spam) == (
        6, 2, 1, 0, 2, 1, 1,
    )  # fmt: skip
    assert total.average_rating == 3.5
    assert len(report.lines) == total.received + total.spam
    for tallies in (report.by_kind, report.by_section):
        for name in ("received", "in_time", "late", "open", "overdue", "closed", "spam"):
            assert sum(getattr(tally, name) for tally in tallies) == getattr(total, name)
    for tally in (total, *report.by_kind, *report.by_section):
        assert tally.received == tally.in_time + tally.late + tally.open + tally.overdue + tally.closed


def test_the_report_as_page_and_as_files_holds_nobodys_details(desk, django_assert_num_queries):
    a_month()
    page = desk.get(f"{LIST}bao-cao/", {"thang": "2026-03"})
    assert "Báo cáo phản hồi tháng 3/2026" in words(page)
    with django_assert_num_queries(6):  # session, user, rights; the clock's two; the letters
        desk.get(f"{LIST}bao-cao/", {"thang": "2026-03"})
    table = desk.get(f"{LIST}bao-cao/csv/", {"thang": "2026-03"})
    assert table.headers["Content-Disposition"] == 'attachment; filename="phan-hoi-2026-03.csv"'
    assert table.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert len(rows) == 8
    letters = Feedback.objects.filter(received_at__lt=NOW + timedelta(days=1)).order_by("pk")
    assert [row[0] for row in rows[1:]] == [f"PH-2026-{letter.pk:06d}" for letter in letters]
    assert {row[2] for row in rows[1:]} == {"Gửi chung, không về bài nào", "'=HYPERLINK(1)"}
    book = desk.get(f"{LIST}bao-cao/xlsx/", {"thang": "2026-03"})
    with zipfile.ZipFile(io.BytesIO(book.content)) as archive:
        sheets = "".join(archive.read(name).decode() for name in archive.namelist())
    assert "<f>" not in sheets
    for text in (page.content.decode(), table.content.decode(), sheets):
        assert [letter.code for letter in letters if letter.code[-8:] in text] == []  # who holds it reads the letter
        assert [secret for secret in ("Lò Thị", "mai-", "0912", "Nà Tăm", "Một lá thư") if secret in text] == []


def test_the_desk_finds_a_letter_by_what_the_report_calls_it(desk):
    letter = make.make_letter(at=NOW)
    (line,) = feedback_report.monthly(NOW.date().replace(day=1), NOW).lines
    assert line.reference == letter.code.rpartition("-")[0]
    assert letter.code in desk.get(LIST, {"q": line.reference}, follow=True).content.decode()


# --- The clock -------------------------------------------------------------------------------------------


def test_the_calendar_is_kept_at_the_desk_and_moves_deadlines(sign_in_as):
    chief = sign_in_as(make.make_user("chief"))
    letter = make.make_letter(kind="error", at=timezone.now())
    due = timezone.localtime(letter.due_at).date()
    added = chief.post(
        "/quan-tri/news/calendarday/add/", {"day": f"{due:%d/%m/%Y}", "name": "Lễ hội", "kind": "off"}, follow=True
    )
    assert "Đã tính lại hạn của 1 thư đang chờ." in words(added)
    letter.refresh_from_db()
    assert timezone.localtime(letter.due_at).date() > due
    calendar = words(chief.get("/quan-tri/news/calendarday/"))
    assert "Tết Nguyên đán (mùng 1)" in calendar
    assert ("Thứ Năm, " in calendar, "Thứ 5" in calendar) == (True, False)
    twice = chief.post("/quan-tri/news/calendarday/add/", {"day": f"{due:%d/%m/%Y}", "name": "Lễ", "kind": "off"})
    assert (twice.status_code, CalendarDay.objects.count()) == (200, 1)
    term = FeedbackTerm.objects.get(kind="error")
    for days, status in (("0", 200), ("61", 200), ("3", 302)):
        data = read_form(chief.get(f"/quan-tri/news/feedbackterm/{term.pk}/change/")).data
        sent = chief.post(f"/quan-tri/news/feedbackterm/{term.pk}/change/", data | {"working_days": days})
        assert sent.status_code == status


def test_a_ready_answer_fills_the_box_and_nothing_else_does(desk):
    letter = make.make_letter(at=AT)
    page = desk.get(f"{LIST}{letter.pk}/change/")
    assert "Đang xác minh" in words(page)
    row = ReplyTemplate.objects.get(name="Đang xác minh")
    filled = desk.get(f"{LIST}{letter.pk}/change/", {"mau": row.pk})
    assert "đang xác minh" in read_form(filled, "feedback_form").data["answer"][0]
    for wrong in ("999", "x", "<b>", "9" * 40):
        empty = desk.get(f"{LIST}{letter.pk}/change/", {"mau": wrong})
        assert read_form(empty, "feedback_form").data["answer"] == [""]


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_hostile_words_are_words_on_every_page(desk, fragment):
    typed = fragment.replace("\0", "")
    letter = agreed(f"{typed} và thêm chữ cho đủ")
    answered(letter, desk)
    base = f"{LIST}{letter.pk}"
    pages = [
        desk.get(f"{base}/dang/"),
        desk.post(f"{base}/dang/", {"question": typed, "answer": typed, "looked_at": typed}),
        desk.post(f"{base}/chuyen/", {"recipient": typed, "words": typed, "carries": typed}),
        desk.post(f"{base}/gop/", {"into": typed}),
        desk.get(f"{base}/change/", {"mau": typed}),
        desk.get(f"{LIST}bao-cao/", {"thang": typed}),
    ]
    for page in pages:
        assert page.status_code in {200, 302, 400, 403, 404, 422}
        assert [harm for harm in HARMS if harm in page.content.decode()] == []
