"""Sums in NumPy's order, so that compiled code rounds as NumPy does."""

from __future__ import annotations

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled


@compiled
def pairwise_sum(values: np.ndarray) -> float:
    """Sum contiguous values as `numpy.add.reduce` does.

    Eight running sums in blocks of at most 128 values; longer arrays are halved, at a multiple of
    eight.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)

    Returns
    -------
    float
    """
    n = len(values)
    if n > 128:
        half = n // 2
        half -= half % 8
        return pairwise_sum(values[:half]) + pairwise_sum(values[half:])
    if n < 8:
        total = 0.0
        for i in range(n):
            total += values[i]
        return total
    a, b, c, d = values[0], values[1], values[2], values[3]
    e, f, g, h = values[4], values[5], values[6], values[7]
    whole = n - n % 8
    for i in range(8, whole, 8):
        a += values[i]
        b += values[i + 1]
        c += values[i + 2]
        d += values[i + 3]
        e += values[i + 4]
        f += values[i + 5]
        g += values[i + 6]
        h += values[i + 7]
    total = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for i in range(whole, n):
        total += values[i]
    return total
