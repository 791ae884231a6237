"""Comments: who is shown at once and who waits, what is counted, what one may change, what is kept of whom."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from news import crypto
from news.models import (
    AppealStatus,
    Comment,
    CommentAppeal,
    CommentDeed,
    CommenterStanding,
    CommentLike,
    CommentReport,
    CommentSetting,
    CommentState,
    CommentStatus,
    CommentTally,
    CommentWho,
    Consent,
    ErasureReason,
    Masthead,
    Notification,
    NotificationChoice,
    NotificationKind,
    Outbox,
    ReportReason,
    WordLevel,
    WordRule,
)
from news.queries import comments as questions
from news.queries import notifications
from news.queries.comments import Viewer
from news.services import commenting, consenting, moderating, notifying, placing, privacy
from news.tests import make
from news.workflow import NotAllowed

pytestmark = pytest.mark.django_db
AT = timezone.now()


@pytest.fixture
def edition():
    return make.publish(make.make_article("Cầu treo Nậm Ban thông xe", at=AT - timedelta(hours=3)), at=AT)


@pytest.fixture
def moderator():
    return make.make_user("moderator", full_name="Lường Thị Duyệt")


def write(edition, body="Một bình luận về cây cầu.", author=None, **more):
    return make.make_comment(edition, body, author=author, is_shown=False, at=more.pop("at", AT), **more)


def decide(row, step, moderator, reason="", at=AT):
    stamp = questions.stamp_of(Comment.objects.get(pk=row.pk))
    return moderating.decide(comment_id=row.pk, step=step, actor=moderator, at=at, stamp=stamp, reason=reason)


def trusted(moderator, edition, **fields):
    """A reader with five comments approved."""
    reader = make.make_user(None, **fields)
    CommenterStanding.objects.create(user=reader, approved=5)
    return reader


def tally(edition):
    row = CommentTally.objects.get(article_id=edition.article_id)
    return row.shown, row.held


def rules(row):
    return [found["rule"] for found in row.held_for]


# --- Who waits ------------------------------------------------------------------------------------------------


def test_whoever_writes_first_waits_and_the_trusted_appear_at_once(edition, moderator):
    reader = make.make_user(None)
    first = write(edition, author=reader)
    assert (first.status, rules(first)) == (CommentStatus.HELD, ["first"])
    decide(first, "approve", moderator)
    second = write(edition, "Lần thứ hai viết.", author=reader)
    assert (second.status, rules(second)) == (CommentStatus.HELD, ["untrusted"])
    shown = write(edition, "Người quen viết tiếp.", author=trusted(moderator, edition))
    assert (shown.status, shown.held_for) == (CommentStatus.SHOWN, [])
    assert tally(edition) == (2, 1)


def test_trust_ends_with_a_refusal_and_comes_back_after_a_quarter(edition, moderator):
    reader = trusted(moderator, edition)
    row = write(edition, author=reader)
    decide(row, "hide", moderator, "Xúc phạm người khác")
    assert write(edition, "Lại viết.", author=reader).status == CommentStatus.HELD
    standing = CommenterStanding.objects.get(user=reader)
    assert (standing.approved, standing.refused) == (5, 1)
    CommenterStanding.objects.filter(user=reader).update(approved=5, refused_at=AT - timedelta(days=91))
    assert write(edition, "Ba tháng sau.", author=reader).status == CommentStatus.SHOWN


def test_nobody_is_trusted_where_the_setting_says_so(edition, moderator, settings):
    settings.COMMENT_TRUSTED_AFTER = 0
    assert write(edition, author=trusted(moderator, edition)).status == CommentStatus.HELD


@pytest.mark.parametrize(
    ("body", "rule", "status"),
    [
        ("Xem ở evil.com nhé", "link", CommentStatus.HELD),
        ("Gọi cho tôi 0912 345 678", "phone", CommentStatus.HELD),
        ("Đúng là đồ ó c c.h.ó", "word", CommentStatus.HELD),
        ("Vào nhà c@i x1n mà chơi", "word", CommentStatus.SPAM),
    ],
)
def test_links_numbers_and_words_are_held_even_of_the_trusted(edition, moderator, body, rule, status):
    WordRule.objects.get_or_create(pattern="óc chó", match="marked")
    WordRule.objects.create(pattern="nha cai xin", match="folded", level=WordLevel.SPAM)
    row = write(edition, body, author=trusted(moderator, edition))
    assert (row.status, rules(row)[0]) == (status, rule)
    marked = [piece for piece in questions.pieces(row.body, row.held_for) if piece.word]
    assert len(marked) == 1
    assert "".join(piece.text for piece in questions.pieces(row.body, row.held_for)) == row.body


def test_a_word_in_a_name_is_said_to_be_there(edition):
    WordRule.objects.get_or_create(pattern="óc chó", match="marked")
    row = write(edition, name="Óc Chó")
    assert questions.why(row.held_for)[0] == "từ “óc chó” trong tên"
    assert all(not piece.word for piece in questions.pieces(row.body, row.held_for))


def test_a_guest_does_not_speak_for_the_newsroom(edition):
    Masthead.objects.create(name="Báo Lai Châu")
    for name in ("Ban Biên tập", "Ваn Вiên tậр", "B8T", "A d m 1 n", "Tòa\u200bsoạn", "Quản trị viên", "Báo Lаi Сhâu"):
        with pytest.raises(commenting.Refused, match="Tên này dành cho tòa soạn"):
            write(edition, name=name)
    for name in ("Nguyễn Thị Ban", "Trần Bình Tây", "Toàn", "Tô An", "Người Lai Châu", "Mai 🌸"):
        assert write(edition, f"Tôi là {name}.", name=name).name == name


# --- Limits -----------------------------------------------------------------------------------------------------


def test_the_same_words_from_one_writer_are_one_comment_and_few_from_many(edition):
    reader = make.make_user(None)
    same = "Nội dung giống hệt nhau được gửi nhiều lần."
    one = write(edition, same, author=reader)
    assert write(edition, f"  {same.upper()}  ", author=reader) == one
    assert rules(write(edition, same))[0] == "same"
    write(edition, same)
    with pytest.raises(commenting.TooMany):
        write(edition, same)
    assert Comment.objects.count() == 3
    assert write(edition, same, at=AT + timedelta(hours=25)).status == CommentStatus.HELD


def test_an_account_writes_ten_an_hour(edition):
    reader = make.make_user(None)
    for number in range(commenting.HOURLY):
        write(edition, f"Bình luận {number}", author=reader)
    with pytest.raises(commenting.TooMany):
        write(edition, "Thêm một nữa", author=reader)
    assert Comment.objects.count() == commenting.HOURLY


def test_guests_write_five_an_hour_each_and_thirty_from_one_network(edition):
    def send(number, sender, email, written=()):
        return commenting.write(
            words=commenting.Words(body=f"Bình luận {number}", name="Khách", email=email),
            edition=edition,
            author=None,
            answering=None,
            sender=sender,
            at=AT,
            consent=consenting.current(commenting.FORM, AT),
            purposes=["publish"],
            written=written,
        )

    for number in range(commenting.NETWORK_HOURLY):
        send(number, f"2001:db8:1:2::{number:x}", f"a{number}@example.vn")
    with pytest.raises(commenting.TooMany, match=r"^Từ mạng bạn đang dùng"):
        send(99, "2001:db8:1:2:ffff::1", "b@example.vn")
    for number in range(commenting.GUEST_HOURLY):
        send(100 + number, f"198.51.100.{number}", "c@example.vn")
    with pytest.raises(commenting.TooMany, match=r"^Bạn đã gửi nhiều"):
        send(120, "198.51.100.99", "C@example.vn ")
    written: list[int] = []
    for number in range(commenting.GUEST_HOURLY):
        written.append(send(200 + number, f"198.51.101.{number}", f"d{number}@example.vn", written).pk)
    with pytest.raises(commenting.TooMany, match=r"^Bạn đã gửi nhiều"):
        send(220, "198.51.101.99", "e@example.vn", written)


# --- Where --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "is_open"), [("press", True), ("internal", True), ("portal", False), ("aggregated", False)]
)
def test_what_kind_of_site_it_is_decides_first(edition, settings, kind, is_open):
    settings.SITE_TYPE = kind
    assert questions.of_edition(edition, AT).is_open is is_open


def test_a_section_and_an_article_say_otherwise_and_articles_close_by_themselves(edition, moderator, settings):
    settings.SITE_TYPE = "portal"
    CommentSetting.objects.create(state=CommentState.CLOSED, closes_after=0, who=CommentWho.ACCOUNTS)
    assert questions.of_edition(edition, AT).state is CommentState.CLOSED
    own = CommentSetting.objects.create(section_id=edition.section_id, state=CommentState.OPEN)
    found = questions.of_edition(edition, AT + timedelta(days=400))
    assert (found.state, found.who, found.closes_at) == (CommentState.OPEN, CommentWho.ACCOUNTS, None)
    own.closes_after = 7
    own.save()
    assert questions.of_edition(edition, AT + timedelta(days=6)).is_open
    assert questions.of_edition(edition, AT + timedelta(days=8)).state is CommentState.CLOSED
    switch = {"article_id": edition.article_id, "actor": moderator, "at": AT, "reason": "Vụ án đang xét xử"}
    moderating.switch(**switch, state=CommentState.OFF, closes_at=None)
    assert questions.of_edition(edition, AT).is_off
    moderating.switch(**switch, state=CommentState.OPEN, closes_at=AT + timedelta(hours=1))
    assert questions.of_edition(edition, AT).is_open
    with pytest.raises(commenting.Closed):
        write(edition, at=AT + timedelta(hours=2))
    with pytest.raises(commenting.Closed):
        write(edition)  # accounts only
    assert write(edition, author=make.make_user(None)).status == CommentStatus.HELD
    with pytest.raises(NotAllowed):
        moderating.switch(**{**switch, "actor": make.make_user("reporter")}, state=CommentState.OFF, closes_at=None)


def test_a_setting_above_holds_below(edition, moderator):
    above = make.make_section("Mục mẹ")
    edition.section.parent = above
    edition.section.save()
    CommentSetting.objects.create(section=above, state=CommentState.OFF)
    assert questions.of_edition(edition, AT).is_off


@pytest.mark.parametrize(("kind", "state"), [("press", CommentState.OPEN), ("portal", CommentState.OFF)])
def test_what_holds_everywhere_is_what_articles_go_by(settings, kind, state):
    settings.SITE_TYPE = kind
    above = make.make_section("Mục mẹ")
    below = make.make_section("Mục con", parent=above)
    other = make.make_section("Mục khác")
    assert {(rules.state, rules.who, rules.closes_after) for rules in questions.in_force()} == {
        (state, CommentWho.EVERYBODY, 30)
    }
    CommentSetting.objects.create(who=CommentWho.ACCOUNTS, closes_after=7)
    CommentSetting.objects.create(section=above, state=CommentState.OPEN, closes_after=0)
    CommentSetting.objects.create(section=below, state=CommentState.CLOSED)
    found = {rules.place: rules for rules in questions.in_force()}
    assert {name: (rules.state, rules.who, rules.closes_after) for name, rules in found.items()} == {
        "Cả trang": (state, CommentWho.ACCOUNTS, 7),
        "Mục mẹ": (CommentState.OPEN, CommentWho.ACCOUNTS, 0),
        "Mục con": (CommentState.CLOSED, CommentWho.ACCOUNTS, 0),
        "Mục khác": (state, CommentWho.ACCOUNTS, 7),
    }
    assert [name for name, rules in found.items() if rules.is_below] == ["Mục con"]
    for section in (above, below, other):
        rules = found[section.name]
        there = questions.openness(article_id=0, section_id=section.pk, published_at=AT, at=AT)
        assert (there.state, there.who) == (rules.state, rules.who)
        assert there.closes_at == (AT + timedelta(days=rules.closes_after) if rules.closes_after else None)


def test_one_setting_for_the_site():
    CommentSetting.objects.create(state=CommentState.OPEN)
    with pytest.raises(IntegrityError), transaction.atomic():
        CommentSetting.objects.create(state=CommentState.OFF)


# --- Two levels ------------------------------------------------------------------------------------------------


def test_an_answer_to_an_answer_stands_in_the_same_thread_and_both_writers_are_told(edition, moderator):
    asked, second, third = (make.make_user(None) for _ in range(3))
    root = make.make_comment(edition, "Bao giờ xong?", author=asked)
    reply = make.make_comment(edition, "Cuối năm.", author=second, answering=root)
    deeper = make.make_comment(edition, "Chắc không?", author=third, answering=reply)
    assert (deeper.parent_id, deeper.answering_id) == (root.pk, reply.pk)
    root.refresh_from_db()
    assert root.reply_count == 2
    told = Notification.objects.filter(kind=NotificationKind.COMMENT_ANSWERED).values_list("user_id", "comment_id")
    assert sorted(told) == sorted([(asked.pk, reply.pk), (asked.pk, deeper.pk), (second.pk, deeper.pk)])


def test_the_database_keeps_two_levels(edition):
    root = make.make_comment(edition)
    reply = make.make_comment(edition, answering=root)
    other = make.make_comment(make.publish(make.make_article(at=AT - timedelta(hours=3)), at=AT))
    for parent, article in ((reply, edition.article_id), (other, edition.article_id), (root, other.article_id)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Comment.objects.create(
                article_id=article, parent=parent, name="x", body="x", body_digest="x", created_at=AT
            )
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.filter(pk=root.pk).update(parent=other.pk)


# --- Its writer --------------------------------------------------------------------------------------------------


def test_a_shown_comment_that_is_edited_waits_again_unless_its_writer_is_trusted(edition, moderator):
    reader, known = make.make_user(None), trusted(moderator, edition)
    row, other = make.make_comment(edition, author=reader, at=AT), write(edition, "Tôi quen ở đây.", author=known)
    after = AT + timedelta(minutes=9)
    changed = commenting.edit(comment_id=row.pk, viewer=Viewer(reader.pk), body="Sửa lại.", sender="::1", at=after)
    assert (changed.status, changed.edited_at, rules(changed)) == (CommentStatus.HELD, after, ["untrusted", "edited"])
    same = commenting.edit(comment_id=other.pk, viewer=Viewer(known.pk), body="Sửa chính tả.", sender="::1", at=after)
    assert same.status == CommentStatus.SHOWN
    assert tally(edition) == (1, 1)
    with pytest.raises(commenting.TooLate):
        commenting.edit(
            comment_id=row.pk, viewer=Viewer(reader.pk), body="Muộn.", sender="::1", at=AT + timedelta(minutes=10)
        )
    for viewer in (Viewer(known.pk), Viewer(None), Viewer(None, frozenset({row.pk}))):
        with pytest.raises(Comment.DoesNotExist):
            commenting.edit(comment_id=row.pk, viewer=viewer, body="Của người khác.", sender="::1", at=AT)
    decide(row, "approve", moderator)
    assert CommenterStanding.objects.get(user=reader).approved == 1  # not twice for one comment


def test_who_is_locked_out_changes_and_likes_nothing_whoever_they_were(edition, moderator):
    reader, other = trusted(moderator, edition), make.make_comment(edition, author=make.make_user(None), at=AT)
    row = write(edition, author=reader)
    guests = write(edition, "Của khách.", email="mai@example.vn")
    changes = {row.pk: Viewer(reader.pk), guests.pk: Viewer(None, frozenset({guests.pk}))}
    CommenterStanding.objects.filter(user=reader).update(blocked_until=AT + timedelta(days=1))
    CommenterStanding.objects.create(mailbox=crypto.digest("mai@example.vn"), blocked_until=AT + timedelta(days=1))
    for number, viewer in changes.items():
        with pytest.raises(commenting.Blocked):
            commenting.edit(comment_id=number, viewer=viewer, body="Đã sửa.", sender="::1", at=AT)
        assert commenting.withdraw(comment_id=number, viewer=viewer, at=AT).status == CommentStatus.WITHDRAWN
    with pytest.raises(commenting.Blocked):
        commenting.like(comment_id=other.pk, user=reader, at=AT)
    CommenterStanding.objects.update(blocked_until=AT - timedelta(days=1))
    assert commenting.like(comment_id=other.pk, user=reader, at=AT) == 1


def test_no_word_changes_under_an_article_that_is_closed(edition, moderator):
    reader = trusted(moderator, edition)
    row = write(edition, author=reader)
    closing = {"article_id": edition.article_id, "actor": moderator, "at": AT, "reason": "Vụ án đang xét xử"}
    moderating.switch(**closing, state=CommentState.CLOSED, closes_at=None)
    with pytest.raises(commenting.Closed):
        commenting.edit(comment_id=row.pk, viewer=Viewer(reader.pk), body="Đã sửa.", sender="::1", at=AT)
    row.refresh_from_db()
    assert row.body == "Một bình luận về cây cầu."


def test_an_edit_is_no_answer_to_reports(edition, moderator):
    """What readers' reports keep back stays back until the desk has looked, however trusted the writer."""
    reader = trusted(moderator, edition)
    row = write(edition, author=reader)
    for number in range(commenting.REPORTS_HOLD):
        commenting.report(
            comment_id=row.pk,
            user=None,
            reason=ReportReason.INSULT,
            note_of_reader="",
            sender=f"203.0.113.{number}",
            at=AT,
        )
    changed = commenting.edit(comment_id=row.pk, viewer=Viewer(reader.pk), body="Đã sửa.", sender="::1", at=AT)
    assert (changed.status, changed.report_count, rules(changed)) == (CommentStatus.HELD, 5, ["reports"])
    decide(row, "approve", moderator)
    assert tally(edition) == (1, 0)


