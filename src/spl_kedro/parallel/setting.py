"""The one setting that says where work on many cases is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_address: str | None = None
_within_task: ContextVar[bool] = ContextVar("within_task", default=False)


def use_scheduler(address: str | None) -> None:
    """Send work on many cases to a Dask cluster from now on, or keep it on this machine.

    Parameters
    ----------
    address : str or None
        Of the scheduler, such as ``tcp://host:8786``; None for this machine.
    """
    global _address
    _address = address


def scheduler() -> str | None:
    """Return the address of the scheduler that work goes to; None where it stays here.

    What a task starts in its turn stays with the task: a cluster whose workers all wait for work
    of their own would wait for ever.
    """
    return None if _within_task.get() else _address


@contextmanager
def within_task() -> Iterator[None]:
    """Keep what is started in a block on this machine."""
    before = _within_task.set(True)
    try:
        yield
    finally:
        _within_task.reset(before)
