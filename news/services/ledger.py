"""The ledger: append links to the chain, sign its head, export anchors, verify everything."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.tasks import task
from django.utils import timezone

from news import crypto
from news.models import Edition, EditionImage, LedgerEntry, LedgerHead, LedgerKind
from news.services import rendering
from news.services.sealing import projection

GENESIS = "0" * 64
"""The previous hash of the first link."""


def stamp(moment: datetime) -> str:
    """A moment as it stands in hashed text: ISO 8601 in UTC with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True, slots=True)
class Change:
    """The range of an edition after an entry."""

    edition: Edition

    def as_row(self) -> list[Any]:
        """`[edition number, visible_from, visible_until]`."""
        return [self.edition.number, stamp(self.edition.visible_from), stamp(self.edition.visible_until)]


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What is to be written: kind, article, the edition it is about, the editions whose range it changes."""

    kind: LedgerKind
    article_id: int
    edition: Edition | None
    changed: tuple[Edition, ...]
    reason: str = ""


def entry_hash(entry: LedgerEntry) -> str:
    """The hash the entry must have, from all its other columns."""
    return crypto.sha256(
        crypto.canonical(
            {
                "sequence": entry.sequence,
                "kind": entry.kind,
                "at": stamp(entry.at),
                "actor": entry.actor_id,
                "article": entry.article_id,
                "edition": entry.edition_id,
                "payload_sha256": entry.payload_sha256,
                "changes": entry.changes,
                "reason": entry.reason,
                "previous": entry.previous_hash,
            }
        )
    )


def _head_text(count: int, last: str) -> str:
    return crypto.canonical({"count": count, "hash": last})


def append(*, entries: Iterable[NewEntry], actor_id: int | None, at: datetime) -> list[LedgerEntry]:
    """Write links at the chain's end, inside the caller's transaction. Appending waits for whoever appends now."""
    LedgerHead.objects.bulk_create([LedgerHead(id=1)], ignore_conflicts=True)
    head = LedgerHead.objects.select_for_update().get(id=1)
    count, last = head.count, head.hash or GENESIS
    rows = []
    for new in entries:
        count += 1
        row = LedgerEntry(
            sequence=count,
            kind=new.kind,
            at=at,
            actor_id=actor_id,
            article_id=new.article_id,
            edition=new.edition,
            payload_sha256=new.edition.payload_sha256 if new.edition else "",
            changes=crypto.canonical([Change(edition).as_row() for edition in new.changed]),
            reason=new.reason,
            previous_hash=last,
        )
        row.hash = last = entry_hash(row)
        rows.append(row)
    if not rows:
        return rows
    LedgerEntry.objects.bulk_create(rows, batch_size=500)
    head.count, head.hash, head.signature = count, last, crypto.sign(_head_text(count, last))
    head.save(update_fields=["count", "hash", "signature"])
    transaction.on_commit(keep_anchor.enqueue)
    return rows


# --- Anchors -----------------------------------------------------------------------------------


def anchor() -> dict[str, Any]:
    """The chain's head as it is now: `{"count", "hash", "signature", "exported_at"}`."""
    head = LedgerHead.objects.filter(id=1).first() or LedgerHead()
    return {
        "count": head.count,
        "hash": head.hash,
        "signature": head.signature,
        "exported_at": stamp(timezone.now()),
    }


def export_anchor(*, folder: Path | None = None) -> Path:
    """Write today's anchor (one file a day, the day's last head wins) and return its path."""
    folder = folder or settings.ANCHOR_DIR
    folder.mkdir(parents=True, exist_ok=True)
    path: Path = folder / f"so-xuat-ban-{timezone.localdate().isoformat()}.json"
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(anchor(), indent=1) + "\n", encoding="utf-8")
    draft.replace(path)
    return path


@task
def keep_anchor() -> None:
    """After each change of the ledger: keep the day's anchor in ANCHOR_DIR."""
    export_anchor()


# --- Verification ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """`faults` in the order found (empty: everything holds) and `unproven`: what could not be shown."""

    entry_count: int
    edition_count: int
    faults: tuple[str, ...]
    unproven: tuple[str, ...]


