"""The analysis plan, which is stored once, and the log of looks, to which lines are added."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from kedro.io import AbstractDataset

from spl_kedro.datasets.stored_file import StoredFile
from spl_kedro.sealing.looks import Look, LookLog, append_looks, read_looks


class PlanDataset(AbstractDataset[dict[str, Any], dict[str, Any]]):
    """A plan, or what a run is by it, as JSON; empty as long as nothing was stored.

    Parameters
    ----------
    filepath : str
        JSON file.
    keep_first : bool
        Whether what is stored stays as it is: later values, and empty ones, are not written.
    metadata : dict, optional
        Ignored by Kedro, read by kedro-viz.

    Examples
    --------
    >>> dataset = PlanDataset(filepath="memory://study/plan.json", keep_first=True)
    >>> dataset.load()
    {}
    >>> dataset.save({"seed": 1})
    >>> dataset.save({"seed": 2})
    >>> dataset.load()
    {'seed': 1}
    """

    def __init__(
        self, *, filepath: str, keep_first: bool = False, metadata: dict[str, Any] | None = None
    ) -> None:
        self._file = StoredFile(filepath)
        self._keep_first = keep_first
        self.metadata = metadata

    def load(self) -> dict[str, Any]:
        """Return what is stored."""
        return json.loads(self._file.read()) if self._file.exists() else {}

    def save(self, data: Mapping[str, Any]) -> None:
        """Store it, unless the first is kept and there is one."""
        if self._keep_first and (not data or self._file.exists()):
            return
        self._file.write((json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode())

    def _exists(self) -> bool:
        return self._file.exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._file.filepath}


class LookLogDataset(AbstractDataset[Sequence[Look], LookLog]):
    """The looks taken at sealed lesions: JSON, one a line, in chained checksums.

    Saving adds looks and never rewrites a line; loading checks the chain.

    Parameters
    ----------
    filepath : str
        The log.
    witness : str
        JSON file, apart from the log, that keeps the number of looks and the last checksum.
    metadata : dict, optional
        Ignored by Kedro, read by kedro-viz.

    Examples
    --------
    >>> dataset = LookLogDataset(
    ...     filepath="memory://study/looks.jsonl", witness="memory://study/last_look.json"
    ... )
    >>> dataset.save([{"kind": "unseal", "hashes": {}, "changes": []}])
    >>> log = dataset.load()
    >>> log.count, log.findings
    (1, [])
    """

    def __init__(
        self, *, filepath: str, witness: str, metadata: dict[str, Any] | None = None
    ) -> None:
        self._file = StoredFile(filepath)
        self._witness = StoredFile(witness)
        self.metadata = metadata

    def load(self) -> LookLog:
        """Return the looks, and what is wrong with their log."""
        text = self._file.read().decode() if self._file.exists() else ""
        known = json.loads(self._witness.read()) if self._witness.exists() else None
        return read_looks(text, known, self._file.name)

    def save(self, data: Sequence[Look]) -> None:
        """Add looks to the log."""
        if not data:
            return
        lines, log = append_looks(self.load(), data)
        self._file.append(lines.encode())
        self._witness.write((json.dumps(log.witness(), indent=1) + "\n").encode())

    def _exists(self) -> bool:
        return self._file.exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._file.filepath, "witness": self._witness.filepath}
