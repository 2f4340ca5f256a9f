"""First-order features for which the values of a kernel are put in order, or looked at twice."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.first_order import percentile
from spl_kedro.features.radiomics.maps.blocks import TOGETHER, add_up, fill_sums, gather
from spl_kedro.features.radiomics.maps.grid import Grid


@lru_cache
def sorting_network(n: int) -> np.ndarray:
    """Pairs of places whose exchange, if in the wrong order, one after another sorts n values.

    Batcher's merge exchange (Knuth, The Art of Computer Programming, 5.2.2, algorithm M): the same
    pairs whatever the values, so that many kernels are sorted at once.

    Parameters
    ----------
    n : int

    Returns
    -------
    ndarray of int64, shape (n_pairs, 2)
    """
    pairs = []
    largest = 1 << max(0, (n - 1).bit_length() - 1)
    p = largest
    while p:
        q, r, apart = largest, 0, p
        while True:
            pairs += [(i, i + apart) for i in range(n - apart) if i & p == r]
            if q == p:
                break
            apart, q, r = q - p, q // 2, p
        p //= 2
    return np.array(pairs, np.int64)


@compiled
def fill_ordered(grid: Grid, pixel_volume: float, exchanges: np.ndarray, out: np.ndarray) -> None:
    """Fill in all first-order features but those of the levels' histogram.

    Parameters
    ----------
    grid : Grid
    pixel_volume : float
    exchanges : ndarray of int64
        From :func:`sorting_network`, of as many values as a kernel has.
    out : ndarray of float64, shape (n, 18)
    """
    side = 2 * grid.radius + 1
    block = np.full((side * side, TOGETHER), np.inf)
    pixels, total, energy = np.empty(TOGETHER, np.int64), np.empty(TOGETHER), np.empty(TOGETHER)
    mean, p10, p90 = np.empty(TOGETHER), np.empty(TOGETHER), np.empty(TOGETHER)
    moments, robust = np.empty((4, TOGETHER)), np.empty(TOGETHER)
    for begin in range(0, len(grid.rows), TOGETHER):
        together = min(TOGETHER, len(grid.rows) - begin)
        gather(grid, begin, together, block)
        add_up(block, pixels, total, energy)
        for exchange in range(len(exchanges)):
            _exchange(block[exchanges[exchange, 0]], block[exchanges[exchange, 1]])
        for c in range(together):
            n, own = pixels[c], out[begin + c]
            ordered = block[:n, c]
            fill_sums(n, total[c], energy[c], ordered[0], ordered[-1], pixel_volume, own)
            own[0], own[1] = percentile(ordered, 0.1), percentile(ordered, 0.9)
            own[4] = percentile(ordered, 0.75) - percentile(ordered, 0.25)
            middle = n // 2
            own[9] = ordered[middle] if n % 2 else (ordered[middle - 1] + ordered[middle]) / 2.0
            mean[c], p10[c], p90[c] = own[8], own[0], own[1]
        _moments(block, mean, moments)
        _robust(block, p10, p90, total, energy, robust)
        for c in range(together):
            _fill_moments(pixels[c], moments[:, c], robust[c], out[begin + c])


@compiled
def _exchange(one: np.ndarray, other: np.ndarray) -> None:
    """Put the lesser of two values of each kernel into the first, the larger into the second."""
    for c in range(len(one)):
        a, b = one[c], other[c]
        one[c] = a if a < b else b
        other[c] = b if a < b else a


@compiled
def _moments(block: np.ndarray, mean: np.ndarray, moments: np.ndarray) -> None:
    """Sum absolute differences from the mean, and their powers 2 to 4, of each kernel."""
    absolute, second, third, fourth = moments[0], moments[1], moments[2], moments[3]
    moments[:] = 0.0
    for at in range(len(block)):
        row = block[at]
        for c in range(len(row)):
            difference = row[c] - mean[c] if row[c] < np.inf else 0.0
            absolute[c] += abs(difference)
            second[c] += difference * difference
        for c in range(len(row)):
            difference = row[c] - mean[c] if row[c] < np.inf else 0.0
            square = difference * difference
            third[c] += square * difference
            fourth[c] += square * square


@compiled
def _robust(
    block: np.ndarray,
    p10: np.ndarray,
    p90: np.ndarray,
    inner: np.ndarray,
    number: np.ndarray,
    out: np.ndarray,
) -> None:
    """Mean absolute deviation of the values between the percentiles, of each kernel."""
    inner[:], number[:], out[:] = 0.0, 0.0, 0.0
    for at in range(len(block)):
        row = block[at]
        for c in range(len(row)):
            kept = (row[c] - p10[c] >= 0) & (row[c] - p90[c] <= 0)
            inner[c] += row[c] if kept else 0.0
            number[c] += 1.0 if kept else 0.0
    for c in range(len(inner)):
        inner[c] /= number[c]
    for at in range(len(block)):
        row = block[at]
        for c in range(len(row)):
            kept = (row[c] - p10[c] >= 0) & (row[c] - p90[c] <= 0)
            out[c] += abs(row[c] - inner[c]) if kept else 0.0
    for c in range(len(inner)):
        out[c] /= number[c]


@compiled
def _fill_moments(n: int, moments: np.ndarray, robust: float, out: np.ndarray) -> None:
    """Fill in what follows from the moments; of a flat kernel they are 0."""
    absolute, m2, m3, m4 = moments[0] / n, moments[1] / n, moments[2] / n, moments[3] / n
    if out[11] == 0.0:
        absolute = m2 = m3 = m4 = robust = 0.0
    divisor = m2 if m2 != 0.0 else 1.0
    out[5], out[7], out[12] = m4 / (divisor * divisor), absolute, robust
    out[14], out[17] = m3 / divisor**1.5, m2
