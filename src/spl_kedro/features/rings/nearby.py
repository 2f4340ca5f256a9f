"""How far pixels lie from an outline, and which were not scanned; of the part that rings may reach.

Both are what SciPy gives for the whole image (:func:`scipy.ndimage.distance_transform_edt`,
:func:`spl_kedro.imaging.quality.views.unscanned`), without looking farther than it takes.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from spl_kedro.features.radiomics.compiled import compiled

# Columns from which on looking at each costs more than SciPy's way.
_FAR = 100


def distances_to(outline: np.ndarray, size: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Distance of each pixel's centre from that of the nearest pixel of an outline.

    Parameters
    ----------
    outline : ndarray of bool, shape (height, width)
    size : ndarray of float, shape (2,)
        The pixel's height and width.
    reach : ndarray of int, shape (2,)
        Rows and columns beyond which no distance is wanted.

    Returns
    -------
    ndarray of float64, shape (height, width)
        In the unit of `size`; infinite, or the distance itself, where the nearest pixel is more
        columns away than `reach`.
    """
    if reach[1] > _FAR:
        return ndimage.distance_transform_edt(~outline, sampling=size)
    return _distances(np.ascontiguousarray(outline), float(size[0]), float(size[1]), int(reach[1]))


@compiled
def _distances(outline: np.ndarray, row_size: float, column_size: float, reach: int) -> np.ndarray:
    height, width = outline.shape
    # Squared distance within the column, with a margin that is infinitely far.
    down = np.full((height, width + 2 * reach), np.inf)
    rows = np.full(width, np.inf)
    for y in range(height):
        line, inside = down[y, reach:], outline[y]
        for x in range(width):
            rows[x] = 0.0 if inside[x] else rows[x] + 1.0
            line[x] = (rows[x] * row_size) * (rows[x] * row_size)
    rows[:] = np.inf
    for y in range(height - 1, -1, -1):
        line, inside = down[y, reach:], outline[y]
        for x in range(width):
            rows[x] = 0.0 if inside[x] else rows[x] + 1.0
            square = (rows[x] * row_size) * (rows[x] * row_size)
            line[x] = square if square < line[x] else line[x]
    out = np.full((height, width), np.inf)
    for y in range(height):
        nearest = out[y]
        for step in range(2 * reach + 1):
            across = (step - reach) * column_size
            across *= across
            line = down[y, step:]
            for x in range(width):
                square = across + line[x]
                nearest[x] = square if square < nearest[x] else nearest[x]
        for x in range(width):
            nearest[x] = np.sqrt(nearest[x])
    return out


def unscanned_within(image: np.ndarray, window: tuple[slice, slice], dark: float) -> np.ndarray:
    """Which pixels of a part of an image are black and hang together with the image's border.

    Parameters
    ----------
    image : ndarray, shape (height, width)
    window : tuple of slice
        The part.
    dark : float
        The brightest that counts as black.

    Returns
    -------
    ndarray of bool, shape of the part
    """
    rows, columns = window
    grey = np.ascontiguousarray(image, dtype=np.float64)
    return _unscanned(grey, rows.start, rows.stop, columns.start, columns.stop, float(dark))


@compiled
def _unscanned(
    image: np.ndarray, top: int, bottom: int, left: int, right: int, dark: float
) -> np.ndarray:
    """Walk from each black pixel of the part over black ones until the border is met, or none."""
    height, width = image.shape
    out = np.zeros((bottom - top, right - left), np.bool_)
    # 0: not met; 1: met; 2: hangs together with the border.
    state = np.zeros(height * width, np.uint8)
    ahead, met = np.empty(height * width, np.int32), np.empty(height * width, np.int32)
    steps = np.array([-width, width, 1, -1])
    for y in range(top, bottom):
        for x in range(left, right):
            place = y * width + x
            if not image[y, x] <= dark:
                continue
            if state[place] == 0:
                ahead[0] = met[0] = place
                state[place] = 1
                n_ahead = n_met = 1
                outside = False
                while n_ahead and not outside:
                    n_ahead -= 1
                    at = ahead[n_ahead]
                    row = at // width
                    column = at - row * width
                    if row in (0, height - 1) or column in (0, width - 1):
                        outside = True
                        break
                    for step in steps:
                        other = at + step
                        if state[other] == 2:
                            outside = True
                        elif state[other] == 0 and image[other // width, other % width] <= dark:
                            state[other] = 1
                            ahead[n_ahead] = met[n_met] = other
                            n_ahead += 1
                            n_met += 1
                if outside:
                    for k in range(n_met):
                        state[met[k]] = 2
            out[y - top, x - left] = state[place] == 2
    return out
