"""`manage.py import_articles FILE.jsonl`: load an archive, one JSON object a line."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from news.services.importing import Importer


class Command(BaseCommand):
    """Import articles."""

    help = "Nhập kho bài từ tệp JSONL (mỗi dòng một bài); dòng bị từ chối được nêu số và lý do, các dòng khác vẫn nhập."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file and its options."""
        parser.add_argument("file", help="tệp .jsonl")
        parser.add_argument("--create-sections", action="store_true", help="tạo chuyên mục còn thiếu")
        parser.add_argument("--actor", help="tên đăng nhập ghi vào sổ xuất bản")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and report. Exits 1 when the file cannot be read; refused lines are reported, not fatal."""
        actor = None
        if options["actor"]:
            actor = User.objects.filter(username=options["actor"]).first()
            if actor is None:
                raise CommandError(f"Không có người dùng “{options['actor']}”.")
        path = Path(options["file"])
        importer = Importer(
            actor=actor, at=timezone.now(), folder=path.parent, create_sections=options["create_sections"]
        )
        try:
            with path.open("rb") as source:
                report = importer.run(source)
        except OSError as error:
            raise CommandError(f"Không đọc được {path}: {error.strerror}") from error
        for number, reason in report.refused:
            self.stderr.write(f"Dòng {number}: bị từ chối, {reason}.")
        for number, notice in report.notices:
            self.stderr.write(f"Dòng {number}: {notice}.")
        for slug in report.sections:
            self.stdout.write(f"Đã tạo chuyên mục {slug}.")
        self.stdout.write(
            f"Đọc {report.read} dòng: {report.created} bài mới, {report.changed} bài có ấn bản mới,"
            f" {report.skipped} bài không đổi, {len(report.refused)} dòng bị từ chối."
        )
