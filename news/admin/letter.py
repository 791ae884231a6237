"""What the desk does with a letter besides answering it, a page each: pass on, merge, print, open files; the report."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from news.admin.desk import DeskAdmin, may, staff
from news.forms.feedback import ForwardForm, MergeForm, PrintForm
from news.models import Feedback, FeedbackFile
from news.queries import feedback as questions
from news.queries import feedback_report
from news.queries.feedback import LetterPage
from news.services import airing, chronicling, forwarding, merging
from news.text.contacts import Remains
from news.web import stored_file
from news.workflow import NotAllowed

REPORT: Final = "news.report_feedback"
MONTHS: Final = 24
"""How many months back the report's picker offers."""
FILE_HEADERS: Final = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class LetterPages(DeskAdmin):
    """The pages around a letter's own."""

    def get_urls(self) -> list[Any]:
        """Before the stock ones, whose last takes whatever is left."""
        view, info = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        own: list[URLPattern] = [
            path("bao-cao/", view(self.report), name=f"{info}_report"),
            path("bao-cao/<str:kind>/", view(self.report_file), name=f"{info}_report_file"),
            path("<int:pk>/chuyen/", view(self.forward), name=f"{info}_forward"),
            path("<int:pk>/gop/", view(self.merge), name=f"{info}_merge"),
            path("<int:pk>/dang/", view(self.publish), name=f"{info}_publish"),
            path("<int:pk>/tep/<int:file_pk>/", view(self.enclosed), name=f"{info}_file"),
        ]
        return own + super().get_urls()

    def page_or_404(self, object_id: Any, at: datetime) -> LetterPage:
        """The letter of that number. Raises `Http404`."""
        text = str(object_id)
        is_number = text.isascii() and text.isdecimal() and len(text) < 19
        page = questions.letter_page(int(text), at) if is_number else None
        if page is None:
            raise Http404
        return page

    def _opened(self, request: HttpRequest, pk: int, at: datetime) -> LetterPage:
        """The letter for somebody who works on letters. Raises `Http404`, `PermissionDenied`."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return self.page_or_404(pk, at)

    def _show_step(
        self, request: HttpRequest, template: str, page: LetterPage, title: str, status: int = 200, **context: Any
    ) -> HttpResponse:
        request.current_app = self.admin_site.name
        told = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{title} {page.letter.code}",
            "page": page,
            "letter": page.letter,
            "letter_address": self.address_of(page.letter),
            **context,
        }
        return TemplateResponse(request, f"admin/news/feedback/{template}.html", told, status=status)

    def _done(self, request: HttpRequest, letter: Feedback, said: str) -> HttpResponse:
        self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(self.address_of(letter))

    # --- Passing on ----------------------------------------------------------------------------------

    def forward(self, request: HttpRequest, pk: int) -> HttpResponse:
        """To a colleague, or to whoever is responsible."""
        at = timezone.now()
        page = self._opened(request, pk, at)
        form = ForwardForm(request.POST if request.method == "POST" else None)
        status = 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                try:
                    forwarding.forward(feedback_id=pk, actor=staff(request), at=at, onward=form.onward())
                except NotAllowed as error:
                    form.add_error(None, str(error))
                    status = 403
                else:
                    return self._done(request, page.letter, "Đã chuyển thư: thư điện tử sẽ tới nơi trong ít phút.")
        return self._show_step(request, "forward", page, "Chuyển thư", status, form=form)

    # --- Merging -------------------------------------------------------------------------------------

    def merge(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Into another letter, found by its code or number."""
        at = timezone.now()
        page = self._opened(request, pk, at)
        form = MergeForm(request.POST if request.method == "POST" else None)
        status = 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                into = questions.number_of(form.cleaned_data["into"])
                if into is None:
                    form.add_error("into", "Không tìm thấy thư nào có mã hoặc số này.")
                else:
                    try:
                        main = merging.merge(feedback_id=pk, into_id=into, actor=staff(request), at=at)
                    except NotAllowed as error:
                        form.add_error("into", str(error))
                    else:
                        return self._done(request, main, f"Đã gộp thư {page.letter.code} vào thư này.")
        return self._show_step(request, "merge", page, "Gộp thư", status, form=form)

    # --- Printing ------------------------------------------------------------------------------------

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The public version of question and answer: printed, printed anew, or taken down."""
        at, actor = timezone.now(), staff(request)
        page = self._opened(request, pk, at)
        if request.method == "POST" and "_down" in request.POST:
            airing.take_down(feedback_id=pk, actor=actor, at=at)
            return self._done(request, page.letter, "Đã gỡ hỏi đáp khỏi bài.")
        doubts: list[Remains] = []
        status = 200
        if request.method == "POST":
            form, status = PrintForm(request.POST), 422
            if form.is_valid():
                looked_at = form.cleaned_data["looked_at"]
                try:
                    airing.publish(feedback_id=pk, actor=actor, at=at, printed=form.printed(), looked_at=looked_at)
                except airing.Unsure as unsure:
                    form.add_error(None, str(unsure))
                    doubts = unsure.found
                except NotAllowed as error:
                    form.add_error(None, str(error))
                    status = 403
                else:
                    return self._done(request, page.letter, "Đã đăng hỏi đáp dưới bài.")
        else:
            try:
                drafted = airing.draft(page.letter)
                doubts = airing.doubts(page.letter, drafted)
            except NotAllowed as error:
                raise PermissionDenied(str(error)) from None
            form = PrintForm(initial={"question": drafted.question, "answer": drafted.answer})
        context = {"form": form, "doubts": doubts, "doubts_stamp": airing.stamp_of(doubts) if doubts else ""}
        return self._show_step(request, "publish", page, "Đăng hỏi đáp", status, **context)

    # --- Files ---------------------------------------------------------------------------------------

    def enclosed(self, request: HttpRequest, pk: int, file_pk: int) -> HttpResponseBase:
        """A file that came with the letter, to be downloaded; that it was is in the history."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        found = FeedbackFile.objects.select_related("feedback").filter(pk=file_pk, feedback_id=pk).first()
        if found is None:
            raise Http404
        extension = found.file_name.rpartition(".")[2]
        name = f"phan-hoi-{pk}-tep-{file_pk}.{extension}"
        if request.method == "GET":
            chronicling.note(
                found.feedback, actor=staff(request), at=timezone.now(), said=f"Tải tệp kèm thư số {file_pk}."
            )
        return require_safe(stored_file)(
            request,
            storage="private",
            name=found.file_name,
            etag=f'"{found.content_sha256[:40]}"',
            content_type=found.content_type,
            headers={
                **FILE_HEADERS,
                "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
            },
        )

    # --- The month's report --------------------------------------------------------------------------

    def _month(self, request: HttpRequest) -> date:
        """The month that the address asks for, else this one. Raises `Http404`, `PermissionDenied`."""
        if not may(request.user, REPORT):
            raise PermissionDenied
        text = request.GET.get("thang", "")
        if not text:
            return timezone.localdate().replace(day=1)
        year, dash, month = text.partition("-")
        digits = year + month
        is_month = dash and len(year) == 4 and len(month) == 2 and digits.isascii() and digits.isdecimal()
        if not is_month or not (2000 <= int(year) < 2200 and 1 <= int(month) <= 12):
            raise Http404
        return date(int(year), int(month), 1)

    def report(self, request: HttpRequest) -> HttpResponse:
        """The month in figures."""
        month, at = self._month(request), timezone.now()
        found = feedback_report.monthly(month, at)
        choices, step = [], timezone.localdate().replace(day=1)
        for _ in range(MONTHS):
            choices.append(step)
            step = feedback_report.month_before(step)
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Báo cáo phản hồi tháng {found.name}",
            "report": found,
            "month": month,
            "choices": choices if month in choices else [*choices, month],
            "tables": (("Theo loại thư", found.by_kind), ("Theo chuyên mục", found.by_section)),
        }
        return TemplateResponse(request, "admin/news/feedback/report.html", context)

    def report_file(self, request: HttpRequest, kind: str) -> HttpResponse:
        """The month as a file: "csv" or "xlsx"; no personal detail in it."""
        month = self._month(request)
        if kind not in _FILES:
            raise Http404
        make, content_type = _FILES[kind]
        response = HttpResponse(make(feedback_report.monthly(month, timezone.now())), content_type=content_type)
        response.headers["Content-Disposition"] = f'attachment; filename="phan-hoi-{month:%Y-%m}.{kind}"'
        return response


_FILES: Final[dict[str, tuple[Callable[[feedback_report.Report], bytes], str]]] = {
    "csv": (feedback_report.as_csv, "text/csv; charset=utf-8"),
    "xlsx": (
        feedback_report.as_xlsx,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}
