"""The versions of an article: what happened to it, what can be laid side by side, and what differs. Read-only.

A version is named by a short token: "l3" is the third saved state (lần lưu), "a2" the second edition (ấn bản), "nay"
the copy as it stands now. Contents are those of `sealing.compose`; the caller composes the present one.
"""

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from news import workflow
from news.models import (
    FOREVER,
    Article,
    ContributionKind,
    Edition,
    EditionDelegation,
    Genre,
    Provenance,
    RecordingKind,
    Side,
    TagKind,
)
from news.queries.desk import LABELS
from news.text import blocks, difference
from news.text.blocks import Mark
from news.text.difference import Piece

type Content = Mapping[str, Any]

NOW: Final = "nay"
PAGE: Final = 20
"""How many things of an article's story stand on one page."""

CHOICES: Final = 100
"""How many saved states (the newest) and editions may be picked from a list; every other is reached by its links."""


# --- Which versions there are --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an article: `kind` is "l" (saved), "a" (edition) or "nay"; `at` and `who` say when and by whom."""

    kind: str
    number: int = 0
    at: datetime | None = None
    who: str = ""
    is_blank: bool = False

    @property
    def token(self) -> str:
        """How addresses name it."""
        return NOW if self.kind == NOW else f"{self.kind}{self.number}"

    @property
    def name(self) -> str:
        """How people call it."""
        return {"l": f"Lần lưu {self.number}", "a": f"Ấn bản {self.number}"}.get(self.kind, "Bản hiện tại")


def parse(token: str) -> tuple[str, int] | None:
    """The kind and number that a token names; None for nonsense."""
    if token == NOW:
        return NOW, 0
    kind, digits = token[:1], token[1:]
    if kind in {"l", "a"} and digits.isascii() and digits.isdecimal() and len(digits) < 10 and int(digits):
        return kind, int(digits)
    return None


def present(article: Article) -> Version:
    """The copy as it stands."""
    return Version(NOW, at=article.changed_at, who=_name(article.changed_by))


def find(article: Article, token: str, user: User) -> tuple[Version, Content | None] | None:
    """A version of this article with its content (None when it was blanked; an own query) or None: there is none.

    Not for "nay", whose content is composed. Editions are found by whoever may view editions.
    """
    kind, number = parse(token) or ("", 0)
    if kind == "l":
        revision = article.revisions.select_related("saved_by").filter(number=number).first()
        if revision is None:
            return None
        version = Version("l", number, revision.saved_at, _name(revision.saved_by), not revision.content)
        return version, json.loads(revision.content) if revision.content else None
    if kind == "a" and "news.view_edition" in user.granted_permissions:
        edition = article.editions.filter(number=number).only("number", "sealed_at", "payload").first()
        if edition is None:
            return None
        payload = json.loads(edition.payload) if edition.payload else None
        version = Version("a", number, edition.sealed_at, _sealed_by(payload), payload is None)
        return version, payload["content"] if payload else None
    return None


def _sealed_by(payload: Mapping[str, Any] | None) -> str:
    approved = payload["record"].get("approved_by") if payload else None
    return str(approved["name"]) if approved else ""


def choices(article: Article, user: User) -> list[Version]:
    """What may be picked to compare, the newest first: the present copy, editions, saved states; two queries."""
    saved = article.revisions.order_by("-number").values_list("number", "saved_at", "saved_by__full_name")[:CHOICES]
    found = [present(article)]
    if "news.view_edition" in user.granted_permissions:
        sealed = article.editions.order_by("-number").values_list("number", "sealed_at")[:CHOICES]
        found += [Version("a", number, moment) for number, moment in sealed]
    return found + [Version("l", number, moment, who or "") for number, moment, who in saved]


def last_saved(article: Article) -> tuple[Version, str] | None:
    """The newest saved state and its content's hash; of an imported article the newest edition; None: there is none."""
    saved = (
        article.revisions.order_by("-number").values_list("number", "saved_at", "saved_by__full_name", "content_sha256")
    ).first()
    if saved is not None:
        return Version("l", saved[0], saved[1], saved[2] or ""), saved[3]
    sealed = article.editions.order_by("-number").values_list("number", "sealed_at", "content_sha256").first()
    return (Version("a", sealed[0], sealed[1]), sealed[2]) if sealed else None


