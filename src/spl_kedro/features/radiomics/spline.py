"""Cubic-spline sampling round every pixel of an outline, with SciPy's own rounding.

LBP3D samples at points of which four fall on neighbouring pixels. There the spline
gives the neighbour's value back but for the last bits, and on 8-bit images, where
neighbours are often equal, those bits decide the comparison with the centre. So the
shortcuts here keep every operation and its order:

- coefficients depend on the whole image (a crop changes them). The filter runs down
  every column, then along rows: rows that are not sampled are not filtered, as each row
  is filtered by itself. The sum that starts a line ends once its terms, which shrink
  geometrically, are below half a unit in the last place;
- sample points keep the whole image's coordinates, whose magnitude decides how their
  fraction is rounded; rows and columns share their weights;
- the slice axis has length one: all four of its knots are the slice itself, and its four
  weights (the last is 8e-17, not 0) are kept.

Checked once per process against SciPy bit for bit; on a platform that rounds otherwise
(fused multiply-add) SciPy itself is used.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numba
import numpy as np
from scipy import ndimage

from spl_kedro.features.radiomics.roi import Roi

_POLE = -0.267949192431122706472553658494127633  # sqrt(3) - 2, rounded once
_GAIN = (1.0 - _POLE) * (1.0 - 1.0 / _POLE)
_MARGIN = 4  # knots of the outermost samples


@numba.njit(cache=True, nogil=True)
def _starting_sum(line: np.ndarray, largest: float) -> float:
    """First causal coefficient of a mirrored line."""
    n = len(line)
    power = _POLE
    last = math.pow(_POLE, float(n - 1))
    total = line[0] + last * line[n - 1]
    for i in range(1, n - 1):
        # Half a unit in the last place of the sum is at least 5.5e-17 of it.
        if abs(power) * largest < abs(total) * 1e-17:
            break
        total += power * (line[i] + last * line[n - 1 - i])
        power *= _POLE
    return total / (1.0 - last * last)


@numba.njit(cache=True, nogil=True)
def filter_columns(image: np.ndarray) -> np.ndarray:
    """Spline coefficients down each column, all columns at once."""
    height, width = image.shape
    c = image * _GAIN
    if height < 2:
        return image.copy()
    largest = 0.0
    for y in range(height):
        for x in range(width):
            largest = max(largest, abs(c[y, x]))
    for x in range(width):
        c[0, x] = _starting_sum(c[:, x], 2.0 * largest)
    for y in range(1, height):
        for x in range(width):
            c[y, x] += _POLE * c[y - 1, x]
    for x in range(width):
        c[height - 1, x] = (
            (_POLE * c[height - 2, x] + c[height - 1, x]) * _POLE / (_POLE * _POLE - 1.0)
        )
    for y in range(height - 2, -1, -1):
        for x in range(width):
            c[y, x] = _POLE * (c[y + 1, x] - c[y, x])
    return c


def _mirrored(low: int, high: int, length: int) -> np.ndarray:
    """Fold indices [low, high) at the first and last pixel, as SciPy's ``mirror``."""
    if length == 1:
        return np.zeros(high - low, dtype=np.int64)
    period = 2 * length - 2
    folded = np.abs(np.arange(low, high)) % period
    return np.where(folded >= length, period - folded, folded)


def _coefficients(roi: Roi) -> np.ndarray:
    """Coefficients of the bounding box and a margin, mirrored at the image border."""
    top, bottom, left, right = roi.box
    height, width = roi.image.shape
    rows = _mirrored(top - _MARGIN, bottom + _MARGIN, height)
    needed, position = np.unique(rows, return_inverse=True)
    columns_first = filter_columns(roi.image)[needed]
    both = np.ascontiguousarray(filter_columns(np.ascontiguousarray(columns_first.T)).T)
    columns = _mirrored(left - _MARGIN, right + _MARGIN, width)
    return np.ascontiguousarray(both[np.ix_(position, columns)])


@numba.njit(cache=True, nogil=True)
def _weights(position: float, out: np.ndarray) -> int:
    """Weights of the four knots round a position, and the first knot."""
    below = math.floor(position)
    y = position - below
    z = 1.0 - y
    out[1] = (y * y * (y - 2.0) * 3.0 + 4.0) / 6.0
    out[2] = (z * z * (z - 2.0) * 3.0 + 4.0) / 6.0
    out[0] = z * z * z / 6.0
    out[3] = 1.0 - out[0] - out[1] - out[2]
    return int(below) - 1


