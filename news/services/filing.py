"""Filing: documents and recordings come in, are checked, and are kept under the hash of what is kept.

A chosen file is held at once, in its owner's folder, and told by a signed token that only the owner's own forms can
use; so a form that comes back with errors, a draft, an expired log-in lose no upload. It is held until it is saved, and
else for half a year, and as long as a draft on the server names it.
"""

import hashlib
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, cast

from django.conf import settings
from django.core import signing
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, storages
from django.db import IntegrityError, transaction

from accounts.models import User
from news import filetypes
from news.filetypes import BadFile, FileType
from news.filetypes.limited import examined
from news.models import Article, Attachment, Draft, EditionFile, Image, Recording, Revision
from news.services import drafting
from news.services.sealing import ATTACHMENTS, RECORDINGS, recording_json, stored_name
from news.text.normalize import clean_line, clean_text, fold
from news.workflow import NotAllowed

__all__ = [
    "DOCUMENTS",
    "HELD",
    "NO_SPEECH",
    "PLAYED",
    "BadFile",
    "Held",
    "attach",
    "bring_back",
    "copy_ahead",
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
SWEPT_AFTER: Final = {
    filetypes.DOCUMENT: drafting.KEPT_FOR + timedelta(days=7),
    filetypes.VIDEO: timedelta(days=30),
    filetypes.AUDIO: timedelta(days=30),
}
"""How long a file is held that no draft names: a document longer than a draft that nobody goes on with, a film or sound
a month."""
HELD: Final = "held"
HELD_MOST: Final = 300
"""Files not saved yet that are held for one person at a time; `settings.FILES_HELD_MAX_BYTES` limits their bytes."""
TOKEN_LONGEST: Final = 4000
"""Characters of a token: a name of 200 letters that JSON and base64 make sixteen of each fits."""
NO_SPEECH: Final = "Không có lời nói."
"""The transcript of a recording in which nobody speaks: readers are told so in words."""
_SHA256: Final = re.compile("[0-9a-f]{64}")
_SALT: Final = "news.services.filing"
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]+:[A-Za-z0-9_-]+:[A-Za-z0-9_-]+")
_FOLDERS: Final = {filetypes.DOCUMENT: ATTACHMENTS, filetypes.VIDEO: RECORDINGS, filetypes.AUDIO: RECORDINGS}
_GONE: Final = "Tệp đã chọn không còn được giữ: hãy chọn lại."
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
    _require_room(actor, upload.size)
    with _examined(upload, found) as (clean, seconds):
        clean.seek(0)
        digest = hashlib.file_digest(clean, "sha256").hexdigest()
        held = Held(digest, found.extension, clean.tell(), seconds, stem[:200] or "tep", actor.pk)
        clean.seek(0)
        _put(held_name(actor.pk, held.key, held.extension), clean)
    facts = {"k": held.sha256, "e": held.extension, "b": held.byte_count, "s": seconds, "n": held.name, "u": actor.pk}
    token = signing.dumps(facts, salt=_SALT)
    return replace(held, token=token)


@contextmanager
def _examined(upload: Any, found: FileType) -> Iterator[tuple[io.BufferedReader | io.BufferedRandom, int]]:
    """The file to be kept, and the seconds it plays. Raises `BadFile`."""
    if found.kind == filetypes.DOCUMENT:
        with examined(upload, found.extension) as clean:
            yield clean, 0
        return
    with tempfile.TemporaryFile() as clean:
        yield clean, filetypes.examine(upload.file, cast(BinaryIO, clean), found.extension).seconds


def held_in(token: str, *, kinds: Iterable[str], actor: User) -> Held:
    """The held file that a token tells of. Raises `BadFile` for one that is another's, or gone."""
    facts = _facts(token)
    if facts.get("u") == actor.pk and filetypes.BY_EXTENSION[facts["e"]].kind in set(kinds):
        held = Held(facts["k"], facts["e"], facts["b"], facts["s"], facts["n"], facts["u"], token)
        name = held_name(held.owner, held.key, held.extension)
        if storages["private"].exists(name) or _is_kept(held):
            return held
    raise BadFile(_GONE)


def _facts(token: str) -> dict[str, Any]:
    """What a token says; {} for one that is none of ours."""
    try:
        facts: dict[str, Any] = signing.loads(token[:TOKEN_LONGEST], salt=_SALT)
    except signing.BadSignature:
        return {}
    return facts


def held_name(owner: int, key: str, extension: str) -> str:
    """Where the private storage holds a file for that person, and for nobody else."""
    return f"{HELD}/{owner}/{key}.{extension}"


def _kept_name(key: str, found: FileType) -> str:
    """Where a file of that kind stays once it is saved."""
    return stored_name(_FOLDERS[found.kind], key, found.content_type)


def _is_kept(held: Held) -> bool:
    private, name = storages["private"], _kept_name(held.key, held.type)
    return private.exists(name) and private.size(name) == held.byte_count


