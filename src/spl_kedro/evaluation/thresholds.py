"""The operating threshold, chosen once, on the training cohort's scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from spl_kedro.evaluation.checks import checked_scores
from spl_kedro.evaluation.curves import roc_points


def youden_threshold(label: ArrayLike, score: ArrayLike) -> float:
    """Return the threshold with the largest sensitivity + specificity - 1.

    A lesion is called malignant at or above the threshold. Of thresholds that tie, the one with
    the highest sensitivity is taken (a missed cancer costs more than a biopsy). The threshold lies
    midway between the scores it divides.

    Source: Youden, Cancer 1950;3:32.

    Parameters
    ----------
    label : (n,) of 0 and 1
    score : (n,)

    Returns
    -------
    float
        Never outside the range of the scores; with constant scores, that score (all are called
        malignant).
    """
    false_positive, true_positive, cuts = roc_points(label, score)
    # Rounding keeps equal indices equal whatever the order of subtraction.
    index = np.round(true_positive - false_positive, 12)[1:]
    best = index.size - 1 - int(np.argmax(index[::-1]))
    return _midway(cuts[1:], best)


def sensitivity_threshold(label: ArrayLike, score: ArrayLike, min_sensitivity: float) -> float:
    """Return the highest threshold whose sensitivity is at least `min_sensitivity`.

    Parameters
    ----------
    label : (n,) of 0 and 1
    score : (n,)
    min_sensitivity : float in (0, 1]

    Returns
    -------
    float
        Midway between the scores it divides.
    """
    _, true_positive, cuts = roc_points(label, score)
    first = int(np.argmax(true_positive[1:] >= min_sensitivity - 1e-12))
    return _midway(cuts[1:], first)


def _midway(cuts: np.ndarray, position: int) -> float:
    """Return the middle between a cut and the next lower score, or the lowest score itself."""
    if position + 1 == cuts.size:
        return float(cuts[position])
    return float((cuts[position] + cuts[position + 1]) / 2)


def training_threshold(
    label: ArrayLike, score: ArrayLike, rule: str, min_sensitivity: float
) -> float:
    """Return the threshold by the rule a study chose ("youden" or "sensitivity").

    Parameters
    ----------
    label : (n,) of 0 and 1
    score : (n,)
        Cross-fitted scores of the training cohort.
    rule : str
    min_sensitivity : float in (0, 1]
        Used by the rule "sensitivity" only.

    Returns
    -------
    float
    """
    labels, scores = checked_scores(label, score)
    if rule == "sensitivity":
        return sensitivity_threshold(labels, scores, min_sensitivity)
    return youden_threshold(labels, scores)
