"""Checks before publishing: pure questions to a composed content, one topic a module, joined in `CHECKS`.

A blocking finding is a fault in whoever's eyes (a picture nobody can hear described, a link to nowhere, a template's
question left open): the services refuse to approve, publish or schedule with it. An advising one is a question to the
editor. A new check is a function from `Copy` to findings, put into the tuple below.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from news.queries.readiness.finding import Copy, Finding
from news.queries.readiness.links import broken_links
from news.queries.readiness.people import byline, delegations
from news.queries.readiness.pictures import missing_figures, pictures
from news.queries.readiness.placeholders import placeholders
from news.queries.readiness.recordings import recordings
from news.queries.readiness.words import body, kicker, lead, tags, title

__all__ = ["CHECKS", "Finding", "findings"]

Check = Callable[[Copy], Iterable[Finding]]
CHECKS: Final[tuple[Check, ...]] = (
    placeholders,
    title,
    kicker,
    lead,
    body,
    broken_links,
    missing_figures,
    recordings,
    pictures,
    byline,
    delegations,
    tags,
)
"""Every check, in the order of the form's fields."""


def findings(content: Mapping[str, Any], *, article_id: int | None, at: datetime | None = None) -> list[Finding]:
    """What is wrong with the content as it would be published at that moment (default: now), blocking ones first.

    At most three queries: links to articles, old addresses, open questions of templates; none where the text has none.
    """
    copy = Copy(content, article_id, at or timezone.now())
    found = dict.fromkeys(finding for check in CHECKS for finding in check(copy))  # the same link may stand six times
    return sorted(found, key=lambda finding: not finding.is_blocking)
