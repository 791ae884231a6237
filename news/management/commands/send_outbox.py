"""Mail that waits: what a worker dropped, or what nobody was there to send."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from news.services import outbox


class Command(BaseCommand):
    """`manage.py send_outbox`: delivers here and now; with `--later` it asks the task worker to."""

    help = "Deliver the mails that are due; safe to run at any time, from cron too."

    def add_arguments(self, parser: CommandParser) -> None:
        """One switch."""
        parser.add_argument("--later", action="store_true", help="leave it to the task worker and return at once")

    def handle(self, *args: Any, **options: Any) -> None:
        """Until nothing is due, or the mail server cannot be reached."""
        if options["later"]:
            outbox.sweep.enqueue()
            return
        count = 0
        while found := outbox.deliver_due(at=timezone.now()):
            count += found
            if found < outbox.A_SWEEP:
                break
        self.stdout.write(f"Đã xử lý {count} thư đến hạn.")
