"""Contacting: readers' details are kept in rows of their own, encrypted, and found again by keyed digests."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from django.db import transaction

from news import crypto
from news.models import ReaderContact
from news.queries.contacts import FORMER, said_as
from news.text.normalize import clean_line

FIELDS: Final = ("name", "email", "phone", "address")
"""What a contact may hold."""
FORMER_MOST: Final = 20
"""Corrections of one field that are remembered."""


def email_digest(email: str) -> str:
    """By what an address is found again; "" for none."""
    return crypto.digest(clean_line(email))


def phone_digest(phone: str) -> str:
    """By what a number is found again, however it was written; "" for none. +84 912… and 0912… are one number."""
    digits = "".join(filter(str.isdecimal, phone))
    return crypto.digest(f"0{digits[2:]}" if digits.startswith("84") and len(digits) > 9 else digits)


def keep(*, details: Mapping[str, str], keep_until: date | None, at: datetime) -> ReaderContact:
    """Keep who somebody is and how to reach them; what is left out of `FIELDS` is empty.

    `keep_until` is the last day of its retention; None while what it belongs to is being worked on. Raises `KeyError`
    for details that are none.
    """
    opened = _tidy(details)
    return ReaderContact.objects.create(
        details=crypto.encrypt(opened),
        email_digest=email_digest(opened["email"]),
        phone_digest=phone_digest(opened["phone"]),
        created_at=at,
        keep_until=keep_until,
    )


def read(contact: ReaderContact) -> dict[str, str]:
    """The details, every one of `FIELDS`. Raises `crypto.Undecryptable`."""
    opened = crypto.decrypt(contact.details)
    return {name: opened.get(name, "") for name in FIELDS}


def correct(*, contact_id: int, details: Mapping[str, str]) -> ReaderContact:
    """Put the details given in place of those kept; the others stay. Raises `KeyError`, `ReaderContact.DoesNotExist`.

    What stood there before is kept with them: letters may still hold it, and an erasure has to know what to look for.
    Raises `crypto.Undecryptable` when what is kept cannot be opened.
    """
    with transaction.atomic():
        row = ReaderContact.objects.select_for_update().get(pk=contact_id)
        kept = crypto.decrypt(row.details)
        opened = _tidy({**read(row), **details})
        former = {f"{FORMER}{name}": _former(kept, opened, name) for name in FIELDS}
        row.details = crypto.encrypt({**opened, **{key: lines for key, lines in former.items() if lines}})
        row.email_digest, row.phone_digest = email_digest(opened["email"]), phone_digest(opened["phone"])
        row.save(update_fields=["details", "email_digest", "phone_digest"])
    return row


def _former(kept: Mapping[str, str], opened: Mapping[str, str], name: str) -> str:
    """The strings of a field that are no longer its own, the oldest first, a line each."""
    lines = reversed(said_as(kept, name))
    return "\n".join([line for line in dict.fromkeys(lines) if line != opened[name]][-FORMER_MOST:])


def keep_until(*, contact_id: int, day: date | None) -> None:
    """Set the last day of a contact's retention, e.g. when a letter is closed; None when it is opened again."""
    with transaction.atomic():
        ReaderContact.objects.filter(pk=contact_id).update(keep_until=day)


def _tidy(details: Mapping[str, str]) -> dict[str, str]:
    unknown = set(details) - set(FIELDS)
    if unknown:
        raise KeyError(*unknown)
    return {name: clean_line(details.get(name, "")) for name in FIELDS}
