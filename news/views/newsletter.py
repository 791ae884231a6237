"""Bản tin: asking for it, confirming, changing, stopping. Looking at a link of a mail never changes anything."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from news.forms.newsletter import OwnForm, SubscribeForm
from news.models import Frequency, SubscriberState
from news.services import consenting, subscribing
from news.web import form_page, frame, public, show


@form_page
def newsletter(request: HttpRequest) -> HttpResponseBase:
    """The form; what was typed stays when something is wrong."""
    now = timezone.now()
    consent = consenting.current(subscribing.FORM, now)
    form = SubscribeForm(request.POST if request.method == "POST" else None, consent=consent, at=now)
    refusal, status = "", 200
    if request.method == "POST":
        if form.is_valid():
            try:
                subscribing.ask(
                    wish=form.wish(),
                    consent=form.wording,
                    agreed=form.agreed,
                    address=request.path,
                    sender=request.META["REMOTE_ADDR"],
                    at=now,
                )
            except subscribing.TooMany as limit:
                refusal, status = str(limit), 429
            else:
                return redirect("newsletter_sent")
        else:
            refusal, status = "Chưa đăng ký được: hãy xem các ô được đánh dấu.", 422
        form.show_current_wording()
    return render(
        request, "news/newsletter.html", {"site": frame(now), "form": form, "refusal": refusal}, status=status
    )


@public
def newsletter_sent(request: HttpRequest) -> HttpResponseBase:
    """What to do next; the same whatever is known of the address."""
    return show("news/newsletter_sent.html", site=frame(), days=subscribing.CONFIRM_WITHIN.days)


@form_page
def newsletter_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Ask first, since link scanners open every link of a mail; a POST confirms."""
    row = subscribing.to_confirm(token)
    if row is None:
        return render(request, "news/newsletter_late.html", {"site": frame()}, status=410)
    if request.method == "POST":
        row = subscribing.confirm(token=token, at=timezone.now())
    if row is None or row.state in {SubscriberState.STOPPED, SubscriberState.BOUNCED}:
        return render(request, "news/newsletter_late.html", {"site": frame()}, status=410)
    context = {
        "site": frame(),
        "frequency": row.get_frequency_display().lower(),
        "is_confirmed": row.state == SubscriberState.ACTIVE,
        "own_token": subscribing.own_token(row) if row.state == SubscriberState.ACTIVE else "",
    }
    return render(request, "news/newsletter_confirm.html", context)


@form_page
def newsletter_own(request: HttpRequest, token: str) -> HttpResponse:
    """What the subscriber gets, to be changed or stopped."""
    row = subscribing.of_token(token)
    if row is None:
        raise Http404
    is_open = row.state in {SubscriberState.ACTIVE, SubscriberState.BOUNCED}
    form = OwnForm(request.POST if request.method == "POST" else None, row)
    is_saved = False
    if request.method == "POST" and is_open and form.is_valid():
        data = form.cleaned_data
        frequency, sections = Frequency(data["frequency"]), list(data["sections"])
        is_saved = subscribing.change(token=token, frequency=frequency, sections=sections, at=timezone.now())
    context = {"site": frame(), "row": row, "form": form, "token": token, "is_saved": is_saved, "is_open": is_open}
    return render(request, "news/newsletter_own.html", context, status=422 if form.errors else 200)


@csrf_exempt  # the signed token is the right to do it, and a mail program's one click (RFC 8058) brings no other
@require_http_methods(["GET", "HEAD", "POST"])
def newsletter_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask first, unless it is stopped already; a POST stops, and answers the same once nothing is left to stop."""
    is_stopped = request.method == "POST"
    known = subscribing.stop(token=token, at=timezone.now()) if is_stopped else subscribing.is_own_token(token)
    if not known:
        raise Http404
    was_stopped = not is_stopped and subscribing.is_over(token)
    return show("news/newsletter_stop.html", site=frame(), is_stopped=is_stopped, was_stopped=was_stopped)
