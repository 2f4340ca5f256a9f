"""Trained weights on disk, loaded without running code from the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset, DatasetError


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
        self._path = Path(filepath)
        self.metadata = metadata

    def load(self) -> dict[str, Any]:
        """Return the state dict, on the CPU."""
        # Imported here: the catalog makes every dataset on every run.
        import torch

        try:
            return torch.load(self._path, map_location="cpu", weights_only=True)
        except FileNotFoundError:
            raise
        except Exception as error:
            raise DatasetError(
                f"{self._path} is no readable file of network weights. Run the pipeline that "
                "makes it again (deep_features pipeline, or pretraining)."
            ) from error

    def save(self, data: dict[str, Any]) -> None:
        """Write the state dict."""
        import torch

        self._path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(dict(data), self._path)

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._path.as_posix()}

    def _exists(self) -> bool:
        return self._path.is_file()
