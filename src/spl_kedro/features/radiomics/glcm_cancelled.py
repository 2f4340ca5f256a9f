"""Co-occurrence features where a value cancels to nothing but rounding.

There the result is the order of summation, and NumPy adds along the memory. The matrices are
therefore laid out in memory as pyradiomics' are, and the expressions are the ones of its
``radiomics.glcm`` (3.0.1; van Griethuysen et al., Cancer Research 2017; BSD licence), operation
by operation: the rounding is the same.
"""

from __future__ import annotations

import numpy as np

_EPS = np.spacing(1)


def probabilities(counts: np.ndarray, grey: np.ndarray) -> np.ndarray:
    """Lay counts out as pyradiomics' normalised matrices.

    Deleting absent levels and empty directions leaves a matrix transposed in memory or not: the
    same deletions give the same layout.

    Parameters
    ----------
    counts : ndarray of int64, shape (4, n, n)
    grey : ndarray of float64, shape (n,)
        Grey level of each row, increasing.

    Returns
    -------
    ndarray of float64, shape (1, n, n, directions)
    """
    n_grey = int(grey[-1])
    P = np.zeros((1, n_grey, n_grey, len(counts)))
    present = grey.astype(np.int64) - 1
    P[0][np.ix_(present, present)] = counts.transpose(1, 2, 0)
    absent = np.setdiff1d(np.arange(n_grey), present)
    P = np.delete(np.delete(P, absent, 1), absent, 2)
    empty = np.where(P.sum((0, 1, 2)) == 0)
    if len(empty[0]):
        P = np.delete(P, empty, 3)
    P /= P.sum((1, 2))[:, None, None, :]
    return P


def glcm_in_numpy(counts: np.ndarray, grey: np.ndarray) -> np.ndarray:
    """Co-occurrence features in pyradiomics' own order of operations.

    Parameters
    ----------
    counts : ndarray of int64, shape (4, n, n)
        Symmetrical counts.
    grey : ndarray of float64, shape (n,)
        Grey level of each row, increasing.

    Returns
    -------
    ndarray, shape (22,)
        In the order of the presets.
    """
    P = probabilities(counts, grey)
    n_grey = int(grey[-1])
    i, j = np.meshgrid(grey, grey, indexing="ij", sparse=True)
    sums, gaps = i + j, np.abs(i - j)
    pair_sum, pair_gap = sums[None, :, :, None], gaps[None, :, :, None]
    rows, columns = i[None, :, :, None], j[None, :, :, None]
    ux = np.sum(rows * P, (1, 2), keepdims=True)
    uy = np.sum(columns * P, (1, 2), keepdims=True)
    k = np.arange(0, n_grey, dtype=float)
    p_gap = np.array([np.sum(P[:, gaps == gap, :], 1) for gap in k]).transpose(1, 0, 2)
    p_sum = np.array(
        [np.sum(P[:, sums == total, :], 1) for total in np.arange(2, 2 * n_grey + 1, dtype=float)]
    ).transpose(1, 0, 2)
    k = k[None, :, None]
    with np.errstate(invalid="ignore"):
        per_direction = [
            np.sum(P * (i * j)[None, :, :, None], (1, 2)),  # Autocorrelation
            ux,  # JointAverage
            np.sum(P * ((pair_sum - ux - uy) ** 4), (1, 2)),  # ClusterProminence
            np.sum(P * ((pair_sum - ux - uy) ** 3), (1, 2)),  # ClusterShade
            np.sum(P * ((pair_sum - ux - uy) ** 2), (1, 2)),  # ClusterTendency
            np.sum(P * (pair_gap**2), (1, 2)),  # Contrast
            _correlation(P, rows - ux, columns - uy),
            *_of_differences(p_gap, k),
            np.sum(P**2, (1, 2)),  # JointEnergy
            *_of_information(P),
            np.sum(p_gap / (1 + (k**2)), 1),  # Idm
            np.sum(p_gap / (1 + ((k**2) / (n_grey**2))), 1),  # Idmn
            np.sum(p_gap / (1 + k), 1),  # Id
            np.sum(p_gap / (1 + (k / n_grey)), 1),  # Idn
            np.sum(p_gap[:, 1:, :] / k[:, 1:, :] ** 2, 1),  # InverseVariance
            np.amax(P, (1, 2)),  # MaximumProbability
            _entropy(p_sum, 1),  # SumEntropy
            np.sum(P * ((rows - ux) ** 2), (1, 2)),  # SumSquares
        ]
        return np.nanmean([values.ravel() for values in per_direction], axis=1)


def _entropy(p: np.ndarray, axes: int | tuple[int, ...]) -> np.ndarray:
    return (-1) * np.sum(p * np.log2(p + _EPS), axes)


def _correlation(P: np.ndarray, di: np.ndarray, dj: np.ndarray) -> np.ndarray:
    sigma_x = np.sum(P * (di**2), (1, 2), keepdims=True) ** 0.5
    sigma_y = np.sum(P * (dj**2), (1, 2), keepdims=True) ** 0.5
    correlation = np.sum(P * di * dj, (1, 2), keepdims=True) / (sigma_x * sigma_y + _EPS)
    correlation[sigma_x * sigma_y == 0] = 1
    return correlation


def _of_differences(p: np.ndarray, k: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """DifferenceAverage, DifferenceEntropy and DifferenceVariance."""
    average = np.sum(k * p, 1, keepdims=True)
    return average, _entropy(p, 1), np.sum(p * ((k - average) ** 2), 1)


def _of_information(P: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """JointEntropy, Imc1 and Imc2."""
    px, py = P.sum(2, keepdims=True), P.sum(1, keepdims=True)
    product = px * py
    hxy = _entropy(P, (1, 2))
    hxy1 = (-1) * np.sum(P * np.log2(product + _EPS), (1, 2))
    largest = np.fmax(_entropy(px, (1, 2)), _entropy(py, (1, 2)))
    imc1 = hxy - hxy1
    imc1[largest != 0] /= largest[largest != 0]
    imc1[largest == 0] = 0
    hxy2 = _entropy(product, (1, 2))
    imc2 = (1 - np.e ** (-2 * (hxy2 - hxy))) ** 0.5
    imc2[hxy2 == hxy] = 0
    return hxy, imc1, imc2
