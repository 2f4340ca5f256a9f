"""Running jobs on threads or processes of this machine, surviving workers that die."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from typing import Literal

from joblib import Parallel, delayed

from spl_kedro.features.measurement.jobs import Job, Outcome, died, measure


def available_workers(asked: int, jobs: int) -> int:
    """Return the number of workers to start: as asked (0: all processors), never idle ones."""
    return max(1, min(asked or len(os.sched_getaffinity(0)), jobs))


@lru_cache(maxsize=1)
def _end_with(parent: int) -> None:
    """End this worker once the process that started it was killed; joblib's would wait on."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _measure_in_process(job: Job, parent: int) -> Outcome:
    _end_with(parent)
    return measure(job)


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
    yield from _parallel(workers, "threading")(delayed(measure)(job) for job in jobs)


def run_in_processes(jobs: list[Job], workers: int, retries: int) -> Iterator[Outcome]:
    """Measure in processes; lesions in flight when one dies are tried again, each alone.

    Workers that one killed cannot be told from those it took with it, so all in flight are under
    suspicion. Alone, a lesion that kills its worker again is found out.

    Parameters
    ----------
    jobs : list of Job
    workers : int
        At least 2.
    retries : int
        Further attempts before a lesion is given up.

    Yields
    ------
    Outcome
        In order of completion.
    """
    queue, suspects = deque(jobs), deque[Job]()
    while queue:
        running: dict[str, Job] = {}
        try:
            for outcome in _parallel(workers, "loky")(_started(queue, running)):
                del running[outcome.lesion_id]
                yield outcome
        except BrokenProcessPool:
            suspects.extend(running.values())
    for job in suspects:
        yield _alone(job, retries)


def _parallel(workers: int, backend: Literal["threading", "loky"]) -> Parallel:
    return Parallel(workers, backend=backend, batch_size=1, return_as="generator_unordered")


def _started(queue: deque[Job], running: dict[str, Job]) -> Iterator[tuple]:
    """Tasks for joblib, which asks for the next ones as others end; notes what it has taken."""
    while queue:
        job = queue.popleft()
        running[job.lesion_id] = job
        yield delayed(_measure_in_process)(job, os.getpid())


def _alone(job: Job, retries: int) -> Outcome:
    for _ in range(retries + 1):
        try:
            # With one worker joblib would measure in this very process.
            return next(_parallel(2, "loky")(_started(deque([job]), {})))
        except BrokenProcessPool:
            continue
    return died(job, retries + 1)
