"""System checks of the newsroom: what a deployment must have that no setting and no migration can promise alone."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Advice
from django.db import connections


@register(Tags.database)
def one_visible_edition_is_enforced(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """The rule of migration 0002 is really in the database; rebuilding a table on SQLite drops its triggers."""
    messages: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        with connection.cursor() as cursor:
            if "news_edition" not in connection.introspection.table_names(cursor):
                continue
            if connection.vendor == "sqlite":
                cursor.execute(
                    "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'edition_one_%'"
                )
                complete = cursor.fetchone() == (2,)
            else:
                cursor.execute("SELECT count(*) FROM pg_constraint WHERE conname = 'edition_one_visible_at_a_time'")
                complete = cursor.fetchone() == (1,)
        if not complete:
            messages.append(
                Error(
                    "Nothing in the database keeps two editions of an article from being visible at one time.",
                    hint="A migration that rebuilt news_edition must run `install` of migration 0002 again.",
                    id="news.E001",
                )
            )
    return messages


@register(Tags.database)
def comments_have_two_levels(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """The rule of migration 0011 is really in the database; rebuilding a table on SQLite drops its triggers."""
    messages: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        with connection.cursor() as cursor:
            if "news_comment" not in connection.introspection.table_names(cursor):
                continue
            if connection.vendor == "sqlite":
                cursor.execute(
                    "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'comment_two_levels_%'"
                )
                complete = cursor.fetchone() == (2,)
            else:
                cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname = 'comment_two_levels'")
                complete = cursor.fetchone() == (1,)
        if not complete:
            messages.append(
                Error(
                    "Nothing in the database keeps the threads of comments at two levels.",
                    hint="A migration that rebuilt news_comment must run `install` of migration 0011 again.",
                    id="news.E002",
                )
            )
    return messages


@register(Tags.database)
def history_of_a_row_has_its_index(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Migration 0006 gave Django's own log an index that no model knows of; rebuilding the table would drop it."""
    messages: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        with connection.cursor() as cursor:
            if "news_draft" not in connection.introspection.table_names(cursor):
                continue
            found = connection.introspection.get_constraints(cursor, "django_admin_log")
        if "news_log_of_row" not in found:
            messages.append(
                Advice(
                    "The log of the admin has no index by row: the history pages of a large archive will be slow.",
                    hint="A migration that rebuilt django_admin_log must make news_log_of_row again (migration 0006).",
                    id="news.W002",
                )
            )
    return messages


@register(Tags.security, deploy=True)
def limits_are_shared(**_: Any) -> list[CheckMessage]:
    """Log-in limits count in the cache: each process for itself, unless there is a shared one."""
    if settings.REDIS_URL:
        return []
    return [
        Advice(
            "Without REDIS_URL each server process counts log-in attempts, limits and repeated views for itself.",
            hint="Set REDIS_URL, or run one process (WORKERS=1).",
            id="news.W001",
        )
    ]