@numba.njit(cache=True, nogil=True)
def _add_knots(
    total: np.ndarray, line: np.ndarray, slice_weight: float, row_weight: float, w: np.ndarray
) -> None:
    """Add four neighbouring knots of one row to every sample of a row, one after another."""
    w0, w1, w2, w3 = w[0], w[1], w[2], w[3]
    for x in range(len(total)):
        value = total[x] + ((line[x] * slice_weight) * row_weight) * w0[x]
        value += ((line[x + 1] * slice_weight) * row_weight) * w1[x]
        value += ((line[x + 2] * slice_weight) * row_weight) * w2[x]
        total[x] = value + ((line[x + 3] * slice_weight) * row_weight) * w3[x]


@numba.njit(cache=True, nogil=True)
def _sample(
    c: np.ndarray, outline: np.ndarray, top: int, left: int, size: tuple, offsets: np.ndarray
) -> np.ndarray:
    """Sample at each outlined pixel plus each offset; 0 outside the image."""
    h, w = outline.shape
    n_points = len(offsets)
    out = np.zeros((outline.sum(), n_points))
    slices = np.empty(4)
    _weights(0.0, slices)
    rows = np.empty(4)
    one = np.empty(4)
    columns = np.empty((n_points, 4, w))
    first_column = np.empty((n_points, w), np.int64)
    inside = np.empty((n_points, w), np.bool_)
    for v in range(n_points):
        for x in range(w):
            position = (left + x) + offsets[v, 1]
            first_column[v, x] = _weights(position, one) - left + _MARGIN
            columns[v, :, x] = one
            inside[v, x] = 0.0 <= position <= size[1] - 1
    total = np.empty(w)
    k = 0
    for y in range(h):
        n_row = 0
        for v in range(n_points):
            position = (top + y) + offsets[v, 0]
            if position < 0.0 or position > size[0] - 1:
                continue
            start = _weights(position, rows) - top + _MARGIN
            # A sum of a whole number and the offset rounds down alike in every column.
            shift = first_column[v, 0]
            total[:] = 0.0
            for s in range(4):
                for r in range(4):
                    _add_knots(total, c[start + r, shift:], slices[s], rows[r], columns[v])
            n_row = 0
            for x in range(w):
                if outline[y, x]:
                    if inside[v, x]:
                        out[k + n_row, v] = total[x]
                    n_row += 1
        k += outline[y].sum()
    return out


def sample_around(roi: Roi, offsets: np.ndarray) -> np.ndarray:
    """Sample the image round each pixel of the outline.

    Parameters
    ----------
    roi : Roi
    offsets : ndarray of float64, shape (points, 2)
        Row and column offsets, at most one pixel.

    Returns
    -------
    ndarray of float64, shape (n, points)
        0 where a point lies outside the image.
    """
    top, _, left, _ = roi.box
    return _sample(_coefficients(roi), roi.outline, top, left, roi.image.shape, offsets)


def sample_around_with_scipy(roi: Roi, offsets: np.ndarray) -> np.ndarray:
    """Do the same with ``scipy.ndimage.map_coordinates``, as pyradiomics does.

    Parameters
    ----------
    roi : Roi
    offsets : ndarray of float64, shape (points, 2)

    Returns
    -------
    ndarray of float64, shape (n, points)
    """
    pixels = np.stack(
        [np.zeros_like(roi.rows), roi.rows + roi.box[0], roi.columns + roi.box[2]], axis=1
    )
    steps = np.column_stack([np.zeros(len(offsets)), offsets])
    points = pixels[None, :, :] + steps[:, None, :]
    return ndimage.map_coordinates(roi.image[None], points.T, order=3)


@lru_cache(maxsize=1)
def rounds_alike() -> bool:
    """Whether the compiled sampling gives SciPy's bits on this platform."""
    rng = np.random.default_rng(0)
    image = np.repeat(rng.integers(0, 256, (23, 15)), 2, axis=1).astype(np.float64)
    outline = np.ones(image.shape, dtype=bool)
    rows, columns = np.nonzero(outline)
    roi = Roi(image, outline, (0, 23, 0, 30), outline, rows, columns, (1.0, 1.0), 255.0)
    offsets = np.array([[0.0, 1.0], [1.0, 0.0], [-0.5257311121191336, 0.85065080835204]])
    return np.array_equal(sample_around(roi, offsets), sample_around_with_scipy(roi, offsets))
