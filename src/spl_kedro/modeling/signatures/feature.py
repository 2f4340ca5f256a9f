"""A signature on image features: selection, then a classifier (Rad, DTL and DLR)."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from spl_kedro.modeling.evaluation.delong import areas_within
from spl_kedro.modeling.signatures.base import Signature
from spl_kedro.modeling.signatures.classifier import NOT_RISING, ProbabilityClassifier
from spl_kedro.modeling.signatures.columns import own_columns, refuse_non_finite
from spl_kedro.modeling.signatures.folds import stratified_splits
from spl_kedro.modeling.signatures.harmonisation import SITE, SiteHarmonizer
from spl_kedro.modeling.signatures.missing import MedianFill
from spl_kedro.modeling.signatures.reduction import SourceReduction
from spl_kedro.modeling.signatures.selection.sequence import SelectionSequence
from spl_kedro.tabular import Names, named, validated


class Lesions(NamedTuple):
    """Features of lesions before harmonisation, and the sites they come from."""

    X: pd.DataFrame
    site: NDArray[np.object_] | None


class LeftOut(NamedTuple):
    """Uncalibrated scores of lesions left out, and the classifier's settings they chose."""

    score: NDArray[np.float64]
    chosen: dict[str, Any]


class FeatureSignature(Signature):
    """Select features, standardise those kept, classify.

    Rad works on the radiomics columns, DTL on the deep ones, DLR on both together.
    Selection looks at unscaled values: its tests and correlations do not depend on
    scale, and the LASSO step standardises for itself.

    Features selected on all training lesions separate these lesions too well, even in a
    cross-validation of the classifier alone. The penalty is therefore chosen, and the
    probabilities are calibrated, on scores of a cross-fitting that selects anew in every
    fold (`cv`); these scores are also what a fusion model may learn from.

    Parameters
    ----------
    columns : sequence or array of str, optional
        Features in the wide table; None for every column.
    selection : SelectionSequence, optional
        None keeps every feature.
    classifier : ProbabilityClassifier, optional
        None for a linear support vector machine.
    cv : int or None, default=5
        Folds of the cross-fitting; fewer when a class is smaller. None calibrates on
        the features selected on all lesions, as the published recipe does.
    random_state : int, default=0
        Seed of the folds.
    harmonizer : SiteHarmonizer, optional
        Removes site effects before selection, fitted on the lesions of each fit; the wide
        table then needs the column ``site``. None leaves the features as they are.
    reduction : SourceReduction, optional
        First step of all: puts principal components in the place of wide sources' columns,
        fitted on the lesions of each fit. None takes every column as it is.
    fill : MedianFill, optional
        Before that: what stands for values that may be missing, fitted on the lesions of each
        fit. None refuses missing values.

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

    #: Of signatures stored before there was any.
    fill: MedianFill | None = None

    def __init__(
        self,
        columns: Names | None = None,
        selection: SelectionSequence | None = None,
        classifier: ProbabilityClassifier | None = None,
        cv: int | None = 5,
        random_state: int = 0,
        harmonizer: SiteHarmonizer | None = None,
        reduction: SourceReduction | None = None,
        fill: MedianFill | None = None,
    ):
        self.columns = columns
        self.selection = selection
        self.classifier = classifier
        self.cv = cv
        self.random_state = random_state
        self.harmonizer = harmonizer
        self.reduction = reduction
        self.fill = fill

    def fit(self, X: Any, y: Any, groups: Any = None) -> FeatureSignature:
        """Fit selection and classifier.

        Parameters
        ----------
        X : DataFrame or array-like, shape (n_lesions, n_columns)
            The wide table; the features must be finite, but for those that may be missing.
        y : array-like, shape (n_lesions,)
            Two classes.
        groups : array-like, shape (n_lesions,), optional
            Patients, kept together in every inner fold.

        Returns
        -------
        FeatureSignature
            The fitted signature.
        """
        X, site = self._own(X)
        X, y = validated(self, X, y, **self._checks())
        labels = self._learn_classes(y)
        numbered = [f"x{i}" for i in range(X.shape[1])]
        names = np.asarray(getattr(self, "feature_names_in_", numbered), dtype=object)
        lesions = Lesions(named(X, names), site)
        self.fill_, self.reduction_, self.harmonizer_, prepared = self._prepared(lesions)
        X = prepared.to_numpy()
        selection = SelectionSequence([]) if self.selection is None else clone(self.selection)
        self.selection_ = selection.fit(prepared, labels, groups=groups)
        self.support_ = self.selection_.get_support()
        self.selected_features_ = [str(name) for name in prepared.columns[self.support_]]
        self.cross_fitted_scores_: NDArray[np.float64] | None = None
        self.classifier_: Any = None
        if not self.selected_features_:
            last = self.selection_.steps_[-1][0]
            self.fallback_ = f"no feature left after the {last} step"
        else:
            template = ProbabilityClassifier() if self.classifier is None else self.classifier
            left_out = self._left_out_scores(template, lesions, labels, groups)
            self.classifier_ = clone(template).fit(
                X[:, self.support_], labels, groups=groups, chosen=left_out and left_out.chosen
            )
            if left_out is not None and self.classifier_.fallback_ is None:
                self._calibrate_whole(left_out.score, labels)
            self.fallback_ = self.classifier_.fallback_
        self._warn_of_fallback()
        return self

    def _own(self, X: Any) -> tuple[Any, NDArray[np.object_] | None]:
        """Return the features and, where they are harmonised, the lesions' sites."""
        X = own_columns(X, self.input_columns())
        site = None
        if self.harmonizer is not None:
            if not isinstance(X, pd.DataFrame) or SITE not in X.columns:
                raise ValueError(f"Harmonisation needs a DataFrame with the column {SITE!r}.")
            site, X = X[SITE].to_numpy(dtype=object), X.drop(columns=SITE)
        refuse_non_finite(X, () if self.fill is None else self.fill.columns)
        return X, site

    def _checks(self) -> dict[str, Any]:
        """Return what scikit-learn checks: no infinite value, and none missing that may not be."""
        return {} if self.fill is None else {"ensure_all_finite": "allow-nan"}

    def _prepared(
        self, lesions: Lesions, rows: NDArray[np.int64] | None = None
    ) -> tuple[MedianFill | None, SourceReduction | None, SiteHarmonizer | None, pd.DataFrame]:
        """Return fill, reduction and harmonizer fitted on some rows, and what they make of all."""
        X, fill, reduction, harmonizer = lesions.X, None, None, None
        chosen = slice(None) if rows is None else rows  # of all of them no copy is made
        if self.fill is not None:
            fill = clone(self.fill).fit(X.iloc[chosen])
            X = fill.transform(X)
        if self.reduction is not None:
            reduction = clone(self.reduction).fit(X.iloc[chosen])
            X = reduction.transform(X)
        if self.harmonizer is not None and lesions.site is not None:
            values = X.to_numpy()
            harmonizer = clone(self.harmonizer).fit(values[chosen], site=lesions.site[chosen])
            X = named(harmonizer.transform(values, lesions.site), X.columns)
        return fill, reduction, harmonizer, X

    def _left_out_scores(
        self,
        template: ProbabilityClassifier,
        lesions: Lesions,
        labels: NDArray[np.int64],
        groups: Any,
    ) -> LeftOut | None:
        """Score lesions that no step of the signature has seen, and choose the penalty by them.

        Selection, the costly part, is fitted once in each fold; every candidate of the
        classifier is then fitted on what it kept. The candidate with the largest AUC within
        folds is chosen, the first of those that tie.
        """
        groups = None if groups is None else np.asarray(groups)
        splits = [] if self.cv is None else stratified_splits(
            labels, groups, self.cv, self.random_state
        )  # fmt: skip
        if not splits:
            return None
        smallest_part = min(len(train) for train, _ in splits)
        candidates = template.candidates(smallest_part)
        selection = SelectionSequence([]) if self.selection is None else self.selection
        raw = np.full((len(candidates), len(labels)), np.nan)
        fold = np.full(len(labels), -1)
        for k, (train, test) in enumerate(splits):
            part = None if groups is None else groups[train]
            *_, prepared = self._prepared(lesions, train)
            X = prepared.to_numpy()
            learnt = named(X[train], prepared.columns)
            kept = clone(selection).fit(learnt, labels[train], groups=part).get_support()
            if not kept.any():
                continue
            fold[test] = k
            values = X[:, kept]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                found = template.left_out_scores(
                    values[train], labels[train], values[test], smallest_part
                )
                for scores, left_out in zip(raw, found, strict=True):
                    scores[test] = left_out
        known = fold >= 0
        areas = areas_within(labels[known], raw[:, known], fold[known])
        best = 0 if np.isnan(areas).all() else int(np.nanargmax(areas))
        return LeftOut(raw[best], candidates[best])

    def _calibrate_whole(self, raw: NDArray[np.float64], labels: NDArray[np.int64]) -> None:
        """Calibrate on scores of lesions that no step of the signature has seen."""
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
        if self.columns is None:
            return None
        return [*self.columns, SITE] if self.harmonizer is not None else list(self.columns)

    def selected_inputs(self, X: Any) -> NDArray[np.float64]:
        """Return what the classifier sees: selected features, reduced and harmonised if they are.

        Parameters
        ----------
        X : DataFrame or array-like, shape (n_lesions, n_columns)

        Returns
        -------
        ndarray of float, shape (n_lesions, n_selected)
        """
        check_is_fitted(self, "selection_")
        X, site = self._own(X)
        X = self._reduced(validated(self, X, reset=False, **self._checks()))
        if self.harmonizer_ is not None:
            X = self.harmonizer_.transform(X, site)
        return X[:, self.support_]

    def _reduced(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return validated columns, filled, with components in the place of wide sources."""
        if self.fill is None and self.reduction_ is None:
            return X
        table = named(X, self.feature_names_in_)
        if self.fill is not None and self.fill_ is not None:
            table = self.fill_.transform(table)
        if self.reduction_ is not None:
            table = self.reduction_.transform(table)
        return table.to_numpy()

    def learn_sites(self, X: Any) -> list[str]:
        """Let the harmonizer learn sites it has not seen from unlabelled lesions.

        Parameters
        ----------
        X : DataFrame, shape (n_lesions, n_columns)

        Returns
        -------
        list of str
            Sites learnt; none without a harmonizer. See :meth:`SiteHarmonizer.learn_sites`.
        """
        check_is_fitted(self, "selection_")
        X, site = self._own(X)
        if self.harmonizer_ is None or site is None:
            return []
        return self.harmonizer_.learn_sites(self._reduced(X.to_numpy(dtype=np.float64)), site)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class.

        Parameters
        ----------
        X : DataFrame or array-like, shape (n_lesions, n_columns)

        Returns
        -------
        ndarray of float, shape (n_lesions, 2)
        """
        inputs = self.selected_inputs(X)
        if self.classifier_ is None:
            return self._prevalence(len(inputs))
        return self.classifier_.predict_proba(inputs)
