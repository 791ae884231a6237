"""The editorial workflow as a table. Buttons, services and tests read the same rows.

Rights are what a role grants (`User.granted_permissions`) in the sections somebody's `SectionRight` rows name; being a
superuser gives none. Who approves is never who wrote, signed or changed the text.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.db.models import F, Q

from accounts.models import User
from news.models import Article, Revision, SectionRight, State
from news.text.normalize import fold

WRITE = "news.write_article"
EDIT = "news.edit_article"
PUBLISH = "news.publish_article"
WITHDRAW = "news.withdraw_article"


class FourEyes(Enum):
    """Who may not take a step, whatever their role."""

    NOBODY_BARRED = "anyone with the right"
    OWN_ONLY = "only the author"
    NOT_AUTHOR = "not the author"
    UNTOUCHED = "not the author, not in the byline, not who passed gate 1, changed nothing since"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: from these states to that one, with that right, where the section has that many gates."""

    name: str
    label: str
    sources: frozenset[State]
    target: State
    permission: str
    four_eyes: FourEyes
    gates: frozenset[int] = frozenset({1, 2})
    needs_reason: bool = False
    needs_time: bool = False


def _of(*states: State) -> frozenset[State]:
    return frozenset(states)


_ONE, _TWO = frozenset({1}), frozenset({2})
_AFTER_GATE_ONE = _of(State.PASSED, State.APPROVED)

TRANSITIONS: tuple[Transition, ...] = (
    Transition("submit", "Gửi biên tập", _of(State.DRAFT, State.RETURNED), State.SUBMITTED, WRITE, FourEyes.OWN_ONLY),
    Transition("recall", "Rút về sửa", _of(State.SUBMITTED), State.DRAFT, WRITE, FourEyes.OWN_ONLY),
    Transition(
        "pass", "Chuyển duyệt xuất bản", _of(State.SUBMITTED), State.PASSED, EDIT, FourEyes.NOT_AUTHOR, gates=_TWO
    ),
    Transition("approve", "Duyệt", _of(State.PASSED), State.APPROVED, PUBLISH, FourEyes.UNTOUCHED, gates=_TWO),
    # From PASSED too: the section, or the article's place in it, may have changed after gate 1.
    Transition(
        "approve",
        "Duyệt",
        _of(State.SUBMITTED, State.PASSED),
        State.APPROVED,
        EDIT,
        FourEyes.UNTOUCHED,
        gates=_ONE,
    ),
    Transition("return", "Trả lại", _of(State.SUBMITTED), State.RETURNED, EDIT, FourEyes.NOT_AUTHOR, needs_reason=True),
    Transition(
        "return",
        "Trả lại",
        _AFTER_GATE_ONE,
        State.RETURNED,
        PUBLISH,
        FourEyes.NOT_AUTHOR,
        gates=_TWO,
        needs_reason=True,
    ),
    Transition(
        "return",
        "Trả lại",
        _AFTER_GATE_ONE,
        State.RETURNED,
        EDIT,
        FourEyes.NOT_AUTHOR,
        gates=_ONE,
        needs_reason=True,
    ),
    Transition("publish", "Xuất bản", _of(State.APPROVED), State.PUBLISHED, PUBLISH, FourEyes.UNTOUCHED, gates=_TWO),
    Transition("publish", "Xuất bản", _of(State.APPROVED), State.PUBLISHED, EDIT, FourEyes.UNTOUCHED, gates=_ONE),
    Transition(
        "schedule",
        "Hẹn giờ",
        _of(State.APPROVED),
        State.SCHEDULED,
        PUBLISH,
        FourEyes.UNTOUCHED,
        gates=_TWO,
        needs_time=True,
    ),
    Transition(
        "schedule",
        "Hẹn giờ",
        _of(State.APPROVED),
        State.SCHEDULED,
        EDIT,
        FourEyes.UNTOUCHED,
        gates=_ONE,
        needs_time=True,
    ),
    Transition(
        "cancel", "Hủy hẹn giờ", _of(State.SCHEDULED), State.APPROVED, PUBLISH, FourEyes.NOBODY_BARRED, gates=_TWO
    ),
    Transition("cancel", "Hủy hẹn giờ", _of(State.SCHEDULED), State.APPROVED, EDIT, FourEyes.NOBODY_BARRED, gates=_ONE),
    Transition(
        "reopen",
        "Mở lại để sửa",
        _of(State.PUBLISHED, State.WITHDRAWN),
        State.SUBMITTED,
        EDIT,
        FourEyes.NOBODY_BARRED,
    ),
    Transition(
        "withdraw",
        "Gỡ bài",
        frozenset(State),
        State.WITHDRAWN,
        WITHDRAW,
        FourEyes.NOBODY_BARRED,
        needs_reason=True,
    ),
    Transition(
        "expire",
        "Đặt hạn hiển thị",
        frozenset(State),
        State.PUBLISHED,
        PUBLISH,
        FourEyes.NOBODY_BARRED,
        needs_time=True,
    ),
)

NEEDS_LIVE = frozenset({"withdraw", "expire"})
"""Steps that act on what readers see now, in whatever state the desk's copy is."""

NAMES = frozenset(row.name for row in TRANSITIONS)


class NotAllowed(Exception):
    """The workflow does not permit this; the message says why, in Vietnamese."""


def sections_of(user: User) -> frozenset[int | None]:
    """Ids of the sections in which the user's role holds, subsections included; `None` in it stands for all."""
    rows = SectionRight.objects.filter(user=user).values_list("section_id", "section__children__id")
    return frozenset(pk for section, child in rows for pk in ((section,) if child is None else (section, child)))


