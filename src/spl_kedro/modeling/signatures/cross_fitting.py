"""Scores for training lesions from models that have not seen them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone

from spl_kedro.features.deep.nesting import context_name
from spl_kedro.modeling.signatures.clinical import ClinicalSignature
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.folds import Splits
from spl_kedro.modeling.signatures.fusion import FusionSignature
from spl_kedro.modeling.signatures.nested import NestedFeatures, mean_score
from spl_kedro.modeling.signatures.shared_work import sharing
from spl_kedro.parallel import in_parallel


class CrossFit(NamedTuple):
    """What cross-fitting one model gives.

    Attributes
    ----------
    scores : ndarray of float, shape (n_repeats, n_lesions)
        Probability of malignancy in each repeat, each by another model.
    folds : ndarray of int, shape (n_repeats, n_lesions)
        Fold of each lesion in each repeat.
    selected : list of list of str
        Features kept in each repeat and fold.
    fallbacks : list of str
        Why folds gave the prevalence, where they did.
    models : list of estimator
        The models of the first repeat, by fold: each fitted without that fold's lesions.
    """

    scores: NDArray[np.float64]
    folds: NDArray[np.int64]
    selected: list[list[str]]
    fallbacks: list[str]
    models: list[Any]

    def by_repeat(self) -> list[tuple[NDArray[np.float64], NDArray[np.int64]]]:
        """Return scores and folds, repeat by repeat."""
        return list(zip(self.scores, self.folds, strict=True))


class FitModels:
    """Fit models, each image signature and clinical model once for all the fusions that use it.

    Parameters
    ----------
    models : mapping of str to estimator
        Unfitted.
    X : DataFrame, shape (n_lesions, n_columns)
    label, groups : ndarray, shape (n_lesions,)
    """

    def __init__(
        self, models: Mapping[str, Any], X: pd.DataFrame, label: NDArray[np.int64], groups: Any
    ):
        self.models, self.label, self.groups = models, label, groups
        self.X = needed_columns(models, X)

    def __call__(self) -> dict[str, Any]:
        """Return the fitted models."""
        fitted: dict[str, Any] = {}
        clinical: list[ClinicalSignature] = []
        with sharing():
            for family in families(self.models):
                image = None
                for name, model in family.items():
                    options = {}
                    if isinstance(model, FusionSignature):
                        options = {"image": image, "clinical": _like(model.clinical, clinical)}
                    fitted[name] = clone(model).fit(
                        self.X, self.label, groups=self.groups, **options
                    )
                    part = getattr(fitted[name], "clinical_", fitted[name])
                    if isinstance(part, ClinicalSignature):
                        clinical.append(part)
                    # The first of the family, unless the fusion stands alone.
                    image = image or fitted[name]
        return {name: fitted[name] for name in self.models}


def _like(template: Any, fitted: Iterable[ClinicalSignature]) -> ClinicalSignature | None:
    """Return the fitted clinical model with a template's settings, if there is one."""
    return next((model for model in fitted if same_settings(template, model)), None)


class FitAndScore(FitModels):
    """One fold: fit the models on the training part, score the other part.

    Parameters
    ----------
    models : mapping of str to estimator
        Unfitted.
    X : DataFrame, shape (n_lesions, n_columns)
        Of the lesions to learn from.
    label, groups : ndarray, shape (n_lesions,)
    left_out : sequence of DataFrame, shape (n_left_out, n_columns)
        The lesions left out, once for each network that sees them.
    keep : bool, default=False
        Whether the models come with the result.
    """

    def __init__(
        self,
        models: Mapping[str, Any],
        X: pd.DataFrame,
        label: NDArray[np.int64],
        groups: NDArray[Any],
        left_out: Sequence[pd.DataFrame],
        *,
        keep: bool = False,
    ):
        super().__init__(models, X, label, groups)
        self.left_out, self.keep = left_out, keep

    def __call__(self) -> dict[str, FoldResult]:
        """Return the result of each model."""
        with sharing():
            return {
                name: FoldResult(
                    mean_score(model, self.left_out),
                    list(model.selected_features_),
                    model.fallback_,
                    model if self.keep else None,
                )
                for name, model in super().__call__().items()
            }


@dataclass(frozen=True)
class _Fold:
    """One fold of a cross-fitting, which takes its lesions from the table where it is fitted."""

    models: Mapping[str, Any]
    X: pd.DataFrame
    label: NDArray[np.int64]
    groups: NDArray[Any]
    split: tuple[NDArray[np.int64], NDArray[np.int64]]
    nested: NestedFeatures | None
    repeat: int
    number: int

    def __call__(self) -> dict[str, FoldResult]:
        train, test = self.split
        learnt, left_out = self.X.iloc[train], [self.X.iloc[test]]
        if self.nested is not None:
            context = context_name(self.repeat, self.number)
            learnt = self.nested.learnt(learnt, context)
            left_out = self.nested.unseen(left_out[0], context)
        label, groups = self.label[train], self.groups[train]
        keep = self.repeat == 0
        return FitAndScore(self.models, learnt, label, groups, left_out, keep=keep)()


