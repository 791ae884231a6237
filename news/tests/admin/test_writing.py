"""Nothing typed is lost: drafts kept and given back, log-ins that end, two texts merged, the soft lock; and rights."""

import html
import json
import random
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import User
from news.models import Article, Attendee, Contribution, Delegation, Draft, EditLock, Role, WorkflowStep
from news.services import attending, drafting, editing
from news.services.reviewing import advance
from news.tests import make
from news.tests.admin.forms import read_form, words

pytestmark = pytest.mark.django_db
ADD = "/quan-tri/news/article/add/"
KEEP = "/quan-tri/news/article/giu/"
BEAT = "/quan-tri/news/article/nhip/"
LEAVE = "/quan-tri/news/article/roi/"
LIST = "/quan-tri/news/article/ban-go/"
KEY = "khoa-cua-mot-cua-so"


def change(article: Article) -> str:
    return f"/quan-tri/news/article/{article.pk}/change/"


def post(client: Client, address: str, **data: Any) -> Any:
    return client.post(address, data, content_type="application/json")


def kept(user: User, article: Article | None = None, **changes: Any) -> dict[str, Any]:
    state = [["title", "Đang gõ"]]
    return {
        "article": article and article.pk, "window": KEY, "writer": user.pk, "version": 1, "sequence": 1,
        "state": state, **changes,
    }  # fmt: skip


def typed(client: Client, address: str, **changes: Any) -> dict[str, list[str]]:
    """The form at that address with something typed into it."""
    data: dict[str, list[str]] = read_form(client.get(address), "article_form").data
    return {**data, **{name: value if isinstance(value, list) else [value] for name, value in changes.items()}}


def as_state(data: dict[str, list[str]]) -> list[list[str]]:
    return [[name, value] for name, values in data.items() for value in values if name != "csrfmiddlewaretoken"]


def save_as(article: Article, user: User, **fields: Any) -> Article:
    """Somebody else saves meanwhile."""
    fresh = Article.objects.select_related("section").get(pk=article.pk)
    for name, value in fields.items():
        setattr(fresh, name, value)
    return editing.change(article=fresh, actor=user, at=timezone.now(), version=fresh.version)


def read_guard(response: Any) -> dict[str, Any]:
    """What the scripts of a page are told."""
    found = re.search(r'data-guard="([^"]*)"', response.content.decode())
    assert found is not None
    told: dict[str, Any] = json.loads(html.unescape(found[1]))
    return told


# --- Keeping -------------------------------------------------------------------------------------------


def test_the_whole_form_is_kept_and_comes_back_rows_included(sign_in_as: Any) -> None:
    delegation = make.make_delegation("Đoàn", make.attendee(make.make_person("Trần Văn A")))
    article = make.make_article("Cũ", byline=(make.make_author("PV"),), delegations=(delegation,))
    client = sign_in_as(article.created_by)
    form = typed(client, change(article), title="Mới <b>", body="<p>Gõ dở</p>", tags="Lai Châu, ")
    form["ten-ky-TOTAL_FORMS"] = ["3"]
    form["ten-ky-2-author"], form["ten-ky-2-kind"] = ["Lò Thị Dòng Mới"], ["photo"]
    form[f"doan-{delegation.pk}-nguoi-1-name"] = ["Người gõ dở"]
    data = kept(article.created_by, article, window=form["window"][0], state=as_state(form))
    answer = post(client, KEEP, **data)
    assert (answer.status_code, answer.json()["sequence"]) == (200, 1)

    page = client.get(change(article))
    assert "Bạn có bản đang gõ chưa lưu" in words(page)
    assert read_form(page, "article_form").data["title"] == ["Cũ"]
    back = client.get(f"{change(article)}?nhap={form['window'][0]}")
    restored = read_form(back, "article_form").data
    for name in ("title", "body", "ten-ky-2-author", "ten-ky-2-kind", f"doan-{delegation.pk}-nguoi-1-name"):
        assert restored[name] == form[name], name
    assert (restored["window"], restored["version"]) == (form["window"], ["1"])
    assert "Mới <b>" not in back.content.decode()

    assert client.post(change(article), restored).status_code == 302
    article.refresh_from_db()
    assert (article.title, article.body) == ("Mới <b>", "<p>Gõ dở</p>")
    assert [row.author.name for row in article.contributions.order_by("order", "id")] == ["PV", "Lò Thị Dòng Mới"]
    assert not Draft.objects.exists()


def test_a_restored_form_does_not_shout_about_what_is_missing(sign_in_as: Any) -> None:
    reporter = make.make_user("reporter")
    client = sign_in_as(reporter)
    form = typed(client, ADD, lead="Chỉ có sa-pô", event_on="không phải ngày")
    post(client, KEEP, **kept(reporter, window=form["window"][0], state=as_state(form)))
    page = client.get(f"{ADD}?nhap={form['window'][0]}")
    assert page.status_code == 200
    assert "errorlist" not in page.content.decode()
    restored = read_form(page, "article_form").data
    assert (restored["lead"], restored["event_on"]) == (["Chỉ có sa-pô"], ["không phải ngày"])
    refused = client.post(ADD, restored)
    assert refused.status_code == 200
    assert "Hãy ghi ngày theo kiểu 20/5/2024." in words(refused)


def test_a_refused_form_is_kept_without_any_script(sign_in_as: Any) -> None:
    reporter = make.make_user("reporter")
    client = sign_in_as(reporter)
    assert client.post(ADD, typed(client, ADD, title="Chưa có chuyên mục", lead="Chữ")).status_code == 200
    draft = Draft.objects.get(owner=reporter)
    assert draft.title == "Chưa có chuyên mục"
    assert ("lead", "Chữ") in drafting.read_state(draft.state)
    assert "Chưa có chuyên mục" in words(client.get("/quan-tri/"))


def test_saving_forgets_the_draft_of_that_window_only(sign_in_as: Any) -> None:
    article = make.make_article("Cũ")
    client = sign_in_as(article.created_by)
    form = typed(client, change(article), title="Mới")
    post(client, KEEP, **kept(article.created_by, article, window=form["window"][0], state=as_state(form)))
    post(client, KEEP, **kept(article.created_by, article, window="cua-so-khac"))
    assert client.post(change(article), form).status_code == 302
    assert [draft.key for draft in Draft.objects.all()] == ["cua-so-khac"]


