"""Whether predicted risks can be right at all, and what that means for the ICI's interval."""

from __future__ import annotations

import numpy as np
from scipy.special import log_expit
from scipy.stats import chi2

from spl_kedro.modeling.evaluation.bootstrap import percentile_interval
from spl_kedro.modeling.evaluation.calibration import SmoothCalibration, log_odds
from spl_kedro.modeling.evaluation.checks import Array


def unreliability_p(label: Array, scores: Array, resamples: Array | None = None) -> float:
    """Test whether predicted risks are right: the smooth calibration curve against the diagonal.

    Twice the gain in log-likelihood of the curve over the predicted risks themselves, chi-squared
    with as many degrees of freedom as the curve has coefficients, since the predicted risks were
    not fitted to these outcomes. Of repeated scores the mean over the repeats.

    Source: Miller, Hui & Tierney, Stat Med 1991;10:1213, with the spline of `SmoothCalibration` in
    the place of their straight line.

    Parameters
    ----------
    label : (n,) of 0.0 and 1.0
    scores : (repeats, n) in [0, 1]
    resamples : (b, n), optional
        Of patients with several lesions, for whom the likelihood is none: Wald's test of the
        curve's coefficients then, with their covariance over the resamples.

    Returns
    -------
    float
        NaN where a repeat has no finite curve.
    """
    once = np.ones((1, label.size))
    statistics, freedom = [], 1
    for score in scores:
        weights = once if resamples is None else np.vstack([once, resamples])
        curve = SmoothCalibration(label, score, weights)
        freedom = curve.coefficients.shape[1]
        if resamples is None:
            gain = _log_likelihood(label, curve.observed(score)[0]) - _log_likelihood(label, score)
            statistics.append(2 * gain)
        else:
            statistics.append(_wald(curve.coefficients, score))
    return float(chi2.sf(np.mean(statistics), freedom))


def _log_likelihood(label: Array, probability: Array) -> float:
    return float(log_expit((2 * label - 1) * log_odds(probability)).sum())


def _wald(coefficients: Array, score: Array) -> float:
    """Return how far the first row lies from the diagonal, in the covariance of the others."""
    # An intercept of 0 and a slope of 1; of constant scores their own log odds.
    single = coefficients.shape[1] == 1
    diagonal = log_odds(score[:1]) if single else np.eye(coefficients.shape[1])[1]
    off = coefficients[0] - diagonal
    drawn = coefficients[1:][np.isfinite(coefficients[1:]).all(axis=1)]
    if np.isnan(off).any() or len(drawn) <= off.size:
        return np.nan
    return float(off @ np.linalg.pinv(np.atleast_2d(np.cov(drawn.T))) @ off)


def ici_interval(values: Array, p: float, confidence: float) -> tuple[float, float]:
    """Return the ICI's interval, which reaches to 0 unless the risks are shown to be wrong.

    The ICI is a mean distance and never negative: that of risks that are right is 0, and noise adds
    to it in the cohort as in every resample. Where the risks are shown to be wrong, the percentile
    interval's lower end is moved down by twice what resampling adds, once for each of the two.

    Parameters
    ----------
    values : (1 + b,) array
        The estimate, then the resamples.
    p : float
        From `unreliability_p`.
    confidence : float in (0.5, 1)

    Returns
    -------
    (low, high)
    """
    low, high = (float(bound) for bound in percentile_interval(values[1:], confidence))
    if np.isnan(low) or not p < 1 - confidence:
        return (low if np.isnan(low) else 0.0), high
    return max(0.0, low - 2 * max(0.0, float(np.nanmean(values[1:]) - values[0]))), high
