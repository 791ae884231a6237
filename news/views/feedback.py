"""Phản hồi: the letter form, about an article or in general, the page that says it arrived, and what became of it."""

import json
from datetime import datetime
from typing import Any, Final

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from news import markup, ratelimit
from news.filetypes import BadFile
from news.forms.feedback import AdditionForm, ArticleFeedbackForm, FeedbackForm, FollowForm, RatingForm
from news.models import Edition
from news.queries import feedback as questions
from news.services import consenting, corresponding, enclosing, feedback
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


def _reader(request: HttpRequest) -> User | None:
    """Who is logged in."""
    return request.user if isinstance(request.user, User) else None


def _form(request: HttpRequest, edition: Edition | None, at: datetime) -> FeedbackForm:
    """The form, empty or as it was sent; a reader who is logged in finds their name and address in it."""
    is_sent, reader = request.method == "POST", _reader(request)
    given: dict[str, Any] = {
        "data": request.POST if is_sent else None,
        "files": request.FILES if is_sent else None,
        "consent": consenting.current(feedback.FORM, at),
        "at": at,
        "initial": {"name": reader.get_full_name(), "email": reader.email} if reader else None,
    }
    if edition is None:
        return FeedbackForm(**given)
    content = json.loads(edition.payload)["content"]
    text = "\n".join([content["title"], content["lead"], markup.plain(content["body"])])
    return ArticleFeedbackForm(**given, text=text)


def _letter(request: HttpRequest, edition: Edition | None) -> HttpResponse:
    now = timezone.now()
    form = _form(request, edition, now)
    refusal, status = "", 200
    if request.method == "POST":
        refusal, status = "Chưa gửi được: hãy xem các ô được đánh dấu.", 422
        if not form.is_valid():
            form.refuse_files(network=ratelimit.network_of(request.META["REMOTE_ADDR"]))
        else:
            try:
                row = feedback.receive(
                    letter=form.letter(account=_reader(request)),
                    article=edition.article if edition else None,
                    consent=form.wording,
                    purposes=form.agreed,
                    address=request.path,
                    sender=request.META["REMOTE_ADDR"],
                    at=now,
                )
            except (feedback.TooMany, enclosing.TooManyFiles) as limit:
                refusal, status = str(limit), 429
                form.choose_files_again()
            except BadFile as error:
                form.add_error("enclosures", str(error))
                form.choose_files_again()
            else:
                return redirect(f"{reverse('feedback_sent')}?ma={_SIGNED.sign(row.code)}")
        form.show_current_wording()
    context = {
        "site": frame(now),
        "edition": edition,
        "form": form,
        "refusal": refusal,
        "action": request.path,
        "exchanges": questions.exchanges(edition.article_id, _before(request)) if edition else None,
    }
    return render(request, "news/feedback_send.html", context, status=status)