def test_refusals_are_told_in_json(sign_in_as: Any, client: Client) -> None:
    article = make.make_article()
    writer = article.created_by
    own = sign_in_as(writer)
    assert post(own, KEEP, **kept(writer, article)).status_code == 200
    late = post(own, KEEP, **kept(writer, article))
    assert (late.status_code, late.json()["sequence"]) == (409, 1)
    large = post(own, KEEP, **kept(writer, article, sequence=2, state=[["body", "x" * 1_500_001]]))
    assert (large.status_code, large.json()["message"][:30]) == (413, "Bản đang gõ lớn quá mức giữ đư")
    huge = own.generic("POST", KEEP, b"{}", content_type="application/json", CONTENT_LENGTH="9999999")
    assert huge.status_code == 413
    for body in (b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"state": 1}', b'{"state": [["a", 1]], "sequence": 2}'):
        assert own.generic("POST", KEEP, body, content_type="application/json").status_code == 400, body
    assert own.post(KEEP, kept(writer, article) | {"article": "1", "state": "x"}).status_code == 400
    assert own.get(KEEP).status_code == 400
    for address in (KEEP, BEAT, LEAVE):
        answer = post(client, address, **kept(writer, article))
        assert (answer.status_code, answer.json()["message"]) == (401, "Phiên đăng nhập đã hết.")
    assert Draft.objects.count() == 1


@pytest.mark.parametrize(
    "number", [2**63, 9223372036854775808, 10**30, 0, -1, True, False, 1.5, "", "x", "9" * 30, [], {}, "1e3"]
)
def test_an_article_that_is_none_is_not_taken_for_a_new_one(sign_in_as: Any, number: Any) -> None:
    reporter = make.make_user("reporter")
    client = sign_in_as(reporter)
    assert post(client, KEEP, **{**kept(reporter), "article": number}).status_code == 400
    assert Draft.objects.count() == 0
    assert post(client, KEEP, **{**kept(reporter), "article": 2**59}).status_code == 403
    assert post(client, KEEP, **{**kept(reporter), "article": None}).status_code == 200


@pytest.mark.parametrize("writer", [True, None, "", [], 0])
def test_who_writes_is_told_by_a_number(sign_in_as: Any, writer: Any) -> None:
    reporter = make.make_user("reporter", pk=1)  # true is 1 to Python, not to us
    client = sign_in_as(reporter)
    answer = post(client, KEEP, **{**kept(reporter), "writer": writer})
    assert (answer.status_code, answer.json()["other"]) == (403, True)
    article = make.make_article(author=reporter)
    assert "lock" not in post(client, BEAT, article=article.pk, window=KEY, writer=writer).json()
    assert "lock" in post(client, BEAT, article=article.pk, window=KEY, writer=reporter.pk).json()
    assert Draft.objects.count() == 0


def test_a_form_with_too_many_fields_is_told_what_to_do(sign_in_as: Any) -> None:
    article = make.make_article()
    client = sign_in_as(article.created_by)
    many = [["x", ""]] * (drafting.MOST_PAIRS + 1)
    told = post(client, KEEP, **kept(article.created_by, article, state=many))
    assert (told.status_code, told.json()["unsendable"]) == (413, True)
    assert told.json()["message"] == (
        "Bài có quá nhiều dòng (hơn 11.900 ô), máy chủ không nhận được trong một lần: hãy bỏ bớt dòng rồi bấm Lưu. "
        "Bản đang gõ vẫn ở trong trang này."
    )
    form = typed(client, change(article), title="Mới")
    refused = client.post(change(article), {**form, "x": [""] * 12_000})
    assert refused.status_code == 413
    assert "Biểu mẫu có quá nhiều dòng" in words(refused)
    assert "bấm nút Quay lại của trình duyệt" in words(refused)
    article.refresh_from_db()
    assert article.title != "Mới"
    # Two delegations of 250 people are taken.
    many_people = {f"doan-7-nguoi-{row}-{name}": [""] for row in range(500) for name in "abcdefghi"}
    assert client.post(change(article), {**form, **many_people}).status_code == 302


@pytest.mark.parametrize("day", ["1/1/0001", "31/12/9999", "0001-01-01", "31/12/1899", "1/1/2200"])
def test_a_year_that_no_calendar_survives_is_refused(sign_in_as: Any, day: str) -> None:
    client = sign_in_as(make.make_user("reporter"))
    refused = client.post(ADD, typed(client, ADD, title="Bài", event_on=day))
    assert refused.status_code == 200
    assert "Năm phải trong khoảng 1900 đến 2199." in words(refused)
    assert Article.objects.count() == 0


def test_who_may_not_write_or_open_keeps_nothing(sign_in_as: Any) -> None:
    article = make.make_article()
    for role in ("moderator", "administrator"):
        user = make.make_user(role)
        assert post(sign_in_as(user), KEEP, **kept(user, article)).status_code == 403
    reader = make.make_user(None)
    assert post(sign_in_as(reader), KEEP, **kept(reader, article)).status_code == 401
    other = make.make_user("reporter")
    assert post(sign_in_as(other), KEEP, **kept(other, Article(pk=98765))).status_code == 403
    assert not Draft.objects.exists()


def test_another_account_in_the_same_browser_is_refused_and_told(sign_in_as: Any) -> None:
    article = make.make_article("Cũ")
    editor = make.make_user("editor", full_name="Lê Biên Tập")
    client = sign_in_as(editor)
    answer = post(client, KEEP, **kept(article.created_by, article))
    assert (answer.status_code, answer.json()["other"]) == (403, True)
    form = typed(client, change(article), title="Gõ bởi phóng viên", writer=str(article.created_by_id))
    response = client.post(change(article), form)
    assert response.status_code == 403
    assert "nay bạn đăng nhập bằng tài khoản Lê Biên Tập" in words(response)
    again = read_form(response, "article_form").data
    assert again["title"] == ["Gõ bởi phóng viên"]
    assert client.post(change(article), again).status_code == 302


# --- Whose drafts --------------------------------------------------------------------------------------


