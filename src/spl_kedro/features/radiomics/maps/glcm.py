"""pyradiomics' co-occurrence features in the kernel around each pixel.

A kernel holds a few dozen pairs of pixels, a matrix hundreds of cells that are nearly all empty. So
nothing runs over a matrix: moments are sums over the pairs themselves, and energies and entropies
grow while the pairs are counted, by what each adds to the sum of ``c * log2(c)``. Since the
matrices are symmetrical,

- variance and covariance are a quarter of the sum and of the difference of cluster tendency and
  contrast;
- the entropies of the product of marginals, HXY1 and HXY2, are both twice that of a marginal.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.glcm_formulas import GLCM_COUNT
from spl_kedro.features.radiomics.maps.grid import Grid

#: Columns that hang on how often pairs occur: DifferenceEntropy, JointEnergy, JointEntropy, Imc1,
#: Imc2, MaximumProbability, SumEntropy. The others are sums over the pairs.
COUNTED = (8, 10, 11, 12, 13, 19, 20)
#: Information below which a value is the rounding of logarithms.
NO_INFORMATION = 1e-12


class Counts(NamedTuple):
    """Memory for the counts of one direction of one kernel after another, 0 between uses.

    Attributes
    ----------
    joint : ndarray of int64
        At ``smaller rank * n_levels + larger rank``.
    marginal, of_gap, of_sum : ndarray of int64
        By rank, by difference and by sum of the levels.
    """

    joint: np.ndarray
    marginal: np.ndarray
    of_gap: np.ndarray
    of_sum: np.ndarray


def gap_weights(brightest: int) -> np.ndarray:
    """Weights of a pair by the difference of its levels.

    Parameters
    ----------
    brightest : int
        Largest level of the lesion, not of the kernel, as in pyradiomics.

    Returns
    -------
    ndarray of float64, shape (brightest, 5)
        Idm, Idmn, Id, Idn, InverseVariance.
    """
    gap = np.arange(brightest, dtype=np.float64)
    inverse = np.zeros(brightest)
    inverse[1:] = 1.0 / gap[1:] ** 2
    return np.stack(
        [
            1.0 / (1.0 + gap**2),
            1.0 / (1.0 + gap**2 / float(brightest) ** 2),
            1.0 / (1.0 + gap),
            1.0 / (1.0 + gap / brightest),
            inverse,
        ],
        axis=1,
    )


@compiled
def glcm_maps(grid: Grid, weights: np.ndarray, entropies: bool) -> np.ndarray:
    """Co-occurrence features of each kernel, mean over its directions.

    Parameters
    ----------
    grid : Grid
    weights : ndarray of float64
        From :func:`gap_weights`.
    entropies : bool
        Whether those of :data:`COUNTED` are wanted, which take most of the time; else they are 0.

    Returns
    -------
    ndarray of float64, shape (n, 22)
        In the order of the presets. A direction without a pair is left out, for JointAverage too,
        where pyradiomics gives no value; NaN in a kernel without any pair.
    """
    side, grey = 2 * grid.radius + 1, grid.grey
    n_levels, brightest = len(grey), grey[-1]
    counts = Counts(
        np.zeros(n_levels * n_levels, np.int64),
        np.zeros(n_levels, np.int64),
        np.zeros(brightest, np.int64),
        np.zeros(2 * brightest + 1, np.int64),
    )
    first, second = np.empty(side * side, np.int64), np.empty(side * side, np.int64)
    out = np.zeros((len(grid.rows), GLCM_COUNT))
    one = np.zeros(GLCM_COUNT)
    for k in range(len(grid.rows)):
        top, left = grid.rows[k] - grid.radius, grid.columns[k] - grid.radius
        directions = 0
        for direction in range(4):
            n = _gather(grid.ranks, top, left, side, direction, first, second)
            if n == 0:
                continue
            a, b = first[:n], second[:n]
            if entropies:
                _count(a, b, grey, counts, grid.c_log_c, one)
            _moments(a, b, grey, weights, one)
            directions += 1
            for feature in range(GLCM_COUNT):
                out[k, feature] += one[feature]
        for feature in range(GLCM_COUNT):
            out[k, feature] = out[k, feature] / directions if directions else math.nan
    return out


@compiled
def _gather(
    ranks: np.ndarray,
    top: int,
    left: int,
    side: int,
    direction: int,
    first: np.ndarray,
    second: np.ndarray,
) -> int:
    """Gather the pairs of one direction: down right, down, down left, right; their number."""
    down = int(direction < 3)
    across = 1 - direction if direction < 3 else 1
    start, stop = max(0, -across), side - max(0, across)
    n = 0
    for y in range(top, top + side - down):
        for x in range(left + start, left + stop):
            first[n], second[n] = ranks[y, x], ranks[y + down, x + across]
            # Written over by the next pair unless both pixels count.
            n += int((first[n] > 0) & (second[n] > 0))
    return n


@compiled
def _moments(
    first: np.ndarray, second: np.ndarray, grey: np.ndarray, weights: np.ndarray, out: np.ndarray
) -> None:
    """Features of one direction that are sums over its pairs."""
    n = len(first)
    total = products = gaps = squares = 0
    idm = idmn = inverse = idn = inverse_variance = 0.0
    for k in range(n):
        i, j = grey[first[k]], grey[second[k]]
        gap, both = abs(i - j), i + j
        total += both
        products += i * j
        gaps += gap
        squares += gap * gap
        idm += weights[gap, 0]
        idmn += weights[gap, 1]
        inverse += weights[gap, 2]
        idn += weights[gap, 3]
        inverse_variance += weights[gap, 4]
    tendency = shade = prominence = variance = 0.0
    mean_sum, mean_gap = total / n, gaps / n
    for k in range(n):
        i, j = grey[first[k]], grey[second[k]]
        cluster, apart = (i + j) - mean_sum, abs(i - j) - mean_gap
        square = cluster * cluster
        tendency += square
        shade += square * cluster
        prominence += square * square
        variance += apart * apart
    tendency, contrast = tendency / n, squares / n
    correlation = 1.0
    if tendency + contrast != 0.0:
        correlation = (tendency - contrast) / (tendency + contrast)
    out[0], out[1], out[2], out[3] = products / n, mean_sum / 2.0, prominence / n, shade / n
    out[4], out[5], out[6], out[7] = tendency, contrast, correlation, mean_gap
    out[9] = variance / n
    out[14], out[15], out[16], out[17] = idm / n, idmn / n, inverse / n, idn / n
    out[18], out[21] = inverse_variance / n, (tendency + contrast) / 4.0


@compiled
def _count(
    first: np.ndarray,
    second: np.ndarray,
    grey: np.ndarray,
    counts: Counts,
    log: np.ndarray,
    out: np.ndarray,
) -> None:
    """Features of one direction that hang on how often pairs occur; leaves all counts 0."""
    n, n_levels = len(first), len(grey)
    joint, marginal, of_gap, of_sum = counts
    energy = most = 0
    joint_log = marginal_log = gap_log = sum_log = 0.0
    for k in range(n):
        a, b = first[k], second[k]
        i, j = grey[a], grey[b]
        gap, both = abs(i - j), i + j
        # A pair of two levels fills two cells once each, one of a single level its cell twice.
        cells, step = (1, 2) if a == b else (2, 1)
        cell = min(a, b) * n_levels + max(a, b)
        before = joint[cell]
        after = before + step
        joint[cell] = after
        joint_log += cells * (log[after] - log[before])
        energy += cells * (after * after - before * before)
        most = max(most, after)
        before = marginal[a]
        marginal[a] = before + 1
        marginal_log += log[before + 1] - log[before]
        before = marginal[b]
        marginal[b] = before + 1
        marginal_log += log[before + 1] - log[before]
        before = of_gap[gap]
        of_gap[gap] = before + 1
        gap_log += log[before + 1] - log[before]
        before = of_sum[both]
        of_sum[both] = before + 1
        sum_log += log[before + 1] - log[before]
    for k in range(n):
        a, b = first[k], second[k]
        i, j = grey[a], grey[b]
        joint[min(a, b) * n_levels + max(a, b)] = 0
        marginal[a] = 0
        marginal[b] = 0
        of_gap[abs(i - j)] = 0
        of_sum[i + j] = 0
    pairs = 2.0 * n
    log_n = log[n] / n
    entropy = 1.0 + log_n - joint_log / pairs
    of_marginal = 1.0 + log_n - marginal_log / pairs
    information = 2.0 * of_marginal - entropy
    if information < NO_INFORMATION:
        information = 0.0
    out[8], out[10], out[11] = log_n - gap_log / n, energy / (pairs * pairs), entropy
    out[12] = -information / of_marginal if of_marginal > NO_INFORMATION else 0.0
    out[13] = math.sqrt(1.0 - math.exp(-2.0 * information))
    out[19], out[20] = most / pairs, log_n - sum_log / n
