"""The article's pages at the desk: list, form, steps, preview. It asks the workflow and calls the services."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode

from accounts.models import User
from news import workflow
from news.admin.content import desk_picture, for_desk, picture_of
from news.admin.desk import DeskAdmin, may, offer_adding, staff
from news.admin.steps import DONE, Order, asks, take
from news.forms.article import ArticleDesk, StepForm
from news.models import Article, Edition, Section, State
from news.queries import desk as desk_queries
from news.queries.article_page import Surroundings, article_page
from news.queries.site import site
from news.services import editing, sealing
from news.services.reviewing import Changed
from news.workflow import NotAllowed, Transition


class StateFilter(SimpleListFilter):
    """Where the copy stands."""

    title = "trạng thái"
    parameter_name = "trang-thai"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All states."""
        return list(State.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        """Along the index of states."""
        return queryset.filter(state=self.value()) if self.value() in State.values else queryset


class SectionFilter(SimpleListFilter):
    """One section."""

    title = "chuyên mục"
    parameter_name = "chuyen-muc"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All sections in order."""
        return [(str(pk), name) for pk, name in Section.objects.order_by("order", "id").values_list("id", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        """Along the index of sections."""
        known = {pk for pk, _ in self.lookup_choices}
        return queryset.filter(section_id=int(self.value() or 0)) if self.value() in known else queryset


class OwnFilter(SimpleListFilter):
    """What I wrote."""

    title = "người viết"
    parameter_name = "cua-toi"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Mine or everybody's."""
        return [("1", "Bài của tôi")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        """Along the index of writers."""
        return queryset.filter(created_by=request.user) if self.value() == "1" else queryset  # type: ignore[misc]  # staff


class ArticleAdmin(DeskAdmin):
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

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The story stands on the article's page."""
        return HttpResponseRedirect(f"{self.address_of(self.article_or_404(request, object_id))}#lich-su")

    # --- The form ------------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A new draft."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._form(request, Article(), timezone.now(), refusal="")

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
            return (
                self._read(request, article, at, refusal) if refusal else self._form(request, article, at, refusal="")
            )
        if not self.has_right(request, "change"):
            raise PermissionDenied
        return self._form(request, article, at, refusal=refusal)

    def _form(self, request: HttpRequest, article: Article, at: datetime, *, refusal: str) -> HttpResponse:
        user = staff(request)
        loaded, pk = article.title, article.pk
        sent = request.method == "POST"
        desk = ArticleDesk(article, user=user, data=request.POST if sent else None)
        status = 200
        if sent and refusal:
            status = 403
            desk.is_valid()
            desk.form.add_error(None, refusal)
        elif sent and desk.is_valid():
            try:
                return self._save(request, desk, at)
            except (NotAllowed, IntegrityError) as error:
                status = 409 if isinstance(error, (Changed, IntegrityError)) else 403
                article.pk = pk
                self._explain(desk, error)
        for fields in desk.all_fields():
            offer_adding(fields, request)
        picture = article.lead_image if not sent else None
        context = {
            "title": loaded or "Bài mới",
            "desk": desk,
            "steps": [],
            "picture": picture_of(picture) if picture else None,
        }
        if pk:
            context |= self._bar(self.article_or_404(request, pk) if sent else article, user, at)
        return self._page(request, "admin/news/article/change_form.html", context, article, status=status)

    def _explain(self, desk: ArticleDesk, error: Exception) -> None:
        """Say why nothing was saved; what was typed stays in the form."""
        if isinstance(error, IntegrityError):
            desk.form.add_error(None, "Có người vừa lưu cùng lúc với bạn nên chưa lưu được. Hãy lưu lại lần nữa.")
            return
        desk.form.add_error(None, str(error))
        if isinstance(error, Changed):
            desk.newer = Article.objects.select_related("changed_by").get(pk=desk.article.pk)

    def _save(self, request: HttpRequest, desk: ArticleDesk, at: datetime) -> HttpResponse:
        """Keep what was typed, then take the step whose button was pressed, if any."""
        user = staff(request)
        article, step = desk.article, request.POST.get("_step", "")
        version = desk.form.seen_version
        if article.pk is None:
            editing.create(article=article, actor=user, at=at, save_related=desk.write_related)
            self.log_addition(request, article, "Tạo bài.")
            version = article.version
            self.message_user(request, "Đã lưu bản nháp.", messages.SUCCESS)
        elif desk.has_changed or not step:
            editing.change(article=article, actor=user, at=at, version=version, save_related=desk.write_related)
            self.log_change(request, article, f"Lưu phiên bản {article.version}.")
            version = article.version
            self.message_user(request, "Đã lưu.", messages.SUCCESS)
        if step:
            return self._step(request, self.article_or_404(request, article.pk), step, at, version)
        if "_close" in request.POST:
            return HttpResponseRedirect(reverse("admin:news_article_changelist"))
        return HttpResponseRedirect(self.address_of(article))

    def _read(self, request: HttpRequest, article: Article, at: datetime, refusal: str) -> HttpResponse:
        user = staff(request)
        context = {
            "title": article.title,
            "refusal": refusal,
            "content": for_desk(sealing.compose(article)),
            **self._bar(article, user, at),
        }
        return self._page(request, "admin/news/article/read.html", context, article)

    def _bar(self, article: Article, user: User, at: datetime) -> dict[str, Any]:
        """What the bar and the story below the form show."""
        story = desk_queries.story(article)
        live = next((row for row in story.editions if row.visible_from <= at < row.visible_until), None)
        last = story.steps[0][1] if story.steps else None
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
            if not asks(step):
                self.refuse(request, str(error))
                return HttpResponseRedirect(self.address_of(article))
            form.add_error("moment" if "moment" in form.fields else None, str(error))
            return self._ask(request, article, step, at, form, 409)
        self.log_change(request, article, f"{step.label}.")
        self.message_user(request, DONE.get(step.name, "Đã xong."), messages.SUCCESS)
        return HttpResponseRedirect(self.address_of(article))

    def _ask(
        self, request: HttpRequest, article: Article, step: Transition, at: datetime, form: StepForm, status: int
    ) -> HttpResponse:
        context = {"title": step.label, "step": step, "form": form, "state": workflow.state_of(article, at)}
        return self._page(request, "admin/news/article/step.html", context, article, status=status)

    # --- Preview -------------------------------------------------------------------------------------

    def preview_view(self, request: HttpRequest, article_id: int) -> HttpResponse:
        """The page as readers would see it now, for who may open the copy; its pictures come from the desk."""
        at = timezone.now()
        article = self.article_or_404(request, article_id)
        frame = site(at)
        page = article_page(sealing.compose(article), site_name=frame.name)
        page = replace(
            page,
            picture=desk_picture(page.picture) if page.picture else None,
            gallery=tuple(desk_picture(picture) for picture in page.gallery),
        )
        context = {
            "site": frame,
            "page": page,
            "around": Surroundings(),
            "current_section": page.section_id,
            "is_preview": True,
        }
        response = HttpResponse(render_to_string("news/article_detail.html", context))
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response
