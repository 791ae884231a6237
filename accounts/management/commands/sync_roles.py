"""`manage.py sync_roles`: make groups and their permissions agree with the table of roles."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts import roles


class Command(BaseCommand):
    """Sync the roles."""

    help = "Đồng bộ các vai trò (nhóm và quyền) theo bảng accounts/roles.py."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run `roles.sync()`."""
        roles.sync()
        if options["verbosity"]:
            self.stdout.write(f"Đã đồng bộ {len(roles.ROLES)} vai trò.")
