"""What every classifier here shares: two classes, a prevalence to fall back on, plain tags."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from spl_kedro.modeling.signatures.selection.base import binary_labels
from spl_kedro.modeling.signatures.warning import SignatureWarning
from spl_kedro.tabular import Names


class BinaryClassifier(ClassifierMixin, BaseEstimator):
    """A classifier of two classes that can fall back on the training prevalence.

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
    prevalence_ : float
        Share of the second class among the training lesions.
    fallback_ : str or None
        Why the probability is the training prevalence, when it is.
    """

    def _learn_classes(self, y: Any) -> NDArray[np.int64]:
        """Record classes and prevalence; return the labels as 0 and 1."""
        self.classes_, labels = binary_labels(y)
        self.prevalence_ = float(labels.mean())
        self.fallback_: str | None = None
        return labels

    @staticmethod
    def _both_classes(malignant: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probabilities of both classes from that of the second."""
        return np.column_stack([1 - malignant, malignant])

    def _prevalence(self, n_lesions: int) -> NDArray[np.float64]:
        """Return the training prevalence for some lesions, shape (n_lesions, 2)."""
        return np.tile([1 - self.prevalence_, self.prevalence_], (n_lesions, 1))

    @abstractmethod
    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class, shape (n_lesions, 2)."""

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the more probable class of each lesion."""
        check_is_fitted(self, "classes_")
        return self.classes_[np.argmax(self.predict_proba(X), axis=1)]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


class Signature(BinaryClassifier):
    """A model of the study: it picks its own columns from one wide table.

    Attributes
    ----------
    selected_features_ : list of str
        What the fitted model uses.
    selection_log_ : DataFrame
        One row per feature dropped: feature, step, reason, statistic.
    """

    #: Column names it reads; None for every column.
    columns: Names | None
    #: How it is called in a warning.
    _called = "signature"

    def input_columns(self) -> list[str] | None:
        """Return the columns of the wide table it reads; None for all."""
        return None if self.columns is None else list(self.columns)

    def learn_sites(self, X: Any) -> list[str]:
        """Learn sites it has not seen from unlabelled lesions; return those learnt.

        Only a signature with a harmonizer has anything to learn.
        """
        return []

    def _warn_of_fallback(self) -> None:
        """Say so where the fit ended at the training prevalence."""
        if self.fallback_:
            warnings.warn(
                f"The {self._called} gives the training prevalence: {self.fallback_}.",
                SignatureWarning,
                stacklevel=3,
            )
