"""pyradiomics' run lengths, size zones and dependences in the kernel around each pixel.

A kernel has at most as many runs, zones or dependences as pixels; sums over them take the place of
matrices, as in :mod:`.glcm`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.maps.grid import Grid, Neighbours, edges_of, seen_from_edges
from spl_kedro.features.radiomics.texture_formulas import SIZE_COUNT


class Found(NamedTuple):
    """Memory for the runs (zones, dependences) of one kernel after another.

    Attributes
    ----------
    rank, size : ndarray of int64
        Of each.
    by_grey, by_size, by_cell : ndarray of int64
        Counts, 0 between uses; a cell is ``rank * width + size``.
    """

    rank: np.ndarray
    size: np.ndarray
    by_grey: np.ndarray
    by_size: np.ndarray
    by_cell: np.ndarray


@compiled
def _allocate(side: int, n_levels: int, largest: int) -> Found:
    return Found(
        np.empty(side * side, np.int64),
        np.empty(side * side, np.int64),
        np.zeros(n_levels, np.int64),
        np.zeros(largest + 1, np.int64),
        np.zeros(n_levels * (largest + 1), np.int64),
    )


@compiled
def _describe(found: Found, n: int, grey: np.ndarray, log: np.ndarray, out: np.ndarray) -> None:
    """Sixteen features in the layout of :func:`.texture_formulas.size_features`."""
    width = len(found.by_size)
    small = large = low = high = small_low = small_high = large_low = large_high = 0.0
    grey_total = size_total = grey_squares = size_squares = grey_nu = size_nu = 0
    cell_log = 0.0
    for k in range(n):
        rank, size = found.rank[k], found.size[k]
        level = grey[rank]
        ii, jj = float(level * level), float(size * size)
        grey_total += level
        grey_squares += level * level
        size_total += size
        size_squares += size * size
        small += 1.0 / jj
        large += jj
        low += 1.0 / ii
        high += ii
        small_low += 1.0 / (ii * jj)
        small_high += ii / jj
        large_low += jj / ii
        large_high += ii * jj
        count = found.by_grey[rank]
        found.by_grey[rank] = count + 1
        grey_nu += 2 * count + 1
        count = found.by_size[size]
        found.by_size[size] = count + 1
        size_nu += 2 * count + 1
        cell = rank * width + size
        count = found.by_cell[cell]
        found.by_cell[cell] = count + 1
        cell_log += log[count + 1] - log[count]
    for k in range(n):
        rank, size = found.rank[k], found.size[k]
        found.by_grey[rank] = 0
        found.by_size[size] = 0
        found.by_cell[rank * width + size] = 0
    squared = float(n) * n
    out[0], out[1], out[2], out[3] = small / n, large / n, grey_nu / n, grey_nu / squared
    out[4], out[5], out[6] = size_nu / n, size_nu / squared, n / size_total
    out[7] = (n * grey_squares - grey_total * grey_total) / squared
    out[8] = (n * size_squares - size_total * size_total) / squared
    out[9], out[10], out[11] = log[n] / n - cell_log / n, low / n, high / n
    out[12], out[13] = small_low / n, small_high / n
    out[14], out[15] = large_low / n, large_high / n


@compiled
def dependence_maps(grid: Grid, neighbours: Neighbours) -> np.ndarray:
    """Dependence features of each kernel: neighbours of a pixel's own level inside the kernel.

    Parameters
    ----------
    grid : Grid
    neighbours : Neighbours

    Returns
    -------
    ndarray of float64, shape (n, 16)
        Layout of :func:`.texture_formulas.size_features`, two of them unused.
    """
    side, seen = 2 * grid.radius + 1, seen_from_edges()
    bits = np.zeros(256, np.int64)
    for k in range(1, 256):
        bits[k] = bits[k >> 1] + (k & 1)
    found = _allocate(side, len(grid.grey), 9)
    out = np.empty((len(grid.rows), SIZE_COUNT))
    for k in range(len(grid.rows)):
        top, left = grid.rows[k] - grid.radius, grid.columns[k] - grid.radius
        n = 0
        for y in range(side):
            for x in range(side):
                found.rank[n] = grid.ranks[top + y, left + x]
                inside = seen[edges_of(y, x, side - 1)]
                found.size[n] = 1 + bits[neighbours.alike[top + y, left + x] & inside]
                n += int(found.rank[n] > 0)
        _describe(found, n, grid.grey, grid.c_log_c, out[k])
    return out


@compiled
def run_maps(grid: Grid, neighbours: Neighbours) -> np.ndarray:
    """Run-length features of each kernel, mean over its directions.

    Parameters
    ----------
    grid : Grid
    neighbours : Neighbours

    Returns
    -------
    ndarray of float64, shape (n, 16)
        Layout of :func:`.texture_formulas.size_features`; a direction of whose lines none has two
        pixels is left out, as in pyradiomics; NaN where none is left.
    """
    side, seen = 2 * grid.radius + 1, seen_from_edges()
    found = _allocate(side, len(grid.grey), side)
    out = np.zeros((len(grid.rows), SIZE_COUNT))
    one, lines = np.empty(SIZE_COUNT), np.empty(2 * side, np.int64)
    for k in range(len(grid.rows)):
        top, left = grid.rows[k] - grid.radius, grid.columns[k] - grid.radius
        kernel = grid.ranks[top : top + side, left : left + side]
        alike = neighbours.alike[top : top + side, left : left + side]
        directions = 0
        for direction in range(4):
            if not _two_in_a_line(kernel, direction, lines):
                continue
            n = _runs(kernel, alike, direction, seen, found)
            _describe(found, n, grid.grey, grid.c_log_c, one)
            directions += 1
            for feature in range(SIZE_COUNT):
                out[k, feature] += one[feature]
        for feature in range(SIZE_COUNT):
            out[k, feature] = out[k, feature] / directions if directions else math.nan
    return out


@compiled
def _step(direction: int) -> tuple[int, int, int, int]:
    """Rows down, columns across, and the bits of the pixels before and after in a direction."""
    if direction == 0:
        return 1, 1, 1, 128
    if direction == 1:
        return 1, 0, 2, 64
    if direction == 2:
        return 1, -1, 4, 32
    return 0, 1, 8, 16


@compiled
def _two_in_a_line(kernel: np.ndarray, direction: int, lines: np.ndarray) -> bool:
    """Whether some line of the kernel has two pixels that count, even apart from each other."""
    side = len(kernel)
    down, across, _, _ = _step(direction)
    lines[:] = 0
    for y in range(side):
        for x in range(side):
            if kernel[y, x]:
                # All pixels of a line have the same number.
                line = x * down - y * across + (side - 1 if across > 0 and down else 0)
                line = y if down == 0 else line
                lines[line] += 1
                if lines[line] == 2:
                    return True
    return False


@compiled
def _runs(
    kernel: np.ndarray, alike: np.ndarray, direction: int, seen: np.ndarray, found: Found
) -> int:
    side, n = len(kernel), 0
    down, across, before, after = _step(direction)
    for y in range(side):
        for x in range(side):
            rank = kernel[y, x]
            if rank == 0 or alike[y, x] & before & seen[edges_of(y, x, side - 1)]:
                continue
            v, u, length = y, x, 1
            while alike[v, u] & after & seen[edges_of(v, u, side - 1)]:
                v += down
                u += across
                length += 1
            found.rank[n], found.size[n] = rank, length
            n += 1
    return n


@compiled
def zone_maps(grid: Grid, neighbours: Neighbours) -> np.ndarray:
    """Size-zone features of each kernel: 8-connected pixels of one level inside it.

    Parameters
    ----------
    grid : Grid
    neighbours : Neighbours

    Returns
    -------
    ndarray of float64, shape (n, 16)
        Layout of :func:`.texture_formulas.size_features`.
    """
    side, seen = 2 * grid.radius + 1, seen_from_edges()
    found = _allocate(side, len(grid.grey), side * side)
    label = np.empty((side, side), np.int64)
    parent = np.empty(side * side, np.int64)
    out = np.empty((len(grid.rows), SIZE_COUNT))
    for k in range(len(grid.rows)):
        top, left = grid.rows[k] - grid.radius, grid.columns[k] - grid.radius
        kernel = grid.ranks[top : top + side, left : left + side]
        alike = neighbours.alike[top : top + side, left : left + side]
        n = _zones(kernel, alike, seen, label, parent, found)
        _describe(found, n, grid.grey, grid.c_log_c, out[k])
    return out


@compiled
def _root(parent: np.ndarray, zone: int) -> int:
    while parent[zone] != zone:
        zone = parent[zone]
    return zone


@compiled
def _zones(
    kernel: np.ndarray,
    alike: np.ndarray,
    seen: np.ndarray,
    label: np.ndarray,
    parent: np.ndarray,
    found: Found,
) -> int:
    side, n = len(kernel), 0
    for y in range(side):
        for x in range(side):
            rank = kernel[y, x]
            if rank == 0:
                continue
            bits = alike[y, x] & seen[edges_of(y, x, side - 1)]
            zone = -1
            for place in range(4):  # above left, above, above right, left
                if not bits & (1 << place):
                    continue
                other = label[y, x - 1] if place == 3 else label[y - 1, x - 1 + place]
                other = _root(parent, other)
                if zone < 0:
                    zone = other
                elif other != zone:
                    first, second = min(zone, other), max(zone, other)
                    parent[second] = first
                    found.size[first] += found.size[second]
                    zone = first
            if zone < 0:
                zone = n
                parent[n], found.rank[n], found.size[n] = n, rank, 0
                n += 1
            found.size[zone] += 1
            label[y, x] = zone
    kept = 0
    for zone in range(n):
        if parent[zone] == zone:
            found.rank[kept], found.size[kept] = found.rank[zone], found.size[zone]
            kept += 1
    return kept
