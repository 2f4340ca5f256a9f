"""ROC and precision-recall curves, and average precision."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import precision_recall_curve, roc_curve

from spl_kedro.modeling.evaluation.checks import Array, checked_scores


def _cumulative_hits(label: Array, score: Array, weights: Array) -> tuple[Array, Array]:
    """Return weighted true positives and all flagged at every distinct score, highest first."""
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    last_of_tie = np.append(np.flatnonzero(np.diff(ordered)), score.size - 1)
    hits = np.cumsum(weights[..., order] * label[order], axis=-1)[..., last_of_tie]
    flagged = np.cumsum(weights[..., order], axis=-1)[..., last_of_tie]
    return hits, flagged


def roc_points(label: ArrayLike, score: ArrayLike) -> tuple[Array, Array, Array]:
    """Return the empirical ROC curve, by scikit-learn.

    Parameters
    ----------
    label : (n,) of 0 and 1
    score : (n,)

    Returns
    -------
    false_positive_rate, sensitivity, threshold : (m,) arrays
        From (0, 0), threshold infinity, to (1, 1), one point for each distinct score.
    """
    labels, scores = checked_scores(label, score)
    return roc_curve(labels, scores, drop_intermediate=False)


def mean_roc_points(label: ArrayLike, scores: Array) -> tuple[Array, Array]:
    """Return the ROC curve of repeated scores, averaged vertically.

    At each 1 - specificity the mean of the repeats' sensitivities (Fawcett, Pattern Recognit Lett
    2006;27:861). The area under it is the mean of the repeats' areas, which pooling the repeats'
    scores into one curve does not give.

    Parameters
    ----------
    label : (n,) of 0 and 1
    scores : (repeats, n)

    Returns
    -------
    false_positive_rate, sensitivity : (m,) arrays
        From (0, 0) to (1, 1).
    """
    curves = [roc_points(label, score)[:2] for score in scores]
    if len(curves) == 1:
        return curves[0]
    grid = np.unique(np.concatenate([x for x, _ in curves]))
    # Where a curve rises at one rate it has two values there, both kept.
    below = np.mean([_at(grid, x, y, "left") for x, y in curves], axis=0)
    above = np.mean([_at(grid, x, y, "right") for x, y in curves], axis=0)
    return np.repeat(grid, 2), np.stack([below, above], axis=1).ravel()


def _at(grid: Array, x: Array, y: Array, side: Literal["left", "right"]) -> Array:
    """Return a curve's value at each x of a grid, where it jumps the one on that side."""
    position = np.searchsorted(x, grid, side=side) - (side == "right")
    return np.where(x[position] == grid, y[position], np.interp(grid, x, y))


def precision_recall_points(label: ArrayLike, score: ArrayLike) -> tuple[Array, Array]:
    """Return recall (sensitivity) and precision (PPV) at every distinct score, highest first.

    Parameters
    ----------
    label : (n,) of 0 and 1
    score : (n,)

    Returns
    -------
    recall, precision : (m,) arrays
        The first point repeats the first precision at recall 0, so that the curve can be drawn.
    """
    precision, recall, _ = precision_recall_curve(*checked_scores(label, score))
    # scikit-learn goes from the lowest score and ends in a precision of 1 that no score has.
    precision[-1] = precision[-2]
    return recall[::-1], precision[::-1]


def mean_precision_recall_points(label: ArrayLike, scores: Array) -> tuple[Array, Array]:
    """Return the precision-recall curve of repeated scores, averaged at each recall.

    The steps under it add up to the mean of the repeats' average precisions.

    Parameters
    ----------
    label : (n,) of 0 and 1
    scores : (repeats, n)

    Returns
    -------
    recall, precision : (m,) arrays
        As `precision_recall_points`.
    """
    curves = [precision_recall_points(label, score) for score in scores]
    if len(curves) == 1:
        return curves[0]
    recall = np.unique(np.concatenate([x[1:] for x, _ in curves]))
    # The precision of a step belongs to all recalls up to its own.
    steps = [y[1:][np.searchsorted(x[1:], recall, side="left")] for x, y in curves]
    precision = np.mean(steps, axis=0)
    return np.append(0.0, recall), np.append(precision[0], precision)


def average_precision(label: Array, score: Array, weights: Array) -> Array:
    """Return the average precision: the sum over scores of (recall step) x precision.

    No interpolation between the points, which would be too hopeful (Davis & Goadrich, ICML 2006).

    Parameters
    ----------
    label : (n,) of 0.0 and 1.0
    score : (n,)
    weights : (..., n)
        How often each lesion counts; see `spl_kedro.modeling.evaluation.bootstrap`.

    Returns
    -------
    (...,) array in [0, 1]
    """
    hits, flagged = _cumulative_hits(label, score, weights)
    # Resamples may lack the highest-scored lesions: nothing flagged yet, no recall step either.
    precision = np.divide(hits, flagged, out=np.zeros_like(hits), where=flagged > 0)
    steps = np.diff(hits, axis=-1, prepend=0.0)
    return (steps * precision).sum(axis=-1) / hits[..., -1]
