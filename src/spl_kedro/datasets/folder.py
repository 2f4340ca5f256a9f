"""Folders with one file a partition, of which none is read while it is half written."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from kedro_datasets.partitions import PartitionedDataset

from spl_kedro.datasets.checksums import (
    check_against,
    checksums_of,
    is_unfinished,
    whole_folder,
)


class FolderDataset(PartitionedDataset):
    """A folder on this machine that is refused where its writing was cut short, or a file differs.

    On other file systems nothing is added to kedro-datasets' own class.

    Parameters
    ----------
    **kwargs
        As for :class:`kedro_datasets.partitions.PartitionedDataset`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     dataset = FolderDataset(path=f"{folder}/pages", dataset="text.TextDataset")
    ...     dataset.save({"one.html": "<p>1</p>"})
    ...     dataset.load()["one.html"]()
    '<p>1</p>'
    """

    #: Whether the files' checksums are kept: not of what people may change.
    _checksums = True

    def load(self) -> dict[str, Any]:
        """Return the reader of each file by its name; it checks the file first."""
        stated = checksums_of(self._place, self._pattern) if self._is_local else None
        found: dict[str, Any] = super().load()
        if stated is None:
            return found
        suffix = self._filename_suffix
        return {
            name: partial(_read, read, self._place / f"{name}{suffix}", stated[name + suffix])
            for name, read in found.items()
        }

    def save(self, data: dict[str, Any]) -> None:
        """Write one file for each item of `data`."""
        if not self._is_local:
            self._write(data)
            return
        with whole_folder(self._place, self._pattern, checksums=self._checksums):
            self._write(data)

    def _write(self, data: dict[str, Any]) -> None:
        super().save(data)

    @property
    def local_path(self) -> Path | None:
        """The folder on this machine, or None where it lies on another."""
        return self._place if self._is_local else None

    def _exists(self) -> bool:
        if self._is_local and is_unfinished(self._place):
            return False
        return bool(super()._exists())

    @property
    def _is_local(self) -> bool:
        return bool(self._protocol == "file")

    @property
    def _pattern(self) -> str:
        return f"*{self._filename_suffix}"

    @property
    def _place(self) -> Path:
        return Path(self._filesystem._strip_protocol(self._path))


def _read(read: Any, path: Path, stated: str) -> Any:
    check_against(path, stated)
    return read()
