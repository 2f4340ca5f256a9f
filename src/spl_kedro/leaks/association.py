"""How far categories or numbers predict the label: AUC with interval, p-value by shuffles."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from sklearn.model_selection import StratifiedKFold

from spl_kedro.cohort.leak_settings import LeakSettings
from spl_kedro.modeling.evaluation.delong import auc_interval

Labels = NDArray[np.int64]
FOLDS = 5


class Association(NamedTuple):
    """An AUC with its 95 % interval, and the p-value of no relation at all."""

    auc: float
    low: float
    high: float
    p: float


def of_numbers(values: NDArray[np.float64], label: Labels) -> Association:
    """Return how far a number that rises or falls predicts the label.

    The p-value is that of Mann and Whitney, two-sided, exact in small samples without ties.
    """
    p = float(stats.mannwhitneyu(values[label == 1], values[label == 0]).pvalue)
    found = auc_interval(label, values)
    if found.auc < 0.5:
        found = auc_interval(label, -values)
    return Association(found.auc, found.low, found.high, p)


def of_categories(values: pd.Series, label: Labels, settings: LeakSettings) -> Association:
    """Return how far categories predict the label.

    Parameters
    ----------
    values : Series of str, length n
    label : (n,) of 0 and 1
        Each class at least as often as there are folds, else the AUC is not defined (NaN).
    settings : LeakSettings

    Returns
    -------
    Association
        The AUC is that of each category's share of malignant cases in the other folds: a category
        that no other fold has gets the share of all, so that identifiers predict nothing. The
        p-value is the share of shuffled labels whose chi-squared statistic is no smaller.
    """
    codes = pd.factorize(values, sort=True)[0]
    p = _shuffled_p(codes, label, settings)
    if min(np.bincount(label, minlength=2)) < FOLDS:
        return Association(np.nan, np.nan, np.nan, p)
    found = auc_interval(label, _shares_elsewhere(codes, label, settings.seed))
    return Association(found.auc, found.low, found.high, p)


def _shares_elsewhere(codes: NDArray[np.int64], label: Labels, seed: int) -> NDArray[np.float64]:
    scores = np.empty(len(label))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for others, own in folds.split(codes, label):
        size = np.bincount(codes[others], minlength=codes.max() + 1)
        positive = np.bincount(codes[others], label[others], minlength=codes.max() + 1)
        scores[own] = ((positive + label[others].mean()) / (size + 1))[codes[own]]
    return scores


def _shuffled_p(codes: NDArray[np.int64], label: Labels, settings: LeakSettings) -> float:
    """Return the p-value of the chi-squared statistic under shuffled labels.

    When labels are shuffled, the malignant cases in the categories follow the multivariate
    hypergeometric distribution, from which they are drawn.
    """
    size = np.bincount(codes)
    expected = size * label.mean()
    rng = np.random.default_rng(settings.seed)
    drawn = rng.multivariate_hypergeometric(
        size, int(label.sum()), size=settings.permutations, method="marginals"
    )

    def statistic(positive: NDArray[np.int64]) -> NDArray[np.float64]:
        return ((positive - expected) ** 2 / size).sum(axis=-1)

    observed = statistic(np.bincount(codes, label, minlength=len(size)).astype(np.int64))
    larger = int((statistic(drawn) >= observed - 1e-9).sum())
    return (1 + larger) / (1 + settings.permutations)