def fared(reader):
    row = CommenterStanding.objects.get(user=reader)
    return row.approved, row.refused, row.refused_at


def test_only_the_desks_last_word_on_a_comment_counts(edition, moderator):
    """A decision changed is taken back; what the word list threw out was never counted against its writer."""
    WordRule.objects.create(pattern="bán thuốc", level=WordLevel.SPAM)
    reader = make.make_user(None)
    first, second = (
        write(edition, "Bình luận xấu.", author=reader),
        write(edition, "Ở đây bán thuốc tốt.", author=reader),
    )
    assert second.status == CommentStatus.SPAM
    decide(first, "hide", moderator, "Quảng cáo")
    assert fared(reader) == (0, 1, AT)
    decide(second, "restore", moderator)
    assert fared(reader) == (1, 1, AT)
    decide(first, "restore", moderator)
    assert fared(reader) == (2, 0, None)
    third = write(edition, "Một bình luận nữa.", author=reader)
    decide(third, "approve", moderator)
    changed = commenting.edit(comment_id=third.pk, viewer=Viewer(reader.pk), body="Nay thành xấu.", sender="::1", at=AT)
    assert changed.status == CommentStatus.HELD
    later = AT + timedelta(minutes=5)
    decide(third, "hide", moderator, "Xúc phạm người khác", at=later)
    assert fared(reader) == (2, 1, later)
    decide(third, "spam", moderator, "Quảng cáo", at=later)
    assert fared(reader) == (2, 1, later)


