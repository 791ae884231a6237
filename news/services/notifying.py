"""Notifying: a reader is told what became of their words, on their page and, where they switched it on, by mail."""

from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import User
from news.models import ROW_KINDS, Edition, MailScope, Notification, NotificationChoice, NotificationKind
from news.queries import addresses
from news.services import mailing, outbox, stopping

KIND: Final = "notification"
"""The kind of these mails in the Outbox."""

ONE_MAIL_IN: Final = timedelta(hours=24)
"""While an earlier one of a kind about the same article or letter is unread, no other mail leaves for that long."""


def notify(
    *,
    user_id: int,
    kind: NotificationKind,
    at: datetime,
    article_id: int | None = None,
    comment_id: int | None = None,
    feedback_id: int | None = None,
    caused_by: int | None = None,
) -> None:
    """Tell a reader, in the caller's transaction.

    `comment_id` is the answer, or the comment that was decided on; `feedback_id` the letter that was answered.
    `caused_by` is whose doing it was: nobody is told of their own. The same thing twice is told once: an answer for
    good, a decision and a letter until the reader has read of it. A user that is gone or locked is told nothing.
    """
    if kind not in ROW_KINDS:
        raise ValueError(f"{kind} has no row: send_digests tells of it")
    if caused_by == user_id or not User.objects.filter(pk=user_id, is_active=True).exists():
        return
    choice = NotificationChoice.objects.filter(user_id=user_id, kind=kind).first() or NotificationChoice(kind=kind)
    if not (choice.on_page or choice.by_mail):
        return
    with transaction.atomic():
        row = _write(user_id, kind, at, article_id, comment_id, feedback_id, is_listed=choice.on_page)
        if row is not None and choice.by_mail:
            _mail(row, at)


def _write(
    user_id: int,
    kind: NotificationKind,
    at: datetime,
    article_id: int | None,
    comment_id: int | None,
    feedback_id: int | None,
    *,
    is_listed: bool,
) -> Notification | None:
    """The new row; None where the reader was told before."""
    try:
        with transaction.atomic():
            return Notification.objects.create(
                user_id=user_id,
                kind=kind,
                article_id=article_id,
                comment_id=comment_id,
                feedback_id=feedback_id,
                is_listed=is_listed,
                created_at=at,
                # What is on no page is never read there; it must not stand in the way of the next one.
                read_at=None if is_listed else at,
            )
    except IntegrityError:
        return None


# --- By mail ---------------------------------------------------------------------------------------------


def address_of(user_id: int) -> str:
    """Where a reader's notifications go: the address they proved to be theirs; "" for none."""
    proved = User.objects.filter(pk=user_id, is_active=True, emailaddress__verified=True)
    return proved.filter(emailaddress__email__iexact=F("email")).values_list("email", flat=True).first() or ""


def _mail(row: Notification, at: datetime) -> None:
    address = address_of(row.user_id)
    if not address or _has_mail_unread(row, at):
        return
    seen = None
    if row.article_id is not None:
        seen = Edition.objects.live(at).filter(article_id=row.article_id).values_list("slug", "title").first()
        if seen is None:
            return
    masthead = outbox.masthead_name()
    stop = stopping.links(address, MailScope.NOTIFICATION)
    subject, template, view = _MAILS[NotificationKind(row.kind)]
    context = {
        "masthead": masthead,
        "stop": stop.page,
        "title": seen[1] if seen else "",
        "address": addresses.absolute(_place(row, seen[0] if seen else "", view)),
    }
    words = mailing.words(template, context)
    outbox.post(
        kind=KIND,
        recipient=address,
        subject=f"{subject} | {masthead}",
        text=words.text,
        html=words.html,
        at=at,
        article_id=row.article_id,
        stop=stop,
    )
    row.mailed_at = at
    row.save(update_fields=["mailed_at"])


def _has_mail_unread(row: Notification, at: datetime) -> bool:
    """Whether a mail of that kind about the same thing lies unread: a hundred answers are one mail a day."""
    alike = Notification.objects.filter(user_id=row.user_id, kind=row.kind, mailed_at__gt=at - ONE_MAIL_IN)
    alike = alike.filter(Q(read_at=None) | Q(is_listed=False))
    return alike.filter(article=row.article, feedback=row.feedback).exists()


def _place(row: Notification, slug: str, view: str) -> str:
    """The path of the page that shows it."""
    if view:
        return reverse(view)
    return f"{addresses.article(slug, row.article_id or 0)}#binh-luan-{row.comment_id}"


_MAILS: Final = {
    NotificationKind.COMMENT_ANSWERED: (
        "Có người trả lời bình luận của bạn",
        "comment_answered",
        "",
    ),
    NotificationKind.COMMENT_DECIDED: (
        "Bình luận của bạn đã được xem xét",
        "comment_decided",
        "home",
    ),
    NotificationKind.FEEDBACK_ANSWERED: (
        "Tòa soạn đã trả lời thư của bạn",
        "feedback_noticed",
        "feedback_follow",
    ),
}
"""Of each kind: the subject, the text, and the page the link leads to ("": the comment under its article)."""
