"""A large table as a folder of parquet files."""

from __future__ import annotations

from contextlib import nullcontext
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
from kedro.io import AbstractDataset, DatasetError
from kedro_datasets._typing import TablePreview

from spl_kedro.datasets.checksums import check_against, checksums_of, whole_folder
from spl_kedro.datasets.stored_file import StoredFile, is_local

_PARTS = "part-*.parquet"


class TablePartsDataset(AbstractDataset[pd.DataFrame, pd.DataFrame]):
    """A table in parquet files of so many rows each, on any file system.

    What is loaded equals what was saved, whatever the number of rows in a file; Dask, Spark and
    ``pyarrow.dataset`` read the folder as one table.

    Parameters
    ----------
    path : str
        The folder, a path or an address such as ``s3://bucket/study/radiomics_features``. Saving
        replaces the parquet files in it.
    rows : int
        Rows of a file.
    metadata : dict, optional
        Ignored by Kedro, read by kedro-viz.

    Examples
    --------
    >>> dataset = TablePartsDataset(path="memory://study/features", rows=2)
    >>> table = pd.DataFrame({"area": [1.0, 2.0, 3.0]}, index=pd.Index(["a", "b", "c"]))
    >>> dataset.save(table)
    >>> dataset.load().equals(table)
    True
    """

    def __init__(
        self, *, path: str, rows: int = 10_000, metadata: dict[str, Any] | None = None
    ) -> None:
        if rows < 1:
            raise DatasetError(f"rows: {rows} rows in a file; at least 1.")
        self._path, self._rows = path, rows
        self.metadata = metadata

    def load(self) -> pd.DataFrame:
        """Return the whole table."""
        return self._read(self._parts())

    def save(self, data: pd.DataFrame) -> None:
        """Write the table's parts; older ones go."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        # Once for all parts, so that they agree in the types of columns and in the index.
        table = pa.Table.from_pandas(data)
        here = self._here()
        with nullcontext() if here is None else whole_folder(here, _PARTS):
            for old in self._parts():
                old.remove()
            for number, start in enumerate(range(0, max(len(data), 1), self._rows)):
                file = StoredFile(f"{self._path.rstrip('/')}/part-{number:05d}.parquet")
                with file.writing() as buffer:
                    pq.write_table(table.slice(start, self._rows), buffer)

    def preview(self, nrows: int = 5) -> TablePreview:
        """Return the first rows for kedro-viz."""
        return TablePreview(self._read(self._parts()[:1]).head(nrows).to_dict(orient="split"))

    def _read(self, parts: list[StoredFile]) -> pd.DataFrame:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if not parts:
            raise DatasetError(f"{self._path}: no part of the table is there.")
        here = self._here()
        stated = {} if here is None else checksums_of(here, _PARTS) or {}
        for part in parts:
            if part.name in stated:
                with part.here() as path:
                    check_against(path, stated[part.name])
        return pa.concat_tables(pq.read_table(BytesIO(part.read())) for part in parts).to_pandas()

    def _here(self) -> Path | None:
        """Return the folder's path on this machine, or None where it lies on another."""
        from fsspec.core import url_to_fs

        files, folder = url_to_fs(self._path)
        return Path(folder) if is_local(files) else None

    def _parts(self) -> list[StoredFile]:
        from fsspec.core import url_to_fs

        files, folder = url_to_fs(self._path)
        found = files.glob(f"{folder.rstrip('/')}/{_PARTS}")
        return [StoredFile(files.unstrip_protocol(path)) for path in sorted(found)]

    def _exists(self) -> bool:
        return bool(self._parts())

    def _describe(self) -> dict[str, Any]:
        return {"path": self._path, "rows": self._rows}