def test_a_withdrawn_comment_leaves_its_answers(edition):
    reader = make.make_user(None)
    root = make.make_comment(edition, author=reader)
    make.make_comment(edition, answering=root)
    commenting.withdraw(comment_id=root.pk, viewer=Viewer(reader.pk), at=AT)
    commenting.withdraw(comment_id=root.pk, viewer=Viewer(reader.pk), at=AT)
    page = questions.threads(edition.article_id, AT, Viewer(), base="/tin/a-1/")
    assert [(thread.is_gone, thread.body, len(thread.replies)) for thread in page.threads] == [(True, "", 1)]
    assert tally(edition) == (1, 0)


def test_likes_are_one_an_account_and_counted(edition):
    row, reader = make.make_comment(edition), make.make_user(None)
    assert [commenting.like(comment_id=row.pk, user=reader, at=AT) for _ in range(2)] == [1, 1]
    assert commenting.like(comment_id=row.pk, user=make.make_user(None), at=AT) == 2
    assert [commenting.unlike(comment_id=row.pk, user=reader) for _ in range(2)] == [1, 1]
    hidden = write(edition, "Chờ duyệt thì không thích được.")
    with pytest.raises(Comment.DoesNotExist):
        commenting.like(comment_id=hidden.pk, user=reader, at=AT)


