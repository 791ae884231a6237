"""The article's pages at the desk: list, form, steps, preview. It asks the workflow and calls the services."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from django.utils.http import urlencode

from accounts.models import User
from news import crypto, workflow
from news.admin import beside
from news.admin.content import for_desk, picture_of
from news.admin.cursor import equal_to
from news.admin.desk import DeskAdmin, may, offer_adding, staff
from news.admin.history import HistoryPages
from news.admin.steps import DONE, Order, asks, take
from news.admin.template import article_of, initial_of, new_context, start_of
from news.admin.writing import Conflict, WritingPages, calm, form_of, whole_number
from news.forms.article import ArticleDesk, StepForm
from news.forms.files import receive
from news.models import Article, Draft, Edition, Section, State
from news.queries import desk as desk_queries
from news.services import drafting, editing, locking, sealing
from news.services.reviewing import Changed, NotReady
from news.workflow import NotAllowed, Transition


class StateFilter(SimpleListFilter):
    """Where the copy stands."""

    title = "trạng thái"
    parameter_name = "trang-thai"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All states."""
        return list(State.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        """Along the index of states, or of the search."""
        return equal_to(request, queryset, "state", self.value()) if self.value() in State.values else queryset


class SectionFilter(SimpleListFilter):
    """One section."""

    title = "chuyên mục"
    parameter_name = "chuyen-muc"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All sections in order."""
        return [(str(pk), name) for pk, name in Section.objects.order_by("order", "id").values_list("id", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        """Along the index of sections, or of the search."""
        value = self.value()
        known = {pk for pk, _ in self.lookup_choices}
        return equal_to(request, queryset, "section_id", int(value)) if value in known else queryset


class OwnFilter(SimpleListFilter):
    """What I wrote."""

    title = "người viết"
    parameter_name = "cua-toi"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Mine or everybody's."""
        return [("1", "Bài của tôi")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        """Along the index of writers, or of the search."""
        return equal_to(request, queryset, "created_by_id", request.user.pk) if self.value() == "1" else queryset


NEEDS_READY = frozenset({"approve", "publish", "schedule"})
"""Steps that no copy with a blocking finding takes."""


def _digest(request: HttpRequest) -> str:
    """A digest of the form that was sent, its token and buttons aside."""
    pairs = [pair for pair in request.POST.lists() if pair[0] != "csrfmiddlewaretoken"]
    return crypto.sha256(crypto.canonical(pairs))


class ArticleAdmin(WritingPages, HistoryPages, DeskAdmin):
    """The desk's copies."""

    list_display = ("headline", "standing", "section", "writer", "changed")
    list_display_links = ("headline",)
    list_filter = (StateFilter, SectionFilter, OwnFilter)
    list_select_related = ("section", "created_by")
    list_defer = ("lead", "body")
    search_keys = ("title_key",)
    search_help_text = "Từ trong tiêu đề, có dấu hay không dấu đều được; hoặc số của bài."

    # --- The list ------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        """What the user may open."""
        return super().get_queryset(request).filter(workflow.visible_articles(staff(request)))

    def for_list(self, rows: QuerySet[Article]) -> QuerySet[Article]:
        """Each row with what readers see of it: two look-ups by index a row, in the same query."""
        at = timezone.now()
        editions = Edition.objects.filter(article=OuterRef("pk"))
        return (
            super()
            .for_list(rows)
            .annotate(is_live=Exists(editions.live(at)), is_upcoming=Exists(editions.upcoming(at)))
        )

    @admin.display(description="tiêu đề")
    def headline(self, article: Article) -> str:
        """The title."""
        return article.title

    @admin.display(description="trạng thái")
    def standing(self, article: Article) -> str:
        """The state, and whether readers see the article."""
        state = State(article.state)
        if state is State.SCHEDULED and not article.is_upcoming:
            state = State.PUBLISHED
        seen = format_html(' <span class="seen">{}</span>', "bạn đọc đang thấy") if article.is_live else ""
        return format_html('<span class="state state-{}">{}</span>{}', state.value, state.label, seen)

    @admin.display(description="người viết")
    def writer(self, article: Article) -> str:
        """Who made it."""
        return article.created_by.get_full_name() if article.created_by else "nhập từ hệ thống cũ"

    @admin.display(description="sửa lúc")
    def changed(self, article: Article) -> datetime:
        """When it was last saved."""
        return article.changed_at

    # --- Rights --------------------------------------------------------------------------------------

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may open the desk's copies."""
        return self.has_right(request, "view")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who writes."""
        return may(request.user, workflow.WRITE) and self.has_right(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may change this copy now, as the workflow says."""
        if not self.has_right(request, "change"):
            return False
        return obj is None or not workflow.edit_refusal(obj, staff(request), timezone.now())

    # --- Addresses -----------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses, the steps and the preview."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:article_id>/buoc/<slug:name>/", wrap(self.step_view), name="news_article_step"),
            path("<int:article_id>/xem-thu/", wrap(self.preview_view), name="news_article_preview"),
            path("<int:article_id>/song-song/", wrap(self.beside_view), name="news_article_beside"),
            path("add/song-song/", wrap(self.beside_view), name="news_article_beside_new"),
            *super().get_urls(),
        ]

    def article_or_404(self, request: HttpRequest, article_id: Any) -> Article:
        """The article, if the user may open it. Raises `Http404`, `PermissionDenied`."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = (
            self.get_queryset(request)
            .prefetch_related("other_sections")
            .select_related(
                "section__parent",
                "lead_image",
                "created_by",
                "changed_by",
                "passed_by",
                "approved_by",
                "ai_reviewed_by",
            )
        )
        text = str(article_id)
        article = found.filter(pk=int(text)).first() if text.isascii() and text.isdecimal() and len(text) < 19 else None
        if article is None:
            raise Http404
        return article

    # --- The form ------------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A new draft."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._form(request, article_of(start_of(request)), timezone.now(), refusal="")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The copy as a form; who may not change it now reads it, and why."""
        at = timezone.now()
        article = self.article_or_404(request, object_id)
        refusal = (
            workflow.edit_refusal(article, staff(request), at)
            if self.has_right(request, "change")
            else "Vai trò của bạn chỉ xem bài, không sửa."
        )
        if request.method != "POST":
            if not refusal:
                return self._form(request, article, at, refusal="")
            draft = self.draft_asked(request, article)
            if draft is not None:  # what was typed before the article went on its way can still be read
                return HttpResponseRedirect(reverse("admin:news_article_draft", args=[draft.pk]))
            return self._read(request, article, at, refusal)
        if not self.has_right(request, "change"):
            raise PermissionDenied
        return self._form(request, article, at, refusal=refusal)

    def _form(self, request: HttpRequest, article: Article, at: datetime, *, refusal: str) -> HttpResponse:
        """The form as it is opened, a draft in it where one is asked for; or what came of sending it."""
        if request.method == "POST":
            receive(request, staff(request))
            return self._sent(request, article, at, refusal)
        draft = self.draft_asked(request, article)
        data = form_of(drafting.read_state(draft.state)) if draft else None
        desk = ArticleDesk(article, user=staff(request), data=data, initial=initial_of(request, article))
        return self._show(request, calm(desk) if draft else desk, at, title=article.title, restored=draft)

    def _sent(self, request: HttpRequest, article: Article, at: datetime, refusal: str) -> HttpResponse:
        user, title, pk = staff(request), article.title, article.pk
        sent: MultiValueDict[str, str] = request.POST
        desk = ArticleDesk(article, user=user, data=sent)
        refusal = refusal or self.other_writer(request)
        if refusal:
            desk.is_valid()
            desk.form.add_error(None, refusal)
            return self._show(request, desk, at, title=title, status=403)
        if pk and "_merge" in request.POST:
            data, found, message = self.agreed(request, self.compared(request, desk))
            if data is None:
                return self._conflict(request, found, at, message)
            sent = data
            desk = ArticleDesk(self.article_or_404(request, pk), user=user, data=sent)
        elif pk and self.is_outdated(request, desk):
            return self._meanwhile(request, desk, at)
        elif pk is None and (made := self._made_before(request)):
            return self._arrived_twice(request, desk, made, at)
        if not desk.is_valid():
            return self._show(request, desk, at, title=title)
        try:
            return self._save(request, desk, at)
        except (NotAllowed, IntegrityError) as error:
            desk.article.pk = pk
            if pk is None and (made := self._made_before(request)):
                return self._arrived_twice(request, desk, made, at)
            if pk and isinstance(error, Changed):
                fresh = ArticleDesk(self.article_or_404(request, pk), user=user, data=sent)
                return self._conflict(request, self.compared(request, fresh), at)
            self._explain(desk, error)
            status = 409 if isinstance(error, IntegrityError) else 403
            return self._show(request, desk, at, title=title, status=status)

    def _made_before(self, request: HttpRequest) -> Article | None:
        """The article that this very window made already: a double click, or a save whose answer was lost."""
        window = request.POST.get("window", "")[:64]
        return Article.objects.filter(created_by=staff(request), made_in=window).first() if window else None

    def _arrived_twice(self, request: HttpRequest, desk: ArticleDesk, made: Article, at: datetime) -> HttpResponse:
        """To the article there is; what this request brought besides is kept as a draft."""
        if made.made_from == _digest(request):
            self.message_user(request, "Đã lưu bản nháp.", messages.SUCCESS)
        else:
            self.keep_refused(request, desk, at)
            self.message_user(
                request,
                "Bài này đã được lưu ở lần bấm trước. Lần gửi sau có chỗ khác nên được giữ lại: mở trang “Bài mới” "
                "để lấy, không chữ nào mất.",
                messages.WARNING,
            )
        return HttpResponseRedirect(self.address_of(made))

    def _meanwhile(self, request: HttpRequest, desk: ArticleDesk, at: datetime) -> HttpResponse:
        """Somebody saved while the form was open: both texts, or the new one where nothing was changed in the form."""
        found, step = self.compared(request, desk), request.POST.get("_step", "")
        if found.has_mine:
            return self._conflict(request, found, at)
        drafting.discard(owner=staff(request), keys=[request.POST.get("window", "")])
        if step:
            return self._step(request, found.newest, step, at, whole_number(request.POST.get("version")))
        what = f"lần lưu {found.saved.revision}, mới hơn bản bạn đã mở" if found.saves else "bài như hiện nay"
        text = f"Bạn chưa sửa gì nên không có gì để lưu; đây là {what}."
        self.message_user(request, text, messages.WARNING)
        return HttpResponseRedirect(self.address_of(found.newest))

    def _conflict(self, request: HttpRequest, found: Conflict, at: datetime, message: str = "") -> HttpResponse:
        self.keep_refused(request, found.mine, at)
        return self.conflict_page(request, found, message=message)

    def _show(
        self,
        request: HttpRequest,
        desk: ArticleDesk,
        at: datetime,
        *,
        title: str,
        restored: Draft | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """The page of the form. What a refused save brought is kept first."""
        user, article, pk = staff(request), desk.article, desk.article.pk
        sent = request.method == "POST"
        if sent:
            self.keep_refused(request, desk, at)
        for fields in desk.all_fields():
            offer_adding(fields, request)
        picture = article.lead_image if not desk.form.is_bound else None
        context: dict[str, Any] = {
            "title": title or "Bài mới",
            "desk": desk,
            "steps": [],
            "picture": picture_of(picture) if picture else None,
            "most_fields": str(drafting.MOST_PAIRS),
        }
        if pk:
            context |= self._bar(self.article_or_404(request, pk) if sent else article, user, at)
        context["guard"] = self.guard(request, desk, at, story=context.get("story"), restored=restored)
        return self._page(request, "admin/news/article/change_form.html", context, article, status=status)

    def _explain(self, desk: ArticleDesk, error: Exception) -> None:
        """Say why nothing was saved; what was typed stays in the form."""
        if isinstance(error, IntegrityError):
            error = NotAllowed("Có người vừa lưu cùng lúc với bạn nên chưa lưu được. Hãy lưu lại lần nữa.")
        desk.form.add_error(None, str(error))

    def _save(self, request: HttpRequest, desk: ArticleDesk, at: datetime) -> HttpResponse:
        """Keep what was typed, then take the step whose button was pressed, if any."""
        user = staff(request)
        article, step = desk.article, request.POST.get("_step", "")
        version, window = desk.form.seen_version, request.POST.get("window", "")

        def save_related(saved: Article) -> None:
            """With the rows: what was kept of this window is saved now, and the window is left."""
            desk.write_related(saved)
            drafting.discard(owner=user, keys=[window])
            locking.release(article_id=saved.pk, user=user, window=window)

        desk.copy_files_ahead()
        if article.pk is None:
            article.made_in, article.made_from = window[:64], _digest(request)
            editing.create(article=article, actor=user, at=at, save_related=save_related)
            self.log_addition(request, article, "Tạo bài.")
            version = article.version
            self.message_user(request, "Đã lưu bản nháp.", messages.SUCCESS)
        elif desk.has_changed or not step:
            editing.change(article=article, actor=user, at=at, version=version, save_related=save_related)
            self.log_change(request, article, "Lưu bài.")
            version = article.version
            self.message_user(request, "Đã lưu.", messages.SUCCESS)
        else:
            drafting.discard(owner=user, keys=[window])
        if step:
            return self._step(request, self.article_or_404(request, article.pk), step, at, version)
        if "_close" in request.POST:
            return HttpResponseRedirect(reverse("admin:news_article_changelist"))
        return HttpResponseRedirect(self.address_of(article))

    def _read(self, request: HttpRequest, article: Article, at: datetime, refusal: str) -> HttpResponse:
        user = staff(request)
        content = sealing.compose(article)
        context = {
            "title": article.title,
            "refusal": refusal,
            "content": for_desk(content),
            "readiness": beside.report(content, article_id=article.pk, at=at),
            **self._bar(article, user, at),
        }
        return self._page(request, "admin/news/article/read.html", context, article)

    def _bar(self, article: Article, user: User, at: datetime) -> dict[str, Any]:
        """What the bar and the story below the form show."""
        story = desk_queries.story(article)
        live = next((row for row in story.editions if row.visible_from <= at < row.visible_until), None)
        last = next((step for _, step in story.steps if step.transition in workflow.NAMES), None)
        return {
            "state": workflow.state_of(article, at),
            "steps": workflow.allowed(article, user, at),
            "story": story,
            "live": live,
            "last_step": last,
            "upcoming": next((row for row in story.editions if at < row.visible_from < row.visible_until), None),
            "may_see_ledger": may(user, "news.view_ledgerentry"),
        }

    def _page(
        self, request: HttpRequest, template: str, context: dict[str, Any], article: Article, *, status: int = 200
    ) -> HttpResponse:
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]  # as the stock views do
        if isinstance(context.get("desk"), ArticleDesk):
            if article.pk is None:
                context = {**context, **new_context(request, context["desk"])}
            context = {**beside.form_context(context["desk"], article.pk, staff(request), timezone.now()), **context}
        everything = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "article": article,
            "original": article if article.pk else None,
            "may_add": self.has_add_permission(request),
            **context,
        }
        return TemplateResponse(request, template, everything, status=status)

    # --- Steps ---------------------------------------------------------------------------------------

    def step_view(self, request: HttpRequest, article_id: int, name: str) -> HttpResponse:
        """Ask what the step needs to know, and take it."""
        at = timezone.now()
        article = self.article_or_404(request, article_id)
        step = self._allowed(request, article, name, at)
        if step is None:
            return HttpResponseRedirect(self.address_of(article))
        if request.method == "POST":
            form = StepForm(step, at, request.POST)
            if form.is_valid():
                return self._take(request, article, step, at, form)
            status = 200
        else:
            seen = request.GET.get("phien-ban", "")
            form = StepForm(step, at, initial={"version": seen if seen.isdecimal() else article.version})
            status = 200
        return self._ask(request, article, step, at, form, status)

    def _allowed(self, request: HttpRequest, article: Article, name: str, at: datetime) -> Transition | None:
        """The step, if the user may take it now; otherwise they are told why not."""
        user = staff(request)
        if name not in workflow.NAMES:
            raise Http404
        refusal = workflow.refusal(name, article, user, at)
        if refusal:
            self.refuse(request, refusal)
            return None
        return workflow.rows_for(name, article, at, workflow.gates_of(article))[0]

    def _step(self, request: HttpRequest, article: Article, name: str, at: datetime, version: int) -> HttpResponse:
        step = self._allowed(request, article, name, at)
        if step is None:
            return HttpResponseRedirect(self.address_of(article))
        if asks(step):
            address = reverse("admin:news_article_step", args=[article.pk, name])
            return HttpResponseRedirect(f"{address}?{urlencode({'phien-ban': version})}")
        form = StepForm(step, at, {"version": version})
        form.is_valid()
        return self._take(request, article, step, at, form)

    def _take(
        self, request: HttpRequest, article: Article, step: Transition, at: datetime, form: StepForm
    ) -> HttpResponse:
        user = staff(request)
        data = form.cleaned_data
        order = Order(article.pk, user, at, data["version"], data.get("reason", ""), data.get("moment"))
        try:
            take(step, order)
        except NotAllowed as error:
            if isinstance(error, NotReady):
                return self._ask(request, article, step, at, form, 409)
            if not asks(step):
                self.refuse(request, str(error))
                return HttpResponseRedirect(self.address_of(article))
            form.add_error("moment" if "moment" in form.fields else None, str(error))
            return self._ask(request, article, step, at, form, 409)
        self.log_change(request, article, f"{step.label}.")
        self.message_user(request, DONE.get(step.name, "Đã xong."), messages.SUCCESS)
        if step.name in {"submit", "pass"}:
            self._warn(request, article, at)
        return HttpResponseRedirect(self.address_of(article))

    def _warn(self, request: HttpRequest, article: Article, at: datetime) -> None:
        """Tell who sends the copy on what will stop it later."""
        found = beside.report(sealing.compose(article), article_id=article.pk, at=at).blocking
        if found:
            words = " ".join(row.message for row in found[:3])
            text = f"Còn {len(found)} lỗi phải sửa trước khi duyệt. {words}"
            self.message_user(request, text, messages.WARNING)

    def _ask(
        self, request: HttpRequest, article: Article, step: Transition, at: datetime, form: StepForm, status: int
    ) -> HttpResponse:
        context = {"title": step.label, "step": step, "form": form, "state": workflow.state_of(article, at)}
        if step.name in NEEDS_READY:
            context["readiness"] = beside.report(sealing.compose(article), article_id=article.pk, at=at)
        return self._page(request, "admin/news/article/step.html", context, article, status=status)

    # --- The reader's view beside the form ------------------------------------------------------------

    def beside_view(self, request: HttpRequest, article_id: int | None = None) -> HttpResponse:
        """What stands in the form as readers would see it, and what the checks say; for who may change the copy now."""
        user = staff(request)
        if article_id is None:
            if not self.has_add_permission(request):
                raise PermissionDenied
            return beside.answer(request, Article(), user)
        article = self.article_or_404(request, article_id)
        if not self.has_change_permission(request, article):
            raise PermissionDenied
        return beside.answer(request, article, user)

    # --- Preview -------------------------------------------------------------------------------------

    def preview_view(self, request: HttpRequest, article_id: int) -> HttpResponse:
        """The page as readers would see it now, for who may open the copy; its pictures come from the desk."""
        at = timezone.now()
        article = self.article_or_404(request, article_id)
        response = HttpResponse(beside.reader_page(sealing.compose(article), at))
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response
