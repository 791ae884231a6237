"""What a form of an account writes, and the mail that tells of it: all of it or nothing."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

View = Callable[..., HttpResponseBase]


def whole(view: View) -> View:
    """Answer a POST in one transaction. Not for views that strangers send to: it holds SQLite's one write lock."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic():
            return view(request, *args, **kwargs)

    return answer


def unless_taken[T](write: Callable[[], T]) -> T | None:
    """What `write` answers; None, and nothing written, where another row has what only one may have."""
    try:
        with transaction.atomic():
            return write()
    except IntegrityError:
        return None
