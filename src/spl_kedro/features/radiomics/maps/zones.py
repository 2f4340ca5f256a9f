"""pyradiomics' size zones in the kernel around each pixel.

Zones that a kernel cuts change with each step of it, so they are labelled anew for each.
"""

from __future__ import annotations

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.maps.grid import Grid, level_terms, seen_from
from spl_kedro.features.radiomics.maps.tally import add_features, count, empty_tally
from spl_kedro.features.radiomics.texture_formulas import SIZE_COUNT


def zone_maps(grid: Grid, alike: np.ndarray) -> np.ndarray:
    """Size-zone features of each kernel: 8-connected pixels of one level inside it.

    Parameters
    ----------
    grid : Grid
    alike : ndarray of uint8
        From :func:`.grid.alike_neighbours`.

    Returns
    -------
    ndarray of float64, shape (n, 16)
        Layout of :func:`.texture_formulas.size_features`.
    """
    return _zone_maps(grid, alike, level_terms(grid.grey))


@compiled
def _zone_maps(grid: Grid, alike: np.ndarray, terms: np.ndarray) -> np.ndarray:
    side = 2 * grid.radius + 1
    tally, before = empty_tally(side * side, terms, grid.c_log_c), _seen_before(side)
    zone, parent = np.empty(side * side, np.int32), np.empty(side * side, np.int32)
    rank, size = np.empty(side * side, np.uint32), np.empty(side * side, np.int32)
    out = np.zeros((len(grid.rows), SIZE_COUNT))
    for k in range(len(grid.rows)):
        top, left = grid.rows[k] - grid.radius, grid.columns[k] - grid.radius
        n = _label(grid.ranks, alike, top, left, before, zone, parent, rank, size)
        largest = 0
        for one in range(n):
            if parent[one] == one:
                largest = max(largest, size[one])
                count(tally, rank[one], size[one], 1)
        add_features(tally, largest, out[k])
        for one in range(n):
            if parent[one] == one:
                count(tally, rank[one], size[one], -1)
    return out


@compiled
def _seen_before(side: int) -> np.ndarray:
    """Bits of the neighbours in a kernel that come before a pixel, row by row."""
    seen = seen_from(side)
    before = np.empty((side, side), np.uint8)
    for y in range(side):
        for x in range(side):
            place = 0 if x == 0 else (1 if x == side - 1 else 2)
            before[y, x] = seen[place, y] & 0b00001111
    return before


@compiled
def _root(parent: np.ndarray, zone: int) -> int:
    while parent[zone] != zone:
        zone = parent[zone]
    return zone


@compiled
def _label(
    ranks: np.ndarray,
    alike: np.ndarray,
    top: int,
    left: int,
    before: np.ndarray,
    zone: np.ndarray,
    parent: np.ndarray,
    rank: np.ndarray,
    size: np.ndarray,
) -> int:
    """Label the zones of a kernel; those that are not their own parent belong to another."""
    side, n, at = len(before), 0, 0
    for y in range(side):
        for x in range(side):
            own = ranks[top + y, left + x]
            bits = alike[top + y, left + x] & before[y, x]
            if own == 0:
                at += 1
                continue
            if bits == 0:
                parent[n], rank[n], size[n], zone[at] = n, own, 1, n
                n += 1
                at += 1
                continue
            # Above left, above, above right, left. Two of them that touch are one zone already.
            if bits & 2:
                root = _root(parent, zone[at - side])
            elif bits & 8:
                root = _root(parent, zone[at - 1])
                if bits & 4:
                    root = _join(parent, size, root, _root(parent, zone[at - side + 1]))
            elif bits & 1:
                root = _root(parent, zone[at - side - 1])
                if bits & 4:
                    root = _join(parent, size, root, _root(parent, zone[at - side + 1]))
            else:
                root = _root(parent, zone[at - side + 1])
            size[root] += 1
            zone[at] = root
            at += 1
    return n


@compiled
def _join(parent: np.ndarray, size: np.ndarray, one: int, other: int) -> int:
    """Make two zones one, by the first of them."""
    if one == other:
        return one
    first, second = min(one, other), max(one, other)
    parent[second] = first
    size[first] += size[second]
    return first
