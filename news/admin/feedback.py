"""The desk of readers' letters: the list, and each letter's page. The service says what may be done, and does it."""

import re
from datetime import datetime
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import Truncator

from news.admin.desk import may, staff
from news.admin.letter import REPORT, LetterPages
from news.forms.feedback import HandlingForm
from news.models import Feedback, FeedbackKind, FeedbackStatus
from news.queries import addresses
from news.queries import feedback as questions
from news.queries.deadlines import clock, left
from news.queries.feedback import WAITING, LetterPage
from news.queries.picks import bare_number
from news.services import contacting, feedback
from news.text.dates import ago
from news.workflow import NotAllowed


class StatusFilter(SimpleListFilter):
    """How far the desk is."""

    title = "tình trạng"
    parameter_name = "tinh-trang"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All of them."""
        return list(FeedbackStatus.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Feedback]) -> QuerySet[Feedback]:
        """Along the index of states."""
        return queryset.filter(status=self.value()) if self.value() in FeedbackStatus.values else queryset


class KindFilter(SimpleListFilter):
    """What the letter is."""

    title = "loại"
    parameter_name = "loai"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All of them."""
        return list(FeedbackKind.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Feedback]) -> QuerySet[Feedback]:
        """By kind."""
        return queryset.filter(kind=self.value()) if self.value() in FeedbackKind.values else queryset


class OwnerFilter(SimpleListFilter):
    """Mine, or nobody's."""

    title = "người phụ trách"
    parameter_name = "phu-trach"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The two."""
        return [("toi", "Của tôi"), ("chua-co", "Chưa có người phụ trách")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Feedback]) -> QuerySet[Feedback]:
        """Along the index of owners."""
        match self.value():
            case "toi":
                return queryset.filter(owner=staff(request))
            case "chua-co":
                return queryset.filter(owner=None)
        return queryset


class DueFilter(SimpleListFilter):
    """Late, or soon to be."""

    title = "hạn trả lời"
    parameter_name = "han"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """What waits and is late, what waits and is soon due, all that waits."""
        return [("qua-han", "Quá hạn"), ("sap-han", "Sắp hạn"), ("cho", "Đang chờ trả lời")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Feedback]) -> QuerySet[Feedback]:
        """Along the queue's index: what waits stands in it by its due date."""
        at = timezone.now()
        match self.value():
            case "qua-han":
                return questions.late(queryset, at)
            case "sap-han":
                return questions.soon_due(queryset, at)
            case "cho":
                return queryset.filter(status__in=WAITING)
        return queryset


_PHONE: Final = re.compile(r"\+?(?:[ .()-]{0,2}[0-9]){9,15}")


