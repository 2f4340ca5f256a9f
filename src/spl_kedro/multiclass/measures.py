"""How well classes are told apart: one-vs-rest AUC, confusion, Brier score, with intervals.

Whatever is measured of cross-fitted training lesions is measured in each repeat and averaged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spl_kedro.modeling.evaluation.bootstrap import (
    generator,
    percentile_interval,
    resampling_weights,
)
from spl_kedro.modeling.evaluation.curves import mean_roc_points
from spl_kedro.modeling.evaluation.settings import EvaluationSettings, Pooling
from spl_kedro.modeling.evaluation.sums import weighted_sum
from spl_kedro.schemas import COHORTS

Array = NDArray[np.float64]
METHOD = "bootstrap percentile"
#: Stands for all classes together.
ALL = "all"


class ClassCell(NamedTuple):
    """One model's probabilities in one cohort.

    Attributes
    ----------
    model, cohort : str
    truth : (n,) array of int
        Position of the class of each lesion or patient.
    patient : (n,) array of str
    probability : (repeats, n, k) array
        Rows sum to 1.
    """

    model: str
    cohort: str
    truth: NDArray[np.int64]
    patient: NDArray[np.object_]
    probability: Array

    @property
    def called(self) -> NDArray[np.int64]:
        """The most probable class of each in every repeat, the first of those that tie."""
        return self.probability.argmax(axis=2)


def scored_classes(predictions: pd.DataFrame, pooling: Pooling = "none") -> pd.DataFrame:
    """Return what is measured: the probabilities of lesions, or of patients.

    Parameters
    ----------
    predictions : DataFrame
        As :class:`spl_kedro.schemas.ClassPredictions`.
    pooling : {"none", "mean", "max"}
        As the study pools its scores. A patient's probabilities are the means of their images' by
        either rule, since the largest of each class would be no probabilities. A patient with
        lesions of two classes counts in both.

    Returns
    -------
    DataFrame
        The columns of `predictions`; `lesion_id` becomes the patient's.
    """
    if pooling == "none":
        return predictions
    keys = ["model", "cohort", "repeat", "patient_id", "truth", "of_class"]
    pooled = predictions.groupby(keys, sort=False, as_index=False).agg(
        fold=("fold", "first"), score=("score", "mean"), probability=("probability", "mean")
    )
    return pooled.assign(lesion_id=pooled["patient_id"])[list(predictions.columns)]


def class_cells(predictions: pd.DataFrame, classes: list[str]) -> Iterator[ClassCell]:
    """Yield each model in each cohort, in the order of the cohorts and of the predictions.

    Parameters
    ----------
    predictions : DataFrame
        As :class:`spl_kedro.schemas.ClassPredictions`.
    classes : list of str

    Yields
    ------
    ClassCell
    """
    models = list(dict.fromkeys(predictions["model"]))
    groups = dict(list(predictions.groupby(["cohort", "model"], sort=False)))
    keys = ["repeat", "lesion_id", "patient_id", "truth"]
    for cohort in COHORTS:
        for model in models:
            if (cohort, model) not in groups:
                continue
            rows = groups[cohort, model]
            wide = rows.pivot(index=keys, columns="of_class", values="probability")
            wide = wide[classes].sort_index()
            first = wide.xs(wide.index[0][0], level="repeat").reset_index()
            yield ClassCell(
                model,
                cohort,
                first["truth"].map(classes.index).to_numpy(dtype=np.int64),
                first["patient_id"].to_numpy(dtype=object),
                wide.to_numpy().reshape(-1, len(first), len(classes)),
            )


def weighted_auc(label: NDArray[np.bool_], score: Array, weights: Array) -> Array:
    """Return the AUC of lesions that count several times or not at all, ties counted half.

    Parameters
    ----------
    label : (n,) of bool
    score : (n,)
    weights : (b, n)

    Returns
    -------
    (b,) array
        NaN where a class has no weight.
    """
    order = np.argsort(score, kind="stable")
    first = np.flatnonzero(np.append(True, np.diff(score[order]) > 0))
    ordered, mine = weights[:, order], label[order]
    higher = np.add.reduceat(ordered * mine, first, axis=1)
    lower = np.add.reduceat(ordered * ~mine, first, axis=1)
    won = (higher * (np.cumsum(lower, axis=1) - lower / 2)).sum(axis=1)
    pairs = higher.sum(axis=1) * lower.sum(axis=1)
    return np.divide(won, pairs, out=np.full(len(weights), np.nan), where=pairs > 0)


def class_performance(
    predictions: pd.DataFrame, shares: dict[str, float], settings: EvaluationSettings
) -> pd.DataFrame:
    """Measure every model in every cohort.

    Parameters
    ----------
    predictions : DataFrame
        From :func:`scored_classes`.
    shares : dict of str to float
        Share of each class among the training lesions, in the order of the classes.
    settings : EvaluationSettings
        Resamples, confidence, seed, and by which rule patients were pooled.

    Returns
    -------
    DataFrame
        model, cohort, of_class, metric, value, low, high, n, events (those of the class), unit
        (lesions or patients), method, confidence. Of each class: ``auc`` against the others,
        ``sensitivity`` and ``ppv`` of calling each by its most probable class,
        ``calibration_difference`` (mean probability less share). Of `ALL`: ``auc_macro`` (mean over
        the classes), ``accuracy``, ``balanced_accuracy`` (mean sensitivity), ``brier`` (Brier, Mon
        Weather Rev 1950;78:1: the squared distance to the truth summed over classes, 0 to 2) and
        ``brier_shares``, that of giving all the training shares. Intervals resample patients with
        replacement; a measure that more than one resample in twenty lacks, has none.
    """
    classes = list(shares)
    rows = []
    for cell in class_cells(predictions, classes):
        rng = generator(settings.seed, "multiclass", cell.cohort)
        # Labels of one kind: patients are drawn whatever their class.
        same = np.zeros(len(cell.truth))
        drawn = resampling_weights(same, cell.patient, settings.n_bootstrap, rng)
        weights = np.vstack([np.ones(len(cell.truth)), drawn])
        for (of_class, metric), values in _measures(cell, list(shares.values()), weights).items():
            low, high = percentile_interval(values[1:], settings.confidence)
            of_all = of_class < 0
            own = len(cell.truth) if of_all else int((cell.truth == of_class).sum())
            rows.append(
                {
                    "model": cell.model,
                    "cohort": cell.cohort,
                    "of_class": ALL if of_all else classes[of_class],
                    "metric": metric,
                    "value": float(values[0]),
                    "low": float(low),
                    "high": float(high),
                    "n": len(cell.truth),
                    "events": own,
                    "unit": "lesions" if settings.pooling == "none" else "patients",
                    "method": METHOD,
                    "confidence": settings.confidence,
                }
            )
    return pd.DataFrame(rows)


def _measures(cell: ClassCell, shares: list[float], weights: Array) -> dict[tuple[int, str], Array]:
    """Return each measure at each row of weights, by position of the class (-1: all) and name."""
    found: dict[tuple[int, str], Array] = {}
    total = weights.sum(axis=1)
    one_hot = np.eye(len(shares))[cell.truth]
    right = (cell.called == cell.truth).mean(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        for k in range(len(shares)):
            mine = cell.truth == k
            areas = [weighted_auc(mine, p[:, k], weights) for p in cell.probability]
            found[k, "auc"] = np.mean(areas, axis=0)
            found[k, "sensitivity"] = weighted_sum(weights, right * mine) / (weights @ mine)
            said = (cell.called == k).astype(float)
            found[k, "ppv"] = np.mean(
                [weights @ (row * mine) / (weights @ row) for row in said], axis=0
            )
            excess = cell.probability[:, :, k].mean(axis=0) - mine
            found[k, "calibration_difference"] = weighted_sum(weights, excess) / total
    every = range(len(shares))
    found[-1, "auc_macro"] = np.mean([found[k, "auc"] for k in every], axis=0)
    found[-1, "accuracy"] = weighted_sum(weights, right) / total
    found[-1, "balanced_accuracy"] = np.mean([found[k, "sensitivity"] for k in every], axis=0)
    distance = ((cell.probability - one_hot) ** 2).sum(axis=2).mean(axis=0)
    found[-1, "brier"] = weighted_sum(weights, distance) / total
    of_shares = ((shares - one_hot) ** 2).sum(axis=1)
    found[-1, "brier_shares"] = weighted_sum(weights, of_shares) / total
    return found


def confusion_counts(predictions: pd.DataFrame, classes: list[str]) -> pd.DataFrame:
    """Count the lesions or patients of each class by the class they are called.

    Parameters
    ----------
    predictions : DataFrame
        From :func:`scored_classes`.
    classes : list of str

    Returns
    -------
    DataFrame
        model, cohort, truth, called, count: in training the mean over repeats.
    """
    rows = []
    for cell in class_cells(predictions, classes):
        for i, truth in enumerate(classes):
            for j, called in enumerate(classes):
                count = ((cell.truth == i) & (cell.called == j)).sum(axis=1).mean()
                rows.append((cell.model, cell.cohort, truth, called, float(count)))
    return pd.DataFrame(rows, columns=["model", "cohort", "truth", "called", "count"])


def class_roc_curves(predictions: pd.DataFrame, classes: list[str]) -> pd.DataFrame:
    """Return the ROC curve of each class against the others.

    Parameters
    ----------
    predictions : DataFrame
        From :func:`scored_classes`.
    classes : list of str

    Returns
    -------
    DataFrame
        model, cohort, of_class, false_positive_rate, sensitivity; in training the mean over
        repeats. A class that the cohort lacks, or that is all of it, has no curve.
    """
    parts = []
    for cell in class_cells(predictions, classes):
        for k, name in enumerate(classes):
            mine = cell.truth == k
            if not 0 < mine.sum() < len(mine):
                continue
            x, y = mean_roc_points(mine.astype(float), cell.probability[:, :, k])
            keys = {"model": cell.model, "cohort": cell.cohort, "of_class": name}
            parts.append(pd.DataFrame({**keys, "false_positive_rate": x, "sensitivity": y}))
    columns = ["model", "cohort", "of_class", "false_positive_rate", "sensitivity"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