def test_nobody_reads_opens_or_drops_anothers_draft(sign_in_as: Any) -> None:
    article = make.make_article("Bài")
    writer = article.created_by
    post(sign_in_as(writer), KEEP, **kept(writer, article, state=[["title", "Bí mật đang gõ"]]))
    post(sign_in_as(writer), KEEP, **kept(writer, window="bai-moi-cua-toi", state=[["title", "Bí mật bài mới"]]))
    of_article, of_new = Draft.objects.order_by("article_id")
    if of_article.article_id is None:
        of_article, of_new = of_new, of_article
    for role in ("reporter", "moderator", "administrator"):
        client = sign_in_as(make.make_user(role))
        for draft in (of_article, of_new):
            for address in (f"{LIST}{draft.pk}/", f"{LIST}{draft.pk}/bo/"):
                assert client.get(address).status_code in ({403} if role != "reporter" else {404}), address
                assert client.post(f"{LIST}{draft.pk}/bo/").status_code in {403, 404}
            assert b"B\xc3\xad m\xe1\xba\xadt" not in client.get(f"{change(article)}?nhap={draft.key}").content
            assert b"B\xc3\xad m\xe1\xba\xadt" not in client.get(f"{ADD}?nhap={draft.key}").content
        assert b"B\xc3\xad m\xe1\xba\xadt" not in client.get("/quan-tri/").content
    assert Draft.objects.count() == 2
    # Who may edit the article reads what its writer was typing, and cannot drop it; a new article's draft is nobody's.
    editor = sign_in_as(make.make_user("editor"))
    assert "Bí mật đang gõ" in words(editor.get(f"{LIST}{of_article.pk}/"))
    assert f"{LIST}{of_article.pk}/" in editor.get(change(article)).content.decode()
    assert editor.post(f"{LIST}{of_article.pk}/bo/").status_code == 404
    assert editor.get(f"{LIST}{of_new.pk}/").status_code == 404
    assert editor.get(f"{LIST}999999/").status_code == 404


def test_own_drafts_are_listed_compared_and_dropped(sign_in_as: Any) -> None:
    article = make.make_article("Tên cũ của bài")
    writer = article.created_by
    client = sign_in_as(writer)
    form = typed(client, change(article), title="Tên mới của bài")
    post(client, KEEP, **kept(writer, article, window=form["window"][0], state=as_state(form)))
    draft = Draft.objects.get()
    assert "Tên mới của bài" in words(client.get(LIST))
    page = client.get(f"{LIST}{draft.pk}/")
    assert "<ins>mới</ins>" in page.content.decode()
    assert [row.key for row in page.context["rows"]] == ["title"]
    assert client.get(f"{LIST}{draft.pk}/bo/").status_code == 200
    assert Draft.objects.count() == 1
    assert client.post(f"{LIST}{draft.pk}/bo/").status_code == 302
    assert not Draft.objects.exists()
    gone = client.get(f"{change(article)}?nhap={draft.key}")
    assert "Bản đang gõ đó không còn" in words(gone)


def test_a_draft_with_rows_that_are_gone_still_opens_and_is_saved_through_the_conflict(sign_in_as: Any) -> None:
    article = make.make_article("Bài", byline=(make.make_author("PV"),))
    client = sign_in_as(article.created_by)
    form = typed(client, change(article), title="Gõ dở", **{"ten-ky-0-author": "Tên khác"})
    post(client, KEEP, **kept(article.created_by, article, window=form["window"][0], state=as_state(form)))
    Contribution.objects.all().delete()
    save_as(article, make.make_user("editor"), lead="Sa-pô của biên tập viên")
    page = client.get(f"{change(article)}?nhap={form['window'][0]}")
    assert page.status_code == 200
    restored = read_form(page, "article_form").data
    assert (restored["title"], restored["version"]) == (["Gõ dở"], ["1"])
    conflict = client.post(change(article), restored)
    assert conflict.status_code == 409
    chosen = read_form(conflict, "conflict_form").data
    done = client.post(change(article), {**chosen, "_merge": "1", "chon-ten-ky": "mine"})
    assert done.status_code == 302
    article.refresh_from_db()
    assert (article.title, article.lead) == ("Gõ dở", "Sa-pô của biên tập viên")
    assert [row.author.name for row in article.contributions.all()] == ["Tên khác"]


def test_a_draft_of_an_article_that_went_on_its_way_can_be_read(sign_in_as: Any) -> None:
    article = make.make_article("Bài")
    client = sign_in_as(article.created_by)
    post(client, KEEP, **kept(article.created_by, article, state=[["title", "Gõ trước khi duyệt"]]))
    make.approve(article)
    page = client.get(f"{change(article)}?nhap={KEY}", follow=True)
    assert "Gõ trước khi duyệt" in words(page)
    assert read_form(page, "article_form").data == {}


# --- Two texts ------------------------------------------------------------------------------------------


def test_what_each_changed_alone_is_taken_and_both_texts_of_a_field_are_shown(sign_in_as: Any) -> None:
    article = make.make_article("Hội nghị tổng kết", lead="Sa-pô cũ của bài.", body="<p>Một hai ba bốn.</p>")
    client, editor = sign_in_as(article.created_by), make.make_user("editor", full_name="Lê Biên Tập")
    form = typed(client, change(article), title="Tên của tôi", body="<p>Một hai ba bốn NĂM.</p>", tags="Của tôi")
    save_as(article, editor, title="Tên của họ", body="<p>KHÔNG hai ba bốn.</p>", lead="Sa-pô của họ.")
    response = client.post(change(article), form)
    assert response.status_code == 409
    found = response.context["conflict"]
    assert [(row.key, row.choice) for row in found.asked] == [("title", ""), ("body", "mixed")]
    assert sorted((row.key, row.side) for row in found.taken) == [("lead", "theirs"), ("tags", "mine")]
    said = words(response)
    for text in (
        "Lê Biên Tập đã lưu bài lúc",
        "(lần lưu 2)",
        "Hai người cùng sửa bài này",
        "Hội nghị tổng kết",
        "Tên của tôi",
        "Tên của họ",
    ):
        assert text in said
    body = next(row for row in found.asked if row.key == "body")
    assert body.mixed == "<p>KHÔNG hai ba bốn NĂM.</p>"

    chosen = read_form(response, "conflict_form").data | {"_merge": ["1"]}
    again = client.post(change(article), chosen)
    assert again.status_code == 409
    assert "Hãy chọn cho: Tiêu đề." in words(again)
    article.refresh_from_db()
    assert article.version == 2

    done = client.post(change(article), chosen | {"chon-title": ["mixed"], "tron-title": ["Tên của tôi và của họ"]})
    assert done.status_code == 302
    article.refresh_from_db()
    assert (article.title, article.body, article.lead, article.version) == (
        "Tên của tôi và của họ", "<p>KHÔNG hai ba bốn NĂM.</p>", "Sa-pô của họ.", 3,
    )  # fmt: skip
    assert [tag.name for tag in article.tags.all()] == ["Của tôi"]
    assert not Draft.objects.exists()
    assert article.revisions.count() == 3


def test_a_third_save_during_the_choice_is_asked_about_again(sign_in_as: Any) -> None:
    article = make.make_article("Cũ")
    client, editor = sign_in_as(article.created_by), make.make_user("editor")
    form = typed(client, change(article), title="Của tôi")
    save_as(article, editor, title="Hai")
    chosen = read_form(client.post(change(article), form), "conflict_form").data
    chosen |= {"_merge": ["1"], "chon-title": ["mine"]}
    save_as(article, editor, title="Ba", lead="Sa-pô ba")
    again = client.post(change(article), chosen)
    assert again.status_code == 409
    assert "bài lại có thay đổi" in words(again)
    assert "Ba" in words(again)
    chosen = read_form(again, "conflict_form").data | {"_merge": ["1"]}
    assert client.post(change(article), chosen | {"chon-title": ["mine"]}).status_code == 302
    article.refresh_from_db()
    assert (article.title, article.lead, article.version) == ("Của tôi", "Sa-pô ba", 4)


