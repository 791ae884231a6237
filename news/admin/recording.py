"""The library of films and sounds: files come in through the service; what is said of them may change, no byte."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from news import filetypes
from news.admin.content import picture_of
from news.admin.desk import DeskAdmin, offer_adding, staff
from news.forms.files import NewRecordingForm, RecordingForm, desk_address, receive
from news.models import Recording, RecordingKind
from news.queries import addresses
from news.services import filing
from news.services.filing import BadFile
from news.workflow import NotAllowed


class KindFilter(SimpleListFilter):
    """Films, or sounds."""

    title = "loại"
    parameter_name = "loai"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Both."""
        return list(RecordingKind.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Recording]) -> QuerySet[Recording]:
        """Those of one kind."""
        return queryset.filter(kind=self.value()) if self.value() in RecordingKind.values else queryset


class RecordingAdmin(DeskAdmin):
    """Films and sounds, the newest first."""

    form = RecordingForm
    list_display = ("headline", "kind", "length", "size", "uploaded_by", "created_at")
    list_display_links = ("headline",)
    list_select_related = ("uploaded_by",)
    list_filter = (KindFilter,)
    list_defer = ("transcript",)
    fields = ("title", "poster", "caption", "credit", "transcript", "is_silent")
    search_keys = ("text_key",)
    search_help_text = "Từ trong tên, chú thích, nguồn, có dấu hay không dấu; hoặc số của phim, bản ghi."

    @admin.display(description="tên")
    def headline(self, recording: Recording) -> str:
        """Its name."""
        return recording.title

    @admin.display(description="dài")
    def length(self, recording: Recording) -> str:
        """In minutes and seconds."""
        return filetypes.length_in_words(recording.seconds)

    @admin.display(description="dung lượng")
    def size(self, recording: Recording) -> str:
        """In megabytes."""
        return filetypes.size_in_words(recording.byte_count)

    # --- One recording -------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Take a file; the same file again gives the recording there is."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        sent = request.method == "POST"
        receive(request, staff(request))
        form = NewRecordingForm(request.POST if sent else None)
        form.fields["upload"].actor = staff(request)
        if sent and form.is_valid():
            recording = self._record(request, form)
            if recording is not None:
                return self.response_add(request, recording)
        is_popup = "_popup" in request.GET or "_popup" in request.POST
        if not is_popup:
            offer_adding(form.fields, request)
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]  # as the stock views do
        context = {
            **self.admin_site.each_context(request),
            "title": "Thêm phim, âm thanh",
            "opts": self.opts,
            "form": form,
            "is_popup": is_popup,
        }
        return TemplateResponse(request, "admin/news/recording/add_form.html", context)

    def _record(self, request: HttpRequest, form: NewRecordingForm) -> Recording | None:
        at, data = timezone.now(), form.cleaned_data
        said = {name: data[name] for name in ("title", "poster", "caption", "credit", "transcript")}
        try:
            recording = filing.record(held=data["upload"], actor=staff(request), at=at, **said)
        except (BadFile, NotAllowed) as error:
            form.add_error("upload", str(error))
            return None
        if recording.created_at == at:
            self.log_addition(request, recording, "Tải lên.")
        else:
            self.message_user(
                request,
                f"Tệp này đã có trong kho (số {recording.pk}): dùng lại, tên và chú thích cũ được giữ.",
                messages.WARNING,
            )
        return recording

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """With the recording itself above its form."""
        recording = kwargs.get("obj")
        if recording is not None:
            name = addresses.recording_name(recording.title, recording.content_type)
            found = filetypes.type_of(recording.content_type)
            context["player"] = {
                "address": desk_address(recording.key, name),
                "is_video": recording.kind == RecordingKind.VIDEO,
                "poster": picture_of(recording.poster) if recording.poster else None,
                "facts": ", ".join(
                    filter(None, (found.name if found else "", self.length(recording), self.size(recording)))
                ),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Recording, form: Any, change: Any) -> None:
        """Through the service."""
        filing.describe(recording=obj, actor=staff(request))
