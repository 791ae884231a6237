"""What is kept of readers ends when its time is over, and not a day before; what the law has us keep stays."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from news.models import (
    ConsentText,
    DataRequest,
    ErasureRecord,
    Feedback,
    FeedbackStatus,
    LegalHold,
    Outbox,
    PrivacyLink,
    Purpose,
    ReaderContact,
)
from news.queries import feedback as questions
from news.services import consenting, contacting, feedback, holding, outbox, requesting, retaining
from news.tests import make
from news.tests.make import NOW
from news.workflow import NotAllowed

pytestmark = pytest.mark.django_db


def close(letter: Feedback, step: str = "close", at: Any = NOW) -> None:
    page = questions.letter_page(letter.pk, at)
    assert page is not None
    handling = feedback.Handling(owner=None, due_at=None, note="")
    actor = make.make_user("moderator")
    feedback.handle(feedback_id=letter.pk, actor=actor, at=at, stamp=page.stamp, handling=handling, step=step)


def end_of(letter: Feedback) -> date | None:
    letter.refresh_from_db()
    assert letter.contact is not None
    return letter.contact.keep_until


def test_a_letter_is_kept_two_years_from_its_end_spam_three_months_an_open_one_while_it_is_open() -> None:
    closed, spam, waiting = (make.make_letter(f"Lá thư số {n} của tôi.", at=NOW) for n in range(3))
    later = NOW + timedelta(days=10)
    close(closed, at=later)
    close(spam, "spam", at=later)
    assert retaining.date_letters(at=later) == 2
    assert (end_of(closed), end_of(spam), end_of(waiting)) == (date(2028, 3, 12), date(2026, 6, 10), None)
    close(closed, "reopen", at=later + timedelta(days=1))
    retaining.date_letters(at=later + timedelta(days=1))
    assert end_of(closed) is None


def test_what_is_over_goes_redacted_with_a_tombstone_and_the_day_before_nothing_does() -> None:
    letter = make.make_letter("Gọi tôi số 0912.345.678, Lò Thị Mai.")
    close(letter)
    retaining.enforce(at=NOW)
    last = end_of(letter)
    assert last is not None
    at = NOW + timedelta(days=(last - timezone.localdate(NOW)).days)
    retaining.enforce(at=at)
    assert ReaderContact.objects.count() == 1
    retaining.enforce(at=at + timedelta(days=1))
    letter.refresh_from_db()
    assert (letter.contact, letter.body) == (None, "Gọi tôi số […], […].")
    assert [(row.reason, row.counts["thư gửi tòa soạn"]) for row in ErasureRecord.objects.all()] == [("retention", 1)]


def test_an_order_to_keep_outlasts_the_period() -> None:
    chief = make.make_user("chief")
    letter = make.make_letter("Một lá thư cần giữ.", email="giu@example.vn")
    assert letter.contact is not None
    contacting.keep_until(contact_id=letter.contact.pk, day=timezone.localdate(NOW) - timedelta(days=1))
    until = timezone.localdate(NOW) + timedelta(days=5)
    holding.place(email="giu@example.vn", reason="Công văn 3", until=until, actor=chief, at=NOW)
    close(letter)
    retaining.enforce(at=NOW)
    assert ReaderContact.objects.count() == 1
    retaining.enforce(at=NOW + timedelta(days=6))
    assert ReaderContact.objects.count() == 0


def test_orders_are_placed_and_lifted_by_right_and_have_reasons() -> None:
    chief, moderator = make.make_user("chief"), make.make_user("moderator")
    order: dict[str, Any] = {"email": "giu@example.vn", "reason": "Công văn 3", "until": None, "at": NOW}
    with pytest.raises(NotAllowed):
        holding.place(**order, actor=moderator)
    for wrong in ({"reason": " "}, {"email": ""}, {"until": date(2020, 1, 1)}):
        with pytest.raises(NotAllowed):
            holding.place(**{**order, **wrong}, actor=chief)
    hold = holding.place(**order, actor=chief)
    with pytest.raises(NotAllowed):
        holding.lift(hold_id=hold.pk, actor=moderator, at=NOW)
    assert [holding.lift(hold_id=hold.pk, actor=chief, at=NOW) for _ in range(2)] == [True, False]
    assert LegalHold.objects.get().lifted_by == chief


def test_mail_tasks_sessions_and_links_end(capsys: pytest.CaptureFixture[str]) -> None:
    now = timezone.now()
    old = now - timedelta(days=31)
    for sent_at in (old, now):
        mail = outbox.post(kind="test", recipient="a@example.vn", subject="Thư", text="Chào", at=old)
        Outbox.objects.filter(pk=mail.pk).update(sent_at=sent_at, message="", recipient="")
    for finished_at in (old, now, None):
        DBTaskResult.objects.create(
            args_kwargs={}, task_path="x", backend_name="default", run_after=now, exception_class_path="",
            traceback="", status="SUCCESSFUL" if finished_at else "READY", finished_at=finished_at,
        )  # fmt: skip
    Session.objects.create(session_key="x", session_data="", expire_date=old)
    requesting.ask(email="a@example.vn", sender="198.51.100.1", at=old)
    requesting.ask(email="a@example.vn", sender="198.51.100.1", at=now)
    call_command("enforce_retention", "--dry-run")
    told = capsys.readouterr().out
    assert "1\tThư đã gửi" in told
    assert (Outbox.objects.exclude(sent_at=None).count(), Session.objects.count()) == (2, 1)
    call_command("enforce_retention")
    assert re.search(r"^1\tViệc chạy ngầm", capsys.readouterr().out, re.MULTILINE)
    assert (Outbox.objects.exclude(sent_at=None).count(), Session.objects.count()) == (1, 0)
    assert (PrivacyLink.objects.count(), DataRequest.objects.count()) == (1, 2)
    assert sorted(DBTaskResult.objects.exclude(task_path__startswith="news").values_list("status", flat=True)) == [
        "READY",
        "SUCCESSFUL",
    ]


def test_due_dates_of_requests_skip_tet() -> None:
    # Friday 13 February 2026: the days off of Tết Bính Ngọ begin on Saturday the 14th.
    received = timezone.make_aware(timezone.datetime(2026, 2, 13, 9))  # type: ignore[attr-defined]
    acknowledge_by, complete_by = requesting.due_by(received)
    assert timezone.localdate(acknowledge_by) > date(2026, 2, 20)
    assert timezone.localdate(complete_by) == date(2026, 2, 28)


def test_a_new_wording_is_a_new_version_and_an_old_one_is_never_changed() -> None:
    admin, moderator = make.make_user("administrator"), make.make_user("moderator")
    first = consenting.current("ban-tin", NOW)
    purposes = (Purpose("newsletter", "Tôi đồng ý nhận bản tin.", is_required=True),)
    order: dict[str, Any] = {"form": "ban-tin", "text": "Lời mới", "purposes": purposes, "at": NOW, "shown_from": NOW}
    with pytest.raises(NotAllowed):
        consenting.add_version(**order, actor=moderator)
    for wrong in (
        {"purposes": ()},
        {"purposes": (Purpose("ads", "Quảng cáo", is_required=False), *purposes)},
        {"purposes": (Purpose("newsletter", "x", is_required=False),)},
        {"form": "khac"},
        {"shown_from": NOW - timedelta(days=1)},
    ):
        with pytest.raises(NotAllowed):
            consenting.add_version(**{**order, **wrong}, actor=admin)
    second = consenting.add_version(**order, actor=admin)
    assert (second.version, consenting.current("ban-tin", NOW)) == (2, second)
    assert ConsentText.objects.get(pk=first.pk).asked[0].words.startswith("Tôi đồng ý để tòa soạn giữ địa chỉ")
    assert consenting.acceptable(first, NOW + timedelta(hours=23))
    assert not consenting.acceptable(first, NOW + timedelta(hours=25))
    contact = contacting.keep(details={"email": "a@example.vn"}, keep_until=None, at=NOW)
    for chosen in ([], ["newsletter", "ads"]):
        with pytest.raises(consenting.NotAgreed):
            consenting.record(contact=contact, text=second, purposes=chosen, address="/ban-tin/", at=NOW)


def test_a_request_that_came_by_letter_runs_by_the_clock_and_ends_by_the_desk() -> None:
    moderator, reporter = make.make_user("moderator"), make.make_user("reporter")
    make.make_letter("Một lá thư của tôi.", email="don@example.vn")
    order: dict[str, Any] = {"email": "don@example.vn", "kind": "erasure", "note": "Đơn giấy", "at": NOW}
    with pytest.raises(NotAllowed):
        requesting.take_in(**order, actor=reporter)
    row = requesting.take_in(**order, actor=moderator)
    assert timezone.localdate(row.acknowledge_by) == date(2026, 3, 4)
    with pytest.raises(NotAllowed):
        requesting.erase_for(request_id=row.pk, email="khac@example.vn", actor=moderator, at=NOW)
    requesting.acknowledge(request_id=row.pk, actor=moderator, at=NOW)
    requesting.erase_for(request_id=row.pk, email="don@example.vn", actor=moderator, at=NOW)
    row.refresh_from_db()
    assert (row.state, row.email_digest, row.handled_by) == ("done", "", moderator)
    tombstone = ErasureRecord.objects.get()
    assert (tombstone.reason, tombstone.actor, tombstone.note) == ("desk", moderator, str(row))
    with pytest.raises(NotAllowed):
        requesting.close(request_id=row.pk, actor=moderator, at=NOW, note="Xong")
    assert Feedback.objects.get().status == FeedbackStatus.NEW
    assert User.objects.filter(pk=reporter.pk).exists()
