"""pyradiomics' co-occurrence features in the kernel around each pixel.

A kernel holds a few dozen pairs of pixels, a matrix hundreds of cells that are nearly all empty. So
nothing runs over a matrix: moments follow from sums over the pairs (:mod:`.glcm_sums`), energies
and entropies from how often pairs occur, counted as the kernel moves (:mod:`.glcm_counts`). Since
the matrices are symmetrical,

- variance and covariance are a quarter of the sum and of the difference of cluster tendency and
  contrast;
- the entropies of the product of marginals, HXY1 and HXY2, are both twice that of a marginal.
"""

from __future__ import annotations

import math

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.glcm_formulas import GLCM_COUNT
from spl_kedro.features.radiomics.maps.directions import divide_by_directions
from spl_kedro.features.radiomics.maps.glcm_counts import pair_counts
from spl_kedro.features.radiomics.maps.glcm_sums import pair_sums
from spl_kedro.features.radiomics.maps.grid import LOG_UNITS, UNITS, Grid

#: Columns that hang on how often pairs occur: DifferenceEntropy, JointEnergy, JointEntropy, Imc1,
#: Imc2, MaximumProbability, SumEntropy. The others are sums over the pairs.
COUNTED = (8, 10, 11, 12, 13, 19, 20)
#: Information below which a value is the rounding of logarithms.
NO_INFORMATION = 1e-12


def glcm_maps(grid: Grid, entropies: bool) -> np.ndarray:
    """Co-occurrence features of each kernel, mean over its directions.

    Parameters
    ----------
    grid : Grid
    entropies : bool
        Whether those of :data:`COUNTED` are wanted, which take most of the time; else they are 0.

    Returns
    -------
    ndarray of float64, shape (n, 22)
        In the order of the presets. A direction without a pair is left out, for JointAverage too,
        where pyradiomics gives no value; NaN in a kernel without any pair.
    """
    out = np.zeros((len(grid.rows), GLCM_COUNT))
    directions = np.zeros(len(grid.rows), np.int64)
    for direction in range(4):
        sums = pair_sums(grid, direction)
        _add_moments(sums, out)
        if entropies:
            _add_entropies(sums[:, 0], pair_counts(grid, direction), grid.c_log_c, out)
        directions += sums[:, 0] > 0
    divide_by_directions(out, directions)
    return out


@compiled
def _add_moments(sums: np.ndarray, out: np.ndarray) -> None:
    """Add the features of one direction that are sums over its pairs, where it has any."""
    for k in range(len(sums)):
        n, gaps, squares = sums[k, 0], sums[k, 1], sums[k, 2]
        if n == 0:
            continue
        one = 1.0 / n
        first, second, third, fourth = sums[k, 8], sums[k, 9], sums[k, 10], sums[k, 11]
        # Moments of the sum of two levels about the whole number nearest to their mean.
        near = math.floor(first * one + 0.5)
        a = first - n * near
        b = second - near * (2 * first - n * near)
        c = third - near * (3 * second - near * (3 * first - n * near))
        d = fourth - near * (4 * third - near * (6 * second - near * (4 * first - n * near)))
        off = a * one
        tendency, contrast = n * b - a * a, n * squares
        both = tendency + contrast
        own = out[k]
        own[0] += (second - squares) // 4 * one
        own[1] += first * one / 2.0
        own[2] += (d - off * (4.0 * c - off * (6.0 * b))) * one - 3.0 * off * off * off * off
        own[3] += (c - off * (3.0 * b)) * one + 2.0 * off * off * off
        own[4] += tendency * one * one
        own[5] += squares * one
        own[6] += float(tendency - contrast) / both if both else 1.0
        own[7] += gaps * one
        own[9] += (n * squares - gaps * gaps) * one * one
        unit = one / UNITS
        own[14] += sums[k, 3] * unit
        own[15] += sums[k, 4] * unit
        own[16] += sums[k, 5] * unit
        own[17] += sums[k, 6] * unit
        own[18] += sums[k, 7] * unit
        own[21] += both * one * one / 4.0


@compiled
def _add_entropies(pairs: np.ndarray, counts: np.ndarray, log: np.ndarray, out: np.ndarray) -> None:
    """Add the features of one direction that hang on how often pairs occur, where it has any."""
    for k in range(len(pairs)):
        n, own = pairs[k], out[k]
        if n == 0:
            continue
        one = 1.0 / n
        unit = one / LOG_UNITS
        # Of 2 n cells: log2(2 n) is 1 + log2(n).
        entropy = (log[2 * n] - counts[k, 0]) * (unit / 2.0)
        of_marginal = (log[2 * n] - counts[k, 3]) * (unit / 2.0)
        information = 2.0 * of_marginal - entropy
        if information < NO_INFORMATION:
            information = 0.0
        own[8] += (log[n] - counts[k, 4]) * unit
        own[10] += counts[k, 1] * one * one / 4.0
        own[11] += entropy
        own[12] += -information / of_marginal if of_marginal > NO_INFORMATION else 0.0
        own[13] += math.sqrt(1.0 - math.exp(-2.0 * information))
        own[19] += counts[k, 2] * one / 2.0
        own[20] += (log[n] - counts[k, 5]) * unit
