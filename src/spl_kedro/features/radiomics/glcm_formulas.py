"""pyradiomics' co-occurrence formulas (GLCM) on the pairs that occur, compiled.

Sums run over the matrices in pyradiomics' order (row by row, one accumulator per
direction), where most results come out bit for bit; empty cells contribute exact
zeros and are left out. The entropies take their logarithms from NumPy, as pyradiomics
does: Imc2 tests two of them for equality. So the work is in two passes over all derived images,
with NumPy in between.
"""

from __future__ import annotations

import math

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.glcm_cancelled import glcm_in_numpy
from spl_kedro.features.radiomics.glcm_pairs import Pairs, dense_counts

_EPS = float(np.spacing(1))
_NAN = float("nan")
_CANCELLED = 1e-6  # relative size below which a value is mostly rounding
_FOUR = np.uint64(4)

GLCM_COUNT = 22


@compiled
def _product_entropies(terms: np.ndarray, n: int) -> tuple[float, float, float, float]:
    """Sum of the products' terms over the whole symmetrical matrix, per direction."""
    a = b = c = d = 0.0
    for i in range(n):
        at = 4 * i
        for j in range(n):
            k = np.uint64(at)
            a += terms[k]
            b += terms[k + np.uint64(1)]
            c += terms[k + np.uint64(2)]
            d += terms[k + np.uint64(3)]
            # Down the column to the diagonal, then along the row.
            at += 4 * (n - 1 - j) if j < i else 4
    return -a, -b, -c, -d


@compiled
def _direction(
    row: np.ndarray,
    column: np.ndarray,
    chance: np.ndarray,
    log_chance: np.ndarray,
    log_product: np.ndarray,
    marginal: np.ndarray,
    grey: np.ndarray,
    differences: np.ndarray,
    sums: np.ndarray,
    hxy2: float,
    out: np.ndarray,
) -> None:
    """Twenty-two co-occurrence features of one direction, into `out`.

    In the place of Imc2 the difference of entropies it is made of.
    """
    n, n_grey = len(grey), len(differences)
    differences[:] = 0.0
    sums[:] = 0.0
    mean = 0.0
    autocorrelation = contrast = energy = maximum = 0.0
    hxy = hxy1 = 0.0
    mean_y = 0.0
    for k in range(len(row)):
        i, j, value = row[k], column[k], chance[k]
        first, second = min(i, j), max(i, j)
        place = first * n - (first * (first + 1)) // 2 + second
        gi, gj = grey[np.uint64(i)], grey[np.uint64(j)]
        mean += gi * value
        mean_y += gj * value
        autocorrelation += value * (gi * gj)
        gap = abs(gi - gj)
        contrast += value * (gap * gap)
        energy += value * value
        maximum = max(maximum, value)
        hxy += value * log_chance[k]
        hxy1 += value * log_product[np.uint64(place) * _FOUR]
        differences[np.uint64(gap)] += value
        sums[np.uint64(gi + gj)] += value
    hxy, hxy1 = -hxy, -hxy1
    prominence = shade = tendency = squares = squares_y = covariance = 0.0
    for k in range(len(row)):
        value = chance[k]
        gi, gj = grey[np.uint64(row[k])], grey[np.uint64(column[k])]
        cluster = (gi + gj) - mean - mean_y
        cluster2 = cluster * cluster
        tendency += value * cluster2
        shade += value * (cluster2 * cluster)
        prominence += value * (cluster2 * cluster2)
        di, dj = gi - mean, gj - mean_y
        squares += value * (di * di)
        squares_y += value * (dj * dj)
        covariance += value * di * dj
    sigma = math.sqrt(squares) * math.sqrt(squares_y)
    correlation = covariance / (sigma + _EPS) if sigma != 0.0 else 1.0
    average = entropy = 0.0
    idm = idmn = inverse = idn = inverse_variance = 0.0
    for k in range(n_grey):
        value = differences[k]
        if value == 0.0:
            continue
        average += k * value
        entropy += value * math.log2(value + _EPS)
        idm += value / (1.0 + k * k)
        idmn += value / (1.0 + (k * k) / (float(n_grey) * n_grey))
        inverse += value / (1.0 + k)
        idn += value / (1.0 + k / float(n_grey))
        if k:
            inverse_variance += value / (float(k) * k)
    variance = 0.0
    for k in range(n_grey):
        variance += differences[k] * ((k - average) * (k - average))
    sum_entropy = 0.0
    for k in range(len(sums)):
        if sums[k] != 0.0:
            sum_entropy += sums[k] * math.log2(sums[k] + _EPS)
    hx = 0.0
    for i in range(n):
        hx -= marginal[i] * math.log2(marginal[i] + _EPS)
    imc1 = (hxy - hxy1) / hx if hx != 0.0 else 0.0
    out[0], out[1], out[2], out[3], out[4] = autocorrelation, mean, prominence, shade, tendency
    out[5], out[6], out[7], out[8], out[9] = contrast, correlation, average, -entropy, variance
    out[10], out[11], out[12], out[13] = energy, hxy, imc1, hxy2 - hxy
    out[14], out[15], out[16], out[17] = idm, idmn, inverse, idn
    out[18], out[19], out[20], out[21] = inverse_variance, maximum, -sum_entropy, squares


