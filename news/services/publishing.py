"""Publishing: what readers see begins, changes and ends here, each time with a link of the ledger's chain."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from news import workflow
from news.models import (
    FOREVER,
    Article,
    Edition,
    EditionFile,
    EditionImage,
    LedgerEntry,
    LedgerKind,
    State,
)
from news.services import ledger, rendering, sealing
from news.services.reviewing import lock_article, record_step, require_ready, required_reason
from news.workflow import NotAllowed


class ApprovalOutdated(NotAllowed):
    """The copy is not the one that was approved."""

    def __init__(self) -> None:
        super().__init__("Bài đã khác với bản được duyệt. Hãy trả lại để duyệt lại bản mới.")


class LaterEditionScheduled(NotAllowed):
    """A later edition is scheduled; cancel it first."""

    def __init__(self) -> None:
        super().__init__("Bài đang có một ấn bản hẹn giờ đăng. Hãy hủy hẹn trước.")


class AlreadyVisible(NotAllowed):
    """Two editions of one article would be visible at one time."""

    def __init__(self) -> None:
        super().__init__("Bài vừa được một người khác xuất bản. Hãy tải lại trang.")


class FileMissing(NotAllowed):
    """A document or a recording of the copy is not in the storage."""

    def __init__(self) -> None:
        super().__init__("Không tìm thấy một tệp đính kèm hoặc phim, âm thanh của bài. Hãy tải tệp đó lên lại.")


class BadTime(NotAllowed):
    """The given time makes no sense; the message says why."""


def publish(*, article_id: int, actor: User, at: datetime, version: int | None = None) -> Edition:
    """Show the approved copy to readers from `at` on; an edition they see now ends at that moment.

    `version` is the copy's version the actor looked at. Raises `NotAllowed` (and its kinds above).
    """
    rendering.complete_for(article_id=article_id, at=at)
    _copy_ahead(article_id)
    with transaction.atomic():
        article = lock_article(article_id, version)
        row = workflow.require("publish", article, actor, at)
        edition = _seal(article, actor, at, LedgerKind.PUBLISH, visible_from=at)
        record_step(article, row.name, row.target, actor, at, content_sha256=edition.content_sha256)
        return edition


def schedule(
    *, article_id: int, actor: User, at: datetime, visible_from: datetime, version: int | None = None
) -> Edition:
    """Show the approved copy from `visible_from` on; until then readers see what they see now.

    Raises `BadTime` when that moment is not in the future, and as `publish`.
    """
    if visible_from <= at:
        raise BadTime("Giờ hẹn phải ở sau lúc này.")
    if visible_from >= FOREVER:
        raise BadTime("Giờ hẹn quá xa.")
    rendering.complete_for(article_id=article_id, at=at)
    _copy_ahead(article_id)
    with transaction.atomic():
        article = lock_article(article_id, version)
        row = workflow.require("schedule", article, actor, at)
        edition = _seal(article, actor, at, LedgerKind.SCHEDULE, visible_from=visible_from)
        record_step(article, row.name, row.target, actor, at, content_sha256=edition.content_sha256)
        return edition


def _copy_ahead(article_id: int) -> None:
    """Copy the article's documents and films before anything is locked: they may be large."""
    article = Article.objects.filter(pk=article_id, state=State.APPROVED).only("id", "body").first()
    if article is not None:
        _copy(sealing.files_ahead(article))


def _copy(files: list[sealing.PublicFile]) -> None:
    try:
        sealing.publish_files(files)
    except FileNotFoundError as error:
        raise FileMissing from error


def _seal(article: Article, actor: User, at: datetime, kind: LedgerKind, *, visible_from: datetime) -> Edition:
    content = sealing.compose(article)
    if sealing.content_sha256(content) != article.approved_sha256:
        raise ApprovalOutdated
    require_ready(content, article.pk, at)
    editions = list(article.editions.order_by("number").defer("payload"))
    if any(row.visible_from > at and row.visible_until > row.visible_from for row in editions):
        raise LaterEditionScheduled
    changed = []
    until = FOREVER
    for row in editions:
        if row.visible_until > visible_from and row.visible_until > row.visible_from:
            until = min(until, row.visible_until)  # an end that was set for the article holds for its next edition too
            row.visible_until = visible_from
            row.save(update_fields=["visible_until"])
            changed.append(row)
    seen = [row.visible_from for row in editions if row.visible_until > row.visible_from]
    edition = sealing.seal(
        article=article,
        content=content,
        number=(editions[-1].number if editions else 0) + 1,
        published_at=min(seen, default=visible_from),
        at=at,
        visible_from=visible_from,
        visible_until=until,
        written_by=article.created_by,
        edited_by=article.passed_by,
        approved_by=article.approved_by,
    )
    try:
        with transaction.atomic():
            edition.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyVisible from error
    sealing.write_index(sealing.index_rows(edition, content, sealing.section_parents()))
    ledger.append(entries=[ledger.NewEntry(kind, article.pk, edition, (*changed, edition))], actor_id=actor.pk, at=at)
    files = sealing.files_of(content)
    rendering.copy_renditions(content)
    _copy(files)
    # Once more when it is certain: a withdrawal meanwhile may have removed a picture that both articles show, and what
    # was not made in time is made now that nobody waits for the row.
    transaction.on_commit(partial(rendering.publish_renditions, content), robust=True)
    transaction.on_commit(partial(sealing.publish_files, files), robust=True)
    return edition


