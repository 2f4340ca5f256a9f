"""pyradiomics' eighteen first-order features from one sort and one pass of differences.

pyradiomics partitions the values anew for each percentile and recomputes mean and
moments in every feature. Here the values are sorted once and the differences from the
mean are shared. Sums keep NumPy's own order, so that on a flat region, where
the moments are rounding noise, the noise is the same; logarithms come from NumPy and powers from
Python for the same reason.
"""

from __future__ import annotations

import math

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.summation import pairwise_sum

_EPS = np.spacing(1)
_CANCELLED = 1e-6  # skewness below which the third moment is mostly rounding

FIRST_ORDER_COUNT = 18


@compiled
def percentile(ordered: np.ndarray, fraction: float) -> float:
    """Linear interpolation between order statistics, with NumPy's own rounding.

    Parameters
    ----------
    ordered : ndarray of float64, shape (n,)
        Sorted values.
    fraction : float
        0 to 1.

    Returns
    -------
    float
    """
    position = (len(ordered) - 1) * fraction
    below = int(np.floor(position))
    fraction = position - below
    a = ordered[below]
    b = ordered[min(below + 1, len(ordered) - 1)]
    return b - (b - a) * (1 - fraction) if fraction >= 0.5 else a + (b - a) * fraction


@compiled
def _describe(
    values: np.ndarray, ordered: np.ndarray, terms: np.ndarray, squares: np.ndarray, out: np.ndarray
) -> tuple[float, float, float]:
    """Fill `out` with what needs no logarithm or power; return the second to fourth moment."""
    n = len(values)
    p10, p90 = percentile(ordered, 0.1), percentile(ordered, 0.9)
    mean = pairwise_sum(values) / n
    for k in range(n):
        terms[k] = abs(values[k] - mean)
    absolute = pairwise_sum(terms) / n
    for k in range(n):
        difference = values[k] - mean
        squares[k] = difference * difference
    m2 = pairwise_sum(squares) / n
    for k in range(n):
        terms[k] = squares[k] * (values[k] - mean)
    m3 = pairwise_sum(terms) / n
    for k in range(n):
        terms[k] = squares[k] * squares[k]
    m4 = pairwise_sum(terms) / n
    for k in range(n):
        terms[k] = values[k] * values[k]
    energy = pairwise_sum(terms)
    # Excluded values stay in place as zeros: the order of summation decides the rounding that is
    # all there is where the values are alike.
    n_kept = 0
    for k in range(n):
        kept = (values[k] - p10 >= 0) & (values[k] - p90 <= 0)
        n_kept += kept
        terms[k] = values[k] if kept else 0.0
    inner_mean = pairwise_sum(terms) / n_kept
    for k in range(n):
        kept = (values[k] - p10 >= 0) & (values[k] - p90 <= 0)
        terms[k] = abs(values[k] - inner_mean) if kept else 0.0
    middle = n // 2
    median = ordered[middle] if n % 2 else (ordered[middle - 1] + ordered[middle]) / 2.0
    out[0], out[1], out[2] = p10, p90, energy
    out[4] = percentile(ordered, 0.75) - percentile(ordered, 0.25)
    out[6], out[7], out[8], out[9] = ordered[-1], absolute, mean, median
    out[10], out[11] = ordered[0], ordered[-1] - ordered[0]
    out[12] = pairwise_sum(terms) / n_kept
    out[13] = np.sqrt(energy / n)
    return m2, m3, m4


@compiled
def _describe_all(values: np.ndarray, ordered: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Describe every image; returns its moments, shape (3, images)."""
    terms, squares = np.empty(values.shape[1]), np.empty(values.shape[1])
    moments = np.empty((3, len(values)))
    for k in range(len(values)):
        moments[:, k] = _describe(values[k], ordered[k], terms, squares, out[k])
    return moments


@compiled
def _sum_levels(terms: np.ndarray, starts: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Sum over each image's levels."""
    out = np.empty(len(counts))
    for k in range(len(counts)):
        out[k] = pairwise_sum(terms[starts[k] : starts[k] + counts[k]])
    return out


def first_order_features(
    values: np.ndarray,
    ordered: np.ndarray,
    pixels: np.ndarray,
    starts: np.ndarray,
    n_levels: np.ndarray,
    voxel_volume: float,
) -> np.ndarray:
    """First-order features of the values inside the outline, in pyradiomics' column order.

    Parameters
    ----------
    values : ndarray of float64, shape (images, n)
        Values inside the outline, row by row, no NaN.
    ordered : ndarray of float64, shape (images, n)
        The same, sorted.
    pixels : ndarray of int64
        Pixels of each grey level that occurs, one image after another.
    starts, n_levels : ndarray of int64, shape (images,)
        Where an image's levels start in `pixels`, and their number.
    voxel_volume : float
        Volume (area in two dimensions) of a pixel, for TotalEnergy.

    Returns
    -------
    ndarray of float64, shape (images, 18)
    """
    out = np.empty((len(values), FIRST_ORDER_COUNT))
    moments = _describe_all(values, ordered, out)
    p = pixels / values.shape[1]
    out[:, 3] = -_sum_levels(p * np.log2(p + _EPS), starts, n_levels)
    out[:, 16] = _sum_levels(p * p, starts, n_levels)
    out[:, 15] = out[:, 2] * voxel_volume
    for k, (m2, m3, m4) in enumerate(moments.T.tolist()):
        if abs(m3) < _CANCELLED * m2**1.5:
            # What is left is rounding: then only pyradiomics' own power function will do.
            difference = values[k] - out[k, 8]
            m3 = float(np.add.reduce(np.power(difference, 3)) / len(difference))
        divisor = m2 if m2 != 0 else 1.0
        out[k, 5], out[k, 14] = m4 / divisor**2.0, m3 / divisor**1.5
        out[k, 17] = math.sqrt(m2) ** 2
    return out
