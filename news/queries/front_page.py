"""The front page: arranged automatically, newest first, until the newsroom arranges it by hand."""

from dataclasses import dataclass
from datetime import datetime

from news.queries.cards import Card, latest, newest_of_each
from news.queries.most_read import most_read
from news.queries.site import SectionLink

FEATURED = 3
BLOCK = 4
LATEST = 8


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


def front_page(sections: tuple[SectionLink, ...], at: datetime) -> FrontPage:
    """The front page as of that moment. Five queries at most, however many sections and articles."""
    newest = latest(at, 1 + FEATURED + LATEST)
    # A picture carries the top of the page, so the newest article that has one leads.
    lead = next((card for card in newest[: 1 + FEATURED] if card.picture), newest[0] if newest else None)
    rest = [card for card in newest if card is not lead]
    featured, following = rest[:FEATURED], rest[FEATURED:]
    above = {card.id for card in ([lead] if lead else []) + featured}
    newest_of = newest_of_each([section.id for section in sections], at, BLOCK, above)
    blocks = tuple(SectionBlock(section, tuple(cards)) for section in sections if (cards := newest_of.get(section.id)))
    return FrontPage(lead, tuple(featured), tuple(following), blocks, tuple(most_read(at, limit=10)))
