"""What the tests run in: a pytest plugin (`-p config.testing` in pyproject.toml) that is read before Django's settings.

The tests get an environment of their own: no `.env`, none of the caller's variables but DATABASE_URL, keys that are no
secret, and a folder for their data that is gone afterwards (one a process, so that parallel workers share nothing).
"""

import atexit
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

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


DATA_DIR = _set_environment()
_ease_settings()


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Rate limits and counters of one test are no business of the next."""
    from django.core.cache import cache  # noqa: PLC0415 - Django is not set up when this module is read

    yield
    cache.clear()
