"""The standing pages at the desk: who we are, how to reach us, the rules; the few pages in English."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.flatpages.models import FlatPage
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from news.admin.desk import DeskAdmin, staff
from news.forms.standing import StandingPageForm
from news.services import standing


class StandingPageAdmin(DeskAdmin):
    """Standing pages: what is saved is what readers see."""

    form = StandingPageForm
    cursor = "url"
    list_display = ("title", "url", "seen_by_readers")
    list_display_links = ("title",)
    list_defer = ("content",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[FlatPage]:
        """Those of this site."""
        return super().get_queryset(request).filter(sites=settings.SITE_ID)

    @admin.display(description="bạn đọc thấy")
    def seen_by_readers(self, page: FlatPage) -> str:
        """Whether the page is at an address that readers can open."""
        return "có" if _is_public(page) else "không"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Who may not save needs no trace of what was loaded."""
        may_save = self.has_change_permission(request) if obj else self.has_add_permission(request)
        return ("title", "url", "content", "registration_required", *(["seen"] if may_save else []))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """With where readers find the page."""
        page = kwargs.get("obj")
        context["shown_at"] = page.url if page is not None and page.pk and _is_public(page) else ""
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: FlatPage, form: Any, change: Any) -> None:
        """Through the service; who saved or took the address at the same moment is told as the desk tells any two."""
        try:
            standing.write(page=obj, seen=form.kept, actor=staff(request))
        except (standing.BadAddress, standing.Rewritten) as error:
            raise IntegrityError(str(error)) from error


def _is_public(page: FlatPage) -> bool:
    return not page.registration_required and standing.ADDRESS.fullmatch(page.url) is not None
