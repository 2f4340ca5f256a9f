"""The worker processes of :func:`spl_kedro.guarded.guarded`: started when first needed, reused.

They are programs of their own, not forks: a fork would copy what other threads hold, and the
processes of a Dask worker may have no children of `multiprocessing`.
"""

from __future__ import annotations

import atexit
import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any

from spl_kedro.guarded.limits import Limits

log = logging.getLogger(__name__)

#: Seconds that a process may take to start, on the busiest of machines.
_START = 300.0
#: Seconds between looks at the clock; a longer gap is a machine that slept or a stopped program.
_LOOK = 1.0

_idle: list[Worker] = []
_lock = threading.Lock()
_owner = os.getpid()
_noted = False


class DeadWorkerError(Exception):
    """A worker ended before it answered."""


class Worker:
    """One process that calls one function at a time.

    Attributes
    ----------
    usable : bool
        Whether it waits for a call.
    """

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "spl_kedro.guarded.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # What native decoders write there may quote the file.
                stderr=None if os.environ.get("SPL_KEDRO_TRACEBACK") else subprocess.DEVNULL,
                env=_environment(),
            )
        self._connection = Connection(ours.detach())
        self._started = False
        self.usable = True

    @property
    def alive(self) -> bool:
        """Whether the process is there; one that was idle for long has ended by itself."""
        return self._process.poll() is None

    def call(
        self,
        function: Callable[..., Any],
        given: Sequence[Any],
        named: Mapping[str, Any],
        limits: Limits,
    ) -> Any:
        """Return what a function returns in the process, or raise what it raises.

        Raises
        ------
        TimeoutError, MemoryError
            If it took more than the limits allow.
        DeadWorkerError
            If the process died of it.
        """
        self.usable = False
        try:
            if not self._started:
                _note_cap(self._receive(_START))
                self._started = True
            task = (function, given, named, limits.seconds, limits.memory_mb)
            self._connection.send_bytes(pickle.dumps(task, protocol=5))
            done, result = self._receive(limits.seconds)
        except (EOFError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            raise DeadWorkerError(self._death()) from error
        # One that ran out of memory may not get all of it back.
        self.usable = not isinstance(result, MemoryError)
        if not done:
            raise result
        return result

    def end(self) -> None:
        """End the process, whatever it does."""
        self._connection.close()
        self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)

    def _receive(self, seconds: float) -> Any:
        waited = 0.0
        while not self._connection.poll(max(0.0, min(_LOOK, seconds - waited))):
            # Counted in looks: while a machine sleeps, nothing is decoded.
            waited += _LOOK
            if waited >= seconds:
                raise TimeoutError
        return pickle.loads(self._connection.recv_bytes())

    def _death(self) -> str:
        try:
            code = self._process.wait(10)
        except subprocess.TimeoutExpired:
            return "it does not answer"
        if not self._started:
            raise RuntimeError(
                f"The process that decodes files does not start (exit code {code}); "
                "SPL_KEDRO_TRACEBACK=1 shows why."
            )
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"


@contextmanager
def borrowed() -> Iterator[Worker]:
    """Take an idle worker, or start one; it is kept, unless a call in the block did not return."""
    worker = _taken()
    try:
        yield worker
    finally:
        if worker.usable:
            with _lock:
                _idle.append(worker)
        else:
            worker.end()


def _taken() -> Worker:
    global _owner
    with _lock:
        if _owner != os.getpid():
            # A fork of the process that started them: they serve the parent.
            _idle.clear()
            _owner = os.getpid()
        while _idle:
            worker = _idle.pop()
            if worker.alive:
                return worker
            worker.end()
    return Worker()


def _note_cap(possible: bool) -> None:
    global _noted
    if not possible and not _noted:
        log.warning("This system cannot cap the memory of a process: files are decoded without.")
        _noted = True


def _environment() -> dict[str, str]:
    # One thread each: there are as many workers as threads that wait for them.
    one = dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
         "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"), "1",
    )  # fmt: skip
    return {**os.environ, **one, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def end_all() -> None:
    """End the workers that wait."""
    with _lock:
        if _owner == os.getpid():
            while _idle:
                _idle.pop().end()


atexit.register(end_all)
