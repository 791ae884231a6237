"""Locking: who has an article open for editing. A soft lock: it tells, never prevents; saves check the version."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from news import workflow
from news.models import Article, EditLock, WorkflowStep
from news.queries.drafts import TAKE_OVER, Holder, holder_of, is_alive
from news.services.reviewing import lock_article
from news.text.normalize import clean_line
from news.workflow import NotAllowed


@dataclass(frozen=True, slots=True)
class Window:
    """The page that asks: whose, in which session, its key, and the key it had before it was loaded anew."""

    user: User
    session_key: str
    key: str
    before: str = ""


def claim(*, article_id: int, window: Window, at: datetime) -> Holder | None:
    """Take the lock if it is free, keep it if it is the window's own. Who holds it afterwards.

    Raises `NotAllowed` when the user may not edit the article now, `Article.DoesNotExist`.
    """
    _require_right(article_id, window.user, at)
    with transaction.atomic():
        lock = _locked(article_id)
        if lock is None:
            # The article first, as in `take_over`: two who come at one moment wait for each other in the same order.
            lock_article(article_id)
            lock = _locked(article_id)
        if lock is None:
            _put(EditLock(article_id=article_id, since=at), window, at).save(force_insert=True)
        elif lock.holder_id == window.user.pk and lock.window in {window.key, window.before} - {""}:
            _put(lock, window, at).save()
        elif not is_alive(lock, at):
            lock.since = at
            _put(lock, window, at).save()
    return holder_of(article_id, at)


def _locked(article_id: int) -> EditLock | None:
    return EditLock.objects.select_for_update(of=("self",)).select_related("holder").filter(pk=article_id).first()


def _put(lock: EditLock, window: Window, at: datetime) -> EditLock:
    lock.holder, lock.session_key, lock.window, lock.beat_at = window.user, window.session_key, window.key, at
    return lock


def _require_right(article_id: int, user: User, at: datetime) -> Article:
    article = (
        Article.objects.filter(workflow.visible_articles(user)).select_related("section__parent").get(pk=article_id)
    )
    refusal = workflow.edit_refusal(article, user, at)
    if refusal:
        raise NotAllowed(refusal)
    return article


def release(*, article_id: int, user: User, window: str) -> None:
    """The window is closed: its lock, if it has it, is free."""
    EditLock.objects.filter(pk=article_id, holder=user, window=window).delete()


def take_over(*, article_id: int, window: Window, at: datetime, reason: str = "") -> None:
    """Take the lock from whoever has it; from somebody else this is written into the article's story.

    The other's text stays as their draft. Raises `NotAllowed` when the user may not edit the article now,
    `Article.DoesNotExist`.
    """
    _require_right(article_id, window.user, at)
    with transaction.atomic():
        article = lock_article(article_id)
        lock = _locked(article_id)
        if lock is not None and lock.holder_id != window.user.pk and is_alive(lock, at):
            told = f"Từ {lock.holder.get_full_name()}."
            state = workflow.state_of(article, at)
            WorkflowStep.objects.create(
                article=article,
                transition=TAKE_OVER,
                source=state,
                target=state,
                actor=window.user,
                at=at,
                reason=f"{told} {clean_line(reason)}".strip()[:1000],
            )
        lock = lock or EditLock(article_id=article_id)
        lock.since = at
        _put(lock, window, at).save()