@pytest.mark.parametrize(("choice", "expected"), [("mine", ["A", "Tôi thêm"]), ("theirs", ["A", "Họ thêm"])])
def test_lists_are_taken_whole_from_one_side(sign_in_as: Any, choice: str, expected: list[str]) -> None:
    article = make.make_article("Bài", byline=(make.make_author("A"),))
    client, editor = sign_in_as(article.created_by), make.make_user("editor")
    form = typed(client, change(article), **{"ten-ky-1-author": "Tôi thêm"})
    theirs = typed(sign_in_as(editor), change(article), **{"ten-ky-1-author": "Họ thêm"})
    assert sign_in_as(editor).post(change(article), theirs).status_code == 302
    response = client.post(change(article), form)
    assert response.status_code == 409
    (row,) = response.context["conflict"].asked
    assert "Tôi thêm" in row.mine.text
    assert "Họ thêm" in row.theirs.text
    chosen = read_form(response, "conflict_form").data | {"_merge": ["1"], "chon-ten-ky": [choice]}
    assert client.post(change(article), chosen).status_code == 302
    assert [row.author.name for row in article.contributions.order_by("order", "id")] == expected


# --- A delegation in two texts ----------------------------------------------------------------------------


def a_delegation(*names: str, **fields: Any) -> Delegation:
    """A delegation of people without posts; the first is its head."""
    people = [make.attendee(make.make_person(name)) for name in names]
    if people:
        people[0].role = Role.HEAD
    return make.make_delegation("Đoàn công tác", *people, **fields)


class Two:
    """Two people who opened one article with a delegation; the editor saves first."""

    def __init__(self, sign_in_as: Any, *names: str, **fields: Any) -> None:
        self.delegation = a_delegation(*names, **fields)
        self.article = make.make_article("Bài", delegations=(self.delegation,))
        self.client = sign_in_as(self.article.created_by)
        self.mine = typed(self.client, change(self.article))
        self.other = sign_in_as(make.make_user("editor", full_name="Lê Biên Tập"))
        self.theirs = typed(self.other, change(self.article))

    def name(self, field: str) -> str:
        """A field of the delegation as the form calls it: "0-positions", "purpose"."""
        return f"doan-{self.delegation.pk}-{'nguoi-' if field[0].isdecimal() else ''}{field}"

    def meet(self, mine: dict[str, str], theirs: dict[str, str]) -> Any:
        """Both type, the editor saves, then I do: the answer I get."""
        for form, fields in ((self.theirs, theirs), (self.mine, mine)):
            form.update({self.name(field): [value] for field, value in fields.items()})
        saved = self.other.post(change(self.article), self.theirs)
        assert saved.status_code == 302, words(saved)
        response = self.client.post(change(self.article), self.mine)
        assert response.status_code == 409
        return response

    def merge(self, response: Any, **chosen: str) -> Any:
        """Send the page of the conflict with what was chosen, by the end of its key ("positions")."""
        data = read_form(response, "conflict_form").data | {"_merge": ["1"]}
        for row in response.context["conflict"].asked:
            choice = next((value for end, value in chosen.items() if row.key.endswith(end)), None)
            data |= {f"chon-{row.key}": [choice]} if choice else {}
        return self.client.post(change(self.article), data)

    @property
    def people(self) -> list[tuple[str, str, str]]:
        """Who is in the delegation now, in order: name, positions, role."""
        return list(self.delegation.attendees.order_by("order", "id").values_list("name", "positions", "role"))


def test_two_people_who_changed_different_rows_end_with_the_words_of_both(sign_in_as: Any) -> None:
    two = Two(sign_in_as, "Trần Văn A", "Lò Thị B", "Lý Văn C")
    response = two.meet({"0-positions": "Bí thư của phóng viên"}, {"2-positions": "Giám đốc của biên tập"})
    found = response.context["conflict"]
    assert (found.asked, sorted(row.side for row in found.taken)) == ([], ["mine", "theirs"])
    assert "<del>" not in response.content.decode().partition("conflict_form")[2]
    assert two.merge(response).status_code == 302
    assert two.people == [
        ("Trần Văn A", "Bí thư của phóng viên", Role.HEAD),
        ("Lò Thị B", "", Role.ATTEND),
        ("Lý Văn C", "Giám đốc của biên tập", Role.ATTEND),
    ]


def test_two_fields_of_one_row_and_two_facts_end_with_the_words_of_both(sign_in_as: Any) -> None:
    two = Two(sign_in_as, "Trần Văn A", "Lò Thị B")
    response = two.meet(
        {"1-positions": "Chức của phóng viên", "purpose": "Nội dung của phóng viên"},
        {"1-role": Role.CHAIR, "places": "Nơi của biên tập", "to_on": "3/3/2026"},
    )
    assert response.context["conflict"].asked == []
    assert two.merge(response).status_code == 302
    two.delegation.refresh_from_db()
    assert (two.delegation.purpose, two.delegation.places, two.delegation.to_on) == (
        "Nội dung của phóng viên", "Nơi của biên tập", date(2026, 3, 3),
    )  # fmt: skip
    assert two.people[1] == ("Lò Thị B", "Chức của phóng viên", Role.CHAIR)


def test_what_both_changed_is_shown_beside_what_it_was_and_asked(sign_in_as: Any) -> None:
    two = Two(sign_in_as, "Trần Văn A", "Lò Thị B", purpose="Kiểm tra công tác dân vận")
    response = two.meet(
        {"0-positions": "Bí thư", "1-role": Role.CHAIR, "purpose": "Khảo sát thực địa"},
        {"0-positions": "Chủ tịch", "purpose": "Làm việc với tỉnh"},
    )
    found = response.context["conflict"]
    assert [(row.label, row.base, row.mine.text, row.theirs.text) for row in found.asked] == [
        ("Đoàn công tác: Nội dung", "Kiểm tra công tác dân vận", "Khảo sát thực địa", "Làm việc với tỉnh"),
        ("Đoàn công tác, Trần Văn A: Chức vụ hôm đó", "", "Bí thư", "Chủ tịch"),
    ]
    assert [(row.label, row.side) for row in found.taken] == [("Đoàn công tác, đại biểu: Lò Thị B", "mine")]
    assert words(two.merge(response)).count("Hãy chọn cho: Đoàn công tác: Nội dung, Đoàn công tác, Trần Văn A") == 1
    assert two.merge(response, purpose="theirs", positions="mine").status_code == 302
    two.delegation.refresh_from_db()
    assert two.delegation.purpose == "Làm việc với tỉnh"
    assert two.people == [("Trần Văn A", "Bí thư", Role.HEAD), ("Lò Thị B", "", Role.CHAIR)]


