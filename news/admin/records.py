"""What the newsroom keeps and nobody edits: editions, ledger, saved states, letters, mail, counts, old addresses."""

import json
from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

from news.admin.content import for_desk
from news.admin.desk import ReadOnlyAdmin
from news.models import (
    FOREVER,
    Edition,
    Feedback,
    FeedbackStatus,
    LedgerEntry,
    LedgerKind,
    Outbox,
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

    def content_of(self, obj: Any) -> dict[str, Any] | None:
        """The saved content."""
        return json.loads(obj.content) if obj.content else None


class LedgerKindFilter(SimpleListFilter):
    """What was done."""

    title = "việc"
    parameter_name = "viec"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All kinds."""
        return list(LedgerKind.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[LedgerEntry]) -> QuerySet[LedgerEntry]:
        """By kind, along the chain."""
        return queryset.filter(kind=self.value()) if self.value() in LedgerKind.values else queryset


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


class FeedbackStatusFilter(SimpleListFilter):
    """How far the desk is."""

    title = "tình trạng"
    parameter_name = "tinh-trang"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All of them."""
        return list(FeedbackStatus.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Feedback]) -> QuerySet[Feedback]:
        """Along the index of states."""
        return queryset.filter(status=self.value()) if self.value() in FeedbackStatus.values else queryset


class FeedbackAdmin(ReadOnlyAdmin):
    """Readers' letters, without who wrote them."""

    list_display = ("code", "kind", "status", "about", "received_at", "due_at", "owner")
    list_filter = (FeedbackStatusFilter,)
    list_select_related = ("owner",)
    list_defer = ("body", "internal_note")
    readonly_fields = ("about",)
    fields = (
        "code", "kind", "status", "about", "body", "received_at", "due_at", "answered_at", "owner", "internal_note",
    )  # fmt: skip

    @admin.display(description="về bài")
    def about(self, letter: Feedback) -> str:
        """The readers' page of the article; moderators have no business with the desk's copy."""
        if letter.article_id is None:
            return "góp ý chung"
        address = reverse("article_detail", args=["bai", letter.article_id])
        return format_html('<a href="{}">Bài số {}</a>', address, letter.article_id)


class SentFilter(SimpleListFilter):
    """Sent, waiting or given up."""

    title = "tình trạng"
    parameter_name = "tinh-trang"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The three."""
        return [("cho", "Chờ gửi"), ("xong", "Đã gửi"), ("thoi", "Thôi gửi")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Outbox]) -> QuerySet[Outbox]:
        """By what is known of it."""
        match self.value():
            case "cho":
                return queryset.filter(sent_at=None, given_up_at=None)
            case "xong":
                return queryset.filter(sent_at__isnull=False)
            case "thoi":
                return queryset.filter(given_up_at__isnull=False)
        return queryset


class OutboxAdmin(ReadOnlyAdmin):
    """Mail that left or is to leave; to whom and what is not shown."""

    list_display = ("id", "kind", "created_at", "send_after", "attempt_count", "sent_at", "given_up_at")
    list_filter = (SentFilter,)
    list_defer = ("recipient", "message")
    fields = ("kind", "created_at", "send_after", "attempt_count", "sent_at", "given_up_at", "failure")
    readonly_fields = ("failure",)

    @admin.display(description="lỗi gần nhất")
    def failure(self, mail: Outbox) -> str:
        """What the last attempt said; an address in it is not for every eye."""
        return " ".join("…" if "@" in word else word for word in mail.last_error.split())


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


class ConsentTextAdmin(ReadOnlyAdmin):
    """What readers were asked to agree to, in every wording."""

    list_display = ("form", "version", "shown_from")
    fields = ("form", "version", "text", "purposes", "shown_from")
