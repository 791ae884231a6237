"""Attending: who was there, with the positions of that day frozen as they will be printed."""

from datetime import date

from news.models import Attendee, Delegation, Position
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


def keep(*, attendee: Attendee, delegation: Delegation, day: date | None = None) -> Attendee:
    """Freeze and save one line of the delegation's list; `day` defaults to the delegation's first day."""
    attendee.delegation = delegation
    freeze(attendee, day or delegation.from_on).save()
    return attendee
