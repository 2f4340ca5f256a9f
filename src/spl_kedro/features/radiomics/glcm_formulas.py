"""pyradiomics' co-occurrence formulas (GLCM) on matrices of counts, compiled.

Sums run over the matrices in pyradiomics' order (row by row, one accumulator per
direction), where most results come out bit for bit; empty cells contribute exact
zeros and are skipped. The entropies take their logarithms from NumPy, as pyradiomics
does: Imc2 tests two of them for equality.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from spl_kedro.features.radiomics.glcm_cancelled import glcm_in_numpy

_EPS = float(np.spacing(1))
_NAN = float("nan")
_CANCELLED = 1e-6  # relative size below which a value is mostly rounding

GLCM_COUNT = 22


@numba.njit(cache=True, nogil=True)
def normalise_glcm(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities, marginals and their products of the directions that have any pair.

    Parameters
    ----------
    counts : ndarray of int64, shape (4, n, n)

    Returns
    -------
    p : ndarray, shape (directions, n, n)
    marginal : ndarray, shape (directions, n)
    product : ndarray, shape (directions, n, n)
    """
    n = counts.shape[1]
    totals = np.zeros(4, np.int64)
    kept = 0
    for a in range(4):
        totals[a] = counts[a].sum()
        if totals[a] > 0:
            kept += 1
    p = np.zeros((kept, n, n))
    marginal = np.zeros((kept, n))
    product = np.zeros((kept, n, n))
    k = 0
    for a in range(4):
        if totals[a] == 0:
            continue
        for i in range(n):
            row = 0.0
            for j in range(n):
                if counts[a, i, j]:
                    value = counts[a, i, j] / float(totals[a])
                    p[k, i, j] = value
                    row += value
            marginal[k, i] = row
        for i in range(n):
            for j in range(n):
                product[k, i, j] = marginal[k, i] * marginal[k, j]
        k += 1
    return p, marginal, product


@numba.njit(cache=True, nogil=True)
def _glcm_direction(
    p: np.ndarray,
    marginal: np.ndarray,
    product: np.ndarray,
    log_p: np.ndarray,
    log_product: np.ndarray,
    grey: np.ndarray,
    n_grey: int,
    out: np.ndarray,
) -> None:
    """Twenty-two co-occurrence features of one direction, into `out`.

    In the place of Imc2 the difference of entropies it is made of.
    """
    n = len(grey)
    differences = np.zeros(n_grey)
    sums = np.zeros(2 * n_grey + 1)
    mean = 0.0
    autocorrelation = contrast = energy = maximum = 0.0
    hxy = hxy1 = hxy2 = 0.0
    mean_y = 0.0
    for i in range(n):
        for j in range(n):
            hxy2 += product[i, j] * log_product[i, j]
            value = p[i, j]
            if value == 0.0:
                continue
            gi, gj = grey[i], grey[j]
            mean += gi * value
            mean_y += gj * value
            autocorrelation += value * (gi * gj)
            gap = abs(gi - gj)
            contrast += value * (gap * gap)
            energy += value * value
            if value > maximum:
                maximum = value
            hxy += value * log_p[i, j]
            hxy1 += value * log_product[i, j]
            differences[int(gap)] += value
            sums[int(gi + gj)] += value
    hxy, hxy1, hxy2 = -hxy, -hxy1, -hxy2
    prominence = shade = tendency = squares = squares_y = covariance = 0.0
    for i in range(n):
        for j in range(n):
            value = p[i, j]
            if value == 0.0:
                continue
            gi, gj = grey[i], grey[j]
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


@numba.njit(cache=True, nogil=True)
def mean_over_directions(values: np.ndarray) -> np.ndarray:
    """Mean of each column without its NaN; NaN where nothing is left."""
    out = np.empty(values.shape[1])
    for feature in range(values.shape[1]):
        total, count = 0.0, 0
        for a in range(values.shape[0]):
            if not math.isnan(values[a, feature]):
                total += values[a, feature]
                count += 1
        out[feature] = total / count if count else _NAN
    return out


@numba.njit(cache=True, nogil=True)
def _glcm_directions(
    p: np.ndarray,
    marginal: np.ndarray,
    product: np.ndarray,
    log_p: np.ndarray,
    log_product: np.ndarray,
    grey: np.ndarray,
    n_grey: int,
) -> np.ndarray:
    values = np.empty((len(p), GLCM_COUNT))
    for a in range(len(p)):
        _glcm_direction(
            p[a], marginal[a], product[a], log_p[a], log_product[a], grey, n_grey, values[a]
        )
    return values


def glcm_features(counts: np.ndarray, grey: np.ndarray) -> np.ndarray:
    """Co-occurrence features (mean over directions) in the order of the presets.

    A value that cancels to nothing but rounding depends on the order of summation, and NumPy
    adds along the memory: there, and where a direction is empty, :mod:`.glcm_cancelled` computes.

    Parameters
    ----------
    counts : ndarray of int64, shape (4, n, n)
        Symmetrical counts.
    grey : ndarray of float64, shape (n,)
        Grey level of each row, increasing.

    Returns
    -------
    ndarray, shape (22,)
    """
    p, marginal, product = normalise_glcm(counts)
    if len(grey) > 1 and len(p) < len(counts):
        return glcm_in_numpy(counts, grey)
    log_p, log_product = np.log2(p + _EPS), np.log2(product + _EPS)
    values = _glcm_directions(p, marginal, product, log_p, log_product, grey, int(grey[-1]))
    gain = values[:, 13]
    if len(grey) > 1 and np.abs(gain).min() < _CANCELLED:
        return glcm_in_numpy(counts, grey)
    # 1 - e^-2x of a small x is mostly rounding of the power: from NumPy, as pyradiomics does.
    with np.errstate(invalid="ignore"):
        decay = np.e ** (-2 * gain)  # type: ignore[misc]
        values[:, 13] = np.where(gain == 0, 0.0, (1 - decay) ** 0.5)
    features = mean_over_directions(values)
    if len(grey) > 1 and _cancelled(features):
        return glcm_in_numpy(counts, grey)
    return features


def _cancelled(features: np.ndarray) -> bool:
    """Whether a feature whose terms have two signs, or which can be zero, is about zero."""
    prominence, shade = features[2], features[3]
    correlation, imc1 = features[6], features[12]
    difference_entropy, difference_variance, sum_entropy = features[8], features[9], features[20]
    smallest = min(
        abs(correlation), abs(imc1), difference_entropy, difference_variance, sum_entropy
    )
    return bool(smallest < _CANCELLED or abs(shade) < _CANCELLED * prominence**0.75)
