"""`manage.py sweep_drafts`: forget forms that nobody went on with for half a year."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from news.services import drafting


class Command(BaseCommand):
    """Sweep old drafts."""

    help = f"Xóa các bản đang gõ dở không ai động đến trong {drafting.KEPT_FOR.days} ngày; in ra số bản đã xóa."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep and say how many."""
        self.stdout.write(str(drafting.sweep(at=timezone.now())))
