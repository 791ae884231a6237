"""Restoring: an old version of an article becomes its draft again, as one more save with its reason."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Model, Prefetch, QuerySet

from accounts.models import User
from news import markup, workflow
from news.models import (
    Article,
    Attendee,
    Author,
    Contribution,
    ContributionKind,
    Delegation,
    GalleryImage,
    Genre,
    Image,
    Provenance,
    Recording,
    RelatedPick,
    Section,
    Tag,
    WorkflowStep,
)
from news.queries import versions
from news.queries.desk import RESTORE
from news.services import attending, editing, filing, sealing
from news.services.reviewing import Changed, lock_article
from news.workflow import NotAllowed

type Content = Mapping[str, Any]


class Missing(NotAllowed):
    """There is no such version, or its content was blanked."""

    def __init__(self) -> None:
        super().__init__("Không có phiên bản này, hoặc nội dung của nó đã được xóa trắng.")


@dataclass(frozen=True, slots=True)
class Restored:
    """The saved article and, in Vietnamese, what could not come back as it was."""

    article: Article
    notes: tuple[str, ...]


def restore(*, article_id: int, token: str, actor: User, at: datetime, version: int, seen_sha256: str = "") -> Restored:
    """Make a saved state or an edition of the article ("l3", "a1") its draft again; `version` is the one looked at.

    What belongs to the article comes back, with the facts and people of delegations that are its alone; those `kept`
    speaks of stay as they are today, and so does what the library says of pictures. What the article shows now is kept
    as a version first, should it have changed elsewhere since its last save; `seen_sha256` is its hash as the actor
    looked at it. It is a save like any other: the four-eyes rule counts the actor among those who changed the text.
    Raises `NotAllowed`, `Missing`, `Changed` (nothing is written then), `Article.DoesNotExist`.
    """
    with transaction.atomic():
        lock_article(article_id, version)
        opened = Article.objects.filter(workflow.visible_articles(actor))
        article = opened.select_related("section", "lead_image").get(pk=article_id)
        found = versions.find(article, token, actor)
        if found is None:
            raise Missing
        old, content = found
        if content is None:
            raise Missing
        present = sealing.content_sha256(sealing.compose(article))
        if seen_sha256 and seen_sha256 != present:
            raise Changed
        last = versions.last_saved(article)
        if last is not None and last[1] != present:
            editing.keep_revision(article, None, at)
        back = _Return(content, kept(article, content, actor, at))
        back.fill(article)
        editing.change(article=article, actor=actor, at=at, version=version, save_related=back.write_related)
        state = workflow.state_of(article, at)
        WorkflowStep.objects.create(
            article=article,
            transition=RESTORE,
            source=state,
            target=state,
            actor=actor,
            at=at,
            reason=f"Khôi phục {old.name.lower()} thành bản nháp mới.",
        )
    return Restored(article, tuple(back.notes))


def kept(article: Article, content: Content, user: User, at: datetime) -> dict[int, str]:
    """Which delegations of an old content would stay as they are today, by number, and why, in Vietnamese."""
    rows = {row["id"]: row for row in content.get("delegations") or ()}
    if not rows:
        return {}
    if "news.change_delegation" not in user.granted_permissions:
        return dict.fromkeys(rows, "bạn không có quyền sửa đoàn công tác")
    found = versions.shared(rows, article, user, at)
    linked = set(article.delegations.values_list("pk", flat=True))
    people = Attendee.objects.select_related("person__merged_into").order_by("order", "id")
    whole = Delegation.objects.select_related("merged_into", "visiting_organisation", "host_organisation")
    for delegation in whole.filter(pk__in=rows).prefetch_related(Prefetch("attendees", people, to_attr="in_order")):
        if delegation.merged_into is not None:
            found[delegation.pk] = f"nay đã gộp vào “{delegation.merged_into.name}”"
        elif delegation.pk not in linked | found.keys():
            present = sealing.delegation_json(delegation, delegation.in_order)
            if present != rows[delegation.pk] and present != _last_known(article, delegation.pk):
                found[delegation.pk] = "đã được sửa ở nơi khác sau khi rời bài này"
    return found


def _last_known(article: Article, pk: int) -> Any:
    """The delegation as the newest save says that holds it; None for none."""
    saved = article.revisions.exclude(content="").order_by("-number").values_list("content", flat=True)
    for text in saved.iterator(chunk_size=10):
        found = next((row for row in json.loads(text).get("delegations") or () if row["id"] == pk), None)
        if found is not None:
            return found
    return None


class _Return:
    """An old content on its way back into the desk's copy; `notes` gathers what is not as it was."""

    def __init__(self, content: Content, kept: Mapping[int, str]) -> None:
        self.content = content
        self.kept = kept
        self.notes: list[str] = []

    # --- The article's own columns ------------------------------------------------------------------

    def fill(self, article: Article) -> None:
        """Put the old values into the article; saves nothing."""
        content = self.content
        for name in ("title", "kicker", "lead", "body"):
            setattr(article, name, content.get(name, ""))
        article.genre = content["genre"] if content.get("genre") in Genre.values else article.genre
        if content.get("provenance") in Provenance.values:
            article.provenance = content["provenance"]
        article.event_on = date.fromisoformat(content["event_on"]) if content.get("event_on") else None
        article.allow_comments = bool(content.get("allow_comments", True))
        section = self._known(Section.objects.all(), [content["section"]], "chuyên mục")
        if section:
            article.section = section[0]
        self._fill_source(article)
        ai = content.get("ai")
        article.ai_used = ai is not None
        article.ai_note = ai["note"] if ai else ""
        self._fill_lead_image(article)
        self._look_for_figures()

    def _fill_source(self, article: Article) -> None:
        source = self.content.get("source")
        if source is None and not article.source_name:
            return  # neither names a source: what is half filled in stays
        source = source or {}
        article.source_name = source.get("name", "")
        article.source_url = source.get("url", "")
        article.source_agreement = source.get("agreement", "")
        moment = source.get("published_at")
        article.source_published_at = datetime.fromisoformat(moment) if moment else None

    def _fill_lead_image(self, article: Article) -> None:
        old = self.content.get("lead_image")
        found = self._known(Image.objects.all(), [old] if old else [], "ảnh chính")
        article.lead_image = found[0] if found else None
        article.lead_image_caption = self._caption(old, found[0]) if old and found else ""

    def _caption(self, old: Content, image: Image) -> str:
        """The caption as it was printed; none of its own where the library says the same today."""
        if old.get("key") != image.key:
            self.notes.append(f"Ảnh số {image.pk} đã được thay tệp: bài dùng tệp mới.")
        caption = str(old.get("caption") or "")
        return "" if caption == image.caption else caption

    def _look_for_figures(self) -> None:
        images, recordings = markup.figure_numbers(self.content.get("body", ""))
        self._tell_missing(Image.objects.all(), images, "ảnh trong nội dung")
        self._tell_missing(Recording.objects.all(), recordings, "phim, âm thanh trong nội dung")

    def _tell_missing(self, rows: QuerySet[Any], numbers: Iterable[int], what: str) -> None:
        wanted = list(numbers)
        known = set(rows.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
        for number in wanted:
            if number not in known:
                self.notes.append(f"Không còn {what}: số {number}.")

    # --- What hangs on it ---------------------------------------------------------------------------

    def write_related(self, article: Article) -> None:
        """Put the old rows in the place of those there are; part of the save's transaction."""
        content = self.content
        article.other_sections.set(
            self._known(Section.objects.all(), content.get("other_sections") or (), "chuyên mục đăng cả ở")
        )
        article.tags.set(self._merged(Tag.objects.select_related("merged_into"), content.get("tags"), "từ khóa"))
        self._write_delegations(article)
        self._write_byline(article)
        self._write_gallery(article)
        self._write_related_picks(article)
        self._write_attachments(article)

    def _write_delegations(self, article: Article) -> None:
        """Link them, then bring back the facts and the people of those that are the article's alone."""
        old = self.content.get("delegations")
        whole = Delegation.objects.select_related("merged_into")
        article.delegations.set(self._merged(whole, old, "đoàn"))
        rows = {row["id"]: row for row in old or ()}
        for delegation in Delegation.objects.select_for_update().filter(pk__in=rows, merged_into=None):
            attendees = delegation.attendees.select_related("person__merged_into").order_by("order", "id")
            if sealing.delegation_json(delegation, attendees) == rows[delegation.pk]:
                continue
            if reason := self.kept.get(delegation.pk):
                self.notes.append(f"Đoàn “{delegation.name}” {reason}: thông tin và thành phần giữ như hiện nay.")
            else:
                self.notes += attending.bring_back(delegation=delegation, sealed=rows[delegation.pk])

    def _write_byline(self, article: Article) -> None:
        old = self.content.get("byline") or ()
        authors = {author.pk: author for author in self._known(Author.objects.all(), old, "tên ký")}
        article.contributions.all().delete()
        for order, row in enumerate(old):
            if row["id"] in authors:
                kind = row["kind"] if row.get("kind") in ContributionKind.values else ContributionKind.TEXT
                Contribution.objects.get_or_create(
                    article=article, author=authors[row["id"]], kind=kind, defaults={"order": order}
                )

    def _write_gallery(self, article: Article) -> None:
        old = self.content.get("gallery") or ()
        images = {image.pk: image for image in self._known(Image.objects.all(), old, "ảnh của chùm ảnh")}
        article.gallery.all().delete()
        for order, row in enumerate(old):
            if row["id"] in images:
                image = images[row["id"]]
                GalleryImage.objects.get_or_create(
                    article=article, image=image, defaults={"caption": self._caption(row, image), "order": order}
                )

    def _write_related_picks(self, article: Article) -> None:
        wanted = [pk for pk in self.content.get("related") or () if pk != article.pk]
        known = set(Article.objects.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
        article.related_picks.all().delete()
        for order, pk in enumerate(wanted):
            if pk in known:
                RelatedPick.objects.get_or_create(article=article, target_id=pk, defaults={"order": order})
            else:
                self.notes.append(f"Không còn bài liên quan số {pk}.")

    def _write_attachments(self, article: Article) -> None:
        """Those of the old version get their files, names and order back; later ones stay behind them."""
        old = {row["id"]: (order, row) for order, row in enumerate(self.content.get("attachments") or ())}
        there = {item.pk: item for item in article.attachments.all()}
        for pk, (_, row) in old.items():
            if not filing.bring_back(article=article, pk=pk, sealed=row, at_place=old[pk][0]):
                self.notes.append(f"Tài liệu đính kèm “{row.get('title', '')}” không còn: hãy tải lên lại nếu cần.")
        for place, item in enumerate(sorted(there.values(), key=lambda item: (item.order, item.pk))):
            if item.pk in old:
                item.order, item.title = old[item.pk][0], old[item.pk][1].get("title") or item.title
            else:
                item.order = len(old) + place
                self.notes.append(f"Tài liệu đính kèm “{item.title}” thêm sau bản đó: vẫn giữ trong bài.")
            item.save(update_fields=["order", "title"])

    # --- Looking up ---------------------------------------------------------------------------------

    def _known[Row: Model](self, rows: QuerySet[Row], old: Iterable[Content], what: str) -> list[Row]:
        """The rows that the old content names, in its order; those that are gone are told."""
        wanted = {row["id"]: str(row.get("name") or f"số {row['id']}") for row in old}
        found = {row.pk: row for row in rows.filter(pk__in=wanted)} if wanted else {}
        self.notes += [f"Không còn {what}: {name}." for pk, name in wanted.items() if pk not in found]
        return [found[pk] for pk in wanted if pk in found]

    def _merged(self, rows: QuerySet[Any], old: Iterable[Content] | None, what: str) -> list[Any]:
        """As `_known`; what has been merged since counts as what it was merged into."""
        found = []
        for row in self._known(rows, old or (), what):
            if row.merged_into is not None:
                self.notes.append(f"{what.capitalize()} “{row.name}” nay đã gộp vào “{row.merged_into.name}”.")
            found.append(row.merged_into or row)
        return list({row.pk: row for row in found}.values())
