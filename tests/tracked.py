"""MLflow pointed at a database of a test's own, and at nothing after it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import mlflow


@contextmanager
def tracked_in(uri: str) -> Iterator[None]:
    """Track there. Programs that a test starts are not told: MLflow would by a variable."""
    mlflow.set_tracking_uri(uri)
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    try:
        yield
    finally:
        mlflow.set_tracking_uri(None)
        os.environ.pop("MLFLOW_TRACKING_URI", None)
