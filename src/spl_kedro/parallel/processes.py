"""Threads and processes of this machine for cases that may kill the process that works on them.

joblib's processes would serve too, but each imports the work's module anew, also those that take
the place of dead ones, where the workers here are forked from a process that has it.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait as wait_for_process
from typing import Any, TypeVar

Case = TypeVar("Case")
Result = TypeVar("Result")


def available_workers(asked: int, cases: int) -> int:
    """Return the number of workers to start: as asked (0: all processors), never idle ones."""
    from joblib import cpu_count

    return max(1, min(asked or cpu_count(), cases))


def _die_with_parent() -> None:
    """End a worker whose parent was killed, instead of leaving it waiting for ever."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait_for_process([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _pool(work: Callable[..., Any], workers: int) -> ProcessPoolExecutor:
    # Forked from a clean server, not from the parent, which may hold threads and locks of other
    # libraries; the server imports the work's module once for all workers to come.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([work.__module__])
    return ProcessPoolExecutor(workers, context, initializer=_die_with_parent)


def _stream(
    pool: Executor,
    work: Callable[[Case], Result],
    queue: deque[Case],
    running: dict[Future[Result], Case],
    ahead: int,
) -> Iterator[Result]:
    """Keep `ahead` cases in flight and yield results as they come."""
    while queue or running:
        while queue and len(running) < ahead:
            running[pool.submit(work, queue[0])] = queue[0]
            queue.popleft()
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            result = future.result()
            del running[future]
            yield result


def over_threads(
    work: Callable[[Case], Result], cases: Iterable[Case], workers: int
) -> Iterator[Result]:
    """Work in threads.

    Parameters
    ----------
    work : function of one case
    cases : iterable
    workers : int

    Yields
    ------
    object
        Results, in order of completion.
    """
    if workers == 1:
        yield from map(work, cases)
        return
    with ThreadPoolExecutor(workers) as pool:
        yield from _stream(pool, work, deque(cases), {}, 2 * workers)


def in_processes(
    work: Callable[[Case], Result],
    cases: Iterable[Case],
    workers: int,
    retries: int,
    killed: Callable[[Case, int], Result],
) -> Iterator[Result]:
    """Work in processes; cases in flight when one dies are tried again, each alone.

    A pool whose worker died cannot say which case did it, so all in flight are under
    suspicion. Alone in a pool, a case that kills its worker again is found out.

    Parameters
    ----------
    work : function of one case
        Importable by its name.
    cases : iterable
        Picklable.
    workers : int
    retries : int
        Further attempts before a case is given up.
    killed : function of a case and a number of attempts
        Makes the result of a case that is given up.

    Yields
    ------
    object
        Results, in order of completion.
    """
    queue, suspects = deque(cases), deque[Case]()
    while queue:
        running: dict[Future[Result], Case] = {}
        with _pool(work, workers) as pool:
            try:
                yield from _stream(pool, work, queue, running, 2 * workers)
            except BrokenProcessPool:
                suspects.extend(running.values())
    for case in suspects:
        yield _alone(work, case, retries, killed)


def _alone(
    work: Callable[[Case], Result],
    case: Case,
    retries: int,
    killed: Callable[[Case, int], Result],
) -> Result:
    for _ in range(retries + 1):
        with _pool(work, 1) as pool:
            try:
                return pool.submit(work, case).result()
            except BrokenProcessPool:
                continue
    return killed(case, retries + 1)
