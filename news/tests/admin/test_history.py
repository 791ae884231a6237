"""The story of an article, its versions side by side, an old one restored: what is shown, to whom, at what price."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts.models import User
from news.models import Article, Attendee, Edition, LedgerEntry, RelatedPick, WorkflowStep
from news.services import editing
from news.services.reviewing import advance
from news.tests import make
from news.tests.admin.forms import read_form, send, words

pytestmark = pytest.mark.django_db
AT = timezone.now() - timedelta(hours=5)


def keep(
    article: Article, actor: User | None = None, *, minutes: int = 30, related: Any = None, **fields: Any
) -> Article:
    """One more save, by its writer unless told otherwise."""
    fresh = Article.objects.select_related("section", "lead_image", "created_by").get(pk=article.pk)
    for name, value in fields.items():
        setattr(fresh, name, value)
    actor = actor or fresh.created_by
    assert actor is not None
    at = AT + timedelta(minutes=minutes)
    return editing.change(article=fresh, actor=actor, at=at, version=fresh.version, save_related=related)


def base(article: Article) -> str:
    """Where the article's pages are."""
    return f"/quan-tri/news/article/{article.pk}/"


def events(page: Any) -> list[str]:
    """The story's headings, from the top."""
    return [" ".join(re.sub(r"<[^>]+>", " ", found).split()) for found in re.findall(r"<h2>(.*?)</h2>", page.content.decode(), re.DOTALL)]  # fmt: skip # noqa: E501


# --- The story -----------------------------------------------------------------------------------


def test_the_whole_story_on_one_page(sign_in_as: Any) -> None:
    writer = make.make_user("reporter", full_name="Lò Thị Một")
    article = make.make_article("Một", author=writer, at=AT)
    keep(article, title="Hai", lead="Khác", minutes=10)
    advance(article_id=article.pk, transition="submit", actor=writer, at=AT + timedelta(minutes=20))
    editor = make.make_user("editor", full_name="Lý Văn Trả")
    at, reason = AT + timedelta(minutes=21), "Thiếu <b>nguồn</b>"
    advance(article_id=article.pk, transition="return", actor=editor, at=at, reason=reason)
    edition = make.publish(article, at=AT + timedelta(hours=2))
    page = sign_in_as(make.make_user("chief")).get(f"{base(article)}lich-su/")
    names = [event.split(" – ")[0] for event in events(page)]
    assert names == [
        "Bước Xuất bản",
        "Sổ xuất bản Dòng 1: xuất bản",
        "Ấn bản Ấn bản 1",
        "Bước Duyệt",
        "Bước Chuyển duyệt xuất bản",
        "Bước Gửi biên tập",
        "Bước Trả lại",
        "Bước Gửi biên tập",
        "Lưu Lần lưu 2",
        "Lưu Lần lưu 1",
    ]
    text = words(page)
    entry = LedgerEntry.objects.get()
    for expected in ("Lò Thị Một", "Lý Văn Trả", "Thiếu <b>nguồn</b>", "Đổi: tiêu đề, sa-pô", "Bản đầu tiên."):
        assert expected in text, expected
    for hashed in (edition.payload_sha256, edition.content_sha256, entry.hash, entry.previous_hash):
        assert hashed in text


def test_a_take_over_and_a_restore_are_told(sign_in_as: Any) -> None:
    writer = make.make_user("reporter", full_name="Lò Thị Một")
    article = make.make_article("Một", author=writer, at=AT)
    for transition, reason in (("take-over", "Từ Lò Văn Hai."), ("restore", "Khôi phục lần lưu 1.")):
        WorkflowStep.objects.create(
            article=article, transition=transition, source="draft", target="draft", actor=writer, at=AT, reason=reason
        )
    text = words(sign_in_as(writer).get(f"{base(article)}lich-su/?xem=buoc"))
    assert "Nhận sửa thay – Lò Thị Một Từ Lò Văn Hai." in text
    assert "Khôi phục bản cũ – Lò Thị Một Khôi phục lần lưu 1." in text
    assert "Bài chuyển sang" not in text


def test_the_stock_history_leads_to_the_story(sign_in_as: Any) -> None:
    article = make.make_article()
    desk = sign_in_as(make.make_user("reporter"))
    assert desk.get(f"{base(article)}history/").headers["Location"] == f"{base(article)}lich-su/"
    assert desk.get("/quan-tri/news/article/999/history/").status_code == 404
    form = desk.get(f"{base(article)}change/").content.decode()
    assert f'href="{base(article)}lich-su/"' in form


