"""Scores for training lesions from models that have not seen them."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.base import clone
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from spl_kedro.signatures.feature import FeatureSignature
from spl_kedro.signatures.folds import Splits, predefined_splits, stratified_splits
from spl_kedro.signatures.fusion import FusionSignature


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
    """

    scores: NDArray[np.float64]
    folds: NDArray[np.int64]
    selected: list[list[str]]
    fallbacks: list[str]


def repeated_splits(
    label: NDArray[np.int64],
    groups: NDArray[Any],
    *,
    n_splits: int,
    n_repeats: int,
    seed: int,
    first: pd.Series | None = None,
) -> list[Splits]:
    """Return the folds of every repeat, patients together and classes balanced.

    Parameters
    ----------
    label, groups : ndarray, shape (n_lesions,)
    n_splits, n_repeats, seed : int
    first : Series of int, optional
        Folds to use in the first repeat, one per lesion. They are ignored when a part
        would lack a class or split a patient.

    Raises
    ------
    ValueError
        If a class has fewer than two patients.
    """
    repeats = []
    if first is not None and len(first) == len(label):
        candidate = predefined_splits(first.to_numpy())
        together = pd.Series(first.to_numpy()).groupby(np.asarray(groups)).nunique().max() == 1
        balanced = all(len(np.unique(label[train])) == 2 for train, _ in candidate)
        if len(candidate) > 1 and together and balanced:
            repeats.append(candidate)
    while len(repeats) < n_repeats:
        splits = stratified_splits(label, groups, n_splits, seed + len(repeats))
        if not splits:
            raise ValueError(
                "One class has fewer than two patients, so a fold would hold one class only: "
                "the cohort is too small to be cross-validated."
            )
        repeats.append(splits)
    return repeats


def in_parallel(
    tasks: Iterable[Callable[[], Any]], n_jobs: int, title: str, unit: str = "fit"
) -> list[Any]:
    """Run tasks in worker processes and return their results in order.

    Each task runs on one thread of linear algebra wherever it runs, so that its result
    is the same whatever the number of workers.
    """
    tasks = list(tasks)
    done = Parallel(n_jobs=n_jobs, return_as="generator")(delayed(_alone)(task) for task in tasks)
    return list(tqdm(done, total=len(tasks), desc=title, unit=unit, leave=False))


def _alone(task: Callable[[], Any]) -> Any:
    with threadpool_limits(limits=1), warnings.catch_warnings():
        # A fit that falls back on the prevalence says so in `fallback_`, which is collected.
        warnings.simplefilter("ignore")
        return task()


class FitAndScore:
    """One fold: fit a clone on the training part, score the other part."""

    def __init__(
        self,
        model: Any,
        X: pd.DataFrame,
        label: NDArray[np.int64],
        groups: NDArray[Any],
        split: tuple[NDArray[np.int64], NDArray[np.int64]],
    ):
        self.model, self.X, self.label, self.groups, self.split = model, X, label, groups, split

    def __call__(self) -> list[FoldResult]:
        """Return the result of the model and, of a fusion, that of its image signature."""
        train, test = self.split
        fitted = clone(self.model).fit(
            self.X.iloc[train], self.label[train], groups=self.groups[train]
        )
        parts = [fitted, fitted.image_] if isinstance(fitted, FusionSignature) else [fitted]
        return [
            FoldResult(
                part.predict_proba(self.X.iloc[test])[:, 1],
                list(part.selected_features_),
                part.fallback_,
            )
            for part in parts
        ]


class FoldResult(NamedTuple):
    """Scores of the lesions left out, the features kept and the reason of a fallback."""

    score: NDArray[np.float64]
    selected: list[str]
    fallback: str | None


def parts_of_fusions(models: dict[str, Any]) -> dict[str, str]:
    """Return which models are the image signature of which fusion: they are fitted once.

    Parameters
    ----------
    models : dict of str to estimator
        Unfitted.

    Returns
    -------
    dict of str to str
        Name of the image signature's model -> name of the fusion.
    """
    fusions = {n: m for n, m in models.items() if isinstance(m, FusionSignature)}
    return {
        name: fusion
        for name, model in models.items()
        for fusion, whole in fusions.items()
        if isinstance(model, FeatureSignature) and _same(model, whole.image)
    }


def _same(one: FeatureSignature, two: FeatureSignature | None) -> bool:
    if two is None or one.columns != two.columns:
        return False
    return one is two or pickle.dumps(one) == pickle.dumps(two)


def cross_fit(
    models: dict[str, Any],
    X: pd.DataFrame,
    label: NDArray[np.int64],
    groups: NDArray[Any],
    repeats: list[Splits],
    n_jobs: int,
    title: str = "cross-fitting",
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

    Returns
    -------
    dict of str to CrossFit
    """
    inside = parts_of_fusions(models)
    fitted = [name for name in models if name not in inside]
    keys = [(name, r, k) for name in fitted for r, s in enumerate(repeats) for k in range(len(s))]
    tasks = [
        FitAndScore(models[name], _needed(models[name], X), label, groups, repeats[r][k])
        for name, r, k in keys
    ]
    results = dict(zip(keys, in_parallel(tasks, n_jobs, title), strict=True))
    collected = {}
    for name in models:
        source, position = (inside[name], 1) if name in inside else (name, 0)
        folds = {(r, k): results[key][position] for key in keys for n, r, k in [key] if n == source}
        collected[name] = _collect(folds, repeats, len(label))
    return collected


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
    )


def _needed(model: Any, X: pd.DataFrame) -> pd.DataFrame:
    """Return only the columns a model reads, so that less travels to the workers."""
    columns = model.input_columns()
    return X if columns is None else X.loc[:, columns]
