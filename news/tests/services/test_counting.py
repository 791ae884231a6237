"""Views: counted once, exactly, for readers only."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection

from news.models import ViewCount
from news.queries.most_read import most_read
from news.services import counting
from news.tests import make

READERS = [
    make.PHONE,
    "Mozilla/5.0 (Linux; Android 11; CUBOT_X18_Plus) AppleWebKit/537.36 Chrome/110.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 13; 22101316G Build/ruby) AppleWebKit/537.36 Chrome/119.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile Zalo iOS/480 ZaloTheme/light",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 [FBAN/FBIOS;FBAV/440.0]",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/118.0 Safari/537.36 coc_coc_browser/118.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/130.0 Safari/537.36",
]
PROGRAMS = [
    "",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; coccocbot-web/1.0; +http://help.coccoc.com/searchengine)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0)",
    "TelegramBot (like TwitterBot)",
    "curl/8.5.0",
    "python-requests/2.32",
    "Go-http-client/2.0",
]


@pytest.mark.parametrize("agent", READERS)
def test_a_browser_is_a_reader(agent):
    assert not counting.is_bot(agent)


@pytest.mark.parametrize("agent", PROGRAMS)
def test_a_program_is_no_reader(agent):
    assert counting.is_bot(agent)


@pytest.fixture
def edition_live():
    return make.publish(make.make_article())


def seen(edition, address="192.0.2.1", agent=make.PHONE, at=make.NOW):
    return counting.count_view(article_id=edition.article_id, address=address, agent=agent, at=at)


def counts():
    return list(ViewCount.objects.order_by("hour").values_list("hour", "count"))


@pytest.mark.django_db
def test_a_repeat_within_half_an_hour_is_the_same_view_and_other_readers_are_others(edition_live):
    hour = make.NOW.replace(minute=0, second=0, microsecond=0)
    assert [seen(edition_live) for _ in range(3)] == [True, False, False]
    assert seen(edition_live, address="192.0.2.2")
    assert seen(edition_live, agent=READERS[1])
    other = make.publish(make.make_article(title="Bài khác cùng ngày"))
    assert seen(other)
    assert sorted(counts()) == [(hour, 1), (hour, 3)]
    cache.clear()  # half an hour later
    assert seen(edition_live, at=make.NOW + timedelta(hours=1))
    assert ViewCount.objects.get(article=edition_live.article, hour=hour + timedelta(hours=1)).count == 1


@pytest.mark.django_db
def test_bots_and_articles_that_are_not_live_count_nothing(edition_live):
    assert not seen(edition_live, agent=PROGRAMS[1])
    make.withdraw(edition_live.article, at=make.NOW + timedelta(minutes=1))
    assert not seen(edition_live, at=make.NOW + timedelta(minutes=5))
    assert not counting.count_view(article_id=999, address="192.0.2.9", agent=make.PHONE, at=make.NOW)
    assert counts() == []


@pytest.mark.django_db
def test_nothing_of_the_reader_is_written(edition_live):
    seen(edition_live, address="198.51.100.77")
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            assert "198.51.100.77" not in repr(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_ten_thousand_views_at_once_are_ten_thousand():
    edition = make.publish(make.make_article())
    others = [make.publish(make.make_article(title=f"Bài số {n} của ngày")) for n in range(3)]
    editions = [edition, edition, *others]

    def read(number):
        try:
            return seen(editions[number % 5], address=f"2001:db8::{number:x}")
        finally:
            connection.close()  # as at the end of a request: the pool has fewer connections than there are threads

    def work(numbers):
        return sum(map(read, numbers))

    with ThreadPoolExecutor(32) as pool:
        counted = sum(pool.map(work, (range(start, 10_000, 40) for start in range(40))))
    assert counted == 10_000
    assert sorted(ViewCount.objects.values_list("count", flat=True)) == [2000, 2000, 2000, 4000]
    assert next(card.id for card in most_read(make.NOW)) == edition.article_id


@pytest.mark.django_db(transaction=True)
def test_what_could_not_be_written_may_come_again():
    edition = make.publish(make.make_article())
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE news_viewcount RENAME TO news_viewcount_away")
    try:
        with pytest.raises(counting.NotCounted):
            seen(edition)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE news_viewcount_away RENAME TO news_viewcount")
    assert seen(edition)
    assert [count for _, count in counts()] == [1]