def _require_room(actor: User, byte_count: int) -> None:
    """Refuse more than one person may hold; what is kept already counts for nothing. Raises `BadFile`."""
    private = storages["private"]
    try:
        _, names = private.listdir(f"{HELD}/{actor.pk}")
    except FileNotFoundError:
        return
    count = 0
    for name in names:
        key, _, extension = name.partition(".")
        found = filetypes.BY_EXTENSION.get(extension)
        if found is not None and private.exists(_kept_name(key, found)):
            continue
        try:
            byte_count += private.size(f"{HELD}/{actor.pk}/{name}")
        except FileNotFoundError:  # saved at this moment
            continue
        count += 1
    if count >= HELD_MOST or (count and byte_count > settings.FILES_HELD_MAX_BYTES):
        raise BadFile("Bạn đang giữ quá nhiều tệp chưa dùng đến. Hãy lưu các bài đang soạn rồi thử lại.")


def _put(name: str, source: IO[bytes]) -> None:
    """Keep the bytes under exactly that name, with a fresh date: whole or not at all, and never away for a moment."""
    private = storages["private"]
    if not isinstance(private, FileSystemStorage):
        private.save(name, File(source))  # a bucket puts the whole object in place of the one before
        return
    kept = private.save(f"{name}.part", File(source))
    Path(private.path(kept)).replace(private.path(name))


def _keep(held: Held) -> str:
    """The held file copied where it stays. Raises `BadFile`."""
    name = _kept_name(held.key, held.type)
    if _is_kept(held):
        return name
    try:
        with storages["private"].open(held_name(held.owner, held.key, held.extension)) as source:
            _put(name, source)
    except FileNotFoundError:
        if not _is_kept(held):  # not saved by another request at this moment either
            raise BadFile(_GONE) from None
    return name


def _let_go(held: Held) -> None:
    """What is saved needs not be held: its owner's other forms that name it find the kept copy."""
    if _is_kept(held):
        storages["private"].delete(held_name(held.owner, held.key, held.extension))


# --- Documents of an article ----------------------------------------------------------------------


def copy_ahead(chosen: Iterable[Held]) -> None:
    """Copy documents where they stay, before anything is locked: they may be large. Raises `BadFile`.

    If nothing comes of the save, the copy goes with the held file: see `sweep`.
    """
    for held in chosen:
        _keep(held)


def attach(row: Attachment, held: Held) -> None:
    """Give an unsaved row its file, copied ahead; part of the transaction of whoever saves the article.

    Raises `BadFile` for one that was not copied.
    """
    if not _is_kept(held):
        raise BadFile(_GONE)
    row.file.name = _kept_name(held.key, held.type)
    describe_document(row, held)
    transaction.on_commit(partial(_let_go, held), robust=True)


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
        _let_go(held)
        return existing
    name = _keep(held)
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
    try:
        with transaction.atomic():
            recording.save(force_insert=True)
    except IntegrityError:
        existing = Recording.objects.filter(key=held.key).first()
        if existing is None:
            raise
        return existing  # the same file came in twice at one moment
    transaction.on_commit(partial(_let_go, held), robust=True)
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
    """Delete the held files that no form can use any more (see `SWEPT_AFTER`), and copies made of them; how many held.

    A file that a draft of its owner names stays, however long it is gone on with.
    """
    private = storages["private"]
    count = 0
    try:
        folders, _ = private.listdir(HELD)
    except FileNotFoundError:
        return 0
    for folder in folders:
        _, names = private.listdir(f"{HELD}/{folder}")
        old = [name for name in names if private.get_modified_time(f"{HELD}/{folder}/{name}") < at - _held_for(name)]
        named = _named_in_drafts(folder) if old else set()
        for name in old:
            if name not in named:
                private.delete(f"{HELD}/{folder}/{name}")
                _forget_copy(name, folders)
                count += 1
    return count


def _held_for(name: str) -> timedelta:
    found = filetypes.BY_EXTENSION.get(name.partition(".")[2])
    return SWEPT_AFTER[found.kind] if found else timedelta(days=1)  # a copy that was cut short


def _named_in_drafts(owner: str) -> set[str]:
    """The held files that drafts of that person name."""
    states = Draft.objects.filter(owner_id=int(owner)).values_list("state", flat=True) if owner.isdecimal() else ()
    told = (
        _facts(value)
        for state in states
        for _, value in drafting.read_state(state)
        if len(value) <= TOKEN_LONGEST and _TOKEN.fullmatch(value)
    )
    return {f"{facts['k'][:40]}.{facts['e']}" for facts in told if facts}


def _forget_copy(name: str, owners: Iterable[str]) -> None:
    """Delete a copy that was made ahead of a save that came to nothing: nobody holds the file, no row names it."""
    private = storages["private"]
    key, _, extension = name.partition(".")
    found = filetypes.BY_EXTENSION.get(extension)
    if found is None or any(private.exists(f"{HELD}/{owner}/{name}") for owner in owners):
        return
    is_named = (
        EditionFile.objects.filter(key=key).exists()
        or Recording.objects.filter(key=key).exists()
        or Attachment.objects.filter(content_sha256__startswith=key).exists()
        or Revision.objects.filter(content__contains=key).exists()
    )
    if not is_named:
        private.delete(_kept_name(key, found))
