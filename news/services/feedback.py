"""Feedback: readers' letters come in, with who wrote them kept apart, encrypted, and what they agreed to.

The desk takes them on and writes back; who wrote follows them by code and address.
"""

import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from textwrap import wrap
from typing import Any, Final

from django.core.cache import cache
from django.db import transaction
from django.db.models import Model, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from news import crypto, ratelimit
from news.models import (
    Article,
    ConsentText,
    Exchange,
    Feedback,
    FeedbackAnswer,
    FeedbackKind,
    FeedbackNote,
    FeedbackStatus,
    NotificationKind,
    ReaderContact,
)
from news.queries import addresses
from news.queries import feedback as questions
from news.queries.deadlines import clock, due_in_words
from news.queries.feedback import ANSWER, HANDLE, WAITING
from news.queries.site import site
from news.services import chronicling, consenting, contacting, deadlines, enclosing, mailing, notifying, outbox, turns
from news.services.deadlines import remind_due
from news.text import passage as passages
from news.text.contacts import redact, unaddressed
from news.text.mailbox import mailbox
from news.text.normalize import clean_line, clean_text
from news.text.passage import Passage
from news.text.strangers import LINK_GONE, without_links
from news.workflow import NotAllowed

__all__ = [
    "ANSWERABLE", "BY_NAME", "FORM", "STEPS", "WAITING", "Changed", "Handling", "Letter", "NoAddress", "NobodyToAnswer",
    "Sender", "Step", "TooMany", "Unreadable", "Withdrawn", "allowed", "answer", "answer_refusal", "details_of",
    "due_refusal", "erase_of", "follow", "handle", "locked", "quoted", "receive", "remind_due", "require", "send_mail",
    "sender_of",
]  # fmt: skip

FORM: Final = "phan-hoi"
HOURLY, DAILY = 5, 20
LOOK_UPS: Final = 10
"""Tries of one network in ten minutes, and of one code in an hour."""
TWIN_SECONDS: Final = 600
"""How long the same letter of the same sender is known again."""
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


class Withdrawn(NotAllowed):
    """The sender no longer agrees to be written to."""

    def __init__(self) -> None:
        super().__init__("Người gửi đã rút lại sự đồng ý: không dùng thông tin liên hệ của họ nữa, kể cả để trả lời.")


class Unreadable(NotAllowed):
    """The key ring lacks the key of these details."""

    def __init__(self) -> None:
        super().__init__("Không mở được thông tin liên hệ: máy chủ thiếu khóa. Hãy báo cho quản trị.")


