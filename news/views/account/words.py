"""What a reader wrote: comments and letters."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from news.web import frame, reader_page


@reader_page
def reader_comments(request: HttpRequest) -> HttpResponseBase:
    """The reader's comments, and what became of each."""
    return render(request, "news/account/reader_comments.html", {"site": frame(), "heading": "Bình luận của tôi"})


@reader_page
def reader_letters(request: HttpRequest) -> HttpResponseBase:
    """The letters a reader sent while logged in."""
    return render(request, "news/account/reader_letters.html", {"site": frame(), "heading": "Thư của tôi"})
