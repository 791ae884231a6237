"""Forwarding: a letter goes on by mail to a colleague or to whoever is responsible, as words, logged."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final

from django.db import transaction

from accounts.models import User
from news.models import Feedback, FeedbackForward
from news.queries import consents
from news.queries import feedback as questions
from news.queries.feedback import FORWARD
from news.queries.site import site
from news.services import chronicling, feedback, mailing, outbox
from news.text.contacts import without_contacts
from news.text.normalize import clean_text
from news.workflow import NotAllowed

KIND: Final = "feedback_forward"
MOST: Final = 20
"""How often one letter may be passed on in all."""


class Carries(Enum):
    """What of the sender goes along."""

    NOTHING = "khong"
    DETAILS = "co"


@dataclass(frozen=True, slots=True)
class Onward:
    """Where a letter goes, and what the desk says to it."""

    recipient: str = field(repr=False)
    words: str
    carries: Carries = Carries.NOTHING


def forward(*, feedback_id: int, actor: User, at: datetime, onward: Onward) -> FeedbackForward:
    """Mail the letter on, with what its sender added, and keep that it was.

    Without the sender's details the letter's words lose them too; with them only where the sender agreed to that.
    Raises `NotAllowed`, `feedback.NoAddress`, `feedback.Unreadable`.
    """
    feedback.require(actor)
    with transaction.atomic():
        row = feedback.locked(feedback_id)
        if len(row.forwards.values_list("pk")[:MOST]) >= MOST:
            raise NotAllowed("Thư này đã được chuyển nhiều lần.")
        details = feedback.details_of(row.contact) if row.contact is not None else {}
        goes_along = onward.carries is Carries.DETAILS
        if goes_along and not any(details.values()):
            raise feedback.NobodyToAnswer
        if goes_along and not consents.holds(purpose=FORWARD, contact_id=row.contact_id):
            raise NotAllowed("Người gửi không đồng ý cho chuyển thông tin liên hệ: chỉ chuyển được nội dung thư.")
        words = clean_text(onward.words)[:5000]
        written = FeedbackForward.objects.create(
            feedback=row,
            recipient=onward.recipient,
            words=words,
            with_sender=goes_along,
            forwarded_by=actor,
            forwarded_at=at,
        )
        lines = feedback.quoted(row, str if goes_along else lambda text: without_contacts(text, details.values()))
        try:
            _send(row, onward.recipient, words, lines, details if goes_along else {}, at)
        except outbox.BadMail:
            raise feedback.NoAddress from None
        along = "kèm" if goes_along else "không kèm"
        said = f"Chuyển thư bằng thư điện tử, {along} thông tin người gửi."
        chronicling.note(row, actor=actor, at=at, said=said)
    return written


def _send(row: Feedback, recipient: str, words: str, lines: list[str], details: dict[str, str], at: datetime) -> None:
    frame = site(at)
    seen = questions.about(row.article_id, at) if row.article_id else None
    context = {
        "site": frame,
        "masthead": frame.name,
        "letter": row,
        "title": seen.title if seen else "",
        "words": words,
        "lines": lines,
        "details": details,
    }
    said = mailing.words("feedback_forward", context)
    outbox.post(
        kind=KIND,
        recipient=recipient,
        subject=f"Chuyển phản hồi {row.code} của bạn đọc",
        text=said.text,
        html=said.html,
        at=at,
        reply_to=frame.email,
    )
