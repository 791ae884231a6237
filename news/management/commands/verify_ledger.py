"""`manage.py verify_ledger [--anchor FILE]`: prove that nothing published was altered or removed."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from news.services import ledger


class Command(BaseCommand):
    """Verify the ledger."""

    help = "Tính lại toàn bộ sổ xuất bản; thoát với mã 1 và nêu chỗ gãy đầu tiên nếu có."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The anchor to hold the chain against."""
        parser.add_argument("--anchor", help="tệp mốc neo đã xuất (xem export_anchor)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the verdict; exit 1 when anything is broken."""
        anchored = None
        if options["anchor"]:
            try:
                anchored = json.loads(Path(options["anchor"]).read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise CommandError(f"Không đọc được mốc neo {options['anchor']}.") from error
            if not isinstance(anchored, dict):
                raise CommandError(f"{options['anchor']} không phải một mốc neo.")
        verdict = ledger.verify(anchored=anchored)
        for fault in verdict.faults:
            self.stderr.write(f"SAI  {fault}")
        for note in verdict.unproven:
            self.stdout.write(f"Chưa chứng minh được: {note}")
        if verdict.faults:
            self.stderr.write(f"Sổ xuất bản không nguyên vẹn; chỗ gãy đầu tiên: {verdict.faults[0]}")
            sys.exit(1)
        self.stdout.write(
            "Không thuộc sổ: các bảng chỉ mục (chuyên mục, từ khóa, nhân sự…); lập lại bằng rebuild_index khi nghi ngờ."
        )
        self.stdout.write(f"Sổ xuất bản nguyên vẹn: {verdict.entry_count} dòng, {verdict.edition_count} ấn bản.")
