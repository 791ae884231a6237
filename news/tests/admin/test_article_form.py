"""The article's form: one page, one save, with or without JavaScript; nothing typed is lost, nothing forged gets in."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from news.models import Article, Attendee, Delegation, Draft, Person, Role, Side, State, Tag
from news.services import editing
from news.tests import make
from news.tests.admin.forms import read_form, send, words

pytestmark = pytest.mark.django_db
ADD = "/quan-tri/news/article/add/"


def change(article: Article) -> str:
    return reverse("admin:news_article_change", args=[article.pk])


def test_reporter_writes_a_draft(sign_in_as: Any) -> None:
    section, reporter = make.make_section("Chính trị"), make.make_user("reporter")
    response = send(
        sign_in_as(reporter),
        ADD,
        "article_form",
        title="  Hội   nghị\ntổng kết ",
        lead="Dòng một\r\n\r\nDòng hai",
        body="Đoạn một\nĐoạn hai",
        section=str(section.pk),
        tags="Lai Châu, Dân vận",
        **{"ten-ky-0-author": "PV"},
    )
    article = Article.objects.get()
    assert response.headers["Location"] == change(article)
    assert (article.title, article.lead, article.body) == (
        "Hội nghị tổng kết",
        "Dòng một\n\nDòng hai",
        "<p>Đoạn một</p><p>Đoạn hai</p>",
    )
    assert (article.state, article.version, article.created_by) == (State.DRAFT, 1, reporter)
    assert sorted(tag.name for tag in article.tags.all()) == ["Dân vận", "Lai Châu"]
    assert [(row.author.name, row.kind) for row in article.contributions.all()] == [("PV", "text")]
    assert article.revisions.count() == 1


def test_an_untouched_form_saves_nothing_before_a_step(sign_in_as: Any) -> None:
    person = make.make_person("Trần Văn A", ("Chủ tịch", None, None))
    delegation = make.make_delegation("Đoàn", make.attendee(person), make.attendee(group="các sở"), places="Một\nHai")
    article = make.make_article(
        lead="Dòng một\n\nDòng hai",
        body="<p>Một</p>\n<p>Hai</p>",
        byline=(make.make_author(),),
        tags=(make.make_tag("A, B"), make.make_tag()),
        delegations=(delegation,),
        lead_image=make.make_image(),
        event_on=date(2026, 3, 1),
    )
    client = sign_in_as(article.created_by)
    send(client, change(article), "article_form", _step="submit")
    article.refresh_from_db()
    assert (article.state, article.version) == (State.SUBMITTED, 2)
    assert article.revisions.count() == 1


def test_title_of_nothing_visible_is_refused_beside_its_field(sign_in_as: Any) -> None:
    article = make.make_article("Tiêu đề")
    response = send(sign_in_as(article.created_by), change(article), "article_form", title="\u200b \u202e")
    assert response.status_code == 200
    assert response.context["desk"].form.errors["title"] == ["Hãy điền mục này."]
    article.refresh_from_db()
    assert article.title == "Tiêu đề"


def test_stored_html_reaches_the_editor_through_the_sanitiser(sign_in_as: Any) -> None:
    article = make.make_article()
    Article.objects.filter(pk=article.pk).update(body='<p>Chữ</p><script>alert(1)</script><img src=x onerror="x()">')
    form = read_form(sign_in_as(article.created_by).get(change(article)), "article_form")
    assert form.data["body"] == ["<p>Chữ</p>"]


def test_hostile_title_is_text_everywhere(sign_in_as: Any) -> None:
    article = make.make_article('<img src=x onerror="alert(1)">{{ 7|add:7 }}')
    client = sign_in_as(article.created_by)
    preview = f"/quan-tri/news/article/{article.pk}/xem-thu/"
    for address in ("/quan-tri/", "/quan-tri/news/article/", change(article), preview):
        page = client.get(address).content.decode()
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


# --- Two people at once ----------------------------------------------------------------------------------


def test_conflict_keeps_what_was_typed_and_says_who_saved(sign_in_as: Any) -> None:
    article = make.make_article("Cũ")
    editor = make.make_user("editor", full_name="Lê Biên Tập")
    client = sign_in_as(article.created_by)
    opened = read_form(client.get(change(article)), "article_form").data
    other = Article.objects.select_related("section").get(pk=article.pk)
    other.title = "Bản của biên tập viên"
    editing.change(article=other, actor=editor, at=timezone.now(), version=1)

    response = client.post(change(article), {**opened, "title": "Bản của phóng viên", "lead": "Gõ rất lâu"})
    assert response.status_code == 409
    assert "Lê Biên Tập đã lưu bài lúc" in words(response)
    form = read_form(response, "conflict_form").data
    assert (form["title"], form["lead"], form["version"]) == (["Bản của phóng viên"], ["Gõ rất lâu"], ["1"])
    article.refresh_from_db()
    assert article.title == "Bản của biên tập viên"

    assert client.post(change(article), form).status_code == 409
    assert client.post(change(article), {**form, "_merge": "1", "chon-title": "mine"}).status_code == 302
    article.refresh_from_db()
    assert (article.title, article.lead, article.version) == ("Bản của phóng viên", "Gõ rất lâu", 3)
    assert article.revisions.count() == 3


def test_who_lost_the_right_meanwhile_keeps_the_text_and_reads_why(sign_in_as: Any) -> None:
    article = make.make_article("Cũ")
    client = sign_in_as(article.created_by)
    opened = read_form(client.get(change(article)), "article_form").data
    make.approve(article)
    response = client.post(change(article), {**opened, "title": "Gõ sau khi duyệt"})
    assert response.status_code == 403
    assert "Bài đã duyệt: hãy trả lại hoặc hủy hẹn trước khi sửa." in words(response)
    assert read_form(response, "article_form").data["title"] == ["Gõ sau khi duyệt"]
    article.refresh_from_db()
    assert article.title == "Cũ"


# --- What a form may not carry ---------------------------------------------------------------------------


def test_forged_workflow_fields_are_ignored(sign_in_as: Any) -> None:
    article, other = make.make_article(), make.make_user("reporter")
    response = send(
        sign_in_as(article.created_by),
        change(article),
        "article_form",
        title="Đổi",
        state="approved",
        created_by=str(other.pk),
        approved_by=str(other.pk),
        approved_sha256="x" * 64,
        passed_by=str(other.pk),
    )
    assert response.status_code == 302
    fresh = Article.objects.get(pk=article.pk)
    assert (fresh.title, fresh.state, fresh.created_by) == ("Đổi", State.DRAFT, article.created_by)
    assert (fresh.approved_by, fresh.approved_sha256, fresh.passed_by) == (None, "", None)


def test_another_reporters_draft_is_read_only_with_the_reason(sign_in_as: Any) -> None:
    article = make.make_article("Bài người khác", body="<p>Nội dung</p>")
    client = sign_in_as(make.make_user("reporter"))
    page = client.get(change(article))
    assert "Chỉ xem: Bạn chỉ sửa được bản nháp của mình." in words(page)
    assert [name for name, _, _ in read_form(page).buttons if name] == []
    response = client.post(change(article), {"title": "Cướp", "version": "1", "section": str(article.section_id)})
    assert response.status_code == 403
    article.refresh_from_db()
    assert article.title == "Bài người khác"


def test_who_may_only_view_reads_and_cannot_post(sign_in_as: Any) -> None:
    article = make.make_article()
    viewer = make.make_user("moderator")
    viewer.user_permissions.add(Permission.objects.get(codename="view_article"))
    client = sign_in_as(viewer)
    assert "Vai trò của bạn chỉ xem bài, không sửa." in words(client.get(change(article)))
    assert client.post(change(article), {"title": "x"}).status_code == 403
    assert client.get(ADD).status_code == 403


def test_a_moderator_sees_no_desk_copy(sign_in_as: Any) -> None:
    article = make.make_article("Bản thảo")
    client = sign_in_as(make.make_user("moderator"))
    for address in ("/quan-tri/news/article/", change(article), f"/quan-tri/news/article/{article.pk}/xem-thu/"):
        assert client.get(address).status_code == 403


def test_superuser_has_no_editorial_power(sign_in_as: Any) -> None:
    article = make.make_article("Nguyên")
    client = sign_in_as(User.objects.create_superuser("root", full_name="Kỹ thuật"))
    assert client.get("/quan-tri/").status_code == 200
    for address in ("/quan-tri/news/article/", ADD, change(article), f"/quan-tri/news/article/{article.pk}/xem-thu/"):
        assert client.get(address).status_code == 403, address
    assert client.post(change(article), {"title": "x", "version": "1"}).status_code == 403
    assert client.post(f"/quan-tri/news/article/{article.pk}/buoc/submit/", {"version": "1"}).status_code == 403


def test_article_cannot_be_moved_into_a_section_without_right(sign_in_as: Any) -> None:
    own, foreign = make.make_section("Của mình"), make.make_section("Của người")
    editor = make.make_user("editor", everywhere=False)
    make.SectionRight.objects.create(user=editor, section=own)
    article = make.make_article(section=own)
    make.reviewing.advance(article_id=article.pk, transition="submit", actor=article.created_by, at=timezone.now())
    response = send(sign_in_as(editor), change(article), "article_form", section=str(foreign.pk))
    assert response.status_code == 403
    assert "Bạn không có quyền chuyển bài sang chuyên mục đó." in words(response)
    article.refresh_from_db()
    assert article.section == own


def test_rows_of_another_article_cannot_be_touched(sign_in_as: Any) -> None:
    foreign = make.make_article(byline=(make.make_author("Người khác"),))
    row = foreign.contributions.get()
    article = make.make_article(byline=(make.make_author("Mình"),))
    data = read_form(sign_in_as(article.created_by).get(change(article)), "article_form").data
    data["ten-ky-0-id"] = [str(row.pk)]
    data["ten-ky-0-author"] = ["Kẻ gian"]
    sign_in_as(article.created_by).post(change(article), data)
    assert [(found.pk, found.author.name) for found in foreign.contributions.all()] == [(row.pk, "Người khác")]


def test_nonsense_is_answered_with_words(sign_in_as: Any) -> None:
    article = make.make_article()
    response = send(
        sign_in_as(article.created_by),
        change(article),
        "article_form",
        title="x" * 251,
        kicker="y" * 81,
        section="999999",
        event_on="31/2/2026",
        source_url="javascript:alert(1)",
        lead_image="#99999",
        tags=",".join(f"từ {n}" for n in range(50)),
        ai_used="on",
        version="",
        **{"ten-ky-0-author": "#99999"},
    )
    assert response.status_code == 200
    assert sorted(response.context["desk"].form.errors) == [
        "ai_note", "event_on", "kicker", "lead_image", "section", "source_url", "tags", "title",
    ]  # fmt: skip


@pytest.mark.parametrize("missing", ["ten-ky-TOTAL_FORMS", "chum-anh-INITIAL_FORMS"])
def test_a_form_cut_short_is_no_crash(sign_in_as: Any, missing: str) -> None:
    article = make.make_article()
    assert send(sign_in_as(article.created_by), change(article), "article_form", without=(missing,)).status_code == 200


# --- Delegations in place --------------------------------------------------------------------------------


def minister() -> Person:
    return make.make_person(
        "Nguyễn Khắc Chử",
        ("Bí thư Tỉnh ủy", date(2017, 1, 1), date(2019, 12, 31)),
        ("Trưởng đoàn Đại biểu Quốc hội tỉnh", date(2018, 1, 1), None),
        ("Phó Trưởng Ban Tổ chức Trung ương", date(2020, 1, 1), None),
    )


def test_new_delegation_freezes_the_positions_of_the_event(sign_in_as: Any) -> None:
    person, article = minister(), make.make_article()
    response = send(
        sign_in_as(article.created_by),
        change(article),
        "article_form",
        event_on="20/5/2018",
        **{
            "doan-moi-name": "Đoàn công tác Ban Dân vận Trung ương",
            "doan-moi-from_on": "19/5/2018",
            "doan-moi-places": "Lai Châu\nTam Đường",
            "doan-moi-visiting_organisation": "Ban Dân vận Trung ương",
            "doan-moi-nguoi-0-person": "nguyen khac chu",
            "doan-moi-nguoi-0-role": "trưởng đoàn",
            "doan-moi-nguoi-1-name": "Lò Văn Mới",
            "doan-moi-nguoi-1-positions": "Bí thư Huyện ủy\r\nChủ tịch HĐND huyện",
            "doan-moi-nguoi-1-side": "host",
            "doan-moi-nguoi-2-group": "đại diện lãnh đạo một số sở, ngành",
        },
    )
    assert response.status_code == 302
    delegation = article.delegations.get()
    assert (delegation.name, delegation.from_on, delegation.place_list) == (
        "Đoàn công tác Ban Dân vận Trung ương",
        date(2018, 5, 19),
        ["Lai Châu", "Tam Đường"],
    )
    assert delegation.visiting_organisation.name == "Ban Dân vận Trung ương"
    rows = list(delegation.attendees.order_by("order"))
    assert [(row.name, row.position_list, row.group, row.side, row.role) for row in rows] == [
        (
            "Nguyễn Khắc Chử",
            ["Bí thư Tỉnh ủy", "Trưởng đoàn Đại biểu Quốc hội tỉnh"],
            "",
            Side.DELEGATION,
            Role.HEAD,
        ),
        ("Lò Văn Mới", ["Bí thư Huyện ủy", "Chủ tịch HĐND huyện"], "", Side.HOST, Role.ATTEND),
        ("", [], "đại diện lãnh đạo một số sở, ngành", Side.DELEGATION, Role.ATTEND),
    ]
    assert rows[0].person == person
    assert (rows[1].person.name, rows[1].person.is_verified) == ("Lò Văn Mới", False)
    revision = article.revisions.order_by("-number").first()
    assert "Bí thư Tỉnh ủy" in revision.content
    assert "Phó Trưởng Ban Tổ chức Trung ương" not in revision.content


def test_without_an_event_day_the_delegations_first_day_counts(sign_in_as: Any) -> None:
    minister()
    article = make.make_article(event_on=None)
    send(
        sign_in_as(article.created_by),
        change(article),
        "article_form",
        **{
            "doan-moi-name": "Đoàn",
            "doan-moi-from_on": "1/2/2020",
            "doan-moi-nguoi-0-person": "Nguyễn Khắc Chử",
        },
    )
    assert Attendee.objects.get().position_list == [
        "Trưởng đoàn Đại biểu Quốc hội tỉnh",
        "Phó Trưởng Ban Tổ chức Trung ương",
    ]


def linked() -> tuple[Article, Delegation]:
    one = make.make_person("Một", ("Chức một", None, None))
    two = make.make_person("Hai", ("Chức hai", None, None))
    delegation = make.make_delegation("Đoàn", make.attendee(one, role=Role.HEAD), make.attendee(two))
    return make.make_article(delegations=(delegation,)), delegation


def test_two_lines_may_swap_people_and_the_head(sign_in_as: Any) -> None:
    article, delegation = linked()
    one, two = delegation.attendees.order_by("order")
    prefix = f"doan-{delegation.pk}-nguoi"
    response = send(
        sign_in_as(article.created_by),
        change(article),
        "article_form",
        **{
            f"{prefix}-0-person": f"Hai (số {two.person_id})",
            f"{prefix}-1-person": f"Một (số {one.person_id})",
            f"{prefix}-0-role": "tham dự",
            f"{prefix}-1-role": "trưởng đoàn",
        },
    )
    assert response.status_code == 302
    assert [(row.pk, row.name, row.position_list, row.role) for row in delegation.attendees.order_by("order")] == [
        (one.pk, "Hai", ["Chức hai"], Role.ATTEND),
        (two.pk, "Một", ["Chức một"], Role.HEAD),
    ]


def test_two_heads_and_the_same_person_twice_are_refused(sign_in_as: Any) -> None:
    article, delegation = linked()
    prefix = f"doan-{delegation.pk}-nguoi"
    response = send(
        sign_in_as(article.created_by),
        change(article),
        "article_form",
        **{f"{prefix}-1-role": "trưởng đoàn", f"{prefix}-2-person": "Một"},
    )
    assert response.status_code == 200
    assert "Một đoàn chỉ có một trưởng đoàn." in words(response)
    assert "Người này đã có trong đoàn." in words(response)
    assert delegation.attendees.count() == 2


def test_lines_leave_and_the_delegation_may_leave_the_article(sign_in_as: Any) -> None:
    article, delegation = linked()
    client = sign_in_as(article.created_by)
    send(client, change(article), "article_form", **{f"doan-{delegation.pk}-nguoi-1-DELETE": "on"})
    assert [row.name for row in delegation.attendees.all()] == ["Một"]
    send(client, change(article), "article_form", **{f"doan-{delegation.pk}-bo": "on"})
    assert list(article.delegations.all()) == []
    assert Delegation.objects.count() == 1
    send(client, change(article), "article_form", known_delegation="Đoàn")
    assert list(article.delegations.all()) == [delegation]


def test_a_person_or_a_group_not_both(sign_in_as: Any) -> None:
    article = make.make_article()
    response = send(
        sign_in_as(article.created_by),
        change(article),
        "article_form",
        **{"doan-moi-name": "Đoàn", "doan-moi-nguoi-0-name": "Ai đó", "doan-moi-nguoi-0-group": "một nhóm"},
    )
    assert response.status_code == 200
    assert "Mỗi dòng là một người hoặc một nhóm không nêu tên, không phải cả hai." in words(response)
    assert Delegation.objects.count() == 0


def test_namesakes_must_be_told_apart(sign_in_as: Any) -> None:
    one, two = make.make_person("Lê Văn Nam"), make.make_person("Lê Văn Nam")
    article = make.make_article()
    client = sign_in_as(article.created_by)
    fields = {"doan-moi-name": "Đoàn", "doan-moi-nguoi-0-name": "Lê Văn Nam"}
    response = send(client, change(article), "article_form", **fields)
    assert f"Lê Văn Nam (số {one.pk}); Lê Văn Nam (số {two.pk})" in words(response)
    assert (
        send(client, change(article), "article_form", **fields, **{"doan-moi-nguoi-0-person": f"#{two.pk}"}).status_code
        == 302
    )
    assert Attendee.objects.get().person == two


def test_merged_people_and_tags_are_not_taken_anew_but_stay_where_they_are(sign_in_as: Any) -> None:
    article, delegation = linked()
    old = delegation.attendees.get(name="Hai").person
    kept = make.make_person("Hai Thật")
    Person.objects.filter(pk=old.pk).update(merged_into=kept)
    tag = make.make_tag("Cũ")
    Tag.objects.filter(pk=tag.pk).update(merged_into=make.make_tag("Mới"))
    client = sign_in_as(article.created_by)
    response = send(client, change(article), "article_form", title="Lưu được", tags="Cũ")
    assert response.status_code == 302
    assert delegation.attendees.get(name="Hai").person == old
    assert [row.name for row in article.tags.all()] == ["Mới"]
    response = send(client, change(article), "article_form", **{f"doan-{delegation.pk}-nguoi-2-person": f"#{old.pk}"})
    assert "đã gộp vào mục khác" in words(response)


# --- How much the database is asked ----------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_form(sign_in_as: Any, count: int, django_assert_num_queries: Any) -> None:
    people = [make.make_person(f"Người {n}", ("Chức", None, None)) for n in range(count)]
    delegation = make.make_delegation(
        "Đoàn", *(make.attendee(person) for person in people), visiting_organisation=make.make_organisation()
    )
    article = make.make_article(
        byline=tuple(make.make_author() for _ in range(count)),
        tags=tuple(make.make_tag() for _ in range(count)),
        delegations=(delegation,),
    )
    for n in range(count):
        article.related_picks.create(target=make.make_article(), order=n)
        article.gallery.create(image=make.make_image(("red", "green", "blue")[n]), order=n)
    client = sign_in_as(article.created_by)
    client.get(change(article))
    with django_assert_num_queries(21):
        client.get(change(article))


# --- The same form twice, too much of it ------------------------------------------------------------------


def test_a_new_article_sent_twice_is_one(sign_in_as: Any) -> None:
    section = make.make_section("Chính trị")
    client = sign_in_as(make.make_user("reporter"))
    form = read_form(client.get(ADD), "article_form").data
    sent: dict[str, Any] = {
        **form,
        "title": "Một bài",
        "section": str(section.pk),
        "body": "Đoạn",
        "ten-ky-0-author": "PV",
    }
    answers = [client.post(ADD, {**sent, "_save": "1"}) for _ in range(2)]
    article = Article.objects.get()
    assert [answer.headers["Location"] for answer in answers] == [change(article)] * 2

    # The answer was lost, one went on writing and pressed again: nothing is lost, and there still is one article.
    later = client.post(ADD, {**sent, "body": "Đoạn. Viết tiếp", "_save": "1"})
    assert (later.headers["Location"], Article.objects.count()) == (change(article), 1)
    kept = Draft.objects.get()
    assert (kept.article, "Viết tiếp" in kept.state) == (None, True)
    assert "không chữ nào mất" in words(client.get(change(article)))
    assert "Bạn có bản đang gõ chưa lưu" in words(client.get(ADD))


def test_more_rows_than_any_page_sends_are_refused_before_they_are_read(sign_in_as: Any) -> None:
    article = make.make_article()
    client = sign_in_as(article.created_by)
    rows = {f"{name}-TOTAL_FORMS": "300" for name in ("ten-ky", "chum-anh", "lien-quan")}
    assert send(client, change(article), "article_form", **rows).status_code == 400
    article.refresh_from_db()
    assert article.version == 1


@pytest.mark.parametrize("count", [1, 30])
def test_people_of_a_list_are_looked_up_at_once(sign_in_as: Any, count: int, django_assert_num_queries: Any) -> None:
    known = [make.make_person(f"Người {number}") for number in range(count)]
    article = make.make_article()
    client = sign_in_as(article.created_by)
    form = read_form(client.get(change(article)), "article_form").data
    rows = {
        "doan-moi-name": "Đoàn công tác",
        "doan-moi-nguoi-TOTAL_FORMS": str(count),
        **{f"doan-moi-nguoi-{n}-person": person.name for n, person in enumerate(known)},
    }
    with django_assert_num_queries(34):
        answer = client.post(reverse("admin:news_article_beside", args=[article.pk]), {**form, **rows})
    assert answer.status_code == 200
    assert answer.json()["html"].count("Người ") >= count


def test_a_text_shows_so_many_pictures_and_no_more(sign_in_as: Any) -> None:
    article = make.make_article()
    client = sign_in_as(article.created_by)
    body = f'<figure data-images="{" ".join(map(str, range(1, 51)))}"></figure>' * 7
    said = words(send(client, change(article), "article_form", body=body))
    assert "Nhiều hình quá: 350, tối đa 300 ảnh, phim trong một bài." in said
