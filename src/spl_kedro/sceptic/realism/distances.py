"""Distances between two sets of images, on all bootstrap resamples at once.

Every distance takes weights of the images, a row for each resample: unit weights give the distance
itself, and of a set to itself each distance is zero.

Sources: Vallender, Theory Probab Appl 1974;18:784 (Wasserstein's distance on a line is the area
between two distribution functions); Gray & Markel, IEEE Trans Acoust Speech Signal Process
1976;24:380 (log spectral distance); Székely & Rizzo, J Stat Plan Inference 2013;143:1249 (energy
distance and its coefficient, 0 for equal distributions and at most 1).
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist
from scipy.stats import rankdata

#: Central part of a set's values that counts as its range.
_RANGE = (0.025, 0.975)


def even_weights(n: int) -> np.ndarray:
    """Return the weights of a set as it is, shape (1, n)."""
    return np.full((1, n), 1 / n)


def bootstrap_weights(n: int, n_resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Return the weights of images drawn with replacement, shape (n_resamples, n)."""
    return rng.multinomial(n, np.full(n, 1 / n), size=n_resamples) / n


def relative_shift(
    first: np.ndarray, second: np.ndarray, own: np.ndarray, other: np.ndarray
) -> np.ndarray:
    """Return by how many per cent the values of two sets differ.

    Parameters
    ----------
    first, second : ndarray, shape (n,) and (m,)
        A positive value for each image.
    own, other : ndarray, shape (B, n) and (B, m)
        Weights.

    Returns
    -------
    ndarray, shape (B,)
        100 (exp(W) - 1), W Wasserstein's distance of the logarithms: 100 where one set's values
        are twice the other's.
    """
    x, y = np.log(first), np.log(second)
    grid = np.sort(np.concatenate([x, y]))
    apart = own @ (x[:, None] <= grid) - other @ (y[:, None] <= grid)
    return 100 * np.expm1(np.abs(apart[:, :-1]) @ np.diff(grid))


def grey_distance(
    first: np.ndarray, second: np.ndarray, own: np.ndarray, other: np.ndarray
) -> np.ndarray:
    """Return Wasserstein's distance of two sets' mean histograms, in grey levels.

    Parameters
    ----------
    first, second : ndarray, shape (n, 256) and (m, 256)
        Shares of each image's pixels.
    own, other : ndarray, shape (B, n) and (B, m)

    Returns
    -------
    ndarray, shape (B,)
    """
    return np.abs(np.cumsum(own @ first - other @ second, axis=1)).sum(axis=1)


def spectral_distance(
    first: np.ndarray, second: np.ndarray, own: np.ndarray, other: np.ndarray
) -> np.ndarray:
    """Return the log spectral distance of two sets' mean spectra.

    Parameters
    ----------
    first, second : ndarray, shape (n, k) and (m, k)
        dB.
    own, other : ndarray, shape (B, n) and (B, m)

    Returns
    -------
    ndarray, shape (B,)
        Root of the mean squared difference over frequencies, dB.
    """
    return np.sqrt(((own @ first - other @ second) ** 2).mean(axis=1))


def standardised_differences(
    first: np.ndarray, second: np.ndarray, own: np.ndarray, other: np.ndarray
) -> np.ndarray:
    """Return each feature's difference of means over its standard deviation within sets.

    Parameters
    ----------
    first, second : ndarray, shape (n, p) and (m, p)
    own, other : ndarray, shape (B, n) and (B, m)

    Returns
    -------
    ndarray, shape (B, p)
        Absolute; NaN where a feature varies in neither set.
    """
    # About one origin, so that large values keep their digits.
    origin = np.concatenate([first, second]).mean(axis=0)
    x, y = first - origin, second - origin
    mean_x, mean_y = own @ x, other @ y
    variance = (own @ x**2 - mean_x**2 + other @ y**2 - mean_y**2) / 2
    scale = np.abs(np.concatenate([first, second])).max(axis=0)
    known = variance > (1e-9 * scale) ** 2
    return np.where(known, np.abs(mean_x - mean_y) / np.sqrt(np.where(known, variance, 1)), np.nan)


def share_covered(
    first: np.ndarray, second: np.ndarray, own: np.ndarray, other: np.ndarray
) -> np.ndarray:
    """Return the share of features whose median in the second set lies in the range of the first.

    Parameters
    ----------
    first, second : ndarray, shape (n, p) and (m, p)
    own, other : ndarray, shape (B, n) and (B, m)

    Returns
    -------
    ndarray, shape (B,)
        0 to 1. A range is the central 95 % of the values.
    """
    shares = []
    for weights, others in zip(own, other, strict=True):
        low, high = np.quantile(_drawn(first, weights), _RANGE, axis=0)
        middle = np.median(_drawn(second, others), axis=0)
        shares.append(((low <= middle) & (middle <= high)).mean())
    return np.array(shares)


def energy_coefficient(
    first: np.ndarray, second: np.ndarray, own: np.ndarray, other: np.ndarray
) -> np.ndarray:
    """Return the energy distance of two sets over its largest possible value.

    Parameters
    ----------
    first, second : ndarray, shape (n, p) and (m, p)
    own, other : ndarray, shape (B, n) and (B, m)

    Returns
    -------
    ndarray, shape (B,)
        0 to 1. Each feature counts by its rank among all images, so that no unit matters.
    """
    ranks = rankdata(np.concatenate([first, second]), axis=0) / (len(first) + len(second))
    x, y = ranks[: len(first)], ranks[len(first) :]

    def mean(a: np.ndarray, b: np.ndarray, of_a: np.ndarray, of_b: np.ndarray) -> np.ndarray:
        return np.einsum("bi,bi->b", of_a @ cdist(a, b), of_b)

    between = mean(x, y, own, other)
    apart = 2 * between - mean(x, x, own, own) - mean(y, y, other, other)
    return np.maximum(apart, 0) / np.where(between > 0, 2 * between, 1)


def _drawn(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the rows as often as they were drawn."""
    counts = np.rint(weights * len(values)).astype(int)
    return np.repeat(values, counts, axis=0)
