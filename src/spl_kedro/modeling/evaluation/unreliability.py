"""Whether predicted risks can be right at all, and what that means for the ICI's interval."""

from __future__ import annotations

import numpy as np
from scipy.special import log_expit
from scipy.stats import chi2

from spl_kedro.modeling.evaluation.calibration import SmoothCalibration, log_odds
from spl_kedro.modeling.evaluation.checks import Array


def unreliability_p(label: Array, scores: Array) -> float:
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

    Returns
    -------
    float
        NaN where a repeat has no finite curve.
    """
    gains, freedom = [], 1
    for score in scores:
        curve = SmoothCalibration(label, score, np.ones((1, label.size)))
        freedom = curve.coefficients.shape[1]
        gain = _log_likelihood(label, curve.observed(score)[0]) - _log_likelihood(label, score)
        gains.append(2 * gain)
    return float(chi2.sf(np.mean(gains), freedom))


def _log_likelihood(label: Array, probability: Array) -> float:
    return float(log_expit((2 * label - 1) * log_odds(probability)).sum())


def ici_interval(low: float, high: float, p: float, confidence: float) -> tuple[float, float]:
    """Return the ICI's interval, which reaches to 0 unless the risks are shown to be wrong.

    The ICI is a mean distance and never negative: that of risks that are right is 0, and noise lies
    above it in every resample, so that the bootstrap's lower end is never at the truth.

    Parameters
    ----------
    low, high : float
        Of the percentile bootstrap.
    p : float
        From `unreliability_p`.
    confidence : float in (0.5, 1)

    Returns
    -------
    (low, high)
    """
    return (low if p < 1 - confidence else 0.0), high
