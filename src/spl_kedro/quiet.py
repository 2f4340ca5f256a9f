"""Keep libraries' notes to their own developers out of a run's log."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

# A user of this project can act on none of these.
NOTES = re.compile(
    r"register_new_resolver\(\) is deprecated"  # Kedro and kedro-mlflow call OmegaConf's old name
    r"|Add type hints to the `predict` method"  # kedro-mlflow's own model class
    # joblib replaces a worker that has grown, between two tasks; one that dies raises an error.
    r"|A worker stopped while some jobs were given to the executor"
)


class LibraryNotes(logging.Filter):
    """Drop the warnings listed in :data:`NOTES`; every other record passes."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is shown."""
        return record.name != "py.warnings" or NOTES.search(record.getMessage()) is None


@contextmanager
def without_registry_notes() -> Iterator[None]:
    """Keep out of the log that a model has another version; MLflow prints it with no level."""
    from mlflow.tracking._model_registry import fluent

    told = fluent.eprint
    fluent.eprint = lambda *words: logging.getLogger(__name__).debug("%s", " ".join(words))
    try:
        yield
    finally:
        fluent.eprint = told
