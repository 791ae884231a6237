"""`manage.py enforce_retention`: end what is kept of readers and whose time is over."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from news.services import retaining


class Command(BaseCommand):
    """Enforce the retention periods."""

    help = "Xóa dữ liệu của bạn đọc đã hết thời hạn lưu giữ; in ra mỗi loại bao nhiêu mục. Chạy mỗi ngày một lần."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to look only."""
        parser.add_argument("--dry-run", action="store_true", help="Chỉ đếm, không xóa.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep, or count, and say how many."""
        now = timezone.now()
        for swept in retaining.due(at=now) if options["dry_run"] else retaining.enforce(at=now):
            self.stdout.write(f"{swept.count}\t{swept.rule.label}")
