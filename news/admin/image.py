"""The picture library: uploads go through the service; what is shown here is never public."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.core.files.storage import storages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.forms import Textarea
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from news import imaging
from news.admin.content import picture_of, rendition_address
from news.admin.desk import DeskAdmin, may, staff
from news.admin.inlines import DeskInline
from news.forms.picture import (
    DescribeForm,
    ImageForm,
    ImageUploadForm,
    LineupForm,
    LineupRows,
    OneUploadForm,
    ReplaceForm,
)
from news.models import Image, ImagePerson
from news.queries import library, picks
from news.services import picturing
from news.text import lineup

CONTENT_TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}
ROOM: Final = 1024 * 1024
"""How many bytes a request may have beside its picture."""
MONTHS: Final = 24
DESCRIBED_MAX: Final = 60


# --- Filters ---------------------------------------------------------------------------------------------


class OwnFilter(SimpleListFilter):
    """What I uploaded."""

    title = "người tải lên"
    parameter_name = "cua-toi"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Mine."""
        return [("co", "Của tôi")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        """Along the index of uploaders."""
        return queryset.filter(uploaded_by=request.user.pk) if self.value() else queryset


class LackFilter(SimpleListFilter):
    """What must be filled in before readers see it."""

    title = "còn thiếu"
    parameter_name = "thieu"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Anything, or one of the three."""
        return [
            ("gi-do", "Thiếu một mục nào đó"),
            ("mo-ta", "Thiếu mô tả"),
            ("chu-thich", "Thiếu chú thích"),
            ("nguon", "Thiếu nguồn"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        """By empty columns."""
        value = self.value()
        if value == "gi-do":
            return queryset.filter(library.INCOMPLETE)
        return queryset.filter(library.LACKS[value]) if value in library.LACKS else queryset


class UnusedFilter(SimpleListFilter):
    """What nothing shows."""

    title = "sử dụng"
    parameter_name = "dung"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Unused."""
        return [("chua", "Chưa dùng ở đâu")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        """By look-ups in the indexes of whatever shows pictures."""
        return library.unused(queryset) if self.value() == "chua" else queryset


class ShapeFilter(SimpleListFilter):
    """Wide or high."""

    title = "chiều ảnh"
    parameter_name = "chieu"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Three."""
        return [("ngang", "Ảnh ngang"), ("doc", "Ảnh dọc"), ("vuong", "Ảnh vuông")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        """By comparing the sides."""
        return queryset.filter(library.SHAPES[self.value() or ""]) if self.value() in library.SHAPES else queryset


class MonthFilter(SimpleListFilter):
    """The month of the upload; the last two years one by one."""

    title = "tháng tải lên"
    parameter_name = "thang"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """No query: the calendar knows them."""
        today = timezone.localdate()
        months = [divmod(today.year * 12 + today.month - 1 - back, 12) for back in range(MONTHS)]
        found = [(f"{year}-{month + 1:02d}", f"Tháng {month + 1}/{year}") for year, month in months]
        return [*found, ("cu", "Trước nữa")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        """As a span of time."""
        known = [value for value, _ in self.lookup_choices]
        if self.value() not in known:
            return queryset
        if self.value() == "cu":
            return queryset.filter(created_at__lt=_start(known[-2]))
        start = _start(str(self.value()))
        return queryset.filter(created_at__gte=start, created_at__lt=_start(f"{start + timedelta(days=32):%Y-%m}"))


def _start(month: str) -> datetime:
    return timezone.make_aware(datetime.strptime(month, "%Y-%m"))  # noqa: DTZ007 - made aware at once


class CreditFilter(SimpleListFilter):
    """Who took it: the names on the newest pictures."""

    title = "tác giả, nguồn"
    parameter_name = "nguon"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """One query, bounded."""
        return [(credit, credit) for credit in library.recent_credits()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        """As it is written."""
        known = {value for value, _ in self.lookup_choices}
        return queryset.filter(credit=self.value()) if self.value() in known else queryset


class PersonInline(DeskInline):
    """Who is in the picture."""

    model = ImagePerson
    form = LineupForm
    formset = LineupRows
    fields = ("person", "name", "position", "order")
    verbose_name = "Người"
    verbose_name_plural = "Người trong ảnh, từ trái sang"
    template = "admin/news/image/lineup.html"
    extra = 1
    max_num = 60

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImagePerson]:
        """From the left."""
        return super().get_queryset(request).select_related("person").order_by("order", "id")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may change the row may strike it out."""
        return self.has_change_permission(request, obj)


# --- The pages -------------------------------------------------------------------------------------------


class ImageAdmin(DeskAdmin):
    """Pictures, the newest first."""

    form = ImageForm
    inlines = (PersonInline,)
    list_display = ("thumbnail", "told", "credit", "size", "uploaded_by", "created_at")
    list_display_links = ("thumbnail", "told")
    list_select_related = ("uploaded_by",)
    list_filter = (OwnFilter, LackFilter, UnusedFilter, ShapeFilter, MonthFilter, CreditFilter)
    fields = ("alt", "caption", "credit", "taken_on")
    also_seen = ("crops", "key")
    search_help_text = "Từ trong chú thích, mô tả, nguồn (có dấu hay không dấu), hoặc số của ảnh."
    change_list_template = "admin/news/image/change_list.html"
    change_form_template = "admin/news/image/change_form.html"

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
            thumbnail_address(image),
            image.alt or f"Ảnh số {image.pk}, chưa có mô tả",
        )

    @admin.display(description="chú thích")
    def told(self, image: Image) -> str:
        """What is said of it, and what is not yet."""
        lacks = lacking(image)
        if not lacks:
            return str(image)
        return format_html('{} <span class="state state-returned">thiếu {}</span>', str(image), ", ".join(lacks))

    @admin.display(description="kích thước")
    def size(self, image: Image) -> str:
        """In pixels."""
        return f"{image.width} × {image.height}"

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses, and the library's own."""
        guarded = self.admin_site.admin_view
        return [
            path(
                "ban/<slug:key>/<slug:name>.<slug:kind>",
                guarded(self.rendition_view, cacheable=True),
                name="news_image_rendition",
            ),
            path("tai-len/", self._counted_first, name="news_image_upload"),
            path("mo-ta/", guarded(self.describe_view), name="news_image_describe"),
            path("<int:pk>/thay-tep/", guarded(self.replace_view), name="news_image_replace"),
            path("<int:pk>/doan/", guarded(self.delegation_view), name="news_image_delegation"),
            path("<int:pk>/soan-chu-thich/", guarded(self.compose_view), name="news_image_compose"),
            *super().get_urls(),
        ]

    def rendition_view(self, request: HttpRequest, key: str, name: str, kind: str) -> HttpResponse:
        """A rendition of a picture, public or not, for who may look through the library. One query, or two.

        While the background task is still at it, the small one stands in.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        if kind not in CONTENT_TYPES or not imaging.FILE_NAME.fullmatch(f"{name}.{kind}"):
            raise Http404
        image = Image.objects.filter(key=key).only("width", "height", "rendered_at").first()
        if image is None and library.original_of(key) is None:
            raise Http404
        stands_in = f"{imaging.SMALLEST}.jpg"
        if image is not None:
            sizes = {str(size[0]) for size in imaging.rendition_sizes(image.width, image.height)}
            stands_in = f"{_smallest(image)}.jpg"
            if name.isdecimal() and name not in sizes:
                raise Http404
        private = storages["private"]
        for found, is_final in ((f"{name}.{kind}", True), (stands_in, False)):
            try:
                with private.open(f"renditions/{key}/{found}") as opened:
                    response = HttpResponse(opened.read(), content_type=CONTENT_TYPES[found.rsplit(".", 1)[1]])
            except FileNotFoundError:
                if image is None or image.rendered_at is not None:
                    break
                continue
            response["Cache-Control"] = "private, max-age=86400" if is_final else "private, no-store"
            response["X-Content-Type-Options"] = "nosniff"
            return response
        raise Http404

    # --- The list ------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The library as cards, or as the stock list (`?xem=danh-sach`)."""
        response = super().changelist_view(request, {"title": "Kho ảnh", **(extra_context or {})})
        context = getattr(response, "context_data", None)
        if context is not None and "cl" in context:
            found = context["cl"]
            as_list = request.GET.get("xem") == "danh-sach"
            context["as_list"] = as_list
            context["other_look"] = found.get_query_string({} if as_list else {"xem": "danh-sach"}, ["xem"])
            context["cards"] = () if as_list else [_card(image) for image in found.result_list]
        return response

    # --- Uploads -------------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Upload pictures; the same picture again gives the one there is. One in a pop-up, else many."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        sent = request.method == "POST"
        is_popup = "_popup" in request.GET or "_popup" in request.POST
        form = ImageUploadForm(request.POST, request.FILES) if sent else ImageUploadForm()
        if sent and form.is_valid():
            if is_popup and form.is_many:
                form.add_error("upload", "Ở đây chỉ chọn được một ảnh.")
            else:
                answer = self._add_all(request, form)
                if answer is not None:
                    return answer
        return self._page(
            request,
            "admin/news/image/add_form.html",
            {"title": "Thêm ảnh vào kho", "form": form, "is_popup": is_popup, "about": DescribeForm(prefix="__id__")},
        )

    def _add_all(self, request: HttpRequest, form: ImageUploadForm) -> HttpResponse | None:
        """Every file in turn; where one is bad the others are kept all the same."""
        data = dict(form.cleaned_data)
        uploads: list[UploadedFile] = data.pop("upload")
        images: list[Image] = []
        refused: list[str] = []
        for upload in uploads:
            try:
                images.append(self._add(request, upload, data))
            except imaging.BadPicture as error:
                refused.append(f"{upload.name}: {error}" if form.is_many else str(error))
        if not form.is_many and images:
            return self.response_add(request, images[0])
        if not images:
            for words in refused:
                form.add_error("upload", words)
            return None
        for words in refused:
            self.message_user(request, words, messages.ERROR)
        self.message_user(request, f"Đã nhận {len(images)} ảnh. Hãy điền mô tả, chú thích và nguồn cho từng ảnh.")
        return HttpResponseRedirect(_describe_address(image.pk for image in images))

    def _add(self, request: HttpRequest, upload: UploadedFile, about: dict[str, str]) -> Image:
        at = timezone.now()
        if (upload.size or 0) > settings.IMAGE_MAX_BYTES:
            raise picturing.too_heavy()
        image = picturing.add(
            upload=upload,  # type: ignore[arg-type]  # a file to read from
            actor=staff(request),
            at=at,
            name=upload.name or "",
            declared=upload.content_type or "",
            **about,
        )
        if image.created_at == at:
            self.log_addition(request, image, "Tải ảnh lên.")
        else:
            self.message_user(
                request,
                f"Ảnh này đã có trong kho (số {image.pk}): dùng lại ảnh cũ, chú thích và nguồn cũ được giữ.",
                messages.WARNING,
            )
        return image

    @property
    def _counted_first(self) -> Callable[..., HttpResponse]:
        """`upload_view` behind a look at the announced length: nothing of too large a request is read, not even its
        CSRF token, which is checked right after.
        """
        guarded = csrf_protect(self.upload_view)

        def upload(request: HttpRequest) -> HttpResponse:
            length = request.META.get("CONTENT_LENGTH") or "0"
            if not (length.isascii() and length.isdecimal()) or int(length) > settings.IMAGE_MAX_BYTES + ROOM:
                return _refused(413, str(picturing.too_heavy()))
            return guarded(request)

        return csrf_exempt(upload)

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """One picture from a script: `upload` in, {"id", "text", "address", "errors" …} out.

        401 for who is not logged in, 403 without the right, 400 for a bad picture, 413 for too heavy a one.
        """
        if request.method != "POST":
            return _refused(405, "Chỉ nhận tệp gửi lên.")
        if not self.admin_site.has_permission(request):
            return _refused(401, "Phiên đăng nhập đã hết. Hãy đăng nhập lại ở cửa sổ khác rồi thử lại.")
        if not self.has_add_permission(request):
            return _refused(403, "Bạn không có quyền thêm ảnh.")
        form = OneUploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return _refused(400, *(str(words) for found in form.errors.values() for words in found))
        upload = form.cleaned_data["upload"]
        if upload.size > settings.IMAGE_MAX_BYTES:
            return _refused(413, str(picturing.too_heavy()))
        at = timezone.now()
        try:
            image = picturing.add(
                upload=upload, actor=staff(request), at=at, name=upload.name, declared=upload.content_type or ""
            )
        except imaging.BadPicture as error:
            return _refused(400, str(error))
        is_new = image.created_at == at
        if is_new:
            self.log_addition(request, image, "Tải ảnh lên.")
        return JsonResponse(
            {
                "id": image.pk,
                "text": picks.text_of(image.pk, str(image)),
                "address": thumbnail_address(image),
                "page": self.address_of(image),
                "is_new": is_new,
                "alt": image.alt,
                "caption": image.caption,
                "credit": image.credit,
                "seen": picturing.words_seen(image),
                "width": image.width,
                "height": image.height,
                "errors": [],
            }
        )

    def describe_view(self, request: HttpRequest) -> HttpResponse:
        """What is said of several pictures, one below the other (`?anh=12,13`)."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        sent = request.method == "POST"
        numbers = request.POST.getlist("anh") if sent else request.GET.get("anh", "")[:1200].split(",")
        ids = [int(n) for n in numbers if n.isascii() and n.isdecimal() and len(n) < 19][:DESCRIBED_MAX]
        found = Image.objects.in_bulk(ids)
        images = [found[pk] for pk in dict.fromkeys(ids) if pk in found]
        rows = [
            (
                image,
                DescribeForm(
                    request.POST if sent else None,
                    prefix=str(image.pk),
                    initial={
                        **{name: getattr(image, name) for name in picturing.WORDS},
                        "seen": picturing.words_seen(image),
                    },
                ),
            )
            for image in images
        ]
        done = [form.is_valid() for _, form in rows] if sent else []
        if sent and rows:
            done = [is_good and self._put_words(request, *row) for row, is_good in zip(rows, done, strict=True)]
            if all(done):
                self.message_user(request, f"Đã lưu mô tả, chú thích và nguồn của {len(rows)} ảnh.", messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:news_image_changelist"))
        return self._page(
            request,
            "admin/news/image/describe_form.html",
            {
                "title": "Mô tả các ảnh vừa tải",
                "rows": [(image, form, thumbnail_address(image)) for image, form in rows],
                "has_errors": bool(sent and not all(done)),
            },
        )

    def _put_words(self, request: HttpRequest, image: Image, form: DescribeForm) -> bool:
        """Keep what was typed of one picture; False where a colleague wrote other words meanwhile."""
        data = form.cleaned_data
        now, theirs, written = picturing.put_words(
            image_id=image.pk, words=data, seen=data["seen"], actor=staff(request)
        )
        if theirs:
            form.show_theirs(theirs, picturing.words_seen(now))
        elif written:
            self.log_change(request, now, "Ghi mô tả, chú thích, nguồn.")
        return not theirs

    # --- One picture ---------------------------------------------------------------------------------

    def get_form(self, request: HttpRequest, obj: Any = None, change: Any = None, **kwargs: Any) -> Any:
        """Beside what the page lists as fields, the focal point; long lines have long fields."""
        if self.has_change_permission(request, obj):
            kwargs["fields"] = ImageForm.Meta.fields
        made = super().get_form(request, obj, change, **kwargs)
        for name in ("alt", "caption"):
            if name in made.base_fields:
                made.base_fields[name].widget = Textarea({"rows": 2})
        if "taken_on" in made.base_fields:
            made.base_fields["taken_on"].widget.attrs["data-day-of-event"] = ""
        return made

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The picture, its cut, its people and where it is used."""
        image = self.get_object(request, object_id)
        return super().change_view(
            request, object_id, form_url, {**(self._about(request, image) if image else {}), **(extra_context or {})}
        )

    def _about(self, request: HttpRequest, image: Image) -> dict[str, Any]:
        people = [(row.name, row.position) for row in image.people.order_by("order", "id")]
        chosen = request.GET.get("doan", "")[: picks.LONGEST]
        delegation_id = picks.bare_number(chosen)
        delegation = picks.DELEGATION.get(delegation_id) if delegation_id else None
        boxes = imaging.crops_of(image.width, image.height, (image.focal_x, image.focal_y), image.crops)
        return {
            "picture": picture_of(image),
            "stage": {
                "width": image.width,
                "height": image.height,
                "crops": [
                    {"name": name, "label": crop.label, "ratio": crop.ratio[0] / crop.ratio[1]}
                    for name, crop in imaging.CROPS.items()
                ],
            },
            "previews": [
                (imaging.CROPS[name].label, rendition_address(image.key, f"{name}-{crop['tag']}-{crop['sizes'][0][0]}"))
                for name, crop in boxes.items()
            ],
            "lacks": lacking(image),
            "is_waiting": image.rendered_at is None,
            "uses": library.uses_of(image, timezone.now()) if may(request.user, "news.view_article") else None,
            "may_see_editions": may(request.user, "news.view_edition"),
            "former_count": image.former_files.count(),
            "suggested_caption": lineup.caption(people),
            "suggested_alt": lineup.description(people, 300),
            "delegation": delegation,
            "delegation_text": picks.text_of(delegation.pk, str(delegation)) if delegation else chosen,
            "delegation_missing": bool(chosen and delegation is None),
            "present": library.people_of(delegation.pk, image) if delegation else [],
            "pick_delegation": reverse("admin:pick", args=[picks.DELEGATION.kind]),
        }

    def save_model(self, request: HttpRequest, obj: Image, form: Any, change: Any) -> None:
        """Through the service."""
        if "crops" in form.cleaned_data:
            obj.crops = form.cleaned_data["crops"]
        picturing.describe(obj, actor=staff(request))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:
        """The people through the service; those ticked in a delegation's list come last."""
        image: Image = form.instance
        ticked = [int(n) for n in request.POST.getlist("lay") if n.isascii() and n.isdecimal() and len(n) < 19][:60]
        formset.new_objects, formset.changed_objects = [], []
        formset.deleted_objects = [row.instance for row in formset.deleted_forms if row.instance.pk]

        def write(prepare: Callable[[ImagePerson], None]) -> None:
            def noted(row: ImagePerson, _data: Any) -> None:
                prepare(row)
                formset.new_objects.append(row)

            formset.write(image, noted)
            present = set(image.people.values_list("person_id", flat=True))
            last = max(image.people.values_list("order", flat=True), default=-1)
            for someone in library.people_chosen(ticked, image) if ticked else ():
                if someone.person_id in present:
                    continue
                present.add(someone.person_id)
                last += 1
                row = ImagePerson(
                    image=image, person_id=someone.person_id, name=someone.name, position=someone.position, order=last
                )
                row.save()
                formset.new_objects.append(row)

        picturing.set_people(image=image, actor=staff(request), write=write)

    def delegation_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The people of a delegation (`?doan=12`) for the lineup, as JSON."""
        if not (self.has_change_permission(request) and may(request.user, "news.view_delegation")):
            raise PermissionDenied
        image = Image.objects.filter(pk=pk).first()
        number = picks.bare_number(request.GET.get("doan", "")[: picks.LONGEST])
        delegation = picks.DELEGATION.get(number) if number else None
        if image is None or delegation is None:
            return _refused(404, "Không có đoàn này: hãy chọn một đoàn trong các gợi ý.")
        return JsonResponse(
            {
                "people": [
                    {
                        "id": one.id,
                        "text": picks.text_of(one.person_id, one.name),
                        "name": one.name,
                        "position": one.position,
                    }
                    for one in library.people_of(delegation.pk, image)
                ]
            }
        )

    def compose_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A caption and a description of the people sent (`name`, `position`, in order), as JSON. Changes nothing."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return _refused(405, "Chỉ nhận danh sách gửi lên.")
        names, posts = request.POST.getlist("name")[:60], request.POST.getlist("position")[:60]
        people = [(name[:200], post[:400]) for name, post in zip(names, posts, strict=False)]
        title = request.POST.get("title", lineup.COMRADE)[:40]
        return JsonResponse({"caption": lineup.caption(people, title), "alt": lineup.description(people, 300)})

    def replace_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Another file for the same picture."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        image = Image.objects.filter(pk=pk).first()
        if image is None:
            raise Http404
        sent = request.method == "POST"
        form = ReplaceForm(request.POST, request.FILES) if sent else ReplaceForm()
        copies = library.copies_with(pk) if may(request.user, "news.view_article") else []
        if sent and form.is_valid() and self._replace(request, image, form):
            told = "".join(f" “{copy.title}” ({copy.state.lower()});" for copy in copies[: library.MOST]).rstrip(";")
            words = (
                f"Đã thay tệp ảnh. Các bản đã đăng vẫn giữ tệp cũ. Bài ở tòa soạn dùng tệp mới:{told or ' không có'}."
            )
            self.message_user(request, words, messages.SUCCESS)
            return HttpResponseRedirect(self.address_of(image))
        return self._page(
            request,
            "admin/news/image/replace_form.html",
            {
                "title": f"Thay tệp của ảnh số {pk}",
                "form": form,
                "original": image,
                "picture": picture_of(image),
                "copies": copies[: library.MOST],
            },
        )

    def _replace(self, request: HttpRequest, image: Image, form: ReplaceForm) -> bool:
        upload = form.cleaned_data["upload"]
        try:
            if upload.size > settings.IMAGE_MAX_BYTES:
                raise picturing.too_heavy()
            picturing.replace(
                image_id=image.pk,
                upload=upload,
                actor=staff(request),
                at=timezone.now(),
                name=upload.name,
                declared=upload.content_type or "",
                reason=form.cleaned_data["reason"],
            )
        except imaging.BadPicture as error:
            form.add_error("upload", str(error))
            return False
        self.log_change(request, image, f"Thay tệp ảnh. {form.cleaned_data['reason']}".strip())
        return True

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]  # as the stock views do
        return TemplateResponse(
            request, template, {**self.admin_site.each_context(request), "opts": self.opts, **context}
        )


def lacking(image: Image) -> list[str]:
    """What is still to be said of a picture before readers see it."""
    said = {"mô tả": image.alt, "chú thích": image.caption, "nguồn": image.credit}
    return [name for name, words in said.items() if not words]


def thumbnail_address(image: Image) -> str:
    """Where the desk shows it smallest."""
    return rendition_address(image.key, _smallest(image))


def _smallest(image: Image) -> int:
    return imaging.rendition_sizes(image.width, image.height)[0][0]


def _card(image: Image) -> dict[str, Any]:
    return {
        "image": image,
        "address": thumbnail_address(image),
        "page": reverse("admin:news_image_change", args=[image.pk]),
        "alt": image.alt or f"Ảnh số {image.pk}, chưa có mô tả",
        "lacks": ", ".join(lacking(image)),
    }


def _describe_address(ids: Iterable[int]) -> str:
    return f"{reverse('admin:news_image_describe')}?anh={','.join(map(str, ids))}"


def _refused(status: int, *words: str) -> JsonResponse:
    return JsonResponse({"errors": list(words)}, status=status, json_dumps_params={"ensure_ascii": False})
