"""Standing pages: who we are, how to reach us, the rules; and the few pages in English."""

from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString, mark_safe

from news import markup
from news.queries.site import public_pages

WITH_MASTHEAD: Final = ("/trang/gioi-thieu/", "/trang/lien-he/")
"""The Vietnamese pages below which the masthead's facts stand; they stand below every page in English."""


@dataclass(frozen=True, slots=True)
class StandingPage:
    """A page's title and its text, sanitised again as it is read: a row may have been written behind our back."""

    title: str
    url: str
    body: SafeString
    description: str
    has_masthead: bool


def standing_page(url: str) -> StandingPage | None:
    """The page of that path, if readers may see it. One query."""
    row = public_pages().filter(url=url).order_by("pk").only("url", "title", "content").first()
    if row is None:
        return None
    body = markup.sanitise(row.content)
    return StandingPage(
        title=row.title,
        url=row.url,
        body=mark_safe(body),  # noqa: S308 - the sanitiser is the last step
        description=" ".join(markup.plain(body).split())[:200].rstrip(),
        has_masthead=url in WITH_MASTHEAD or url.startswith("/en/"),
    )
