"""The rules labels and scores must keep before anything is computed from them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

SINGLE_CLASS = "undefined: only one class"
SEPARATED = "undefined: perfect separation"
CONSTANT = "undefined: constant scores"
ONE_PATIENT = "undefined: a class has one patient"
NO_THRESHOLD = "undefined: the other folds hold one class"
UNSTABLE = "undefined: too many resamples without a value"


class EvaluationError(ValueError):
    """Labels or scores break a rule of the evaluation; the message names it."""


def checked_scores(
    label: ArrayLike, score: ArrayLike, *, probabilities: bool = False
) -> tuple[Array, Array]:
    """Return label and score as float arrays, or refuse them.

    Parameters
    ----------
    label : (n,) of 0 (benign) and 1 (malignant)
        Both classes must be present.
    score : (n,) or (k, n)
        One or several models' scores, larger meaning more malignant, finite.
    probabilities : bool
        Whether the scores must also lie in [0, 1].

    Returns
    -------
    (label, score) : float arrays

    Raises
    ------
    EvaluationError
        Naming the rule broken: shape, label values, one class, not finite, range.
    """
    labels = np.asarray(label, dtype=float)
    scores = np.asarray(score, dtype=float)
    if labels.ndim != 1 or scores.shape[-1:] != labels.shape:
        raise EvaluationError(
            f"rule same_length: {labels.shape} labels and {scores.shape} scores; give one score "
            "per label"
        )
    if not np.isin(labels, (0.0, 1.0)).all():
        raise EvaluationError("rule binary_label: labels must be 0 (benign) or 1 (malignant)")
    if not np.isfinite(scores).all():
        count = int((~np.isfinite(scores)).sum())
        raise EvaluationError(
            f"rule finite_score: {count} scores are NaN or infinite; drop those lesions or find "
            "out why their model gave none"
        )
    if labels.size == 0 or labels.min() == labels.max():
        raise EvaluationError(
            f"rule two_classes: {labels.size} lesions of which {int(labels.sum())} malignant; "
            "both classes are needed"
        )
    if probabilities and (scores.min() < 0 or scores.max() > 1):
        raise EvaluationError("rule probability: scores must lie between 0 and 1")
    return labels, scores


def is_separated(label: Array, score: Array) -> bool:
    """Whether some threshold divides the classes without error (label and score as checked)."""
    return bool(score[label == 0].max() < score[label == 1].min())
