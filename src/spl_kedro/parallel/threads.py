"""One thread of linear algebra: sums whose last bits depend on no setting, and no core for two."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[Any]:
    """Limit the libraries of linear algebra to one thread, from now until the block ends.

    As ``threadpoolctl.threadpool_limits(limits=1)``, which looks for these libraries among all
    that are loaded each time: 20 ms, at every fit of a model.

    Examples
    --------
    >>> import numpy as np
    >>> from threadpoolctl import threadpool_info
    >>> with one_thread():
    ...     {library["num_threads"] for library in threadpool_info()}
    {1}
    """
    # What is imported later may bring a library of its own.
    return _libraries(len(sys.modules)).limit(limits=1)


@lru_cache(maxsize=1)
def _libraries(modules: int) -> ThreadpoolController:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
