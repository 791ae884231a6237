"""Letters at the desk: who may do what, in which order; what was done is mailed, noted, and never done twice."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import DatabaseError, connection

from news import crypto
from news.models import Feedback, FeedbackAnswer, FeedbackStatus, Masthead, Outbox, ReaderContact
from news.queries import feedback as questions
from news.services import feedback
from news.services.feedback import Changed, Handling, NoAddress, NobodyToAnswer, Unreadable
from news.tests import causes, make
from news.tests.make import NOW
from news.workflow import NotAllowed

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def opened(kind: str) -> list[dict[str, str]]:
    """The mails of that kind in the Outbox, read: to whom, and what."""
    return [
        {"to": crypto.decrypt(mail.recipient)["address"], **crypto.decrypt(mail.message)}
        for mail in Outbox.objects.filter(kind=kind).order_by("pk")
    ]


def seen(letter: Feedback) -> str:
    """The stamp of the letter's state as a page shows it now."""
    page = questions.letter_page(letter.pk, LATER)
    assert page is not None
    return page.stamp


def noted(letter: Feedback, **changes: Any) -> Handling:
    """What the desk's form holds when nothing but `changes` was typed."""
    fresh = Feedback.objects.get(pk=letter.pk)
    values = {"owner": fresh.owner, "due_at": fresh.due_at}
    return Handling(**{**values, **changes})


def handle(letter: Feedback, actor: Any, step: str = "", stamp: str = "", **changes: Any) -> Feedback:
    return feedback.handle(
        feedback_id=letter.pk,
        actor=actor,
        at=LATER,
        stamp=stamp or seen(letter),
        handling=noted(letter, **changes),
        step=step,
    )


def answer(letter: Feedback, actor: Any, body: str = "Tòa soạn đã sửa.", stamp: str = "", **changes: Any) -> Any:
    return feedback.answer(
        feedback_id=letter.pk,
        actor=actor,
        at=LATER,
        stamp=stamp or seen(letter),
        handling=noted(letter, **changes),
        body=body,
    )


def history(letter: Feedback) -> list[str]:
    return list(questions.log_of(letter.pk).order_by("id").values_list("change_message", flat=True))


def notes(letter: Feedback) -> list[str]:
    return list(letter.notes.order_by("id").values_list("body", flat=True))


# --- What the sender is mailed ---------------------------------------------------------------------------


def test_the_receipt_carries_the_code_and_nothing_that_the_visitor_wrote():
    Masthead.objects.create(name="Báo Tây Bắc", email="bandoc@example.vn")
    article = make.make_article("Mưa & lũ ở “Nậm Pết”")
    make.publish(article)
    letter = make.make_letter("Xem https://evil.example ngay", article=article, name="Vào evil.example nhé")
    (mail,) = opened("feedback_receipt")
    assert (mail["reply_to"], mail["subject"]) == ("bandoc@example.vn", f"Đã nhận phản hồi {letter.code}")
    for expected in (letter.code, "góp ý", "Mưa & lũ ở “Nậm Pết”", "/phan-hoi/tra-cuu/", "Báo Tây Bắc"):
        assert expected in mail["text"]
    for foreign in ("evil", "Nà Tăm", "0912", "Mai"):
        assert foreign not in mail["text"] + mail["subject"]
    assert f"/{letter.code}" not in mail["text"]


def test_an_address_gets_four_receipts_an_hour_however_it_is_spelled_and_every_letter_is_kept():
    for spelling in ("mai@example.vn", "MAI@example.vn", "mai+tin@example.vn", "Mai@EXAMPLE.vn", "mai+1@example.vn"):
        make.make_letter(email=spelling)
    for _ in range(3):
        make.make_letter(email="mai@example.vn")
    make.make_letter(email="lan@example.vn")
    assert len(opened("feedback_receipt")) == 5
    assert Feedback.objects.count() == 9


def test_a_suspect_letter_mails_nobody():
    make.make_letter(is_suspect=True)
    assert opened("feedback_receipt") == []


