"""pyradiomics' other texture formulas on matrices of counts, compiled.

Run lengths, zone sizes, dependences and neighbourhood differences. Sums run over the
matrices in pyradiomics' order, where most results come out bit for bit; empty cells
contribute exact zeros and are skipped.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled

_EPS = float(np.spacing(1))
_FOUR = np.uint64(4)

SIZE_COUNT, NGTDM_COUNT = 16, 5


class Cells(NamedTuple):
    """Memory for the occupied cells of one matrix after another.

    Attributes
    ----------
    grey, size, number : ndarray of int64
        Grey level, run length (zone size, dependency) and number of runs of each cell, ordered by
        grey level, then size.
    by_grey, by_size : ndarray of float64
        Runs per grey level and per size: 0 between uses.
    occupied : ndarray of int64
        Grey levels or sizes that occur.
    """

    grey: np.ndarray
    size: np.ndarray
    number: np.ndarray
    by_grey: np.ndarray
    by_size: np.ndarray
    occupied: np.ndarray


@compiled
def allocate_cells(n: int, n_levels: int) -> Cells:
    """Make the memory for matrices of `n` pixels and at most `n_levels` grey levels."""
    return Cells(
        np.empty(n + 1, np.int64),
        np.empty(n + 1, np.int64),
        np.empty(n + 1, np.int64),
        np.zeros(n_levels + 1),
        np.zeros(n + 2),
        np.empty(max(n, n_levels) + 2, np.int64),
    )


@compiled
def _marginal(
    values: np.ndarray, largest: int, occupied: np.ndarray, n: float
) -> tuple[float, float, float, float]:
    """Small and large emphasis, non-uniformity and variance of runs per size, or per level.

    Leaves `values` 0.
    """
    m = 0
    for j in range(1, largest + 1):
        if values[j]:
            occupied[m] = j
            m += 1
    small = large = uneven = mean = 0.0
    for k in range(m):
        j = occupied[k]
        value, square = values[j], float(j) * j
        small += value / square
        large += value * square
        uneven += value * value
        mean += value / n * j
    variance = 0.0
    for k in range(m):
        j = occupied[k]
        variance += values[j] / n * ((j - mean) * (j - mean))
        values[j] = 0.0
    return small, large, uneven, variance


@compiled
def size_features(cells: Cells, m: int, out: np.ndarray) -> None:
    """Sixteen features shared by run lengths, zone sizes and dependencies.

    Parameters
    ----------
    cells : Cells
    m : int
        Number of occupied cells.
    out : ndarray, shape (16,)
        Filled with: small emphasis, large emphasis, grey non-uniformity and its normalised
        form, size non-uniformity and its normalised form, percentage, grey variance, size
        variance, entropy, low grey, high grey, small low, small high, large low, large high.
    """
    grey, size, number = cells.grey, cells.size, cells.number
    largest, brightest = 0, 0
    n = pixels = 0.0
    for k in range(m):
        largest = max(largest, size[k])
        brightest = max(brightest, grey[k])
        cells.by_size[size[k]] += number[k]
        cells.by_grey[grey[k]] += number[k]
        n += number[k]
        pixels += float(number[k]) * size[k]
    small, large, size_nu, size_variance = _marginal(cells.by_size, largest, cells.occupied, n)
    low, high, grey_nu, grey_variance = _marginal(cells.by_grey, brightest, cells.occupied, n)
    entropy = small_low = small_high = large_low = large_high = 0.0
    for k in range(m):
        ii, jj = float(grey[k]) * grey[k], float(size[k]) * size[k]
        value = float(number[k])
        p = value / n
        entropy -= p * math.log2(p + _EPS)
        small_low += value / (ii * jj)
        small_high += value * ii / jj
        large_low += value * jj / ii
        large_high += value * (jj * ii)
    out[0], out[1], out[2], out[3] = small / n, large / n, grey_nu / n, grey_nu / (n * n)
    out[4], out[5], out[6], out[7] = size_nu / n, size_nu / (n * n), n / pixels, grey_variance
    out[8], out[9], out[10], out[11] = size_variance, entropy, low / n, high / n
    out[12], out[13] = small_low / n, small_high / n
    out[14], out[15] = large_low / n, large_high / n


@compiled
def run_features(
    glrlm: np.ndarray,
    longest: int,
    grey: np.ndarray,
    pixels: np.ndarray,
    kept: np.ndarray,
    cells: Cells,
    out: np.ndarray,
) -> None:
    """Run-length features, mean over directions; layout of :func:`size_features`.

    Parameters
    ----------
    glrlm : ndarray of uint32
        From :func:`.texture_matrices.count_neighbourhoods`. Is left 0 but for lengths of 0: it is
        nearly empty, and as long as the lesion's box.
    longest : int
        Room for lengths in it.
    grey : ndarray of float64, shape (n,)
    pixels : ndarray of int64, shape (n,)
        Pixels of each level: what a level's runs add up to.
    kept : ndarray of bool, shape (4,)
        Directions pyradiomics keeps (:func:`.texture_matrices.lines_with_two_pixels`).
    cells : Cells
    out : ndarray, shape (16,)
    """
    one = np.empty(SIZE_COUNT)
    out[:] = 0.0
    n_kept = 0
    for direction in range(4):
        m = 0
        for i in range(len(grey)):
            left = pixels[i]
            at = np.uint64(((i + 1) * longest + 1) * 4 + direction)
            length = 1
            while left > 0:
                count = np.int64(glrlm[at])
                if count:
                    cells.grey[m], cells.size[m], cells.number[m] = int(grey[i]), length, count
                    left -= count * length
                    m += 1
                    glrlm[at] = 0
                at += _FOUR
                length += 1
        if not kept[direction]:
            continue
        size_features(cells, m, one)
        n_kept += 1
        for feature in range(SIZE_COUNT):
            out[feature] += one[feature]
    for feature in range(SIZE_COUNT):
        out[feature] = out[feature] / n_kept if n_kept else math.nan


@compiled
def dependence_features(gldm: np.ndarray, grey: np.ndarray, cells: Cells, out: np.ndarray) -> None:
    """Dependency features in the layout of :func:`size_features` (two of them unused).

    Parameters
    ----------
    gldm : ndarray of uint32
        From :func:`.texture_matrices.count_neighbourhoods`: pixels per number of equal neighbours;
        pyradiomics counts the pixel itself too.
    grey : ndarray of float64, shape (n,)
    cells : Cells
    out : ndarray, shape (16,)
    """
    m = 0
    for i in range(len(grey)):
        for alike in range(9):
            count = np.int64(gldm[(i + 1) * 9 + alike])
            if count:
                cells.grey[m], cells.size[m], cells.number[m] = int(grey[i]), alike + 1, count
                m += 1
    size_features(cells, m, out)


@compiled
def ngtdm_features(
    pixels: np.ndarray, differences: np.ndarray, grey: np.ndarray, out: np.ndarray
) -> None:
    """Neighbourhood grey-tone difference features in pyradiomics' column order.

    Parameters
    ----------
    pixels : ndarray of int64, shape (n,)
        Pixels of each level that occurs.
    differences : ndarray of float64, shape (n,)
        Sum of absolute differences per level.
    grey : ndarray of float64, shape (n,)
    out : ndarray, shape (5,)
        Filled with busyness, coarseness, complexity, contrast, strength.
    """
    n = len(grey)
    total = float(pixels.sum())
    p = np.empty(n)
    weighted = summed = 0.0
    for i in range(n):
        p[i] = pixels[i] / total
        weighted += p[i] * differences[i]
        summed += differences[i]
    contrast = busy = complexity = strength = 0.0
    for i in range(n):
        for j in range(n):
            gap = grey[i] - grey[j]
            contrast += p[i] * p[j] * (gap * gap)
            busy += abs(grey[i] * p[i] - grey[j] * p[j])
            complexity += abs(gap) * (p[i] * differences[i] + p[j] * differences[j]) / (p[i] + p[j])
            strength += (p[i] + p[j]) * (gap * gap)
    out[0] = weighted / busy if busy != 0.0 else 0.0
    out[1] = 1.0 / weighted if weighted != 0.0 else 1000000.0
    out[2] = complexity / total
    out[3] = contrast * summed / total / (n * (n - 1)) if n > 1 else 0.0
    out[4] = strength / summed if summed != 0.0 else 0.0
