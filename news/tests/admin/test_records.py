"""What nobody edits: shown as readers would read it, without a way to change it and without readers' details."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from news import crypto
from news.models import Edition, Feedback, Outbox, ReaderContact
from news.tests import make
from news.tests.admin.forms import read_form, words

pytestmark = pytest.mark.django_db
AT = timezone.now() - timedelta(hours=3)
SECRET = "0912345678"


def test_an_edition_is_read_as_sealed(sign_in_as: Any) -> None:
    person = make.make_person("Nguyễn Khắc Chử", ("Bí thư Tỉnh ủy", None, None))
    delegation = make.make_delegation("Đoàn công tác", make.attendee(person))
    article = make.make_article("Bản một", at=AT, delegations=(delegation,), lead_image=make.make_image())
    edition = make.publish(article, at=AT + timedelta(hours=1))
    person.positions.update(title="Chức mới")
    page = sign_in_as(make.make_user("reporter")).get(f"/quan-tri/news/edition/{edition.pk}/change/")
    text = words(page)
    for expected in ("Bản một", "Bí thư Tỉnh ủy", "không thời hạn", edition.payload_sha256):
        assert expected in text
    assert "Chức mới" not in text
    assert [name for name, _, _ in read_form(page).buttons if name] == []


def test_a_redacted_edition_says_so(sign_in_as: Any) -> None:
    edition = make.publish(make.make_article("Bị xóa trắng", at=AT), at=AT + timedelta(hours=1))
    Edition.objects.filter(pk=edition.pk).update(payload="")
    page = sign_in_as(make.make_user("chief")).get(f"/quan-tri/news/edition/{edition.pk}/change/")
    assert "Nội dung đã được xóa trắng." in words(page)


def test_a_hostile_stored_body_is_sanitised_once_more(sign_in_as: Any) -> None:
    article = make.make_article(at=AT)
    revision = article.revisions.get()
    revision.content = revision.content.replace("<p>Nội dung bài viết.</p>", "<p>Chữ<script>alert(1)</script></p>")
    revision.save()
    page = sign_in_as(make.make_user("editor")).get(f"/quan-tri/news/revision/{revision.pk}/change/").content.decode()
    assert "<p>Chữ</p>" in page
    assert "alert(1)" not in page


def test_lists_of_letters_and_mail_show_nobodys_address(sign_in_as: Any) -> None:
    details = {"name": "Nguyễn Văn Bí Mật", "phone": SECRET, "email": "bimat@example.vn"}
    contact = ReaderContact.objects.create(details=crypto.encrypt(details), created_at=AT)
    Feedback.objects.create(code="PH-1", contact=contact, body="Nội dung <b>thư</b>", received_at=AT)
    mail = Outbox.objects.create(
        kind="tra-loi",
        recipient=crypto.encrypt({"email": "bimat@example.vn"}),
        message=crypto.encrypt({"text": "Thư trả lời"}),
        last_error="550 no such user <bimat@example.vn> here",
        created_at=AT,
        send_after=AT,
    )
    moderator = sign_in_as(make.make_user("moderator"))
    page = moderator.get("/quan-tri/news/feedback/").content.decode()
    assert "Nội dung &lt;b&gt;thư&lt;/b&gt;" in page
    for secret in (*details.values(), contact.details[:40]):
        assert secret not in page
    administrator = sign_in_as(make.make_user("administrator"))
    for address in ("/quan-tri/news/outbox/", f"/quan-tri/news/outbox/{mail.pk}/change/"):
        text = administrator.get(address).content.decode()
        assert "bimat" not in text
        assert mail.recipient[:40] not in text
    assert "550 no such user … here" in words(administrator.get(f"/quan-tri/news/outbox/{mail.pk}/change/"))
    assert (
        moderator.get(f"/quan-tri/news/feedback/?contact__details__startswith={contact.details[:5]}").status_code == 200
    )
