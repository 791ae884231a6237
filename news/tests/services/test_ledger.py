"""The ledger: what it proves, what it finds, what it says it cannot prove."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from news import crypto
from news.models import Edition, EditionImage, LedgerEntry, LedgerHead, LedgerKind
from news.services import ledger, publishing
from news.tests import make
from news.tests.make import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def history():
    """Three articles with a schedule, a cancellation, an end and a withdrawal among them."""
    first = make.make_article("Bài một")
    make.publish(first, at=NOW)
    second = make.make_article("Bài hai")
    make.publish(second, at=NOW)
    make.withdraw(second, at=NOW + HOUR)
    third = make.make_article("Bài ba")
    make.schedule(third, visible_from=NOW + 5 * HOUR)
    publishing.cancel(article_id=third.pk, actor=make.make_user("secretary"), at=NOW + HOUR)
    publishing.expire(article_id=first.pk, actor=make.make_user("chief"), at=NOW + 2 * HOUR, until=NOW + 9 * HOUR)
    return first, second, third


def raw(sql, *params):
    """Change the database behind everybody's back."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount


def faults(**kwargs):
    return ledger.verify(**kwargs).faults


def test_a_newsroom_at_work_verifies(history):
    verdict = ledger.verify()
    assert (verdict.entry_count, verdict.edition_count, verdict.faults) == (6, 3, ())
    assert list(LedgerEntry.objects.order_by("sequence").values_list("kind", flat=True)) == [
        LedgerKind.PUBLISH,
        LedgerKind.PUBLISH,
        LedgerKind.WITHDRAW,
        LedgerKind.SCHEDULE,
        LedgerKind.CANCEL,
        LedgerKind.EXPIRE,
    ]


def test_an_empty_ledger_verifies():
    assert ledger.verify().faults == ()


def test_one_changed_byte_of_a_payload_is_found(history):
    edition = Edition.objects.get(article=history[1])
    assert raw(
        "UPDATE news_edition SET payload = %s WHERE id = %s", edition.payload.replace("Bài hai", "Bài hái"), edition.pk
    )
    assert faults() == (f"Dòng 2: nội dung ấn bản 1 của bài {history[1].pk} đã bị sửa.",)


def test_a_changed_payload_with_a_recomputed_hash_is_found(history):
    edition = Edition.objects.get(article=history[1])
    forged = edition.payload.replace("Bài hai", "Bài hái")
    raw(
        "UPDATE news_edition SET payload = %s, payload_sha256 = %s, title = %s WHERE id = %s",
        forged,
        crypto.sha256(forged),
        "Bài hái",
        edition.pk,
    )
    assert faults() == (f"Dòng 2: mã băm của ấn bản 1 của bài {history[1].pk} khác với sổ.",)


def test_a_column_that_no_longer_repeats_the_payload_is_found(history):
    raw("UPDATE news_edition SET title = 'Tiêu đề giả' WHERE article_id = %s", history[0].pk)
    assert faults() == (f"Dòng 1: cột title của ấn bản 1 của bài {history[0].pk} khác nội dung niêm phong.",)


def test_an_index_row_that_opens_a_foreign_picture_is_found(history):
    image = make.make_image()
    edition = Edition.objects.get(article=history[0])
    EditionImage.objects.create(
        edition=edition, article=history[0], published_at=edition.published_at, image=image, key=image.key
    )
    assert faults() == (f"Chỉ mục ảnh: ấn bản mã {edition.pk} không có ảnh {image.key} trong nội dung niêm phong.",)


def test_a_deleted_edition_is_found(history):
    entries = LedgerEntry.objects.filter(article=history[1])
    raw("DELETE FROM news_editionsection WHERE article_id = %s", history[1].pk)
    raw("DELETE FROM news_editionauthor WHERE article_id = %s", history[1].pk)
    entries.update(edition=None)
    raw("DELETE FROM news_edition WHERE article_id = %s", history[1].pk)
    assert f"Dòng 3: ấn bản của bài {history[1].pk} không còn." in faults()


def test_a_deleted_link_is_found_and_named(history):
    LedgerEntry.objects.filter(sequence=3).delete()
    assert faults()[0] == "Dòng 3: thiếu (dòng tiếp theo còn lại là 4)."


def test_a_changed_link_is_found_and_named(history):
    LedgerEntry.objects.filter(sequence=3).update(reason="Lý do khác")
    assert faults() == ("Dòng 3: nội dung không khớp mã băm.",)


