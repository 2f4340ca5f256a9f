"""The tables behind the ROC and precision-recall figures, and behind the waterfall."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.checks import Array, EvaluationError
from spl_kedro.modeling.evaluation.curves import mean_precision_recall_points, mean_roc_points
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.units import Cell, cells, described, scored_units

Points = Callable[[Array, Array], tuple[Array, Array]]


def roc_curve_table(predictions: pd.DataFrame, settings: EvaluationSettings) -> pd.DataFrame:
    """Return the ROC curve of every model in every cohort under every protocol.

    Of cross-fitted scores the mean of the repeats' curves, whose area is the AUC in `performance`.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        protocol, model, cohort, false_positive_rate, sensitivity (the curve's points from (0, 0) to
        (1, 1)), n, events, unit. No rows for a cohort with one class.
    """
    names = ("false_positive_rate", "sensitivity")
    return _curves(predictions, settings, mean_roc_points, names)


def precision_recall_table(predictions: pd.DataFrame, settings: EvaluationSettings) -> pd.DataFrame:
    """Return the precision-recall curve of every model in every cohort under every protocol.

    Of cross-fitted scores the mean of the repeats' curves, the steps under which add up to the
    average precision in `performance`.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        protocol, model, cohort, recall, precision (from recall 0 to 1; the precision of a point
        holds for all recalls up to its own), prevalence, n, events, unit. No rows for a cohort
        with one class.
    """
    table = _curves(predictions, settings, mean_precision_recall_points, ("recall", "precision"))
    table.insert(5, "prevalence", table["events"] / table["n"])
    return table


def _curves(
    predictions: pd.DataFrame, settings: EvaluationSettings, points: Points, names: tuple[str, str]
) -> pd.DataFrame:
    columns = ["protocol", "model", "cohort", *names, "n", "events"]
    tables = [pd.DataFrame(columns=columns)]
    for cell in cells(scored_units(predictions, settings.pooling)):
        if cell.events in (0, cell.n):
            continue
        x, y = points(cell.label, cell.scores)
        values = cell.protocol, cell.model, cell.cohort, x, y, cell.n, cell.events
        tables.append(pd.DataFrame(dict(zip(columns, values, strict=True))))
    return described(pd.concat(tables[1:] or tables, ignore_index=True), settings, intervals=False)


def waterfall_table(
    predictions: pd.DataFrame, thresholds: pd.DataFrame, settings: EvaluationSettings
) -> pd.DataFrame:
    """Return how far every score lies from its model's operating threshold, in order.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    thresholds : DataFrame
        From `operating_thresholds`.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        A row per protocol, model, cohort and lesion (patient, when pooled): position (from 0, by
        score), lesion_id, label, score (mean over its repeats), threshold, distance (score minus
        threshold), wrong (share of its repeats on the wrong side), label_n and label_wrong (how
        many have this label, and the sum of their `wrong`), n, events, unit.

    Raises
    ------
    EvaluationError
        If a model has no threshold.
    """
    cut = thresholds.set_index(["protocol", "model"])["threshold"]
    tables = []
    for cell in cells(scored_units(predictions, settings.pooling)):
        if (cell.protocol, cell.model) not in cut.index:
            raise EvaluationError(
                f"rule threshold_from_training: no threshold for {cell.model} ({cell.protocol}); "
                "pass the table of operating_thresholds made from the same predictions"
            )
        tables.append(_waterfall(cell, float(cut.loc[(cell.protocol, cell.model)])))
    return described(pd.concat(tables, ignore_index=True), settings, intervals=False)


def _waterfall(cell: Cell, threshold: float) -> pd.DataFrame:
    score = cell.scores.mean(axis=0)
    order = np.argsort(score, kind="stable")
    wrong = ((cell.scores >= threshold) != (cell.label == 1)).mean(axis=0)
    table = pd.DataFrame(
        {
            "protocol": cell.protocol,
            "model": cell.model,
            "cohort": cell.cohort,
            "position": np.arange(cell.n),
            "lesion_id": cell.lesion[order],
            "label": cell.label[order].astype(int),
            "score": score[order],
            "threshold": threshold,
            "distance": score[order] - threshold,
            "wrong": wrong[order],
        }
    )
    of_label = table.groupby("label")["wrong"]
    return table.assign(
        label_n=of_label.transform("size"),
        label_wrong=of_label.transform("sum"),
        n=cell.n,
        events=cell.events,
    )
