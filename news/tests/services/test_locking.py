"""The soft lock: who writes since when, ended by silence or a dead session, taken over with a line in the story."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore

from accounts.models import User
from news.models import Article, EditLock, WorkflowStep
from news.queries.desk import desk_page, story
from news.queries.drafts import holder_of
from news.services import locking, reviewing
from news.services.locking import Window
from news.tests import make
from news.workflow import NotAllowed

pytestmark = pytest.mark.django_db
NOW = make.NOW


def a_session() -> str:
    session = SessionStore()
    session.create()
    assert session.session_key is not None
    return session.session_key


def window(user: User, key: str = "cua-so-mot", before: str = "") -> Window:
    return Window(user, a_session(), key, before)


def later(seconds: int):
    return NOW + timedelta(seconds=seconds)


def held(article: Article, at=NOW) -> tuple[str, str] | None:
    holder = holder_of(article.pk, at)
    return (holder.name, holder.window) if holder else None


def test_who_comes_first_has_it_and_who_comes_later_hears_of_it() -> None:
    article, editor = make.make_article(), make.make_user("editor")
    writer = article.created_by
    first = locking.claim(article_id=article.pk, window=window(writer), at=NOW)
    assert first is not None
    assert (first.user_id, first.since) == (writer.pk, NOW)
    second = locking.claim(article_id=article.pk, window=window(editor, "cua-so-hai"), at=later(10))
    assert second is not None
    assert (second.user_id, second.since, second.beat_at) == (writer.pk, NOW, NOW)


def test_beats_keep_it_and_silence_ends_it() -> None:
    article, editor = make.make_article(), make.make_user("editor")
    own = window(article.created_by)
    locking.claim(article_id=article.pk, window=own, at=NOW)
    beaten = locking.claim(article_id=article.pk, window=own, at=later(59))
    assert beaten is not None
    assert (beaten.since, beaten.beat_at) == (NOW, later(59))
    assert held(article, later(118)) == (article.created_by.get_full_name(), "cua-so-mot")
    assert held(article, later(119)) is None
    taken = locking.claim(article_id=article.pk, window=window(editor, "cua-so-hai"), at=later(119))
    assert taken is not None
    assert (taken.user_id, taken.since) == (editor.pk, later(119))


def test_a_dead_session_and_a_closed_account_end_it_at_once() -> None:
    article = make.make_article()
    own = window(article.created_by)
    locking.claim(article_id=article.pk, window=own, at=NOW)
    SessionStore(own.session_key).delete()
    assert held(article) is None
    locking.claim(article_id=article.pk, window=window(article.created_by), at=NOW)
    assert held(article) is not None
    User.objects.filter(pk=own.user.pk).update(is_active=False)
    assert held(article) is None


def test_another_window_of_ones_own_is_another_window() -> None:
    article = make.make_article()
    locking.claim(article_id=article.pk, window=window(article.created_by), at=NOW)
    other = locking.claim(article_id=article.pk, window=window(article.created_by, "cua-so-hai"), at=later(5))
    assert other is not None
    assert other.window == "cua-so-mot"


def test_a_page_loaded_anew_keeps_the_lock_of_the_page_before() -> None:
    article = make.make_article()
    locking.claim(article_id=article.pk, window=window(article.created_by), at=NOW)
    anew = locking.claim(
        article_id=article.pk, window=window(article.created_by, "cua-so-hai", before="cua-so-mot"), at=later(5)
    )
    assert anew is not None
    assert (anew.window, anew.since) == ("cua-so-hai", NOW)


def test_nobody_gets_anothers_lock_by_naming_their_window() -> None:
    article, editor = make.make_article(), make.make_user("editor")
    locking.claim(article_id=article.pk, window=window(article.created_by), at=NOW)
    locking.claim(article_id=article.pk, window=window(editor, "cua-so-mot", before="cua-so-mot"), at=later(5))
    locking.release(article_id=article.pk, user=editor, window="cua-so-mot")
    assert held(article, later(5)) == (article.created_by.get_full_name(), "cua-so-mot")


def test_closing_the_window_frees_it() -> None:
    article = make.make_article()
    locking.claim(article_id=article.pk, window=window(article.created_by), at=NOW)
    locking.release(article_id=article.pk, user=article.created_by, window="cua-so-hai")
    assert held(article) is not None
    locking.release(article_id=article.pk, user=article.created_by, window="cua-so-mot")
    assert held(article) is None
    assert not EditLock.objects.exists()


def test_only_who_may_edit_claims_or_takes_over() -> None:
    article = make.make_article()
    for user in (make.make_user("reporter"), make.make_user("moderator"), make.make_user(None)):
        for verb in (locking.claim, locking.take_over):
            with pytest.raises((NotAllowed, Article.DoesNotExist)):
                verb(article_id=article.pk, window=window(user), at=NOW)
    assert not EditLock.objects.exists()
    assert not WorkflowStep.objects.exists()


def test_taking_over_is_written_into_the_story_and_changes_nothing_else() -> None:
    article, editor = make.make_article(), make.make_user("editor")
    reviewing.advance(article_id=article.pk, transition="submit", actor=article.created_by, at=NOW)
    reviewing.advance(article_id=article.pk, transition="return", actor=editor, at=NOW, reason="Thiếu ảnh")
    before = Article.objects.values().get(pk=article.pk)
    locking.claim(article_id=article.pk, window=window(article.created_by), at=NOW)
    locking.take_over(
        article_id=article.pk, window=window(editor, "cua-so-hai"), at=later(30), reason="  Đồng chí đi\nvắng "
    )
    assert held(article, later(30)) == (editor.get_full_name(), "cua-so-hai")
    assert Article.objects.values().get(pk=article.pk) == before
    label, step = story(article).steps[0]
    assert (label, step.actor, step.source, step.target, step.at) == (
        "Nhận sửa thay", editor, "returned", "returned", later(30),
    )  # fmt: skip
    assert step.reason == f"Từ {article.created_by.get_full_name()}. Đồng chí đi vắng"
    told = locking.claim(article_id=article.pk, window=window(article.created_by), at=later(31))
    assert told is not None
    assert (told.user_id, told.since) == (editor.pk, later(30))
    pile = desk_page(article.created_by, later(40)).returned
    assert pile is not None
    assert [row.note for row in pile.rows] == ["Thiếu ảnh"]


def test_taking_over_from_oneself_or_from_nobody_is_no_step() -> None:
    article = make.make_article()
    locking.take_over(article_id=article.pk, window=window(article.created_by), at=NOW)
    locking.take_over(article_id=article.pk, window=window(article.created_by, "cua-so-hai"), at=later(5))
    assert held(article, later(5)) == (article.created_by.get_full_name(), "cua-so-hai")
    assert not WorkflowStep.objects.exists()
