"""Work on many cases: the calls, whatever does the work."""

from __future__ import annotations

import logging
import pickle
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from spl_kedro.parallel.setting import scheduler
from spl_kedro.parallel.threads import one_thread

logger = logging.getLogger(__name__)

Case = TypeVar("Case")
Result = TypeVar("Result")


def in_threads(
    work: Callable[[Case], Result],
    cases: Iterable[Case],
    description: str,
    unit: str = "lesion",
    workers: int | None = None,
) -> Iterator[Result]:
    """Yield what `work` makes of each case, in the order of the cases, with a progress bar.

    Always on this machine: for work that stores files where this machine keeps them, or that holds
    its graphics processor. Other work goes by :func:`spread`. What waits are results only, so
    `work` returns small ones or stores them itself.

    Parameters
    ----------
    work : function of one case
        Safe beside itself in another thread; what it raises ends the work.
    cases : iterable
    description, unit : str
        Of the progress bar.
    workers : int, optional
        Threads; by default one for each core. Results do not depend on it.

    Examples
    --------
    >>> list(in_threads(abs, [-2, 1], "distances"))
    [2, 1]
    """
    from joblib import Parallel, cpu_count, delayed

    done = Parallel(n_jobs=workers or cpu_count(), backend="threading", return_as="generator")(
        delayed(_caught)(work, case) for case in cases
    )
    try:
        for result in _shown(done, _count(cases), description, unit):
            if isinstance(result, _Raised):
                raise result.error
            yield result
    finally:
        done.close()


@dataclass(frozen=True)
class _Raised:
    """What a thread's work raised: joblib would put a text in the place of the error's cause."""

    error: Exception


def _caught(work: Callable[[Case], Result], case: Case) -> Result | _Raised:
    try:
        return work(case)
    except Exception as error:
        return _Raised(error)


def spread(
    work: Callable[[Case], Result],
    cases: Iterable[Case],
    description: str,
    unit: str = "lesion",
    workers: int | None = None,
    name: Callable[[Case], str] | None = None,
) -> Iterator[Result]:
    """Yield what `work` makes of each case, in their order: on the cluster, else in threads here.

    On a cluster `work` travels once to each worker, its cases one by one: what all cases need
    belongs to `work`. A worker has one thread of linear algebra for each task.

    Parameters
    ----------
    work : function of one case
        As for :func:`in_threads`; on a cluster it, the cases and the results must be picklable.
        It writes nothing that only this machine should have.
    cases : iterable
    description, unit : str
        Of the progress bar.
    workers : int, optional
        Threads on this machine; by default one for each core. Results do not depend on it.
    name : function of one case, optional
        What to call a case whose worker dies each time; by default its unit and number.

    Raises
    ------
    UnusableStudyError
        Where the scheduler does not answer, or a case's workers died each time.
    """
    address = scheduler()
    if address is None:
        yield from in_threads(work, cases, description, unit, workers)
        return
    from spl_kedro.parallel.cluster import on_cluster

    done = on_cluster(address, work, cases, description, unit, name)
    yield from _shown(done, _count(cases), description, unit)


def in_parallel(
    tasks: Iterable[Callable[[], Any]],
    n_jobs: int,
    title: str,
    unit: str = "fit",
    total: int | None = None,
    shared: Sequence[Any] = (),
) -> list[Any]:
    """Run tasks, return their results in order: on the cluster, else in worker processes here.

    Each task runs on one thread of linear algebra wherever it runs, so that its result
    is the same whatever the number of workers.

    Parameters
    ----------
    tasks : iterable of function without arguments
        Picklable, as are their results.
    n_jobs : int
        Processes on this machine; 1 starts none.
    title, unit : str
        Of the progress bar.
    total : int, optional
        Number of tasks; with it they may be made one by one, so that they do not all lie in memory.
    shared : sequence
        Large objects that many tasks refer to: on a cluster they travel once to each worker.

    Raises
    ------
    UnusableStudyError
        Where the scheduler does not answer, or a task's workers died each time.

    Examples
    --------
    >>> in_parallel([lambda: 4, lambda: 9], 1, "squares")
    [4, 9]
    """
    if total is None:
        tasks = list(tasks)
        total = len(tasks)
    address = scheduler()
    done: Iterator[Any]
    if address is None:
        from joblib import Parallel, delayed

        done = Parallel(n_jobs=n_jobs, return_as="generator")(
            delayed(_alone)(task) for task in tasks
        )
    else:
        from spl_kedro.parallel.cluster import on_cluster

        done = on_cluster(address, _alone, tasks, title, unit, shared=shared)
    return list(_shown(done, total, title, unit))


