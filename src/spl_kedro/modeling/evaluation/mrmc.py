"""Readers and cases that both vary: the analysis of Obuchowski and Rockette, as Hillis revised it.

Sources: Obuchowski & Rockette, Commun Stat Simul Comput 1995;24:285 (model, test); Hillis, Stat Med
2007;26:596 (degrees of freedom, intervals) and 2014;33:330 (its derivation as an analysis of
marginal means); Obuchowski, Biometrics 1997;53:567 (several lesions of a patient).

Reader j reaches the accuracy theta_ij (an AUC, a sensitivity) with modality i. The model is
theta_ij = mean_i + R_j + (mean R)_ij + error_ij; errors are correlated because all read the same
cases: Cov1 between the modalities of one reader, Cov2 between readers with one modality, Cov3
between different readers with different modalities.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from spl_kedro.modeling.evaluation.checks import Array

# A variance below it is zero but for rounding.
_NONE = 1e-15


class VarianceComponents(NamedTuple):
    """What makes readers' accuracies vary; estimates of an analysis of variance may be negative.

    Attributes
    ----------
    reader, reader_modality : float
        Variance between readers, and of what a modality changes in one reader more than in others.
    error : float
        Variance that comes from the cases.
    cov1, cov2, cov3 : float
        Covariances of the errors: same reader, same modality, neither.
    """

    reader: float
    reader_modality: float
    error: float
    cov1: float
    cov2: float
    cov3: float


class Estimate(NamedTuple):
    """An accuracy, or a difference of two, with its interval and its test against zero.

    Attributes
    ----------
    value, standard_error : float
    df : float
        Degrees of freedom of Student's t; infinite: normal.
    low, high, statistic, p : float
        NaN where nothing varies but the value is not zero.
    """

    value: float
    standard_error: float
    df: float
    low: float
    high: float
    statistic: float
    p: float


def variance_components(theta: Array, covariance: Array) -> VarianceComponents:
    """Estimate the variance components of a fully crossed study.

    Parameters
    ----------
    theta : (t, r)
        Accuracy of r readers with t modalities, both at least 2.
    covariance : (t, r, t, r)
        Covariance of the accuracies over cases, such as DeLong's.

    Returns
    -------
    VarianceComponents
    """
    modalities = len(theta)
    error, cov1, cov2, cov3 = _mean_covariances(covariance)
    _, reader, interaction = _mean_squares(theta)
    return VarianceComponents(
        reader=(reader - interaction) / modalities - cov1 + cov3,
        reader_modality=interaction - error + cov1 + max(cov2 - cov3, 0.0),
        error=error,
        cov1=cov1,
        cov2=cov2,
        cov3=cov3,
    )


def compare_modalities(
    theta: Array, covariance: Array, confidence: float = 0.95, *, fixed_readers: bool = False
) -> Estimate:
    """Return the difference of two modalities, averaged over readers (second minus first).

    Parameters
    ----------
    theta : (2, r)
        Accuracy of each reader, of whom there are at least 2.
    covariance : (2, r, 2, r)
        Covariance of the accuracies over cases.
    confidence : float in (0.5, 1)
    fixed_readers : bool
        False: the result is about readers and cases like these. True: about these very readers
        and cases like these, with a normal test.

    Returns
    -------
    Estimate

    Notes
    -----
    With random readers the variance is 2/r [MS(TR) + r max(Cov2 - Cov3, 0)], and the degrees of
    freedom are those of Hillis (2007), [MS(TR) + r max(Cov2 - Cov3, 0)]^2 / [MS(TR)^2 / (r - 1)].
    With fixed readers it is 2/r [error - Cov1 + (r - 1) max(Cov2 - Cov3, 0)]. For two modalities
    the square of the statistic is the F of the analysis of variance.
    """
    readers = theta.shape[1]
    error, cov1, cov2, cov3 = _mean_covariances(covariance)
    shared = max(cov2 - cov3, 0.0)
    if fixed_readers:
        spread, df = error - cov1 + (readers - 1) * shared, np.inf
    else:
        spread, df = _with_readers(_mean_squares(theta)[2], shared, readers)
    first, second = theta.mean(axis=1)
    return estimate(float(second - first), 2 / readers * spread, df, confidence)


def mean_accuracy(
    theta: Array, covariance: Array, confidence: float = 0.95, *, fixed_readers: bool = False
) -> Estimate:
    """Return the mean accuracy of the readers with one modality, from its own data alone.

    Parameters
    ----------
    theta : (r,)
        At least 2 readers.
    covariance : (r, r)
    confidence, fixed_readers
        See `compare_modalities`.

    Returns
    -------
    Estimate
        The interval is not cut at 0 and 1.
    """
    readers = theta.size
    between = covariance[~np.eye(readers, dtype=bool)].mean()
    shared = max(float(between), 0.0)
    if fixed_readers:
        spread, df = float(np.diag(covariance).mean()) + (readers - 1) * shared, np.inf
    else:
        spread, df = _with_readers(float(theta.var(ddof=1)), shared, readers)
    return estimate(float(theta.mean()), spread / readers, df, confidence)


def estimate(value: float, variance: float, df: float, confidence: float) -> Estimate:
    """Return a value with its interval and its two-sided test against zero.

    Parameters
    ----------
    value : float
    variance : float
        Of the value; NaN where it is not known.
    df : float
        Degrees of freedom of Student's t; infinite: normal.
    confidence : float in (0.5, 1)

    Returns
    -------
    Estimate
        Without a variance, a value of zero has the interval 0 to 0 and p = 1.
    """
    # Accuracies that agree do so but for rounding.
    if variance < _NONE and abs(value) < 1e-12:
        return Estimate(0.0, 0.0, df, 0.0, 0.0, 0.0, 1.0)
    if not variance >= _NONE:
        return Estimate(value, np.nan, df, np.nan, np.nan, np.nan, np.nan)
    error = variance**0.5
    half = float(student.ppf((1 + confidence) / 2, df)) * error
    statistic = value / error
    p = 2 * float(student.sf(abs(statistic), df))
    return Estimate(value, error, df, value - half, value + half, statistic, p)


def _with_readers(mean_square: float, shared: float, readers: int) -> tuple[float, float]:
    """Return what varies per reader, and Hillis' degrees of freedom."""
    spread = mean_square + readers * shared
    if mean_square < _NONE:
        return spread, np.inf
    return spread, (readers - 1) * (spread / mean_square) ** 2


def _mean_squares(theta: Array) -> tuple[float, float, float]:
    """Return the mean squares of modality, reader and their interaction."""
    modalities, readers = theta.shape
    by_modality = theta.mean(axis=1, keepdims=True)
    by_reader = theta.mean(axis=0, keepdims=True)
    rest = theta - by_modality - by_reader + theta.mean()
    return (
        float(readers * by_modality.var(ddof=1)),
        float(modalities * by_reader.var(ddof=1)),
        float((rest**2).sum() / ((modalities - 1) * (readers - 1))),
    )


def _mean_covariances(covariance: Array) -> tuple[float, float, float, float]:
    """Return the mean error variance and the means of Cov1, Cov2 and Cov3."""
    i, j, other_i, other_j = np.indices(covariance.shape)
    same_modality, same_reader = i == other_i, j == other_j
    kinds = (
        same_modality & same_reader,
        ~same_modality & same_reader,
        same_modality & ~same_reader,
        ~same_modality & ~same_reader,
    )
    error, cov1, cov2, cov3 = (float(covariance[kind].mean()) for kind in kinds)
    return error, cov1, cov2, cov3
