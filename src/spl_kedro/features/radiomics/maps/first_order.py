"""pyradiomics' eighteen first-order features in the kernel around each pixel."""

from __future__ import annotations

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.first_order import FIRST_ORDER_COUNT, percentile
from spl_kedro.features.radiomics.maps.grid import Grid

_FEW = 100  # values that are sorted fastest one by one


@compiled
def _sort(values: np.ndarray) -> None:
    if len(values) > _FEW:
        values.sort()
        return
    for k in range(1, len(values)):
        value = values[k]
        at = k
        while at > 0 and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value


@compiled
def first_order_maps(grid: Grid, pixel_volume: float) -> np.ndarray:
    """First-order features of the pixels in each kernel.

    The histogram behind entropy and uniformity is counted while the values are gathered; the rest
    follows from one sort and one pass of differences. In a flat kernel the moments are 0, where
    pyradiomics has the rounding of the mean.

    Parameters
    ----------
    grid : Grid
    pixel_volume : float
        Volume (area in two dimensions) of a pixel, for TotalEnergy.

    Returns
    -------
    ndarray of float64, shape (n, 18)
        In the order of the presets.
    """
    side = 2 * grid.radius + 1
    ranks, log = grid.ranks, grid.c_log_c
    out = np.empty((len(grid.rows), FIRST_ORDER_COUNT))
    buffer, counts = np.empty(side * side), np.zeros(len(grid.grey), np.int64)
    for k in range(len(grid.rows)):
        top, left = grid.rows[k] - grid.radius, grid.columns[k] - grid.radius
        n = uniform = 0
        total = energy = occupied = 0.0
        for y in range(top, top + side):
            for x in range(left, left + side):
                rank = ranks[y, x]
                if rank == 0:
                    continue
                value = grid.values[y, x]
                buffer[n] = value
                n += 1
                total += value
                energy += value * value
                count = counts[rank]
                counts[rank] = count + 1
                uniform += 2 * count + 1
                occupied += log[count + 1] - log[count]
        for y in range(top, top + side):
            for x in range(left, left + side):
                counts[ranks[y, x]] = 0
        ordered = buffer[:n]
        _sort(ordered)
        _describe(ordered, total / n, out[k])
        one = out[k]
        one[2], one[3] = energy, log[n] / n - occupied / n
        one[13], one[15] = np.sqrt(energy / n), energy * pixel_volume
        one[16] = uniform / (float(n) * n)
    return out


@compiled
def _describe(ordered: np.ndarray, mean: float, out: np.ndarray) -> None:
    """Fill in what follows from the sorted values."""
    n = len(ordered)
    low, high = ordered[0], ordered[-1]
    p10, p90 = percentile(ordered, 0.1), percentile(ordered, 0.9)
    m2 = m3 = m4 = absolute = inner = 0.0
    n_inner = 0
    for k in range(n):
        value = ordered[k]
        difference = value - mean
        square = difference * difference
        absolute += abs(difference)
        m2 += square
        m3 += square * difference
        m4 += square * square
        if (value - p10 >= 0) & (value - p90 <= 0):
            inner += value
            n_inner += 1
    robust = 0.0
    inner /= n_inner
    for k in range(n):
        if (ordered[k] - p10 >= 0) & (ordered[k] - p90 <= 0):
            robust += abs(ordered[k] - inner)
    if low == high:
        mean, m2, m3, m4, absolute, robust = low, 0.0, 0.0, 0.0, 0.0, 0.0
    m2, m3, m4 = m2 / n, m3 / n, m4 / n
    divisor = m2 if m2 != 0.0 else 1.0
    middle = n // 2
    out[0], out[1] = p10, p90
    out[4] = percentile(ordered, 0.75) - percentile(ordered, 0.25)
    out[5], out[6], out[7], out[8] = m4 / (divisor * divisor), high, absolute / n, mean
    out[9] = ordered[middle] if n % 2 else (ordered[middle - 1] + ordered[middle]) / 2.0
    out[10], out[11], out[12] = low, high - low, robust / n_inner
    out[14], out[17] = m3 / divisor**1.5, m2
