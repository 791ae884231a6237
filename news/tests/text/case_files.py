"""Reads cases/*.txt: lines an editor can add without Python. A line that begins with # is a comment."""

import itertools
from pathlib import Path

CASES = Path(__file__).parent / "cases"


def lines(name: str) -> list[str]:
    """The case lines of a file, stripped."""
    read = (CASES / name).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in read if line.strip() and not line.startswith("#")]


def pairs(name: str) -> list[tuple[str, str]]:
    """The lines `left | right` of a file. The right side may be empty."""
    halves = [line.partition("|") for line in lines(name)]
    return [(left.strip(), right.strip()) for left, bar, right in halves if bar]


def singles(name: str) -> list[str]:
    """The lines of a file that have no `|`."""
    return [line for line in lines(name) if "|" not in line]


def neighbours(name: str) -> list[tuple[str, str]]:
    """The lines `first < second < third` of a file as pairs of neighbours."""
    chains = [[item.strip() for item in line.split(" < ")] for line in lines(name)]
    return [(left, right) for chain in chains for left, right in itertools.pairwise(chain)]