class FoldResult(NamedTuple):
    """Scores of the lesions left out, the features kept, the reason of a fallback, the model."""

    score: NDArray[np.float64]
    selected: list[str]
    fallback: str | None
    model: Any


def families(models: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Group models so that each image signature is fitted once.

    Parameters
    ----------
    models : dict of str to estimator
        Unfitted.

    Returns
    -------
    list of dict of str to estimator
        An image signature followed by the fusions that use it; any other model by itself.
    """
    grouped: dict[str, dict[str, Any]] = {
        name: {name: model}
        for name, model in models.items()
        if not isinstance(model, FusionSignature)
    }
    for name, model in models.items():
        if isinstance(model, FusionSignature):
            shared = [n for n, m in models.items() if isinstance(m, FeatureSignature)
                      and same_settings(m, model.image)]  # fmt: skip
            grouped.setdefault(shared[0] if shared else name, {})[name] = model
    return list(grouped.values())


def same_settings(one: Any, two: Any) -> bool:
    """Tell whether two unfitted estimators, or parts of them, are set up alike."""
    if isinstance(one, BaseEstimator) and not isinstance(one, type):
        if type(one) is not type(two):
            return False
        mine, other = one.get_params(deep=False), two.get_params(deep=False)
        return all(same_settings(mine[name], other[name]) for name in mine)
    if isinstance(one, list | tuple):
        alike = type(one) is type(two) and len(one) == len(two)
        return alike and all(map(same_settings, one, two))
    if isinstance(one, dict):
        alike = isinstance(two, dict) and one.keys() == two.keys()
        return alike and all(same_settings(one[key], two[key]) for key in one)
    first, second = np.asarray(one), np.asarray(two)
    # An ICC that is not known is alike in both.
    numbers = first.dtype.kind == "f" and second.dtype.kind == "f"
    return np.array_equal(first, second, equal_nan=numbers)


def cross_fit(
    models: Mapping[str, Any],
    X: pd.DataFrame,
    label: NDArray[np.int64],
    groups: NDArray[Any],
    repeats: list[Splits],
    n_jobs: int,
    title: str = "cross-fitting",
    nested: NestedFeatures | None = None,
) -> dict[str, CrossFit]:
    """Score every lesion with models fitted without its patient.

    Parameters
    ----------
    models : dict of str to estimator
        Unfitted; each has ``selected_features_`` and ``fallback_`` when fitted.
    X : DataFrame, shape (n_lesions, n_columns)
    label, groups : ndarray, shape (n_lesions,)
    repeats : list of Splits
        From :func:`repeated_splits`.
    n_jobs : int
    title : str
        Name on the progress bar.
    nested : NestedFeatures, optional
        What the networks of each fold see, in the place of columns of `X`; `repeats` are its own.

    Returns
    -------
    dict of str to CrossFit
    """
    keys = [(r, k) for r, splits in enumerate(repeats) for k in range(len(splits))]
    X = needed_columns(models, X)

    folds = [_Fold(models, X, label, groups, repeats[r][k], nested, r, k) for r, k in keys]
    shared = [models, X, label, groups, *([] if nested is None else [nested])]
    results = dict(zip(keys, in_parallel(folds, n_jobs, title, shared=shared), strict=True))
    return {
        name: _collect({key: result[name] for key, result in results.items()}, repeats, len(label))
        for name in models
    }


def _collect(
    folds: dict[tuple[int, int], FoldResult], repeats: list[Splits], n_lesions: int
) -> CrossFit:
    scores = np.full((len(repeats), n_lesions), np.nan)
    fold = np.full((len(repeats), n_lesions), -1)
    for (r, k), result in folds.items():
        left_out = repeats[r][k][1]
        scores[r, left_out], fold[r, left_out] = result.score, k
    return CrossFit(
        scores,
        fold,
        [result.selected for result in folds.values()],
        [result.fallback for result in folds.values() if result.fallback],
        [result.model for result in folds.values() if result.model is not None],
    )


def needed_columns(models: Mapping[str, Any], X: pd.DataFrame) -> pd.DataFrame:
    """Return only the columns some models read, so that less travels to the workers."""
    wanted: set[str] = set()
    for model in models.values():
        columns = model.input_columns()
        if columns is None:
            return X
        wanted |= set(columns)
    read = X.columns.isin(wanted)
    # Not a copy where there is nothing to leave out: the table is most of a worker's memory.
    return X if read.all() else X.loc[:, read]
