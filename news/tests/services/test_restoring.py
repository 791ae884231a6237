"""An old version made the draft again: what comes back, what cannot, who may, and what it counts as."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission

from accounts.models import User
from news import workflow
from news.models import (
    Article,
    Attendee,
    Contribution,
    ContributionKind,
    Delegation,
    Edition,
    GalleryImage,
    Organisation,
    Person,
    RelatedPick,
    Role,
    Side,
    WorkflowStep,
)
from news.queries.desk import desk_page, story
from news.services import editing, restoring, sealing
from news.services.reviewing import Changed, advance
from news.tests import make
from news.workflow import NotAllowed

pytestmark = pytest.mark.django_db
AT = make.NOW


def save(article: Article, actor: User, *, at: Any = AT, related: Any = None, **fields: Any) -> Article:
    """One more save of the article."""
    fresh = Article.objects.select_related("section", "lead_image").get(pk=article.pk)
    for name, value in fields.items():
        setattr(fresh, name, value)
    return editing.change(article=fresh, actor=actor, at=at, version=fresh.version, save_related=related)


def restore(article: Article, token: str, actor: User, **more: Any) -> restoring.Restored:
    """Restore the version in the copy as it is now."""
    more.setdefault("version", Article.objects.get(pk=article.pk).version)
    return restoring.restore(article_id=article.pk, token=token, actor=actor, at=AT + timedelta(hours=1), **more)


def content(article: Article) -> dict[str, Any]:
    """What the copy would show."""
    return sealing.compose(Article.objects.select_related("section", "lead_image").get(pk=article.pk))


def a_full_article(writer: User) -> Article:
    """An article with something in every part."""
    person = make.make_person("Nguyễn Khắc Chử", ("Bí thư Tỉnh ủy", None, None))
    neighbour = make.make_article("Bài liên quan", author=writer)
    picture, other = make.make_image(), make.make_image("navy", caption="Ảnh hai")
    article = make.make_article(
        "Bản đầu",
        author=writer,
        at=AT - timedelta(hours=3),
        kicker="Dòng trên",
        lead="Sa-pô đầu.\nHai dòng.",
        body=f'<h2>Tít</h2><p>Nội dung <strong>đầu</strong>.</p><figure data-image="{other.pk}"></figure>',
        event_on=date(2026, 3, 1),
        lead_image=picture,
        lead_image_caption="Chú thích riêng",
        tags=(make.make_tag("Một"), make.make_tag("Hai")),
        delegations=(make.make_delegation("Đoàn A", make.attendee(person)),),
        source_name="Báo bạn",
        source_url="https://example.vn/1",
        ai_used=True,
        ai_note="Dịch nháp",
        allow_comments=False,
    )

    def related(saved: Article) -> None:
        GalleryImage.objects.create(article=saved, image=other, caption="Riêng", order=1)
        GalleryImage.objects.create(article=saved, image=picture, caption="", order=2)
        RelatedPick.objects.create(article=saved, target=neighbour, order=1)
        Contribution.objects.create(
            article=saved, author=make.make_author("Lò Văn Ảnh"), kind=ContributionKind.PHOTO, order=2
        )
        saved.other_sections.add(make.make_section("Khác"))

    return save(article, writer, at=AT - timedelta(hours=2), related=related)


def test_everything_of_the_article_comes_back() -> None:
    writer = make.make_user()
    article = a_full_article(writer)
    before = content(article)

    def clear(saved: Article) -> None:
        saved.contributions.all().delete()
        saved.gallery.all().delete()
        saved.related_picks.all().delete()
        for rows in (saved.tags, saved.delegations, saved.other_sections):
            rows.clear()

    save(
        article, writer, related=clear, title="Khác hẳn", kicker="", lead="", body="<p>x</p>", event_on=None,
        lead_image=None, lead_image_caption="", source_name="", source_url="", ai_used=False, ai_note="",
        allow_comments=True, genre="photo", section=make.make_section("Chuyên mục mới"),
    )  # fmt: skip
    assert content(article) != before
    restored = restore(article, "l2", writer)
    assert (content(article), restored.notes) == (before, ())


def test_a_restored_version_is_one_more_save_with_its_reason() -> None:
    writer = make.make_user()
    article = make.make_article("Một", author=writer)
    save(article, writer, title="Hai")
    restored = restore(article, "l1", writer)
    last = article.revisions.order_by("-number")[0]
    assert (last.number, last.saved_by, last.saved_at) == (3, writer, AT + timedelta(hours=1))
    assert last.content_sha256 == article.revisions.get(number=1).content_sha256
    step = WorkflowStep.objects.get(article=article)
    assert (step.transition, step.actor, step.reason) == ("restore", writer, "Khôi phục lần lưu 1 thành bản nháp mới.")
    assert (step.source, step.target, restored.article.state) == ("draft", "draft", "draft")
    assert story(article).steps[0][0] == "Khôi phục bản cũ"


def test_an_edition_can_be_restored() -> None:
    article = make.make_article("Đã in", body="<p>Như đã in.</p>")
    make.publish(article, at=AT)
    editor = make.make_user("editor")
    advance(article_id=article.pk, transition="reopen", actor=editor, at=AT)
    save(article, editor, title="Sửa lại", body="<p>Khác.</p>")
    restore(article, "a1", editor)
    fresh = Article.objects.get(pk=article.pk)
    assert (fresh.title, fresh.body, fresh.state) == ("Đã in", "<p>Như đã in.</p>", "submitted")


def test_what_other_articles_share_stays_as_it_is() -> None:
    person = make.make_person("Lò Văn Một", ("Chức cũ", None, None))
    delegation = make.make_delegation("Đoàn chung", make.attendee(person))
    picture = make.make_image(alt="Mô tả cũ", caption="Chú thích kho")
    writer = make.make_user()
    article = make.make_article("Một", author=writer, delegations=(delegation,), lead_image=picture)
    Attendee.objects.filter(delegation=delegation).update(positions="Chức mới")
    type(delegation).objects.filter(pk=delegation.pk).update(purpose="Nội dung mới")
    type(picture).objects.filter(pk=picture.pk).update(alt="Mô tả mới", caption="Chú thích mới")
    make.make_article("Bài khác", delegations=(delegation,))
    save(article, writer, title="Hai", related=lambda saved: saved.delegations.clear())
    restored = restore(article, "l1", writer)
    (note,) = restored.notes
    assert re.fullmatch(
        r"Đoàn “Đoàn chung” dùng chung với bài “Bài khác” \(số \d+\): thông tin và thành phần giữ như hiện nay.", note
    )
    now = content(article)
    assert [row["name"] for row in now["delegations"]] == ["Đoàn chung"]
    assert now["delegations"][0]["attendees"][0]["positions"] == ["Chức mới"]
    assert now["delegations"][0]["purpose"] == "Nội dung mới"
    assert (now["lead_image"]["alt"], now["lead_image"]["caption"]) == ("Mô tả mới", "Chú thích kho")


def a_visit(writer: User) -> tuple[Article, Delegation]:
    """An article with a delegation of its own, saved twice: the second time everything of the delegation is another."""
    people = [make.make_person(name) for name in ("Lò Văn Một", "Lý Thị Hai", "Vàng Văn Ba")]
    delegation = make.make_delegation(
        "Đoàn lúc đầu",
        make.attendee(people[0], role=Role.HEAD, positions="Bí thư"),
        make.attendee(people[1], side=Side.HOST, positions="Chủ tịch\nĐại biểu"),
        make.attendee(group="đại diện một số sở"),
        visiting_organisation=make.make_organisation("Ban Dân vận"),
        places="Xã Nà Tăm\nXã Bản Bo",
        purpose="Nắm tình hình",
        to_on=date(2026, 3, 2),
    )
    article = make.make_article("Một", author=writer, delegations=(delegation,))

    def related(_: Article) -> None:
        Delegation.objects.filter(pk=delegation.pk).update(
            name="Đoàn về sau", places="", purpose="", to_on=None, date_text="tháng 3", visiting_organisation=None
        )
        lines = delegation.attendees
        lines.filter(person=people[0]).update(order=7, role=Role.ATTEND, positions="Chức khác")
        lines.filter(person=people[1]).delete()
        lines.filter(person=None).update(group="nhóm khác")
        lines.create(person=people[2], name="Vàng Văn Ba", order=1, role=Role.HEAD)

    save(article, writer, title="Hai", related=related)
    return article, delegation


def test_a_delegation_of_this_article_alone_comes_back_with_its_people() -> None:
    writer = make.make_user()
    article, delegation = a_visit(writer)
    first = delegation.attendees.get(person__name="Lò Văn Một").pk
    before = article.revisions.get(number=1)
    restored = restore(article, "l1", writer)
    assert (content(article), restored.notes) == (json.loads(before.content), ())
    assert article.revisions.order_by("-number")[0].content_sha256 == before.content_sha256
    assert [line.name or line.group for line in delegation.attendees.order_by("order")] == [
        "Lò Văn Một", "Lý Thị Hai", "đại diện một số sở",
    ]  # fmt: skip
    assert delegation.attendees.get(person__name="Lò Văn Một").pk == first
    restore(article, "l2", writer)
    assert content(article) == json.loads(article.revisions.get(number=2).content)


def test_a_delegation_that_another_articles_readers_see_stays() -> None:
    writer = make.make_user()
    article, delegation = a_visit(writer)
    other = make.make_article("Đã đăng", delegations=(delegation,))
    make.publish(other, at=AT)
    other.delegations.clear()
    now = content(article)["delegations"]
    restored = restore(article, "l1", writer)
    assert content(article)["delegations"] == now
    assert restored.notes == (
        f"Đoàn “Đoàn về sau” dùng chung với bài “Đã đăng” (số {other.pk}): thông tin và thành phần giữ như hiện nay.",
    )
    Edition.objects.update(visible_until=AT + timedelta(minutes=1))
    restore(article, "l1", writer)
    assert content(article)["delegations"][0]["name"] == "Đoàn lúc đầu"


def test_what_changed_elsewhere_since_the_last_save_is_kept_before_it_is_replaced() -> None:
    writer = make.make_user()
    article, delegation = a_visit(writer)
    delegation.attendees.filter(person__name="Vàng Văn Ba").update(positions="Chỉ ghi ở trang đoàn")
    restore(article, "l1", writer)
    kept = article.revisions.get(number=3)
    assert "Chỉ ghi ở trang đoàn" in kept.content
    assert (kept.saved_by, article.revisions.count()) == (None, 4)


def test_a_delegation_that_left_and_changed_elsewhere_stays_as_it_is() -> None:
    writer = make.make_user()
    article, delegation = a_visit(writer)
    save(article, writer, title="Ba", related=lambda saved: saved.delegations.clear())
    restore(article, "l1", writer)
    assert content(article)["delegations"][0]["name"] == "Đoàn lúc đầu"
    save(article, writer, title="Bốn", related=lambda saved: saved.delegations.clear())
    delegation.attendees.filter(person__name="Lò Văn Một").update(positions="Chỉ ghi ở trang đoàn")
    restored = restore(article, "l2", writer)
    assert "đã được sửa ở nơi khác sau khi rời bài này" in restored.notes[0]
    assert content(article)["delegations"][0]["attendees"][0]["positions"] == ["Chỉ ghi ở trang đoàn"]


def test_who_is_gone_from_the_register_and_who_may_not_change_delegations_is_told() -> None:
    writer = make.make_user()
    article, delegation = a_visit(writer)
    Person.objects.get(name="Lý Thị Hai").delete()
    Organisation.objects.all().delete()
    restored = restore(article, "l1", writer)
    assert restored.notes == (
        "Không còn cơ quan “Ban Dân vận” trong danh bạ.",
        "Không còn nhân sự “Lý Thị Hai” trong danh bạ: dòng đó của đoàn không trở lại được.",
    )
    assert [line.name or line.group for line in delegation.attendees.order_by("order")] == [
        "Lò Văn Một", "đại diện một số sở",
    ]  # fmt: skip
    Permission.objects.get(codename="change_delegation").delete()
    reader = User.objects.get(pk=writer.pk)
    assert restoring.kept(article, json.loads(article.revisions.get(number=2).content), reader, AT) == {
        delegation.pk: "bạn không có quyền sửa đoàn công tác"
    }


def test_a_delegation_that_was_merged_stays() -> None:
    writer = make.make_user()
    article, delegation = a_visit(writer)
    target = make.make_delegation("Đoàn đích")
    Delegation.objects.filter(pk=delegation.pk).update(merged_into=target)
    restored = restore(article, "l1", writer)
    assert list(article.delegations.all()) == [target]
    assert "Đoàn “Đoàn về sau” nay đã gộp vào “Đoàn đích”." in restored.notes


def test_what_the_actor_has_not_seen_is_not_replaced() -> None:
    writer = make.make_user()
    article, delegation = a_visit(writer)
    seen = sealing.content_sha256(content(article))
    delegation.attendees.filter(person__name="Vàng Văn Ba").update(positions="Vừa ghi")
    with pytest.raises(Changed):
        restore(article, "l1", writer, seen_sha256=seen)
    assert content(article)["delegations"][0]["name"] == "Đoàn về sau"
    restore(article, "l1", writer, seen_sha256=sealing.content_sha256(content(article)))


def test_what_cannot_come_back_is_told() -> None:
    old, target = make.make_tag("Cũ"), make.make_tag("Mới")
    author = make.make_author("Tên đã bỏ")
    picture = make.make_image()
    writer = make.make_user()
    number, signed = picture.pk, (author, make.make_author("PV"))
    body = f'<figure data-image="{number}"></figure>'
    article = make.make_article(author=writer, tags=(old,), byline=signed, body=body)

    def leave(saved: Article) -> None:
        saved.tags.clear()
        saved.contributions.filter(author=author).delete()

    save(article, writer, related=leave, body="<p>x</p>")
    old.merged_into = target
    old.save()
    author.delete()
    picture.delete()
    restored = restore(article, "l1", writer)
    assert list(article.tags.all()) == [target]
    assert [row.author.name for row in article.contributions.order_by("order")] == ["PV"]
    assert restored.notes == (
        f"Không còn ảnh trong nội dung: số {number}.",
        "Từ khóa “Cũ” nay đã gộp vào “Mới”.",
        "Không còn tên ký: Tên đã bỏ.",
    )


def test_nothing_is_written_over_a_newer_save() -> None:
    writer = make.make_user()
    article = make.make_article("Một", author=writer)
    save(article, writer, title="Hai")
    with pytest.raises(Changed):
        restore(article, "l1", writer, version=1)
    assert Article.objects.get(pk=article.pk).title == "Hai"
    assert not WorkflowStep.objects.filter(article=article).exists()


def test_only_who_may_edit_now_may_restore() -> None:
    article = make.make_article("Một")
    other = make.make_user("reporter")
    for actor in (other, make.make_user("moderator"), make.make_user("editor", everywhere=False)):
        with pytest.raises((NotAllowed, Article.DoesNotExist)):
            restore(article, "l1", actor)
    approved = make.approve(make.make_article("Hai"))
    with pytest.raises(NotAllowed, match="đã duyệt"):
        restore(approved, "l1", make.make_user("secretary"))


@pytest.mark.parametrize("token", ["l2", "l0", "a1", "nay", "x1", "", "l١", "l" + "9" * 30])
def test_a_version_that_is_not_there_is_refused(token: str) -> None:
    writer = make.make_user()
    article = make.make_article(author=writer)
    make.publish(make.make_article("Bài khác"))
    with pytest.raises(restoring.Missing):
        restore(article, token, writer)


def test_a_blanked_edition_is_refused() -> None:
    article = make.make_article()
    make.publish(article)
    editor = make.make_user("editor")
    advance(article_id=article.pk, transition="reopen", actor=editor, at=AT)
    Edition.objects.filter(article=article).update(payload="")
    with pytest.raises(restoring.Missing):
        restore(article, "a1", editor)


def test_who_restored_counts_among_those_who_changed_the_text() -> None:
    section = make.make_section("Một cửa", gates=1)
    article = make.make_article("Một", section=section)
    assert article.created_by is not None
    save(article, article.created_by, title="Hai")
    advance(article_id=article.pk, transition="submit", actor=article.created_by, at=AT)
    editor = make.make_user("editor")
    assert not workflow.refusal("approve", Article.objects.get(pk=article.pk), editor, AT)
    restore(article, "l1", editor)
    refusal = workflow.refusal("approve", Article.objects.get(pk=article.pk), editor, AT + timedelta(hours=2))
    assert refusal == "Bạn đã sửa bài này: cần một người khác duyệt."


def test_the_reason_of_a_return_is_still_told_after_a_restore() -> None:
    writer = make.make_user()
    article = make.make_article("Một", author=writer)
    save(article, writer, title="Hai")
    advance(article_id=article.pk, transition="submit", actor=writer, at=AT)
    advance(article_id=article.pk, transition="return", actor=make.make_user("editor"), at=AT, reason="Thiếu nguồn")
    restore(article, "l1", writer)
    pile = desk_page(writer, AT).returned
    assert pile is not None
    assert [row.note for row in pile.rows] == ["Thiếu nguồn"]
