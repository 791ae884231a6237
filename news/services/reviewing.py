"""Reviewing: the steps of an article's way to print that do not touch what readers see."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from news import workflow
from news.models import Article, State, WorkflowStep
from news.queries import readiness
from news.queries.readiness import Finding
from news.services import sealing
from news.text.normalize import clean_line
from news.workflow import NotAllowed, Transition


class Changed(NotAllowed):
    """Somebody saved the article after the actor opened it."""

    def __init__(self) -> None:
        super().__init__("Bài đã có người sửa sau khi bạn mở. Hãy tải lại trang và xem bản mới.")


class ReasonMissing(NotAllowed):
    """This step needs a reason."""

    def __init__(self) -> None:
        super().__init__("Hãy ghi lý do.")


class Drifted(NotAllowed):
    """What the article shows changed outside it (delegation, picture, register) after it was last saved."""

    def __init__(self) -> None:
        super().__init__(
            "Thông tin đoàn, ảnh hoặc danh bạ dùng trong bài đã đổi sau lần lưu cuối. Hãy mở bài, xem lại và lưu."
        )


class NotReady(NotAllowed):
    """The copy has findings that block: nothing is approved or published with them. `findings`: those, in order."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        listed = " ".join(finding.message for finding in self.findings[:8])
        more = f" Và {len(findings) - 8} lỗi nữa." if len(findings) > 8 else ""
        super().__init__(f"Bài còn lỗi phải sửa trước khi duyệt hoặc đăng: {listed}{more}")


def require_ready(content: Mapping[str, Any], article_id: int, at: datetime) -> None:
    """Refuse a content that has a blocking finding. Raises `NotReady`."""
    found = [row for row in readiness.findings(content, article_id=article_id, at=at) if row.is_blocking]
    if found:
        raise NotReady(found)


def lock_article(article_id: int, version: int | None = None) -> Article:
    """The article, locked until the transaction ends, with all that the workflow asks.

    Raises `Article.DoesNotExist`, and `Changed` when `version` is given and no longer the article's.
    """
    article = (
        Article.objects.select_for_update(of=("self",))
        .select_related("section", "created_by", "passed_by", "approved_by", "lead_image")
        .get(pk=article_id)
    )
    if version is not None and version != article.version:
        raise Changed
    return article


def required_reason(reason: str) -> str:
    """The reason in one tidy line. Raises `ReasonMissing` for an empty one."""
    reason = clean_line(reason)[:1000]
    if not reason:
        raise ReasonMissing
    return reason


def record_step(
    article: Article,
    transition: str,
    target: State,
    actor: User,
    at: datetime,
    *,
    reason: str = "",
    content_sha256: str = "",
) -> None:
    """Move the locked article to its new state and write the step down. Part of the caller's transaction."""
    WorkflowStep.objects.create(
        article=article,
        transition=transition,
        source=workflow.state_of(article, at),
        target=target,
        actor=actor,
        at=at,
        reason=reason,
        content_sha256=content_sha256,
    )
    article.state = target
    article.version += 1
    article.save(
        update_fields=[
            "state",
            "version",
            "gate_opened_at",
            "passed_by",
            "approved_by",
            "approved_at",
            "approved_sha256",
        ]
    )


def advance(
    *, article_id: int, transition: str, actor: User, at: datetime, reason: str = "", version: int | None = None
) -> Article:
    """Take one of the steps submit, recall, pass, approve, return, reopen.

    An approval stores the hash of what was approved; `version` is the copy's the actor looked at. Raises `NotAllowed`.
    """
    with transaction.atomic():
        article = lock_article(article_id, version)
        row = workflow.require(transition, article, actor, at)
        reason = required_reason(reason) if row.needs_reason else clean_line(reason)[:1000]
        content = sealing.compose(article)
        hashed = sealing.content_sha256(content)
        if row.name in {"pass", "approve"} and hashed != _last_saved(article):
            raise Drifted
        if row.name == "approve":
            require_ready(content, article.pk, at)
        _stamp(article, row, actor, at, hashed)
        record_step(article, row.name, row.target, actor, at, reason=reason, content_sha256=hashed)
        return article


def _last_saved(article: Article) -> str | None:
    """The hash of the content somebody last stood by: the last revision, else (imported) the last edition."""
    for history in (article.revisions, article.editions):
        hashed = history.order_by("-number").values_list("content_sha256", flat=True).first()
        if hashed is not None:
            return hashed
    return None


def _stamp(article: Article, row: Transition, actor: User, at: datetime, hashed: str) -> None:
    if row.name == "pass":
        article.passed_by, article.gate_opened_at = actor, at
    elif row.name == "approve":
        article.approved_by, article.approved_at, article.approved_sha256 = actor, at, hashed
        if workflow.gates_of(article) == 1:
            article.passed_by = actor
    else:
        article.passed_by = article.gate_opened_at = article.approved_by = article.approved_at = None
        article.approved_sha256 = ""
