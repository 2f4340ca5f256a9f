"""Shapley values of a score, exactly or over permutations, one reference lesion at a time.

The value of a coalition S of features for lesion x is the interventional one (Lundberg and Lee
2017; Janzing et al. 2020): the mean score over reference lesions b when the features in S are
taken from x and the rest from b. Values are kept per reference lesion, because a chain of models
can then be traced exactly (:mod:`spl_kedro.explainability.trace`).

Written here rather than called from ``shap`` for that, for features that span several columns
(one-hot categories), and for speed; the tests hold it to ``shap``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Predict = Callable[[np.ndarray], np.ndarray]
Mix = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]

# Mixtures scored at once, which bounds memory.
_MIXTURES_AT_ONCE = 600_000
# Mixtures written out at once: about 100 MB for a hundred columns.
_WRITTEN_OUT = 120_000


@dataclass(frozen=True)
class ShapleyValues:
    """Shapley values of some rows against every reference row.

    Attributes
    ----------
    by_reference : ndarray of float, shape (n_rows, n_references, n_features)
        Contribution of each feature to ``outputs[row] - references[reference]``; the sum over
        features equals that difference.
    outputs : ndarray of float, shape (n_rows,)
        Score of each row.
    references : ndarray of float, shape (n_references,)
        Score of each reference row.
    """

    by_reference: np.ndarray
    outputs: np.ndarray
    references: np.ndarray

    @property
    def values(self) -> np.ndarray:
        """SHAP values, shape (n_rows, n_features): the mean over reference rows."""
        return self.by_reference.mean(axis=1)

    @property
    def base(self) -> float:
        """Mean score of the reference rows: where every explanation starts."""
        return float(self.references.mean())

    @property
    def additivity_error(self) -> float:
        """Largest absolute ``base + sum of values - output`` over the rows."""
        gap = self.base + self.values.sum(axis=1) - self.outputs
        return float(np.abs(gap).max(initial=0.0))


def shapley_values(
    predict: Predict,
    rows: np.ndarray,
    references: np.ndarray,
    *,
    players: Sequence[Sequence[int]] | None = None,
    exact_up_to: int = 8,
    permutations: int = 4,
    seed: int = 0,
) -> ShapleyValues:
    """Return Shapley values of a score for each row against each reference.

    Parameters
    ----------
    predict : callable
        Maps an array (m, n_columns) to m scores. Where it has a method ``mixed_scores``
        (:class:`~spl_kedro.explainability.linear_probability.LinearProbability`,
        :class:`~spl_kedro.explainability.kernel_svm.RbfProbability`), that is used instead of
        writing every mixture out.
    rows : ndarray, shape (n_rows, n_columns)
        What to explain.
    references : ndarray, shape (n_references, n_columns)
        Background: the lesions a row is compared with.
    players : sequence of column index lists, optional
        Columns that enter together (one feature). By default every column is a feature.
    exact_up_to : int
        Up to this many features all ``2**n`` coalitions are scored; beyond it permutations.
    permutations : int
        Number of random feature orders; each is also walked backwards (antithetic), which
        cancels all two-way interactions' sampling error.
    seed : int
        Seed of the orders.

    Raises
    ------
    ValueError
        If rows and references disagree in columns, or a background is missing.
    """
    rows, references = np.atleast_2d(rows), np.atleast_2d(references)
    if rows.shape[1] != references.shape[1]:
        raise ValueError(
            f"rows have {rows.shape[1]} columns, the background {references.shape[1]}: "
            "give both the columns the model uses, in its order"
        )
    if len(references) == 0:
        raise ValueError("the background is empty: give at least one reference lesion")
    groups = [[column] for column in range(rows.shape[1])] if players is None else list(players)
    masks, weights = (
        _all_coalitions(len(groups))
        if len(groups) <= exact_up_to
        else _permuted_coalitions(len(groups), permutations, seed)
    )
    columns = np.zeros((len(masks), rows.shape[1]), dtype=bool)
    for player, group in enumerate(groups):
        columns[np.ix_(masks[:, player], np.asarray(group))] = True

    mix = getattr(predict, "mixed_scores", None) or _written_out(predict)
    values = np.zeros((len(groups), len(rows), len(references)))
    at_once = max(1, _MIXTURES_AT_ONCE // max(1, len(rows) * len(references)))
    sparse = np.count_nonzero(weights) < weights.size / 4
    for start in range(0, len(masks), at_once):
        part = slice(start, start + at_once)
        scores = mix(rows, references, columns[part])
        if not sparse:
            values += np.einsum("ncb,cp->pnb", scores, weights[part], optimize=True)
            continue
        # Along an order a coalition counts for the player that joined and the one that follows.
        for coalition, player in zip(*np.nonzero(weights[part]), strict=True):
            values[player] += weights[start + coalition, player] * scores[:, coalition]
    by_reference = values.transpose(1, 2, 0)
    # The empty coalition and the full one are the reference's and the row's own scores.
    return ShapleyValues(by_reference, predict(rows), predict(references))


def _written_out(predict: Predict) -> Mix:
    """Score mixtures by writing each out as a row."""

    def mix(rows: np.ndarray, references: np.ndarray, masks: np.ndarray) -> np.ndarray:
        scores = np.empty((len(rows), len(masks), len(references)))
        at_once = max(1, _WRITTEN_OUT // len(references))
        for index, row in enumerate(rows):
            for start in range(0, len(masks), at_once):
                part = masks[start : start + at_once, None, :]
                mixed = np.where(part, row, references[None, :, :])
                flat = predict(mixed.reshape(part.shape[0] * len(references), rows.shape[1]))
                scores[index, start : start + at_once] = flat.reshape(mixed.shape[:2])
        return scores

    return mix


def _all_coalitions(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return all coalitions (2**n, n) and each one's weight in every player's value."""
    masks = np.array(list(itertools.product((False, True), repeat=n)), dtype=bool).reshape(2**n, n)
    sizes = masks.sum(axis=1)
    weights = np.empty((len(masks), n))
    for index, (mask, size) in enumerate(zip(masks, sizes, strict=True)):
        joined = math.factorial(size - 1) * math.factorial(n - size) if size else 0
        missing = math.factorial(size) * math.factorial(n - size - 1) if size < n else 0
        weights[index] = np.where(mask, joined, -missing) / math.factorial(n)
    return masks, weights


def _permuted_coalitions(n: int, permutations: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the coalitions met along random orders and back, with their weights."""
    random = np.random.default_rng(seed)
    table: dict[bytes, int] = {}
    masks: list[np.ndarray] = []
    weights: list[np.ndarray] = []

    def index_of(mask: np.ndarray) -> int:
        key = mask.tobytes()
        if key not in table:
            table[key] = len(masks)
            masks.append(mask.copy())
            weights.append(np.zeros(n))
        return table[key]

    share = 1 / (2 * permutations)
    for _ in range(permutations):
        order = random.permutation(n)
        for walk in (order, order[::-1]):
            mask = np.zeros(n, dtype=bool)
            before = index_of(mask)
            for player in walk:
                mask[player] = True
                after = index_of(mask)
                weights[after][player] += share
                weights[before][player] -= share
                before = after
    return np.array(masks), np.array(weights)
