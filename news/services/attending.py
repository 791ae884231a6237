"""Attending: who was there, with the positions of that day frozen as they will be printed."""

from collections.abc import Callable, Iterable
from datetime import date

from django.db import transaction

from news import crypto
from news.models import Attendee, Delegation, Position
from news.services.reviewing import Changed
from news.text.normalize import clean_line, clean_text


def freeze(attendee: Attendee, day: date | None) -> Attendee:
    """Fill what the line leaves open: the name from the register, the positions held on `day` in protocol order.

    What is already there stays: it is what was printed. Saves nothing.
    """
    attendee.group = clean_line(attendee.group)
    attendee.positions = clean_text(attendee.positions)
    attendee.name = clean_line(attendee.name)
    if attendee.person is None:
        return attendee
    attendee.name = attendee.name or attendee.person.name
    if not attendee.positions and day is not None:
        held = Position.objects.filter(person=attendee.person).held_on(day).in_protocol_order()
        attendee.positions = "\n".join(held.values_list("title", flat=True))
    return attendee


_FACTS = (
    "name", "visiting_organisation_id", "host_organisation_id", "places", "from_on", "to_on", "date_text", "purpose",
)  # fmt: skip
_LINE = ("pk", "person_id", "name", "positions", "group", "side", "role", "order")


def fingerprint(delegation: Delegation, lines: Iterable[Attendee]) -> str:
    """What tells whether a delegation and its list are still as somebody saw them."""
    rows = [[str(getattr(line, name)) for name in _LINE] for line in lines]
    return crypto.sha256(crypto.canonical([[str(getattr(delegation, name)) for name in _FACTS], *sorted(rows)]))


def keep_visit(*, delegation: Delegation | None, seen: str, write: Callable[[], Delegation]) -> Delegation:
    """Write a delegation and its list, all of it or nothing. `seen` is the fingerprint of what the writer looked at.

    Raises `Changed` when somebody changed it meanwhile: nothing is written then.
    """
    with transaction.atomic():
        if delegation is not None:
            current = Delegation.objects.select_for_update().get(pk=delegation.pk)
            if fingerprint(current, current.attendees.all()) != seen:
                raise Changed
        return write()


def keep(*, attendee: Attendee, delegation: Delegation, day: date | None = None) -> Attendee:
    """Freeze and save one line of the delegation's list; `day` defaults to the delegation's first day."""
    attendee.delegation = delegation
    freeze(attendee, day or delegation.from_on).save()
    return attendee