def test_an_address_that_no_mail_can_go_to_loses_no_letter():
    letter = make.make_letter(email='"a b"@example.vn, c@example.vn')
    assert (opened("feedback_receipt"), Feedback.objects.get()) == ([], letter)
    with pytest.raises(NoAddress):
        answer(letter, make.make_user("moderator"))
    assert FeedbackAnswer.objects.count() == 0


# --- The workflow ----------------------------------------------------------------------------------------

NEXT = {
    "new": {"take": "open", "close": "closed", "spam": "spam", "answer": "answered"},
    "open": {"take": "open", "close": "closed", "spam": "spam", "answer": "answered"},
    "answered": {"close": "closed", "reopen": "open", "answer": "answered"},
    "closed": {"reopen": "open"},
    "spam": {"reopen": "open"},
    "merged": {"reopen": "open"},
}


@pytest.mark.parametrize("status", FeedbackStatus.values)
def test_each_state_allows_its_steps_and_no_other(status):
    moderator = make.make_user("moderator")
    for step in (*feedback.BY_NAME, "answer"):
        letter = make.make_letter()
        main = make.make_letter() if status == "merged" else None
        Feedback.objects.filter(pk=letter.pk).update(status=status, merged_into=main, merged_at=main and NOW)
        try:
            answer(letter, moderator) if step == "answer" else handle(letter, moderator, step)
        except NotAllowed:
            assert step not in NEXT[status]
        letter.refresh_from_db()
        # A step into the state where the letter already is asks for nothing and is no error.
        assert letter.status == NEXT[status].get(step, status)
    letter = Feedback(code=f"PH-{status}", body="Thư", status=status, received_at=NOW)
    assert {step.name for step in feedback.allowed(letter, moderator)} == NEXT[status].keys() - {"answer"}


