"""One button for each step the workflow allows; what is sent without a button is refused with the workflow's words."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from news.models import Article, State
from news.tests import make
from news.tests.admin.forms import read_form, send, words

pytestmark = pytest.mark.django_db


def change(article: Article) -> str:
    return reverse("admin:news_article_change", args=[article.pk])


def step(article: Article, name: str) -> str:
    return reverse("admin:news_article_step", args=[article.pk, name])


def in_state(state: str) -> Article:
    """An article of a section with two gates, brought to that state."""
    at = timezone.now() - timedelta(hours=1)
    article = make.make_article("Bài", at=at - timedelta(hours=1))
    match state:
        case "submitted":
            make.reviewing.advance(article_id=article.pk, transition="submit", actor=article.created_by, at=at)
        case "passed":
            make.reviewing.advance(article_id=article.pk, transition="submit", actor=article.created_by, at=at)
            make.reviewing.advance(article_id=article.pk, transition="pass", actor=make.make_user("editor"), at=at)
        case "approved":
            make.approve(article, at=at)
        case "scheduled":
            make.schedule(article, at=at, visible_from=timezone.now() + timedelta(days=1))
        case "published":
            make.publish(article, at=at)
    article.refresh_from_db()
    return article


BUTTONS = {
    # (state, role): the buttons, in order; the author of each article is another reporter.
    ("draft", "author"): ["Lưu", "Lưu và đóng", "Gửi biên tập"],
    ("draft", "reporter"): [],
    ("draft", "editor"): ["Lưu", "Lưu và đóng"],
    ("submitted", "author"): ["Rút về sửa"],
    ("submitted", "reporter"): [],
    ("submitted", "editor"): ["Lưu", "Lưu và đóng", "Chuyển duyệt xuất bản", "Trả lại…"],
    ("passed", "editor"): ["Lưu", "Lưu và đóng"],
    ("passed", "secretary"): ["Lưu", "Lưu và đóng", "Duyệt", "Trả lại…"],
    ("approved", "editor"): [],
    ("approved", "secretary"): ["Xuất bản"],
    ("scheduled", "secretary"): ["Hủy hẹn giờ"],
    ("published", "editor"): ["Mở lại để sửa"],
    ("published", "secretary"): ["Mở lại để sửa"],
    ("published", "author"): [],
}
LINKS = {
    ("approved", "secretary"): ["Trả lại…", "Hẹn giờ…"],
    ("published", "secretary"): ["Gỡ bài…", "Đặt hạn hiển thị…"],
}


@pytest.mark.parametrize(("state", "role"), BUTTONS)
def test_buttons(sign_in_as: Any, state: str, role: str) -> None:
    article = in_state(state)
    user = article.created_by if role == "author" else make.make_user(role)
    page = sign_in_as(user).get(change(article))
    shown = [text for _, _, text in read_form(page).buttons if text not in {"Đăng xuất", "Thêm dòng", "Dừng"}]
    assert [text for text in shown if "Nền" not in text] == BUTTONS[state, role]
    body = page.content.decode()
    for text in LINKS.get((state, role), []):
        assert f"{text}</a>" in body
    assert ('class="button step step-' in body) is ((state, role) in LINKS)


def test_a_changed_form_is_saved_before_the_step(sign_in_as: Any) -> None:
    article = in_state("draft")
    response = send(
        sign_in_as(article.created_by), change(article), "article_form", title="Sửa rồi gửi", _step="submit"
    )
    assert response.headers["Location"] == change(article)
    article.refresh_from_db()
    assert (article.title, article.state, article.version) == ("Sửa rồi gửi", State.SUBMITTED, 3)


def test_approving_an_untouched_text_is_not_editing_it(sign_in_as: Any) -> None:
    article = in_state("passed")
    secretary = make.make_user("secretary")
    client = sign_in_as(secretary)
    send(client, change(article), "article_form", _step="approve")
    article.refresh_from_db()
    assert (article.state, article.approved_by) == (State.APPROVED, secretary)


def test_who_changes_the_text_does_not_approve_it_and_is_told_why(sign_in_as: Any) -> None:
    article = in_state("passed")
    client = sign_in_as(make.make_user("secretary"))
    response = send(client, change(article), "article_form", title="Sửa", _step="approve")
    page = client.get(response.headers["Location"])
    assert "Bạn đã sửa bài này: cần một người khác duyệt." in words(page)
    article.refresh_from_db()
    assert (article.title, article.state) == ("Sửa", State.PASSED)


def test_returning_asks_for_a_reason_and_keeps_it_in_sight(sign_in_as: Any) -> None:
    article = in_state("submitted")
    client = sign_in_as(make.make_user("editor", full_name="Lê Biên Tập"))
    asked = send(client, change(article), "article_form", _step="return")
    assert asked.headers["Location"] == f"{step(article, 'return')}?phien-ban={article.version}"
    refused = send(client, asked.headers["Location"], reason="   ")
    assert refused.status_code == 200
    assert "Hãy điền mục này." in words(refused)
    done = send(client, asked.headers["Location"], reason="Thiếu ảnh <b>lễ</b>\r\nSai tên đại biểu")
    assert done.headers["Location"] == change(article)
    article.refresh_from_db()
    assert article.state == State.RETURNED
    page = sign_in_as(article.created_by).get(change(article))
    assert "Bài bị trả lại – Lê Biên Tập" in words(page)
    assert "Thiếu ảnh &lt;b&gt;lễ&lt;/b&gt; Sai tên đại biểu" in page.content.decode()
    assert "Lý do: Thiếu ảnh <b>lễ</b> Sai tên đại biểu" in words(sign_in_as(article.created_by).get("/quan-tri/"))


def test_scheduling_keeps_the_input_on_error(sign_in_as: Any) -> None:
    article = in_state("approved")
    client = sign_in_as(article.approved_by)
    past = send(client, step(article, "schedule"), moment="1/1/2020 08:00")
    assert past.status_code == 409
    assert "Giờ hẹn phải ở sau lúc này." in words(past)
    assert read_form(past).data["moment"] == ["1/1/2020 08:00"]
    assert "Hãy ghi ngày và giờ theo kiểu" in words(send(client, step(article, "schedule"), moment="mai"))
    moment = timezone.localtime() + timedelta(days=2)
    assert send(client, step(article, "schedule"), moment=f"{moment:%d/%m/%Y %H:%M}").status_code == 302
    edition = article.editions.get()
    assert edition.visible_from == moment.replace(second=0, microsecond=0)
    article.refresh_from_db()
    assert article.state == State.SCHEDULED


def test_publish_withdraw_and_what_readers_see(sign_in_as: Any) -> None:
    article = in_state("approved")
    client = sign_in_as(article.approved_by)
    assert client.post(step(article, "publish"), {"version": article.version}).status_code == 302
    article.refresh_from_db()
    page = words(client.get(change(article)))
    assert "bạn đọc đang thấy ấn bản 1" in page
    twice = client.post(step(article, "publish"), {"version": article.version}, follow=True)
    assert "Bài đang ở trạng thái “Đã xuất bản” nên không làm được việc này." in words(twice)
    assert article.editions.count() == 1
    assert send(client, step(article, "withdraw"), reason="Theo yêu cầu").status_code == 302
    article.refresh_from_db()
    assert article.state == State.WITHDRAWN
    assert not article.editions.live().exists()


@pytest.mark.parametrize("name", ["publish", "schedule", "withdraw", "return", "reopen", "cancel", "expire", "recall"])
def test_a_step_in_an_older_version_is_refused(sign_in_as: Any, name: str) -> None:
    before = {"publish": "approved", "schedule": "approved", "return": "approved"}
    state = {**before, "cancel": "scheduled", "recall": "submitted"}.get(name, "published")
    article = in_state(state)
    user = article.created_by if name == "recall" else article.approved_by or make.make_user("secretary")
    moment = timezone.localtime() + timedelta(days=2)
    response = sign_in_as(user).post(
        step(article, name),
        {"version": article.version - 1, "reason": "Lý do", "moment": f"{moment:%d/%m/%Y %H:%M}"},
        follow=True,
    )
    assert "Bài đã có người sửa sau khi bạn mở." in words(response)
    seen = article.state
    article.refresh_from_db()
    assert article.state == seen


@pytest.mark.parametrize(
    ("name", "role", "says"),
    [
        ("publish", "editor", "Bài đang ở trạng thái “Chờ biên tập” nên không làm được việc này."),
        ("pass", "author", "Bạn không có quyền làm việc này trong chuyên mục của bài."),
        ("pass", "reporter", "Bạn không có quyền làm việc này trong chuyên mục của bài."),
        ("recall", "editor", "Chỉ người viết bài làm được việc này."),
        ("withdraw", "chief", "Bạn đọc đang không thấy bài này."),
    ],
)
def test_a_step_without_a_button_is_refused(sign_in_as: Any, name: str, role: str, says: str) -> None:
    article = in_state("submitted")
    user = article.created_by if role == "author" else make.make_user(role)
    response = sign_in_as(user).post(
        step(article, name), {"version": article.version, "reason": "Vì", "moment": "1/1/2030 08:00"}, follow=True
    )
    assert says in words(response)
    article.refresh_from_db()
    assert article.state == State.SUBMITTED


def test_an_unknown_step_and_an_unknown_article(sign_in_as: Any) -> None:
    article = in_state("draft")
    client = sign_in_as(article.created_by)
    assert client.post(step(article, "destroy"), {"version": 1}).status_code == 404
    assert client.get(f"/quan-tri/news/article/{article.pk + 1}/buoc/submit/").status_code == 404
    assert client.get(f"/quan-tri/news/article/{article.pk + 1}/change/").status_code == 404
    for pk in ("0", "-1", "x", "9" * 30, "²"):
        assert client.get(f"/quan-tri/news/article/{pk}/change/").status_code == 404, pk


def test_the_story_tells_steps_saves_and_editions(sign_in_as: Any) -> None:
    article = in_state("published")
    page = words(sign_in_as(make.make_user("secretary")).get(change(article)))
    for text in ("Gửi biên tập – Người", "Chuyển duyệt xuất bản – Người", "Lần 1", "Ấn bản 1", "Dòng 1 : xuất bản"):
        assert text in page
    assert "Dòng 1" not in words(sign_in_as(article.created_by).get(change(article)))
