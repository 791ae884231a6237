"""How long the pages of the desk take to open in a large newsroom, and how many queries each of them asks.

    python bench/desk.py [--articles 200000 --images 50000 --people 2000] [--database URL] [--folder DIR] [--json FILE]

The newsroom is made once (some minutes and 5 GB; the same for the same numbers) and kept: the default database is
SQLite in the folder, which is .venv/bench-desk unless said otherwise; for PostgreSQL name a database of its own, whose
tables are DROPPED first: `--database postgres://postgres@127.0.0.1:5432/toasoan_desk`. It is made again when the
numbers or the migrations change.

Then somebody of each role opens what the desk has for them: the first page; every list, and once its second page, its
filters and searches (a common word, a rare one, one that no row contains, words without their marks, a number; for the
articles with each filter as well); every autocomplete with the same words; every form, empty and filled (an article
with 40 attendees and 12 pictures, a delegation of 60); and each kind of page that these link to, so that new ones are
measured too.

A page is asked of the whole Django stack in this process (middlewares, view, templates; DEBUG off, static files by
their manifest), on a fresh connection as a served request has it; only the socket is not there. Each page is opened
once before and then seven times; the table shows its queries, the median and the worst in milliseconds, and the
processor's time of this process, which says more where the machine has other work. A page whose worst time is over the
limit (300 ms) is measured once more; if it still is, or if a page breaks, the script ends with 1. The slowest stand at
the end.
"""

import argparse
import hashlib
import html
import json
import logging
import os
import re
import sqlite3
import statistics
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).resolve().parent.parent
RUNS = 7
LIMIT_MS = 300
KEYS = {
    "SECRET_KEY": "only-the-bench-signs-with-this-key-and-it-is-no-secret-at-all",
    "LEDGER_KEY": "bGVkZ2VyLWtleS1vZi10aGUtdGVzdHMtMzItYnl0ZXM=",
    "READER_KEYS": "cmVhZGVyLWtleS1vZi10aGUtdGVzdHMtMzItYnl0ZXM=",
    "READER_LOOKUP_KEY": "bG9va3VwLWtleS1vZi10aGUtdGVzdHMtMzItYnl0ZXM=",
}

ROLES = ("reporter", "editor", "secretary", "chief", "moderator", "administrator")
ASKED = ("công tác", "mưa đá", "khủng long", "dan van", "nguyen")
"""What is searched everywhere: a common word, a rare one, one that no row contains, words without their marks."""


SEARCHES: dict[str, list[dict[str, str]]] = {
    "news_links": [{"q": word} for word in ASKED],
    "news_figures": [
        *({"loai": kind, "q": word} for kind in ("anh", "phim") for word in (*ASKED, "")),
        {"anh": ",".join(map(str, range(1, 101))), "phim": "1,2,3"},
    ],
}
"""What the editor asks while one writes: articles to link to, and the library."""


# --- The environment, before Django -----------------------------------------------------------------------


def options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--images", type=int, default=50_000)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--database", default="", help="sqlite (default) or the URL of an empty PostgreSQL database")
    parser.add_argument("--folder", type=Path, default=ROOT / ".venv" / "bench-desk", help="where all of it is kept")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--limit", type=float, default=LIMIT_MS, help="milliseconds")
    parser.add_argument("--only", default="", help="measure only pages whose name contains this")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    parser.add_argument(
        "--keep", action="store_true", help="measure what is there, even if the migrations changed since"
    )
    parser.add_argument("--make-only", action="store_true", help="make the newsroom, measure nothing")
    return parser.parse_args()


