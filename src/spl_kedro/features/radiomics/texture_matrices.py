"""All five texture matrices of a grey-level map in one pass.

pyradiomics walks the bounding box once per matrix and class, over three dimensions
and with bounds checks for every neighbour. On one slice only four directions exist;
with a margin of zeros a neighbour outside the outline is just another grey level.
What compares neighbours is done for a row of neighbouring pixels at once, a few pixels per
instruction; then one pass over the outline's pixels counts. Counts are integers: nothing can
differ, and the sums of neighbourhood differences are taken pixel by pixel in pyradiomics' order.

A map is a flat array of (h + 2) x (w + 2) pixels, row by row: the bounding box with a
margin of one pixel. Indices are unsigned: a signed index costs numba a test for its sign.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.spans import row_spans

_ONE, _TWO, _THREE, _FOUR = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
_NINE = np.uint64(9)
_COUNT = np.uint32(1)
# Pixels outside the outline that are gone over rather than a row begun anew.
_GAP = 32


class Counts(NamedTuple):
    """Memory for the counts of one derived image after another.

    Attributes
    ----------
    spans : ndarray of int64, shape (spans, 2)
        First pixel, and one past the last, of the stretches of rows that hold the outline, row by
        row; what follows is of their pixels.
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
        Runs at ``(rank * longest + length) * 4 + direction``, 0 between uses; length 0 is to be
        ignored.
    gldm : ndarray of uint32
        Pixels at ``rank * 9 + number of neighbours alike``.
    ngtdm : ndarray of float64
        Sum of differences per rank.
    """

    spans: np.ndarray
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
    spans, neighbours = row_spans(places, width, _GAP), np.empty(inner)
    _fill_neighbours(outline, width, spans, neighbours)
    ranks = n_levels + 1
    return Counts(
        spans,
        np.zeros((3, height * width), np.int32),
        np.empty(inner, np.int32),
        np.empty(inner),
        neighbours,
        np.empty(ranks * ranks * 4, np.uint32),
        np.zeros(ranks * longest_run(height, width) * 4, np.uint32),
        np.empty(ranks * 9, np.uint32),
        np.empty(ranks),
    )


@compiled
def longest_run(height: int, width: int) -> int:
    """Room for the lengths of runs on a map of this size."""
    return max(height, width) - 1


@compiled
def _fill_neighbours(outline: np.ndarray, width: int, spans: np.ndarray, out: np.ndarray) -> None:
    """Count neighbours inside the outline."""
    for k in range(len(spans)):
        first, last = spans[k, 0] - width - 1, spans[k, 1] - width - 1
        above, row, below = outline[first:], outline[first + width :], outline[first + 2 * width :]
        here = out[first:last]
        for i in range(len(here)):
            here[i] = (
                (above[i] + above[i + 1] + above[i + 2])
                + (row[i] + row[i + 2])
                + (below[i] + below[i + 1] + below[i + 2])
            )


@compiled
def _fill_alike(ranks: np.ndarray, width: int, spans: np.ndarray, out: np.ndarray) -> None:
    """Count neighbours of the same rank."""
    for k in range(len(spans)):
        first, last = spans[k, 0] - width - 1, spans[k, 1] - width - 1
        above, row, below = ranks[first:], ranks[first + width :], ranks[first + 2 * width :]
        here = out[first:last]
        for i in range(len(here)):
            rank = row[i + 1]
            here[i] = (
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
    levels: np.ndarray, width: int, spans: np.ndarray, neighbours: np.ndarray, out: np.ndarray
) -> None:
    """Absolute difference from the mean of the neighbours, 0 without neighbours."""
    for k in range(len(spans)):
        first, last = spans[k, 0] - width - 1, spans[k, 1] - width - 1
        above, row, below = levels[first:], levels[first + width :], levels[first + 2 * width :]
        inside, here = neighbours[first:last], out[first:last]
        for i in range(len(here)):
            total = (
                (above[i] + above[i + 1] + above[i + 2])
                + (row[i] + row[i + 2])
                + (below[i] + below[i + 1] + below[i + 2])
            )
            difference = abs(float(row[i + 1]) - float(total) / inside[i])
            here[i] = difference if inside[i] > 0.0 else 0.0


@compiled
def _fill_runs(ranks: np.ndarray, step: int, spans: np.ndarray, out: np.ndarray) -> None:
    """Length of the run that ends at each pixel, and 0 where `step` pixels on it continues."""
    for k in range(len(spans)):
        first, last = spans[k, 0], spans[k, 1]
        row, before = ranks[first:last], ranks[first - step : last - step]
        previous, here = out[first - step : last - step], out[first:last]
        for x in range(len(here)):
            here[x] = previous[x] * np.int32(row[x] == before[x]) + np.int32(1)
    for k in range(len(spans)):
        first, last = spans[k, 0], spans[k, 1]
        row, after = ranks[first:last], ranks[first + step : last + step]
        here = out[first:last]
        for x in range(len(here)):
            here[x] = here[x] * np.int32(row[x] != after[x])


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
    spans = counts.spans
    _fill_alike(ranks, width, spans, counts.alike)
    _fill_difference(levels, width, spans, counts.neighbours, counts.difference)
    down_right, down, down_left = counts.runs[0], counts.runs[1], counts.runs[2]
    _fill_runs(ranks, width + 1, spans, down_right)
    _fill_runs(ranks, width, spans, down)
    _fill_runs(ranks, width - 1, spans, down_left)
    size = n_levels + 1
    longest = np.uint64(longest_run(len(ranks) // width, width))
    glcm = counts.glcm[: size * size * 4]
    glrlm = counts.glrlm
    gldm, ngtdm = counts.gldm[: size * 9], counts.ngtdm[:size]
    glcm[:], gldm[:], ngtdm[:] = 0, 0, 0.0
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
