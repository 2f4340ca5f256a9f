"""What was found, as a table for programs and one for people."""

from __future__ import annotations

import pandas as pd

from spl_kedro.datasets.stored_file import StoredFile
from spl_kedro.datasets.whole import TableDataset
from spl_kedro.spreadsheets import inert_table


class FindingsDataset(TableDataset):
    """A table in a parquet file, and beside it the same as CSV, in which no cell is a formula.

    The parquet file is what is loaded; the CSV begins with a byte order mark, by which Excel knows
    UTF-8.

    Parameters
    ----------
    **kwargs
        As for :class:`spl_kedro.datasets.whole.TableDataset`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from pathlib import Path
    >>> with TemporaryDirectory() as folder:
    ...     dataset = FindingsDataset(filepath=f"{folder}/findings.parquet")
    ...     dataset.save(pd.DataFrame({"lesion_id": ["SPL1"], "message": ["=1+1"]}))
    ...     loaded = dataset.load()["message"].item()
    ...     loaded, (Path(folder) / "findings.csv").read_text("utf-8-sig").splitlines()
    ('=1+1', ['lesion_id,message', "SPL1,'=1+1"])
    """

    def save(self, data: pd.DataFrame) -> None:
        """Write both files, each whole or not at all."""
        super().save(data)
        text = inert_table(data.reset_index(drop=True)).to_csv(index=False)
        csv = self._get_save_path().with_suffix(".csv")
        StoredFile.of_dataset(csv, self._protocol).write(text.encode("utf-8-sig"))
