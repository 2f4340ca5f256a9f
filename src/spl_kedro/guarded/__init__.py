"""Work on files from elsewhere, in a process of its own: what crashes, hangs or grows ends alone.

`guarded` calls a function in a worker process and gives its result, or an `EndedError` where the
process died, took too long or too much memory; `within` sets the `Limits`.
"""

from spl_kedro.guarded.calls import EndedError, guarded, unguarded
from spl_kedro.guarded.limits import Limits, limits, within

__all__ = ["EndedError", "Limits", "guarded", "limits", "unguarded", "within"]
