"""The moderators' desk: the queue of comments with its context, each comment's page, words, settings, writers."""

from datetime import datetime
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from news.admin.cursor import CursorChangeList
from news.admin.desk import DeskAdmin, may, staff
from news.forms.comment import CommentSettingForm, CommentSwitchForm, DecisionForm, TryForm, UnblockForm, WordRuleForm
from news.models import (
    AppealStatus,
    Comment,
    CommenterStanding,
    CommentReport,
    CommentSetting,
    CommentState,
    CommentStatus,
    CommentSwitch,
    WordRule,
)
from news.queries import addresses, picks
from news.queries import comments as questions
from news.queries.comments import CommentFile
from news.services import commenting, moderating
from news.services.moderating import BLOCK_DAYS, BY_NAME, KEEP, KEEP_KEY, KEEP_LABEL, KEPT, NO_REASON, REASONS
from news.text.dates import ago
from news.workflow import NotAllowed

ALL, REPORTED = "tat-ca", "bao-xau"
MANY: Final = 100
"""How many comments one press of a button decides on."""


NEED_REASON: Final = frozenset({"block", *(step.name for step in moderating.STEPS if step.refuses)})
TICKS: Final = "comments-ticked"
"""Where the session holds what was ticked, until the queue is shown again."""


class WriterFilter(SimpleListFilter):
    """The comments of one writer, known by how they fared; only where one is asked for."""

    title = "người viết"
    parameter_name = "nguoi-viet"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """That one."""
        found = self._writer()
        return [(str(found.pk), questions.writer_names([found])[found.pk])] if found else []

    def _writer(self) -> CommenterStanding | None:
        number = picks.bare_number(self.value() or "")
        return CommenterStanding.objects.select_related("user").filter(pk=number).first() if number else None

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        """Along the index of accounts or of contacts."""
        found = self._writer()
        return queryset if found is None else queryset.filter(questions.written_by(found))


