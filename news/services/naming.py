"""Naming: the name by which other readers see somebody, and which they may not take."""

from accounts.models import User
from accounts.names import clean_readers_name, speaks_for_the_house
from news.services.mailing import masthead_name


def clean(name: str) -> str:
    """A reader's name in order, neither the newsroom's nor the newspaper's. Raises `ValidationError`. One query."""
    return clean_readers_name(name, masthead_name())


def passes_for_us(name: str) -> bool:
    """Whether readers would take a guest's name for the newsroom's or the newspaper's. One query."""
    return speaks_for_the_house(name, masthead_name())


def rename(*, user_id: int, name: str) -> None:
    """Give a reader that name; the names of colleagues stay as the administrators wrote them."""
    User.objects.filter(pk=user_id, is_staff=False).update(full_name=name)
