"""What travels to a worker and back, and what the worker does with it.

Nothing of a case can be read in the logs of scheduler and workers: a task's arguments are sealed,
and what it raises is handed back as a result.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from threading import get_ident
from traceback import format_exc
from typing import Any

import cloudpickle

from spl_kedro.parallel.setting import within_task
from spl_kedro.parallel.threads import one_thread


@dataclass(frozen=True)
class Sealed:
    """Something pickled, of which Dask sees a name alone.

    Attributes
    ----------
    name : str
    content : bytes
    """

    name: str
    content: bytes = field(compare=False, repr=False)


@dataclass(frozen=True)
class _Raised:
    error: Exception
    trace: str


def seal(content: Any, shared: Sequence[Any] = (), name: str = "") -> Sealed:
    """Pickle something for its way, without the shared objects it refers to."""
    buffer = BytesIO()
    _Pickler(buffer, shared).dump(content)
    return Sealed(name, buffer.getvalue())


class _Pickler(cloudpickle.Pickler):
    def __init__(self, file: BytesIO, shared: Sequence[Any]) -> None:
        super().__init__(file)
        self._numbers = {id(one): number for number, one in enumerate(shared)}

    def persistent_id(self, obj: Any) -> int | None:
        return self._numbers.get(id(obj))


class _Unpickler(pickle.Unpickler):
    def __init__(self, content: bytes, shared: Sequence[Any]) -> None:
        super().__init__(BytesIO(content))
        self._shared = shared

    def persistent_load(self, pid: int) -> Any:
        return self._shared[pid]


def opened(sealed: Sealed) -> Any:
    """Return a task's result, or raise what it raised."""
    content = cloudpickle.loads(sealed.content)
    if isinstance(content, _Raised):
        content.error.add_note(f"On a worker of the cluster:\n{content.trace}")
        raise content.error
    return content


def hold(sealed: Sealed) -> Sealed:
    """Be what all tasks of a call need; as a task, so that it can be made again elsewhere."""
    return sealed


# A worker may serve two calls at a time, of a run in threads.
@lru_cache(maxsize=2)
def _work(sealed: Sealed) -> tuple[Callable[[Any], Any], Sequence[Any]]:
    work, shared = cloudpickle.loads(sealed.content)
    return work, shared


@lru_cache(maxsize=64)
def _one_thread(thread: int, modules: int) -> None:
    """Limit this thread to itself, again only when more is imported.

    Not given back: that would change the sums of a task beside this one.
    """
    one_thread()


def run(work: Sealed, case: Sealed) -> Sealed:
    """Do the work on one case in a worker, on one thread of linear algebra.

    Parameters
    ----------
    work : Sealed
        A function of one case, and the objects that cases share.
    case : Sealed

    Returns
    -------
    Sealed
        The result, or what was raised.
    """
    try:
        with within_task():
            do, shared = _work(work)
            given = _Unpickler(case.content, shared).load()
            # After what is needed was imported.
            _one_thread(get_ident(), len(sys.modules))
            return seal(do(given))
    except Exception as error:
        try:
            return seal(_Raised(error, format_exc()))
        except Exception:  # an error that cannot be pickled
            return seal(_Raised(RuntimeError(f"{type(error).__name__}: {error}"), format_exc()))
