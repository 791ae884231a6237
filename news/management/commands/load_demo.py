"""`manage.py load_demo`: the demo newsroom, for trying the product on one's own machine."""

from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from news.services import demo

PASSWORD = "toa-soan-thu-nghiem"  # noqa: S105 - the demo's, refused anywhere but on this machine
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Command(BaseCommand):
    """Load the demo newsroom."""

    help = "Nạp tòa soạn mẫu vào một hệ thống còn trống và in các tài khoản thử."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A password of one's own, needed where others can reach the site."""
        parser.add_argument("--password", help="mật khẩu cho các tài khoản thử")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load once; later runs only print the log-ins. Refuses the known password on a site others can reach."""
        password = options["password"] or PASSWORD
        if not options["password"] and urlsplit(settings.SITE_URL).hostname not in LOOPBACK:
            raise CommandError("Trang này người ngoài vào được: hãy đặt mật khẩu riêng bằng --password.")
        if demo.is_empty():
            count = demo.load(password=password, at=timezone.now())
            self.stdout.write(f"Đã nạp tòa soạn mẫu: {count} bài đang hiện với bạn đọc.")
        elif not User.objects.filter(username="phongvien", email="phongvien@example.vn").exists():
            self.stdout.write("Hệ thống đã có bài: không nạp tòa soạn mẫu.")
            return
        self.stdout.write(f"Tài khoản thử (mật khẩu: {password if demo.knows(password) else 'đã được đổi'}):")
        for user in demo.users():
            roles = ", ".join(group.name for group in user.groups.all())
            self.stdout.write(f"  {user.username:14} {roles:18} {user.full_name}")
