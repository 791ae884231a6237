"""What a reader wrote: comments and letters."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from news.queries import comments, feedback, own
from news.web import cursor_of, frame, listed, reader_of, reader_page


@reader_page
def reader_comments(request: HttpRequest) -> HttpResponseBase:
    """The reader's comments, and what became of each."""
    now = timezone.now()
    user_id = reader_of(request).pk
    page = listed(lambda: comments.mine(user_id, cursor_of(request), now))
    lockout = comments.lockout_of(user_id, now)
    context = {"site": frame(now), "heading": "Bình luận của tôi", "list": page, "lockout": lockout}
    return render(request, "news/account/reader_comments.html", context)


@reader_page
def reader_letters(request: HttpRequest) -> HttpResponseBase:
    """The letters a reader sent while logged in, and how far the desk is with each."""
    cursor = cursor_of(request)
    letters, older = feedback.mine(reader_of(request).pk, listed(lambda: own.place(cursor)))
    page = own.Page(tuple(letters), str(older or ""), is_first=not cursor)
    context = {"site": frame(), "heading": "Thư của tôi", "list": page}
    return render(request, "news/account/reader_letters.html", context)
