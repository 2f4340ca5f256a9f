"""The same work on many cases, in threads: reading, decoding and resampling let others run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from typing import TypeVar

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

    What waits are results only, so `work` returns small ones or stores them itself.

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
    from tqdm.auto import tqdm

    total = len(cases) if isinstance(cases, Sized) else None
    done = Parallel(n_jobs=workers or cpu_count(), backend="threading", return_as="generator")(
        delayed(work)(case) for case in cases
    )
    yield from tqdm(done, desc=description, unit=unit, total=total, leave=False)
