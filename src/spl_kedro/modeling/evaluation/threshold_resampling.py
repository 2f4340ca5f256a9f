"""Intervals of what a threshold decides in training, where the threshold itself is a choice.

What is deployed is one model at one threshold. Both are known from the training lesions alone, and
another cohort would have chosen another threshold: of 400 simulated studies the true sensitivity
at Youden's threshold varied with a standard deviation of 0.07. In a resample the thresholds are
therefore chosen again: that of all its lesions, as it would be deployed, and those of the other
folds, as the lesions are judged by. The first is looked up on the cohort as it is, which stands for
the population; the second is what such a study would report. How far one lies from the other is
the error of the report, and its spread is that of the interval (docs/coverage.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numba
import numpy as np

from spl_kedro.modeling.evaluation.bootstrap import percentile_interval
from spl_kedro.modeling.evaluation.checks import Array
from spl_kedro.modeling.evaluation.operating_point import Confusion, proportions, ratio
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.units import Cell

#: Differences below this are rounding.
_ROUNDING = 1e-12


class ResampledCuts(NamedTuple):
    """The thresholds of every resample.

    Attributes
    ----------
    deployed : (b,) array
        Of all lesions and repeats.
    judging : (repeats, folds, b) array
        Of the lesions of the other folds, in each repeat; NaN where they hold one class.
    fold : (repeats, n) array of int
        Position of each lesion's fold in `judging`.
    """

    deployed: Array
    judging: Array
    fold: np.ndarray


class Choice(NamedTuple):
    """How a threshold is chosen.

    Attributes
    ----------
    kept : float or None
        The share to keep: of malignant lesions at or above the threshold, or, `mirrored`, of
        benign lesions below it. None: Youden's index.
    mirrored : bool
    """

    kept: float | None
    mirrored: bool = False


def operating_choice(settings: EvaluationSettings) -> Choice:
    """Return how a study chooses its operating threshold."""
    by_sensitivity = settings.threshold_rule == "sensitivity"
    return Choice(settings.min_sensitivity if by_sensitivity else None)


def resampled_cuts(
    cell: Cell, weights: Array, settings: EvaluationSettings, choice: Choice | None = None
) -> ResampledCuts:
    """Choose the thresholds of every resample.

    Parameters
    ----------
    cell : Cell
        Of cross-fitted scores.
    weights : (b, n) array
        From `spl_kedro.modeling.evaluation.bootstrap.resampling_weights`.
    settings : EvaluationSettings
    choice : Choice, optional
        That of the operating threshold where none is named.

    Returns
    -------
    ResampledCuts
    """
    choice = operating_choice(settings) if choice is None else choice
    weights = _drawn(weights)
    everyone = np.arange(cell.n)
    pooled = cell.scores.ravel(), np.tile(everyone, cell.repeats)
    deployed = _chosen(*pooled, cell.label, weights, choice)
    folds, position = np.unique(cell.folds, return_inverse=True)
    position = position.reshape(cell.folds.shape)
    judging = np.full((cell.repeats, folds.size, len(weights)), np.nan)
    for repeat, score in enumerate(cell.scores):
        for k in range(folds.size):
            others = np.flatnonzero(position[repeat] != k)
            judging[repeat, k] = _chosen(score[others], others, cell.label, weights, choice)
    return ResampledCuts(deployed, judging, position)


def threshold_errors(
    cell: Cell,
    cuts: ResampledCuts,
    weights: Array,
    statistic: Callable[[Confusion], Array],
    inside: np.ndarray | None = None,
) -> Array:
    """Return how far each resample's report lies from what its deployed threshold does.

    Parameters
    ----------
    cell : Cell
    cuts : ResampledCuts
        Of the same resamples.
    weights : (b, n) array
    statistic : function of Confusion
    inside : (n,) array of bool, optional
        Lesions that are measured; all by default. Thresholds are chosen on all.

    Returns
    -------
    (b,) array
        NaN where a resample has no value.
    """
    chosen = np.ones(cell.n, dtype=bool) if inside is None else inside
    label, counted = cell.label[chosen], _drawn(weights)
    if not chosen.all():
        counted = np.ascontiguousarray(counted[:, chosen])
    once, own = _drawn(np.ones((1, label.size))), np.zeros(label.size, dtype=np.int64)
    reported, true = [], []
    for repeat, score in enumerate(cell.scores[:, chosen]):
        fold = cuts.fold[repeat, chosen]
        reported.append(statistic(_counts(label, score, fold, cuts.judging[repeat], counted)))
        true.append(statistic(_counts(label, score, own, cuts.deployed[None], once)))
    errors: Array = np.mean(reported, axis=0) - np.mean(true, axis=0)
    return errors


def class_share_errors(
    cell: Cell, cuts: ResampledCuts, weights: Array, inside: np.ndarray | None = None
) -> dict[str, Array]:
    """Return the errors of sensitivity and specificity; see `threshold_errors`."""
    return {
        name: threshold_errors(cell, cuts, weights, share_of(name), inside)
        for name in ("sensitivity", "specificity")
    }


def share_of(name: str) -> Callable[[Confusion], Array]:
    """Return the function of the counts that a simple proportion is."""

    def share(counts: Confusion) -> Array:
        return ratio(*proportions(counts)[name])

    return share


def error_interval(
    value: float, errors: Array, confidence: float, bounds: tuple[float, float] = (0.0, 1.0)
) -> tuple[float, float]:
    """Return the interval of a report whose resamples err like this.

    The mean error is taken out: a resample's threshold fits lesions that it holds twice, which is
    no fault of the report.

    Parameters
    ----------
    value : float
    errors : (b,) array
    confidence : float in (0.5, 1)
    bounds : (low, high)
        Of the measure.

    Returns
    -------
    (low, high)
        NaN where too many resamples have no value.
    """
    if np.isnan(errors).all():
        return np.nan, np.nan
    below, above = percentile_interval(errors - np.nanmean(errors), confidence)
    low, high = np.clip([value - above, value - below], *bounds)
    return float(low), float(high)


def _drawn(weights: Array) -> np.ndarray:
    """Return how often each lesion was drawn in two bytes: a resample's row stays near at hand."""
    return np.ascontiguousarray(weights, dtype=np.uint16)


