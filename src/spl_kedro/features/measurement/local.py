"""Running jobs on threads or processes of this machine, surviving workers that die.

joblib's processes would serve too, but each imports the engine anew, also those that take the
place of dead ones, where the workers here are forked from a process that has it; and the Dask
backend cannot be joblib's (see :mod:`.cluster`), so nothing would be saved.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures import ThreadPoolExecutor as _Threads
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait as wait_for_process

from joblib import cpu_count

from spl_kedro.features.measurement.jobs import Job, Outcome, died, measure


def available_workers(asked: int, jobs: int) -> int:
    """Return the number of workers to start: as asked (0: all processors), never idle ones."""
    return max(1, min(asked or cpu_count(), jobs))


def _die_with_parent() -> None:
    """End a worker whose parent was killed, instead of leaving it waiting for ever."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait_for_process([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _processes(workers: int) -> ProcessPoolExecutor:
    # Forked from a clean server, not from the parent, which may hold threads and locks of other
    # libraries; the server imports the extractor once for all workers to come.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([measure.__module__])
    return ProcessPoolExecutor(workers, context, initializer=_die_with_parent)


def _stream(
    pool: Executor, queue: deque[Job], running: dict[Future[Outcome], Job], ahead: int
) -> Iterator[Outcome]:
    """Keep `ahead` jobs in flight and yield outcomes as they come."""
    while queue or running:
        while queue and len(running) < ahead:
            running[pool.submit(measure, queue[0])] = queue[0]
            queue.popleft()
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            outcome = future.result()
            del running[future]
            yield outcome


def run_in_threads(jobs: list[Job], workers: int) -> Iterator[Outcome]:
    """Measure on threads; the compiled kernels run without Python's lock.

    Parameters
    ----------
    jobs : list of Job
    workers : int

    Yields
    ------
    Outcome
        In order of completion.
    """
    if workers == 1:
        yield from map(measure, jobs)
        return
    with _Threads(workers) as pool:
        yield from _stream(pool, deque(jobs), {}, 2 * workers)


def run_in_processes(jobs: list[Job], workers: int, retries: int) -> Iterator[Outcome]:
    """Measure in processes; lesions in flight when one dies are tried again, each alone.

    A pool whose worker died cannot say which lesion did it, so all in flight are under
    suspicion. Alone in a pool, a lesion that kills its worker again is found out.

    Parameters
    ----------
    jobs : list of Job
    workers : int
    retries : int
        Further attempts before a lesion is given up.

    Yields
    ------
    Outcome
        In order of completion.
    """
    queue, suspects = deque(jobs), deque[Job]()
    while queue:
        running: dict[Future[Outcome], Job] = {}
        with _processes(workers) as pool:
            try:
                yield from _stream(pool, queue, running, 2 * workers)
            except BrokenProcessPool:
                suspects.extend(running.values())
    for job in suspects:
        yield _alone(job, retries)


def _alone(job: Job, retries: int) -> Outcome:
    for _ in range(retries + 1):
        with _processes(1) as pool:
            try:
                return pool.submit(measure, job).result()
            except BrokenProcessPool:
                continue
    return died(job, retries + 1)
