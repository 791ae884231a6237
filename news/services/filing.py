"""Filing: documents and recordings come in, are checked, and are kept under the hash of what is kept.

A chosen file is held at once, in its owner's folder, and told by a signed token that only the owner's own forms can
use, for as long as drafts are kept; so a form that comes back with errors, a draft, an expired log-in lose no upload.
What no form ever used is swept.
"""

import hashlib
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, cast

from django.conf import settings
from django.core import signing
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, storages
from django.db import transaction

from accounts.models import User
from news import filetypes
from news.filetypes import BadFile, FileType
from news.models import Article, Attachment, Image, Recording
from news.services import drafting
from news.services.sealing import ATTACHMENTS, RECORDINGS, recording_json, stored_name
from news.text.normalize import clean_line, clean_text, fold
from news.workflow import NotAllowed

__all__ = [
    "DOCUMENTS",
    "HELD",
    "KEPT_FOR",
    "NO_SPEECH",
    "PLAYED",
    "BadFile",
    "Held",
    "attach",
    "bring_back",
    "describe",
    "describe_document",
    "held_in",
    "held_name",
    "hold",
    "is_silent",
    "record",
    "recording_json",
    "sweep",
]

DOCUMENTS: Final = frozenset({filetypes.DOCUMENT})
PLAYED: Final = frozenset({filetypes.VIDEO, filetypes.AUDIO})
KEPT_FOR: Final = drafting.KEPT_FOR
"""How long a held file can be used: as long as a draft that names it."""
SWEPT_AFTER: Final = {
    filetypes.DOCUMENT: KEPT_FOR + timedelta(days=7),
    filetypes.VIDEO: timedelta(days=30),
    filetypes.AUDIO: timedelta(days=30),
}
"""How long a held file lies there: a document as long as drafts do, a film or sound a month (no draft names one)."""
HELD: Final = "held"
HELD_MOST: Final = 300
"""Files that are held for one person at a time."""
NO_SPEECH: Final = "Không có lời nói."
"""The transcript of a recording in which nobody speaks: readers are told so in words."""
_SHA256: Final = re.compile("[0-9a-f]{64}")
_SALT: Final = "news.services.filing"
_RIGHTS: Final = {filetypes.DOCUMENT: "news.add_attachment", filetypes.VIDEO: "news.add_recording",
                  filetypes.AUDIO: "news.add_recording"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """A checked file that waits for its form. `name` is what its owner called it, without the ending."""

    sha256: str
    extension: str
    byte_count: int
    seconds: int
    name: str
    owner: int
    token: str = ""

    @property
    def type(self) -> FileType:
        """What it is."""
        return filetypes.BY_EXTENSION[self.extension]

    @property
    def key(self) -> str:
        """Its public key."""
        return self.sha256[:40]

    @property
    def words(self) -> str:
        """ "quyet-dinh (PDF, 1,2 MB)"."""
        return f"{self.name} ({self.type.name}, {filetypes.size_in_words(self.byte_count)})"


def hold(*, upload: Any, kinds: Iterable[str], actor: User) -> Held:
    """Check a chosen file (Django's `UploadedFile`) and hold it. `kinds`: which of `filetypes` the form takes.

    Raises `BadFile` with words for its owner, `NotAllowed`. Nothing of the owner's name for it becomes a path.
    """
    kinds = {kind for kind in kinds if _RIGHTS[kind] in actor.granted_permissions}
    if not kinds:
        raise NotAllowed("Bạn không có quyền tải tệp lên.")
    stem, dot, extension = clean_line(str(upload.name or "")).replace("\\", "/").rsplit("/", 1)[-1].rpartition(".")
    found = filetypes.BY_EXTENSION.get(extension.lower() if dot else "")
    if found is None or found.kind not in kinds:
        taken = ", ".join(item.name for item in filetypes.TYPES if item.kind in kinds)
        raise BadFile(f"Chỉ nhận tệp {taken}.")
    most = settings.FILE_MAX_BYTES[found.kind]
    if upload.size > most:
        raise BadFile(f"Tệp quá nặng: {found.name} tối đa {most // 1024 // 1024} MB.")
    _require_room(actor)
    with tempfile.TemporaryFile() as clean:
        target = cast(BinaryIO, clean)
        seconds = filetypes.examine(upload.file, target, found.extension).seconds
        target.seek(0)
        digest = hashlib.file_digest(clean, "sha256").hexdigest()
        held = Held(digest, found.extension, target.tell(), seconds, stem[:200] or "tep", actor.pk)
        target.seek(0)
        _put(held_name(actor.pk, held.key, held.extension), target)
    facts = {"k": held.sha256, "e": held.extension, "b": held.byte_count, "s": seconds, "n": held.name, "u": actor.pk}
    token = signing.dumps(facts, salt=_SALT)
    return replace(held, token=token)


def held_in(token: str, *, kinds: Iterable[str], actor: User) -> Held:
    """The held file that a token tells of. Raises `BadFile` for one that is another's, too old, or gone."""
    try:
        facts = signing.loads(token[:2000], salt=_SALT, max_age=KEPT_FOR)
    except signing.BadSignature:  # a token that is too old is one too
        facts = {}
    if facts.get("u") != actor.pk or filetypes.BY_EXTENSION[facts["e"]].kind not in set(kinds):
        raise BadFile("Tệp đã chọn không còn được giữ: hãy chọn lại.")
    return Held(facts["k"], facts["e"], facts["b"], facts["s"], facts["n"], facts["u"], token)


def held_name(owner: int, key: str, extension: str) -> str:
    """Where the private storage holds a file for that person, and for nobody else."""
    return f"{HELD}/{owner}/{key}.{extension}"


def _require_room(actor: User) -> None:
    try:
        _, names = storages["private"].listdir(f"{HELD}/{actor.pk}")
    except FileNotFoundError:
        return
    if len(names) >= HELD_MOST:
        raise BadFile("Bạn đang giữ quá nhiều tệp chưa dùng đến. Hãy lưu các bài đang soạn rồi thử lại.")


def _put(name: str, source: IO[bytes]) -> None:
    """Keep the bytes under exactly that name, with a fresh date: whole or not at all, and never away for a moment."""
    private = storages["private"]
    if not isinstance(private, FileSystemStorage):
        private.save(name, File(source))  # a bucket puts the whole object in place of the one before
        return
    kept = private.save(f"{name}.part", File(source))
    Path(private.path(kept)).replace(private.path(name))


def _keep(held: Held, folder: str) -> str:
    """The held file copied where it stays. Raises `BadFile`."""
    private = storages["private"]
    name = stored_name(folder, held.key, held.type.content_type)
    if private.exists(name) and private.size(name) == held.byte_count:
        return name
    try:
        with private.open(held_name(held.owner, held.key, held.extension)) as source:
            _put(name, source)
    except FileNotFoundError:
        raise BadFile("Tệp đã chọn không còn được giữ: hãy chọn lại.") from None
    return name


# --- Documents of an article ----------------------------------------------------------------------


def attach(row: Attachment, held: Held) -> None:
    """Give an unsaved row its file; part of the transaction of whoever saves the article. Raises `BadFile`."""
    row.file.name = _keep(held, ATTACHMENTS)
    describe_document(row, held)


def describe_document(row: Attachment, held: Held) -> None:
    """Say in an unsaved row what its file will be, without keeping it: what a preview shows."""
    row.content_type = held.type.content_type
    row.byte_count = held.byte_count
    row.content_sha256 = held.sha256


def bring_back(*, article: Article, pk: int, sealed: Mapping[str, Any], at_place: int) -> bool:
    """Give the article the document that an earlier version names, under its number; False where its file is gone.

    Part of the transaction of whoever restores that version.
    """
    sha256, content_type = str(sealed.get("sha256", "")), str(sealed.get("content_type", ""))
    row = article.attachments.filter(pk=pk).first()
    if row is not None and row.content_sha256 == sha256:
        return True
    name = stored_name(ATTACHMENTS, sha256[:40], content_type)
    if not _SHA256.fullmatch(sha256) or not storages["private"].exists(name):
        return False
    if row is None:
        row = Attachment(pk=None if Attachment.objects.filter(pk=pk).exists() else pk, article=article)
    row.title, row.order = str(sealed.get("title", ""))[:200], at_place
    row.file.name, row.content_type = name, content_type
    row.byte_count, row.content_sha256 = int(sealed.get("byte_count", 0)), sha256
    row.save()
    return True


# --- Recordings -----------------------------------------------------------------------------------


def record(
    *,
    held: Held,
    actor: User,
    at: datetime,
    title: str,
    poster: Image | None = None,
    caption: str = "",
    credit: str = "",
    transcript: str = "",
) -> Recording:
    """Put a held film or sound into the library. The same file again gives the row there is.

    Raises `NotAllowed`, `BadFile`.
    """
    if "news.add_recording" not in actor.granted_permissions:
        raise NotAllowed("Bạn không có quyền thêm phim, âm thanh.")
    existing = Recording.objects.filter(key=held.key).first()
    if existing is not None:
        return existing
    name = _keep(held, RECORDINGS)
    recording = Recording(
        kind=held.type.kind,
        title=title or held.name,
        key=held.key,
        content_type=held.type.content_type,
        byte_count=held.byte_count,
        seconds=held.seconds,
        poster=poster,
        caption=caption,
        credit=credit,
        transcript=transcript,
        uploaded_by=actor,
        created_at=at,
    )
    recording.file.name = name
    _tidy(recording)
    with transaction.atomic():
        recording.save(force_insert=True)
    return recording


def describe(*, recording: Recording, actor: User) -> Recording:
    """Keep what is said of a recording; its file never changes. Raises `NotAllowed`."""
    if "news.change_recording" not in actor.granted_permissions:
        raise NotAllowed("Bạn không có quyền sửa phim, âm thanh.")
    _tidy(recording)
    with transaction.atomic():
        recording.save(update_fields=["title", "poster", "caption", "credit", "transcript", "text_key"])
    return recording


def is_silent(recording: Recording) -> bool:
    """Whether nobody speaks in it."""
    return recording.transcript == NO_SPEECH


def _tidy(recording: Recording) -> None:
    recording.title = clean_line(recording.title)[:200]
    recording.caption = clean_line(recording.caption)[:500]
    recording.credit = clean_line(recording.credit)[:120]
    recording.transcript = clean_text(recording.transcript)
    recording.text_key = fold(f"{recording.title} {recording.caption} {recording.credit}").strip()[:1300]


# --- Sweeping -------------------------------------------------------------------------------------


def sweep(*, at: datetime) -> int:
    """Delete the held files that no form can use any more (see `SWEPT_AFTER`); how many."""
    private = storages["private"]
    count = 0
    try:
        folders, _ = private.listdir(HELD)
    except FileNotFoundError:
        return 0
    for folder in folders:
        _, names = private.listdir(f"{HELD}/{folder}")
        for name in names:
            path = f"{HELD}/{folder}/{name}"
            found = filetypes.BY_EXTENSION.get(name.rpartition(".")[2])
            kept_for = SWEPT_AFTER[found.kind] if found else timedelta(days=1)  # a copy that was cut short
            if private.get_modified_time(path) < at - kept_for:
                private.delete(path)
                count += 1
    return count
