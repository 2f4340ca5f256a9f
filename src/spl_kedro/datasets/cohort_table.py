"""The hospital's table: CSV or Excel, recognised by its content."""

from __future__ import annotations

from typing import Any

import pandas as pd
from kedro.io import AbstractDataset
from kedro_datasets._typing import TablePreview

from spl_kedro.datasets.stored_file import StoredFile


class CohortTableDataset(AbstractDataset[pd.DataFrame, pd.DataFrame]):
    r"""A table with every cell as text; saved as CSV.

    Parameters
    ----------
    filepath : str
        CSV or Excel file; the ending of its name does not matter.
    sheet : str, optional
        Sheet of a workbook; by default the first visible one that is not empty.
    separator, encoding : str, optional
        Of a CSV file; recognised by default, and asked for where they cannot be told.
    metadata : dict, optional
        Ignored by Kedro, read by kedro-viz.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "cohort.csv"
    >>> _ = path.write_text("case;age\n001;61,5\n", encoding="utf-16")
    >>> CohortTableDataset(filepath=path.as_posix()).load().to_dict("records")
    [{'case': '001', 'age': '61,5'}]
    """

    def __init__(
        self,
        *,
        filepath: str,
        sheet: str | None = None,
        separator: str | None = None,
        encoding: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._file = StoredFile(filepath)
        self._options = {"sheet": sheet, "separator": separator, "encoding": encoding}
        self.metadata = metadata

    def load(self) -> pd.DataFrame:
        """Return the table; see :func:`spl_kedro.cohort.table_file.read_table`."""
        from spl_kedro.cohort.table_file import read_table

        with self._file.here() as path:
            return read_table(path, **self._options)

    def save(self, data: pd.DataFrame) -> None:
        """Write the table as CSV."""
        self._file.write(data.to_csv(index=False).encode())

    def preview(self, nrows: int = 5) -> TablePreview:
        """Return the first rows for kedro-viz."""
        return TablePreview(self.load().head(nrows).to_dict(orient="split"))

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._file.filepath, **self._options}

    def _exists(self) -> bool:
        return self._file.exists()
