"""Documents in the limited process: whatever a file does in there, here it is the one to be kept or a `BadFile`.

Films and sound are not sent there: their checks are plain walks over a bounded number of boxes and frames, and copying
half a gigabyte once more costs more than they do.
"""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings

from news.filetypes import BadFile
from news.limited import outside

_PIECE: Final = 256 * 1024
_FAILED: Final = (
    "Không kiểm tra được tệp này: tệp quá phức tạp hoặc đã hỏng. Hãy mở tệp, lưu thành bản mới rồi chọn lại."
)
_BUSY: Final = "Máy chủ đang kiểm tra nhiều tệp: hãy thử lại sau một phút."


@contextmanager
def examined(upload: IO[bytes], extension: str) -> Iterator[io.BufferedReader]:
    """The file to be kept of an upload, which is read from its beginning. Raises `BadFile`.

    It lives as long as the `with` in which it was given.
    """
    with tempfile.TemporaryDirectory(prefix="toasoan-tep-") as place:
        folder = Path(place)
        source = folder / "upload"
        upload.seek(0)
        with source.open("wb") as file:
            while piece := upload.read(_PIECE):
                file.write(piece)
        _run({"source": str(source), "folder": place, "extension": extension})
        with (folder / "kept").open("rb") as kept:
            yield kept


def _run(job: dict[str, Any]) -> None:
    limits = outside.Limits(
        memory=settings.DOCUMENT_PROCESS_MEMORY,
        seconds=settings.DOCUMENT_PROCESS_SECONDS,
        file_size=settings.DOCUMENT_PROCESS_FILE_SIZE,
    )
    with outside.said_as(BadFile, failed=_FAILED, busy=_BUSY):
        outside.run("news.filetypes.worker", job, limits=limits, places=places())


def places() -> outside.Places:
    """Where the processes run."""
    return outside.Places("document", settings.DOCUMENT_PROCESSES, settings.DOCUMENT_PROCESS_WALL)
