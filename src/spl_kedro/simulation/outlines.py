"""Outlines as two readers draw them: the same lesion, two hands."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from spl_kedro.simulation.lesion_shape import CONTOUR_SAMPLES, LesionShape
from spl_kedro.simulation.noise import periodic_curve
from spl_kedro.simulation.scanner import Raster


def draw_outline(
    rng: np.random.Generator, shape: LesionShape, raster: Raster, noise: float, bias: float = 0.0
) -> np.ndarray:
    """Return one reader's outline of a lesion.

    The reader's contour departs from the true one by a smooth random curve (harmonics 1 to
    9: misplacement, then wobble) and a bias outwards or inwards. Nobody draws above the
    pleura or outside the sector.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    shape : LesionShape
        The true contour.
    raster : Raster
        Pixels to draw on.
    noise, bias : float
        Standard deviation and mean of the displacement relative to the lesion's radius.

    Returns
    -------
    ndarray of uint8, shape (rows, columns)
        255 inside the outline, 0 outside; one connected piece without holes.

    Raises
    ------
    ValueError
        If nothing of the lesion lies inside the sector.
    """
    displacement = shape.radius * (bias + noise * periodic_curve(rng, CONTOUR_SAMPLES, (1, 9), 0.7))
    across, down = shape.reach(displacement)
    box = _around(raster.y, shape.y, down), _around(raster.x, shape.x, across)
    x, y = raster.x[None, box[1]], raster.y[box[0], None]
    inside = shape.contains(x, y, displacement)
    inside &= (y > shape.pleura_at(x) + 0.5) & raster.sector[box]
    if not inside.any():
        raise ValueError(
            "the lesion lies outside the sector: enlarge field_of_view_deg or depths_mm"
        )
    pieces, _ = ndimage.label(inside)
    largest = 1 + int(np.argmax(np.bincount(pieces.ravel())[1:]))
    # What is not connected with the margin is the piece or a hole in it.
    around, _ = ndimage.label(np.pad(pieces != largest, 1, constant_values=True))
    outline = np.zeros(raster.sector.shape, np.uint8)
    outline[box] = np.where(around == around[0, 0], 0, 255)[1:-1, 1:-1]
    return outline


def _around(position: np.ndarray, centre: float, reach: float) -> slice:
    """Return the slice of ascending positions within reach of a centre."""
    first, end = np.searchsorted(position, (centre - reach, centre + reach))
    return slice(int(first), int(end))


def dice(first: np.ndarray, second: np.ndarray) -> float:
    """Return the Dice overlap of two masks, 0 to 1."""
    a, b = first > 0, second > 0
    return float(2 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b)))
