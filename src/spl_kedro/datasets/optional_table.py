"""A table that a run may not have made yet."""

from __future__ import annotations

from typing import Any

import pandas as pd
from kedro.io import AbstractDataset
from kedro_datasets._typing import TablePreview

from spl_kedro.datasets.stored_file import StoredFile


class OptionalTableDataset(AbstractDataset[pd.DataFrame, pd.DataFrame]):
    """A parquet file, or an empty table as long as no run has written it.

    For what the report takes from pipelines outside the default run.

    Parameters
    ----------
    filepath : str
        Path or address of the file.
    metadata : dict, optional
        Ignored by Kedro, read by kedro-viz.

    Examples
    --------
    >>> dataset = OptionalTableDataset(filepath="memory://study/controls.parquet")
    >>> len(dataset.load())
    0
    >>> dataset.save(pd.DataFrame({"auc": [0.7]}))
    >>> dataset.load()["auc"].tolist()
    [0.7]
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._file = StoredFile(filepath, checksum=True)
        self.metadata = metadata

    def load(self) -> pd.DataFrame:
        """Return the table, empty and without columns where there is no file."""
        if not self._file.exists():
            return pd.DataFrame()
        with self._file.here() as path:
            return pd.read_parquet(path)

    def save(self, data: pd.DataFrame) -> None:
        """Write the table."""
        with self._file.writing() as buffer:
            data.to_parquet(buffer)

    def preview(self, nrows: int = 20) -> TablePreview:
        """Return the first rows for kedro-viz."""
        return TablePreview(self.load().head(nrows).to_dict(orient="split"))

    def _exists(self) -> bool:
        return self._file.sound()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._file.filepath}
