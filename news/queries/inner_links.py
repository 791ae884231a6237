"""Links from one article to another: which articles an editor may link to, and at which address."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from news.models import Edition
from news.queries import addresses, picks


@dataclass(frozen=True, slots=True)
class InnerLink:
    """An article found by its title. `address` is the path readers open it at, "" while they cannot."""

    id: int
    title: str
    note: str
    address: str


def inner_links(text: str, at: datetime) -> list[InnerLink]:
    """Up to a dozen articles whose title has the words, each with its address if readers see it now. Two queries."""
    found = picks.ARTICLE.find(text, timezone.localdate(at))
    live = dict(
        Edition.objects.live(at)
        .filter(article_id__in=[choice.id for choice in found])
        .values_list("article_id", "slug")
    )
    links = [
        InnerLink(
            choice.id,
            choice.label,
            choice.note,
            addresses.article(live[choice.id], choice.id) if choice.id in live else "",
        )
        for choice in found
    ]
    return sorted(links, key=lambda link: not link.address)
