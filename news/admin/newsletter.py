"""The newsletter on the desk: its issues and how far they are, how the next one reads, its hours, who gets it."""

import base64
import hashlib
import re
from typing import Any, Final

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.decorators import method_decorator
from django.views.decorators.csp import csp_override

from news.admin.desk import DeskAdmin, FormPageAdmin, staff
from news.models import Frequency, IssueState, NewsletterIssue, NewsletterPlan, Subscriber, SubscriberState
from news.queries import addresses
from news.services import dispatching, newsletter, outbox, subscribing
from news.workflow import NotAllowed

_STYLE: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_FRAMES: Final = csp_override({**settings.SECURE_CSP, "frame-src": [CSP.SELF]})
"""For the pages that show a mail as it reads, in a frame."""


class _ChoiceFilter(SimpleListFilter):
    """By a column of few values."""

    column = ""
    choices_of: Any = None

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All of them."""
        return list(self.choices_of.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of one."""
        return queryset.filter(**{self.column: self.value()}) if self.value() in self.choices_of.values else queryset


class IssueStateFilter(_ChoiceFilter):
    """How far."""

    title, parameter_name, column, choices_of = "tình trạng", "tinh-trang", "state", IssueState


class SubscriberStateFilter(_ChoiceFilter):
    """Whether they get it."""

    title, parameter_name, column, choices_of = "tình trạng", "tinh-trang", "state", SubscriberState


class FrequencyFilter(_ChoiceFilter):
    """How often."""

    title, parameter_name, column, choices_of = "định kỳ", "dinh-ky", "frequency", Frequency


