"""The same work on many cases: in threads, in processes, on a Dask cluster.

`spread`, `in_parallel` and `surviving` work on the cluster where a scheduler is set
(`use_scheduler`; in a run, ``scheduler`` in the globals), and otherwise on this machine.
`in_threads` always works on this machine. Results are the same wherever the work is done.
"""

from spl_kedro.parallel.calls import in_parallel, in_threads, spread, surviving
from spl_kedro.parallel.setting import scheduler, use_scheduler
from spl_kedro.parallel.threads import one_thread

__all__ = [
    "in_parallel", "in_threads", "one_thread", "scheduler", "spread", "surviving", "use_scheduler",
]  # fmt: skip
