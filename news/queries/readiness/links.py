"""Links of the body: those that stay on the site must lead somewhere readers may go."""

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve, reverse

from news.models import Edition, OldAddress
from news.queries.readiness.finding import Copy, Finding, blocking, quoted


class _Links(HTMLParser):
    """The links of sanitised HTML: (address, words)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[list[str]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append([dict(attrs).get("href") or "", ""])
            self._inside = True

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1][1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._inside = False


def links_of(body: str) -> list[tuple[str, str]]:
    """The addresses and words of the links in sanitised HTML, in order; a picture's own link is not among them."""
    reader = _Links()
    reader.feed(body)
    return [(address.strip(), " ".join(words.split())) for address, words in reader.found]


def _inner_path(address: str) -> str | None:
    """The path (with its query) on this site, None for an address elsewhere."""
    if address.startswith("/") and not address.startswith("//"):
        return address
    parts, own = urlsplit(address), urlsplit(settings.SITE_URL)
    if parts.scheme in {"http", "https"} and parts.netloc.lower() == own.netloc.lower():
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return None


def broken_links(copy: Copy) -> Iterator[Finding]:
    """Links to articles that are not live, to pages that are not there, to the desk, or to nothing. Two queries."""
    paths: list[tuple[str, str, int | None]] = []
    for address, words in links_of(copy.content["body"]):
        if not address:  # the sanitiser took it: nothing there to follow
            continue
        shown = quoted(words or address)
        try:
            scheme, path = urlsplit(address).scheme, _inner_path(address)
        except ValueError:  # a bracket in the wrong place
            yield blocking("broken_link", "body", f"Liên kết {shown} không phải một địa chỉ.")
            continue
        if path is None:
            if not scheme and not address.startswith(("#", "//")):
                yield blocking("broken_link", "body", f"Liên kết {shown} thiếu “https://” ở đầu địa chỉ.")
            continue
        if path.startswith(reverse("admin:index")):
            yield blocking("desk_link", "body", f"Liên kết {shown} dẫn vào trang quản trị, bạn đọc không mở được.")
            continue
        paths.append((path, shown, _article_in(path)))
    yield from _not_there(copy, paths)


def _article_in(path: str) -> int | None:
    """The article that a path of the site leads to; 0 for a path that only an old address could know."""
    try:
        match = resolve(unquote(path.partition("?")[0].partition("#")[0]))
    except Resolver404:
        return 0
    if match.url_name == "old_address":
        return 0
    number = match.kwargs.get("pk")
    return int(number) if (match.url_name or "").startswith("article_") and number else None


def _not_there(copy: Copy, paths: list[tuple[str, str, int | None]]) -> Iterator[Finding]:
    articles = {number for _, _, number in paths if number} - {copy.article_id}
    live: set[int] = set()
    if articles:
        live = set(Edition.objects.live(copy.at).filter(article__in=articles).values_list("article_id", flat=True))
    unknown = {path for path, _, number in paths if number == 0}
    old: set[str] = set()
    if unknown:
        old = set(OldAddress.objects.filter(path__in=unknown).values_list("path", flat=True))
    for path, shown, number in paths:
        if number == 0 and path not in old:
            yield blocking("broken_link", "body", f"Liên kết {shown} dẫn tới một trang không có: {path}.")
        elif number and number in articles and number not in live:
            yield blocking(
                "broken_link", "body", f"Liên kết {shown} dẫn tới bài số {number}, bạn đọc không thấy bài đó."
            )
