"""A study registered with MLflow."""

from __future__ import annotations

import json
from typing import Any

from kedro.io import AbstractDataset

from spl_kedro.datasets.stored_file import StoredFile


class RegisteredStudyDataset(AbstractDataset):
    """A packaged study as a registered model of MLflow.

    Saving logs the model into the current run and registers it, see
    :mod:`spl_kedro.serving.register`. What became of it is written to a JSON file, which loading
    returns.

    Parameters
    ----------
    filepath : str
        The JSON file.
    metadata : dict, optional
        Free annotations, for example for Kedro-Viz.
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._file = StoredFile(filepath, checksum=True)
        self.metadata = metadata

    def load(self) -> dict[str, Any]:
        """Return study_id, name, version, alias and uri."""
        return json.loads(self._file.read())

    def save(self, data: Any) -> None:
        """Register the study, a :class:`spl_kedro.serving.register.Registration`."""
        # Imported here: the catalog makes every dataset on every run.
        from spl_kedro.serving.register import register

        self._file.write((json.dumps(register(data), indent=1) + "\n").encode())

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._file.filepath}

    def _exists(self) -> bool:
        return self._file.sound()
