"""Which addresses are whose: those that somebody proved by a mail sent there.

A reader who has proven none is told what anybody is told whose password is wrong: whoever registers an address with a
password of their own, and then logs in with both, would otherwise learn whether it had an account before.
"""

from collections.abc import Iterable

from allauth.account.internal.flows.email_verification import get_address_for_user
from allauth.account.internal.flows.email_verification import handle_verification_email_rate_limit as may_send
from allauth.account.models import EmailAddress
from django.db.models import Q
from django.http import HttpRequest

from accounts.models import User


def users_of(email: str) -> set[int]:
    """The accounts whose own address it is, or that have proven it. Two queries."""
    own = User.objects.filter(email__iexact=email).values_list("pk", "email")
    proven = EmailAddress.objects.filter(email__iexact=email, verified=True).values_list("user_id", "email")
    return {pk for pk, address in (*own, *proven) if address and is_same(address, email)}


def is_same(one: str, other: str) -> bool:
    """Whether two addresses are one, whatever their capitals.

    PostgreSQL takes gmaıl.com for gmail.com when it compares without capitals: another domain, somebody else's.
    """
    return _small(one) == _small(other)


def _small(email: str) -> str:
    """In small letters, but none of ours made of a letter that is not (ı, K, ſ)."""
    return "".join(c.lower() if c.isascii() or not c.lower().isascii() else c for c in email.strip())


def proven_by(user_id: int) -> set[str]:
    """The addresses that an account has proven. One query."""
    return set(EmailAddress.objects.filter(user_id=user_id, verified=True).values_list("email", flat=True))


def addresses_of(user_ids: Iterable[int]) -> set[str]:
    """All addresses of these accounts, proven or not. Two queries."""
    own = User.objects.filter(pk__in=list(user_ids)).exclude(email=None).values_list("email", flat=True)
    named = EmailAddress.objects.filter(Q(user_id__in=list(user_ids))).values_list("email", flat=True)
    return {address for address in (*own, *named) if address}


# --- A log-in before the address was proven -----------------------------------------------------------------

_WAITED_FOR = "_log_in_of_who_has_yet_to_prove"


def is_waited_for(user: User) -> bool:
    """Whether a reader has proven no address yet; the newsroom's people were given theirs. One query for readers."""
    return not user.is_staff and not EmailAddress.objects.filter(user=user, verified=True).exists()


def note(request: HttpRequest | None, user: User) -> None:
    """Their password was right, their address is not proven."""
    if request is not None:
        setattr(request, _WAITED_FOR, user)


def ask_again(request: HttpRequest) -> None:
    """Mail the link once more to who was noted, at most one a minute; the page says nothing of it."""
    user = getattr(request, _WAITED_FOR, None)
    # The account's own, also where an administrator wrote it and nobody was mailed yet.
    address = get_address_for_user(user) if user else None
    if address is not None and may_send(request, address.email):
        address.send_confirmation(request)
