"""The site on one's own machine: HTTP server, task worker and timetable together (`make run` ends in this).

Each child leads a process group of its own, so that Ctrl-C reaches this process alone and it can ask them once,
politely, to stop. A worker that dies is started again; a server that dies ends the run. Standard library only.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

BASE_DIR = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
PATIENCE = 15  # seconds to stop in
EVERY = 60  # seconds from one look at the timetable to the next


class Stop(Exception):
    """Somebody asked the run to end."""


def start(*words: str) -> subprocess.Popen[bytes]:
    """A child of this interpreter, leading its own process group, without a keyboard."""
    return subprocess.Popen([sys.executable, *words], cwd=BASE_DIR, stdin=subprocess.DEVNULL, process_group=0)


def start_server(port: int) -> subprocess.Popen[bytes]:
    """granian with one worker process."""
    return start(
        *("-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port), "--http", "1", "--no-ws"),
        *("--workers", "1", "--blocking-threads", "8", "--log-level", "error", "config.wsgi:application"),
    )


def start_worker() -> subprocess.Popen[bytes]:
    """The task worker: mail, pictures, whatever the site promised to do later."""
    return start("manage.py", "db_worker", "--no-reload")


def start_round() -> subprocess.Popen[bytes]:
    """One look at the timetable: it runs what is due and ends."""
    return start("manage.py", "run_due")


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    """Ask the children to end; make them, with all they started, when patience does."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + PATIENCE
    for child in children:
        try:
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def is_taken(port: int) -> bool:
    """Whether something answers at the port already."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def watch(server: subprocess.Popen[bytes], children: list[subprocess.Popen[bytes]], port: int) -> int:
    """Say when the site is up, keep a worker alive, have the timetable looked at; the server's exit code at the end.

    `children` are the server, the worker, and the last round of the timetable.
    """
    is_announced = False
    may_start_at = round_at = 0.0
    while server.poll() is None:
        if not is_announced and is_taken(port):
            is_announced = True
            print(
                f"\nTòa soạn: http://{HOST}:{port}/ · bàn làm việc: http://{HOST}:{port}/quan-tri/ · dừng: Ctrl-C\n",
                flush=True,
            )
        now = time.monotonic()
        if (len(children) < 2 or children[1].poll() is not None) and now >= may_start_at:
            if len(children) > 1:
                print("Trình chạy tác vụ đã dừng, đang khởi động lại.", file=sys.stderr, flush=True)
            children[1:2] = [start_worker()]
            may_start_at = now + 2
        if is_announced and now >= round_at and (len(children) < 3 or children[2].poll() is not None):
            children[2:] = [start_round()]
            round_at = now + EVERY
        time.sleep(0.2)
    return server.returncode


def main() -> None:
    """Run until Ctrl-C or SIGTERM."""
    port = int(os.environ.get("PORT") or 8000)

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise Stop

    if is_taken(port):
        sys.exit(f"Cổng {port} đang có chương trình khác dùng: hãy dừng nó, hoặc chạy PORT={port + 1} make run.")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask_to_stop)
    children: list[subprocess.Popen[bytes]] = []
    code = 0
    try:
        server = start_server(port)
        children.append(server)
        code = watch(server, children, port)
    except Stop:
        print("\nĐang dừng…", flush=True)
    finally:
        stop(children)
    sys.exit(code)


if __name__ == "__main__":
    main()