def test_the_posts_of_both_can_be_kept_in_the_mixed_text(sign_in_as: Any) -> None:
    two = Two(sign_in_as, "Trần Văn A")
    response = two.meet({"0-positions": "Bí thư"}, {"0-positions": "Chủ tịch"})
    (row,) = response.context["conflict"].asked
    assert (row.choice, row.mixed) == ("", "Bí thư\nChủ tịch")
    assert two.merge(response, positions="mixed").status_code == 302
    assert two.people == [("Trần Văn A", "Bí thư\nChủ tịch", Role.HEAD)]


def test_rows_added_by_both_are_kept_and_the_same_person_once(sign_in_as: Any) -> None:
    two = Two(sign_in_as, "Trần Văn A")
    response = two.meet(
        {"1-name": "Lò Thị Của Tôi", "2-person": "Giàng Cả Hai", "2-positions": "Chức của tôi"},
        {"1-person": "Nguyễn Của Họ", "2-person": "Giàng Cả Hai", "2-role": Role.CHAIR},
    )
    assert response.context["conflict"].asked == []
    assert two.merge(response).status_code == 302
    assert sorted(two.people) == [
        ("Giàng Cả Hai", "Chức của tôi", Role.CHAIR),
        ("Lò Thị Của Tôi", "", Role.ATTEND),
        ("Nguyễn Của Họ", "", Role.ATTEND),
        ("Trần Văn A", "", Role.HEAD),
    ]


def test_a_row_leaves_only_if_the_other_left_it_alone(sign_in_as: Any) -> None:
    two = Two(sign_in_as, "Trần Văn A", "Lò Thị B", "Lý Văn C", "Vàng Văn D")
    response = two.meet(
        {"0-DELETE": "on", "1-DELETE": "on", "2-positions": "Chức của tôi"},
        {"1-positions": "Chức của họ", "2-DELETE": "on", "3-DELETE": "on"},
    )
    found = response.context["conflict"]
    assert [(row.label, row.mine and row.mine.text, row.theirs and row.theirs.text) for row in found.asked] == [
        (
            "Đoàn công tác, đại biểu: Lý Văn C",
            "Lý Văn C – Chức của tôi – Đoàn công tác – Tham dự",
            None,
        ),
        ("Đoàn công tác, đại biểu: Lò Thị B", None, "Lò Thị B – Chức của họ – Đoàn công tác – Tham dự"),
    ]
    assert [row.base for row in found.asked] == [
        "Lý Văn C – Đoàn công tác – Tham dự", "Lò Thị B – Đoàn công tác – Tham dự",
    ]  # fmt: skip
    numbers = [row.key.rpartition(".")[2] for row in found.asked]
    assert two.merge(response, **{numbers[0]: "mine", numbers[1]: "theirs"}).status_code == 302
    assert two.people == [("Lò Thị B", "Chức của họ", Role.ATTEND), ("Lý Văn C", "Chức của tôi", Role.ATTEND)]


def test_another_person_in_a_row_is_one_or_the_other(sign_in_as: Any) -> None:
    two = Two(sign_in_as, "Trần Văn A", "Lò Thị B")
    response = two.meet({"1-person": "Người Mới", "1-name": ""}, {"1-positions": "Chức của Lò Thị B"})
    (row,) = response.context["conflict"].asked
    assert "Người Mới" in row.mine.text
    assert "Chức của Lò Thị B" in row.theirs.text
    assert two.merge(response, **{row.key: "mine"}).status_code == 302
    assert two.people[1] == ("Người Mới", "", Role.ATTEND)


def test_the_order_of_one_and_the_words_of_the_other(sign_in_as: Any) -> None:
    two = Two(sign_in_as, "Trần Văn A", "Lò Thị B", "Lý Văn C")
    response = two.meet({"0-order": "9"}, {"0-positions": "Bí thư", "3-person": "Vàng Thêm"})
    found = response.context["conflict"]
    assert [(row.label, row.side) for row in found.rows] == [
        ("Đoàn công tác, đại biểu: Trần Văn A", "theirs"),
        ("Đoàn công tác, đại biểu: Vàng Thêm", "theirs"),
        ("Đoàn công tác: Thứ tự đại biểu", "mine"),
    ]
    assert two.merge(response).status_code == 302
    assert [name for name, _, _ in two.people] == ["Lò Thị B", "Lý Văn C", "Vàng Thêm", "Trần Văn A"]
    assert two.people[-1][1] == "Bí thư"


def test_two_orders_are_asked_about(sign_in_as: Any) -> None:
    two = Two(sign_in_as, "Trần Văn A", "Lò Thị B", "Lý Văn C")
    response = two.meet({"0-order": "9"}, {"1-order": "0", "0-order": "1"})
    (row,) = response.context["conflict"].asked
    assert (row.base, row.mine.text, row.theirs.text) == (
        "Trần Văn A\nLò Thị B\nLý Văn C", "Lò Thị B\nLý Văn C\nTrần Văn A", "Lò Thị B\nTrần Văn A\nLý Văn C",
    )  # fmt: skip
    assert two.merge(response, **{"thu-tu": "mine"}).status_code == 302
    assert [name for name, _, _ in two.people] == ["Lò Thị B", "Lý Văn C", "Trần Văn A"]


def test_without_the_marks_every_difference_in_a_delegation_is_asked_about(sign_in_as: Any) -> None:
    two = Two(sign_in_as, "Trần Văn A", "Lò Thị B")
    two.mine["opened"] = [""]
    response = two.meet({"0-positions": "Của tôi", "purpose": "Của tôi"}, {"1-positions": "Của họ"})
    found = response.context["conflict"]
    assert [(row.key.rpartition(".")[2], row.base) for row in found.asked] == [
        ("purpose", None), ("positions", None), ("positions", None),
    ]  # fmt: skip
    assert "<del>" not in response.content.decode().partition("conflict_form")[2]


def test_a_delegation_that_changes_during_the_choice_is_shown_again(sign_in_as: Any) -> None:
    two = Two(sign_in_as, "Trần Văn A")
    response = two.meet({"0-positions": "Bí thư"}, {"0-positions": "Chủ tịch"})
    two.delegation.attendees.update(positions="Bí thư Tỉnh ủy")
    again = two.merge(response, positions="mine")
    assert again.status_code == 409
    assert "bài lại có thay đổi" in words(again)
    assert "Bí thư Tỉnh ủy" in words(again)


