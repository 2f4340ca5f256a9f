"""MLflow pointed at a database of a test's own, and at nothing after it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mlflow
from tests.projects import empty_database


@contextmanager
def tracked_in(uri: str) -> Iterator[None]:
    """Track there. Programs that a test starts are not told: MLflow would by a variable.

    A database that is not there yet gets its tables by a copy: making them takes seconds.
    """
    database = Path(uri.removeprefix("sqlite:///"))
    if not database.exists():
        shutil.copy(empty_database(), database)
    mlflow.set_tracking_uri(uri)
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    try:
        yield
    finally:
        mlflow.set_tracking_uri(None)
        os.environ.pop("MLFLOW_TRACKING_URI", None)
