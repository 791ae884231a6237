"""What the checks before publishing find, what they leave alone, and that the services listen to the blocking ones."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.models import Article, ArticleTemplate, GalleryImage, Image, OldAddress, State
from news.queries import readiness
from news.queries.readiness import Finding
from news.services import demo, publishing, reviewing, sealing
from news.services.reviewing import NotReady
from news.tests import make

pytestmark = pytest.mark.django_db
NOW = make.NOW


def found(article: Article) -> list[Finding]:
    fresh = Article.objects.select_related("section", "lead_image").get(pk=article.pk)
    return readiness.findings(sealing.compose(fresh), article_id=article.pk, at=NOW)


def kinds(article: Article, *, blocking: bool) -> list[str]:
    return [row.kind for row in found(article) if row.is_blocking is blocking]


def ready(**fields: Any) -> Article:
    """An article with nothing wrong."""
    fields.setdefault("lead_image", make.make_image())
    fields.setdefault("tags", (make.make_tag(),))
    return make.make_article(**fields)


def test_a_sound_article_has_no_findings() -> None:
    assert found(ready()) == []


def test_what_is_not_there_yet() -> None:
    article = make.make_article(lead="", body="", byline=())
    assert kinds(article, blocking=True) == ["no_body", "no_byline"]
    assert kinds(article, blocking=False) == ["no_lead", "no_lead_image", "no_tags"]
    assert {row.kind: row.field for row in found(article)} == {
        "no_body": "body",
        "no_byline": "byline",
        "no_lead": "lead",
        "no_lead_image": "lead_image",
        "no_tags": "tags",
    }


def test_a_piece_of_pictures_needs_no_words() -> None:
    article = ready(body="")
    GalleryImage.objects.create(article=article, image=make.make_image("red"))
    assert kinds(article, blocking=True) == []


@pytest.mark.parametrize(("length", "expected"), [(100, []), (101, ["long_title"])])
def test_a_title_is_long_from_one_hundred_and_one_characters(length: int, expected: list[str]) -> None:
    assert kinds(ready(title="ă" * length), blocking=False) == expected


def test_long_kicker_and_lead_are_told() -> None:
    assert kinds(ready(kicker="k" * 51, lead="s" * 401), blocking=False) == ["long_kicker", "long_lead"]


# --- Pictures and recordings ------------------------------------------------------------------------------


def test_each_picture_says_what_it_shows_and_whose_it_is() -> None:
    bare = make.make_image("red", alt=" ", caption="", credit="")
    article = ready()
    GalleryImage.objects.create(article=article, image=bare)
    assert [(row.kind, row.field, row.message) for row in found(article)] == [
        ("no_alt", "gallery", f"Thiếu mô tả (alt) cho ảnh số {bare.pk} (trong chùm ảnh)."),
        ("no_caption", "gallery", f"Thiếu chú thích cho ảnh số {bare.pk} (trong chùm ảnh)."),
        ("no_credit", "gallery", f"Thiếu tác giả ảnh, nguồn cho ảnh số {bare.pk} (trong chùm ảnh)."),
    ]


def test_a_caption_of_the_article_is_a_caption() -> None:
    image = make.make_image("red", caption="")
    article = ready(lead_image=image, lead_image_caption="Chú thích riêng")
    assert kinds(article, blocking=True) == []
    GalleryImage.objects.create(article=article, image=image, caption="Riêng")
    assert kinds(article, blocking=True) == []


def test_a_figure_of_the_text_may_bring_its_own_caption() -> None:
    image = make.make_image("red", caption="")
    with_words = f'<figure data-image="{image.pk}"><figcaption>Riêng</figcaption></figure>'
    assert kinds(ready(body=f"<p>Chữ</p>{with_words}"), blocking=True) == []
    without = ready(body=f'<p>Chữ</p><figure data-image="{image.pk}"></figure>')
    assert [(row.kind, row.field) for row in found(without)] == [("no_caption", "body")]


def test_a_figure_whose_picture_is_gone_blocks() -> None:
    article = ready(body='<p>Chữ</p><figure data-image="98765"></figure>')
    assert [row.message for row in found(article)] == ["Ảnh số 98765 trong bài không còn trong kho."]


def test_a_video_needs_a_poster_and_its_words() -> None:
    content = sealing.compose(ready())
    video = {"id": 1, "kind": "video", "title": "Lễ hội", "poster": None, "transcript": " "}
    sound = {"id": 2, "kind": "audio", "title": "Phỏng vấn", "poster": None, "transcript": "Lời"}
    rows = readiness.findings({**content, "recordings": [video, sound]}, article_id=None, at=NOW)
    assert [row.message for row in rows] == ["Video “Lễ hội” chưa có ảnh bìa.", "Video “Lễ hội” chưa có bản chép lời."]


# --- Links -------------------------------------------------------------------------------------------------


def test_links_that_lead_somewhere_are_left_alone(settings: Any) -> None:
    live = make.make_article("Bài đang đăng")
    make.publish(live, at=NOW - timedelta(hours=1))
    OldAddress.objects.create(path="/?p=12", article=live)
    OldAddress.objects.create(path="/tin-cu/12.html", article=live)
    good = (
        f"/tin/bat-ky-{live.pk}/",
        f"/tin/bai-{live.pk}/?tu=trang-nhat#binh-luan",
        f"{settings.SITE_URL}/tin/bai-{live.pk}/ban-in/",
        "/tin-cu/12.html",
        "/thoi-su/",
        "/chu-de/lai-chau/",
        "#cuoi-bai",
        "mailto:toasoan@example.vn",
        "tel:02133876501",
        "https://example.vn/tin/xa-9999/",
        "//example.vn/tin/xa-9999/",
    )
    body = "".join(f'<p><a href="{address}">xem</a></p>' for address in good)
    assert [row.message for row in found(ready(body=body))] == []


def test_links_to_nowhere_block_each_with_its_words(settings: Any) -> None:
    draft, gone = make.make_article("Bản nháp"), make.make_article("Đã gỡ")
    make.publish(gone, at=NOW - timedelta(hours=2))
    make.withdraw(gone, at=NOW - timedelta(hours=1))
    bad = {
        "nháp": f"/tin/ban-nhap-{draft.pk}/",
        "gỡ": f"{settings.SITE_URL}/tin/da-go-{gone.pk}/",
        "không có": "/tin/khong-co-999999/",
        "cũ": "/trang-cu/khong-co.html",
        "quản trị": f"/quan-tri/news/article/{draft.pk}/change/",
        "thiếu": "www.example.vn/tin",
    }
    body = "".join(f'<p><a href="{address}">{words}</a></p>' for words, address in bad.items())
    rows = found(ready(body=body))
    assert all(row.is_blocking and row.field == "body" for row in rows)
    assert sorted(words for words in bad if any(f"“{words}”" in row.message for row in rows)) == sorted(bad)
    assert len(rows) == len(bad)


def test_the_same_broken_link_is_told_once_and_its_own_article_is_no_stranger() -> None:
    article = ready(body='<p><a href="/tin/x-999999/">a</a> <a href="/tin/x-999999/">a</a></p>')
    assert kinds(article, blocking=True) == ["broken_link"]
    Article.objects.filter(pk=article.pk).update(body=f'<p><a href="/tin/chinh-no-{article.pk}/">đây</a></p>')
    assert kinds(article, blocking=True) == []


@given(st.text(max_size=60))
def test_any_address_is_answered_with_words(address: str) -> None:
    content = {**BLANK, "body": f'<p><a href="{address.replace(chr(34), "")}">x</a></p>'}
    for row in readiness.findings(content, article_id=None, at=NOW):
        assert row.message


BLANK: dict[str, Any] = {
    "title": "Bài", "kicker": "", "lead": "", "body": "", "gallery": [], "lead_image": None, "byline": [], "tags": [],
    "delegations": [], "event_on": None,
}  # fmt: skip


# --- Templates ---------------------------------------------------------------------------------------------


def test_questions_of_a_template_block_other_brackets_do_not() -> None:
    template = ArticleTemplate.objects.create(
        name="Mẫu", title="[Nhân vật] thăm [chốn nào]", body="<p>[Bao nhiêu] hộ</p>"
    )
    article = ready(title="[Nhân vật] thăm Mường Lò", lead="Lời [sic] [1]", body="<p>[bao nhiêu] hộ, theo [2]</p>")
    assert [(row.field, row.message) for row in found(article)] == [
        ("title", "Chỗ trống của mẫu bài còn chưa điền: “[Nhân vật]”."),
        ("body", "Chỗ trống của mẫu bài còn chưa điền: “[bao nhiêu]”."),
    ]
    template.delete()
    assert found(article) == []
    Article.objects.filter(pk=article.pk).update(lead="Đồng chí [họ tên, chức vụ] chủ trì")
    assert kinds(article, blocking=True) == ["placeholder"]


def test_every_template_given_with_the_product_asks_before_it_is_printed() -> None:
    for template in ArticleTemplate.objects.filter(name__startswith="Tin "):
        article = ready(title=template.title, lead=template.lead, body=template.body)
        assert {row.field for row in found(article) if row.kind == "placeholder"} == {"title", "lead", "body"}


# --- Visits ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Đoàn công tác Bộ Nội vụ làm việc tại Lai Châu", ["no_delegation"]),
        ("Lãnh đạo tỉnh tiếp và làm việc với Đại sứ Lào", ["no_delegation"]),
        ("Bộ đội biên phòng công tác tại Mường Tè", []),
        ("Phong trào đoàn thanh niên", []),
    ],
)
def test_a_visit_told_without_its_delegation(title: str, expected: list[str]) -> None:
    assert kinds(ready(title=title), blocking=False) == expected


def test_people_without_a_post_are_named_and_counted() -> None:
    people = [make.make_person(f"Người {n}") for n in range(5)]
    held = make.make_person("Có chức", ("Bí thư", date(2020, 1, 1), None))
    lines = [make.attendee(person) for person in people]
    delegation = make.make_delegation("Đoàn A", make.attendee(held), *lines, make.attendee(group="các sở"))
    rows = found(ready(delegations=(delegation,)))
    assert [(row.kind, row.field, row.message) for row in rows] == [
        (
            "no_positions",
            f"doan-{delegation.pk}",
            "Chưa có chức vụ: Người 0, Người 1, Người 2 và 2 người nữa (đoàn “Đoàn A”).",
        )
    ]


def test_a_visit_needs_a_day_and_people() -> None:
    delegation = make.make_delegation("Đoàn B", from_on=None)
    assert kinds(ready(delegations=(delegation,)), blocking=False) == ["no_event_day", "no_attendees"]
    assert kinds(ready(delegations=(delegation,), event_on=date(2026, 3, 1)), blocking=False) == ["no_attendees"]


# --- What the services do with it ----------------------------------------------------------------------------


def submitted(**fields: Any) -> Article:
    article = make.make_article(at=NOW - timedelta(hours=3), **fields)
    reviewing.advance(article_id=article.pk, transition="submit", actor=article.created_by, at=NOW - timedelta(hours=2))
    return reviewing.advance(
        article_id=article.pk, transition="pass", actor=make.make_user("editor"), at=NOW - timedelta(hours=1)
    )


def test_a_copy_with_a_blocking_finding_goes_on_but_is_not_approved() -> None:
    article = submitted(byline=())
    with pytest.raises(NotReady) as refused:
        reviewing.advance(article_id=article.pk, transition="approve", actor=make.make_user("secretary"), at=NOW)
    assert [row.kind for row in refused.value.findings] == ["no_byline"]
    assert "Chưa có người thực hiện" in str(refused.value)
    article.refresh_from_db()
    assert (article.state, article.approved_sha256) == (State.PASSED, "")


def test_advice_stops_nobody() -> None:
    article = submitted(lead="", lead_image=None)
    approved = reviewing.advance(article_id=article.pk, transition="approve", actor=make.make_user("secretary"), at=NOW)
    assert approved.state == State.APPROVED


@pytest.mark.parametrize("when", ["now", "later"])
def test_what_broke_after_approval_is_not_published(when: str) -> None:
    other = make.make_article("Bài kia")
    make.publish(other, at=NOW - timedelta(hours=5))
    article = submitted(body=f'<p><a href="/tin/bai-kia-{other.pk}/">xem</a></p>')
    secretary = make.make_user("secretary")
    reviewing.advance(article_id=article.pk, transition="approve", actor=secretary, at=NOW)
    make.withdraw(other, at=NOW + timedelta(minutes=1))
    at = NOW + timedelta(minutes=2)
    steps = {
        "now": lambda: publishing.publish(article_id=article.pk, actor=secretary, at=at),
        "later": lambda: publishing.schedule(
            article_id=article.pk, actor=secretary, at=at, visible_from=at + timedelta(hours=1)
        ),
    }
    with pytest.raises(NotReady):
        steps[when]()
    assert not article.editions.exists()


def test_the_demo_newsroom_has_nothing_that_blocks() -> None:
    demo.load(password="mat-khau-thu-nghiem", at=NOW)
    for article in Article.objects.select_related("section", "lead_image"):
        rows = readiness.findings(sealing.compose(article), article_id=article.pk, at=NOW)
        assert [row for row in rows if row.is_blocking] == [], article.title


def test_queries_do_not_grow_with_the_text(django_assert_num_queries: Any) -> None:
    live = make.make_article("Bài")
    make.publish(live, at=NOW - timedelta(hours=1))
    line = f'<p>[hỏi] <a href="/tin/bai-{live.pk}/">a</a> <a href="/cu/1.html">b</a></p>'
    for count in (1, 3):
        content = {**BLANK, "body": line * count}
        with django_assert_num_queries(3):
            readiness.findings(content, article_id=None, at=NOW)
    with django_assert_num_queries(0):
        readiness.findings({**BLANK, "body": "<p>Chữ</p>"}, article_id=None, at=NOW)


def test_a_picture_of_the_library_is_not_asked_for_while_nothing_shows_it() -> None:
    make.make_image("red", alt="", caption="", credit="")
    assert Image.objects.count() == 1
    assert kinds(ready(), blocking=True) == []
