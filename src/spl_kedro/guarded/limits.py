"""What decoding one file may take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class Limits(NamedTuple):
    """What decoding one file may take.

    Attributes
    ----------
    pixels : int
        Width times height; a larger image is refused by its header.
    seconds : float
        From the moment a waiting process is given the file.
    memory_mb : int
        Beside what the process has anyway, in MiB.
    """

    pixels: int = 25_000_000
    seconds: float = 60.0
    memory_mb: int = 4096


DEFAULT = Limits()
_limits: ContextVar[Limits] = ContextVar("limits", default=DEFAULT)


def limits() -> Limits:
    """Return the limits that hold here: those of the nearest :func:`within`, else the defaults."""
    return _limits.get()


@contextmanager
def within(new: Limits) -> Iterator[None]:
    """Let other limits hold in a block, in this thread.

    Examples
    --------
    >>> with within(Limits(seconds=5)):
    ...     limits().seconds
    5
    """
    before = _limits.set(new)
    try:
        yield
    finally:
        _limits.reset(before)
