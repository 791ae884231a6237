"""The desk: what waits for whom, in a fixed number of queries."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from news.models import SectionRight
from news.queries.desk import PILE, Pile, desk_page
from news.services import reviewing
from news.tests import make
from news.tests.admin.forms import words

pytestmark = pytest.mark.django_db
AT = timezone.now() - timedelta(hours=3)


def titles(pile: Pile | None) -> list[str] | None:
    return None if pile is None else [row.title for row in pile.rows]


def test_piles_of_a_reporter() -> None:
    reporter = make.make_user("reporter")
    make.make_article("Nháp", author=reporter)
    make.make_article("Nháp của người khác")
    returned = make.make_article("Bị trả", author=reporter)
    reviewing.advance(article_id=returned.pk, transition="submit", actor=reporter, at=AT)
    reviewing.advance(
        article_id=returned.pk, transition="return", actor=make.make_user("editor"), at=AT, reason="Thiếu ảnh"
    )
    desk = desk_page(reporter, timezone.now())
    assert (titles(desk.drafts), titles(desk.returned)) == (["Nháp"], ["Bị trả"])
    assert desk.returned is not None
    assert desk.returned.rows[0].note == "Thiếu ảnh"
    assert (desk.submitted, desk.passed, desk.approved, desk.scheduled) == (None, None, None, None)


def test_piles_of_an_editor_are_those_of_the_own_sections() -> None:
    own, below, foreign = make.make_section("Của mình"), None, make.make_section("Của người")
    below = make.make_section("Bên dưới", parent=own)
    editor = make.make_user("editor", everywhere=False)
    SectionRight.objects.create(user=editor, section=own)
    for section in (own, below, foreign):
        article = make.make_article(f"Ở {section.name}", section=section)
        reviewing.advance(article_id=article.pk, transition="submit", actor=article.created_by, at=AT)
    mine = make.make_article("Tự viết", section=own, author=editor)
    reviewing.advance(article_id=mine.pk, transition="submit", actor=editor, at=AT)
    assert titles(desk_page(editor, timezone.now()).submitted) == ["Ở Bên dưới", "Ở Của mình"]


def test_piles_of_a_secretary() -> None:
    section = make.make_section()
    passed = make.make_article("Chờ duyệt", section=section)
    reviewing.advance(article_id=passed.pk, transition="submit", actor=passed.created_by, at=AT)
    reviewing.advance(article_id=passed.pk, transition="pass", actor=make.make_user("editor"), at=AT)
    make.approve(make.make_article("Đã duyệt", section=section, at=AT), at=AT + timedelta(hours=1))
    make.schedule(
        make.make_article("Hẹn giờ", section=section, at=AT),
        at=AT + timedelta(hours=1),
        visible_from=timezone.now() + timedelta(days=1),
    )
    make.publish(make.make_article("Đã đăng", section=section, at=AT), at=AT + timedelta(hours=1))
    desk = desk_page(make.make_user("secretary"), timezone.now())
    assert (titles(desk.passed), titles(desk.approved), titles(desk.scheduled)) == (
        ["Chờ duyệt"],
        ["Đã duyệt"],
        ["Hẹn giờ"],
    )


def test_a_high_pile_shows_its_top(sign_in_as: Any) -> None:
    reporter = make.make_user("reporter")
    for number in range(PILE + 2):
        make.make_article(f"Nháp {number}", author=reporter)
    pile = desk_page(reporter, timezone.now()).drafts
    assert pile is not None
    assert (len(pile.rows), pile.has_more, pile.rows[0].title) == (PILE, True, f"Nháp {PILE + 1}")
    page = sign_in_as(reporter).get("/quan-tri/")
    assert 'href="/quan-tri/news/article/?cua-toi=1&amp;trang-thai=draft"' in page.content.decode().replace(
        "&trang", "&amp;trang"
    )
    assert "… và nhiều bài nữa" in words(page)


@pytest.mark.parametrize(
    ("role", "expected"), [("reporter", 6), ("editor", 10), ("secretary", 11), ("moderator", 12), ("administrator", 3)]
)
@pytest.mark.parametrize("count", [1, 3])
def test_queries(sign_in_as: Any, role: str, expected: int, count: int, django_assert_num_queries: Any) -> None:
    user = make.make_user(role)
    for _ in range(count):
        article = make.make_article()
        reviewing.advance(article_id=article.pk, transition="submit", actor=article.created_by, at=AT)
        make.make_article(author=user if role == "reporter" else None)
    client = sign_in_as(user)
    client.get("/quan-tri/")
    with django_assert_num_queries(expected):
        client.get("/quan-tri/")


def test_who_has_no_role_is_told_so(sign_in_as: Any) -> None:
    user = make.make_user("reporter")
    user.groups.clear()
    assert "chưa được giao vai trò nào" in words(sign_in_as(user).get("/quan-tri/"))