def verify(*, anchored: dict[str, Any] | None = None, limit: int = 20) -> Verdict:
    """Recompute the chain, every payload, the ranges and the projections; stop after `limit` faults.

    `anchored` is an exported anchor. Memory stays flat: rows are read in order and compared as they pass. All of it
    reads one snapshot, so that a publication meanwhile does not look like a fault.
    """
    faults: list[str] = []
    unproven: list[str] = []
    counts: list[int] = []
    with _snapshot():
        for found in chain(_chain_faults(anchored, unproven), _edition_faults(), _picture_faults()):
            if isinstance(found, int):
                counts.append(found)
            else:
                faults.append(found)
            if len(faults) >= limit:
                break
    if anchored is None:
        unproven.append(
            "Không có mốc neo: nếu cả đuôi sổ lẫn dòng đầu sổ"
            " cùng bị thay bằng một bản cũ còn chữ ký thì không thấy được."
        )
    entry_count, edition_count = (*counts, 0, 0)[:2]
    return Verdict(entry_count, edition_count, tuple(faults), tuple(unproven))


@contextmanager
def _snapshot() -> Iterator[None]:
    """Let every query inside see the database of one moment, keeping no writer waiting."""
    if connection.in_atomic_block:
        yield
        return
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if connection.vendor == "postgresql" else "BEGIN DEFERRED"
    with connection.cursor() as cursor:
        cursor.execute(begin)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _chain_faults(anchored: dict[str, Any] | None, unproven: list[str]) -> Iterator[str | int]:
    expected, last = 1, GENESIS
    anchor_count = _anchor_count(anchored)
    if anchored is not None and anchor_count == 0 and not anchored.get("hash"):
        unproven.append("Mốc neo được xuất khi sổ còn trống nên không chứng minh được gì.")
    elif anchored is not None and not _is_ours(anchored, anchor_count):
        yield "Mốc neo không mang chữ ký của sổ này."
    for entry in LedgerEntry.objects.order_by("sequence").iterator(chunk_size=2000):
        if entry.sequence != expected:
            yield f"Dòng {expected}: thiếu (dòng tiếp theo còn lại là {entry.sequence})."
            expected, last = entry.sequence, entry.previous_hash
        if entry.previous_hash != last:
            yield f"Dòng {entry.sequence}: không nối với dòng trước."
        if entry_hash(entry) != entry.hash:
            yield f"Dòng {entry.sequence}: nội dung không khớp mã băm."
        if anchor_count == entry.sequence and anchored is not None and anchored.get("hash") != entry.hash:
            yield f"Dòng {entry.sequence}: khác với mốc neo, sổ đã bị viết lại."
        expected, last = entry.sequence + 1, entry.hash
    count = expected - 1
    if anchor_count is not None and anchor_count > count:
        yield f"Dòng {count + 1}: đuôi sổ bị cắt (mốc neo có {anchor_count} dòng, sổ còn {count})."
    head = LedgerHead.objects.filter(id=1).first()
    if head is None:
        if count:
            yield "Đầu sổ: mất."
    elif head.count != count:
        yield f"Dòng {min(head.count, count) + 1}: đầu sổ ghi {head.count} dòng, sổ có {count} dòng."
    elif (head.hash or GENESIS) != last:
        yield f"Dòng {count}: dòng cuối khác với đầu sổ."
    elif count and not crypto.is_signed(_head_text(head.count, head.hash), head.signature):
        yield f"Dòng {count}: đầu sổ không mang chữ ký đúng."
    yield count


def _is_ours(anchored: dict[str, Any], count: int | None) -> bool:
    text = _head_text(count or 0, str(anchored.get("hash", "")))
    return count is not None and crypto.is_signed(text, str(anchored.get("signature", "")))


def _anchor_count(anchored: dict[str, Any] | None) -> int | None:
    count = (anchored or {}).get("count")
    return count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None


