"""Titles set in type (being written)."""


def set_title(text: str) -> str:
    """The title with no-break spaces inside names and compounds."""
    return text


def plain_title(text: str) -> str:
    """The title with ordinary spaces."""
    return text.replace("\u00a0", " ")
