"""Feedback: readers' letters come in, with who wrote them kept apart, encrypted, and what they agreed to.

The desk takes them on and writes back; who wrote follows them by code and address.
"""

import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from textwrap import wrap
from typing import Final

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from news import crypto, ratelimit
from news.models import (
    Article,
    ConsentText,
    Feedback,
    FeedbackAnswer,
    FeedbackKind,
    FeedbackStatus,
    ReaderContact,
)
from news.queries import addresses
from news.queries import feedback as questions
from news.queries.feedback import ANSWER, HANDLE
from news.queries.site import site
from news.services import consenting, contacting, mailing, outbox
from news.text.mailbox import mailbox
from news.text.normalize import clean_line, clean_text
from news.text.strangers import without_links
from news.workflow import NotAllowed

FORM = "phan-hoi"
HOURLY, DAILY = 5, 20
LOOK_UPS: Final = 10
TWIN_SECONDS: Final = 600
"""Tries of one network in ten minutes, and of one code in an hour."""
QUOTE: Final = 76
"""The longest line of a quoted letter, before its mark."""


class TooMany(Exception):
    """More tries than anybody makes; the message says when to come back."""


class Changed(NotAllowed):
    """Somebody changed the letter after the actor opened it; the message says who and what."""


class NobodyToAnswer(NotAllowed):
    """The sender's details are gone."""

    def __init__(self) -> None:
        super().__init__("Thông tin liên hệ của người gửi đã được xóa nên không gửi thư trả lời được.")


class NoAddress(NotAllowed):
    """No mail can go to what the sender wrote as an address."""

    def __init__(self) -> None:
        super().__init__("Không gửi thư được tới địa chỉ mà người gửi đã ghi. Hãy liên hệ bằng cách khác.")


class Unreadable(NotAllowed):
    """The key ring lacks the key of these details."""

    def __init__(self) -> None:
        super().__init__("Không mở được thông tin liên hệ: máy chủ thiếu khóa. Hãy báo cho quản trị.")


# --- From the reader -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Letter:
    """What a reader wrote, as the form let it through. `is_suspect`: a field no person sees was filled."""

    kind: FeedbackKind
    body: str
    name: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    address: str = field(repr=False)
    is_suspect: bool


def receive(
    *,
    letter: Letter,
    article: Article | None,
    consent: ConsentText,
    purposes: Iterable[str],
    address: str,
    sender: str,
    at: datetime,
) -> Feedback:
    """Keep a letter and mail its code to who wrote it; the code tells the year, its number and a part nobody guesses.

    `consent` is the wording the reader saw, `purposes` what of it they agreed to, `address` the form's path, `sender`
    the network address (it is only counted, under a hashed key). Beyond the limit of mails to one address the letter is
    kept and nothing is mailed; so too where the letter is suspect, since then the address is hardly the writer's.
    Raises `TooMany`, `consenting.NotAgreed`.
    """
    network = ratelimit.network_of(sender)
    if not ratelimit.allow("feedback-hour", network, limit=HOURLY, seconds=3600):
        raise TooMany("Bạn đã gửi nhiều phản hồi trong thời gian ngắn. Hãy thử lại sau một giờ.")
    if not ratelimit.allow("feedback-day", network, limit=DAILY, seconds=86400):
        raise TooMany("Hôm nay bạn đã gửi nhiều phản hồi. Hãy thử lại vào ngày mai.")
    details = {
        "name": clean_line(letter.name),
        "email": clean_line(letter.email),
        "phone": clean_line(letter.phone),
        "address": clean_line(letter.address),
    }
    # A bad line makes browsers send a letter twice; the second one is the first.
    words = "\0".join([network, str(article.pk if article else 0), letter.body, *details.values()])
    twin = f"letter:{crypto.digest(words)[:40]}"
    if (known := Feedback.objects.filter(pk=cache.get(twin, 0)).first()) is not None:
        return known
    with transaction.atomic():
        contact = contacting.keep(details=details, keep_until=None, at=at)
        consenting.record(contact=contact, text=consent, purposes=purposes, address=address, at=at)
        row = Feedback.objects.create(
            code=secrets.token_hex(16),
            article=article,
            contact=contact,
            kind=letter.kind,
            body=clean_text(letter.body),
            status=FeedbackStatus.SPAM if letter.is_suspect else FeedbackStatus.NEW,
            received_at=at,
        )
        unguessable = "".join(secrets.choice(questions.CODE_LETTERS) for _ in range(8))
        row.code = questions.code_of(timezone.localtime(at), row.pk, unguessable)
        row.save(update_fields=["code"])
        if not letter.is_suspect:
            _acknowledge(row, details["email"], at)
    cache.set(twin, row.pk, timeout=TWIN_SECONDS)
    return row