# --- From the reader -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Letter:
    """What a reader wrote, as the form let it through. `is_suspect`: a field no person sees was filled.

    `passage`: the words of the article they point at; `account`: who is logged in; `files`: what they enclose
    (Django's `UploadedFile`).
    """

    kind: FeedbackKind
    body: str
    name: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    address: str = field(repr=False)
    is_suspect: bool
    passage: Passage | None = None
    account: User | None = None
    files: tuple[Any, ...] = field(default=(), repr=False)


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
    kept and nothing is mailed; so too where the letter is suspect, since then the address is hardly the writer's; its
    files are not even looked at. Raises `TooMany`, `consenting.NotAgreed`, `enclosing.TooManyFiles`, `BadFile`.
    """
    network = ratelimit.network_of(sender)
    files = enclosing.check(() if letter.is_suspect else letter.files, network=network)
    try:
        return _receive(letter, article, consent, list(purposes), address, network, files, at)
    finally:
        enclosing.close(files)


def _receive(
    letter: Letter,
    article: Article | None,
    consent: ConsentText,
    purposes: list[str],
    address: str,
    network: str,
    files: list[enclosing.Enclosure],
    at: datetime,
) -> Feedback:
    refusal = ratelimit.refusal("feedback", network, hourly=HOURLY, daily=DAILY, deed="gửi nhiều phản hồi")
    if refusal:
        raise TooMany(refusal)
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
    names = enclosing.put(files)
    try:
        with transaction.atomic():
            turns.take(twin)
            known = Feedback.objects.filter(pk=cache.get(twin, 0)).first()
            row = known or _written(letter, article, consent, purposes, address, details, names, at)
            cache.set(twin, row.pk, timeout=TWIN_SECONDS)  # while it is still this letter's turn
    except BaseException:
        enclosing.discard(name for name, _ in names)
        raise
    if known is not None:
        enclosing.discard(name for name, _ in names)
    return row


def _written(
    letter: Letter,
    article: Article | None,
    consent: ConsentText,
    purposes: list[str],
    address: str,
    details: dict[str, str],
    names: list[tuple[str, enclosing.Enclosure]],
    at: datetime,
) -> Feedback:
    """The letter's rows and its first mail, in the caller's transaction."""
    pointed = letter.passage or Passage("")
    with transaction.atomic():
        contact = contacting.keep(details=details, keep_until=None, at=at)
        consenting.record(contact=contact, text=consent, purposes=purposes, address=address, at=at)
        row = Feedback(
            code=secrets.token_hex(16),
            article=article,
            contact=contact,
            kind=letter.kind,
            body=clean_text(letter.body),
            status=FeedbackStatus.SPAM if letter.is_suspect else FeedbackStatus.NEW,
            account=letter.account,
            received_at=at,
            passage=pointed.words[:600],
            passage_before=pointed.before[:120],
            passage_after=pointed.after[:120],
            passage_key=passages.key(pointed.words),
        )
        deadlines.start(row, at=at, by=clock())
        row.queue_at = deadlines.queue_place(row)
        row.save(force_insert=True)
        unguessable = "".join(secrets.choice(questions.CODE_LETTERS) for _ in range(8))
        row.code = questions.code_of(timezone.localtime(at), row.pk, unguessable)
        row.save(update_fields=["code"])
        enclosing.name_in(row, names, at=at)
        if not letter.is_suspect:
            _acknowledge(row, details["email"], at)
    return row


def _acknowledge(row: Feedback, email: str, at: datetime) -> None:
    """Mail the code, with nothing in it that the visitor wrote: the address may be somebody else's."""
    if not outbox.may_receive("accepts", mailbox(email)):
        return
    with suppress(outbox.BadMail):  # an address that no mail can go to; the code is on the page all the same
        send_mail("feedback_receipt", f"Đã nhận phản hồi {row.code}", email, row, at)


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


_NEW, _OPEN, _ANSWERED, _CLOSED, _SPAM, _MERGED = FeedbackStatus

ANSWERABLE: Final = WAITING | {_ANSWERED}

STEPS: Final = (
    Step("take", "Nhận xử lý", WAITING, _OPEN, "Bạn đã nhận xử lý thư này."),
    Step("close", "Kết thúc", ANSWERABLE, _CLOSED, "Đã kết thúc việc xử lý thư."),
    Step("spam", "Thư rác", WAITING, _SPAM, "Đã chuyển vào thư rác."),
    Step("reopen", "Mở lại", frozenset({_ANSWERED, _CLOSED, _SPAM, _MERGED}), _OPEN, "Đã mở lại thư."),
)
BY_NAME: Final = {step.name: step for step in STEPS}


@dataclass(frozen=True, slots=True)
class Handling:
    """What the desk says of a letter: who has it, until when (None: as the term says), what it is; a note to add."""

    owner: User | None
    due_at: datetime | None
    note: str = ""
    kind: FeedbackKind | None = None


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
    if letter.contact_id is None:
        return str(NobodyToAnswer())
    return str(Withdrawn()) if questions.is_withdrawn(letter.contact_id) else ""


