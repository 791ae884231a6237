"""Moderating: the desk lets comments through, hides them, throws them out, locks writers out, answers, hears appeals.

What may be done is a table; each deed is logged, told to the writer, and refused where a colleague was quicker.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from news import crypto
from news.models import (
    AppealStatus,
    Comment,
    CommentAppeal,
    CommentDeed,
    CommenterStanding,
    CommentReport,
    CommentSetting,
    CommentState,
    CommentStatus,
    CommentSwitch,
    Edition,
    NotificationKind,
    WordRule,
)
from news.models.comment import LONGEST, NEWSROOM
from news.queries import comments as questions
from news.queries.comments import ANSWER, MODERATE
from news.services import chronicling, commenting, contacting, placing
from news.text.normalize import clean_line, clean_text
from news.text.wordlist import key_of
from news.workflow import NotAllowed

SWITCH: Final = "news.change_commentswitch"

REASONS: Final = (
    "Xúc phạm người khác",
    "Ngôn từ thô tục",
    "Thông tin sai sự thật",
    "Lộ thông tin riêng của người khác",
    "Quảng cáo",
    "Không liên quan tới bài",
    "Kích động, chia rẽ",
)
"""What is said most often; free words go as well."""

BLOCK_DAYS: Final = {7: "7 ngày", 30: "30 ngày", 365: "1 năm"}


class Changed(NotAllowed):
    """Somebody changed the comment after the actor saw it; the message says who and what."""


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table: from these states to that one; `done` is what the moderator is told, `key` what they press.

    `refuses`: it is a decision against the writer, which needs a reason that they are told.
    """

    name: str
    label: str
    key: str
    deed: CommentDeed
    sources: frozenset[CommentStatus]
    target: CommentStatus
    done: str
    refuses: bool


_HELD, _SHOWN, _HIDDEN, _SPAM, _WITHDRAWN = CommentStatus

STEPS: Final = (
    Step("approve", "Duyệt", "d", CommentDeed.APPROVE, frozenset({_HELD}), _SHOWN, "Đã duyệt.", refuses=False),
    Step("hide", "Ẩn", "a", CommentDeed.HIDE, frozenset({_HELD, _SHOWN}), _HIDDEN, "Đã ẩn.", refuses=True),
    Step(
        "spam",
        "Đánh dấu rác",
        "r",
        CommentDeed.SPAM,
        frozenset({_HELD, _SHOWN, _HIDDEN}),
        _SPAM,
        "Đã đánh dấu rác.",
        refuses=True,
    ),
    Step("restore", "Khôi phục", "h", CommentDeed.RESTORE, questions.REFUSED, _SHOWN, "Đã khôi phục.", refuses=False),
)
NO_REASON: Final = "Hãy chọn hoặc ghi lý do: người viết sẽ thấy lý do này."

KEEP, KEEP_LABEL, KEEP_KEY, KEPT = "keep", "Để nguyên", "n", "Đã để nguyên và đóng các lời báo xấu."
"""What is done to reports that change nothing: no step, the comment's state stays."""

BY_NAME: Final = {step.name: step for step in STEPS}
_BY_DEED: Final = {step.deed: step for step in STEPS}


def allowed(row: Comment, actor: User) -> list[Step]:
    """The steps the user may take now, in the table's order: one button each."""
    if MODERATE not in actor.granted_permissions:
        return []
    return [step for step in STEPS if row.status in step.sources]


