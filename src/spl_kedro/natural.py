"""The order in which a person expects names: 1, 2, 10, not 1, 10, 2."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeVar

_NUMBER = re.compile(r"(\d+)")
_Name = TypeVar("_Name")

#: What names are compared by: their words and numbers in turn, then how they are written.
Key = tuple[tuple[str | int, ...], str]


def natural_key(name: object) -> Key:
    """Return what to sort a name by: numbers within it count as numbers, upper case as lower.

    For what is shown. Stored tables, draws and folds keep the order they have.

    Examples
    --------
    >>> sorted(["case_10", "case_2", "Case_1"], key=natural_key)
    ['Case_1', 'case_2', 'case_10']
    """
    text = str(name)
    parts = enumerate(_NUMBER.split(text))
    return tuple(int(p) if k % 2 else p.casefold() for k, p in parts), text


def in_natural_order(names: Iterable[_Name]) -> list[_Name]:
    """Return names in the order in which a person expects them.

    Examples
    --------
    >>> in_natural_order({"p10", "p9", "p1"})
    ['p1', 'p9', 'p10']
    """
    return sorted(names, key=natural_key)
