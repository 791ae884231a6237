"""What is asked about readers' comments: by readers, by who wrote them, and by the desk. Read-only.

Nothing here counts rows or skips any: pages begin at a row, along an index, and numbers are columns.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Case, F, Max, OuterRef, Q, QuerySet, Subquery, TextField, When, Window
from django.db.models.functions import Coalesce, RowNumber, Substr
from django.utils import timezone
from django.utils.formats import date_format

from news import crypto
from news.models import (
    AppealStatus,
    Comment,
    CommentAppeal,
    CommentDeed,
    CommenterStanding,
    CommentEvent,
    CommentLike,
    CommentReport,
    CommentSetting,
    CommentState,
    CommentStatus,
    CommentSwitch,
    CommentTally,
    CommentWho,
    Edition,
    ReaderContact,
    Section,
    WordRule,
)
from news.queries import addresses, editions, own
from news.queries.cards import BadCursor
from news.text.normalize import clean_line, fold

MODERATE: Final = "news.change_comment"
ANSWER: Final = "news.answer_comment"

PAGE: Final = 20
"""Threads on a page."""
FIRST_REPLIES: Final = 3
"""Replies shown with a thread in a list; the thread's own page has them all."""
THREAD: Final = 50
"""Replies on a page of a thread."""
EARLIER: Final = 10
"""Replies shown before the one that an address names."""
OWN: Final = 20
"""Comments of the visitor's own that wait and stand above the others."""

OPEN_BY_DEFAULT: Final = frozenset({"press", "internal"})
"""The kinds of site (SITE_TYPE) where readers may comment unless the newsroom says otherwise."""
CLOSES_AFTER: Final = 30
"""Days after which an article's comments close, unless the newsroom says otherwise."""

NEWEST, MOST_LIKED = "moi", "thich"
ORDERS: Final = {NEWEST: "Mới nhất", MOST_LIKED: "Nhiều lượt thích"}


# --- Whether an article takes comments ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Openness:
    """What holds for an article's comments at a moment. `shown` is how many readers see."""

    state: CommentState
    who: CommentWho
    closes_at: datetime | None
    shown: int

    @property
    def is_open(self) -> bool:
        """Whether new ones are taken."""
        return self.state is CommentState.OPEN

    @property
    def is_off(self) -> bool:
        """Whether there are none at all."""
        return self.state is CommentState.OFF

    @property
    def for_guests(self) -> bool:
        """Whether one may write without an account."""
        return self.who is CommentWho.EVERYBODY


