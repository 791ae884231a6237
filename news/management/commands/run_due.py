"""`manage.py run_due`: what comes round, once a minute from cron, a timer or `make run`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from news.services import timetable


class Command(BaseCommand):
    """Run what is due."""

    help = "Run every line of the timetable that is due; safe to run at any time and twice at once."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise `CommandError` with the names of the lines that failed."""
        failed = timetable.run_due(at=timezone.now())
        if failed:
            raise CommandError(f"Có việc định kỳ không xong: {', '.join(failed)}.")
