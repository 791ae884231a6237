"""Bình luận: the comments of an article on pages of their own, which the article's page fetches when opened."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from accounts.models import User
from news.forms.comment import AccountCommentForm, AppealForm, EditCommentForm, GuestCommentForm, ReportForm
from news.models import Comment, CommentStatus, Edition, ReportReason
from news.models.comment import LONGEST
from news.queries import addresses
from news.queries import comments as questions
from news.queries.comments import Openness, Viewer
from news.services import commenting, consenting, telling
from news.views.articles import edition_or_answer
from news.web import form_page, frame, listed, read_only

WRITTEN: Final = "__Host-binh-luan" if settings.IS_HTTPS else "binh-luan"
"""A guest's cookie: the numbers of the comments written in this browser, signed; set when one is written."""
_GUESTS: Final = frozenset({"name", "email", "consent_text"})
"""What a guest's form always sends and an account's never does."""
_SALT: Final = "news.comments.written"
_MOST: Final = 20
_KEPT: Final = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Here:
    """Where a request is: the article readers see, what holds for its comments, who asks."""

    edition: Edition
    rules: Openness
    viewer: Viewer
    user: User | None
    base: str
    at: datetime


def _viewer(request: HttpRequest) -> Viewer:
    user_id = request.user.pk if request.user.is_authenticated else None
    try:
        held = signing.loads(request.COOKIES.get(WRITTEN, "")[:1000], salt=_SALT, max_age=_KEPT)
    except signing.BadSignature:
        held = []
    return Viewer(user_id, frozenset(number for number in held if isinstance(number, int)))


