"""Where the desk's forms look up what may be picked: names as one types, people with the posts of a day."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from news.forms.fields import DayField
from news.queries import picks


@require_safe
def pick(request: HttpRequest, kind: str) -> HttpResponse:
    """Up to a dozen matches of `?q=` as JSON; for people `?ngay=` says of which day the posts are."""
    source = picks.SOURCES.get(kind)
    if source is None:
        raise Http404
    granted = request.user.granted_permissions  # type: ignore[union-attr]  # staff, says admin_view
    if not granted & set(source.may_view.split()):
        raise PermissionDenied
    found = source.find(request.GET.get("q", "")[: picks.LONGEST], day_in(request.GET.get("ngay", "")))
    return JsonResponse(
        {
            "results": [
                {
                    "id": choice.id,
                    "label": choice.label,
                    "note": choice.note,
                    "text": choice.text,
                    "positions": list(choice.positions),
                }
                for choice in found
            ]
        }
    )


def day_in(text: str) -> date:
    """The day written there as in a form (20/5/2024) or as ISO; today for anything else."""
    try:
        return date_field.clean(text[:20]) or timezone.localdate()
    except ValidationError:
        return timezone.localdate()


date_field = DayField(required=False)
