"""Editing: the desk's copy is made and changed here, each change kept as a revision."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from news import crypto, markup, workflow
from news.models import Article, Revision, State
from news.services import picturing, sealing
from news.services.reviewing import lock_article
from news.text.normalize import clean_line, clean_text, fold
from news.workflow import NotAllowed


def tidy(article: Article) -> Article:
    """Put the article's texts in order: NFC, single lines, sanitised body. Idempotent; saves nothing."""
    for name in ("title", "kicker", "lead_image_caption", "source_name", "source_agreement", "ai_note"):
        setattr(article, name, clean_line(getattr(article, name)))
    article.title = article.title[:250]
    article.title_key = fold(article.title)[:330]
    article.lead = clean_text(article.lead)
    article.body = markup.sanitise(article.body)
    return article


def create(
    *, article: Article, actor: User, at: datetime, save_related: Callable[[Article], None] | None = None
) -> Article:
    """Save a new article as the actor's draft. `save_related` writes its rows (byline, tags …) in the same transaction.

    Raises `NotAllowed`.
    """
    if workflow.WRITE not in actor.granted_permissions:
        raise NotAllowed("Bạn không có quyền viết bài.")
    with transaction.atomic():
        tidy(article)
        article.state = State.DRAFT
        article.version = 1
        article.created_by = article.changed_by = actor
        article.created_at = article.changed_at = at
        article.save(force_insert=True)
        if save_related is not None:
            save_related(article)
        keep_revision(article, actor, at)
    return article


def change(
    *,
    article: Article,
    actor: User,
    at: datetime,
    version: int,
    save_related: Callable[[Article], None] | None = None,
) -> Article:
    """Save the changed fields of an article the actor may edit; `version` is the one the actor opened.

    `article` carries the new values; its workflow fields are taken from the database. Raises `NotAllowed`, and
    `Changed` when somebody saved meanwhile: nothing is written then.
    """
    with transaction.atomic():
        current = lock_article(article.pk, version)
        refusal = workflow.edit_refusal(current, actor, at)
        if refusal:
            raise NotAllowed(refusal)
        if article.section_id != current.section_id:
            moved = workflow.edit_refusal(article_in_section(current, article.section_id), actor, at)
            if moved:
                raise NotAllowed("Bạn không có quyền chuyển bài sang chuyên mục đó.")
        tidy(article)
        for name in WORKFLOW_FIELDS:
            setattr(article, name, getattr(current, name))
        article.version = current.version + 1
        article.changed_by, article.changed_at = actor, at
        article.save(force_update=True)
        if save_related is not None:
            save_related(article)
        keep_revision(article, actor, at)
    return article


WORKFLOW_FIELDS = (
    "state",
    "created_by",
    "created_at",
    "gate_opened_at",
    "passed_by",
    "approved_by",
    "approved_at",
    "approved_sha256",
    "import_sha256",
)
"""What only the workflow's own services set; a form cannot carry them."""


def article_in_section(article: Article, section_id: int) -> Article:
    """An unsaved twin of the article in another section, to ask the workflow about."""
    twin = Article(pk=article.pk, state=article.state, created_by=article.created_by)
    twin.section_id = section_id
    return twin


def keep_revision(article: Article, actor: User | None, at: datetime) -> None:
    """Keep what the article shows, unless it is what was kept last; part of the caller's transaction.

    `actor` is None where nobody saved it: what it shows had changed elsewhere.
    """
    picturing.link_body(article)
    content = sealing.compose(Article.objects.select_related("section", "lead_image").get(pk=article.pk))
    hashed = sealing.content_sha256(content)
    last = Revision.objects.filter(article=article).order_by("-number").values_list("content_sha256", flat=True).first()
    if hashed == last:
        return
    number = Revision.objects.filter(article=article).aggregate(last=Max("number"))["last"] or 0
    Revision.objects.create(
        article=article,
        number=number + 1,
        saved_by=actor,
        saved_at=at,
        content=crypto.canonical(content),
        content_sha256=hashed,
    )
