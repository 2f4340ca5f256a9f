"""How far two outlines agree: their overlap and the distances between their edges."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage

_SHAPE_OF_PIXEL = np.ones((3, 3), dtype=bool)


class Agreement(NamedTuple):
    """Agreement of an outline with a reader's.

    Attributes
    ----------
    dice : float
        2 |A and B| / (|A| + |B|), 0 to 1 (Dice, Ecology 1945;26:297).
    mean_distance : float
        Mean over the edges of both of the distance to the nearest place of the other's edge, in
        the unit of `spacing`.
    hausdorff_95 : float
        The larger of the 95th percentiles of these distances, from either edge to the other
        (Huttenlocher et al., IEEE Trans Pattern Anal Mach Intell 1993;15:850, with the percentile
        in the place of the maximum).
    """

    dice: float
    mean_distance: float
    hausdorff_95: float


def agreement(
    found: np.ndarray, reader: np.ndarray, spacing: tuple[float, float] = (1.0, 1.0)
) -> Agreement:
    """Compare an outline with a reader's.

    Parameters
    ----------
    found, reader : ndarray of bool, shape (height, width)
        Each with at least one pixel.
    spacing : tuple of float
        Height and width of a pixel.

    Returns
    -------
    Agreement
    """
    both = found | reader
    rows, columns = np.flatnonzero(both.any(axis=1)), np.flatnonzero(both.any(axis=0))
    place = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    found, reader = found[place], reader[place]
    dice = 2 * int((found & reader).sum()) / (int(found.sum()) + int(reader.sum()))
    edges = _edge(found), _edge(reader)
    there = ndimage.distance_transform_edt(~edges[1], sampling=spacing)[edges[0]]
    back = ndimage.distance_transform_edt(~edges[0], sampling=spacing)[edges[1]]
    mean = (there.sum() + back.sum()) / (there.size + back.size)
    farthest = max(np.percentile(there, 95), np.percentile(back, 95))
    return Agreement(dice, float(mean), float(farthest))


def _edge(mask: np.ndarray) -> np.ndarray:
    """Return the pixels of an area that touch what is outside of it."""
    return mask & ~ndimage.binary_erosion(mask, _SHAPE_OF_PIXEL)
