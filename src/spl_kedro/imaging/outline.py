"""One outline as read from its file, and its mask on the pixels of its image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.imaging.grid import Grid, bring_to_image
from spl_kedro.rules import Rule


class ImagePlace(NamedTuple):
    """What an outline must know of its image.

    Attributes
    ----------
    shape : tuple of int
        Height and width.
    grid : Grid or None
        Where the pixels lie in the patient.
    instance : str
        Which DICOM image it is, see :func:`.dicom_files.instance_of`; empty for other files.
    """

    shape: tuple[int, int]
    grid: Grid | None = None
    instance: str = ""


@dataclass(frozen=True)
class Outline:
    """One outline as read from its file.

    Attributes
    ----------
    mask : ndarray of bool, shape (height, width)
        True inside the lesion.
    grid : Grid or None
        Where the pixels lie in the patient, where the file says so.
    sha256 : str
        Checksum of the file, 64 hexadecimal digits.
    corner : tuple of int or None
        Row and column of the image at which the mask begins, where the file is a cut of it.
    """

    mask: np.ndarray
    grid: Grid | None = None
    sha256: str = ""
    corner: tuple[int, int] | None = None

    def on(self, image: ImagePlace) -> np.ndarray:
        """Return the mask on the pixels of its image: see :func:`.grid.bring_to_image`.

        Returns
        -------
        ndarray of bool
            Of the image's shape where places are known, else of the outline's own.

        Raises
        ------
        UnusableLesionError
            If the outline does not lie in the image.
        """
        placed = bring_to_image(self.mask, self.grid, image.shape, image.grid)
        if placed is self.mask and self.corner not in (None, (0, 0)):
            return self._at_corner(image.shape)
        return placed

    def _at_corner(self, shape: tuple[int, int]) -> np.ndarray:
        assert self.corner is not None
        (row, column), (height, width) = self.corner, self.mask.shape
        if min(row, column) < 0 or row + height > shape[0] or column + width > shape[1]:
            raise UnusableLesionError(
                Rule.INSIDE,
                f"the outline of {height} x {width} pixels begins at row {row}, column {column} of "
                f"an image of {shape[0]} x {shape[1]}.",
            )
        placed = np.zeros(shape, dtype=bool)
        placed[row : row + height, column : column + width] = self.mask
        return placed


@dataclass(frozen=True)
class OutlinesOfImages:
    """Outlines of one lesion on several DICOM images, of which its file names each.

    Attributes
    ----------
    name : str
        The file.
    masks : dict of str to ndarray of bool, each of shape (height, width)
        By image, see :func:`.dicom_files.instance_of`.
    sha256 : str
    """

    name: str
    masks: dict[str, np.ndarray]
    sha256: str = ""

    @property
    def mask(self) -> np.ndarray:
        """The mask on the only image.

        Raises
        ------
        UnusableLesionError
            If there are several.
        """
        if len(self.masks) != 1:
            raise UnusableLesionError(
                Rule.DRAWN_ON,
                f"{self.name} outlines {len(self.masks)} images, and the image's file does not say "
                "which of them it is.",
                "Export the image as DICOM too, or outline it alone.",
            )
        return next(iter(self.masks.values()))

    def on(self, image: ImagePlace) -> np.ndarray:
        """Return the mask on its image: on the one named, where both files are DICOM.

        Raises
        ------
        UnusableLesionError
            If the image is another than those outlined.
        """
        if not image.instance:
            return self.mask
        if image.instance not in self.masks:
            raise UnusableLesionError(
                Rule.DRAWN_ON, f"{self.name} names another image than that of the lesion."
            )
        return self.masks[image.instance]
