"""The newsletter and who wants no mail, on the desk: looked at, paused, tried out; no address is ever shown."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from news import crypto
from news.models import MailScope, MailStop, NewsletterPlan, Outbox
from news.services import outbox, stopping
from news.tests import make
from news.tests.admin.forms import send, words
from news.tests.post_office import PostOffice

pytestmark = pytest.mark.django_db
LIST = "/quan-tri/news/newsletterissue/"
EMAIL = "ban.bi.mat@example.vn"


@pytest.fixture
def article() -> Any:
    section = make.make_section("Văn hóa")
    return make.publish(make.make_article("Mùa <ban>", section=section), at=timezone.now() - timedelta(hours=1))


def test_the_next_one_is_looked_at_as_text_and_html_and_tried_out(
    sign_in_as: Any, article: Any, post_office: PostOffice
) -> None:
    client = sign_in_as(make.make_user("secretary", email="thu.ky@example.vn"))
    page = client.get(f"{LIST}xem-truoc/daily/").content.decode()
    assert ("Mùa &lt;ban&gt;" in page, "VĂN HÓA" in page, "Gửi thử cho tôi" in page) == (True, True, True)
    html = client.get(f"{LIST}xem-truoc/daily/html/")
    policy = html.headers["Content-Security-Policy"]
    assert ("Mùa &lt;ban&gt;" in html.content.decode(), "sandbox" in policy, "unsafe" in policy) == (True, True, False)
    assert "style-src 'sha256-" in policy
    answer = client.post(f"{LIST}xem-truoc/daily/", follow=True)
    assert "Thư thử đang được gửi tới địa chỉ của bạn." in words(answer)
    outbox.attempt(mail_id=Outbox.objects.get().pk, at=timezone.now())
    (mail,) = post_office.mails
    assert (post_office.recipients, str(mail["Subject"])[:20]) == (["thu.ky@example.vn"], "[Thử] Bản tin Tòa so")
    assert client.get(f"{LIST}xem-truoc/hourly/").status_code == 404
    reader = sign_in_as(make.make_user("administrator", email="quan.tri@example.vn"))
    assert reader.get(f"{LIST}xem-truoc/weekly/").status_code == 200
    assert reader.post(f"{LIST}xem-truoc/weekly/").status_code == 403
    assert sign_in_as(make.make_user("editor")).get(f"{LIST}xem-truoc/daily/").status_code == 403


def test_an_issue_is_paused_and_goes_on(sign_in_as: Any) -> None:
    issue = make.make_issue(state="sending", total_count=10, sent_count=4, unsure_count=1)
    client = sign_in_as(make.make_user("chief"))
    address = f"{LIST}{issue.pk}/change/"
    page = words(client.get(address))
    assert ("5/10" in page, "Tạm dừng" in page, "Gửi lại 1 thư không rõ đã tới" in page) == (True, True, True)
    assert "Đã tạm dừng." in words(client.post(address, {"_step": "pause"}, follow=True))
    issue.refresh_from_db()
    assert issue.state == "paused"
    assert "Việc này không còn làm được" in words(client.post(address, {"_step": "pause"}, follow=True))
    assert "sẽ được gửi tiếp" in words(client.post(address, {"_step": "go-on"}, follow=True))
    assert client.post(address, {"_step": "x"}).status_code == 404
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == [
        "Đã tạm dừng. Thư đang đi dở có thể còn tới vài người.",
        "Bản tin sẽ được gửi tiếp trong vòng một phút.",
    ]
    assert sign_in_as(make.make_user("administrator")).post(address, {"_step": "pause"}).status_code == 403


def test_an_issue_that_nobody_waited_for_says_so(sign_in_as: Any) -> None:
    issue = make.make_issue()
    client = sign_in_as(make.make_user("chief"))
    for address in (LIST, f"{LIST}{issue.pk}/change/"):
        assert "chưa có người nhận" in words(client.get(address))


def test_the_hours_are_set(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user("administrator"))
    client.get("/quan-tri/news/newsletterplan/")
    weekly = NewsletterPlan.objects.get(frequency="weekly")
    address = f"/quan-tri/news/newsletterplan/{weekly.pk}/change/"
    assert send(client, address, "newsletterplan_form", is_on="on", hour="17", weekday="5").status_code == 302
    weekly.refresh_from_db()
    assert (weekly.is_on, weekly.hour, weekly.weekday) == (True, 17, 5)
    assert send(client, address, "newsletterplan_form", hour="25").status_code == 200
    assert send(client, address, "newsletterplan_form", weekday="").status_code == 200
    weekly.refresh_from_db()
    assert (weekly.hour, weekly.weekday) == (17, 5)
    daily = NewsletterPlan.objects.get(frequency="daily")
    assert 'name="weekday"' not in client.get(f"/quan-tri/news/newsletterplan/{daily.pk}/change/").content.decode()


def test_a_subscribers_address_is_shown_covered_after_it_was_noted_who_looks(sign_in_as: Any) -> None:
    row = make.make_subscriber(EMAIL)
    client = sign_in_as(make.make_user("administrator"))
    address = f"/quan-tri/news/subscriber/{row.pk}/change/"
    assert "example.vn" not in client.get(address).content.decode()
    seen = client.post(address).content.decode()
    assert ("b***@example.vn" in seen, "bi.mat" in seen) == (True, False)
    assert [(entry.object_repr, entry.change_message) for entry in LogEntry.objects.all()] == [
        (f"Người nhận số {row.pk}", "Xem địa chỉ đã che.")
    ]
    assert "example.vn" not in client.get("/quan-tri/news/subscriber/").content.decode()
    assert sign_in_as(make.make_user("chief")).post(address).status_code == 403


def test_a_wish_is_noted_found_and_lifted_with_a_reason(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user("administrator", full_name="Lò Văn Trị"))
    base = "/quan-tri/news/mailstop/"
    wish = {"email": EMAIL, "scopes": ["digest", "share"], "reason": "Gọi điện ngày 5/3"}
    assert client.post(f"{base}add/", wish | {"reason": f"{EMAIL} gọi"}).status_code == 422
    assert client.post(f"{base}add/", wish | {"scopes": ["x"]}).status_code == 422
    assert "Đã ghi nhận." in words(client.post(f"{base}add/", wish, follow=True))
    assert "từ trước" in words(client.post(f"{base}add/", wish, follow=True))
    assert MailStop.objects.count() == 2
    assert stopping.is_stopped(address="Ban.Bi.Mat+x@example.vn", scope=MailScope.DIGEST) is True
    found = client.post(f"{base}tra-cuu/", {"email": EMAIL}).content.decode()
    assert ("đang dừng" in found, "bi.mat" in found) == (True, False)
    assert "không dừng loại thư nào" in words(client.post(f"{base}tra-cuu/", {"email": "ai@example.vn"}))
    row = MailStop.objects.get(scope="digest")
    page = f"{base}{row.pk}/change/"
    assert "Lò Văn Trị ghi" in words(client.get(page))
    assert client.post(page, {"reason": ""}).status_code == 422
    assert "Đã bỏ dừng" in words(client.post(page, {"reason": "Người nhận đổi ý"}, follow=True))
    assert stopping.is_stopped(address=EMAIL, scope=MailScope.DIGEST) is False
    assert sorted(entry.change_message for entry in LogEntry.objects.all()) == [
        "Bỏ dừng: Người nhận đổi ý",
        "Ghi theo yêu cầu: Gọi điện ngày 5/3",
        "Ghi theo yêu cầu: Gọi điện ngày 5/3",
    ]
    assert crypto.digest(EMAIL) not in client.get(page).content.decode()
    # Who asks again after that is noted anew.
    assert "Đã ghi nhận." in words(client.post(f"{base}add/", wish, follow=True))
    for role in ("chief", "moderator"):
        stranger = sign_in_as(make.make_user(role))
        assert (stranger.get(f"{base}tra-cuu/").status_code, stranger.post(page, {"reason": "x"}).status_code) == (
            *(403, 403),
        )
