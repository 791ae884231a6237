"""Log lines without what is somebody's own: links that give a right, and what a request held."""

import copy
import logging
import re
from typing import Final

from django.utils.log import AdminEmailHandler

_LINKS: Final = re.compile(
    r"(/(?:du-lieu-ca-nhan|gui-ban-be|ban-tin|xem-truoc|tai-khoan|ket-qua)/(?:[a-z-]+/)*)[^/\s?\"']{20,}"
)
"""Whatever is long below these addresses gives a right to who holds it."""


class WithoutLinks(logging.Filter):
    """Puts "…" in place of the secret part of a link; lets every line through."""

    def filter(self, record: logging.LogRecord) -> logging.LogRecord:
        """The record, or a copy whose message has no such link."""
        said = record.getMessage()
        quiet = _LINKS.sub(r"\1…", said)
        if quiet == said:
            return record
        record = copy.copy(record)
        record.msg, record.args = quiet, ()
        return record


class ErrorMail(AdminEmailHandler):
    """Mail to ADMINS about an error: the traceback, and nothing of the request."""

    def emit(self, record: logging.LogRecord) -> None:
        """As Django's, for a record that knows no request."""
        record = copy.copy(record)
        record.request = None
        super().emit(record)
