"""Articles put aside: the list, and the button of one article on its own address."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from news.models import Edition
from news.queries import bookmarks
from news.services import bookmarking
from news.views.articles import edition_or_answer
from news.web import cursor_of, form_page, frame, listed, number_in, reader_of, reader_page


@reader_page
def reader_bookmarks(request: HttpRequest) -> HttpResponseBase:
    """The list; a POST takes one off."""
    now = timezone.now()
    if request.method == "POST":
        bookmarking.forget(user_id=reader_of(request).pk, article_id=number_in(request, "bo"))
        return redirect(request.get_full_path())
    page = listed(lambda: bookmarks.mine(reader_of(request).pk, now, cursor_of(request)))
    return render(
        request, "news/account/reader_bookmarks.html", {"site": frame(now), "heading": "Bài đã lưu", "list": page}
    )


@form_page
def article_bookmark(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """Whether the reader put the article aside, and the button that changes it; the way to log in for who is not."""
    edition = edition_or_answer(request, slug, pk)
    if not isinstance(edition, Edition):
        return edition
    now = timezone.now()
    refusal, status = "", 200
    if request.method == "POST" and request.user.is_authenticated:
        try:
            if request.POST.get("viec") == "bo":
                bookmarking.forget(user_id=reader_of(request).pk, article_id=pk)
            else:
                bookmarking.keep(user_id=reader_of(request).pk, article_id=pk, at=now)
            return redirect(request.path)
        except bookmarking.NotKept as refused:
            refusal, status = str(refused), 422
    context = {
        "site": frame(now),
        "edition": edition,
        "is_kept": request.user.is_authenticated and bookmarks.is_kept(reader_of(request).pk, pk),
        "refusal": refusal,
    }
    return render(request, "news/article_bookmark.html", context, status=status)
