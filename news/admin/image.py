"""The picture library: uploads go through the service; what is shown here is never public."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import storages
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html

from news import imaging
from news.admin.content import picture_of, rendition_address
from news.admin.desk import DeskAdmin
from news.forms.register import ImageUploadForm
from news.models import Image
from news.queries import picks
from news.services import picturing

CONTENT_TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}


class ImageAdmin(DeskAdmin):
    """Pictures, the newest first."""

    list_display = ("thumbnail", "told", "credit", "size", "uploaded_by", "created_at")
    list_display_links = ("thumbnail", "told")
    list_select_related = ("uploaded_by",)
    fields = ("alt", "caption", "credit", "taken_on")
    search_help_text = "Từ trong chú thích, mô tả, nguồn (gõ đúng dấu), hoặc số của ảnh."

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """See `search`."""
        return ("caption",)

    def search(self, text: str) -> Any:
        """By caption, description or credit."""
        return picks.pictures_matching(text)

    @admin.display(description="ảnh")
    def thumbnail(self, image: Image) -> str:
        """A small picture."""
        return format_html(
            '<img src="{}" alt="{}" width="96" height="64" loading="lazy" class="thumb">',
            rendition_address(image.key, _smallest(image)),
            image.alt or f"Ảnh số {image.pk}, chưa có mô tả",
        )

    @admin.display(description="chú thích")
    def told(self, image: Image) -> str:
        """What is said of it."""
        return str(image)

    @admin.display(description="kích thước")
    def size(self, image: Image) -> str:
        """In pixels."""
        return f"{image.width} × {image.height}"

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses, and the private renditions."""
        return [
            path(
                "ban/<slug:key>/<int:width>.<slug:kind>",
                self.admin_site.admin_view(self.rendition_view, cacheable=True),
                name="news_image_rendition",
            ),
            *super().get_urls(),
        ]

    def rendition_view(self, request: HttpRequest, key: str, width: int, kind: str) -> HttpResponse:
        """A rendition of a picture, public or not, for who may look through the library."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        image = Image.objects.filter(key=key).first()
        if image is None or kind not in CONTENT_TYPES:
            raise Http404
        if width not in {size[0] for size in imaging.rendition_sizes(image.width, image.height)}:
            raise Http404
        try:
            with storages["private"].open(f"renditions/{key}/{width}.{kind}") as opened:
                response = HttpResponse(opened.read(), content_type=CONTENT_TYPES[kind])
        except FileNotFoundError as error:
            raise Http404 from error
        response["Cache-Control"] = "private, max-age=86400"
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Upload a picture; the same picture again gives the one there is."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        sent = request.method == "POST"
        form = ImageUploadForm(request.POST, request.FILES) if sent else ImageUploadForm()
        if sent and form.is_valid():
            image = self._add(request, form)
            if image is not None:
                return self.response_add(request, image)
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]  # as the stock views do
        context = {
            **self.admin_site.each_context(request),
            "title": "Thêm ảnh vào kho",
            "opts": self.opts,
            "form": form,
            "is_popup": "_popup" in request.GET or "_popup" in request.POST,
        }
        return TemplateResponse(request, "admin/news/image/add_form.html", context)

    def _add(self, request: HttpRequest, form: ImageUploadForm) -> Image | None:
        at = timezone.now()
        data = dict(form.cleaned_data)
        upload = data.pop("upload")
        if upload.size > settings.IMAGE_MAX_BYTES:
            form.add_error("upload", f"Ảnh quá nặng: tối đa {settings.IMAGE_MAX_BYTES // 1024 // 1024} MB.")
            return None
        try:
            image = picturing.add(upload=upload, actor=request.user, at=at, **data)  # type: ignore[arg-type]  # staff
        except imaging.BadPicture as error:
            form.add_error("upload", str(error))
            return None
        if image.created_at == at:
            self.log_addition(request, image, "Tải ảnh lên.")
        else:
            self.message_user(
                request,
                f"Ảnh này đã có trong kho (số {image.pk}): dùng lại ảnh cũ, chú thích và nguồn cũ được giữ.",
                messages.WARNING,
            )
        return image

    def get_form(self, request: HttpRequest, obj: Any = None, change: Any = None, **kwargs: Any) -> Any:
        """Long lines have long fields."""
        made = super().get_form(request, obj, change, **kwargs)
        for name in ("alt", "caption"):
            if name in made.base_fields:
                made.base_fields[name].widget.attrs["size"] = 80
        return made

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The picture above its form."""
        image = self.get_object(request, object_id)
        shown = {"picture": picture_of(image)} if image is not None else {}
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Image, form: Any, change: Any) -> None:
        """Through the service."""
        picturing.describe(obj)


def _smallest(image: Image) -> int:
    return imaging.rendition_sizes(image.width, image.height)[0][0]
