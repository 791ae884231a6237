"""What is being written and by whom: forms kept and not saved yet, and who has an article open. Read-only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from news import workflow
from news.models import Article, Draft, EditLock

FRESH: Final = timedelta(seconds=60)
"""How long a lock lives after its last beat; windows beat every twenty seconds."""

TAKE_OVER: Final = "take-over"
"""The step of an article's story that says who went on writing in another's place; it changes no state, no version."""

SHOWN: Final = 8
"""How many drafts the desk's first page shows; the list of drafts shows `LISTED`."""

LISTED: Final = 200
RECENT: Final = timedelta(days=7)
"""How long others who open an article are told of a draft in it."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has an article open, in which window, since when, and when that window was last heard of."""

    user_id: int
    name: str
    window: str
    since: datetime
    beat_at: datetime


def is_alive(lock: EditLock, at: datetime) -> bool:
    """Whether the lock still holds: a fresh beat, a living session, an active holder."""
    return (
        lock.beat_at > at - FRESH
        and lock.holder.is_active
        and Session.objects.filter(session_key=lock.session_key, expire_date__gt=at).exists()
    )


def holder_of(article_id: int, at: datetime) -> Holder | None:
    """Who has the article open now: one query."""
    lock = (
        EditLock.objects.filter(
            Exists(Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=at)),
            pk=article_id,
            beat_at__gt=at - FRESH,
            holder__is_active=True,
        )
        .select_related("holder")
        .first()
    )
    if lock is None:
        return None
    return Holder(lock.holder_id, lock.holder.get_full_name(), lock.window, lock.since, lock.beat_at)


def own_drafts(user: User) -> list[Draft]:
    """What the user was typing in new articles and has not saved, the newest first; no states."""
    return list(_listed(Draft.objects.filter(owner=user, article=None))[:SHOWN])


def drafts_in(article_id: int) -> list[Draft]:
    """What everybody was typing in an article and has not saved, the newest first, the last fifty; no states."""
    drafts = Draft.objects.filter(article_id=article_id).select_related("owner").defer("state")
    return list(drafts.order_by("-saved_at", "-id")[:50])


def all_drafts(user: User, most: int = LISTED) -> list[Draft]:
    """Everything the user was typing and has not saved, the newest first; no states."""
    return list(_listed(Draft.objects.filter(owner=user).select_related("article"))[:most])


def _listed(drafts: QuerySet[Draft]) -> QuerySet[Draft]:
    return drafts.defer("state", "article__body", "article__lead").order_by("-saved_at", "-id")


def of_others(drafts: Iterable[Draft], user: User, at: datetime) -> list[Draft]:
    """Of an article's drafts, newest first, the newest of each other person, unless it has lain for a week."""
    newest: dict[int, Draft] = {}
    for draft in drafts:
        if draft.owner_id != user.pk and draft.saved_at > at - RECENT:
            newest.setdefault(draft.owner_id, draft)
    return list(newest.values())


def readable_draft(user: User, pk: int, at: datetime) -> Draft | None:
    """The draft, if it is the user's own or belongs to an article that the user may edit now."""
    if "news.view_article" not in user.granted_permissions and workflow.WRITE not in user.granted_permissions:
        return None
    draft = Draft.objects.filter(Q(owner=user) | Q(article__isnull=False), pk=pk).select_related("owner").first()
    if draft is None or draft.owner_id == user.pk:
        return draft
    article = Article.objects.filter(workflow.visible_articles(user), drafts=draft).select_related("section").first()
    return draft if article is not None and not workflow.edit_refusal(article, user, at) else None
