"""Two people at once: real threads, real connections."""

import re
import threading
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from news import crypto
from news.models import (
    DataRequest,
    DataRequestKind,
    Edition,
    EditLock,
    ErasureRecord,
    Follow,
    LedgerEntry,
    Notification,
    NotificationChoice,
    NotificationKind,
    Outbox,
    PrivacyLink,
    ReaderContact,
    Recording,
)
from news.services import filing, holding, leaving, ledger, locking, notifying, publishing, requesting
from news.tests import make, specimens
from news.tests.make import NOW
from news.workflow import NotAllowed

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """Run the calls at the same moment in a thread each; their outcomes in order: "done" or the exception's class."""
    barrier = threading.Barrier(len(calls))
    outcomes: list[object] = [None] * len(calls)

    def run(index, call):
        try:
            barrier.wait(timeout=60)
            call()
            outcomes[index] = "done"
        except Exception as error:  # noqa: BLE001 - the outcome is what the test looks at
            outcomes[index] = type(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=180)
    return outcomes


def test_two_people_publishing_one_article_make_one_edition():
    approved = make.approve(make.make_article("Tin nóng"))
    actor = approved.approved_by
    outcomes = at_once(
        *[
            lambda shift=shift: publishing.publish(
                article_id=approved.pk, actor=actor, at=NOW + timedelta(seconds=shift)
            )
            for shift in range(4)
        ]
    )
    assert sorted(map(str, outcomes)) == sorted(["done", *[str(NotAllowed)] * 3])
    assert Edition.objects.filter(article=approved).count() == 1
    assert ledger.verify().faults == ()


def test_publishing_and_scheduling_at_once_never_overlap():
    approved = make.approve(make.make_article("Tin nóng"))
    actor = approved.approved_by
    outcomes = at_once(
        lambda: publishing.publish(article_id=approved.pk, actor=actor, at=NOW),
        lambda: publishing.schedule(article_id=approved.pk, actor=actor, at=NOW, visible_from=NOW + timedelta(hours=1)),
    )
    assert sorted(map(str, outcomes)) == sorted(["done", str(NotAllowed)])
    assert Edition.objects.filter(article=approved).count() == 1


