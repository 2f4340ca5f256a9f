"""Grey-level binning, once per derived image instead of once per feature class."""

from __future__ import annotations

import numba
import numpy as np


def bin_edges(values: np.ndarray, bin_width: float) -> np.ndarray:
    """Edges of pyradiomics' fixed-width bins, aligned with zero.

    pyradiomics finds the smallest and largest value with Python's built-in ``min`` and
    ``max``; NumPy's return the same element, and the edges follow from those two alone.

    Parameters
    ----------
    values : ndarray of float64 or float32, shape (n,)
        Values inside the outline, no NaN, in the precision of their filter.
    bin_width : float
        Width of a bin.

    Returns
    -------
    ndarray of float64
        Increasing edges; the last lies beyond the largest value.
    """
    minimum, maximum = values.min(), values.max()
    edges = np.arange(minimum - minimum % bin_width, maximum + 2 * bin_width, bin_width)
    return edges.astype(np.float64)


@numba.njit(cache=True, nogil=True)
def level_map(
    values: np.ndarray, rows: np.ndarray, columns: np.ndarray, edges: np.ndarray, shape: tuple
) -> tuple[np.ndarray, np.ndarray]:
    """Grey level of every pixel (`numpy.digitize`) on a zero-padded map, and the histogram.

    A first guess by division is corrected by comparing with the very edges
    `numpy.digitize` searches, so that rounding cannot move a value to another bin.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Values inside the outline, row by row.
    rows, columns : ndarray of int64, shape (n,)
        Their position in the bounding box.
    edges : ndarray of float64
        From :func:`bin_edges`.
    shape : tuple of int
        Height and width of the bounding box.

    Returns
    -------
    levels : ndarray of int32, shape (h + 2, w + 2)
        Levels from 1; 0 outside the outline.
    histogram : ndarray of int64
        Pixels per level, index 0 unused.
    """
    levels = np.zeros((shape[0] + 2, shape[1] + 2), np.int32)
    n_edges = len(edges)
    histogram = np.zeros(n_edges + 1, np.int64)
    width = edges[1] - edges[0]
    low = edges[0]
    for k in range(len(values)):
        value = values[k]
        level = int((value - low) / width) + 1
        if level < 1:
            level = 1
        if level > n_edges:
            level = n_edges
        while level > 1 and value < edges[level - 1]:
            level -= 1
        while level < n_edges and value >= edges[level]:
            level += 1
        levels[rows[k] + 1, columns[k] + 1] = level
        histogram[level] += 1
    return levels, histogram