def _acknowledge(row: Feedback, email: str, at: datetime) -> None:
    """Mail the code, with nothing in it that the visitor wrote: the address may be somebody else's."""
    if not outbox.may_receive("accepts", mailbox(email)):
        return
    with suppress(outbox.BadMail):  # an address that no mail can go to; the code is on the page all the same
        _mail("feedback_receipt", f"Đã nhận phản hồi {row.code}", email, row, at)


def follow(*, code: str, email: str, sender: str, at: datetime) -> questions.Followed | None:
    """The letter of that code if that address wrote it, else None. Raises `TooMany`.

    `sender` is the network address of who asks; tries are counted by it and by the code, known or not.
    """
    network = ratelimit.network_of(sender)
    if not ratelimit.allow("follow-network", network, limit=LOOK_UPS, seconds=600):
        raise TooMany("Bạn đã tra cứu nhiều lần trong thời gian ngắn. Hãy thử lại sau mười phút.")
    if not ratelimit.allow("follow-code", questions.tidy_code(code) or code, limit=LOOK_UPS, seconds=3600):
        raise TooMany("Mã này vừa được tra cứu nhiều lần. Hãy thử lại sau một giờ.")
    return questions.followed(code, email, at)


# --- The desk --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the workflow of letters: from these states to that one; `done` is what the user is told."""

    name: str
    label: str
    sources: frozenset[FeedbackStatus]
    target: FeedbackStatus
    done: str


_NEW, _OPEN, _ANSWERED, _CLOSED, _SPAM = FeedbackStatus

WAITING: Final = frozenset({_NEW, _OPEN})
ANSWERABLE: Final = WAITING | {_ANSWERED}

STEPS: Final = (
    Step("take", "Nhận xử lý", WAITING, _OPEN, "Bạn đã nhận xử lý thư này."),
    Step("close", "Kết thúc", ANSWERABLE, _CLOSED, "Đã kết thúc việc xử lý thư."),
    Step("spam", "Thư rác", WAITING, _SPAM, "Đã chuyển vào thư rác."),
    Step("reopen", "Mở lại", frozenset({_ANSWERED, _CLOSED, _SPAM}), _OPEN, "Đã mở lại thư."),
)
BY_NAME: Final = {step.name: step for step in STEPS}


@dataclass(frozen=True, slots=True)
class Handling:
    """What the desk notes about a letter."""

    owner: User | None
    due_at: datetime | None
    internal_note: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote a letter, opened; never part of a representation."""

    name: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    address: str = field(repr=False)


def allowed(letter: Feedback, actor: User) -> list[Step]:
    """The steps the user may take now, in the table's order: one button each."""
    if HANDLE not in actor.granted_permissions:
        return []
    own = letter.owner_id == actor.pk and letter.status == FeedbackStatus.OPEN
    return [step for step in STEPS if letter.status in step.sources and not (step.name == "take" and own)]


def answer_refusal(letter: Feedback, actor: User) -> str:
    """Why the user may not write back now, in Vietnamese; "" when they may."""
    if not actor.granted_permissions >= {HANDLE, ANSWER}:
        return "Bạn không có quyền trả lời phản hồi."
    if letter.status not in ANSWERABLE:
        return f"Thư đang ở tình trạng “{letter.get_status_display()}”: hãy mở lại trước khi trả lời."
    return str(NobodyToAnswer()) if letter.contact_id is None else ""