def openness(*, article_id: int, section_id: int, published_at: datetime, at: datetime) -> Openness:
    """What the article's switch says, else its section, the section above, the site, the kind of site. One query."""
    site = CommentSetting.objects.filter(section=None)
    switch = CommentSwitch.objects.filter(article_id=article_id)
    tally = CommentTally.objects.filter(article_id=article_id)
    names = ("state", "who", "closes_after")
    row = (
        Section.objects.filter(pk=section_id)
        .annotate(
            **{f"site_{name}": Subquery(site.values(name)[:1]) for name in names},
            switch_state=Subquery(switch.values("state")[:1]),
            switch_closes_at=Subquery(switch.values("closes_at")[:1]),
            shown=Subquery(tally.values("shown")[:1]),
        )
        .values(
            *(f"comment_setting__{name}" for name in names),
            *(f"parent__comment_setting__{name}" for name in names),
            *(f"site_{name}" for name in names),
            "switch_state",
            "switch_closes_at",
            "shown",
        )
        .first()
    ) or {}
    levels = ("comment_setting__", "parent__comment_setting__", "site_")
    rules = _rules([{name: row.get(f"{level}{name}") for name in names} for level in levels])
    state = CommentState(row.get("switch_state") or rules.state)
    closes_at = row.get("switch_closes_at")
    if closes_at is None and rules.closes_after and not row.get("switch_state"):
        closes_at = published_at + timedelta(days=rules.closes_after)
    if state is CommentState.OPEN and closes_at is not None and closes_at <= at:
        state = CommentState.CLOSED
    return Openness(state, rules.who, closes_at, row.get("shown") or 0)


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds in a place for articles without a switch of their own. `closes_after` in days; 0: never.

    `is_below`: a section below the one before it.
    """

    place: str
    state: CommentState
    who: CommentWho
    closes_after: int
    is_below: bool = False


def _rules(levels: Iterable[Mapping[str, Any]], place: str = "", *, is_below: bool = False) -> Rules:
    """Each thing as the nearest level has it that says anything of it, else as the kind of site has it."""
    held = list(levels)

    def said(name: str, otherwise: Any) -> Any:
        return next((level[name] for level in held if level[name] not in {None, ""}), otherwise)

    house = CommentState.OPEN if settings.SITE_TYPE in OPEN_BY_DEFAULT else CommentState.OFF
    return Rules(
        place,
        CommentState(said("state", house)),
        CommentWho(said("who", CommentWho.EVERYBODY)),
        said("closes_after", CLOSES_AFTER),
        is_below,
    )


def in_force() -> list[Rules]:
    """What holds on the whole site, then in each section with those below it. Two queries."""
    rows = CommentSetting.objects.values("section_id", "state", "who", "closes_after")
    held: dict[int | None, Mapping[str, Any]] = {row["section_id"]: row for row in rows}
    sections = list(Section.objects.order_by("order", "pk").values_list("pk", "parent_id", "name"))
    below: dict[int | None, list[tuple[int, str]]] = {}
    for number, parent, name in sections:
        below.setdefault(parent, []).append((number, name))
    found = [_rules([held[None]] if None in held else [], "Cả trang")]
    for number, name in below.get(None, []):
        above = [held[key] for key in (number, None) if key in held]
        found.append(_rules(above, name))
        for child, child_name in below.get(number, []):
            own = [held[child]] if child in held else []
            found.append(_rules([*own, *above], child_name, is_below=True))
    return found


def of_edition(edition: Edition, at: datetime) -> Openness:
    """The same of what readers see now, loaded with its payload: section and moment are taken from there."""
    sealed = json.loads(edition.payload)
    return openness(
        article_id=edition.article_id,
        section_id=sealed["content"]["section"]["id"],
        published_at=datetime.fromisoformat(sealed["record"]["published_at"]),
        at=at,
    )


# --- What readers see --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: an account, or a guest whose browser holds a signed list of the comments they wrote."""

    user_id: int | None = None
    written: frozenset[int] = frozenset()

    @property
    def is_known(self) -> bool:
        """Whether something of theirs may be on the page."""
        return self.user_id is not None or bool(self.written)

    def wrote(self, comment: Comment) -> bool:
        """Whether the comment is theirs."""
        own = comment.author_id is not None and comment.author_id == self.user_id
        return own or (comment.author_id is None and comment.pk in self.written)


@dataclass(frozen=True, slots=True)
class Shown:
    """A comment as a page prints it; `body` and `name` are "" where it is gone but its answers stand."""

    id: int
    name: str
    body: str
    by_newsroom: bool
    at: datetime
    time: str
    is_edited: bool
    likes: int
    is_gone: bool
    is_own: bool
    may_edit: bool
    is_liked: bool
    state: str
    """For its writer: why others do not see it, in words; "" where they do."""
    reason: str
    """For its writer: what the desk wrote when it decided against it; "" where it did not."""
    url: str
    replies: tuple["Shown", ...] = ()
    more: int = 0
    """How many replies are not on this page."""


