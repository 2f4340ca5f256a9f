"""The bootstrap: resampling patients, as a matrix of weights.

A statistic that accepts weights is evaluated on all resamples at once, and the estimate itself is
the same statistic at unit weights, so that each formula stands once.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from spl_kedro.modeling.evaluation.checks import Array
from spl_kedro.modeling.evaluation.normal import two_sided_z

#: Resamples that may lack a value (separated, one score) before the interval is withheld.
MAX_UNDEFINED = 0.05
#: Shares of exactly 0 and 1 have no log odds; they are moved this far inside.
_MARGIN = 1e-6
#: Draws that are in memory at once.
_DRAWN_AT_ONCE = 2_000_000


def generator(seed: int, *names: str) -> np.random.Generator:
    """Return a random generator of its own for a seed and the names of what is resampled."""
    return np.random.default_rng([seed, zlib.crc32("/".join(names).encode())])


def resampling_weights(
    label: ArrayLike,
    patient: ArrayLike,
    n_resamples: int,
    rng: np.random.Generator,
    recruited: int | None = None,
) -> Array:
    """Draw patients with replacement and count each lesion's draws.

    A patient with any malignant lesion belongs to the malignant class; all lesions of a drawn
    patient come along (Efron & Tibshirani 1993, ch. 8; Davison & Hinkley 1997, section 3.8).

    How many of the patients drawn are malignant is left to chance, as in another cohort; both
    classes are always there. In a part of a cohort that was divided in proportion to its classes,
    their share varies no more than in the whole cohort: it is drawn for as many patients as were
    `recruited`, and the part gets its own. Kept to the shares of this cohort, net benefit and
    calibration in the large, which hang on them, would have intervals that are too short
    (docs/coverage.md).

    Parameters
    ----------
    label : (n,) of 0 and 1
    patient : (n,)
        Identifier of each lesion's patient.
    n_resamples : int
    rng : numpy.random.Generator
    recruited : int, optional
        Patients of the cohort whose part this is; by default the patients given.

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
    drawn = _malignant_draws(malignant, n_resamples, rng, recruited)
    order = np.concatenate([np.flatnonzero(malignant), np.flatnonzero(~malignant)])
    counts = np.empty((n_resamples, n_patients))
    step = max(1, _DRAWN_AT_ONCE // n_patients)
    for first in range(0, n_resamples, step):
        counts[first : first + step] = _draw_counts(
            order, drawn[first : first + step], malignant, rng
        )
    return counts[:, position]


def _malignant_draws(
    malignant: NDArray[np.bool_], n_resamples: int, rng: np.random.Generator, recruited: int | None
) -> NDArray[np.int64]:
    """Return how many malignant patients each resample draws."""
    n, events = malignant.size, int(malignant.sum())
    if events in (0, n):
        return np.full(n_resamples, events)
    whole = max(n, recruited or n)
    share = rng.binomial(whole, events / n, n_resamples) / whole
    return np.clip(np.rint(n * share), 1, n - 1).astype(np.int64)


def _draw_counts(
    order: NDArray[np.int64],
    drawn: NDArray[np.int64],
    malignant: NDArray[np.bool_],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Count how often each patient is drawn; `order` names malignant patients first."""
    n, events = malignant.size, int(malignant.sum())
    of_malignant = np.arange(n) < drawn[:, None]
    uniform = rng.random((drawn.size, n)) * np.where(of_malignant, events, n - events)
    place = uniform.astype(np.int64) + np.where(of_malignant, 0, events)
    place = order[place] + np.arange(drawn.size)[:, None] * n
    return np.bincount(place.ravel(), minlength=drawn.size * n).reshape(drawn.size, n)


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


def spread_interval(
    value: Array, values: Array, confidence: float, *, logit_scale: bool = False
) -> tuple[Array, Array]:
    """Return the estimate +- z bootstrap standard errors (Efron & Tibshirani 1993, ch. 12).

    For measures whose resamples lean to one side of the truth, which the percentile interval then
    misses: resamples repeat lesions, so that a line or a ranking fits them better than it would fit
    new ones.

    Parameters
    ----------
    value : array of any shape
        The estimate.
    values : (n_resamples, ...) array
        NaN where a resample has no value.
    confidence : float in (0.5, 1)
    logit_scale : bool
        Whether the interval is made of log odds, for measures between 0 and 1.

    Returns
    -------
    (low, high) : arrays of the shape of the estimate
        NaN where more than `MAX_UNDEFINED` of the resamples have no value.
    """
    undefined = np.isnan(values).mean(axis=0) > MAX_UNDEFINED
    centre, spread = value, values
    if logit_scale:
        centre, spread = (logit(np.clip(part, _MARGIN, 1 - _MARGIN)) for part in (value, values))
    half = two_sided_z(confidence) * np.nanstd(np.where(undefined, 0.0, spread), axis=0, ddof=1)
    bounds = np.asarray(centre) + np.multiply.outer([-1.0, 1.0], half)
    low, high = expit(bounds) if logit_scale else bounds
    return np.where(undefined, np.nan, low), np.where(undefined, np.nan, high)