def test_the_ledger_is_for_whom_it_is_for(sign_in_as: Any) -> None:
    article = make.make_article(at=AT)
    make.publish(article, at=AT + timedelta(hours=1))
    hashed = LedgerEntry.objects.get().hash
    for role, sees in (("reporter", False), ("editor", False), ("secretary", True), ("chief", True)):
        page = sign_in_as(make.make_user(role)).get(f"{base(article)}lich-su/").content.decode()
        assert (hashed in page, "Ấn bản 1" in page) == (sees, True), role


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("buoc", ["Bước"]),
        ("luu", ["Lưu"]),
        ("an-ban", ["Sổ xuất bản", "Ấn bản"]),
        ("'; drop", ["Bước", "Sổ xuất bản", "Ấn bản", "Lưu"]),
    ],
)
def test_parts_of_the_story(sign_in_as: Any, word: str, expected: list[str]) -> None:
    article = make.make_article(at=AT)
    make.publish(article, at=AT + timedelta(hours=1))
    page = sign_in_as(make.make_user("chief")).get(f"{base(article)}lich-su/", {"xem": word})
    found = [re.match(r"Bước|Lưu|Sổ xuất bản|Ấn bản", event) for event in events(page)]
    assert list(dict.fromkeys(match[0] for match in found if match)) == expected


def test_a_long_story_is_turned_page_by_page(sign_in_as: Any) -> None:
    article = make.make_article("Bài 0", at=AT)
    for number in range(1, 25):
        keep(article, title=f"Bài {number}", minutes=number)
    WorkflowStep.objects.bulk_create(
        WorkflowStep(article=article, transition="submit", source="draft", target="draft", at=AT + timedelta(minutes=n))
        for n in range(1, 25)
    )
    desk = sign_in_as(make.make_user("reporter"))
    seen, address = [], f"{base(article)}lich-su/"
    for _ in range(9):
        page = desk.get(address)
        seen += events(page)
        older = re.search(r'rel="next" href="([^"]+)"', page.content.decode())
        if older is None:
            break
        address = f"{base(article)}lich-su/{older[1]}"
    expected = [f"Lưu Lần lưu {number + 1}" for number in range(24, -1, -1)]
    assert len(seen) == 49
    assert [event.split(" – ")[0] for event in seen if event.startswith("Lưu")] == expected
    assert "Lần lưu 1" in desk.get(f"{base(article)}so-sanh/").content.decode()


@pytest.mark.parametrize("cursor", ["x", "1-2", "9" * 17 + "-9-9", "1-1-1-1", "١-1-1", "-1-2-3", "%00"])
def test_a_nonsense_cursor_is_no_cursor(sign_in_as: Any, cursor: str) -> None:
    article = make.make_article(at=AT)
    page = sign_in_as(make.make_user("reporter")).get(f"{base(article)}lich-su/", {"truoc": cursor})
    assert page.status_code == 200


def test_an_empty_story_says_so(sign_in_as: Any) -> None:
    article = make.make_article(at=AT)
    desk = sign_in_as(make.make_user("chief"))
    for word, sentence in (("buoc", "Bài chưa qua bước nào."), ("an-ban", "Bài chưa xuất bản lần nào.")):
        assert sentence in words(desk.get(f"{base(article)}lich-su/?xem={word}"))


def test_what_changed_outside_the_article_is_pointed_out(sign_in_as: Any) -> None:
    person = make.make_person("Lò Văn Một", ("Chức cũ", None, None))
    article = make.make_article(at=AT, delegations=(make.make_delegation("Đoàn", make.attendee(person)),))
    desk = sign_in_as(make.make_user("reporter"))
    assert "đã đổi ở nơi khác" not in words(desk.get(f"{base(article)}lich-su/"))
    Attendee.objects.update(positions="Chức mới")
    assert "đã đổi ở nơi khác" in words(desk.get(f"{base(article)}lich-su/"))
    text = words(desk.get(f"{base(article)}so-sanh/?tu=l1&den=nay"))
    assert "[bỏ: cũ ] (Đoàn công tác, tham dự)" in text
    assert "[thêm: mới ] (Đoàn công tác, tham dự)" in text


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_story(sign_in_as: Any, django_assert_num_queries: Any, count: int) -> None:
    article = make.make_article(at=AT)
    for number in range(count):
        keep(article, title=f"Bài {number}", minutes=number + 1)
        make.publish(make.make_article(at=AT), at=AT + timedelta(hours=1))
    make.publish(article, at=AT + timedelta(hours=1))
    desk = sign_in_as(make.make_user("chief"))
    desk.get(f"{base(article)}lich-su/")
    # session, user, roles; article, sections; the four sources and the saved texts; what may be picked (2); the right
    # to change, in which sections; the state; the last hash; the copy composed
    with django_assert_num_queries(20):
        assert desk.get(f"{base(article)}lich-su/").status_code == 200


