"""kedro-datasets' own kinds of files, written whole or not at all, and known by their checksum."""

from __future__ import annotations

from copy import copy
from pathlib import Path, PurePosixPath
from typing import Any

from kedro.io.core import get_filepath_str
from kedro_datasets.pandas import ParquetDataset
from kedro_datasets.pickle import PickleDataset
from kedro_datasets.text import TextDataset

from spl_kedro.datasets.checksums import check, with_checksum
from spl_kedro.datasets.stored_file import StoredFile
from spl_kedro.store import beside_its_place


class WholeFile:
    """Before a dataset of kedro-datasets: a file on this machine appears whole or not at all.

    On other file systems nothing is added.
    """

    _filepath: Any
    _protocol: str
    _get_save_path: Any
    _version: Any
    _checksum = False

    def save(self, data: Any) -> None:
        """Write the file beside its place, and rename it."""
        if self._protocol != "file":
            super().save(data)  # type: ignore[misc]
            return
        place = with_checksum if self._checksum else beside_its_place
        with place(Path(self._get_save_path())) as temporary:
            aside = copy(self)
            aside._filepath, aside._version = PurePosixPath(temporary), None
            super(WholeFile, aside).save(data)  # type: ignore[misc]


class ChecksummedFile(WholeFile):
    """As :class:`WholeFile`, with a checksum that is kept on saving and must hold on loading.

    ``exists`` is False for a file that does not hold, so that ``--only-missing-outputs`` makes it
    again.
    """

    _get_load_path: Any
    _checksum = True
    _required = False

    def load(self) -> Any:
        """Check the file, and load it."""
        if self._protocol == "file":
            check(Path(self._get_load_path()), required=self._required)
        return super().load()  # type: ignore[misc]

    def _exists(self) -> bool:
        if self._protocol != "file":
            return bool(super()._exists())  # type: ignore[misc]
        path = get_filepath_str(self._filepath, self._protocol)
        return StoredFile(path, checksum=True).sound()


class TableDataset(ChecksummedFile, ParquetDataset):
    """A table in a parquet file.

    Parameters
    ----------
    **kwargs
        As for :class:`kedro_datasets.pandas.ParquetDataset`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd
    >>> with TemporaryDirectory() as folder:
    ...     dataset = TableDataset(filepath=f"{folder}/auc.parquet")
    ...     dataset.save(pd.DataFrame({"auc": [0.75]}))
    ...     kept = sorted(path.name for path in Path(folder).iterdir())
    ...     dataset.load()["auc"].tolist(), kept
    ([0.75], ['.checksums', 'auc.parquet'])
    """


class ObjectDataset(ChecksummedFile, PickleDataset):
    """Python objects of a run, pickled; refused unless they are what a run of this project wrote.

    A pickle runs code when it is opened: one from elsewhere has no checksum, and one that was
    exchanged has another.

    Parameters
    ----------
    **kwargs
        As for :class:`kedro_datasets.pickle.PickleDataset`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     dataset = ObjectDataset(filepath=f"{folder}/models.pkl")
    ...     dataset.save({"cdlr": 1})
    ...     dataset.load()
    {'cdlr': 1}
    """

    _required = True


class OptionalObjectDataset(ObjectDataset):
    """As :class:`ObjectDataset`; None as long as no run has written the file.

    For what the report takes from pipelines outside the default run.

    Parameters
    ----------
    **kwargs
        As for :class:`kedro_datasets.pickle.PickleDataset`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     dataset = OptionalObjectDataset(filepath=f"{folder}/sections.pkl")
    ...     before = dataset.load()
    ...     dataset.save({"auc": 0.7})
    ...     before, dataset.load()
    (None, {'auc': 0.7})
    """

    def load(self) -> Any:
        """Return what is stored, or None."""
        path = get_filepath_str(self._get_load_path(), self._protocol)
        return super().load() if self._fs.exists(path) else None


class WholeTextDataset(WholeFile, TextDataset):
    """A text file.

    Parameters
    ----------
    **kwargs
        As for :class:`kedro_datasets.text.TextDataset`.
    """