def last_change(article: Article) -> tuple[str, str]:
    """The tokens of the last two saved states that can be told apart (of an imported article: editions); else ""s."""
    for kind, rows in (("l", article.revisions.exclude(content="")), ("a", article.editions.exclude(payload=""))):
        numbers = list(rows.order_by("-number").values_list("number", flat=True)[:2])
        if len(numbers) == 2:
            return f"{kind}{numbers[1]}", f"{kind}{numbers[0]}"
        if numbers:
            break
    return "", ""


def neighbours(article: Article, version: Version) -> tuple[Version | None, Version | None]:
    """The saved state (the edition) before and the one after; one query. None for the present copy's neighbours."""
    if version.kind == NOW:
        return None, None
    rows = article.revisions if version.kind == "l" else article.editions
    numbers = set(rows.filter(number__in=(version.number - 1, version.number + 1)).values_list("number", flat=True))
    before, after = version.number - 1, version.number + 1
    return (
        Version(version.kind, before) if before in numbers else None,
        Version(version.kind, after) if after in numbers else None,
    )


def _name(user: User | None) -> str:
    return user.get_full_name() if user else ""


# --- The story -----------------------------------------------------------------------------------

type Source = Literal["save", "edition", "entry", "step"]

SOURCES: Final[tuple[Source, ...]] = ("save", "edition", "entry", "step")
"""What a story is made of; of things at one moment the later named happened last."""

FILTERS: Final[Mapping[str, tuple[str, frozenset[Source]]]] = {
    "": ("Tất cả", frozenset(SOURCES)),
    "buoc": ("Các bước", frozenset({"step"})),
    "luu": ("Các lần lưu", frozenset({"save"})),
    "an-ban": ("Ấn bản và sổ", frozenset({"edition", "entry"})),
}
"""The parts of a story that can be looked at alone, by their word in the address."""

RIGHTS: Final[Mapping[Source, str]] = {
    "save": "news.view_revision",
    "edition": "news.view_edition",
    "entry": "news.view_ledgerentry",
    "step": "news.view_workflowstep",
}
"""Who may see what of a story."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to an article. `pk` is its row's; what does not concern its kind is empty.

    Saves say which parts differ from the save before (`changed`; `is_first`: there is none); editions from when to when
    they are visible (`visible_until` None: without end); entries their hashes.
    """

    source: Source
    pk: int
    at: datetime
    who: str
    title: str
    reason: str = ""
    number: int = 0
    changed: tuple[str, ...] = ()
    is_first: bool = False
    state: str = ""
    state_name: str = ""
    is_blank: bool = False
    is_cancelled: bool = False
    visible_from: datetime | None = None
    visible_until: datetime | None = None
    edition_number: int = 0
    payload_sha256: str = ""
    content_sha256: str = ""
    previous_hash: str = ""
    hash: str = ""

    @property
    def token(self) -> str:
        """The version it made, as addresses name it; "" for none."""
        return {"save": f"l{self.number}", "edition": f"a{self.number}"}.get(self.source, "")

    @property
    def before(self) -> str:
        """The version of its kind before it; "" for none."""
        return f"{self.token[0]}{self.number - 1}" if self.token and self.number > 1 else ""

    @property
    def key(self) -> tuple[datetime, int, int]:
        """Its place in the story."""
        return self.at, SOURCES.index(self.source), self.pk


@dataclass(frozen=True, slots=True)
class StoryPage:
    """Some of what happened, the newest first; `older` is the cursor of the page below ("" for none)."""

    events: tuple[Event, ...]
    older: str = ""


def story_page(article: Article, user: User, *, only: str = "", before: str = "") -> StoryPage:
    """A page of the article's story, as much as the user may see: a query for each source and one for the saved texts.

    `only` is a word of `FILTERS`, `before` a cursor; nonsense counts as none.
    """
    wanted = FILTERS.get(only, FILTERS[""])[1]
    granted = user.granted_permissions
    cursor = _read_cursor(before)
    events: list[Event] = []
    for source in SOURCES:
        if source in wanted and RIGHTS[source] in granted:
            events += _READERS[source](article, cursor)
    events.sort(key=lambda event: event.key, reverse=True)
    shown = events[:PAGE]
    older = _write_cursor(shown[-1]) if len(events) > PAGE else ""
    return StoryPage(tuple(_with_changes(article, shown)), older)


type _Cursor = tuple[datetime, int, int] | None
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _write_cursor(event: Event) -> str:
    micros = (event.at - _EPOCH) // timedelta(microseconds=1)
    return f"{micros}-{SOURCES.index(event.source)}-{event.pk}"


