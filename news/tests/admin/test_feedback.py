"""The desk of letters: the list, the letter's page, taking it, answering it, and two people at once."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from news import crypto
from news.models import LAST_IN_QUEUE, ConsentText, Feedback, FeedbackAnswer, FeedbackKind, Outbox
from news.queries import feedback as questions
from news.services import feedback
from news.tests import make
from news.tests.admin.forms import read_form, send, words
from news.tests.hostile import FRAGMENTS
from news.workflow import NotAllowed

pytestmark = pytest.mark.django_db
AT = timezone.now() - timedelta(hours=3)
LIST = "/quan-tri/news/feedback/"
HARMS = ("<script>alert", "<img src=x", "<svg/onload", "<iframe", "<base ", "<form action", "<xmp", "<b>đảo")


def page_of(letter: Feedback) -> str:
    return f"{LIST}{letter.pk}/change/"


def history(letter: Feedback) -> list[str]:
    entries = LogEntry.objects.filter(object_id=str(letter.pk), content_type__model="feedback")
    return [entry.change_message for entry in entries.order_by("id")]


def press(client: Any, letter: Feedback, button: str, value: str = "1", **typed: Any) -> Any:
    """Open the letter's page, type, press a button."""
    return send(client, page_of(letter), "feedback_form", **{button: value}, **typed)


@pytest.fixture
def moderator() -> Any:
    return make.make_user("moderator", full_name="Lê Thị Kiểm")


@pytest.fixture
def desk(sign_in_as: Any, moderator: Any) -> Any:
    return sign_in_as(moderator)


# --- The list --------------------------------------------------------------------------------------------


def shown(client: Any, **query: str) -> list[int]:
    return [row.pk for row in client.get(LIST, query).context["cl"].result_list]


def test_the_list_says_what_each_letter_is(desk, moderator):
    live, gone = make.make_article("Bài đang thấy", at=AT), make.make_article("Tên không còn in", at=AT)
    for article in (live, gone):
        make.publish(article, at=AT + timedelta(hours=1))
    make.make_letter("Thư một  dòng\nhai " + "dài " * 90, article=live, at=AT, kind=FeedbackKind.ERROR)
    make.make_letter(article=gone, at=AT)
    make.make_letter("Thư chung", at=AT)
    make.withdraw(gone, at=AT + timedelta(hours=2))
    Feedback.objects.filter(article=None).update(owner=moderator, status="open")
    text = words(desk.get(LIST))
    for expected in (
        "Bài đang thấy",
        "Thư một dòng hai dài",
        "Báo lỗi, sai sót",
        "3 giờ trước",
        "chưa có",
        "gửi chung",
    ):
        assert expected in text
    assert f"bài số {gone.pk}, không còn trên trang" in text
    assert "Tên không còn in" not in text
    assert "Lê Thị Kiểm" in text
    assert "dài " * 60 not in text
    assert "Lò Thị Mai" not in text


def test_filters_and_search(desk, moderator):
    letters = [make.make_letter(at=AT) for _ in range(5)]
    new, mine, spam, tip, other = letters
    Feedback.objects.filter(pk=mine.pk).update(owner=moderator, status="open")
    Feedback.objects.filter(pk=spam.pk).update(status="spam")
    Feedback.objects.filter(pk=tip.pk).update(kind="tip", owner=make.make_user("chief"))
    everything = [letter.pk for letter in letters]  # all of them are due at the same time
    assert shown(desk) == everything
    assert shown(desk, **{"tinh-trang": "spam"}) == [spam.pk]
    assert shown(desk, **{"tinh-trang": "new"}) == [new.pk, tip.pk, other.pk]
    assert shown(desk, loai="tip") == [tip.pk]
    assert shown(desk, **{"phu-trach": "toi"}) == [mine.pk]
    assert shown(desk, **{"phu-trach": "chua-co"}) == [new.pk, spam.pk, other.pk]
    assert shown(desk, **{"tinh-trang": "'", "loai": "x", "phu-trach": "9"}) == everything
    for typed in (tip.code, tip.code.lower(), tip.code.replace("-", " "), tip.code[:-9], str(tip.pk), f"#{tip.pk}"):
        assert shown(desk, q=typed) == [tip.pk], typed
    for typed in ("%", "_", "PH", "'; DROP TABLE --", "x" * 3000, "PH-2026-999999999999-ABCDEFGH"):
        assert shown(desk, q=typed) == [], typed


