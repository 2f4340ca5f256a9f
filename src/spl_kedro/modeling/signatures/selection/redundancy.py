"""Steps that drop what other features already say: correlation and mRMR."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from spl_kedro.modeling.signatures.selection.base import SelectionStep, Verdict
from spl_kedro.modeling.signatures.shared_work import by_column


def _ranks(columns: NDArray[np.float64]) -> NDArray[np.floating[Any]]:
    """Return each column's ranks in a row; single precision holds halves of whole numbers."""
    ranks = stats.rankdata(columns, axis=0).T
    return ranks.astype(np.float32) if ranks.shape[1] < 2**22 else ranks


def _correlations(X: NDArray[np.float64], method: str) -> NDArray[np.float64]:
    """Return |r| between all columns; a constant column correlates with nothing."""
    if method not in ("pearson", "spearman"):
        raise ValueError(f"method={method!r} is neither 'pearson' nor 'spearman'.")
    values = X
    if method == "spearman":
        # What is added up below is added up row by row, whatever the layout.
        ranks = by_column(_ranks, X, "ranks")
        values = np.ascontiguousarray(ranks.T, dtype=np.float64)
    centred = values - values.mean(axis=0)
    peak = np.abs(centred).max(axis=0)
    centred = centred / np.where(peak > 0, peak, 1.0)
    norm = np.sqrt((centred**2).sum(axis=0))
    unit = centred / np.where(norm > 0, norm, 1.0)
    return np.abs(unit.T @ unit)


class CorrelationFilter(SelectionStep):
    """Of each group of correlated features, keep the one that says most about the label.

    Features are visited from the strongest to the weakest correlation with the label;
    each one kept removes all later ones that correlate with it above the threshold.

    Parameters
    ----------
    threshold : float, default=0.9
        Pairs with absolute r above it are redundant.
    method : {"spearman", "pearson"}, default="spearman"

    Attributes
    ----------
    kept_instead_ : dict of str to str
        For each dropped feature, the one that was kept.
    """

    _step = "correlation"

    def __init__(self, threshold: float = 0.9, method: str = "spearman"):
        self.threshold = threshold
        self.method = method

    def _judge(
        self,
        X: NDArray[np.float64],
        y: NDArray[np.int64] | None,
        names: NDArray[np.object_],
        groups: Any,
    ) -> Verdict:
        assert y is not None
        n = X.shape[1]
        r = _correlations(np.column_stack([X, y]), self.method)
        strength, r = r[:n, n], r[:n, :n]
        keep = np.ones(n, dtype=bool)
        settled = np.zeros(n, dtype=bool)
        partner = np.full(n, -1)
        for i in np.argsort(-strength, kind="stable"):
            if settled[i]:
                continue
            settled[i] = True
            redundant = (r[i] > self.threshold) & ~settled
            keep[redundant] = False
            settled |= redundant
            partner[redundant] = i
        self.kept_instead_ = {str(names[j]): str(names[partner[j]]) for j in np.flatnonzero(~keep)}
        statistic = np.where(keep, strength, r[np.arange(n), partner])
        reason = np.array(
            [f"|r| above {self.threshold:g} with {names[p]}" if p >= 0 else "" for p in partner],
            dtype=object,
        )
        return Verdict(keep, statistic, reason)


class MinimumRedundancySelector(SelectionStep):
    """Keep the features of highest relevance and least redundancy (mRMR).

    The difference form: greedily take the feature with the largest correlation with the
    label minus its mean correlation with those already taken (Peng, Long and Ding, IEEE
    Trans Pattern Anal Mach Intell 2005;27:1226, with absolute correlations for mutual
    information). Unlike the quotient form it does not favour noise, which correlates
    with nothing.

    Parameters
    ----------
    n_features : int, default=20
        How many to keep.
    method : {"spearman", "pearson"}, default="spearman"
    """

    _step = "mrmr"

    def __init__(self, n_features: int = 20, method: str = "spearman"):
        self.n_features = n_features
        self.method = method

    def _judge(
        self,
        X: NDArray[np.float64],
        y: NDArray[np.int64] | None,
        names: NDArray[np.object_],
        groups: Any,
    ) -> Verdict:
        assert y is not None
        n = X.shape[1]
        r = _correlations(np.column_stack([X, y]), self.method)
        relevance, r = r[:n, n], r[:n, :n]
        keep = np.zeros(n, dtype=bool)
        redundancy = np.zeros(n)
        for taken in range(min(self.n_features, n)):
            merit = relevance - redundancy / max(taken, 1)
            best = int(np.argmax(np.where(keep, -np.inf, merit)))
            keep[best] = True
            redundancy += r[best]
        reason = np.full(n, f"not among the {self.n_features} of mRMR", dtype=object)
        return Verdict(keep, relevance, reason)
