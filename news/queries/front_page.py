"""The front page: places the newsroom filled by hand, the rest of itself, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from news.models import FRONT_PLACES, FrontPlace
from news.queries.cards import Card, chosen, latest, newest_of_each
from news.queries.most_read import most_read
from news.queries.site import SectionLink
from news.queries.visits import Asked, Visit, visits

BLOCK = 4
LATEST = 6
VISITS = 4


@dataclass(frozen=True, slots=True)
class SectionBlock:
    """A section with its newest articles that do not stand higher up already."""

    section: SectionLink
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class FrontPage:
    """The front page from top to bottom; `lead` is None in a newsroom that has published nothing."""

    lead: Card | None
    featured: tuple[Card, ...]
    latest: tuple[Card, ...]
    blocks: tuple[SectionBlock, ...]
    most_read: tuple[Card, ...]
    visits: tuple[Visit, ...]


def placed(at: datetime) -> dict[int, Card]:
    """The live articles that hold a place at that moment, by the place's number. Two queries; one when none is held."""
    rows = FrontPlace.objects.filter(Q(until=None) | Q(until__gt=at)).values_list("number", "article_id")
    held = dict(rows)
    cards = {card.id: card for card in chosen(list(held.values()), at)}
    return {number: cards[article_id] for number, article_id in held.items() if article_id in cards}


def front_page(sections: tuple[SectionLink, ...], at: datetime) -> FrontPage:
    """The front page as of that moment. Nine queries at most, however many sections and articles."""
    held = placed(at)
    newest = latest(at, FRONT_PLACES + LATEST + len(held))
    top = _top(held, newest)
    above = {card.id for card in top}
    newest_of = newest_of_each([section.id for section in sections], at, BLOCK, above)
    return FrontPage(
        lead=top[0] if top else None,
        featured=tuple(top[1:]),
        latest=tuple(card for card in newest if card.id not in above)[:LATEST],
        blocks=tuple(
            SectionBlock(section, tuple(cards)) for section in sections if (cards := newest_of.get(section.id))
        ),
        most_read=tuple(most_read(at, limit=10)),
        visits=visits(Asked(), at, size=VISITS).visits,
    )


def _top(held: dict[int, Card], newest: Sequence[Card]) -> list[Card]:
    """The lead and the featured: as placed; empty places take the newest, a picture first for the lead."""
    free = [card for card in newest if card.id not in {card.id for card in held.values()}]
    if 1 not in held and free:
        # A picture carries the top of the page, so the newest article that has one leads.
        lead = next((card for card in free[:FRONT_PLACES] if card.picture), free[0])
        free.remove(lead)
        held = held | {1: lead}
    rest = iter(free)
    cards = (held.get(number) or next(rest, None) for number in range(1, FRONT_PLACES + 1))
    return [card for card in cards if card]
