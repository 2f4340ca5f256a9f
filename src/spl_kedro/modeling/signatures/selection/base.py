"""What every selection step shares: it says which features it dropped, and why."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils import ClassifierTags, Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from spl_kedro.tabular import validated

LOG_COLUMNS = ("feature", "step", "reason", "statistic")


class Verdict(NamedTuple):
    """What a step decided, feature by feature.

    Attributes
    ----------
    keep : ndarray of bool, shape (n_features,)
    statistic : ndarray of float, shape (n_features,)
        The number each decision rests on (ICC, p-value, correlation, coefficient).
    reason : ndarray of str, shape (n_features,)
        The rule in words; read only where `keep` is false.
    """

    keep: NDArray[np.bool_]
    statistic: NDArray[np.float64]
    reason: NDArray[np.object_]


LogRows = list[tuple[str, str, str, float]]


def selection_log(rows: LogRows) -> pd.DataFrame:
    """Return a table of dropped features with columns feature, step, reason and statistic."""
    log = pd.DataFrame(rows, columns=list(LOG_COLUMNS))
    return log.astype({"feature": "str", "step": "str", "reason": "str", "statistic": "float64"})


def binary_labels(y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the two classes and the labels as 0 and 1.

    Raises
    ------
    ValueError
        If `y` does not hold exactly two classes.
    """
    check_classification_targets(y)
    classes, encoded = np.unique(y, return_inverse=True)
    if len(classes) != 2:
        raise ValueError(
            f"Only binary classification is supported: the labels hold {len(classes)} class(es), "
            "and a signature needs lesions of exactly two."
        )
    return classes, encoded.astype(np.int64)


class SelectionStep(SelectorMixin, BaseEstimator):
    """Base of the selection steps.

    Attributes
    ----------
    support_ : ndarray of bool, shape (n_features,)
        Which features the step keeps.
    dropped_ : DataFrame
        One row per dropped feature: feature, step, reason, statistic.
    statistic_ : ndarray of float, shape (n_features,)
        The number each decision rests on.
    """

    _step = "selection"
    _needs_labels = True

    @abstractmethod
    def _judge(
        self,
        X: NDArray[np.float64],
        y: NDArray[np.int64] | None,
        names: NDArray[np.object_],
        groups: Any,
    ) -> Verdict:
        """Decide on every feature."""

    def fit(self, X: Any, y: Any = None, groups: Any = None) -> SelectionStep:
        """Decide which features to keep.

        Parameters
        ----------
        X : array-like of float, shape (n_lesions, n_features)
            Finite feature values.
        y : array-like, shape (n_lesions,)
            Two classes; ignored by the steps that look at the features alone.
        groups : array-like, shape (n_lesions,), optional
            Patients, kept together where a step cross-validates; ignored by the others.

        Returns
        -------
        SelectionStep
            The fitted step.
        """
        labels = None
        if self._needs_labels:
            X, y = validated(self, X, y, ensure_min_samples=2)
            _, labels = binary_labels(y)
        else:
            X = validated(self, X, ensure_min_samples=2)
        return self._decide(X, labels, groups)

    def fit_checked(
        self,
        X: NDArray[np.float64],
        labels: NDArray[np.int64],
        names: NDArray[np.str_],
        groups: Any = None,
    ) -> SelectionStep:
        """Do as :meth:`fit` with what was checked already: finite values, labels 0 and 1.

        Parameters
        ----------
        X : ndarray of float, shape (n_lesions, n_features)
        labels : ndarray of int, shape (n_lesions,)
        names : ndarray of str, shape (n_features,)
        groups : array-like, shape (n_lesions,), optional

        Returns
        -------
        SelectionStep
            The fitted step.
        """
        self.n_features_in_, self.feature_names_in_ = X.shape[1], names
        return self._decide(X, labels if self._needs_labels else None, groups)

    def _decide(
        self, X: NDArray[np.float64], y: NDArray[np.int64] | None, groups: Any
    ) -> SelectionStep:
        names = np.asarray(self._names(), dtype=object)
        verdict = self._judge(X, y, names, groups)
        self.support_ = verdict.keep
        self.statistic_ = verdict.statistic
        # Arrays of text, which a stored model keeps as they are; a list of words costs it as many
        # objects.
        self.reasons_, self.reason_of_ = np.unique(
            verdict.reason[~verdict.keep].astype(str), return_inverse=True
        )
        return self

    @property
    def dropped_rows(self) -> LogRows:
        """The rows of the log of dropped features."""
        check_is_fitted(self, "support_")
        dropped = ~self.support_
        features = self._names()[dropped].tolist()
        reasons = self.reasons_[self.reason_of_].tolist()
        statistics = self.statistic_[dropped].tolist()
        return [
            (str(feature), self._step, reason, float(statistic))
            for feature, reason, statistic in zip(features, reasons, statistics, strict=True)
        ]

    @property
    def dropped_(self) -> pd.DataFrame:
        """One row per dropped feature: feature, step, reason, statistic."""
        return selection_log(self.dropped_rows)

    def _names(self) -> NDArray[np.object_]:
        fallback = np.array([f"x{i}" for i in range(self.n_features_in_)], dtype=object)
        return getattr(self, "feature_names_in_", fallback)

    def _get_support_mask(self) -> NDArray[np.bool_]:
        check_is_fitted(self, "support_")
        return self.support_

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = self._needs_labels
        if self._needs_labels:
            tags.classifier_tags = ClassifierTags(multi_class=False)
        return tags