def test_who_lost_the_code_is_found_by_address_or_number(sign_in_as: Any) -> None:
    letter = make.make_letter("Tôi mất mã rồi.", email="Thu.Ha@example.vn", phone="0912 345 678")
    make.make_letter("Một lá thư khác.", phone="0912 345 679")
    desk = sign_in_as(make.make_user("moderator"))
    for typed in ("thu.ha@example.vn", " Thu.Ha@example.vn ", "0912345678", "+84 912 345 678", "0912.345.678"):
        assert shown(desk, q=typed) == [letter.pk], typed
    for typed in ("ha@example.vn", "0912 345 67", "@", "+84"):
        assert shown(desk, q=typed) == [], typed


def test_the_list_goes_by_cursor(desk):
    rows = [Feedback(code=f"PH-{n}", body="Thư", received_at=AT) for n in range(95)]
    Feedback.objects.bulk_create(rows)
    first = desk.get(LIST)
    second = desk.get(LIST + first.context["cl"].next_address)
    third = desk.get(LIST + second.context["cl"].next_address)
    sizes = [len(page.context["cl"].result_list) for page in (first, second, third)]
    assert (sizes, third.context["cl"].next_address) == ([40, 40, 15], "")


@pytest.mark.parametrize("query", ["", "?tinh-trang=open&loai=opinion&phu-trach=toi", "?q=PH-2026-000001-ABCDEFGH"])
@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_list(desk, moderator, query, count):
    for _ in range(count):
        article = make.make_article(at=AT)
        make.publish(article, at=AT + timedelta(hours=1))
        make.make_letter(article=article, at=AT)
    Feedback.objects.update(owner=moderator, status="open")
    desk.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        desk.get(LIST + query)
    # session, user with rights, letters with their articles, days of the calendar, terms
    assert len(queries) == 6
    assert not any("COUNT(" in query["sql"] or "OFFSET" in query["sql"] for query in queries)


# --- The letter's page -----------------------------------------------------------------------------------


def test_the_page_shows_the_letter_its_article_its_sender_and_what_was_agreed_to(desk, sign_in_as):
    article = make.make_article("Bài được góp ý", at=AT)
    edition = make.publish(article, at=AT + timedelta(hours=1))
    letter = make.make_letter("Thư <b>đậm</b>\nhai dòng", article=article, email="mai@example.vn", at=AT)
    response = desk.get(page_of(letter))
    html, text = response.content.decode(), words(response)
    assert "Thư &lt;b&gt;đậm&lt;/b&gt;\nhai dòng" in html
    assert f'<a href="/tin/{edition.slug}-{article.pk}/">Bài được góp ý</a>' in html
    for expected in ("Lò Thị Mai", "mai@example.vn", "0912 345 678", "Bản Nà Tăm", "Mới nhận", "Lời đồng ý, lần 1"):
        assert expected in text
    assert ConsentText.objects.get().text in text
    assert "bàn làm việc" not in html.partition("<main")[2]  # a moderator has no business with the copy
    chief = sign_in_as(make.make_user("chief")).get(page_of(letter)).content.decode()
    assert f'<a href="/quan-tri/news/article/{article.pk}/change/">Mở bài ở bàn làm việc</a>' in chief
    make.withdraw(article, at=timezone.now())
    after = desk.get(page_of(letter)).content.decode()
    assert f"Về bài số {article.pk}, bạn đọc không còn thấy." in after
    assert "Bài được góp ý" not in after


def test_each_opening_is_in_the_history_without_the_details(desk, sign_in_as):
    letter = make.make_letter(at=AT)
    desk.get(page_of(letter))
    desk.get(page_of(letter))
    desk.get(LIST)
    assert history(letter) == ["Đã xem thông tin liên hệ."] * 2
    log = desk.get(f"{LIST}{letter.pk}/history/")
    assert "Lê Thị Kiểm Đã xem thông tin liên hệ." in words(log)
    assert "Mai" not in words(log)
    assert sign_in_as(make.make_user("secretary")).get(page_of(letter)).status_code == 403
    assert len(history(letter)) == 2


