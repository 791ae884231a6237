"""Mail that accounts cause: registration, a forgotten password, a changed address, a changed log-in."""

from contextlib import suppress
from datetime import datetime

from news.services import outbox
from news.text.mailbox import mailbox

BY_STRANGERS = frozenset(
    {"email_confirmation", "email_confirmation_signup", "account_already_exists", "password_reset_key"}
)
"""What leaves because somebody typed an address, anybody's; the other mails tell of what was done in an account."""


def post(*, template: str, recipient: str, subject: str, text: str, at: datetime) -> None:
    """Write the mail into the Outbox in the caller's transaction.

    What strangers cause is dropped beyond five an hour to a mailbox; an address that no mail goes to gets none. The
    page says the same in either case.
    """
    by_strangers = template in BY_STRANGERS
    if by_strangers and not outbox.may_receive("accepts", mailbox(recipient)):
        return
    kind = outbox.ACCOUNT_LINK if by_strangers else outbox.ACCOUNT_NOTICE
    with suppress(outbox.BadMail):
        outbox.post(kind=kind, recipient=recipient, subject=subject, text=text, at=at)