@dataclass(frozen=True, slots=True)
class Threads:
    """A page of an article's comments; `own` are the visitor's that wait. `older` is the next cursor, "" at the end."""

    threads: tuple[Shown, ...]
    own: tuple[Shown, ...]
    order: str
    older: str
    is_first: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread: its first comment with a page of answers; numbers to go on from, 0 where there is nothing."""

    root: Shown
    earlier: int
    later: int
    picked: int


_LIGHT: Final = (
    "id", "article_id", "parent_id", "author_id", "by_newsroom", "name", "body", "status", "like_count", "reply_count",
    "created_at", "edited_at", "decided_by_id", "reason",
)  # fmt: skip
_CURSOR: Final = re.compile(r"(?:([0-9]{1,9})-)?([0-9]{1,18})", re.ASCII)


def edit_until(comment: Comment) -> datetime:
    """How long its writer may change it."""
    return comment.created_at + timedelta(minutes=settings.COMMENT_EDIT_MINUTES)


def _shown(
    row: Comment,
    viewer: Viewer,
    at: datetime,
    base: str,
    liked: frozenset[int],
    replies: tuple[Shown, ...] = (),
    more: int = 0,
) -> Shown:
    is_own = viewer.wrote(row)
    is_gone = row.status != CommentStatus.SHOWN and not is_own
    living = row.status in {CommentStatus.SHOWN, CommentStatus.HELD}
    return Shown(
        id=row.pk,
        name="" if is_gone else row.name,
        body="" if is_gone else row.body,
        by_newsroom=row.by_newsroom and not is_gone,
        at=timezone.localtime(row.created_at),
        time=addresses.clock(row.created_at, at),
        is_edited=row.edited_at is not None,
        likes=row.like_count,
        is_gone=is_gone,
        is_own=is_own,
        may_edit=is_own and living and at < edit_until(row),
        is_liked=row.pk in liked,
        state=state_for_writer(row) if is_own and row.status != CommentStatus.SHOWN else "",
        reason=row.reason if is_own and may_appeal(row) else "",
        url=f"{base}binh-luan/{row.pk}/",
        replies=replies,
        more=more,
    )


def state_for_writer(row: Comment) -> str:
    """What became of it, in words for who wrote it: nobody learns that a list took their words for spam."""
    if row.status == CommentStatus.HIDDEN or (row.status == CommentStatus.SPAM and row.decided_by_id):
        return "Không được hiện"
    return CommentStatus.HELD.label if row.status == CommentStatus.SPAM else CommentStatus(row.status).label


def _liked(ids: Iterable[int], viewer: Viewer) -> frozenset[int]:
    if viewer.user_id is None:
        return frozenset()
    rows = CommentLike.objects.filter(user_id=viewer.user_id, comment_id__in=list(ids))
    return frozenset(rows.values_list("comment_id", flat=True))


def threads(
    article_id: int, at: datetime, viewer: Viewer, *, base: str, order: str = NEWEST, cursor: str = ""
) -> Threads:
    """A page of an article's comments. Two queries; for who is known one more (a guest) or two (an account).

    `base` is the article's path. Raises `BadCursor`.
    """
    rows = Comment.objects.filter(article_id=article_id, is_listed=True)
    likes, number = _place(cursor, order)
    if number and order == MOST_LIKED:
        rows = rows.filter(Q(like_count__lt=likes) | Q(like_count=likes, pk__lt=number), like_count__lte=likes)
    elif number:
        rows = rows.filter(pk__lt=number)
    rows = rows.order_by(*(["-like_count", "-pk"] if order == MOST_LIKED else ["-pk"]))
    # One walk down the index of replies for each place: both databases take the first few of each thread so.
    replies = Comment.objects.filter(parent=OuterRef("pk"), status=CommentStatus.SHOWN).order_by("pk").values("pk")
    # Only where there is something to find: looking for nothing could mean reading everything.
    places = {
        f"place_{n}": Case(When(reply_count__gt=n, then=Subquery(replies[n : n + 1]))) for n in range(FIRST_REPLIES)
    }
    found = list(rows.only(*_LIGHT).annotate(**places)[: PAGE + 1])
    page = found[:PAGE]
    wanted = [pk for row in page for name in places if (pk := getattr(row, name)) is not None]
    below: dict[int, list[Comment]] = {}
    for reply in Comment.objects.filter(pk__in=wanted).only(*_LIGHT).order_by("pk"):
        below.setdefault(reply.parent_id or 0, []).append(reply)
    liked = _liked([*(row.pk for row in page), *wanted], viewer)
    listed = tuple(
        _shown(
            row,
            viewer,
            at,
            base,
            liked,
            tuple(_shown(reply, viewer, at, base, liked) for reply in below.get(row.pk, [])),
            max(0, row.reply_count - len(below.get(row.pk, []))),
        )
        for row in page
    )
    own = () if cursor else _own(article_id, at, viewer, base)
    return Threads(listed, own, order, _cursor(page[-1], order) if len(found) > PAGE else "", not cursor)


def _place(cursor: str, order: str) -> tuple[int, int]:
    """How many likes and which number a cursor names. Raises `BadCursor`."""
    if not cursor:
        return 0, 0
    found = _CURSOR.fullmatch(cursor)
    if found is None or (found[1] is None) != (order == NEWEST):
        raise BadCursor
    return int(found[1] or 0), int(found[2])


def _cursor(row: Comment, order: str) -> str:
    return f"{row.like_count}-{row.pk}" if order == MOST_LIKED else str(row.pk)


def _own(article_id: int, at: datetime, viewer: Viewer, base: str) -> tuple[Shown, ...]:
    """The visitor's own comments that others do not see (yet): one query, none for who is not known."""
    if not viewer.is_known:
        return ()
    theirs = Q(author_id=viewer.user_id) if viewer.user_id is not None else Q()
    guests = Q(pk__in=viewer.written, author=None) if viewer.written else Q()
    unseen = [CommentStatus.HELD, CommentStatus.HIDDEN, CommentStatus.SPAM]
    rows = Comment.objects.filter(theirs | guests, article_id=article_id, status__in=unseen, is_listed=False).only(
        *_LIGHT
    )
    return tuple(_shown(row, viewer, at, base, frozenset()) for row in rows.order_by("-pk")[:OWN])


