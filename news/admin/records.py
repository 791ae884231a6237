"""What the newsroom keeps and nobody edits: editions, ledger, saved states, counts, old addresses."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse

from news import workflow
from news.admin.content import for_desk
from news.admin.desk import ReadOnlyAdmin, staff
from news.models import (
    FOREVER,
    Article,
    Edition,
    LedgerEntry,
    Revision,
)


class ContentAdmin(ReadOnlyAdmin):
    """A page that shows a content as readers would read it, with what is known of it beside."""

    change_form_template = "admin/desk/content.html"

    def content_of(self, obj: Any) -> dict[str, Any] | None:
        """The content, or None when it was blanked."""
        raise NotImplementedError  # each kind of record below says where its content lies

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The content, read only."""
        obj = self.get_object(request, object_id)
        content = self.content_of(obj) if obj is not None and self.has_view_permission(request, obj) else None
        shown = {"content": for_desk(content) if content else None}
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})


class EditionAdmin(ContentAdmin):
    """What readers see or saw, sealed."""

    list_display = ("title", "number", "section", "visible_from", "ends", "sealed_at")
    list_select_related = ("section",)
    list_defer = ("payload", "lead", "card_image")
    fields = (
        "article", "number", "published_at", "visible_from", "ends", "sealed_at", "payload_sha256", "content_sha256",
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """All."""
        return self.fields

    @admin.display(description="hiện đến")
    def ends(self, edition: Edition) -> Any:
        """Until when."""
        if edition.visible_until <= edition.visible_from:
            return "đã hủy, không hiện"
        return "không thời hạn" if edition.visible_until >= FOREVER else edition.visible_until

    def content_of(self, obj: Any) -> dict[str, Any] | None:
        """The sealed content."""
        return json.loads(obj.payload)["content"] if obj.payload else None


class RevisionAdmin(ContentAdmin):
    """Saved states of the desk's copies; reached from the article's story."""

    list_display = ("article", "number", "saved_by", "saved_at")
    list_select_related = ("article", "saved_by")
    list_defer = ("content", "article__body", "article__lead")
    fields = ("article", "number", "saved_by", "saved_at", "content_sha256")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Revision]:
        """Those of the articles that the user may open."""
        visible = Article.objects.filter(workflow.visible_articles(staff(request)), pk=OuterRef("article_id"))
        return super().get_queryset(request).filter(Exists(visible))

    def content_of(self, obj: Any) -> dict[str, Any] | None:
        """The saved content."""
        return json.loads(obj.content) if obj.content else None


class LedgerEntryAdmin(ReadOnlyAdmin):
    """The chain of publications."""

    list_display = ("sequence", "kind", "at", "actor", "article", "reason")
    list_select_related = ("actor", "article")
    list_defer = ("changes", "article__body", "article__lead")
    fields = (
        "sequence", "kind", "at", "actor", "article", "edition", "reason",
        "changes", "payload_sha256", "previous_hash", "hash",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerEntry]:
        """With what a page names."""
        return super().get_queryset(request).select_related("actor", "article", "edition").defer("edition__payload")


class ViewCountAdmin(ReadOnlyAdmin):
    """How often articles were read, by the hour."""

    list_display = ("article", "hour", "count")
    list_select_related = ("article",)
    list_defer = ("article__body", "article__lead")
    fields = ("article", "hour", "count")


class OldAddressAdmin(ReadOnlyAdmin):
    """Where articles lived before."""

    list_display = ("path", "article")
    list_select_related = ("article",)
    list_defer = ("article__body", "article__lead")
    fields = ("path", "article")
