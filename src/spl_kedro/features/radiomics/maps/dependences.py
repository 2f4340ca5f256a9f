"""pyradiomics' dependences in the kernel around each pixel.

How many neighbours of its own level a pixel has hangs on where the kernel's edges are. As a kernel
moves on, its first column leaves, the next becomes the first, the last one an inner one, and a new
one comes in.
"""

from __future__ import annotations

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.maps.grid import Grid, level_terms, seen_from
from spl_kedro.features.radiomics.maps.tally import Tally, add_features, count, empty_tally, resize
from spl_kedro.features.radiomics.texture_formulas import SIZE_COUNT

_FIRST, _LAST, _INNER = 0, 1, 2
_MOST = 9  # a pixel and its eight neighbours


def dependence_maps(grid: Grid, alike: np.ndarray) -> np.ndarray:
    """Dependence features of each kernel: neighbours of a pixel's own level inside the kernel.

    Parameters
    ----------
    grid : Grid
    alike : ndarray of uint8
        From :func:`.grid.alike_neighbours`.

    Returns
    -------
    ndarray of float64, shape (n, 16)
        Layout of :func:`.texture_formulas.size_features`, two of them unused.
    """
    return _dependence_maps(grid, alike, level_terms(grid.grey))


@compiled
def _dependence_maps(grid: Grid, alike: np.ndarray, terms: np.ndarray) -> np.ndarray:
    side, columns = 2 * grid.radius + 1, grid.columns
    tally, seen = empty_tally(_MOST, terms, grid.c_log_c), seen_from(side)
    sizes = np.ones(256, np.int64)  # by the bits of the neighbours
    for code in range(1, 256):
        sizes[code] = sizes[code >> 1] + (code & 1)
    out = np.zeros((len(grid.rows), SIZE_COUNT))
    for walk in range(len(grid.walks)):
        k, end = grid.walks[walk, 0], grid.walks[walk, 1]
        top, left = grid.rows[k] - grid.radius, columns[k] - grid.radius
        ranks, bits = grid.ranks[top : top + side], alike[top : top + side]
        _count_all(ranks, bits, left, seen, sizes, 1, tally)
        add_features(tally, _MOST, out[k])
        for x in range(left, columns[end - 1] - grid.radius):
            _count(ranks, bits, x, seen[_FIRST], sizes, -1, tally)
            _change(ranks, bits, x + 1, seen[_INNER], seen[_FIRST], sizes, tally)
            _change(ranks, bits, x + side - 1, seen[_LAST], seen[_INNER], sizes, tally)
            _count(ranks, bits, x + side, seen[_LAST], sizes, 1, tally)
            if x + 1 == columns[k + 1] - grid.radius:
                k += 1
                add_features(tally, _MOST, out[k])
        _count_all(ranks, bits, columns[end - 1] - grid.radius, seen, sizes, -1, tally)
    return out


@compiled
def _count_all(
    ranks: np.ndarray,
    alike: np.ndarray,
    left: int,
    seen: np.ndarray,
    sizes: np.ndarray,
    step: int,
    tally: Tally,
) -> None:
    """Count the pixels of a kernel in or out."""
    side = len(ranks)
    _count(ranks, alike, left, seen[_FIRST], sizes, step, tally)
    for x in range(left + 1, left + side - 1):
        _count(ranks, alike, x, seen[_INNER], sizes, step, tally)
    _count(ranks, alike, left + side - 1, seen[_LAST], sizes, step, tally)


@compiled
def _count(
    ranks: np.ndarray,
    alike: np.ndarray,
    x: int,
    seen: np.ndarray,
    sizes: np.ndarray,
    step: int,
    tally: Tally,
) -> None:
    """Count the pixels of a column in or out."""
    for y in range(len(ranks)):
        if ranks[y, x]:
            count(tally, ranks[y, x], sizes[alike[y, x] & seen[y]], step)


@compiled
def _change(
    ranks: np.ndarray,
    alike: np.ndarray,
    x: int,
    before: np.ndarray,
    after: np.ndarray,
    sizes: np.ndarray,
    tally: Tally,
) -> None:
    """Move an edge of the kernel across a column: some neighbours are seen no more, or are now."""
    for y in range(len(ranks)):
        bits = alike[y, x]
        if bits & (before[y] ^ after[y]):
            resize(tally, ranks[y, x], sizes[bits & before[y]], sizes[bits & after[y]])
