"""Which pixels make a ring: by their distance from the outline, inside what was scanned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spl_kedro.features.rings.distances import RingDistances
from spl_kedro.features.rings.nearby import distances_to, unscanned_within
from spl_kedro.imaging import Lesion
from spl_kedro.imaging.quality.views import DARK


@dataclass(frozen=True)
class Ring:
    """The pixels of one ring of a lesion.

    Attributes
    ----------
    mask : ndarray of bool, shape (height, width)
        Those in view: inside the image, scanned, and of no lesion.
    in_view : float
        Their area as a share of the ring's, which is that around the outline on an image without
        end and without other lesions.
    """

    mask: np.ndarray
    in_view: float

    @property
    def pixels(self) -> int:
        """How many pixels are in view."""
        return int(np.count_nonzero(self.mask))


def rings_of(
    lesion: Lesion, distances: RingDistances, others: Sequence[np.ndarray] = ()
) -> list[Ring] | None:
    """Return the rings around a lesion's outline.

    A pixel belongs to a ring if its centre is farther than the inner and at most as far as the
    outer distance from the centre of the nearest pixel of the lesion (exact Euclidean distance,
    as in SciPy), by the pixel's own height and width where they
    are known. So a lesion drawn in several parts has a ring around all of them.

    Parameters
    ----------
    lesion : Lesion
    distances : RingDistances
        In shares of a diameter, that of a circle of the lesion's area is meant; in pixels, the
        side of a square of a pixel's area.
    others : sequence of ndarray of bool, shape (height, width)
        Outlines of other lesions in the same image, which are in no ring.

    Returns
    -------
    list of Ring or None
        None where rings in millimetres are asked for and the pixel size is unknown.
    """
    if distances.unit == "mm" and lesion.spacing_mm is None:
        return None
    mask = np.asarray(lesion.mask, dtype=bool)
    size, scale = _scale(lesion, distances)
    reach = rings_reach(lesion, distances)
    window, inside, part = _window(mask, reach)
    away = distances_to(part, size, reach)
    seen = _in_view(lesion.image, mask, window, others)
    rings = []
    for inner, outer in distances.pairs:
        # Of two pixels equally far by the formula, rounding must not take one.
        whole = (away > inner * scale * (1 + 1e-9)) & (away <= outer * scale * (1 + 1e-9))
        part = whole[inside] & seen
        own = np.zeros(mask.shape, dtype=bool)
        own[window] = part
        area = np.count_nonzero(whole)
        rings.append(Ring(own, np.count_nonzero(part) / area if area else 0.0))
    return rings


def rings_reach(lesion: Lesion, distances: RingDistances) -> np.ndarray:
    """Return how far a lesion's rings reach beyond its outline, in rows and in columns.

    Parameters
    ----------
    lesion : Lesion
        Of known pixel size, where the rings are in millimetres.
    distances : RingDistances

    Returns
    -------
    ndarray of int, shape (2,)
        Pixels, no fewer than the outermost ring reaches.
    """
    size, scale = _scale(lesion, distances)
    farthest = scale * max(outer for _, outer in distances.pairs)
    # A ring wider than the image is out of view whatever a farther box would count.
    return np.minimum(farthest / size + 1, max(lesion.mask.shape)).astype(int)


def _scale(lesion: Lesion, distances: RingDistances) -> tuple[np.ndarray, float]:
    """Return the pixel's sides (row, column) and what a distance of 1 is, both in one unit."""
    size = np.asarray(lesion.spacing_mm or (1.0, 1.0), dtype=np.float64)
    side = math.sqrt(float(size.prod()))
    if distances.unit == "mm":
        return size, 1.0
    if distances.unit == "pixels":
        return size, side
    return size, 2.0 * side * math.sqrt(float(np.count_nonzero(lesion.mask)) / math.pi)


def _window(
    mask: np.ndarray, reach: np.ndarray
) -> tuple[tuple[slice, slice], tuple[slice, slice], np.ndarray]:
    """Return the part of the image that rings may reach, its place beyond the image, the outline.

    Returns
    -------
    window : tuple of slice
        Of the image.
    inside : tuple of slice
        The same pixels in the box that goes on where the image ends.
    part : ndarray of bool
        The outline in that box.
    """
    window, inside, before = [], [], []
    for axis in (0, 1):
        touched = np.flatnonzero(mask.any(axis=1 - axis))
        first, last = int(touched[0]) - int(reach[axis]), int(touched[-1]) + int(reach[axis]) + 1
        start, stop = max(first, 0), min(last, mask.shape[axis])
        window.append(slice(start, stop))
        inside.append(slice(start - first, stop - first))
        before.append(last - first)
    part = np.zeros(before, dtype=bool)
    part[tuple(inside)] = mask[tuple(window)]
    return (window[0], window[1]), (inside[0], inside[1]), part


def _in_view(
    image: np.ndarray,
    mask: np.ndarray,
    window: tuple[slice, slice],
    others: Sequence[np.ndarray],
) -> np.ndarray:
    """Return which pixels of a part of the image are scanned and of no lesion."""
    seen = ~mask[window] & ~unscanned_within(image, window, DARK)
    for other in others:
        seen &= ~other[window]
    return seen
