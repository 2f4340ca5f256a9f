"""Grey-level binning, once per derived image instead of once per feature class."""

from __future__ import annotations

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled


def bin_edges(minimum: np.floating, maximum: np.floating, bin_width: float) -> np.ndarray:
    """Edges of pyradiomics' fixed-width bins, aligned with zero.

    Parameters
    ----------
    minimum, maximum : float64 or float32
        Smallest and largest value inside the outline, in the precision of their filter.
    bin_width : float
        Width of a bin.

    Returns
    -------
    ndarray of float64
        Increasing edges; the last lies beyond the largest value.
    """
    edges = np.arange(minimum - minimum % bin_width, maximum + 2 * bin_width, bin_width)
    return edges.astype(np.float64, copy=False)


@compiled
def assign_levels(
    values: np.ndarray,
    edges: np.ndarray,
    places: np.ndarray,
    level_map: np.ndarray,
    histogram: np.ndarray,
) -> None:
    """Grey level of every pixel (`numpy.digitize`) on a map, and the histogram.

    A first guess by multiplication is corrected by comparing with the very edges
    `numpy.digitize` searches, so that rounding cannot move a value to another bin.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Values inside the outline, row by row.
    edges : ndarray of float64
        From :func:`bin_edges`.
    places : ndarray of uint32, shape (n,)
        Position of each pixel in the map.
    level_map : ndarray of int32
        Receives levels from 1; the rest is left as it is.
    histogram : ndarray of int64, shape (len(edges) + 1,)
        Receives the pixels per level, index 0 unused.
    """
    last = len(edges)
    low, per_width = edges[0], 1.0 / (edges[1] - edges[0])
    histogram[:] = 0
    for k in range(len(values)):
        value = values[k]
        level = min(max(int((value - low) * per_width) + 1, 1), last)
        while level > 1 and value < edges[np.uint64(level - 1)]:
            level -= 1
        while level < last and value >= edges[np.uint64(level)]:
            level += 1
        level_map[places[k]] = level
        histogram[np.uint64(level)] += 1


@compiled
def rank_levels(
    level_map: np.ndarray,
    histogram: np.ndarray,
    places: np.ndarray,
    rank_map: np.ndarray,
    grey: np.ndarray,
    pixels: np.ndarray,
) -> int:
    """Rank the levels that occur: those that do not have no row in the matrices.

    Parameters
    ----------
    level_map, histogram : ndarray
        From :func:`assign_levels`.
    places : ndarray of uint32, shape (n,)
    rank_map : ndarray of int32
        Receives ranks from 1 where `level_map` has levels.
    grey : ndarray of float64
        Receives the levels that occur, increasing.
    pixels : ndarray of int64
        Receives their numbers of pixels.

    Returns
    -------
    int
        Number of levels that occur.
    """
    ranks = np.zeros(len(histogram), np.int32)
    n = 0
    for level in range(1, len(histogram)):
        if histogram[level]:
            grey[n], pixels[n] = level, histogram[level]
            n += 1
            ranks[level] = n
    for k in range(len(places)):
        rank_map[places[k]] = ranks[np.uint64(level_map[places[k]])]
    return n
