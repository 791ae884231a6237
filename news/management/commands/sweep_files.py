"""Delete the uploads that no form has used for a month."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from news.services import filing


class Command(BaseCommand):
    """`manage.py sweep_files`, once a day."""

    help = "Xóa các tệp tải lên mà không bài nào dùng, sau 30 ngày."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many."""
        self.stdout.write(f"{filing.sweep(at=timezone.now())} tệp đã xóa.")
