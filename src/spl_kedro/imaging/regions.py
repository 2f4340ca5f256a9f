"""The size of a pixel, in the part of the image in which the lesion lies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spl_kedro.imaging.errors import CaseWarning, UnusableLesionError
from spl_kedro.rules import Rule

Spacing = tuple[float, float]


@dataclass(frozen=True)
class Region:
    """One calibrated ultrasound region of a DICOM image (PS3.3 C.8.5.5).

    Attributes
    ----------
    box : tuple of int
        First column, first row, last column, last row, all within; may overrun the image.
    spacing_mm : tuple of float or None
        Pixel size (row, column); None where the axes are not lengths (Doppler, M mode).
    """

    box: tuple[int, int, int, int]
    spacing_mm: Spacing | None

    def holds(self, row: float, column: float) -> bool:
        """Return whether a place of the image lies in the region."""
        left, top, right, bottom = self.box
        return left <= column <= right and top <= row <= bottom


def pixel_size(
    mask: np.ndarray, stated: Spacing | None, regions: Sequence[Region]
) -> tuple[Spacing | None, list[CaseWarning]]:
    """Return the pixel size where a lesion lies.

    That of the first region measured in centimetres that holds the outline's centre; else the
    header's; else, in an image with regions, unknown and a warning.

    Parameters
    ----------
    mask : ndarray of bool, shape (height, width)
    stated : tuple of float or None
        Pixel size (row, column) in mm for the whole image.
    regions : sequence of Region

    Raises
    ------
    UnusableLesionError
        If the pixel size found is not a positive number.
    """
    row, column = (float(axis.mean()) for axis in np.nonzero(mask))
    for region in regions:
        if region.spacing_mm is not None and region.holds(row, column):
            return checked(region.spacing_mm), []
    if stated is not None:
        return checked(stated), []
    if not any(region.spacing_mm for region in regions):
        return None, []
    return None, [
        CaseWarning(
            "a lesion inside a calibrated region",
            f"the outline's centre (row {row:.0f}, column {column:.0f}) lies in none of the "
            "image's regions in centimetres; the pixel size is taken as unknown.",
            "Check the outline, or state the pixel size in the table "
            "(data_processing.columns.spacing_mm).",
        )
    ]


def checked(
    spacing: Spacing,
    remedy: str = "Correct the file's header, or state the pixel size in the table "
    "(data_processing.columns.spacing_mm).",
) -> Spacing:
    """Return a pixel size, or raise if it is not two positive numbers."""
    if not all(math.isfinite(side) and side > 0 for side in spacing):
        raise UnusableLesionError(
            Rule.PIXEL_SIZE,
            f"the file states a pixel of {spacing[0]:g} x {spacing[1]:g} mm.",
            remedy,
        )
    return spacing
