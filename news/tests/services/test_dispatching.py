"""The newsletter's mails: each subscriber gets an issue once, whatever dies; what was withdrawn is in none of them."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from config.testing import ENV_EXAMPLE
from news import crypto
from news.models import (
    Bounce,
    DeliveryState,
    Frequency,
    IssueState,
    MailScope,
    Masthead,
    NewsletterDelivery,
    NewsletterIssue,
    NewsletterPlan,
    ReaderContact,
    Subscriber,
    SubscriberState,
)
from news.services import dispatching, newsletter, stopping, subscribing
from news.services.dispatching import Journal
from news.tests import make
from news.tests.post_office import PostOffice, free_port, mailers, run_worker

SIX = datetime(2026, 3, 2, 23, 5, tzinfo=UTC)
"""Tuesday 3 March, 6:05 in Vietnam: the hour of the daily newsletter has struck."""


def begin(at: datetime = SIX) -> NewsletterIssue:
    """The daily issue, with a delivery for everybody."""
    (issue,) = newsletter.begin_due(at=at)
    dispatching.address(issue=issue, at=at)
    issue.refresh_from_db()
    return issue


def send(issue: NewsletterIssue, at: datetime = SIX) -> bool:
    issue.refresh_from_db()
    with time_machine.travel(at):
        return dispatching.send_batch(issue=issue, at=at)


def states(issue: NewsletterIssue) -> dict[str, int]:
    return dict(Counter(issue.deliveries.values_list("state", flat=True)))


def counts(issue: NewsletterIssue) -> tuple[str, int, int, int, int, int]:
    issue.refresh_from_db()
    return (
        *(issue.state, issue.total_count, issue.sent_count, issue.skipped_count, issue.failed_count),
        issue.unsure_count,
    )


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Any) -> None:
    """A journal of this test's own."""
    settings.DATA_DIR = tmp_path


# --- What a mail holds ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_each_reader_gets_what_is_live_of_the_sections_they_chose(post_office: PostOffice) -> None:
    Masthead.objects.create(name="Báo Điện Biên")
    politics, culture = make.make_section("Chính trị", order=1), make.make_section("Văn hóa", order=2)
    make.publish(make.make_article("Họp Ban & <chỉ đạo>", section=politics))
    make.publish(make.make_article("Mùa ban", section=culture, lead="Hoa trắng <núi>."))
    all_of_it, some = make.make_subscriber("ca@example.vn"), make.make_subscriber("mot@example.vn", culture)
    make.make_subscriber("tuan@example.vn", frequency=Frequency.WEEKLY)
    issue = begin()
    assert send(issue) is True
    assert send(issue) is False
    assert counts(issue) == ("done", 2, 2, 0, 0, 0)
    assert post_office.recipients == ["ca@example.vn", "mot@example.vn"]
    first, second = post_office.texts
    assert ("CHÍNH TRỊ" in first, "Họp Ban & <chỉ đạo>" in first, "VĂN HÓA" in first) == (True, True, True)
    assert ("Họp Ban" in second, "Mùa ban" in second) == (False, True)
    html = post_office.htmls[0]
    assert ("Họp Ban &amp; &lt;chỉ đạo&gt;" in html, "Hoa trắng &lt;núi&gt;." in html, "<núi>" in html) == (
        *(True, True, False),
    )
    mail = post_office.mails[0]
    (stop,) = re.findall(r"https?://\S+/ban-tin/thoi-nhan/\S+/", first)
    assert (mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"], mail["List-Id"], mail["Reply-To"]) == (
        *(f"<{stop}>", "List-Unsubscribe=One-Click", "<ban-tin.127.0.0.1>", None),
    )
    assert mail["Subject"] == "Bản tin Báo Điện Biên, Thứ Ba, 3/3/2026"
    assert subscribing.of_token(stop.split("/")[-2]) == all_of_it
    assert subscribing.own_token(some) in second
    assert subscribing.PLACE not in "".join(post_office.texts + post_office.htmls)
    assert dispatching.of_message_id(mail["Message-ID"]).subscriber == all_of_it
    assert dispatching.of_message_id(re.sub(r"\.[0-9a-f]", ".0", mail["Message-ID"], count=1)) in {None}
    assert "http://" not in re.sub(r"http://127\.0\.0\.1:8000", "", html)  # nothing from elsewhere


