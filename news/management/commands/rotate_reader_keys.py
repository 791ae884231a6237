"""`manage.py rotate_reader_keys`: encrypt readers' details with the newest of READER_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from news import crypto
from news.services import privacy


class Command(BaseCommand):
    """Rotate the keys of readers' details."""

    help = "Mã hóa lại thông tin liên hệ của bạn đọc bằng khóa mới nhất trong READER_KEYS; sau đó có thể bỏ khóa cũ."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate and say how much."""
        try:
            count = privacy.rotate_keys()
        except crypto.Undecryptable as error:
            raise CommandError("READER_KEYS thiếu một khóa cũ còn đang dùng: hãy thêm lại rồi chạy lại.") from error
        self.stdout.write(f"Đã mã hóa lại {count} liên hệ.")