def thread(
    article_id: int, number: int, at: datetime, viewer: Viewer, *, base: str, after: int = 0, before: int = 0
) -> Thread | None:
    """The thread of a comment, opened where it stands; None where the visitor may not see the comment.

    `after` and `before` are numbers of replies from which to go on. Four queries at most, five for an account.
    """
    picked = Comment.objects.filter(pk=number, article_id=article_id).only(*_LIGHT).first()
    if picked is None:
        return None
    root = picked
    if picked.parent_id is not None:
        root = Comment.objects.only(*_LIGHT).get(pk=picked.parent_id)
    is_visible = picked.status == CommentStatus.SHOWN or viewer.wrote(picked)
    if not is_visible and not (picked is root and root.reply_count):
        return None
    rows = Comment.objects.filter(parent=root).only(*_LIGHT)
    theirs = Q(author_id=viewer.user_id) if viewer.user_id is not None else Q(pk__in=viewer.written, author=None)
    waiting = Q(theirs, status=CommentStatus.HELD) if viewer.is_known else Q(pk__in=[])
    rows = rows.filter(Q(status=CommentStatus.SHOWN) | waiting | Q(pk=picked.pk if picked is not root else None))
    start = picked.pk if picked is not root and not after and not before else 0
    earlier: list[Comment] = []
    later: list[Comment] = []
    if before:
        earlier = list(rows.filter(pk__lt=before).order_by("-pk")[: THREAD + 1])
    else:
        if start:
            earlier = list(rows.filter(pk__lt=start).order_by("-pk")[: EARLIER + 1])
        begin = Q(pk__gte=start) if start else Q(pk__gt=after)
        later = list(rows.filter(begin).order_by("pk")[: THREAD + 1])
    most = THREAD if before else EARLIER
    page = [*reversed(earlier[:most]), *later[:THREAD]]
    liked = _liked([root.pk, *(row.pk for row in page)], viewer)
    has_earlier = len(earlier) > most or bool(after)
    has_later = len(later) > THREAD or bool(before)
    return Thread(
        root=_shown(root, viewer, at, base, liked, tuple(_shown(row, viewer, at, base, liked) for row in page)),
        earlier=page[0].pk if has_earlier and page else 0,
        later=page[-1].pk if has_later and page else 0,
        picked=picked.pk,
    )


def one(article_id: int, number: int) -> Comment | None:
    """A comment of an article."""
    return Comment.objects.filter(pk=number, article_id=article_id).first()


def visible(article_id: int, number: int, viewer: Viewer) -> Comment | None:
    """A comment of an article that readers see, or that the visitor wrote. One query."""
    row = one(article_id, number)
    return row if row is not None and (row.status == CommentStatus.SHOWN or viewer.wrote(row)) else None


def liked_by(row: Comment, user_id: int) -> bool:
    """Whether the account likes it."""
    return CommentLike.objects.filter(comment=row, user_id=user_id).exists()


# --- The writer's own ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mine:
    """A comment on its writer's page: under which article (title and address "" where readers no longer see it)."""

    id: int
    title: str
    article_url: str
    url: str
    body: str
    at: datetime
    state: str
    reason: str
    likes: int
    may_edit: bool
    may_withdraw: bool
    may_appeal: bool
    appeal: str
    """How an appeal stands, in words; "" for none."""


