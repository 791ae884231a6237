"""Notifying: what a reader is told, once, and by mail only where they switched it on."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import DatabaseError
from django.utils import timezone

from news import crypto
from news.models import (
    Bookmark,
    Edition,
    Follow,
    FollowDigest,
    FollowKind,
    MailScope,
    Notification,
    NotificationChoice,
    NotificationKind,
    Outbox,
)
from news.queries import addresses, bookmarks, follows, notifications
from news.services import bookmarking, following, notifying, publishing, stopping
from news.tests import causes, make

pytestmark = pytest.mark.django_db

ANSWERED, DECIDED, LETTER = (
    NotificationKind.COMMENT_ANSWERED,
    NotificationKind.COMMENT_DECIDED,
    NotificationKind.FEEDBACK_ANSWERED,
)


@pytest.fixture
def article():
    return make.publish(make.make_article("Mùa ban nở")).article


@pytest.fixture
def said(article):
    return comment(article)


def reader(*, by_mail=(), off=()):
    user = make.make_user(None, email=f"ban-doc-{make.make_tag().pk}@example.vn")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    for kind in (*by_mail, *off):
        NotificationChoice.objects.create(user=user, kind=kind, by_mail=kind in by_mail, on_page=kind not in off)
    return user


def comment(article):
    """A guest's comment that readers see."""
    edition = article.editions.get()
    return make.make_comment(edition, at=edition.published_at + timedelta(minutes=1))


def mails():
    rows = Outbox.objects.filter(kind=notifying.KIND).order_by("pk")
    return [(crypto.decrypt(row.recipient)["address"], crypto.decrypt(row.message)) for row in rows]


def test_the_page_is_on_and_mail_is_off_until_switched(article, said):
    user = reader()
    notifying.notify(user_id=user.pk, kind=ANSWERED, at=timezone.now(), article_id=article.pk, comment_id=said.pk)
    row = Notification.objects.get()
    assert (row.user, row.kind, row.article, row.comment, row.is_listed, row.read_at, row.mailed_at) == (
        *(user, ANSWERED, article, said, True, None, None),
    )
    assert Outbox.objects.count() == 0


def test_a_mail_leads_to_the_public_page_and_its_subject_tells_nothing(article, said):
    user = reader(by_mail=[ANSWERED])
    notifying.notify(user_id=user.pk, kind=ANSWERED, at=timezone.now(), article_id=article.pk, comment_id=said.pk)
    ((address, message),) = mails()
    assert address == user.email
    assert message["subject"] == "Có người trả lời bình luận của bạn | Tòa soạn"
    assert "Mùa ban nở" in message["text"]
    assert re.search(rf"https?://\S+/tin/mua-ban-no-{article.pk}/\S*{said.pk}\b", message["text"])
    assert Notification.objects.get().mailed_at is not None


def test_the_same_is_told_once(article, said):
    user = reader(by_mail=[ANSWERED, DECIDED])
    for kind in (ANSWERED, DECIDED):
        for _ in range(2):
            notifying.notify(user_id=user.pk, kind=kind, at=timezone.now(), article_id=article.pk, comment_id=said.pk)
    assert Notification.objects.count() == 2
    Notification.objects.update(read_at=timezone.now())
    for kind in (ANSWERED, DECIDED):
        notifying.notify(user_id=user.pk, kind=kind, at=timezone.now(), article_id=article.pk, comment_id=said.pk)
    # The answer for good; the comment may be decided on anew, and its writer hears of that by mail as well.
    rows = Notification.objects.order_by("kind").values_list("kind", "read_at")
    assert [(kind, read is None) for kind, read in rows] == [(ANSWERED, False), (DECIDED, True)]
    assert [mail["subject"].partition(" | ")[0] for _, mail in mails()] == [
        "Có người trả lời bình luận của bạn",
        *["Tòa soạn đã xem xét bình luận của bạn"] * 3,
    ]


def test_a_hundred_answers_are_one_mail(article):
    user = reader(by_mail=[ANSWERED])
    for _ in range(5):
        notifying.notify(
            user_id=user.pk,
            kind=ANSWERED,
            at=timezone.now(),
            article_id=article.pk,
            comment_id=comment(article).pk,
        )
    assert (Notification.objects.count(), len(mails())) == (5, 1)


