"""pyradiomics' run lengths in the kernel around each pixel.

A kernel cuts runs off at its edges. As it moves on, a run that reaches its first column is shorter
by one pixel, and one that reaches its last column longer; how far each run goes is found once for
the whole image.
"""

from __future__ import annotations

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.maps.directions import divide_by_directions
from spl_kedro.features.radiomics.maps.grid import Grid, level_terms
from spl_kedro.features.radiomics.maps.tally import Tally, add_features, count, empty_tally, resize
from spl_kedro.features.radiomics.texture_formulas import SIZE_COUNT

#: Rows down, for one column on, in the directions that lead to another column.
_SLOPES = (0, 1, -1)
#: Stands for the slope of the direction that does not.
_DOWN = 2


def run_maps(grid: Grid) -> np.ndarray:
    """Run-length features of each kernel, mean over its directions.

    Parameters
    ----------
    grid : Grid

    Returns
    -------
    ndarray of float64, shape (n, 16)
        Layout of :func:`.texture_formulas.size_features`; a direction of whose lines none has two
        pixels is left out, as in pyradiomics; NaN where none is left.
    """
    terms = level_terms(grid.grey)
    out = np.zeros((len(grid.rows), SIZE_COUNT))
    kept = np.zeros(len(grid.rows), np.int64)
    _down(grid, run_lengths(grid.ranks, 1, 0), terms, out, kept)
    for slope in _SLOPES:
        before, after = run_lengths(grid.ranks, -slope, -1), run_lengths(grid.ranks, slope, 1)
        _across(grid, slope, before, after, terms, out, kept)
    divide_by_directions(out, kept)
    return out


@compiled
def run_lengths(ranks: np.ndarray, down: int, across: int) -> np.ndarray:
    """Pixels of one level in a line from each pixel on, itself included.

    Parameters
    ----------
    ranks : ndarray of uint32
        Map with a margin of zeros.
    down, across : int
        From one pixel of the line to the next: -1, 0 or 1.

    Returns
    -------
    ndarray of int32, of the map's shape
        1 in the margin's first pixels.
    """
    height, width = ranks.shape
    out = np.ones((height, width), np.int32)
    # The next pixel of a line comes first.
    for k in range(1, height - 1):
        y = height - 1 - k if down > 0 else k
        row, other = ranks[y], ranks[y + down]
        here, there = out[y], out[y + down]
        for m in range(1, width - 1):
            x = width - 1 - m if across > 0 else m
            here[x] = 1 + there[x + across] * np.int32(row[x] == other[x + across])
    return out


@compiled
def _across(
    grid: Grid,
    slope: int,
    before: np.ndarray,
    after: np.ndarray,
    terms: np.ndarray,
    out: np.ndarray,
    kept: np.ndarray,
) -> None:
    """Add the features of a direction that leads across columns."""
    side, columns = 2 * grid.radius + 1, grid.columns
    tally, lines = empty_tally(side, terms, grid.c_log_c), np.empty(2 * side, np.int64)
    for walk in range(len(grid.walks)):
        k, end = grid.walks[walk, 0], grid.walks[walk, 1]
        top = grid.rows[k] - grid.radius
        first, last = columns[k] - grid.radius, columns[end - 1] + grid.radius
        for x in range(first, last + 1):
            if x - side >= first:
                _resize(grid.ranks, after, top, x - side, side, slope, side, -1, tally)
            _resize(grid.ranks, before, top, x, side, slope, x - first + 1, 1, tally)
            if x == columns[k] + grid.radius:
                if _kept(grid.ranks, top, x - side + 1, side, slope, tally, lines):
                    add_features(tally, side, out[k])
                    kept[k] += 1
                k += 1
        for x in range(max(first, last - side + 1), last + 1):
            _resize(grid.ranks, after, top, x, side, slope, last - x + 1, -1, tally)


@compiled
def _resize(
    ranks: np.ndarray,
    lengths: np.ndarray,
    top: int,
    x: int,
    side: int,
    slope: int,
    columns: int,
    step: int,
    tally: Tally,
) -> None:
    """Count a kernel's last column in (1), or its first one out (-1).

    Each pixel of it ends, or begins, a run of at most so many columns.
    """
    for y in range(side):
        rank = ranks[top + y, x]
        if rank == 0:
            continue
        room = side if slope == 0 else (y + 1 if slope * step > 0 else side - y)
        length = int(min(lengths[top + y, x], min(columns, room)))
        if length == 1:
            count(tally, rank, 1, step)
        elif step > 0:
            resize(tally, rank, length - 1, length)
        else:
            resize(tally, rank, length, length - 1)


@compiled
def _down(
    grid: Grid, lengths: np.ndarray, terms: np.ndarray, out: np.ndarray, kept: np.ndarray
) -> None:
    """Add the features of the direction that leads down a column."""
    side, columns = 2 * grid.radius + 1, grid.columns
    tally, lines = empty_tally(side, terms, grid.c_log_c), np.empty(2 * side, np.int64)
    for walk in range(len(grid.walks)):
        k, end = grid.walks[walk, 0], grid.walks[walk, 1]
        top = grid.rows[k] - grid.radius
        first, last = columns[k] - grid.radius, columns[end - 1] + grid.radius
        for x in range(first, last + 1):
            if x - side >= first:
                _column(grid.ranks, lengths, top, x - side, side, -1, tally)
            _column(grid.ranks, lengths, top, x, side, 1, tally)
            if x == columns[k] + grid.radius:
                if _kept(grid.ranks, top, x - side + 1, side, _DOWN, tally, lines):
                    add_features(tally, side, out[k])
                    kept[k] += 1
                k += 1
        for x in range(max(first, last - side + 1), last + 1):
            _column(grid.ranks, lengths, top, x, side, -1, tally)


@compiled
def _column(
    ranks: np.ndarray, lengths: np.ndarray, top: int, x: int, side: int, step: int, tally: Tally
) -> None:
    """Count the runs of a column in or out."""
    y = 0
    while y < side:
        length = min(lengths[top + y, x], side - y)
        rank = ranks[top + y, x]
        if rank != 0:
            count(tally, rank, length, step)
        y += length


@compiled
def _kept(
    ranks: np.ndarray, top: int, left: int, side: int, slope: int, tally: Tally, lines: np.ndarray
) -> bool:
    """Whether some line of the kernel has two pixels that count, even apart from each other."""
    if tally.sums[2] > 2 * side - 1:  # more pixels than there are lines
        return True
    lines[:] = 0
    for y in range(side):
        for x in range(side):
            if ranks[top + y, left + x]:
                # All pixels of a line have the same number.
                line = x if slope == _DOWN else y - slope * x + (side - 1 if slope > 0 else 0)
                lines[line] += 1
    return lines.max() > 1
