"""A cleaned lesion on disk: grey image, outline and spacing in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
from kedro.io import AbstractDataset


class LesionDataset(AbstractDataset):
    """One :class:`~spl_kedro.imaging.Lesion` as a NumPy archive that needs no unpickling.

    Grey values that are whole numbers from 0 to 255 are stored in one byte each, others as
    float64, so what is loaded equals what was saved. Only the outline is compressed: speckle hardly
    gets smaller, and inflating it costs more than reading the hospital's own file.

    Parameters
    ----------
    filepath : str
        File to read or write (``.npz``); its name without suffix is the lesion's id.
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._path = Path(filepath)
        self.metadata = metadata

    def load(self) -> Any:
        """Return the lesion."""
        from spl_kedro.imaging import Lesion

        with np.load(self._path, allow_pickle=False) as archive:
            spacing = archive["spacing_mm"]
            return Lesion(
                lesion_id=self._path.stem,
                image=archive["image"].astype(np.float64),
                mask=archive["mask"],
                spacing_mm=tuple(spacing.tolist()) if spacing.size else None,
            )

    def save(self, data: Any) -> None:
        """Write the lesion."""
        image = data.image.astype(np.uint8)
        if not np.array_equal(image, data.image):
            image = data.image.astype(np.float64)
        parts = {
            "image": (image, ZIP_STORED),
            "mask": (data.mask, ZIP_DEFLATED),
            "spacing_mm": (np.asarray(data.spacing_mm or ()), ZIP_STORED),
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with ZipFile(self._path, "w") as archive:
            for name, (values, compression) in parts.items():
                # Its date is the oldest there is, so that equal lesions are equal bytes.
                member = ZipInfo(f"{name}.npy")
                member.compress_type = compression
                with archive.open(member, "w") as file:
                    np.lib.format.write_array(file, values, allow_pickle=False)

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._path.as_posix()}

    def _exists(self) -> bool:
        return self._path.is_file()
