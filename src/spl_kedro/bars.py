"""Progress of long work: a bar where somebody looks, elsewhere now and then a line in the log."""

from __future__ import annotations

import io
import logging
import sys
import time
from collections.abc import Iterable, Sized
from typing import Any

from tqdm import tqdm

log = logging.getLogger(__name__)

#: Seconds between two lines about one work.
EVERY = 30.0


def bar(iterable: Iterable[Any] | None = None, **kwargs: Any) -> tqdm:
    """Return tqdm's bar in a terminal or notebook, elsewhere one that writes lines to the log.

    A file with a bar in it would hold a fragment for each of the bar's changes. Of no work at all
    nothing is shown.

    Parameters
    ----------
    iterable : iterable, optional
        What is counted as it is gone through.
    **kwargs
        As for :class:`tqdm.tqdm`.

    Examples
    --------
    >>> sum(bar([1, 2, 3], desc="numbers"))
    6
    """
    total = kwargs.get("total", len(iterable) if isinstance(iterable, Sized) else None)
    if total == 0:
        kwargs["disable"] = True
    if sys.stderr.isatty() or _in_a_notebook():
        from tqdm.auto import tqdm as shown

        return shown(iterable, **kwargs)
    return LoggedBar(iterable, **kwargs)


def _in_a_notebook() -> bool:
    """Return whether a notebook runs this; a program may import the package of one all the same."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


class LoggedBar(tqdm):
    """Writes how far a work is to the log, every half minute, and nothing of a short one.

    Parameters
    ----------
    *args
        As for :class:`tqdm.tqdm`.
    every : float
        Seconds between two lines.
    **kwargs
        As for :class:`tqdm.tqdm`; where and how often it would draw is settled here.
    """

    def __init__(self, *args: Any, every: float = EVERY, **kwargs: Any) -> None:
        self._every, self._told = every, time.monotonic()
        super().__init__(*args, **kwargs | {"file": io.StringIO(), "mininterval": every})

    def display(self, msg: str | None = None, pos: int | None = None) -> bool:
        """Write a line, unless the work has just begun, has ended or was told of a moment ago."""
        now = time.monotonic()
        over = self.total is not None and self.n >= self.total
        if msg == "" or not self.n or over or now - self._told < self._every:
            return True
        self._told = now
        log.info(self._line())
        return True

    def _line(self) -> str:
        told = self.format_dict
        if not self.total:
            return f"{self.desc}: {self.n:.0f} so far"
        share, rate = self.n / self.total, told["rate"] or self.n / max(told["elapsed"], 1e-9)
        left = duration((self.total - self.n) / rate)
        return f"{self.desc}: {self.n:.0f} of {self.total:.0f} ({share:.0%}), about {left} left"


def duration(seconds: float) -> str:
    """Return a time in words, as exact as a guess of it deserves.

    Parameters
    ----------
    seconds : float

    Examples
    --------
    >>> [duration(seconds) for seconds in (0.4, 42, 200, 3_000, 8_000)]
    ['1 s', '42 s', '3 min', '50 min', '2 h 13 min']
    """
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
