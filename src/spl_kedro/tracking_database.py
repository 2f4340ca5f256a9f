"""The project's own tracking database, which the first command makes and others wait for."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from kedro.framework.hooks import hook_impl

log = logging.getLogger(__name__)

_SQLITE = "sqlite:///"
#: How long a command waits for another; making the database takes seconds.
PATIENCE = 120.0


def database_file(uri: str | None) -> Path | None:
    """Return the file of a tracking database on this machine, or None for another tracker.

    Examples
    --------
    >>> database_file("sqlite:////a/mlflow.db").as_posix()
    '/a/mlflow.db'
    >>> database_file("http://localhost:5000") is None
    True
    """
    if uri is None or not uri.startswith(_SQLITE):
        return None
    return Path(uri.removeprefix(_SQLITE).partition("?")[0])


@contextmanager
def alone_at(database: Path | None, seconds: float = PATIENCE) -> Iterator[None]:
    """Let one process at a time work at a database: two that make its tables disturb each other.

    Parameters
    ----------
    database : Path or None
        None: nothing is done.
    seconds : float
        After so long the block is entered all the same.
    """
    if database is None:
        yield
        return
    lock = FileLock(database.with_name(f"{database.name}.lock"))
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        log.warning("Another command has been at the tracking database for %g s.", seconds)
    except OSError:  # a folder that is read alone: MLflow says what it cannot do
        log.debug("no lock beside the tracking database", exc_info=True)
    try:
        yield
    finally:
        lock.release()


class TrackingDatabaseHooks:
    """Lets commands that start at once make the tracking database one after the other."""

    @hook_impl(wrapper=True, tryfirst=True)
    def after_context_created(self, context: Any) -> Generator[None, object, object]:
        """Hold the lock while kedro-mlflow sets itself up, a second or two."""
        server = context.config_loader["mlflow"]["server"]
        with alone_at(database_file(server["mlflow_tracking_uri"])):
            return (yield)