@pytest.mark.django_db
def test_what_is_withdrawn_or_corrected_before_a_mail_leaves_is_so_in_it(post_office: PostOffice) -> None:
    gone, kept = make.make_article("Bài gỡ"), make.make_article("Bài còn")
    make.publish(gone)
    make.publish(kept)
    for number in range(2):
        make.make_subscriber(f"a{number}@example.vn")
    issue = begin()
    make.withdraw(gone, at=SIX + timedelta(minutes=1))
    send(issue, SIX + timedelta(minutes=2))
    assert ["Bài gỡ" in text for text in post_office.texts] == [False, False]
    assert ["Bài còn" in text for text in post_office.texts] == [True, True]


@pytest.mark.django_db
def test_nothing_is_sent_where_nothing_is_new(post_office: PostOffice) -> None:
    make.make_subscriber("a@example.vn")
    assert newsletter.begin_due(at=SIX) == []
    assert [(issue.state, str(issue)) for issue in NewsletterIssue.objects.filter(frequency="daily")] == [
        ("empty", "Bản tin hằng ngày, 3/3/2026")
    ]
    culture = make.make_section("Văn hóa")
    other = make.make_section("Khác")
    make.publish(make.make_article("Mùa ban", section=culture), at=SIX + timedelta(hours=1))
    make.make_subscriber("b@example.vn", other)
    issue = begin(SIX + timedelta(days=1))
    send(issue, SIX + timedelta(days=1))
    assert (states(issue), post_office.recipients) == ({"sent": 1, "skipped": 1}, ["a@example.vn"])


@pytest.mark.django_db
def test_who_stopped_gets_nothing_even_while_it_is_being_sent(post_office: PostOffice) -> None:
    make.publish(make.make_article("Bài"))
    left, told, stays = (make.make_subscriber(f"{name}@example.vn") for name in ("thoi", "bao", "o-lai"))
    issue = begin()
    assert subscribing.stop(token=subscribing.own_token(left), at=SIX) is True
    stopping.stop(token=stopping.token("bao@example.vn", MailScope.DIGEST), scope=MailScope.DIGEST, at=SIX)
    send(issue)
    assert post_office.recipients == ["o-lai@example.vn"]
    left.refresh_from_db()
    assert (left.state, left.contact.keep_until is not None, told.state, stays.state) == (
        *("stopped", True, "active", "active"),
    )


@pytest.mark.django_db
def test_who_was_sent_what_is_forgotten_after_two_months(post_office: PostOffice) -> None:
    make.publish(make.make_article("Bài"))
    make.make_subscriber("a@example.vn")
    issue = begin()
    for _ in range(2):
        send(issue)
    assert dispatching.prune(at=SIX + timedelta(days=59)) == 0
    assert (dispatching.prune(at=SIX + timedelta(days=61)), dispatching.prune(at=SIX + timedelta(days=61))) == (1, 0)
    assert (counts(issue), issue.deliveries.count()) == (("done", 1, 1, 0, 0, 0), 0)


# --- When ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_issue_begins_at_its_hour_once_and_not_long_after() -> None:
    make.publish(make.make_article("Bài"))
    early = datetime(2026, 3, 2, 22, 59, tzinfo=UTC)
    weekly, daily = (NewsletterIssue.objects.filter(frequency=name) for name in ("weekly", "daily"))
    newsletter.begin_due(at=early)
    assert daily.filter(day="2026-03-03").count() == 0
    assert [issue.day.isoformat() for issue in newsletter.begin_due(at=SIX)] == ["2026-03-03"]
    assert newsletter.begin_due(at=SIX + timedelta(minutes=1)) == []
    assert weekly.count() == 0  # Monday's hour is long past
    late = SIX + timedelta(days=1, hours=13)
    assert (newsletter.begin_due(at=late), daily.count()) == ([], 1)
    plan = newsletter.plans()[0]
    plan.is_on = False
    newsletter.set_plan(plan=plan, actor=make.make_user("administrator"))
    assert newsletter.begin_due(at=SIX + timedelta(days=2)) == []