def _here(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Find the article and what holds for its comments: 301, 404 and 410 as the article's own page; 404 when off."""

    @wraps(view)
    def answer(request: HttpRequest, slug: str, pk: int, **kwargs: Any) -> HttpResponseBase:
        edition = edition_or_answer(request, slug, pk)
        if not isinstance(edition, Edition):
            return edition
        at = timezone.now()
        rules = questions.of_edition(edition, at)
        if rules.is_off:
            raise Http404
        user = request.user if isinstance(request.user, User) else None
        place = Here(edition, rules, _viewer(request), user, addresses.article(edition.slug, pk), at)
        return view(request, place, **kwargs)

    return answer


def _show(request: HttpRequest, template: str, here: Here, status: int = 200, **context: Any) -> HttpResponse:
    shared = {
        "site": frame(here.at),
        "edition": here.edition,
        "rules": here.rules,
        "viewer": here.viewer,
        "base": here.base,
        "comments_url": f"{here.base}binh-luan/",
        "edit_minutes": settings.COMMENT_EDIT_MINUTES,
        "log_in": log_in_address(f"{here.base}binh-luan/"),
    }
    return render(request, template, {**shared, **context}, status=status)


# --- Reading -----------------------------------------------------------------------------------------------------


@read_only
@_here
def comment_list(request: HttpRequest, here: Here) -> HttpResponse:
    """The comments, a page of threads; the same for everyone who is not known, and then cacheable."""
    order = request.GET.get("xep", questions.NEWEST)
    if order not in questions.ORDERS:
        raise Http404
    page = listed(
        lambda: questions.threads(
            here.edition.article_id,
            here.at,
            here.viewer,
            base=here.base,
            order=order,
            cursor=request.GET.get("truoc", ""),
        )
    )
    query = QueryDict(mutable=True)
    if order != questions.NEWEST:
        query["xep"] = order
    query["truoc"] = page.older
    response = _show(
        request,
        "news/comment_list.html",
        here,
        page=page,
        orders=[
            (name, f"{here.base}binh-luan/{'' if name == questions.NEWEST else f'?xep={name}'}", label)
            for name, label in questions.ORDERS.items()
        ],
        order=order,
        older=f"{here.base}binh-luan/?{query.urlencode()}" if page.older else "",
    )
    return _cacheable(response, here)


@read_only
@_here
def comment_detail(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """One thread, opened at a comment."""
    before, after = (_number(request.GET.get(name, "")) for name in ("truoc", "sau"))
    found = questions.thread(
        here.edition.article_id, number, here.at, here.viewer, base=here.base, before=before, after=after
    )
    if found is None:
        raise Http404
    return _cacheable(_show(request, "news/comment_detail.html", here, thread=found), here)


def _cacheable(response: HttpResponse, here: Here) -> HttpResponse:
    patch_vary_headers(response, ["Cookie"])
    if not here.viewer.is_known:
        response.is_public_page = True  # type: ignore[attr-defined]  # read by PublicPageMiddleware
    return response


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


# --- Writing -----------------------------------------------------------------------------------------------------


@form_page
@_here
def comment_write(request: HttpRequest, here: Here, number: int = 0) -> HttpResponseBase:
    """The form for a comment, or for an answer to the comment of that number."""
    answered = _visible(here, number) if number else None
    if answered is not None and answered.status != CommentStatus.SHOWN:
        raise Http404
    is_logged_out = _is_logged_out(request, here)
    if not here.rules.is_open or (here.user is None and not here.rules.for_guests):
        kept = request.POST.get("body", "")[:LONGEST] if is_logged_out else ""
        context = {"kept": kept, "log_in": log_in_address(request.path)} if kept else {}
        return _show(request, "news/comment_closed.html", here, status=422 if kept else 200, **context)
    form = _form(request, here)
    refusal, status = "", 200
    if is_logged_out:
        form = GuestCommentForm(consent=consenting.current(commenting.FORM, here.at), at=here.at)
        form.initial = {"body": request.POST.get("body", "")[:LONGEST]}
        status = 422
    elif request.method == "POST":
        if form.is_valid():
            try:
                row = _write(request, here, form, number)
            except consenting.NotAgreed:
                refusal, status = "Chưa gửi được: hãy đọc và đồng ý điều bắt buộc.", 422
            except commenting.Closed:
                return _show(request, "news/comment_closed.html", here, status=409)
            except commenting.TooMany as error:
                refusal, status = str(error), 429
            except commenting.Refused as error:
                refusal, status = str(error), 403
            else:
                return _sent(request, here, row)
        else:
            is_marked = any(field.errors for field in form.visible_fields())
            refusal, status = f"Chưa gửi được{': hãy xem các ô được đánh dấu' if is_marked else ''}.", 422
        form.mark_anew()
        if isinstance(form, GuestCommentForm):
            form.show_current_wording()
    return _show(
        request,
        "news/comment_write.html",
        here,
        status,
        form=form,
        refusal=refusal,
        answered=answered,
        action=request.path,
        is_guest=here.user is None,
        is_logged_out=is_logged_out,
        **({"log_in": log_in_address(request.path)} if is_logged_out else {}),
    )


def _is_logged_out(request: HttpRequest, here: Here) -> bool:
    """Whether the form for an account comes from nobody: a session that ended while they wrote."""
    return request.method == "POST" and here.user is None and request.POST.keys().isdisjoint(_GUESTS)


def _form(request: HttpRequest, here: Here) -> AccountCommentForm | GuestCommentForm:
    data = request.POST if request.method == "POST" else None
    if here.user is not None:
        return AccountCommentForm(data, at=here.at)
    return GuestCommentForm(data, consent=consenting.current(commenting.FORM, here.at), at=here.at)


def _write(request: HttpRequest, here: Here, form: AccountCommentForm | GuestCommentForm, answering: int) -> Comment:
    agreed: dict[str, Any] = {}
    if isinstance(form, GuestCommentForm):
        agreed = {"consent": form.wording, "purposes": form.agreed, "address": request.path}
    return commenting.write(
        words=form.words(),
        edition=here.edition,
        author=here.user,
        answering=answering or None,
        sender=request.META["REMOTE_ADDR"],
        at=here.at,
        written=here.viewer.written,
        **agreed,
    )


def _sent(request: HttpRequest, here: Here, row: Comment) -> HttpResponseRedirect:
    """On to the comment where readers see it, else to the page that says it waits; a guest's browser remembers it."""
    if row.status == CommentStatus.SHOWN:
        response = HttpResponseRedirect(f"{here.base}binh-luan/{row.pk}/#binh-luan-{row.pk}")
    else:
        response = HttpResponseRedirect(f"{here.base}binh-luan/da-gui/")
    if here.user is None:
        written = sorted({*here.viewer.written, row.pk})[-_MOST:]
        response.set_cookie(
            WRITTEN,
            signing.dumps(written, salt=_SALT),
            max_age=_KEPT,
            secure=settings.IS_HTTPS,
            httponly=True,
            samesite="Lax",
        )
    return response


@read_only
@_here
def comment_sent(request: HttpRequest, here: Here) -> HttpResponse:
    """Thanks: it waits for the desk. The same whatever becomes of it."""
    return _show(request, "news/comment_sent.html", here)


@form_page
@_here
def comment_edit(request: HttpRequest, here: Here, number: int) -> HttpResponseBase:
    """Change one's own comment, for some minutes."""
    row = _own(here, number)
    form = EditCommentForm(request.POST if request.method == "POST" else None, body=row.body)
    refusal, status = "", 200
    if request.method == "POST":
        if form.is_valid():
            try:
                changed = commenting.edit(
                    comment_id=number,
                    viewer=here.viewer,
                    body=form.cleaned_data["body"],
                    sender=request.META["REMOTE_ADDR"],
                    at=here.at,
                )
            except commenting.Refused as error:
                refusal, status = str(error), 429 if isinstance(error, commenting.TooMany) else 409
            else:
                return _back(here, changed.pk)
        else:
            refusal, status = "Chưa lưu được: hãy xem ô được đánh dấu.", 422
    elif here.at >= questions.edit_until(row):
        refusal = f"Chỉ sửa được trong {settings.COMMENT_EDIT_MINUTES} phút sau khi viết."
    return _show(request, "news/comment_edit.html", here, status, form=form, row=row, refusal=refusal)


@form_page
@_here
def comment_withdraw(request: HttpRequest, here: Here, number: int) -> HttpResponseBase:
    """Take one's own comment back."""
    row = _own(here, number)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            commenting.withdraw(comment_id=number, viewer=here.viewer, at=here.at)
        except commenting.Refused as error:
            refusal, status = str(error), 409
        else:
            said = "Bình luận của bạn đã được rút."
            return _show(request, "news/comment_done.html", here, said=said, is_withdrawn=True)
    return _show(request, "news/comment_withdraw.html", here, status, row=row, refusal=refusal)


@form_page
@_here
def comment_appeal(request: HttpRequest, here: Here, number: int) -> HttpResponseBase:
    """Speak up against a decision, once."""
    row = _own(here, number)
    appeal = questions.appeal_of(row)
    if appeal is None and not questions.may_appeal(row):
        raise Http404
    return _appeal(request, here, here.viewer, "news/comment_appeal.html", row=row, appeal=appeal)


@form_page
@_here
def comment_outcome(request: HttpRequest, here: Here, number: int, token: str) -> HttpResponseBase:
    """What became of a guest's comment, for who has the link of the mail about it; here they speak up against it.

    Mail programs follow links too: to open it changes nothing.
    """
    if not telling.opens(token, number):
        return _show(request, "news/comment_outcome.html", here, 410)
    row = questions.one(here.edition.article_id, number)
    if row is None or row.contact_id is None:
        raise Http404
    if row.status == CommentStatus.SHOWN:
        return _back(here, number)
    said = questions.outcome(row, questions.lockout(row, here.at)) or f"{questions.state_for_writer(row)}."
    context = {"row": row, "said": said, "appeal": questions.appeal_of(row), "may_appeal": questions.may_appeal(row)}
    viewer = Viewer(written=frozenset({number}))
    return _appeal(request, here, viewer, "news/comment_outcome.html", **context)


def _appeal(request: HttpRequest, here: Here, viewer: Viewer, template: str, **context: Any) -> HttpResponse:
    form = AppealForm(request.POST if request.method == "POST" else None)
    refusal, status = "", 200
    if request.method == "POST":
        if form.is_valid():
            try:
                words = form.cleaned_data["words"]
                commenting.appeal(comment_id=context["row"].pk, viewer=viewer, words=words, at=here.at)
            except commenting.Refused as error:
                refusal, status = str(error), 409
            else:
                said = "Tòa soạn đã nhận khiếu nại và sẽ xem lại bình luận của bạn."
                return _show(request, "news/comment_done.html", here, said=said)
        else:
            refusal, status = "Chưa gửi được: hãy xem ô được đánh dấu.", 422
    return _show(request, template, here, status, form=form, refusal=refusal, action=request.path, **context)


# --- What others think of it -----------------------------------------------------------------------------------


@form_page
@_here
def comment_like(request: HttpRequest, here: Here, number: int) -> HttpResponseBase:
    """Like a comment, or no longer: for who has an account."""
    row = _visible(here, number)
    if here.user is None:
        return _show(request, "news/comment_log_in.html", here, row=row, log_in=log_in_address(row_path(here, row)))
    is_liked = questions.liked_by(row, here.user.pk)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            if request.POST.get("bo"):
                likes = commenting.unlike(comment_id=number, user=here.user)
            else:
                likes = commenting.like(comment_id=number, user=here.user, at=here.at)
        except Comment.DoesNotExist:
            raise Http404 from None
        except commenting.Refused as error:
            refusal, status = str(error), 429 if isinstance(error, commenting.TooMany) else 403
        else:
            said = f"Bình luận này có {likes} lượt thích."
            is_liked = not request.POST.get("bo")
            return _show(request, "news/comment_done.html", here, said=said, liked=row, likes=likes, is_liked=is_liked)
    return _show(request, "news/comment_like.html", here, status, row=row, is_liked=is_liked, refusal=refusal)


@form_page
@_here
def comment_report(request: HttpRequest, here: Here, number: int) -> HttpResponseBase:
    """Tell the desk that a comment should not stand."""
    row = _visible(here, number)
    form = ReportForm(request.POST if request.method == "POST" else None)
    refusal, status = "", 200
    if request.method == "POST":
        if form.is_valid():
            try:
                commenting.report(
                    comment_id=number,
                    user=here.user,
                    reason=ReportReason(form.cleaned_data["reason"]),
                    note_of_reader=form.cleaned_data["note"],
                    sender=request.META["REMOTE_ADDR"],
                    at=here.at,
                )
            except Comment.DoesNotExist:
                raise Http404 from None
            except commenting.TooMany as error:
                refusal, status = str(error), 429
            else:
                said = "Cảm ơn bạn. Tòa soạn sẽ xem lại bình luận này."
                return _show(request, "news/comment_done.html", here, said=said)
        else:
            refusal, status = "Chưa gửi được: hãy xem các ô được đánh dấu.", 422
    return _show(request, "news/comment_report.html", here, status, form=form, row=row, refusal=refusal)


# --- Shared ------------------------------------------------------------------------------------------------------


def _visible(here: Here, number: int) -> Comment:
    """A comment that the visitor sees. Raises `Http404`: what is hidden and what does not exist answer alike."""
    row = questions.visible(here.edition.article_id, number, here.viewer)
    if row is None:
        raise Http404
    return row


def _own(here: Here, number: int) -> Comment:
    """A comment that the visitor wrote. Raises `Http404`."""
    row = questions.one(here.edition.article_id, number)
    if row is None or not here.viewer.wrote(row) or row.by_newsroom:
        raise Http404
    return row


def _back(here: Here, number: int) -> HttpResponseRedirect:
    return redirect(f"{here.base}binh-luan/{number}/#binh-luan-{number}")


def row_path(here: Here, row: Comment) -> str:
    """The page of a comment."""
    return f"{here.base}binh-luan/{row.pk}/"


def log_in_address(path: str) -> str:
    """Where to log in and come back from."""
    query = QueryDict(mutable=True)
    query["next"] = path
    return f"{reverse('account_login')}?{query.urlencode()}"
