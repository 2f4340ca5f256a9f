"""A linear classifier's probability, with a shortcut for mixed lesions.

Shapley values need the score of many lesions that take some features from one lesion and the
rest from another. The decision of a linear classifier is a sum over features, so a mixture's is
the sum of two parts, one from each lesion: scoring all mixtures is two matrix products.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from spl_kedro.explainability.calibrated import calibrated_parts


@dataclass(frozen=True)
class LinearProbability:
    """Weighted sum of the features, sigmoid.

    Attributes
    ----------
    weights : ndarray, shape (n_features,)
        Of the features as they are, not standardised.
    intercept : float
    slope, offset : float
        Probability = 1 / (1 + exp(slope * decision + offset)) (Platt 1999).
    enter_as : callable, optional
        What becomes of rows (m, n_features) before they are weighted; column by column, so that it
        may be done before rows are mixed.
    """

    weights: np.ndarray
    intercept: float
    slope: float = -1.0
    offset: float = 0.0
    enter_as: Callable[[np.ndarray], np.ndarray] | None = None

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Return the probabilities, shape (m,), of rows (m, n_features)."""
        return self._probability(self._entered(rows) @ self.weights)

    def _entered(self, rows: np.ndarray) -> np.ndarray:
        return rows if self.enter_as is None else self.enter_as(rows)

    def mixed_scores(
        self, rows: np.ndarray, references: np.ndarray, masks: np.ndarray
    ) -> np.ndarray:
        """Return the probability of every mixture of a row and a reference.

        Parameters
        ----------
        rows : ndarray, shape (n_rows, n_features)
        references : ndarray, shape (n_references, n_features)
        masks : ndarray of bool, shape (n_masks, n_features)
            True where the feature is taken from the row.

        Returns
        -------
        ndarray, shape (n_rows, n_masks, n_references)
        """
        taken = masks.astype(float)
        own = (self._entered(rows) * self.weights) @ taken.T
        other = (self._entered(references) * self.weights) @ (1 - taken).T
        return self._probability(own[:, :, None] + other.T[None, :, :])

    def _probability(self, weighted: np.ndarray) -> np.ndarray:
        decision = weighted + self.intercept
        probability: np.ndarray = expit(-(self.slope * decision + self.offset))
        return probability


def linear_probability(classifier: Any) -> LinearProbability | None:
    """Return the shortcut for a signature's classifier; None where it has another form.

    Parameters
    ----------
    classifier : ProbabilityClassifier
        Fitted.
    """
    parts = calibrated_parts(classifier)
    if parts is None or not hasattr(parts.model, "coef_"):
        return None
    scale, mean = parts.scaler.scale_, parts.scaler.mean_
    weights = parts.model.coef_[0] / scale
    shortcut = LinearProbability(
        weights=weights,
        intercept=float(parts.model.intercept_[0] - mean @ weights),
        slope=float(parts.sigmoid.a_),
        offset=float(parts.sigmoid.b_),
    )
    # The parts are scikit-learn's own; should a release change their meaning, do without.
    probe = mean + scale * np.linspace(-3, 3, 7)[:, None]
    same = np.allclose(shortcut(probe), classifier.predict_proba(probe)[:, 1], rtol=0, atol=1e-10)
    return shortcut if same else None