def mine(user_id: int, cursor: str = "", at: datetime | None = None) -> own.Page[Mine]:
    """A page of what an account wrote, the newest first. One query. Raises `BadCursor`."""
    at = at or timezone.now()
    live = Edition.objects.live(at).filter(article=OuterRef("article_id"))
    rows = (
        Comment.objects.filter(author_id=user_id)
        .select_related("appeal")
        .annotate(live_title=Subquery(live.values("title")[:1]), live_slug=Subquery(live.values("slug")[:1]))
    )
    found, older = own.cut(rows, cursor)
    return own.Page(tuple(_mine(row, at) for row in found), older, is_first=not cursor)


def _mine(row: Any, at: datetime) -> Mine:
    base = addresses.article(row.live_slug, row.article_id) if row.live_slug else ""
    appeal = getattr(row, "appeal", None)
    living = row.status in {CommentStatus.SHOWN, CommentStatus.HELD}
    return Mine(
        id=row.pk,
        title=row.live_title or "",
        article_url=base,
        url=f"{base}binh-luan/{row.pk}/" if base else "",
        body=row.body,
        at=row.created_at,
        state=state_for_writer(row),
        reason=row.reason if may_appeal(row) else "",
        likes=row.like_count,
        may_edit=bool(base) and living and at < edit_until(row),
        may_withdraw=bool(base) and living,
        may_appeal=bool(base) and appeal is None and may_appeal(row),
        appeal=AppealStatus(appeal.status).label if appeal is not None else "",
    )


REFUSED: Final = frozenset({CommentStatus.HIDDEN, CommentStatus.SPAM})


def outcome(row: Comment, lockout: str = "") -> str:
    """What became of a comment by the desk's decision, in words for who wrote it; "" where no decision holds now.

    It is told from how the comment and its appeal stand now; `lockout` (see there) is said after it. Loads the appeal
    unless that was selected with the row.
    """
    return f"{_outcome(row)} {lockout}".strip()


def lockout(row: Comment, at: datetime) -> str:
    """That its writer was locked out over this comment, in words for them; "" where that never was or is over.

    Three queries at most.
    """
    if not row.events.filter(deed=CommentDeed.BLOCK).exists():
        return ""
    return _lockout(standing_of(row), at)


def lockout_of(user_id: int, at: datetime) -> str:
    """That the account is locked out, in words for its reader; "" where it is not. One query."""
    return _lockout(CommenterStanding.objects.filter(user_id=user_id).first(), at)


def _lockout(standing: CommenterStanding | None, at: datetime) -> str:
    if standing is None or standing.blocked_until is None or standing.blocked_until <= at:
        return ""
    until = date_format(timezone.localtime(standing.blocked_until), "H:i j/n/Y")
    why = f" Lý do: {standing.reason.rstrip('.')}." if standing.reason else ""
    return (
        f"Tòa soạn tạm khóa việc viết bình luận của bạn đến {until}.{why} Nếu thấy chưa đúng, bạn hãy gửi phản hồi cho"
        " tòa soạn."
    )


def _outcome(row: Comment) -> str:
    appeal = _appeal_status(row)
    if row.status == CommentStatus.SHOWN and row.decided_by_id is not None:
        if appeal == AppealStatus.UPHELD:
            return "Khiếu nại của bạn được chấp nhận: bình luận đang hiện trên trang."
        return "Bình luận của bạn đã được duyệt và đang hiện trên trang."
    if not may_appeal(row):
        return ""
    if appeal == AppealStatus.DENIED:
        said = f"Tòa soạn đã xem khiếu nại của bạn và giữ nguyên quyết định: bình luận không được hiện. {_why(row)}"
        return f"{said} Trả lời của tòa soạn: {row.appeal.answer}".strip()
    return f"Bình luận của bạn không được hiện. {_why(row)}".strip()


def _why(row: Comment) -> str:
    return f"Lý do: {row.reason.rstrip('.')}." if row.reason else ""


def may_appeal(row: Comment) -> bool:
    """Whether somebody decided against it."""
    return row.status in REFUSED and row.decided_by_id is not None


def appeal_of(row: Comment) -> CommentAppeal | None:
    """The writer's appeal, if there is one."""
    return CommentAppeal.objects.filter(comment=row).first()


