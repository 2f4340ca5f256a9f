"""Area under the ROC curve, its variance, and the difference between models' areas.

Sources: DeLong, DeLong & Clarke-Pearson, Biometrics 1988;44:837 (variance, test); Sun & Xu, IEEE
Signal Process Lett 2014;21:1389 (midranks); Obuchowski, Biometrics 1997;53:567 (several lesions of
a patient); Newcombe, Stat Med 2006;25:559 (areas of 0 and 1); Airola et al., Comput Stat Data Anal
2011;55:1828 (areas within folds); Pepe, The Statistical Evaluation of Medical Tests, 2003, ch. 5
(interval on the logit scale); Sen, Calcutta Stat Assoc Bull 1960;10:1 (structural components
of a U-statistic of any kernel).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import rankdata

from spl_kedro.modeling.evaluation.checks import ONE_PATIENT, Array, checked_scores
from spl_kedro.modeling.evaluation.normal import two_sided_p, two_sided_z
from spl_kedro.modeling.evaluation.sums import weighted_sum


class AucInterval(NamedTuple):
    """An area, its variance, and its interval with the method that gave it."""

    auc: float
    variance: float
    low: float
    high: float
    method: str


class AucTest(NamedTuple):
    """Difference of two areas (second minus first) on the same lesions."""

    difference: float
    low: float
    high: float
    z: float
    p: float


def structural_components(label: ArrayLike, scores: ArrayLike) -> tuple[Array, Array, Array]:
    """Return each model's AUC and DeLong's structural components.

    Parameters
    ----------
    label : (n,) of 0 and 1
    scores : (k, n)

    Returns
    -------
    auc : (k,)
    malignant : (k, n1)
        Share of benign lesions each malignant lesion outscores, ties counted half.
    benign : (k, n0)
        Share of malignant lesions that outscore each benign lesion.
    """
    labels, values = checked_scores(label, np.atleast_2d(np.asarray(scores, dtype=float)))
    positive, negative = values[:, labels == 1], values[:, labels == 0]
    ranks = rankdata(values, axis=1)
    malignant = (ranks[:, labels == 1] - rankdata(positive, axis=1)) / negative.shape[1]
    benign = 1 - (ranks[:, labels == 0] - rankdata(negative, axis=1)) / positive.shape[1]
    return malignant.mean(axis=1), malignant, benign


def averaged_components(
    label: ArrayLike, scores: Sequence[ArrayLike] | Array
) -> tuple[Array, Array, Array]:
    """Return each model's mean AUC over its repeats and the mean structural components.

    The AUC of repeat r is the mean over pairs of a malignant lesion i and a benign lesion j of
    the kernel psi(x_ri, x_rj): 1 if i scores above j, a half if they tie, else 0. The mean of the
    AUCs over R repeats is therefore the mean over the same pairs of one kernel,
    (1/R) sum_r psi(x_ri, x_rj), that is a U-statistic in the lesions, each with its R scores. Sen's
    structural components of a U-statistic are the conditional means of its kernel, whatever the
    kernel: here the means over repeats of DeLong's components. Their covariance over patients
    is the variance of the averaged AUC. It carries the correlation between a lesion's repeats,
    which R separate variances do not: their mean would be that of a single repeat, and their mean
    divided by R would take every repeat for new patients.

    Parameters
    ----------
    label : (n,) of 0 and 1
    scores : k models, each (n,) or (repeats, n)
        The models may differ in their number of repeats.

    Returns
    -------
    auc : (k,)
    malignant : (k, n1)
    benign : (k, n0)
        As `structural_components`, averaged over the repeats of each model.
    """
    models = [np.atleast_2d(np.asarray(score, dtype=float)) for score in scores]
    parts = structural_components(label, np.vstack(models))
    ends = np.cumsum([len(model) for model in models])[:-1]
    auc, malignant, benign = (
        np.stack([repeats.mean(axis=0) for repeats in np.split(part, ends)]) for part in parts
    )
    return auc, malignant, benign


def auc_covariance(
    label: ArrayLike, scores: Sequence[ArrayLike] | Array, patient: ArrayLike | None = None
) -> tuple[Array, Array]:
    """Return the AUCs of k models on the same lesions and their covariance matrix.

    Written as Obuchowski's sum over patients, which is DeLong's covariance exactly when every
    patient has one lesion. Of repeated scores the AUC is the mean over the repeats and the
    components are averaged before the sum (see `averaged_components`).

    Parameters
    ----------
    label : (n,) of 0 and 1
    scores : k models, each (n,) or (repeats, n)
    patient : (n,), optional
        Identifier of each lesion's patient; none: every lesion is a patient of its own.

    Returns
    -------
    auc : (k,)
    covariance : (k, k)
        NaN where a class has fewer than two patients.
    """
    auc, malignant, benign = averaged_components(label, scores)
    deviations = malignant - auc[:, None], benign - auc[:, None]
    return auc, component_covariance(label, *deviations, patient)


def component_covariance(
    label: ArrayLike, malignant: Array, benign: Array, patient: ArrayLike | None = None
) -> Array:
    """Return the covariance of k measures that are linear in the lesions.

    To first order such a measure is a mean over malignant plus a mean over benign lesions: the AUC
    of its structural components, sensitivity plus specificity of the right calls.

    Parameters
    ----------
    label : (n,) of 0 and 1
    malignant : (k, n1)
        What each malignant lesion contributes less the mean, in the order of `label`.
    benign : (k, n0)
    patient : (n,), optional
        See `auc_covariance`.

    Returns
    -------
    (k, k)
        NaN where a class has fewer than two patients.
    """
    is_malignant = np.asarray(label) == 1
    who = np.arange(is_malignant.size) if patient is None else np.asarray(patient)
    _, position = np.unique(who, return_inverse=True)
    n_patients = int(position.max()) + 1
    n1, n0 = malignant.shape[1], benign.shape[1]
    excess1 = _sum_by_patient(malignant, position[is_malignant], n_patients)
    excess0 = _sum_by_patient(benign, position[~is_malignant], n_patients)
    patients1 = np.unique(position[is_malignant]).size
    patients0 = np.unique(position[~is_malignant]).size
    if min(patients1, patients0) < 2:
        return np.full((len(malignant), len(malignant)), np.nan)
    within1 = _products(excess1, excess1) * patients1 / (patients1 - 1) / n1**2
    within0 = _products(excess0, excess0) * patients0 / (patients0 - 1) / n0**2
    between = _products(excess1, excess0) * n_patients / (n_patients - 1) / (n1 * n0)
    return within1 + within0 + between + between.T


def _products(first: Array, second: Array) -> Array:
    """Return the sums over patients of all pairs of rows, the same bits for any thread count."""
    return np.stack([weighted_sum(second, row) for row in first])


def _sum_by_patient(values: Array, position: np.ndarray, n_patients: int) -> Array:
    return np.stack([np.bincount(position, row, minlength=n_patients) for row in values])


def auc_interval(
    label: ArrayLike,
    score: ArrayLike,
    confidence: float = 0.95,
    patient: ArrayLike | None = None,
) -> AucInterval:
    """Return the AUC (the mean over repeats, where there are several) with its interval.

    The interval is logit(AUC) +- z * standard error / (AUC (1 - AUC)), brought back to the AUC's
    scale: near 1 the estimates are skewed, and AUC +- z * standard error holds the truth too seldom
    and misses it on one side (docs/coverage.md). At an AUC of 0 or 1 DeLong's variance is
    zero whatever n; Newcombe's score interval is given there instead, and `method` says so.

    Parameters
    ----------
    label : (n,) of 0 and 1
    score : (n,) or (repeats, n)
    confidence : float in (0.5, 1)
    patient : (n,), optional
        See `auc_covariance`.

    Returns
    -------
    AucInterval
        `method` is "delong logit", "obuchowski logit" (several lesions of a patient), "newcombe",
        or the rule that left the interval undefined (NaN).
    """
    (auc,), ((variance,),) = auc_covariance(label, [score], patient)
    n1 = int(np.sum(np.asarray(label) == 1))
    n0 = np.size(label) - n1
    auc, variance = float(auc), float(variance)
    if auc in (0.0, 1.0):
        low, high = newcombe_interval(auc, n1, n0, confidence)
        return AucInterval(auc, 0.0, low, high, "newcombe")
    if np.isnan(variance):
        return AucInterval(auc, variance, np.nan, np.nan, ONE_PATIENT)
    clustered = patient is not None and np.unique(np.asarray(patient)).size < n1 + n0
    half = two_sided_z(confidence) * variance**0.5 / (auc * (1 - auc))
    low, high = expit(logit(auc) + np.array([-half, half]))
    method = "obuchowski logit" if clustered else "delong logit"
    return AucInterval(auc, variance, float(low), float(high), method)


def auc_within(label: ArrayLike, score: ArrayLike, stratum: ArrayLike) -> float:
    """Return the AUC that compares only lesions of the same stratum; see `areas_within`.

    Parameters
    ----------
    label : (n,) of 0 and 1
    score : (n,)
    stratum : (n,)

    Returns
    -------
    float
        NaN if no stratum holds both classes.
    """
    return float(areas_within(label, np.asarray(score)[None], stratum)[0])


def areas_within(label: ArrayLike, scores: ArrayLike, stratum: ArrayLike) -> Array:
    """Return each model's AUC that compares only lesions of the same stratum.

    The strata's areas, weighted by their numbers of pairs. Scores of different folds come from
    different models and are on scales of their own: a fold left with fewer malignant lesions is
    scored by a model that saw more of them, and pooling the folds then gives an area below one
    half to a model that knows nothing (Parker, Gunter & Bedo, BMC Bioinformatics 2007;8:326).

    Parameters
    ----------
    label : (n,) of 0 and 1
    scores : (k, n)
    stratum : (n,)
        Fold of each lesion; one value throughout gives the ordinary area.

    Returns
    -------
    (k,)
        NaN if no stratum holds both classes.
    """
    labels, strata = np.asarray(label), np.asarray(stratum)
    values = np.asarray(scores, dtype=float)
    won, pairs = np.zeros(len(values)), 0
    for value in np.unique(strata):
        mine = strata == value
        n1 = int((labels[mine] == 1).sum())
        n_pairs = n1 * (int(mine.sum()) - n1)
        if n_pairs:
            # Sums of whole and half numbers, so exact: areas that tie are equal to the last bit.
            ranks = rankdata(values[:, mine], axis=1)[:, labels[mine] == 1]
            won += ranks.sum(axis=1) - n1 * (n1 + 1) / 2
            pairs += n_pairs
    return won / pairs if pairs else np.full(len(values), np.nan)


def newcombe_interval(auc: float, n1: int, n0: int, confidence: float) -> tuple[float, float]:
    """Return Newcombe's score interval of an AUC (his method 5).

    The bounds are the areas A at which |auc - A| is z standard errors, with the variance
    A(1-A) [1 + N ((1-A)/(2-A) + A/(1+A))] / (n1 n0), N = (n1 + n0)/2 - 1.

    Parameters
    ----------
    auc : float in [0, 1]
    n1, n0 : int
        Malignant and benign lesions.
    confidence : float in (0.5, 1)

    Returns
    -------
    (low, high)
    """
    z = two_sided_z(confidence)
    pairs, half_n = n1 * n0, (n1 + n0) / 2 - 1

    def excess(area: float) -> float:
        spread = 1 + half_n * ((1 - area) / (2 - area) + area / (1 + area))
        return (auc - area) ** 2 - z**2 * area * (1 - area) * spread / pairs

    low = 0.0 if auc == 0 else brentq(excess, 0.0, auc - 1e-12)
    high = 1.0 if auc == 1 else brentq(excess, auc + 1e-12, 1.0)
    return float(low), float(high)


def auc_difference(
    auc: Array, covariance: Array, first: int, second: int, confidence: float = 0.95
) -> AucTest:
    """Test whether two models' areas on the same lesions differ (two-sided normal test).

    Parameters
    ----------
    auc, covariance : as `auc_covariance` returns them
    first, second : int
        Positions of the models.
    confidence : float in (0.5, 1)

    Returns
    -------
    AucTest
        The difference is second minus first. Identical rankings give z = 0 and p = 1.
    """
    difference = float(auc[second] - auc[first])
    variance = float(
        covariance[first, first] + covariance[second, second] - 2 * covariance[first, second]
    )
    # Two models that rank alike differ by rounding only; their variance is zero but for rounding.
    if variance < 1e-15:
        if abs(difference) < 1e-12:
            return AucTest(0.0, 0.0, 0.0, 0.0, 1.0)
        return AucTest(difference, np.nan, np.nan, np.nan, np.nan)
    error = variance**0.5
    half = two_sided_z(confidence) * error
    z = difference / error
    return AucTest(difference, difference - half, difference + half, z, float(two_sided_p(z)))
