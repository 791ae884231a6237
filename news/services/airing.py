"""Airing: a reader's question and the newsroom's answer are printed under the article, without who asked."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from news.models import Exchange, Feedback
from news.queries import consents
from news.queries import feedback as questions
from news.queries.feedback import ANSWER, PUBLISH
from news.services import chronicling, feedback
from news.text.contacts import Remains, gaps, holds_any, remains, unaddressed, without_contacts
from news.text.normalize import clean_text
from news.workflow import NotAllowed


class Unsure(NotAllowed):
    """Something in the text may tell who asked: whoever publishes must say that they looked."""

    def __init__(self, found: list[Remains]) -> None:
        super().__init__(
            "Trong lời đăng còn chỗ có thể lộ người gửi, hoặc chỗ đã bỏ mà câu chưa trọn. Hãy xem lại từng chỗ."
        )
        self.found = found


@dataclass(frozen=True, slots=True)
class Printed:
    """The public version of a question and its answer."""

    question: str
    answer: str


def draft(letter: Feedback) -> Printed:
    """What the desk begins from: what stands under the article, else letter and last answer without contact strings.

    Who is called by name there is a reader.
    """
    kept = Exchange.objects.filter(feedback=letter).first()
    if kept is not None:
        return Printed(kept.question, kept.answer)
    theirs = _details(letter)
    last = letter.answers.order_by("-id").values_list("body", flat=True).first() or ""
    return Printed(*(without_contacts(unaddressed(text, theirs), theirs) for text in (letter.body, last)))


def doubts(letter: Feedback, printed: Printed) -> list[Remains]:
    """What in the two texts may still tell who asked, and where something was taken out."""
    text = f"{printed.question}\n{printed.answer}"
    return remains(text, _details(letter)) + gaps(text)


def publish(*, feedback_id: int, actor: User, at: datetime, printed: Printed, looked_at: str = "") -> Exchange:
    """Print the question and the answer, or print them anew.

    `looked_at` is `stamp_of` the doubts that the actor was shown and waved through. The sender's own details are never
    printed. Raises `NotAllowed`, `Unsure`, `feedback.Unreadable`.
    """
    _require(actor)
    printed = Printed(clean_text(printed.question).strip(), clean_text(printed.answer).strip())
    with transaction.atomic():
        row = feedback.locked(feedback_id)
        if row.article_id is None:
            raise NotAllowed("Thư gửi chung không đăng được dưới bài nào.")
        if not consents.holds(purpose=PUBLISH, contact_id=row.contact_id) or questions.is_withdrawn(row.contact_id):
            raise NotAllowed("Người gửi không đồng ý cho đăng, hoặc đã rút lại.")
        if not row.answers.exists():
            raise NotAllowed("Hãy trả lời bạn đọc trước khi đăng.")
        if not (printed.question and printed.answer):
            raise NotAllowed("Hãy ghi cả câu hỏi và lời đáp.")
        if holds_any(f"{printed.question}\n{printed.answer}", _details(row)):
            raise NotAllowed("Lời đăng còn họ tên, địa chỉ, thư điện tử hoặc số điện thoại của người gửi: hãy bỏ đi.")
        found = doubts(row, printed)
        if found and looked_at != stamp_of(found):
            raise Unsure(found)
        shown, is_new = Exchange.objects.update_or_create(
            feedback=row,
            defaults={
                "article_id": row.article_id,
                "question": printed.question,
                "answer": printed.answer,
                "published_by": actor,
                "published_at": at,
                "withdrawn_at": None,
            },
        )
        said = "Đăng hỏi đáp dưới bài." if is_new else "Đăng lại hỏi đáp dưới bài."
        chronicling.note(row, actor=actor, at=at, said=said)
    return shown


def take_down(*, feedback_id: int, actor: User, at: datetime) -> None:
    """Take the question and answer away from readers; doing it twice is no error. Raises `NotAllowed`."""
    _require(actor)
    with transaction.atomic():
        row = feedback.locked(feedback_id)
        if Exchange.objects.filter(feedback=row, withdrawn_at=None).update(withdrawn_at=at):
            chronicling.note(row, actor=actor, at=at, said="Gỡ hỏi đáp khỏi bài.")


def drop(*, contact_id: int, at: datetime) -> None:
    """Take down what a contact's letters had printed, when they no longer agree to it; in the caller's transaction."""
    Exchange.objects.filter(feedback__contact_id=contact_id, withdrawn_at=None).update(withdrawn_at=at)


def stamp_of(found: list[Remains]) -> str:
    """What tells one list of doubts from another."""
    return questions.digest_of([f"{item.kind}\0{item.words}" for item in found])


def _details(letter: Feedback) -> list[str]:
    if letter.contact is None:
        return []
    return [value for value in feedback.details_of(letter.contact).values() if value]


def _require(actor: User) -> None:
    feedback.require(actor)
    if ANSWER not in actor.granted_permissions:
        raise NotAllowed("Bạn không có quyền trả lời phản hồi.")