def export_of(*, contact_ids: Iterable[int], user_ids: Iterable[int]) -> list[dict[str, Any]]:
    """Everything somebody wrote, liked, reported and appealed, for a copy of their data. Four queries at most."""
    contact_ids, user_ids = list(contact_ids), list(user_ids)
    rows = Comment.objects.filter(Q(contact_id__in=contact_ids) | Q(author_id__in=user_ids))
    written = list(rows.select_related("appeal").order_by("-pk"))
    liked = list(_with_comment(CommentLike.objects.filter(user_id__in=user_ids)))
    reported = list(_with_comment(CommentReport.objects.filter(user_id__in=user_ids)))
    articles = {row.article_id for row in written} | {row.article_pk for row in (*liked, *reported)}
    seen = editions.titles(articles) if articles else {}
    told = [
        {
            "Loại": "Bình luận",
            **_under(row.article_id, seen),
            "Tên hiện": row.name,
            "Nội dung": row.body,
            "Tình trạng": state_for_writer(row),
            "Viết lúc": row.created_at,
            **({"Khiếu nại": row.appeal.words} if hasattr(row, "appeal") else {}),
        }
        for row in written
    ]
    told += [
        {
            "Loại": "Lượt thích",
            **_under(row.article_pk, seen, row.comment_id if row.is_shown else None),
            "Lúc": row.created_at,
        }
        for row in liked
    ]
    told += [
        {
            "Loại": "Lời báo xấu",
            **_under(row.article_pk, seen, row.comment_id if row.is_shown else None),
            "Lý do": row.get_reason_display(),
            "Nói thêm": row.note,
            "Lúc": row.created_at,
        }
        for row in reported
    ]
    return told


def _with_comment(rows: "QuerySet[Any]") -> Iterable[Any]:
    """Likes or reports, the newest first, each with its comment's article and whether readers see the comment."""
    shown = Q(comment__status=CommentStatus.SHOWN)
    found: Iterable[Any] = rows.annotate(
        article_pk=F("comment__article_id"), is_shown=Case(When(shown, then=True), default=False)
    ).order_by("-pk")
    return found


def _under(article_id: int, seen: dict[int, tuple[str, str]], comment_id: int | None = None) -> dict[str, str]:
    """The article by its title, and where it is, or that comment below it."""
    if article_id not in seen:
        return {"Bài": f"Bài số {article_id}, không còn trên trang"}
    title, path = seen[article_id]
    return {"Bài": title, "Địa chỉ": addresses.absolute(f"{path}binh-luan/{comment_id}/" if comment_id else path)}


# --- Who is trusted ------------------------------------------------------------------------------------------


def standing_of(row: Comment) -> CommenterStanding | None:
    """How its writer's comments fared. One query at most, two for a guest."""
    if row.author_id is not None:
        return CommenterStanding.objects.filter(user_id=row.author_id).first()
    digest = row.contact.email_digest if row.contact is not None else ""
    return CommenterStanding.objects.filter(mailbox=digest).first() if digest else None


def is_trusted(standing: CommenterStanding | None, at: datetime) -> bool:
    """Whether an account's comments may appear at once: enough approved, none refused lately."""
    needed = settings.COMMENT_TRUSTED_AFTER
    if standing is None or standing.user_id is None or not needed or standing.approved < needed:
        return False
    return standing.refused_at is None or standing.refused_at < at - RECENT


RECENT: Final = timedelta(days=90)
"""How long a refusal is remembered against trust."""


def active_words() -> list[WordRule]:
    """The words that keep comments back."""
    return list(WordRule.objects.filter(is_active=True).order_by("pk"))


# --- The desk --------------------------------------------------------------------------------------------------

EXCERPT: Final = 600
"""How much of a comment a list fetches."""
BEFORE: Final = 160
"""And of the one it answers."""


def for_list(rows: QuerySet[Comment], at: datetime) -> QuerySet[Comment]:
    """Each comment with its article, what it answers, and how its writer fared, in the same query."""
    live = Edition.objects.live(at).filter(article=OuterRef("article_id"))
    by_user = CommenterStanding.objects.filter(user=OuterRef("author_id"))
    by_mailbox = CommenterStanding.objects.filter(mailbox=OuterRef("contact__email_digest"))

    def standing(name: str) -> Coalesce:
        return Coalesce(Subquery(by_user.values(name)[:1]), Subquery(by_mailbox.values(name)[:1]))

    return rows.annotate(
        beginning=Substr("body", 1, EXCERPT),
        live_title=Subquery(live.values("title")[:1]),
        live_slug=Subquery(live.values("slug")[:1]),
        answers_name=F("parent__name"),
        answers_beginning=Substr("parent__body", 1, BEFORE, output_field=TextField()),
        approved=standing("approved"),
        refused=standing("refused"),
        blocked_until=standing("blocked_until"),
        appeal_status=F("appeal__status"),
        appeal_words=F("appeal__words"),
        appeal_at=F("appeal__created_at"),
    )