def cancel(*, article_id: int, actor: User, at: datetime, reason: str = "", version: int | None = None) -> None:
    """Take a scheduled edition back before its time; what it would have ended goes on. Raises `NotAllowed`."""
    with transaction.atomic():
        article = lock_article(article_id, version)
        row = workflow.require("cancel", article, actor, at)
        edition = article.editions.upcoming(at).defer("payload").get()
        changed = _close([edition], at)
        changed += _prolong(article, edition)
        ledger.append(
            entries=[ledger.NewEntry(LedgerKind.CANCEL, article.pk, edition, tuple(changed), reason)],
            actor_id=actor.pk,
            at=at,
        )
        record_step(article, row.name, row.target, actor, at, reason=reason)
        _forget_renditions(article)


def _close(editions: Sequence[Edition], at: datetime) -> list[Edition]:
    """End ranges at `at`; one that has not begun becomes empty."""
    for edition in editions:
        edition.visible_until = max(edition.visible_from, at)
        edition.save(update_fields=["visible_until"])
    return list(editions)


def _prolong(article: Article, cancelled: Edition) -> list[Edition]:
    """Give the edition that `cancelled` would have ended the end it had before the schedule, as the ledger tells it."""
    entry = LedgerEntry.objects.get(edition=cancelled, kind=LedgerKind.SCHEDULE)
    shortened = [number for number, _, _ in json.loads(entry.changes) if number != cancelled.number]
    prolonged = []
    for edition in article.editions.filter(number__in=shortened).defer("payload"):
        earlier = LedgerEntry.objects.filter(article=article, sequence__lt=entry.sequence).order_by("-sequence")
        for changes in earlier.values_list("changes", flat=True):
            until = {number: end for number, _, end in json.loads(changes)}.get(edition.number)
            if until is not None:
                edition.visible_until = datetime.fromisoformat(until)
                edition.save(update_fields=["visible_until"])
                prolonged.append(edition)
                break
    return prolonged


def withdraw(*, article_id: int, actor: User, at: datetime, reason: str, version: int | None = None) -> None:
    """Take the article away from readers, a scheduled edition included. Raises `NotAllowed`."""
    with transaction.atomic():
        article = lock_article(article_id, version)
        row = workflow.require("withdraw", article, actor, at)
        reason = required_reason(reason)
        live = article.editions.live(at).defer("payload").get()
        changed = _close([live, *article.editions.upcoming(at).defer("payload")], at)
        ledger.append(
            entries=[ledger.NewEntry(LedgerKind.WITHDRAW, article.pk, live, tuple(changed), reason)],
            actor_id=actor.pk,
            at=at,
        )
        record_step(article, row.name, row.target, actor, at, reason=reason)
        _forget_renditions(article)


def expire(
    *, article_id: int, actor: User, at: datetime, until: datetime, reason: str = "", version: int | None = None
) -> None:
    """Let readers see the article until that moment only. Raises `BadTime`, `NotAllowed`."""
    with transaction.atomic():
        article = lock_article(article_id, version)
        row = workflow.require("expire", article, actor, at)
        if until <= at:
            raise BadTime("Hạn hiển thị phải ở sau lúc này; muốn gỡ ngay hãy dùng “Gỡ bài”.")
        until = min(until, FOREVER)
        if article.editions.upcoming(at).exists():
            raise LaterEditionScheduled
        live = article.editions.live(at).defer("payload").get()
        live.visible_until = until
        live.save(update_fields=["visible_until"])
        ledger.append(
            entries=[ledger.NewEntry(LedgerKind.EXPIRE, article.pk, live, (live,), reason)], actor_id=actor.pk, at=at
        )
        record_step(article, row.name, State(article.state), actor, at, reason=reason)


def _forget_renditions(article: Article) -> None:
    """After commit: delete the public renditions and files of the article's editions that no edition shows, now or
    later.
    """
    keys = set(EditionImage.objects.filter(edition__article=article).values_list("key", flat=True))
    if keys:
        transaction.on_commit(partial(_remove_unused, sorted(keys), article.pk))
    files = set(EditionFile.objects.filter(edition__article=article).values_list("key", flat=True))
    if files:
        transaction.on_commit(partial(_remove_unused_files, sorted(files)))


def _remove_unused_files(keys: list[str]) -> None:
    needed = Edition.objects.not_over(timezone.now())
    used = set(EditionFile.objects.filter(key__in=keys, edition__in=needed).values_list("key", flat=True))
    sealing.remove_files(key for key in keys if key not in used)


def _remove_unused(keys: list[str], article_id: int) -> None:
    needed = Edition.objects.not_over(timezone.now())
    used = set(EditionImage.objects.filter(key__in=keys, edition__in=needed).values_list("key", flat=True))
    for payload in Edition.objects.filter(article_id=article_id).exclude(payload="").values_list("payload", flat=True):
        content = json.loads(payload)["content"]
        for image in rendering.pictures_of(content):
            if image["key"] in keys and image["key"] not in used:
                rendering.remove_renditions(image)
