"""Call a function in a process of its own, and say how it ended where it did not return."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from spl_kedro.guarded.limits import limits
from spl_kedro.guarded.workers import DeadWorkerError, borrowed

log = logging.getLogger(__name__)

Given = ParamSpec("Given")
Result = TypeVar("Result")

#: Times that a file is given to a process before the file is blamed for the process's death.
ATTEMPTS = 2
_here: ContextVar[bool] = ContextVar("here", default=False)


class EndedError(Exception):
    """The call did not return.

    Parameters
    ----------
    what : str
        How it ended, in words that follow the name of a file, such as ``"was not decoded within
        60 s"``.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def guarded(function: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> Result:
    """Call a function of a file in a worker process, within the limits that hold here.

    The process is kept for further calls, one for each thread that calls. Results do not depend
    on it.

    Parameters
    ----------
    function : function
        Importable by its name, as its arguments and its result are picklable.
    *given, **named
        Its arguments.

    Raises
    ------
    EndedError
        If the process died twice, or the limits were reached.
    Exception
        What the function raises.
    """
    if _here.get():
        return function(*given, **named)
    signal = ""
    for _ in range(ATTEMPTS):
        try:
            with borrowed() as worker:
                done: Result = worker.call(function, given, named, limits())
                return done
        except TimeoutError:
            raise EndedError(f"was not decoded within {limits().seconds:g} s") from None
        except MemoryError:
            raise EndedError(
                f"took more than {limits().memory_mb} MiB of memory to decode"
            ) from None
        except DeadWorkerError as error:
            # Another than the file may have ended it, such as a system that is short of memory.
            signal = str(error)
            log.warning("A process that decodes files died (%s).", signal)
    raise EndedError(f"ended the process that decoded it, {ATTEMPTS} times ({signal})")


@contextmanager
def unguarded() -> Iterator[None]:
    """Call functions in this process in a block, in this thread: for tests and tracers.

    Examples
    --------
    >>> with unguarded():
    ...     guarded(abs, -2)
    2
    """
    before = _here.set(True)
    try:
        yield
    finally:
        _here.reset(before)
