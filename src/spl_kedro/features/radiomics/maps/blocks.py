"""The values of many kernels side by side, one kernel in each column of an array.

Values are fractions, so that sums of them are not kept from one kernel for the next. Instead each
step is taken for many kernels at once, which a processor does for several at a time.
"""

from __future__ import annotations

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.maps.grid import Grid

#: Kernels side by side.
TOGETHER = 64


@compiled
def gather(grid: Grid, begin: int, together: int, block: np.ndarray) -> None:
    """Lay the values of kernels into the first columns of a block.

    Parameters
    ----------
    grid : Grid
    begin, together : int
        The first kernel, and how many.
    block : ndarray of float64, shape (side * side, TOGETHER)
        Filled, row by row of a kernel; infinite where nothing is counted.
    """
    side, width = 2 * grid.radius + 1, grid.values.shape[1]
    values = grid.values.ravel()
    for c in range(together):
        k = begin + c
        start = (grid.rows[k] - grid.radius) * width + grid.columns[k] - grid.radius
        at = 0
        for y in range(side):
            for x in range(side):
                block[at, c] = values[start + y * width + x]
                at += 1


@compiled
def add_up(block: np.ndarray, pixels: np.ndarray, total: np.ndarray, energy: np.ndarray) -> None:
    """Count the values of each kernel, and sum them and their squares.

    Parameters
    ----------
    block : ndarray of float64
        From :func:`gather`.
    pixels : ndarray of int64, shape (TOGETHER,)
    total, energy : ndarray of float64, shape (TOGETHER,)
        Filled.
    """
    pixels[:], total[:], energy[:] = 0, 0.0, 0.0
    for at in range(len(block)):
        row = block[at]
        for c in range(len(row)):
            value = row[c] if row[c] < np.inf else 0.0
            pixels[c] += np.int64(row[c] < np.inf)
            total[c] += value
            energy[c] += value * value


@compiled
def fill_sums(
    n: int,
    total: float,
    energy: float,
    low: float,
    high: float,
    pixel_volume: float,
    out: np.ndarray,
) -> None:
    """Fill in what follows from the sums and extremes of a kernel's values.

    Parameters
    ----------
    n : int
        Values.
    total, energy : float
        Sum of them and of their squares.
    low, high : float
        The least and the largest.
    pixel_volume : float
    out : ndarray of float64, shape (18,)
        Energy, Maximum, Mean, Minimum, Range, RootMeanSquared and TotalEnergy are filled in.
    """
    out[2], out[6], out[8] = energy, high, low if low == high else total / n
    out[10], out[11], out[13], out[15] = low, high - low, np.sqrt(energy / n), energy * pixel_volume
