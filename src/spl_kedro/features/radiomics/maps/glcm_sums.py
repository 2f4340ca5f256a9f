"""Sums over the pairs of pixels in the kernel around each pixel.

A kernel's sums are those of its columns. As the kernel moves down by a row, each column gains one
pair and loses one; along a row, a kernel's sums are the difference of two running sums of columns.
"""

from __future__ import annotations

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.maps.grid import UNITS, Grid

#: Of a pair: 1, difference of the levels, its square, the weights of Idm, Idmn, Id, Idn and
#: InverseVariance in :data:`.grid.UNITS`; sum of the levels to the powers 1 to 4.
SUM_COUNT = 12
_BY_GAP = 8


def pair_sums(grid: Grid, direction: int) -> np.ndarray:
    """Sum over the pairs of one direction in each kernel.

    Parameters
    ----------
    grid : Grid
    direction : int
        Down right, down, down left, right.

    Returns
    -------
    ndarray of int64, shape (n, 12)
        As :data:`SUM_COUNT` says.
    """
    brightest = int(grid.grey[-1])
    return _pair_sums(grid, direction, _gap_terms(brightest), _sum_terms(brightest))


def _gap_terms(brightest: int) -> np.ndarray:
    """By difference of the levels; none at `brightest`, which stands for no pair.

    The largest level is the lesion's, not the kernel's, as in pyradiomics.
    """
    gap = np.arange(brightest, dtype=np.float64)
    inverse = np.zeros(brightest)
    inverse[1:] = 1.0 / gap[1:] ** 2
    weights = [
        1.0 / (1.0 + gap**2),
        1.0 / (1.0 + gap**2 / float(brightest) ** 2),
        1.0 / (1.0 + gap),
        1.0 / (1.0 + gap / brightest),
        inverse,
    ]
    terms = np.zeros((brightest + 1, _BY_GAP), np.int64)
    terms[:-1, 0], terms[:-1, 1], terms[:-1, 2] = 1, gap, gap**2
    terms[:-1, 3:] = np.rint(np.stack(weights, axis=1) * UNITS)
    return terms


def _sum_terms(brightest: int) -> np.ndarray:
    """By sum of the levels; none at 0, which stands for no pair."""
    total = np.arange(2 * brightest + 1, dtype=np.int64)
    return np.stack([total, total**2, total**3, total**4], axis=1)


@compiled
def _pair_sums(
    grid: Grid, direction: int, gap_terms: np.ndarray, sum_terms: np.ndarray
) -> np.ndarray:
    side, width, n = 2 * grid.radius + 1, grid.ranks.shape[1], len(grid.rows)
    down, across = int(direction < 3), int(direction != 1)
    height = side - down
    columns = np.zeros((width, SUM_COUNT), np.int64)
    running = np.zeros((width + 1, SUM_COUNT), np.int64)
    gaps, sums = np.empty((2, width), np.int64), np.empty((2, width), np.int64)
    out = np.empty((n, SUM_COUNT), np.int64)
    none = len(gap_terms) - 1
    gaps[1], sums[1] = none, 0
    k = 0
    top = grid.rows[0] - grid.radius
    for y in range(top, grid.rows[-1] + grid.radius + 1 - down):
        _pairs_of_row(grid.levels, y, direction, none, gaps[0], sums[0])
        if y - height >= top:
            _pairs_of_row(grid.levels, y - height, direction, none, gaps[1], sums[1])
        for x in range(width):
            gain, loss = gap_terms[gaps[0, x]], gap_terms[gaps[1, x]]
            for term in range(_BY_GAP):
                columns[x, term] += gain[term] - loss[term]
            gain, loss = sum_terms[sums[0, x]], sum_terms[sums[1, x]]
            for term in range(SUM_COUNT - _BY_GAP):
                columns[x, _BY_GAP + term] += gain[term] - loss[term]
        centre = y - height + 1 + grid.radius
        if k == n or grid.rows[k] != centre:
            continue
        for x in range(width):
            for term in range(SUM_COUNT):
                running[x + 1, term] = running[x, term] + columns[x, term]
        while k < n and grid.rows[k] == centre:
            left, right = grid.columns[k] - grid.radius, grid.columns[k] + grid.radius
            for term in range(SUM_COUNT):
                out[k, term] = running[right + 1, term] - running[left + across, term]
            k += 1
    return out


@compiled
def _pairs_of_row(
    levels: np.ndarray, y: int, direction: int, none: int, gaps: np.ndarray, sums: np.ndarray
) -> None:
    """Difference and sum of the levels of each pair between a row and itself, or the next.

    A pair of two columns stands at the right one; where there is no pair stand `none` and 0.
    """
    width = levels.shape[1]
    first, second = levels[y], levels[y + int(direction < 3)]
    ahead, behind = int(direction == 0 or direction == 3), int(direction == 2)
    gaps[0], sums[0] = none, 0
    for x in range(1, width):
        a, b = np.int64(first[x - ahead]), np.int64(second[x - behind])
        counted = (a > 0) & (b > 0)
        gaps[x] = abs(a - b) if counted else none
        sums[x] = a + b if counted else 0
