"""What the pages of the desk share: rights by role, lists by cursor, search by folded keys, services that write."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models
from django.db.models import Model, Q, QuerySet
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.models import User
from news.admin import seen
from news.admin.cursor import CursorChangeList
from news.forms.fields import DayField, DayInput, LineField, LinesField, MomentField, MomentInput, PickField, PickInput
from news.queries import picks


def staff(request: HttpRequest) -> User:
    """Who asks; `admin_view` has let nobody else in."""
    return cast(User, request.user)


def may(user: Any, permission: str) -> bool:
    """Whether a role grants it; being a superuser grants nothing."""
    return isinstance(user, User) and permission in user.granted_permissions


FIELDS: Mapping[type[models.Field[Any, Any]], Mapping[str, Any]] = {
    models.CharField: {"form_class": LineField, "widget": forms.TextInput},
    models.SlugField: {"form_class": forms.SlugField, "widget": forms.TextInput},
    models.TextField: {"form_class": LinesField, "widget": forms.Textarea({"rows": 4})},
    models.DateField: {"form_class": DayField, "widget": DayInput},
    models.DateTimeField: {"form_class": MomentField, "widget": MomentInput},
    models.URLField: {"widget": forms.URLInput},
    models.EmailField: {"widget": forms.EmailInput},
    models.IntegerField: {"widget": forms.NumberInput},
}
"""Text is put in order at the door; days are written day first; nothing needs the stock admin's scripts."""


