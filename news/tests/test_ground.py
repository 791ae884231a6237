"""The ground holds: settings, the tests' environment, finding a Python, `make run`'s processes, the witness."""

import ast
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from django.conf import settings
from django.db import connection

from config import first_run, testing
from config import run as run_module
from news.tests import postgres

ROOT = Path(testing.__file__).resolve().parent.parent
SHELL_TOOLS = ("cat", "cut", "grep", "ls", "mktemp", "rm", "sort", "tail")


def in_own_process(
    *words: str, env: dict[str, str] | None = None, timeout: int = 300
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **(env or {})}
    environment.pop("DATABASE_URL", None)
    return subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )


# --- Settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"), [("SITE_TYPE", "blog"), ("SITE_URL", "toasoan.example.vn"), ("SITE_URL", "ftp://example.vn")]
)
def test_settings_refuse_nonsense(name: str, value: str) -> None:
    result = in_own_process(sys.executable, "-c", "import config.settings", env={name: value})
    assert result.returncode == 1
    assert f"ImproperlyConfigured: {name} must be" in result.stderr


READ = re.compile(r"env(\.\w+)?|os\.environ\.(get|pop)|os\.getenv")


def variables_read(path: Path) -> Iterator[str]:
    """The names asked of the environment in a file: `env("X")`, `env.bool("X")`, `os.environ["X"]` and the like."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and READ.fullmatch(ast.unparse(node.func)):
            key: ast.expr = node.args[0] if node.args else ast.Constant(None)
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            key = node.slice
        else:
            continue
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value


def test_env_example_lists_every_variable_and_no_other() -> None:
    assert set(variables_read(ROOT / "config/settings.py")) == testing.documented_variables()


def test_tests_live_in_a_folder_of_their_own() -> None:
    assert settings.DATA_DIR == testing.DATA_DIR
    assert ROOT not in settings.DATA_DIR.parents


def test_policy_allows_nothing_inline() -> None:
    assert "unsafe" not in str(settings.SECURE_CSP)
    assert settings.SECURE_CSP["default-src"] == ["'none'"]


def test_first_run_writes_fresh_keys_once_and_for_the_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_run, "ENV_FILE", tmp_path / ".env")
    first_run.main()
    written = (tmp_path / ".env").read_text(encoding="utf-8")
    first_run.main()
    assert (tmp_path / ".env").read_text(encoding="utf-8") == written
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert written != first_run.fresh_keys()
    assert set(re.findall(r"^([A-Z_]+)=", written, re.MULTILINE)) == set(testing.KEYS)


@pytest.mark.django_db
def test_database_keeps_what_it_acknowledged() -> None:
    if connection.vendor == "postgresql":
        assert connection.settings_dict["OPTIONS"]["pool"]["max_size"] == 8
        return
    with connection.cursor() as cursor:
        values = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        }
    assert values == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}


# --- What the project pins, and what it bans -----------------------------------------------------


def test_every_dependency_is_pinned() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    runtime = [line for line in lines if line and not line.startswith(("#", "--"))]
    dev = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]["dev"]
    assert [line for line in runtime + dev if not re.fullmatch(r"[\w.-]+(\[[\w,]+\])?==[\w.]+", line)] == []


def test_nobody_listens_to_signals() -> None:
    """Ruff bans them too, but not in files where the banned list is lifted for another reason (services, tests …)."""
    listeners = [
        str(path.relative_to(ROOT))
        for folder in ("config", "accounts", "news")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(
            r"^\s*(from|import) django\.(db\.models\.signals|dispatch)", path.read_text(encoding="utf-8"), re.M
        )
    ]
    assert listeners == []


# --- Finding a Python ----------------------------------------------------------------------------


@pytest.fixture
def fake_path(tmp_path: Path) -> Path:
    """A PATH with the shell's tools and a broken shim for every name of Python, and a home without any."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in SHELL_TOOLS:
        (folder / tool).symlink_to(shutil.which(tool) or tool)
    for name in ("python3.14", "python3.13", "python3.12", "python3", "python"):
        shim = folder / name
        shim.write_text("#!/bin/sh\necho 'pyenv: command not found' >&2\nexit 127\n")
        shim.chmod(0o755)
    return folder


def find_python(fake_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(ROOT / "config/find_python.sh")],
        env={"PATH": str(fake_path), "HOME": str(fake_path.parent), **env},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_find_python_passes_over_broken_shims_to_the_versions_folder(fake_path: Path) -> None:
    versions = fake_path.parent / ".pyenv/versions"
    for version in ("3.9.18", "3.13.0"):
        (versions / version / "bin").mkdir(parents=True)
    (versions / "3.13.0/bin/python3").symlink_to(sys.executable)
    (versions / "3.9.18/bin/python3").symlink_to(fake_path / "python3")
    found = find_python(fake_path)
    assert (found.returncode, found.stderr) == (0, "")
    assert Path(found.stdout.strip()).resolve() == Path(sys.executable).resolve()


