"""What may be picked in a form of the desk, found by words typed with or without diacritics. Read-only, never counts.

A picked thing stands in a text field as "Nguyễn Văn A (số 12)", so that a form works without JavaScript: its number,
or a name that only one bears, is enough.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Model, Prefetch, Q, QuerySet

from accounts.models import User
from news.models import (
    Article,
    Author,
    Delegation,
    Image,
    Organisation,
    Person,
    PersonSpelling,
    Position,
    Recording,
    Tag,
)
from news.text.normalize import clean_line, fold

LIMIT: Final = 12
LONGEST: Final = 200
_NUMBERED: Final = re.compile(r"(?:\(số\s+(\d{1,18})\)|(?:\A|\s)#(\d{1,18}))\Z")
_BARE: Final = re.compile(r"\d{1,18}\Z")


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing offered: its number, its name, a word that tells it from others; for a person the posts of that day."""

    id: int
    label: str
    note: str = ""
    positions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """How it stands in the field."""
        return text_of(self.id, self.label)


@dataclass(frozen=True, slots=True)
class Source:
    """What a field offers.

    `may_view`: permissions, any of which suffices; `may_add`: the one by which a name nobody bears becomes a new row
    ("": never).
    """

    kind: str
    model: type[Model]
    may_view: str
    may_add: str
    find: Callable[[str, date], list[Choice]]
    named: Callable[[str], QuerySet[Any]]
    pool: Callable[[], QuerySet[Any]]

    def get(self, pk: int) -> Model | None:
        """The row of that number, if it may still be picked."""
        return self.pool().filter(pk=pk).first()


def text_of(pk: int, label: str) -> str:
    """How a picked thing stands in a text field."""
    return f"{label} (số {pk})"


def number_in(text: str) -> int | None:
    """The number that a field's text names: "Nguyễn Văn A (số 12)", "#12"."""
    found = _NUMBERED.search(text.strip())
    return int(found[1] or found[2]) if found else None


def bare_number(text: str) -> int | None:
    """The number that the text is or names."""
    return int(text) if _BARE.match(text.strip()) else number_in(text)


def _words(text: str) -> list[str]:
    return fold(text[:LONGEST]).split()[:8]


def containing(key: str, text: str) -> Q:
    """Rows whose folded `key` contains every word of the text."""
    condition = Q()
    for word in _words(text):
        condition &= Q(**{f"{key}__contains": word})
    return condition


def _key(text: str) -> str:
    return fold(clean_line(text[:LONGEST]))


# --- People, with the posts of the day -------------------------------------------------------------------


def _people() -> QuerySet[Person]:
    return Person.objects.filter(merged_into=None)


def people_matching(text: str) -> Q:
    """People whose name, or another way it is written, contains the words."""
    spelled = PersonSpelling.objects.filter(containing("name_key", text)).values("person_id")
    return containing("name_key", text) | Q(pk__in=spelled)


def _find_people(text: str, day: date) -> list[Choice]:
    held = Prefetch("positions", queryset=Position.objects.held_on(day).in_protocol_order(), to_attr="positions_of_day")
    people = _people().filter(people_matching(text)).order_by("sort_key", "id").prefetch_related(held)[:LIMIT]
    return [person_choice(person, [row.title for row in person.positions_of_day]) for person in people]


def person_choice(person: Person, titles: Iterable[str]) -> Choice:
    """A person with the posts of the day asked about."""
    titles = tuple(titles)
    note = "; ".join(titles) or ("" if person.is_verified else "chờ xác minh")
    return Choice(person.pk, person.name, note, titles)


def _people_named(text: str) -> QuerySet[Person]:
    key = _key(text)
    spelled = PersonSpelling.objects.filter(name_key=key).values("person_id")
    return _people().filter(Q(name_key=key) | Q(pk__in=spelled)).order_by("sort_key", "id")


@dataclass(frozen=True, slots=True)
class Known:
    """What a whole list of fields names, looked up at once: rows by number, and by folded name."""

    by_number: dict[int, Any]
    by_key: dict[str, list[Any]]

    def named(self, text: str) -> list[Any]:
        """The rows that bear the name."""
        return self.by_key.get(_key(text), [])


def known_people(texts: Iterable[str]) -> Known:
    """The people that any of the texts names, by number or by name or spelling. Two queries."""
    asked = [clean_line(text[: LONGEST * 4]) for text in texts]
    numbers = {number for text in asked if (number := bare_number(text)) is not None}
    keys = {_key(text) for text in asked if text}
    spelled: dict[int, set[str]] = {}
    for person_id, key in PersonSpelling.objects.filter(name_key__in=keys).values_list("person_id", "name_key"):
        spelled.setdefault(person_id, set()).add(key)
    meant = Q(pk__in=numbers | spelled.keys()) | Q(name_key__in=keys)
    known = Known({}, {})
    for person in _people().filter(meant).order_by("sort_key", "id"):
        known.by_number[person.pk] = person
        for key in {person.name_key, *spelled.get(person.pk, ())}:
            known.by_key.setdefault(key, []).append(person)
    return known


# --- Whatever has a name and a folded key ----------------------------------------------------------------


def _organisations() -> QuerySet[Organisation]:
    return Organisation.objects.filter(merged_into=None)


def _find_organisations(text: str, _day: date) -> list[Choice]:
    condition = containing("name_key", text) | (
        Q(abbreviation__in=[text.strip(), text.strip().upper()]) if text.strip() else Q()
    )
    rows = _organisations().filter(condition).select_related("parent").order_by("name_key", "id")[:LIMIT]
    return [Choice(row.pk, row.name, row.parent.name if row.parent else row.get_level_display()) for row in rows]


