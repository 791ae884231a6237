"""How long the comments of an article take to open with five of them and with five thousand, side by side.

    python bench/comments.py [--database URL] [--folder DIR] [--many 5000] [--runs 25] [--json FILE]

The default database is SQLite in the folder (.venv/bench-comments); for PostgreSQL name a database of its own, whose
tables are DROPPED first: `--database postgres://postgres@127.0.0.1:5432/toasoan_comments`. Two articles are made, one
with five comments, one with five thousand: threads of all lengths, one of a thousand answers. Every page is asked of
the whole Django stack in this process on a fresh connection, once before and then some times; the table shows its
queries and its median in milliseconds. The script ends with 1 if a page of the large article asks more queries, or
takes more than twice as long and fifteen milliseconds.
"""

import argparse
import json
import logging
import os
import re
import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
KEYS = {
    "SECRET_KEY": "only-the-bench-signs-with-this-key-and-it-is-no-secret-at-all",
    "LEDGER_KEY": "bGVkZ2VyLWtleS1vZi10aGUtdGVzdHMtMzItYnl0ZXM=",
    "READER_KEYS": "cmVhZGVyLWtleS1vZi10aGUtdGVzdHMtMzItYnl0ZXM=",
    "READER_LOOKUP_KEY": "bG9va3VwLWtleS1vZi10aGUtdGVzdHMtMzItYnl0ZXM=",
}


def options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="", help="sqlite (default) or the URL of an empty PostgreSQL database")
    parser.add_argument("--folder", type=Path, default=ROOT / ".venv" / "bench-comments")
    parser.add_argument("--many", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=25)
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    return parser.parse_args()


def set_up(asked: argparse.Namespace) -> None:
    """Set the environment and start Django on an empty database."""
    asked.folder.mkdir(parents=True, exist_ok=True)
    file = asked.folder / "comments.sqlite3"
    for leftover in asked.folder.glob("comments.sqlite3*"):
        leftover.unlink()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    for name in re.findall(r"^#?([A-Z][A-Z0-9_]*)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE):
        os.environ.pop(name, None)
    os.environ.update(
        KEYS,
        NO_DOTENV="1",
        DATA_DIR=str(asked.folder),
        DATABASE_URL=asked.database or f"sqlite:///{file}",
        LOG_LEVEL="ERROR",
        DJANGO_SETTINGS_MODULE="config.settings",
    )
    import django

    django.setup()
    logging.disable(logging.WARNING)
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


def fill(count: int) -> tuple[Any, int, int]:
    """A published article with that many comments; the number of its longest thread and of that one's last answer."""
    from django.utils import timezone

    from news.models import Comment, CommentStatus, CommentTally
    from news.tests import make

    at = timezone.now() - timedelta(hours=2)
    edition = make.publish(make.make_article(f"Bài có {count} bình luận", at=at), at=at + timedelta(hours=1))

    def comments(many: int, **fields: Any) -> list[Any]:
        return Comment.objects.bulk_create(
            [
                Comment(
                    article_id=edition.article_id,
                    name=f"Bạn đọc {number}",
                    body=f"Ý kiến thứ {number}. " * (1 + number % 9),
                    body_digest=str(number),
                    status=CommentStatus.SHOWN,
                    is_listed="parent" not in fields,
                    like_count=number * 7919 % 500,
                    created_at=at + timedelta(seconds=number),
                    **fields,
                )
                for number in range(many)
            ],
            batch_size=500,
        )

    answers = max(2, count // 5)
    roots = comments(count - answers)
    longest = roots[-1]
    last = comments(answers, parent=longest)[-1]
    Comment.objects.filter(pk=longest.pk).update(reply_count=answers, like_count=1000)
    CommentTally.objects.update_or_create(article_id=edition.article_id, defaults={"shown": count})
    return edition, longest.pk, last.pk


def measure(address: str, runs: int) -> tuple[int, float]:
    """Queries, and the median of some runs in milliseconds."""
    from django.db import connection
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    count = 0

    def counted(execute: Any, *call: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*call)

    with connection.execute_wrapper(counted):
        response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        client.get(address)
        taken.append((time.perf_counter() - begun) * 1000)
    return count, statistics.median(taken)


def main() -> int:
    """Make, measure, print."""
    asked = options()
    set_up(asked)
    from django.db import connection

    found = [fill(count) for count in (5, asked.many)]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    pages = {
        "các bình luận, mới nhất": lambda base, longest, last: base,
        "các bình luận, nhiều lượt thích": lambda base, longest, last: f"{base}?xep=thich",
        "trang sau": lambda base, longest, last: f"{base}?truoc={longest}",
        "một mạch": lambda base, longest, last: f"{base}{longest}/",
        "liên kết tới trả lời cuối": lambda base, longest, last: f"{base}{last}/",
        "bài viết": lambda base, longest, last: re.sub("binh-luan/$", "", base),
    }
    print(f"{connection.vendor}: 5 bình luận và {asked.many} bình luận, trung vị của {asked.runs} lần mở\n")
    print(f"{'trang':34} {'truy vấn':>10} {'5':>9} {asked.many:>9}")
    figures, is_fine = {}, True
    for name, address in pages.items():
        row = [
            measure(address(f"/tin/{edition.slug}-{edition.article_id}/binh-luan/", longest, last), asked.runs)
            for edition, longest, last in found
        ]
        (few, fast), (many, slow) = row
        fits = many <= few and (slow <= 2 * fast or slow - fast <= 15)
        is_fine = is_fine and fits
        print(f"{name:34} {f'{few}, {many}':>10} {fast:>6.1f} ms {slow:>6.1f} ms{'' if fits else '  <<<'}")
        figures[name] = {"queries": [few, many], "ms": [round(fast, 2), round(slow, 2)]}
    if asked.json:
        asked.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0 if is_fine else 1


if __name__ == "__main__":
    sys.exit(main())
