"""What the tests run in: a pytest plugin (`-p config.testing` in pyproject.toml) that is read before Django's settings.

The tests get an environment of their own: no `.env`, none of the caller's variables but DATABASE_URL, keys that are no
secret, and a folder for their data that is gone afterwards (one a process, so that parallel workers share nothing).
"""

import atexit
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import hypothesis
import pytest

ENV_EXAMPLE = Path(__file__).resolve().parent.parent / ".env.example"

# Test keys: 32 zero-ish bytes in base64, as first_run makes them. They protect nothing.
KEYS = {
    "SECRET_KEY": "only-the-tests-sign-with-this-key-and-it-is-no-secret-at-all",
    "LEDGER_KEY": "bGVkZ2VyLWtleS1vZi10aGUtdGVzdHMtMzItYnl0ZXM=",
    "READER_KEYS": "cmVhZGVyLWtleS1vZi10aGUtdGVzdHMtMzItYnl0ZXM=",
    "READER_LOOKUP_KEY": "bG9va3VwLWtleS1vZi10aGUtdGVzdHMtMzItYnl0ZXM=",
}


def documented_variables() -> set[str]:
    """The names in `.env.example`: every variable the settings read (`news/tests/test_ground.py` holds it to that)."""
    return set(re.findall(r"^#?([A-Z][A-Z0-9_]*)=", ENV_EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))


def _set_environment() -> Path:
    data_dir = Path(tempfile.mkdtemp(prefix="toasoan-test-"))
    atexit.register(shutil.rmtree, data_dir, ignore_errors=True)
    (data_dir / "static").mkdir()
    for name in documented_variables() - {"DATABASE_URL"}:
        os.environ.pop(name, None)
    os.environ.update(KEYS, NO_DOTENV="1", DATA_DIR=str(data_dir), DJANGO_SETTINGS_MODULE="config.settings")
    return data_dir


def _ease_settings() -> None:
    """Change the settings that only cost time in tests; before `django.setup()`, so nobody has read them yet.

    The newsroom's people of the tests joined today, so a session without a second factor opens the desk while the time
    to set one up runs, as on a real site; what happens after that is `news/tests/account/test_second_factor.py`.
    """
    from django.conf import settings  # noqa: PLC0415 - only now is the environment set

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STAFF_MFA_GRACE_DAYS = 36500
    settings.ANSWER_SECONDS = 0
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def _ease_flush() -> None:
    """On PostgreSQL empty the tables that hold something, row by row, after a test that commits.

    TRUNCATE writes every table's files anew: seconds for what takes milliseconds. Foreign keys and the ledger's
    triggers are silenced for the statement, which a superuser may do; for any other role it stays TRUNCATE.
    """
    from django.db import connection  # noqa: PLC0415 - only now are the settings complete
    from django.db.backends.postgresql.operations import DatabaseOperations  # noqa: PLC0415 - so is this

    truncate = DatabaseOperations.sql_flush

    def sql_flush(
        self: DatabaseOperations,
        style: Any,
        tables: Sequence[str],
        *,
        reset_sequences: bool = False,
        allow_cascade: bool = False,
    ) -> list[str]:
        names = [self.quote_name(table) for table in tables]
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            if reset_sequences or not names or not cursor.fetchone()[0]:
                return truncate(self, style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade)
            one_each = (f"(SELECT '{name}' FROM {name} LIMIT 1)" for name in names)  # noqa: S608 - our own tables
            cursor.execute(" UNION ALL ".join(one_each))
            filled = [name for (name,) in cursor.fetchall()]
        silence, speak = (f"SET LOCAL session_replication_role = {role}" for role in ("replica", "origin"))
        return [silence, *(f"DELETE FROM {name}" for name in filled), speak]  # noqa: S608 - our own tables

    DatabaseOperations.sql_flush = sql_flush  # type: ignore[method-assign, assignment]  # for the tests alone


def _ease_hypothesis() -> None:
    """No test is timed: how long an example takes says something of the machine and of who else works on it."""
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.load_profile("untimed")


DATA_DIR = _set_environment()
_ease_settings()
_ease_hypothesis()
if os.environ.get("DATABASE_URL", "").startswith("postgres"):
    _ease_flush()


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Rate limits and counters of one test are no business of the next."""
    from django.core.cache import cache  # noqa: PLC0415 - Django is not set up when this module is read

    yield
    cache.clear()
