"""The register's pages: people, organisations, positions, authors, tags."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from news.admin.desk import DeskAdmin
from news.admin.inlines import DeskInline, keep_rows
from news.forms.register import RegisterForm
from news.models import Author, Organisation, Person, PersonSpelling, Position, Tag, TagKind
from news.queries import picks
from news.services import registering


class RegisterAdmin(DeskAdmin):
    """A page of the register: saved by its service, in the order of the alphabet."""

    form: type[forms.ModelForm] = RegisterForm
    cursor = "name_key"
    search_keys: ClassVar[tuple[str, ...]] = ("name_key",)

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: Any) -> None:
        """Through the service."""
        registering.keep(obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:
        """Through the service."""
        keep_rows(formset)


class VerifiedFilter(SimpleListFilter):
    """Who still waits to be verified."""

    title = "xác minh"
    parameter_name = "xac-minh"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Waiting or not."""
        return [("cho", "Chờ xác minh"), ("roi", "Đã xác minh")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Person]) -> QuerySet[Person]:
        """By the flag."""
        return queryset.filter(is_verified=self.value() == "roi") if self.value() in {"cho", "roi"} else queryset


class PositionInline(DeskInline):
    """The posts a person held."""

    model = Position
    fields = ("title", "organisation", "from_on", "to_on", "protocol_rank")
    picked = {"organisation": picks.ORGANISATION}
    verbose_name = "Chức vụ"
    verbose_name_plural = "Chức vụ đã và đang giữ"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Position]:
        """With the organisations, in protocol order."""
        return super().get_queryset(request).select_related("organisation").in_protocol_order()


class SpellingInline(DeskInline):
    """Other ways the name is written."""

    model = PersonSpelling
    fields = ("name",)
    verbose_name = "Cách viết khác"
    verbose_name_plural = "Cách viết khác của tên"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By role: a spelling is no record."""
        return self.has_right(request, "delete")


class PersonAdmin(RegisterAdmin):
    """People in office."""

    cursor = "sort_key"
    list_display = ("name", "current_positions", "verified")
    list_filter = (VerifiedFilter,)
    fields = ("name", "is_verified", "note", "merged_into")
    picked = {"merged_into": picks.PERSON}
    inlines = (PositionInline, SpellingInline)
    search_help_text = "Họ tên hoặc cách viết khác, có dấu hay không dấu đều được."

    def search(self, text: str) -> Any:
        """By name or another way it is written."""
        return picks.people_matching(text)

    def for_list(self, rows: QuerySet[Person]) -> QuerySet[Person]:
        """With the posts of today: one more query for the page."""
        today = Position.objects.held_on(timezone.localdate()).in_protocol_order()
        held = Prefetch("positions", queryset=today, to_attr="positions_of_day")
        return super().for_list(rows).select_related("merged_into").prefetch_related(held)

    @admin.display(description="chức vụ hiện nay")
    def current_positions(self, person: Person) -> str:
        """The posts held today."""
        if person.merged_into is not None:
            return f"đã gộp vào {person.merged_into}"
        return "; ".join(row.title for row in person.positions_of_day)  # type: ignore[attr-defined]  # see for_list

    @admin.display(description="xác minh")
    def verified(self, person: Person) -> str:
        """Whether an editor has vouched for the line."""
        return "đã xác minh" if person.is_verified else "chờ xác minh"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Who only adds people neither vouches for them nor merges them."""
        return self.fields if self.has_change_permission(request) else ("name", "note")


class OrganisationAdmin(RegisterAdmin):
    """Bodies that send, receive or employ people."""

    list_display = ("name", "abbreviation", "level", "parent")
    list_select_related = ("parent",)
    fields = (
        "name", "abbreviation", "parent", "level", ("valid_from", "valid_to"), "successor", "merged_into",
    )  # fmt: skip
    picked = dict.fromkeys(("parent", "successor", "merged_into"), picks.ORGANISATION)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organisation]:
        """With what the form names."""
        return super().get_queryset(request).select_related("parent", "successor", "merged_into")


class PositionAdmin(RegisterAdmin):
    """Posts: who held what, from when to when."""

    form = forms.ModelForm
    cursor = "-pk"
    search_keys = ()
    list_display = ("title", "person", "organisation", "from_on", "to_on")
    list_select_related = ("person", "organisation")
    fields = ("person", "title", "organisation", ("from_on", "to_on"), "protocol_rank")
    picked = {"person": picks.PERSON, "organisation": picks.ORGANISATION}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Position]:
        """With what the form names."""
        return super().get_queryset(request).select_related("person", "organisation")

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """By the person."""
        return ("person",)

    def search(self, text: str) -> Any:
        """Posts of the people meant."""
        return Q(person__in=Person.objects.filter(picks.people_matching(text)))


class AuthorAdmin(RegisterAdmin):
    """Names that sign."""

    form = forms.ModelForm
    list_display = ("name", "pen_name", "user")
    list_select_related = ("user",)
    fields = ("name", "is_pen_name", "user", "about")
    picked = {"user": picks.COLLEAGUE}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Author]:
        """With the user behind the name."""
        return super().get_queryset(request).select_related("user")

    @admin.display(description="bút danh")
    def pen_name(self, author: Author) -> str:
        """Whether it is a pen name."""
        return "bút danh" if author.is_pen_name else ""


class KindFilter(SimpleListFilter):
    """Tags or topics."""

    title = "loại"
    parameter_name = "loai"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Both kinds."""
        return list(TagKind.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tag]) -> QuerySet[Tag]:
        """By kind."""
        return queryset.filter(kind=self.value()) if self.value() in TagKind.values else queryset


class TagAdmin(RegisterAdmin):
    """Tags and running topics."""

    list_display = ("name", "kind", "slug", "merged")
    list_filter = (KindFilter,)
    list_select_related = ("merged_into",)
    fields = ("name", "kind", "slug", "description", "merged_into")
    picked = {"merged_into": picks.TAG}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        """With what the form names."""
        return super().get_queryset(request).select_related("merged_into")

    def get_form(self, request: HttpRequest, obj: Any = None, change: Any = None, **kwargs: Any) -> Any:
        """The address may be left open."""
        made = super().get_form(request, obj, change, **kwargs)
        if "slug" in made.base_fields:
            made.base_fields["slug"].required = False
            made.base_fields["slug"].help_text = "Bỏ trống để tự đặt theo tên."
        return made

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Who only adds tags does not merge them."""
        return self.fields if self.has_change_permission(request) else ("name", "kind", "description")

    @admin.display(description="đã gộp vào")
    def merged(self, tag: Tag) -> str:
        """Where it went."""
        return tag.merged_into.name if tag.merged_into else ""
