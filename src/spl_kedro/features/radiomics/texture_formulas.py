"""pyradiomics' other texture formulas on matrices of counts, compiled.

Run lengths, zone sizes, dependences and neighbourhood differences. Sums run over the
matrices in pyradiomics' order, where most results come out bit for bit; empty cells
contribute exact zeros and are skipped.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from spl_kedro.features.radiomics.glcm_formulas import mean_over_directions

_EPS = float(np.spacing(1))
_NAN = float("nan")

SIZE_COUNT, NGTDM_COUNT = 16, 5


@numba.njit(cache=True, nogil=True)
def size_features(grey: np.ndarray, size: np.ndarray, count: np.ndarray, out: np.ndarray) -> None:
    """Sixteen features shared by run lengths, zone sizes and dependencies.

    Parameters
    ----------
    grey, size, count : ndarray, shape (m,)
        Occupied cells of the matrix: grey level, run length (zone size, dependency) and
        number of runs, ordered by grey level, then size.
    out : ndarray, shape (16,)
        Filled with: small emphasis, large emphasis, grey non-uniformity and its normalised
        form, size non-uniformity and its normalised form, percentage, grey variance, size
        variance, entropy, low grey, high grey, small low, small high, large low, large high.
    """
    m = len(grey)
    largest, brightest = 0, 0
    for k in range(m):
        largest = max(largest, size[k])
        brightest = max(brightest, grey[k])
    by_size = np.zeros(largest + 1)
    by_grey = np.zeros(brightest + 1)
    n = pixels = 0.0
    for k in range(m):
        by_size[size[k]] += count[k]
        by_grey[grey[k]] += count[k]
        n += count[k]
        pixels += float(count[k]) * size[k]
    small = large = size_nu = mean_size = 0.0
    for j in range(1, largest + 1):
        value = by_size[j]
        if value:
            jj = float(j) * j
            small += value / jj
            large += value * jj
            size_nu += value * value
            mean_size += value / n * j
    low = high = grey_nu = mean_grey = 0.0
    for i in range(1, brightest + 1):
        value = by_grey[i]
        if value:
            ii = float(i) * i
            low += value / ii
            high += value * ii
            grey_nu += value * value
            mean_grey += value / n * i
    size_variance = grey_variance = 0.0
    for j in range(1, largest + 1):
        if by_size[j]:
            size_variance += by_size[j] / n * ((j - mean_size) * (j - mean_size))
    for i in range(1, brightest + 1):
        if by_grey[i]:
            grey_variance += by_grey[i] / n * ((i - mean_grey) * (i - mean_grey))
    entropy = small_low = small_high = large_low = large_high = 0.0
    for k in range(m):
        ii, jj = float(grey[k]) * grey[k], float(size[k]) * size[k]
        value = float(count[k])
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


@numba.njit(cache=True, nogil=True)
def _occupied(
    matrix: np.ndarray, grey: np.ndarray, offset: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Occupied cells of a dense matrix; `offset` turns a column into a size."""
    m = 0
    for i in range(matrix.shape[0]):
        for j in range(matrix.shape[1]):
            if matrix[i, j]:
                m += 1
    levels = np.empty(m, np.int64)
    sizes = np.empty(m, np.int64)
    counts = np.empty(m, np.int64)
    k = 0
    for i in range(matrix.shape[0]):
        for j in range(matrix.shape[1]):
            if matrix[i, j]:
                levels[k], sizes[k], counts[k] = int(grey[i]), j + offset, matrix[i, j]
                k += 1
    return levels, sizes, counts


@numba.njit(cache=True, nogil=True)
def glrlm_features(matrices: np.ndarray, grey: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Run-length features, mean over directions; layout of :func:`size_features`.

    Parameters
    ----------
    matrices : ndarray of int64, shape (4, n, longest + 1)
    grey : ndarray of float64, shape (n,)
    kept : ndarray of bool, shape (4,)
        Directions pyradiomics keeps (:func:`.texture_matrices.lines_with_two_pixels`).

    Returns
    -------
    ndarray, shape (16,)
    """
    values = np.full((4, SIZE_COUNT), _NAN)
    for a in range(4):
        if kept[a]:
            levels, sizes, counts = _occupied(matrices[a], grey, 0)
            size_features(levels, sizes, counts, values[a])
    return mean_over_directions(values)


@numba.njit(cache=True, nogil=True)
def gldm_features(matrix: np.ndarray, grey: np.ndarray) -> np.ndarray:
    """Dependency features in the layout of :func:`size_features` (two of them unused).

    Parameters
    ----------
    matrix : ndarray of int64, shape (n, 9)
        Pixels per number of equal neighbours; pyradiomics counts the pixel itself too.
    grey : ndarray of float64, shape (n,)

    Returns
    -------
    ndarray, shape (16,)
    """
    out = np.empty(SIZE_COUNT)
    levels, sizes, counts = _occupied(matrix, grey, 1)
    size_features(levels, sizes, counts, out)
    return out


@numba.njit(cache=True, nogil=True)
def glszm_features(keys: np.ndarray) -> np.ndarray:
    """Zone features in the layout of :func:`size_features`.

    Parameters
    ----------
    keys : ndarray of int64, shape (n_zones,)
        Sorted keys from :func:`.texture_matrices.zones`.

    Returns
    -------
    ndarray, shape (16,)
    """
    levels = np.empty(len(keys), np.int64)
    sizes = np.empty(len(keys), np.int64)
    counts = np.empty(len(keys), np.int64)
    m = 0
    for k in range(len(keys)):
        if k and keys[k] == keys[k - 1]:
            counts[m - 1] += 1
        else:
            levels[m], sizes[m], counts[m] = keys[k] >> 32, keys[k] & 4294967295, 1
            m += 1
    out = np.empty(SIZE_COUNT)
    size_features(levels[:m], sizes[:m], counts[:m], out)
    return out


@numba.njit(cache=True, nogil=True)
def ngtdm_features(pixels: np.ndarray, differences: np.ndarray, grey: np.ndarray) -> np.ndarray:
    """Neighbourhood grey-tone difference features in pyradiomics' column order.

    Parameters
    ----------
    pixels : ndarray of int64, shape (n,)
        Pixels of each level that occurs.
    differences : ndarray of float64, shape (n,)
        Sum of absolute differences per level.
    grey : ndarray of float64, shape (n,)

    Returns
    -------
    ndarray, shape (5,)
        Busyness, coarseness, complexity, contrast, strength.
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
    out = np.empty(NGTDM_COUNT)
    out[0] = weighted / busy if busy != 0.0 else 0.0
    out[1] = 1.0 / weighted if weighted != 0.0 else 1000000.0
    out[2] = complexity / total
    out[3] = contrast * summed / total / (n * (n - 1)) if n > 1 else 0.0
    out[4] = strength / summed if summed != 0.0 else 0.0
    return out
