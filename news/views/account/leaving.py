"""A reader deletes the account: who confirmed just now that it is them, and ticks that they mean it."""

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from news.forms.leaving import LeavingForm
from news.services import leaving
from news.web import form_page
from news.workflow import NotAllowed


@login_required
@reauthentication_required(app="allauth.account")  # type: ignore[untyped-decorator]  # allauth ships no types
def _leave(request: HttpRequest) -> HttpResponse:
    form = LeavingForm(request.POST if request.method == "POST" else None)
    refusal, status = "", 200
    user = request.user
    if request.method == "POST":
        if form.is_valid():
            try:
                leaving.leave(user=user, at=timezone.now())  # type: ignore[arg-type]  # logged in, says the decorator
            except NotAllowed as reason:
                refusal, status = str(reason), 403
            else:
                get_adapter().logout(request)
                return redirect("account_left")
        else:
            status = 422
    return render(request, "account/delete.html", {"form": form, "refusal": refusal}, status=status)


account_delete = form_page(_leave)


@form_page
def account_left(request: HttpRequest) -> HttpResponseBase:
    """What is said after it."""
    return render(request, "account/deleted.html")