def test_reports_are_one_a_reader_and_hold_what_nobody_has_looked_at(edition, moderator):
    row = write(edition, author=trusted(moderator, edition))
    looked = make.make_comment(edition)

    def report(comment, number, user=None):
        sender = f"203.0.113.{number}"
        commenting.report(
            comment_id=comment.pk, user=user, reason=ReportReason.INSULT, note_of_reader="x", sender=sender, at=AT
        )

    for number in (1, 1, 2, 3, 4):
        report(row, number)
        report(looked, number)
    row.refresh_from_db()
    assert (row.report_count, row.status) == (4, CommentStatus.SHOWN)
    report(row, 5, make.make_user(None))
    report(looked, 5, make.make_user(None))
    row.refresh_from_db()
    looked.refresh_from_db()
    assert (row.report_count, row.status, row.held_for) == (5, CommentStatus.HELD, [{"rule": "reports"}])
    assert (looked.report_count, looked.status) == (5, CommentStatus.SHOWN)
    assert not CommentReport.objects.filter(visitor__contains="203").exists()
    again = {"comment_id": looked.pk, "actor": moderator, "at": AT, "stamp": questions.stamp_of(looked)}
    assert [moderating.clear_reports(**again), moderating.clear_reports(**again)] == [True, False]
    looked.refresh_from_db()
    assert (looked.report_count, looked.reports.filter(handled_at=None).count()) == (0, 0)


