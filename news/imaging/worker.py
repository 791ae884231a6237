"""The limited process: `python -m news.imaging.worker`, a job as JSON on standard input, its answer on standard output.

It takes its limits upon itself before it opens the file: address space, CPU seconds, size of what it writes, no core.
It starts with an empty environment and no Django, so that no key is in its memory; it still is the site's user, and may
read what that user reads. `news.imaging.limited` starts it.
"""

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from news.imaging import BadPicture, Wanted
from news.imaging.reading import NOT_A_PICTURE, UNREADABLE, clean
from news.imaging.rendering import render


def limit(*, memory: int, seconds: int, file_size: int) -> None:
    """Bytes of address space, seconds of CPU time, bytes of any one file."""
    os.nice(10)
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_NOFILE, 64),
    ):
        _, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(what, (most, most))


def work(job: dict[str, Any]) -> str:
    """Do the job: "clean" or "render". Returns JSON. Raises `BadPicture`."""
    source, folder = Path(job["source"]), Path(job["folder"])
    if job["do"] == "clean":
        facts = clean(
            source, folder, max_pixels=job["max_pixels"], name=job.get("name", ""), declared=job.get("declared", "")
        )
        return facts.as_json()
    wanted = [
        Wanted(row["name"], (row["size"][0], row["size"][1]), row["kind"], tuple(row["box"]) if row["box"] else None)
        for row in job["wanted"]
    ]
    try:
        render(source, folder, wanted)
    except UNREADABLE as error:
        raise BadPicture(NOT_A_PICTURE) from error
    return json.dumps({"made": [item.name for item in wanted]})


def main() -> int:
    """Limits first, then the job."""
    job = json.load(sys.stdin)
    limit(**job["limits"])
    try:
        answer = work(job)
    except BadPicture as refusal:
        answer = json.dumps({"bad": str(refusal)})
    except MemoryError:
        answer = json.dumps({"bad": "Ảnh này cần nhiều bộ nhớ quá: hãy thu nhỏ ảnh rồi tải lại."})
    sys.stdout.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
