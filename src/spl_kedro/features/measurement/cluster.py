"""Running jobs on an existing Dask cluster.

Workers read the lesions' files themselves and send back rows, which stream in as they
finish. Dask moves the lesions of a dead worker elsewhere; a lesion that was on too many
dead workers (the scheduler's ``allowed-failures``) comes back as ``KilledWorker``. As it
may only have shared a worker with the culprit, it is tried again alone before it is
given up.

joblib has a Dask backend, but (1.6) it never hands on a task whose worker died: the caller waits
for ever. So Dask's own client does the work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from uuid import uuid4

from spl_kedro.features.measurement.jobs import Job, Outcome, died, measure


def run_on_dask(jobs: list[Job], scheduler: str, retries: int) -> Iterator[Outcome]:
    """Measure on the workers of a Dask cluster.

    Parameters
    ----------
    jobs : list of Job
    scheduler : str
        Address, for example ``tcp://host:8786``.
    retries : int
        Further attempts, alone, for a lesion whose workers died.

    Yields
    ------
    Outcome
        In order of completion.

    Raises
    ------
    OSError
        When no scheduler answers at the address.
    """
    from distributed import Client, as_completed
    from distributed.scheduler import KilledWorker

    with Client(scheduler, timeout="10s", set_as_default=False) as client:
        queue, suspects = deque(jobs), deque[Job]()
        running = {}

        def submit(job: Job):
            # A key of its own: the same lesion may be asked for again with other settings.
            future = client.submit(measure, job, key=f"radiomics-{job.lesion_id}-{uuid4().hex}")
            running[future] = job
            return future

        # Enough in flight to keep new workers busy; few enough to keep the client small.
        ahead = 4 * max(sum(client.nthreads().values()), 1)
        first = [submit(queue.popleft()) for _ in range(min(ahead, len(queue)))]
        stream = as_completed(first, loop=client.loop)
        for future in stream:
            job = running.pop(future)
            if queue:
                stream.add(submit(queue.popleft()))
            error = future.exception()
            if isinstance(error, KilledWorker):
                suspects.append(job)
                continue
            yield future.result()
            future.release()
        for job in suspects:
            yield _alone(submit, job, retries, KilledWorker)


def _alone(submit, job: Job, retries: int, killed: type[Exception]) -> Outcome:
    for _ in range(retries):
        try:
            return submit(job).result()
        except killed:
            continue
    return died(job, retries + 1)