@pytest.mark.django_db
def test_pause_holds_the_rest_and_go_on_lets_it_leave(post_office: PostOffice) -> None:
    make.publish(make.make_article("Bài"))
    for number in range(15):
        make.make_subscriber(f"a{number}@example.vn")
    issue, chief = begin(), make.make_user("chief")
    assert newsletter.pause(issue_id=issue.pk, actor=chief) is True
    with time_machine.travel(SIX):
        dispatching.send_batch(issue=issue, at=SIX)  # its task had begun
    assert len(post_office.recipients) == dispatching.A_COMMIT
    assert newsletter.go_on(issue_id=issue.pk, actor=chief) is True
    for _ in range(2):
        send(issue, SIX + timedelta(minutes=1))
    assert (Counter(post_office.recipients).most_common(1)[0][1], counts(issue)) == (1, ("done", 15, 15, 0, 0, 0))


# --- What goes wrong -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_refusals_are_noted_and_three_stop_the_newsletter(post_office: PostOffice, caplog: Any) -> None:
    row = make.make_subscriber("hong@example.vn")
    make.make_subscriber("tot@example.vn")
    make.make_subscriber("day@example.vn")
    post_office.refusals["hong@example.vn"] = "550 5.1.1 <hong@example.vn> unknown"
    post_office.refusals["day@example.vn"] = "552 5.2.2 full"
    for day in range(3):
        at = SIX + timedelta(days=day)
        make.publish(make.make_article(f"Bài {day}"), at=at - timedelta(minutes=30))
        issue = begin(at)
        send(issue, at)
        send(issue, at)
        assert counts(issue) == ("done", 3, 1, 0, 2, 0)
    row.refresh_from_db()
    assert (row.state, row.bounce_count, Bounce.objects.count()) == ("bounced", 3, 6)
    full = Subscriber.objects.get(mailbox_digest=crypto.digest("day@example.vn"))
    assert (full.state, full.bounce_count) == ("active", 0)
    assert set(Bounce.objects.values_list("status", "is_hard")) == {("550 5.1.1", True), ("552 5.2.2", False)}
    assert NewsletterDelivery.objects.filter(error__contains="hong").count() == 0
    assert "hong@" not in "".join(record.getMessage() for record in caplog.records if record.name != "mail.log")


@pytest.mark.django_db
def test_a_server_that_is_down_is_tried_again_and_counts_against_nobody(settings: Any, post_office: PostOffice) -> None:
    make.publish(make.make_article("Bài"))
    for number in range(3):
        make.make_subscriber(f"a{number}@example.vn")
    issue, up = begin(), settings.MAILERS
    settings.MAILERS = mailers(free_port())
    assert send(issue) is False
    assert set(issue.deliveries.values_list("attempt_count", "error")) == {
        (0, "Không nối được máy chủ thư (ConnectionRefusedError).")
    }
    settings.MAILERS = up
    assert send(issue, SIX + timedelta(minutes=1)) is False  # not due yet
    assert post_office.recipients == []
    send(issue, SIX + dispatching.AWAY + timedelta(seconds=5))
    assert len(post_office.recipients) == 3
    late = begin(SIX + timedelta(days=1)) if make.publish(make.make_article(), at=SIX + timedelta(hours=1)) else None
    send(late, SIX + timedelta(days=1) + dispatching.STALE + timedelta(minutes=1))
    assert (counts(late), len(post_office.recipients)) == (("done", 3, 0, 0, 3, 0), 3)


