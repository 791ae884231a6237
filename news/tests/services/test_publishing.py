"""What readers see, from draft to withdrawal."""

import json
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.db import IntegrityError, transaction

from news.models import FOREVER, Edition, EditionTag, LedgerEntry, LedgerKind, State, WorkflowStep
from news.services import editing, publishing, reviewing, sealing
from news.services.publishing import ApprovalOutdated, BadTime, LaterEditionScheduled
from news.services.reviewing import Changed, Drifted
from news.tests import make
from news.tests.make import NOW
from news.workflow import NotAllowed

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def seen(article, at):
    """The title readers see at that moment, or None."""
    return Edition.objects.live(at).filter(article=article).values_list("title", flat=True).first()


def test_a_draft_is_seen_by_nobody():
    article = make.make_article("Bản nháp bí mật")
    assert seen(article, NOW) is None
    assert Edition.objects.once_visible(NOW).count() == 0


def test_a_published_article_is_seen_from_that_moment_on():
    article = make.make_article("Tin buổi sáng")
    edition = make.publish(article, at=NOW)
    assert seen(article, NOW - timedelta(microseconds=1)) is None
    assert seen(article, NOW) == "Tin buổi sáng"
    assert (edition.number, edition.published_at, edition.visible_until) == (1, NOW, FOREVER)


def test_the_payload_says_who_wrote_edited_and_approved():
    article = make.make_article("Tin có người chịu trách nhiệm")
    edition = make.publish(article)
    article.refresh_from_db()
    record = json.loads(edition.payload)["record"]
    assert [record[key]["id"] for key in ("written_by", "edited_by", "approved_by")] == [
        article.created_by_id,
        article.passed_by_id,
        article.approved_by_id,
    ]


def test_an_edited_article_stays_up_unchanged_until_its_next_edition():
    article = make.make_article("Tiêu đề cũ")
    make.publish(article, at=NOW)
    approved = make.revise(article, at=NOW + HOUR, title="Tiêu đề mới")
    assert seen(article, NOW + 2 * HOUR) == "Tiêu đề cũ"
    second = publishing.publish(article_id=article.pk, actor=approved.approved_by, at=NOW + 2 * HOUR)
    assert seen(article, NOW + 2 * HOUR) == "Tiêu đề mới"
    assert seen(article, NOW + 2 * HOUR - timedelta(seconds=1)) == "Tiêu đề cũ"
    assert (second.number, second.published_at) == (2, NOW)


def test_what_was_not_approved_is_not_published():
    delegation = make.make_delegation("Đoàn công tác")
    article = make.make_article(delegations=(delegation,))
    approved = make.approve(article)
    delegation.purpose = "Một mục đích khác"
    delegation.save()
    with pytest.raises(ApprovalOutdated):
        publishing.publish(article_id=article.pk, actor=approved.approved_by, at=NOW)
    assert Edition.objects.count() == 0


def test_a_gate_refuses_what_changed_outside_the_article_after_it_was_saved():
    delegation = make.make_delegation("Đoàn công tác")
    article = make.make_article(delegations=(delegation,))
    reviewing.advance(article_id=article.pk, transition="submit", actor=article.created_by, at=NOW)
    delegation.name = "Đoàn khác"
    delegation.save()
    with pytest.raises(Drifted):
        reviewing.advance(article_id=article.pk, transition="pass", actor=make.make_user("editor"), at=NOW)


def test_a_scheduled_article_appears_at_its_time_without_any_job():
    article = make.make_article("Tin hẹn giờ")
    make.schedule(article, visible_from=NOW + HOUR)
    assert seen(article, NOW + HOUR - timedelta(microseconds=1)) is None
    assert seen(article, NOW + HOUR) == "Tin hẹn giờ"
    assert not Edition.objects.once_visible(NOW).exists()


def test_a_schedule_replaces_the_live_edition_at_its_time():
    article = make.make_article("Bản một")
    make.publish(article, at=NOW)
    approved = make.revise(article, at=NOW + HOUR, title="Bản hai")
    publishing.schedule(
        article_id=article.pk, actor=approved.approved_by, at=NOW + 2 * HOUR, visible_from=NOW + 5 * HOUR
    )
    assert [seen(article, NOW + n * HOUR) for n in (3, 5)] == ["Bản một", "Bản hai"]


def test_a_cancelled_schedule_was_never_seen_and_the_old_edition_goes_on():
    article = make.make_article("Bản một")
    make.publish(article, at=NOW)
    approved = make.revise(article, at=NOW + HOUR, title="Bản hai")
    actor = approved.approved_by
    publishing.expire(article_id=article.pk, actor=actor, at=NOW + 2 * HOUR, until=NOW + 100 * HOUR)
    publishing.schedule(article_id=article.pk, actor=actor, at=NOW + 2 * HOUR, visible_from=NOW + 5 * HOUR)
    publishing.cancel(article_id=article.pk, actor=actor, at=NOW + 3 * HOUR)
    assert seen(article, NOW + 6 * HOUR) == "Bản một"
    assert article.editions.get(number=1).visible_until == NOW + 100 * HOUR
    article.refresh_from_db()
    assert article.state == State.APPROVED


