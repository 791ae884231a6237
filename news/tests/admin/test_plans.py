"""How the database finds what the desk's lists ask: along a narrow index, whatever else is asked, on both databases.

The table is as a newsroom's: long texts, most of it published, and the statistics are there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.utils import timezone

from news.models import Article, State, Tag
from news.tests import make
from news.text.normalize import fold

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 3000


@pytest.fixture
def archive() -> dict[str, int]:
    """Three thousand articles of one section, and as many lines in the log of the tags."""
    first = make.make_article("Bài đầu tiên")
    now = timezone.now()
    rows = [
        Article(
            title=f"Đoàn công tác làm việc lần thứ {number}",
            title_key=fold(f"Đoàn công tác làm việc lần thứ {number}"),
            lead=f"Sa-pô {number}. " * 30,
            body=f"<p>{number}</p>" * 200,
            section=first.section,
            state=State.DRAFT if number % 100 == 0 else State.PUBLISHED,
            created_by=first.created_by if number % 2 else None,
            created_at=now - timedelta(hours=1),
            changed_at=now,
        )
        for number in range(MANY)
    ]
    Article.objects.bulk_create(rows, batch_size=500)
    kind = ContentType.objects.get_for_model(Tag)
    LogEntry.objects.bulk_create(
        LogEntry(user=first.created_by, content_type=kind, object_id=str(number), object_repr="x", action_flag=CHANGE)
        for number in range(MANY)
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM FULL news_article")  # what earlier tests left there would count in the plans
            cursor.execute("VACUUM ANALYZE news_article")
            cursor.execute("VACUUM ANALYZE django_admin_log")
        else:
            cursor.execute("ANALYZE")
    return {"section": first.section_id, "tag": make.make_tag().pk}


@contextmanager
def plans_of(table: str) -> Iterator[list[str]]:
    """The plans of the SELECTs from the table while the block runs."""
    found: list[str] = []
    explain = "EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "

    def note(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        if sql.startswith("SELECT") and f'FROM "{table}"' in sql:
            with connection.connection.cursor() if connection.vendor == "postgresql" else connection.cursor() as cursor:
                rows = cursor.execute(explain + sql, params).fetchall()
            found.append("\n".join(" ".join(str(value) for value in row) for row in rows))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


WORDS = ["q=khong+co", "q=cong+tac", "q=12"]
FILTERS = ["", "trang-thai=published", "chuyen-muc={section}", "cua-toi=1", "trang-thai=draft&chuyen-muc={section}"]


def test_searches_and_filters_open_no_article(archive: dict[str, int], sign_in_as: Any) -> None:
    client: Client = sign_in_as(make.make_user("editor"))
    asked = [f"/quan-tri/news/article/?{words}&{filters}" for words in WORDS for filters in FILTERS]
    asked += ["/quan-tri/news/article/?trang-thai=returned&chuyen-muc={section}", "/quan-tri/chon/bai/?q=khong+co"]
    for address in asked:
        with plans_of("news_article") as plans:
            assert client.get(address.format(**archive)).status_code == 200
        assert [narrow(plan) for plan in plans] == [True], (address, *plans)


def test_one_filter_goes_along_its_index(archive: dict[str, int], sign_in_as: Any) -> None:
    client: Client = sign_in_as(make.make_user("editor"))
    with plans_of("news_article") as plans:
        client.get("/quan-tri/news/article/?trang-thai=returned")
    (plan,) = plans
    assert "article_by_state" in plan or "news_article_state" in plan, plan


def test_the_history_of_a_row_goes_along_an_index(archive: dict[str, int], sign_in_as: Any) -> None:
    client: Client = sign_in_as(make.make_user("editor"))
    with plans_of("django_admin_log") as plans:
        assert client.get(f"/quan-tri/news/tag/{archive['tag']}/history/").status_code == 200
    (plan,) = plans
    assert "news_log_of_row" in plan, plan


def narrow(plan: str) -> bool:
    """Whether the articles are found in the search index alone, and the table is entered by number only."""
    if connection.vendor == "postgresql":
        found = (
            "Index Only Scan using article_search" in plan or "Index Only Scan Backward using article_search" in plan
        )
        return found and "Seq Scan on news_article" not in plan and "article_by_" not in plan
    return "COVERING INDEX article_search" in plan and "article_by_" not in plan and "SCAN news_article" not in plan
