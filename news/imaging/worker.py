"""Pictures in the limited process: `python -m news.imaging.worker`. `news.imaging.limited` starts it."""

import sys
from pathlib import Path
from typing import Any, Final

from news.imaging import BadPicture, Wanted
from news.imaging.reading import NOT_A_PICTURE, UNREADABLE, clean
from news.imaging.rendering import render
from news.limited import inside

_TOO_LARGE: Final = "Ảnh này cần nhiều bộ nhớ quá: hãy thu nhỏ ảnh rồi tải lại."


def work(job: dict[str, Any]) -> dict[str, Any]:
    """Do the job: "clean" or "render". Raises `BadPicture`."""
    source, folder = Path(job["source"]), Path(job["folder"])
    if job["do"] == "clean":
        facts = clean(
            source, folder, max_pixels=job["max_pixels"], name=job.get("name", ""), declared=job.get("declared", "")
        )
        return facts.told()
    wanted = [
        Wanted(row["name"], (row["size"][0], row["size"][1]), row["kind"], tuple(row["box"]) if row["box"] else None)
        for row in job["wanted"]
    ]
    try:
        render(source, folder, wanted)
    except UNREADABLE as error:
        raise BadPicture(NOT_A_PICTURE) from error
    return {"made": [item.name for item in wanted]}


if __name__ == "__main__":
    sys.exit(inside.serve(work, refusal=BadPicture, too_large=_TOO_LARGE))
