"""Corresponding: what a sender does with a letter they found: writes more, rates the answer, takes consent back.

Who found a letter (by code and address, or logged in) gets a signed pass for an hour; it names the letter by number.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core import signing
from django.db import transaction
from django.utils import timezone

from news import ratelimit
from news.models import Consent, Feedback, FeedbackAddition, FeedbackStatus
from news.queries import feedback as questions
from news.queries.deadlines import clock
from news.queries.feedback import FORWARD, PUBLISH, REPLY
from news.services import airing, consenting, contacting, deadlines, feedback
from news.text.normalize import clean_text

PASS_SECONDS: Final = 3600
_SALT: Final = "news.services.corresponding"
ADDED_A_DAY, ADDED_AT_ALL = 3, 20
"""How often a sender may add to one letter, in any 24 hours and altogether."""


class BadPass(Exception):
    """A pass that this site did not give, or gave long ago."""


class Refused(Exception):
    """What the sender asks for cannot be done; the message says why."""


def give_pass(feedback_id: int) -> str:
    """What the sender's page carries, so that its forms need no address."""
    return signing.dumps(feedback_id, salt=_SALT)


def letter_of(token: str) -> int:
    """The number of the letter that a pass is for. Raises `BadPass`."""
    try:
        found = signing.loads(token[:300], salt=_SALT, max_age=PASS_SECONDS)
    except signing.BadSignature:
        raise BadPass from None
    return int(found)


def add(*, feedback_id: int, body: str, at: datetime) -> None:
    """Keep what the sender adds. An answered or closed letter is open again, with a new deadline.

    The same words twice in a row are once. Raises `Refused`.
    """
    body = clean_text(body)
    with transaction.atomic():
        row = Feedback.objects.select_for_update().get(pk=feedback_id)
        earlier = row.additions.order_by("-id")
        if earlier.values_list("body", flat=True).first() == body:
            return
        recent = earlier.filter(added_at__gt=at - timedelta(days=1)).values_list("pk")[:ADDED_A_DAY]
        if len(recent) >= ADDED_A_DAY:
            raise Refused("Hôm nay bạn đã viết thêm nhiều lần vào thư này. Hãy viết tiếp vào ngày mai.")
        if len(earlier.values_list("pk")[:ADDED_AT_ALL]) >= ADDED_AT_ALL:
            raise Refused("Thư này đã dài. Hãy gửi một phản hồi mới, ghi kèm mã của thư này.")
        FeedbackAddition.objects.create(feedback=row, body=body, added_at=at)
        main = row
        if row.merged_into_id is not None:
            main = Feedback.objects.select_for_update().get(pk=row.merged_into_id)
        if main.status in {FeedbackStatus.ANSWERED, FeedbackStatus.CLOSED}:
            main.status = FeedbackStatus.OPEN
            deadlines.start(main, at=at, by=clock())
            main.queue_at = deadlines.queue_place(main)
            main.save(update_fields=["status", *deadlines.CLOCK_COLUMNS])


def rate(*, feedback_id: int, rating: int, words: str, at: datetime) -> None:
    """Keep what the sender thinks of the answer, once. Raises `Refused`."""
    if not 1 <= rating <= 5:
        raise Refused("Hãy chọn từ 1 đến 5.")
    with transaction.atomic():
        row = Feedback.objects.select_for_update().get(pk=feedback_id)
        if not questions.answers_to(row).exists():
            raise Refused("Chưa có lời đáp để đánh giá.")
        if row.rating is not None:
            raise Refused("Bạn đã đánh giá lời đáp này rồi.")
        row.rating, row.rating_words, row.rated_at = rating, clean_text(words)[:1000], at
        row.save(update_fields=["rating", "rating_words", "rated_at"])


@dataclass(frozen=True, slots=True)
class Taken:
    """What followed from taking consent back, in words for the sender."""

    words: str


def withdraw(*, feedback_id: int, purpose: str, at: datetime) -> Taken:
    """Take back one thing that was agreed to, and do what follows from it at once. Raises `Refused`.

    To be answered: nobody writes to them or opens their details any more, and those are due to be erased, with every
    place where the words repeat them. To be printed: the question and answer are taken down. To be passed on: nothing
    more goes out.
    """
    if purpose not in {REPLY, FORWARD, PUBLISH}:
        raise Refused("Không có điều này để rút lại.")
    with transaction.atomic():
        row = Feedback.objects.select_for_update(of=("self",)).select_related("contact").get(pk=feedback_id)
        given = Consent.objects.filter(contact_id=row.contact_id).order_by("-id").first() if row.contact_id else None
        if given is None or row.contact is None:
            raise Refused("Thông tin liên hệ của bạn đã được xóa từ trước.")
        if purpose == PUBLISH:
            airing.drop(contact_id=row.contact.pk, at=at)
        if purpose != REPLY:
            if not consenting.withdraw(consent_id=given.pk, purpose=purpose, at=at):
                raise Refused("Bạn không đồng ý điều này, hoặc đã rút lại từ trước.")
            return Taken(_SAID[purpose])
        for name in given.purposes:
            consenting.withdraw(consent_id=given.pk, purpose=name, at=at)
        airing.drop(contact_id=row.contact.pk, at=at)
        # Retention ended yesterday: what enforces it erases the details, what repeats them, and the files, unless an
        # order of the law holds them.
        contacting.keep_until(contact_id=row.contact.pk, day=timezone.localtime(at).date() - timedelta(days=1))
    return Taken(_SAID[REPLY])


_SAID: Final = {
    REPLY: (
        "Tòa soạn thôi dùng thông tin liên hệ của bạn, cả để trả lời thư này. Trong 24 giờ, họ tên, thư điện tử, điện"
        " thoại, địa chỉ, tệp gửi kèm và những chỗ nhắc lại chúng trong thư được xóa, trừ khi pháp luật buộc giữ lại."
        " Nội dung còn lại của thư được giữ, không gắn với ai, và mã này không tra cứu được nữa."
    ),
    FORWARD: "Từ nay thư không được chuyển cho cơ quan khác kèm thông tin liên hệ của bạn.",
    PUBLISH: "Câu hỏi của bạn không được đăng, hoặc đã được gỡ khỏi trang.",
}


def count_try(*, sender: str) -> None:
    """Count one action of a network on a sender's page. Raises `feedback.TooMany`."""
    if not ratelimit.allow("letter-actions", ratelimit.network_of(sender), limit=20, seconds=600):
        raise feedback.TooMany("Bạn đã làm nhiều việc trong thời gian ngắn. Hãy thử lại sau mười phút.")


__all__ = [
    "BadPass", "Refused", "Taken", "add", "count_try", "give_pass", "letter_of", "rate", "withdraw",
]  # fmt: skip
