"""The newsletter: what stands in an issue, what of it readers see now, and which subscriptions a person has."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef

from news.models import ConsentWithdrawal, Edition, MailScope, MailStop, Section, Subscriber, SubscriberState
from news.queries import addresses

A_SECTION: Final = 8
AN_ISSUE: Final = 200
"""The most articles of a section, and that are looked at for an issue."""
PURPOSE: Final = "newsletter"
"""What its readers agreed to, among the purposes of the form's wording."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An article in a newsletter."""

    title: str
    lead: str
    url: str


@dataclass(frozen=True, slots=True)
class Part:
    """A section in a newsletter."""

    name: str
    url: str
    pieces: tuple[Piece, ...]


type Content = list[tuple[int, list[int]]]
"""Sections' numbers in their order, each with its editions' numbers, the newest first."""


def new_content(*, since: datetime, until: datetime) -> Content:
    """What was first published in that time and is live at its end, by section of the first level. Two queries."""
    rows = Edition.objects.live(until).filter(published_at__gt=since, published_at__lte=until).newest_first()
    found = list(rows.values_list("pk", "section_id")[:AN_ISSUE])
    sections = list(Section.objects.order_by("order", "id").values_list("pk", "parent_id"))
    top = {pk: parent or pk for pk, parent in sections}
    content = [(pk, [edition for edition, section in found if top[section] == pk]) for pk, parent in sections]
    return [(pk, editions[:A_SECTION]) for pk, editions in content if editions]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What an issue may hold: per section its name, address and articles in order."""

    sections: tuple[tuple[int, str, str, tuple[int, ...]], ...]

    @property
    def articles(self) -> list[int]:
        """All of them."""
        return [article for *_, articles in self.sections for article in articles]


def shelf(content: Sequence[Sequence[Any]]) -> Shelf:
    """The frozen content as articles: one that was corrected since is in the mail as it reads now. Two queries."""
    numbers = [edition for _, editions in content for edition in editions]
    articles = dict(Edition.objects.filter(pk__in=numbers).values_list("pk", "article_id"))
    names = {
        pk: (name, slug)
        for pk, name, slug in Section.objects.filter(pk__in=[pk for pk, _ in content]).values_list("pk", "name", "slug")
    }
    held = []
    for pk, editions in content:
        if pk in names:
            name, slug = names[pk]
            held.append((pk, name, addresses.absolute(addresses.section(slug)), tuple(articles[n] for n in editions)))
    return Shelf(tuple(held))


def live_now(held: Shelf, at: datetime) -> dict[int, int]:
    """The live edition's number by article. One query."""
    rows = Edition.objects.live(at).filter(article_id__in=held.articles)
    return dict(rows.values_list("article_id", "pk"))


def parts(held: Shelf, live: dict[int, int], wanted: frozenset[int]) -> tuple[Part, ...]:
    """What one reader gets: of the sections they want (none named: all) what is live. One query."""
    found = Edition.objects.filter(pk__in=live.values()).only("title", "lead", "slug", "article")
    rows = {row.pk: row for row in found}
    made = []
    for pk, name, url, articles in held.sections:
        if wanted and pk not in wanted:
            continue
        pieces = [rows[live[article]] for article in articles if article in live]
        if pieces:
            made.append(Part(name, url, tuple(map(_piece, pieces))))
    return tuple(made)


def _piece(row: Edition) -> Piece:
    return Piece(row.title, row.lead, addresses.absolute(addresses.article(row.slug, row.article_id)))


def who_wants_it(subscriber_ids: Iterable[int]) -> set[int]:
    """Which of these subscribers still get the newsletter at this moment. One query."""
    rows = Subscriber.objects.filter(pk__in=list(subscriber_ids), state=SubscriberState.ACTIVE)
    stopped = MailStop.objects.filter(address_digest=OuterRef("mailbox_digest"), scope=MailScope.DIGEST, lifted_at=None)
    taken_back = ConsentWithdrawal.objects.filter(consent__contact=OuterRef("contact"), purpose=PURPOSE)
    return set(rows.exclude(Exists(stopped)).exclude(Exists(taken_back)).values_list("pk", flat=True))


def export_of(*, contact_ids: Iterable[int], user_ids: Iterable[int]) -> list[dict[str, Any]]:
    """A person's subscriptions, for the file they may take away. Two queries."""
    rows = Subscriber.objects.filter(contact_id__in=list(contact_ids)).prefetch_related("sections").order_by("pk")
    return [
        {
            "Định kỳ": row.get_frequency_display(),
            "Tình trạng": row.get_state_display(),
            "Chuyên mục": ", ".join(section.name for section in row.sections.all()) or "Mọi chuyên mục",
            "Đăng ký lúc": row.created_at,
            "Xác nhận lúc": row.confirmed_at,
        }
        for row in rows
    ]
