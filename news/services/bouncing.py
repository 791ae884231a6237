"""Bouncing: mails that came back. Whoever cannot be reached several times gets no more newsletters.

Reports come by mail, so anybody can write one: it counts only if it quotes a Message-ID that this site made, which
nobody knows but who got the mail. Of an address nothing is kept.
"""

import re
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction

from news.models import Bounce, BounceSource, Subscriber, SubscriberState
from news.services import subscribing

MOST: Final = 3
"""After so many mails to no such address the newsletter stops."""
AGAIN_AFTER: Final = timedelta(hours=12)
"""A report that names no issue is told again for so long."""

_ENHANCED: Final = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b", re.ASCII)
_CODE: Final = re.compile(r"\A([245]\d\d)\b", re.ASCII)


def is_hard(status: str) -> bool:
    """Whether a server's code says that there is no such mailbox, not that it is full or dislikes the mail.

    "550 5.1.1", "5.1.10", "553" are; "552 5.2.2" (full), "550 5.7.1" (refused by policy), "4.x.x" are not.
    """
    found = _ENHANCED.search(status)
    if found is not None:
        return found[1] == "5" and (found[2] == "1" or (found[2], found[3]) == ("2", "1"))
    code = _CODE.match(status)
    return code is not None and code[1] in {"550", "551", "553"}


def record(*, subscriber_id: int, issue_id: int | None, status: str, source: BounceSource, at: datetime) -> bool:
    """Note that a mail did not get there, once an issue; False when that is known."""
    with transaction.atomic():
        row = Subscriber.objects.select_for_update(of=("self",)).filter(pk=subscriber_id).first()
        if row is None:
            return False
        if issue_id is None and row.bounces.filter(happened_at__gt=at - AGAIN_AFTER).exists():
            return False
        hard = is_hard(status)
        try:
            with transaction.atomic():
                Bounce.objects.create(
                    subscriber=row, issue_id=issue_id, source=source, status=status[:20], is_hard=hard, happened_at=at
                )
        except IntegrityError:
            return False
        if hard:
            row.bounce_count += 1
            row.save(update_fields=["bounce_count"])
            if row.bounce_count >= MOST and row.state == SubscriberState.ACTIVE:
                subscribing.end(row=row, state=SubscriberState.BOUNCED, at=at)
    return True