WINDOW: Final = 2000
"""How many of the newest comments of a queue are searched for words; nothing holds an index of them."""
WINDOW_WORDS: Final = "2.000"


def holding(rows: QuerySet[Comment], text: str) -> list[int]:
    """The newest of these comments whose name or words hold every word of the text, marks or not. One query."""
    words = fold(clean_line(text)).split()
    newest = rows.order_by("-pk").values_list("pk", "name", "body")[:WINDOW]
    keys = ((pk, fold(f"{name} {body}")) for pk, name, body in newest)
    return [pk for pk, key in keys if all(word in key for word in words)]


def written_by(standing: CommenterStanding) -> Q:
    """The comments of that writer: of the account, or of the guest's mailbox."""
    if standing.user_id is not None:
        return Q(author=standing.user_id)
    return Q(contact__in=ReaderContact.objects.filter(email_digest=standing.mailbox).values("pk"))


def writer_names(rows: Iterable[CommenterStanding]) -> dict[int, str]:
    """What each writer is called, by the row's number: the account's name, a guest's on their newest comment.

    The rows come with their accounts. At most two queries.
    """
    guests = {row.mailbox: row.pk for row in rows if row.user is None}
    names = {row.pk: row.user.get_full_name() if row.user else f"Khách số {row.pk}" for row in rows}
    if guests:
        theirs = Comment.objects.filter(contact__email_digest__in=guests.keys()).order_by()
        newest = dict(
            theirs.values("contact__email_digest")
            .annotate(newest=Max("pk"))
            .values_list("newest", "contact__email_digest")
        )
        for pk, name in Comment.objects.filter(pk__in=newest.keys()).values_list("pk", "name"):
            names[guests[newest[pk]]] = f"{name} (khách)"
    return names


REPORTS: Final = 5
"""Reports shown with a comment in a list; its own page has more."""


def reports_of(rows: Iterable[Comment]) -> dict[int, list[CommentReport]]:
    """Why each of these comments is reported: its newest open reports. One query, none where nothing is reported."""
    ids = [row.pk for row in rows if row.report_count]
    found: dict[int, list[CommentReport]] = {}
    if ids:
        place = Window(RowNumber(), partition_by="comment_id", order_by="-pk")
        reports = CommentReport.objects.filter(comment__in=ids, handled_at=None).annotate(place=place)
        for report in reports.filter(place__lte=REPORTS).order_by("-pk"):
            found.setdefault(report.comment_id, []).append(report)
    return found


@dataclass(frozen=True, slots=True)
class CommentFile:
    """A comment with all that the desk shows around it; nothing of how to reach who wrote it."""

    comment: Comment
    title: str
    url: str
    standing: CommenterStanding | None
    around: tuple[Comment, ...]
    reports: tuple[CommentReport, ...]
    appeal: CommentAppeal | None
    events: tuple[CommentEvent, ...]
    stamp: str


def file_of(number: int, at: datetime) -> CommentFile | None:
    """Everything about a comment: at most nine queries."""
    row = (
        Comment.objects.select_related("author", "decided_by", "contact", "parent", "answering", "appeal")
        .filter(pk=number)
        .first()
    )
    if row is None:
        return None
    seen = Edition.objects.live(at).filter(article_id=row.article_id).values_list("slug", "title").first()
    root = row.parent_id or row.pk
    near = Comment.objects.filter(Q(pk=root) | Q(parent_id=root)).exclude(pk=row.pk).defer("held_for")
    earlier = list(near.filter(pk__lt=row.pk).order_by("-pk")[:5])
    later = list(near.filter(pk__gt=row.pk).order_by("pk")[:5])
    return CommentFile(
        comment=row,
        title=seen[1] if seen else "",
        url=f"{addresses.article(seen[0], row.article_id)}binh-luan/{row.pk}/" if seen else "",
        standing=standing_of(row),
        around=(*reversed(earlier), *later),
        reports=tuple(row.reports.select_related("handled_by").order_by("-pk")[:50]),
        appeal=getattr(row, "appeal", None),
        events=tuple(row.events.select_related("actor").order_by("-pk")[:100]),
        stamp=stamp_of(row),
    )


