"""Notifying: what a reader is told, once, and by mail only where they switched it on."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from news import crypto
from news.models import Notification, NotificationChoice, NotificationKind, Outbox
from news.services import notifying
from news.tests import make

pytestmark = pytest.mark.django_db

ANSWERED, DECIDED, LETTER = (
    NotificationKind.COMMENT_ANSWERED,
    NotificationKind.COMMENT_DECIDED,
    NotificationKind.FEEDBACK_ANSWERED,
)


@pytest.fixture
def article():
    return make.publish(make.make_article("Mùa ban nở")).article


def reader(*, by_mail=(), off=()):
    user = make.make_user(None, email=f"ban-doc-{make.make_tag().pk}@example.vn")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    for kind in (*by_mail, *off):
        NotificationChoice.objects.create(user=user, kind=kind, by_mail=kind in by_mail, on_page=kind not in off)
    return user


def mails():
    rows = Outbox.objects.filter(kind=notifying.KIND).order_by("pk")
    return [(crypto.decrypt(row.recipient)["address"], crypto.decrypt(row.message)) for row in rows]


def test_the_page_is_on_and_mail_is_off_until_switched(article):
    user = reader()
    notifying.notify(user_id=user.pk, kind=ANSWERED, at=timezone.now(), article_id=article.pk, comment_id=5)
    row = Notification.objects.get()
    assert (row.user, row.kind, row.article, row.comment_id, row.is_listed, row.read_at, row.mailed_at) == (
        *(user, ANSWERED, article, 5, True, None, None),
    )
    assert Outbox.objects.count() == 0


def test_a_mail_leads_to_the_public_page_and_its_subject_tells_nothing(article):
    user = reader(by_mail=[ANSWERED])
    notifying.notify(user_id=user.pk, kind=ANSWERED, at=timezone.now(), article_id=article.pk, comment_id=5)
    ((address, message),) = mails()
    assert address == user.email
    assert message["subject"] == "Có người trả lời bình luận của bạn | Tòa soạn"
    assert "Mùa ban nở" in message["text"]
    assert re.search(rf"https?://\S+/tin/mua-ban-no-{article.pk}/\S*5\b", message["text"])
    assert Notification.objects.get().mailed_at is not None


def test_the_same_is_told_once(article):
    user = reader(by_mail=[ANSWERED, DECIDED])
    for kind in (ANSWERED, DECIDED):
        for _ in range(2):
            notifying.notify(user_id=user.pk, kind=kind, at=timezone.now(), article_id=article.pk, comment_id=5)
    assert (Notification.objects.count(), len(mails())) == (2, 2)
    Notification.objects.update(read_at=timezone.now())
    for kind in (ANSWERED, DECIDED):
        notifying.notify(user_id=user.pk, kind=kind, at=timezone.now(), article_id=article.pk, comment_id=5)
    # The answer for good; the comment may be decided on anew.
    assert sorted(Notification.objects.values_list("kind", flat=True)) == [ANSWERED, DECIDED, DECIDED]


def test_a_hundred_answers_are_one_mail(article):
    user = reader(by_mail=[ANSWERED])
    for number in range(5):
        notifying.notify(user_id=user.pk, kind=ANSWERED, at=timezone.now(), article_id=article.pk, comment_id=number)
    assert (Notification.objects.count(), len(mails())) == (5, 1)


@pytest.mark.parametrize(("off", "rows", "sent"), [([], 1, 0), ([ANSWERED], 0, 0)])
def test_what_is_switched_off_is_not_told(article, off, rows, sent):
    user = reader(off=off)
    notifying.notify(user_id=user.pk, kind=ANSWERED, at=timezone.now(), article_id=article.pk, comment_id=5)
    assert (Notification.objects.count(), len(mails())) == (rows, sent)


def test_by_mail_alone_is_on_no_page(article):
    user = reader()
    NotificationChoice.objects.create(user=user, kind=ANSWERED, on_page=False, by_mail=True)
    notifying.notify(user_id=user.pk, kind=ANSWERED, at=timezone.now(), article_id=article.pk, comment_id=5)
    assert (Notification.objects.filter(is_listed=True).count(), len(mails())) == (0, 1)


def test_nobody_is_told_of_their_own_nor_without_a_proved_address(article):
    user = reader(by_mail=[ANSWERED])
    notifying.notify(
        user_id=user.pk, kind=ANSWERED, at=timezone.now(), article_id=article.pk, comment_id=5, caused_by=user.pk
    )
    assert Notification.objects.count() == 0
    EmailAddress.objects.update(verified=False)
    notifying.notify(user_id=user.pk, kind=ANSWERED, at=timezone.now(), article_id=article.pk, comment_id=5)
    assert (Notification.objects.count(), len(mails())) == (1, 0)
    locked = make.make_user(None, is_active=False)
    for user_id in (locked.pk, 999_999):
        notifying.notify(user_id=user_id, kind=ANSWERED, at=timezone.now(), article_id=article.pk, comment_id=5)
    assert Notification.objects.count() == 1


def test_an_article_that_is_gone_is_named_in_no_mail(article):
    user = reader(by_mail=[ANSWERED])
    make.withdraw(article, at=timezone.now())
    notifying.notify(user_id=user.pk, kind=ANSWERED, at=timezone.now(), article_id=article.pk, comment_id=5)
    assert (Notification.objects.count(), len(mails())) == (1, 0)


def test_a_letter_has_its_own(article):
    user = reader(by_mail=[LETTER])
    letter = make.make_letter()
    notifying.notify(user_id=user.pk, kind=LETTER, at=timezone.now(), feedback_id=letter.pk)
    ((_, message),) = mails()
    assert letter.code not in message["subject"]
    assert "/tai-khoan/thu/" in message["text"]
