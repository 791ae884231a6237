"""Returning: reports of mails that came back, as a mail server writes them (RFC 3464) or a provider tells them.

Anybody can write a mail that looks like a report: it counts only where it quotes the Message-ID of a mail of ours,
which holds a digest or the microsecond of its making. What a provider tells comes with its secret.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from typing import Final

from django.db import transaction

from news import crypto
from news.models import BounceSource, Outbox, Subscriber, SubscriberState
from news.services import bouncing, dispatching, subscribing
from news.text.mailbox import mailbox

LARGEST: Final = 256 * 1024
"""How much of a report is read."""
NO_ADDRESS, COMPLAINT = "550 5.1.1", "complaint"

_STATUS: Final = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b", re.ASCII)
_CODE: Final = re.compile(r"\b[245]\d\d\b", re.ASCII)
_OUTBOX: Final = re.compile(r"<?(\d{20})\.(\d{1,18})\.outbox@", re.ASCII)


def read_report(*, raw: bytes, at: datetime) -> bool:
    """Note what a report says; False for a mail that is none, of a mail that is not ours, or known already."""
    report = message_from_bytes(raw[:LARGEST])
    status = _failure(report)
    if not status:
        return False
    for message_id in _quoted(report):
        delivery = dispatching.of_message_id(message_id)
        if delivery is not None:
            return bouncing.record(
                subscriber_id=delivery.subscriber_id,
                issue_id=delivery.issue_id,
                status=status,
                source=BounceSource.REPORT,
                at=at,
            )
        if _note_in_outbox(message_id, status):
            return True
    return False


def tell(*, recipient: str, status: str, at: datetime) -> bool:
    """Note what a provider tells of an address: `NO_ADDRESS`, `COMPLAINT` or its code; False if nothing changes.

    Who calls our newsletter spam gets none.
    """
    digest = crypto.digest(mailbox(recipient))
    with transaction.atomic():
        row = Subscriber.objects.select_for_update(of=("self",)).filter(mailbox_digest=digest).first()
        if row is None:
            return False
        if status == COMPLAINT:
            is_on = row.state in {SubscriberState.ACTIVE, SubscriberState.PENDING}
            if is_on:
                subscribing.end(row=row, state=SubscriberState.STOPPED, at=at)
            return is_on
        return bouncing.record(subscriber_id=row.pk, issue_id=None, status=status, source=BounceSource.SERVICE, at=at)


def _failure(report: Message) -> str:
    """The code of a recipient that failed for good or for now, "550 5.1.1"; "" where the mail is no such report."""
    for part in report.walk():
        if part.get_content_type() != "message/delivery-status" or not isinstance(part.get_payload(), list):
            continue
        for block in part.get_payload():
            if isinstance(block, Message) and str(block.get("Action", "")).strip().casefold() == "failed":
                status = _STATUS.search(str(block.get("Status", "")))
                code = _CODE.search(str(block.get("Diagnostic-Code", "")))
                return " ".join(found[0] for found in (code, status) if found) or "5.0.0"
    return ""


def _quoted(report: Message) -> Iterator[str]:
    """The Message-IDs of the mails that the report brings back, whole or their headers alone."""
    for part in report.walk():
        payload = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(payload, list) and payload:
            yield str(payload[0].get("Message-ID", "")) if isinstance(payload[0], Message) else ""
        elif part.get_content_type() == "text/rfc822-headers":
            decoded = part.get_payload(decode=True)
            if isinstance(decoded, bytes):
                yield str(message_from_bytes(decoded).get("Message-ID", ""))


def _note_in_outbox(message_id: str, status: str) -> bool:
    """A single mail that came back: its row says so."""
    found = _OUTBOX.match(message_id.strip())
    if found is None:
        return False
    row = Outbox.objects.filter(pk=int(found[2]), sent_at__isnull=False, last_error="").first()
    if row is None or f"{row.created_at:%Y%m%d%H%M%S%f}" != found[1]:
        return False
    with transaction.atomic():
        Outbox.objects.filter(pk=row.pk).update(last_error=f"Thư đã gửi bị trả lại ({status}).")
    return True
