"""Cubic-spline sampling round every pixel of an outline, with SciPy's own rounding.

LBP3D samples at points of which four fall on neighbouring pixels. There the spline
gives the neighbour's value back but for the last bits, and on 8-bit images, where
neighbours are often equal, those bits decide the comparison with the centre. So the
shortcuts here keep every operation and its order:

- coefficients depend on the whole image (a crop changes them). The filter
  (:mod:`.spline_filter`) runs down every column, then along rows: rows that are not sampled
  are not filtered, as each row is filtered by itself;
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

import numpy as np
from scipy import ndimage

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.roi import Roi
from spl_kedro.features.radiomics.spans import row_spans
from spl_kedro.features.radiomics.spline_filter import filter_columns

_MARGIN = 4  # knots of the outermost samples
# Pixels outside the outline that are sampled rather than a row begun anew.
_GAP = 48


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
    first = max(min(int(needed[0]), height - 2), 0)
    columns_first = filter_columns(roi.image, roi.largest, first)[needed - first]
    columns = _mirrored(left - _MARGIN, right + _MARGIN, width)
    first = max(min(int(columns.min()), width - 2), 0)
    both = filter_columns(np.ascontiguousarray(columns_first.T), None, first)
    return np.ascontiguousarray(both.T[np.ix_(position, columns - first)])


@compiled
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


@compiled
def _column_weights(
    left: int, width: int, offset: float, starts: np.ndarray, weights: np.ndarray
) -> tuple[int, int]:
    """Fill in the weights and from which column they hold; first knot, and number of weights.

    Only the magnitude of a position, which decides its rounding, changes them. A sum of a whole
    number and the offset rounds down alike in every column.
    """
    first, n = 0, 0
    one = np.empty(4)
    for x in range(width):
        knot = _weights((left + x) + offset, one)
        if x == 0:
            first = knot - left + _MARGIN
        if x == 0 or (weights[n - 1] != one).any():
            starts[n] = x
            weights[n] = one
            n += 1
    starts[n] = width
    return first, n


@compiled
def _at_height(offsets: np.ndarray, v: int) -> np.ndarray:
    """Points as high as `v`; none where `v` is not the first of them."""
    found = np.flatnonzero(offsets[:, 0] == offsets[v, 0])
    return found if found[0] == v else found[:0]


@compiled
def _weigh(line: np.ndarray, slice_weight: float, row_weight: float, out: np.ndarray) -> None:
    for x in range(len(out)):
        out[x] = (line[x] * slice_weight) * row_weight


@compiled
def _add_knots(
    total: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    c: np.ndarray,
    d: np.ndarray,
    weights: np.ndarray,
) -> None:
    """Add four neighbouring knots of four weighted rows to every sample, one after another."""
    w0, w1, w2, w3 = weights[0], weights[1], weights[2], weights[3]
    for x in range(len(total)):
        value = total[x] + a[x] * w0
        value += a[x + 1] * w1
        value += a[x + 2] * w2
        value += a[x + 3] * w3
        value += b[x] * w0
        value += b[x + 1] * w1
        value += b[x + 2] * w2
        value += b[x + 3] * w3
        value += c[x] * w0
        value += c[x + 1] * w1
        value += c[x + 2] * w2
        value += c[x + 3] * w3
        value += d[x] * w0
        value += d[x + 1] * w1
        value += d[x + 2] * w2
        total[x] = value + d[x + 3] * w3


@compiled
def _sample(
    c: np.ndarray, outline: np.ndarray, top: int, left: int, size: tuple, offsets: np.ndarray
) -> np.ndarray:
    """Sample at each outlined pixel plus each offset, shape (points, n); 0 outside the image."""
    h, w = outline.shape
    n_points = len(offsets)
    out = np.zeros((n_points, outline.sum()))
    slices, rows = np.empty(4), np.empty(4)
    _weights(0.0, slices)
    first, n_parts = np.empty(n_points, np.int64), np.empty(n_points, np.int64)
    starts, weights = np.empty((n_points, w + 1), np.int64), np.empty((n_points, w, 4))
    for v in range(n_points):
        first[v], n_parts[v] = _column_weights(left, w, offsets[v, 1], starts[v], weights[v])
    weighted, totals = np.empty((4, c.shape[1])), np.empty((n_points, w))
    places = np.empty(w, np.uint32)
    for leader in range(n_points):
        points = _at_height(offsets, leader)  # they share the weighted rows
        k = 0
        for y in range(h if len(points) else 0):
            n_row = 0
            for x in range(w):
                if outline[y, x]:
                    places[n_row] = x
                    n_row += 1
            k += n_row
            position = (top + y) + offsets[leader, 0]
            if position < 0.0 or position > size[0] - 1:
                continue
            start = _weights(position, rows) - top + _MARGIN
            spans = row_spans(places[:n_row], w, _GAP)
            for p in range(len(spans)):
                low, high = spans[p, 0], spans[p, 1]
                totals[:, low:high] = 0.0
                for s in range(4):
                    for r in range(4):
                        # Their knots, of the first to the last.
                        reach = slice(low, high + 2 * _MARGIN)
                        _weigh(c[start + r, reach], slices[s], rows[r], weighted[r, reach])
                    for v in points:
                        for part in range(n_parts[v]):
                            begin, end = max(starts[v, part], low), min(starts[v, part + 1], high)
                            if begin >= end:
                                continue
                            at = begin + first[v]
                            _add_knots(
                                totals[v, begin:end],
                                weighted[0, at:],
                                weighted[1, at:],
                                weighted[2, at:],
                                weighted[3, at:],
                                weights[v, part],
                            )
            for v in points:
                target, total = out[v, k - n_row : k], totals[v]
                for i in range(n_row):
                    place = (left + np.int64(places[i])) + offsets[v, 1]
                    if 0.0 <= place <= size[1] - 1:
                        target[i] = total[places[i]]
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
    ndarray of float64, shape (n, points), contiguous for each point
        0 where a point lies outside the image.
    """
    top, _, left, _ = roi.box
    return _sample(_coefficients(roi), roi.outline, top, left, roi.image.shape, offsets).T


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
