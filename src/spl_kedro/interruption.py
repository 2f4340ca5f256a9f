"""Interrupted runs: MLflow shows them as killed, and never as still running."""

from __future__ import annotations

import atexit
import errno
import json
import logging
import os
import signal
import threading
from pathlib import Path
from typing import Any

from kedro.framework.hooks import hook_impl

from spl_kedro.one_run import data_folder, folder_key

log = logging.getLogger(__name__)

#: Tag of the data folder that a run writes into, and of how a run that was cut short was noticed.
FOLDER_TAG, HOW_TAG = "data_folder", "interrupted"
# MLflow gives these tags to a run in the moment in which it makes it.
_CONTEXT = "MLFLOW_RUN_CONTEXT"
_SQLITE = "sqlite:///"
_RUNNING = "attributes.status = 'RUNNING'"


def require_writable(uri: str) -> None:
    """Raise where MLflow's database is a file that cannot be written; MLflow would try for minutes.

    Parameters
    ----------
    uri : str
        MLflow's tracking address.

    Raises
    ------
    OSError
        Naming the file or its folder.
    """
    if not uri.startswith(_SQLITE):
        return
    database = Path(uri.removeprefix(_SQLITE))
    for path in (database.parent, database):
        if path.exists() and not os.access(path, os.W_OK):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))


def close_abandoned_runs(key: str) -> int:
    """Mark as killed what processes that are gone left running, and return how many.

    To be called by the holder of the data folder's lock, so that nobody else can be at work there.

    Parameters
    ----------
    key : str
        From :func:`spl_kedro.one_run.folder_key`.
    """
    from mlflow.tracking import MlflowClient

    client = MlflowClient()
    experiments = [found.experiment_id for found in client.search_experiments()]
    left = client.search_runs(experiments, f"{_RUNNING} and tags.{FOLDER_TAG} = '{key}'")
    for run in left:
        client.set_tag(run.info.run_id, HOW_TAG, "its process ended without a word")
        client.set_terminated(run.info.run_id, "KILLED")
    return len(left)


def end_as_killed() -> None:
    """End what runs of MLflow this process has open; they are interrupted."""
    import mlflow

    while (run := mlflow.active_run()) is not None:
        try:
            mlflow.set_tag(HOW_TAG, "stopped")
        finally:
            mlflow.end_run("KILLED")
        log.info("MLflow run %s was interrupted.", run.info.run_id)


class InterruptionHooks:
    """Ends the MLflow run of an interrupted run as killed.

    Ctrl-C and a polite request to end (SIGTERM) do so at once; a run that was killed, or whose
    machine stopped, is found by the next run in its data folder.
    """

    _working = False
    _previous: Any = None
    _key: str | None = None

    def __init__(self) -> None:
        atexit.register(self._end)

    @hook_impl(tryfirst=True)  # before kedro-mlflow looks for a run that is open
    def after_context_created(self, context: Any) -> None:
        """Read where the data lie, which is how a run knows its predecessors."""
        self._end()  # of this process, as in a notebook
        require_writable(str(context.config_loader["mlflow"]["server"]["mlflow_tracking_uri"]))
        folder = data_folder(context)
        self._key = None if folder is None else folder_key(folder)

    @hook_impl(tryfirst=True)  # stands before the lock in the settings, and so is called after it
    def before_pipeline_run(self) -> None:
        """Close what earlier runs left; give the next one the folder's tag; heed SIGTERM."""
        import mlflow

        if mlflow.active_run() is not None:  # an orchestrator's, which ends it itself
            return
        # MLflow's own exit handler ends what is open as finished; one registered later runs first.
        atexit.unregister(self._end)
        atexit.register(self._end)
        self._working = True
        if self._key is not None:
            closed = close_abandoned_runs(self._key)
            if closed:
                log.warning("Runs of MLflow that were cut short, now marked as killed: %d.", closed)
            others = json.loads(os.environ.get(_CONTEXT) or "{}")
            os.environ[_CONTEXT] = json.dumps({**others, FOLDER_TAG: self._key})
        if threading.current_thread() is threading.main_thread():
            self._previous = signal.signal(signal.SIGTERM, _leave)

    @hook_impl
    def after_pipeline_run(self) -> None:
        """Let SIGTERM do again what it did."""
        self._rest()

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Let SIGTERM do again what it did."""
        self._rest()

    def _rest(self) -> None:
        self._working = False
        if self._previous is not None:
            signal.signal(signal.SIGTERM, self._previous)
            self._previous = None

    def _end(self) -> None:
        if self._working:
            self._rest()
            end_as_killed()


def _leave(number: int, _: Any) -> None:
    raise SystemExit(128 + number)
