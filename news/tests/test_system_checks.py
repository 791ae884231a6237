"""The system checks see what they are for."""

import pytest
from django.db import connection

from news import system_checks


@pytest.mark.django_db
def test_the_rule_of_one_visible_edition_is_in_the_database_after_all_migrations():
    assert system_checks.one_visible_edition_is_enforced(databases=["default"]) == []


@pytest.mark.django_db
def test_a_lost_rule_is_noticed():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER edition_one_visible_at_a_time_update")
        else:
            cursor.execute("ALTER TABLE news_edition DROP CONSTRAINT edition_one_visible_at_a_time")
    (message,) = system_checks.one_visible_edition_is_enforced(databases=["default"])
    assert message.id == "news.E001"


def test_a_deployment_without_a_shared_cache_is_told(settings):
    settings.REDIS_URL = ""
    assert [message.id for message in system_checks.limits_are_shared()] == ["news.W001"]
    settings.REDIS_URL = "redis://127.0.0.1"
    assert system_checks.limits_are_shared() == []


@pytest.mark.django_db
def test_a_lost_index_of_the_log_is_noticed():
    assert system_checks.history_of_a_row_has_its_index(databases=["default"]) == []
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX news_log_of_row")
    (message,) = system_checks.history_of_a_row_has_its_index(databases=["default"])
    assert message.id == "news.W002"