# --- Side by side --------------------------------------------------------------------------------


def a_changed_article() -> Article:
    """Two saves that differ in every part that a test looks at."""
    neighbour = make.make_article("Bài bên cạnh", at=AT)
    article = make.make_article(
        "Tiêu đề cũ", at=AT, lead="Mở đầu cũ.", body="<p>Một hai ba.</p>", tags=(make.make_tag("A"),)
    )

    def related(saved: Article) -> None:
        saved.tags.set([make.make_tag("B")])
        RelatedPick.objects.create(article=saved, target=neighbour, order=1)

    return keep(
        article,
        related=related,
        title="Tiêu đề mới",
        lead="Mở đầu mới.",
        body="<p>Một <b>hai</b> ba.</p><p>Thêm.</p>",
        lead_image=make.make_image(),
    )


def test_two_versions_side_by_side(sign_in_as: Any) -> None:
    article = a_changed_article()
    page = sign_in_as(make.make_user("reporter")).get(f"{base(article)}so-sanh/?tu=l1&den=l2")
    text = words(page)
    for expected in (
        "Lần lưu 1 so với lần lưu 2",
        "Tiêu đề [bỏ: cũ ]",
        "Tiêu đề [thêm: mới ]",
        "Mở đầu [bỏ: cũ ] .",
        "Thêm định dạng: + chữ đậm “hai”",
        "[thêm: Thêm. ]",
        "[bỏ: A ]",
        "[thêm: B ]",
        "[thêm: Bài bên cạnh ]",
        "Không đổi:",
    ):
        assert expected in text, expected
    picture = article.lead_image
    assert picture is not None
    assert f"/quan-tri/news/image/ban/{picture.key}/" in page.content.decode()


def test_the_present_copy_and_editions_can_be_compared(sign_in_as: Any) -> None:
    article = make.make_article("Đã in", at=AT)
    make.publish(article, at=AT + timedelta(hours=1))
    editor = make.make_user("editor")
    advance(article_id=article.pk, transition="reopen", actor=editor, at=AT + timedelta(hours=2))
    keep(article, editor, minutes=150, title="Đang sửa")
    desk = sign_in_as(make.make_user("reporter"))
    text = words(desk.get(f"{base(article)}so-sanh/?tu=a1"))
    assert "Ấn bản 1 so với bản hiện tại" in text
    assert "[bỏ: Đã in ]" in text
    assert "Lần lưu 1 so với lần lưu 2" in words(desk.get(f"{base(article)}so-sanh/?den=l2"))
    assert "Hai bản giống hệt nhau." in words(desk.get(f"{base(article)}so-sanh/?tu=l2&den=l2"))


def test_the_last_two_saves_are_what_one_sees_first(sign_in_as: Any) -> None:
    article = make.make_article("Bài 1", at=AT)
    desk = sign_in_as(article.created_by)
    assert "Lần lưu 1 so với bản hiện tại" in words(desk.get(f"{base(article)}so-sanh/"))
    for number in (2, 3):
        keep(article, title=f"Bài {number}", minutes=number)
    advance(article_id=article.pk, transition="submit", actor=article.created_by, at=AT + timedelta(minutes=9))
    text = words(desk.get(f"{base(article)}so-sanh/"))
    assert "Lần lưu 2 so với lần lưu 3" in text
    assert "[thêm: 3 ]" in text
    assert "Hai bản giống hệt nhau" not in text


def test_a_blanked_save_is_not_what_one_sees_first(sign_in_as: Any) -> None:
    article = make.make_article("Bài 1", at=AT)
    for number in (2, 3):
        keep(article, title=f"Bài {number}", minutes=number)
    article.revisions.filter(number=2).update(content="")
    text = words(sign_in_as(article.created_by).get(f"{base(article)}so-sanh/"))
    assert "Lần lưu 1 so với lần lưu 3" in text


def test_one_walks_along_the_history(sign_in_as: Any) -> None:
    article = make.make_article("Bài 0", at=AT)
    for number in range(1, 4):
        keep(article, title=f"Bài {number}", minutes=number)
    page = sign_in_as(make.make_user("reporter")).get(f"{base(article)}so-sanh/?tu=l2&den=l3").content.decode()
    assert f'href="{base(article)}so-sanh/?tu=l1&amp;den=l2" rel="prev"' in page
    assert f'href="{base(article)}so-sanh/?tu=l3&amp;den=l4" rel="next"' in page
    assert f'href="{base(article)}so-sanh/?tu=l3&amp;den=l2"' in page


