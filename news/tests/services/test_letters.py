"""What gathers around a letter: merging, forwarding, printing, files, what its sender does, erasure and export."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image as Pillow

from news import crypto
from news.filetypes import BadFile, limited
from news.limited import outside
from news.models import Exchange, Feedback, FeedbackFile, FeedbackForward, Notification, Outbox
from news.queries import feedback as questions
from news.queries import feedback_report
from news.services import airing, consenting, corresponding, enclosing, feedback, forwarding, merging
from news.services.airing import Printed, Unsure
from news.services.corresponding import Refused
from news.services.forwarding import Carries, Onward
from news.tests import make, specimens
from news.tests.make import NOW
from news.workflow import NotAllowed

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def mails(kind: str) -> dict[str, str]:
    rows = Outbox.objects.filter(kind=kind).order_by("pk")
    return {crypto.decrypt(row.recipient)["address"]: crypto.decrypt(row.message)["text"] for row in rows}


def letter_of(body: str = "Vì sao đường hỏng?", *, purposes: tuple[str, ...] = ("reply",), **more: Any) -> Feedback:
    """A letter that agreed to those purposes, with whatever else a form may hold."""
    extra = {name: more.pop(name) for name in ("account", "files", "passage") if name in more}
    article, at = more.pop("article", None), more.pop("at", NOW)
    kind = more.pop("kind", "question")
    who = {"name": "Lò Thị Mai", "email": "mai@example.vn", "phone": "0912 345 678", "address": "Bản Nà Tăm", **more}
    return feedback.receive(
        letter=feedback.Letter(kind=kind, body=body, is_suspect=False, **who, **extra),
        article=article,
        consent=consenting.current(feedback.FORM, at),
        purposes=purposes,
        address="/phan-hoi/",
        sender=f"198.51.100.{Feedback.objects.count() % 250}",
        at=at,
    )


def reply(letter: Feedback, actor: Any, body: str, at: Any = LATER) -> None:
    fresh = Feedback.objects.get(pk=letter.pk)
    page = questions.letter_page(letter.pk, at)
    handling = feedback.Handling(owner=fresh.owner, due_at=fresh.due_at)
    feedback.answer(feedback_id=letter.pk, actor=actor, at=at, stamp=page.stamp, handling=handling, body=body)


def history(letter: Feedback) -> list[str]:
    return list(questions.log_of(letter.pk).order_by("id").values_list("change_message", flat=True))


# --- Merging ---------------------------------------------------------------------------------------------


def test_merged_senders_follow_the_main_letter_and_each_gets_a_mail_of_their_own():
    moderator = make.make_user("moderator")
    main, twin = letter_of("Đường hỏng"), letter_of("Đường lại hỏng", name="Vàng A Páo", email="pao@example.vn")
    merging.merge(feedback_id=twin.pk, into_id=main.pk, actor=moderator, at=LATER)
    merging.merge(feedback_id=twin.pk, into_id=main.pk, actor=moderator, at=LATER)
    twin.refresh_from_db()
    assert (twin.status, twin.merged_into_id) == ("merged", main.pk)
    assert history(twin) == [f"Gộp vào thư {main.code}."]
    assert feedback.answer_refusal(twin, moderator) != ""
    reply(main, moderator, "Chào chị Lò Thị Mai (0912345678), đường đã sửa.")
    sent = mails("feedback_answer")
    assert "Chào chị Lò Thị Mai (0912345678), đường đã sửa." in sent["mai@example.vn"]
    assert "Chào bạn đọc ([…]), đường đã sửa." in sent["pao@example.vn"]
    assert (main.code in sent["pao@example.vn"], twin.code in sent["pao@example.vn"]) == (False, True)
    seen = questions.followed(twin.code, "pao@example.vn", LATER)
    assert (seen.status, [answer.body for answer in seen.replies]) == (
        "Đã trả lời", ["Chào bạn đọc ([…]), đường đã sửa."],
    )  # fmt: skip
    twin.refresh_from_db()
    assert twin.answered_at == LATER


def test_merging_goes_one_way_and_can_be_undone():
    moderator = make.make_user("moderator")
    one, two, three = (letter_of(f"Thư số {n}") for n in range(3))
    merging.merge(feedback_id=one.pk, into_id=two.pk, actor=moderator, at=LATER)
    merging.merge(feedback_id=two.pk, into_id=three.pk, actor=moderator, at=LATER)
    one.refresh_from_db()
    assert one.merged_into == three  # chains are never longer than one
    for wrong in ((three.pk, three.pk), (three.pk, one.pk), (one.pk, two.pk)):
        with pytest.raises(NotAllowed):
            merging.merge(feedback_id=wrong[0], into_id=wrong[1], actor=moderator, at=LATER)
    with pytest.raises(Feedback.DoesNotExist):
        merging.merge(feedback_id=three.pk, into_id=999_999, actor=moderator, at=LATER)
    with pytest.raises(NotAllowed):
        merging.merge(feedback_id=three.pk, into_id=one.pk, actor=make.make_user("editor"), at=LATER)
    page = questions.letter_page(one.pk, LATER)
    handling = feedback.Handling(owner=None, due_at=one.due_at)
    feedback.handle(feedback_id=one.pk, actor=moderator, at=LATER, stamp=page.stamp, handling=handling, step="reopen")
    one.refresh_from_db()
    assert (one.status, one.merged_into_id) == ("open", None)


def take(letter: Feedback, actor: Any, step: str, at: Any = LATER) -> None:
    fresh = Feedback.objects.get(pk=letter.pk)
    page = questions.letter_page(letter.pk, at)
    handling = feedback.Handling(owner=fresh.owner, due_at=fresh.due_at)
    feedback.handle(feedback_id=letter.pk, actor=actor, at=at, stamp=page.stamp, handling=handling, step=step)


def two_letters() -> tuple[Feedback, Feedback]:
    return (
        letter_of("Đường hỏng", name="Lò Văn Ánh", email="anh@example.vn"),
        letter_of("Đường lại hỏng", name="Vàng A Páo", email="pao@example.vn"),
    )


@pytest.mark.parametrize(("step", "state"), [("", "Đã trả lời"), ("close", "Kết thúc")])
def test_no_letter_is_merged_into_one_whose_answer_has_gone_out(step, state):
    moderator = make.make_user("moderator")
    main, late = two_letters()
    reply(main, moderator, "Chào bác Ánh, đường đã sửa.")
    if step:
        take(main, moderator, step)
    with pytest.raises(NotAllowed) as refused:
        merging.merge(feedback_id=late.pk, into_id=main.pk, actor=moderator, at=LATER)
    assert str(refused.value) == (
        f"Thư {main.code} đang ở tình trạng “{state}”: gộp vào đó thì người gửi thư này không nhận được lời đáp."
        f" Hãy trả lời thẳng thư này, hoặc mở lại thư {main.code} rồi gộp."
    )
    corresponding.withdraw(feedback_id=late.pk, purpose="reply", at=LATER)
    with pytest.raises(NotAllowed, match=f"Hãy mở lại thư {main.code} rồi gộp"):
        merging.merge(feedback_id=late.pk, into_id=main.pk, actor=moderator, at=LATER)
    late.refresh_from_db()
    assert (late.status, late.merged_into_id, late.merged_at) == ("new", None, None)


def test_who_was_merged_into_a_reopened_letter_sees_only_what_was_written_since():
    moderator = make.make_user("moderator")
    main, late = two_letters()
    reply(main, moderator, "Chào bác Ánh, đường đã sửa.")
    take(main, moderator, "reopen", LATER + timedelta(hours=1))
    merging.merge(feedback_id=late.pk, into_id=main.pk, actor=moderator, at=LATER + timedelta(hours=2))
    seen = questions.followed(late.code, "pao@example.vn", LATER)
    assert (seen.status, seen.replies, seen.may_rate) == ("Đang xử lý", (), False)
    with pytest.raises(Refused, match="Chưa có lời đáp"):
        corresponding.rate(feedback_id=late.pk, rating=5, words="", at=LATER)
    reply(main, moderator, "Đường đã sửa xong cả hai đoạn.", LATER + timedelta(hours=3))
    seen = questions.followed(late.code, "pao@example.vn", LATER)
    assert (seen.status, seen.meaning, [answer.body for answer in seen.replies]) == (
        "Đã trả lời",
        "Tòa soạn trả lời chung các thư về việc này: lời đáp ở dưới.",
        ["Đường đã sửa xong cả hai đoạn."],
    )
    assert list(mails("feedback_answer")) == ["anh@example.vn", "pao@example.vn"]


def test_the_report_says_of_a_merged_letter_what_came_of_it():
    moderator = make.make_user("moderator")
    main, twin = two_letters()

    def outcomes(at: Any) -> list[str]:
        return [line.outcome for line in feedback_report.monthly(NOW.date().replace(day=1), at).lines]

    merging.merge(feedback_id=twin.pk, into_id=main.pk, actor=moderator, at=LATER)
    far = NOW + timedelta(days=60)
    assert (outcomes(LATER), outcomes(far)) == ([feedback_report.OPEN] * 2, [feedback_report.OVERDUE] * 2)
    take(main, moderator, "close")
    assert outcomes(far) == [feedback_report.CLOSED] * 2
    take(main, moderator, "reopen")
    reply(main, moderator, "Đường đã sửa.", far)
    assert outcomes(far) == [feedback_report.LATE] * 2
    take(main, moderator, "reopen", far)  # a new deadline of the main letter makes no late answer to the other good
    assert outcomes(far) == [feedback_report.OPEN, feedback_report.LATE]


# --- Forwarding ------------------------------------------------------------------------------------------


def test_a_letter_goes_on_without_who_wrote_it_unless_they_agreed():
    moderator = make.make_user("moderator")
    letter = letter_of("Tôi là Lò Thị Mai, gọi 0912345678, xem http://evil.example/x")
    onward = Onward("so@example.vn", "Nhờ Sở xem.")
    forwarding.forward(feedback_id=letter.pk, actor=moderator, at=LATER, onward=onward)
    text = mails("feedback_forward")["so@example.vn"]
    assert "Nhờ Sở xem." in text
    assert [secret for secret in ("Mai", "0912", "evil", "Nà Tăm", "mai@") if secret in text] == []
    with pytest.raises(NotAllowed, match="không đồng ý"):
        forwarding.forward(
            feedback_id=letter.pk, actor=moderator, at=LATER, onward=Onward("so@example.vn", "", Carries.DETAILS)
        )
    agreed = letter_of("Một thư khác", purposes=("reply", "forward"), email="khac@example.vn")
    forwarding.forward(
        feedback_id=agreed.pk, actor=moderator, at=LATER, onward=Onward("co@example.vn", "", Carries.DETAILS)
    )
    text = mails("feedback_forward")["co@example.vn"]
    assert all(detail in text for detail in ("Lò Thị Mai", "khac@example.vn", "0912 345 678", "Bản Nà Tăm"))
    assert [row.with_sender for row in FeedbackForward.objects.order_by("id")] == [False, True]
    assert history(agreed) == ["Chuyển thư bằng thư điện tử, kèm thông tin người gửi."]


def test_what_was_added_later_goes_along_and_no_sentence_breaks_where_a_link_was():
    moderator = make.make_user("moderator")
    body = "Xem https://evil.example/x, rồi hỏi mai@example.vn. Vì sao đường hỏng?\n" + "Đoạn dài. " * 150 + "Hết."
    letter = letter_of(body)
    corresponding.add(feedback_id=letter.pk, body="Lò Thị Mai viết thêm: xem http://x.example!", at=LATER)
    forwarding.forward(feedback_id=letter.pk, actor=moderator, at=LATER, onward=Onward("so@example.vn", ""))
    reply(letter, moderator, "Đường đã sửa.")
    passed_on, back = mails("feedback_forward")["so@example.vn"], mails("feedback_answer")["mai@example.vn"]
    for text in (passed_on, back):
        assert "Hết.\n>\n> Viết thêm lúc " in text
        assert f"{timezone.localtime(LATER):%H:%M} {timezone.localtime(LATER).day}/" in text
        assert [harm for harm in ("evil", "x.example", "mai@") if harm in text] == []
    assert "> Xem [liên kết đã bỏ], rồi hỏi [liên kết đã bỏ]. Vì sao đường hỏng?" in back
    assert "> Lò Thị Mai viết thêm: xem [liên kết đã bỏ]!" in back
    assert ("Lò Thị Mai" in passed_on, "> [...] viết thêm: xem" in passed_on) == (False, True)


@pytest.mark.parametrize(
    "recipient", ["a@example.vn\nBcc: b@example.vn", "a@example.vn, b@example.vn", "=?utf-8?q?a?=@x.vn"]
)
def test_no_header_is_injected_through_a_recipient(recipient):
    with pytest.raises(feedback.NoAddress):
        forwarding.forward(
            feedback_id=letter_of().pk, actor=make.make_user("moderator"), at=LATER, onward=Onward(recipient, "")
        )
    assert (FeedbackForward.objects.count(), mails("feedback_forward")) == (0, {})


# --- Printing --------------------------------------------------------------------------------------------


def asked(**more: Any) -> Feedback:
    article = make.make_article("Một bài")
    make.publish(article)
    return letter_of(
        "Tôi là Lò Thị Mai, 0912 345 678. Vì sao đường hỏng?", purposes=("reply", "publish"), article=article, **more
    )


def test_question_and_answer_are_printed_without_who_asked_and_taken_down_again():
    moderator, letter = make.make_user("moderator"), asked()
    drafted = airing.draft(letter)
    assert drafted.question == "Tôi là […], […]. Vì sao đường hỏng?"
    with pytest.raises(NotAllowed, match="trả lời bạn đọc trước"):
        airing.publish(feedback_id=letter.pk, actor=moderator, at=LATER, printed=Printed("Hỏi", "Đáp"))
    reply(letter, moderator, "Chào chị Lò Thị Mai, đường đã sửa.")
    assert airing.draft(letter).answer == "Chào bạn đọc, đường đã sửa."
    with pytest.raises(NotAllowed, match="còn họ tên"):
        airing.publish(feedback_id=letter.pk, actor=moderator, at=LATER, printed=Printed("LÒ THỊ  MAI hỏi", "Đáp"))
    doubtful = Printed("Gọi 0988 777 666 được không?", "Được.")
    with pytest.raises(Unsure) as doubt:
        airing.publish(feedback_id=letter.pk, actor=moderator, at=LATER, printed=doubtful)
    assert [(item.words, item.kind) for item in doubt.value.found] == [("0988 777 666", "số điện thoại")]
    looked = airing.stamp_of(doubt.value.found)
    airing.publish(feedback_id=letter.pk, actor=moderator, at=LATER, printed=doubtful, looked_at=looked)
    (shown,) = questions.exchanges(letter.article_id).rows
    assert (shown.question, shown.answer) == ("Gọi 0988 777 666 được không?", "Được.")
    airing.publish(feedback_id=letter.pk, actor=moderator, at=LATER, printed=Printed("Vì sao?", "Vì mưa."))
    assert questions.exchanges(letter.article_id).rows[0].question == "Vì sao?"
    airing.take_down(feedback_id=letter.pk, actor=moderator, at=LATER)
    assert questions.exchanges(letter.article_id).rows == ()


def test_a_greeting_by_given_name_is_not_offered_nor_printed_unseen_nor_left_after_an_erasure():
    moderator, letter = make.make_user("moderator"), asked(name="Lò Văn Ánh")
    reply(letter, moderator, "Chào bác Ánh, anh hùng núi rừng đã sửa đường.")
    assert airing.draft(letter).answer == "Chào bạn đọc, anh hùng núi rừng đã sửa đường."
    printed = Printed("Vì sao […] hỏng?", "Chào bác Ánh, vì mưa.")
    with pytest.raises(Unsure) as doubt:
        airing.publish(feedback_id=letter.pk, actor=moderator, at=LATER, printed=printed)
    assert [(item.kind, item.words) for item in doubt.value.found] == [
        ("tên gọi của người gửi", "Vì sao […] hỏng? Chào bác Ánh, vì mưa."),
        ("chỗ đã bỏ", "Vì sao […] hỏng? Chào bác Ánh, vì…"),
    ]
    feedback.erase_of(contact_ids=[letter.contact.pk], user_ids=[], strings=["Lò Văn Ánh"], at=LATER)
    assert letter.answers.get().body == "Chào bác […], anh hùng núi rừng đã sửa đường."


def test_who_did_not_agree_or_took_it_back_is_not_printed():
    moderator, letter = make.make_user("moderator"), letter_of(article=make.make_article())
    reply(letter, moderator, "Đáp")
    with pytest.raises(NotAllowed, match="không đồng ý"):
        airing.publish(feedback_id=letter.pk, actor=moderator, at=LATER, printed=Printed("Hỏi", "Đáp"))
    agreed = asked(email="hai@example.vn")
    reply(agreed, moderator, "Đáp")
    airing.publish(feedback_id=agreed.pk, actor=moderator, at=LATER, printed=Printed("Vì sao?", "Vì mưa."))
    corresponding.withdraw(feedback_id=agreed.pk, purpose="publish", at=LATER)
    assert questions.exchanges(agreed.article_id).rows == ()
    with pytest.raises(NotAllowed):
        airing.publish(feedback_id=agreed.pk, actor=moderator, at=LATER, printed=Printed("Hỏi", "Đáp"))
    with pytest.raises(NotAllowed):
        airing.take_down(feedback_id=agreed.pk, actor=make.make_user("secretary"), at=LATER)


# --- What the sender does --------------------------------------------------------------------------------


def test_more_words_open_an_answered_letter_with_a_new_clock_within_limits():
    letter, moderator = letter_of(), make.make_user("moderator")
    reply(letter, moderator, "Đáp")
    at = LATER + timedelta(days=1)
    corresponding.add(feedback_id=letter.pk, body="Vẫn còn hỏng ở km 3.", at=at)
    corresponding.add(feedback_id=letter.pk, body="Vẫn còn hỏng ở km 3.", at=at)
    letter.refresh_from_db()
    assert (letter.status, letter.answered_at, letter.waits_since, letter.additions.count()) == ("open", None, at, 1)
    assert letter.due_at is not None
    assert letter.due_at > at
    for n in range(2):
        corresponding.add(feedback_id=letter.pk, body=f"Thêm {n}", at=at)
    with pytest.raises(Refused, match="ngày mai"):
        corresponding.add(feedback_id=letter.pk, body="Thêm nữa", at=at)
    assert letter.additions.count() == 3
    corresponding.add(feedback_id=letter.pk, body="Hôm sau", at=at + timedelta(days=2))


def test_an_answer_is_rated_once():
    letter, moderator = letter_of(), make.make_user("moderator")
    with pytest.raises(Refused, match="Chưa có lời đáp"):
        corresponding.rate(feedback_id=letter.pk, rating=5, words="", at=LATER)
    reply(letter, moderator, "Đáp")
    for wrong in (0, 6):
        with pytest.raises(Refused):
            corresponding.rate(feedback_id=letter.pk, rating=wrong, words="", at=LATER)
    corresponding.rate(feedback_id=letter.pk, rating=4, words="Nhanh", at=LATER)
    with pytest.raises(Refused, match="rồi"):
        corresponding.rate(feedback_id=letter.pk, rating=1, words="", at=LATER)
    letter.refresh_from_db()
    assert (letter.rating, letter.rating_words) == (4, "Nhanh")


def test_who_takes_back_that_they_may_be_written_to_is_not_written_to():
    letter, moderator = letter_of(), make.make_user("moderator")
    said = corresponding.withdraw(feedback_id=letter.pk, purpose="reply", at=LATER)
    assert "24 giờ" in said.words
    letter.refresh_from_db()
    assert letter.contact.keep_until == LATER.date() - timedelta(days=1)
    assert feedback.answer_refusal(letter, moderator) == str(feedback.Withdrawn())
    with pytest.raises(NotAllowed):
        reply(letter, moderator, "Đáp")
    with pytest.raises(feedback.Withdrawn):
        feedback.sender_of(letter=letter, actor=moderator, at=LATER)
    with pytest.raises(Refused):
        corresponding.withdraw(feedback_id=letter.pk, purpose="khac", at=LATER)


def test_a_pass_is_this_sites_own_and_ends():
    token = corresponding.give_pass(7)
    assert corresponding.letter_of(token) == 7
    for wrong in ("", "x", token[:-1], token + "x"):
        with pytest.raises(corresponding.BadPass):
            corresponding.letter_of(wrong)


# --- Accounts --------------------------------------------------------------------------------------------


def test_a_letter_of_an_account_is_the_accounts_own_and_its_answer_is_told():
    reader, stranger = make.make_user(None), make.make_user(None)
    letter = letter_of(account=reader)
    letters, more = questions.mine(reader.pk)
    assert ([row.code for row in letters], more) == ([letter.code], None)
    assert questions.mine(stranger.pk) == ([], None)
    assert questions.own(letter.pk, reader.pk, LATER).code == letter.code
    assert questions.own(letter.pk, stranger.pk, LATER) is None
    reply(letter, make.make_user("moderator"), "Đáp")
    row = Notification.objects.get()
    assert (row.user, row.kind, row.feedback) == (reader, "feedback_answered", letter)


# --- Files -----------------------------------------------------------------------------------------------


def picture(name: str = "IMG_1234 Lò Thị Mai.jpg") -> SimpleUploadedFile:
    image = Pillow.new("RGB", (640, 480), "green")
    exif = Pillow.Exif()
    exif[0x010F] = "MáyẢnhKín"
    data = io.BytesIO()
    image.save(data, "JPEG", exif=exif)
    return SimpleUploadedFile(name, data.getvalue(), "image/jpeg")


def test_pictures_and_pdfs_are_cleaned_kept_private_and_go_with_the_letter(own_storage):
    pdf = SimpleUploadedFile("đơn.pdf", specimens.pdf(), "application/pdf")
    letter = letter_of(files=(picture(), pdf))
    rows = list(letter.files.order_by("id"))
    assert [row.content_type for row in rows] == ["image/jpeg", "application/pdf"]
    for row in rows:
        assert row.file_name.startswith("phan-hoi/")
        assert "Mai" not in row.file_name
        with storages["private"].open(row.file_name) as file:
            assert "MáyẢnhKín".encode() not in file.read()
        assert not storages["public"].exists(row.file_name)
    feedback.erase_of(contact_ids=[letter.contact.pk], user_ids=[], strings=["Lò Thị Mai"], at=LATER)
    enclosing.discard([row.file_name for row in rows])  # what the commit of a test's own transaction would do
    assert FeedbackFile.objects.count() == 0
    assert not any(storages["private"].exists(row.file_name) for row in rows)


@pytest.mark.parametrize(
    "upload",
    [
        SimpleUploadedFile("x.jpg", b"<script>alert(1)</script>", "image/jpeg"),
        SimpleUploadedFile("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        SimpleUploadedFile("x.pdf", b"%PDF-1.4 /JavaScript %%EOF startxref", "application/pdf"),
        SimpleUploadedFile("x.exe", b"MZ" * 500, "image/png"),
        SimpleUploadedFile("x.jpg", b"", "image/jpeg"),
    ],
)
def test_a_bad_file_is_refused_and_no_letter_is_lost_half_way(own_storage, upload):
    with pytest.raises(BadFile):
        letter_of(files=(picture(), upload))
    assert (Feedback.objects.count(), FeedbackFile.objects.count()) == (0, 0)


LIMITS = [("MEMORY", 20 * 1024**2), ("FILE_SIZE", 100), ("WALL", 0.01)]


@pytest.mark.parametrize(("name", "value"), LIMITS)
def test_a_pdf_whose_check_meets_a_limit_is_refused_and_the_next_one_is_taken(own_storage, settings, name, value):
    large = specimens.object_stream(b"1 0 " + bytes(7 << 20))
    pdf = SimpleUploadedFile("đơn.pdf", specimens.pdf(streams=(large,)), "application/pdf")
    was = getattr(settings, f"DOCUMENT_PROCESS_{name}")
    setattr(settings, f"DOCUMENT_PROCESS_{name}", value)
    with pytest.raises(BadFile, match=r"Không kiểm tra được tệp này: tệp quá phức tạp|cần nhiều bộ nhớ quá"):
        letter_of(files=(pdf,))
    assert (Feedback.objects.count(), FeedbackFile.objects.count()) == (0, 0)
    setattr(settings, f"DOCUMENT_PROCESS_{name}", was)
    assert letter_of(files=(pdf,)).files.get().content_type == "application/pdf"


def test_a_pdf_waits_for_its_turn_no_longer_than_so(own_storage, settings):
    settings.DOCUMENT_PROCESSES = 1
    settings.DOCUMENT_PROCESS_WALL = 0.1
    pdf = SimpleUploadedFile("đơn.pdf", specimens.pdf(), "application/pdf")
    with outside.place(limited.places()), pytest.raises(BadFile, match="đang kiểm tra nhiều tệp"):
        letter_of(files=(pdf,))
    assert letter_of(files=(picture(),)).files.get().content_type == "image/jpeg"


def test_more_files_than_a_letter_holds_and_more_letters_with_files_than_anybody_sends(own_storage):
    with pytest.raises(BadFile, match="tối đa 3"):
        letter_of(files=tuple(picture() for _ in range(4)))
    for _ in range(enclosing.HOURLY):
        enclosing.close(enclosing.check([picture()], network="203.0.113.9"))
    with pytest.raises(enclosing.TooManyFiles):
        enclosing.check([picture()], network="203.0.113.9")


def test_files_of_spam_and_orphans_are_swept(own_storage):
    letter = letter_of(files=(picture(),))
    private = storages["private"]
    orphan = private.save("phan-hoi/mo-coi.jpg", picture().file)
    Feedback.objects.update(status="spam")
    assert enclosing.sweep(at=NOW + timedelta(days=29)) == 0
    # Files know the real clock only.
    enclosing.sweep(at=timezone.now() + timedelta(days=40))
    assert (letter.files.count(), private.exists(orphan)) == (0, False)


# --- A person's data -------------------------------------------------------------------------------------


def test_erasure_and_export_reach_everything_around_a_letter():
    moderator = make.make_user("moderator")
    letter = asked()
    reply(letter, moderator, "Chào chị Lò Thị Mai")
    airing.publish(feedback_id=letter.pk, actor=moderator, at=LATER, printed=Printed("Vì sao?", "Vì mưa."))
    corresponding.add(feedback_id=letter.pk, body="Gọi 0912-345-678 nhé", at=LATER)
    corresponding.rate(feedback_id=letter.pk, rating=5, words="Mai@example.vn cảm ơn", at=LATER)
    forwarding.forward(
        feedback_id=letter.pk, actor=moderator, at=LATER, onward=Onward("mai@example.vn", "Của Lò Thị Mai")
    )
    page, fresh = questions.letter_page(letter.pk, LATER), Feedback.objects.get()
    handling = feedback.Handling(owner=fresh.owner, due_at=fresh.due_at, note="LÒ THỊ MAI ở bản nà tăm")
    feedback.handle(feedback_id=letter.pk, actor=moderator, at=LATER, stamp=page.stamp, handling=handling)
    (told,) = questions.export_of(contact_ids=[letter.contact.pk], user_ids=[])
    assert told.keys() == {
        "Loại", "Mã", "Tình trạng", "Gửi lúc", "Nội dung", "Viết thêm", "Tòa soạn trả lời", "Ghi chú nội bộ",
        "Đã chuyển tới", "Đã đăng", "Điểm đã chấm", "Nhận xét",
    }  # fmt: skip
    strings = ["Lò Thị Mai", "mai@example.vn", "0912 345 678", "Bản Nà Tăm"]
    assert feedback.erase_of(contact_ids=[letter.contact.pk], user_ids=[], strings=strings, at=LATER) == 1
    (told,) = questions.export_of(contact_ids=[letter.contact.pk], user_ids=[])
    left = f"{told} {list(letter.notes.values_list('body', flat=True))}".casefold()
    assert [word for word in ("lò thị mai", "mai@example", "0912", "nà tăm") if word in left] == []
    assert "Vì sao đường hỏng?" in told["Nội dung"]
    assert Exchange.objects.get().withdrawn_at == LATER
