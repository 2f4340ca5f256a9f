"""The recursive filter that turns an image into cubic-spline coefficients, as SciPy rounds it.

It runs down a column and up again, from a sum over the mirrored column. That sum ends once its
terms, which shrink geometrically, are below half a unit in the last place. Columns are filtered
side by side, and rows above the first that is wanted are not kept.
"""

from __future__ import annotations

import math

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled

_POLE = -0.267949192431122706472553658494127633  # sqrt(3) - 2, rounded once
_GAIN = (1.0 - _POLE) * (1.0 - 1.0 / _POLE)


@compiled
def _starting_sum(image: np.ndarray, column: int, largest: float) -> float:
    """First causal coefficient of a mirrored column."""
    n = len(image)
    power = _POLE
    last = math.pow(_POLE, float(n - 1))
    total = image[0, column] * _GAIN + last * (image[n - 1, column] * _GAIN)
    for i in range(1, n - 1):
        # Half a unit in the last place of the sum is at least 5.5e-17 of it.
        if abs(power) * largest < abs(total) * 1e-17:
            break
        total += power * (image[i, column] * _GAIN + last * (image[n - 1 - i, column] * _GAIN))
        power *= _POLE
    return total / (1.0 - last * last)


@compiled
def _filter_columns(image: np.ndarray, largest: float, top: int) -> np.ndarray:
    """Filter columns of two pixels or more; `largest` bounds the absolute values times the gain."""
    height, width = image.shape
    line = np.empty(width)
    for x in range(width):
        line[x] = _starting_sum(image, x, 2.0 * largest)
    for y in range(1, top + 1):
        row = image[y]
        for x in range(width):
            line[x] = row[x] * _GAIN + _POLE * line[x]
    c = np.empty((height - top, width))
    c[0] = line
    for y in range(1, len(c)):
        row, above, here = image[top + y], c[y - 1], c[y]
        for x in range(width):
            here[x] = row[x] * _GAIN + _POLE * above[x]
    row, above = c[-1], c[-2]
    for x in range(width):
        row[x] = (_POLE * above[x] + row[x]) * _POLE / (_POLE * _POLE - 1.0)
    for y in range(len(c) - 2, -1, -1):
        here, below = c[y], c[y + 1]
        for x in range(width):
            here[x] = _POLE * (below[x] - here[x])
    return c


def filter_columns(image: np.ndarray, largest: float | None = None, top: int = 0) -> np.ndarray:
    """Spline coefficients down each column, all columns at once.

    Parameters
    ----------
    image : ndarray of float64, shape (H, W)
    largest : float, optional
        Largest absolute value, where it is known.
    top : int
        First row wanted, at most the last but one.

    Returns
    -------
    ndarray of float64, shape (H - top, W)
    """
    if len(image) < 2:
        return image.copy()
    if largest is None:
        largest = float(max(image.max(), -image.min()))
    return _filter_columns(image, largest * _GAIN, top)
