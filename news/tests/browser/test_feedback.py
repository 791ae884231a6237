"""A letter's way in a real browser: sent, mailed by a real worker to a real server, answered, followed up."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as site_settings
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from news.models import Feedback, FeedbackAnswer, Masthead, Outbox
from news.services import consenting, feedback
from news.tests import make
from news.tests.browser.test_desk import INLINE, SMALL
from news.tests.post_office import PostOffice, mailers, open_office, run_worker
from news.text import passage as passages

AT = timezone.now() - timedelta(hours=3)
Accessible = Callable[[Page], None]
LONG = "Đường liên xã từ bản Nà Tăm đi trung tâm huyện sạt lở. " * 60 + "https://vi-du.example/" + "rat-dai-" * 60


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    """A real SMTP server that the site mails through."""
    office, controller = open_office()
    settings.MAILERS = mailers(office.port)
    yield office
    controller.stop()


def a_newsroom() -> Any:
    Masthead.objects.create(name="Báo Tây Bắc", email="bandoc@example.vn", phone="0213 000 000")
    article = make.make_article("Đường liên xã sạt lở", section=make.make_section("Thời sự"), at=AT)
    return make.publish(article, at=AT + timedelta(hours=1))


def fill(page: Page) -> None:
    page.get_by_label("Nội dung phản hồi").fill("Tỷ lệ 144/2.086 phải là 6,90%.")
    page.get_by_role("textbox", name="Họ và tên").fill("Lò Thị Mai")
    page.get_by_role("textbox", name="Thư điện tử").fill("mai@example.vn")
    page.get_by_role("textbox", name="Điện thoại").fill("0912 345 678")
    page.get_by_role("checkbox", name=re.compile("trả lời phản hồi này")).check()


def said_in(mail: Any) -> str:
    """What a mail says to who reads plain text."""
    return str(mail.get_body(("plain",)).get_content()).replace("\r\n", "\n")


def fits(page: Page) -> None:
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{page.url} is {wider} px too wide"
    assert page.evaluate(INLINE) == []


def test_from_the_letter_to_its_answer(
    page: Page, sign_in: Any, witness: Any, assert_accessible: Accessible, office: PostOffice
) -> None:
    witness.expect("status of 422")
    edition = a_newsroom()
    page.goto(f"/tin/{edition.slug}-{edition.article_id}/phan-hoi/")
    page.get_by_role("button", name="Gửi phản hồi").click()
    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    assert_accessible(page)
    alert.get_by_role("link", name="Họ và tên").click()
    expect(page.get_by_role("textbox", name="Họ và tên")).to_be_focused()
    fill(page)
    page.get_by_role("button", name="Gửi phản hồi").click()
    expect(page.get_by_role("heading", name="Tòa soạn đã nhận phản hồi của bạn")).to_be_visible()
    code = page.locator(".letter__code").inner_text()
    assert_accessible(page)

    run_worker()
    (receipt,) = office.mails
    assert office.recipients == ["mai@example.vn"]
    assert (receipt["Reply-To"], receipt["Subject"]) == ("bandoc@example.vn", f"Đã nhận phản hồi {code}")
    assert code in said_in(receipt)
    assert f"{site_settings.SITE_URL}/phan-hoi/tra-cuu/" in said_in(receipt)

    moderator = make.make_user("moderator", full_name="Lê Thị Kiểm")
    sign_in(moderator)
    page.goto("/quan-tri/")
    page.get_by_role("link", name="1 thư mới").click()
    page.get_by_role("link", name=code).click()
    expect(page.get_by_text("mai@example.vn")).to_be_visible()
    page.get_by_role("button", name="Nhận xử lý").click()
    expect(page.get_by_role("status")).to_contain_text("Bạn đã nhận xử lý thư này.")
    page.get_by_role("textbox", name="Lời đáp").fill("Chào chị Mai,\n\nTòa soạn đã sửa. Cảm ơn chị.")
    page.get_by_role("button", name="Gửi lời đáp").dblclick()
    expect(page.get_by_role("status")).to_contain_text("Đã gửi lời đáp")
    expect(page.locator(".letter-answer")).to_have_count(1)
    assert FeedbackAnswer.objects.count() == 1

    run_worker()
    assert office.recipients == ["mai@example.vn"] * 2
    assert office.mails[1]["Subject"] == f"Trả lời phản hồi {code}"
    text = said_in(office.mails[1])
    assert text.startswith("Chào chị Mai,\n\nTòa soạn đã sửa. Cảm ơn chị.\n\nBáo Tây Bắc\n")
    assert "> Tỷ lệ 144/2.086 phải là 6,90%." in text
    assert "Kiểm" not in text

    page.context.clear_cookies()
    page.goto("/phan-hoi/")
    page.get_by_role("link", name="Tra cứu bằng mã và thư điện tử").click()
    page.get_by_label("Mã phản hồi").fill(code.replace("-", "").lower())
    page.get_by_role("textbox", name="Thư điện tử").fill("lan@example.vn")
    page.get_by_role("button", name="Tra cứu").click()
    expect(page.get_by_role("alert")).to_contain_text("Không tìm thấy phản hồi nào")
    page.get_by_role("textbox", name="Thư điện tử").fill("mai@example.vn")
    page.get_by_role("textbox", name="Thư điện tử").press("Enter")
    expect(page.get_by_role("heading", name=f"Phản hồi {code}")).to_be_visible()
    expect(page.get_by_text("Đã trả lời", exact=True)).to_be_visible()
    expect(page.get_by_text("Tòa soạn đã sửa. Cảm ơn chị.")).to_be_visible()
    expect(page.get_by_role("link", name="Đường liên xã sạt lở")).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320), ("light", 320)])
def test_the_readers_pages(
    page: Page, witness: Any, assert_accessible: Accessible, db: None, scheme: str, width: int
) -> None:
    witness.expect("status of 422")
    edition = a_newsroom()
    letter = make.make_letter(LONG, article=edition.article, email="mai@example.vn")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    for address in ("/phan-hoi/", "/phan-hoi/tra-cuu/", f"/tin/{edition.slug}-{edition.article_id}/phan-hoi/"):
        page.goto(address)
        fits(page)
        assert_accessible(page)
        page.get_by_role("main").get_by_role("button").last.click()
        expect(page.get_by_role("alert")).to_be_focused()
        fits(page)
        assert_accessible(page)
    page.goto("/phan-hoi/tra-cuu/")
    page.get_by_label("Mã phản hồi").fill(letter.code)
    page.get_by_role("textbox", name="Thư điện tử").fill("mai@example.vn")
    page.get_by_role("button", name="Tra cứu").click()
    expect(page.get_by_role("heading", name=letter.code)).to_be_visible()
    fits(page)
    assert_accessible(page)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360), ("light", 360)])
def test_the_desks_pages(
    page: Page, sign_in: Any, witness: Any, assert_accessible: Accessible, scheme: str, width: int
) -> None:
    witness.expect("status of 409", "status of 403")
    edition = a_newsroom()
    chief = make.make_user("chief", full_name="Hoàng Thị Tổng")
    new, answered, closed = (make.make_letter(LONG, article=edition.article, at=AT) for _ in range(3))
    FeedbackAnswer.objects.create(feedback=answered, body=LONG, answered_by=chief, answered_at=AT)
    Feedback.objects.filter(pk=answered.pk).update(status="answered", owner=chief, due_at=AT)
    Feedback.objects.filter(pk=closed.pk).update(status="closed")
    sign_in(chief)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    addresses = ["/quan-tri/", "/quan-tri/news/feedback/", "/quan-tri/news/feedback/?tinh-trang=spam"]
    addresses += [f"/quan-tri/news/feedback/{letter.pk}/change/" for letter in (new, answered, closed)]
    for address in (*addresses, f"/quan-tri/news/feedback/{new.pk}/history/"):
        page.goto(address)
        fits(page)
        assert_accessible(page)
        assert width > 360 or page.evaluate(SMALL) == [], address
    # Somebody else was faster.
    page.goto(addresses[3])
    Feedback.objects.filter(pk=new.pk).update(kind="tip")
    page.get_by_label("Thêm ghi chú nội bộ").fill("Của tôi")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("alert")).to_contain_text("sửa thư này sau khi bạn mở: loại")
    expect(page.get_by_label("Thêm ghi chú nội bộ")).to_have_value("Của tôi")
    fits(page)
    assert_accessible(page)
    page.get_by_label(re.compile("^Tôi đã xem những thay đổi")).check()
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("status")).to_contain_text("Đã lưu.")


def test_enter_in_a_field_saves_and_sends_nothing(page: Page, sign_in: Any, db: None) -> None:
    letter = make.make_letter(at=AT)
    sign_in(make.make_user("moderator"))
    page.goto(f"/quan-tri/news/feedback/{letter.pk}/change/")
    page.get_by_role("textbox", name="Lời đáp").fill("Chưa xong")
    page.get_by_label("Hạn trả lời").fill("20/12/2026 08:00")
    page.get_by_label("Hạn trả lời").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Đã lưu. Lời đáp chưa gửi vẫn còn trong ô.")
    expect(page.get_by_role("textbox", name="Lời đáp")).to_have_value("Chưa xong")
    assert FeedbackAnswer.objects.count() == 0


def test_without_scripts(chromium: Browser, context: Any, live_server: Any, sign_in: Any) -> None:
    edition = a_newsroom()
    sign_in(make.make_user("moderator"))
    bare = chromium.new_context(
        base_url=live_server.url, java_script_enabled=False, storage_state=context.storage_state()
    )
    try:
        page = bare.new_page()
        page.goto(f"/tin/{edition.slug}-{edition.article_id}/phan-hoi/")
        fill(page)
        page.get_by_role("button", name="Gửi phản hồi").click()
        code = page.locator(".letter__code").inner_text()
        letter = Feedback.objects.get(code=code)
        page.goto(f"/quan-tri/news/feedback/{letter.pk}/change/")
        page.get_by_role("textbox", name="Lời đáp").fill("Đã sửa.")
        page.get_by_role("button", name="Gửi lời đáp").click()
        page.get_by_role("button", name="Mở lại").click()
        page.get_by_role("button", name="Kết thúc").click()
        letter.refresh_from_db()
        assert (letter.status, letter.answers.get().body) == ("closed", "Đã sửa.")
        page.goto("/phan-hoi/tra-cuu/")
        page.get_by_label("Mã phản hồi").fill(code)
        page.get_by_role("textbox", name="Thư điện tử").fill("mai@example.vn")
        page.get_by_role("button", name="Tra cứu").click()
        expect(page.get_by_text("Đã kết thúc")).to_be_visible()
    finally:
        bare.close()


# --- A letter across Tết, without scripts ------------------------------------------------------------------


def at_hour(year: int, month: int, day: int, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(date(year, month, day), time(hour)))


def test_letters_over_tet_answered_in_time_and_late_without_scripts(
    chromium: Browser, context: Any, live_server: Any, sign_in: Any, db: None
) -> None:
    """Two letters of Friday 13/2/2026, due on Tuesday the 24th: one is answered on the 23rd, the other on the 26th."""
    friday = at_hour(2026, 2, 13, 15)
    with time_machine.travel(friday, tick=True):
        Masthead.objects.create(name="Báo Tây Bắc", email="bandoc@example.vn")
        article = make.make_article("Đường liên xã", body="<p>Tỷ lệ là 144/2.086.</p>", at=friday - timedelta(days=1))
        edition = make.publish(article, at=friday - timedelta(hours=20))
        moderator = make.make_user("moderator", full_name="Lê Thị Kiểm", email="kiem@example.vn")
        make.make_user("chief", email="tbt@example.vn")
    bare = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    staff = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    reader, desk = bare.new_page(), staff.new_page()

    def as_moderator() -> None:
        sign_in(moderator)
        staff.add_cookies(context.cookies())

    def write(name: str, email: str) -> str:
        reader.goto(f"/tin/{edition.slug}-{edition.article_id}/phan-hoi/")
        reader.get_by_label("Bạn muốn").select_option("error")
        reader.get_by_label("Đoạn có lỗi trong bài").fill("144/2.086")
        fill(reader)
        reader.get_by_role("textbox", name="Họ và tên").fill(name)
        reader.get_by_role("textbox", name="Thư điện tử").fill(email)
        reader.get_by_role("button", name="Gửi phản hồi").click()
        expect(reader.get_by_text("Tòa soạn trả lời bạn trước 17:00, Thứ Ba, 24/2/2026.")).to_be_visible()
        return reader.locator(".letter__code").inner_text()

    def answer(code: str) -> None:
        as_moderator()
        desk.goto(f"/quan-tri/news/feedback/{Feedback.objects.get(code=code).pk}/change/")
        desk.get_by_role("textbox", name="Lời đáp").fill(f"Đã sửa, cảm ơn bạn ({code}).")
        desk.get_by_role("button", name="Gửi lời đáp").click()
        expect(desk.get_by_text("Đã gửi lời đáp")).to_be_visible()

    def look(code: str, email: str) -> None:
        reader.goto("/phan-hoi/tra-cuu/")
        reader.get_by_label("Mã phản hồi").fill(code)
        reader.get_by_role("textbox", name="Thư điện tử").fill(email)
        reader.get_by_role("button", name="Tra cứu").click()

    try:
        with time_machine.travel(friday, tick=True):
            first, second = write("Lò Thị Mai", "mai@example.vn"), write("Vàng A Páo", "pao@example.vn")
            look(first, "mai@example.vn")
            expect(reader.get_by_text("Tòa soạn trả lời trước 17:00, Thứ Ba, 24/2/2026.")).to_be_visible()
        with time_machine.travel(at_hour(2026, 2, 18, 9), tick=True):  # the second day of Tết: nothing is due
            assert feedback.remind_due(at=timezone.now()) == 0
        with time_machine.travel(at_hour(2026, 2, 23, 9), tick=True):
            assert feedback.remind_due(at=timezone.now()) == 1
            as_moderator()
            desk.goto("/quan-tri/news/feedback/?han=sap-han")
            expect(desk.get_by_text("còn 1 ngày làm việc")).to_have_count(2)
            answer(first)
        with time_machine.travel(at_hour(2026, 2, 25, 8), tick=True):
            assert feedback.remind_due(at=timezone.now()) == 2  # the chief of the late one; it waits for a taker, too
            assert feedback.remind_due(at=timezone.now()) == 0
        with time_machine.travel(at_hour(2026, 2, 26, 9), tick=True):
            as_moderator()
            desk.goto("/quan-tri/news/feedback/?han=qua-han")
            expect(desk.get_by_text("quá hạn 2 ngày làm việc")).to_have_count(1)
            answer(second)
            look(second, "pao@example.vn")
            expect(reader.get_by_text("Đã trả lời", exact=True)).to_be_visible()
            expect(reader.get_by_text(f"Đã sửa, cảm ơn bạn ({second}).")).to_be_visible()
            reader.get_by_label("4 – hài lòng").check()
            reader.get_by_role("button", name="Gửi đánh giá").click()
            expect(reader.get_by_text("Bạn đã đánh giá lời đáp: 4/5.")).to_be_visible()
            reader.get_by_label("Viết thêm cho tòa soạn").fill("Bài sửa còn thiếu một số.")
            reader.get_by_role("button", name="Gửi thêm").click()
            expect(reader.get_by_text("Đang xử lý", exact=True)).to_be_visible()
            expect(reader.get_by_text("Tòa soạn trả lời trước 17:00, Thứ Hai, 2/3/2026.")).to_be_visible()
            answer(second)
            desk.goto("/quan-tri/news/feedback/bao-cao/?thang=2026-02")
            expect(desk.locator(".figures")).to_contain_text("Đã nhận")
            rows = list(Feedback.objects.order_by("pk").values_list("code", "answered_at", "due_at"))
            assert [(code, done is not None and due is not None and done <= due) for code, done, due in rows] == [
                (first, True),
                (second, True),
            ]
        kinds = list(Outbox.objects.order_by("pk").values_list("kind", flat=True))
        assert kinds.count("feedback_answer") == 3
        assert [kinds.count(f"feedback_{kind}") for kind in ("due", "late", "unclaimed")] == [1, 1, 1]
    finally:
        bare.close()
        staff.close()


def test_a_passage_picked_in_the_article_opens_at_its_place(
    page: Page, sign_in: Any, assert_accessible: Accessible, db: None
) -> None:
    section = make.make_section("Thời sự")
    body = "<p>Đoạn đầu nói chuyện khác.</p><p>Tỷ lệ <b>hộ nghèo</b> còn 6,9% năm nay.</p>"
    article = make.make_article("Đường liên xã sạt lở", section=section, body=body, at=AT)
    edition = make.publish(article, at=AT + timedelta(hours=1))
    page.goto(f"/tin/{edition.slug}-{article.pk}/")
    report = page.get_by_role("button", name="Báo lỗi chính tả ở đoạn này")
    expect(report).to_be_hidden()
    page.evaluate(
        """() => {
            const place = document.querySelectorAll(".article__body p")[1];
            const range = new Range();
            range.setStart(place.querySelector("b").firstChild, 0);
            range.setEnd(place.lastChild, 8);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }"""
    )
    expect(report).to_be_visible()
    assert_accessible(page)
    report.click()
    expect(page.get_by_label("Đoạn có lỗi trong bài")).to_have_value("hộ nghèo còn 6,9")
    expect(page.get_by_label("Bạn muốn")).to_have_value("error")
    page.get_by_role("textbox", name="Họ và tên").fill("Lò Thị Mai")
    page.get_by_role("textbox", name="Thư điện tử").fill("mai@example.vn")
    page.get_by_role("checkbox", name=re.compile("trả lời phản hồi này")).check()
    page.get_by_role("button", name="Gửi phản hồi").click()
    expect(page.locator(".letter__code")).to_be_visible()
    letter = Feedback.objects.get()
    assert (letter.passage, letter.passage_after[:2]) == ("hộ nghèo còn 6,9", "% ")
    assert letter.passage_before.endswith("Tỷ lệ ")
    sign_in(make.make_user("moderator"))
    page.goto(f"/quan-tri/news/feedback/{letter.pk}/change/")
    fits(page)
    assert_accessible(page)
    page.get_by_role("link", name="Mở bài ở đoạn này").click()
    expect(page.get_by_role("heading", name="Đường liên xã sạt lở", level=1)).to_be_visible()
    marked = page.evaluate("[...CSS.highlights.get('doan')].map(String)")
    assert marked == ["hộ nghèo còn 6,9"]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_desks_pages_around_a_letter(
    page: Page, sign_in: Any, assert_accessible: Accessible, db: None, scheme: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    edition = a_newsroom()
    letters = [
        feedback.receive(
            letter=feedback.Letter(
                kind="error", body=f"Sai ở dòng {n}, gọi 0988 777 666", name="Lò Thị Mai", email=f"mai{n}@example.vn",
                phone="", address="", is_suspect=False, passage=passages.Passage("Đường liên xã", "", " sạt lở"),
            ),
            article=edition.article,
            consent=consenting.current(feedback.FORM, AT),
            purposes=["reply", "publish", "forward"],
            address="/phan-hoi/",
            sender="198.51.100.7",
            at=AT,
        )
        for n in range(2)
    ]  # fmt: skip
    chief = make.make_user("chief", full_name="Hoàng Thị Tổng")
    sign_in(chief)
    base = f"/quan-tri/news/feedback/{letters[0].pk}"
    page.goto(f"{base}/change/")
    page.get_by_label("Thêm ghi chú nội bộ").fill("Đã gọi, chờ xác minh.")
    page.get_by_role("textbox", name="Lời đáp").fill("Đã sửa.")
    page.get_by_role("button", name="Gửi lời đáp").click()
    for address in (
        f"{base}/change/", f"{base}/chuyen/", f"/quan-tri/news/feedback/{letters[1].pk}/gop/", f"{base}/dang/",
        "/quan-tri/news/feedback/", "/quan-tri/news/feedback/bao-cao/", "/quan-tri/news/calendarday/",
        "/quan-tri/news/calendarday/add/", "/quan-tri/news/feedbackterm/", "/quan-tri/news/replytemplate/",
    ):  # fmt: skip
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        fits(page)
        assert_accessible(page)
