"""Runs, zones or dependences of one kernel, counted as it moves, and their sixteen features."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.maps.grid import LOG_UNITS, UNITS


class Tally(NamedTuple):
    """What a kernel holds; all 0 when it is empty.

    Attributes
    ----------
    by_size : ndarray of int64, shape (largest + 1, 4)
        Sums of :func:`.grid.level_terms` over what has a size.
    by_grey, by_cell : ndarray of int64
        Numbers by rank, and by ``rank * (largest + 1) + size``.
    sums : ndarray of int64, shape (3,)
        Of the squares of `by_grey`; of ``c * log2(c)`` of `by_cell`; of pixels.
    terms, log : ndarray of int64
        :func:`.grid.level_terms` and ``c * log2(c)``, to look up.
    """

    by_size: np.ndarray
    by_grey: np.ndarray
    by_cell: np.ndarray
    sums: np.ndarray
    terms: np.ndarray
    log: np.ndarray


@compiled
def empty_tally(largest: int, terms: np.ndarray, log: np.ndarray) -> Tally:
    """Make an empty one.

    Parameters
    ----------
    largest : int
        Size.
    terms, log : ndarray of int64
        :func:`.grid.level_terms` and :class:`.grid.Grid`'s ``c_log_c``.

    Returns
    -------
    Tally
    """
    return Tally(
        np.zeros((largest + 1, 4), np.int64),
        np.zeros(len(terms), np.int64),
        np.zeros(len(terms) * (largest + 1), np.int64),
        np.zeros(3, np.int64),
        terms,
        log,
    )


@compiled
def count(tally: Tally, rank: int, size: int, step: int) -> None:
    """Count one run (zone, dependence) in, or out.

    Parameters
    ----------
    tally : Tally
    rank, size : int
    step : int
        1 in, -1 out.
    """
    _add_terms(tally, np.uint64(rank), np.uint64(size), step)
    before = tally.by_grey[np.uint64(rank)]
    tally.by_grey[np.uint64(rank)] = before + step
    tally.sums[0] += 2 * step * before + 1
    tally.sums[1] += _gain(tally, np.uint64(rank), np.uint64(size), step)
    tally.sums[2] += step * size


@compiled
def forget(tally: Tally, rank: int, size: int) -> None:
    """Empty what one zone was counted in: done for all that were, the tally is empty.

    Parameters
    ----------
    tally : Tally
    rank, size : int
    """
    tally.by_size[np.uint64(size)] = 0
    tally.by_grey[np.uint64(rank)] = 0
    tally.by_cell[np.uint64(rank) * np.uint64(len(tally.by_size)) + np.uint64(size)] = 0
    tally.sums[:] = 0


@compiled
def resize(tally: Tally, rank: int, old: int, new: int) -> None:
    """Change the size of one run (dependence).

    Parameters
    ----------
    tally : Tally
    rank, old, new : int
    """
    _add_terms(tally, np.uint64(rank), np.uint64(old), -1)
    _add_terms(tally, np.uint64(rank), np.uint64(new), 1)
    gain = _gain(tally, np.uint64(rank), np.uint64(old), -1)
    tally.sums[1] += gain + _gain(tally, np.uint64(rank), np.uint64(new), 1)
    tally.sums[2] += new - old


@compiled
def _add_terms(tally: Tally, rank: np.uint64, size: np.uint64, step: int) -> None:
    # A place of no sign needs no test for one that counts from the end.
    by_size, terms = tally.by_size, tally.terms
    one, level, square, inverse = terms[rank, 0], terms[rank, 1], terms[rank, 2], terms[rank, 3]
    by_size[size, 0] += step * one
    by_size[size, 1] += step * level
    by_size[size, 2] += step * square
    by_size[size, 3] += step * inverse


@compiled
def _gain(tally: Tally, rank: np.uint64, size: np.uint64, step: int) -> int:
    """Count in a cell, and return what that changes of the sum of ``c * log2(c)``."""
    cell = rank * np.uint64(len(tally.by_size)) + size
    before = tally.by_cell[cell]
    tally.by_cell[cell] = before + step
    return int(tally.log[np.uint64(before + step)] - tally.log[np.uint64(before)])


@compiled
def add_features(tally: Tally, largest: int, out: np.ndarray) -> None:
    """Add the sixteen features in the layout of :func:`.texture_formulas.size_features`.

    Parameters
    ----------
    tally : Tally
        Not empty.
    largest : int
        No size is larger.
    out : ndarray of float64, shape (16,)
        They are added to it.
    """
    n = squares = level_total = high = low = nonuniform = 0
    small = small_low = small_high = large_low = large_high = 0.0
    for size in range(1, largest + 1):
        number = tally.by_size[size, 0]
        if number == 0:
            continue
        square = size * size
        inverse = 1.0 / square
        n += number
        squares += number * square
        nonuniform += number * number
        level_total += tally.by_size[size, 1]
        bright, dark = tally.by_size[size, 2], tally.by_size[size, 3]
        high += bright
        low += dark
        small += number * inverse
        small_high += bright * inverse
        small_low += dark * inverse
        large_high += bright * float(square)
        large_low += dark * float(square)
    pixels = tally.sums[2]
    one = 1.0 / n
    unit = one / UNITS
    out[0] += small * one
    out[1] += squares * one
    out[2] += tally.sums[0] * one
    out[3] += tally.sums[0] * one * one
    out[4] += nonuniform * one
    out[5] += nonuniform * one * one
    out[6] += n / pixels
    out[7] += (n * high - level_total * level_total) * one * one
    out[8] += (n * squares - pixels * pixels) * one * one
    out[9] += (tally.log[n] - tally.sums[1]) * (one / LOG_UNITS)
    out[10] += low * unit
    out[11] += high * one
    out[12] += small_low * unit
    out[13] += small_high * one
    out[14] += large_low * unit
    out[15] += large_high * one