@pytest.mark.parametrize(
    "token", ["l9", "a1", "a9", "x", "l", "l-1", "l1'", "<script>", "l" + "9" * 40, "l0", "L1", "l١"]
)
def test_a_version_that_is_not_there_is_asked_for_again(sign_in_as: Any, token: str) -> None:
    article = make.make_article(at=AT)
    keep(article, title="Hai")
    make.publish(make.make_article("Bí mật của bài khác", at=AT), at=AT + timedelta(hours=1))
    desk = sign_in_as(make.make_user("chief"))
    for query in ({"tu": token, "den": "nay"}, {"tu": "l1", "den": token}):
        page = desk.get(f"{base(article)}so-sanh/", query)
        assert page.status_code == 404
        assert "Bài không có phiên bản như địa chỉ này hỏi." in words(page)
        assert "Bí mật" not in page.content.decode()
        assert "<script>" not in page.content.decode().replace("<script ", "")


def test_a_blanked_edition_says_so(sign_in_as: Any) -> None:
    article = make.make_article("Đã in", at=AT)
    make.publish(article, at=AT + timedelta(hours=1))
    Edition.objects.update(payload="")
    desk = sign_in_as(make.make_user("chief"))
    assert "Ấn bản 1 đã được xóa trắng nên không so được" in words(desk.get(f"{base(article)}so-sanh/?tu=a1&den=nay"))
    assert "Nội dung đã được xóa trắng; mã băm còn giữ." in words(desk.get(f"{base(article)}lich-su/"))
    page = desk.get(f"{base(article)}khoi-phuc/a1/")
    assert "đã được xóa trắng nên không khôi phục được" in words(page)


def test_nothing_that_was_written_runs(sign_in_as: Any) -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    writer = make.make_user("reporter", full_name=f"Lò {evil}")
    article = make.make_article(evil, author=writer, at=AT, lead=evil, tags=(make.make_tag(f"t {evil}"),))
    keep(
        article,
        writer,
        title=f"{evil} hai",
        body=f"<p title='{evil}'>{evil}</p>",
        lead_image=make.make_image(caption=evil),
    )
    revision = article.revisions.get(number=1)
    revision.content = revision.content.replace("Nội dung bài viết.", "<script>alert(1)</script>")
    revision.save()
    desk = sign_in_as(make.make_user("chief"))
    for address in ("lich-su/", "so-sanh/?tu=l1&den=l2", "so-sanh/?tu=l2&den=l1&hien=het", "khoi-phuc/l1/"):
        page = desk.get(f"{base(article)}{address}").content.decode()
        assert "<script>alert" not in page, address
        assert "<img src=x" not in page, address


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_a_comparison(sign_in_as: Any, django_assert_num_queries: Any, count: int) -> None:
    article = a_changed_article()
    for number in range(count):
        neighbour = make.make_article(at=AT)

        def related(saved: Article, number: int = number, neighbour: Article = neighbour) -> None:
            RelatedPick.objects.create(article=saved, target=neighbour, order=number)

        keep(article, related=related, title=f"Bài {number}", minutes=40 + number)
    desk = sign_in_as(make.make_user("reporter"))
    desk.get(f"{base(article)}so-sanh/?tu=l2&den=l3")
    # session, user, roles; article, sections; two versions; what may be picked (2); neighbours, titles; sections
    with django_assert_num_queries(11):
        assert desk.get(f"{base(article)}so-sanh/?tu=l2&den=l3").status_code == 200


# --- Restoring -----------------------------------------------------------------------------------


def test_an_old_version_is_shown_and_then_restored(sign_in_as: Any) -> None:
    article = a_changed_article()
    assert article.created_by is not None
    desk = sign_in_as(article.created_by)
    address = f"{base(article)}khoi-phuc/l1/"
    page = desk.get(address)
    assert "Tiêu đề [thêm: cũ ]" in words(page)
    done = send(desk, address)
    assert (done.status_code, done.headers["Location"]) == (302, f"{base(article)}change/")
    fresh = Article.objects.get(pk=article.pk)
    assert (fresh.title, fresh.body, fresh.lead_image) == ("Tiêu đề cũ", "<p>Một hai ba.</p>", None)
    assert "Đã khôi phục lần lưu 1 thành bản nháp mới" in words(desk.get(f"{base(article)}change/"))
    assert LogEntry.objects.latest("id").change_message == "Khôi phục lần lưu 1."
    assert "không có gì để khôi phục" in words(desk.get(address))


