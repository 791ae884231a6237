"""Keeping what is typed: the newest state of each window, nobody else's, and nothing thrown away for another."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from news.models import Article, Draft
from news.services import drafting
from news.tests import make
from news.workflow import NotAllowed

pytestmark = pytest.mark.django_db
NOW = make.NOW
STATE = [("title", "Đang gõ"), ("ten-ky-0-author", "PV"), ("ten-ky-0-author", "")]


def keep(
    owner: User, article: Article | None = None, *, key: str = "cua-so-mot", sequence: int = 1, **changes: Any
) -> Draft:
    values = {"state": STATE, "base_version": 1, "at": NOW, **changes}
    return drafting.keep(owner=owner, key=key, article_id=article.pk if article else None, sequence=sequence, **values)


def test_the_newest_state_of_a_window_stands_whatever_comes_in_late() -> None:
    reporter = make.make_user("reporter")
    keep(reporter, sequence=1)
    keep(reporter, sequence=3, state=[("title", "Ba")], at=NOW + timedelta(seconds=6))
    with pytest.raises(drafting.Stale) as told:
        keep(reporter, sequence=2, state=[("title", "Hai, đến muộn")])
    assert told.value.sequence == 3
    with pytest.raises(drafting.Stale):
        keep(reporter, sequence=3, state=[("title", "Cửa sổ khác cùng khóa")])
    draft = Draft.objects.get()
    assert (draft.title, draft.sequence, drafting.read_state(draft.state)) == ("Ba", 3, [("title", "Ba")])
    assert (draft.started_at, draft.saved_at) == (NOW, NOW + timedelta(seconds=6))


def test_every_pair_is_kept_in_order_repeated_names_too() -> None:
    draft = keep(make.make_user("reporter"))
    assert drafting.read_state(draft.state) == STATE


def test_windows_and_people_never_touch_each_other() -> None:
    article = make.make_article()
    one, two = article.created_by, make.make_user("editor")
    keep(one, article, key="cua-so-mot")
    keep(one, article, key="cua-so-hai", state=[("title", "Hai")])
    keep(two, article, key="cua-so-mot", state=[("title", "Của biên tập viên")])
    assert sorted(Draft.objects.values_list("owner", "key", "title")) == [
        (one.pk, "cua-so-hai", "Hai"),
        (one.pk, "cua-so-mot", "Đang gõ"),
        (two.pk, "cua-so-mot", "Của biên tập viên"),
    ]
    assert drafting.discard(owner=two, keys=["cua-so-hai"]) == 0
    assert drafting.discard(owner=one, keys=["cua-so-hai"]) == 1
    assert Draft.objects.count() == 2


def test_a_key_belongs_to_one_article() -> None:
    article = make.make_article()
    keep(article.created_by)
    with pytest.raises(drafting.Stale):
        keep(article.created_by, article, sequence=2)
    assert Draft.objects.get().article is None


@pytest.mark.parametrize("role", ["moderator", "administrator", None])
def test_who_does_not_write_keeps_nothing(role: str | None) -> None:
    user = make.make_user(role)
    for article in (None, make.make_article()):
        with pytest.raises(NotAllowed):
            keep(user, article)
    assert not Draft.objects.exists()


def test_an_article_that_is_not_there() -> None:
    with pytest.raises(NotAllowed, match="Không có bài này"):
        keep(make.make_user("reporter"), Article(pk=987654))


def test_what_is_typed_while_the_article_is_approved_is_kept_too() -> None:
    article = make.make_article()
    make.approve(article)
    assert keep(article.created_by, article).title == "Đang gõ"


@pytest.mark.parametrize("key", ["", "ngan", "a" * 33, "co dau cach", "ký-tự-lạ", "../../x"])
def test_keys_of_another_shape_are_refused(key: str) -> None:
    with pytest.raises(NotAllowed, match="khóa"):
        keep(make.make_user("reporter"), key=key)


def test_limits() -> None:
    reporter = make.make_user("reporter")
    with pytest.raises(drafting.TooLarge):
        keep(reporter, state=[("body", "x" * drafting.LARGEST)])
    with pytest.raises(drafting.TooManyFields):
        keep(reporter, state=[("a", "")] * (drafting.MOST_PAIRS + 1))
    assert keep(reporter, state=[("body", "x" * (drafting.LARGEST - 100))]).sequence == 1
    Draft.objects.bulk_create(
        Draft(owner=reporter, key=f"cua-so-{number}", state="[]", started_at=NOW, saved_at=NOW)
        for number in range(drafting.MOST_DRAFTS - 1)
    )
    with pytest.raises(drafting.TooMany):
        keep(reporter, key="mot-cua-so-nua")
    assert keep(reporter, sequence=2).sequence == 2


def test_odd_letters_are_kept_or_replaced_never_an_error() -> None:
    draft = keep(make.make_user("reporter"), state=[("title", "A\ud800\x00B\n" + "x" * 300), ("body", "\x00😀")])
    state = dict(drafting.read_state(Draft.objects.get().state))
    assert state["body"] == "\x00😀"
    assert state["title"].startswith("A\ufffd\x00B")
    assert len(draft.title) == 250
    assert "\x00" not in draft.title


@pytest.mark.parametrize("text", ["", "{", "null", '{"a": 1}', '[["a"]]', '[["a", 1]]', '["ab"]', "[" * 100_000])
def test_a_state_that_is_none_reads_as_empty(text: str) -> None:
    assert drafting.read_state(text) == []


def test_a_refused_form_is_kept_as_the_newest_state() -> None:
    reporter = make.make_user("reporter")
    keep(reporter, sequence=40)
    kept = drafting.keep_refused(
        owner=reporter, key="cua-so-mot", article_id=None, state=[("title", "Sai")], base_version=0, at=NOW
    )
    assert kept is not None
    assert (kept.sequence, kept.title) == (41, "Sai")
    refused = drafting.keep_refused(owner=reporter, key="x", article_id=None, state=[], base_version=0, at=NOW)
    assert refused is None


def test_sweeping_takes_only_what_nobody_touched_for_half_a_year(capsys: Any) -> None:
    reporter = make.make_user("reporter")
    keep(reporter, key="cua-so-cu")
    keep(reporter, key="cua-so-moi", at=NOW + timedelta(days=1))
    assert drafting.sweep(at=NOW + drafting.KEPT_FOR + timedelta(hours=1)) == 1
    assert Draft.objects.get().key == "cua-so-moi"
    call_command("sweep_drafts")
    assert capsys.readouterr().out.strip().isdecimal()


@pytest.mark.django_db(transaction=True)
def test_requests_of_one_window_at_one_moment_keep_the_newest() -> None:
    reporter = make.make_user("reporter")
    barrier, errors = threading.Barrier(4), []

    def one(sequence: int) -> None:
        try:
            barrier.wait()
            keep(User.objects.get(pk=reporter.pk), sequence=sequence, state=[("title", str(sequence))])
        except drafting.Stale:
            pass
        except Exception as error:  # noqa: BLE001 - shown below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in (1, 2, 3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    draft = Draft.objects.get()
    assert json.loads(draft.state) == [["title", draft.title]]
    assert int(draft.title) == draft.sequence
