"""What the desk asks about itself: what waits for whom, and what happened to an article. Read-only."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from news import workflow
from news.models import Article, Draft, Edition, LedgerEntry, Revision, State, WorkflowStep
from news.queries import drafts
from news.queries.comments import WaitingComments, waiting
from news.queries.feedback import WaitingLetters, waiting_letters

PILE = 8
"""How many lines of each pile are shown; more are a list's business."""

RESTORE = "restore"
"""The step of an article's story that says which old version somebody made the draft again; it changes no state."""

LABELS = {row.name: row.label for row in workflow.TRANSITIONS} | {
    drafts.TAKE_OVER: "Nhận sửa thay",
    RESTORE: "Khôi phục bản cũ",
}
"""What each step is called."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One article that waits: whose it is, since when, and what was said of it."""

    id: int
    title: str
    section: str
    who: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pile:
    """The top of a pile; `has_more` says that there is more below, nobody counts how much."""

    rows: list[Waiting] = field(default_factory=list)
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class DeskPage:
    """What waits for one user. A pile is None where the user's roles have nothing to do with it."""

    returned: Pile | None = None
    drafts: Pile | None = None
    submitted: Pile | None = None
    passed: Pile | None = None
    approved: Pile | None = None
    scheduled: Pile | None = None
    letters: WaitingLetters | None = None
    comments: WaitingComments | None = None
    typing: list[Draft] | None = None


def desk_page(user: User, at: datetime) -> DeskPage:
    """What waits for the user now; a fixed number of queries for each role, none of them counts or scans."""
    granted = user.granted_permissions
    letters = waiting_letters(user, at) if "news.view_feedback" in granted else None
    comments = waiting() if "news.view_comment" in granted else None
    if "news.view_article" not in granted:
        return DeskPage(letters=letters, comments=comments)
    own = Article.objects.filter(created_by=user)
    writes, edits, publishes = (right in granted for right in (workflow.WRITE, workflow.EDIT, workflow.PUBLISH))
    here = _in_sections(workflow.sections_of(user)) if edits or publishes else Q(pk__in=[])
    others = Article.objects.filter(here).exclude(created_by=user)
    return DeskPage(
        returned=_pile(own.filter(state=State.RETURNED)) if writes else None,
        drafts=_pile(own.filter(state=State.DRAFT)) if writes else None,
        submitted=_pile(others.filter(state=State.SUBMITTED)) if edits else None,
        passed=_pile(others.filter(state=State.PASSED)) if publishes else None,
        approved=_pile(Article.objects.filter(here, state=State.APPROVED)) if edits else None,
        scheduled=_scheduled(at) if edits else None,
        letters=letters,
        comments=comments,
        typing=drafts.all_drafts(user, PILE) if writes or edits else None,
    )


def _in_sections(sections: frozenset[int | None]) -> Q:
    return Q() if None in sections else Q(section_id__in=[pk for pk in sections if pk is not None])


def _pile(articles: QuerySet[Article]) -> Pile:
    told = WorkflowStep.objects.filter(article=OuterRef("pk"), transition__in=workflow.NAMES)
    reason = told.order_by("-id").values("reason")[:1]
    rows = (
        articles.order_by("-id")
        .annotate(last_reason=Subquery(reason))
        .values_list("id", "title", "section__name", "created_by__full_name", "changed_at", "last_reason", named=True)[
            : PILE + 1
        ]
    )
    return _top(
        Waiting(
            row.id, row.title, row.section__name, row.created_by__full_name or "", row.changed_at, row.last_reason or ""
        )
        for row in rows
    )


def _scheduled(at: datetime) -> Pile:
    rows = (
        Edition.objects.upcoming(at)
        .order_by("visible_from")
        .values_list("article_id", "title", "section__name", "article__created_by__full_name", "visible_from")[
            : PILE + 1
        ]
    )
    return _top(Waiting(pk, title, section, who or "", moment) for pk, title, section, who, moment in rows)


def _top(rows: Iterable[Waiting]) -> Pile:
    found = list(islice(rows, PILE + 1))
    return Pile(found[:PILE], len(found) > PILE)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to an article: `number` counts up from happening to happening of its kind (0: none)."""

    number: int = 0
    what: str = ""
    who_id: int | None = None
    who: str = ""
    at: datetime | None = None


def last_save(article_id: int) -> Happening:
    """The last save of an article, by the number that its history gives it."""
    return next(iter(saves_since(article_id, 0, most=1)), Happening())


def saves_since(article_id: int, number: int, most: int = 100) -> list[Happening]:
    """The saves after that one, the newest first."""
    rows = Revision.objects.filter(article_id=article_id, number__gt=number).order_by("-number")
    found = rows.values_list("number", "saved_by_id", "saved_by__full_name", "saved_at")[:most]
    return [Happening(row[0], "Lưu bài", row[1], row[2] or "", row[3]) for row in found]


def last_step(article_id: int) -> Happening:
    """The last step on an article's way; who went on writing in another's place is no step."""
    rows = WorkflowStep.objects.filter(article_id=article_id).exclude(transition=drafts.TAKE_OVER).order_by("-id")
    row = rows.values_list("id", "transition", "actor_id", "actor__full_name", "at").first()
    return Happening(row[0], LABELS.get(row[1], row[1]), row[2], row[3] or "", row[4]) if row else Happening()


@dataclass(frozen=True, slots=True)
class Story:
    """What happened to an article, the newest first, the last lines only; each step with its name in words."""

    steps: list[tuple[str, WorkflowStep]]
    revisions: list[Revision]
    editions: list[Edition]
    entries: list[LedgerEntry]

    @property
    def save_number(self) -> int:
        """The number of the last save; 0 where there is none."""
        return self.revisions[0].number if self.revisions else 0

    @property
    def step_number(self) -> int:
        """That of the last step, see `last_step`."""
        return next((step.pk for _, step in self.steps if step.transition != drafts.TAKE_OVER), 0)


def story(article: Article) -> Story:
    """The article's steps, saved states, editions and ledger entries: four queries."""
    return Story(
        steps=[
            (LABELS.get(step.transition, step.transition), step)
            for step in article.steps.select_related("actor").order_by("-id")[:30]
        ],
        revisions=list(article.revisions.select_related("saved_by").defer("content").order_by("-number")[:30]),
        editions=list(article.editions.defer("payload").order_by("-number")[:30]),
        entries=list(
            article.ledger_entries.select_related("actor", "edition")
            .defer("edition__payload")
            .order_by("-sequence")[:30]
        ),
    )
