"""A file as it is, for pictures that are already encoded."""

from __future__ import annotations

from typing import Any

from kedro.io import AbstractDataset

from spl_kedro.datasets.stored_file import StoredFile


class RawFileDataset(AbstractDataset[bytes, bytes]):
    """The bytes of a file.

    Parameters
    ----------
    filepath : str
    metadata : dict, optional
        Ignored by Kedro, read by kedro-viz.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     dataset = RawFileDataset(filepath=f"{folder}/figures/roc.svg")
    ...     dataset.save(b"<svg/>")
    ...     dataset.load()
    b'<svg/>'
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None):
        self._file = StoredFile(filepath)
        self.metadata = metadata

    def load(self) -> bytes:
        """Return the file's bytes."""
        return self._file.read()

    def save(self, data: bytes) -> None:
        """Write the bytes."""
        self._file.write(data)

    def _exists(self) -> bool:
        return self._file.exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._file.filepath}