def test_who_may_only_look_sees_no_sender_and_no_button(sign_in_as):
    from django.contrib.auth.models import Permission  # noqa: PLC0415 - for this test only

    letter = make.make_letter(at=AT)
    viewer = make.make_user("reporter")
    viewer.user_permissions.add(Permission.objects.get(codename="view_feedback"))
    client = sign_in_as(viewer)
    page = client.get(page_of(letter))
    assert (page.status_code, history(letter)) == (200, [])
    assert "Mai" not in words(page)
    assert not [name for name, _, _ in read_form(page).buttons if name.startswith("_")]
    assert client.post(page_of(letter), {"_step": "take"}).status_code == 403


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("reporter", 403),
        ("editor", 403),
        ("secretary", 403),
        ("administrator", 403),
        ("moderator", 200),
        ("chief", 200),
    ],
)
def test_rights(sign_in_as, role, status):
    letter = make.make_letter(at=AT)
    client = sign_in_as(make.make_user(role))
    for address in (LIST, page_of(letter), f"{LIST}{letter.pk}/history/"):
        assert client.get(address).status_code == status
    for data in ({"_step": "take"}, {"_answer": "1", "answer": "Đáp"}, {"_save": "1", "note": "x"}):
        posted = client.post(page_of(letter), data).status_code
        assert posted == (409 if status == 200 else 403)  # a form without its stamp is stale
    for address in (f"{LIST}add/", f"{LIST}{letter.pk}/delete/"):
        assert client.get(address).status_code == 403
    letter.refresh_from_db()
    assert (letter.status, letter.notes.count(), FeedbackAnswer.objects.count()) == ("new", 0, 0)


def test_a_visitor_and_a_reader_are_sent_to_the_log_in(client, sign_in_as):
    letter = make.make_letter(at=AT)
    for visitor in (client, sign_in_as(make.make_user(None))):
        for address in (LIST, page_of(letter)):
            assert visitor.get(address).status_code == 302
        assert visitor.post(page_of(letter), {"_step": "spam"}).status_code == 302
    assert Feedback.objects.get().status == "new"


@pytest.mark.parametrize("number", ["999999", "0", "x", "9" * 30, "1'", "%00"])
def test_no_letter_no_page(desk, number):
    assert desk.get(f"{LIST}{number}/change/").status_code in {400, 404}


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_page(desk, moderator, count):
    article = make.make_article(at=AT)
    make.publish(article, at=AT + timedelta(hours=1))
    letter = make.make_letter(article=article, at=AT)
    for number in range(count):
        FeedbackAnswer.objects.create(feedback=letter, body=f"Đáp {number}", answered_by=moderator, answered_at=AT)
        make.make_user("chief")
    desk.get(page_of(letter))
    with CaptureQueriesContext(connection) as queries:
        desk.get(page_of(letter))
    # session, user, rights; letter, answers, article, consent and what was taken back; notes, additions, files,
    # forwards, what is printed, what was merged, the clock's two, ready-made answers; sender, its note in the history,
    # whether they may be written to; who may be in charge
    assert len(queries) == 22, [query["sql"][:100] for query in queries]


# --- Working on it ---------------------------------------------------------------------------------------


def test_taking_it_noting_and_closing(desk, moderator):
    letter = make.make_letter(at=AT)
    taken = press(desk, letter, "_step", "take", note="Gọi lại   sau ", due_at="20/12/2026 08:00")
    assert taken.status_code == 302
    letter.refresh_from_db()
    assert (letter.owner, letter.status, letter.notes.get().body) == (moderator, "open", "Gọi lại sau")
    assert f"{timezone.localtime(letter.due_at):%H:%M %d/%m/%Y}" == "08:00 20/12/2026"
    page = desk.get(page_of(letter))
    assert "Bạn đã nhận xử lý thư này." in words(page)
    assert [label for name, _, label in read_form(page, "feedback_form").buttons if name] == [
        "Lưu",
        "Gửi lời đáp",
        "Kết thúc",
        "Thư rác",
    ]
    assert press(desk, letter, "_step", "close").status_code == 302
    page = desk.get(page_of(letter))
    assert "hãy mở lại trước khi trả lời" in words(page)
    assert [label for name, _, label in read_form(page, "feedback_form").buttons if name] == ["Lưu", "Mở lại"]
    changes = [line for line in history(letter) if "xem" not in line]
    assert changes == ["Nhận xử lý. Sửa hạn trả lời. Thêm ghi chú.", "Kết thúc."]


