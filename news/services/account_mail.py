"""Mail that accounts cause: registration, a forgotten password, a changed address, a changed log-in."""

from contextlib import suppress
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string

from news.services import outbox
from news.text.mailbox import mailbox

FORGOTTEN = "password_reset_key"
BY_STRANGERS = frozenset(
    {
        *("email_confirmation", "email_confirmation_signup", "account_already_exists", "address_taken"),
        FORGOTTEN,
        "late",
    }
)
"""What leaves because somebody typed an address, anybody's; the other mails tell of what was done in an account."""


def post(*, template: str, recipient: str, subject: str, text: str, masthead: str, at: datetime) -> None:
    """Write the mail into the Outbox in the caller's transaction, as text and as HTML.

    What strangers cause is dropped where the mailbox had enough of it (`outbox.may_receive`); an address that no mail
    goes to gets none. The page says the same in either case.
    """
    kind = outbox.ACCOUNT_NOTICE
    if template in BY_STRANGERS:
        is_password = template == FORGOTTEN
        kind = outbox.RESET_LINK if is_password else outbox.ACCOUNT_LINK
        if not outbox.may_receive("accepts", mailbox(recipient), is_password=is_password):
            return
    with suppress(outbox.BadMail):
        outbox.post(kind=kind, recipient=recipient, subject=subject, text=text, html=_html(text, masthead), at=at)


def _html(text: str, masthead: str) -> str:
    """The same paragraphs; one that is nothing but a link of ours becomes a button, our name stands below."""
    said = [part.strip() for part in text.split("\n\n") if part.strip()]
    paragraphs = [
        {"words": part, "is_link": part.startswith(f"{settings.SITE_URL}/") and len(part.split()) == 1}
        for part in said
        if part != masthead
    ]
    context = {"masthead": masthead, "home": settings.SITE_URL, "paragraphs": paragraphs}
    return render_to_string("news/email/account.html", context)
