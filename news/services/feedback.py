"""Feedback: readers' letters come in, with who wrote them kept apart, encrypted, and what they agreed to."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from news import crypto, ratelimit
from news.models import Article, Consent, ConsentText, Feedback, FeedbackKind, FeedbackStatus, ReaderContact
from news.text.normalize import clean_line, clean_text

FORM = "phan-hoi"
PURPOSES: Final = ["reply"]
FIRST_TEXT: Final = (
    "Tôi đồng ý để tòa soạn lưu và dùng họ tên, thư điện tử, điện thoại và địa chỉ tôi ghi ở đây"
    " chỉ để xử lý và trả lời phản hồi này. Tôi có thể yêu cầu xem, sửa hoặc xóa các thông tin đó."
)
HOURLY, DAILY = 5, 20
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that look alike


class TooMany(Exception):
    """More letters from one address than anybody writes; the message says when to come back."""

    def __init__(self) -> None:
        super().__init__("Bạn đã gửi nhiều phản hồi trong thời gian ngắn. Hãy thử lại sau một giờ.")


@dataclass(frozen=True, slots=True)
class Letter:
    """What a reader wrote, as the form let it through. `is_suspect`: a field no person sees was filled."""

    kind: FeedbackKind
    body: str
    name: str
    email: str
    phone: str
    address: str
    is_suspect: bool


def consent_text(at: datetime) -> ConsentText:
    """The wording that readers are asked to agree to now: the newest version in use."""
    newest = ConsentText.objects.filter(form=FORM, shown_from__lte=at).order_by("-version").first()
    if newest is not None:
        return newest
    text, _ = ConsentText.objects.get_or_create(
        form=FORM, version=1, defaults={"text": FIRST_TEXT, "purposes": PURPOSES, "shown_from": at}
    )
    return text


def receive(
    *, letter: Letter, article: Article | None, consent: ConsentText, address: str, sender: str, at: datetime
) -> Feedback:
    """Keep a letter; its code tells the year, its number and a part nobody guesses.

    `consent` is the wording the reader saw and agreed to, `address` the form's path, `sender` the network address (it
    is only counted, under a hashed key). Raises `TooMany`.
    """
    if not ratelimit.allow("feedback-hour", sender, limit=HOURLY, seconds=3600) or not ratelimit.allow(
        "feedback-day", sender, limit=DAILY, seconds=86400
    ):
        raise TooMany
    details = {
        "name": clean_line(letter.name),
        "email": clean_line(letter.email),
        "phone": clean_line(letter.phone),
        "address": clean_line(letter.address),
    }
    with transaction.atomic():
        contact = ReaderContact.objects.create(
            details=crypto.encrypt(details),
            email_digest=crypto.digest(details["email"]),
            phone_digest=crypto.digest("".join(filter(str.isdigit, details["phone"]))),
            created_at=at,
        )
        Consent.objects.create(
            contact=contact, text=consent, purposes=consent.purposes, given_at=at, address=address[:300]
        )
        row = Feedback.objects.create(
            code=secrets.token_hex(16),
            article=article,
            contact=contact,
            kind=letter.kind,
            body=clean_text(letter.body),
            status=FeedbackStatus.SPAM if letter.is_suspect else FeedbackStatus.NEW,
            received_at=at,
        )
        unguessable = "".join(secrets.choice(_LETTERS) for _ in range(8))
        row.code = f"PH-{timezone.localtime(at).year}-{row.pk:06d}-{unguessable}"
        row.save(update_fields=["code"])
    return row
