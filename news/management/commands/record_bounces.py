"""`manage.py record_bounces`: what mail servers report of mails that came back."""

import mailbox
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from news.services import returning


class Command(BaseCommand):
    """From a Maildir or an mbox that the sender's address is delivered to, or one report from standard input."""

    help = (
        "Ghi các thư báo trả lại: một thư từ đầu vào (-), một Maildir (thư mới chuyển sang đã đọc), hoặc một tệp mbox."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Where they are."""
        parser.add_argument("source", nargs="?", default="-", help="Maildir, mbox, or - (default) for one on stdin")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many were noted. Raises `CommandError` where there is nothing to read."""
        source = options["source"]
        if source == "-":
            count = self._read(sys.stdin.buffer.read(returning.LARGEST))
        elif (Path(source) / "new").is_dir():
            count = self._read_maildir(Path(source))
        elif Path(source).is_file():
            with closing(mailbox.mbox(source, create=False)) as box:
                count = sum(self._read(message.as_bytes()) for message in box)
        else:
            raise CommandError(f"Không có Maildir hay mbox nào ở {source}.")
        self.stdout.write(f"Đã ghi {count} thư bị trả lại.")

    def _read(self, raw: bytes) -> int:
        return int(returning.read_report(raw=raw, at=timezone.now()))

    def _read_maildir(self, folder: Path) -> int:
        """New ones only; afterwards each counts as read."""
        count = 0
        box = mailbox.Maildir(folder, create=False)
        for key in list(box.keys()):
            message = box.get_message(key)
            if message.get_subdir() == "new":
                count += self._read(message.as_bytes())
                message.set_subdir("cur")
                message.add_flag("S")
                box[key] = message
        return count