def test_publishing_many_articles_at_once_makes_one_unbroken_chain():
    approved = [make.approve(make.make_article()) for _ in range(6)]
    outcomes = at_once(
        *[lambda copy=copy: publishing.publish(article_id=copy.pk, actor=copy.approved_by, at=NOW) for copy in approved]
    )
    assert outcomes == ["done"] * 6
    assert list(LedgerEntry.objects.order_by("sequence").values_list("sequence", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert ledger.verify().faults == ()


def test_two_sessions_inserting_overlapping_editions_by_hand_end_with_one():
    """Below every service: the database itself refuses the second row."""
    article = make.make_article()
    edition = make.publish(article, at=NOW)
    make.withdraw(article, at=NOW + timedelta(hours=1))

    def insert(number):
        Edition.objects.create(
            article=article,
            number=number,
            payload=edition.payload,
            payload_sha256=edition.payload_sha256,
            content_sha256=edition.content_sha256,
            sealed_at=NOW,
            published_at=NOW,
            visible_from=NOW + timedelta(hours=2),
            title="Chen ngang",
            slug="chen-ngang",
            section_id=article.section_id,
        )

    outcomes = at_once(lambda: insert(2), lambda: insert(3))
    assert sorted(outcomes, key=str)[1] == "done"
    assert Edition.objects.filter(article=article, title="Chen ngang").count() == 1


@pytest.mark.usefixtures("own_storage")
def test_a_recording_sent_twice_at_one_moment_is_one_recording():
    actor = make.make_user()
    for number in range(3):
        upload = SimpleUploadedFile("a.mp3", specimens.mp3(100 + number))
        held = filing.hold(upload=upload, kinds=filing.PLAYED, actor=actor)
        found: list[Recording] = []

        def record(held=held, found=found):
            found.append(filing.record(held=held, actor=actor, at=NOW, title="Lời"))

        outcomes = at_once(*[record] * 4)
        assert outcomes == ["done"] * 4
        assert [row.pk for row in found] == [Recording.objects.get(key=held.key).pk] * 4
        assert storages["private"].size(found[0].file.name) == held.byte_count
        assert storages["private"].listdir(f"held/{actor.pk}")[1] == []


def test_a_lock_claimed_and_taken_over_at_one_moment_is_one_lock():
    article = make.make_article("Bài")
    editors = [make.make_user("editor") for _ in range(2)]
    windows = [locking.Window(user, f"phien-{number}", f"cua-so-{number}") for number, user in enumerate(editors)]
    for _ in range(5):
        EditLock.objects.all().delete()
        outcomes = at_once(
            lambda: locking.claim(article_id=article.pk, window=windows[0], at=make.NOW),
            lambda: locking.take_over(article_id=article.pk, window=windows[1], at=make.NOW),
        )
        assert outcomes == ["done", "done"]
        assert EditLock.objects.get().holder in editors


def test_two_runs_of_the_days_mail_write_to_each_reader_once(monkeypatch):
    monkeypatch.setattr(notifying, "BATCH", 2)
    at = timezone.localtime().replace(hour=8)
    section = make.make_section()
    make.publish(make.make_article("Tin mới", section=section), at=at - timedelta(hours=1))
    for number in range(5):
        user = make.make_user(None, email=f"ban-doc-{number}@example.vn")
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        Follow.objects.create(user=user, section=section, created_at=at - timedelta(days=1))
        NotificationChoice.objects.create(user=user, kind=NotificationKind.FOLLOWED_ARTICLE, by_mail=True)
    outcomes = at_once(*[lambda: notifying.send_digests(at=at)] * 3)
    assert outcomes == ["done"] * 3
    to = [crypto.decrypt(row.recipient)["address"] for row in Outbox.objects.filter(kind=notifying.DIGEST)]
    assert sorted(to) == [f"ban-doc-{number}@example.vn" for number in range(5)]


def test_the_same_answer_told_twice_at_once_is_one_notification():
    edition = make.publish(make.make_article("Tin"), at=timezone.now() - timedelta(hours=1))
    answer, user = make.make_comment(edition), make.make_user(None)

    def tell():
        notifying.notify(
            user_id=user.pk,
            kind=NotificationKind.COMMENT_ANSWERED,
            at=timezone.now(),
            article_id=edition.article_id,
            comment_id=answer.pk,
        )

    assert at_once(*[tell] * 3) == ["done"] * 3
    assert Notification.objects.filter(user=user).count() == 1


# --- One person's data, erased from several places at once ------------------------------------------------

EMAIL = "ban.doc@example.vn"


def _mailed_link():
    requesting.ask(email=EMAIL, sender="198.51.100.9", at=timezone.now())
    text = crypto.decrypt(Outbox.objects.order_by("-pk")[0].message)["text"]
    (token,) = set(re.findall(r"/du-lieu-ca-nhan/([^/\s]{20,})/", text))
    return token


@pytest.mark.parametrize("links", [1, 3])
def test_erasing_three_times_at_once_erases_once(links):
    """By one link, or by three to the same person: the others find a link that is good no more."""
    make.make_letter("Đường vào bản hỏng.", email=EMAIL)
    tokens = [_mailed_link() for _ in range(links)] * (3 // links)
    answers: list[str] = []

    def erase(token):
        answers.append(Client().post(f"/du-lieu-ca-nhan/{token}/xoa/").headers["Location"])

    assert at_once(*[lambda token=token: erase(token) for token in tokens]) == ["done"] * 3
    assert sorted(answers) == ["/du-lieu-ca-nhan/?het-han=1"] * 2 + ["/du-lieu-ca-nhan/da-xoa/"]
    tombstone = ErasureRecord.objects.get()
    assert (tombstone.counts["thư gửi tòa soạn"], ReaderContact.objects.count()) == (1, 0)
    assert DataRequest.objects.filter(kind=DataRequestKind.ERASURE).count() == 1
    assert list(DataRequest.objects.exclude(email_digest="")) == []


def test_nothing_is_done_by_a_link_while_another_tab_erases():
    make.make_letter("Đường vào bản hỏng.", email=EMAIL)
    token = _mailed_link()
    paths = ("xoa/", "tai-ve/", "rut-lai/", "sua/")
    details = {"name": "Vàng Thị Xuyến", "phone": "", "address": "", "dong-y": "1", "viec": "reply"}
    answers: list[int] = []

    def post(path):
        answers.append(Client().post(f"/du-lieu-ca-nhan/{token}/{path}", details).status_code)

    assert at_once(*[lambda path=path: post(path) for path in paths]) == ["done"] * 4
    assert {answer // 100 for answer in answers} <= {2, 3, 4}
    assert (ErasureRecord.objects.count(), ReaderContact.objects.count()) == (1, 0)
    assert list(DataRequest.objects.exclude(email_digest="")) == []
    assert list(PrivacyLink.objects.exclude(address="")) == []


def test_an_account_left_from_three_tabs_at_once_is_erased_once():
    reader = make.make_user(None, email=EMAIL)
    outcomes = at_once(*[lambda: leaving.leave(user=reader, at=timezone.now())] * 3)
    assert outcomes == ["done"] * 3
    assert ErasureRecord.objects.get().counts["tài khoản"] == 1
    assert not type(reader).objects.filter(pk=reader.pk).exists()


def test_the_desk_erases_on_one_request_once():
    make.make_letter("Đường vào bản hỏng.", email=EMAIL)
    desk, now = make.make_user("moderator"), timezone.now()
    wish = requesting.take_in(kind=DataRequestKind.ERASURE, email=EMAIL, note="Gọi điện", actor=desk, at=now)
    outcomes = at_once(*[lambda: requesting.erase_for(request_id=wish.pk, email=EMAIL, actor=desk, at=now)] * 3)
    assert sorted(map(str, outcomes)) == sorted(["done", *[str(NotAllowed)] * 2])
    assert ErasureRecord.objects.count() == 1


def test_a_wish_that_waited_for_an_order_to_end_is_done_once():
    make.make_letter("Đường vào bản hỏng.", email=EMAIL)
    chief, now = make.make_user("chief"), timezone.now()
    hold = holding.place(email=EMAIL, reason="Công văn 12", until=None, actor=chief, at=now)
    token = _mailed_link()
    posts = [lambda: Client().post(f"/du-lieu-ca-nhan/{token}/xoa/")] * 3
    assert at_once(*posts) == ["done"] * 3
    assert DataRequest.objects.filter(kind=DataRequestKind.ERASURE).count() == 1
    holding.lift(hold_id=hold.pk, actor=chief, at=now)
    assert at_once(*[lambda: requesting.resume(at=now)] * 2, posts[0]) == ["done"] * 3
    assert ErasureRecord.objects.count() == 1
