"""The program of a worker process: ``python -m spl_kedro.guarded.worker <file descriptor>``."""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys
import warnings
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

#: Seconds without work after which the process ends; the next call starts another.
IDLE = 300
# What programs that are out of memory say of it.
_WORDS_OF_MEMORY = ("bad_alloc", "failed to allocate", "cannot allocate", "out of memory")


def main(descriptor: int) -> None:
    """Answer calls until the other end is closed."""
    # Ctrl-C is for the program that asks.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A crash leaves no copy of the memory, which holds a patient's image.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    connection = Connection(descriptor)
    connection.send_bytes(pickle.dumps(cap_memory(2**20)))
    while connection.poll(IDLE):
        try:
            task = connection.recv_bytes()
        except EOFError:
            return
        connection.send_bytes(_answer(*pickle.loads(task)))


def _answer(function: Any, given: Any, named: Any, seconds: float, memory_mb: int) -> bytes:
    # Should nobody be there any more to end a decoder that hangs, the system does.
    signal.setitimer(signal.ITIMER_REAL, 2 * seconds + 10)
    cap_memory(memory_mb)
    try:
        answer = True, function(*given, **named)
        return pickle.dumps(answer, protocol=5)
    except Exception as error:
        try:
            return pickle.dumps((False, _told(error)), protocol=5)
        except Exception:
            return pickle.dumps((False, RuntimeError(type(error).__name__)), protocol=5)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _told(error: BaseException) -> BaseException:
    """Return a MemoryError for whatever a program out of memory raised, else the error itself."""
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in links:
        links.append(link)
        link = link.__cause__ or link.__context__
    for one in links:
        words = str(one).casefold()
        if isinstance(one, MemoryError) or any(word in words for word in _WORDS_OF_MEMORY):
            return MemoryError()
    return error


def cap_memory(megabytes: int) -> bool:
    """Let this process take so many MiB beside what it has; returns whether the system can."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * os.sysconf("SC_PAGE_SIZE") + megabytes * 2**20
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    except (OSError, ValueError):  # macOS: no such file, and no such limit
        return False
    return True


if __name__ == "__main__":
    main(int(sys.argv[1]))
