"""Naming: the name by which other readers see somebody."""

from accounts.models import User


def rename(*, user_id: int, name: str) -> None:
    """Give a reader that name; the names of colleagues stay as the administrators wrote them."""
    User.objects.filter(pk=user_id, is_staff=False).update(full_name=name)
