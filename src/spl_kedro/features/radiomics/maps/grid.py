"""Grey levels on a map with a margin, so that a kernel at the edge needs no test for the edge.

A kernel that moves on by one pixel loses one column of pixels and gains one. So what it holds is
counted as it moves, never from the start. Only whole numbers are: they come out the same wherever
a row of kernels began, as a running sum of fractions would not. Fractions that are summed (weights,
and ``c * log2(c)``, of which entropies are made) are whole numbers of a very small unit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.discretise import assign_levels, bin_edges, rank_levels

#: Units in 1 of weights that are at most 1: a kernel's largest sum of them fits in 63 bits.
UNITS = 2.0**52
#: Units in 1 of ``c * log2(c)``, likewise.
LOG_UNITS = 2.0**46


class Grid(NamedTuple):
    """A derived image as the kernels see it.

    Attributes
    ----------
    values : ndarray of float64, shape (height + 2 * radius, width + 2 * radius)
        Infinite where nothing is counted.
    levels : ndarray of int32, of the same shape
        Grey levels of the bins; 0 where nothing is counted.
    ranks : ndarray of uint32, of the same shape
        Ranks among the levels that occur, from 1; 0 where nothing is counted.
    grey : ndarray of int64, shape (n_levels + 1,)
        Level of each rank, 0 first.
    rows, columns : ndarray of int64, shape (n,)
        Centres of the kernels on the map, row by row.
    walks : ndarray of int64, shape (n_walks, 2)
        First centre, and first centre no more, of kernels that one kernel passes as it moves along
        a row.
    radius : int
    c_log_c : ndarray of int64
        ``c * log2(c)`` of every count that a kernel can reach, in :data:`LOG_UNITS`.
    """

    values: np.ndarray
    levels: np.ndarray
    ranks: np.ndarray
    grey: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    walks: np.ndarray
    radius: int
    c_log_c: np.ndarray


def make_grid(
    values: np.ndarray, counted: np.ndarray, centres: np.ndarray, bin_width: float, radius: int
) -> Grid:
    """Bin a derived image as pyradiomics does, all kernels by the same edges.

    Parameters
    ----------
    values : ndarray of float64 or float32, shape (n_counted,)
        Values of the pixels that kernels count, row by row.
    counted, centres : ndarray of bool, shape (height, width)
        Which pixels those are, and at which kernels lie.
    bin_width : float
    radius : int

    Returns
    -------
    Grid
    """
    kind = values.dtype.type
    edges = bin_edges(kind(values.min()), kind(values.max()), bin_width)
    values = values.astype(np.float64, copy=False)
    inside = np.pad(counted, radius)
    places = np.flatnonzero(inside).astype(np.uint32)
    value_map = np.full(inside.shape, np.inf)
    value_map[inside] = values
    level_map, rank_map = np.zeros(inside.shape, np.int32), np.zeros(inside.shape, np.int32)
    histogram = np.empty(len(edges) + 1, np.int64)
    assign_levels(values, edges, places, level_map.ravel(), histogram)
    levels, pixels = np.empty(len(edges)), np.empty(len(edges), np.int64)
    n_levels = rank_levels(level_map.ravel(), histogram, places, rank_map.ravel(), levels, pixels)
    rows, columns = np.nonzero(np.pad(centres, radius))
    side = 2 * radius + 1
    # Of a symmetrical co-occurrence matrix, whose kernel has most counts.
    counts = np.arange(1, 2 * side**2 + 1)
    c_log_c = np.concatenate([[0], np.rint(counts * np.log2(counts) * LOG_UNITS)]).astype(np.int64)
    grey = np.concatenate([[0], levels[:n_levels]]).astype(np.int64)
    walks = _walks(rows, columns, side)
    return Grid(
        value_map, level_map, rank_map.view(np.uint32), grey, rows, columns, walks, radius, c_log_c
    )


def _walks(rows: np.ndarray, columns: np.ndarray, side: int) -> np.ndarray:
    """Part the centres where the next is in another row, or its kernel has no pixel in common."""
    apart = (np.diff(rows) != 0) | (np.diff(columns) >= side)
    starts = np.concatenate([[0], np.flatnonzero(apart) + 1])
    return np.stack([starts, np.append(starts[1:], len(rows))], axis=1)


def level_terms(grey: np.ndarray) -> np.ndarray:
    """Look up what a run (zone, dependence) of each rank adds to sums by its level.

    Parameters
    ----------
    grey : ndarray of int64, shape (n_levels + 1,)
        From :class:`Grid`.

    Returns
    -------
    ndarray of int64, shape (n_levels + 1, 4)
        1, the level, its square, and 1 over its square in :data:`UNITS`.
    """
    level = grey.astype(np.float64)
    level[0] = 1.0
    inverse = np.rint(UNITS / level**2).astype(np.int64)
    return np.stack([np.ones_like(grey), grey, grey * grey, inverse], axis=1)


@compiled
def alike_neighbours(ranks: np.ndarray) -> np.ndarray:
    """Compare every pixel with its eight neighbours.

    Parameters
    ----------
    ranks : ndarray of uint32
        Map with a margin of zeros.

    Returns
    -------
    ndarray of uint8, of the map's shape
        Bit k is set where neighbour k has the pixel's own level: above left, above, above right,
        left, right, below left, below, below right; 0 where nothing is counted.
    """
    height, width = ranks.shape
    alike = np.zeros((height, width), np.uint8)
    for y in range(1, height - 1):
        above, row, below = ranks[y - 1], ranks[y], ranks[y + 1]
        out = alike[y]
        for x in range(1, width - 1):
            rank = row[x]
            bits = (
                int(above[x - 1] == rank)
                + 2 * int(above[x] == rank)
                + 4 * int(above[x + 1] == rank)
                + 8 * int(row[x - 1] == rank)
                + 16 * int(row[x + 1] == rank)
                + 32 * int(below[x - 1] == rank)
                + 64 * int(below[x] == rank)
                + 128 * int(below[x + 1] == rank)
            )
            out[x] = bits * int(rank > 0)
    return alike


@compiled
def seen_from(side: int) -> np.ndarray:
    """Bits of the neighbours that lie in a kernel, for :func:`alike_neighbours`.

    Parameters
    ----------
    side : int
        Of the kernel.

    Returns
    -------
    ndarray of uint8, shape (3, side)
        Of pixels in the kernel's first column, in its last, and in others; by row.
    """
    above, below = 0b00000111, 0b11100000
    left, right = 0b00101001, 0b10010100
    seen = np.empty((3, side), np.uint8)
    for place in range(3):
        for y in range(side):
            bits = 255
            if y == 0:
                bits &= ~above
            if y == side - 1:
                bits &= ~below
            if place == 0:
                bits &= ~left
            if place == 1:
                bits &= ~right
            seen[place, y] = bits
    return seen
