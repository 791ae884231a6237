"""Telling guests: who commented without an account hears by mail what became of it, where they agreed to that."""

from contextlib import suppress
from datetime import datetime
from typing import Final

from news import crypto
from news.models import Comment, Edition, MailScope, NotificationKind, ReaderContact
from news.queries import addresses, comments
from news.queries.consents import holds
from news.services import contacting, mailing, outbox, stopping

_SUBJECTS: Final = {
    NotificationKind.COMMENT_ANSWERED: "Có người trả lời bình luận của bạn",
    NotificationKind.COMMENT_DECIDED: "Tòa soạn đã xem xét bình luận của bạn",
}


def tell_guest(*, contact_id: int, kind: NotificationKind, at: datetime, article_id: int, comment_id: int) -> None:
    """Mail a guest what became of their comment, in the caller's transaction.

    Nobody proved that the address is theirs: such mails are few a mailbox and an hour, hold none of their words, and
    carry a link that stops them.
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
    page = f"{addresses.article(seen[0], article_id, 'comment_list')}{comment_id}/#binh-luan-{comment_id}"
    is_answered = kind is NotificationKind.COMMENT_ANSWERED
    with suppress(mailing.BadMail):
        stop = stopping.links(address, MailScope.NOTIFICATION)
        context = {
            "masthead": masthead,
            "stop": stop.page,
            "title": seen[1],
            "address": addresses.absolute(page),
            "said": "" if is_answered else comments.outcome(Comment.objects.get(pk=comment_id)),
            "is_answered": is_answered,
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
