"""The picture library: what its filters mean, and where a picture is used. Read-only, never counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from news.models import (
    Article,
    ArticleImage,
    Attendee,
    Delegation,
    EditionImage,
    FormerFile,
    GalleryImage,
    Image,
    Position,
    Recording,
    State,
)

MOST: Final = 20
RECENT: Final = 300

INCOMPLETE: Final = Q(alt="") | Q(caption="") | Q(credit="")
LACKS: Final = {"mo-ta": Q(alt=""), "chu-thich": Q(caption=""), "nguon": Q(credit="")}
SHAPES: Final = {"ngang": Q(width__gt=F("height")), "doc": Q(height__gt=F("width")), "vuong": Q(width=F("height"))}


def unused(rows: QuerySet[Image]) -> QuerySet[Image]:
    """Those that no copy at the desk, no edition, past or present, and no recording shows."""
    image = OuterRef("pk")
    return rows.filter(
        ~Exists(Article.objects.filter(lead_image=image)),
        ~Exists(GalleryImage.objects.filter(image=image)),
        ~Exists(ArticleImage.objects.filter(image=image)),
        ~Exists(EditionImage.objects.filter(image_id=image)),
        ~Exists(Recording.objects.filter(poster=image)),
    )


def recent_credits() -> list[str]:
    """Who is named as the source of the newest pictures, each once, in order of name. One query."""
    newest = Image.objects.order_by("-id").values_list("credit", flat=True)[:RECENT]
    return sorted({credit for credit in newest if credit})[:40]


@dataclass(frozen=True, slots=True)
class CopyUse:
    """A copy at the desk that shows the picture: its number, title, state in words, and where in it."""

    id: int
    title: str
    state: str
    where: str


@dataclass(frozen=True, slots=True)
class EditionUse:
    """An edition that shows the picture; `has_old_file`: as it was before it was replaced."""

    id: int
    title: str
    number: int
    state: str
    has_old_file: bool


@dataclass(frozen=True, slots=True)
class NamedUse:
    """A delegation or a recording: its number, its name."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Uses:
    """Where a picture is used, `MOST` of each at most; `more` names the lists that go on."""

    copies: tuple[CopyUse, ...]
    editions: tuple[EditionUse, ...]
    recordings: tuple[NamedUse, ...]
    delegations: tuple[NamedUse, ...]
    more: frozenset[str]

    @property
    def is_empty(self) -> bool:
        """Whether nothing shows it."""
        return not (self.copies or self.editions or self.recordings)


def copies_with(image_id: int) -> list[CopyUse]:
    """The copies at the desk that show a picture, newest first, one more than `MOST` at most. Three queries."""
    found: dict[int, tuple[Article, list[str]]] = {}
    for words, condition in (
        ("ảnh chính", Q(lead_image=image_id)),
        ("chùm ảnh", Q(gallery__image=image_id)),
        ("trong nội dung", Q(body_images__image=image_id)),
    ):
        for article in Article.objects.filter(condition).order_by("-id").only("id", "title", "state")[: MOST + 1]:
            found.setdefault(article.pk, (article, []))[1].append(words)
    return [
        CopyUse(pk, article.title, str(State(article.state).label), ", ".join(where))
        for pk, (article, where) in sorted(found.items(), reverse=True)
    ][: MOST + 1]


def uses_of(image: Image, at: datetime) -> Uses:
    """Everything that shows a picture. Six queries, five when no copy does."""
    copies = copies_with(image.pk)
    rows = (
        EditionImage.objects.filter(image_id=image.pk)
        .order_by("-edition_id")
        .select_related("edition")
        .only(
            "key", "edition__id", "edition__title", "edition__number", "edition__visible_from", "edition__visible_until"
        )
    )
    editions = [
        EditionUse(
            row.edition_id,
            row.edition.title,
            row.edition.number,
            _standing(row.edition.visible_from, row.edition.visible_until, at),
            row.key != image.key,
        )
        for row in rows[: MOST + 1]
    ]
    recordings = [
        NamedUse(pk, title)
        for pk, title in Recording.objects.filter(poster=image.pk)
        .order_by("-id")
        .values_list("id", "title")[: MOST + 1]
    ]
    delegations = _delegations(copy.id for copy in copies)
    lists: dict[str, Sequence[object]] = {
        "copies": copies,
        "editions": editions,
        "recordings": recordings,
        "delegations": delegations,
    }
    return Uses(
        tuple(copies[:MOST]),
        tuple(editions[:MOST]),
        tuple(recordings[:MOST]),
        tuple(delegations[:MOST]),
        frozenset(name for name, found in lists.items() if len(found) > MOST),
    )


def _standing(start: datetime, end: datetime, at: datetime) -> str:
    if end <= start or end <= at:
        return "không còn đăng"
    return "đang đăng" if start <= at else "hẹn giờ"


def _delegations(article_ids: Iterable[int]) -> list[NamedUse]:
    ids = list(article_ids)
    if not ids:
        return []
    rows = Delegation.objects.filter(articles__in=ids).order_by("-id").distinct().values_list("id", "name")
    return [NamedUse(pk, name) for pk, name in rows[: MOST + 1]]


def original_of(key: str) -> str | None:
    """The original's file for a key that a picture has or had; None for no such picture. One query, or two."""
    return (
        Image.objects.filter(key=key).values_list("original", flat=True).first()
        or FormerFile.objects.filter(key=key).values_list("original", flat=True).first()
    )


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody of a delegation who may stand in a picture: the attendee's number, the person's, name, position."""

    id: int
    person_id: int
    name: str
    position: str


def people_of(delegation_id: int, image: Image) -> list[Present]:
    """The named people of a delegation in order, with the highest post held on the day the picture was taken, else as
    the delegation's list says. Two queries, one when the day is not known.
    """
    rows = Attendee.objects.filter(delegation_id=delegation_id, person__isnull=False).order_by("order", "id")
    return _with_posts(list(rows.select_related("person")), image)


def people_chosen(attendee_ids: Iterable[int], image: Image) -> list[Present]:
    """The same for some lines of any delegation, in their order."""
    rows = Attendee.objects.filter(pk__in=list(attendee_ids), person__isnull=False).order_by("order", "id")
    return _with_posts(list(rows.select_related("person")), image)


def _with_posts(rows: list[Attendee], image: Image) -> list[Present]:
    held: dict[int, str] = {}
    if image.taken_on and rows:
        posts = Position.objects.filter(person__in=[row.person_id for row in rows]).held_on(image.taken_on)
        for person_id, title in posts.in_protocol_order().values_list("person_id", "title"):
            held.setdefault(person_id, title)
    return [
        Present(row.pk, row.person_id, row.name, (held.get(row.person_id) or ", ".join(row.position_list))[:300])
        for row in rows
        if row.person_id
    ]
