"""pyradiomics' neighbourhood grey-tone differences in the kernel around each pixel."""

from __future__ import annotations

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.maps.grid import Grid, Neighbours
from spl_kedro.features.radiomics.texture_formulas import NGTDM_COUNT, ngtdm_features


@compiled
def difference_maps(grid: Grid, neighbours: Neighbours) -> np.ndarray:
    """Neighbourhood differences of each kernel; neighbours outside it do not count.

    Parameters
    ----------
    grid : Grid
    neighbours : Neighbours

    Returns
    -------
    ndarray of float64, shape (n, 5)
        In the order of the presets.
    """
    side, levels = 2 * grid.radius + 1, grid.levels
    slot = np.full(len(grid.grey), -1, np.int64)
    pixels, grey = np.empty(side * side, np.int64), np.empty(side * side)
    differences, used = np.empty(side * side), np.empty(side * side, np.int64)
    out = np.empty((len(grid.rows), NGTDM_COUNT))
    for k in range(len(grid.rows)):
        top, left = grid.rows[k] - grid.radius, grid.columns[k] - grid.radius
        bottom, right = top + side - 1, left + side - 1
        n = 0
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                rank = grid.ranks[y, x]
                if rank == 0:
                    continue
                if top < y < bottom and left < x < right:
                    difference = neighbours.difference[y, x]
                else:
                    difference = _difference(levels, y, x, top, bottom, left, right)
                place = slot[rank]
                if place < 0:
                    place = n
                    slot[rank], used[n] = n, rank
                    pixels[n], differences[n], grey[n] = 0, 0.0, grid.grey[rank]
                    n += 1
                pixels[place] += 1
                differences[place] += difference
        for place in range(n):
            slot[used[place]] = -1
        ngtdm_features(pixels[:n], differences[:n], grey[:n], out[k])
    return out


@compiled
def _difference(
    levels: np.ndarray, y: int, x: int, top: int, bottom: int, left: int, right: int
) -> float:
    """How far a pixel at the kernel's edge is from the mean of its neighbours inside."""
    total = count = 0
    for v in range(max(y - 1, top), min(y + 1, bottom) + 1):
        for u in range(max(x - 1, left), min(x + 1, right) + 1):
            total += levels[v, u]
            count += int(levels[v, u] > 0)
    own = levels[y, x]
    if count == 1:
        return 0.0
    return abs(float(own) - float(total - own) / (count - 1))
