"""Where in an image tissue was scanned, and where an outline finds healthy tissue there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.signal import fftconvolve

Mask = NDArray[np.bool_]

#: Grey values above it are echoes; below lies what was not scanned, and the darkest shadow.
DARK = 2.0
#: Width in pixels of dark gaps that belong to the tissue round them.
_BRIDGED = 7


def scanned(image: NDArray[np.float64]) -> Mask:
    """Return where tissue was scanned: the largest lit part of an image, without its holes.

    Parameters
    ----------
    image : ndarray of float, shape (height, width)
        Grey values, 0 to 255.

    Returns
    -------
    ndarray of bool, shape (height, width)
        Captions and scales beside the sector are not part of it.
    """
    lit = (image > DARK).astype(np.uint8)
    # Closed, so that dark speckle is bridged, then opened, so that captions part from the sector.
    closed = ndimage.minimum_filter(ndimage.maximum_filter(lit, _BRIDGED), _BRIDGED)
    opened = ndimage.maximum_filter(ndimage.minimum_filter(closed, _BRIDGED), _BRIDGED)
    parts, count = ndimage.label(opened)
    if not count:
        return lit.astype(bool)
    sizes = np.bincount(parts.ravel())[1:]
    return ndimage.binary_fill_holes(parts == 1 + int(sizes.argmax()))


def radius(mask: Mask) -> float:
    """Return the radius of the disc of an outline's area, in pixels."""
    return float(np.sqrt(mask.sum() / np.pi))


def grown(mask: Mask, pixels: float) -> Mask:
    """Return an outline and all within a distance of it."""
    return ndimage.distance_transform_edt(~mask) <= pixels


def ring(image: NDArray[np.float64], mask: Mask, gap: float, width: float) -> Mask:
    """Return the scanned tissue round an outline.

    Parameters
    ----------
    image : ndarray of float, shape (height, width)
    mask : ndarray of bool, shape (height, width)
    gap, width : float
        Distance from the outline and width of the ring, in radii of the lesion.
    """
    size = radius(mask)
    around = grown(mask, (gap + width) * size) & ~grown(mask, gap * size)
    return around & scanned(image)


def healthy_place(image: NDArray[np.float64], mask: Mask, gap: float) -> tuple[int, int] | None:
    """Return how far an outline must move to lie in scanned tissue beside the lesion.

    Of all places that hold the whole outline those are taken that reach least behind the lesion,
    below it in the image, where its own shadow or enhancement lies; of these the nearest in depth,
    where the beam is as weak and as wide as in the lesion; of these the nearest.

    Parameters
    ----------
    image : ndarray of float, shape (height, width)
    mask : ndarray of bool, shape (height, width)
    gap : float
        Distance kept from the lesion, in its radii.

    Returns
    -------
    tuple of int or None
        Rows and columns to move by; None where there is no such place.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    shape = mask[top : rows[-1] + 1, left : columns[-1] + 1]
    forbidden = ~scanned(image) | grown(mask, gap * radius(mask))
    behind = np.logical_or.accumulate(mask, axis=0)
    # One forbidden pixel weighs more than an outline that lies behind the lesion altogether.
    weight = int(shape.sum()) + 1
    cost = np.where(forbidden, float(weight), behind)
    # Their sum under the outline, for each place of its box's first corner.
    under = fftconvolve(cost, shape[::-1, ::-1].astype(float), mode="valid").round()
    free = np.argwhere(under < weight)
    if not len(free):
        return None
    down, right = free[:, 0] - top, free[:, 1] - left
    hidden = under[free[:, 0], free[:, 1]]
    best = np.lexsort((right, down, np.abs(right), np.abs(down), hidden))[0]
    return int(down[best]), int(right[best])


def moved(mask: Mask, shift: tuple[int, int]) -> Mask:
    """Return an outline moved by rows and columns, which must keep it inside the image."""
    return np.roll(mask, shift, axis=(0, 1))