def surviving(
    work: Callable[[Case], Result],
    cases: Sequence[Case],
    description: str,
    unit: str = "lesion",
    *,
    killed: Callable[[Case, int], Result],
    backend: Literal["threads", "processes"] = "processes",
    workers: int = 0,
    retries: int = 2,
    progress: bool = True,
) -> Iterator[Result]:
    """Yield what `work` makes of each case, in any order, even where a case kills its worker.

    On the cluster, else on this machine. A case whose worker died is tried again alone.

    Parameters
    ----------
    work : function of one case
        Importable by its name; what it raises ends the work.
    cases : sequence
    description, unit : str
        Of the progress bar.
    killed : function of a case and a number of attempts
        Makes the result of a case whose worker died each time.
    backend : {"threads", "processes"}
        What works on this machine. Cases that cannot be pickled are worked on in threads.
    workers : int
        Threads or processes on this machine; 0 takes every processor.
    retries : int
        Further attempts for a case whose worker died.
    progress : bool
        Show the bar.
    """
    done: Iterator[Result]
    address = scheduler()
    if address is not None:
        from spl_kedro.parallel.cluster import on_cluster

        done = on_cluster(address, work, cases, description, unit, retries=retries, killed=killed)
    else:
        done = _surviving_here(work, cases, killed, backend, workers, retries)
    yield from _shown(done, len(cases), description, unit, disable=not progress, leave=True)


def _surviving_here(
    work: Callable[[Case], Result],
    cases: Sequence[Case],
    killed: Callable[[Case, int], Result],
    backend: str,
    workers: int,
    retries: int,
) -> Iterator[Result]:
    if not cases:
        return
    from spl_kedro.parallel.processes import available_workers, in_processes, over_threads

    workers = available_workers(workers, len(cases))
    processes = backend == "processes" and workers > 1
    if processes and not _travels(cases[0]):
        logger.warning("%s cannot be sent to processes: using threads", type(cases[0]).__name__)
        processes = False
    if processes:
        yield from in_processes(work, cases, workers, retries, killed)
    else:
        yield from over_threads(work, cases, workers)


def _travels(case: Any) -> bool:
    try:
        pickle.dumps(case)
    except Exception:  # pickle raises whatever the object's state raises
        return False
    return True


def _alone(task: Callable[[], Any]) -> Any:
    from sklearn import config_context

    # Parameters were checked when they were read; scikit-learn would check them at every fit.
    unchecked = config_context(skip_parameter_validation=True)
    with one_thread(), unchecked, warnings.catch_warnings():
        # A fit that falls back on the prevalence says so in `fallback_`, which is collected.
        warnings.simplefilter("ignore")
        return task()


def _count(cases: Iterable[Any]) -> int | None:
    return len(cases) if isinstance(cases, Sized) else None


def _shown(
    done: Iterable[Result],
    total: int | None,
    description: str,
    unit: str,
    disable: bool = False,
    leave: bool = False,
) -> Iterator[Result]:
    from spl_kedro.bars import bar

    # The progress of a single case is no progress.
    disable = disable or total == 1
    yield from bar(done, desc=description, unit=unit, total=total, disable=disable, leave=leave)