# --- The desk ----------------------------------------------------------------------------------------------------


def test_each_deed_is_logged_told_and_needs_its_right_and_its_reason(edition, moderator):
    reader = make.make_user(None)
    row = write(edition, author=reader)
    for role in ("reporter", "editor", "secretary", "administrator"):
        with pytest.raises(NotAllowed):
            decide(row, "approve", make.make_user(role))
    with pytest.raises(NotAllowed, match="lý do"):
        decide(row, "hide", moderator)
    decide(row, "approve", moderator)
    decide(row, "hide", moderator, "Ngôn từ thô tục")
    decide(row, "restore", moderator)
    decide(row, "spam", moderator, "Quảng cáo")
    told = row.events.order_by("id").values_list("deed", "actor", "reason")
    assert list(told) == [
        ("write", None, ""),
        ("approve", moderator.pk, ""),
        ("hide", moderator.pk, "Ngôn từ thô tục"),
        ("restore", moderator.pk, ""),
        ("spam", moderator.pk, "Quảng cáo"),
    ]
    assert Notification.objects.filter(user=reader, kind=NotificationKind.COMMENT_DECIDED).count() == 1
    mine = questions.mine(reader.pk).items[0]
    assert (mine.state, mine.reason, mine.may_appeal) == ("Không được hiện", "Quảng cáo", True)


