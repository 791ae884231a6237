"""In the limited process: a job as JSON on standard input, its answer as JSON on standard output.

The process takes its limits upon itself before it opens the file: address space, CPU seconds, size of what it writes,
no core. It starts with an empty environment and no Django, so that no key is in its memory; it still is the site's
user, and may read what that user reads.
"""

import json
import os
import resource
import sys
from collections.abc import Callable
from typing import Any


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


def serve(work: Callable[[dict[str, Any]], dict[str, Any]], *, refusal: type[Exception], too_large: str) -> int:
    """Limits first, then the job; 0. `refusal` is what the work raises with words, `too_large` what is said when memory
    runs out.
    """
    job = json.load(sys.stdin)
    limit(**job["limits"])
    try:
        answer = work(job)
    except refusal as refused:
        answer = {"bad": str(refused)}
    except MemoryError:
        answer = {"bad": too_large}
    sys.stdout.write(json.dumps(answer))
    return 0
