"""All five texture matrices of a grey-level map in one pass.

pyradiomics walks the bounding box once per matrix and class, over three dimensions
and with bounds checks for every neighbour. On one slice only four directions exist;
with a margin of zeros a neighbour outside the outline is just another grey level.
What compares neighbours is done for the whole map at once, a few pixels per instruction;
then one pass over the outline's pixels counts. Counts are integers: nothing can differ, and
the sums of neighbourhood differences are taken pixel by pixel in pyradiomics' order.

A map is a flat array of (h + 2) x (w + 2) pixels, row by row: the bounding box with a
margin of one pixel. Indices are unsigned: a signed index costs numba a test for its sign.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled

_ONE, _TWO, _THREE, _FOUR = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
_NINE = np.uint64(9)
_COUNT = np.uint32(1)


class Counts(NamedTuple):
    """Memory for the counts of one derived image after another.

    Attributes
    ----------
    runs : ndarray of int32, shape (3, pixels of the map)
        Length of the run that ends at a pixel, 0 where it goes on: down right, down, down left.
    alike : ndarray of int32
        Neighbours of a pixel's own level, of all pixels but the first and last ``w + 3``.
    difference : ndarray of float64
        How far a pixel's level is from the mean of its neighbours, of the same pixels.
    neighbours : ndarray of float64
        Neighbours inside the outline, of the same pixels.
    glcm : ndarray of uint32
        Co-occurrences at ``(rank * (n_levels + 1) + neighbour's rank) * 4 + direction``. The
        directions are pyradiomics': (1, 1), (1, 0), (1, -1), (0, 1). Rank 0 is outside.
    glrlm : ndarray of uint32
        Runs at ``(rank * longest + length) * 4 + direction``; length 0 is to be ignored.
    gldm : ndarray of uint32
        Pixels at ``rank * 9 + number of neighbours alike``.
    ngtdm : ndarray of float64
        Sum of differences per rank.
    """

    runs: np.ndarray
    alike: np.ndarray
    difference: np.ndarray
    neighbours: np.ndarray
    glcm: np.ndarray
    glrlm: np.ndarray
    gldm: np.ndarray
    ngtdm: np.ndarray


@compiled
def allocate_counts(places: np.ndarray, height: int, width: int, n_levels: int) -> Counts:
    """Make the memory for a lesion's derived images.

    Parameters
    ----------
    places : ndarray of uint32, shape (n,)
        The outline's pixels on the map.
    height, width : int
        Of the map.
    n_levels : int
        Most levels an image has.

    Returns
    -------
    Counts
    """
    inner = height * width - 2 * width - 2
    outline = np.zeros(height * width, np.int32)
    for k in range(len(places)):
        outline[places[k]] = 1
    neighbours = np.empty(inner)
    _fill_neighbours(outline, width, neighbours)
    ranks = n_levels + 1
    return Counts(
        np.zeros((3, height * width), np.int32),
        np.empty(inner, np.int32),
        np.empty(inner),
        neighbours,
        np.empty(ranks * ranks * 4, np.uint32),
        np.empty(ranks * longest_run(height, width) * 4, np.uint32),
        np.empty(ranks * 9, np.uint32),
        np.empty(ranks),
    )


@compiled
def longest_run(height: int, width: int) -> int:
    """Room for the lengths of runs on a map of this size."""
    return max(height, width) - 1


@compiled
def _fill_neighbours(outline: np.ndarray, width: int, out: np.ndarray) -> None:
    """Count neighbours inside the outline."""
    n = len(out)
    above, row, below = outline, outline[width:], outline[2 * width :]
    for i in range(n):
        out[i] = (
            (above[i] + above[i + 1] + above[i + 2])
            + (row[i] + row[i + 2])
            + (below[i] + below[i + 1] + below[i + 2])
        )


@compiled
def _fill_alike(ranks: np.ndarray, width: int, out: np.ndarray) -> None:
    """Count neighbours of the same rank."""
    n = len(out)
    above, row, below = ranks, ranks[width:], ranks[2 * width :]
    for i in range(n):
        rank = row[i + 1]
        out[i] = (
            np.int32(above[i] == rank)
            + np.int32(above[i + 1] == rank)
            + np.int32(above[i + 2] == rank)
            + np.int32(row[i] == rank)
            + np.int32(row[i + 2] == rank)
            + np.int32(below[i] == rank)
            + np.int32(below[i + 1] == rank)
            + np.int32(below[i + 2] == rank)
        )


@compiled
def _fill_difference(
    levels: np.ndarray, width: int, neighbours: np.ndarray, out: np.ndarray
) -> None:
    """Absolute difference from the mean of the neighbours, 0 without neighbours."""
    n = len(out)
    above, row, below = levels, levels[width:], levels[2 * width :]
    for i in range(n):
        total = (
            (above[i] + above[i + 1] + above[i + 2])
            + (row[i] + row[i + 2])
            + (below[i] + below[i + 1] + below[i + 2])
        )
        difference = abs(float(row[i + 1]) - float(total) / neighbours[i])
        out[i] = difference if neighbours[i] > 0.0 else 0.0


@compiled
def _fill_runs(ranks: np.ndarray, width: int, step: int, out: np.ndarray) -> None:
    """Length of the run that ends at each pixel, and 0 where `step` pixels on it continues."""
    inner = width - 2
    for start in range(width + 1, len(ranks) - width, width):
        row, before = ranks[start : start + inner], ranks[start - step : start - step + inner]
        previous, here = out[start - step : start - step + inner], out[start : start + inner]
        for x in range(inner):
            here[x] = previous[x] * np.int32(row[x] == before[x]) + np.int32(1)
    n = len(ranks) - 2 * width - 2
    row, after = ranks[width + 1 :], ranks[width + 1 + step :]
    here = out[width + 1 :]
    for i in range(n):
        here[i] = here[i] * np.int32(row[i] != after[i])


@compiled
def count_neighbourhoods(
    ranks: np.ndarray,
    levels: np.ndarray,
    places: np.ndarray,
    width: int,
    n_levels: int,
    counts: Counts,
) -> None:
    """Count co-occurrences, runs, dependencies and neighbourhood differences.

    Comparing neighbours of a speckled image is a coin toss, which a processor cannot
    foresee; so nothing branches on them: pairs and runs that do not count go to rank or length
    0, which is not used.

    Parameters
    ----------
    ranks : ndarray of int32
        Map of ranks among the levels that occur, from 1; 0 outside the outline.
    levels : ndarray of int32
        Map of the grey levels themselves.
    places : ndarray of uint32, shape (n,)
        The outline's pixels on the map, row by row.
    width : int
        Of the map.
    n_levels : int
        Number of levels that occur.
    counts : Counts
        Filled.
    """
    _fill_alike(ranks, width, counts.alike)
    _fill_difference(levels, width, counts.neighbours, counts.difference)
    down_right, down, down_left = counts.runs[0], counts.runs[1], counts.runs[2]
    _fill_runs(ranks, width, width + 1, down_right)
    _fill_runs(ranks, width, width, down)
    _fill_runs(ranks, width, width - 1, down_left)
    size = n_levels + 1
    longest = np.uint64(longest_run(len(ranks) // width, width))
    glcm = counts.glcm[: size * size * 4]
    glrlm = counts.glrlm[: np.uint64(size) * longest * _FOUR]
    gldm, ngtdm = counts.gldm[: size * 9], counts.ngtdm[:size]
    glcm[:], glrlm[:], gldm[:], ngtdm[:] = 0, 0, 0, 0.0
    alike, difference = counts.alike, counts.difference
    below, inner, row_size = np.uint64(width), np.uint64(width + 1), np.uint64(size)
    run = _ONE
    for k in range(len(places)):
        at = np.uint64(places[k])
        rank, east = np.uint64(ranks[at]), np.uint64(ranks[at + _ONE])
        row = rank * row_size
        glcm[(row + np.uint64(ranks[at + below + _ONE])) * _FOUR] += _COUNT
        glcm[(row + np.uint64(ranks[at + below])) * _FOUR + _ONE] += _COUNT
        glcm[(row + np.uint64(ranks[at + below - _ONE])) * _FOUR + _TWO] += _COUNT
        glcm[(row + east) * _FOUR + _THREE] += _COUNT
        row = rank * longest
        glrlm[(row + np.uint64(down_right[at])) * _FOUR] += _COUNT
        glrlm[(row + np.uint64(down[at])) * _FOUR + _ONE] += _COUNT
        glrlm[(row + np.uint64(down_left[at])) * _FOUR + _TWO] += _COUNT
        run = run * np.uint64(ranks[at - _ONE] == ranks[at]) + _ONE
        glrlm[(row + run * np.uint64(ranks[at + _ONE] != ranks[at])) * _FOUR + _THREE] += _COUNT
        gldm[rank * _NINE + np.uint64(alike[at - inner])] += _COUNT
        ngtdm[rank] += difference[at - inner]


@compiled
def lines_with_two_pixels(mask: np.ndarray) -> np.ndarray:
    """Directions in which some line of the bounding box holds two or more pixels.

    pyradiomics drops the run-length matrix of a direction whose every line meets the
    outline at most once (even if such a line's pixels do not touch).

    Parameters
    ----------
    mask : ndarray of bool, shape (h, w)

    Returns
    -------
    ndarray of bool, shape (4,)
        In the order of :class:`Counts`.
    """
    height, width = mask.shape
    lines = np.zeros((4, height + width), np.int64)
    for y in range(height):
        for x in range(width):
            if mask[y, x]:
                lines[0, y - x + width] += 1
                lines[1, x] += 1
                lines[2, y + x] += 1
                lines[3, y] += 1
    kept = np.zeros(4, np.bool_)
    for a in range(4):
        kept[a] = lines[a].max() > 1
    return kept
