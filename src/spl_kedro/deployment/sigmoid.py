"""A straight line on a score's log odds: what recalibration adds on top of a model."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from spl_kedro.modeling.evaluation.calibration import log_odds
from spl_kedro.modeling.evaluation.logistic import logistic

#: The methods that add a line, the simplest first.
METHODS = ("none", "intercept", "intercept_and_slope")


class Sigmoid(NamedTuple):
    """log odds -> intercept + slope * log odds; rising, so that the order of cases stays.

    Attributes
    ----------
    intercept : float
        In log odds.
    slope : float
        Above 0.
    """

    intercept: float = 0.0
    slope: float = 1.0

    def __call__(self, score: ArrayLike) -> NDArray[np.float64]:
        """Return recalibrated probabilities; the same bits where there is nothing to change.

        Parameters
        ----------
        score : array-like of float
            From 0 to 1, or NaN. Infinite limits of a set stay infinite.
        """
        values = np.asarray(score, dtype=float)
        if self == Sigmoid():
            return values
        inside = np.where(np.isfinite(values), values, 0.5)
        changed = expit(self.intercept + self.slope * log_odds(inside))
        return np.where(np.isfinite(values), changed, values)

    def inverse(self, score: ArrayLike) -> NDArray[np.float64]:
        """Return the scores that the line turns into these."""
        return Sigmoid(-self.intercept / self.slope, 1 / self.slope)(score)


def fit_sigmoid(label: NDArray, score: NDArray, method: str) -> Sigmoid | None:
    """Fit the line to cases.

    Source: Cox, Biometrika 1958;45:562; as an update of a model Steyerberg et al., Stat Med
    2004;23:2567.

    Parameters
    ----------
    label : ndarray of 0 and 1, shape (n,)
    score : ndarray of float, shape (n,)
        Probabilities.
    method : str
        One of :data:`METHODS`.

    Returns
    -------
    Sigmoid or None
        None where there is no finite line (the classes are separated) or one that falls: the
        score then says nothing, or the opposite, of these cases.
    """
    if method == "none":
        return Sigmoid()
    labels, odds = np.asarray(label, dtype=float), log_odds(score)
    ones = np.ones((labels.size, 1))
    if method == "intercept":
        found = np.append(logistic(ones, labels, odds), 1.0)
    else:
        found = logistic(np.column_stack([ones, odds]), labels)
    if not np.isfinite(found).all() or found[1] <= 0:
        return None
    return Sigmoid(float(found[0]), float(found[1]))
