"""Trained weights on disk, loaded without running code from the file."""

from __future__ import annotations

from typing import Any

from kedro.io import AbstractDataset, DatasetError

from spl_kedro.datasets.stored_file import StoredFile
from spl_kedro.errors import UnusableStudyError


class NetworkStateDataset(AbstractDataset):
    """A network's state dict, saved by ``torch.save`` and read with ``weights_only=True``.

    The file can be given to ``torchvision`` directly, or as ``weights: <file>``.

    Parameters
    ----------
    filepath : str
        File to read or write (``.pt``).
    metadata : dict, optional
        Free annotations, for example for Kedro-Viz.

    Examples
    --------
    >>> import tempfile, torch
    >>> path = tempfile.mkdtemp() + "/network.pt"
    >>> dataset = NetworkStateDataset(filepath=path)
    >>> dataset.save({"fc.bias": torch.zeros(2)})
    >>> dataset.load()
    {'fc.bias': tensor([0., 0.])}
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._file = StoredFile(filepath, checksum=True)
        self.metadata = metadata

    def load(self) -> dict[str, Any]:
        """Return the state dict, on the CPU."""
        # Imported here: the catalog makes every dataset on every run.
        import torch

        try:
            with self._file.here() as path:
                return torch.load(path, map_location="cpu", weights_only=True)
        except (FileNotFoundError, UnusableStudyError):
            raise
        except Exception as error:
            raise DatasetError(
                f"{self._file.filepath} is no readable file of network weights. Run the pipeline "
                "that makes it again (deep_features pipeline, or pretraining)."
            ) from error

    def save(self, data: dict[str, Any]) -> None:
        """Write the state dict."""
        import torch

        with self._file.writing() as buffer:
            torch.save(dict(data), buffer)

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._file.filepath}

    def _exists(self) -> bool:
        return self._file.sound()
