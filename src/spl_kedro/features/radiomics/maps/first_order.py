"""pyradiomics' eighteen first-order features in the kernel around each pixel.

Only the numbers of pixels of each level are kept from one kernel for the next; values are
fractions, and kernels are measured side by side instead (:mod:`.blocks`).
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.first_order import FIRST_ORDER_COUNT
from spl_kedro.features.radiomics.maps.blocks import TOGETHER, add_up, fill_sums, gather
from spl_kedro.features.radiomics.maps.grid import LOG_UNITS, Grid
from spl_kedro.features.radiomics.maps.ordered import fill_ordered, sorting_network

#: Columns that follow from the levels' histogram: Entropy, Uniformity.
OF_LEVELS = frozenset({3, 16})
#: Columns that follow from one look at each value: Energy, Maximum, Mean, Minimum, Range,
#: RootMeanSquared, TotalEnergy. The others need the values in order.
OF_SUMS = frozenset({2, 6, 8, 10, 11, 13, 15})


def first_order_maps(grid: Grid, pixel_volume: float, wanted: AbstractSet[int]) -> np.ndarray:
    """First-order features of the pixels in each kernel.

    In a flat kernel the moments are 0, where pyradiomics has the rounding of the mean.

    Parameters
    ----------
    grid : Grid
    pixel_volume : float
        Volume (area in two dimensions) of a pixel, for TotalEnergy.
    wanted : set of int
        Columns that are needed; others may be 0.

    Returns
    -------
    ndarray of float64, shape (n, 18)
        In the order of the presets.
    """
    out = np.zeros((len(grid.rows), FIRST_ORDER_COUNT))
    if wanted & OF_LEVELS:
        _of_levels(grid, out)
    if wanted - OF_LEVELS - OF_SUMS:
        fill_ordered(grid, pixel_volume, sorting_network((2 * grid.radius + 1) ** 2), out)
    elif wanted & OF_SUMS:
        _of_sums(grid, pixel_volume, out)
    return out


@compiled
def _of_levels(grid: Grid, out: np.ndarray) -> None:
    """Fill in what follows from the number of pixels of each level."""
    side, columns, log = 2 * grid.radius + 1, grid.columns, grid.c_log_c
    counts, sums = np.zeros(len(grid.grey), np.int64), np.zeros(3, np.int64)
    for walk in range(len(grid.walks)):
        k, end = grid.walks[walk, 0], grid.walks[walk, 1]
        top = grid.rows[k] - grid.radius
        first, last = columns[k] - grid.radius, columns[end - 1] + grid.radius
        ranks = grid.ranks[top : top + side]
        sums[:] = 0
        for x in range(first, last + 1):
            if x - side >= first:
                _count(ranks, x - side, -1, log, counts, sums)
            _count(ranks, x, 1, log, counts, sums)
            if x == columns[k] + grid.radius:
                one = 1.0 / sums[0]
                out[k, 3] = (log[sums[0]] - sums[2]) * (one / LOG_UNITS)
                out[k, 16] = sums[1] * one * one
                k += 1
        counts[:] = 0


@compiled
def _count(
    ranks: np.ndarray, x: int, step: int, log: np.ndarray, counts: np.ndarray, sums: np.ndarray
) -> None:
    """Count a column in or out: pixels, squares of the levels' counts, their ``c * log2(c)``."""
    pixels = squares = of_log = 0
    for y in range(len(ranks)):
        rank = ranks[y, x]
        if rank == 0:
            continue
        before = counts[rank]
        counts[rank] = before + step
        pixels += step
        squares += 2 * step * before + 1
        of_log += log[np.uint64(before + step)] - log[np.uint64(before)]
    sums[0] += pixels
    sums[1] += squares
    sums[2] += of_log


@compiled
def _of_sums(grid: Grid, pixel_volume: float, out: np.ndarray) -> None:
    """Fill in what follows from one look at each value."""
    side = 2 * grid.radius + 1
    block = np.full((side * side, TOGETHER), np.inf)
    pixels, total, energy = np.empty(TOGETHER, np.int64), np.empty(TOGETHER), np.empty(TOGETHER)
    low, high = np.empty(TOGETHER), np.empty(TOGETHER)
    for begin in range(0, len(grid.rows), TOGETHER):
        together = min(TOGETHER, len(grid.rows) - begin)
        gather(grid, begin, together, block)
        add_up(block, pixels, total, energy)
        low[:], high[:] = np.inf, -np.inf
        for at in range(len(block)):
            row = block[at]
            for c in range(len(row)):
                value = row[c]
                low[c] = value if value < low[c] else low[c]
                high[c] = value if high[c] < value < np.inf else high[c]
        for c in range(together):
            own = out[begin + c]
            fill_sums(pixels[c], total[c], energy[c], low[c], high[c], pixel_volume, own)
