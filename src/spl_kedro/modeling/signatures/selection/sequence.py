"""Selection steps one after the other, with one log of all that was dropped."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.feature_selection import SelectorMixin
from sklearn.utils import ClassifierTags, Tags
from sklearn.utils.validation import check_is_fitted

from spl_kedro.modeling.signatures.selection.base import (
    SelectionStep,
    binary_labels,
    selection_log,
)
from spl_kedro.tabular import validated


class SelectionSequence(SelectorMixin, BaseEstimator):
    """Fit each step on what the one before it kept.

    Unlike a scikit-learn ``Pipeline`` it ends quietly when a step leaves no feature:
    ``support_`` is then all false, and the signature decides what that means.

    Parameters
    ----------
    steps : list of (str, SelectionStep)
        May be empty: then every feature is kept.

    Attributes
    ----------
    support_ : ndarray of bool, shape (n_features,)
    steps_ : list of (str, SelectionStep)
        The fitted steps; those after the one that left nothing are missing.
    dropped_ : DataFrame
        One row per dropped feature: feature, step, reason, statistic.
    """

    def __init__(self, steps: list[tuple[str, SelectionStep]]):
        self.steps = steps

    def fit(self, X: Any, y: Any = None, groups: Any = None) -> SelectionSequence:
        """Fit the steps in order.

        Parameters
        ----------
        X : array-like of float, shape (n_lesions, n_features)
            Finite feature values.
        y : array-like, shape (n_lesions,)
            Two classes.
        groups : array-like, shape (n_lesions,), optional
            Patients, kept together where a step cross-validates.

        Returns
        -------
        SelectionSequence
            The fitted sequence.
        """
        X, y = validated(self, X, y, ensure_min_samples=2)
        _, labels = binary_labels(y)
        fallback = [f"x{i}" for i in range(X.shape[1])]
        names = np.asarray(getattr(self, "feature_names_in_", fallback), dtype=str)
        alive = np.arange(X.shape[1])
        self.steps_: list[tuple[str, SelectionStep]] = []
        for name, template in self.steps:
            step = clone(template).fit_checked(X[:, alive], labels, names[alive], groups)
            self.steps_.append((name, step))
            alive = alive[step.get_support()]
            if not len(alive):
                break
        self.support_ = np.zeros(X.shape[1], dtype=bool)
        self.support_[alive] = True
        return self

    @property
    def dropped_(self) -> pd.DataFrame:
        """One row per dropped feature: feature, step, reason, statistic."""
        check_is_fitted(self, "support_")
        return selection_log([row for _, step in self.steps_ for row in step.dropped_rows])

    def _get_support_mask(self) -> NDArray[np.bool_]:
        check_is_fitted(self, "support_")
        return self.support_

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.classifier_tags = ClassifierTags(multi_class=False)
        return tags