def _edition_faults() -> Iterator[str | int]:
    """Merge-join the editions and the entries, both in the order of the article's number."""
    editions = groupby(
        Edition.objects.order_by("article_id", "number").iterator(chunk_size=500), key=lambda row: row.article_id
    )
    entries = groupby(
        LedgerEntry.objects.order_by("article_id", "sequence").iterator(chunk_size=2000), key=lambda row: row.article_id
    )
    count = 0
    entry_group = next(entries, None)
    for article_id, rows in editions:
        while entry_group is not None and entry_group[0] < article_id:
            yield from _orphan_faults(entry_group[1])
            entry_group = next(entries, None)
        group = list(rows)
        count += len(group)
        if entry_group is not None and entry_group[0] == article_id:
            yield from _article_faults(article_id, group, list(entry_group[1]))
            entry_group = next(entries, None)
        else:
            yield from _article_faults(article_id, group, [])
    while entry_group is not None:
        yield from _orphan_faults(entry_group[1])
        entry_group = next(entries, None)
    yield count


def _picture_faults() -> Iterator[str]:
    """An index row decides whether a picture is public: none may name a picture that its edition does not show."""
    rows = EditionImage.objects.order_by("edition_id", "key").values_list("edition_id", "key", "edition__payload")
    for edition_id, key, payload in rows.iterator(chunk_size=500):
        if not payload or key not in rendering.image_keys(json.loads(payload)["content"]):
            yield f"Chỉ mục ảnh: ấn bản mã {edition_id} không có ảnh {key} trong nội dung niêm phong."


def _orphan_faults(entries: Iterable[LedgerEntry]) -> Iterator[str]:
    for entry in entries:
        yield f"Dòng {entry.sequence}: ấn bản của bài {entry.article_id} không còn."


def _article_faults(article_id: int, editions: list[Edition], entries: list[LedgerEntry]) -> Iterator[str]:
    ranges: dict[int, tuple[str, str]] = {}
    sealed: dict[int, LedgerEntry] = {}
    redacted: set[int] = set()
    last_entry: dict[int, int] = {}
    for entry in entries:
        try:
            changes = [(int(number), str(start), str(end)) for number, start, end in json.loads(entry.changes)]
        except (ValueError, TypeError):
            yield f"Dòng {entry.sequence}: phần thay đổi hiển thị không đọc được."
            continue
        for number, start, end in changes:
            ranges[number] = (start, end)
            last_entry[number] = entry.sequence
        if entry.edition_id is not None:
            if entry.kind == LedgerKind.REDACT:
                redacted.add(entry.edition_id)
            sealed.setdefault(entry.edition_id, entry)
    present = {edition.number for edition in editions}
    for number in sorted(ranges.keys() - present):
        yield f"Dòng {last_entry[number]}: ấn bản {number} của bài {article_id} không còn."
    for edition in editions:
        name = f"ấn bản {edition.number} của bài {article_id}"
        first = sealed.get(edition.pk)
        if first is None:
            yield f"Không dòng nào: {name} không có trong sổ."
            continue
        where = f"Dòng {first.sequence}"
        yield from _payload_faults(edition, first, where, name, is_redacted=edition.pk in redacted)
        if (stamp(edition.visible_from), stamp(edition.visible_until)) != ranges.get(edition.number):
            explained = f"Dòng {last_entry[edition.number]}" if edition.number in last_entry else where
            yield f"{explained}: khoảng hiển thị của {name} không được sổ giải thích."


def _payload_faults(edition: Edition, first: LedgerEntry, where: str, name: str, *, is_redacted: bool) -> Iterator[str]:
    """What is wrong with the sealed text of an edition and the columns that repeat it."""
    if first.payload_sha256 != edition.payload_sha256:
        yield f"{where}: mã băm của {name} khác với sổ."
    if is_redacted and edition.payload == "":
        if edition.title or edition.kicker or edition.lead or edition.card_image:
            yield f"{where}: {name} đã xóa trắng mà còn chữ hoặc ảnh ở các cột."
    elif crypto.sha256(edition.payload) != edition.payload_sha256:
        yield f"{where}: nội dung {name} đã bị sửa."
    else:
        for field, value in projection(json.loads(edition.payload)).items():
            if getattr(edition, field) != value:
                yield f"{where}: cột {field} của {name} khác nội dung niêm phong."
