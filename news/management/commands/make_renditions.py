"""Renditions that no task has made: after a crash, or where nobody ran the task worker."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from news.services import rendering


class Command(BaseCommand):
    """`manage.py make_renditions`: makes here and now what pictures of the library lack, and shows it to readers."""

    help = "Make the renditions that pictures lack; safe to run at any time, from cron too."

    def handle(self, *args: Any, **options: Any) -> None:
        """A hundred pictures at a time, each looked at once."""
        count, after, failed = 0, 0, []
        while True:
            found = rendering.render_missing(at=timezone.now(), after=after)
            if not found.ids:
                break
            after = found.ids[-1]
            count += len(found.ids) - len(found.failed)
            failed += found.failed
        self.stdout.write(f"Đã làm đủ bản thu nhỏ cho {count} ảnh.")
        if failed:
            self.stdout.write(f"Chưa làm được: ảnh số {', '.join(map(str, failed))}.")