@pytest.mark.parametrize("role", ["reporter", "editor", "secretary", "administrator", None])
def test_nobody_else_works_on_letters_or_sees_who_wrote_them(role):
    letter, stranger = make.make_letter(), make.make_user(role)
    for attempt in (
        lambda: handle(letter, stranger, "take"),
        lambda: answer(letter, stranger),
        lambda: feedback.sender_of(letter=letter, actor=stranger, at=LATER),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert (feedback.allowed(letter, stranger), history(letter), FeedbackAnswer.objects.count()) == ([], [], 0)


def test_a_superuser_without_a_role_is_nobody_here():
    letter, root = make.make_letter(), make.make_user("reporter", is_superuser=True)
    with pytest.raises(NotAllowed):
        handle(letter, root, "take")


def test_an_owner_is_somebody_who_may_work_on_letters():
    letter, moderator = make.make_letter(), make.make_user("moderator")
    with pytest.raises(NotAllowed, match="không phụ trách được"):
        handle(letter, moderator, owner=make.make_user("reporter"))
    chief = make.make_user("chief")
    assert handle(letter, moderator, owner=chief).owner == chief
    # Who left the role keeps what they had until somebody else takes it.
    chief.groups.clear()
    assert handle(letter, moderator, note="Gọi lại").owner == chief
    assert set(questions.handlers(chief.pk)) == {moderator, chief}


def test_taking_a_letter_makes_it_mine_and_taking_it_over_is_possible():
    letter, one, two = make.make_letter(), make.make_user("moderator"), make.make_user("moderator")
    taken = handle(letter, one, "take")
    assert (taken.owner, taken.status) == (one, "open")
    assert [step.name for step in feedback.allowed(taken, one)] == ["close", "spam"]
    assert handle(letter, two, "take").owner == two


# --- Two at once -----------------------------------------------------------------------------------------


def test_a_stale_save_is_refused_and_told_who_changed_what():
    letter = make.make_letter()
    one, two = make.make_user("moderator", full_name="Lê Thị Một"), make.make_user("moderator")
    before = seen(letter)
    handle(letter, one, "take", note="Đã gọi điện")
    feedback.sender_of(letter=letter, actor=two, at=LATER)  # looking is no change
    with pytest.raises(Changed) as refused:
        handle(letter, two, stamp=before, note="Của tôi")
    assert str(refused.value) == (
        "Lê Thị Một lúc 11:00 2/3/2026 đã sửa thư này sau khi bạn mở: tình trạng, người phụ trách."
    )
    assert notes(letter) == ["Đã gọi điện"]


@pytest.mark.parametrize("stamp", ["", "x", "....", "a.b.c.d.e", "." * 5000])
def test_a_stamp_of_ones_own_is_stale(stamp):
    letter = make.make_letter()
    with pytest.raises(Changed):
        feedback.handle(
            feedback_id=letter.pk,
            actor=make.make_user("moderator"),
            at=LATER,
            stamp=stamp,
            handling=noted(letter, note="Khác"),
        )


def test_the_second_click_on_a_button_is_no_error_and_is_noted_once():
    letter, moderator = make.make_letter(), make.make_user("moderator")
    before = seen(letter)
    handle(letter, moderator, "take", stamp=before)
    feedback.handle(
        feedback_id=letter.pk,
        actor=moderator,
        at=LATER,
        stamp=before,
        handling=Handling(None, letter.due_at),
        step="take",
    )
    assert history(letter) == ["Nhận xử lý."]


def test_a_double_click_sends_one_answer():
    letter, moderator = make.make_letter(), make.make_user("moderator")
    before = seen(letter)
    first, second = answer(letter, moderator, stamp=before), answer(letter, moderator, stamp=before)
    assert (first, FeedbackAnswer.objects.count(), len(opened("feedback_answer"))) == (second, 1, 1)
    # The same words from a page that shows the first answer are meant.
    answer(letter, moderator)
    assert FeedbackAnswer.objects.count() == 2


def test_two_answers_from_two_people_do_not_cross():
    letter = make.make_letter()
    before = seen(letter)
    answer(letter, make.make_user("moderator"), "Một", stamp=before)
    with pytest.raises(Changed, match="lời đáp"):
        answer(letter, make.make_user("moderator"), "Một", stamp=before)
    assert FeedbackAnswer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_four_answers_at_one_moment_are_one():
    letter, moderator = make.make_letter(), make.make_user("moderator")
    assert moderator.granted_permissions
    before, handling = seen(letter), noted(letter)
    barrier, outcomes = threading.Barrier(4), []

    def click():
        try:
            barrier.wait(timeout=60)
            outcomes.append(
                feedback.answer(
                    feedback_id=letter.pk, actor=moderator, at=LATER, stamp=before, handling=handling, body="Một lần"
                ).pk
            )
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=180)
    assert len(outcomes) == 4
    assert len(set(outcomes)) == 1
    assert (FeedbackAnswer.objects.count(), len(opened("feedback_answer"))) == (1, 1)


# --- Answering -------------------------------------------------------------------------------------------


def test_an_answer_is_kept_noted_and_mailed_in_one_go():
    Masthead.objects.create(name="Báo Tây Bắc", email="bandoc@example.vn", phone="0213 000 000")
    letter = make.make_letter(
        "Sai ở dòng 2.\nXem www.evil.example/x hoặc evil@example.com nhé.", email="mai@example.vn"
    )
    moderator = make.make_user("moderator", full_name="Lê Thị Kín")
    answer(letter, moderator, "Chào chị,\r\n\r\nTòa soạn đã sửa: https://baotaybac.example/tin\r\n", note="Gấp")
    letter.refresh_from_db()
    assert (letter.status, letter.answered_at, letter.owner) == ("answered", LATER, moderator)
    assert notes(letter) == ["Gấp"]
    assert history(letter) == ["Gửi trả lời. Thêm ghi chú."]
    (mail,) = opened("feedback_answer")
    assert (mail["to"], mail["reply_to"]) == ("mai@example.vn", "bandoc@example.vn")
    assert mail["subject"] == f"Trả lời phản hồi {letter.code}"
    assert mail["text"].startswith("Chào chị,\n\nTòa soạn đã sửa: https://baotaybac.example/tin\n\nBáo Tây Bắc\n")
    assert "> Sai ở dòng 2.\n> Xem [liên kết đã bỏ] hoặc [liên kết đã bỏ] nhé." in mail["text"]
    for secret in ("evil", "Gấp", "Kín", "0912", "Nà Tăm"):
        assert secret not in mail["text"]


