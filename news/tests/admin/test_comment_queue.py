"""The moderators' queue: what a moderator needs to decide stands beside each comment."""

from datetime import timedelta

import pytest
from django.utils import timezone

from news.models import CommentAppeal
from news.queries import comments as questions
from news.queries.comments import Viewer
from news.services import commenting, moderating
from news.tests import make

pytestmark = pytest.mark.django_db
QUEUE = "/quan-tri/news/comment/"


@pytest.fixture
def appealed():
    """A hidden comment and the words of its writer against that, an hour later; both dangerous to show as they are."""
    now = timezone.now()
    edition = make.publish(
        make.make_article("Cầu treo thông xe", at=now - timedelta(days=2)), at=now - timedelta(days=2)
    )
    row = make.make_comment(edition, "Câu bị ẩn.", author=make.make_user(None, full_name="Lò Thị Mai"))
    moderator = make.make_user("moderator")
    stamp = questions.stamp_of(row)
    moderating.decide(comment_id=row.pk, step="hide", actor=moderator, at=now, stamp=stamp, reason="Lạc đề")
    words = "Tôi hỏi về <b>cầu</b>.\n<script>alert(1)</script> Sao lại lạc đề?"
    viewer = Viewer(row.author_id)
    commenting.appeal(comment_id=row.pk, viewer=viewer, words=words, at=now - timedelta(hours=1))
    return row


def test_the_queue_of_appeals_shows_their_words_with_who_and_when(sign_in_as, appealed):
    desk = sign_in_as(make.make_user("moderator"))
    page = desk.get(QUEUE, {"hang": "khieu-nai"}).content.decode()
    assert (
        "Tôi hỏi về &lt;b&gt;cầu&lt;/b&gt;.\n&lt;script&gt;alert(1)&lt;/script&gt; Sao lại lạc đề?</blockquote>" in page
    )
    at = timezone.localtime(CommentAppeal.objects.get().created_at)
    assert f"Lò Thị Mai khiếu nại 1 giờ trước, lúc {at:%H:%M} {at.day}/{at.month}/{at.year}:" in page
    assert "<script>alert" not in page


def test_an_answered_appeal_no_longer_asks_for_anything(sign_in_as, appealed):
    actor = make.make_user("moderator")
    moderating.deny_appeal(comment_id=appealed.pk, actor=actor, at=timezone.now(), answer="Bài nói về cầu.")
    desk = sign_in_as(actor)
    assert "Không có bình luận nào ở hàng này." in desk.get(QUEUE, {"hang": "khieu-nai"}).content.decode()
    page = desk.get(QUEUE, {"hang": "tat-ca"}).content.decode()
    assert "Câu bị ẩn." in page
    assert "Sao lại lạc đề?" not in page