class QueueFilter(SimpleListFilter):
    """What waits, unless something else is asked for."""

    title = "hàng"
    parameter_name = "hang"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The queues, then every state."""
        return [
            (REPORTED, "Bị báo xấu"),
            ("khieu-nai", "Khiếu nại"),
            *(choice for choice in CommentStatus.choices if choice[0] != CommentStatus.HELD),
            (ALL, "Tất cả"),
        ]

    def choices(self, changelist: Any) -> Any:
        """The first one is what waits, not everything."""
        first, *others = super().choices(changelist)
        if self.looks_for:
            first["query_string"] = changelist.get_query_string({self.parameter_name: CommentStatus.HELD})
            first["selected"] = self.value() == CommentStatus.HELD
        return [{**first, "display": CommentStatus.HELD.label}, *others]

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        self.looks_for = any(request.GET.get(name, "").strip() for name in ("q", WriterFilter.parameter_name))
        super().__init__(request, *args)

    def value(self) -> str | None:
        """What is looked for by words or writer is looked for in every state, unless a queue is named."""
        return super().value() or (ALL if self.looks_for else None)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        """Along the index of each queue."""
        match self.value():
            case "bao-xau":
                return queryset.filter(report_count__gt=0)
            case "khieu-nai":
                return queryset.filter(appeal__status=AppealStatus.OPEN)
            case "tat-ca":
                return queryset
        wanted = self.value() if self.value() in CommentStatus.values else CommentStatus.HELD
        return queryset.filter(status=wanted)


class CommentAdmin(DeskAdmin):
    """Readers' comments."""

    list_display = ("name",)
    list_filter = (QueueFilter, WriterFilter)
    list_select_related = ("author", "decided_by")
    list_defer = ("body",)
    list_per_page = 20
    search_help_text = (
        f"Số của bình luận, hoặc chữ trong tên người viết và lời bình luận (có dấu hay không đều được), trong"
        f" {questions.WINDOW_WORDS} bình luận mới nhất của hàng đang chọn."
    )

    def for_list(self, rows: QuerySet[Comment]) -> QuerySet[Comment]:
        """Each comment with its context."""
        return questions.for_list(super().for_list(rows), timezone.now())

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """See `search`."""
        return ("pk",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Comment], search_term: str
    ) -> tuple[QuerySet[Comment], bool]:
        """The comment of that number, or those of the newest ones that hold every word."""
        if not search_term.strip():
            return queryset, False
        number = picks.bare_number(search_term)
        return queryset.filter(pk__in=[number] if number else questions.holding(queryset, search_term)), False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Comments come from readers."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses, and the one where decisions from the list go."""
        wrap = self.admin_site.admin_view
        return [path("xu-ly/", wrap(self.decide_view), name="news_comment_decide"), *super().get_urls()]

    # --- The queue -----------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The queue, each comment with all one needs to decide."""
        response = super().changelist_view(request, {"title": "Bình luận", **(extra_context or {})})
        shown = getattr(response, "context_data", None)
        if shown is not None and isinstance(shown.get("cl"), CursorChangeList):
            now, user = timezone.now(), staff(request)
            reports = questions.reports_of(shown["cl"].result_list)
            shown["cards"] = [_card(row, user, now, reports.get(row.pk, [])) for row in shown["cl"].result_list]
            shown["form"] = DecisionForm()
            shown["reasons"] = REASONS
            shown["days"] = BLOCK_DAYS
            shown["back"] = request.GET.urlencode()
            shown["may_change"] = self.has_change_permission(request)
            shown["steps"] = moderating.STEPS
            # Ticked before, where a reason was missing; what changed meanwhile is to be looked at anew.
            shown["ticked"] = request.session.pop(TICKS, ())
            shown["queues"] = list(shown["cl"].filter_specs[0].choices(shown["cl"]))
            shown["own_decision"] = OWN_DECISION
            shown["keep"] = {"name": KEEP, "label": KEEP_LABEL, "key": KEEP_KEY}
            shown["writer"] = _writer_of(shown["cl"].filter_specs)
            shown["is_reported"] = request.GET.get(QueueFilter.parameter_name) == REPORTED
        return response

    def decide_view(self, request: HttpRequest) -> HttpResponse:
        """Do to one comment, or to the chosen ones, what the pressed button says; then back to the queue."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = DecisionForm(request.POST)
        if not form.is_valid():
            raise Http404
        chosen, step = request.POST.getlist("chon")[:MANY], request.POST.get("viec", "")
        if "mot" in request.POST:
            step, _, one = request.POST["mot"].partition(" ")
            chosen = [one]
        pairs = [pair for text in chosen if (pair := _pair(text)) is not None]
        if step not in BY_NAME and step not in {"block", KEEP}:
            raise Http404
        if not pairs:
            self.refuse(request, "Hãy chọn ít nhất một bình luận.")
        elif step in NEED_REASON and not form.said():
            self.refuse(request, NO_REASON)
            request.session[TICKS] = request.POST.getlist("chon")[:MANY]
        elif step == "block":
            self._block(request, form, pairs)
        else:
            self._decide(request, form, pairs, step)
        query = request.POST.get("ve", "")[:500]
        return HttpResponseRedirect(f"{reverse('admin:news_comment_changelist')}{f'?{query}' if query else ''}")

    def _decide(self, request: HttpRequest, form: DecisionForm, pairs: list[tuple[int, str]], step: str) -> None:
        done = moderating.decide_many(
            chosen=pairs, step=step, actor=staff(request), at=timezone.now(), reason=form.said()
        )
        if done.count:
            said = KEPT if step == KEEP else BY_NAME[step].done
            self.message_user(request, f"{said} {done.count} bình luận.", messages.SUCCESS)
        if done.already:
            self.message_user(request, f"Đã như vậy từ trước: {done.already} bình luận.", messages.INFO)
        for refusal in done.refused[:5]:
            self.refuse(request, refusal)

    def _block(self, request: HttpRequest, form: DecisionForm, pairs: list[tuple[int, str]]) -> None:
        for number, stamp in pairs[:1]:
            try:
                said = moderating.block(
                    comment_id=number,
                    days=_days(form),
                    actor=staff(request),
                    at=timezone.now(),
                    stamp=stamp,
                    reason=form.said(),
                )
            except Comment.DoesNotExist:
                raise Http404 from None
            except NotAllowed as error:
                self.refuse(request, str(error))
            else:
                self.message_user(request, said, messages.SUCCESS)

    # --- One comment ---------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The comment, what was done with it, and what may be done now."""
        at = timezone.now()
        if not self.has_view_permission(request):
            raise PermissionDenied
        page = self._page_or_404(object_id, at)
        if request.method != "POST":
            return self._show(request, page, DecisionForm(), at)
        if not self.has_change_permission(request):
            raise PermissionDenied
        form = DecisionForm(request.POST)
        if not form.is_valid():
            return self._show(request, page, form, at, status=422)
        try:
            said, address = self._carry_out(request, page, form, at)
        except NotAllowed as error:
            form.add_error(None, str(error))
            is_stale = isinstance(error, moderating.Changed)
            page = self._page_or_404(page.comment.pk, at)
            return self._show(request, page, form, at, status=409 if is_stale else 403)
        if said:
            self.message_user(request, said, messages.SUCCESS)
            return HttpResponseRedirect(self.address_of(page.comment))
        return self._show(request, self._page_or_404(page.comment.pk, at), DecisionForm(), at, contact=address)

    def _page_or_404(self, object_id: Any, at: datetime) -> CommentFile:
        text = str(object_id)
        is_number = text.isascii() and text.isdecimal() and len(text) < 19
        page = questions.file_of(int(text), at) if is_number else None
        if page is None:
            raise Http404
        return page

    def _carry_out(self, request: HttpRequest, page: CommentFile, form: DecisionForm, at: datetime) -> tuple[str, str]:
        """Call the service: what to tell the user, or the address asked for. Raises `NotAllowed`, `Http404`."""
        order: dict[str, Any] = {"comment_id": page.comment.pk, "actor": staff(request), "at": at}
        stamp: dict[str, Any] = {"stamp": request.POST.get("stamp", "")[:100], "reason": form.said()}
        match request.POST.get("_do", ""):
            case step if step in BY_NAME:
                moderating.decide(**order, **stamp, step=step)
                return BY_NAME[step].done, ""
            case "block":
                return moderating.block(**order, **stamp, days=_days(form)), ""
            case "reports":
                moderating.clear_reports(**order, stamp=stamp["stamp"])
                return KEPT, ""
            case "deny" if page.appeal is not None:
                moderating.deny_appeal(**order, answer=form.cleaned_data["appeal_answer"])
                return "Đã trả lời khiếu nại.", ""
            case "answer":
                moderating.answer(**order, body=form.cleaned_data["answer"])
                return "Đã đăng câu trả lời của tòa soạn.", ""
            case "look":
                return "", moderating.contact_of(**order) or "Thông tin liên hệ đã được xóa."
        raise Http404

    def _show(
        self,
        request: HttpRequest,
        page: CommentFile,
        form: DecisionForm,
        at: datetime,
        *,
        contact: str = "",
        status: int = 200,
    ) -> HttpResponse:
        user, comment = staff(request), page.comment
        may_change = self.has_change_permission(request)
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]  # as the stock views do
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Bình luận số {comment.pk}",
            "page": page,
            "comment": comment,
            "pieces": questions.pieces(comment.body, comment.held_for),
            "why": () if questions.may_appeal(comment) else questions.why(comment.held_for),
            "own_decision": OWN_DECISION,
            "is_own_decision": _is_own_decision(comment, getattr(page.appeal, "status", ""), user),
            "ago": ago(comment.created_at, at),
            "form": form,
            "may_change": may_change,
            "may_answer": may(user, questions.ANSWER) and comment.status == CommentStatus.SHOWN,
            "may_switch": may(user, moderating.SWITCH),
            "steps": moderating.allowed(comment, user),
            "days": BLOCK_DAYS,
            "is_blocked": bool(page.standing and page.standing.blocked_until and page.standing.blocked_until > at),
            "contact": contact,
        }
        return TemplateResponse(request, "admin/news/comment/change_form.html", context, status=status)


