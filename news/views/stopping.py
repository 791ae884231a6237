"""No more mail of a kind: the page of the link that stands in each such mail."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from news.models import MailScope
from news.services import stopping
from news.web import frame, show


@csrf_exempt  # the signed token is the right to do it, and a mail program's one click (RFC 8058) brings no other
@require_http_methods(["GET", "HEAD", "POST"])
def mail_stop(request: HttpRequest, token: str, scope: MailScope) -> HttpResponse:
    """Ask first, since link scanners open every link of a mail; a POST stops. What is stopped is not asked again."""
    is_stopped = request.method == "POST"
    if request.method == "POST":
        if not stopping.stop(token=token, scope=scope, at=timezone.now()):
            raise Http404
    elif not stopping.is_token(token, scope):
        raise Http404
    else:
        is_stopped = stopping.is_stopped_by(token=token, scope=scope)
    return show("news/mail_stop.html", site=frame(), scope=scope, is_stopped=is_stopped)
