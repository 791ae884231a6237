"""What the newsroom's tests share: a real Chromium (`page`) with a witness of everything that went wrong in it.

A test that takes `page` or `context` gets the marker `browser` and a live server; `page.goto("/")` opens its front
page. When the test ends, console errors, uncaught exceptions, failed requests, requests to anyone but us and violations
of the content security policy fail it, unless it said what it expects: `witness.expect("status of 404")`.
"""

import hashlib
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    WebError,
    expect,
    sync_playwright,
)
from playwright.sync_api import Error as PlaywrightError
from pytest_django.live_server_helper import LiveServer

from accounts import roles
from news.limited import outside
from news.tests import make
from news.tests.post_office import PostOffice, mailers, open_office

expect.set_options(timeout=30_000)  # a page waits for itself alone; a machine may be busy with others
# The shell is the same engine without a window's frame, which costs a third of the time and no page shows.
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
    const place = `${event.sourceFile}:${event.lineNumber}`;
    console.error(`CSP: ${event.effectiveDirective} blocked ${event.blockedURI} (${place})`);
});
"""
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


JOURNEYS = {
    "test_accounts",
    "test_editorial_day",
    "test_feedback",
    "test_files",
    "test_hostile_posts",
    "test_nothing_lost",
    "test_reader_voice",
    "test_sample_article",
}
"""Modules of browser tests that write to the database in many requests at once: they run on PostgreSQL too, but for
those that start a server with a database of its own.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever drives the browser carries the marker, so `-m "not browser"` leaves out all of it."""
    for item in items:
        taken = set(getattr(item, "fixturenames", ()))
        if {"chromium", "context", "page"} & taken:
            item.add_marker(pytest.mark.browser)
            if item.path.stem in JOURNEYS and "live_server" in taken:
                item.add_marker(pytest.mark.journey)


class Witness:
    """Writes down what goes wrong in a browser context."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.origin = origin
        self.trouble: list[str] = []
        self._expected: list[str] = []
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", self._web_error)
        context.on("request", self._request)
        context.on("requestfailed", self._request_failed)

    def expect(self, *words: str) -> None:
        """Lines of trouble that contain one of these words are part of the test."""
        self._expected.extend(words)

    def unexpected(self) -> list[str]:
        """The lines of trouble that nobody expected."""
        return [line for line in self.trouble if not any(words in line for words in self._expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.trouble.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _web_error(self, error: WebError) -> None:
        self.trouble.append(f"uncaught: {error.error}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"} and f"{address.scheme}://{address.netloc}" != self.origin:
            self.trouble.append(f"third party: {request.url}")

    def _request_failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a download, or a page left before its beacon was through
            self.trouble.append(f"request failed: {request.url} {request.failure}")


@pytest.fixture
def client() -> Client:
    """A reader's browser, as far as it says of itself."""
    return Client(headers={"User-Agent": make.PHONE})


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The database as `make run` has it before its newsroom: with the roles (a test that commits leaves none)."""
    with django_db_blocker.unblock():
        roles.sync()


@pytest.fixture(scope="session")
def files_made(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """Where what became of a picture or a document stands once one test has had it processed; all workers share it."""
    base = tmp_path_factory.getbasetemp()
    # A worker's folder lies in that of its run; that of a run without workers lies among those of earlier ones.
    folder = (base.parent if hasattr(pytestconfig, "workerinput") else base) / "files-made"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(autouse=True)
def _files_made_once(request: pytest.FixtureRequest, files_made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same work on the same file is done by the limited process once a run, not once a test.

    What it refuses it refuses each time; the module about that process (`test_imaging`) starts it each time.
    """
    if request.path.stem == "test_imaging":
        return
    really = outside.run

    def run(module: str, job: Mapping[str, Any], *, limits: outside.Limits, places: outside.Places) -> dict[str, Any]:
        folder, source = Path(job["folder"]), Path(job["source"])
        told = [module, {**job, "folder": "", "source": ""}, asdict(limits), asdict(places)]
        order = json.dumps(told, sort_keys=True)
        ready = files_made / hashlib.sha256(order.encode() + b"\0" + source.read_bytes()).hexdigest()
        if ready.exists():
            shutil.copytree(ready / "files", folder, dirs_exist_ok=True)
            return dict(json.loads((ready / "answer").read_text()))
        answer = really(module, job, limits=limits, places=places)
        with tempfile.TemporaryDirectory(dir=files_made) as place:
            made = Path(place) / "made"
            shutil.copytree(folder, made / "files", ignore=shutil.ignore_patterns(source.name))
            (made / "answer").write_text(json.dumps(answer))
            with suppress(OSError):  # another worker was quicker
                made.rename(ready)
        return answer

    monkeypatch.setattr(outside, "run", run)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real Chromium, started once: the one CHROMIUM names, else the system's."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if path is None:
        pytest.fail(
            "The browser tests need Chromium and there is none. Install it "
            "(Debian: apt-get install -y chromium-headless-shell) or set CHROMIUM=/path/to/chromium.",
            pytrace=False,
        )
    # Playwright's loop runs in this very thread; Django would take every query of the test for one inside a coroutine.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def live_server(live_server: LiveServer) -> Iterator[LiveServer]:
    """The server; when the test ends it is left alone only once it has answered whatever pages asked as they closed.

    What the desk's pages keep in the background would otherwise still be written while the tables are emptied.
    """
    yield live_server
    patience = time.monotonic() + 20
    while any("process_request_thread" in thread.name for thread in threading.enumerate()):
        if time.monotonic() > patience:
            break
        time.sleep(0.02)


@pytest.fixture
def context(chromium: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    """A visitor: a browser with no cookies, in Vietnam, on a desktop screen."""
    context = chromium.new_context(
        base_url=live_server.url,
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        viewport={"width": 1280, "height": 900},
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def witness(context: BrowserContext, live_server: LiveServer) -> Iterator[Witness]:
    """Fails the test at its end if something went wrong in the browser that it did not expect."""
    witness = Witness(context, live_server.url)
    yield witness
    for page in context.pages:
        with suppress(PlaywrightError):  # a page that is gone, or no document
            page.evaluate("null")  # whatever the page still has to report arrives before this answer
    unexpected = witness.unexpected()
    if unexpected:
        pytest.fail("in the browser:\n" + "\n".join(unexpected), pytrace=False)


@pytest.fixture
def page(context: BrowserContext, witness: Witness) -> Page:
    """The visitor's first tab, watched by the witness."""
    return context.new_page()


@pytest.fixture
def sign_in(context: BrowserContext, live_server: LiveServer) -> Callable[[Any], None]:
    """`sign_in(user)`: from now on the visitor is that user, without the log-in form."""

    def sign_in(user: Any) -> None:
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        context.add_cookies(
            [
                {
                    "name": settings.SESSION_COOKIE_NAME,
                    "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                    "url": live_server.url,
                    "httpOnly": True,
                    "sameSite": "Lax",
                }
            ]
        )

    return sign_in


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """`assert_accessible(page)`: axe (WCAG 2.2 AA and its best practices) finds nothing on the page as it stands."""

    def assert_accessible(page: Page) -> None:
        # What scripts do after a change of size is done by then.
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        results = Axe().run(page, options={"runOnly": WCAG, "resultTypes": ["violations"]})
        found = [
            f"{violation['id']}: {violation['help']} — {' | '.join(str(node['target']) for node in violation['nodes'])}"
            for violation in results.response["violations"]
        ]
        if found:
            pytest.fail(f"axe, {page.url}:\n" + "\n".join(found), pytrace=False)

    return assert_accessible


@pytest.fixture
def own_storage(settings: Any, tmp_path: Path) -> None:
    """Folders of this test alone for private and public files: what lies in them is compared."""
    there = {
        name: {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / name), "base_url": None},
        }
        for name in ("private", "public")
    }
    settings.STORAGES = {**settings.STORAGES, **there}


@pytest.fixture
def post_office(settings: Any) -> Iterator[PostOffice]:
    """A real SMTP server, to which all mail goes."""
    office, controller = open_office()
    settings.MAILERS = mailers(office.port)
    yield office
    controller.stop()