class NewsletterIssueAdmin(FormPageAdmin):
    """Issues, and how the next ones read."""

    list_display = ("name", "state", "progress", "trouble")
    list_display_links = ("name",)
    list_filter = (IssueStateFilter, FrequencyFilter)
    list_defer = ("content",)

    @admin.display(description="bản tin")
    def name(self, issue: NewsletterIssue) -> str:
        """Which."""
        return str(issue)

    @admin.display(description="tiến độ")
    def progress(self, issue: NewsletterIssue) -> str:
        """Of how many, how many are done."""
        if issue.is_addressed and not issue.total_count:
            return "chưa có người nhận"
        done = issue.sent_count + issue.skipped_count + issue.failed_count + issue.unsure_count
        return f"{done}/{issue.total_count}" if issue.total_count else "–"

    @admin.display(description="không gửi được, không rõ")
    def trouble(self, issue: NewsletterIssue) -> str:
        """What did not go well."""
        return f"{issue.failed_count} · {issue.unsure_count}"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Issues begin by the clock."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses; how issues read, kept ones and the next; the buttons."""
        wrap = self.admin_site.admin_view
        return [
            path("xem-truoc/<str:frequency>/", wrap(self.next_view), name="news_newsletterissue_next"),
            path("xem-truoc/<str:frequency>/html/", wrap(self.next_html_view), name="news_newsletterissue_next_html"),
            path("<int:pk>/html/", wrap(self.html_view), name="news_newsletterissue_html"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With links to how the next ones read."""
        return super().changelist_view(request, {"frequencies": Frequency.choices, **(extra_context or {})})

    @method_decorator(_FRAMES)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """How far an issue is, what may be done about it, how it reads."""
        issue = self.row(request, object_id)
        may_change = self.has_change_permission(request)
        if request.method == "POST":
            if not may_change:
                raise PermissionDenied
            self._take(request, issue, request.POST.get("_step", ""))
            return HttpResponseRedirect(self.address_of(issue))
        return self.show(
            request,
            "admin/news/newsletterissue/change_form.html",
            str(issue),
            issue=issue,
            progress=self.progress(issue),
            seen=newsletter.preview(issue=issue, at=timezone.now()),
            html_address=reverse("admin:news_newsletterissue_html", args=[issue.pk]),
            may_change=may_change,
        )

    def _take(self, request: HttpRequest, issue: NewsletterIssue, step: str) -> None:
        """What a button asks for, and a word about it."""
        order: dict[str, Any] = {"issue_id": issue.pk, "actor": staff(request)}
        said = "Việc này không còn làm được: tình trạng của bản tin vừa thay đổi."
        is_done: bool | int = False
        if step == "try":
            self._try_out(request, issue)
            return
        if step == "pause":
            is_done = newsletter.pause(**order)
            done = "Đã tạm dừng. Thư đang đi dở có thể còn tới vài người."
        elif step == "go-on":
            is_done = newsletter.go_on(**order)
            done = "Bản tin sẽ được gửi tiếp trong vòng một phút."
        elif step == "unsure":
            is_done = dispatching.send_unsure(**order, at=timezone.now())
            done = f"Sẽ gửi lại {is_done} thư trong vòng một phút."
        else:
            raise Http404
        if is_done:
            self.log_change(request, issue, done)
            self.message_user(request, done, messages.SUCCESS)
        else:
            self.refuse(request, said)

    def _try_out(self, request: HttpRequest, issue: NewsletterIssue) -> None:
        try:
            newsletter.try_out(issue=issue, actor=staff(request), at=timezone.now())
        except (NotAllowed, outbox.NoAddress, outbox.TooMany) as refusal:
            self.refuse(request, str(refusal))
        except outbox.BadMail:
            self.refuse(request, "Địa chỉ thư của bạn không dùng được. Hãy sửa ở trang của bạn trong mục Người dùng.")
        else:
            self.message_user(request, "Thư thử đang được gửi tới địa chỉ của bạn.", messages.SUCCESS)

    # --- How it reads ----------------------------------------------------------------------------------

    @method_decorator(_FRAMES)
    def next_view(self, request: HttpRequest, frequency: str) -> HttpResponse:
        """The newsletter as it would leave now; the button sends it to whoever asks."""
        issue = self._next(request, frequency)
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            self._try_out(request, issue)
            return HttpResponseRedirect(request.path)
        return self.show(
            request,
            "admin/news/newsletterissue/next.html",
            f"Xem trước bản tin {issue.get_frequency_display().lower()}",
            seen=newsletter.preview(issue=issue, at=timezone.now()),
            html_address=reverse("admin:news_newsletterissue_next_html", args=[frequency]),
            may_change=self.has_change_permission(request),
        )

    def next_html_view(self, request: HttpRequest, frequency: str) -> HttpResponse:
        """The HTML of the next one."""
        return self._html(newsletter.preview(issue=self._next(request, frequency), at=timezone.now()))

    def html_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The HTML of an issue as it would leave now."""
        return self._html(newsletter.preview(issue=self.row(request, str(pk)), at=timezone.now()))

    def _next(self, request: HttpRequest, frequency: str) -> NewsletterIssue:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if frequency not in Frequency.values:
            raise Http404
        return newsletter.next_issue(frequency=Frequency(frequency), at=timezone.now())

    def _html(self, seen: newsletter.Preview | None) -> HttpResponse:
        """A mail as a page of its own: it may do nothing, and has the one style that stands in it."""
        if seen is None:
            raise Http404
        styles = " ".join(
            f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
            for style in _STYLE.findall(seen.html)
        )
        policy = f"default-src 'none'; style-src {styles}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
        return HttpResponse(
            seen.html, headers={"Content-Security-Policy": f"{policy}; sandbox", "X-Frame-Options": "SAMEORIGIN"}
        )


class NewsletterPlanAdmin(DeskAdmin):
    """When the newsletters leave."""

    list_display = ("name", "is_on", "hour", "weekday")
    list_display_links = ("name",)

    @admin.display(description="bản tin")
    def name(self, plan: NewsletterPlan) -> str:
        """Which."""
        return str(plan)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """There is one of each."""
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A day for the weekly one only."""
        return ("is_on", "hour", *(["weekday"] if obj is not None and obj.frequency == Frequency.WEEKLY else []))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """All of them are there."""
        if self.has_view_permission(request):
            newsletter.plans()
        return super().changelist_view(request, extra_context)

    def save_model(self, request: HttpRequest, obj: NewsletterPlan, form: Any, change: Any) -> None:
        """Through the service."""
        newsletter.set_plan(plan=obj, actor=staff(request))


class SubscriberAdmin(FormPageAdmin):
    """Who gets the newsletter, by number; an address is shown covered, and only after it was noted who looked."""

    list_display = ("number", "state", "frequency", "since", "bounce_count")
    list_filter = (SubscriberStateFilter, FrequencyFilter)

    @admin.display(description="số")
    def number(self, row: Subscriber) -> int:
        """By what colleagues name it."""
        return row.pk

    @admin.display(description="từ lúc")
    def since(self, row: Subscriber) -> str:
        """Since when they get it, or asked for it."""
        return addresses.clock(row.confirmed_at or row.created_at, timezone.now())

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only the owner of a mailbox asks for mail to it."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What is known of a subscriber; the button shows the address, covered."""
        row = self.row(request, object_id)
        covered = ""
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            try:
                covered = subscribing.covered_address(subscriber_id=row.pk, actor=staff(request), at=timezone.now())
            except NotAllowed as refusal:
                self.refuse(request, str(refusal))
        elif request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        return self.show(
            request,
            "admin/news/subscriber/change_form.html",
            str(row),
            row=row,
            sections=[section.name for section in row.sections.order_by("order", "id")],
            bounces=row.bounces.order_by("-pk")[:10],
            covered=covered,
            may_change=self.has_change_permission(request),
        )