def has_right(user: User, permission: str, article: Article) -> bool:
    """Whether a role of the user grants `permission` and, but for writing, holds in the article's section."""
    if permission not in user.granted_permissions:
        return False
    if permission == WRITE:
        return True
    own = sections_of(user)
    return None in own or article.section_id in own


def state_of(article: Article, at: datetime) -> State:
    """The desk's state at that moment: a scheduled copy is published once its time has come."""
    state = State(article.state)
    if state is State.SCHEDULED and not article.editions.upcoming(at).exists():
        return State.PUBLISHED
    return state


def has_signed(article: Article, user: User) -> bool:
    """Whether the user stands behind a name in the byline, or one of them is the user's own name."""
    own = Q(author__user=user) | Q(author__name_key=fold(user.get_full_name()))
    return article.contributions.filter(own).exists()


def gates_of(article: Article) -> int:
    """How many gates the article goes through: as many as the strictest section that will show it."""
    others = article.other_sections.all() if article.pk else ()  # in memory where somebody has prefetched them
    gates: list[int] = [section.gates for section in (article.section, *others)]
    return max(gates)


def has_changed_since(article: Article, user: User, gates: int) -> bool:
    """Whether the user saved a change of the text since gate 1 passed it (one gate: since the last edition)."""
    if gates == 2:
        since = article.gate_opened_at
    else:
        printed = article.editions.filter(visible_until__gt=F("visible_from"))  # a cancelled one was never seen
        since = printed.order_by("-number").values_list("sealed_at", flat=True).first()
    saved = Revision.objects.filter(article=article, saved_by=user)
    return (saved.filter(saved_at__gt=since) if since else saved).exists()


def barred_by(article: Article, user: User, rule: FourEyes, gates: int) -> str:
    """Why the four-eyes rule bars the user, in Vietnamese; "" when it does not."""
    is_author = article.created_by_id is not None and article.created_by_id == user.pk
    if rule is FourEyes.OWN_ONLY:
        return "" if is_author else "Chỉ người viết bài làm được việc này."
    if rule is FourEyes.NOBODY_BARRED:
        return ""
    if is_author:
        return "Người viết không tự duyệt bài của mình."
    if rule is FourEyes.NOT_AUTHOR:
        return ""
    if has_signed(article, user):
        return "Người có tên trong bài không duyệt bài đó."
    if article.passed_by_id == user.pk and gates == 2:
        return "Người đã biên tập chuyển bài không duyệt tiếp bài đó."
    if has_changed_since(article, user, gates):
        return "Bạn đã sửa bài này: cần một người khác duyệt."
    return ""


def rows_for(name: str, article: Article, at: datetime, gates: int) -> list[Transition]:
    """The table's rows of that name that fit the article's state and its number of gates (at most one)."""
    state = state_of(article, at)
    return [row for row in TRANSITIONS if row.name == name and state in row.sources and gates in row.gates]


def refusal(name: str, article: Article, user: User, at: datetime, gates: int | None = None) -> str:
    """Why the user may not take the step now, in Vietnamese; "" when they may. `gates`: `gates_of` it, if known."""
    gates = gates or gates_of(article)
    rows = rows_for(name, article, at, gates)
    if not rows:
        return f"Bài đang ở trạng thái “{state_of(article, at).label}” nên không làm được việc này."
    (row,) = rows
    if not has_right(user, row.permission, article):
        return "Bạn không có quyền làm việc này trong chuyên mục của bài."
    if name in NEEDS_LIVE and not article.editions.live(at).exists():
        return "Bạn đọc đang không thấy bài này."
    return barred_by(article, user, row.four_eyes, gates)


def require(name: str, article: Article, user: User, at: datetime) -> Transition:
    """The row to carry out. Raises `NotAllowed` with the reason."""
    gates = gates_of(article)
    reason = refusal(name, article, user, at, gates)
    if reason:
        raise NotAllowed(reason)
    return rows_for(name, article, at, gates)[0]


def allowed(article: Article, user: User, at: datetime) -> list[Transition]:
    """The steps the user may take now, in the table's order: one button each."""
    names = dict.fromkeys(row.name for row in TRANSITIONS)
    gates = gates_of(article)
    return [rows_for(name, article, at, gates)[0] for name in names if not refusal(name, article, user, at, gates)]


def edit_refusal(article: Article, user: User, at: datetime) -> str:
    """Why the user may not change the text now, in Vietnamese; "" when they may."""
    state = state_of(article, at)
    if state in {State.APPROVED, State.SCHEDULED}:
        return "Bài đã duyệt: hãy trả lại hoặc hủy hẹn trước khi sửa."
    if state in {State.PUBLISHED, State.WITHDRAWN}:
        return "Bài đã xuất bản: hãy mở lại để sửa."
    if has_right(user, EDIT, article):
        return ""
    own = article.created_by_id is not None and article.created_by_id == user.pk
    if not (own and WRITE in user.granted_permissions):
        return "Bạn chỉ sửa được bản nháp của mình."
    if state not in {State.DRAFT, State.RETURNED}:
        return "Bài đã gửi đi: hãy rút về trước khi sửa."
    return ""


def visible_articles(user: User) -> Q:
    """The articles a user of the desk may open, as a filter: all with the right to view, otherwise none."""
    return Q() if "news.view_article" in user.granted_permissions else Q(pk__in=[])
