"""Grey levels on a map with a margin, so that a kernel at the edge needs no test for the edge."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.discretise import bin_edges


class Grid(NamedTuple):
    """A derived image as the kernels see it.

    Attributes
    ----------
    values : ndarray of float64, shape (height + 2 * radius, width + 2 * radius)
        0 where nothing is counted.
    levels, ranks : ndarray of int32, of the same shape
        Grey levels of the bins, and their ranks among the levels that occur, from 1; 0 where
        nothing is counted.
    grey : ndarray of int64, shape (n_levels + 1,)
        Level of each rank, 0 first.
    rows, columns : ndarray of int64, shape (n,)
        Centres of the kernels on the map, row by row.
    radius : int
    c_log_c : ndarray of float64
        ``c * log2(c)`` of every count that a kernel can reach: entropies are sums of it.
    """

    values: np.ndarray
    levels: np.ndarray
    ranks: np.ndarray
    grey: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    radius: int
    c_log_c: np.ndarray


class Neighbours(NamedTuple):
    """What the eight neighbours of every pixel say, wherever kernels lie.

    Attributes
    ----------
    alike : ndarray of uint8, of the map's shape
        Bit k is set where neighbour k has the pixel's own level: above left, above, above right,
        left, right, below left, below, below right.
    difference : ndarray of float64
        How far a pixel's level is from the mean of its neighbours; 0 without neighbours.
    """

    alike: np.ndarray
    difference: np.ndarray


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
    levels, ranks = np.unique(np.digitize(values, edges), return_inverse=True)
    inside = np.pad(counted, radius)
    value_map = np.zeros(inside.shape)
    level_map, rank_map = np.zeros(inside.shape, np.int32), np.zeros(inside.shape, np.int32)
    value_map[inside], level_map[inside], rank_map[inside] = values, levels[ranks], ranks + 1
    rows, columns = np.nonzero(np.pad(centres, radius))
    # Of a symmetrical co-occurrence matrix, whose kernel has most counts.
    most = 2 * (2 * radius + 1) ** 2
    counts = np.arange(1, most + 1)
    c_log_c = np.concatenate([[0.0], counts * np.log2(counts)])
    grey = np.concatenate([[0], levels]).astype(np.int64)
    return Grid(value_map, level_map, rank_map, grey, rows, columns, radius, c_log_c)


@compiled
def look_around(levels: np.ndarray) -> Neighbours:
    """Compare every pixel with its eight neighbours.

    Parameters
    ----------
    levels : ndarray of int32
        Map with a margin of zeros.

    Returns
    -------
    Neighbours
    """
    height, width = levels.shape
    alike = np.zeros((height, width), np.uint8)
    difference = np.zeros((height, width))
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            level = levels[y, x]
            if level == 0:
                continue
            bits, place, total, count = 0, 0, 0, 0
            for v in range(y - 1, y + 2):
                for u in range(x - 1, x + 2):
                    if v == y and u == x:
                        continue
                    other = levels[v, u]
                    bits |= int(other == level) << place
                    place += 1
                    total += other
                    count += int(other > 0)
            alike[y, x] = bits
            if count:
                difference[y, x] = abs(float(level) - float(total) / count)
    return Neighbours(alike, difference)


@compiled
def seen_from_edges() -> np.ndarray:
    """Bits of the neighbours that lie in a kernel.

    Returns
    -------
    ndarray of int64, shape (16,)
        By the sum of 1 in the kernel's first row, 2 in its last row, 4 in its first column and 8 in
        its last column.
    """
    above, below = 0b00000111, 0b11100000
    left, right = 0b00101001, 0b10010100
    seen = np.empty(16, np.int64)
    for edge in range(16):
        bits = 255
        if edge & 1:
            bits &= ~above
        if edge & 2:
            bits &= ~below
        if edge & 4:
            bits &= ~left
        if edge & 8:
            bits &= ~right
        seen[edge] = bits
    return seen


@compiled
def edges_of(y: int, x: int, last: int) -> int:
    """At which edges of a kernel one of its pixels lies, for :func:`seen_from_edges`."""
    return int(y == 0) + 2 * int(y == last) + 4 * int(x == 0) + 8 * int(x == last)
