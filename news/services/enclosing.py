"""Enclosing: the pictures and PDFs that come with a letter. Checked and written anew, private, gone with their letter.

Both are read in the limited process: a picture is decoded and kept without metadata, a PDF must be whole, open and
quiet. What a stranger called a file is not kept.
"""

import hashlib
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import IO, Any, Final

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import storages
from django.db import transaction

from news import ratelimit
from news.filetypes import BadFile
from news.filetypes.limited import examined
from news.imaging import BadPicture
from news.imaging.limited import cleaned
from news.models import Feedback, FeedbackFile, FeedbackStatus

MOST: Final = 3
HOURLY: Final = 10
"""Letters with files of one network in an hour that are looked at."""
FOLDER: Final = "phan-hoi"
SPAM_KEPT_FOR: Final = timedelta(days=30)
"""How long files of a letter lie that the desk took for spam."""
ORPHANS_KEPT_FOR: Final = timedelta(days=1)
_ENDINGS: Final = {"JPEG": ("jpg", "image/jpeg"), "PNG": ("png", "image/png"), "WEBP": ("webp", "image/webp")}
_PDF: Final = ("pdf", "application/pdf")


class TooManyFiles(Exception):
    """More uploads than anybody makes; the message says when to come back."""

    def __init__(self) -> None:
        super().__init__(
            "Bạn đã gửi nhiều tệp trong thời gian ngắn. Hãy thử lại sau một giờ, hoặc gửi thư không kèm tệp."
        )


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A checked file that is not kept yet."""

    content: IO[bytes] = field(repr=False)
    extension: str
    content_type: str
    byte_count: int
    sha256: str


def check(uploads: Sequence[Any], *, network: str) -> list[Enclosure]:
    """The uploads (Django's `UploadedFile`), each checked and cleaned. Raises `BadFile`, `TooManyFiles`."""
    if not uploads:
        return []
    if len(uploads) > MOST:
        raise BadFile(f"Mỗi thư kèm tối đa {MOST} tệp.")
    if not ratelimit.allow("feedback-files", network, limit=HOURLY, seconds=3600):
        raise TooManyFiles
    found: list[Enclosure] = []
    try:
        for number, upload in enumerate(uploads, 1):
            try:
                found.append(_checked(upload))
            except (BadFile, BadPicture) as error:
                raise BadFile(f"Tệp thứ {number}: {error}" if len(uploads) > 1 else str(error)) from None
    except BadFile:
        close(found)
        raise
    return found


def look(uploads: Sequence[Any], *, network: str) -> None:
    """Only look whether the uploads would be taken; nothing is kept. Raises `BadFile`, `TooManyFiles`."""
    close(check(uploads, network=network))


def _checked(upload: Any) -> Enclosure:
    most = settings.LETTER_FILE_MAX_BYTES
    if upload.size > most:
        raise BadFile(f"Tệp quá nặng: tối đa {most // 1024 // 1024} MB.")
    if not upload.size:
        raise BadFile("Tệp rỗng.")
    upload.seek(0)
    start = upload.read(5)
    upload.seek(0)
    target = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
    try:
        if start == b"%PDF-":
            extension, content_type = _PDF
            with examined(upload, extension) as source:
                shutil.copyfileobj(source, target)
        else:
            # What the browser calls it is not asked: what the bytes are decides.
            with cleaned(upload) as clean, clean.original.open("rb") as source:
                extension, content_type = _ENDINGS[clean.format]
                shutil.copyfileobj(source, target)
        size = target.seek(0, 2)
        target.seek(0)
        digest = hashlib.file_digest(target, "sha256").hexdigest()
        target.seek(0)
    except BaseException:
        target.close()
        raise
    return Enclosure(target, extension, content_type, size, digest)


def close(files: Iterable[Enclosure]) -> None:
    """Let go of checked files."""
    for item in files:
        item.content.close()


def put(files: Iterable[Enclosure]) -> list[tuple[str, Enclosure]]:
    """Write the files where nobody but the desk reads them; before the transaction that names them."""
    private, names = storages["private"], []
    try:
        for item in files:
            name = private.save(f"{FOLDER}/{secrets.token_hex(16)}.{item.extension}", File(item.content))
            names.append((name, item))
    except BaseException:
        discard(name for name, _ in names)
        raise
    return names


def name_in(letter: Feedback, files: Iterable[tuple[str, Enclosure]], *, at: datetime) -> None:
    """Say in rows which files came with the letter; part of the caller's transaction."""
    FeedbackFile.objects.bulk_create(
        FeedbackFile(
            feedback=letter,
            file_name=name,
            content_type=item.content_type,
            byte_count=item.byte_count,
            content_sha256=item.sha256,
            received_at=at,
        )
        for name, item in files
    )


def discard(names: Iterable[str]) -> None:
    """Delete stored files that no row names."""
    for name in names:
        with suppress(FileNotFoundError):
            storages["private"].delete(name)


def erase(feedback_ids: Iterable[int]) -> int:
    """Delete all files of these letters, the rows in the caller's transaction and the bytes after it; how many."""
    rows = FeedbackFile.objects.filter(feedback_id__in=list(feedback_ids))
    names = list(rows.values_list("file_name", flat=True))
    with transaction.atomic():
        rows.delete()
        transaction.on_commit(lambda: discard(names), robust=True)
    return len(names)


def sweep(*, at: datetime) -> int:
    """Delete files of letters that have been spam for a month, and bytes that no row names; how many."""
    spam = Feedback.objects.filter(status=FeedbackStatus.SPAM, received_at__lt=at - SPAM_KEPT_FOR)
    old = FeedbackFile.objects.filter(feedback__in=spam).values_list("feedback_id", flat=True).distinct()
    count = erase(list(old[:500]))
    private = storages["private"]
    try:
        _, names = private.listdir(FOLDER)
    except FileNotFoundError:
        return count
    for name in names:
        path = f"{FOLDER}/{name}"
        if private.get_modified_time(path) >= at - ORPHANS_KEPT_FOR:
            continue
        if not FeedbackFile.objects.filter(file_name=path).exists():
            discard([path])
            count += 1
    return count
