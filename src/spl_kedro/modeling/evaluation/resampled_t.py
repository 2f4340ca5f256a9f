"""AUCs of cross-fitted scores, and their differences, where models vary too.

DeLong's variance takes the models as given. Cross-fitted scores are those of models that were
fitted on parts of the same lesions, and what is reported is read as the performance of another one,
the deployed model, or of models made this way. Over 100 simulated studies of exchangeable models
DeLong's test on such scores found a difference in 14 %, the test below in 8 % (docs/coverage.md).

The corrected resampled t-test (Nadeau & Bengio, Mach Learn 2003;52:239; for repeated
cross-validation Bouckaert & Frank, PAKDD 2004): of J values, one from each fold of each repeat,
the variance of their mean is (1/J + n_left_out/n_learnt) s^2, s^2 that of the values. The second
term stands for the lesions that the folds' models share.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit
from scipy.stats import t as student

from spl_kedro.modeling.evaluation.checks import Array
from spl_kedro.modeling.evaluation.delong import (
    AucInterval,
    AucTest,
    auc_covariance,
    auc_difference,
    auc_interval,
    structural_components,
)

METHOD, DELONG = "corrected resampled t", "delong"
#: Fewer folds in all say too little of how they vary.
MIN_FOLDS = 4


def fold_areas(label: np.ndarray, scores: Array, folds: np.ndarray) -> Array:
    """Return the AUC within each fold of each repeat.

    Parameters
    ----------
    label : (n,) of 0 and 1
    scores : (repeats, n)
    folds : (repeats, n) of int
        -1 for a model that was fitted on all lesions.

    Returns
    -------
    (j,) array
        Empty where scores are not cross-fitted, a fold lacks a class, or there are fewer than
        `MIN_FOLDS`.
    """
    areas = []
    for score, fold in zip(scores, folds, strict=True):
        for k in np.unique(fold):
            own = fold == k
            if k < 0 or np.unique(label[own]).size < 2:
                return np.empty(0)
            areas.append(float(structural_components(label[own], score[own])[0][0]))
    return np.array(areas) if len(areas) >= MIN_FOLDS else np.empty(0)


def corrected_variance(values: Array, folds: np.ndarray) -> float:
    """Return the variance of the mean of values, one of each fold of each repeat.

    Parameters
    ----------
    values : (j,)
    folds : (repeats, n) of int
    """
    left_out = np.mean([1 / np.unique(fold).size for fold in folds])
    return float((1 / values.size + left_out / (1 - left_out)) * values.var(ddof=1))


def cross_fitted_interval(
    label: np.ndarray,
    scores: Array,
    folds: np.ndarray,
    confidence: float = 0.95,
    patient: np.ndarray | None = None,
) -> AucInterval:
    """Return the AUC, the mean over repeats, with its interval.

    Parameters
    ----------
    label : (n,) of 0 and 1
    scores, folds : (repeats, n)
    confidence : float in (0.5, 1)
    patient : (n,), optional

    Returns
    -------
    AucInterval
        On the logit scale by Student's t of the folds; of scores that are not cross-fitted, and
        where the folds say nothing (`fold_areas`), that of `auc_interval`.
    """
    usual = auc_interval(label, scores, confidence, patient)
    areas = fold_areas(label, scores, folds)
    if not areas.size or np.ptp(areas) == 0 or usual.auc in (0.0, 1.0):
        return usual
    variance = corrected_variance(areas, folds)
    half = _quantile(areas, confidence) * variance**0.5 / (usual.auc * (1 - usual.auc))
    low, high = expit(logit(usual.auc) + np.array([-half, half]))
    return AucInterval(usual.auc, variance, float(low), float(high), f"{METHOD}, logit")


def cross_fitted_difference(
    label: np.ndarray,
    first: Array,
    second: Array,
    folds: np.ndarray,
    confidence: float = 0.95,
    patient: np.ndarray | None = None,
) -> tuple[AucTest, str]:
    """Test whether two models' AUCs differ, compared within a repeat.

    Parameters
    ----------
    label : (n,) of 0 and 1
    first, second : (repeats, n)
        Scores of both, in the same folds.
    folds : (repeats, n)
    confidence : float in (0.5, 1)
    patient : (n,), optional

    Returns
    -------
    test : AucTest
        Second minus first; `z` is Student's t for cross-fitted scores.
    method : str
        `METHOD`, or `DELONG` where scores are not cross-fitted or the folds say nothing.
    """
    auc, covariance = auc_covariance(label, [first, second], patient)
    usual = auc_difference(auc, covariance, 0, 1, confidence)
    areas = [fold_areas(label, scores, folds) for scores in (first, second)]
    if not areas[0].size or np.ptp(areas[1] - areas[0]) == 0:
        return usual, DELONG
    gains = areas[1] - areas[0]
    error = corrected_variance(gains, folds) ** 0.5
    half, t = _quantile(gains, confidence) * error, usual.difference / error
    p = float(2 * student.sf(abs(t), gains.size - 1))
    difference = usual.difference
    return AucTest(difference, difference - half, difference + half, t, p), METHOD


def _quantile(values: Array, confidence: float) -> float:
    return float(student.ppf((1 + confidence) / 2, values.size - 1))
