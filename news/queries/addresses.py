"""Where things stand: the public addresses as strings, and the moments beside them as words."""

from datetime import datetime
from functools import cache

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from news import filetypes
from news.text.dates import short_moment


@cache
def _ends(view: str, *known: str | int) -> tuple[str, str]:
    """What stands before and after the values in the addresses of a view: asked of the URL list once, since a page or a
    sitemap names hundreds of addresses.
    """
    words = "-".join(map(str, known))
    before, _, after = reverse(view, args=known).partition(words)
    return before, after


def article(slug: str, pk: int | str, view: str = "article_detail") -> str:
    """The path of an article's page, or of one of its side pages (`article_print`, `article_save`)."""
    before, after = _ends(view, "slug", 1)
    return f"{before}{slug}-{pk}{after}"


def section(slug: str) -> str:
    """The path of a section's page."""
    before, after = _ends("section_list", "slug")
    return f"{before}{slug}{after}"


def tag(slug: str) -> str:
    """The path of a tag's or topic's page."""
    before, after = _ends("tag_detail", "slug")
    return f"{before}{slug}{after}"


def person(slug: str, pk: int) -> str:
    """The path of a person's page."""
    return article(slug, pk, "person_detail")


def absolute(path: str) -> str:
    """The path with the site in front."""
    return path if path.startswith(("http://", "https://")) else f"{settings.SITE_URL}{path}"


def rendition(key: str, width: int | str, kind: str) -> str:
    """The address of one rendition of a picture; `width` is "card-1a2b3c4d-640" for one of a crop."""
    return f"{settings.MEDIA_BASE_URL}{key}/{width}.{kind}"


def recording_name(title: str, content_type: str) -> str:
    """The public name of a recording's file, the last part of its address: "loi-chuc.mp3"."""
    return filetypes.public_name(title, content_type)


def file(key: str, name: str) -> str:
    """The address of a document or a recording that readers get; `name` is `filetypes.public_name` of its title."""
    return f"{settings.MEDIA_BASE_URL}tep/{key}/{name}"


def clock(moment: datetime, at: datetime) -> str:
    """A moment as lists show it: "10:15" today, "19/5" this year, "19/5/2023" before."""
    return short_moment(timezone.localtime(moment), timezone.localtime(at))


def own_letter(pk: int) -> str:
    """The path of a letter for the reader whose account it came from."""
    return reverse("feedback_own", args=[pk])
