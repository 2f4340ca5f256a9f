"""Zones of equal grey level (8-connected), as the occupied cells of the size-zone matrix.

Union-find in one raster pass; pyradiomics grows each region by rescanning the mask. Nearly all
zones of a speckled image are of a few pixels: those are counted in a table, so that only the
large ones need sorting.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.texture_formulas import Cells

_ONE = np.uint64(1)
_COUNT = np.uint32(1)
_SMALL = 32  # sizes below are counted in a table


class Zones(NamedTuple):
    """Memory for the zones of one derived image after another.

    Attributes
    ----------
    label : ndarray of uint32
        Map of provisional zones.
    parent, size, rank : ndarray of uint32, shape (n + 1,)
        Of each provisional zone.
    """

    label: np.ndarray
    parent: np.ndarray
    size: np.ndarray
    rank: np.ndarray


@compiled
def allocate_zones(n_map: int, n: int) -> Zones:
    """Make the memory for a map of `n_map` pixels, `n` of them inside the outline."""
    return Zones(
        np.zeros(n_map, np.uint32),
        np.empty(n + 1, np.uint32),
        np.empty(n + 1, np.uint32),
        np.empty(n + 1, np.uint32),
    )


@compiled
def _root(parent: np.ndarray, zone: np.uint32) -> np.uint32:
    while parent[zone] != zone:
        parent[zone] = parent[parent[zone]]
        zone = parent[zone]
    return zone


@compiled
def label_zones(ranks: np.ndarray, places: np.ndarray, width: int, zones: Zones) -> int:
    """Find the zones; one that was merged into another has size 0.

    The pixel above touches the other three neighbours that precede a pixel, so that only the one
    above to the right can join two zones. Comparing is a coin toss, as in
    :func:`.count_neighbourhoods`: the label is chosen without a branch.

    Parameters
    ----------
    ranks : ndarray of int32
        Map of ranks of grey levels.
    places : ndarray of uint32, shape (n,)
        The outline's pixels on the map, row by row.
    width : int
        Of the map.
    zones : Zones
        Filled.

    Returns
    -------
    int
        Number of provisional zones.
    """
    label, parent, size = zones.label, zones.parent, zones.size
    above = np.uint64(width)
    n = zone = np.uint32(0)
    for k in range(len(places)):
        at = np.uint64(places[k])
        rank, north = ranks[at], at - above
        same_west, same_north = ranks[at - _ONE] == rank, ranks[north] == rank
        same_north_west = ranks[north - _ONE] == rank
        same_north_east = ranks[north + _ONE] == rank
        on_north, on_north_west = label[north], label[north - _ONE]
        on_north_east = label[north + _ONE]
        west = zone  # pixels follow each other: it is the last one's
        parent[n], size[n] = n, 0  # of a new zone, should there be one
        zone = west if same_west else n
        zone = on_north_west if same_north_west else zone
        zone = on_north_east if same_north_east else zone
        zone = on_north if same_north else zone
        n += np.uint32(not (same_west | same_north | same_north_west | same_north_east))
        if same_north_east & (same_west | same_north_west) & (not same_north):
            other = on_north_west if same_north_west else west
            if other != zone:
                first, second = _root(parent, zone), _root(parent, other)
                parent[max(first, second)] = min(first, second)
        label[at] = zone
        size[zone] += _COUNT
        zones.rank[zone] = rank
    return int(n)


@compiled
def zone_cells(zones: Zones, n: int, n_levels: int, grey: np.ndarray, cells: Cells) -> int:
    """Occupied cells of the size-zone matrix.

    Parameters
    ----------
    zones : Zones
        From :func:`label_zones`; sizes are gathered in each zone's root.
    n : int
        Number of provisional zones.
    n_levels : int
    grey : ndarray of float64, shape (n_levels,)
        Grey level of each rank.
    cells : Cells
        Filled, ordered by grey level, then size.

    Returns
    -------
    int
        Number of cells.
    """
    parent, size, rank = zones.parent, zones.size, zones.rank
    for k in range(n - 1, -1, -1):  # a zone's parent has a lower number
        if parent[k] != k:
            size[parent[k]] += size[k]
    small = np.zeros((n_levels + 1, _SMALL), np.int32)
    in_table = np.zeros(n_levels + 1, np.int64)
    n_large = 0
    for k in range(n):
        if parent[k] == k:
            if size[k] < _SMALL:
                small[rank[k], size[k]] += 1
                in_table[rank[k]] += 1
            else:
                n_large += 1
    large = np.empty(n_large, np.int64)
    n_large = 0
    for k in range(n):
        if parent[k] == k and size[k] >= _SMALL:
            large[n_large] = np.int64(rank[k]) << 32 | np.int64(size[k])
            n_large += 1
    large.sort()
    m = at = 0
    for level in range(1, n_levels + 1):
        left = in_table[level]
        for length in range(1, _SMALL):
            if left == 0:
                break
            count = small[level, length]
            if count:
                cells.grey[m], cells.size[m], cells.number[m] = int(grey[level - 1]), length, count
                left -= count
                m += 1
        previous = 0
        while at < n_large and large[at] >> 32 == level:
            if large[at] == previous:
                cells.number[m - 1] += 1
            else:
                cells.grey[m], cells.number[m] = int(grey[level - 1]), 1
                cells.size[m] = large[at] & 4294967295
                m += 1
            previous = large[at]
            at += 1
    return m