def sender_of(*, letter: Feedback, actor: User, at: datetime) -> Sender | None:
    """Who wrote the letter, for who works on it; None once the details are erased.

    That they were opened is in the admin's history before anybody sees them. Raises `NotAllowed`, `Withdrawn`,
    `Unreadable`.
    """
    require(actor)
    contact = ReaderContact.objects.filter(pk=letter.contact_id).first() if letter.contact_id else None
    if contact is None:
        return None
    if questions.is_withdrawn(contact.pk):
        raise Withdrawn
    details = details_of(contact)
    if not any(details.values()):
        return None
    chronicling.note(letter, actor=actor, at=at, said=questions.SEEN)
    return Sender(**details)


def handle(*, feedback_id: int, actor: User, at: datetime, stamp: str, handling: Handling, step: str = "") -> Feedback:
    """Keep what the desk says of a letter and add its note; then take the step of that name, if one is named.

    `stamp` is that of the state the actor looked at; a second click on the same button changes nothing and is no
    error. Raises `NotAllowed`, `Changed`, and `KeyError` for a step that is none.
    """
    require(actor)
    taken = BY_NAME[step] if step else None
    with transaction.atomic():
        row = locked(feedback_id)
        if _is_done(row, actor, handling, taken):
            return row
        _same_as_seen(row, stamp, actor)
        said = _keep(row, handling, actor, at)
        if taken is not None:
            if row.status not in taken.sources:
                raise NotAllowed(f"Thư đang ở tình trạng “{row.get_status_display()}” nên không làm được việc này.")
            row.status = taken.target
            if taken.name == "take":
                row.owner = actor
            if taken.name == "reopen":
                row.merged_into = row.merged_at = None
                deadlines.start(row, at=at, by=clock())
            said = f"{taken.label}. {said}".strip()
        _save(row)
        if said:
            chronicling.note(row, actor=actor, at=at, said=said)
    return row


def _save(row: Feedback) -> None:
    """Write what the desk may change."""
    row.queue_at = deadlines.queue_place(row)
    row.save(update_fields=["owner", "kind", "status", "merged_into", "merged_at", *deadlines.CLOCK_COLUMNS])


def answer(*, feedback_id: int, actor: User, at: datetime, stamp: str, handling: Handling, body: str) -> FeedbackAnswer:
    """Write back: the answer is kept and mailed in one transaction; a letter that nobody had in charge is the actor's.

    The same words sent twice from one page (a double click) are one answer. Raises `NotAllowed`, `Changed`,
    `NobodyToAnswer`, `NoAddress`, `Unreadable`.
    """
    require(actor)
    body = clean_text(body)
    if not body.strip():
        raise NotAllowed("Hãy viết lời đáp trước khi gửi.")
    with transaction.atomic():
        row = locked(feedback_id)
        last = row.answers.order_by("-id").first()
        if last is not None and (last.body, last.answered_by_id) == (body, actor.pk) and _is_old(stamp, row, last):
            return last
        _same_as_seen(row, stamp, actor)
        refusal = answer_refusal(row, actor)
        if refusal:
            raise NotAllowed(refusal)
        if row.contact is None:
            raise NobodyToAnswer
        details = details_of(row.contact)
        if not details["email"]:
            raise NobodyToAnswer
        said = _keep(row, handling, actor, at)
        written = FeedbackAnswer.objects.create(feedback=row, body=body, answered_by=actor, answered_at=at)
        row.status, row.answered_at = FeedbackStatus.ANSWERED, at
        row.owner = row.owner or actor
        _save(row)
        chronicling.note(row, actor=actor, at=at, said=f"Gửi trả lời. {said}".strip())
        try:
            send_mail("feedback_answer", f"Trả lời phản hồi {row.code}", details["email"], row, at, answer=body)
        except outbox.BadMail:
            raise NoAddress from None
        _notify(row, actor, at)
        _answer_merged(row, redact(unaddressed(body, details.values()), details.values()), actor, at)
    return written


def _notify(row: Feedback, actor: User, at: datetime) -> None:
    if row.account_id is not None:
        notifying.notify(
            user_id=row.account_id,
            kind=NotificationKind.FEEDBACK_ANSWERED,
            at=at,
            feedback_id=row.pk,
            caused_by=actor.pk,
        )


