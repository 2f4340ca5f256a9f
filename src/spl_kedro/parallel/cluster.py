"""Work on the workers of a Dask cluster, its results in order, though workers die.

Dask moves the tasks of a dead worker elsewhere; a task that was on too many dead workers (the
scheduler's ``allowed-failures``) comes back as ``KilledWorker``. As it may only have shared a
worker with the culprit, it is tried again alone before it is given up.

joblib has a Dask backend, but (1.6) it never hands on a task whose worker died: the caller waits
for ever. So Dask's own client does the work.
"""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from itertools import takewhile
from time import monotonic
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

from spl_kedro.errors import UnusableStudyError
from spl_kedro.parallel.client import connected
from spl_kedro.parallel.tasks import Sealed, hold, opened, run, seal

logger = logging.getLogger(__name__)

Case = TypeVar("Case")
Result = TypeVar("Result")

#: Tasks in flight for each thread of the workers: enough to keep them busy, few enough to keep
#: client and scheduler small.
AHEAD = 4
# Seconds after which the workers are counted again.
_COUNTED_EVERY = 5.0
# Bytes up to which what all tasks need travels with each: as a task of its own it ties the first
# tasks to the worker that has it.
_SMALL = 100_000


class _Flying(NamedTuple):
    number: int
    case: Any
    future: Any


def on_cluster(
    address: str,
    work: Callable[[Case], Result],
    cases: Iterable[Case],
    description: str,
    unit: str = "lesion",
    name: Callable[[Case], str] | None = None,
    retries: int = 1,
    killed: Callable[[Case, int], Result] | None = None,
    shared: Sequence[Any] = (),
) -> Iterator[Result]:
    """Yield what `work` makes of each case on a cluster, in the order of the cases.

    A bounded number of tasks is in flight. What dies with a worker is done again: `work` and what
    is shared are the result of a task of their own, from which Dask makes them anew.

    Parameters
    ----------
    address : str
        Of the scheduler, for example ``tcp://host:8786``.
    work : function of one case
        Picklable by cloudpickle, as are cases and results. What it raises is raised here.
    cases : iterable
        Taken one by one.
    description : str
        Of the work; part of the tasks' keys, without anything of the cases.
    unit : str
        What a case is called in errors, with its number.
    name : function of one case, optional
        What to call a case in errors instead.
    retries : int
        Further attempts, alone, for a case whose workers died.
    killed : function of a case and a number of attempts, optional
        Makes the result of a case that is given up; by default that is an error.
    shared : sequence
        Objects that cases refer to and that travel with `work` instead.

    Raises
    ------
    UnusableStudyError
        When no scheduler answers, or a case is given up.
    """
    call = _Call(address, work, shared, description)
    ahead = enumerate(cases)
    flying: deque[_Flying] = deque()
    while True:
        while len(flying) < call.room() and (item := next(ahead, None)) is not None:
            flying.append(_Flying(*item, call.submit(*item)))
        if not flying:
            return
        call.wait([flying[0].future])
        done = list(takewhile(lambda task: task.future.done(), flying))
        for _ in done:
            flying.popleft()
        for task, result in zip(done, call.results(done), strict=True):
            if result is None:
                # What else is in flight would share the blame, or the worker's death.
                call.wait([other.future for other in (*done, *flying)])
                result = call.alone(task.case, retries)
            if result is not None:
                yield opened(result)
            elif killed is not None:
                yield killed(task.case, retries + 1)
            else:
                raise _given_up(task, description, unit, name, retries + 1)


def _given_up(
    task: _Flying, description: str, unit: str, name: Callable[[Any], str] | None, attempts: int
) -> UnusableStudyError:
    called = name(task.case) if name is not None else f"{unit} {task.number + 1}"
    return UnusableStudyError(
        "a worker that survives",
        f"{description}: the workers that had {called} died, {attempts} times.",
        "Often memory: give the workers more. Their logs say how they ended.",
    )


class _Call:
    """One call: what all its tasks need, their keys, and the requests to the scheduler."""

    def __init__(
        self, address: str, work: Callable[[Any], Any], shared: Sequence[Any], description: str
    ) -> None:
        from distributed import wait
        from distributed.scheduler import KilledWorker

        self.client, self._wait, self._killed = connected(address), wait, KilledWorker
        self._address, self._description = address, description
        # Of letters alone, as Dask groups tasks, and its own: the same work may be asked for again.
        words = re.sub("[^a-z]+", "_", description.lower()).strip("_")
        self._key = f"{words or 'work'}-{uuid4().hex}"
        self._shared = tuple(shared)
        self._work: Any = seal((work, self._shared), name=self._key)
        self._held = self._work
        if len(self._work.content) > _SMALL:
            self._held = self._send(hold, self._work, key=f"{self._key}-work")
        self._threads, self._counted = 0, -_COUNTED_EVERY

    def room(self) -> int:
        """Return how many tasks may be in flight."""
        if monotonic() - self._counted >= _COUNTED_EVERY:
            with self._reached():
                self._threads = sum(self.client.nthreads().values())
            if not self._threads:
                logger.warning("The scheduler has no worker: waiting for one.")
            self._counted = monotonic()
        return AHEAD * max(self._threads, 1)

    def submit(self, number: int, case: Any) -> Any:
        return self._send(run, self._held, seal(case, self._shared), key=(self._key, number))

    def wait(self, futures: list[Any]) -> None:
        with self._reached(), self.client.as_current():
            self._wait(futures)

    def results(self, done: list[_Flying]) -> list[Sealed | None]:
        """Return the results of tasks that ended, in one request; None where workers died."""
        try:
            with self._reached():
                found: list[Sealed | None] = self.client.gather([task.future for task in done])
                return found
        except self._killed:
            return [self._result(task.future) for task in done]

    def alone(self, case: Any, retries: int) -> Sealed | None:
        """Return the result of a case that has the cluster for itself; None where workers died."""
        for attempt in range(retries):
            key = f"{self._key}-alone-{attempt}-{uuid4().hex}"
            result = self._result(self._send(run, self._work, seal(case, self._shared), key=key))
            if result is not None:
                return result
        return None

    def _result(self, future: Any) -> Sealed | None:
        try:
            with self._reached():
                result: Sealed = future.result()
                return result
        except self._killed:
            return None

    def _send(self, function: Callable[..., Sealed], *sealed: Any, key: Any) -> Any:
        import dask

        # Dask warns of what is large; how often it travels is settled here.
        quiet = dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"})
        with self._reached(), quiet:
            return self.client.submit(function, *sealed, key=key)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Say so where the scheduler is lost; what tasks raise comes as a result, never so."""
        from distributed.client import ClosedClientError

        try:
            yield
        except (CancelledError, OSError, ClosedClientError) as error:
            raise UnusableStudyError(
                "a scheduler that answers",
                f"scheduler: {self._address} was lost during '{self._description}'.",
                "Start the scheduler and its workers again, and the run from where it stopped.",
            ) from error
