"""Holding: an order to keep what is kept about somebody; meanwhile neither they nor time erase it."""

from datetime import date, datetime

from django.contrib.admin.models import ADDITION
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from news.models import LegalHold
from news.queries import personal_data
from news.queries.personal_data import HOLD
from news.services import chronicling, contacting
from news.text.normalize import clean_line
from news.workflow import NotAllowed


def place(*, email: str, reason: str, until: date | None, actor: User, at: datetime) -> LegalHold:
    """Keep what is kept about that address, until the end of a day or until it is lifted. Raises `NotAllowed`.

    Of the address only the digest is kept, and how much there was. The order is in the admin's history.
    """
    _require(actor)
    reason, digest = clean_line(reason), contacting.email_digest(email)
    if not reason or not digest:
        raise NotAllowed("Hãy ghi địa chỉ thư và lý do, ví dụ số văn bản yêu cầu giữ.")
    if until is not None and until < timezone.localdate(at):
        raise NotAllowed("Ngày hết hạn giữ đã qua.")
    with transaction.atomic():
        hold = LegalHold.objects.create(
            email_digest=digest,
            covers=personal_data.counted(email),
            reason=reason[:300],
            placed_by=actor,
            placed_at=at,
            until=until,
        )
        chronicling.note(hold, actor=actor, at=at, flag=ADDITION, said="Đặt lệnh giữ.")
    return hold


def lift(*, hold_id: int, actor: User, at: datetime) -> bool:
    """End an order before its day; False when it is lifted already. Raises `NotAllowed`, `LegalHold.DoesNotExist`."""
    _require(actor)
    with transaction.atomic():
        hold = LegalHold.objects.select_for_update().get(pk=hold_id)
        if hold.lifted_at is not None:
            return False
        hold.lifted_by, hold.lifted_at = actor, at
        hold.save(update_fields=["lifted_by", "lifted_at"])
        chronicling.note(hold, actor=actor, at=at, said="Bỏ lệnh giữ.")
    return True


def _require(actor: User) -> None:
    if HOLD not in actor.granted_permissions:
        raise NotAllowed("Bạn không có quyền đặt hoặc bỏ lệnh giữ dữ liệu.")
