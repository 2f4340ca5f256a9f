"""Names of categories along an axis."""

from __future__ import annotations

import textwrap
from itertools import takewhile

from matplotlib.axes import Axes

#: Categories that fit side by side.
SIDE_BY_SIDE = 5


def name_ticks(axes: Axes, names: list[str]) -> None:
    """Write categories side by side where there is room for them, else upright.

    Parameters
    ----------
    axes : Axes
        The first category stands at 0.
    names : list of str
    """
    spoken = [name.replace("_", " ") for name in names]
    if len(names) <= SIDE_BY_SIDE:
        ticks = [textwrap.fill(name, 12, break_long_words=False) for name in spoken]
        axes.set_xticks(range(len(names)), ticks)
        return
    axes.set_xticks(range(len(names)), without_beginning(spoken), rotation=90, fontsize=6)


def without_beginning(names: list[str], longest: int = 26) -> list[str]:
    """Leave out of long names the words with which several of them begin.

    Examples
    --------
    >>> without_beginning(["round", "not circumscribed angular", "not circumscribed indistinct"], 9)
    ['round', '…angular', '…indistinct']
    """
    shortened = []
    for name in names:
        words = name.split()
        alike = [other.split() for other in names if other.split()[:1] == words[:1]]
        columns = takewhile(lambda column: len(set(column)) == 1, zip(*alike, strict=False))
        shared = len(list(columns)) if len(alike) > 1 else 0
        cut = 0 < shared < len(words) and len(name) > longest
        shortened.append(f"…{' '.join(words[shared:])}" if cut else name)
    return shortened
