"""The bootstrap: resampling patients within each class, as a matrix of weights.

A statistic that accepts weights is evaluated on all resamples at once, and the estimate itself is
the same statistic at unit weights, so that each formula stands once.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spl_kedro.modeling.evaluation.checks import Array

#: Resamples that may lack a value (separated, one score) before the interval is withheld.
MAX_UNDEFINED = 0.05


def generator(seed: int, *names: str) -> np.random.Generator:
    """Return a random generator of its own for a seed and the names of what is resampled."""
    return np.random.default_rng([seed, zlib.crc32("/".join(names).encode())])


def resampling_weights(
    label: ArrayLike, patient: ArrayLike, n_resamples: int, rng: np.random.Generator
) -> Array:
    """Draw patients with replacement within each class and count each lesion's draws.

    A patient with any malignant lesion belongs to the malignant class; all lesions of a drawn
    patient come along (Efron & Tibshirani 1993, ch. 8; Davison & Hinkley 1997, section 3.8).

    Parameters
    ----------
    label : (n,) of 0 and 1
    patient : (n,)
        Identifier of each lesion's patient.
    n_resamples : int
    rng : numpy.random.Generator

    Returns
    -------
    (n_resamples, n) array of non-negative whole numbers
        How often each lesion occurs in each resample.
    """
    _, position = np.unique(np.asarray(patient), return_inverse=True)
    labels = np.asarray(label)
    n_patients = int(position.max()) + 1
    malignant = np.zeros(n_patients, dtype=bool)
    np.logical_or.at(malignant, position, labels == 1)
    counts = np.zeros((n_resamples, n_patients))
    for stratum in (np.flatnonzero(~malignant), np.flatnonzero(malignant)):
        if stratum.size:
            counts[:, stratum] = _draw_counts(stratum.size, n_resamples, rng)
    return counts[:, position]


def _draw_counts(size: int, n_resamples: int, rng: np.random.Generator) -> NDArray[np.int64]:
    drawn = rng.integers(0, size, (n_resamples, size))
    drawn += np.arange(n_resamples)[:, None] * size
    return np.bincount(drawn.ravel(), minlength=n_resamples * size).reshape(n_resamples, size)


def percentile_interval(values: Array, confidence: float) -> tuple[Array, Array]:
    """Return the percentile interval of bootstrap values (Efron & Tibshirani 1993, ch. 13).

    Parameters
    ----------
    values : (n_resamples, ...) array
        NaN where a resample has no value.
    confidence : float in (0.5, 1)

    Returns
    -------
    (low, high) : arrays of the shape of one value
        NaN where more than `MAX_UNDEFINED` of the resamples have no value.
    """
    undefined = np.isnan(values).mean(axis=0) > MAX_UNDEFINED
    filled = np.where(undefined, 0.0, values)
    tail = (1 - confidence) / 2
    if np.isnan(filled).any():
        low, high = np.nanquantile(filled, [tail, 1 - tail], axis=0)
    else:
        low, high = np.quantile(filled, [tail, 1 - tail], axis=0)
    return np.where(undefined, np.nan, low), np.where(undefined, np.nan, high)