def _read_cursor(text: str) -> _Cursor:
    parts = text.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) < 18 for part in parts):
        return None
    micros, rank, pk = map(int, parts)
    try:
        return _EPOCH + timedelta(microseconds=micros), rank, pk
    except OverflowError:
        return None


def _below(cursor: _Cursor, source: Source, column: str) -> Q:
    """What stands below the cursor in a story, among the rows of one source."""
    if cursor is None:
        return Q()
    at, rank, pk = cursor
    own = SOURCES.index(source)
    earlier = Q(**{f"{column}__lt": at})
    if own > rank:
        return earlier
    return earlier | (Q(**{column: at}) if own < rank else Q(**{column: at, "pk__lt": pk}))


def _saves(article: Article, cursor: _Cursor) -> Iterable[Event]:
    rows = article.revisions.filter(_below(cursor, "save", "saved_at")).order_by("-saved_at", "-pk")
    for row in rows.values_list("pk", "saved_at", "saved_by__full_name", "number", "content_sha256")[: PAGE + 1]:
        pk, at, who, number, hashed = row
        yield Event("save", pk, at, who or "", f"Lần lưu {number}", number=number, content_sha256=hashed)


def _editions(article: Article, cursor: _Cursor) -> Iterable[Event]:
    rows = article.editions.filter(_below(cursor, "edition", "sealed_at")).order_by("-sealed_at", "-pk")
    blank = rows.filter(payload="", pk=OuterRef("pk")).order_by()
    for row in rows.annotate(is_blank=Exists(blank)).defer("payload", "lead", "card_image")[: PAGE + 1]:
        yield Event(
            "edition",
            row.pk,
            row.sealed_at,
            "",
            f"Ấn bản {row.number}",
            number=row.number,
            is_blank=row.is_blank,  # type: ignore[attr-defined]  # annotated
            is_cancelled=row.visible_until <= row.visible_from,
            visible_from=row.visible_from,
            visible_until=row.visible_until if row.visible_until < FOREVER else None,
            payload_sha256=row.payload_sha256,
            content_sha256=row.content_sha256,
        )


def _entries(article: Article, cursor: _Cursor) -> Iterable[Event]:
    rows = article.ledger_entries.filter(_below(cursor, "entry", "at")).order_by("-at", "-pk")
    for row in rows.annotate(edition_number=F("edition__number")).select_related("actor")[: PAGE + 1]:
        yield Event(
            "entry",
            row.pk,
            row.at,
            _name(row.actor),
            str(row.get_kind_display()),
            reason=row.reason,
            number=row.sequence,
            edition_number=row.edition_number or 0,
            payload_sha256=row.payload_sha256,
            previous_hash=row.previous_hash,
            hash=row.hash,
        )


def _steps(article: Article, cursor: _Cursor) -> Iterable[Event]:
    rows = article.steps.filter(_below(cursor, "step", "at")).select_related("actor").order_by("-at", "-pk")
    for row in rows[: PAGE + 1]:
        yield Event(
            "step",
            row.pk,
            row.at,
            _name(row.actor),
            LABELS.get(row.transition, row.transition),
            reason=row.reason,
            state=row.target if row.target != row.source else "",
            state_name=str(row.get_target_display()),
            content_sha256=row.content_sha256,
        )


_READERS: Final[Mapping[Source, Callable[[Article, _Cursor], Iterable[Event]]]] = {
    "save": _saves,
    "edition": _editions,
    "entry": _entries,
    "step": _steps,
}


def _with_changes(article: Article, events: Sequence[Event]) -> list[Event]:
    """The events, each save with the parts in which it differs from the one before; one query if there is a save."""
    numbers = {event.number for event in events if event.source == "save"}
    if not numbers:
        return list(events)
    wanted = numbers | {number - 1 for number in numbers}
    texts = dict(article.revisions.filter(number__in=wanted).values_list("number", "content"))
    contents = {number: json.loads(text) for number, text in texts.items() if text}
    told = []
    for event in events:
        if event.source == "save":
            old, new = contents.get(event.number - 1), contents.get(event.number)
            names = changed_parts(old, new) if old and new else ()
            event = replace(event, changed=names, is_first=event.number == 1, is_blank=new is None)
        told.append(event)
    return told


