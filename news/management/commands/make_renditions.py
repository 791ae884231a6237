"""Renditions that no task has made: after a crash, or where nobody ran the task worker."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from news.services import rendering


class Command(BaseCommand):
    """`manage.py make_renditions`: makes here and now what pictures of the library lack, and shows it to readers."""

    help = "Make the renditions that pictures lack; safe to run at any time, from cron too."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many, and which could not be made."""
        made = rendering.render_all_missing(at=timezone.now())
        self.stdout.write(f"Đã làm đủ bản thu nhỏ cho {len(made.ids) - len(made.failed)} ảnh.")
        if made.failed:
            self.stdout.write(f"Chưa làm được: ảnh số {', '.join(map(str, made.failed))}.")
