"""Calibration: whether predicted probabilities agree with what happened."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import expit, logit
from scipy.stats import chi2

from spl_kedro.modeling.evaluation.bootstrap import percentile_interval
from spl_kedro.modeling.evaluation.checks import Array, checked_scores, is_separated
from spl_kedro.modeling.evaluation.logistic import weighted_logistic
from spl_kedro.modeling.evaluation.operating_point import wilson_interval
from spl_kedro.modeling.evaluation.splines import knots_of, spline_design
from spl_kedro.modeling.evaluation.sums import linear_predictor, weighted_sum

#: Probabilities of exactly 0 and 1 have no log odds; they are moved this far inside.
PROBABILITY_MARGIN = 1e-6


class HosmerLemeshow(NamedTuple):
    """The Hosmer-Lemeshow statistic, its degrees of freedom and p-value."""

    statistic: float
    degrees_of_freedom: int
    p: float


def log_odds(probability: ArrayLike) -> Array:
    """Return log(p / (1 - p)), with p kept `PROBABILITY_MARGIN` away from 0 and 1."""
    inside = np.clip(
        np.asarray(probability, dtype=float), PROBABILITY_MARGIN, 1 - PROBABILITY_MARGIN
    )
    return logit(inside)


def brier_score(label: Array, score: Array, weights: Array) -> Array:
    """Return the mean squared error of the probabilities (Brier, Mon Weather Rev 1950;78:1).

    Parameters
    ----------
    label : (n,) of 0.0 and 1.0
    score : (n,) in [0, 1]
    weights : (..., n)

    Returns
    -------
    (...,) array in [0, 1], 0 best
    """
    return weighted_sum(weights, (score - label) ** 2) / weights.sum(axis=-1)


def calibration_slope(label: Array, score: Array, weights: Array) -> Array:
    """Return the slope of the outcome's log odds on the predicted log odds.

    1 is right; below 1 the predictions are too extreme (overfitted).

    Source: Cox, Biometrika 1958;45:562; Van Calster et al., BMC Med 2019;17:230.

    Parameters
    ----------
    label : (n,) of 0.0 and 1.0
    score : (n,) in [0, 1]
    weights : (b, n)

    Returns
    -------
    (b,) array
        NaN where there is no finite slope (separation, constant scores).
    """
    if is_separated(label, score) or np.ptp(score) == 0:
        return np.full(weights.shape[0], np.nan)
    predicted = log_odds(score)
    design = np.column_stack([np.ones_like(predicted), predicted])
    return weighted_logistic(design, label, weights)[:, 1]


def calibration_intercept(label: Array, score: Array, weights: Array) -> Array:
    """Return calibration in the large: the shift in log odds that makes the mean right.

    The intercept with the slope held at 1. 0 is right; above 0 the risk is underestimated.

    Source: Cox, Biometrika 1958;45:562; Van Calster et al., BMC Med 2019;17:230.

    Parameters
    ----------
    label : (n,) of 0.0 and 1.0
    score : (n,) in [0, 1]
    weights : (b, n)

    Returns
    -------
    (b,) array
    """
    return weighted_logistic(np.ones((label.size, 1)), label, weights, log_odds(score))[:, 0]


class SmoothCalibration:
    """The smooth curve of observed on predicted risk, in every resample at once.

    A logistic regression of the outcome on a restricted cubic spline (three knots) of the predicted
    log odds; a straight line where the scores have too few values for three knots, a single
    point where they have one.

    Source: Austin & Steyerberg, Stat Med 2014;33:517; Austin, Harrell & van Klaveren, Stat Med
    2020;39:2714 (splines).

    Parameters
    ----------
    label : (n,) of 0.0 and 1.0
    score : (n,) in [0, 1]
    weights : (b, n)
    """

    def __init__(self, label: Array, score: Array, weights: Array) -> None:
        self._score, self._weights = score, weights
        predicted = log_odds(score)
        self._knots = knots_of(predicted)
        self._constant = np.ptp(score) == 0
        design = self._design(predicted)
        if is_separated(label, score):
            self.coefficients = np.full((weights.shape[0], design.shape[1]), np.nan)
        else:
            self.coefficients = weighted_logistic(design, label, weights)

    def _design(self, predicted: Array) -> Array:
        design = spline_design(predicted, self._knots)
        return design[:, :1] if self._constant else design

    def observed(self, probability: Array) -> Array:
        """Return the curve's observed risk at predicted risks.

        Parameters
        ----------
        probability : (m,) in [0, 1]

        Returns
        -------
        (b, m) array in [0, 1]
            NaN rows where a resample has no finite curve.
        """
        return expit(linear_predictor(self.coefficients, self._design(log_odds(probability))))

    def ici(self) -> Array:
        """Return the integrated calibration index: the mean of |predicted - observed| risk.

        0 is perfect; on the scale of a probability (Austin & Steyerberg, Stat Med 2019;38:4051).

        Returns
        -------
        (b,) array in [0, 1]
        """
        values, position = np.unique(self._score, return_inverse=True)
        gap = np.abs(self.observed(values) - values)[:, position]
        return (self._weights * gap).sum(axis=1) / self._weights.sum(axis=1)


def risk_groups(score: ArrayLike, n_groups: int) -> np.ndarray:
    """Return each lesion's risk group: between equally spaced quantiles, ties kept together.

    Parameters
    ----------
    score : (n,)
    n_groups : int
        Fewer result where quantiles coincide.

    Returns
    -------
    (n,) array of whole numbers from 0
    """
    values = np.asarray(score, dtype=float)
    edges = np.unique(np.quantile(values, np.linspace(0, 1, n_groups + 1)[1:-1]))
    _, group = np.unique(np.searchsorted(edges, values, side="left"), return_inverse=True)
    return group


def calibration_bins(
    label: ArrayLike, score: ArrayLike, n_groups: int = 10, confidence: float = 0.95
) -> pd.DataFrame:
    """Return mean predicted and observed risk by risk group.

    Parameters
    ----------
    label : (n,) of 0 and 1
    score : (n,) in [0, 1]
    n_groups : int
    confidence : float in (0.5, 1)

    Returns
    -------
    DataFrame
        predicted, observed, low, high (Wilson), n, events: one row per group.
    """
    labels, scores = checked_scores(label, score, probabilities=True)
    group = risk_groups(scores, n_groups)
    n = np.bincount(group)
    events = np.bincount(group, labels)
    low, high = wilson_interval(events, n, confidence)
    return pd.DataFrame(
        {
            "predicted": np.bincount(group, scores) / n,
            "observed": events / n,
            "low": low,
            "high": high,
            "n": n,
            "events": events.astype(int),
        }
    )


def averaged_calibration_bins(
    label: Array, scores: Array, weights: Array, n_groups: int, confidence: float
) -> pd.DataFrame:
    """Return mean predicted and observed risk by risk group, of repeated scores.

    Groups lie between quantiles of all repeats' scores; a lesion may be in other groups in
    other repeats. The interval is the bootstrap's, since a group's entries are not as many lesions.

    Parameters
    ----------
    label : (n,) of 0.0 and 1.0
    scores : (repeats, n)
    weights : (b, n)
        The first row of ones, then the resamples.
    n_groups : int
    confidence : float in (0.5, 1)

    Returns
    -------
    DataFrame
        As `calibration_bins`; n and events are means over the repeats, rounded.
    """
    group = risk_groups(scores.ravel(), n_groups).reshape(scores.shape)
    rows = []
    for number in range(int(group.max()) + 1):
        times = (group == number).sum(axis=0)
        total, events = weights @ times, weights @ (times * label)
        # A resample may lack all lesions of a small group: no share there.
        share = np.divide(events, total, out=np.full(total.shape, np.nan), where=total > 0)
        low, high = percentile_interval(share[1:], confidence)
        rows.append(
            {
                "predicted": scores[group == number].mean(),
                "observed": share[0],
                "low": float(low),
                "high": float(high),
                "n": round(total[0] / len(scores)),
                "events": round(events[0] / len(scores)),
            }
        )
    return pd.DataFrame(rows)


def hosmer_lemeshow(label: ArrayLike, score: ArrayLike, n_groups: int = 10) -> HosmerLemeshow:
    """Test whether events by risk group agree with the predicted ones.

    The degrees of freedom are the number of groups, since the probabilities were not fitted to
    these outcomes (two fewer would be right for a model's own training data).

    Source: Hosmer, Lemeshow & Sturdivant, Applied Logistic Regression, 3rd ed. 2013, section 5.2.2.

    Parameters
    ----------
    label : (n,) of 0 and 1
    score : (n,) in [0, 1]
    n_groups : int

    Returns
    -------
    HosmerLemeshow
        p is 0 where an event happened in a group with an expected count of zero.
    """
    table = calibration_bins(label, score, n_groups)
    n = table["n"].to_numpy(dtype=float)
    expected = n * table["predicted"].to_numpy()
    squared = (table["events"].to_numpy() - expected) ** 2
    variance = expected * (1 - expected / n)
    terms = np.where(squared == 0, 0.0, np.inf)
    np.divide(squared, variance, out=terms, where=variance > 0)
    statistic = float(terms.sum())
    return HosmerLemeshow(statistic, len(table), float(chi2.sf(statistic, len(table))))
