"""Who wants no mail, on the desk: known by a digest alone; noted and lifted with a reason, looked up by typing."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from news.admin.desk import FormPageAdmin, staff
from news.forms.mail_stop import AddressForm, LiftForm, StopForm
from news.models import MailScope, MailStop
from news.queries import addresses
from news.services import stopping
from news.workflow import NotAllowed


class ScopeFilter(SimpleListFilter):
    """What mail."""

    title = "loại thư"
    parameter_name = "loai"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All of them."""
        return list(MailScope.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[MailStop]) -> QuerySet[MailStop]:
        """Those of one scope."""
        return queryset.filter(scope=self.value()) if self.value() in MailScope.values else queryset


class MailStopAdmin(FormPageAdmin):
    """Mailboxes that want no mail."""

    list_display = ("number", "scope", "since", "by_whom", "state")
    list_filter = (ScopeFilter,)
    list_select_related = ("recorded_by",)

    @admin.display(description="số")
    def number(self, row: MailStop) -> int:
        """By what colleagues name it."""
        return row.pk

    @admin.display(description="từ lúc")
    def since(self, row: MailStop) -> str:
        """As the desk writes moments."""
        return addresses.clock(row.stopped_at, timezone.now())

    @admin.display(description="theo yêu cầu")
    def by_whom(self, row: MailStop) -> str:
        """By the link in a mail, or noted by a colleague."""
        return f"{row.recorded_by.get_full_name()} ghi" if row.recorded_by else "người nhận tự dừng"

    @admin.display(description="tình trạng")
    def state(self, row: MailStop) -> str:
        """Whether it holds."""
        if row.lifted_at is None:
            return "đang dừng"
        return f"đã bỏ {addresses.clock(row.lifted_at, timezone.now())}"

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses, and where one is looked up."""
        find = path("tra-cuu/", self.admin_site.admin_view(self.find_view), name="news_mailstop_find")
        return [find, *super().get_urls()]

    def find_view(self, request: HttpRequest) -> HttpResponse:
        """What is noted of an address. It comes by POST, so that it stands in no log."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = AddressForm(request.POST or None)
        rows = None
        if request.method == "POST" and form.is_valid():
            rows = stopping.found(form.cleaned_data["email"])
            form = AddressForm()
        return self.show(
            request,
            "admin/news/mailstop/find.html",
            "Tra một địa chỉ",
            422 if form.errors else 200,
            form=form,
            rows=rows,
        )

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Note a person's wish."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = StopForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            try:
                made = stopping.record(
                    address=data["email"],
                    scopes=[MailScope(scope) for scope in data["scopes"]],
                    reason=data["reason"],
                    actor=staff(request),
                    at=timezone.now(),
                )
            except NotAllowed as refusal:
                form.add_error("reason", str(refusal))
            else:
                said = "Đã ghi nhận." if made else "Địa chỉ này đã dừng các loại thư đó từ trước."
                self.message_user(request, said, messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:news_mailstop_changelist"))
        return self.show(
            request,
            "admin/news/datarequest/add_form.html",
            "Ghi nhận địa chỉ không nhận thư",
            422 if form.is_bound else 200,
            form=form,
            said="Dùng khi người nhận yêu cầu bằng cách khác, không qua liên kết trong thư. Hệ thống chỉ giữ một mã"
            " không đọc ngược ra địa chỉ được. Thư trả lời phản hồi vẫn được gửi.",
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What is noted, and how to lift it."""
        row = self.row(request, object_id)
        can_lift = row.lifted_at is None and self.has_change_permission(request)
        form = LiftForm(request.POST or None)
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            if form.is_valid():
                try:
                    stopping.lift(
                        stop_id=row.pk, reason=form.cleaned_data["reason"], actor=staff(request), at=timezone.now()
                    )
                except NotAllowed as refusal:
                    form.add_error("reason", str(refusal))
                else:
                    self.message_user(request, "Đã bỏ dừng: địa chỉ này lại nhận được loại thư đó.", messages.SUCCESS)
                    return HttpResponseRedirect(self.address_of(row))
        return self.show(
            request,
            "admin/news/mailstop/change_form.html",
            str(row),
            422 if form.errors else 200,
            row=row,
            by_whom=self.by_whom(row),
            state=self.state(row),
            form=form if can_lift else None,
        )