def test_a_delegation_changed_elsewhere_is_merged_too(sign_in_as: Any) -> None:
    delegation = a_delegation("Trần Văn A")
    article = make.make_article("Bài", delegations=(delegation,))
    client = sign_in_as(article.created_by)
    form = typed(client, change(article), title="Tên mới", **{f"doan-{delegation.pk}-nguoi-1-name": "Lò Thị Của Tôi"})
    attending.keep(attendee=Attendee(person=make.make_person("Nguyễn Của Họ"), order=5), delegation=delegation)
    response = client.post(change(article), form)
    assert response.status_code == 409
    chosen = read_form(response, "conflict_form").data | {"_merge": ["1"]}
    assert client.post(change(article), chosen).status_code == 302
    article.refresh_from_db()
    assert article.title == "Tên mới"
    assert sorted(line.name for line in delegation.attendees.all()) == ["Lò Thị Của Tôi", "Nguyễn Của Họ", "Trần Văn A"]


@pytest.mark.parametrize("seed", range(8))
def test_every_word_that_either_typed_is_in_the_delegation_or_offered(sign_in_as: Any, seed: int) -> None:
    chance = random.Random(seed)
    two = Two(sign_in_as, "Trần Văn A", "Lò Thị B", "Lý Văn C", "Vàng Văn D", purpose="Nội dung lúc mở")
    typed_words: list[str] = []

    def edits(who: str) -> dict[str, str]:
        fields = {name: chance.choice(["", "", f"{name} {who}"]) for name in ("purpose", "places", "date_text")}
        for row in range(6):
            fields[f"{row}-{'positions' if row < 4 else 'person'}"] = chance.choice(["", f"Chữ{row} của {who}"])
            if row < 4 and chance.random() < 0.2:
                fields[f"{row}-DELETE"] = "on"
        found = {name: value for name, value in fields.items() if value}
        typed_words.extend(
            value for name, value in found.items() if value != "on" and f"{name.partition('-')[0]}-DELETE" not in found
        )
        return found

    response = two.meet(edits("tôi") | {"name": "Tên đoàn của tôi"}, edits("họ"))
    asked = response.context["conflict"].asked
    offered = " ".join(item.text for row in asked for item in (row.mine, row.theirs) if item)
    assert two.merge(response, **{row.key: chance.choice(["mine", "theirs"]) for row in asked}).status_code == 302
    two.delegation.refresh_from_db()
    fresh = two.delegation
    kept = " ".join([fresh.purpose, fresh.places, fresh.date_text, *(f"{one[0]} {one[1]}" for one in two.people)])
    assert [text for text in typed_words if text not in kept and text not in offered] == []
    assert fresh.name == "Tên đoàn của tôi"


@pytest.mark.parametrize(("choice", "linked"), [("mine", []), ("theirs", ["Đoàn công tác"])])
def test_a_delegation_taken_from_the_article_that_somebody_changed_is_asked_about(
    sign_in_as: Any, choice: str, linked: list[str]
) -> None:
    two = Two(sign_in_as, "Trần Văn A")
    two.mine[two.name("bo")] = ["on"]
    response = two.meet({}, {"0-positions": "Chức của họ"})
    (row,) = response.context["conflict"].asked
    assert row.mine.text == "(bỏ đoàn này khỏi bài)"
    assert two.merge(response, **{row.key: choice}).status_code == 302
    assert [one.name for one in two.article.delegations.all()] == linked
    assert two.people[0][1] == "Chức của họ"


def test_who_changed_nothing_is_shown_the_newer_version(sign_in_as: Any) -> None:
    article = make.make_article("Cũ")
    client = sign_in_as(article.created_by)
    form = typed(client, change(article))
    save_as(article, make.make_user("editor"), title="Mới")
    response = client.post(change(article), form, follow=True)
    assert "Bạn chưa sửa gì nên không có gì để lưu" in words(response)
    assert read_form(response, "article_form").data["title"] == ["Mới"]


def test_without_knowing_what_was_opened_every_difference_is_asked_about(sign_in_as: Any) -> None:
    article = make.make_article("Cũ", lead="Sa-pô")
    client = sign_in_as(article.created_by)
    for opened in ("", "{", "[]", '{"r": "x", "m": {}}', '{"r": 1, "m": []}', "x" * 200_000, "[" * 50_000):
        form = typed(client, change(article), title="Tôi", lead="Sa-pô của tôi", opened=opened, version="0")
        response = client.post(change(article), form)
        assert response.status_code == 409, opened[:20]
        assert [row.key for row in response.context["conflict"].asked] == ["title", "lead"]


def test_one_person_in_two_windows_is_told_so(sign_in_as: Any) -> None:
    article = make.make_article("Cũ")
    client = sign_in_as(article.created_by)
    form = typed(client, change(article), title="Của cửa sổ này")
    assert client.post(change(article), typed(client, change(article), title="Của cửa sổ kia")).status_code == 302
    said = words(client.post(change(article), form))
    assert "Bạn đang mở bài này ở hai cửa sổ" in said
    assert "Bạn đã lưu bài lúc" in said
    assert "Hai người" not in said
    save_as(article, make.make_user("editor", full_name="Lê Biên Tập"), lead="Sa-pô của họ")
    assert "Hai người cùng sửa bài này" in words(client.post(change(article), form))


def test_a_step_is_not_called_a_save(sign_in_as: Any) -> None:
    article = make.make_article("Cũ")
    writer, editor = article.created_by, make.make_user("editor", full_name="Lê Biên Tập")
    client = sign_in_as(editor)
    advance(article_id=article.pk, transition="submit", actor=writer, at=timezone.now())
    form = typed(client, change(article), title="Của biên tập")
    page = read_guard(client.get(change(article)))
    assert (page["save"], page["step"]) == (1, WorkflowStep.objects.get().pk)
    assert "Lần lưu 1" in words(client.get(change(article)))
    advance(article_id=article.pk, transition="recall", actor=writer, at=timezone.now())
    advance(article_id=article.pk, transition="submit", actor=writer, at=timezone.now())
    told = beat(client, editor, article)
    assert told["saved"]["number"] == 1
    assert re.fullmatch(rf"{writer.full_name} đã gửi biên tập lúc \d\d:\d\d", told["step"]["told"])
    response = client.post(change(article), form)
    said = words(response)
    assert response.status_code == 409
    assert "Bài đã đổi từ khi bạn mở" in said
    assert f"{writer.full_name} đã gửi biên tập lúc" in said
    assert "đã lưu bài lúc" not in said
    assert "phiên bản" not in said.lower()


