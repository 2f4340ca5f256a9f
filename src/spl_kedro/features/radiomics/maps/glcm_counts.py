"""How often pairs of pixels occur in the kernel around each pixel.

As the kernel moves along a row, the pairs of its first columns leave and those of its last come in.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.maps.grid import Grid

#: Of a kernel, in one direction: sum of ``c * log2(c)`` over the cells of the symmetrical matrix,
#: of their squares, the largest of them; sums of ``c * log2(c)`` by level (of both pixels), by
#: difference and by sum of the levels. Logarithms in :data:`.grid.LOG_UNITS`.
COUNT_COUNT = 6
_JOINT, _SQUARES, _LARGEST, _MARGINAL, _GAP, _SUM = range(COUNT_COUNT)


class Counts(NamedTuple):
    """What a kernel holds in one direction; all 0 when it is empty.

    Attributes
    ----------
    joint : ndarray of int32
        Cells of the symmetrical matrix, at ``smaller rank * n_levels + larger rank``.
    cells : ndarray of int32
        Number of those cells by what they hold.
    marginal, of_gap, of_sum : ndarray of int32
        By rank, by difference and by sum of the levels.
    sums : ndarray of int64, shape (6,)
        As :data:`COUNT_COUNT` says.
    """

    joint: np.ndarray
    cells: np.ndarray
    marginal: np.ndarray
    of_gap: np.ndarray
    of_sum: np.ndarray
    sums: np.ndarray


@compiled
def pair_counts(grid: Grid, direction: int) -> np.ndarray:
    """Sum over how often pairs of one direction occur in each kernel.

    Parameters
    ----------
    grid : Grid
    direction : int
        Down right, down, down left, right.

    Returns
    -------
    ndarray of int64, shape (n, 6)
        As :data:`COUNT_COUNT` says.
    """
    side, columns = 2 * grid.radius + 1, grid.columns
    n_levels, brightest = len(grid.grey), grid.grey[-1]
    counts = Counts(
        np.zeros(n_levels * n_levels, np.int32),
        np.zeros(2 * side * side + 1, np.int32),
        np.zeros(n_levels, np.int32),
        np.zeros(brightest, np.int32),
        np.zeros(2 * brightest + 1, np.int32),
        np.zeros(COUNT_COUNT, np.int64),
    )
    across = int(direction != 1)
    held = side - across  # a pair of two columns comes in with the right one
    out = np.empty((len(grid.rows), COUNT_COUNT), np.int64)
    for walk in range(len(grid.walks)):
        k, end = grid.walks[walk, 0], grid.walks[walk, 1]
        top = grid.rows[k] - grid.radius
        first = columns[k] - grid.radius + across
        last = columns[end - 1] + grid.radius
        for x in range(first, last + 1):
            if x - held >= first:
                _count(grid, top, x - held, direction, -1, counts)
            _count(grid, top, x, direction, 1, counts)
            if x == columns[k] + grid.radius:
                while counts.sums[_LARGEST] and counts.cells[counts.sums[_LARGEST]] == 0:
                    counts.sums[_LARGEST] -= 1
                out[k] = counts.sums
                k += 1
        for x in range(max(first, last - held + 1), last + 1):
            _count(grid, top, x, direction, -1, counts)
        counts.sums[_LARGEST] = 0
    return out


@compiled
def _count(grid: Grid, top: int, x: int, direction: int, step: int, counts: Counts) -> None:
    """Count the pairs of a column (1) in or (-1) out."""
    ranks, grey, log = grid.ranks, grid.grey, grid.c_log_c
    joint, cells, marginal, of_gap, of_sum, sums = counts
    side, n_levels = 2 * grid.radius + 1, np.uint64(len(grey))
    down = int(direction < 3)
    ahead, behind = int(direction == 0 or direction == 3), int(direction == 2)
    joint_log = squares = marginal_log = gap_log = sum_log = 0
    largest = sums[_LARGEST]
    for y in range(top, top + side - down):
        a, b = ranks[y, x - ahead], ranks[y + down, x - behind]
        if a == 0 or b == 0:
            continue
        i, j = grey[a], grey[b]
        # A pair of two levels fills two cells once each, one of a single level its cell twice.
        twice = int(a == b)
        cell = min(a, b) * n_levels + max(a, b)
        before = int(joint[cell])
        after = before + step * (1 + twice)
        joint[cell] = after
        joint_log += (log[np.uint64(after)] - log[np.uint64(before)]) << (1 - twice)
        squares += (after * after - before * before) << (1 - twice)
        cells[np.uint64(before)] -= 1
        cells[np.uint64(after)] += 1
        largest = max(largest, after)
        marginal_log += _gain(marginal, np.uint64(a), step, log)
        marginal_log += _gain(marginal, np.uint64(b), step, log)
        gap_log += _gain(of_gap, np.uint64(abs(i - j)), step, log)
        sum_log += _gain(of_sum, np.uint64(i + j), step, log)
    sums[_JOINT] += joint_log
    sums[_SQUARES] += squares
    sums[_LARGEST] = largest
    sums[_MARGINAL] += marginal_log
    sums[_GAP] += gap_log
    sums[_SUM] += sum_log


@compiled
def _gain(counts: np.ndarray, place: np.uint64, step: int, log: np.ndarray) -> int:
    """Count in or out, and return what that changes of the sum of ``c * log2(c)``."""
    before = int(counts[place])
    counts[place] = before + step
    return int(log[np.uint64(before + step)] - log[np.uint64(before)])
