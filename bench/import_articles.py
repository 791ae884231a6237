"""How long 20,000 articles take to import, on the database that DATABASE_URL names.

    python bench/import_articles.py [--articles 20000] [--database URL]

Makes a file of distinct articles of about 900 words from a fixed seed, imports it into an empty database of its own,
imports it again (nothing may change) and once more with ten bad lines in front; prints seconds and articles a second.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORDS = (
    "tỉnh huyện xã bản đồng bào dân tộc cán bộ đảng viên nhân dân phát triển kinh tế xã hội xây dựng nông thôn mới"
    " giảm nghèo bền vững lãnh đạo chỉ đạo tổ chức thực hiện nghị quyết chỉ thị kế hoạch chương trình đề án công tác"
    " dân vận mặt trận đoàn thể hội viên phong trào thi đua yêu nước trường học trạm y tế đường giao thông thủy lợi"
).split()
BAD = [
    b"{",
    b"[]",
    b'{"id": 0}',
    b'{"id": "1"}',
    b"null",
    b'"x"',
    b'{"id": 1}',
    b'{"id": 2, "section": 3}',
    b"\xff",
    b"nan",
]


def write_archive(path: Path, count: int) -> None:
    """The archive: `count` lines in 12 sections, the same for the same count."""
    rng = random.Random(20261122)
    with path.open("w", encoding="utf-8") as file:
        for pk in range(1, count + 1):
            body = "".join(f"<p>{' '.join(rng.choices(WORDS, k=90)).capitalize()}.</p>" for _ in range(10))
            moment = 1_400_000_000 + pk * 18_000
            row = {
                "id": pk,
                "section": f"chuyen-muc-{pk % 12 + 1}",
                "title": f"{' '.join(rng.choices(WORDS, k=12)).capitalize()} {pk}",
                "lead": " ".join(rng.choices(WORDS, k=40)).capitalize() + ".",
                "body_html": body,
                "byline": f"Phóng viên {pk % 40}",
                "tags": [f"Từ khóa {rng.randrange(400)}" for _ in range(4)],
                "published_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)),
                "old_url": f"/bai-cu/{pk}.html",
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def main() -> None:
    """Run the three imports and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--database", default="", help="an empty database; default: SQLite in a temporary folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="toasoan-bench-") as folder:
        archive = Path(folder) / "archive.jsonl"
        write_archive(archive, options.articles)
        environment = {**os.environ, "DATA_DIR": folder, "LOG_LEVEL": "WARNING"}
        environment["DATABASE_URL"] = options.database or f"sqlite:///{folder}/bench.sqlite3"

        def manage(*arguments: str) -> str:
            done = subprocess.run(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT,
                env=environment,
                check=True,
                capture_output=True,
                text=True,
            )
            return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""

        manage("migrate", "--verbosity", "0")
        for label, file in (
            ("first", archive),
            ("again", archive),
            ("with ten bad lines", archive.with_name("bad.jsonl")),
        ):
            if not file.exists():
                file.write_bytes(b"\n".join(BAD) + b"\n" + archive.read_bytes())
            start = time.perf_counter()
            said = manage("import_articles", str(file), "--create-sections")
            took = time.perf_counter() - start
            print(f"{label:20} {took:7.1f} s {options.articles / took:8.0f} articles/s   {said}")
        start = time.perf_counter()
        said = manage("verify_ledger")
        print(f"{'verify_ledger':20} {time.perf_counter() - start:7.1f} s {'':19} {said}")


if __name__ == "__main__":
    main()