class RightsMixin:
    """Rights over a model as the roles grant them, for pages and for rows in them."""

    def has_right(self, request: HttpRequest, action: str) -> bool:
        """Whether a role grants the action on this model."""
        meta = self.model._meta  # type: ignore[attr-defined]  # mixed into ModelAdmin
        return may(request.user, f"{meta.app_label}.{action}_{meta.model_name}")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By role; who changes sees."""
        return self.has_right(request, "view") or self.has_right(request, "change")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By role."""
        return self.has_right(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By role."""
        return self.has_right(request, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing that was ever used is deleted."""
        return False


class DeskAdmin(RightsMixin, admin.ModelAdmin):
    """A page of the desk."""

    cursor: ClassVar[str] = "-pk"
    search_keys: ClassVar[tuple[str, ...]] = ()
    picked: ClassVar[dict[str, picks.Source]] = {}
    list_defer: ClassVar[tuple[str, ...]] = ()
    also_seen: ClassVar[tuple[str, ...]] = ()
    """Columns that a page changes without a field of their name: compared too before it saves, see `seen`."""
    formfield_overrides = FIELDS
    list_per_page = 40
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    view_on_site = False
    actions_on_top = False
    preserve_filters = True
    empty_value_display = "–"

    @property
    def media(self) -> Media:
        """None of the stock scripts: the desk's templates load the few modules they use."""
        return Media()

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether there is anything for the user here."""
        return self.has_view_permission(request) or self.has_add_permission(request)

    def get_urls(self) -> list[Any]:
        """The stock addresses but the last, an old one that redirects whatever is asked."""
        return super().get_urls()[:-1]

    def for_list(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The list's rows without their long columns."""
        return rows.defer(*self.list_defer)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CursorChangeList]:
        """By cursor."""
        return CursorChangeList

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """That of the cursor."""
        return (self.cursor,)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Filters of the list only; see `CursorChangeList.get_filters_params`."""
        return any(getattr(found, "parameter_name", None) == lookup for found in self.get_list_filter(request))

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """There is a search box where there are keys to search."""
        return self.search_keys

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Rows that contain every word, with or without its marks, or bear the number; all where there is no search."""
        if not search_term.strip() or not self.get_search_fields(request):
            return queryset, False
        condition = self.search(search_term)
        number = picks.bare_number(search_term)
        if number is not None:
            condition |= Q(pk=number)
        return queryset.filter(condition), False

    def search(self, text: str) -> Any:
        """The rows meant by the words, as a filter."""
        condition = Q()
        for key in self.search_keys:
            condition |= picks.containing(key, text)
        return condition

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """What is in `picked` is typed and looked up; there are no icons around related fields."""
        return desk_field(self, db_field, super().formfield_for_dbfield(db_field, request, **kwargs))

    def get_form(self, request: HttpRequest, obj: Any = None, change: Any = None, **kwargs: Any) -> Any:
        """The form, its picks with a link to the register where the user may add to it; checked when sent."""
        if obj is not None and request.method == "POST" and self.has_change_permission(request, obj):
            kwargs["form"] = seen.checked(kwargs.get("form", self.form), self, request)
        made = super().get_form(request, obj, change, **kwargs)
        if "_popup" not in request.GET and "_popup" not in request.POST:
            offer_adding(made.base_fields, request)
        return made

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """As the stock admin; what only the database could refuse (two saves at one moment) is told, not a crash."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            self.refuse(request, "Chưa lưu được: có người vừa lưu cùng lúc, hoặc có dòng trùng nhau. Hãy thử lại.")
            return HttpResponseRedirect(request.get_full_path())

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """With what the page was opened with, and with what a colleague has changed since."""
        form, formsets = context["adminform"].form, [inline.formset for inline in context["inline_admin_formsets"]]
        conflict = getattr(form, "conflict", None)
        if context.get("original") is not None and "seen" not in form.fields:
            is_sent = request.method == "POST"
            context["seen"] = request.POST.get(seen.SEEN, "") if is_sent else seen.as_shown(self, form, formsets)
        if conflict is not None:
            context |= {"conflict": conflict, "differences": seen.differences(conflict, form, formsets)}
        response = super().render_change_form(request, context, *args, **kwargs)
        if conflict is not None:
            response.status_code = 409
        return response

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """As the stock admin; nothing is noted when nothing changed."""
        return super().log_change(request, obj, message) if message else None

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Nothing from the address: a link fills in no form."""
        return {}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list under its own name."""
        title = str(self.opts.verbose_name_plural)
        context = {"title": title[:1].upper() + title[1:], **(extra_context or {})}
        return super().changelist_view(request, context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The last hundred entries of the log about a row; nothing is counted."""
        obj = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        if obj is None:
            raise Http404
        entries = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(self.model), object_id=str(obj.pk)
        )
        context = {
            **self.admin_site.each_context(request),
            "title": "Nhật ký",
            "object": obj,
            "object_address": self.address_of(obj),
            "opts": self.opts,
            "entries": entries.select_related("user").order_by("-id")[:100],
        }
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]  # as the stock views do
        return TemplateResponse(request, "admin/object_history.html", context)

    def address_of(self, obj: Model) -> str:
        """The page of a row of this model."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[quote(obj.pk)])

    def refuse(self, request: HttpRequest, message: str) -> None:
        """Tell the user why not."""
        self.message_user(request, message, messages.ERROR)


def desk_field(page: Any, db_field: Any, field: Any) -> Any:
    """The form field for a column, as the desk shows it."""
    if db_field.name in page.picked:
        return PickField(
            page.picked[db_field.name],
            popup=db_field.name in {"organisation", "logo"},
            required=not db_field.blank,
            label=str(db_field.verbose_name)[:1].upper() + str(db_field.verbose_name)[1:],
            help_text=db_field.help_text,
        )
    if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
        field.widget = field.widget.widget
    return field


def offer_adding(fields: dict[str, Any], request: HttpRequest) -> None:
    """Put a link "thêm" beside the fields that have one, where the user may make such a thing."""
    for field in fields.values():
        if isinstance(field.widget, PickInput) and field.widget.popup:
            meta = field.widget.source.model._meta
            if may(request.user, f"{meta.app_label}.add_{meta.model_name}"):
                field.widget.add_address = reverse(f"admin:{meta.app_label}_{meta.model_name}_add")


class ReadOnlyAdmin(DeskAdmin):
    """A page that shows and changes nothing, whoever asks."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows come from services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows come from services."""
        return False


class FormPageAdmin(DeskAdmin):
    """A page whose forms end in a service call, never in a saved row."""

    def show(
        self, request: HttpRequest, template: str, title: str, status: int = 200, **context: Any
    ) -> TemplateResponse:
        """The template in the frame of the desk."""
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]  # as the stock views do
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context}
        return TemplateResponse(request, template, frame, status=status)

    def row(self, request: HttpRequest, object_id: str) -> Any:
        """The row of that number, for who may see it. Raises `PermissionDenied`, `Http404`."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        return found
