"""The one form in which every later step sees a lesion: grey image, outline, spacing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Lesion:
    """A B-mode image and the outline of one lesion in it.

    Attributes
    ----------
    lesion_id : str
        Key of the lesion in every table.
    image : ndarray of float64, shape (height, width)
        Grey values on the 8-bit scale, 0 to 255.
    mask : ndarray of bool, shape (height, width)
        True inside the lesion's outline.
    spacing_mm : tuple of float or None
        Size of a pixel in millimetres as (row, column); None where unknown.
    """

    lesion_id: str
    image: np.ndarray
    mask: np.ndarray
    spacing_mm: tuple[float, float] | None = None