def test_who_was_slower_is_told_who_was_quicker(edition, moderator):
    row = write(edition)
    seen = questions.stamp_of(row)
    decide(row, "approve", moderator)
    again = moderating.decide(comment_id=row.pk, step="approve", actor=moderator, at=AT, stamp=seen)
    assert again.status == CommentStatus.SHOWN  # a second click
    with pytest.raises(moderating.Changed, match=r"Lường Thị Duyệt lúc .* tình trạng"):
        moderating.decide(
            comment_id=row.pk, step="hide", actor=make.make_user("chief"), at=AT, stamp=seen, reason="Quảng cáo"
        )


def test_a_moderator_never_approves_what_they_have_not_read(edition, moderator):
    reader = make.make_user(None)
    row = write(edition, author=reader)
    seen = questions.stamp_of(row)
    commenting.edit(comment_id=row.pk, viewer=Viewer(reader.pk), body="Nội dung khác hẳn.", sender="::1", at=AT)
    with pytest.raises(moderating.Changed, match="nội dung"):
        moderating.decide(comment_id=row.pk, step="approve", actor=moderator, at=AT, stamp=seen)


def test_many_at_once_each_for_itself(edition, moderator):
    rows = [write(edition, f"Bình luận {number}") for number in range(4)]
    chosen = [(row.pk, questions.stamp_of(row)) for row in rows]
    decide(rows[0], "hide", moderator, "Quảng cáo")
    done = moderating.decide_many(chosen=[*chosen, (10**9, "x")], step="approve", actor=moderator, at=AT)
    assert (done.count, done.already, len(done.refused)) == (3, 0, 2)
    later = AT + timedelta(minutes=1)
    again = moderating.decide_many(chosen=chosen[1:], step="approve", actor=moderator, at=later)
    assert (again.count, again.already, again.refused) == (0, 3, ())
    assert tally(edition) == (3, 0)


def test_a_blocked_writer_is_out_until_the_day_or_until_let_in(edition, moderator):
    guest = {"name": "Khách", "email": "khach@example.vn"}
    row = write(edition, **guest)
    order = {"comment_id": row.pk, "actor": moderator, "at": AT, "reason": "Quảng cáo"}
    moderating.block(**order, days=7, stamp=questions.stamp_of(row))
    row.refresh_from_db()
    assert row.status == CommentStatus.HIDDEN
    with pytest.raises(commenting.Blocked):
        write(edition, "Lại là tôi.", **guest)
    assert write(edition, "Hết hạn khóa.", **guest, at=AT + timedelta(days=8))
    standing = CommenterStanding.objects.get()
    moderating.unblock(standing_id=standing.pk, actor=moderator, at=AT, reason="Đã xin lỗi")
    assert write(edition, "Cảm ơn tòa soạn.", **guest).status == CommentStatus.HELD
    staff = make.make_comment(edition, author=make.make_user("reporter"))
    with pytest.raises(NotAllowed):
        moderating.block(**{**order, "comment_id": staff.pk}, days=7, stamp=questions.stamp_of(staff))


LOCKED = "Tòa soạn tạm khóa việc viết bình luận của bạn đến {}. Lý do: Quảng cáo."


def test_who_is_locked_out_is_told_until_when_why_and_how_to_object(edition, moderator):
    until = timezone.localtime(AT + timedelta(days=30))
    reader = make.make_user(None, email="mai@example.vn")
    EmailAddress.objects.create(user=reader, email=reader.email, verified=True, primary=True)
    NotificationChoice.objects.create(user=reader, kind=NotificationKind.COMMENT_DECIDED, on_page=True, by_mail=True)
    guest = write(edition)
    Consent.objects.filter(contact=guest.contact).update(purposes=["publish", "notify"])
    hidden = write(edition, "Đã ẩn từ trước.", author=make.make_user(None))
    decide(hidden, "hide", moderator, "Không liên quan tới bài")
    said = []
    for row in (write(edition, "Mua ở chỗ tôi.", author=reader), guest, hidden):
        row.refresh_from_db()
        said.append(
            moderating.block(
                comment_id=row.pk,
                days=30,
                actor=moderator,
                at=AT,
                stamp=questions.stamp_of(row),
                reason="Quảng cáo",
            )
        )
    day = f"{until.day}/{until.month}/{until.year}"
    assert said == [*[f"Đã khóa người viết đến {day} và ẩn bình luận này."] * 2, f"Đã khóa người viết đến {day}."]
    words = LOCKED.format(f"{until:%H:%M} {day}")
    mails = [crypto.decrypt(row.message) for row in Outbox.objects.order_by("pk")]
    assert [words in mail[form] for mail in mails for form in ("text", "html")] == [True] * 4
    assert ["/phan-hoi/" in mail[form] for mail in mails for form in ("text", "html")] == [True] * 4
    for user in (reader, hidden.author):
        (notice,) = notifications.mine(user.pk, AT).items
        assert notice.words.startswith("Bình luận của bạn không được hiện. Lý do: ")
        assert words in notice.words
        assert notifications.mine(user.pk, AT + timedelta(days=31)).items[0].words.endswith(("Quảng cáo.", "tới bài."))