def _writer_of(filters: list[Any]) -> str:
    """The name of the writer whose comments are shown; "" where they are anybody's."""
    return next((str(found.lookup_choices[0][1]) for found in filters if isinstance(found, WriterFilter)), "")


def _pair(text: str) -> tuple[int, str] | None:
    """The number and the stamp that a button or a box carries."""
    number, _, stamp = text.partition(":")
    return (int(number), stamp[:100]) if number.isascii() and number.isdecimal() and len(number) < 19 else None


def _days(form: DecisionForm) -> int:
    days = form.cleaned_data.get("days")
    return days if days in BLOCK_DAYS else 30


OWN_DECISION: Final = "Chính bạn đã quyết định; nên để người khác xem."


def _is_own_decision(row: Comment, appeal: str | None, user: Any) -> bool:
    """Whether an appeal is open against what the user decided."""
    return appeal == AppealStatus.OPEN and row.decided_by_id == user.pk


def _card(row: Any, user: Any, now: datetime, reports: list[CommentReport]) -> dict[str, Any]:
    """What the queue shows of a comment; why it was held is of no interest once somebody decided against it."""
    is_decided = questions.may_appeal(row)
    return {
        "row": row,
        "mark": f"{row.pk}:{questions.stamp_of(row)}",
        "pieces": questions.pieces(row.beginning, row.held_for),
        "is_cut": len(row.beginning) >= questions.EXCERPT,
        "why": () if is_decided else questions.why(row.held_for),
        "decision": is_decided,
        "is_own_decision": _is_own_decision(row, row.appeal_status, user),
        "ago": ago(row.created_at, now),
        "appealed_ago": ago(row.appeal_at, now) if row.appeal_status == AppealStatus.OPEN else "",
        "title": row.live_title or f"bài số {row.article_id}, bạn đọc không còn thấy",
        "url": f"{addresses.article(row.live_slug, row.article_id)}" if row.live_slug else "",
        "is_blocked": bool(row.blocked_until and row.blocked_until > now),
        "steps": moderating.allowed(row, user),
        "reports": reports,
        "more_reports": max(0, row.report_count - len(reports)),
        "may_keep": row.report_count and row.status != CommentStatus.HELD,
    }