def test_an_answer_is_sent_listed_and_seen_by_its_sender(desk, client):
    letter = make.make_letter("Thư của tôi", email="mai@example.vn", at=AT)
    sent = press(desk, letter, "_answer", answer="Chào chị Mai,\n\nđã sửa <b>rồi</b>.")
    assert sent.status_code == 302
    mail = Outbox.objects.get(kind="feedback_answer")
    assert crypto.decrypt(mail.recipient)["address"] == "mai@example.vn"
    assert "Chào chị Mai,\n\nđã sửa <b>rồi</b>." in crypto.decrypt(mail.message)["text"]
    page = desk.get(page_of(letter))
    assert "Lê Thị Kiểm" in words(page)
    assert "đã sửa &lt;b&gt;rồi&lt;/b&gt;." in page.content.decode()
    assert "Đã gửi lời đáp: thư sẽ tới hộp thư của bạn đọc trong ít phút." in words(page)
    assert read_form(page, "feedback_form").data["answer"] == [""]
    followed = client.post("/phan-hoi/tra-cuu/", {"code": letter.code, "email": "mai@example.vn"})
    assert "đã sửa &lt;b&gt;rồi&lt;/b&gt;." in followed.content.decode()
    assert "Lê Thị Kiểm" not in words(followed)


def test_a_double_click_sends_once_and_tells_no_trouble(desk):
    letter = make.make_letter(at=AT)
    data = read_form(desk.get(page_of(letter)), "feedback_form").data | {"answer": "Đáp", "_answer": "1"}
    assert [desk.post(page_of(letter), data).status_code for _ in range(2)] == [302, 302]
    assert (FeedbackAnswer.objects.count(), Outbox.objects.filter(kind="feedback_answer").count()) == (1, 1)


def test_an_answer_typed_but_not_sent_is_never_lost(desk):
    letter = make.make_letter(at=AT)
    saved = press(desk, letter, "_save", answer="Đang viết dở", note="Ghi")
    assert (saved.status_code, read_form(saved, "feedback_form").data["answer"]) == (200, ["Đang viết dở"])
    assert "Đã lưu. Lời đáp chưa gửi vẫn còn trong ô." in words(saved)
    # The page as it came back can go on.
    again = read_form(saved, "feedback_form").data | {"_step": "take"}
    taken = desk.post(page_of(letter), again)
    assert read_form(taken, "feedback_form").data["answer"] == ["Đang viết dở"]
    closing = press(desk, letter, "_step", "close", answer="Đang viết dở")
    assert "Lời đáp này chưa gửi: hãy gửi hoặc xóa đi rồi bấm “Kết thúc”." in words(closing)
    assert read_form(closing, "feedback_form").data["answer"] == ["Đang viết dở"]
    letter.refresh_from_db()
    assert (letter.status, letter.notes.get().body, FeedbackAnswer.objects.count()) == ("open", "Ghi", 0)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("answer", "", "Hãy viết lời đáp trước khi gửi."),
        ("answer", "x" * 10_001, "10000"),
        ("note", "x" * 5001, "5000"),
        ("due_at", "ngày mai", "20/5/2024 08:00"),
        ("due_at", "1/1/9999 00:00", "1900"),
        ("owner", "999999", "Hãy chọn một mục"),
        ("owner", "9" * 40, "Hãy chọn một mục"),
        ("owner", "x", "Hãy chọn một mục"),
    ],
)
def test_bad_input_is_said_beside_its_field_and_keeps_what_was_typed(desk, field, value, said):
    letter = make.make_letter(at=AT)
    typed = {"answer": "Lời đáp", "note": "Ghi chú", field: value}
    page = press(desk, letter, "_answer", **typed)
    assert page.status_code == 200
    assert said in str(page.context["form"].errors[field])
    for name in {"answer", "note"} - {field}:
        assert read_form(page, "feedback_form").data[name] == [typed[name]]
    assert FeedbackAnswer.objects.count() == 0


