"""What a reader was told, and how they want to hear."""

from django.http import Http404, HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from news.forms.notification import ChoicesForm
from news.queries import notifications
from news.services import notifying
from news.web import cursor_of, frame, listed, reader_of, reader_page


@reader_page
def reader_notifications(request: HttpRequest) -> HttpResponseBase:
    """The list; a POST says that all of it was seen."""
    now = timezone.now()
    if request.method == "POST":
        notifying.read_all(user_id=reader_of(request).pk, at=now)
        return redirect("reader_notifications")
    page = listed(lambda: notifications.mine(reader_of(request).pk, now, cursor_of(request)))
    context = {
        "site": frame(now),
        "heading": "Thông báo",
        "list": page,
        "unread": notifications.unread(reader_of(request).pk, now),
    }
    return render(request, "news/account/reader_notifications.html", context)


@reader_page
def reader_notification(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A POST marks one as read and leads to what it is about."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    place = notifying.open_one(user_id=reader_of(request).pk, notice_id=pk, at=timezone.now())
    if place is None:
        raise Http404
    return redirect(place)


@reader_page
def reader_choices(request: HttpRequest) -> HttpResponseBase:
    """A switch for each kind, on the page and by mail; and one that turns all of it off."""
    user_id, now = reader_of(request).pk, timezone.now()
    address = notifying.address_of(user_id)
    is_stopped = bool(address) and notifying.is_stopped(address)
    if request.method == "POST":
        if request.POST.get("viec") == "tat-het":
            notifying.stop_all(user_id=user_id, at=now)
            return redirect(f"{request.path}?xong=tat")
        form = ChoicesForm(request.POST, choices=notifications.choices(user_id))
        if form.is_valid():
            notifying.choose(user_id=user_id, wanted=form.wanted(), at=now)
        return redirect(f"{request.path}?xong=luu")
    form = ChoicesForm(choices=notifications.choices(user_id), is_stopped=is_stopped)
    context = {
        "site": frame(now),
        "heading": "Cách nhận thông báo",
        "form": form,
        "address": address,
        "is_stopped": is_stopped,
        "done": {"tat": "Đã tắt tất cả thông báo.", "luu": "Đã lưu cách nhận thông báo."}.get(
            request.GET.get("xong", ""), ""
        ),
    }
    return render(request, "news/account/reader_choices.html", context)
