"""Deadlines in working days, across Tết; reminded before, told after, each once; moved when the calendar moves."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from news import crypto
from news.models import CalendarDay, Feedback, FeedbackTerm, Outbox
from news.queries import feedback as questions
from news.queries.deadlines import clock, left
from news.services import deadlines, feedback
from news.tests import make
from news.workflow import NotAllowed

pytestmark = pytest.mark.django_db


def vn(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(date(year, month, day), time(hour, minute)))


BEFORE_TET = vn(2026, 2, 13, 15)
"""A Friday; the next working day is Monday the 23rd."""


def mails(kind: str) -> list[tuple[str, str]]:
    rows = Outbox.objects.filter(kind=kind).order_by("pk")
    return [(crypto.decrypt(row.recipient)["address"], crypto.decrypt(row.message)["text"]) for row in rows]


def act(letter: Feedback, actor: Any, at: datetime, step: str = "", **changes: Any) -> Feedback:
    fresh = Feedback.objects.get(pk=letter.pk)
    page = questions.letter_page(letter.pk, at)
    handling = feedback.Handling(**{"owner": fresh.owner, "due_at": fresh.due_at, **changes})
    return feedback.handle(feedback_id=letter.pk, actor=actor, at=at, stamp=page.stamp, handling=handling, step=step)


def reply(letter: Feedback, actor: Any, at: datetime) -> None:
    fresh = Feedback.objects.get(pk=letter.pk)
    page = questions.letter_page(letter.pk, at)
    handling = feedback.Handling(owner=fresh.owner, due_at=fresh.due_at)
    feedback.answer(feedback_id=letter.pk, actor=actor, at=at, stamp=page.stamp, handling=handling, body="Đã sửa.")


@pytest.mark.parametrize(
    ("kind", "due"),
    [
        ("opinion", vn(2026, 3, 6, 17)),
        ("question", vn(2026, 3, 6, 17)),
        ("error", vn(2026, 2, 24, 17)),
        ("tip", vn(2026, 2, 27, 17)),
    ],
)
def test_each_kind_has_its_term_and_tet_is_no_working_day(kind, due):
    letter = make.make_letter(kind=kind, at=BEFORE_TET)
    assert (letter.due_at, letter.claim_by, letter.queue_at) == (due, vn(2026, 2, 24, 17), due)
    text = mails("feedback_receipt")[0][1]
    assert f"trước 17:00, {'Thứ Ba, 24/2/2026' if kind == 'error' else ''}" in text


@pytest.mark.parametrize(
    ("at", "words", "tone"),
    [
        (BEFORE_TET, "còn 2 ngày làm việc", "soon"),
        (vn(2026, 2, 18), "còn 2 ngày làm việc", "soon"),
        (vn(2026, 2, 24, 8), "hết hạn hôm nay", "soon"),
        (vn(2026, 2, 24, 18), "quá hạn hôm nay", "late"),
        (vn(2026, 2, 26), "quá hạn 2 ngày làm việc", "late"),
    ],
)
def test_what_is_left_in_words(at, words, tone):
    letter = make.make_letter(kind="error", at=BEFORE_TET)
    found = left(letter.due_at, at, clock())
    assert (found.words, found.tone) == (words, tone)


def test_a_new_kind_and_an_empty_date_mean_the_kinds_term_a_typed_date_stays():
    letter, moderator = make.make_letter(at=BEFORE_TET), make.make_user("moderator")
    at = BEFORE_TET + timedelta(hours=1)
    assert act(letter, moderator, at, kind="error").due_at == vn(2026, 2, 24, 17)
    own = vn(2026, 2, 25, 10)
    kept = act(letter, moderator, at, due_at=own)
    assert (kept.due_at, kept.due_by_hand, kept.queue_at) == (own, True, own)
    assert act(letter, moderator, at, kind="tip").due_at == own
    assert act(letter, moderator, at, due_at=None).due_at == vn(2026, 2, 27, 17)
    said = list(questions.log_of(letter.pk).order_by("id").values_list("change_message", flat=True))
    assert said[0] == "Sửa loại, hạn trả lời."


def test_a_day_of_the_calendar_moves_what_waits_with_a_line_in_its_history():
    chief = make.make_user("chief")
    waiting, by_hand, done = (make.make_letter(kind="error", at=BEFORE_TET) for _ in range(3))
    act(by_hand, chief, BEFORE_TET, due_at=vn(2026, 2, 23, 10))
    act(done, chief, BEFORE_TET, step="close")
    day = CalendarDay(day=date(2026, 2, 23), name="Lễ hội xuân", kind="off")
    assert deadlines.keep_day(day=day, actor=chief, at=BEFORE_TET) == 1
    for letter, due in ((waiting, vn(2026, 2, 25, 17)), (by_hand, vn(2026, 2, 23, 10)), (done, vn(2026, 2, 24, 17))):
        letter.refresh_from_db()
        assert letter.due_at == due
    assert questions.log_of(waiting.pk).first().change_message == (
        "Hạn trả lời tính lại: 17:00 24/2/2026 thành 17:00 25/2/2026 (lịch làm việc: Lễ hội xuân)."
    )
    day.kind = "work"
    assert deadlines.keep_day(day=day, actor=chief, at=BEFORE_TET) == 1
    waiting.refresh_from_db()
    assert waiting.due_at == vn(2026, 2, 24, 17)


def test_a_term_moves_what_waits_and_only_who_may_sets_the_clock():
    letter, term = make.make_letter(kind="error", at=BEFORE_TET), FeedbackTerm.objects.get(kind="error")
    term.working_days, term.ends_at = 3, time(11, 30)
    with pytest.raises(NotAllowed):
        deadlines.keep_term(term=term, actor=make.make_user("moderator"), at=BEFORE_TET)
    with pytest.raises(NotAllowed):
        deadlines.keep_day(
            day=CalendarDay(day=date(2026, 3, 3), name="x"), actor=make.make_user("editor"), at=BEFORE_TET
        )
    assert deadlines.keep_term(term=term, actor=make.make_user("administrator"), at=BEFORE_TET) == 1
    letter.refresh_from_db()
    assert letter.due_at == vn(2026, 2, 25, 11, 30)


# --- Reminders and alarms --------------------------------------------------------------------------------


def test_reminders_go_to_who_has_it_alarms_to_the_chief_each_once():
    one = make.make_user("moderator", email="mot@example.vn")
    make.make_user("moderator", email="hai@example.vn")
    make.make_user("chief", email="tbt@example.vn")
    taken = make.make_letter("Thư kín", kind="error", at=BEFORE_TET, name="Lò Thị Kín")
    free = make.make_letter(kind="error", at=BEFORE_TET)
    act(taken, one, BEFORE_TET, step="take")
    assert feedback.remind_due(at=BEFORE_TET) == 0  # two working days are left
    tet = vn(2026, 2, 20)
    assert feedback.remind_due(at=tet) == 0
    monday = vn(2026, 2, 23, 8)
    assert feedback.remind_due(at=monday) == 2
    assert {to: text.count("PH-") for to, text in mails("feedback_due")} == {"mot@example.vn": 2, "hai@example.vn": 1}
    assert feedback.remind_due(at=monday + timedelta(hours=1)) == 0
    late = vn(2026, 2, 25, 8)
    assert feedback.remind_due(at=late) == 3  # the chief of both; two moderators of the one that nobody took on
    ((to, text),) = mails("feedback_late")
    assert to == "tbt@example.vn"
    assert all(code in text for code in (taken.code, free.code))
    assert "chậm 1 ngày làm việc" in text
    assert {to for to, _ in mails("feedback_unclaimed")} == {"mot@example.vn", "hai@example.vn"}
    assert feedback.remind_due(at=late + timedelta(days=3)) == 0
    everything = "".join(text for kind in ("due", "late", "unclaimed") for _, text in mails(f"feedback_{kind}"))
    assert [secret for secret in ("Kín", "kín", "mai-", "0912", "Nà Tăm") if secret in everything] == []
    assert f"/quan-tri/news/feedback/{taken.pk}/change/" in everything


def test_what_is_done_is_not_reminded_and_what_waits_again_is_reminded_anew():
    moderator = make.make_user("moderator", email="mot@example.vn")
    letter = make.make_letter(kind="error", at=BEFORE_TET)
    reply(letter, moderator, BEFORE_TET)
    assert feedback.remind_due(at=vn(2026, 2, 25)) == 0
    act(letter, moderator, vn(2026, 2, 26), step="reopen")
    letter.refresh_from_db()
    assert (letter.due_at, letter.answered_at) == (vn(2026, 3, 2, 17), None)
    assert feedback.remind_due(at=vn(2026, 2, 27)) == 1
    assert mails("feedback_due")[0][0] == "mot@example.vn"


def test_without_anybody_to_tell_nothing_counts_as_told():
    letter = make.make_letter(kind="error", at=BEFORE_TET)
    assert feedback.remind_due(at=vn(2026, 2, 25)) == 0
    letter.refresh_from_db()
    assert letter.alarmed_at is None
    make.make_user("chief", email="tbt@example.vn")
    assert feedback.remind_due(at=vn(2026, 2, 25)) >= 1


def test_queues_order_what_waits_by_its_date_then_the_newest():
    at = datetime(2026, 3, 2, 3, tzinfo=UTC)
    moderator = make.make_user("moderator")
    late, soon, old, new = (
        make.make_letter(at=at),
        make.make_letter(kind="error", at=at),
        make.make_letter(at=at - timedelta(days=9)),
        make.make_letter(at=at - timedelta(days=3)),
    )
    for letter in (old, new):
        act(letter, moderator, at, step="close")
    assert list(Feedback.objects.order_by("queue_at", "pk")) == [soon, late, new, old]
