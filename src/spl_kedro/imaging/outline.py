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
    number : int or None
        Which frame of a clip it is, from 1; None where the file holds no other.
    frames : int
        How many the file holds.
    """

    shape: tuple[int, int]
    grid: Grid | None = None
    instance: str = ""
    number: int | None = None
    frames: int = 1


class Clip(NamedTuple):
    """What an outline must know of a clip to say which of its frames it outlines.

    Attributes
    ----------
    instance : str
        Which DICOM image it is.
    frames : int
        How many frames it holds.
    """

    instance: str
    frames: int


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
    """Outlines of one lesion on several DICOM images or frames, of which its file names each.

    Attributes
    ----------
    name : str
        The file.
    masks : dict of tuple to ndarray of bool, each of shape (height, width)
        By image, see :func:`.dicom_files.instance_of`, and number of the frame, from 1, or None
        where the file names none.
    sha256 : str
    """

    name: str
    masks: dict[tuple[str, int | None], np.ndarray]
    sha256: str = ""

    def frames_of(self, clip: Clip) -> frozenset[int] | None:
        """Return which frames of a clip are outlined; None where the file does not say.

        Raises
        ------
        UnusableLesionError
            If it names another image alone.
        """
        own = [number for instance, number in self.masks if instance == clip.instance]
        if not own:
            raise self._another()
        numbers = frozenset(number for number in own if number is not None)
        return numbers if len(numbers) == len(own) else None

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
        # The only frame of a file may be named or not.
        for number in (image.number or 1, None):
            if (image.instance, number) in self.masks:
                return self.masks[image.instance, number]
        raise self._another()

    def _another(self) -> UnusableLesionError:
        return UnusableLesionError(
            Rule.DRAWN_ON, f"{self.name} names another image than that of the lesion."
        )
