"""Merging: letters about one thing become one; whoever wrote any of them follows the main one and gets its answer."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from news.models import Feedback, FeedbackStatus
from news.queries.feedback import WAITING
from news.services import chronicling, deadlines, feedback
from news.workflow import NotAllowed


def merge(*, feedback_id: int, into_id: int, actor: User, at: datetime) -> Feedback:
    """Merge one letter into another, with those that were merged into it before; the main letter.

    The main letter keeps the earlier of the two deadlines, and must still wait: an answer that has gone out would never
    reach who wrote the other. Doing it twice is no error. Raises `NotAllowed`, `Feedback.DoesNotExist`.
    """
    feedback.require(actor)
    if feedback_id == into_id:
        raise NotAllowed("Không gộp được một thư vào chính nó.")
    with transaction.atomic():
        rows = {row.pk: row for row in _both(feedback_id, into_id)}
        if len(rows) != 2:
            raise Feedback.DoesNotExist
        row, main = rows[feedback_id], rows[into_id]
        if row.merged_into_id == main.pk:
            return main
        if main.merged_into_id is not None:
            raise NotAllowed(f"Thư {main.code} đã được gộp vào thư khác: hãy gộp vào thư chính.")
        if main.status == FeedbackStatus.SPAM:
            raise NotAllowed(f"Thư {main.code} là thư rác.")
        if row.status == FeedbackStatus.MERGED:
            raise NotAllowed("Thư này đã được gộp: hãy mở lại trước khi gộp vào thư khác.")
        if row.status not in WAITING:
            raise NotAllowed(f"Thư đang ở tình trạng “{row.get_status_display()}” nên không gộp được.")
        if main.status not in WAITING:
            raise NotAllowed(_too_late(row, main, actor))
        row.status, row.merged_into, row.merged_at = FeedbackStatus.MERGED, main, at
        row.queue_at = deadlines.queue_place(row)
        row.save(update_fields=["status", "merged_into", "merged_at", "queue_at"])
        row.merged.update(merged_into=main, merged_at=at)
        if row.due_at and main.due_at and row.due_at < main.due_at:
            main.due_at = row.due_at
            main.queue_at = deadlines.queue_place(main)
            main.save(update_fields=["due_at", "queue_at"])
        chronicling.note(row, actor=actor, at=at, said=f"Gộp vào thư {main.code}.")
        chronicling.note(main, actor=actor, at=at, said=f"Nhận thư {row.code} gộp vào.")
    return main


def _too_late(row: Feedback, main: Feedback, actor: User) -> str:
    """Why a letter is not merged into one that waits no more, and what can be done instead."""
    ways = [] if feedback.answer_refusal(row, actor) else ["trả lời thẳng thư này"]
    if any(step.name == "reopen" for step in feedback.allowed(main, actor)):
        ways.append(f"mở lại thư {main.code} rồi gộp")
    said = (
        f"Thư {main.code} đang ở tình trạng “{main.get_status_display()}”: gộp vào đó thì người gửi thư này không nhận"
        " được lời đáp."
    )
    return f"{said} Hãy {', hoặc '.join(ways)}." if ways else said


def _both(one: int, two: int) -> list[Feedback]:
    """The two letters, locked in the order of their numbers."""
    return list(Feedback.objects.select_for_update(of=("self",)).filter(pk__in=[one, two]).order_by("pk"))