def _before(request: HttpRequest) -> int | None:
    """The place in the list of questions and answers. Raises `Http404`."""
    text = request.GET.get("truoc", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Http404
    return int(text)


@require_safe
def feedback_sent(request: HttpRequest) -> HttpResponse:
    """Thanks, and the letter's code; only an address this site made has one."""
    code = _code_in(request)
    if not code:
        raise Http404
    follow = f"{reverse('feedback_follow')}?ma={_SIGNED.sign(code)}"
    context = {"site": frame(), "code": code, "due": questions.due_of(code), "follow": follow}
    return render(request, "news/feedback_sent.html", context)


def _code_in(request: HttpRequest) -> str:
    """The letter's code that an address of ours carries; "" for none."""
    try:
        return _SIGNED.unsign(request.GET.get("ma", "")[:200])
    except signing.BadSignature:
        return ""


@form_page
def feedback_follow(request: HttpRequest) -> HttpResponse:
    """What became of a letter, for who has its code and the address it was written from."""
    now = timezone.now()
    form = FollowForm(request.POST if request.method == "POST" else None, initial={"code": _code_in(request)})
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
    if found is not None:
        return _show(request, found, now)
    context = {"site": frame(now), "form": form, "refusal": refusal}
    return render(request, "news/feedback_follow.html", context, status=status)


@form_page
def feedback_own(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A letter for the reader whose account it came from; hidden and absent answer alike."""
    reader, now = _reader(request), timezone.now()
    if reader is None:
        return redirect(f"{reverse('account_login')}?next={request.path}")
    found = questions.own(pk, reader.pk, now)
    if found is None:
        raise Http404
    return _show(request, found, now)


def _show(
    request: HttpRequest,
    found: questions.Followed,
    at: datetime,
    *,
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    context = {
        "site": frame(at),
        "found": found,
        "pass": corresponding.give_pass(found.id),
        "addition": AdditionForm(label_suffix=""),
        "rating": RatingForm(label_suffix=""),
        **extra,
    }
    return render(request, "news/feedback_letter.html", context, status=status)


@form_page
def feedback_act(request: HttpRequest) -> HttpResponseBase:
    """What a sender does with the letter they found: write more, rate the answer, take consent back."""
    now = timezone.now()
    if request.method != "POST":
        return redirect("feedback_follow")
    try:
        corresponding.count_try(sender=request.META["REMOTE_ADDR"])
        pk = corresponding.letter_of(request.POST.get("pass", ""))
    except corresponding.BadPass:
        refusal = "Trang đã mở quá lâu. Hãy tra cứu lại bằng mã và địa chỉ thư."
        context = {"site": frame(now), "form": FollowForm(), "refusal": refusal}
        return render(request, "news/feedback_follow.html", context, status=422)
    except feedback.TooMany as limit:
        context = {"site": frame(now), "form": FollowForm(), "refusal": str(limit)}
        return render(request, "news/feedback_follow.html", context, status=429)
    act = _ACTS.get(request.POST.get("do", ""))
    if act is None:
        raise Http404
    return act(request, pk, now)


def _add(request: HttpRequest, pk: int, at: datetime) -> HttpResponse:
    form = AdditionForm(request.POST, label_suffix="")
    refusal, status = "Chưa gửi được: hãy xem ô được đánh dấu.", 422
    if form.is_valid():
        try:
            corresponding.add(feedback_id=pk, body=form.cleaned_data["body"], at=at)
        except corresponding.Refused as error:
            refusal = str(error)
        else:
            said = "Đã gửi lời viết thêm tới tòa soạn."
            return _show(request, questions.seen_by_sender(pk, at), at, said=said)
    return _show(request, questions.seen_by_sender(pk, at), at, status=status, addition=form, refusal=refusal)


def _rate(request: HttpRequest, pk: int, at: datetime) -> HttpResponse:
    form = RatingForm(request.POST, label_suffix="")
    refusal, status = "Chưa gửi được: hãy chọn một mức.", 422
    if form.is_valid():
        try:
            corresponding.rate(feedback_id=pk, **form.cleaned_data, at=at)
        except corresponding.Refused as error:
            refusal = str(error)
        else:
            return _show(request, questions.seen_by_sender(pk, at), at, said="Cảm ơn bạn đã đánh giá.")
    return _show(request, questions.seen_by_sender(pk, at), at, status=status, rating=form, refusal=refusal)


def _withdraw(request: HttpRequest, pk: int, at: datetime) -> HttpResponse:
    if not request.POST.get("sure"):
        refusal = "Hãy đánh dấu ô xác nhận trước khi rút lại."
        return _show(request, questions.seen_by_sender(pk, at), at, status=422, refusal=refusal)
    try:
        taken = corresponding.withdraw(feedback_id=pk, purpose=request.POST.get("purpose", ""), at=at)
    except (corresponding.Refused, feedback.Unreadable) as error:
        return _show(request, questions.seen_by_sender(pk, at), at, status=422, refusal=str(error))
    return _show(request, questions.seen_by_sender(pk, at), at, said=taken.words)


_ACTS: Final = {"add": _add, "rate": _rate, "withdraw": _withdraw}
