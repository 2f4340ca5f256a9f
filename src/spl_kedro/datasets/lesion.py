"""A cleaned lesion on disk: grey image, outline and spacing in one file."""

from __future__ import annotations

from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
from kedro.io import AbstractDataset

from spl_kedro.datasets.stored_file import StoredFile


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
        self._file = StoredFile(filepath)
        self.metadata = metadata

    def load(self) -> Any:
        """Return the lesion."""
        from spl_kedro.imaging import Lesion

        with self._file.here() as path, np.load(path, allow_pickle=False) as archive:
            spacing = archive["spacing_mm"]
            return Lesion(
                lesion_id=self._file.stem,
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
        with self._file.writing() as buffer, ZipFile(buffer, "w") as archive:
            for name, (values, compression) in parts.items():
                # Its date is the oldest there is, so that equal lesions are equal bytes.
                member = ZipInfo(f"{name}.npy")
                member.compress_type = compression
                with archive.open(member, "w") as file:
                    np.lib.format.write_array(file, values, allow_pickle=False)

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._file.filepath}

    def _exists(self) -> bool:
        return self._file.exists()