class FeedbackAdmin(LetterPages):
    """Readers' letters: what waits by its due date, then the rest, the newest first."""

    cursor = "queue_at"
    list_display = ("code", "gist", "standing", "time_left", "in_charge", "received")
    list_filter = (DueFilter, StatusFilter, KindFilter, OwnerFilter)
    list_select_related = ("owner",)
    list_defer = ("body", "rating_words", "passage_before", "passage_after")
    change_list_template = "admin/news/feedback/change_list.html"
    search_help_text = (
        "Mã của thư, chữ thường hay thiếu dấu gạch đều được; số của thư; thư điện tử hoặc điện thoại của người gửi."
    )

    # --- The list ------------------------------------------------------------------------------------

    def for_list(self, rows: QuerySet[Feedback]) -> QuerySet[Feedback]:
        """Each letter with its beginning and its article as readers see it."""
        return questions.for_list(super().for_list(rows), timezone.now())

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, each letter with what is left of its time: one clock for all of them."""
        found = super().get_changelist_instance(request)
        by, at = clock(), timezone.now()
        for letter in found.result_list:
            letter.time = left(letter.due_at, at, by) if letter.status in WAITING else None
        return found

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the way to the month's report."""
        return super().changelist_view(request, {"may_report": may(request.user, REPORT), **(extra_context or {})})

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """See `search`."""
        return ("code",)

    def search(self, text: str) -> Any:
        """By code, whole or without its last part; by the sender's address or number, kept as digests."""
        if "@" in text:
            return Q(contact__email_digest=contacting.email_digest(text))
        if _PHONE.fullmatch(text.strip()):
            return Q(contact__phone_digest=contacting.phone_digest(text))
        found = Q(code=questions.tidy_code(text) or text.strip()[:32])
        number = questions.number_in(text)
        return found if number is None else found | Q(pk=number)

    @admin.display(description="thư")
    def gist(self, letter: Feedback) -> str:
        """How it begins; below, what it is and about which article, with the readers' page while there is one."""
        return format_html(
            '<span class="gist">{}</span><span class="quiet gist">{}, {}</span>',
            Truncator(" ".join(letter.beginning.split())).chars(110),
            letter.get_kind_display(),
            self._article(letter),
        )

    def _article(self, letter: Feedback) -> str:
        if letter.article_id is None:
            return "gửi chung"
        if not letter.live_slug:
            return f"bài số {letter.article_id}, không còn trên trang"
        address = addresses.article(letter.live_slug, letter.article_id)
        return format_html('<a href="{}">{}</a>', address, Truncator(letter.live_title).chars(70))

    @admin.display(description="tình trạng")
    def standing(self, letter: Feedback) -> str:
        """How far the desk is."""
        return format_html('<span class="state state-{}">{}</span>', letter.status, letter.get_status_display())

    @admin.display(description="hạn")
    def time_left(self, letter: Feedback) -> str:
        """How many working days are left."""
        if letter.time is None:
            return "–"
        return format_html('<span class="due due-{}">{}</span>', letter.time.tone or "calm", letter.time.words)

    @admin.display(description="người phụ trách")
    def in_charge(self, letter: Feedback) -> str:
        """Who has it."""
        return letter.owner.get_full_name() if letter.owner else "chưa có"

    @admin.display(description="nhận")
    def received(self, letter: Feedback) -> str:
        """How long ago."""
        moment = timezone.localtime(letter.received_at)
        shown, since = date_format(moment, "DATETIME_FORMAT"), ago(moment, timezone.now())
        return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), shown, since)

    # --- Rights --------------------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Letters come from readers."""
        return False

    # --- The letter ----------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The letter, what was done with it, and what may be done now."""
        at = timezone.now()
        if not self.has_view_permission(request):
            raise PermissionDenied
        page = self.page_or_404(object_id, at)
        if request.method != "POST":
            form = HandlingForm(page.letter, stamp=page.stamp, answer=self._ready_answer(request))
            return self._show(request, page, form, at)
        if not self.has_change_permission(request):
            raise PermissionDenied
        return self._act(request, page, at)

    def _ready_answer(self, request: HttpRequest) -> str:
        """The ready-made answer that `?mau=` names by its number; "" for none."""
        number = bare_number(request.GET.get("mau", "")[:30])
        return next((row.body for row in questions.ready_answers() if row.pk == number), "") if number else ""

    def _act(self, request: HttpRequest, page: LetterPage, at: datetime) -> HttpResponse:
        """Do what the pressed button says; what was typed stays where it was not done, or not yet sent."""
        form = HandlingForm(page.letter, request.POST, stamp=page.stamp)
        if form.step_name and form.step is None:
            raise Http404
        if not form.is_valid():
            return self._show(request, page, form, at)
        try:
            said = self._carry_out(request, page.letter, form, at)
        except NotAllowed as error:
            form.add_error(None, str(error))
            is_stale = isinstance(error, feedback.Changed)
            page = self.page_or_404(page.letter.pk, at)
            return self._show(request, page, form, at, is_stale=is_stale, status=409 if is_stale else 403)
        if not form.draft:
            self.message_user(request, said, messages.SUCCESS)
            return HttpResponseRedirect(self.address_of(page.letter))
        self.message_user(request, f"{said} Lời đáp chưa gửi vẫn còn trong ô.", messages.SUCCESS)
        page = self.page_or_404(page.letter.pk, at)
        return self._show(request, page, HandlingForm(page.letter, stamp=page.stamp, answer=form.draft), at)

    def _carry_out(self, request: HttpRequest, letter: Feedback, form: HandlingForm, at: datetime) -> str:
        """Call the service; what to tell the user. Raises `NotAllowed`."""
        order = {
            "feedback_id": letter.pk,
            "actor": staff(request),
            "at": at,
            "stamp": form.cleaned_data["stamp"],
            "handling": form.handling(),
        }
        if form.is_answer:
            feedback.answer(**order, body=form.cleaned_data["answer"])
            return "Đã gửi lời đáp: thư sẽ tới hộp thư của bạn đọc trong ít phút."
        feedback.handle(**order, step=form.step_name)
        return form.step.done if form.step else "Đã lưu."

    def _show(
        self,
        request: HttpRequest,
        page: LetterPage,
        form: HandlingForm,
        at: datetime,
        *,
        is_stale: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        user, letter = staff(request), page.letter
        sender, trouble = None, ""
        if self.has_change_permission(request):
            try:
                sender = feedback.sender_of(letter=letter, actor=user, at=at)
            except NotAllowed as error:
                trouble = str(error)
        sees_desk = letter.article_id and may(user, "news.view_article")
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]  # as the stock views do
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Phản hồi {letter.code}",
            "page": page,
            "letter": letter,
            "ago": ago(letter.received_at, at),
            "time": left(letter.due_at, at, clock()) if letter.status in WAITING else None,
            "ready_answers": questions.ready_answers() if self.has_change_permission(request) else [],
            "form": form,
            "is_stale": is_stale,
            "may_change": self.has_change_permission(request),
            "steps": feedback.allowed(letter, user),
            "refusal": feedback.answer_refusal(letter, user),
            "sender": sender,
            "trouble": trouble,
            "desk_address": reverse("admin:news_article_change", args=[letter.article_id]) if sees_desk else "",
        }
        return TemplateResponse(request, "admin/news/feedback/change_form.html", context, status=status)
