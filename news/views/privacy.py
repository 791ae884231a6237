"""Dữ liệu cá nhân: ask for a link by mail, then see, correct, take back, take along and erase what is kept.

The link is the person: whoever has it may do all this, so it needs no log-in and no CSRF token (nobody else's page can
know it), and no address is told where its holder came from. A link that is good no more leads back to where one asks
for another: it must not be told apart from one that never was, and an error would write it into the server's log.
"""

import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Final

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from news import crypto
from news.forms.privacy import AskForm, CorrectForm
from news.queries import consents, personal_data
from news.queries.personal_data import Kept, Line, in_words
from news.services import closing, privacy, requesting, retaining
from news.web import form_page, frame
from news.workflow import NotAllowed

_UNREADABLE: Final = "Máy chủ tạm thời chưa mở được dữ liệu này. Tòa soạn đã được báo; hãy thử lại sau."
_DONE: Final = {
    "sua": "Đã sửa. Từ nay tòa soạn dùng thông tin mới.",
    "rut-lai": "Đã rút lại. Tòa soạn không dùng dữ liệu của bạn cho việc đó nữa.",
    "giu": str(privacy.Held()),
}


# --- Asking ----------------------------------------------------------------------------------------------


@form_page
def privacy_ask(request: HttpRequest) -> HttpResponseBase:
    """Ask for a link; the answer is the same whether or not anything is kept about the address."""
    now = timezone.now()
    form = AskForm(request.POST if request.method == "POST" else None)
    refusal, status = "", 200
    if request.method == "POST":
        if form.is_valid():
            try:
                if not form.cleaned_data["website"]:
                    requesting.ask(email=form.cleaned_data["email"], sender=request.META["REMOTE_ADDR"], at=now)
            except requesting.TooMany as limit:
                refusal, status = str(limit), 429
            else:
                return _quiet(redirect("privacy_asked"))
        else:
            refusal, status = "Chưa gửi được: hãy xem ô được đánh dấu.", 422
    elif request.GET.get("het-han") == "1":
        refusal = "Liên kết này không còn dùng được. Hãy xin liên kết mới ở đây."
    context = {
        "site": frame(now),
        "form": form,
        "refusal": refusal,
        "rules": retaining.RULES,
        "is_logged_in": request.user.is_authenticated,
        "hours": int(requesting.MAILED_FOR.total_seconds() // 3600),
    }
    return render(request, "news/privacy_ask.html", context, status=status)


@require_safe
def privacy_asked(request: HttpRequest) -> HttpResponse:
    """The same whatever became of it."""
    return render(request, "news/privacy_asked.html", {"site": frame()})


@require_safe
def privacy_erased(request: HttpRequest) -> HttpResponse:
    """It is done; nobody can tell any more whose it was."""
    return render(request, "news/privacy_erased.html", {"site": frame()})


@login_required
@reauthentication_required(app="allauth.account")  # type: ignore[untyped-decorator]  # allauth ships no types
def _own(request: HttpRequest) -> HttpResponse:
    """A link at once for who is logged in and has shown just now that it is them: the link can erase everything."""
    if request.method != "POST":
        return redirect("privacy_ask")  # from having shown it: the button is there
    try:
        token = requesting.link_of(user_id=int(request.user.pk or 0), at=timezone.now())
    except requesting.LinkEnded:
        return _ended()
    return _quiet(redirect("privacy_page", token=token))


privacy_own = form_page(_own)


# --- With the link ---------------------------------------------------------------------------------------

type _View = Callable[[HttpRequest, str, requesting.Opened, datetime], HttpResponse]


def _by_link(*methods: str) -> Callable[[_View], Callable[[HttpRequest, str], HttpResponse]]:
    """Let these methods through, with the link opened."""

    def decorate(view: _View) -> Callable[[HttpRequest, str], HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, token: str) -> HttpResponse:
            if request.method not in methods:
                return _quiet(HttpResponseNotAllowed(methods))
            now = timezone.now()
            try:
                found = requesting.opened(token, now)
                return _ended() if found is None else _quiet(view(request, token, found, now))
            except requesting.LinkEnded:
                return _ended()
            except crypto.Undecryptable:
                context = {"site": frame(now), "trouble": _UNREADABLE}
                return _quiet(render(request, "news/privacy_page.html", context, status=503))

        return answer

    return decorate


def _ended() -> HttpResponse:
    return _quiet(HttpResponseRedirect(f"{reverse('privacy_ask')}?het-han=1"))


def _quiet(response: HttpResponse) -> HttpResponse:
    """Kept nowhere, found nowhere, told nowhere."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@_by_link("GET", "HEAD")
def privacy_page(request: HttpRequest, token: str, found: requesting.Opened, now: datetime) -> HttpResponse:
    """All that is kept, in words, and what may be done with it."""
    form = CorrectForm(details=found.somebody.details)
    return _page(request, token, found, now, form, done=_DONE.get(request.GET.get("xong", ""), ""))


def _page(
    request: HttpRequest,
    token: str,
    found: requesting.Opened,
    now: datetime,
    form: CorrectForm,
    *,
    done: str = "",
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    somebody = found.somebody
    given = list(consents.of_person(somebody.contact_ids, somebody.user_ids))
    about = personal_data.subjects(given)
    ended_at = consents.account_ended_at(somebody.user_ids) if somebody.user_ids else None
    context = {
        "site": frame(now),
        "token": token,
        "link": found.link,
        "email": somebody.email,
        "kept": [pair for pair in _in_words(personal_data.kept(somebody)) if pair[0] != personal_data.AGREED],
        "consents": [(row, about.get(row.pk), consents.lines(row)) for row in given],
        "form": form if somebody.contact_ids else None,
        "account_erased_by": closing.erased_by(ended_at) if ended_at else None,
        "is_held": personal_data.hold_on(somebody.email_digests, now) is not None,
        "rules": retaining.RULES,
        "done": done,
        "refusal": refusal,
    }
    return render(request, "news/privacy_page.html", context, status=status)


def _in_words(kept: tuple[Kept, ...]) -> list[tuple[str, list[tuple[Line, ...]]]]:
    """Each heading with its rows as a reader reads them; a kind that only repeats its heading is left out."""
    return [
        (kind.heading, [tuple(line for line in in_words(row) if line.text != kind.heading) for row in kind.rows])
        for kind in kept
    ]


@_by_link("POST")
def privacy_correct(request: HttpRequest, token: str, found: requesting.Opened, now: datetime) -> HttpResponse:
    """Put name, telephone and address right; what was typed stays when something is wrong."""
    form = CorrectForm(request.POST, details=found.somebody.details)
    if not form.is_valid():
        return _page(
            request, token, found, now, form, refusal="Chưa sửa được: hãy xem các ô được đánh dấu.", status=422
        )
    if form.has_changed():
        requesting.correct(link=found.link, details=form.corrected(), at=now)
    return _back(token, "sua")


@_by_link("POST")
def privacy_withdraw(request: HttpRequest, token: str, found: requesting.Opened, now: datetime) -> HttpResponse:
    """Take back one purpose; asking for it twice, or for somebody else's, changes nothing."""
    number = request.POST.get("dong-y", "")
    if number.isascii() and number.isdecimal() and len(number) < 19:
        purpose = request.POST.get("viec", "")[:40]
        try:
            requesting.withdraw(link=found.link, consent_id=int(number), purpose=purpose, at=now)
        except NotAllowed as refusal:
            form = CorrectForm(details=found.somebody.details)
            return _page(request, token, found, now, form, refusal=str(refusal), status=403)
    return _back(token, "rut-lai")


@_by_link("POST")
def privacy_export(request: HttpRequest, token: str, found: requesting.Opened, now: datetime) -> HttpResponse:
    """All of it as a file: JSON for machines, or a page for reading."""
    kept = requesting.export(link=found.link, at=now)
    name = f"du-lieu-ca-nhan-{timezone.localdate(now):%Y-%m-%d}"
    if request.POST.get("dang") == "html":
        context = {"kept": _in_words(kept), "at": now}
        text = render_to_string("news/privacy_export.html", context)
        response = HttpResponse(text, content_type="text/html; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.html"'
        return response
    response = HttpResponse(_json(kept, found.somebody.email, now), content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return response


def _json(kept: tuple[Kept, ...], email: str, now: datetime) -> str:
    content = {
        "địa chỉ thư": email,
        "lập lúc": timezone.localtime(now).isoformat(timespec="seconds"),
        "dữ liệu": {kind.heading: kind.rows for kind in kept},
    }
    return json.dumps(content, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    return str(value)


@_by_link("GET", "HEAD", "POST")
def privacy_erase(request: HttpRequest, token: str, found: requesting.Opened, now: datetime) -> HttpResponse:
    """Ask first; a POST erases. While the law keeps the data, the wish is noted and done later."""
    if request.method == "POST":
        try:
            requesting.erase(link=found.link, at=now)
        except privacy.Held:
            return _back(token, "giu")
        except NotAllowed as refusal:
            form = CorrectForm(details=found.somebody.details)
            return _page(request, token, found, now, form, refusal=str(refusal), status=403)
        return redirect("privacy_erased")
    context = {
        "site": frame(now),
        "token": token,
        "email": found.somebody.email,
        "is_held": personal_data.hold_on(found.somebody.email_digests, now) is not None,
    }
    return render(request, "news/privacy_erase.html", context)


def _back(token: str, done: str) -> HttpResponse:
    return redirect(f"{reverse('privacy_page', args=[token])}?xong={done}")
