"""The month's letters in figures: received, answered in time and late, still open; by kind and by section. Read-only.

A letter belongs to the month in which it came. Spam is told apart and counted nowhere else. A letter that was opened
again is judged by its newest deadline and answer; one that was merged and not answered with its main letter stands as
that one does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from django.db.models import F
from django.utils import timezone

from news.models import Feedback, FeedbackKind, FeedbackStatus
from news.queries.deadlines import Clock, clock
from news.queries.feedback import WAITING, reference_of
from news.text.spreadsheet import Cell, to_csv, to_xlsx

IN_TIME, LATE, OPEN, OVERDUE, CLOSED, SPAM = (
    "trả lời đúng hạn",
    "trả lời quá hạn",
    "đang xử lý, còn hạn",
    "đang xử lý, quá hạn",
    "kết thúc, không trả lời",
    "thư rác",
)
GENERAL: Final = "Gửi chung, không về bài nào"


@dataclass(frozen=True, slots=True)
class Line:
    """One letter of the month; nothing of who wrote it, no word of it. `days`: working days until its answer.

    `reference` is the year and the number: the desk finds the letter by it, and nobody follows one by it.
    """

    reference: str
    kind: str
    section: str
    received_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    outcome: str
    days: int | None
    rating: int | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many letters of a group came to what. `received` is the sum of the five that follow it."""

    name: str
    received: int
    in_time: int
    late: int
    open: int
    overdue: int
    closed: int
    spam: int
    average_days: float | None
    average_rating: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """A month of letters."""

    month: date
    lines: tuple[Line, ...]
    total: Tally
    by_kind: tuple[Tally, ...]
    by_section: tuple[Tally, ...]

    @property
    def name(self) -> str:
        """ "11/2026"."""
        return f"{self.month.month}/{self.month.year}"


def month_after(month: date) -> date:
    """The first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def month_before(month: date) -> date:
    """The first day of the month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def monthly(month: date, at: datetime) -> Report:
    """The report of the month that begins on that day. Three queries."""
    by = clock()
    start, end = (timezone.make_aware(datetime.combine(day, time())) for day in (month, month_after(month)))
    rows = (
        Feedback.objects.filter(received_at__gte=start, received_at__lt=end)
        .order_by("received_at", "pk")
        .annotate(section=F("article__section__name"))
        .values_list(
            "pk",
            "kind",
            "section",
            "received_at",
            "due_at",
            "answered_at",
            "status",
            "rating",
            "merged_into__due_at",
            "merged_into__status",
        )
    )
    lines = tuple(_line(*row, by=by, at=at) for row in rows)
    kinds = [FeedbackKind(kind).label for kind in FeedbackKind]
    sections = sorted({line.section for line in lines}, key=lambda name: (name == GENERAL, name))
    return Report(
        month=month,
        lines=lines,
        total=_tally("Tất cả", lines),
        by_kind=tuple(_tally(name, (line for line in lines if line.kind == name)) for name in kinds),
        by_section=tuple(_tally(name, (line for line in lines if line.section == name)) for name in sections),
    )


def _line(
    pk: int,
    kind: str,
    section: str | None,
    received_at: datetime,
    due_at: datetime | None,
    answered_at: datetime | None,
    status: str,
    rating: int | None,
    main_due_at: datetime | None,
    main_status: str | None,
    *,
    by: Clock,
    at: datetime,
) -> Line:
    if answered_at is None:
        due_at, status = main_due_at or due_at, main_status or status
    if status == FeedbackStatus.SPAM:
        outcome = SPAM
    elif answered_at is not None:
        outcome = IN_TIME if due_at is None or answered_at <= due_at else LATE
    elif status in WAITING:
        outcome = OVERDUE if due_at is not None and due_at < at else OPEN
    else:
        outcome = CLOSED
    return Line(
        reference=reference_of(timezone.localtime(received_at), pk),
        kind=FeedbackKind(kind).label,
        section=section or GENERAL,
        received_at=received_at,
        due_at=due_at,
        answered_at=answered_at,
        outcome=outcome,
        days=by.days_taken(received_at, answered_at) if answered_at else None,
        rating=rating,
    )


def _tally(name: str, lines: Iterable[Line]) -> Tally:
    found = list(lines)
    count = {outcome: sum(line.outcome == outcome for line in found) for outcome in _OUTCOMES}
    days = [line.days for line in found if line.days is not None and line.outcome != SPAM]
    ratings = [line.rating for line in found if line.rating is not None and line.outcome != SPAM]
    return Tally(
        name=name,
        received=len(found) - count[SPAM],
        in_time=count[IN_TIME],
        late=count[LATE],
        open=count[OPEN],
        overdue=count[OVERDUE],
        closed=count[CLOSED],
        spam=count[SPAM],
        average_days=round(sum(days) / len(days), 1) if days else None,
        average_rating=round(sum(ratings) / len(ratings), 1) if ratings else None,
    )


_OUTCOMES: Final = (IN_TIME, LATE, OPEN, OVERDUE, CLOSED, SPAM)

# --- As files --------------------------------------------------------------------------------------------

_COUNTED: Final = (
    "Nhóm", "Đã nhận", "Trả lời đúng hạn", "Trả lời quá hạn", "Đang xử lý, còn hạn", "Đang xử lý, quá hạn",
    "Kết thúc, không trả lời", "Thư rác (không tính)", "Số ngày làm việc trung bình", "Điểm trung bình",
)  # fmt: skip
_LETTERS: Final = ("Số", "Loại", "Chuyên mục", "Nhận lúc", "Hạn", "Trả lời lúc", "Kết quả", "Số ngày làm việc", "Điểm")


def as_csv(report: Report) -> bytes:
    """The letters of the month, a row each."""
    return to_csv([_LETTERS, *_letter_rows(report)])


def as_xlsx(report: Report) -> bytes:
    """A sheet of the figures, a sheet of the letters."""
    figures: list[tuple[Cell, ...]] = [_COUNTED, _figures(report.total)]
    figures += [_figures(tally) for tally in report.by_kind]
    figures += [_figures(tally) for tally in report.by_section]
    name = f"Tháng {report.month.month}-{report.month.year}"
    return to_xlsx([(name, figures), ("Từng thư", [_LETTERS, *_letter_rows(report)])])


def _figures(tally: Tally) -> tuple[Cell, ...]:
    return (
        tally.name, tally.received, tally.in_time, tally.late, tally.open, tally.overdue, tally.closed, tally.spam,
        tally.average_days, tally.average_rating,
    )  # fmt: skip


def _letter_rows(report: Report) -> list[tuple[Cell, ...]]:
    return [
        (
            line.reference,
            line.kind,
            line.section,
            _moment(line.received_at),
            _moment(line.due_at),
            _moment(line.answered_at),
            line.outcome,
            line.days,
            line.rating,
        )
        for line in report.lines
    ]


def _moment(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%d/%m/%Y %H:%M}" if moment else ""
