"""The part of an image that is compared: the middle of what was scanned, on one grid for all.

Of the real lung images no pixel size is known. So every image is scaled until what its probe saw
is `DEPTH` pixels deep, and lengths are shares of that depth. A probe of a higher frequency has a
finer speckle and sees less deep in about the same ratio, so that shares compare where millimetres
would not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from skimage.transform import resize

from spl_kedro.imaging import UnusableLesionError
from spl_kedro.rules import Rule

#: Rows from the first to the last scanned one, once an image is scaled.
DEPTH = 256
#: The field: rows from the top of what was scanned, columns to both sides of its middle.
FIELD_ROWS = (24, 232)
FIELD_HALF_WIDTH = 48
#: A line of pixels that varies by no more (standard deviation, grey levels) is background:
#: JPEG noise alone stays below.
_BACKGROUND_SD = 1.0
#: Share of the width, about the middle, by which the scanned rows are told.
_BAND = 0.3
_FEWEST_ROWS = 64


@dataclass(frozen=True)
class ScaledImage:
    """An image on the common grid.

    Attributes
    ----------
    grey : ndarray of float64, shape (height, width)
        Grey values, 0 to 255, of the whole image.
    mask : ndarray of bool, shape (height, width), or None
        The lesion, where one is outlined.
    top, middle : int
        First scanned row, and the column midway between the first and last scanned ones.
    """

    grey: np.ndarray
    mask: np.ndarray | None
    top: int
    middle: int

    @property
    def field(self) -> np.ndarray:
        """Grey values of the field, shape (208, 96)."""
        rows = slice(self.top + FIELD_ROWS[0], self.top + FIELD_ROWS[1])
        columns = slice(self.middle - FIELD_HALF_WIDTH, self.middle + FIELD_HALF_WIDTH)
        return self.grey[rows, columns]


def scaled(grey: np.ndarray, mask: np.ndarray | None = None) -> ScaledImage:
    """Scale an image to the common depth.

    Parameters
    ----------
    grey : ndarray, shape (height, width)
        Grey values, 0 to 255.
    mask : ndarray of bool, shape (height, width), optional
        A lesion in it.

    Returns
    -------
    ScaledImage

    Raises
    ------
    UnusableLesionError
        If too little was scanned, or it is narrower than the field.
    """
    left, right = _varying(grey, axis=0)
    middle = (left + right) / 2
    half = max(_BAND * (right - left) / 2, 1)
    band = slice(max(int(middle - half), 0), int(middle + half) + 1)
    top, bottom = _varying(grey[:, band], axis=1)
    depth = bottom - top
    if depth < _FEWEST_ROWS or (right - left) * DEPTH < 2 * FIELD_HALF_WIDTH * depth:
        raise UnusableLesionError(
            Rule.IMAGE_SIZE,
            f"the scanned part is {depth} rows and {right - left} columns; to compare it takes "
            f"{_FEWEST_ROWS} rows and a width of {2 * FIELD_HALF_WIDTH / DEPTH:.3g} of the depth.",
        )
    factor = DEPTH / depth
    shape = tuple(round(length * factor) for length in grey.shape)
    # Rounded so that the field never leaves the image.
    start = min(round(top * factor), shape[0] - DEPTH)
    centre = int(np.clip(round(middle * factor), FIELD_HALF_WIDTH, shape[1] - FIELD_HALF_WIDTH))
    own = None
    if mask is not None:
        own = resize(mask.astype(float), shape, order=1, anti_aliasing=True) >= 0.5
    return ScaledImage(
        resize(grey, shape, order=1, anti_aliasing=factor < 1, preserve_range=True),
        own,
        max(start, 0),
        centre,
    )


def _varying(grey: np.ndarray, axis: int) -> tuple[int, int]:
    """Return the first and the end of the columns (axis 0) or rows (1) that are no background."""
    found = np.flatnonzero(grey.std(axis=axis) > _BACKGROUND_SD)
    return (int(found[0]), int(found[-1]) + 1) if found.size else (0, 0)
