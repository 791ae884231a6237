"""Enrolling: a reader's account, what its owner agreed to and the mail about it, all of it or nothing."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import User
from news.models import ConsentText
from news.queries import consents
from news.services import consenting

FORM = consents.ACCOUNT_FORM


def enrol[T](
    *, make: Callable[[], T], made: Callable[[], User | None], text: ConsentText, purposes: Iterable[str], address: str,
    at: datetime,
) -> T:  # fmt: skip
    """What `make` answers: it writes the account with its addresses and the mail that asks to verify one.

    `made` tells whose account it became; None where the address had one already: then only its owner is told, by mail,
    and nothing is kept. `address` is the form's path. Raises `consenting.NotAgreed`.
    """
    with transaction.atomic():
        answer = make()
        user = made()
        if user is not None:
            consenting.record(text=text, purposes=purposes, user=user, address=address, at=at)
    return answer