def test_who_published_is_named_in_another_window(sign_in_as: Any) -> None:
    article = make.make_article("Bài")
    writer = article.created_by
    secretary = make.make_user("secretary", full_name="Hà Thư Ký")
    client = sign_in_as(writer)
    make.publish(article, at=timezone.now(), by=secretary)
    told = beat(client, writer, article)
    assert told["saved"]["number"] == 1
    assert told["step"]["told"].startswith("Hà Thư Ký đã xuất bản lúc ")


def test_pictures_and_tables_of_the_text_are_shown_as_the_history_shows_them(sign_in_as: Any) -> None:
    picture, other = make.make_image(alt="Cầu mới"), make.make_image("navy", alt="Chợ phiên")
    cells = "<td></td><td></td><td></td>"
    table = f"<table><tbody><tr><td>Xã</td>{cells}</tr><tr>{cells}</tr><tr>{cells}</tr></tbody></table>"
    article = make.make_article("Bài", body=f'<p>Một.</p><figure data-image="{picture.pk}"></figure><p>Cuối.</p>')
    client = sign_in_as(article.created_by)
    form = typed(client, change(article), body=f"<p>Một của tôi.</p>{table}<p>Cuối.</p>")
    changed = f'<p>Một của họ.</p><figure data-image="{other.pk}"></figure><p>Cuối.</p>'
    save_as(article, make.make_user("editor"), body=changed)
    response = client.post(change(article), form)
    page = response.content.decode()
    for image in (picture, other):
        assert f"/quan-tri/news/image/ban/{image.key}/" in page
        assert f'alt="{image.alt}"' in page
    assert "[Hình, tệp]" not in page
    assert page.count("hàng của bảng") == 1
    assert "\n\n" not in "".join(re.findall(r'<p class="cell-text">(.*?)</p>', page, re.DOTALL))
    for sheet in ("editor", "history", "guard"):
        assert re.search(rf'href="[^"]*css/desk/{sheet}[^"]*\.css"', page), sheet
    (row,) = response.context["conflict"].asked
    assert [(view.is_mine, view.has_base) for view in row.views] == [(True, True), (False, True)]


def test_hostile_text_is_text_on_the_page_of_the_conflict(sign_in_as: Any) -> None:
    article = make.make_article("Cũ")
    client = sign_in_as(article.created_by)
    evil = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
    form = typed(client, change(article), title=evil, lead=evil, body=f"<p>Chữ</p>{evil}", **{evil: evil})
    save_as(article, make.make_user("editor", full_name="<i>Tên</i>"), title="</textarea><b>x", lead="</textarea>y")
    page = client.post(change(article), form).content.decode()
    for piece in ("<img src=x", "<script>alert", "</textarea><b>", "<i>Tên"):
        assert piece not in page


def test_the_right_to_edit_is_asked_before_both_texts_are_shown(sign_in_as: Any) -> None:
    article = make.make_article("Cũ")
    client = sign_in_as(article.created_by)
    form = typed(client, change(article), title="Gõ sau khi duyệt")
    make.approve(article)
    response = client.post(change(article), {**form, "_merge": "1", "newest": "4"})
    assert response.status_code == 403
    assert read_form(response, "article_form").data["title"] == ["Gõ sau khi duyệt"]


# --- The lock -------------------------------------------------------------------------------------------


def beat(client: Client, user: User, article: Article, **changes: Any) -> Any:
    return post(client, BEAT, **{"article": article.pk, "window": KEY, "writer": user.pk, **changes}).json()


def test_beats_tell_of_the_lock_of_newer_versions_and_bring_a_token(sign_in_as: Any) -> None:
    article = make.make_article("Bài")
    writer, editor = article.created_by, make.make_user("editor", full_name="Lê Biên Tập")
    own, other = sign_in_as(writer), sign_in_as(editor)
    first = beat(own, writer, article)
    assert (first["user"], first["lock"]["mine"]) == (writer.pk, True)
    assert first["saved"]["number"] == 1
    assert first["step"] == {"number": 0, "told": ""}
    assert len(first["token"]) == 64
    second = beat(other, editor, article, window="cua-so-hai")
    assert (second["lock"]["mine"], second["lock"]["own"], second["lock"]["name"]) == (
        False, False, writer.get_full_name(),
    )  # fmt: skip
    page = words(other.get(change(article)))
    assert f"{writer.get_full_name()} đang sửa bài này từ" in page
    save_as(article, editor, title="Mới")
    told = beat(own, writer, article)
    assert told["saved"]["number"] == 2
    assert re.fullmatch(r"Lê Biên Tập đã lưu bài lúc \d\d:\d\d \(lần lưu 2\)", told["saved"]["told"])
    assert post(own, LEAVE, article=article.pk, window=KEY).status_code == 200
    assert not EditLock.objects.exists()


def test_opening_the_page_claims_nothing(sign_in_as: Any) -> None:
    article = make.make_article()
    sign_in_as(article.created_by).get(change(article))
    assert (EditLock.objects.count(), Draft.objects.count()) == (0, 0)


def test_a_lock_ends_with_its_session(sign_in_as: Any) -> None:
    article = make.make_article()
    editor = make.make_user("editor")
    beat(sign_in_as(article.created_by), article.created_by, article)
    Session.objects.all().delete()
    assert beat(sign_in_as(editor), editor, article)["lock"]["mine"] is True


def test_who_may_not_edit_hears_why_and_claims_nothing(sign_in_as: Any) -> None:
    article = make.make_article()
    other = make.make_user("reporter")
    answer = beat(sign_in_as(other), other, article)
    assert (answer["lock"], answer["refusal"]) == (None, "Bạn chỉ sửa được bản nháp của mình.")
    moderator = make.make_user("moderator")
    assert post(sign_in_as(moderator), BEAT, article=article.pk, window=KEY, writer=moderator.pk).status_code == 403
    assert not EditLock.objects.exists()
    take = f"/quan-tri/news/article/{article.pk}/nhan-sua/"
    assert sign_in_as(other).post(take, {"cua-so": KEY}).status_code == 302
    assert sign_in_as(moderator).post(take).status_code == 403
    assert not EditLock.objects.exists()


