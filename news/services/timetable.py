"""The timetable: what comes round, a line each. `manage.py run_due`, once a minute, runs what is due.

A line is claimed by one conditional UPDATE, so that two schedulers at one moment run it once; whoever holds it and dies
lets go of it at the end of its hold. The pages of the desk say when each line ran last: nobody else would notice that
no scheduler runs.
"""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.management import call_command
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from news.models import ScheduledRun
from news.services import (
    dispatching,
    drafting,
    enclosing,
    feedback,
    filing,
    leaving,
    notifying,
    outbox,
    rendering,
    retaining,
    subscribing,
)

log = logging.getLogger(__name__)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GRACE: Final = timedelta(minutes=10)
"""How much later than due a line may begin before it counts as late."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that comes round: `work(at)` is called every so often, and has `hold` to finish in."""

    name: str
    label: str
    work: Callable[[datetime], Any]
    every: timedelta
    hold: timedelta = HOUR


def _prune_tasks(at: datetime) -> None:
    """Forget what the task worker has done: two rows a mail, with numbers in them only."""
    call_command("prune_db_task_results", queue_name="*", min_age_days=3, failed_min_age_days=30, verbosity=0)


LINES: Final = (
    Line("outbox", "Gửi thư còn chờ", lambda at: outbox.sweep_due(at=at), 5 * MINUTE),
    Line("newsletter", "Gửi bản tin đến giờ", lambda at: dispatching.look(at=at), MINUTE, 10 * MINUTE),
    Line("unconfirmed", "Xóa đăng ký bản tin không xác nhận", lambda at: subscribing.sweep(at=at), HOUR),
    Line("deliveries", "Xóa lượt gửi bản tin đã cũ", lambda at: dispatching.prune(at=at), DAY),
    Line("renditions", "Làm bản thu nhỏ còn thiếu", lambda at: rendering.render_all_missing(at=at), DAY, 6 * HOUR),
    Line("files", "Xóa tệp tải lên không dùng", lambda at: filing.sweep(at=at), DAY),
    Line("drafts", "Xóa bản gõ dở đã cũ", lambda at: drafting.sweep(at=at), DAY),
    Line("retention", "Xóa dữ liệu bạn đọc hết hạn lưu giữ", lambda at: retaining.enforce(at=at), DAY, 6 * HOUR),
    Line("accounts", "Xóa đăng ký không ai xác nhận, phiên đã hết", lambda at: leaving.sweep(at=at), DAY),
    Line("followed", "Gửi thư về những gì bạn đọc theo dõi", lambda at: notifying.send_digests(at=at), HOUR),
    Line("feedback", "Nhắc hạn xử lý phản hồi", lambda at: feedback.remind_due(at=at), 10 * MINUTE),
    Line("enclosures", "Xóa tệp kèm thư rác", lambda at: enclosing.sweep(at=at), DAY),
    Line("tasks", "Xóa dấu vết tác vụ đã xong", _prune_tasks, DAY),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a line stands: `state` is "late", "failed", "running", "well"."""

    label: str
    every: timedelta
    started_at: datetime | None
    finished_at: datetime | None
    error: str
    state: str

    @property
    def period(self) -> str:
        """How often, in words."""
        minutes = int(self.every.total_seconds() // 60)
        for size, word in ((1440, "ngày"), (60, "giờ"), (1, "phút")):
            if minutes % size == 0:
                return f"{minutes // size} {word}"
        return f"{minutes} phút"


def run_due(*, at: datetime, lines: tuple[Line, ...] = LINES) -> list[str]:
    """Run every line that is due, one after the other; the names of those that failed.

    What a line raises is logged without its words, which may quote somebody, and stops no other line.
    """
    known = set(ScheduledRun.objects.values_list("name", flat=True))
    ScheduledRun.objects.bulk_create(
        [ScheduledRun(name=line.name) for line in lines if line.name not in known], ignore_conflicts=True
    )
    return [line.name for line in lines if _claim(line, at) and not _run(line, at)]


def _claim(line: Line, at: datetime) -> bool:
    """Whether this process is the one to run it now."""
    due = Q(started_at=None) | Q(started_at__lte=at - line.every)
    free = Q(held_until=None) | Q(held_until__lte=at)
    with transaction.atomic():
        mine = ScheduledRun.objects.filter(due & free, name=line.name)
        return bool(mine.update(started_at=at, held_until=at + line.hold))


def _run(line: Line, at: datetime) -> bool:
    error = ""
    try:
        line.work(at)
    except Exception as trouble:  # noqa: BLE001 - a line that fails must not take the others with it
        error = type(trouble).__name__
        log.error("%s failed: %s\n%s", line.name, error, "".join(traceback.format_tb(trouble.__traceback__)))
    held = ScheduledRun.objects.filter(name=line.name, started_at=at)
    held.update(finished_at=timezone.now(), held_until=None, error=error)
    return not error


def overview(*, at: datetime, lines: tuple[Line, ...] = LINES) -> list[Standing]:
    """How every line of the table stands, those that never ran too. One query."""
    rows = {row.name: row for row in ScheduledRun.objects.all()}
    return [_standing(line, rows.get(line.name) or ScheduledRun(name=line.name), at) for line in lines]


def is_late(*, at: datetime) -> bool:
    """Whether a line should have run and did not: most likely no scheduler runs. One query."""
    return any(line.state == "late" for line in overview(at=at))


def _standing(line: Line, row: ScheduledRun, at: datetime) -> Standing:
    is_running = row.held_until is not None and row.held_until > at
    is_late = row.started_at is None or row.started_at + line.every + GRACE < at
    if is_late and not is_running:
        state = "late"
    elif row.error:
        state = "failed"
    else:
        state = "running" if is_running else "well"
    return Standing(line.label, line.every, row.started_at, row.finished_at, row.error, state)
