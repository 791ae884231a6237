"""What the mail provider reports (django-anymail): the address is there only where one is set up, with its secret."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from news.services import returning


@csrf_exempt  # the provider's secret is the right to do it
@require_http_methods(["HEAD", "POST"])
def bounces(request: HttpRequest) -> HttpResponse:
    """Note what came back; anymail checks the secret and reads the provider's own words."""
    if not (settings.ANYMAIL_ESP and settings.ANYMAIL_WEBHOOK_SECRET):
        raise Http404
    if request.method == "HEAD":  # some providers ask so whether anybody is here
        return HttpResponse()
    webhook: Any = import_module(f"anymail.webhooks.{settings.ANYMAIL_ESP}")
    view = next(
        found
        for name, found in vars(webhook).items()
        if name.endswith("TrackingWebhookView") and found.__module__ == webhook.__name__
    )(request=request)
    view.run_validators(request)
    try:
        events = view.parse_events(request)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SuspiciousOperation from error
    now = timezone.now()
    for event in events:
        status = status_of(event)
        if status and event.recipient:
            returning.tell(recipient=str(event.recipient)[:320], status=status, at=now)
    return HttpResponse()


def status_of(event: Any) -> str:
    """What an event of anymail's means to us; "" for what is none of our business."""
    if event.event_type == "complained":
        return returning.COMPLAINT
    if event.event_type in {"bounced", "rejected"} and event.reject_reason in {"bounced", "invalid"}:
        return returning.NO_ADDRESS
    return "5.0.0" if event.event_type in {"bounced", "rejected", "failed"} else ""
