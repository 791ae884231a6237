"""Taking back what an account cannot do without closes it at once and erases it soon; nobody's use erases it too."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import roles
from accounts.models import User
from news.models import (
    Bookmark,
    Comment,
    Consent,
    ConsentWithdrawal,
    ErasureRecord,
    Feedback,
    PrivacyLink,
    Subscriber,
    SubscriberState,
)
from news.services import bookmarking, closing, consenting, enrolling, holding, requesting, retaining
from news.tests import make
from news.tests.account.conftest import log_in, make_colleague, make_reader, waiting
from news.tests.admin.forms import send, words

pytestmark = pytest.mark.django_db


def enrolled(user: User) -> Consent:
    """What the user agreed to when registering."""
    now = timezone.now()
    wording = consenting.current(enrolling.FORM, now)
    return consenting.record(text=wording, purposes=["account"], user=user, address="/tai-khoan/dang-ky/", at=now)


def own_page(user: User) -> str:
    token = requesting.link_of(user_id=user.pk, at=timezone.now())
    return f"/du-lieu-ca-nhan/{token}/"


def take_back(client: Client, page: str, consent: Consent) -> Any:
    return client.post(f"{page}rut-lai/", {"dong-y": consent.pk, "viec": "account"}, follow=True)


def day(moment: datetime) -> str:
    local = timezone.localdate(moment)
    return f"{local.day}/{local.month}/{local.year}"


def test_who_takes_back_the_consent_to_an_account_has_none_from_that_moment() -> None:
    user, other = make_reader("hoa", full_name="Lê Hoa"), make_reader("khac")
    consent = enrolled(user)
    enrolled(other)
    here, elsewhere, others = Client(), Client(), Client()
    for client, who in ((here, user), (elsewhere, user), (others, other)):
        log_in(client, who)
    page = own_page(user)
    before = here.get(page).content.decode()
    assert "Tài khoản đóng ngay" in before
    assert "Tài khoản của bạn đã đóng" not in before
    told = take_back(here, page, consent).content.decode()
    by = day(timezone.now() + timedelta(days=2))
    assert "Tài khoản của bạn đã đóng, mọi phiên đăng nhập đã kết thúc." in told
    assert f">{by}</time> tài khoản được xóa hẳn" in told
    user.refresh_from_db()
    assert user.is_active is False
    for client in (here, elsewhere):
        assert client.get("/tai-khoan/da-luu/").status_code == 302
    assert others.get("/tai-khoan/da-luu/").status_code == 200
    assert log_in(Client(), user).headers["Location"] == "/tai-khoan/tam-khoa/"
    (mail,) = waiting()
    assert (mail.kind, mail.to, mail.subject) == (
        "account_notice",
        "hoa@example.vn",
        "Tài khoản của bạn đã đóng – Tòa soạn",
    )
    assert f"Chậm nhất hết ngày {by} tài khoản được xóa hẳn" in mail.text
    assert take_back(here, page, consent).status_code == 200
    assert len(waiting()) == 1  # taken back once, told once


def test_the_next_sweep_erases_it_and_leaves_what_was_agreed_to_elsewhere() -> None:
    now = timezone.now()
    user, other = make_reader("hoa", full_name="Lê Thị Hòa Bình"), make_reader("khac")
    consent = enrolled(user)
    enrolled(other)
    edition = make.publish(make.make_article("Đường vào bản", at=now - timedelta(hours=2)), at=now - timedelta(hours=1))
    comment = make.make_comment(edition, "Tôi là Lê Thị Hòa Bình, hoa@example.vn.", author=user)
    bookmarking.keep(user_id=user.pk, article_id=edition.article_id, at=now)
    letter = make.make_letter("Cầu treo hỏng.", email="hoa@example.vn", name="Lê Thị Hòa Bình")
    Feedback.objects.filter(pk=letter.pk).update(account=user)
    subscriber = make.make_subscriber("hoa@example.vn")
    log_in(Client(), user)
    take_back(Client(), own_page(user), consent)
    assert (Comment.objects.get(pk=comment.pk).author, Bookmark.objects.count()) == (user, 1)
    swept = {row.rule.name: row.count for row in retaining.enforce(at=now + timedelta(hours=1))}
    assert swept["closed_accounts"] == 1
    assert list(User.objects.filter(username__in=["hoa", "khac"])) == [other]
    comment.refresh_from_db()
    assert (comment.author, comment.body) == (None, "Tôi là […], […].")
    assert (Bookmark.objects.count(), Session.objects.count(), Consent.objects.filter(user=other).count()) == (0, 0, 1)
    letter.refresh_from_db()
    assert letter.contact is not None
    assert (letter.account, letter.body) == (None, "Cầu treo hỏng.")
    assert Subscriber.objects.get() == subscriber
    assert subscriber.state == SubscriberState.ACTIVE
    record = ErasureRecord.objects.get()
    assert (record.reason, record.note, record.counts["tài khoản"]) == ("wish", "Rút lại đồng ý về tài khoản.", 2)
    assert [
        row.count for row in retaining.enforce(at=now + timedelta(days=1)) if row.rule.name == "closed_accounts"
    ] == [0]


def test_an_order_to_keep_is_told_and_outlasts_the_wish() -> None:
    now = timezone.now()
    user, chief = make_reader("hoa"), make.make_user("chief")
    consent, page = enrolled(user), own_page(user)
    until = timezone.localdate(now) + timedelta(days=5)
    holding.place(email="hoa@example.vn", reason="Công văn 3", until=until, actor=chief, at=now)
    told = take_back(Client(), page, consent).content.decode()
    assert "tài khoản được xóa ngay khi không còn phải giữ" in told
    assert "Công văn 3" not in told
    (mail,) = waiting()
    assert "nó được xóa ngay khi không còn phải giữ" in mail.text
    assert "Chậm nhất" not in mail.text
    retaining.enforce(at=now + timedelta(days=1))
    user.refresh_from_db()
    assert (user.is_active, user.email) == (False, "hoa@example.vn")
    retaining.enforce(at=now + timedelta(days=6))
    assert not User.objects.filter(pk=user.pk).exists()


@pytest.mark.parametrize("is_staff", [True, False])
def test_the_account_of_somebody_who_works_here_is_ended_by_an_administrator(*, is_staff: bool) -> None:
    user = make_colleague("moderator", email="kd@example.vn")
    User.objects.filter(pk=user.pk).update(is_staff=is_staff)  # a role is enough
    consent, client = enrolled(user), Client()
    refused = take_back(client, own_page(user), consent)
    assert refused.status_code == 403
    page = refused.content.decode()
    assert "hãy nói với quản trị: quản trị kết thúc tài khoản cho bạn" in page
    assert "Tài khoản của bạn đã đóng" not in page
    assert f'value="{consent.pk}"' in page  # still given
    user.refresh_from_db()
    assert (user.is_active, ConsentWithdrawal.objects.count(), waiting()) == (True, 0, [])
    retaining.enforce(at=timezone.now() + timedelta(days=1))
    assert User.objects.filter(pk=user.pk, is_active=True).exists()


def test_an_account_opened_again_by_an_administrator_stays() -> None:
    user = make_reader("hoa")
    take_back(Client(), own_page(user), enrolled(user))
    User.objects.filter(pk=user.pk).update(is_active=True)
    retaining.enforce(at=timezone.now() + timedelta(hours=1))
    assert User.objects.filter(pk=user.pk).exists()


def test_a_link_by_mail_closes_it_as_well_and_somebody_elses_does_not(client: Client) -> None:
    user = make_reader("hoa")
    consent = enrolled(user)
    take_back(client, own_page(make_reader("khac")), consent)
    user.refresh_from_db()
    assert user.is_active is True
    requesting.ask(email="hoa@example.vn", sender="198.51.100.1", at=timezone.now())
    page = waiting()[-1].path("/du-lieu-ca-nhan/")
    take_back(client, page, consent)
    user.refresh_from_db()
    assert user.is_active is False
    retaining.enforce(at=timezone.now())
    assert PrivacyLink.objects.count() == 2
    after = client.get(page)  # the link is the mailbox's, and outlives the account
    assert (after.status_code, "mọi phiên đăng nhập đã kết thúc" in after.content.decode()) == (200, False)


# --- Not used for years ------------------------------------------------------------------------------------


def unused(user: User, days: int, now: datetime) -> None:
    """The user logged in that many days ago for the last time."""
    User.objects.filter(pk=user.pk).update(
        date_joined=now - timedelta(days=3000), last_login=now - timedelta(days=days)
    )


def test_an_account_that_nobody_uses_goes_a_month_after_its_owner_was_told() -> None:
    now = timezone.now()
    old, recent, colleague = make_reader("cu"), make_reader("moi"), make_colleague()
    former = make_reader("tung-lam", staff_since=now - timedelta(days=2500))
    for user, days in ((old, 702), (recent, 700), (colleague, 2000), (former, 2000)):
        unused(user, days, now)
    retaining.enforce(at=now)
    retaining.enforce(at=now + timedelta(hours=1))
    (mail,) = waiting()
    assert (mail.kind, mail.to) == ("account_notice", "cu@example.vn")
    assert f"chậm nhất ngày {day(now + timedelta(days=30))}:" in mail.text
    assert mail.path("/tai-khoan/dang-nhap/")
    retaining.enforce(at=now + timedelta(days=30))
    assert User.objects.filter(pk=old.pk).exists()
    swept = {row.rule.name: row.count for row in retaining.enforce(at=now + timedelta(days=30, hours=1))}
    assert swept["unused_accounts"] == 1
    assert not User.objects.filter(pk=old.pk).exists()
    assert User.objects.filter(pk__in=[recent.pk, colleague.pk, former.pk]).count() == 3
    assert ErasureRecord.objects.get().reason == "retention"


def test_an_account_unused_for_longer_than_the_period_still_has_its_month() -> None:
    now = timezone.now()
    user = make_reader("cu")
    unused(user, 2000, now)
    retaining.enforce(at=now)
    assert User.objects.filter(pk=user.pk).exists()
    retaining.enforce(at=now + timedelta(days=29))
    assert User.objects.filter(pk=user.pk).exists()
    retaining.enforce(at=now + timedelta(days=31))
    assert not User.objects.filter(pk=user.pk).exists()


def test_logging_in_once_keeps_it_and_it_is_told_anew_years_later() -> None:
    now = timezone.now()
    user = make_reader("cu")
    unused(user, 710, now)
    assert closing.warn_unused(at=now) == 1
    User.objects.filter(pk=user.pk).update(last_login=now + timedelta(days=3))
    retaining.enforce(at=now + timedelta(days=60))
    assert User.objects.filter(pk=user.pk).exists()
    assert closing.warn_unused(at=now + timedelta(days=60)) == 0
    assert closing.warn_unused(at=now + timedelta(days=710)) == 1


def test_who_logs_in_while_the_sweep_runs_keeps_the_account() -> None:
    now = timezone.now()
    user = make_reader("cu")
    unused(user, 800, now)
    closing.warn_unused(at=now)
    later = now + timedelta(days=31)
    (rule,) = (rule for rule in retaining.RULES if rule.name == "unused_accounts")
    keys = list(rule.due(later).values_list("pk", flat=True))
    assert keys == [user.pk]
    User.objects.filter(pk=user.pk).update(last_login=later)
    assert rule.end(keys, later) == 0
    assert User.objects.filter(pk=user.pk).exists()


def test_none_goes_where_accounts_are_kept_without_end(settings: Any) -> None:
    settings.READER_ACCOUNT_MONTHS = 0
    now = timezone.now()
    unused(make_reader("cu"), 2900, now)
    assert closing.warn_unused(at=now) == 0
    retaining.enforce(at=now + timedelta(days=31))
    assert User.objects.filter(username="cu").exists()


def test_readers_see_the_periods(client: Client) -> None:
    page = client.get("/du-lieu-ca-nhan/").content.decode()
    assert "24 tháng từ lần đăng nhập cuối; 30 ngày trước khi xóa có thư báo" in page
    assert "Tài khoản mà chủ đã rút lại đồng ý" in page


@pytest.mark.parametrize("asked", [{"is_active": "on"}, {"is_staff": "on"}, {"groups": "reporter"}])
def test_no_administrator_opens_again_what_its_owner_closed(asked: dict[str, str]) -> None:
    user, locked = make_reader("hoa"), make_reader("khac", is_active=False)
    consent = enrolled(user)
    take_back(Client(), own_page(user), consent)
    desk = Client()
    log_in(desk, make_colleague("administrator"))
    state = f"chủ đã rút đồng ý, xóa chậm nhất ngày {day(timezone.now() + timedelta(days=2))}"
    shown = words(desk.get("/quan-tri/accounts/user/"))
    assert (shown.count(state), shown.count("đã khóa")) == (1, 1)
    address = f"/quan-tri/accounts/user/{user.pk}/change/"
    assert f"C{state[1:]}; không mở lại được." in words(desk.get(address))
    (name,) = asked
    given = {"groups": str(roles.group_of("reporter").pk)} if name == "groups" else asked
    refused = send(desk, address, "user_form", **given)
    assert refused.context["adminform"].form.errors == {name: [f"Tài khoản này không mở lại được: {state}."]}
    user.refresh_from_db()
    assert (user.is_active, user.is_staff, user.groups.count()) == (False, False, 0)
    assert send(desk, f"/quan-tri/accounts/user/{locked.pk}/change/", "user_form", **given).status_code == 302


def test_what_an_order_keeps_is_said_to_wait() -> None:
    user = make_reader("hoa")
    consent = enrolled(user)
    take_back(Client(), own_page(user), consent)
    ConsentWithdrawal.objects.update(withdrawn_at=timezone.now() - timedelta(days=9))
    desk = Client()
    log_in(desk, make_colleague("administrator"))
    shown = words(desk.get("/quan-tri/accounts/user/"))
    assert "chủ đã rút đồng ý, chờ xóa" in shown