def test_a_block_is_not_shed_by_another_way_in(edition, moderator):
    """Neither as a guest under the account's address, nor with a new account of it after an erasure."""
    reader = make.make_user(None, email="hay.gay@example.vn")
    EmailAddress.objects.create(user=reader, email=reader.email, verified=True, primary=True)
    row = make.make_comment(edition, author=reader, at=AT)
    moderating.block(
        comment_id=row.pk, days=7, actor=moderator, at=AT, stamp=questions.stamp_of(row), reason="Xúc phạm người khác"
    )
    with pytest.raises(commenting.Blocked):
        write(edition, "Nay là khách.", email="Hay.Gay@example.vn")
    privacy.erase(user_id=reader.pk, at=AT, reason=ErasureReason.WISH)
    again = make.make_user(None, email="hay.gay@example.vn")
    EmailAddress.objects.create(user=again, email=again.email, verified=True, primary=True)
    with pytest.raises(commenting.Blocked):
        write(edition, "Nay là tài khoản mới.", author=again)
    with pytest.raises(commenting.Blocked):
        write(edition, "Nay lại là khách.", email="hay.gay@example.vn")
    assert write(edition, "Người khác.", email="nguoi.khac@example.vn").status == CommentStatus.HELD
    later = AT + timedelta(days=8)
    assert write(edition, "Đã hết hạn khóa.", author=again, at=later).status == CommentStatus.HELD


def test_an_appeal_is_one_and_ends_in_words_or_in_a_restored_comment(edition, moderator):
    reader = make.make_user(None)
    first, second = write(edition, author=reader), write(edition, "Câu thứ hai.", author=reader)
    with pytest.raises(commenting.TooLate):
        commenting.appeal(comment_id=first.pk, viewer=Viewer(reader.pk), words="Sao lâu thế", at=AT)
    for row in (first, second):
        decide(row, "hide", moderator, "Không liên quan tới bài")
        commenting.appeal(comment_id=row.pk, viewer=Viewer(reader.pk), words="Có liên quan mà.", at=AT)
    with pytest.raises(commenting.TooLate):
        commenting.appeal(comment_id=first.pk, viewer=Viewer(reader.pk), words="Lần nữa.", at=AT)
    moderating.deny_appeal(comment_id=first.pk, actor=moderator, at=AT, answer="Bài nói về cầu.")
    decide(second, "restore", moderator)
    assert [row.status for row in CommentAppeal.objects.order_by("pk")] == [AppealStatus.DENIED, AppealStatus.UPHELD]
    assert questions.mine(reader.pk).items[1].appeal == "Giữ nguyên quyết định"


def test_the_newsroom_answers_in_its_own_name(edition, moderator):
    reader = make.make_user(None)
    row = make.make_comment(edition, author=reader)
    answers = [moderating.answer(comment_id=row.pk, actor=moderator, at=AT, body="Cuối năm sẽ xong.") for _ in range(2)]
    assert answers[0] == answers[1]
    assert (answers[0].name, answers[0].status, answers[0].parent_id) == ("Tòa soạn", CommentStatus.SHOWN, row.pk)
    assert Notification.objects.filter(user=reader, kind=NotificationKind.COMMENT_ANSWERED).count() == 1
    with pytest.raises(NotAllowed):
        moderating.answer(comment_id=row.pk, actor=make.make_user("editor"), at=AT, body="Tôi không được.")


def test_a_guest_is_mailed_only_where_they_agreed(edition, moderator):
    silent, told = write(edition), write(edition, "Báo cho tôi nhé.")
    consent = Consent.objects.get(contact=told.contact)
    consent.purposes = ["publish", "notify"]
    consent.save()
    for row in (silent, told):
        decide(row, "approve", moderator)
    assert list(Outbox.objects.values_list("kind", flat=True)) == ["comment_notice"]