def test_taking_over_is_confirmed_recorded_and_loses_neither_text(sign_in_as: Any) -> None:
    article = make.make_article("Bài")
    writer, editor = article.created_by, make.make_user("editor")
    own, other = sign_in_as(writer), sign_in_as(editor)
    beat(own, writer, article)
    post(own, KEEP, **kept(writer, article, state=[["title", "Đang gõ dở dang"], ["version", "1"]]))
    address = f"/quan-tri/news/article/{article.pk}/nhan-sua/"
    asked = other.get(f"{address}?cua-so=cua-so-hai")
    assert f"{writer.get_full_name()} đang sửa bài này từ" in words(asked)
    assert not WorkflowStep.objects.exists()
    done = other.post(address, {"cua-so": "cua-so-hai", "reason": "Gấp"}, follow=True)
    form = read_form(done, "article_form").data
    assert form["window"] == ["cua-so-hai"]
    assert "Bản đang gõ của" in words(done)
    step = WorkflowStep.objects.get()
    assert (step.transition, step.actor, step.reason) == ("take-over", editor, f"Từ {writer.get_full_name()}. Gấp")
    told = beat(own, writer, article)
    assert (told["lock"]["mine"], told["lock"]["name"]) == (False, editor.get_full_name())
    assert Draft.objects.get().owner == writer
    article.refresh_from_db()
    assert article.version == 1


def test_saving_frees_the_lock_of_that_window(sign_in_as: Any) -> None:
    article = make.make_article("Cũ")
    client = sign_in_as(article.created_by)
    form = typed(client, change(article), title="Mới")
    beat(client, article.created_by, article, window=form["window"][0])
    assert EditLock.objects.exists()
    assert client.post(change(article), form).status_code == 302
    assert not EditLock.objects.exists()


# --- Log-ins that end ------------------------------------------------------------------------------------


def strict(user: User) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


ORIGIN = {"HTTP_ORIGIN": "http://testserver"}


def test_a_form_sent_after_the_log_in_ended_is_given_back_and_saved_in_the_end() -> None:
    article = make.make_article("Cũ")
    writer = article.created_by
    client = strict(writer)
    form = typed(client, change(article), title='Gõ lâu "><b>', lead="Hai\r\ndòng")
    Session.objects.all().delete()
    given = client.post(change(article), form, **ORIGIN)
    assert given.status_code == 403
    assert "không chữ nào mất" in words(given)
    assert '"><b>' not in given.content.decode()
    back = read_form(given, "given_back").data
    assert (back["title"], back["lead"]) == (['Gõ lâu "><b>'], ["Hai\r\ndòng"])
    # A log-in in another window makes the token old: the text comes back once more, then it is saved.
    client.force_login(writer, backend=settings.AUTHENTICATION_BACKENDS[0])
    client.cookies["csrf"] = "x" * 32
    stale = client.post(change(article), back, **ORIGIN)
    assert stale.status_code == 403
    assert "bấm Gửi lại để làm tiếp" in words(stale)
    done = client.post(change(article), read_form(stale, "given_back").data, **ORIGIN)
    assert done.status_code == 302
    article.refresh_from_db()
    assert (article.title, article.lead) == ('Gõ lâu "><b>', "Hai\ndòng")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_ORIGIN": "https://ke-xau.example"},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_REFERER": "http://testserver.ke-xau.vn/"},
    ],
)
def test_another_sites_form_is_never_given_back(headers: dict[str, str]) -> None:
    article = make.make_article()
    for client in (Client(enforce_csrf_checks=True), strict(article.created_by)):
        response = client.post(change(article), {"title": "Chữ của kẻ xấu"}, **headers)
        assert response.status_code == 403
        assert "Chữ của kẻ xấu" not in response.content.decode()


def test_an_answer_to_a_reader_is_given_back_as_well() -> None:
    letter = make.make_letter("Bao giờ cầu xong?")
    moderator = make.make_user("moderator")
    client = strict(moderator)
    address = f"/quan-tri/news/feedback/{letter.pk}/change/"
    form = dict(read_form(client.get(address), "feedback_form").data)
    form |= {"answer": ["Cầu xong trước Tết."], "note": ["Đã hỏi Sở."], "_answer": ["1"]}
    Session.objects.all().delete()
    given = client.post(address, form, **ORIGIN)
    assert (given.status_code, "không chữ nào mất" in words(given)) == (403, True)
    client.force_login(moderator, backend=settings.AUTHENTICATION_BACKENDS[0])
    fresh = client.post(address, read_form(given, "given_back").data, **ORIGIN)
    if fresh.status_code == 403:  # the log-in made the token new
        fresh = client.post(address, read_form(fresh, "given_back").data, **ORIGIN)
    assert fresh.status_code == 302
    assert letter.answers.get().body == "Cầu xong trước Tết."


def test_only_what_is_typed_at_the_desk_is_given_back_and_only_so_large() -> None:
    article = make.make_article()
    client = Client(enforce_csrf_checks=True)
    for address in (f"{LIST}1/bo/", "/quan-tri/accounts/user/add/", "/tai-khoan/dang-nhap/", "/phan-hoi/"):
        assert "Chữ gõ" not in client.post(address, {"name": "Chữ gõ", "body": "Chữ gõ"}, **ORIGIN).content.decode()
    for length, comes_back in ((4_000_000, True), (6_400_000, False)):  # as much as a form may hold, and more
        stranger = Client(enforce_csrf_checks=True)
        large = stranger.post(change(article), {"title": "Chữ gõ", "body": "x" * length}, **ORIGIN)
        assert (large.status_code, "Chữ gõ" in large.content.decode()) == (403, comes_back)
    asked = client.get(change(article), {"title": "Chữ gõ"}, **ORIGIN)
    assert (asked.status_code, "Chữ gõ" in asked.content.decode()) == (302, False)


def test_the_token_is_asked_for_anew_after_a_log_in_elsewhere() -> None:
    article = make.make_article()
    client = strict(article.created_by)
    old = typed(client, change(article))["csrfmiddlewaretoken"][0]
    client.cookies["csrf"] = "y" * 32
    data = json.dumps({"article": article.pk, "window": KEY, "writer": article.created_by_id})
    refused = client.post(BEAT, data, content_type="application/json", headers={"X-CSRFToken": old}, **ORIGIN)
    assert refused.status_code == 403
    token = client.get(BEAT).json()["token"]
    answer = client.post(BEAT, data, content_type="application/json", headers={"X-CSRFToken": token}, **ORIGIN)
    assert (answer.status_code, answer.json()["lock"]["mine"]) == (200, True)


# --- Counts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_list_of_drafts(sign_in_as: Any, count: int, django_assert_num_queries: Any) -> None:
    article = make.make_article()
    client = sign_in_as(article.created_by)
    for number in range(count):
        drafting.keep(
            owner=article.created_by, key=f"cua-so-{number}", article_id=article.pk, state=[("title", "x")],
            base_version=1, sequence=1, at=timezone.now() - timedelta(minutes=number),
        )  # fmt: skip
    with django_assert_num_queries(4):
        assert client.get(LIST).status_code == 200
