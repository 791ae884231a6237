"""The timetable: each line runs when it is due, once, whoever fails or dies; the desk sees when nobody runs it."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from news.models import ScheduledRun
from news.services import outbox, timetable
from news.services.timetable import HOUR, MINUTE, Line
from news.tests.make import NOW
from news.tests.post_office import run_worker

pytestmark = pytest.mark.django_db


class Work:
    """Counts its calls."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, at: Any) -> None:
        self.count += 1


def fail(at: Any) -> None:
    raise KeyError("@".join(("mai.bi.mat", "example.vn")))


def test_a_line_runs_when_it_is_due_and_one_that_fails_stops_no_other(caplog: Any) -> None:
    often, seldom = Work(), Work()
    lines = (
        Line("hong", "Hỏng", fail, MINUTE),
        Line("hay", "Hay", often, MINUTE),
        Line("it", "Ít", seldom, HOUR),
    )
    assert timetable.run_due(at=NOW, lines=lines) == ["hong"]
    assert timetable.run_due(at=NOW + timedelta(seconds=59), lines=lines) == []
    assert timetable.run_due(at=NOW + MINUTE, lines=lines) == ["hong"]
    assert (often.count, seldom.count) == (2, 1)
    assert timetable.run_due(at=NOW + HOUR, lines=lines) == ["hong"]
    assert (often.count, seldom.count) == (3, 2)
    assert [(row.name, row.error, row.held_until) for row in ScheduledRun.objects.order_by("pk")] == [
        ("hong", "KeyError", None),
        ("hay", "", None),
        ("it", "", None),
    ]
    assert "mai.bi.mat@" not in caplog.text


def test_one_that_died_is_taken_up_when_its_hold_ends() -> None:
    work = Work()
    line = Line("viec", "Việc", work, MINUTE, hold=5 * MINUTE)
    ScheduledRun.objects.create(name="viec", started_at=NOW, held_until=NOW + 5 * MINUTE)
    assert timetable.run_due(at=NOW + 4 * MINUTE, lines=(line,)) == []
    assert work.count == 0
    timetable.run_due(at=NOW + 5 * MINUTE, lines=(line,))
    assert work.count == 1


@pytest.mark.django_db(transaction=True)
def test_schedulers_at_one_moment_run_it_once() -> None:
    work, barrier, raised = Work(), threading.Barrier(4), []
    lines = (Line("viec", "Việc", work, MINUTE),)

    def run() -> None:
        try:
            barrier.wait(timeout=60)
            timetable.run_due(at=NOW, lines=lines)
        except Exception as error:  # noqa: BLE001 - the outcome is what the test looks at
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=180)
    assert (raised, work.count) == ([], 1)


@pytest.mark.django_db(transaction=True)
def test_the_command_runs_every_real_line(post_office: Any) -> None:
    outbox.post(kind="test", recipient="mai@example.vn", subject="Thư", text="Thư", at=timezone.now())
    DBTaskResult.objects.all().delete()
    call_command("run_due")
    assert {row.error for row in ScheduledRun.objects.all()} == {""}
    assert ScheduledRun.objects.count() == len(timetable.LINES)
    run_worker()
    assert post_office.recipients == ["mai@example.vn"]