@compiled
def _per_direction(
    pairs: Pairs,
    log_chance: np.ndarray,
    log_product: np.ndarray,
    terms: np.ndarray,
    grey: np.ndarray,
    starts: np.ndarray,
    n_levels: np.ndarray,
) -> np.ndarray:
    """Features of each direction, shape (images, 4, 22); NaN where it has no pair."""
    images = len(n_levels)
    values = np.full((images, 4, GLCM_COUNT), _NAN)
    for image in range(images):
        n, level = n_levels[image], starts[image]
        levels = grey[level : level + n]
        brightest = int(levels[-1])
        differences, sums = np.empty(brightest), np.empty(2 * brightest + 1)
        first, last = pairs.product_start[image], pairs.product_start[image + 1]
        entropies = _product_entropies(terms[first:last], n)
        for direction in range(4):
            start, end = pairs.start[image * 4 + direction], pairs.start[image * 4 + direction + 1]
            if start == end:
                continue
            marginal = 4 * level + direction * n
            _direction(
                pairs.row[start:end],
                pairs.column[start:end],
                pairs.chance[start:end],
                log_chance[start:end],
                log_product[first + direction : last],
                pairs.marginal[marginal : marginal + n],
                levels,
                differences,
                sums,
                entropies[direction],
                values[image, direction],
            )
    return values


@compiled
def _mean_over_directions(values: np.ndarray) -> np.ndarray:
    """Mean over the second axis without its NaN; NaN where nothing is left."""
    images, directions, features = values.shape
    out = np.empty((images, features))
    for image in range(images):
        for feature in range(features):
            total, count = 0.0, 0
            for a in range(directions):
                if not math.isnan(values[image, a, feature]):
                    total += values[image, a, feature]
                    count += 1
            out[image, feature] = total / count if count else _NAN
    return out


def glcm_features(
    pairs: Pairs, grey: np.ndarray, starts: np.ndarray, n_levels: np.ndarray
) -> np.ndarray:
    """Co-occurrence features (mean over directions) in the order of the presets.

    A value that cancels to nothing but rounding depends on the order of summation, and NumPy
    adds along the memory: there, and where a direction is empty, :mod:`.glcm_cancelled` computes.

    Parameters
    ----------
    pairs : Pairs
        The products are used up.
    grey : ndarray of float64
        Grey levels that occur, increasing, one image after another.
    starts, n_levels : ndarray of int64, shape (images,)
        Where an image's levels start in `grey`, and their number.

    Returns
    -------
    ndarray, shape (images, 22)
    """
    log_chance = np.log2(pairs.chance[: pairs.start[-1]] + _EPS)
    product = pairs.product[: pairs.product_start[-1]]
    log_product = product + _EPS
    np.log2(log_product, out=log_product)
    # In place, as memory that is new costs more than the sums.
    terms = np.multiply(product, log_product, out=product)
    values = _per_direction(pairs, log_chance, log_product, terms, grey, starts, n_levels)
    gain = values[:, :, 13].copy()
    # 1 - e^-2x of a small x is mostly rounding of the power: from NumPy, as pyradiomics does.
    with np.errstate(invalid="ignore"):
        decay = np.e ** (-2 * gain)  # type: ignore[misc]
        values[:, :, 13] = np.where(gain == 0, 0.0, (1 - decay) ** 0.5)
    features = _mean_over_directions(values)
    # Without a pair the gain is NaN, which is no large one either.
    cancelled = ~(np.abs(gain) >= _CANCELLED).all(axis=1) | _cancelled(features)
    for image in np.flatnonzero(cancelled & (n_levels > 1)):
        counts = dense_counts(pairs, int(image), int(n_levels[image]))
        levels = grey[starts[image] : starts[image] + n_levels[image]]
        features[image] = glcm_in_numpy(counts, levels)
    return features


def _cancelled(features: np.ndarray) -> np.ndarray:
    """Whether a feature whose terms have two signs, or which can be zero, is about zero."""
    prominence, shade = features[:, 2], features[:, 3]
    # Correlation, Imc1, DifferenceEntropy, DifferenceVariance, SumEntropy
    smallest = np.abs(features[:, [6, 12, 8, 9, 20]]).min(axis=1)
    return (smallest < _CANCELLED) | (np.abs(shade) < _CANCELLED * prominence**0.75)