def test_a_quoted_letter_is_whole_in_short_lines():
    letter = make.make_letter("Một hai ba bốn năm sáu bảy tám chín mười. " * 230)
    answer(letter, make.make_user("moderator"))
    lines = [line for line in opened("feedback_answer")[0]["text"].split("\n") if line.startswith(">")]
    assert max(map(len, lines)) <= 78
    assert " ".join(line.removeprefix("> ") for line in lines) == letter.body.strip()


def test_whoever_already_has_the_letter_keeps_it_when_another_answers():
    letter, one, two = make.make_letter(), make.make_user("moderator"), make.make_user("chief")
    handle(letter, one, "take")
    answer(letter, two)
    assert Feedback.objects.get().owner == one


@pytest.mark.parametrize("body", ["", "  \n ", "\u200b"])
def test_an_empty_answer_is_none(body):
    with pytest.raises(NotAllowed):
        answer(make.make_letter(), make.make_user("moderator"), body)
    assert FeedbackAnswer.objects.count() == 0


def test_nothing_is_mailed_when_the_transaction_fails():
    letter, moderator = make.make_letter(), make.make_user("moderator")
    with causes.refused("INSERT ON django_admin_log"), pytest.raises(DatabaseError, match="refused by a test"):
        answer(letter, moderator)
    letter.refresh_from_db()
    assert (letter.status, FeedbackAnswer.objects.count(), opened("feedback_answer")) == ("new", 0, [])


# --- Who wrote -------------------------------------------------------------------------------------------


def test_opening_the_sender_is_noted_without_the_details():
    letter, moderator = make.make_letter(email="mai@example.vn"), make.make_user("moderator")
    sender = feedback.sender_of(letter=letter, actor=moderator, at=LATER)
    assert sender is not None
    assert (sender.name, sender.email, sender.phone, sender.address) == (
        "Lò Thị Mai",
        "mai@example.vn",
        "0912 345 678",
        "Bản Nà Tăm",
    )
    assert history(letter) == ["Đã xem thông tin liên hệ."]
    entry = LogEntry.objects.get()
    for words in (repr(sender), str(entry), entry.object_repr, str(letter), str(letter.contact)):
        assert not any(secret in words for secret in ("Mai", "mai@", "0912", "Nà Tăm"))


def test_a_letter_whose_sender_was_erased_is_read_but_not_answered():
    letter, moderator = make.make_letter(), make.make_user("moderator")
    ReaderContact.objects.all().delete()
    letter.refresh_from_db()
    assert feedback.sender_of(letter=letter, actor=moderator, at=LATER) is None
    assert feedback.answer_refusal(letter, moderator) == str(NobodyToAnswer())
    with pytest.raises(NotAllowed, match="đã được xóa"):
        answer(letter, moderator)
    assert handle(letter, moderator, "close").status == "closed"


def test_a_missing_key_is_said_and_stops_no_other_work(settings):
    letter, moderator = make.make_letter(), make.make_user("moderator")
    settings.READER_KEYS = ["b3RoZXItcmVhZGVyLWtleS1vZi10aGUtdGVzdHMtMzI="]
    with pytest.raises(Unreadable):
        feedback.sender_of(letter=letter, actor=moderator, at=LATER)
    with pytest.raises(Unreadable):
        answer(letter, moderator)
    assert handle(letter, moderator, "take").status == "open"
    assert history(letter) == ["Nhận xử lý."]