def test_a_step_that_is_none_is_not_found_and_one_not_allowed_now_is_refused(desk):
    letter = make.make_letter(at=AT)
    assert press(desk, letter, "_step", "delete").status_code == 404
    refused = press(desk, letter, "_step", "reopen", note="Giữ lại")
    assert refused.status_code == 403
    assert "Thư đang ở tình trạng “Mới nhận” nên không làm được việc này." in words(refused)
    assert read_form(refused, "feedback_form").data["note"] == ["Giữ lại"]
    reporter = make.make_user("reporter")
    assert press(desk, letter, "_save", owner=str(reporter.pk)).status_code == 200
    letter.refresh_from_db()
    assert (letter.status, letter.owner, letter.notes.count()) == ("new", None, 0)


def test_a_stale_save_keeps_what_was_typed_says_who_and_may_be_confirmed(desk, sign_in_as):
    letter = make.make_letter(at=AT)
    mine = read_form(desk.get(page_of(letter)), "feedback_form").data
    other = make.make_user("chief", full_name="Hoàng Thị Khác")
    press(sign_in_as(other), letter, "_step", "take", note="Của Khác")
    typed = mine | {"note": "Của tôi", "answer": "Lời đáp dài", "_answer": "1"}
    refused = desk.post(page_of(letter), typed)
    text = words(refused)
    assert refused.status_code == 409
    assert re.search(
        r"Hoàng Thị Khác lúc \d\d:\d\d \d+/\d+/\d{4} đã sửa thư này sau khi bạn mở: "
        r"tình trạng, người phụ trách\.",
        text,
    )
    assert "Của Khác" in text
    form = read_form(refused, "feedback_form")
    assert (form.data["note"], form.data["answer"]) == (["Của tôi"], ["Lời đáp dài"])
    # Pressing again changes nothing; having seen the new state does.
    assert desk.post(page_of(letter), form.data | {"_answer": "1"}).status_code == 409
    assert FeedbackAnswer.objects.count() == 0
    box = re.search(r'name="overwrite" value="([^"]+)"', refused.content.decode())
    assert box is not None
    assert desk.post(page_of(letter), form.data | {"_answer": "1", "overwrite": box[1]}).status_code == 302
    letter.refresh_from_db()
    assert [note.body for note in letter.notes.order_by("id")] == ["Của Khác", "Của tôi"]
    assert (letter.status, FeedbackAnswer.objects.count()) == ("answered", 1)


def test_an_answer_typed_while_a_colleague_closed_the_letter_stays_in_the_page(desk, sign_in_as):
    letter = make.make_letter(at=AT)
    mine = read_form(desk.get(page_of(letter)), "feedback_form").data
    press(sign_in_as(make.make_user("chief")), letter, "_step", "close")
    refused = desk.post(page_of(letter), mine | {"answer": "Đã viết xong", "_answer": "1"})
    assert refused.status_code == 409
    assert read_form(refused, "feedback_form").data["answer"] == ["Đã viết xong"]


def test_a_sender_that_was_erased_or_cannot_be_opened_is_said(desk, settings):
    letter, erased = make.make_letter(at=AT), make.make_letter(at=AT)
    erased.contact.delete()
    page = desk.get(page_of(erased))
    assert "Thông tin liên hệ của người gửi đã được xóa." in words(page)
    assert "Gửi lời đáp" not in words(page)
    settings.READER_KEYS = ["b3RoZXItcmVhZGVyLWtleS1vZi10aGUtdGVzdHMtMzI="]
    assert "máy chủ thiếu khóa" in words(desk.get(page_of(letter)))
    assert press(desk, letter, "_answer", answer="Đáp").status_code == 403