@pytest.mark.django_db
def test_a_server_that_says_try_later_is_believed(post_office: PostOffice) -> None:
    make.publish(make.make_article("Bài"))
    make.make_subscriber("a@example.vn")
    make.make_subscriber("b@example.vn")
    post_office.refusals["a@example.vn"] = "451 4.7.1 greylisted"
    issue = begin()
    send(issue)
    assert (post_office.recipients, states(issue)) == (["b@example.vn"], {"sent": 1, "waiting": 1})
    post_office.refusals.clear()
    send(issue, SIX + timedelta(minutes=3))
    assert post_office.recipients == ["b@example.vn", "a@example.vn"]


@pytest.mark.django_db
def test_the_journal_decides_what_a_dead_worker_had_sent(post_office: PostOffice, caplog: Any) -> None:
    make.publish(make.make_article("Bài"))
    for name in ("gui-roi", "khong-ro", "bi-tu-choi", "chua-gui"):
        make.make_subscriber(f"{name}@example.vn")
    issue = begin()
    taken = dispatching._claim(issue, SIX)  # and then: kill -9
    journal = Journal(issue.pk)
    with journal.open():
        for mark, number in (("?", 0), ("+", 0), ("?", 1), ("?", 2), ("-", 2)):
            journal.write(mark, taken[number].pk)
    with journal.path.open("ab") as file:
        file.write(f"? {taken[3].pk}".encode())  # cut short: nothing was handed over yet
    assert send(issue, SIX + timedelta(minutes=9)) is False
    assert post_office.recipients == []  # still in the dead worker's hands
    send(issue, SIX + dispatching.LEASE)
    assert post_office.recipients == ["bi-tu-choi@example.vn", "chua-gui@example.vn"]
    send(issue, SIX + dispatching.LEASE)
    assert counts(issue) == ("done", 4, 3, 0, 0, 1)
    # The desk decides about the one that nobody knows of.
    assert dispatching.send_unsure(issue_id=issue.pk, actor=make.make_user("secretary"), at=SIX) == 1
    send(issue, SIX + dispatching.LEASE)
    send(issue, SIX + dispatching.LEASE)
    assert post_office.recipients[2:] == ["khong-ro@example.vn"]
    assert (counts(issue), journal.path.exists()) == (("done", 4, 4, 0, 0, 0), False) or connection.in_atomic_block


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_send_each_mail_once(post_office: PostOffice) -> None:
    make.publish(make.make_article("Bài"))
    for number in range(120):
        make.make_subscriber(f"a{number}@example.vn")
    issue = begin()
    barrier, raised = threading.Barrier(4), []

    def work() -> None:
        try:
            barrier.wait(timeout=60)
            while dispatching.send_batch(issue=issue, at=timezone.now()):
                pass
        except Exception as error:  # noqa: BLE001 - the outcome is what the test looks at
            raised.append(error)
        finally:
            connection.close()

    issue.until = timezone.now()
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=180)
    assert raised == []
    assert sorted(post_office.recipients) == sorted(f"a{number}@example.vn" for number in range(120))
    assert counts(issue) == ("done", 120, 120, 0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_the_timetable_begins_an_issue_and_the_worker_sends_it(post_office: PostOffice) -> None:
    make.publish(make.make_article("Bài"), at=timezone.now() - timedelta(hours=1))
    make.make_subscriber("a@example.vn", at=timezone.now() - timedelta(hours=1))
    NewsletterPlan.objects.filter(pk=newsletter.plans()[0].pk).update(hour=timezone.localtime().hour)
    dispatching.look(at=timezone.now())
    dispatching.look(at=timezone.now())
    run_worker()
    issue = NewsletterIssue.objects.get(frequency="daily")
    assert (counts(issue), post_office.recipients) == (("done", 1, 1, 0, 0, 0), ["a@example.vn"])
    assert [task.args_kwargs for task in DBTaskResult.objects.filter(task_path__contains="dispatching")] == [
        {"args": [issue.pk], "kwargs": {}}
    ] * 2
    assert Journal(issue.pk).path.exists() is False


# --- Done when -----------------------------------------------------------------------------------------

READERS = 5000


def start_worker(office: PostOffice, *words: str) -> subprocess.Popen[bytes]:
    """A real worker in a process of its own, on the tests' database, sending to the office."""
    there = connection.settings_dict
    if connection.vendor == "sqlite":
        address = f"sqlite:///{there['NAME']}"
    else:
        address = f"postgres://{there['USER']}:{there['PASSWORD']}@{there['HOST']}:{there['PORT']}/{there['NAME']}"
    environment = {
        **os.environ,
        "DATABASE_URL": address,
        "DATA_DIR": str(django_settings.DATA_DIR),
        "MAIL_URL": f"smtp://127.0.0.1:{office.port}",
        "LOG_LEVEL": "ERROR",
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "db_worker", "--no-reload", "--no-startup-delay", "--interval", "0.1", *words],
        cwd=ENV_EXAMPLE.parent,
        env=environment,
        stdout=subprocess.DEVNULL,
    )