# --- What differs --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison. Of `left` and `right` the pieces; `*_label` says what the line is ("đoạn trong hộp").

    `kind` is that of a row of `difference`, or "format": only `gone` and `come` differ, marks that one side has.
    Pictures are as a content holds them.
    """

    kind: str
    left: tuple[Piece, ...] = ()
    right: tuple[Piece, ...] = ()
    left_label: str = ""
    right_label: str = ""
    gone: tuple[Mark, ...] = ()
    come: tuple[Mark, ...] = ()
    left_pictures: tuple[Mapping[str, Any], ...] = ()
    right_pictures: tuple[Mapping[str, Any], ...] = ()
    is_moved: bool = False

    @property
    def is_changed(self) -> bool:
        """Whether the two sides differ in anything."""
        return self.kind != "same" or self.is_moved


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an article with its lines. `kept`: why it stays as it is today when a version is restored ("": no)."""

    name: str
    lines: tuple[Line, ...]
    kept: str = ""

    @property
    def is_changed(self) -> bool:
        """Whether any line differs."""
        return any(line.is_changed for line in self.lines)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions side by side, part by part; empty parts are left out."""

    parts: tuple[Part, ...]

    @property
    def changed(self) -> tuple[Part, ...]:
        """The parts that differ."""
        return tuple(part for part in self.parts if part.is_changed)

    @property
    def is_restorable(self) -> bool:
        """Whether anything differs that belongs to the article itself."""
        return any(not part.kept for part in self.changed)


_NAMES: Final[Mapping[str, str]] = {
    "title": "Tiêu đề",
    "kicker": "Dòng trên tiêu đề",
    "lead": "Sa-pô",
    "body": "Nội dung",
    "lead_image": "Ảnh chính",
    "gallery": "Chùm ảnh",
    "body_images": "Ảnh trong nội dung",
    "recordings": "Phim, âm thanh",
    "attachments": "Tài liệu đính kèm",
    "byline": "Tên ký",
    "section": "Chuyên mục",
    "other_sections": "Đăng cả ở",
    "genre": "Thể loại",
    "event_on": "Ngày diễn ra sự kiện",
    "tags": "Từ khóa",
    "related": "Bài liên quan",
    "source": "Nguồn",
    "provenance": "Xuất xứ",
    "ai": "Trí tuệ nhân tạo",
    "allow_comments": "Bình luận",
}
_SILENT: Final = frozenset({"schema", "slug"})
"""Keys that follow from others."""


def changed_parts(old: Content, new: Content) -> tuple[str, ...]:
    """In which parts two contents differ, by name, in the order of the page; cheap."""
    names = [name for key, name in _NAMES.items() if (old.get(key) or None) != (new.get(key) or None)]
    before, after = old.get("delegations") or [], new.get("delegations") or []
    if [_facts_of(row) for row in before] != [_facts_of(row) for row in after]:
        names.append("Đoàn công tác")
    if [row["attendees"] for row in before] != [row["attendees"] for row in after]:
        names.append("Thành phần tham dự")
    known = _NAMES.keys() | _SILENT | {"delegations"}
    others = (old.keys() | new.keys()) - known
    return tuple(names + sorted(key for key in others if old.get(key) != new.get(key)))


def _facts_of(delegation: Content) -> dict[str, Any]:
    return {key: value for key, value in delegation.items() if key != "attendees"}


def related_titles(contents: Iterable[Content], user: User) -> dict[int, str]:
    """The titles of the articles that the contents point to, as far as the user may open them; one query."""
    wanted = {pk for content in contents for pk in content.get("related") or ()}
    if not wanted:
        return {}
    rows = Article.objects.filter(workflow.visible_articles(user), pk__in=wanted)
    return dict(rows.values_list("pk", "title"))


def shared(numbers: Iterable[int], article: Article, user: User, at: datetime) -> dict[int, str]:
    """Of these delegations those that are not this article's alone, and with what; three queries, or none.

    Another article has a share when it is linked to the delegation, or when readers see it in one of its editions or
    will. Articles that the user may not open are counted, not named.
    """
    wanted = set(numbers)
    if not wanted:
        return {}
    others: dict[int, set[int]] = {}
    links = Article.delegations.through.objects.filter(delegation_id__in=wanted).exclude(article_id=article.pk)
    printed = EditionDelegation.objects.filter(delegation_id__in=wanted, edition__in=Edition.objects.not_over(at))
    for rows in (links, printed.exclude(article_id=article.pk)):
        for pk, other in rows.values_list("delegation_id", "article_id"):
            others.setdefault(pk, set()).add(other)
    named = Article.objects.filter(
        workflow.visible_articles(user), pk__in={pk for row in others.values() for pk in row}
    )
    titles = dict(named.values_list("pk", "title")) if others else {}
    return {pk: f"dùng chung với {_articles(row, titles)}" for pk, row in others.items()}


def _articles(numbers: Iterable[int], titles: Mapping[int, str]) -> str:
    """ "bài “Tên” (số 12) và 2 bài khác", "một bài khác"."""
    found = sorted(numbers, key=lambda pk: (pk not in titles, -pk))
    if found[0] not in titles:
        return f"{len(found)} bài khác"
    named = f"bài “{titles[found[0]]}” (số {found[0]})"
    return f"{named} và {len(found) - 1} bài khác" if len(found) > 1 else named


def compare(
    old: Content, new: Content, *, titles: Mapping[int, str], kept: Mapping[int, str] | None = None
) -> Comparison:
    """Two contents side by side. `titles`: see `related_titles`; `kept`: why delegations stay, see `shared`."""
    parts = [
        _texts(_NAMES["title"], [old.get("title", "")], [new.get("title", "")]),
        _texts(_NAMES["kicker"], [old.get("kicker", "")], [new.get("kicker", "")]),
        _texts(_NAMES["lead"], _split(old.get("lead", "")), _split(new.get("lead", ""))),
        body_part(old, new),
        _pictures("lead_image", _one(old.get("lead_image")), _one(new.get("lead_image"))),
        _pictures("gallery", old.get("gallery") or (), new.get("gallery") or ()),
        *_delegations(old.get("delegations") or (), new.get("delegations") or (), kept or {}),
        _things("byline", old, new, key=_id_and_kind, told=_signature),
        _facts("Xếp đặt", _settings(old), _settings(new)),
        _things("other_sections", old, new, key=_id, told=_named),
        _things("tags", old, new, key=_id, told=_tag),
        _things("related", old, new, key=lambda pk: pk, told=lambda pk: titles.get(pk) or f"Bài số {pk}"),
        _things("attachments", old, new, key=_id, told=_attachment),
        _facts("Nguồn và cách làm", _origin(old), _origin(new)),
        _library(_by_number(old), _by_number(new)),
        _recordings(old.get("recordings") or (), new.get("recordings") or ()),
        _facts("Khác", _unknown(old, new), _unknown(new, old)),
    ]
    return Comparison(tuple(part for part in parts if part.lines))


def _split(text: str) -> list[str]:
    return text.split("\n") if text else []


def _one(value: Content | None) -> tuple[Content, ...]:
    return (value,) if value else ()


def _texts(name: str, old: Sequence[str], new: Sequence[str]) -> Part:
    old, new = [line for line in old if line], [line for line in new if line]
    rows = difference.lines(old, new)
    return Part(name, tuple(Line(row.kind, *_sides(row)) for row in rows))


def _sides(row: difference.Row) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """The pieces of a row; what only stands elsewhere is neither removed nor added."""
    if row.kind not in {"moved_away", "moved_here"}:
        return row.left, row.right
    return tuple(Piece("same", piece.text) for piece in row.left), tuple(
        Piece("same", piece.text) for piece in row.right
    )


def _pair(old: str | None, new: str | None, **more: Any) -> Line:
    """One thing in both versions, or in one (None: not in this one)."""
    if old is None or new is None:
        kind: difference.Change = "removed" if new is None else "added"
        alone = (Piece(kind, text),) if (text := old if new is None else new) else ()
        return Line(kind, alone if new is None else (), () if new is None else alone, **more)
    pieces = difference.words(old, new)
    return Line(
        "same" if old == new else "changed",
        tuple(piece for piece in pieces if piece.kind != "added"),
        tuple(piece for piece in pieces if piece.kind != "removed"),
        **more,
    )


def _things(
    name: str, old: Content, new: Content, *, key: Callable[[Any], Hashable], told: Callable[[Any], str]
) -> Part:
    """A list of things known by a key, each a line."""
    before, after = old.get(name) or (), new.get(name) or ()
    return Part(_NAMES[name], tuple(_paired(before, after, key, told)))


def _paired(
    old: Sequence[Any], new: Sequence[Any], key: Callable[[Any], Hashable], told: Callable[[Any], str]
) -> Iterable[Line]:
    for pair in difference.keyed([key(row) for row in old], [key(row) for row in new]):
        before = told(old[pair.old]) if pair.old is not None else None
        after = told(new[pair.new]) if pair.new is not None else None
        yield _pair(before, after, is_moved=pair.is_moved)


def _id(row: Content) -> Hashable:
    return row.get("id")


def _id_and_kind(row: Content) -> Hashable:
    return row.get("id"), row.get("kind")


def _named(row: Content) -> str:
    return str(row.get("name", ""))


def _label(choices: Any, value: Any) -> str:
    return str(choices(value).label) if value in choices.values else str(value or "")


def _signature(row: Content) -> str:
    return f"{row.get('name', '')} ({_label(ContributionKind, row.get('kind')).lower()})"


def _tag(row: Content) -> str:
    return f"{row.get('name', '')} (dòng sự kiện)" if row.get("kind") == TagKind.TOPIC else _named(row)


def _attachment(row: Content) -> str:
    return f"{row.get('title', '')} ({row.get('name', '')}, {row.get('byte_count', 0)} byte)"


def _day(text: Any) -> str:
    if not text:
        return ""
    day = date.fromisoformat(text)
    return f"{day.day}/{day.month}/{day.year}"


def _moment(text: Any) -> str:
    return f"{timezone.localtime(datetime.fromisoformat(text)):%H:%M %-d/%-m/%Y}" if text else ""


def _facts(name: str, old: Mapping[str, str], new: Mapping[str, str]) -> Part:
    """Single values under their labels; those empty on both sides are left out."""
    lines = [
        _pair(old.get(label, ""), new.get(label, ""), left_label=label, right_label=label)
        for label in dict.fromkeys([*old, *new])
        if old.get(label) or new.get(label)
    ]
    return Part(name, tuple(lines))


def _settings(content: Content) -> dict[str, str]:
    return {
        _NAMES["section"]: _named(content.get("section") or {}),
        _NAMES["genre"]: _label(Genre, content.get("genre")),
        _NAMES["event_on"]: _day(content.get("event_on")),
        _NAMES["allow_comments"]: "cho phép" if content.get("allow_comments") else "không",
    }


def _origin(content: Content) -> dict[str, str]:
    source, ai = content.get("source") or {}, content.get("ai") or {}
    return {
        _NAMES["provenance"]: _label(Provenance, content.get("provenance")),
        "Nguồn": str(source.get("name") or ""),
        "Địa chỉ bài nguồn": str(source.get("url") or ""),
        "Thỏa thuận dẫn lại": str(source.get("agreement") or ""),
        "Nguồn đăng lúc": _moment(source.get("published_at")),
        "Dùng trí tuệ nhân tạo": str(ai.get("note") or ""),
    }


def _unknown(content: Content, other: Content) -> dict[str, str]:
    """What this program has no words for, where it differs: told all the same."""
    known = _NAMES.keys() | _SILENT | {"delegations"}
    keys = sorted(key for key in (content.keys() | other.keys()) - known if content.get(key) != other.get(key))
    return {key: json.dumps(content.get(key), ensure_ascii=False, sort_keys=True) for key in keys}


def body_part(old: Content, new: Content) -> Part:
    """The rich texts of two contents side by side, with the pictures that each of them shows."""
    before, after = old.get("body", ""), new.get("body", "")
    there, here = _by_number(old), _by_number(new)
    lines = [
        Line(
            row.kind,
            *_sides(row.row),
            _block_name(row.old),
            _block_name(row.new),
            row.gone,
            row.come,
            _shown_in(row.old, there),
            _shown_in(row.new, here),
        )
        for row in blocks.compare(before, after)
    ]
    if before != after and not any(line.is_changed for line in lines):
        lines.append(Line("format", come=(Mark("cách viết mã trình bày"),)))
    return Part(_NAMES["body"], tuple(lines))


def _shown_in(block: blocks.Block | None, images: Mapping[int, Content]) -> tuple[Content, ...]:
    """The pictures of a figure, as the content holds them."""
    return tuple(images[number] for number in block.image_ids if number in images) if block else ()


def _block_name(block: blocks.Block | None) -> str:
    """What a block is, unless it is a plain paragraph."""
    return "" if block is None or block.name == blocks.KINDS["p"] else block.name


def _by_number(content: Content) -> dict[int, Content]:
    return {image["id"]: image for image in content.get("body_images") or ()}


def _library(old: Mapping[int, Content], new: Mapping[int, Content]) -> Part:
    """What the library says of the pictures in both texts; those in one of them stand in the text itself."""
    lines = (_picture(old[number], new[number]) for number in old if number in new)
    return Part(
        _NAMES["body_images"], tuple(line for line in lines if line.is_changed), "ghi trong kho ảnh, không theo bài"
    )


def _pictures(name: str, old: Sequence[Content], new: Sequence[Content]) -> Part:
    lines = []
    for pair in difference.keyed([_id(image) for image in old], [_id(image) for image in new]):
        before = old[pair.old] if pair.old is not None else None
        after = new[pair.new] if pair.new is not None else None
        lines.append(_picture(before, after, is_moved=pair.is_moved))
    return Part(_NAMES[name], tuple(lines))


def _picture(old: Content | None, new: Content | None, *, is_moved: bool = False) -> Line:
    line = _pair(
        _told(old) if old else None,
        _told(new) if new else None,
        left_label=f"ảnh số {old['id']}" if old else "",
        right_label=f"ảnh số {new['id']}" if new else "",
        left_pictures=_one(old),
        right_pictures=_one(new),
        is_moved=is_moved,
    )
    if not (old and new):
        return line
    come = []
    if old.get("key") != new.get("key"):
        come.append(Mark("tệp ảnh", "đã thay tệp khác"))
    if old.get("crops") != new.get("crops"):
        come.append(Mark("khung cắt", "đã đổi"))
    if not come:
        return line
    return replace(line, kind="format" if line.kind == "same" else line.kind, come=tuple(come))


def _told(image: Content) -> str:
    """What is said of a picture: caption, description and credit, a line each."""
    labelled = (("Mô tả", image.get("alt")), ("Ảnh", image.get("credit")))
    told = [str(image.get("caption") or ""), *(f"{label}: {text}" for label, text in labelled if text)]
    return "\n".join(text for text in told if text)


def _recordings(old: Sequence[Content], new: Sequence[Content]) -> Part:
    def told(row: Content) -> str:
        labelled = (("Nguồn", row.get("credit")), ("Lời", row.get("transcript")))
        first = f"{_label(RecordingKind, row.get('kind'))}: {row.get('title', '')}"
        return "\n".join([first, row.get("caption") or "", *(f"{name}: {text}" for name, text in labelled if text)])

    return Part(_NAMES["recordings"], tuple(_paired(old, new, _id, told)), "ghi trong kho, không theo bài")


def _delegations(old: Sequence[Content], new: Sequence[Content], kept: Mapping[int, str]) -> list[Part]:
    """First which delegations the article is linked to, then for each its facts and its people."""
    parts = [Part("Đoàn công tác của bài", tuple(_paired(old, new, _id, _named)))]
    for pair in difference.keyed([_id(row) for row in old], [_id(row) for row in new]):
        if pair.old is None or pair.new is None:
            continue
        before, after = old[pair.old], new[pair.new]
        facts = _facts("", _delegation(before), _delegation(after)).lines
        people = tuple(_paired(before["attendees"], after["attendees"], _identity, _attendee))
        parts.append(Part(f"Đoàn: {after['name']}", (*facts, *people), kept.get(after["id"], "")))
    return parts


def _delegation(row: Content) -> dict[str, str]:
    days = "–".join(text for text in (_day(row.get("from_on")), _day(row.get("to_on"))) if text)
    return {
        "Tên đoàn": _named(row),
        "Cơ quan cử đoàn": _named(row.get("visiting") or {}),
        "Cơ quan tiếp đoàn": _named(row.get("host") or {}),
        "Nơi làm việc": "; ".join(row.get("places") or ()),
        "Thời gian": ", ".join(text for text in (days, row.get("date_text")) if text),
        "Nội dung làm việc": str(row.get("purpose") or ""),
    }


def _identity(row: Content) -> Hashable:
    person = row.get("person")
    return ("person", person["id"]) if person else ("text", row.get("name") or row.get("group"))


def _attendee(row: Content) -> str:
    who = ", ".join(
        text for text in (row.get("name") or row.get("group"), "; ".join(row.get("positions") or ())) if text
    )
    return f"{who} ({_label(Side, row.get('side'))}, {row.get('role', '')})"
