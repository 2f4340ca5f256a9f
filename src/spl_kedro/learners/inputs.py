"""What a learner sees of a lesion: image features, then all clinical variables as numbers."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin, clone

from spl_kedro.modeling.signatures.classifier import ProbabilityClassifier
from spl_kedro.modeling.signatures.clinical_encoding import ClinicalEncoder
from spl_kedro.modeling.signatures.columns import own_columns
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.folds import stratified_splits
from spl_kedro.modeling.signatures.shared_work import done_once
from spl_kedro.modeling.signatures.warning import SignatureWarning

#: Ends the image signature whose selection is wanted alone: cheap, and nobody asks it.
_UNREAD = ProbabilityClassifier("linear_svm", tune=False, cv=2)


class TableInputs(TransformerMixin, BaseEstimator):
    """Put the image features that a signature selects beside the encoded clinical variables.

    Parameters
    ----------
    image : FeatureSignature
        Its fill, components, harmonisation and selection are fitted; its classifier is not read.
    clinical : sequence of str
        Clinical variables; none of them is dropped.
    min_missing, min_level : int
        As of :class:`spl_kedro.modeling.signatures.clinical_encoding.ClinicalEncoder`.

    Attributes
    ----------
    names_ : list of str
        Names of the inputs.
    image_ : FeatureSignature
    """

    def __init__(
        self,
        image: FeatureSignature,
        clinical: Sequence[str] = (),
        min_missing: int = 10,
        min_level: int = 5,
    ):
        self.image = image
        self.clinical = clinical
        self.min_missing = min_missing
        self.min_level = min_level

    def columns(self) -> list[str]:
        """Return the columns of the wide table it reads."""
        return [*(self.image.input_columns() or []), *self.clinical]

    def fit(self, X: pd.DataFrame, y: NDArray[np.int64], groups: Any = None) -> TableInputs:
        """Find the image features to keep, and how clinical variables become numbers.

        Parameters
        ----------
        X : DataFrame, shape (n_lesions, n_columns)
        y : ndarray of int, shape (n_lesions,)
        groups : array-like, shape (n_lesions,), optional
            Patients, kept together in the folds of the selection.

        Returns
        -------
        TableInputs
        """
        template = clone(self.image).set_params(cv=None, classifier=clone(_UNREAD))
        with warnings.catch_warnings():
            # That the unread classifier has nothing to go by is not of the learner.
            warnings.simplefilter("ignore", SignatureWarning)
            self.image_ = template.fit(X, y, groups=groups)
        self.encoder_ = ClinicalEncoder(self.min_missing, self.min_level)
        self.encoder_.fit(X[list(self.clinical)])
        self.names_ = [*self.image_.selected_features_, *self.encoder_.terms_]
        return self

    def transform(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return the inputs, shape (n_lesions, n_inputs)."""
        clinical = self.encoder_.transform(X[list(self.clinical)])
        return np.hstack([self.image_.selected_inputs(X), clinical])


class Part(NamedTuple):
    """One inner fold: its lesions by position, and what a learner sees of both parts."""

    train: NDArray[np.int64]
    test: NDArray[np.int64]
    learnt: NDArray[np.float64]
    left_out: NDArray[np.float64]


class Prepared(NamedTuple):
    """What learners see of the lesions of one fit.

    Attributes
    ----------
    inputs : TableInputs
        Fitted on all of them.
    learnt : ndarray of float, shape (n_lesions, n_inputs)
    parts : list of Part
        Inner folds, selection and encoding fitted anew in each; empty where a class has fewer than
        two patients, or where an inner fold leaves no input.
    key : str
        Checksum of all that they depend on.
    """

    inputs: TableInputs
    learnt: NDArray[np.float64]
    parts: list[Part]
    key: str


def prepared_once(
    template: TableInputs,
    X: pd.DataFrame,
    labels: NDArray[np.int64],
    groups: Any,
    cv: int,
    random_state: int,
) -> Prepared:
    """Fit the inputs on all lesions of a fit and in its inner folds, once for all its learners.

    Parameters
    ----------
    template : TableInputs
        Unfitted.
    X : DataFrame, shape (n_lesions, n_columns)
        The lesions of this fit alone.
    labels : ndarray of int, shape (n_lesions,)
    groups : ndarray or None, shape (n_lesions,)
        Patients.
    cv, random_state : int
        Of the inner folds.

    Returns
    -------
    Prepared
    """
    X = own_columns(X, template.columns())
    key = str(joblib.hash((template.get_params(), X, labels, groups, cv, random_state)))

    def prepare() -> Prepared:
        whole = clone(template).fit(X, labels, groups)
        parts = []
        for train, test in stratified_splits(labels, groups, cv, random_state):
            who = None if groups is None else groups[train]
            inner = clone(template).fit(X.iloc[train], labels[train], who)
            if not inner.names_:
                return Prepared(whole, whole.transform(X), [], key)
            learnt, left_out = inner.transform(X.iloc[train]), inner.transform(X.iloc[test])
            parts.append(Part(train, test, learnt, left_out))
        return Prepared(whole, whole.transform(X), parts, key)

    return done_once(prepare, "table inputs", key)