class WordRuleAdmin(DeskAdmin):
    """The words that keep comments back, and a box to try them."""

    form = WordRuleForm
    cursor = "pattern"
    list_per_page = 100
    list_display = ("pattern", "match", "level", "note", "is_active")
    fields = ("pattern", ("match", "level"), "note", "is_active")
    search_help_text = "Một phần của từ, đúng như ghi trong danh sách."

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses, and the box to try."""
        wrap = self.admin_site.admin_view
        return [path("thu/", wrap(self.try_view), name="news_wordrule_try"), *super().get_urls()]

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """See `search`."""
        return ("pattern",)

    def search(self, text: str) -> Any:
        """Inside the pattern."""
        return Q(pattern__contains=text.strip().lower()[:80])

    def save_model(self, request: HttpRequest, obj: WordRule, form: Any, change: Any) -> None:
        """Through the service."""
        moderating.keep_word(rule=obj, actor=staff(request))

    def try_view(self, request: HttpRequest) -> HttpResponse:
        """Which words hit in a text; nothing is kept. POST, so that the text is in no address."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = TryForm(request.POST if request.method == "POST" else None)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Thử danh sách từ",
            "form": form,
        }
        if request.method == "POST" and form.is_valid():
            text = form.cleaned_data["text"]
            found, is_spam = commenting.reasons_in(text)
            context |= {"pieces": questions.pieces(text, found), "found": found, "is_spam": is_spam, "tried": True}
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]  # as the stock views do
        return TemplateResponse(request, "admin/news/wordrule/try.html", context)