def test_a_schedule_in_the_past_is_refused():
    approved = make.approve(make.make_article())
    with pytest.raises(BadTime):
        publishing.schedule(article_id=approved.pk, actor=approved.approved_by, at=NOW, visible_from=NOW)


def test_an_immediate_edition_is_refused_while_a_later_one_is_scheduled():
    article = make.make_article("Bản một")
    make.publish(article, at=NOW)
    approved = make.revise(article, at=NOW + HOUR, title="Bản hai")
    publishing.schedule(
        article_id=article.pk, actor=approved.approved_by, at=NOW + 2 * HOUR, visible_from=NOW + 5 * HOUR
    )
    type(article).objects.filter(pk=article.pk).update(state=State.APPROVED)
    with pytest.raises(LaterEditionScheduled):
        publishing.publish(article_id=article.pk, actor=approved.approved_by, at=NOW + 3 * HOUR)


def test_a_schedule_whose_time_has_come_counts_as_published():
    article = make.make_article("Tin hẹn giờ")
    edition = make.schedule(article, visible_from=NOW + HOUR)
    secretary = make.make_user("secretary")
    with pytest.raises(NotAllowed):
        publishing.cancel(article_id=article.pk, actor=secretary, at=NOW + HOUR)
    publishing.withdraw(article_id=article.pk, actor=secretary, at=NOW + 2 * HOUR, reason="Sai sót")
    edition.refresh_from_db()
    assert edition.visible_until == NOW + 2 * HOUR


def test_withdrawing_takes_the_article_and_its_schedule_away():
    article = make.make_article("Bản một")
    make.publish(article, at=NOW)
    approved = make.revise(article, at=NOW + HOUR, title="Bản hai")
    publishing.schedule(
        article_id=article.pk, actor=approved.approved_by, at=NOW + 2 * HOUR, visible_from=NOW + 5 * HOUR
    )
    make.withdraw(article, at=NOW + 3 * HOUR)
    assert [seen(article, NOW + n * HOUR) for n in (2, 3, 6)] == ["Bản một", None, None]
    article.refresh_from_db()
    assert article.state == State.WITHDRAWN


def test_withdrawing_needs_a_reason():
    article = make.make_article()
    make.publish(article)
    with pytest.raises(reviewing.ReasonMissing):
        make.withdraw(article, at=NOW + HOUR, reason="  ")
    assert seen(article, NOW + HOUR) is not None


def test_an_article_with_an_end_disappears_by_itself():
    article = make.make_article("Thông báo")
    edition = make.publish(article, at=NOW)
    publishing.expire(article_id=article.pk, actor=make.make_user("secretary"), at=NOW, until=NOW + HOUR)
    assert [seen(article, NOW + HOUR - timedelta(microseconds=1)), seen(article, NOW + HOUR)] == ["Thông báo", None]
    assert LedgerEntry.objects.filter(edition=edition, kind=LedgerKind.EXPIRE).count() == 1


def test_an_end_that_was_set_holds_for_the_next_edition_too():
    article = make.make_article("Thông báo")
    make.publish(article, at=NOW)
    publishing.expire(article_id=article.pk, actor=make.make_user("secretary"), at=NOW, until=NOW + 9 * HOUR)
    approved = make.revise(article, at=NOW + HOUR, title="Thông báo đã sửa")
    publishing.publish(article_id=article.pk, actor=approved.approved_by, at=NOW + 2 * HOUR)
    assert [seen(article, NOW + n * HOUR) for n in (2, 8, 9)] == ["Thông báo đã sửa", "Thông báo đã sửa", None]


