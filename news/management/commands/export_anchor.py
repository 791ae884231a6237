"""`manage.py export_anchor [--folder DIR]`: write the ledger's signed head to a file to be kept elsewhere."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from news.services import ledger


class Command(BaseCommand):
    """Export the day's anchor."""

    help = "Xuất mốc neo của sổ xuất bản (đầu sổ có chữ ký) để giữ ở nơi khác."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument("--folder", help="thư mục; mặc định là ANCHOR_DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it and print its path."""
        path = ledger.export_anchor(folder=Path(options["folder"]) if options["folder"] else None)
        self.stdout.write(str(path))
