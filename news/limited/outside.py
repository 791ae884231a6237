"""The way into the limited process: whatever a file does in there, here it is an answer or one of three refusals."""

import fcntl
import json
import logging
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process may take: bytes of address space, seconds of CPU time, bytes of a file written."""

    memory: int
    seconds: int
    file_size: int


@dataclass(frozen=True, slots=True)
class Places:
    """A name under which so many processes run at once on a machine, over all its web and task processes.

    `wall`: seconds by the clock that one may run, and that another one waits for its place.
    """

    name: str
    count: int
    wall: float


class Refused(Exception):
    """The work was done and refuses the file; the message says why, in Vietnamese."""


class NotDone(Exception):
    """The process met a limit, or fell over."""


class Busy(Exception):
    """No place became free in time."""


def run(module: str, job: Mapping[str, Any], *, limits: Limits, places: Places) -> dict[str, Any]:
    """Have `python -m module` do the job in a process of its own; its answer. Raises `Refused`, `NotDone`, `Busy`."""
    with place(places):
        try:
            ended = subprocess.run(
                [sys.executable, "-m", module],
                input=json.dumps({**job, "limits": asdict(limits)}).encode(),
                capture_output=True,
                timeout=places.wall,
                cwd=settings.BASE_DIR,
                env={"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
                check=False,
            )
        except (subprocess.TimeoutExpired, OSError) as error:
            _log.warning("%s did not end by itself: %s", module, error)
            raise NotDone from error
    try:
        answer = json.loads(ended.stdout)
    except ValueError as error:
        _log.warning("%s ended with %s: %s", module, ended.returncode, ended.stderr[-500:])
        raise NotDone from error
    if "bad" in answer:
        raise Refused(str(answer["bad"]))
    return dict(answer)


@contextmanager
def said_as(bad: type[Exception], *, failed: str, busy: str) -> Iterator[None]:
    """Whatever `run` raises is raised as `bad` with words for who brought the file: its own, or one of these."""
    try:
        yield
    except Refused as refused:
        raise bad(str(refused)) from None
    except NotDone as error:
        raise bad(failed) from error
    except Busy:
        raise bad(busy) from None


@contextmanager
def place(places: Places) -> Iterator[None]:
    """One of the places in which the process may run; waits for one. Raises `Busy` when none gets free.

    A place is a locked file: the system gives it back whatever becomes of its holder.
    """
    folder = settings.DATA_DIR / f"{places.name}-slots"
    folder.mkdir(exist_ok=True)
    until = time.monotonic() + places.wall
    while True:
        for number in range(places.count):
            with (folder / str(number)).open("a") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                yield
                return
        if time.monotonic() > until:
            raise Busy
        time.sleep(0.05)
