"""Personal data on the desk: requests and their clock, orders to keep, tombstones, wordings after a look at them."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from news import crypto
from news.models import ConsentText, DataRequest, ErasureRecord, LegalHold, ReaderContact
from news.services import consenting
from news.tests import make
from news.tests.admin.forms import words

pytestmark = pytest.mark.django_db
EMAIL = "don-giay@thu-rieng.vn"
BASE = "/quan-tri/news"


def test_a_request_from_paper_to_its_end(sign_in_as: Any) -> None:
    make.make_letter("Một lá thư của tôi.", email=EMAIL)
    client = sign_in_as(make.make_user("moderator"))
    form = {"email": EMAIL, "kind": "erasure", "note": "Đơn giấy ngày 2/3"}
    assert client.post(f"{BASE}/datarequest/add/", form | {"note": ""}).status_code == 422
    client.post(f"{BASE}/datarequest/add/", form)
    row = DataRequest.objects.get()
    page = f"{BASE}/datarequest/{row.pk}/change/"
    shown = words(client.get(page))
    assert "Đơn giấy ngày 2/3" in shown
    assert "xác nhận trước" in shown
    assert EMAIL not in client.get(page).content.decode()
    client.post(page, {"_step": "acknowledge"})
    assert "làm xong trước" in words(client.get(page))
    refused = client.post(page, {"_step": "erase", "email": "khac@example.vn"}, follow=True)
    assert "Địa chỉ thư không phải của yêu cầu này." in words(refused)
    assert ReaderContact.objects.count() == 1
    said = words(client.post(page, {"_step": "erase", "email": EMAIL}, follow=True))
    assert "không có tên ai" in said
    assert (ReaderContact.objects.count(), DataRequest.objects.get().state) == (0, "done")
    assert "thư gửi tòa soạn 1" in words(client.get(f"{BASE}/erasurerecord/"))
    history = [f"{entry.object_repr} {entry.change_message}" for entry in LogEntry.objects.all()]
    assert len(history) == 3
    assert not any(EMAIL in line for line in history)
    assert client.post(page, {"_step": "khac"}).status_code == 302


def test_another_request_is_closed_with_words(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user("administrator"))
    client.post(f"{BASE}/datarequest/add/", {"email": EMAIL, "kind": "other", "note": "Điện thoại"})
    page = f"{BASE}/datarequest/{DataRequest.objects.get().pk}/change/"
    assert client.post(page, {"_step": "close", "note": ""}).status_code == 422
    client.post(page, {"_step": "close", "note": "Đã gọi lại, giải thích."})
    row = DataRequest.objects.get()
    assert (row.state, row.note) == ("done", "Điện thoại Đã gọi lại, giải thích.")
    assert words(client.get(f"{BASE}/datarequest/?tinh-trang=done")).count("Yêu cầu khác") == 1


def test_an_order_says_how_much_it_keeps_and_that_a_mistyped_address_has_nothing(sign_in_as: Any) -> None:
    client = sign_in_as(make.make_user("chief"))
    make.make_letter(email="mai@example.vn")
    add = f"{BASE}/legalhold/add/"
    said = words(client.post(add, {"email": "mai@example.vn", "reason": "Công văn 1"}, follow=True))
    assert "Đã đặt lệnh giữ (4 loại, 4 mục)" in said
    assert "thông tin liên hệ 1, thư gửi tòa soạn 1" in said
    said = words(client.post(add, {"email": "maii@example.vn", "reason": "Công văn 2"}, follow=True))
    assert said.count("Hiện chưa có dữ liệu nào của địa chỉ này: hãy kiểm tra lại cách viết.") == 2
    listed = words(client.get(f"{BASE}/legalhold/"))
    assert ("4 loại, 4 mục" in listed, "chưa có gì" in listed, "example.vn" in listed) == (True, True, False)


def test_an_order_to_keep_names_nobody(sign_in_as: Any) -> None:
    chief = make.make_user("chief")
    client = sign_in_as(chief)
    client.post(f"{BASE}/legalhold/add/", {"email": EMAIL, "reason": "Công văn 12/CA", "until": "31/12/2099"})
    hold = LegalHold.objects.get()
    assert (hold.email_digest, hold.placed_by, hold.until.isoformat()) == (crypto.digest(EMAIL), chief, "2099-12-31")
    page = f"{BASE}/legalhold/{hold.pk}/change/"
    shown = client.get(page).content.decode()
    assert "Công văn 12/CA" in shown
    assert EMAIL not in shown
    assert (
        client.post(f"{BASE}/legalhold/add/", {"email": EMAIL, "reason": "x", "until": "1/1/2020"}).status_code == 422
    )
    client.post(page)
    hold.refresh_from_db()
    assert hold.lifted_by == chief
    assert sign_in_as(make.make_user("moderator")).post(page).status_code == 403


def test_a_new_wording_is_looked_at_before_it_is_used(sign_in_as: Any) -> None:
    first = consenting.current("phan-hoi", timezone.now())
    client = sign_in_as(make.make_user("administrator"))
    address = f"{BASE}/consenttext/add/"
    assert "Bản tin qua thư" in words(client.get(address))
    form = {"bieu-mau": "phan-hoi", "text": "Lời dẫn mới", "words_reply": "Tôi đồng ý để tòa soạn trả lời."}
    form |= {"words_forward": "Chuyển thư", "words_publish": "Đăng thư", "ask_publish": "on"}
    seen = client.post(f"{address}?bieu-mau=phan-hoi", form | {"_preview": "1"})
    assert "Bạn đọc sẽ thấy" in words(seen)
    assert ConsentText.objects.count() == 1
    assert client.post(f"{address}?bieu-mau=phan-hoi", form | {"words_reply": ""}).status_code == 422
    client.post(f"{address}?bieu-mau=phan-hoi", form)
    second = consenting.current("phan-hoi", timezone.now())
    assert [(purpose.name, purpose.words) for purpose in second.asked] == [
        ("reply", "Tôi đồng ý để tòa soạn trả lời."),
        ("publish", "Đăng thư"),
    ]
    page = f"{BASE}/consenttext/{first.pk}/change/"
    assert "Lượt đồng ý 0" in words(client.get(page))
    assert client.post(page, {"text": "khác"}).status_code == 403
    assert ErasureRecord.objects.count() == 0
