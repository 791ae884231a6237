"""The front page's places: one page for all of them, with what readers see there now."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from news.admin.desk import DeskAdmin, staff
from news.forms.front_place import FrontPlacesForm
from news.models import FrontPlace
from news.queries.front_page import front_page
from news.services import arranging
from news.workflow import NotAllowed


class FrontPlaceAdmin(DeskAdmin):
    """No list and no rows: the places are arranged together."""

    def get_urls(self) -> list[Any]:
        """The page alone."""
        address: URLPattern = path(
            "", self.admin_site.admin_view(self.changelist_view), name="news_frontplace_changelist"
        )
        return [address]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """There is one page, and it is there."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Arrange: empty places take what is newest. What was typed stays when something is refused."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        now = timezone.now()
        held = list(FrontPlace.objects.select_related("article", "placed_by").order_by("number"))
        initial: dict[str, Any] = {"seen": arranging.stamp()}
        for row in held:
            initial |= {f"article_{row.number}": row.article, f"until_{row.number}": row.until}
        form = FrontPlacesForm(request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid():
            try:
                arranging.arrange(places=form.placings(), seen=form.cleaned_data["seen"], actor=staff(request), at=now)
            except arranging.PlaceRefused as refusal:
                form.add_error(f"article_{refusal.number}", str(refusal))
            except NotAllowed as refusal:
                form.add_error(None, str(refusal))
                form.data = request.POST.copy()
                form.data["seen"] = arranging.stamp()  # type: ignore[index]  # a copy of a QueryDict may be changed
            else:
                self.message_user(request, "Đã xếp trang nhất.")
                return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": "Trang nhất",
            "opts": self.opts,
            "form": form,
            "held": held,
            "front": front_page((), now),
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/news/frontplace/arrange.html", context, status=status)