def _answer_merged(main: Feedback, body: str, actor: User, at: datetime) -> None:
    """Who wrote the letters that were merged into this one gets the answer too, each a mail of their own.

    `body` is the answer without the details of who wrote the main letter.
    """
    for row in main.merged.select_related("contact").order_by("pk"):
        row.answered_at, row.due_at = at, main.due_at  # it was answered by the main letter's deadline
        row.save(update_fields=["answered_at", "due_at"])
        said = "Người gửi không nhận được thư: không còn địa chỉ dùng được."
        if row.contact is not None and not questions.is_withdrawn(row.contact_id):
            with suppress(outbox.BadMail, Unreadable):
                email = details_of(row.contact)["email"]
                if email:
                    send_mail("feedback_answer", f"Trả lời phản hồi {row.code}", email, row, at, answer=body)
                    said = f"Gửi trả lời cùng thư {main.code}."
        chronicling.note(row, actor=actor, at=at, said=said)
        _notify(row, actor, at)


def require(actor: User) -> None:
    """Raise `NotAllowed` unless the actor works on letters."""
    if HANDLE not in actor.granted_permissions:
        raise NotAllowed("Bạn không có quyền xử lý phản hồi.")


def locked(feedback_id: int) -> Feedback:
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
    is_own_term = handling.due_at is None and not row.due_by_hand
    return _has_note(row, actor, handling) and (row.status, row.owner_id, row.due_at, row.kind) == (
        step.target if step is not None else row.status,
        owner.pk if owner is not None else None,
        row.due_at if is_own_term else handling.due_at,
        handling.kind or row.kind,
    )


def _has_note(row: Feedback, actor: User, handling: Handling) -> bool:
    """Whether there is no note to add: none was typed, or it is the actor's last one, sent again."""
    note = clean_text(handling.note)
    if not note.strip():
        return True
    last = row.notes.order_by("-id").values_list("body", "written_by_id").first()
    return last == (note, actor.pk)


def _who_changed(row: Feedback, parts: tuple[str, ...], actor: User) -> str:
    entry = questions.last_change(row.pk)
    if entry is None:
        who = "Có người vừa"
    else:
        name = "Chính bạn (ở trang khác)" if entry.user_id == actor.pk else entry.user.get_full_name()
        who = f"{name} lúc {date_format(timezone.localtime(entry.action_time), 'DATETIME_FORMAT')} đã"
    return f"{who} sửa thư này sau khi bạn mở: {', '.join(parts)}."


def _keep(row: Feedback, handling: Handling, actor: User, at: datetime) -> str:
    """Take over what the desk says; what of it is new, in words for the history."""
    owner = handling.owner
    owner_id = owner.pk if owner else None
    if owner is not None and owner_id != row.owner_id and HANDLE not in owner.granted_permissions:
        raise NotAllowed(f"{owner.get_full_name()} không có quyền xử lý phản hồi nên không phụ trách được.")
    new = ["người phụ trách"] if owner_id != row.owner_id else []
    row.owner = owner
    if handling.kind is not None and handling.kind != row.kind:
        new.append("loại")
        row.kind = handling.kind
    due, by_hand = _deadline(row, handling, is_new_kind="loại" in new)
    if due != row.due_at:
        new.append("hạn trả lời")
        deadlines.move(row, due, at=at)
    row.due_by_hand = by_hand
    said = f"Sửa {', '.join(new)}." if new else ""
    if not _has_note(row, actor, handling):
        FeedbackNote.objects.create(feedback=row, body=clean_text(handling.note), written_by=actor, written_at=at)
        said = f"{said} Thêm ghi chú.".strip()
    return said


