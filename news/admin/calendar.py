"""The newsroom's clock at the desk: days off and days worked instead, terms of letters, ready-made answers."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from news.admin.desk import DeskAdmin, staff
from news.models import CalendarDay, FeedbackTerm, ReplyTemplate
from news.services import deadlines, templating
from news.text.dates import long_date
from news.text.workdays import OFF, kept_calendar


class CalendarDayAdmin(DeskAdmin):
    """Days of the newsroom's own that stand in place of the kept ones, the newest first; the kept ones below."""

    cursor = "-day"
    list_display = ("day", "name", "kind", "ground")
    list_display_links = ("day", "name")
    fields = ("day", "name", "kind", "ground")
    change_list_template = "admin/news/calendarday/change_list.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the days of the kept file from this year on."""
        today = timezone.localdate()
        kept = sorted(found.day for found in kept_calendar().special.values())
        special = kept_calendar().special
        days = [(long_date(day), special[day]) for day in kept if day >= date(today.year, 1, 1)]
        return super().changelist_view(request, {"kept": days, "off": OFF, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: CalendarDay, form: Any, change: Any) -> None:
        """Through the service; the deadlines of what waits move along."""
        _tell(self, request, deadlines.keep_day(day=obj, actor=staff(request), at=timezone.now()))


class FeedbackTermAdmin(DeskAdmin):
    """How long letters may take: one row a kind, none is added."""

    cursor = "pk"
    list_display = ("kind", "working_days", "ends_at")
    fields = ("working_days", "ends_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """There are as many as there are kinds."""
        return False

    def save_model(self, request: HttpRequest, obj: FeedbackTerm, form: Any, change: Any) -> None:
        """Through the service; the deadlines of what waits move along."""
        _tell(self, request, deadlines.keep_term(term=obj, actor=staff(request), at=timezone.now()))


def _tell(page: DeskAdmin, request: HttpRequest, moved: int) -> None:
    if moved:
        page.message_user(request, f"Đã tính lại hạn của {moved} thư đang chờ.", messages.INFO)


class ReplyTemplateAdmin(DeskAdmin):
    """Ready-made answers to begin from."""

    cursor = "pk"
    list_display = ("name", "order", "is_offered")
    list_display_links = ("name",)
    list_defer = ("body",)
    fields = ("name", "body", "order", "is_offered")

    def save_model(self, request: HttpRequest, obj: ReplyTemplate, form: Any, change: Any) -> None:
        """Through the service."""
        templating.keep_reply(obj)