def decide(*, comment_id: int, step: str, actor: User, at: datetime, stamp: str, reason: str = "") -> Comment:
    """Take the step of that name. `stamp` is that of the state the actor looked at; the same step twice is one.

    The writer is told, reports are answered by it, an open appeal as well. Raises `NotAllowed`, `Changed`, `KeyError`
    for a step that is none, `Comment.DoesNotExist`.
    """
    _require(actor, MODERATE)
    taken, reason = BY_NAME[step], clean_line(reason)[:300]
    if taken.refuses and not reason:
        raise NotAllowed(NO_REASON)
    with transaction.atomic():
        row = placing.locked(comment_id)
        if row.status == taken.target and row.decided_by_id == actor.pk and not row.report_count:
            return row
        _same_as_seen(row, stamp, actor)
        if row.status == taken.target and row.report_count:
            raise NotAllowed("Bình luận này có lời báo xấu chưa xem: hãy để nguyên, ẩn hoặc đánh dấu rác.")
        if row.status not in taken.sources:
            raise NotAllowed(f"Bình luận đang ở tình trạng “{row.get_status_display()}” nên không làm được việc này.")
        was = CommentStatus(row.status)
        placing.put(
            row,
            taken.target,
            decided_at=at,
            decided_by=actor,
            reason=reason if taken.refuses else "",
            held_for=[] if taken.target == _SHOWN else row.held_for,
            report_count=0,
        )
        _remember(row, taken, at)
        CommentReport.objects.filter(comment=row, handled_at=None).update(handled_at=at, handled_by=actor)
        commenting.note(row, taken.deed, at, actor, reason)
        _close_appeal(row, taken, actor, at)
        if taken.target == _SHOWN and was == _HELD:
            commenting.tell_of_answer(row, at)
        if taken.target != _SPAM or was == _SHOWN:
            commenting.tell(row, NotificationKind.COMMENT_DECIDED, at, about=row, caused_by=actor.pk)
    return row


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a bulk action: how many it was done to, to how many before, what was refused, in words."""

    count: int
    already: int
    refused: tuple[str, ...]


def decide_many(*, chosen: Iterable[tuple[int, str]], step: str, actor: User, at: datetime, reason: str = "") -> Done:
    """The same step, or `KEEP`, for many comments (number and stamp each), each for itself: a refusal stops no other.

    Raises `NotAllowed` for who may not, `KeyError` for a step that is none.
    """
    _require(actor, MODERATE)
    count, already, refused = 0, 0, []
    for comment_id, stamp in chosen:
        try:
            if step == KEEP:
                was_done = clear_reports(comment_id=comment_id, actor=actor, at=at, stamp=stamp)
            else:
                row = decide(comment_id=comment_id, step=step, actor=actor, at=at, stamp=stamp, reason=reason)
                was_done = row.decided_at == at
        except Comment.DoesNotExist:
            refused.append(f"Không có bình luận số {comment_id}.")
        except NotAllowed as error:
            refused.append(f"Bình luận số {comment_id}: {error}")
        else:
            count += was_done
            already += not was_done
    return Done(count, already, tuple(refused))


def block(*, comment_id: int, days: int, actor: User, at: datetime, stamp: str, reason: str) -> str:
    """Lock the comment's writer out for a while, by account or by mailbox, and hide the comment if readers may see it.

    The writer is told of both; what was done, in words for the moderator. Raises `NotAllowed`, `Changed`,
    `Comment.DoesNotExist`, `KeyError` for a span that is none.
    """
    _require(actor, MODERATE)
    reason, said = clean_line(reason)[:300], BLOCK_DAYS[days]
    if not reason:
        raise NotAllowed("Hãy chọn hoặc ghi lý do.")
    with transaction.atomic():
        row = placing.locked(comment_id)
        _same_as_seen(row, stamp, actor)
        if row.by_newsroom or (row.author is not None and row.author.is_staff):
            raise NotAllowed("Không khóa người của tòa soạn ở đây: việc đó thuộc quản trị tài khoản.")
        standing = _standing(row)
        if standing is None:
            raise NotAllowed("Không còn biết ai viết bình luận này nên không khóa được.")
        standing.blocked_until, standing.reason = at + timedelta(days=days), reason
        standing.save(update_fields=["blocked_until", "reason"])
        commenting.note(row, CommentDeed.BLOCK, at, actor, f"{said}: {reason}")
        done = f"Đã khóa người viết đến {date_format(timezone.localtime(standing.blocked_until), 'j/n/Y')}"
        if row.status not in BY_NAME["hide"].sources:
            commenting.tell(row, NotificationKind.COMMENT_DECIDED, at, about=row, caused_by=actor.pk)
            return f"{done}."
        decide(comment_id=comment_id, step="hide", actor=actor, at=at, stamp=questions.stamp_of(row), reason=reason)
    return f"{done} và ẩn bình luận này."


def unblock(*, standing_id: int, actor: User, at: datetime, reason: str) -> CommenterStanding:
    """Let a writer in again. Raises `NotAllowed`, `CommenterStanding.DoesNotExist`."""
    _require(actor, MODERATE)
    reason = clean_line(reason)[:300]
    if not reason:
        raise NotAllowed("Hãy ghi lý do.")
    with transaction.atomic():
        row = CommenterStanding.objects.select_for_update().get(pk=standing_id)
        if row.blocked_until is not None:
            row.blocked_until, row.reason = None, ""
            row.save(update_fields=["blocked_until", "reason"])
            chronicling.note(row, actor=actor, at=at, said=f"Mở khóa: {reason}")
    return row


def clear_reports(*, comment_id: int, actor: User, at: datetime, stamp: str) -> bool:
    """Say that the reports were looked at and the comment stands as it is; whether there were any.

    `stamp` is that of the state the actor looked at. Raises `NotAllowed`, `Changed`, `Comment.DoesNotExist`.
    """
    _require(actor, MODERATE)
    with transaction.atomic():
        row = placing.locked(comment_id)
        if not row.report_count:
            return False
        _same_as_seen(row, stamp, actor)
        if row.status == CommentStatus.HELD:
            raise NotAllowed("Bình luận đang chờ duyệt: hãy duyệt, ẩn hoặc đánh dấu rác; lời báo xấu cũng đóng theo.")
        open_ones = CommentReport.objects.filter(comment=row, handled_at=None)
        open_ones.update(handled_at=at, handled_by=actor)
        row.report_count = 0
        row.decided_at, row.decided_by = row.decided_at or at, row.decided_by or actor
        row.save(update_fields=["report_count", "decided_at", "decided_by"])
        commenting.note(row, CommentDeed.REPORTS, at, actor)
    return True


def deny_appeal(*, comment_id: int, actor: User, at: datetime, answer: str) -> CommentAppeal:
    """Keep the decision and tell the writer why; to grant an appeal is to restore the comment.

    Raises `NotAllowed`, `CommentAppeal.DoesNotExist`.
    """
    _require(actor, MODERATE)
    answer = clean_line(answer)[:300]
    if not answer:
        raise NotAllowed("Hãy ghi lời trả lời cho người viết.")
    with transaction.atomic():
        row = placing.locked(comment_id)
        appeal = CommentAppeal.objects.select_for_update().get(comment=row)
        if appeal.status != AppealStatus.OPEN:
            raise NotAllowed("Khiếu nại này đã được trả lời.")
        appeal.status, appeal.answer, appeal.answered_at, appeal.answered_by = AppealStatus.DENIED, answer, at, actor
        appeal.save(update_fields=["status", "answer", "answered_at", "answered_by"])
        commenting.note(row, CommentDeed.APPEAL_DENIED, at, actor, answer)
        commenting.tell(row, NotificationKind.COMMENT_DECIDED, at, about=row, caused_by=actor.pk)
    return appeal


def answer(*, comment_id: int, actor: User, at: datetime, body: str) -> Comment:
    """Answer a comment in the newsroom's name; readers see it at once. The same words twice are one answer.

    Raises `NotAllowed`, `Comment.DoesNotExist`.
    """
    _require(actor, ANSWER)
    body = clean_text(body)[:LONGEST]
    if not body.strip():
        raise NotAllowed("Hãy viết lời trả lời.")
    with transaction.atomic():
        answered = placing.locked(comment_id)
        if answered.status != CommentStatus.SHOWN:
            raise NotAllowed("Hãy duyệt bình luận trước khi trả lời.")
        root_id = answered.parent_id or answered.pk
        twin = Comment.objects.filter(parent_id=root_id, by_newsroom=True, body=body).first()
        if twin is not None:
            return twin
        row = Comment(
            article_id=answered.article_id,
            parent_id=root_id,
            answering=answered,
            author=actor,
            by_newsroom=True,
            name=NEWSROOM,
            body=body,
            body_digest=crypto.sha256(body)[:32],
            status=CommentStatus.SHOWN,
            created_at=at,
            decided_at=at,
            decided_by=actor,
        )
        placing.add(row)
        commenting.note(row, CommentDeed.WRITE, at, actor)
        commenting.tell_of_answer(row, at)
    return row


def contact_of(*, comment_id: int, actor: User, at: datetime) -> str:
    """The address a guest gave, for who moderates; "" once it is erased. That it was looked at is logged before.

    Raises `NotAllowed`, `Comment.DoesNotExist`.
    """
    _require(actor, MODERATE)
    with transaction.atomic():
        row = placing.locked(comment_id)
        if row.contact is None:
            return ""
        commenting.note(row, CommentDeed.LOOK, at, actor)
    try:
        return contacting.read(row.contact)["email"]
    except crypto.Undecryptable:
        raise NotAllowed("Không mở được thông tin liên hệ: máy chủ thiếu khóa. Hãy báo cho quản trị.") from None


def switch(
    *, article_id: int, state: CommentState, closes_at: datetime | None, actor: User, at: datetime, reason: str
) -> CommentSwitch:
    """Open, close or turn off the comments of one article that readers see or saw, at once. Raises `NotAllowed`."""
    _require(actor, SWITCH)
    reason = clean_line(reason)[:300]
    if not reason:
        raise NotAllowed("Hãy ghi lý do.")
    if not Edition.objects.filter(article_id=article_id).exists():
        raise NotAllowed("Bài này chưa từng đăng nên chưa có bình luận.")
    with transaction.atomic():
        row, _ = CommentSwitch.objects.update_or_create(
            article_id=article_id,
            defaults={
                "state": state,
                "closes_at": closes_at if state == CommentState.OPEN else None,
                "reason": reason,
                "changed_by": actor,
                "changed_at": at,
            },
        )
    return row


def keep_word(*, rule: WordRule, actor: User) -> WordRule:
    """Save a word of the list, in the form in which it is looked for. Raises `NotAllowed`."""
    _require(actor, "news.change_wordrule")
    rule.pattern, rule.note = key_of(rule.pattern), clean_line(rule.note)
    with transaction.atomic():
        rule.save()
    return rule


def keep_setting(*, setting: CommentSetting, actor: User) -> CommentSetting:
    """Save what holds for a section or the site. Raises `NotAllowed`."""
    _require(actor, "news.change_commentsetting")
    with transaction.atomic():
        setting.save()
    return setting


def _require(actor: User, right: str) -> None:
    if right not in actor.granted_permissions:
        raise NotAllowed("Bạn không có quyền làm việc này với bình luận.")


def _same_as_seen(row: Comment, stamp: str, actor: User) -> None:
    parts = questions.changed_parts(stamp, questions.stamp_of(row))
    if not parts:
        return
    deed = questions.last_deed(row.pk)
    if deed is None or deed.actor is None:
        who = "Người viết"
    elif deed.actor_id == actor.pk:
        who = "Chính bạn (ở trang khác)"
    else:
        who = deed.actor.get_full_name()
    when = date_format(timezone.localtime(deed.at), "DATETIME_FORMAT") if deed else "vừa xong"
    raise Changed(f"{who} lúc {when} đã thay đổi bình luận này sau khi bạn mở: {', '.join(parts)}.")


def _standing(row: Comment) -> CommenterStanding | None:
    """How its writer's comments fared, made if there is nothing yet, locked; None where nobody knows the writer."""
    if row.author_id is not None:
        found, _ = CommenterStanding.objects.get_or_create(user_id=row.author_id)
    elif row.contact is not None and row.contact.email_digest:
        found, _ = CommenterStanding.objects.get_or_create(mailbox=row.contact.email_digest)
    else:
        return None
    return CommenterStanding.objects.select_for_update().get(pk=found.pk)


def _remember(row: Comment, step: Step, at: datetime) -> None:
    """Count the decision for its writer; the one before it, if it was another, is taken back.

    What the word list decided was never counted, so there is nothing of it to take back.
    """
    standing = None if row.by_newsroom else _standing(row)
    if standing is None:
        return
    deed = row.events.filter(deed__in=_BY_DEED).order_by("-pk").values_list("deed", flat=True).first()
    before = _BY_DEED[CommentDeed(deed)] if deed is not None else None
    if before is not None and before.refuses == step.refuses:
        return
    if before is not None and before.refuses:
        standing.refused = max(0, standing.refused - 1)
        standing.refused_at = standing.refused_at if standing.refused else None
    elif before is not None:
        standing.approved = max(0, standing.approved - 1)
    if step.refuses:
        standing.refused += 1
        standing.refused_at = at
    else:
        standing.approved += 1
    standing.save(update_fields=["approved", "refused", "refused_at"])


def _close_appeal(row: Comment, step: Step, actor: User, at: datetime) -> None:
    if step.refuses:
        return
    CommentAppeal.objects.filter(comment=row, status=AppealStatus.OPEN).update(
        status=AppealStatus.UPHELD, answered_at=at, answered_by=actor
    )
