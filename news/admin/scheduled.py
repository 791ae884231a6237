"""The timetable on the desk: what comes round, when it ran last, and in red what should have run and did not."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from news.admin.desk import ReadOnlyAdmin
from news.services import timetable


class ScheduledRunAdmin(ReadOnlyAdmin):
    """One page with every line of the table, those that never ran too."""

    def get_urls(self) -> list[Any]:
        """The page alone."""
        address: URLPattern = path(
            "", self.admin_site.admin_view(self.changelist_view), name="news_scheduledrun_changelist"
        )
        return [address]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The table."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = timezone.now()
        context = {
            **self.admin_site.each_context(request),
            "title": "Lịch chạy",
            "opts": self.opts,
            "lines": timetable.overview(at=now),
            "now": now,
        }
        return TemplateResponse(request, "admin/news/scheduledrun/timetable.html", context)
