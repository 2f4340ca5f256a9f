"""One run at a time in a data folder, by a lock that ends with its process, also by kill -9."""

from __future__ import annotations

import hashlib
import logging
import socket
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from kedro.framework.hooks import hook_impl

from spl_kedro.errors import UnusableStudyError
from spl_kedro.store import remove_parts

log = logging.getLogger(__name__)

#: The file in the data folder that a run locks. It stays there, and says nothing by being there.
LOCK = ".run.lock"


def data_folder(context: Any) -> Path | None:
    """Return the environment's data folder on this machine, or None where it lies on another.

    Parameters
    ----------
    context : KedroContext
    """
    stated = str(context.config_loader["globals"]["data"])
    if "://" in stated:
        return None
    return (Path(context.project_path) / stated).resolve()


def folder_key(folder: Path) -> str:
    """Return what tells a data folder of this machine from others, and does not name it."""
    return hashlib.sha256(f"{socket.gethostname()} {folder}".encode()).hexdigest()[:16]


class RunLock:
    """The right to write into a data folder.

    The operating system takes it back when the process that holds it is gone, however it ended.

    Parameters
    ----------
    folder : Path
        Made if it is absent.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     lock = RunLock(Path(folder))
    ...     lock.take()
    ...     lock.leave()
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = FileLock(folder / LOCK)

    def take(self) -> None:
        """Take the lock.

        Raises
        ------
        UnusableStudyError
            Where another process holds it.
        OSError
            Where the folder cannot be written to.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise UnusableStudyError(
                "one run at a time in a data folder",
                f"another run is writing into '{self.folder.name}'.",
                "Wait until it has ended, or use an environment with a data folder of its own.",
            ) from error

    def leave(self) -> None:
        """Give it back."""
        self._lock.release(force=True)


class OneRunHooks:
    """Refuses a second run in the data folder that a run is writing into.

    A folder on another machine (an address such as ``s3://``) has no lock: its file systems know
    none. Commands that only look (kedro viz, registry list) take none.
    """

    _lock: RunLock | None = None

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        """Read where the data lie."""
        self._folder = data_folder(context)

    @hook_impl(tryfirst=True)  # the first of the project's hooks, and so after those that refuse
    def before_pipeline_run(self) -> None:
        """Take the lock; clear away what a killed run left half written."""
        self._leave()  # of a run of this process that was interrupted
        if self._folder is None:
            log.warning("The data lie on another machine: no lock keeps a second run out of them.")
            return
        lock = RunLock(self._folder)
        lock.take()
        self._lock = lock
        remove_parts(self._folder)

    @hook_impl(trylast=True)
    def after_pipeline_run(self) -> None:
        """Give it back."""
        self._leave()

    @hook_impl(trylast=True)
    def on_pipeline_error(self) -> None:
        """Give it back."""
        self._leave()

    def _leave(self) -> None:
        if self._lock is not None:
            self._lock.leave()
            self._lock = None
