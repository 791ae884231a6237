"""The outbox as administrators see it: what waits, what left, what was given up and why; never to whom, never what."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from news.admin.desk import ReadOnlyAdmin, may, staff
from news.models import MAIL_KINDS, Outbox
from news.queries import addresses
from news.queries.outbox import tally
from news.services import outbox


class SentFilter(SimpleListFilter):
    """Sent, waiting or given up."""

    title = "tình trạng"
    parameter_name = "tinh-trang"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The three."""
        return [("cho", "Chờ gửi"), ("xong", "Đã gửi"), ("thoi", "Thôi gửi")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Outbox]) -> QuerySet[Outbox]:
        """By what is known of it."""
        match self.value():
            case "cho":
                return queryset.filter(sent_at=None, given_up_at=None)
            case "xong":
                return queryset.filter(sent_at__isnull=False)
            case "thoi":
                return queryset.filter(given_up_at__isnull=False)
        return queryset


class KindFilter(SimpleListFilter):
    """By what it is."""

    title = "loại thư"
    parameter_name = "loai"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All there are."""
        return list(MAIL_KINDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Outbox]) -> QuerySet[Outbox]:
        """Along the index of kinds."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


class OutboxAdmin(ReadOnlyAdmin):
    """Mail that left or is to leave; to whom and what is not shown."""

    list_display = ("number", "kind_name", "created_at", "state", "attempt_count", "failure")
    list_filter = (SentFilter, KindFilter)
    list_defer = ("recipient", "message")
    fields = ("kind_name", "created_at", "state", "attempt_count", "failure")
    readonly_fields = ("kind_name", "state", "failure")

    @admin.display(description="số")
    def number(self, mail: Outbox) -> int:
        """By what colleagues name it."""
        return mail.pk

    @admin.display(description="loại thư")
    def kind_name(self, mail: Outbox) -> str:
        """In words."""
        return MAIL_KINDS.get(mail.kind, mail.kind)

    @admin.display(description="tình trạng")
    def state(self, mail: Outbox) -> str:
        """Sent, given up, or waiting until when."""
        now = timezone.now()
        if mail.sent_at:
            return f"Đã gửi {addresses.clock(mail.sent_at, now)}"
        if mail.given_up_at:
            return f"Thôi gửi {addresses.clock(mail.given_up_at, now)}"
        return "Chờ gửi" if mail.send_after <= now else f"Chờ gửi, từ {addresses.clock(mail.send_after, now)}"

    @admin.display(description="lỗi gần nhất")
    def failure(self, mail: Outbox) -> str:
        """What the last attempt said; an address in it is not for every eye."""
        return " ".join("…" if "@" in word else word for word in mail.last_error.split())

    # --- What administrators may do about it -----------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses, and those of the two buttons."""
        wrap = self.admin_site.admin_view
        return [
            path("gui-thu/", wrap(self.test_view), name="news_outbox_test"),
            path("<int:mail_id>/gui-lai/", wrap(self.again_view), name="news_outbox_again"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With how many wait and were given up, and the button that tries it out."""
        context: dict[str, Any] = {"may_send": self._may_send(request)}
        if self.has_view_permission(request):
            context["tally"] = tally(timezone.now())
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With the button that takes up a mail that was given up or waits after an error, if anything is left of it."""
        mail = self.get_object(request, object_id)
        can_again = mail is not None and self._may_send(request) and outbox.can_again(mail, timezone.now())
        return super().change_view(request, object_id, form_url, {"can_again": can_again, **(extra_context or {})})

    def test_view(self, request: HttpRequest) -> HttpResponse:
        """Send a test mail to whoever asks."""
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        try:
            mail = outbox.post_test(actor=staff(request), at=timezone.now())
        except (outbox.NoAddress, outbox.TooMany) as error:
            self.refuse(request, str(error))
        except outbox.BadMail:
            self.refuse(request, "Địa chỉ thư của bạn không dùng được. Hãy sửa ở trang của bạn trong mục Người dùng.")
        else:
            self.log_change(request, mail, "Gửi thư thử.")
            self.message_user(
                request,
                "Thư thử đang được gửi tới địa chỉ của bạn. Xem kết quả ở dòng đầu danh sách.",
                messages.SUCCESS,
            )
        return HttpResponseRedirect(reverse("admin:news_outbox_changelist"))

    def again_view(self, request: HttpRequest, mail_id: int) -> HttpResponse:
        """Take a given-up mail up again."""
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        mail = self.get_object(request, str(mail_id))
        if mail is not None and outbox.send_again(mail_id=mail_id, at=timezone.now()):
            self.log_change(request, mail, "Gửi lại.")
            self.message_user(request, "Thư đang được gửi lại.", messages.SUCCESS)
        else:
            self.refuse(request, "Chỉ gửi lại được thư gặp lỗi hoặc đã thôi gửi, và còn giữ nội dung.")
        if mail is None:
            return HttpResponseRedirect(reverse("admin:news_outbox_changelist"))
        return HttpResponseRedirect(self.address_of(mail))

    def _may_send(self, request: HttpRequest) -> bool:
        return may(request.user, "news.change_outbox")

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        """What to answer who may not, or who does not press a button. Raises `PermissionDenied`."""
        if not self._may_send(request):
            raise PermissionDenied
        return None if request.method == "POST" else HttpResponseNotAllowed(["POST"])
