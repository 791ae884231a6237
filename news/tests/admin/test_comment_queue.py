"""The moderators' queue: what a moderator needs to decide stands beside each comment."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from news.models import (
    Comment,
    CommentAppeal,
    CommenterStanding,
    CommentReport,
    CommentSetting,
    CommentStatus,
    ReportReason,
)
from news.queries import comments as questions
from news.queries.comments import Viewer
from news.services import commenting, moderating, placing
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
    row.held_for = [{"rule": "first"}]
    row.save()
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


def test_an_appeal_stands_beside_the_decision_and_who_took_it_is_told_to_leave_it(sign_in_as, appealed):
    appealed.refresh_from_db()
    own = "Chính bạn đã quyết định; nên để người khác xem."
    at = timezone.localtime(appealed.decided_at)
    who = f"({appealed.decided_by.get_full_name()}, {at:%H:%M} {at.day}/{at.month}/{at.year})"
    place = f'href="{QUEUE}{appealed.pk}/change/#khieu-nai-title" data-answer'
    for user, is_own in ((make.make_user("moderator"), False), (appealed.decided_by, True)):
        desk = sign_in_as(user)
        page = desk.get(QUEUE, {"hang": "khieu-nai"}).content.decode()
        assert f'Đã ẩn vì: Lạc đề <span class="quiet">{who}' in page
        assert ("Giữ vì" in page, place in page, own in page) == (False, True, is_own)
        page = desk.get(f"{QUEUE}{appealed.pk}/change/").content.decode()
        assert ("Giữ vì" in page, 'id="khieu-nai-title"' in page, own in page) == (False, True, is_own)


# --- What is reported ----------------------------------------------------------------------------------------


def report(row, number, reason=ReportReason.INSULT, note=""):
    commenting.report(
        comment_id=row.pk,
        user=None,
        reason=reason,
        note_of_reader=note,
        sender=f"203.0.113.{number}",
        at=timezone.now(),
    )


@pytest.fixture
def reported():
    """A comment that readers see and two of them reported, one with words that are dangerous to show as they are."""
    at = timezone.now() - timedelta(days=2)
    row = make.make_comment(make.publish(make.make_article(at=at), at=at), "Câu bị báo.")
    report(row, 1, note="Gọi tên <b>tôi</b> ra.")
    report(row, 2, ReportReason.FALSE)
    row.refresh_from_db()
    return row


def press(desk, **pressed):
    """What the queue of the reported says after a button of it was pressed."""
    response = desk.post(f"{QUEUE}xu-ly/", {"ve": "hang=bao-xau", **pressed}, follow=True)
    return [str(message) for message in response.context["messages"]], response.content.decode()


def test_the_queue_of_the_reported_says_why_and_only_letting_stand_closes_reports(sign_in_as, reported):
    actor = make.make_user("moderator")
    desk = sign_in_as(actor)
    page = desk.get(QUEUE, {"hang": "bao-xau"}).content.decode()
    assert 'Xúc phạm, thù ghét: <span dir="auto">Gọi tên &lt;b&gt;tôi&lt;/b&gt; ra.</span>' in page
    assert ("<li>Sai sự thật " in page, "lời khác" in page) == (True, False)
    mark = f"{reported.pk}:{questions.stamp_of(reported)}"
    assert (f'value="keep {mark}" data-step="keep"' in page, "Để nguyên các dòng đã chọn" in page) == (True, True)
    reported.decided_by = actor
    reported.save()
    said, page = press(desk, viec="approve", chon=[mark])
    assert said == [
        f"Bình luận số {reported.pk}: Bình luận này có lời báo xấu chưa xem: hãy để nguyên, ẩn hoặc đánh dấu rác."
    ]
    said, page = press(desk, viec="keep", chon=[mark])
    assert said == ["Đã để nguyên và đóng các lời báo xấu. 1 bình luận."]
    assert "Không có bình luận nào ở hàng này." in page
    assert CommentReport.objects.filter(handled_at=None).count() == 0
    assert press(desk, mot=f"keep {mark}")[0] == ["Đã như vậy từ trước: 1 bình luận."]


def test_what_reports_hold_is_decided_on_and_not_let_stand(sign_in_as, reported):
    placing.put(reported, CommentStatus.HELD)
    desk = sign_in_as(make.make_user("moderator"))
    mark = f"{reported.pk}:{questions.stamp_of(reported)}"
    assert f'value="keep {mark}"' not in desk.get(QUEUE, {"hang": "bao-xau"}).content.decode()
    assert "hãy duyệt, ẩn hoặc đánh dấu rác" in press(desk, mot=f"keep {mark}")[0][0]
    assert press(desk, mot=f"approve {mark}")[0] == ["Đã duyệt. 1 bình luận."]
    assert CommentReport.objects.filter(handled_at=None).count() == 0


def test_the_queue_of_the_reported_asks_the_same_however_many(sign_in_as, reported, django_assert_num_queries):
    desk = sign_in_as(make.make_user("moderator"))
    for number in (1, 3):
        with django_assert_num_queries(5):
            assert desk.get(QUEUE, {"hang": "bao-xau"}).content.decode().count("data-card") == number
        for sender in (10, 11):
            report(make.make_comment(reported.article.editions.get(), f"Câu {sender}"), sender)


@pytest.mark.parametrize("step", ["hide", "spam"])
def test_a_missing_reason_is_said_once_and_the_ticks_stay(sign_in_as, reported, step):
    other = make.make_comment(reported.article.editions.get(), "Câu thứ hai.")
    report(other, 3)
    third = make.make_comment(reported.article.editions.get(), "Câu thứ ba.")
    report(third, 4)
    desk = sign_in_as(make.make_user("moderator"))
    marks = [f"{row.pk}:{questions.stamp_of(row)}" for row in (reported, other)]
    said, page = press(desk, viec=step, chon=marks)
    assert said == ["Hãy chọn hoặc ghi lý do: người viết sẽ thấy lý do này."]
    assert re.findall(r'name="chon" value="([^"]+)" checked', page) == [*reversed(marks)]
    assert " checked" not in desk.get(QUEUE, {"hang": "bao-xau"}).content.decode()
    done = {"hide": "Đã ẩn. 2 bình luận.", "spam": "Đã đánh dấu rác. 2 bình luận."}[step]
    assert press(desk, viec=step, chon=marks, own_reason="Lạc đề")[0] == [done]


@pytest.mark.parametrize(
    ("query", "current"), [({}, "Chờ duyệt"), ({"hang": "bao-xau"}, "Bị báo xấu"), ({"hang": "tat-ca"}, "Tất cả")]
)
def test_the_queues_stand_in_a_row_of_links_and_the_open_one_is_marked(sign_in_as, query, current):
    desk = sign_in_as(make.make_user("moderator"))
    page = desk.get(QUEUE, query).content.decode()
    row = page.partition('<nav class="queues"')[2].partition("</nav>")[0]
    names = ["Chờ duyệt", "Bị báo xấu", "Khiếu nại", "Đang hiện", "Đã ẩn", "Rác", "Người viết đã rút", "Tất cả"]
    assert re.findall(r'<a href="\?[^"]*"[^>]*>([^<]+)</a>', row) == names
    assert re.findall(r'aria-current="page">([^<]+)<', row) == [current]
    assert '<details class="filter"' not in page


@pytest.mark.parametrize(
    ("more", "is_kept"),
    [({}, False), ({"state": "open"}, True), ({"who": "accounts"}, True), ({"closes_after": "0"}, True)],
)
def test_a_setting_that_says_nothing_is_refused_in_words(sign_in_as, more, is_kept):
    section = make.make_section()
    desk = sign_in_as(make.make_user("moderator"))
    sent = {"section": section.pk, "state": "", "who": "", "closes_after": "", **more}
    page = desk.post("/quan-tri/news/commentsetting/add/", sent, follow=True).content.decode()
    assert ("Quy định này chưa nói gì." in page, CommentSetting.objects.count()) == (not is_kept, int(is_kept))


def test_the_list_of_settings_says_what_holds_where_nothing_was_said(sign_in_as, settings):
    settings.SITE_TYPE = "press"
    section = make.make_section("Xã <hội>")
    CommentSetting.objects.create(section=section, closes_after=0)
    page = sign_in_as(make.make_user("moderator")).get("/quan-tri/news/commentsetting/").content.decode()
    rows = re.findall(r"<tr>(<th scope=\"row\">.*?)</tr>", page.partition("Đang áp dụng</h2>")[2], re.DOTALL)
    assert [re.sub(r"<[^>]+>", "|", row).strip("|").split("||") for row in rows] == [
        ["Cả trang", "Mở: bạn đọc viết được", "Mọi bạn đọc, khách ghi tên và thư điện tử", "30 ngày sau khi đăng"],
        ["Xã &lt;hội&gt;", "Mở: bạn đọc viết được", "Mọi bạn đọc, khách ghi tên và thư điện tử", "Không tự đóng"],
    ]


# --- Looking for ---------------------------------------------------------------------------------------------


@pytest.fixture
def three():
    """Comments of a guest, of the same guest under another name, and of an account, each in another state."""
    at = timezone.now() - timedelta(days=2)
    edition = make.publish(make.make_article(at=at), at=at)
    first = make.make_comment(edition, "Đường về bản hỏng.", name="Vàng A Sử", email="su@example.vn")
    second = make.make_comment(edition, "Cầu treo đẹp.", name="A Sử Vàng", email="su@example.vn")
    third = make.make_comment(edition, "Đường đẹp.", author=make.make_user(None, full_name="Lò Thị Mai"))
    placing.put(second, CommentStatus.HIDDEN)
    placing.put(third, CommentStatus.HELD)
    return first, second, third


def found(desk, **asked):
    return [row.pk for row in desk.get(QUEUE, asked).context["cl"].result_list]


def test_comments_are_found_by_words_and_names_with_or_without_marks(sign_in_as, three):
    first, second, third = (row.pk for row in three)
    desk = sign_in_as(make.make_user("moderator"))
    assert found(desk, q="duong") == [third, first]
    assert found(desk, q="Đường bản") == [first]
    assert found(desk, q="vang su") == [second, first]
    assert found(desk, q="đẹp", hang="hidden") == [second]
    assert found(desk, q="đẹp", hang="held") == [third]
    assert found(desk, q=str(second)) == [second]
    assert found(desk, q="không có") == []
    assert found(desk) == [third]
    page = desk.get(QUEUE, {"q": "đẹp"}).content.decode()
    assert "trong 2.000 bình luận mới nhất của hàng đang chọn" in page
    assert re.search(r'<a href="\?[^"]*hang=held[^"]*">Chờ duyệt</a>', page)
    assert re.search(r'aria-current="page">Tất cả</a>', page)


def test_a_search_reads_a_window_however_large_the_archive(sign_in_as, three):
    desk = sign_in_as(make.make_user("moderator"))
    with CaptureQueriesContext(connection) as asked:
        desk.get(QUEUE, {"q": "duong"})
    (window,) = [query["sql"] for query in asked if "LIMIT 2000" in query["sql"]]
    assert "ORDER BY" in window


def test_a_writer_has_a_name_and_the_way_to_what_they_wrote(sign_in_as, three):
    first, second, third = three
    for row in three:
        moderating.block(
            comment_id=row.pk,
            days=30,
            actor=make.make_user("moderator"),
            at=timezone.now(),
            stamp=questions.stamp_of(Comment.objects.get(pk=row.pk)),
            reason="Quảng cáo",
        )
    desk = sign_in_as(make.make_user("moderator"))
    listed = desk.get("/quan-tri/news/commenterstanding/").content.decode()
    assert "A Sử Vàng (khách)" in listed
    assert "Lò Thị Mai" in listed
    guest, account = CommenterStanding.objects.get(user=None), CommenterStanding.objects.get(mailbox="")
    assert f'href="{QUEUE}?nguoi-viet={guest.pk}"' in listed
    assert found(desk, **{"nguoi-viet": str(guest.pk)}) == [second.pk, first.pk]
    assert found(desk, **{"nguoi-viet": str(account.pk)}) == [third.pk]
    assert (
        'Chỉ bình luận của <b dir="auto">A Sử Vàng (khách)</b>'
        in desk.get(QUEUE, {"nguoi-viet": guest.pk}).content.decode()
    )
    page = desk.get(f"/quan-tri/news/commenterstanding/{guest.pk}/change/").content.decode()
    assert ("Lý do mở khóa" in page, "Hoặc ghi lý do" in page) == (True, False)
    for wrong in ("x", "999999", "9" * 40):
        assert desk.get(QUEUE, {"nguoi-viet": wrong}).status_code == 200


def test_an_articles_own_switch_is_named_by_its_article_once_added(sign_in_as):
    at = timezone.now() - timedelta(days=2)
    article = make.make_article("Một bài", at=at)
    make.publish(article, at=at)
    desk = sign_in_as(make.make_user("moderator"))
    sent = {"place": str(article.pk), "state": "closed", "reason": "Đã bàn đủ"}
    said = desk.post("/quan-tri/news/commentswitch/add/", sent, follow=True).content.decode()
    assert f"Bình luận của bài số {article.pk}" in said
    assert "None" not in said