def sender_of(*, letter: Feedback, actor: User, at: datetime) -> Sender | None:
    """Who wrote the letter, for who works on it; None once the details are erased.

    That they were opened is in the admin's history before anybody sees them. Raises `NotAllowed`, `Unreadable`.
    """
    _require(actor)
    contact = ReaderContact.objects.filter(pk=letter.contact_id).first() if letter.contact_id else None
    if contact is None:
        return None
    details = _opened(contact)
    _note(letter, actor, at, questions.SEEN)
    return Sender(**details)


def handle(*, feedback_id: int, actor: User, at: datetime, stamp: str, handling: Handling, step: str = "") -> Feedback:
    """Keep who is in charge, until when, and the note; then take the step of that name, if one is named.

    `stamp` is that of the state the actor looked at; a second click on the same button changes nothing and is no
    error. Raises `NotAllowed`, `Changed`, and `KeyError` for a step that is none.
    """
    _require(actor)
    taken = BY_NAME[step] if step else None
    with transaction.atomic():
        row = _locked(feedback_id)
        if _is_done(row, actor, handling, taken):
            return row
        _same_as_seen(row, stamp, actor)
        said = _keep(row, handling)
        if taken is not None:
            if row.status not in taken.sources:
                raise NotAllowed(f"Thư đang ở tình trạng “{row.get_status_display()}” nên không làm được việc này.")
            row.status = taken.target
            if taken.name == "take":
                row.owner = actor
            said = f"{taken.label}. {said}".strip()
        row.save(update_fields=["owner", "due_at", "internal_note", "status"])
        if said:
            _note(row, actor, at, said)
    return row


def answer(*, feedback_id: int, actor: User, at: datetime, stamp: str, handling: Handling, body: str) -> FeedbackAnswer:
    """Write back: the answer is kept and mailed in one transaction; a letter that nobody had in charge is the actor's.

    The same words sent twice from one page (a double click) are one answer. Raises `NotAllowed`, `Changed`,
    `NobodyToAnswer`, `NoAddress`, `Unreadable`.
    """
    _require(actor)
    body = clean_text(body)
    if not body.strip():
        raise NotAllowed("Hãy viết lời đáp trước khi gửi.")
    with transaction.atomic():
        row = _locked(feedback_id)
        last = row.answers.order_by("-id").first()
        if last is not None and (last.body, last.answered_by_id) == (body, actor.pk) and _is_old(stamp, row, last):
            return last
        _same_as_seen(row, stamp, actor)
        refusal = answer_refusal(row, actor)
        if refusal:
            raise NotAllowed(refusal)
        if row.contact is None:
            raise NobodyToAnswer
        email = _opened(row.contact)["email"]
        said = _keep(row, handling)
        written = FeedbackAnswer.objects.create(feedback=row, body=body, answered_by=actor, answered_at=at)
        row.status, row.answered_at = FeedbackStatus.ANSWERED, at
        row.owner = row.owner or actor
        row.save(update_fields=["owner", "due_at", "internal_note", "status", "answered_at"])
        _note(row, actor, at, f"Gửi trả lời. {said}".strip())
        try:
            _mail("feedback_answer", f"Trả lời phản hồi {row.code}", email, row, at, answer=body)
        except outbox.BadMail:
            raise NoAddress from None
    return written


def _require(actor: User) -> None:
    if HANDLE not in actor.granted_permissions:
        raise NotAllowed("Bạn không có quyền xử lý phản hồi.")


def _locked(feedback_id: int) -> Feedback:
    """The letter, locked until the transaction ends. Raises `Feedback.DoesNotExist`."""
    return Feedback.objects.select_for_update(of=("self",)).select_related("contact", "owner").get(pk=feedback_id)


def _stamp(row: Feedback) -> str:
    last = row.answers.order_by("-id").values_list("pk", flat=True).first()
    return questions.stamp_of(row, last or 0)


