"""What the checks of files share: how they refuse, and what they look at."""

import mmap

Data = bytes | mmap.mmap
"""The bytes of a file, mapped or in memory."""


class BadFile(ValueError):
    """The file cannot be taken; the message says why, in Vietnamese."""
