"""Gửi cho bạn bè: the form on its own address and thanks."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from news.forms.sharing import ShareForm
from news.models import Edition
from news.services import sharing
from news.views.articles import edition_or_answer
from news.web import form_page, frame, public, show


@form_page
def article_share(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """The form; what was typed stays when something is wrong."""
    edition = edition_or_answer(request, slug, pk)
    if not isinstance(edition, Edition):
        return edition
    now = timezone.now()
    form = ShareForm(request.POST if request.method == "POST" else None)
    refusal, status = "", 200
    if request.method == "POST":
        if form.is_valid():
            try:
                sharing.send(note=form.note(), edition=edition, sender=request.META["REMOTE_ADDR"], at=now)
            except sharing.TooMany as limit:
                refusal, status = str(limit), 429
            else:
                return redirect("article_share_sent", slug=edition.slug, pk=pk)
        else:
            refusal, status = "Chưa gửi được: hãy xem các ô được đánh dấu.", 422
    context = {"site": frame(now), "edition": edition, "form": form, "refusal": refusal}
    return render(request, "news/article_share.html", context, status=status)


@public
def article_share_sent(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """Thanks; the same whatever became of the mail."""
    edition = edition_or_answer(request, slug, pk)
    if not isinstance(edition, Edition):
        return edition
    return show("news/article_share_sent.html", site=frame(), edition=edition)
