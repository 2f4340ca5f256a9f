"""The operating threshold, chosen once, on the training cohort's scores."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from spl_kedro.modeling.evaluation.checks import Array, EvaluationError, checked_scores
from spl_kedro.modeling.evaluation.curves import roc_points
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.units import Cell, cells, scored_units


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


def specificity_threshold(label: ArrayLike, score: ArrayLike, min_specificity: float) -> float:
    """Return the lowest threshold whose specificity is at least `min_specificity`.

    Parameters
    ----------
    label : (n,) of 0 and 1
    score : (n,)
    min_specificity : float in (0, 1]

    Returns
    -------
    float
        Midway between the scores it divides; infinity where even the highest score is that of too
        many benign lesions, so that none may be called malignant.
    """
    false_positive, _, cuts = roc_points(label, score)
    last = int(np.flatnonzero(false_positive <= 1 - min_specificity + 1e-12)[-1])
    return _midway(cuts[1:], last - 1) if last else np.inf


def _midway(cuts: np.ndarray, position: int) -> float:
    """Return the middle between a cut and the next lower score, or the lowest score itself."""
    if position + 1 == cuts.size:
        return float(cuts[position])
    return float((cuts[position] + cuts[position + 1]) / 2)


def training_threshold(label: ArrayLike, score: ArrayLike, settings: EvaluationSettings) -> float:
    """Return the threshold by the rule a study chose.

    Parameters
    ----------
    label : (n,) of 0 and 1
    score : (n,) or (repeats, n)
        Scores of the training cohort. Repeats are pooled, each lesion counting once in each: the
        threshold is to serve one model, whose scores spread as those of one repeat do; mean scores
        are closer together.
    settings : EvaluationSettings
        With the rule.

    Returns
    -------
    float
    """
    pooled = _pooled(label, score)
    if settings.threshold_rule == "sensitivity":
        return sensitivity_threshold(*pooled, settings.min_sensitivity)
    return youden_threshold(*pooled)


def rule_out_threshold(label: ArrayLike, score: ArrayLike, settings: EvaluationSettings) -> float:
    """Return the threshold below which a lesion is ruled out, chosen as `training_threshold` is.

    The highest that keeps `settings.clinic.min_sensitivity`.
    """
    return sensitivity_threshold(*_pooled(label, score), settings.clinic.min_sensitivity)


def rule_in_threshold(label: ArrayLike, score: ArrayLike, settings: EvaluationSettings) -> float:
    """Return the threshold from which a lesion is ruled in, chosen as `training_threshold` is.

    The lowest that keeps `settings.clinic.min_specificity`; infinity where none does.
    """
    return specificity_threshold(*_pooled(label, score), settings.clinic.min_specificity)


def _pooled(label: ArrayLike, score: ArrayLike) -> tuple[Array, Array]:
    """Return labels and scores of all repeats in one row."""
    labels, scores = checked_scores(label, np.atleast_2d(np.asarray(score, dtype=float)))
    return np.tile(labels, len(scores)), scores.ravel()


def operating_thresholds(predictions: pd.DataFrame, settings: EvaluationSettings) -> pd.DataFrame:
    """Choose each model's thresholds from the training cohort's scores alone.

    Of cross-fitted scores all repeats are pooled, each lesion counting once in each.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        One row per model and protocol: model, protocol, threshold (the operating one), rule_out,
        rule_in (the borders of the zone in which the tool defers, see
        `spl_kedro.modeling.evaluation.clinic.zones`), and the min_sensitivity and min_specificity
        that these keep in training. Of patients' scores also pooling, the rule that made them.

    Raises
    ------
    EvaluationError
        If the training cohort is missing or has one class, or a training score of the leak-free
        protocol was not cross-fitted (fold -1).
    """
    training = predictions[predictions["cohort"] == "training"]
    if training.empty:
        raise EvaluationError(
            "rule threshold_from_training: the predictions hold no training cohort, and a "
            "threshold may come from nowhere else"
        )
    leaky = training[(training["protocol"] == "leak_free") & (training["fold"] < 0)]
    if len(leaky):
        raise EvaluationError(
            f"rule cross_fitted_threshold: {len(leaky)} leak_free training scores of "
            f"{leaky['model'].iloc[0]} have fold -1, that is, come from a model that trained on "
            "the lesion; store cross-fitted scores with their fold"
        )
    rows = [
        {
            "model": cell.model,
            "protocol": cell.protocol,
            "threshold": training_threshold(cell.label, cell.scores, settings),
            "rule_out": rule_out_threshold(cell.label, cell.scores, settings),
            "rule_in": rule_in_threshold(cell.label, cell.scores, settings),
            "min_sensitivity": settings.clinic.min_sensitivity,
            "min_specificity": settings.clinic.min_specificity,
        }
        for cell in cells(scored_units(training, settings.pooling))
    ]
    of_patients = {} if settings.pooling == "none" else {"pooling": settings.pooling}
    return pd.DataFrame(rows).assign(**of_patients)


Rule = Callable[[ArrayLike, ArrayLike, EvaluationSettings], float]


def applied_thresholds(
    cell: Cell, deployed: float, settings: EvaluationSettings, rule: Rule = training_threshold
) -> Array:
    """Return the threshold each score is judged by, one that the lesion had no part in choosing.

    Cross-fitted training scores are judged by the threshold chosen, by the same rule, on the other
    folds of their repeat: on the deployed threshold, which these very scores chose, sensitivity and
    specificity would be apparent. All other scores are judged by the deployed threshold.

    Parameters
    ----------
    cell : Cell
    deployed : float
        The model's threshold by that rule.
    settings : EvaluationSettings
        With the choices of the rule.
    rule : callable
        How a threshold is chosen; by default the operating one.

    Returns
    -------
    (repeats, n) array
        NaN for the lesions of a fold whose other folds hold one class only.
    """
    applied = np.full(cell.scores.shape, deployed)
    if not judged_by_other_folds(cell):
        return applied
    for score, folds, own in zip(cell.scores, cell.folds, applied, strict=True):
        for fold in np.unique(folds):
            others = folds != fold
            both = np.unique(cell.label[others]).size == 2
            own[~others] = rule(cell.label[others], score[others], settings) if both else np.nan
    return applied


def judged_by_other_folds(cell: Cell) -> bool:
    """Whether a cell's scores are cross-fitted and judged by thresholds from the other folds."""
    return cell.cohort == "training" and bool((cell.folds >= 0).all())
