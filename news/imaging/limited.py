"""Pictures in the limited process: whatever a file does in there, here it is a result or a `BadPicture`.

Uploads go through in pieces, files come back as files: the memory of the web process stays flat. At most
`IMAGE_PROCESSES` run at once on a machine, over all its web and task processes.
"""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings

from news.imaging import BadPicture, Wanted
from news.limited import outside

PIECE: Final = 256 * 1024
_FAILED: Final = "Không xử lý được ảnh này: tệp có thể hỏng hoặc quá phức tạp. Hãy xuất lại ảnh rồi tải lên."
_BUSY: Final = "Máy chủ đang xử lý nhiều ảnh: hãy thử lại sau một phút."


@dataclass(frozen=True, slots=True)
class Clean:
    """A picture read and cleaned. The files live as long as the `with` in which it was given.

    `original`: the clean picture in `format`; `small`: a JPEG of the smallest width; `taken_on`: ISO day or "".
    """

    original: Path
    small: Path
    format: str
    width: int
    height: int
    byte_count: int
    key: str
    upload_sha256: str
    taken_on: str


def too_heavy() -> BadPicture:
    """What is said of a file with too many bytes."""
    return BadPicture(f"Ảnh quá nặng: tối đa {settings.IMAGE_MAX_BYTES // 1024 // 1024} MB.")


@contextmanager
def cleaned(upload: IO[bytes], *, name: str = "", declared: str = "") -> Iterator[Clean]:
    """The picture in `upload`, turned upright, in sRGB, without metadata. Raises `BadPicture`.

    `name` and `declared` (what the browser calls the file and its type) are compared with what the file is; "" is not.
    """
    with tempfile.TemporaryDirectory(prefix="toasoan-anh-") as place:
        folder = Path(place)
        source = folder / "upload"
        digest = _take(upload, source)
        job = {"do": "clean", "max_pixels": settings.IMAGE_MAX_PIXELS, "name": name[-255:], "declared": declared}
        facts = run_worker({**job, "source": str(source), "folder": place})
        yield Clean(original=folder / "clean", small=folder / "small", upload_sha256=digest, **facts)


@contextmanager
def rendered(original: IO[bytes], wanted: Sequence[Wanted]) -> Iterator[dict[str, Path]]:
    """The files asked for, by name, made from a clean original. Raises `BadPicture`."""
    with tempfile.TemporaryDirectory(prefix="toasoan-anh-") as place:
        folder = Path(place)
        source = folder / "original"
        with source.open("wb") as file:
            while piece := original.read(PIECE):
                file.write(piece)
        made = folder / "made"
        made.mkdir()
        rows = [{"name": item.name, "size": item.size, "kind": item.kind, "box": item.box} for item in wanted]
        run_worker({"do": "render", "source": str(source), "folder": str(made), "wanted": rows})
        yield {item.name: made / item.name for item in wanted}


def _take(upload: IO[bytes], target: Path) -> str:
    """Copy the upload piece by piece; its SHA-256. Raises `BadPicture` for one with too many bytes, or none."""
    digest, taken = hashlib.sha256(), 0
    with target.open("wb") as file:
        while piece := upload.read(min(PIECE, settings.IMAGE_MAX_BYTES + 1 - taken)):
            taken += len(piece)
            if taken > settings.IMAGE_MAX_BYTES:
                raise too_heavy()
            digest.update(piece)
            file.write(piece)
    if not taken:
        raise BadPicture("Tệp này rỗng.")
    return digest.hexdigest()


def run_worker(job: Mapping[str, Any]) -> dict[str, Any]:
    """Have a process of its own do the job, within the limits of the settings; its answer. Raises `BadPicture`."""
    limits = outside.Limits(
        memory=settings.IMAGE_PROCESS_MEMORY,
        seconds=settings.IMAGE_PROCESS_SECONDS,
        file_size=settings.IMAGE_PROCESS_FILE_SIZE,
    )
    with outside.said_as(BadPicture, failed=_FAILED, busy=_BUSY):
        return outside.run("news.imaging.worker", job, limits=limits, places=places())


def places() -> outside.Places:
    """Where the processes run."""
    return outside.Places("picture", settings.IMAGE_PROCESSES, settings.IMAGE_PROCESS_WALL)