@pytest.mark.parametrize(("off", "rows", "sent"), [([], 1, 0), ([ANSWERED], 0, 0)])
def test_what_is_switched_off_is_not_told(article, off, rows, sent, said):
    user = reader(off=off)
    notifying.notify(user_id=user.pk, kind=ANSWERED, at=timezone.now(), article_id=article.pk, comment_id=said.pk)
    assert (Notification.objects.count(), len(mails())) == (rows, sent)


def test_by_mail_alone_is_on_no_page(article, said):
    user = reader()
    NotificationChoice.objects.create(user=user, kind=ANSWERED, on_page=False, by_mail=True)
    notifying.notify(user_id=user.pk, kind=ANSWERED, at=timezone.now(), article_id=article.pk, comment_id=said.pk)
    assert (Notification.objects.filter(is_listed=True).count(), len(mails())) == (0, 1)


def test_nobody_is_told_of_their_own_nor_without_a_proved_address(article, said):
    user = reader(by_mail=[ANSWERED])
    notifying.notify(
        user_id=user.pk, kind=ANSWERED, at=timezone.now(), article_id=article.pk, comment_id=said.pk, caused_by=user.pk
    )
    assert Notification.objects.count() == 0
    EmailAddress.objects.update(verified=False)
    notifying.notify(user_id=user.pk, kind=ANSWERED, at=timezone.now(), article_id=article.pk, comment_id=said.pk)
    assert (Notification.objects.count(), len(mails())) == (1, 0)
    locked = make.make_user(None, is_active=False)
    for user_id in (locked.pk, 999_999):
        notifying.notify(user_id=user_id, kind=ANSWERED, at=timezone.now(), article_id=article.pk, comment_id=said.pk)
    assert Notification.objects.count() == 1


def test_an_article_that_is_gone_is_named_in_no_mail(article, said):
    user = reader(by_mail=[ANSWERED])
    make.withdraw(article, at=timezone.now())
    notifying.notify(user_id=user.pk, kind=ANSWERED, at=timezone.now(), article_id=article.pk, comment_id=said.pk)
    assert (Notification.objects.count(), len(mails())) == (1, 0)


def test_a_letter_has_its_own(article):
    user = reader(by_mail=[LETTER])
    letter = make.make_letter()
    notifying.notify(user_id=user.pk, kind=LETTER, at=timezone.now(), feedback_id=letter.pk)
    ((_, message),) = mails()
    assert letter.code not in message["subject"]
    assert addresses.own_letter(letter.pk) in message["text"]


# --- New articles of what is followed --------------------------------------------------------------------

MORNING = timezone.localtime().replace(hour=8, minute=0, second=0, microsecond=0)


def follower(*targets, since=MORNING - timedelta(days=2), by_mail=True):
    user = reader(by_mail=[NotificationKind.FOLLOWED_ARTICLE] if by_mail else ())
    for kind, pk in targets:
        Follow.objects.create(user=user, created_at=since, **{f"{kind}_id": pk})
    return user


def told():
    """Who was mailed which titles, mail by mail."""
    rows = Outbox.objects.filter(kind=notifying.DIGEST).order_by("pk")
    found = []
    for row in rows:
        text = crypto.decrypt(row.message)["text"]
        lines = text.split("\n")
        titles = [before for before, line in pairwise(lines) if re.search(r": https?://\S+/tin/", line)]
        found.append((crypto.decrypt(row.recipient)["address"], titles))
    return found


def appear(title, hours, **fields):
    return make.publish(make.make_article(title, **fields), at=MORNING - timedelta(hours=hours))


