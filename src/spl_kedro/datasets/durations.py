"""How long each step took, kept from run to run."""

from __future__ import annotations

import json
from typing import Any

from kedro.io import AbstractDataset

from spl_kedro.datasets.stored_file import StoredFile

#: Seconds by step and by what it did: load, run, save.
Durations = dict[str, dict[str, float]]


class DurationsDataset(AbstractDataset[Durations, Durations]):
    """Seconds by step and phase as JSON; steps not run this time keep their last value.

    Parameters
    ----------
    filepath : str
        JSON file; loads as empty while it does not exist.
    metadata : dict, optional
        Ignored by Kedro, read by kedro-viz.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     dataset = DurationsDataset(filepath=f"{folder}/durations.json")
    ...     empty = dataset.load()
    ...     dataset.save({"split_cohort": {"run": 0.2}})
    ...     dataset.save({"extract": {"load": 0.1, "run": 61.0}})
    ...     empty, dataset.load()
    ({}, {'split_cohort': {'run': 0.2}, 'extract': {'load': 0.1, 'run': 61.0}})
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None):
        self._file = StoredFile(filepath)
        self.metadata = metadata

    def load(self) -> Durations:
        """Return the seconds each step took."""
        if not self._file.exists():
            return {}
        stored = json.loads(self._file.read())
        # Files of earlier versions hold one number a step.
        return {step: found for step, found in stored.items() if isinstance(found, dict)}

    def save(self, data: Durations) -> None:
        """Write the steps given, keeping the others."""
        self._file.write(json.dumps({**self.load(), **data}, indent=1).encode())

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._file.filepath}
