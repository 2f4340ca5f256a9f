"""pyradiomics' size zones in the kernel around each pixel.

Zones that a kernel cuts change with each step of it, so they are labelled anew for each.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.maps.grid import Grid, level_terms, seen_from
from spl_kedro.features.radiomics.maps.tally import add_features, count, empty_tally, forget
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


class Zones(NamedTuple):
    """Memory for the zones of one kernel after another, by the first of their pixels.

    Attributes
    ----------
    zone, parent : ndarray of uint32, shape (side * side,)
        Of each pixel the zone it was found in, and of that the zone it was joined to, or itself.
    rank : ndarray of uint32, shape (side * side,)
        Of each pixel.
    size : ndarray of int64, shape (side * side,)
        Pixels of each zone that is its own parent.
    first : ndarray of uint32, shape (side * side,)
        Pixels that no pixel before them was like.
    links : ndarray of uint32, shape (16,)
        How far before a pixel one that is like it lies, by the bits of the neighbours before it.
    before : ndarray of uint8, shape (side, side)
        Bits of the neighbours before each pixel that lie in the kernel.
    """

    zone: np.ndarray
    parent: np.ndarray
    rank: np.ndarray
    size: np.ndarray
    first: np.ndarray
    links: np.ndarray
    before: np.ndarray


@compiled
def _zone_maps(grid: Grid, alike: np.ndarray, terms: np.ndarray) -> np.ndarray:
    side = 2 * grid.radius + 1
    tally, zones = empty_tally(side * side, terms, grid.c_log_c), _no_zones(side)
    out = np.zeros((len(grid.rows), SIZE_COUNT))
    for k in range(len(grid.rows)):
        top, left = grid.rows[k] - grid.radius, grid.columns[k] - grid.radius
        ranks = grid.ranks[top : top + side, left : left + side]
        n = _label(ranks, alike[top : top + side, left : left + side], zones)
        largest = 0
        for one in range(n):
            first = zones.first[one]
            if zones.parent[first] == first:
                largest = max(largest, zones.size[first])
                count(tally, zones.rank[first], zones.size[first], 1)
        add_features(tally, largest, out[k])
        for one in range(n):
            first = zones.first[one]
            if zones.parent[first] == first:
                forget(tally, zones.rank[first], zones.size[first])
    return out


@compiled
def _no_zones(side: int) -> Zones:
    seen, n = seen_from(side), side * side
    before, links = np.empty((side, side), np.uint8), np.zeros(16, np.uint32)
    for y in range(side):
        for x in range(side):
            place = 0 if x == 0 else (1 if x == side - 1 else 2)
            before[y, x] = seen[place, y] & 0b00001111
    for bits in range(1, 16):
        # Above; left; above left; above right.
        links[bits] = (
            side if bits & 2 else (1 if bits & 8 else (side + 1 if bits & 1 else side - 1))
        )
    return Zones(
        np.empty(n, np.uint32),
        np.empty(n, np.uint32),
        np.empty(n, np.uint32),
        np.empty(n, np.int64),
        np.empty(n, np.uint32),
        links,
        before,
    )


@compiled
def _root(parent: np.ndarray, zone: np.uint32) -> np.uint32:
    while parent[zone] != zone:
        zone = parent[zone]
    return zone


@compiled
def _label(ranks: np.ndarray, alike: np.ndarray, zones: Zones) -> int:
    """Find the zones of a kernel, and return how many first pixels there are."""
    zone, parent, rank, size, first, links, before = zones
    side, n, at = len(ranks), np.uint64(0), np.uint32(0)
    for y in range(side):
        for x in range(side):
            # Whether a neighbour is alike is a coin toss, which a processor cannot foresee.
            bits = alike[y, x] & before[y, x]
            zone[at], parent[at], rank[at], size[at], first[n] = at, at, ranks[y, x], 0, at
            n += np.uint64(bits == 0) & np.uint64(ranks[y, x] != 0)
            root = _root(parent, zone[at - links[bits]])
            # Neighbours that touch each other are of one zone already: only one above right that
            # nothing connects with another can be of a second.
            if (bits & 0b0110) == 0b0100 and bits & 0b1001:
                other = _root(parent, zone[at - np.uint32(side - 1)])
                if other != root:
                    root, later = min(root, other), max(root, other)
                    parent[later] = root
                    size[root] += size[later]
            size[root] += 1
            zone[at] = root
            at += np.uint32(1)
    return int(n)
