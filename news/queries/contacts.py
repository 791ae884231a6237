"""What a contact's decrypted details say, and said before they were corrected."""

from collections.abc import Mapping
from typing import Final

FORMER: Final = "former_"
"""Before a field's name: what stood in it before it was corrected, the oldest first, a line each."""


def said_as(opened: Mapping[str, str], name: str) -> list[str]:
    """What stands in a field, and what stood there before; the newest first."""
    former = opened.get(f"{FORMER}{name}", "").split("\n")
    return [string for string in (opened.get(name, ""), *reversed(former)) if string]
