"""How long each step took, kept from run to run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset


class DurationsDataset(AbstractDataset[dict[str, float], dict[str, float]]):
    """Seconds by step as JSON; steps not run this time keep their last value.

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
    ...     dataset.save({"split_cohort": 0.2})
    ...     dataset.save({"extract": 61.0})
    ...     empty, dataset.load()
    ({}, {'split_cohort': 0.2, 'extract': 61.0})
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None):
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> dict[str, float]:
        """Return the seconds each step took."""
        if not self._filepath.exists():
            return {}
        return json.loads(self._filepath.read_text(encoding="utf-8"))

    def save(self, data: dict[str, float]) -> None:
        """Write the steps given, keeping the others."""
        self._filepath.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({**self.load(), **data}, indent=1)
        self._filepath.write_text(text, encoding="utf-8")

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