def test_a_range_that_no_link_explains_is_found(history):
    raw("UPDATE news_edition SET visible_until = visible_from WHERE article_id = %s", history[0].pk)
    assert faults() == (f"Dòng 6: khoảng hiển thị của ấn bản 1 của bài {history[0].pk} không được sổ giải thích.",)


def test_an_edition_smuggled_in_is_found(history):
    edition = Edition.objects.get(article=history[1])
    edition.pk, edition.number = None, 2
    edition.visible_from, edition.visible_until = NOW + 5 * HOUR, NOW + 6 * HOUR
    edition.save(force_insert=True)
    assert faults() == (f"Không dòng nào: ấn bản 2 của bài {history[1].pk} không có trong sổ.",)


def test_a_cut_tail_is_found_by_the_signed_head(history):
    LedgerEntry.objects.filter(sequence=6).delete()
    assert faults()[0].startswith("Dòng 6: đầu sổ ghi 6 dòng")


def test_a_cut_tail_with_a_forged_head_is_found_by_its_signature(history):
    LedgerEntry.objects.filter(sequence=6).delete()
    last = LedgerEntry.objects.get(sequence=5)
    LedgerHead.objects.update(count=5, hash=last.hash)
    raw("UPDATE news_edition SET visible_until = '9999-01-01 00:00:00+00:00' WHERE article_id = %s", history[0].pk)
    assert faults() == ("Dòng 5: đầu sổ không mang chữ ký đúng.",)


def test_a_tail_cut_back_to_an_old_signed_head_shows_only_against_an_anchor(history, tmp_path):
    """The attack that a chain alone cannot show: everything put back as it was, the old signature included."""
    old_head = LedgerHead.objects.get()
    article = make.make_article("Bài sẽ bị giấu đi")
    edition = make.publish(article, at=NOW + HOUR)
    anchored = json.loads(ledger.export_anchor(folder=tmp_path).read_text())
    LedgerEntry.objects.filter(sequence=7).delete()
    raw("DELETE FROM news_editionsection WHERE article_id = %s", article.pk)
    edition.delete()
    old_head.save()
    verdict = ledger.verify()
    assert verdict.faults == ()
    assert len(verdict.unproven) == 1
    assert faults(anchored=anchored) == ("Dòng 7: đuôi sổ bị cắt (mốc neo có 7 dòng, sổ còn 6).",)


def test_a_rewritten_chain_differs_from_its_anchor(history, tmp_path):
    anchored = json.loads(ledger.export_anchor(folder=tmp_path).read_text())
    previous = ledger.GENESIS
    for entry in LedgerEntry.objects.order_by("sequence"):
        entry.reason = "viết lại"
        entry.previous_hash = previous
        entry.hash = previous = ledger.entry_hash(entry)
        entry.save()
    assert faults(anchored=anchored) == (
        "Dòng 6: khác với mốc neo, sổ đã bị viết lại.",
        "Dòng 6: dòng cuối khác với đầu sổ.",
    )


def test_an_anchor_of_another_key_proves_nothing(history):
    anchored = ledger.anchor() | {"signature": "00" * 64}
    assert faults(anchored=anchored) == ("Mốc neo không mang chữ ký của sổ này.",)


def test_the_command_names_the_first_broken_link_and_exits_1(history, capsys):
    call_command("verify_ledger")
    assert "Sổ xuất bản nguyên vẹn: 6 dòng, 3 ấn bản." in capsys.readouterr().out
    LedgerEntry.objects.filter(sequence=3).update(reason="Lý do khác")
    with pytest.raises(SystemExit) as stopped:
        call_command("verify_ledger")
    assert stopped.value.code == 1
    assert "chỗ gãy đầu tiên: Dòng 3: nội dung không khớp mã băm." in capsys.readouterr().err


def test_the_command_refuses_an_anchor_it_cannot_read(tmp_path):
    broken = tmp_path / "anchor.json"
    broken.write_text("[1]")
    with pytest.raises(CommandError):
        call_command("verify_ledger", "--anchor", str(broken))


@pytest.mark.django_db(transaction=True)
def test_after_each_change_the_task_worker_keeps_the_days_anchor(settings, tmp_path):
    settings.ANCHOR_DIR = tmp_path
    make.publish(make.make_article(), at=NOW + HOUR)
    call_command("db_worker", "--batch", "--no-reload", "--no-startup-delay", verbosity=0)
    (path,) = tmp_path.glob("*.json")
    assert json.loads(path.read_text())["count"] == 1