def set_up(asked: argparse.Namespace) -> None:
    """Set the environment and start Django: our own keys and folder, nothing of the caller's `.env`."""
    asked.folder.mkdir(parents=True, exist_ok=True)
    url = asked.database
    if url in {"", "sqlite"}:
        url = f"sqlite:///{asked.folder / 'desk.sqlite3'}"
    for name in re.findall(r"^#?([A-Z][A-Z0-9_]*)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE):
        os.environ.pop(name, None)
    os.environ.update(
        KEYS,
        NO_DOTENV="1",
        DATA_DIR=str(asked.folder),
        DATABASE_URL=url,
        LOG_LEVEL="ERROR",
        DJANGO_SETTINGS_MODULE="config.settings",
    )
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    logging.disable(logging.WARNING)  # who may not open what is asked too


# --- The newsroom, made once ------------------------------------------------------------------------------


def stamp_of(asked: argparse.Namespace) -> str:
    """Changes when the newsroom must be made again."""
    files = [ROOT / "bench/newsroom/__init__.py", *sorted(ROOT.glob("*/migrations/0*.py"))]
    parts = [f"{asked.articles} {asked.images} {asked.people}", *(file.read_text(encoding="utf-8") for file in files)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def prepare(asked: argparse.Namespace) -> dict[str, int]:
    """The heaviest rows, by name, of the newsroom: the one that is kept, or a new one."""
    import newsroom
    from django.core.management import call_command
    from django.db import connection

    call_command("collectstatic", interactive=False, verbosity=0)
    name = hashlib.sha256(os.environ["DATABASE_URL"].encode()).hexdigest()[:8]
    file, stamp = asked.folder / f"made-{name}.json", stamp_of(asked)
    kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if kept.get("stamp") != stamp and not (asked.keep and kept):
        if connection.vendor == "sqlite":
            for part in asked.folder.glob("desk.sqlite3*"):
                part.unlink()
        else:
            with connection.cursor() as cursor:
                cursor.execute("DROP SCHEMA public CASCADE")
                cursor.execute("CREATE SCHEMA public")
            connection.close()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("sync_roles", verbosity=0)
        newsroom.Maker(newsroom.Sizes(asked.articles, asked.images, asked.people)).make()
        kept = {"stamp": stamp}
        file.write_text(json.dumps(kept), encoding="utf-8")
    if "rich" not in kept:
        kept["rich"] = newsroom.make_rich()
        file.write_text(json.dumps(kept), encoding="utf-8")
    return dict(kept["rich"])


# --- Measuring --------------------------------------------------------------------------------------------


@dataclass
class Figure:
    """What one page took, for one role."""

    role: str
    page: str
    address: str
    status: int
    queries: int
    median: float
    worst: float
    cpu: float
    size: int
    repeated: bool = False


class Desk:
    """Somebody at the desk: opens pages, counts queries, remembers how long it took."""

    def __init__(self, role: str, asked: argparse.Namespace) -> None:
        from django.conf import settings
        from django.test import Client

        from accounts.models import User

        self.role, self.asked = role, asked
        self.client = Client(raise_request_exception=False, headers={"host": "127.0.0.1"})
        user = User.objects.get(username=f"{role}-{ROLES.index(role)}")
        self.client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        self.figures: list[Figure] = []
        self.texts: dict[str, str] = {}

    def open(self, page: str, address: str) -> str:
        """Measure a page; its text. Redirects are followed once, the page they lead to is measured."""
        if self.asked.only and self.asked.only not in page:
            if address not in self.texts:
                self.texts[address] = self._ask(address)[1]
            return self.texts[address]
        status, text, queries, location = self._first(address)
        if location and urlsplit(location).path.startswith("/quan-tri/"):
            address = location.partition("#")[0]
            status, text, queries, location = self._first(address)
        if status in {403, 404, 405}:  # not for this role, not there, or answers only what is sent to it
            return ""
        times, cpu = self._times(address)
        repeated = max(times) > self.asked.limit
        if repeated:
            times, cpu = min((times, cpu), self._times(address), key=lambda pair: max(pair[0]))
        median = statistics.median(times)
        self.figures.append(
            Figure(self.role, page, address, status, queries, median, max(times), cpu, len(text), repeated)
        )
        return text

    def may_open(self, address: str) -> bool:
        """Whether the role is let in."""
        return self._ask(address)[0] == 200

    def _first(self, address: str) -> tuple[int, str, int, str]:
        from django.db import connection

        asked: list[str] = []

        def note(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
            asked.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            status, text, location = self._ask(address)
        return status, text, len(asked), location

    def _times(self, address: str) -> tuple[list[float], float]:
        """How long each run took, and the processor's time of an average one, in milliseconds."""
        from django.db import connection

        times, cpu = [], time.process_time()
        for _ in range(self.asked.runs):
            connection.close()  # a served request opens its own, or takes one from the pool
            started = time.perf_counter()
            self._ask(address)
            times.append((time.perf_counter() - started) * 1000)
        return times, (time.process_time() - cpu) * 1000 / self.asked.runs

    def _ask(self, address: str) -> tuple[int, str, str]:
        response = self.client.get(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        return response.status_code, body.decode("utf-8", "replace"), response.headers.get("Location", "")


def links(text: str, inside: str = "") -> Iterator[str]:
    """The desk's addresses that a page links to."""
    for found in dict.fromkeys(re.findall(r'(?:href|data-[\w-]+|action|src)="([^"]*)"', text)):
        address = html.unescape(found).partition("#")[0]
        if address.startswith("/quan-tri/") and address.startswith(inside):
            yield address


def name_of(address: str) -> str:
    """The name of the desk's address, as the URL configuration calls it; "" for none."""
    from django.urls import Resolver404, resolve

    try:
        return resolve(urlsplit(address).path).url_name or ""
    except Resolver404:
        return ""


def lists(desk: Desk) -> Iterator[tuple[str, str, str]]:
    """Each list the role may open: its name, its address, its first page."""
    text = desk.open("index", "/quan-tri/")
    for address in links(text):
        if name_of(address).endswith("_changelist") and "?" not in address:
            yield name_of(address).removesuffix("_changelist"), address, desk.open(name_of(address), address)


def measure_list(desk: Desk, name: str, address: str, text: str) -> None:
    """A list's second page, its filters, its searches, and searches within filters."""
    pages = re.findall(r'<a href="(\?[^"]*(?:truoc|sau)=[^"]*)" rel="next"', text)
    for query in pages[:1]:
        desk.open(f"{name} › page 2", address + html.unescape(query))
    filters: list[str] = []
    for part in re.findall(r'<div class="filters">(.*?)</div>', text, re.DOTALL):
        found = (html.unescape(query) for query in re.findall(r'href="(\?[^"]+)"', part))
        filters = [query for query in dict.fromkeys(found) if query != "?"]
    sections = [query for query in filters if query.startswith("?chuyen-muc=")]
    filters = [query for query in filters if query not in sections[2:]]
    for query in filters:
        desk.open(f"{name} › {query}", address + query)
    if 'name="q"' not in text:
        return
    row = re.search(rf'href="{re.escape(address)}(\d+)/change/', text)
    words = [*ASKED, *([row[1]] if row else [])]
    for word in words:
        desk.open(f"{name} › q={word}", f"{address}?{urlencode({'q': word})}")
    for query in filters if name == "news_article" else filters[:2]:
        for word in (words[0], words[2], words[3]):
            desk.open(f"{name} › {query} q={word}", f"{address}{query}&{urlencode({'q': word})}")
    if name == "news_article" and sections:
        for rest in ("&trang-thai=published", "&trang-thai=draft&cua-toi=1", "&trang-thai=returned"):
            desk.open(f"{name} › {sections[0]}{rest}", f"{address}{sections[0]}{rest}")
            desk.open(
                f"{name} › {sections[0]}{rest} q=", f"{address}{sections[0]}{rest}&{urlencode({'q': 'khủng long'})}"
            )


def picks_kinds() -> set[str]:
    """What the forms' fields offer as one types."""
    from news.queries import picks

    return set(picks.SOURCES)


def rich_pages(rich: dict[str, int]) -> Iterator[tuple[str, str]]:
    """The heaviest rows, by name and address."""
    for key, pk in rich.items():
        yield f"{key} (rich)", f"/quan-tri/news/{key.partition('_')[0]}/{pk}/change/"


def measure(desk: Desk, rich: dict[str, int], searched: set[str]) -> None:
    """Everything that the role may open; filters, searches and autocompletes once, for the first role that has them."""
    from django.urls import reverse

    opened: set[str] = set()
    found: list[str] = []
    for name, address, text in list(lists(desk)):
        found += links(text)
        if name not in searched:
            measure_list(desk, name, address, text)
            searched.add(name)
        opened.add(f"{name}_changelist")
    for page, address in rich_pages(rich):
        if desk.may_open(address):
            found += links(desk.open(page, address))
            if "article" not in page:
                desk.open(f"{page}: history", address.replace("/change/", "/history/"))
    # Whatever the desk links to, each kind of address once, and what those pages link to.
    for _ in range(3):
        fresh = []
        for address in found:
            name = name_of(address)
            if not name or name in opened or name in {"logout", "pick", *SEARCHES}:
                continue
            opened.add(name)
            fresh += links(desk.open(name, address))
        found = fresh
    for kind in sorted(picks_kinds() - searched):
        for word in (*ASKED, "12", ""):
            address = f"/quan-tri/chon/{kind}/?{urlencode({'q': word})}"
            if desk.may_open(address):
                desk.open(f"pick {kind} › q={word}", address)
                searched.add(kind)
    for name, queries in SEARCHES.items():
        for asked in queries if name not in searched else ():
            address = f"{reverse(f'admin:{name}')}?{urlencode(asked)}"
            if desk.may_open(address):
                desk.open(f"{name} › {urlencode(asked)}", address)
                searched.add(name)


def table(figures: Iterable[Figure]) -> None:
    """Print them."""
    print(f"{'role':14}{'page':66}{'status':>6}{'queries':>8}{'median':>8}{'worst':>8}{'cpu':>6}{'KB':>6}")
    for row in figures:
        mark = "  again" if row.repeated else ""
        print(
            f"{row.role:14}{row.page[:64]:66}{row.status:>6}{row.queries:>8}{row.median:>8.0f}{row.worst:>8.0f}"
            f"{row.cpu:>6.0f}{row.size / 1024:>6.0f}{mark}"
        )


def main() -> int:
    """Make the newsroom, measure it, print; 1 if a page was too slow or broke."""
    asked = options()
    set_up(asked)
    rich = prepare(asked)
    if asked.make_only:
        return 0
    from django.db import connection

    figures: list[Figure] = []
    searched: set[str] = set()
    for role in ROLES:
        desk = Desk(role, asked)
        measure(desk, rich, searched)
        table(desk.figures)
        figures += desk.figures
    version = sqlite3.sqlite_version if connection.vendor == "sqlite" else connection.pg_version
    print(f"\n{len(figures)} pages on {connection.vendor} {version}; the slowest:")
    table(sorted(figures, key=lambda row: -row.worst)[:15])
    if asked.json:
        asked.json.write_text(json.dumps([asdict(row) for row in figures], ensure_ascii=False, indent=1), "utf-8")
    unseen = {*SEARCHES, *picks_kinds()} - searched
    for name in sorted(unseen):
        print(f"NEVER MEASURED: {name}")
    slow = [row for row in figures if row.worst > asked.limit]
    broken = [row for row in figures if row.status >= 500]
    for row in broken:
        print(f"BROKEN {row.status}: {row.role} {row.address}")
    for row in slow:
        print(f"OVER {asked.limit:.0f} ms: {row.role} {row.page} {row.worst:.0f} ms")
    connection.close()
    return 1 if slow or broken or unseen else 0


if __name__ == "__main__":
    sys.exit(main())