def test_late_letters_say_so(desk):
    letter = make.make_letter(at=AT)
    assert 'class="due due-' in desk.get(page_of(letter)).content.decode()
    Feedback.objects.update(due_at=AT + timedelta(hours=1))
    assert '<span class="due due-late">quá hạn' in desk.get(page_of(letter)).content.decode()
    Feedback.objects.update(status="closed")
    assert 'class="due due-' not in desk.get(page_of(letter)).content.decode()


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_hostile_words_are_words_everywhere(desk, sign_in_as, fragment):
    typed = fragment.replace("\0", "")
    person = make.make_user("moderator", full_name=typed[:120])
    article = make.make_article(typed[:200], at=AT)
    make.publish(article, at=AT + timedelta(hours=1))
    letter = make.make_letter(typed, article=article, at=AT, name=typed, phone=typed, address=typed)
    other = sign_in_as(person)
    press(other, letter, "_step", "take", note=typed)
    press(other, letter, "_answer", answer=typed)
    pages = [
        desk.get("/quan-tri/"),
        desk.get(LIST),
        desk.get(LIST, {"q": typed, "tinh-trang": typed, "loai": typed, "phu-trach": typed}),
        desk.get(page_of(letter)),
        desk.get(f"{LIST}{letter.pk}/history/"),
        press(desk, letter, "_answer", answer=typed * 900, note=typed, due_at=typed, owner=typed),
        desk.post(page_of(letter), {"_save": "1", "stamp": typed, "note": typed, "overwrite": typed}),
        desk.post(page_of(letter), {"_step": typed, "stamp": typed}),
    ]
    for page in pages:
        assert page.status_code in {200, 400, 404, 409}
        text = page.content.decode()
        assert [harm for harm in HARMS if harm in text] == []


# --- The desk's first page -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "said"), [(0, "Không có thư nào chờ."), (1, "1 thư mới"), (20, "20 thư mới"), (25, "20+ thư mới")]
)
def test_new_letters_on_the_desk(desk, sign_in_as, count, said):
    rows = [Feedback(code=f"PH-{n}", body="Thư", received_at=AT) for n in range(count)]
    rows += [Feedback(code=f"PH-x{n}", body="Thư", received_at=AT, status="spam") for n in range(3)]
    Feedback.objects.bulk_create(rows)
    assert said in words(desk.get("/quan-tri/"))
    assert said in words(sign_in_as(make.make_user("chief")).get("/quan-tri/"))
    for role in ("reporter", "secretary", "administrator"):
        assert "thư mới" not in words(sign_in_as(make.make_user(role)).get("/quan-tri/"))


def test_what_waits_stands_on_the_desks_first_page_with_the_way_to_it(desk):
    mine, colleague = make.make_user("moderator", full_name="Lò Văn Sáng"), make.make_user("moderator")
    now = timezone.now()
    far = datetime(2100, 1, 1, tzinfo=UTC)
    rows = [
        ("new", None, far),
        ("open", mine, now - timedelta(days=1)),
        ("new", None, now - timedelta(minutes=1)),
        ("open", colleague, now + timedelta(minutes=5)),
        ("closed", mine, LAST_IN_QUEUE + timedelta(days=1)),
        ("answered", mine, LAST_IN_QUEUE + timedelta(days=1)),
    ]
    for status, owner, queue_at in rows:
        letter = make.make_letter(at=AT)
        Feedback.objects.filter(pk=letter.pk).update(status=status, owner=owner, queue_at=queue_at)
    assert questions.waiting_letters(mine, now) == questions.WaitingLetters(new="2", late="2", soon="1", mine="1")
    page = desk.get("/quan-tri/").content.decode()
    for address, said, count in (
        ("?han=qua-han", "2 thư quá hạn", 2),
        ("?han=sap-han", "1 thư sắp đến hạn", 1),
        ("?tinh-trang=new", "2 thư mới", 2),
    ):
        assert f'href="{LIST}{address}">{said}</a>' in page
        assert len(desk.get(f"{LIST}{address}").context["cl"].result_list) == count
    assert "tôi đang phụ trách" not in page


def test_no_letter_is_due_before_it_came(desk):
    letter = make.make_letter(at=AT)
    before = timezone.localtime(AT) - timedelta(days=1)
    page = press(desk, letter, "_save", due_at=f"{before:%d/%m/%Y %H:%M}")
    assert f"Hạn trả lời không thể trước ngày nhận thư ({timezone.localtime(AT):%d/%m/%Y})." in words(page)
    kept = letter.due_at
    letter.refresh_from_db()
    assert letter.due_at == kept
    fresh = questions.letter_page(letter.pk, AT)
    handling = feedback.Handling(owner=None, due_at=before)
    with pytest.raises(NotAllowed, match="trước ngày nhận thư"):
        feedback.handle(
            feedback_id=letter.pk, actor=make.make_user("moderator"), at=AT, stamp=fresh.stamp, handling=handling
        )
