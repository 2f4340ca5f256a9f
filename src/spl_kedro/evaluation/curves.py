"""ROC and precision-recall curves, and average precision."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from spl_kedro.evaluation.checks import Array, checked_scores


def _cumulative_hits(label: Array, score: Array, weights: Array) -> tuple[Array, Array, Array]:
    """Return weighted true and false positives at every distinct score, highest first."""
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    last_of_tie = np.append(np.flatnonzero(np.diff(ordered)), score.size - 1)
    hits = np.cumsum(weights[..., order] * label[order], axis=-1)[..., last_of_tie]
    flagged = np.cumsum(weights[..., order], axis=-1)[..., last_of_tie]
    return hits, flagged - hits, ordered[last_of_tie]


def roc_points(label: ArrayLike, score: ArrayLike) -> tuple[Array, Array, Array]:
    """Return the empirical ROC curve.

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
    hits, false_alarms, cuts = _cumulative_hits(labels, scores, np.ones_like(labels))
    return (
        np.append(0.0, false_alarms / false_alarms[-1]),
        np.append(0.0, hits / hits[-1]),
        np.append(np.inf, cuts),
    )


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
    labels, scores = checked_scores(label, score)
    hits, false_alarms, _ = _cumulative_hits(labels, scores, np.ones_like(labels))
    precision = hits / (hits + false_alarms)
    return np.append(0.0, hits / hits[-1]), np.append(precision[0], precision)


def average_precision(label: Array, score: Array, weights: Array) -> Array:
    """Return the average precision: the sum over scores of (recall step) x precision.

    No interpolation between the points, which would be too hopeful (Davis & Goadrich, ICML 2006).

    Parameters
    ----------
    label : (n,) of 0.0 and 1.0
    score : (n,)
    weights : (..., n)
        How often each lesion counts; see `spl_kedro.evaluation.bootstrap`.

    Returns
    -------
    (...,) array in [0, 1]
    """
    hits, false_alarms, _ = _cumulative_hits(label, score, weights)
    flagged = hits + false_alarms
    # Resamples may lack the highest-scored lesions: nothing flagged yet, no recall step either.
    precision = np.divide(hits, flagged, out=np.zeros_like(hits), where=flagged > 0)
    steps = np.diff(hits, axis=-1, prepend=0.0)
    return (steps * precision).sum(axis=-1) / hits[..., -1]
