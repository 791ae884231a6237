"""The overview of a reader's pages, the small number beside "Tài khoản", and where their data is."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from news.queries import bookmarks, follows, notifications
from news.web import frame, read_only, reader_of, reader_page

FEW = 3


@reader_page
def reader_home(request: HttpRequest) -> HttpResponseBase:
    """What is new, and the way to everything else."""
    now = timezone.now()
    user_id = reader_of(request).pk
    context = {
        "site": frame(now),
        "heading": "Tài khoản",
        "unread": notifications.unread(user_id, now),
        "news": follows.news(user_id, now, size=FEW).cards,
        "kept": bookmarks.mine(user_id, now, size=FEW).items,
    }
    return render(request, "news/account/reader_home.html", context)


@read_only
def reader_unread(request: HttpRequest) -> HttpResponse:
    """How much a reader has not seen, for the page they are on; nothing for who is not logged in."""
    if not request.user.is_authenticated:
        return HttpResponse(status=204)
    unread = notifications.unread(reader_of(request).pk, timezone.now())
    return render(request, "news/account/reader_unread.html", {"unread": unread})


@reader_page
def reader_data(request: HttpRequest) -> HttpResponseBase:
    """Where a reader takes their data with them, and has it erased."""
    return render(request, "news/account/reader_data.html", {"site": frame(), "heading": "Dữ liệu của tôi"})