def test_find_python_takes_the_one_it_is_told(fake_path: Path) -> None:
    found = find_python(fake_path, PYTHON=sys.executable)
    assert Path(found.stdout.strip()).resolve() == Path(sys.executable).resolve()


def test_find_python_says_what_to_install(fake_path: Path) -> None:
    found = find_python(fake_path)
    assert (found.returncode, found.stdout) == (1, "")
    assert "Hãy cài một trong" in found.stderr
    assert "apt-get install -y python3 python3-venv" in found.stderr
    assert "python3.13: pyenv: command not found" in found.stderr


# --- make run's processes ------------------------------------------------------------------------


def wait_until(question: str, answer: object, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not answer():  # type: ignore[operator]  # any callable
        assert time.monotonic() < deadline, f"not within {seconds} s: {question}"
        time.sleep(0.1)


def test_run_restarts_a_dead_worker_and_leaves_no_orphan(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {"DATA_DIR": str(tmp_path), "PORT": str(port), "SITE_URL": f"http://127.0.0.1:{port}"}
    assert in_own_process(sys.executable, "manage.py", "migrate", "--verbosity", "0", env=env).returncode == 0
    environment = {**os.environ, **env}
    environment.pop("DATABASE_URL", None)
    with (tmp_path / "log").open("w") as log:
        run = subprocess.Popen(
            [sys.executable, "-m", "config.run"], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    supervisor = psutil.Process(run.pid)

    def workers() -> list[psutil.Process]:
        found = []
        for child in supervisor.children():
            with suppress(psutil.NoSuchProcess):  # a round of the timetable ended while it was looked at
                if child.status() != psutil.STATUS_ZOMBIE and "db_worker" in child.cmdline():
                    found.append(child)
        return found

    try:
        wait_until("the server answers", lambda: run_module.is_taken(port))
        wait_until("a worker works", workers)
        first = workers()[0]
        first.kill()
        wait_until("another worker works", lambda: any(worker.pid != first.pid for worker in workers()))
        everybody = supervisor.children(recursive=True)
        run.send_signal(signal.SIGTERM)
        assert run.wait(timeout=120) == 0
    finally:
        run.terminate()
        run.wait(timeout=120)
    assert [process for process in everybody if process.is_running()] == []
    assert f"http://127.0.0.1:{port}/" in (tmp_path / "log").read_text(encoding="utf-8")


# --- PostgreSQL for the tests --------------------------------------------------------------------


def test_a_named_server_that_does_not_serve_is_a_failure() -> None:
    result = in_own_process(
        *(sys.executable, "-m", "news.tests.postgres", "--", sys.executable, "-c", "print('ran')"),
        env={"TEST_POSTGRES_URL": "postgres://postgres@127.0.0.1:1/postgres"},
    )
    assert result.returncode == 1
    assert result.stdout == ""
    assert "The tests need a real PostgreSQL" in result.stderr


def test_each_run_has_a_database_name_of_its_own() -> None:
    assert postgres.with_database("postgres://a:b@h:1/postgres?host=/tmp/x", "mine") == (
        "postgres://a:b@h:1/mine?host=/tmp/x"
    )


def test_what_a_run_left_behind_is_dropped() -> None:
    if connection.vendor != "postgresql":
        return
    url = os.environ["DATABASE_URL"]
    server = postgres.with_database(url, "postgres")
    with psycopg.connect(server, autocommit=True) as server_connection:
        server_connection.execute("CREATE DATABASE test_toasoan_left_behind_gw0")
        postgres.drop_left_over(server, "toasoan_left_behind")
        rows = server_connection.execute("SELECT 1 FROM pg_database WHERE datname = 'test_toasoan_left_behind_gw0'")
        assert rows.fetchall() == []


# --- The browser ---------------------------------------------------------------------------------

BAD_PAGE = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>Thử</title>
<meta http-equiv="Content-Security-Policy" content="style-src 'self'; img-src 'self' https://example.com">
<p style="color: red">Đỏ</p><img src="https://example.com/x.png" alt=""><img src="/absent.png" alt="">
<script>setTimeout(() => { throw new Error("boom"); })</script>"""


def test_witness_sees_what_goes_wrong(page, witness) -> None:
    page.route("**/thu", lambda route: route.fulfill(body=BAD_PAGE, content_type="text/html"))
    page.route("**/absent.png", lambda route: route.fulfill(status=404))
    page.goto("/thu", wait_until="networkidle")
    page.wait_for_timeout(100)
    for words in ("CSP: style-src-attr", "third party: https://example.com/x.png", "status of 404", "uncaught: "):
        assert any(words in line for line in witness.trouble), words
    assert len(witness.unexpected()) == len(witness.trouble)
    witness.expect("CSP", "Content Security Policy", "example.com", "status of 404", "boom", "ERR_NAME_NOT_RESOLVED")


def test_axe_finds_what_a_reader_would_miss(page, assert_accessible) -> None:
    page.route(
        "**/thu", lambda route: route.fulfill(body="<!doctype html><img src='data:,'>", content_type="text/html")
    )
    page.goto("/thu")
    with pytest.raises(pytest.fail.Exception, match="image-alt"):
        assert_accessible(page)
