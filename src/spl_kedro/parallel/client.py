"""The connection to a Dask scheduler, one for all work of a process."""

from __future__ import annotations

import logging
import os
from typing import Any

from spl_kedro.errors import UnusableStudyError

logger = logging.getLogger(__name__)

# Of the process that made it: a forked one has no use for its parent's.
_open: dict[tuple[int, str], Any] = {}


def connected(address: str) -> Any:
    """Return the client of a scheduler, connected.

    Parameters
    ----------
    address : str
        For example ``tcp://host:8786``, or ``tls://host:8786`` with the certificates that Dask's
        own configuration names.

    Returns
    -------
    distributed.Client

    Raises
    ------
    UnusableStudyError
        When no scheduler answers within ten seconds, or the address is none.
    """
    from distributed import Client

    known = _open.get((os.getpid(), address))
    if known is not None and known.status == "running":
        return known
    try:
        client = Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise UnusableStudyError(
            "a scheduler that answers",
            f"scheduler: nothing answers at {address} ({type(error).__name__}).",
            "Start it (`dask scheduler`), correct the address in globals.yml, or set scheduler: "
            "null to work on this machine.",
        ) from error
    logger.info(
        "Work on many cases goes to the cluster at %s, %d threads.",
        address,
        sum(client.nthreads().values()),
    )
    _open[os.getpid(), address] = client
    return client


def disconnect() -> None:
    """Close this process's connections, if there are any."""
    for key in [key for key in _open if key[0] == os.getpid()]:
        _open.pop(key).close()