def _is_old(stamp: str, row: Feedback, last: FeedbackAnswer) -> bool:
    """Whether the page with that stamp was opened before the last answer was sent."""
    return questions.PARTS[-1] in questions.changed_parts(stamp, questions.stamp_of(row, last.pk))


def _same_as_seen(row: Feedback, stamp: str, actor: User) -> None:
    parts = questions.changed_parts(stamp, _stamp(row))
    if parts:
        raise Changed(_who_changed(row, parts, actor))


def _is_done(row: Feedback, actor: User, handling: Handling, step: Step | None) -> bool:
    """Whether the letter already is what is asked for: nothing to save, or a second click on the same button."""
    owner = actor if step is not None and step.name == "take" else handling.owner
    return (row.status, row.owner_id, row.due_at, row.internal_note) == (
        step.target if step is not None else row.status,
        owner.pk if owner is not None else None,
        handling.due_at,
        clean_text(handling.internal_note),
    )


def _who_changed(row: Feedback, parts: tuple[str, ...], actor: User) -> str:
    entry = questions.last_change(row.pk)
    if entry is None:
        who = "Có người vừa"
    else:
        name = "Chính bạn (ở trang khác)" if entry.user_id == actor.pk else entry.user.get_full_name()
        who = f"{name} lúc {date_format(timezone.localtime(entry.action_time), 'DATETIME_FORMAT')} đã"
    return f"{who} sửa thư này sau khi bạn mở: {', '.join(parts)}."


def _keep(row: Feedback, handling: Handling) -> str:
    """Take over what the desk notes; what of it is new, in words for the history."""
    note = clean_text(handling.internal_note)
    owner = handling.owner
    owner_id = owner.pk if owner else None
    if owner is not None and owner_id != row.owner_id and HANDLE not in owner.granted_permissions:
        raise NotAllowed(f"{owner.get_full_name()} không có quyền xử lý phản hồi nên không phụ trách được.")
    new = [
        name
        for name, before, after in (
            ("người phụ trách", row.owner_id, owner_id),
            ("hạn trả lời", row.due_at, handling.due_at),
            ("ghi chú nội bộ", row.internal_note, note),
        )
        if before != after
    ]
    row.owner, row.due_at, row.internal_note = owner, handling.due_at, note
    return f"Sửa {', '.join(new)}." if new else ""


def _note(row: Feedback, actor: User, at: datetime, said: str) -> None:
    """Write into the admin's history what was done, in the same transaction; never whose letter it is."""
    LogEntry.objects.create(
        user=actor,
        content_type=ContentType.objects.get_for_model(Feedback),
        object_id=str(row.pk),
        object_repr=str(row),
        action_flag=CHANGE,
        change_message=said,
        action_time=at,
    )


def _opened(contact: ReaderContact) -> dict[str, str]:
    try:
        return contacting.read(contact)
    except crypto.Undecryptable:
        raise Unreadable from None


def _quoted(body: str) -> list[str]:
    """The letter in short lines without links: whoever gave the address may not have been its owner."""
    lines = [wrap(line, QUOTE, break_long_words=False, break_on_hyphens=False) or [""] for line in body.split("\n")]
    return [without_links(piece) for pieces in lines for piece in pieces]


def _mail(kind: str, subject: str, recipient: str, row: Feedback, at: datetime, *, answer: str = "") -> None:
    """One mail about a letter, part of the caller's transaction; what the reader wrote is quoted without its links."""
    frame = site(at)
    seen = questions.about(row.article_id, at) if row.article_id else None
    context = {
        "site": frame,
        "masthead": frame.name,
        "letter": row,
        "title": seen.title if seen else "",
        "address": addresses.absolute(reverse("feedback_follow")),
        "answer": answer,
        "quoted": [f"> {line}".rstrip() for line in _quoted(row.body)],
    }
    words = mailing.words(kind, context)
    outbox.post(
        kind=kind,
        recipient=recipient,
        subject=subject,
        text=words.text,
        html=words.html,
        at=at,
        reply_to=frame.email,
    )
