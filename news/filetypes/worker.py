"""Documents in the limited process: `python -m news.filetypes.worker`. `news.filetypes.limited` starts it."""

import sys
from pathlib import Path
from typing import Any, Final

from news import filetypes
from news.filetypes import BadFile
from news.limited import inside

_TOO_LARGE: Final = "Tệp này cần nhiều bộ nhớ quá: hãy chia nhỏ hoặc nén ảnh trong tệp rồi chọn lại."


def work(job: dict[str, Any]) -> dict[str, Any]:
    """Examine `source` and write the one that is kept into `folder`: `kept`. Raises `BadFile`."""
    with Path(job["source"]).open("rb") as source, (Path(job["folder"]) / "kept").open("wb") as target:
        found = filetypes.examine(source, target, job["extension"])
    return {"seconds": found.seconds}


if __name__ == "__main__":
    sys.exit(inside.serve(work, refusal=BadFile, too_large=_TOO_LARGE))
