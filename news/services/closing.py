"""Closing: a reader's account whose owner took back the consent, or has not used it for long, is told what comes.

What is closed or unused is erased by `retaining`.
"""

from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts import erasing, log_ins
from accounts.models import User
from news.queries import addresses, personal_data
from news.services import account_mail, outbox
from news.workflow import NotAllowed

ERASED_WITHIN: Final = timedelta(days=2)
"""By when a closed account is gone: the sweep comes round once a day."""
A_RUN: Final = 500
"""How many are told in one run that their account is about to go."""


def erased_by(closed_at: datetime) -> date:
    """The last day on which something of an account closed then may be left."""
    return timezone.localdate(closed_at + ERASED_WITHIN)


def what_comes(ended_at: datetime, at: datetime) -> str:
    """In words, for the desk, how an account stands whose owner took back the consent then."""
    day = erased_by(ended_at)
    if day < timezone.localdate(at):  # an order keeps it, or the sweep is late
        return "chủ đã rút đồng ý, chờ xóa"
    return f"chủ đã rút đồng ý, xóa chậm nhất ngày {day.day}/{day.month}/{day.year}"


def close(*, user_id: int, at: datetime) -> None:
    """Close the account at once, end its log-ins and mail its owner what comes. Part of the caller's transaction.

    Raises `NotAllowed` for people of the newsroom: theirs are ended by an administrator.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user_id)
        if user.is_staff or user.is_superuser or user.groups.exists():
            raise NotAllowed(
                "Tài khoản này dùng để làm việc ở tòa soạn nên không tự đóng được tại đây. Khi bạn thôi làm việc hoặc"
                " muốn đóng tài khoản, hãy nói với quản trị: quản trị kết thúc tài khoản cho bạn. Chưa có gì thay đổi."
            )
        user.is_active = False
        user.save(update_fields=["is_active"])
        log_ins.end(user.pk)
        digests = personal_data.person(user_id=user.pk).email_digests
        _mail(
            user,
            "account_closed",
            "Tài khoản của bạn đã đóng",
            at,
            is_held=personal_data.hold_on(digests, at) is not None,
            erased_by=erased_by(at),
            ask=addresses.absolute(reverse("privacy_ask")),
        )


def warn_unused(*, at: datetime) -> int:
    """Tell the owners of accounts that nobody has used for long that they are about to go; how many, once each."""
    count = 0
    for user_id in list(erasing.soon_unused(at=at).order_by("pk").values_list("pk", flat=True)[:A_RUN]):
        with transaction.atomic():
            user = erasing.soon_unused(at=at).filter(pk=user_id).first()
            if user is None:
                continue
            User.objects.filter(pk=user.pk).update(unused_told_at=at)
            used_at = user.last_login or user.date_joined
            _mail(
                user,
                "account_unused",
                "Tài khoản lâu không dùng sắp được xóa",
                at,
                used_at=used_at,
                last_day=timezone.localdate(max(used_at + erasing.unused_after(), at + erasing.TOLD_BEFORE)),
                log_in=addresses.absolute(reverse("account_login")),
            )
            count += 1
    return count


def _mail(user: User, template: str, subject: str, at: datetime, **context: object) -> None:
    masthead = outbox.masthead_name()
    account_mail.post(
        template=template,
        recipient=user.email or "",
        subject=f"{subject} – {masthead}",
        text=render_to_string(f"news/email/{template}.txt", {"masthead": masthead, "at": at, **context}),
        masthead=masthead,
        at=at,
    )