def _tags() -> QuerySet[Tag]:
    return Tag.objects.filter(merged_into=None)


def _find_tags(text: str, _day: date) -> list[Choice]:
    rows = _tags().filter(containing("name_key", text)).order_by("name_key", "id")[:LIMIT]
    return [Choice(row.pk, row.name, row.get_kind_display()) for row in rows]


def _find_authors(text: str, _day: date) -> list[Choice]:
    rows = Author.objects.filter(containing("name_key", text)).order_by("name_key", "id")[:LIMIT]
    return [Choice(row.pk, row.name, "bút danh" if row.is_pen_name else "") for row in rows]


def _delegations() -> QuerySet[Delegation]:
    return Delegation.objects.filter(merged_into=None)


def _find_delegations(text: str, _day: date) -> list[Choice]:
    rows = _delegations().filter(containing("name_key", text)).order_by("-id")[:LIMIT]
    return [Choice(row.pk, row.name, f"{row.from_on:%d/%m/%Y}" if row.from_on else row.date_text) for row in rows]


# --- Articles, pictures, colleagues ----------------------------------------------------------------------


def _find_articles(text: str, _day: date) -> list[Choice]:
    condition = containing("title_key", text)
    number = bare_number(text)
    if number is not None:
        condition |= Q(pk=number)
    # The keys first, from the index that holds the titles; then the few rows.
    found = Article.objects.filter(condition).order_by("-id").values("pk")[:LIMIT]
    rows = (
        Article.objects.filter(pk__in=found)
        .order_by("-id")
        .select_related("section")
        .only("id", "title", "state", "section__name")[:LIMIT]
    )
    return [Choice(row.pk, row.title, f"{row.section.name}, {row.get_state_display().lower()}") for row in rows]


def pictures_matching(text: str) -> Q:
    """Pictures whose caption, description or credit contains the words, with or without their marks."""
    condition = containing("text_key", text)
    number = bare_number(text)
    return condition if number is None else condition | Q(pk=number)


def _find_pictures(text: str, _day: date) -> list[Choice]:
    rows = Image.objects.filter(pictures_matching(text)).order_by("-id")[:LIMIT]
    return [Choice(row.pk, str(row), f"{row.width} × {row.height}") for row in rows]


def _find_recordings(text: str, _day: date) -> list[Choice]:
    condition = containing("text_key", text)
    number = bare_number(text)
    if number is not None:
        condition |= Q(pk=number)
    rows = Recording.objects.filter(condition).order_by("-id").only("id", "title", "kind", "seconds")[:LIMIT]
    return [Choice(row.pk, row.title, f"{row.get_kind_display().lower()}, {row.seconds} giây") for row in rows]


def _colleagues() -> QuerySet[User]:
    return User.objects.filter(is_staff=True, is_active=True)


def _find_colleagues(text: str, _day: date) -> list[Choice]:
    """The staff are few: their names are compared here, since they carry no folded key."""
    words = _words(text)
    found = []
    for row in _colleagues().order_by("full_name", "id").only("id", "full_name", "username")[:1000]:
        key = fold(f"{row.full_name} {row.username}")
        if all(word in key for word in words):
            found.append(Choice(row.pk, row.get_full_name(), row.username))
    return found[:LIMIT]


PERSON: Final = Source("nhan-su", Person, "news.view_person", "news.add_person", _find_people, _people_named, _people)
ORGANISATION: Final = Source(
    "co-quan",
    Organisation,
    "news.view_organisation",
    "news.add_organisation",
    _find_organisations,
    lambda text: _organisations().filter(name_key=_key(text)).order_by("id"),
    _organisations,
)
TAG: Final = Source(
    "tu-khoa",
    Tag,
    "news.view_tag",
    "news.add_tag",
    _find_tags,
    lambda text: _tags().filter(name_key=_key(text)).order_by("kind", "id"),
    _tags,
)
AUTHOR: Final = Source(
    "tac-gia",
    Author,
    "news.view_author",
    "news.add_author",
    _find_authors,
    lambda text: Author.objects.filter(name_key=_key(text)).order_by("id"),
    Author.objects.all,
)
DELEGATION: Final = Source(
    "doan",
    Delegation,
    "news.view_delegation",
    "",
    _find_delegations,
    lambda text: _delegations().filter(name_key=_key(text)).order_by("-id"),
    _delegations,
)
ARTICLE: Final = Source(
    "bai",
    Article,
    "news.view_article",
    "",
    _find_articles,
    lambda _text: Article.objects.none(),  # titles are not unique, nor indexed: by number only
    Article.objects.all,
)
IMAGE: Final = Source(
    "anh",
    Image,
    "news.view_image",
    "",
    _find_pictures,
    lambda _text: Image.objects.none(),
    Image.objects.all,
)
RECORDING: Final = Source(
    "phim",
    Recording,
    "news.view_recording",
    "",
    _find_recordings,
    lambda _text: Recording.objects.none(),
    Recording.objects.all,
)
COLLEAGUE: Final = Source(
    "dong-nghiep",
    User,
    "news.view_article accounts.view_user",
    "",
    _find_colleagues,
    lambda text: _colleagues().filter(Q(full_name=clean_line(text)) | Q(username=text.strip().lower())).order_by("id"),
    _colleagues,
)

SOURCES: Final = {
    source.kind: source
    for source in (PERSON, ORGANISATION, TAG, AUTHOR, DELEGATION, ARTICLE, IMAGE, RECORDING, COLLEAGUE)
}