def test_a_reader_is_told_what_became_of_their_words_and_of_each_later_decision(edition, moderator):
    reader = make.make_user(None, email="mai@example.vn")
    EmailAddress.objects.create(user=reader, email=reader.email, verified=True, primary=True)
    kind = NotificationKind.COMMENT_DECIDED
    NotificationChoice.objects.create(user=reader, kind=kind, on_page=True, by_mail=True)
    row, other = write(edition, author=reader), write(edition, "Câu khác.", author=reader)
    seen = []

    def told():
        page = notifications.mine(reader.pk, AT)
        seen.append([(notice.words, notice.is_new) for notice in page.items])
        mail = crypto.decrypt(Outbox.objects.order_by("-pk").first().message)
        assert all(page.items[0].words in mail[form] for form in ("text", "html"))
        notifying.read_all(user_id=reader.pk, at=AT)

    decide(row, "hide", moderator, "Không liên quan tới bài")
    told()
    commenting.appeal(comment_id=row.pk, viewer=Viewer(reader.pk), words="Có liên quan mà.", at=AT)
    moderating.deny_appeal(comment_id=row.pk, actor=moderator, at=AT, answer="Bài nói về cầu.")
    told()
    decide(other, "hide", moderator, "Quảng cáo")
    told()
    commenting.appeal(comment_id=other.pk, viewer=Viewer(reader.pk), words="Không phải.", at=AT)
    decide(other, "restore", moderator)
    told()
    hidden = "Bình luận của bạn không được hiện. Lý do: "
    denied = (
        "Tòa soạn đã xem khiếu nại của bạn và giữ nguyên quyết định: bình luận không được hiện. "
        "Lý do: Không liên quan tới bài. Trả lời của tòa soạn: Bài nói về cầu."
    )
    granted = "Khiếu nại của bạn được chấp nhận: bình luận đang hiện trên trang."
    assert seen == [
        [(f"{hidden}Không liên quan tới bài.", True)],
        [(denied, True)],
        [(f"{hidden}Quảng cáo.", True), (denied, False)],
        [(granted, True), (denied, False)],
    ]


@pytest.mark.parametrize(
    ("step", "reason", "said"),
    [
        ("approve", "", "Bình luận của bạn đã được duyệt và đang hiện trên trang."),
        ("hide", "Quảng cáo", "Bình luận của bạn không được hiện. Lý do: Quảng cáo."),
    ],
)
def test_a_guests_mail_says_what_became_of_the_comment(edition, moderator, step, reason, said):
    row = write(edition, "Lời riêng của khách.")
    consent = Consent.objects.get(contact=row.contact)
    consent.purposes = ["publish", "notify"]
    consent.save()
    decide(row, step, moderator, reason)
    mail = crypto.decrypt(Outbox.objects.get().message)
    assert [said in mail[form] for form in ("text", "html")] == [True, True]
    assert "Lời riêng" not in str(mail)


def test_who_looked_at_an_address_is_in_the_log(edition, moderator):
    row = write(edition, email="mai@example.vn")
    assert moderating.contact_of(comment_id=row.pk, actor=moderator, at=AT) == "mai@example.vn"
    assert list(row.events.filter(deed=CommentDeed.LOOK).values_list("actor", flat=True)) == [moderator.pk]
    with pytest.raises(NotAllowed):
        moderating.contact_of(comment_id=row.pk, actor=make.make_user("editor"), at=AT)


# --- Numbers and erasing -------------------------------------------------------------------------------------------


def test_numbers_that_went_wrong_are_made_anew(edition):
    root = make.make_comment(edition)
    make.make_comment(edition, answering=root)
    write(edition, "Còn chờ.")
    assert placing.recount([edition.article_id]) == 0
    Comment.objects.filter(pk=root.pk).update(reply_count=9, is_listed=False)
    CommentTally.objects.update(shown=77, held=77)
    assert placing.recount([edition.article_id]) == 1
    root.refresh_from_db()
    assert (root.reply_count, root.is_listed, tally(edition)) == (1, True, (2, 1))


def test_what_is_erased_is_in_no_table(edition, moderator):
    name, email = "Sầm Thị Riêng", "rieng.sam@example.vn"
    row = write(edition, f"Tôi là {name}, thư {email.upper()} nhé.", name=name, email=email)
    reader = make.make_user(None, full_name=name)
    other = make.make_comment(edition)
    commenting.like(comment_id=other.pk, user=reader, at=AT)
    decide(row, "hide", moderator, f"Đã gọi {name}")
    commenting.appeal(comment_id=row.pk, viewer=Viewer(None, frozenset({row.pk})), words=f"{name} xin lỗi", at=AT)
    exported = questions.export_of(contact_ids=[row.contact_id], user_ids=[reader.pk])
    assert [entry["Loại"] for entry in exported] == ["Bình luận", "Lượt thích"]
    done = commenting.erase_of(contact_ids=[row.contact_id], user_ids=[reader.pk], strings=[name, email], at=AT)
    row.contact.delete()
    reader.delete()
    assert done == 1
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.name, row.body, other.like_count, CommentLike.objects.count()) == (
        "Bạn đọc",
        "Tôi là […], thư […] nhé.",
        0,
        0,
    )
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("news_comment"):
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                held = repr(cursor.fetchall()).casefold()
                assert name.casefold() not in held
                assert email not in held
