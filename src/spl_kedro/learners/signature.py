"""A learner as a model of the study: inputs and settings are chosen inside every fit."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from spl_kedro.learners.classifier import TableClassifier
from spl_kedro.learners.inputs import Prepared, TableInputs, prepared_once
from spl_kedro.modeling.evaluation.delong import areas_within
from spl_kedro.modeling.signatures.base import Signature
from spl_kedro.modeling.signatures.columns import own_columns
from spl_kedro.modeling.signatures.shared_work import done_once
from spl_kedro.parallel import one_thread


class TableSignature(Signature):
    """Select inputs, choose a learner's settings by inner folds, learn.

    In each inner fold the inputs are made anew from its own lesions, every candidate learns from
    them and scores the lesions left out. The candidate with the largest AUC within folds is
    learnt from all lesions, the first of those that tie; its probabilities are calibrated on its
    scores of lesions left out.

    Parameters
    ----------
    inputs : TableInputs
    classifiers : sequence of TableClassifier
        Learners whose settings are candidates; one, or several to choose a learner among them.
    cv : int, default=5
        Inner folds; fewer when a class is smaller.
    random_state : int, default=0
        Seed of the inner folds.

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
    selected_features_ : list of str
        The inputs.
    chosen_ : dict
        ``learner`` and the settings that the inner folds chose; empty without.
    inner_auc_ : float
        AUC within inner folds of what was chosen; NaN without.
    fallback_ : str or None
        Why the probability is the training prevalence, when it is.
    """

    _called = "learner"

    def __init__(
        self,
        inputs: TableInputs,
        classifiers: Sequence[TableClassifier],
        cv: int = 5,
        random_state: int = 0,
    ):
        self.inputs = inputs
        self.classifiers = classifiers
        self.cv = cv
        self.random_state = random_state

    def input_columns(self) -> list[str]:
        """Return the columns of the wide table it reads."""
        return self.inputs.columns()

    def fit(self, X: pd.DataFrame, y: Any, groups: Any = None) -> TableSignature:
        """Choose inputs and settings, and learn.

        Parameters
        ----------
        X : DataFrame, shape (n_lesions, n_columns)
            The wide table.
        y : array-like, shape (n_lesions,)
            Two classes.
        groups : array-like, shape (n_lesions,), optional
            Patients, kept together in every inner fold.

        Returns
        -------
        TableSignature
        """
        labels = self._learn_classes(np.asarray(y))
        who = None if groups is None else np.asarray(groups)
        seen = prepared_once(self.inputs, X, labels, who, self.cv, self.random_state)
        self.inputs_, self.selected_features_ = seen.inputs, list(seen.inputs.names_)
        self.classifier_: TableClassifier | None = None
        self.chosen_: dict[str, Any] = {}
        self.inner_auc_ = float("nan")
        if not seen.parts or not self.selected_features_:
            self.fallback_ = "no input left, or fewer than two patients in a class"
        else:
            # Boosting else takes every core, within processes that share them already.
            with one_thread():
                self._learn(seen, labels, who)
        self._warn_of_fallback()
        return self

    def _learn(self, seen: Prepared, labels: NDArray[np.int64], groups: Any) -> None:
        smallest = min(len(part.train) for part in seen.parts)
        fold = np.empty(len(labels))
        for k, part in enumerate(seen.parts):
            fold[part.test] = k
        best: tuple[float, TableClassifier, dict[str, Any], NDArray[np.float64]] | None = None
        for classifier in self.classifiers:
            raw = _left_out_scores(classifier, seen, labels, smallest)
            areas = areas_within(labels, raw, fold)
            first = int(np.argmax(areas))
            if best is None or areas[first] > best[0]:
                chosen = classifier.candidates(smallest)[first]
                best = float(areas[first]), classifier, chosen, raw[first]
        assert best is not None
        self.inner_auc_, template, chosen, scores = best
        self.chosen_ = {"learner": template.kind, **chosen}
        fitted = clone(template).fit(seen.learnt, labels, groups=groups, chosen=chosen)
        if fitted.fallback_ is None:
            fitted.recalibrate(scores, labels)
        self.classifier_, self.fallback_ = fitted, fitted.fallback_

    @property
    def selection_log_(self) -> pd.DataFrame:
        """One row per image feature dropped: feature, step, reason, statistic."""
        return self.inputs_.image_.selection_log_

    def learn_sites(self, X: Any) -> list[str]:
        """Let the harmonizer of the image features learn sites it has not seen."""
        return self.inputs_.image_.learn_sites(X)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class, shape (n_lesions, 2)."""
        if self.classifier_ is None:
            return self._prevalence(len(X))
        own = own_columns(X, self.input_columns())
        with one_thread():
            return self.classifier_.predict_proba(self.inputs_.transform(own))


def _left_out_scores(
    classifier: TableClassifier, seen: Prepared, labels: NDArray[np.int64], smallest: int
) -> NDArray[np.float64]:
    """Return each candidate's uncalibrated scores of lesions left out, (n_candidates, n)."""

    def score() -> NDArray[np.float64]:
        raw = np.empty((len(classifier.candidates(smallest)), len(labels)))
        for part in seen.parts:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                found = classifier.left_out_scores(
                    part.learnt, labels[part.train], part.left_out, smallest
                )
                raw[:, part.test] = list(found)
        return raw

    return done_once(score, "learner left out", seen.key, repr(classifier))
