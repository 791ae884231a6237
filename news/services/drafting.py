"""Drafting: what somebody is typing is kept before it is saved, window by window, and given back after a crash."""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import User
from news import workflow
from news.models import Article, Draft
from news.text.normalize import clean_line
from news.workflow import NotAllowed

LARGEST: Final = 1_500_000
"""Characters of a state as JSON."""

MOST_PAIRS: Final = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS - 100
"""Fields of a state: what is kept can be sent as a form, with its token and the like."""

MOST_DRAFTS: Final = 200
"""How many windows of one person are kept; more are refused, none is thrown away for another."""

KEPT_FOR: Final = timedelta(days=180)
GONE: Final = "Không có bài này, hoặc bạn không được mở."
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,32}")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")

type Pairs = Sequence[tuple[str, str]]


class TooLarge(NotAllowed):
    """The form holds more than is kept."""

    def __init__(self) -> None:
        super().__init__("Bản đang gõ lớn quá mức giữ được trên máy chủ. Hãy bấm Lưu.")


class TooManyFields(NotAllowed):
    """The form has more fields than the server takes at a time: it can neither be kept nor saved."""

    def __init__(self) -> None:
        most = f"{MOST_PAIRS:,}".replace(",", ".")
        super().__init__(
            f"Bài có quá nhiều dòng (hơn {most} ô), máy chủ không nhận được trong một lần: hãy bỏ bớt dòng rồi bấm Lưu."
            " Bản đang gõ vẫn ở trong trang này."
        )


class TooMany(NotAllowed):
    """The person has too many of them already."""

    def __init__(self) -> None:
        super().__init__(f"Bạn đã có {MOST_DRAFTS} bản đang gõ dở. Hãy bỏ bớt những bản không cần nữa.")


class Stale(NotAllowed):
    """A later state of this window is there already, or another window uses its key."""

    def __init__(self, sequence: int) -> None:
        super().__init__("Máy chủ đã có một bản mới hơn của cửa sổ này.")
        self.sequence = sequence


def keep(
    *,
    owner: User,
    key: str,
    article_id: int | None,
    state: Pairs,
    base_version: int,
    sequence: int,
    at: datetime,
) -> Draft:
    """Keep what stands in a window's form, in place of an earlier state of the same window only.

    `article_id` is None for a new article; `sequence` must be greater than that of what was kept before. Raises
    `NotAllowed` (no right to write, or the article is not the owner's to open), `TooLarge`, `TooManyFields`, `TooMany`,
    `Stale`.
    """
    _require_right(owner, article_id)
    if not _KEY.fullmatch(key):
        raise NotAllowed("Cửa sổ này không có khóa hợp lệ. Hãy tải lại trang.")
    text = write_state(state)
    title = clean_line(_SURROGATES.sub("", next((value for name, value in state if name == "title"), ""))[:1000])[:250]
    fields = {
        "title": title,
        "base_version": min(max(base_version, 0), 2**31 - 1),
        "sequence": sequence,
        "state": text,
        "saved_at": at,
    }
    mine = Draft.objects.filter(owner=owner, key=key)
    try:
        with transaction.atomic():
            older = mine.filter(sequence__lt=sequence)
            here = older.filter(article=None) if article_id is None else older.filter(article_id=article_id)
            if not here.update(**fields):
                _begin(owner, key, article_id, fields, at)
            return mine.get()
    except IntegrityError:  # the article went meanwhile; PostgreSQL says so at commit
        raise NotAllowed(GONE) from None


def _require_right(owner: User, article_id: int | None) -> None:
    granted = owner.granted_permissions
    if not {workflow.WRITE, workflow.EDIT} & granted or (article_id is None and workflow.WRITE not in granted):
        raise NotAllowed("Bạn không có quyền viết bài.")
    if article_id is not None:
        known = Article.objects.filter(workflow.visible_articles(owner), pk=article_id)
        if not known.exists():
            raise NotAllowed(GONE)


def _begin(owner: User, key: str, article_id: int | None, fields: dict[str, object], at: datetime) -> None:
    mine = Draft.objects.filter(owner=owner)
    there = mine.filter(key=key).values_list("sequence", flat=True).first()
    if there is not None:
        raise Stale(there)
    if mine.count() >= MOST_DRAFTS:
        raise TooMany
    try:
        with transaction.atomic():
            Draft.objects.create(owner=owner, key=key, article_id=article_id, started_at=at, **fields)
    except IntegrityError:  # two requests of one window at one moment; on PostgreSQL this one lost
        raise Stale(mine.get(key=key).sequence) from None


def write_state(state: Pairs) -> str:
    """The pairs as they are stored. Raises `TooManyFields`, `TooLarge`."""
    if len(state) > MOST_PAIRS:
        raise TooManyFields
    text = _SURROGATES.sub("\ufffd", json.dumps([list(pair) for pair in state], ensure_ascii=False))
    if len(text) > LARGEST:
        raise TooLarge
    return text


def read_state(text: str) -> list[tuple[str, str]]:
    """The pairs of a stored state, or of one that a page sent; [] for anything that is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return as_pairs(found)


def as_pairs(found: object) -> list[tuple[str, str]]:
    """What JSON held, if it is a list of pairs of strings; otherwise []."""
    if not isinstance(found, list):
        return []
    pairs = [(row[0], row[1]) for row in found if isinstance(row, list) and len(row) == 2]
    return (
        pairs if len(pairs) == len(found) and all(isinstance(a, str) and isinstance(b, str) for a, b in pairs) else []
    )


def keep_refused(
    *, owner: User, key: str, article_id: int | None, state: Pairs, base_version: int, at: datetime
) -> Draft | None:
    """Keep the form of a save that was refused, as the newest state of its window; None where it cannot be kept."""
    last = Draft.objects.filter(owner=owner, key=key).values_list("sequence", flat=True).first() or 0
    try:
        return keep(
            owner=owner,
            key=key,
            article_id=article_id,
            state=state,
            base_version=base_version,
            sequence=last + 1,
            at=at,
        )
    except NotAllowed:
        return None


def discard(*, owner: User, keys: Iterable[str]) -> int:
    """Forget those windows of the owner: saved, or given up. How many there were."""
    return Draft.objects.filter(owner=owner, key__in=list(keys)).delete()[0]


def sweep(*, at: datetime) -> int:
    """Forget what nobody touched for `KEPT_FOR`. How many there were."""
    return Draft.objects.filter(saved_at__lt=at - KEPT_FOR).delete()[0]
