"""Telling guests: who commented without an account hears by mail what became of it, where they agreed to that."""

from contextlib import suppress
from datetime import datetime
from typing import Final

from django.core import signing
from django.urls import reverse

from news import crypto
from news.models import Comment, Edition, MailScope, NotificationKind, ReaderContact
from news.queries import addresses, comments
from news.queries.consents import holds
from news.services import contacting, mailing, outbox, stopping

_SUBJECTS: Final = {
    NotificationKind.COMMENT_ANSWERED: "Có người trả lời bình luận của bạn",
    NotificationKind.COMMENT_DECIDED: "Tòa soạn đã xem xét bình luận của bạn",
}

_OUTCOME: Final = signing.TimestampSigner(salt="news.comments.outcome")
OUTCOME_DAYS: Final = 30
"""How long the link in a mail opens the page of what became of a comment."""


def opens(token: str, comment_id: int) -> bool:
    """Whether the token is that of a mail, not too old, about this very comment."""
    try:
        return _OUTCOME.unsign(token[:200], max_age=OUTCOME_DAYS * 86400) == str(comment_id)
    except signing.BadSignature:
        return False


def tell_guest(*, contact_id: int, kind: NotificationKind, at: datetime, article_id: int, comment_id: int) -> None:
    """Mail a guest what became of their comment, in the caller's transaction.

    Nobody proved that the address is theirs: such mails are few a mailbox and an hour, hold none of their words, and
    carry a link that stops them. That of a decision leads to a page of its own, in whatever browser.
    """
    contact = ReaderContact.objects.filter(pk=contact_id).first()
    seen = Edition.objects.live(at).filter(article_id=article_id).values_list("slug", "title").first()
    if contact is None or seen is None or not holds(purpose="notify", contact_id=contact_id):
        return
    try:
        address = contacting.read(contact)["email"]
    except crypto.Undecryptable:
        return
    masthead = outbox.masthead_name()
    row = Comment.objects.select_related("contact").get(pk=comment_id)
    page = f"{addresses.article(seen[0], article_id, 'comment_list')}{comment_id}/"
    is_answered = kind is NotificationKind.COMMENT_ANSWERED
    lockout = "" if is_answered else comments.lockout(row, at)
    with suppress(mailing.BadMail):
        stop = stopping.links(address, MailScope.NOTIFICATION)
        context = {
            "masthead": masthead,
            "stop": stop.page,
            "title": seen[1],
            "address": addresses.absolute(
                f"{page}#binh-luan-{comment_id}" if is_answered else f"{page}ket-qua/{_OUTCOME.sign(str(comment_id))}/"
            ),
            "said": "" if is_answered else comments.outcome(row, lockout),
            "is_answered": is_answered,
            "feedback": addresses.absolute(reverse("feedback_send")) if lockout else "",
        }
        words = mailing.words("comment_notice", context)
        outbox.post(
            kind=outbox.GUEST_NOTICE,
            recipient=address,
            subject=f"{_SUBJECTS[kind]} | {masthead}",
            text=words.text,
            html=words.html,
            at=at,
            article_id=article_id,
            stop=stop,
        )
