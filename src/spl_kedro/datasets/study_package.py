"""A packaged study on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from spl_kedro.datasets.stored_file import StoredFile


class StudyPackageDataset(AbstractDataset):
    """``study.spl``: a fitted study in one file; see :mod:`spl_kedro.deployment.archive`.

    Parameters
    ----------
    filepath : str
        File to read or write.
    private_key : str, optional
        PEM file of an Ed25519 key that signs what is written.
    public_key : str, optional
        PEM file of the key that must have signed what is read.
    metadata : dict, optional
        Free annotations, for example for Kedro-Viz.
    """

    def __init__(
        self,
        *,
        filepath: str,
        private_key: str | None = None,
        public_key: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._file = StoredFile(filepath)
        self._private = Path(private_key) if private_key else None
        self._public = Path(public_key) if public_key else None
        self.metadata = metadata

    def load(self) -> Any:
        """Open the study; one that was changed, is cut short or too new is refused."""
        # Imported here: the catalog makes every dataset on every run.
        from spl_kedro.deployment.archive import read_study

        with self._file.here() as path:
            return read_study(path, self._public)

    def save(self, data: Any) -> None:
        """Write the study."""
        import tempfile

        from spl_kedro.deployment.archive import write_study

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / self._file.name
            write_study(data, path, self._private)
            self._file.write(path.read_bytes())

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._file.filepath}

    def _exists(self) -> bool:
        return self._file.exists()