def wait_for(office: PostOffice, count: int, worker: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 300
    while len(office.envelopes) < count:
        assert worker.poll() is None, "the worker ended"
        assert time.monotonic() < deadline, f"{len(office.envelopes)} mails only"
        time.sleep(0.003)


@pytest.mark.django_db(transaction=True)
def test_a_digest_killed_twice_in_the_middle_reaches_each_of_5000_once(post_office: PostOffice) -> None:
    """kill -9 of a real worker at two unforeseen instants; then leases end, and the next worker goes on."""
    now = timezone.now()
    make.publish(make.make_article("Bài của ngày"), at=now - timedelta(hours=1))
    emails = [f"ban-doc-{number}@example.vn" for number in range(READERS)]
    contacts = ReaderContact.objects.bulk_create(
        [ReaderContact(details=crypto.encrypt({"email": email}), created_at=now) for email in emails]
    )
    Subscriber.objects.bulk_create(
        [
            Subscriber(
                contact=contact,
                mailbox_digest=f"{contact.pk:064}",
                frequency=Frequency.DAILY,
                state=SubscriberState.ACTIVE,
                key="k" * 22,
                created_at=now,
                confirmed_at=now - timedelta(hours=1),
            )
            for contact in contacts
        ]
    )
    issue = NewsletterIssue.objects.create(
        frequency=Frequency.DAILY,
        day=timezone.localdate(),
        since=now - timedelta(days=1),
        until=now,
        content=newsletter.next_issue(frequency=Frequency.DAILY, at=now).content,
        state=IssueState.SENDING,
    )
    dispatching._enqueue(issue.pk, now)
    chance = random.Random()
    for share in (0.3, 0.6):
        worker = start_worker(post_office)
        wait_for(post_office, int(READERS * share) + chance.randrange(60), worker)
        time.sleep(chance.random() / 50)
        worker.send_signal(signal.SIGKILL)
        worker.wait(timeout=60)
        assert 0 < len(post_office.envelopes) < READERS
        # Ten minutes later: what the dead worker held is free, and the timetable misses its task.
        NewsletterDelivery.objects.filter(state=DeliveryState.WAITING).update(send_after=timezone.now())
        NewsletterIssue.objects.update(touched_at=timezone.now() - dispatching.QUIET)
        dispatching.look(at=timezone.now())
    worker = start_worker(post_office, "--batch")
    assert worker.wait(timeout=400) == 0
    # A killed worker's connection may still be under way in the office.
    time.sleep(0.2)
    assert [item for item in Counter(post_office.recipients).items() if item[1] != 1] == []
    assert set(emails) - set(post_office.recipients) == set()
    issue.refresh_from_db()
    assert (issue.state, issue.total_count, issue.sent_count + issue.unsure_count) == ("done", READERS, READERS)
    assert issue.unsure_count <= 2
