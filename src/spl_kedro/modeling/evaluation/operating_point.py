"""What a threshold does: sensitivity, specificity and their relatives, with intervals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit
from statsmodels.stats.proportion import proportion_confint

from spl_kedro.modeling.evaluation.checks import Array
from spl_kedro.modeling.evaluation.normal import two_sided_z


class Confusion(NamedTuple):
    """Counts at a threshold (arrays of one shape; one entry per resample, or one in all)."""

    true_positive: Array
    false_positive: Array
    false_negative: Array
    true_negative: Array


def confusion(label: Array, score: Array, threshold: float | Array, weights: Array) -> Confusion:
    """Count the four outcomes; a score at or above the threshold is called malignant.

    Parameters
    ----------
    label : (n,) of 0.0 and 1.0
    score : (n,)
    threshold : float or (n,)
    weights : (..., n)
        How often each lesion counts.

    Returns
    -------
    Confusion
    """
    called = (score >= threshold).astype(float)
    return Confusion(
        weights @ (called * label),
        weights @ (called * (1 - label)),
        weights @ ((1 - called) * label),
        weights @ ((1 - called) * (1 - label)),
    )


def proportions(counts: Confusion) -> dict[str, tuple[Array, Array]]:
    """Return numerator and denominator of every measure that is a simple proportion.

    Parameters
    ----------
    counts : Confusion

    Returns
    -------
    dict
        sensitivity, specificity, accuracy, ppv, npv -> (numerator, denominator).
    """
    tp, fp, fn, tn = counts
    return {
        "sensitivity": (tp, tp + fn),
        "specificity": (tn, tn + fp),
        "accuracy": (tp + tn, tp + fp + fn + tn),
        "ppv": (tp, tp + fp),
        "npv": (tn, tn + fn),
    }


def ratio(numerator: ArrayLike, denominator: ArrayLike) -> Array:
    """Return numerator / denominator, NaN where the denominator is zero."""
    top, bottom = np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float)
    return np.divide(top, bottom, out=np.full(bottom.shape, np.nan), where=bottom != 0)


def f1_score(counts: Confusion) -> Array:
    """Return F1 = 2 TP / (2 TP + FP + FN) (van Rijsbergen 1979), NaN without positives at all."""
    tp, fp, fn, _ = counts
    return ratio(2 * tp, 2 * tp + fp + fn)


def matthews_correlation(counts: Confusion) -> Array:
    """Return Matthews' correlation (Biochim Biophys Acta 1975;405:442), in [-1, 1].

    0 where all lesions are called the same, its limit by convention (Chicco & Jurman, BMC
    Genomics 2020;21:6).
    """
    tp, fp, fn, tn = counts
    margins = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    top = tp * tn - fp * fn
    return np.divide(top, np.sqrt(margins), out=np.zeros_like(top), where=margins > 0)


def wilson_interval(
    successes: ArrayLike, trials: ArrayLike, confidence: float = 0.95
) -> tuple[Array, Array]:
    """Return Wilson's score interval of a proportion (J Am Stat Assoc 1927;22:209).

    By statsmodels.

    Parameters
    ----------
    successes, trials : array-like of counts
    confidence : float in (0.5, 1)

    Returns
    -------
    (low, high) : arrays in [0, 1]
        NaN where there are no trials.
    """
    share = ratio(successes, trials)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = proportion_confint(
            np.asarray(successes, dtype=float),
            np.asarray(trials, dtype=float),
            alpha=1 - confidence,
            method="wilson",
        )
    # At 0 and n successes the bound is 0 or 1 exactly, which rounding may miss.
    return np.where(share == 0, 0.0, low), np.where(share == 1, 1.0, high)


def predictive_values_at(
    sensitivity: ArrayLike, specificity: ArrayLike, prevalence: float
) -> tuple[Array, Array]:
    """Return PPV and NPV at a stated prevalence, by Bayes' rule (Mercaldo 2007, equation 1).

    Parameters
    ----------
    sensitivity, specificity : array-like in [0, 1]
    prevalence : float in (0, 1)

    Returns
    -------
    (ppv, npv) : arrays
        NaN where no lesion can be called so.
    """
    se, sp = np.asarray(sensitivity, dtype=float), np.asarray(specificity, dtype=float)
    sick, well = se * prevalence, sp * (1 - prevalence)
    return ratio(sick, sick + (1 - sp) * (1 - prevalence)), ratio(
        well, well + (1 - se) * prevalence
    )


def predictive_value_intervals(
    counts: Confusion, prevalence: float, confidence: float = 0.95
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the intervals of PPV and NPV at a stated prevalence.

    Mercaldo's logit interval; where a count is zero his adjusted one, which adds z^2/2 to each
    of the four counts and so stays defined at a sensitivity or specificity of 1.

    Source: Mercaldo, Lau & Zhou, Stat Med 2007;26:2170.

    Parameters
    ----------
    counts : Confusion of single counts
    prevalence : float in (0, 1)
    confidence : float in (0.5, 1)

    Returns
    -------
    (ppv_low, ppv_high), (npv_low, npv_high)
    """
    z = two_sided_z(confidence)
    added = z**2 / 2 if min(counts) == 0 else 0.0
    tp, fp, fn, tn = (float(count) + added for count in counts)
    n1, n0 = tp + fn, fp + tn
    se, sp = tp / n1, tn / n0
    values = predictive_values_at(se, sp, prevalence)
    variances = ((1 - se) / se / n1 + sp / (1 - sp) / n0, se / (1 - se) / n1 + (1 - sp) / sp / n0)
    bounds = []
    for value, variance in zip(values, variances, strict=True):
        low, high = expit(logit(value) + np.array([-z, z]) * variance**0.5)
        bounds.append((float(low), float(high)))
    return bounds[0], bounds[1]
