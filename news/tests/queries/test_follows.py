"""What is new for a reader is found within the last month, however large the archive is: along indexes, on both
databases.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from news.models import Article, Edition, EditionSection, EditionTag, Follow, FollowKind, Tag
from news.queries import follows
from news.tests import make
from news.tests.admin.test_plans import plans_of

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 2000


@pytest.fixture
def archive() -> Any:
    """Two thousand articles of one section and one tag, one an hour; five of another tag at the archive's end."""
    tag, rare = make.make_tag(), make.make_tag()
    first = make.publish(make.make_article("Bài đầu tiên"), at=timezone.now() - timedelta(hours=MANY + 1))
    now = timezone.now()
    fields = ("section_id", "body", "lead", "state", "created_at", "changed_at")
    like = {name: getattr(first.article, name) for name in fields}
    articles = Article.objects.bulk_create(
        [Article(title=f"Bài {n}", title_key=f"bai {n}", **like) for n in range(MANY)], batch_size=500
    )
    columns = {name: getattr(first, name) for name in ("payload", "payload_sha256", "content_sha256", "section_id")}
    editions = Edition.objects.bulk_create(
        [
            Edition(
                article=article,
                number=1,
                title=article.title,
                slug="bai",
                sealed_at=now,
                published_at=now - timedelta(hours=number + 1),
                visible_from=now - timedelta(hours=number + 1),
                **columns,
            )
            for number, article in enumerate(articles)
        ],
        batch_size=500,
    )
    common = [{"edition": row, "article_id": row.article_id, "published_at": row.published_at} for row in editions]
    EditionSection.objects.bulk_create(
        [EditionSection(section_id=first.section_id, **row) for row in common], batch_size=500
    )
    EditionTag.objects.bulk_create([EditionTag(tag=tag, **row) for row in common], batch_size=500)
    EditionTag.objects.bulk_create([EditionTag(tag=rare, **row) for row in common[-5:]])
    with connection.cursor() as cursor:
        for table in ("news_edition", "news_editionsection", "news_editiontag"):
            cursor.execute(f"{'VACUUM ANALYZE' if connection.vendor == 'postgresql' else 'ANALYZE'} {table}")
    return first.section, tag, rare


def follower(**target: Any) -> int:
    user = make.make_user(None)
    Follow.objects.create(user=user, created_at=timezone.now() - timedelta(days=2), **target)
    return user.pk


def test_the_archive_is_not_read_and_the_list_ends_after_a_month(archive: Any) -> None:
    section, tag, rare = archive
    for target, expected in (({"section": section}, 20), ({"tag": tag}, 20), ({"tag": rare}, 0)):
        reader = follower(**target)
        with plans_of("news_edition") as plans:
            found = follows.news(reader, timezone.now())
        assert len(found.cards) == expected
        (plan,) = plans
        for table in ("news_edition", "news_editionsection", "news_editiontag"):
            assert f"Seq Scan on {table} " not in plan, plan
            assert f"SCAN {table}\n" not in f"{plan}\n", plan
            assert "SCAN U0\n" not in f"{plan}\n", plan

    # The list goes by cursor and ends after a month.
    reader, now = follower(section=section), timezone.now()
    seen, cursor = [], ""
    while True:
        page = follows.news(reader, now, cursor, 200)
        seen += [card.id for card in page.cards]
        cursor = page.older
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 30 * 24 - 1


def test_the_meaning_of_merged_ones_is_found_from_any_of_them() -> None:
    chain = [make.make_tag() for _ in range(4)]
    for low, high in ((0, 1), (1, 2), (3, 2)):
        Tag.objects.filter(pk=chain[low].pk).update(merged_into=chain[high])
    alone = make.make_tag()
    ids = [tag.pk for tag in chain]
    found = follows.meanings(Tag, [*ids, alone.pk, 999_999])
    assert {asked: (every[0], set(every)) for asked, every in found.items()} == {
        **dict.fromkeys(ids, (ids[2], set(ids))),
        alone.pk: (alone.pk, {alone.pk}),
    }
    assert follows.meaning(FollowKind.SECTION, 7) == (7,)
