"""A signature on image features: selection, then a classifier (Rad, DTL and DLR)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from spl_kedro.signatures.classifier import NOT_RISING, ProbabilityClassifier, raw_scores
from spl_kedro.signatures.columns import own_columns, refuse_non_finite
from spl_kedro.signatures.folds import stratified_splits
from spl_kedro.signatures.selection.base import binary_labels
from spl_kedro.signatures.selection.sequence import SelectionSequence
from spl_kedro.signatures.warning import SignatureWarning


class FeatureSignature(ClassifierMixin, BaseEstimator):
    """Select features, standardise those kept, classify.

    Rad works on the radiomics columns, DTL on the deep ones, DLR on both together.
    Selection looks at unscaled values: its tests and correlations do not depend on
    scale, and the LASSO step standardises for itself.

    Features selected on all training lesions separate these lesions too well, even in a
    cross-validation of the classifier alone. The probabilities are therefore calibrated
    on scores of a cross-fitting that selects anew in every fold (`cv`); these scores
    are also what a fusion model may learn from.

    Parameters
    ----------
    columns : sequence of str, optional
        Features in the wide table; None for every column.
    selection : SelectionSequence, optional
        None keeps every feature.
    classifier : ProbabilityClassifier, optional
        None for the support vector machine of the recipe.
    cv : int or None, default=5
        Folds of the cross-fitting; fewer when a class is smaller. None calibrates on
        the features selected on all lesions, as the published recipe does.
    random_state : int, default=0
        Seed of the folds.

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
    selected_features_ : list of str
    selection_log_ : DataFrame
        One row per dropped feature: feature, step, reason, statistic.
    cross_fitted_scores_ : ndarray of float, shape (n_lesions,) or None
        Probability of each training lesion by a signature that has not seen its
        patient; None when `cv` is None.
    fallback_ : str or None
        Why the probability is the training prevalence, when it is.
    """

    def __init__(
        self,
        columns: Sequence[str] | None = None,
        selection: SelectionSequence | None = None,
        classifier: ProbabilityClassifier | None = None,
        cv: int | None = 5,
        random_state: int = 0,
    ):
        self.columns = columns
        self.selection = selection
        self.classifier = classifier
        self.cv = cv
        self.random_state = random_state

    def fit(self, X: Any, y: Any, groups: Any = None) -> FeatureSignature:
        """Fit selection and classifier.

        Parameters
        ----------
        X : DataFrame or array-like, shape (n_lesions, n_columns)
            The wide table; the features must be finite.
        y : array-like, shape (n_lesions,)
            Two classes.
        groups : array-like, shape (n_lesions,), optional
            Patients, kept together in every inner fold.

        Returns
        -------
        FeatureSignature
            The fitted signature.
        """
        X = own_columns(X, self.columns)
        refuse_non_finite(X)
        X, y = validate_data(self, X, y, dtype=np.float64)
        self.classes_, labels = binary_labels(y)
        self.prevalence_ = float(labels.mean())
        numbered = [f"x{i}" for i in range(X.shape[1])]
        names = np.asarray(getattr(self, "feature_names_in_", numbered), dtype=object)
        selection = SelectionSequence([]) if self.selection is None else clone(self.selection)
        self.selection_ = selection.fit(pd.DataFrame(X, columns=names), labels, groups=groups)
        self.support_ = self.selection_.get_support()
        self.selected_features_ = [str(name) for name in names[self.support_]]
        self.cross_fitted_scores_: NDArray[np.float64] | None = None
        self.classifier_: Any = None
        if not self.selected_features_:
            last = self.selection_.steps_[-1][0]
            self.fallback_ = f"no feature left after the {last} step"
        else:
            template = ProbabilityClassifier() if self.classifier is None else self.classifier
            self.classifier_ = clone(template).fit(X[:, self.support_], labels, groups=groups)
            if self.cv is not None and self.classifier_.fallback_ is None:
                self._calibrate_whole(pd.DataFrame(X, columns=names), labels, groups)
            self.fallback_ = self.classifier_.fallback_
        if self.fallback_:
            warnings.warn(
                f"The signature gives the training prevalence: {self.fallback_}.",
                SignatureWarning,
                stacklevel=2,
            )
        return self

    def _calibrate_whole(self, X: pd.DataFrame, labels: NDArray[np.int64], groups: Any) -> None:
        """Calibrate on scores of lesions that neither selection nor classifier has seen."""
        groups = None if groups is None else np.asarray(groups)
        template = SelectionSequence([]) if self.selection is None else self.selection
        raw = np.full(len(labels), np.nan)
        for train, test in stratified_splits(labels, groups, self.cv or 2, self.random_state):
            part = None if groups is None else groups[train]
            selection = clone(template).fit(X.iloc[train], labels[train], groups=part)
            kept = selection.get_support()
            if kept.any():
                values = X.to_numpy()[:, kept]
                classifier = self.classifier_.uncalibrated().fit(values[train], labels[train])
                raw[test] = raw_scores(classifier, values[test])
        # A fold that kept no feature knows nothing of its lesions: they get the prevalence.
        known = np.isfinite(raw)
        scores = np.full(len(labels), self.prevalence_)
        if len(np.unique(labels[known])) < 2:
            self.classifier_.fallback_, self.classifier_.model_ = NOT_RISING, None
        else:
            self.classifier_.recalibrate(raw[known], labels[known])
        if self.classifier_.fallback_ is None:
            scores[known] = self.classifier_.sigmoid().predict(raw[known])
        self.cross_fitted_scores_ = scores

    @property
    def selection_log_(self) -> pd.DataFrame:
        """One row per dropped feature: feature, step, reason, statistic."""
        check_is_fitted(self, "selection_")
        return self.selection_.dropped_

    def input_columns(self) -> list[str] | None:
        """Return the columns of the wide table it reads; None for all."""
        return None if self.columns is None else list(self.columns)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class.

        Parameters
        ----------
        X : DataFrame or array-like, shape (n_lesions, n_columns)

        Returns
        -------
        ndarray of float, shape (n_lesions, 2)
        """
        check_is_fitted(self, "selection_")
        X = own_columns(X, self.columns)
        refuse_non_finite(X)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        if self.classifier_ is None:
            return np.tile([1 - self.prevalence_, self.prevalence_], (len(X), 1))
        return self.classifier_.predict_proba(X[:, self.support_])

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the more probable class of each lesion."""
        check_is_fitted(self, "classes_")
        return self.classes_[np.argmax(self.predict_proba(X), axis=1)]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags
