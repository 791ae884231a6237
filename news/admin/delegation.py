"""The delegations' pages: who came, to whom, and everybody who was there."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from news.admin.desk import DeskAdmin, offer_adding
from news.forms.delegation import Block
from news.models import Attendee, Delegation
from news.services.reviewing import Changed


class DelegationAdmin(DeskAdmin):
    """Delegations."""

    list_display = ("name", "days", "visiting_organisation", "host_organisation")
    list_select_related = ("visiting_organisation", "host_organisation")
    search_keys = ("name_key",)

    @admin.display(description="ngày")
    def days(self, delegation: Delegation) -> str:
        """When."""
        if delegation.from_on is None:
            return delegation.date_text
        days = [delegation.from_on, *([delegation.to_on] if delegation.to_on else [])]
        return " – ".join(f"{day.day}/{day.month}/{day.year}" for day in days)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A new delegation with its list."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._form(request, None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A delegation with its list; who may not change it reads it."""
        delegation = self.get_object(request, object_id)
        if not self.has_view_permission(request, delegation):
            raise PermissionDenied
        if delegation is None:
            raise Http404
        if self.has_change_permission(request, delegation):
            return self._form(request, delegation)
        if request.method == "POST":
            raise PermissionDenied
        rows = Attendee.objects.filter(delegation=delegation).order_by("order", "id")
        return self._page(request, {"title": delegation.name, "delegation": delegation, "attendees": rows})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delegation]:
        """With what the form names."""
        return super().get_queryset(request).select_related("visiting_organisation", "host_organisation")

    def _form(self, request: HttpRequest, delegation: Delegation | None) -> HttpResponse:
        title = delegation.name if delegation else "Đoàn công tác mới"
        data = request.POST if request.method == "POST" else None
        block = Block(delegation, data)
        if delegation is None:
            block.form.empty_permitted = False
        status = 200
        if data is not None and block.form.is_valid() & block.rows.is_valid():
            try:
                saved = block.write(None)
            except Changed as changed:
                status = 409
                block.form.add_error(None, f"{changed} Những gì bạn vừa nhập còn ở đây nhưng chưa được lưu.")
            except IntegrityError:
                status = 409
                block.form.add_error(None, "Có người vừa lưu cùng lúc với bạn nên chưa lưu được. Hãy lưu lại lần nữa.")
            else:
                if delegation is None:
                    self.log_addition(request, saved, "Lập đoàn.")
                else:
                    self.log_change(request, saved, "Sửa đoàn, thành phần.")
                self.message_user(request, "Đã lưu.", messages.SUCCESS)
                return HttpResponseRedirect(self.address_of(saved))
        for form in (block.form, *block.rows.forms, block.rows.empty_form):
            offer_adding(form.fields, request)
        return self._page(request, {"title": title, "delegation": delegation, "visit": block}, status=status)

    def _page(self, request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]  # as the stock views do
        everything = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, "admin/news/delegation/change_form.html", everything, status=status)
