"""Phản hồi: the letter form, about an article or in general, the page that says it arrived, and what became of it."""

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from news.forms.feedback import FeedbackForm, FollowForm
from news.models import Edition
from news.services import consenting, feedback
from news.views.articles import edition_or_answer
from news.web import form_page, frame

_SIGNED = signing.Signer(salt="feedback-code")
_NOT_FOUND = "Không tìm thấy phản hồi nào có mã và địa chỉ thư này. Hãy kiểm tra lại cả hai."


@form_page
def feedback_send(request: HttpRequest, slug: str = "", pk: int = 0) -> HttpResponseBase:
    """The form on its own address; what was typed stays when something is wrong."""
    if not pk:
        return _letter(request, None)
    edition = edition_or_answer(request, slug, pk)
    return _letter(request, edition) if isinstance(edition, Edition) else edition


def _letter(request: HttpRequest, edition: Edition | None) -> HttpResponse:
    now = timezone.now()
    consent = consenting.current(feedback.FORM, now)
    form = FeedbackForm(request.POST if request.method == "POST" else None, consent=consent, at=now)
    refusal, status = "", 200
    if request.method == "POST":
        if form.is_valid():
            try:
                row = feedback.receive(
                    letter=form.letter(),
                    article=edition.article if edition else None,
                    consent=form.wording,
                    purposes=form.agreed,
                    address=request.path,
                    sender=request.META["REMOTE_ADDR"],
                    at=now,
                )
            except feedback.TooMany as limit:
                refusal, status = str(limit), 429
            else:
                return redirect(f"{reverse('feedback_sent')}?ma={_SIGNED.sign(row.code)}")
        else:
            refusal, status = "Chưa gửi được: hãy xem các ô được đánh dấu.", 422
        form.show_current_wording()
    context = {"site": frame(now), "edition": edition, "form": form, "refusal": refusal, "action": request.path}
    return render(request, "news/feedback_send.html", context, status=status)


@require_safe
def feedback_sent(request: HttpRequest) -> HttpResponse:
    """Thanks, and the letter's code; only an address this site made has one."""
    try:
        code = _SIGNED.unsign(request.GET.get("ma", "")[:200])
    except signing.BadSignature:
        raise Http404 from None
    return render(request, "news/feedback_sent.html", {"site": frame(), "code": code})


@form_page
def feedback_follow(request: HttpRequest) -> HttpResponse:
    """What became of a letter, for who has its code and the address it was written from."""
    now = timezone.now()
    form = FollowForm(request.POST if request.method == "POST" else None)
    found, refusal, status = None, "", 200
    if request.method == "POST":
        if not form.is_valid():
            refusal, status = "Chưa tra cứu được: hãy xem các ô được đánh dấu.", 422
        else:
            try:
                found = feedback.follow(**form.cleaned_data, sender=request.META["REMOTE_ADDR"], at=now)
            except feedback.TooMany as limit:
                refusal, status = str(limit), 429
            else:
                if found is None:
                    refusal, status = _NOT_FOUND, 422
    context = {"site": frame(now), "form": form, "found": found, "refusal": refusal}
    return render(request, "news/feedback_follow.html", context, status=status)