def due_refusal(row: Feedback, due_at: datetime) -> str:
    """Why a letter cannot be due then, in Vietnamese; "" when it can."""
    received_on = timezone.localtime(row.received_at).date()
    if due_at == row.due_at or timezone.localtime(due_at).date() >= received_on:
        return ""
    return f"Hạn trả lời không thể trước ngày nhận thư ({received_on:%d/%m/%Y})."


def _deadline(row: Feedback, handling: Handling, *, is_new_kind: bool) -> tuple[datetime, bool]:
    """Until when now, and whether that was set by hand: a date that was typed counts, else the term of the kind."""
    typed = handling.due_at
    if typed is not None and typed != row.due_at:
        if due_refusal(row, typed):
            raise NotAllowed(due_refusal(row, typed))
        return typed, True
    if typed is not None and row.due_at is not None and (row.due_by_hand or not is_new_kind):
        return row.due_at, row.due_by_hand
    return clock().due(FeedbackKind(row.kind), row.waits_since or row.received_at), False


def details_of(contact: ReaderContact) -> dict[str, str]:
    """What a sender wrote of themselves: name, email, phone, address. Raises `Unreadable`."""
    try:
        return contacting.read(contact)
    except crypto.Undecryptable:
        raise Unreadable from None


def quoted(row: Feedback, words: Callable[[str], str] = str) -> list[str]:
    """The letter and what its sender added later, each addition with its moment, as the lines of a quotation.

    `words` is done to each text first. In short lines without links: whoever gave the address may not have been its
    owner.
    """
    lines = _short(words(row.body))
    for body, moment in row.additions.order_by("id").values_list("body", "added_at"):
        added = date_format(timezone.localtime(moment), "H:i j/n/Y")
        lines += ["", f"Viết thêm lúc {added}:", *_short(words(body))]
    return [f"> {line}".rstrip() for line in lines]


def _short(text: str) -> list[str]:
    lines = [wrap(line, QUOTE, break_long_words=False, break_on_hyphens=False) or [""] for line in text.split("\n")]
    return [without_links(piece, mark=LINK_GONE) for pieces in lines for piece in pieces]


def send_mail(kind: str, subject: str, recipient: str, row: Feedback, at: datetime, *, answer: str = "") -> None:
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
        "due": due_in_words(row.due_at) if row.due_at else "",
        "days": clock().terms[row.kind].working_days,
        "quoted": quoted(row),
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


# --- A person's words taken away -------------------------------------------------------------------------


def erase_of(*, contact_ids: Iterable[int], user_ids: Iterable[int], strings: list[str], at: datetime) -> int:
    """Take out of a person's letters, and of all that gathered around them, these strings of theirs; how many letters.

    Files go, what was published of it is withdrawn, the letter lets go of the account. The redacted words stay. Whoever
    calls it erases the contact itself.
    """
    found = Feedback.objects.filter(Q(contact_id__in=list(contact_ids)) | Q(account_id__in=list(user_ids)))
    with transaction.atomic():
        own = set(found.values_list("pk", flat=True))
        enclosing.erase(own)
        # What was written back to several senders stands with the letter that theirs was merged with.
        kin = set(Feedback.objects.filter(Q(merged__in=own) | Q(merged_into__in=own)).values_list("pk", flat=True))
        for row in Feedback.objects.select_for_update().filter(pk__in=own | kin).order_by("pk"):
            if row.pk in own:
                row.account = None
                _redact(row, questions.OWN_WORDS, strings)
                row.save(update_fields=["account"])
                Exchange.objects.filter(feedback=row, withdrawn_at=None).update(withdrawn_at=at)
            for model, columns in questions.AROUND.items():
                for item in model._default_manager.filter(feedback=row):
                    _redact(item, columns, strings)
    return len(own)


def _redact(row: Model, columns: Iterable[str], strings: list[str]) -> None:
    for column in columns:
        longest = getattr(row._meta.get_field(column), "max_length", None)
        setattr(row, column, redact(getattr(row, column), strings)[:longest])
    row.save(update_fields=list(columns))