PARTS: Final = ("tình trạng", "nội dung", "khiếu nại")
"""What a stamp covers, in its order."""


def stamp_of(row: Comment) -> str:
    """A short hash of what may have changed under a moderator's eyes, in the order of `PARTS`."""
    appeal = row.appeal_status if hasattr(row, "appeal_status") else _appeal_status(row)
    return stamp(row.status, row.body_digest, appeal or "")


def _appeal_status(row: Comment) -> str:
    appeal = getattr(row, "appeal", None)
    return appeal.status if appeal is not None else ""


def stamp(*parts: str) -> str:
    """The stamp of those values."""
    return ".".join(crypto.sha256(part)[:8] for part in parts)


def changed_parts(seen: str, now: str) -> tuple[str, ...]:
    """The names of the parts in which two stamps differ; all of them when `seen` is no stamp."""
    old, new = seen.split("."), now.split(".")
    if len(old) != len(new):
        return PARTS
    return tuple(name for name, before, after in zip(PARTS, old, new, strict=True) if before != after)


def last_deed(number: int) -> CommentEvent | None:
    """Who did something with a comment last; looking changes nothing."""
    rows = CommentEvent.objects.filter(comment_id=number).exclude(deed=CommentDeed.LOOK)
    return rows.select_related("actor").order_by("-pk").first()


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text; `word` says what in it keeps the comment back, "" for nothing."""

    text: str
    word: str = ""


def pieces(text: str, held_for: Sequence[dict[str, Any]]) -> tuple[Piece, ...]:
    """The text cut where words, links and numbers keep it back; overlapping ones are the first's."""
    found, place = [], 0
    spans = [row for row in held_for if "start" in row and row.get("in", "body") == "body"]
    for row in sorted(spans, key=lambda row: (row["start"], -row["end"])):
        start, end = min(row["start"], len(text)), min(row["end"], len(text))
        if start < place or start >= end:
            continue
        found += [Piece(text[place:start]), Piece(text[start:end], row.get("word") or RULES[row["rule"]])]
        place = end
    return tuple(piece for piece in [*found, Piece(text[place:])] if piece.text)


RULES: Final = {
    "word": "từ trong danh sách",
    "link": "có liên kết",
    "phone": "có số điện thoại",
    "first": "người viết lần đầu",
    "guest": "khách không có tài khoản",
    "untrusted": "chưa đủ bình luận được duyệt",
    "same": "trùng với bình luận khác",
    "edited": "đã sửa sau khi hiện",
    "reports": "nhiều người báo xấu",
    "suspect": "ô bẫy bị điền",
}
"""Why a comment is held, in words."""


def why(held_for: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """The reasons, each once, words by name."""
    said = (
        f"từ “{row['word']}”" + (" trong tên" if row.get("in") == "name" else "")
        if row["rule"] == "word"
        else RULES[row["rule"]]
        for row in held_for
        if row.get("rule") in RULES
    )
    return tuple(dict.fromkeys(said))


MANY: Final = 99
"""How far the desk's first page counts."""


@dataclass(frozen=True, slots=True)
class WaitingComments:
    """How much waits for a moderator, in words: "0", "7", "99+"."""

    held: str = "0"
    reported: str = "0"
    appealed: str = "0"

    @property
    def has_any(self) -> bool:
        """Whether there is something to do."""
        return (self.held, self.reported, self.appealed) != ("0", "0", "0")


def waiting() -> WaitingComments:
    """What waits: three queries for a few rows each, nothing is counted beyond `MANY`."""
    return WaitingComments(
        held=_up_to(Comment.objects.filter(status=CommentStatus.HELD)),
        reported=_up_to(Comment.objects.filter(report_count__gt=0)),
        appealed=_up_to(CommentAppeal.objects.filter(status=AppealStatus.OPEN)),
    )


def _up_to(rows: QuerySet[Any]) -> str:
    count = len(rows.order_by("-pk").values_list("pk")[: MANY + 1])
    return f"{MANY}+" if count > MANY else str(count)