def test_each_reader_is_told_once_of_what_they_follow():
    with time_machine.travel(MORNING, tick=False):
        section, other = make.make_section("Thời sự"), make.make_section("Đời sống")
        tag, person = make.make_tag("Biên giới"), make.make_person("Lò Văn Pâng")
        delegation = make.make_delegation("Đoàn công tác", make.attendee(person))
        appear("Của mục", 3, section=section, tags=(tag,))
        appear("Của từ khóa", 2, section=other, tags=(tag,))
        appear("Của người", 1, section=other, delegations=(delegation,))
        everything = follower(("section", section.pk), ("tag", tag.pk), ("person", person.pk))
        one = follower(("section", section.pk))
        follower(("section", section.pk), by_mail=False)
        follower(("section", section.pk), since=MORNING)  # what appeared before is not new to them
        follower()
        assert notifying.send_digests(at=MORNING) == 2
        assert told() == [
            (everything.email, ["Của người", "Của từ khóa", "Của mục"]),
            (one.email, ["Của mục"]),
        ]
        message = crypto.decrypt(Outbox.objects.filter(kind=notifying.DIGEST).first().message)
        assert message["subject"].startswith("Bài mới bạn theo dõi, ")
        assert "Thời sự" not in message["subject"]
        assert message["header:List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        # Not twice on a day, nor the next day; a new one then.
        assert notifying.send_digests(at=MORNING + timedelta(hours=3)) == 0
        appear("Mới hôm sau", -5, section=section)
        assert notifying.send_digests(at=MORNING + timedelta(days=1, hours=-2)) == 0  # before seven
        assert notifying.send_digests(at=MORNING + timedelta(days=1)) == 3
    assert [titles for _, titles in told()[2:]] == [["Mới hôm sau"]] * 3


def test_only_what_readers_see_and_each_article_once_however_often_it_changes():
    with time_machine.travel(MORNING, tick=False):
        section = make.make_section()
        follower(("section", section.pk))
        goes, comes_back = appear("Bị gỡ", 4, section=section), appear("Gỡ rồi đăng lại", 5, section=section)
        appear("Ở lại", 3, section=section)
        waits = make.make_article("Hẹn giờ", section=section)
        make.schedule(waits, visible_from=MORNING + timedelta(hours=2), at=MORNING - timedelta(hours=1))
        for edition in (goes, comes_back):
            make.withdraw(edition.article, at=MORNING - timedelta(hours=2))
        notifying.send_digests(at=MORNING)
        again = make.revise(comes_back.article, at=MORNING + timedelta(hours=3), lead="Đã sửa.")
        publishing.publish(article_id=again.pk, actor=again.approved_by, at=MORNING + timedelta(hours=4))
        stays = Edition.objects.live(MORNING).get(title="Ở lại").article
        corrected = make.revise(stays, at=MORNING + timedelta(hours=5), lead="Đã sửa.")
        publishing.publish(article_id=corrected.pk, actor=corrected.approved_by, at=MORNING + timedelta(hours=6))
        notifying.send_digests(at=MORNING + timedelta(days=1))
        notifying.send_digests(at=MORNING + timedelta(days=2))
    assert [titles for _, titles in told()] == [["Ở lại"], ["Hẹn giờ", "Gỡ rồi đăng lại"]]


def test_what_was_merged_leads_to_the_same_readers():
    with time_machine.travel(MORNING, tick=False):
        old, new = make.make_tag("Biên giới"), make.make_tag("Biên giới xanh")
        appear("Dưới tên cũ", 3, tags=(old,))
        appear("Dưới tên mới", 2, tags=(new,))
        type(old).objects.filter(pk=old.pk).update(merged_into=new)
        follower(("tag", old.pk), ("tag", new.pk))
        notifying.send_digests(at=MORNING)
    assert [titles for _, titles in told()] == [["Dưới tên mới", "Dưới tên cũ"]]


def test_a_run_that_breaks_in_the_middle_tells_everybody_exactly_once(monkeypatch):
    monkeypatch.setattr(notifying, "BATCH", 3)
    with time_machine.travel(MORNING, tick=False):
        section = make.make_section()
        appear("Tin mới", 1, section=section)
        readers = [follower(("section", section.pk)) for _ in range(8)]
        for written, kept in ((2, 0), (4, 3)):  # in the first batch, then in the one after
            full = f"(SELECT count(*) FROM news_outbox) >= {written}"
            refused = causes.refused("INSERT ON news_outbox", when=full)
            with refused, pytest.raises(DatabaseError, match="refused by a test"):
                notifying.send_digests(at=MORNING)
            assert len(told()) == kept
        notifying.send_digests(at=MORNING + timedelta(minutes=10))
        notifying.send_digests(at=MORNING + timedelta(minutes=20))
    assert sorted(address for address, _ in told()) == sorted(user.email for user in readers)


def test_the_number_of_queries_does_not_grow_with_articles(django_assert_num_queries):
    with time_machine.travel(MORNING, tick=False):
        section = make.make_section()
        for number in range(3):
            appear(f"Tin {number}", 1 + number, section=section)
        follower(("section", section.pk), by_mail=False)
        silent = [follower(("section", section.pk), since=MORNING) for _ in range(3)]
        with django_assert_num_queries(16):
            assert notifying.send_digests(at=MORNING) == 0
    assert FollowDigest.objects.filter(sent_on=MORNING.date()).count() == len(silent)


def test_who_stopped_by_a_link_or_proved_no_address_gets_no_digest():
    with time_machine.travel(MORNING, tick=False):
        section = make.make_section()
        appear("Tin mới", 1, section=section)
        stopped, unproved, locked = (follower(("section", section.pk)) for _ in range(3))
        token = stopping.token(stopped.email, MailScope.NOTIFICATION)
        stopping.stop(token=token, scope=MailScope.NOTIFICATION, at=MORNING)
        EmailAddress.objects.filter(user=unproved).update(verified=False)
        type(locked).objects.filter(pk=locked.pk).update(is_active=False)
        assert notifying.send_digests(at=MORNING) == 0
        notifying.notify(user_id=stopped.pk, kind=LETTER, at=MORNING, feedback_id=make.make_letter().pk)
        assert mails() == []
        # Asked for again on the reader's page.
        wanted = {NotificationKind.FOLLOWED_ARTICLE: (True, True)}
        notifying.choose(user_id=stopped.pk, wanted=wanted, at=MORNING)
        assert notifying.send_digests(at=MORNING + timedelta(days=1)) == 1


# --- Erasure and export ------------------------------------------------------------------------------------


def test_what_is_a_readers_own_is_exported_and_erased(article, said):
    user, other = reader(), reader()
    section = make.make_section("Thời sự")
    for one in (user, other):
        bookmarking.keep(user_id=one.pk, article_id=article.pk, at=timezone.now())
        following.follow(user_id=one.pk, kind=FollowKind.SECTION, target_id=section.pk, at=timezone.now())
        notifying.notify(user_id=one.pk, kind=ANSWERED, at=timezone.now(), article_id=article.pk, comment_id=said.pk)
        notifying.choose(user_id=one.pk, wanted={ANSWERED: (True, True)}, at=timezone.now())
    whose = {"contact_ids": [], "user_ids": [user.pk]}
    exported = [
        *bookmarks.export_of(**whose),
        *follows.export_of(**whose),
        *notifications.export_of(**whose),
    ]
    assert [next(iter(line.values())) for line in exported] == [
        "Mùa ban nở",
        "Chuyên mục",
        "Có người trả lời bình luận của bạn",
        "Có người trả lời bình luận của tôi",
    ]
    assert exported[1]["Tên"] == "Thời sự"
    for service in (bookmarking, following, notifying):
        assert service.erase_of(**whose, strings=[user.email], at=timezone.now()) > 0
    for model in (Bookmark, Follow, FollowDigest, Notification, NotificationChoice):
        assert [row.user_id for row in model.objects.all()] == [other.pk], model


def test_notifications_go_to_the_accounts_own_address_once_that_is_proven():
    """Another address that was proven does not stand in for it."""
    reader = make.make_user(None, email="Chinh@example.vn")
    own = EmailAddress.objects.create(user=reader, email="chinh@example.vn", verified=False, primary=True)
    EmailAddress.objects.create(user=reader, email="phu@example.vn", verified=True)
    assert notifying.address_of(reader.pk) == ""
    own.verified = True
    own.save()
    assert notifying.address_of(reader.pk) == "chinh@example.vn"