def test_a_picture_two_articles_share_survives_the_withdrawal_of_one(django_capture_on_commit_callbacks, client):
    image = make.make_image()
    first, second = make.make_article(lead_image=image), make.make_article(lead_image=image)
    with django_capture_on_commit_callbacks(execute=True):
        make.publish(first, at=NOW)
        make.publish(second, at=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        make.withdraw(first, at=NOW + HOUR)
    assert client.get(f"/media/{image.key}/640.jpg").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        make.withdraw(second, at=NOW + HOUR)
    assert client.get(f"/media/{image.key}/640.jpg").status_code == 404
    assert not storages["public"].exists(f"{image.key}/640.jpg")


def test_promoting_a_person_does_not_rewrite_what_was_printed():
    person = make.make_person("Lò Thị Mai", ("Phó Giám đốc Sở Y tế", None, None))
    delegation = make.make_delegation("Đoàn kiểm tra", make.attendee(person))
    article = make.make_article(delegations=(delegation,))
    before = make.publish(article).payload
    person.positions.update(title="Giám đốc Sở Y tế")
    person.name = "Lò Thị Mái"
    person.save()
    edition = Edition.objects.get(article=article)
    assert edition.payload == before
    line = json.loads(edition.payload)["content"]["delegations"][0]["attendees"][0]
    assert (line["name"], line["positions"]) == ("Lò Thị Mai", ["Phó Giám đốc Sở Y tế"])


def test_preview_approval_and_print_are_one_content():
    tag = make.make_tag("Dân vận")
    article = make.make_article(tags=(tag,), byline=(make.make_author("PV"),))
    previewed = sealing.compose(article)
    approved = make.approve(article)
    assert approved.approved_sha256 == sealing.content_sha256(previewed)
    edition = publishing.publish(article_id=article.pk, actor=approved.approved_by, at=NOW)
    assert json.loads(edition.payload)["content"] == previewed
    assert list(EditionTag.objects.values_list("edition", "tag")) == [(edition.pk, tag.pk)]


def test_a_merged_tag_is_printed_as_the_one_it_was_merged_into():
    kept = make.make_tag("Nông thôn mới")
    gone = make.make_tag("NTM")
    gone.merged_into = kept
    gone.save()
    edition = make.publish(make.make_article(tags=(gone, kept)))
    assert [item["name"] for item in json.loads(edition.payload)["content"]["tags"]] == ["Nông thôn mới"]


def test_publishing_a_copy_somebody_changed_meanwhile_is_refused():
    approved = make.approve(make.make_article())
    with pytest.raises(Changed):
        publishing.publish(article_id=approved.pk, actor=approved.approved_by, at=NOW, version=approved.version - 1)


def test_two_editions_of_an_article_cannot_be_visible_at_one_time():
    article = make.make_article()
    first = make.publish(article, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.create(
            article=article,
            number=2,
            payload=first.payload,
            payload_sha256=first.payload_sha256,
            content_sha256=first.content_sha256,
            sealed_at=NOW,
            published_at=NOW,
            visible_from=NOW + HOUR,
            visible_until=NOW + 2 * HOUR,
            title="Chen ngang",
            slug="chen-ngang",
            section=article.section,
        )
    second = Edition(
        article=article,
        number=2,
        payload=first.payload,
        payload_sha256=first.payload_sha256,
        content_sha256=first.content_sha256,
        sealed_at=NOW,
        published_at=NOW,
        visible_from=NOW - 2 * HOUR,
        visible_until=NOW,
        title="Trước đó",
        slug="truoc-do",
        section=article.section,
    )
    second.save()
    second.visible_until = NOW + timedelta(microseconds=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()


def test_each_step_is_written_down():
    article = make.make_article()
    make.publish(article)
    make.withdraw(article, at=NOW + HOUR, reason="Nhầm số liệu")
    steps = WorkflowStep.objects.filter(article=article).order_by("id")
    assert list(steps.values_list("transition", "target", "reason")) == [
        ("submit", "submitted", ""),
        ("pass", "passed", ""),
        ("approve", "approved", ""),
        ("publish", "published", ""),
        ("withdraw", "withdrawn", "Nhầm số liệu"),
    ]


def test_a_withdrawn_article_can_come_back_only_through_both_gates():
    article = make.make_article("Bản một")
    make.publish(article, at=NOW)
    make.withdraw(article, at=NOW + HOUR)
    with pytest.raises(NotAllowed):
        publishing.publish(article_id=article.pk, actor=make.make_user("secretary"), at=NOW + 2 * HOUR)
    approved = make.revise(article, at=NOW + 2 * HOUR, title="Bản hai")
    edition = publishing.publish(article_id=article.pk, actor=approved.approved_by, at=NOW + 3 * HOUR)
    assert (seen(article, NOW + 3 * HOUR), edition.published_at) == ("Bản hai", NOW)


def test_saving_without_a_change_leaves_no_revision():
    article = make.make_article("Một bài")
    editing.change(article=article, actor=article.created_by, at=NOW, version=article.version)
    assert article.revisions.count() == 1
    article.lead = "Một đoạn khác"
    editing.change(article=article, actor=article.created_by, at=NOW, version=article.version)
    assert list(article.revisions.order_by("number").values_list("number", "saved_by")) == [
        (1, article.created_by_id),
        (2, article.created_by_id),
    ]


def test_a_second_save_over_somebody_elses_is_refused_and_writes_nothing():
    article = make.make_article("Một bài")
    mine = type(article).objects.get(pk=article.pk)
    article.title = "Người kia đã sửa"
    editing.change(article=article, actor=article.created_by, at=NOW, version=article.version)
    mine.title = "Tôi sửa sau"
    with pytest.raises(Changed):
        editing.change(article=mine, actor=article.created_by, at=NOW, version=mine.version)
    assert type(article).objects.get(pk=article.pk).title == "Người kia đã sửa"


def test_what_was_approved_before_a_new_picture_format_keeps_its_hash():
    old, new = make.make_image("navy"), make.make_image("olive")
    old.formats = "webp,jpg"
    old.save(update_fields=["formats"])
    contents = [sealing.compose(make.make_article(lead_image=image))["lead_image"] for image in (old, new)]
    assert ["formats" in content for content in contents] == [False, True]
    assert list(contents[0]) == ["id", "key", "width", "height", "alt", "caption", "credit", "renditions"]