def test_what_stays_of_a_delegation_and_why_is_told_before_restoring(sign_in_as: Any) -> None:
    delegation = make.make_delegation("Đoàn A", make.attendee(make.make_person("Lò Văn Một"), positions="Chức cũ"))
    article = make.make_article(at=AT, delegations=(delegation,))
    keep(article, related=lambda _: delegation.attendees.update(positions="Chức mới"))
    desk = sign_in_as(article.created_by)
    address = f"{base(article)}khoi-phuc/l1/"
    text = words(desk.get(address))
    assert "dùng chung" not in text
    assert "[thêm: cũ ]" in text
    other = make.make_article("Bài của đồng nghiệp", at=AT, delegations=(delegation,))
    text = words(desk.get(address))
    assert f"dùng chung với bài “Bài của đồng nghiệp” (số {other.pk})" in text
    assert "không có gì để khôi phục" in text
    other.delegations.clear()
    assert send(desk, address).status_code == 302
    assert delegation.attendees.get().positions == "Chức cũ"


def test_a_delegation_that_changed_while_one_looked_is_shown_first(sign_in_as: Any) -> None:
    delegation = make.make_delegation("Đoàn A", make.attendee(make.make_person("Lò Văn Một"), positions="Chức cũ"))
    article = make.make_article(at=AT, delegations=(delegation,))
    keep(article, related=lambda _: delegation.attendees.update(positions="Chức mới"))
    desk = sign_in_as(article.created_by)
    address = f"{base(article)}khoi-phuc/l1/"
    data = read_form(desk.get(address)).data
    Attendee.objects.update(positions="Vừa ghi ở trang đoàn")
    page = desk.post(address, data)
    assert page.status_code == 409
    assert "Vừa ghi ở trang đoàn" in words(page)
    assert Attendee.objects.get().positions == "Vừa ghi ở trang đoàn"


def test_a_save_meanwhile_is_shown_first(sign_in_as: Any) -> None:
    article = a_changed_article()
    assert article.created_by is not None
    desk = sign_in_as(article.created_by)
    address = f"{base(article)}khoi-phuc/l1/"
    data = read_form(desk.get(address)).data
    keep(article, title="Ba", minutes=50)
    page = desk.post(address, data)
    assert page.status_code == 409
    assert "Có người vừa sửa bài" in words(page)
    assert "[bỏ: Ba ]" in words(page)
    assert Article.objects.get(pk=article.pk).title == "Ba"
    assert desk.post(address, read_form(page).data).status_code == 302


def test_looking_changes_nothing_and_nonsense_is_refused(sign_in_as: Any) -> None:
    article = a_changed_article()
    desk = sign_in_as(article.created_by)
    before = Article.objects.values().get(pk=article.pk)
    desk.get(f"{base(article)}khoi-phuc/l1/")
    for token, version, status in (
        ("l9", "2", 404),
        ("nay", "2", 404),
        ("a1", "2", 404),
        ("l1", "x", 409),
        ("l1", "", 409),
    ):
        assert desk.post(f"{base(article)}khoi-phuc/{token}/", {"version": version}).status_code == status
    assert Article.objects.values().get(pk=article.pk) == before


def test_who_opens_what_of_the_history(sign_in_as: Any) -> None:
    article = a_changed_article()
    pages = ("lich-su/", "so-sanh/", "khoi-phuc/l1/", "history/")
    for role in ("reporter", "editor", "secretary", "chief"):
        desk = sign_in_as(make.make_user(role))
        assert [desk.get(f"{base(article)}{page}").status_code for page in pages] == [200, 200, 200, 302], role
    for role in ("moderator", "administrator"):
        desk = sign_in_as(make.make_user(role))
        assert [desk.get(f"{base(article)}{page}").status_code for page in pages] == [403] * 4, role
        assert desk.post(f"{base(article)}khoi-phuc/l1/", {"version": article.version}).status_code == 403
        revision = article.revisions.get(number=1)
        assert desk.get(f"/quan-tri/news/revision/{revision.pk}/change/").status_code in {302, 403}
    reader = sign_in_as(make.make_user(None))
    assert {reader.get(f"{base(article)}{page}").status_code for page in pages} == {302}
    other = sign_in_as(make.make_user("reporter"))
    assert "Bạn chỉ sửa được bản nháp của mình." in words(other.get(f"{base(article)}khoi-phuc/l1/"))
    assert other.post(f"{base(article)}khoi-phuc/l1/", {"version": article.version}).status_code == 403
    assert "Khôi phục…" not in words(other.get(f"{base(article)}lich-su/"))
    assert Article.objects.get(pk=article.pk).title == "Tiêu đề mới"
