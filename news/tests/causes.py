"""Real causes for what breaks in the middle: the database itself does it, by a trigger that goes with the block."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def refused(event: str, *, when: str = "1 = 1") -> Iterator[None]:
    """While it lasts the database refuses the event ("INSERT ON news_outbox") once the condition holds."""
    with _trigger(
        event,
        sqlite=f"SELECT RAISE(ABORT, 'refused by a test') WHERE {when};",
        postgres=f"IF {when} THEN RAISE EXCEPTION 'refused by a test'; END IF;",
    ):
        yield


@contextmanager
def meanwhile(event: str, *, of: int, then: str) -> Iterator[None]:
    """While it lasts the database does `then` (SQL) just before the event happens to the row of that number."""
    with _trigger(
        event,
        sqlite=f"{then};",
        postgres=f"IF NEW.id = {of} THEN {then}; END IF;",
        sqlite_when=f"WHEN NEW.id = {of}",
    ):
        yield


@contextmanager
def _trigger(event: str, *, sqlite: str, postgres: str, sqlite_when: str = "") -> Iterator[None]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"CREATE TRIGGER test_cause BEFORE {event} {sqlite_when} BEGIN {sqlite} END")
        else:
            cursor.execute(
                "CREATE FUNCTION test_cause() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$ BEGIN {postgres} RETURN NEW; END $$"
            )
            cursor.execute(f"CREATE TRIGGER test_cause BEFORE {event} FOR EACH ROW EXECUTE FUNCTION test_cause()")
    yield
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER test_cause")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # rows whose constraints wait keep the trigger in use
            cursor.execute("DROP FUNCTION test_cause CASCADE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