def _chosen(
    score: Array, lesion: np.ndarray, label: Array, weights: np.ndarray, choice: Choice
) -> Array:
    """Return each resample's threshold on some scores of lesions."""
    kept = choice.kept
    if choice.mirrored:
        assert kept is not None
        order = np.argsort(score, kind="stable")
        return -_cuts(-score[order], lesion[order], 1 - label, weights, kept, -np.inf)
    order = np.argsort(-score, kind="stable")
    return _cuts(
        score[order], lesion[order], label, weights, -1.0 if kept is None else kept, np.nan
    )


@numba.njit(cache=True, nogil=True)
def _cuts(
    score: Array, lesion: np.ndarray, label: Array, weights: np.ndarray, kept: float, beyond: float
) -> Array:
    """Return thresholds as `spl_kedro.modeling.evaluation.thresholds` chooses them.

    Scores descend. `kept` is the sensitivity to keep, or below 0 for Youden's index. `beyond`
    stands for the threshold where the lowest score is called too; NaN: that score.
    """
    result = np.full(len(weights), np.nan)
    for row in range(len(weights)):
        malignant, benign = 0.0, 0.0
        for i in range(score.size):
            count = float(weights[row, lesion[i]])
            malignant += count * label[lesion[i]]
            benign += count * (1 - label[lesion[i]])
        if malignant == 0.0 or benign == 0.0:
            continue
        true_positive, false_positive, best, cut = 0.0, 0.0, -2.0, -1.0
        pending = False
        for i in range(score.size):
            count = float(weights[row, lesion[i]])
            if count == 0.0:
                continue
            if pending and score[i] < cut:
                # The threshold lies midway to the next lower score of the resample.
                result[row] = (cut + score[i]) / 2
                pending = False
                if kept >= 0:
                    break
            true_positive += count * label[lesion[i]]
            false_positive += count * (1 - label[lesion[i]])
            if i + 1 < score.size and score[i + 1] == score[i]:
                # Whether a later lesion of this score was drawn is not known yet.
                later = i + 1
                tied = False
                while later < score.size and score[later] == score[i]:
                    if weights[row, lesion[later]] > 0:
                        tied = True
                        break
                    later += 1
                if tied:
                    continue
            sensitivity = true_positive / malignant
            if kept >= 0:
                good = sensitivity >= kept - _ROUNDING
            else:
                index = sensitivity - false_positive / benign
                good = index >= best - _ROUNDING
                best = max(best, index)
            if good:
                cut, pending = score[i], True
                result[row] = score[i] if np.isnan(beyond) else beyond
    return result


@numba.njit(cache=True, nogil=True)
def _called(
    label: Array, score: Array, fold: np.ndarray, cuts: Array, weights: np.ndarray
) -> Array:
    """Count (4, b) true and false positives, false and true negatives.

    `cuts` is (folds, b); one row of weights serves all resamples.
    """
    resamples = cuts.shape[1]
    counts = np.zeros((4, resamples))
    for row in range(resamples):
        source = row if len(weights) > 1 else 0
        for i in range(score.size):
            count = float(weights[source, i])
            if count == 0.0:
                continue
            cut = cuts[fold[i], row]
            if np.isnan(cut):
                counts[:, row] = np.nan
                break
            malignant = label[i] == 1.0
            if score[i] >= cut:
                counts[0 if malignant else 1, row] += count
            else:
                counts[2 if malignant else 3, row] += count
    return counts


def _counts(
    label: Array, score: Array, fold: np.ndarray, cuts: Array, weights: np.ndarray
) -> Confusion:
    parts = (np.ascontiguousarray(part) for part in (label, score, fold, cuts, weights))
    return Confusion(*_called(*parts))
