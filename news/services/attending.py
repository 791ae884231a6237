"""Attending: who was there, with the positions of that day frozen as they will be printed."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction

from news import crypto
from news.models import Attendee, Delegation, Organisation, Person, Position, Role, Side
from news.services import registering
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


def bring_back(*, delegation: Delegation, sealed: Mapping[str, Any]) -> list[str]:
    """Make a delegation and its list what a content says of them; part of the caller's transaction.

    Rows that name the same person keep their number. Returns, in Vietnamese, what could not come back.
    """
    notes = _bring_facts_back(delegation, sealed)
    there: dict[Any, list[Attendee]] = {}
    for line in delegation.attendees.select_related("person").order_by("order", "id"):
        there.setdefault(_who(line), []).append(line)
    people = Person.objects.in_bulk([row["person"]["id"] for row in sealed["attendees"] if row["person"]])
    lines: list[Attendee] = []
    for row in sealed["attendees"]:
        pk = row["person"]["id"] if row["person"] else None
        same = there.get(row["group"] if pk is None else pk)
        line = same.pop(0) if same else Attendee(person=people.get(pk) if pk else None)
        if pk and (line.person is None or line.person in [other.person for other in lines]):
            notes.append(f"Không còn nhân sự “{row['name']}” trong danh bạ: dòng đó của đoàn không trở lại được.")
            continue
        line.delegation, line.order = delegation, len(lines)
        line.name, line.group, line.positions = row["name"], row["group"], "\n".join(row["positions"])
        line.side = row["side"] if row["side"] in Side.values else Side.UNKNOWN
        line.role = row["role"] if row["role"] in Role.values else Role.ATTEND
        lines.append(line)
    delegation.attendees.all().delete()
    for line in lines:
        line.save(force_insert=True)
    return notes


def _who(line: Attendee) -> Any:
    return line.group if line.person is None else line.person.merged_into_id or line.person.pk


def _bring_facts_back(delegation: Delegation, sealed: Mapping[str, Any]) -> list[str]:
    notes = []
    delegation.name, delegation.places = sealed["name"], "\n".join(sealed["places"])
    delegation.date_text, delegation.purpose = sealed["date_text"], sealed["purpose"]
    for name in ("from_on", "to_on"):
        setattr(delegation, name, date.fromisoformat(sealed[name]) if sealed[name] else None)
    for name, side in (("visiting_organisation", sealed["visiting"]), ("host_organisation", sealed["host"])):
        there: Organisation | None = getattr(delegation, name)
        if side is None:
            setattr(delegation, name, None)
        elif there is None or side["id"] != (there.merged_into_id or there.pk):
            found = Organisation.objects.filter(pk=side["id"]).first()
            setattr(delegation, name, found)
            notes += [] if found else [f"Không còn cơ quan “{side['name']}” trong danh bạ."]
    registering.keep(delegation)
    return notes


def keep(*, attendee: Attendee, delegation: Delegation, day: date | None = None) -> Attendee:
    """Freeze and save one line of the delegation's list; `day` defaults to the delegation's first day."""
    attendee.delegation = delegation
    freeze(attendee, day or delegation.from_on).save()
    return attendee
