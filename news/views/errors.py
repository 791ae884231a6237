"""Honest pages for what went wrong. They read no form and need no visitor; only 404 and 410, which readers meet on
their way, ask the database for the newspaper's frame, and do without when it does not answer.
"""

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from news.web import error_page, frame, given_back, gives_back, show


def _framed(template: str, status: int) -> HttpResponse:
    try:
        return show(template, status, site=frame())
    except (DatabaseError, OSError, ValueError):  # no database, or a static file without a hash
        return error_page(template, status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request made no sense; 413: it was larger than anything we take, or a form with too many rows."""
    if isinstance(exception, TooManyFieldsSent):
        return error_page("too_many_fields.html", 413)
    if isinstance(exception, RequestDataTooBig):
        return error_page("413.html", 413)
    return error_page("400.html", 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: this needs a right the visitor does not have."""
    return error_page("403.html", 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: nothing here, or nothing to be seen."""
    return _framed("404.html", 404)


def gone(request: HttpRequest) -> HttpResponse:
    """410: readers could see something here and no longer can. Its title is not told."""
    return _framed("410.html", 410)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    return error_page("500.html", 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form came from elsewhere or its page was too old; what was typed at the desk is given back."""
    if gives_back(request):
        return given_back(request)
    return error_page("csrf.html", 403)
