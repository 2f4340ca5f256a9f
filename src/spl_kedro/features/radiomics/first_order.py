"""pyradiomics' eighteen first-order features from one sort and one pass of differences.

pyradiomics partitions the values anew for each percentile and recomputes mean and
moments in every feature. Here the values are sorted once and the differences from the
mean are shared. The mean keeps NumPy's own summation, so that on a flat region, where
the moments are rounding noise, the noise is the same.
"""

from __future__ import annotations

import numpy as np

_EPS = np.spacing(1)
_CANCELLED = 1e-6  # skewness below which the third moment is mostly rounding


def _percentile(ordered: np.ndarray, q: float) -> float:
    """Linear interpolation between order statistics, with NumPy's own rounding."""
    position = (len(ordered) - 1) * (q / 100)
    below = int(np.floor(position))
    fraction = position - below
    a = float(ordered[below])
    b = float(ordered[min(below + 1, len(ordered) - 1)])
    return b - (b - a) * (1 - fraction) if fraction >= 0.5 else a + (b - a) * fraction


def first_order_features(
    values: np.ndarray, histogram: np.ndarray, voxel_volume: float
) -> list[float]:
    """First-order features of the values inside the outline, in pyradiomics' column order.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Values inside the outline, row by row, no NaN.
    histogram : ndarray of int
        Pixels per grey level; empty levels are ignored.
    voxel_volume : float
        Volume (area in two dimensions) of a pixel, for TotalEnergy.

    Returns
    -------
    list of float, length 18
    """
    n = len(values)
    ordered = np.sort(values)
    p10, p25, p75, p90 = (_percentile(ordered, q) for q in (10, 25, 75, 90))
    mean = float(np.add.reduce(values) / n)
    difference = values - mean
    squared = difference * difference
    m2 = float(np.add.reduce(squared) / n)
    m3 = float(np.add.reduce(squared * difference) / n)
    if abs(m3) < _CANCELLED * m2**1.5:
        # What is left is rounding: then only pyradiomics' own power function will do.
        m3 = float(np.add.reduce(np.power(difference, 3)) / n)
    m4 = float(np.add.reduce(squared * squared) / n)
    energy = float(np.add.reduce(values * values))
    # Excluded values stay in place as zeros: the order of summation decides the rounding that is
    # all there is where the values are alike.
    kept = (values - p10 >= 0) & (values - p90 <= 0)
    n_kept = np.count_nonzero(kept)
    inner_mean = np.add.reduce(np.where(kept, values, 0.0)) / n_kept
    inner_deviation = np.where(kept, np.abs(values - inner_mean), 0.0)
    p = histogram[histogram > 0] / n
    divisor = m2 if m2 != 0 else 1.0
    middle = n // 2
    median = ordered[middle] if n % 2 else np.mean(ordered[middle - 1 : middle + 1])
    return [
        p10,
        p90,
        energy,
        float(-np.add.reduce(p * np.log2(p + _EPS))),
        p75 - p25,
        m4 / divisor**2.0,
        float(ordered[-1]),
        float(np.add.reduce(np.abs(difference)) / n),
        mean,
        float(median),
        float(ordered[0]),
        float(ordered[-1] - ordered[0]),
        float(np.add.reduce(inner_deviation) / n_kept),
        float(np.sqrt(energy / n)),
        m3 / divisor**1.5,
        energy * voxel_volume,
        float(np.add.reduce(p * p)),
        float(np.sqrt(m2)) ** 2,
    ]
