"""What a newer version does to the rows of an older one; the migrations themselves, back and forth."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from news.models import Feedback

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 2, 8, tzinfo=UTC)


def migrate(*targets: tuple[str, str]) -> Any:
    """The models as they are once the migrations up to these (without any: all) are applied."""
    executor = MigrationExecutor(connection)
    leaves = list(targets) or executor.loader.graph.leaf_nodes()
    executor.migrate(leaves)
    return executor.loader.project_state(leaves).apps


@pytest.fixture
def before_the_moment_of_merging() -> Iterator[Any]:
    yield migrate(("news", "0019_article_made_once"))
    migrate()


def test_a_letter_merged_into_an_answered_one_waits_again_and_the_others_know_when(
    before_the_moment_of_merging: Any,
) -> None:
    old = before_the_moment_of_merging.get_model("news", "Feedback")

    def letter(code: str, **columns: Any) -> Any:
        return old.objects.create(code=code, body="Thư", received_at=AT, queue_at=AT, **columns)

    answered = letter("PH-1", status="answered", answered_at=AT + timedelta(days=2), due_at=AT + timedelta(days=5))
    waiting = letter("PH-2", status="open", due_at=AT + timedelta(days=9))
    missed = letter("PH-3", status="merged", merged_into=answered, due_at=AT + timedelta(days=7))
    told = letter("PH-4", status="merged", merged_into=answered, answered_at=AT + timedelta(days=2))
    along = letter("PH-5", status="merged", merged_into=waiting)
    migrate()
    rows = {row.pk: row for row in Feedback.objects.all()}
    assert (rows[missed.pk].status, rows[missed.pk].merged_into_id, rows[missed.pk].merged_at) == ("open", None, None)
    assert rows[missed.pk].queue_at == AT + timedelta(days=7)
    assert (rows[told.pk].merged_into_id, rows[told.pk].merged_at) == (answered.pk, AT)
    assert rows[told.pk].due_at == AT + timedelta(days=5)
    assert rows[along.pk].merged_into_id == waiting.pk
    assert rows[along.pk].merged_at is not None
    assert rows[answered.pk].status == "answered"
    assert rows[answered.pk].merged_at is None