class CommentSettingAdmin(DeskAdmin):
    """Where comments are open: on the whole site and by section."""

    form = CommentSettingForm
    list_display = ("place", "state", "who", "closes_after")
    list_select_related = ("section",)
    fields = ("section", "state", "who", "closes_after")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With what holds everywhere, said or not."""
        return super().changelist_view(request, {"in_force": questions.in_force(), **(extra_context or {})})

    @admin.display(description="ở đâu")
    def place(self, row: CommentSetting) -> str:
        """The section, or the site."""
        return str(row)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CommentSetting]:
        """With the section."""
        return super().get_queryset(request).select_related("section")

    def save_model(self, request: HttpRequest, obj: CommentSetting, form: Any, change: Any) -> None:
        """Through the service."""
        moderating.keep_setting(setting=obj, actor=staff(request))


class CommentSwitchAdmin(DeskAdmin):
    """Comments of single articles."""

    list_display = ("title", "state", "closes_at", "reason", "changed_by", "changed_at")
    list_select_related = ("article", "changed_by")
    list_defer = ("article__body", "article__lead")
    form = CommentSwitchForm

    @admin.display(description="bài viết")
    def title(self, row: CommentSwitch) -> str:
        """The article's title."""
        return str(row.article)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A switch stays with its article."""
        return ("title",) if obj is not None else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A new one asks for the article."""
        return ("title" if obj is not None else "place", "state", "closes_at", "reason")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CommentSwitch]:
        """With the article's title."""
        return (
            super()
            .get_queryset(request)
            .select_related("article", "changed_by")
            .defer("article__body", "article__lead")
        )

    def save_model(self, request: HttpRequest, obj: CommentSwitch, form: Any, change: Any) -> None:
        """Through the service."""
        made = moderating.switch(
            article_id=obj.article_id or form.cleaned_data["place"],
            state=CommentState(obj.state),
            closes_at=obj.closes_at,
            actor=staff(request),
            at=timezone.now(),
            reason=obj.reason,
        )
        obj.pk, obj.article_id = made.pk, made.article_id


class BlockedFilter(SimpleListFilter):
    """Who is locked out."""

    title = "khóa"
    parameter_name = "khoa"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The one."""
        return [("dang", "Đang bị khóa")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[CommenterStanding]) -> QuerySet[CommenterStanding]:
        """Along the index of blocks."""
        return queryset.filter(blocked_until__gt=timezone.now()) if self.value() == "dang" else queryset


class CommenterStandingAdmin(DeskAdmin):
    """How writers' comments fared; who is locked out is let in again here."""

    list_display = ("who", "written", "approved", "refused", "refused_at", "blocked_until", "reason")
    list_filter = (BlockedFilter,)
    list_select_related = ("user",)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, each writer with a name."""
        found = super().get_changelist_instance(request)
        names = questions.writer_names(found.result_list)
        for row in found.result_list:
            row.name = names[row.pk]
        return found

    @admin.display(description="ai")
    def who(self, row: Any) -> str:
        """By what readers know them."""
        return str(row.name)

    @admin.display(description="bình luận")
    def written(self, row: CommenterStanding) -> str:
        """The way to what they wrote."""
        address = f"{reverse('admin:news_comment_changelist')}?{WriterFilter.parameter_name}={row.pk}"
        return format_html('<a href="{}">Xem bình luận</a>', address)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CommenterStanding]:
        """With the account."""
        return super().get_queryset(request).select_related("user")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Made with a first decision."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """How they fared, and the button that lets them in again."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        form = UnblockForm(request.POST if request.method == "POST" else None)
        status = 200
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            if form.is_valid():
                try:
                    moderating.unblock(
                        standing_id=row.pk,
                        actor=staff(request),
                        at=timezone.now(),
                        reason=form.cleaned_data["own_reason"],
                    )
                except NotAllowed as error:
                    form.add_error(None, str(error))
                    status = 403
                else:
                    self.message_user(request, "Đã mở khóa.", messages.SUCCESS)
                    return HttpResponseRedirect(self.address_of(row))
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]  # as the stock views do
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": questions.writer_names([row])[row.pk],
            "row": row,
            "form": form,
            "may_change": self.has_change_permission(request),
            "is_blocked": bool(row.blocked_until and row.blocked_until > timezone.now()),
        }
        return TemplateResponse(request, "admin/news/commenterstanding/change_form.html", context, status=status)
