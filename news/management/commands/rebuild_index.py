"""`manage.py rebuild_index`: make what repeats the sealed editions (lists, tags, people, pictures) from them again."""

from typing import Any

from django.core.management.base import BaseCommand

from news.services import indexing


class Command(BaseCommand):
    """Rebuild the index rows."""

    help = "Lập lại các bảng chỉ mục (chuyên mục, từ khóa, nhân sự, ảnh…) từ các ấn bản đã niêm phong."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild and say how much."""
        self.stdout.write(f"Đã lập lại chỉ mục của {indexing.rebuild()} ấn bản.")
