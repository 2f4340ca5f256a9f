"""A support vector machine's probability, with a shortcut for mixed lesions.

Shapley values need the score of many lesions that take some features from one lesion and the
rest from another. The radial kernel is a product over features, so the kernel value of a mixed
lesion is the product of two factors, one from each lesion, and scoring all mixtures becomes a
matrix product. The result is the same number (to rounding) some forty times faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import expit
from sklearn.kernel_approximation import Nystroem
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

from spl_kedro.explainability.calibrated import calibrated_parts


@dataclass(frozen=True)
class RbfProbability:
    """Standardise, radial-kernel support vector machine, sigmoid.

    Attributes
    ----------
    mean, scale : ndarray, shape (n_features,)
        Of the standardisation.
    support : ndarray, shape (n_support, n_features)
        Support vectors, standardised.
    coefficients : ndarray, shape (n_support,)
        Their signed weights.
    intercept, gamma : float
    slope, offset : float
        Probability = 1 / (1 + exp(slope * decision + offset)) (Platt 1999).
    """

    mean: np.ndarray
    scale: np.ndarray
    support: np.ndarray
    coefficients: np.ndarray
    intercept: float
    gamma: float
    slope: float
    offset: float

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Return the probabilities, shape (m,), of unscaled rows (m, n_features)."""
        distance = cdist((rows - self.mean) / self.scale, self.support, "sqeuclidean")
        return self._probability(np.exp(-self.gamma * distance) @ self.coefficients)

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
        # What a lesion's own features contribute to the exponent, for every mask at once.
        left = self._summed(rows, masks)
        right = self._summed(references, ~masks)
        kernel = np.matmul(np.exp(left) * self.coefficients, np.exp(right).transpose(0, 2, 1))
        return self._probability(kernel.transpose(1, 0, 2))

    def _summed(self, rows: np.ndarray, masks: np.ndarray) -> np.ndarray:
        """Return the kernel's exponent from the masked features, (n_masks, n_rows, n_support)."""
        parts = self._exponents(rows)
        summed: np.ndarray = -masks.astype(float) @ parts.reshape(len(parts), -1)
        return summed.reshape(len(masks), *parts.shape[1:])

    def _exponents(self, rows: np.ndarray) -> np.ndarray:
        """Return gamma times the squared distance to each support vector, by feature."""
        standardised = (rows - self.mean) / self.scale
        difference = standardised.T[:, :, None] - self.support.T[:, None, :]
        return self.gamma * difference**2

    def _probability(self, kernel_sum: np.ndarray) -> np.ndarray:
        decision = kernel_sum + self.intercept
        probability: np.ndarray = expit(-(self.slope * decision + self.offset))
        return probability


class KernelExpansion(NamedTuple):
    """A decision value as a weighted sum of radial kernel values, and an intercept."""

    support: np.ndarray
    coefficients: np.ndarray
    intercept: float
    gamma: float


def kernel_expansion(model: Any) -> KernelExpansion | None:
    """Return a radial machine's, or that of one on landmarks; None for other models.

    Parameters
    ----------
    model : SVC or Pipeline of Nystroem and LinearSVC
        Fitted, on standardised features.
    """
    if isinstance(model, SVC) and model.kernel == "rbf":
        coefficients, gamma = model.dual_coef_[0], float(model._gamma)
        return KernelExpansion(
            model.support_vectors_, coefficients, float(model.intercept_[0]), gamma
        )
    if isinstance(model, Pipeline) and len(model) == 2 and isinstance(model[0], Nystroem):
        landmarks, machine = model[0], model[1]
        support = landmarks.components_
        gamma = 1 / support.shape[1] if landmarks.gamma is None else float(landmarks.gamma)
        coefficients = machine.coef_[0] @ landmarks.normalization_
        return KernelExpansion(support, coefficients, float(machine.intercept_[0]), gamma)
    return None


def rbf_probability(classifier: Any) -> RbfProbability | None:
    """Return the shortcut for a signature's classifier; None where it has another form.

    Parameters
    ----------
    classifier : ProbabilityClassifier
        Fitted.
    """
    parts = calibrated_parts(classifier)
    expansion = None if parts is None else kernel_expansion(parts.model)
    if parts is None or expansion is None:
        return None
    scaler, _, sigmoid = parts
    shortcut = RbfProbability(
        mean=scaler.mean_,
        scale=scaler.scale_,
        support=expansion.support,
        coefficients=expansion.coefficients,
        intercept=expansion.intercept,
        gamma=expansion.gamma,
        slope=float(sigmoid.a_),
        offset=float(sigmoid.b_),
    )
    # The parts are scikit-learn's own; should a release change their meaning, do without.
    probe = expansion.support * scaler.scale_ + scaler.mean_
    same = np.allclose(shortcut(probe), classifier.predict_proba(probe)[:, 1], rtol=0, atol=1e-10)
    return shortcut if same else None
