"""How well scores agree with the diagnoses of local cases, before recalibration and after."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from spl_kedro.deployment.recalibration import LocalCases, Recalibrated, log_likelihood
from spl_kedro.modeling.evaluation import EvaluationSettings, calibration_table
from spl_kedro.modeling.evaluation.bootstrap import (
    generator,
    percentile_interval,
    resampling_weights,
)
from spl_kedro.modeling.evaluation.calibration import log_odds
from spl_kedro.modeling.evaluation.decided import BOOTSTRAP, Measure
from spl_kedro.modeling.evaluation.logistic import weighted_logistic
from spl_kedro.modeling.evaluation.measures import measure
from spl_kedro.modeling.evaluation.units import Cell
from spl_kedro.parallel import spread

#: In the order of the tables; log_loss is not among those of ``performance``.
METRICS = ("calibration_intercept", "calibration_slope", "brier", "log_loss", "ici", "auc")
# No threshold decides any of these.
_ANY_THRESHOLD = 0.5


def performance_table(
    cases: Mapping[str, LocalCases],
    found: Mapping[str, Recalibrated],
    settings: EvaluationSettings,
) -> pd.DataFrame:
    """Measure every model's scores as they were (``none``) and recalibrated by each method.

    Parameters
    ----------
    cases, found : mapping of model to LocalCases, Recalibrated
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        Columns model, method (``choice``: chosen without the cases it is judged on), chosen,
        metric, value, low, high, n, events, method_of_interval, confidence. Recalibrated scores
        are cross-fitted: measured in each repeat and averaged.
    """
    # As they were, cases have the same scores in all repeats.
    judged = {
        (model, method): _cell(model, cases[model], scores[:1] if method == "none" else scores)
        for model, own in found.items()
        for method, scores in own.cross_fitted.items()
    }
    measured = spread(
        partial(_measures, settings=settings), judged.values(), "measuring models", "model"
    )
    rows = []
    for ((model, method), cell), measures in zip(judged.items(), measured, strict=True):
        chosen = method == found[model].method
        for metric in METRICS:
            value, low, high, interval = measures[metric]
            key = (model, method, chosen, metric, value, low, high)
            rows.append((*key, cell.n, cell.events, interval, settings.confidence))
    columns = ["model", "method", "chosen", "metric", "value", "low", "high", "n", "events"]
    return pd.DataFrame(rows, columns=[*columns, "method_of_interval", "confidence"])


def line_table(
    cases: Mapping[str, LocalCases],
    found: Mapping[str, Recalibrated],
    thresholds: pd.DataFrame,
    settings: EvaluationSettings,
) -> pd.DataFrame:
    """Return the line that each model's log odds are moved by.

    Parameters
    ----------
    cases, found : mapping of model to LocalCases, Recalibrated
    thresholds : DataFrame
        Of the study: model, threshold.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        Columns model, method, intercept and slope with their intervals (bootstrap by patient; NaN
        where nothing is fitted), threshold, threshold_recalibrated (of the
        same decisions; of a fusion fitted anew the same number).
    """
    cuts = thresholds.set_index("model")["threshold"]
    rows = []
    for model, own in found.items():
        low, high = _line_interval(model, cases[model], own.method, settings)
        line, cut = own.sigmoid, float(cuts[model])
        ends = (line.intercept, low[0], high[0], line.slope, low[1], high[1])
        rows.append((model, own.method, *ends, cut, float(line(cut))))
    columns = ["model", "method"]
    columns += [f"{name}{end}" for name in ("intercept", "slope") for end in ("", "_low", "_high")]
    return pd.DataFrame(rows, columns=[*columns, "threshold", "threshold_recalibrated"])


def curve_table(
    cases: Mapping[str, LocalCases],
    found: Mapping[str, Recalibrated],
    settings: EvaluationSettings,
) -> pd.DataFrame:
    """Return the calibration curves before and after.

    Parameters
    ----------
    cases, found : mapping of model to LocalCases, Recalibrated
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        As :func:`spl_kedro.modeling.evaluation.calibration_table`, with a column when (``before``,
        ``after``).
    """
    parts = []
    for when in ("before", "after"):
        tables = []
        for model, own in found.items():
            scores = own.cross_fitted["none" if when == "before" else own.method]
            # As they are, all repeats have the same scores.
            tables.append(
                _predictions(model, cases[model], scores[:1] if when == "before" else scores)
            )
        parts.append(calibration_table(pd.concat(tables), settings).assign(when=when))
    return pd.concat(parts, ignore_index=True)


def _measures(cell: Cell, settings: EvaluationSettings) -> dict[str, Measure]:
    measures = measure(cell, _ANY_THRESHOLD, settings)
    return {**measures, "log_loss": _log_loss(cell, settings)}


def _cell(model: str, cases: LocalCases, scores: np.ndarray) -> Cell:
    label = cases.label.astype(float)
    folds = np.full(scores.shape, -1)
    return Cell("leak_free", model, "external", cases.lesion, cases.patient, label, scores, folds)


def _predictions(model: str, cases: LocalCases, scores: np.ndarray) -> pd.DataFrame:
    repeats = [
        pd.DataFrame(
            {
                "lesion_id": cases.lesion,
                "patient_id": cases.patient,
                "label": cases.label,
                "model": model,
                "protocol": "leak_free",
                "cohort": "external",
                "repeat": number,
                "fold": -1,
                "score": own,
            }
        )
        for number, own in enumerate(scores)
    ]
    return pd.concat(repeats, ignore_index=True)


def _weights(model: str, cases: LocalCases, settings: EvaluationSettings) -> np.ndarray:
    rng = generator(settings.seed, "recalibration", model)
    drawn = resampling_weights(cases.label, cases.patient, settings.n_bootstrap, rng)
    return np.vstack([np.ones(len(cases.label)), drawn])


def _log_loss(cell: Cell, settings: EvaluationSettings) -> Measure:
    rng = generator(settings.seed, *cell.names)
    drawn = resampling_weights(cell.label, cell.patient, settings.n_bootstrap, rng)
    weights = np.vstack([np.ones(cell.n), drawn])
    loss = -log_likelihood(cell.label, cell.scores).mean(axis=0)
    values = weights @ loss / weights.sum(axis=1)
    low, high = percentile_interval(values[1:], settings.confidence)
    return float(values[0]), float(low), float(high), BOOTSTRAP


def _line_interval(
    model: str, cases: LocalCases, method: str, settings: EvaluationSettings
) -> tuple[np.ndarray, np.ndarray]:
    unknown = np.full(2, np.nan)
    if method not in ("intercept", "intercept_and_slope"):
        return unknown, unknown
    weights, odds = _weights(model, cases, settings), log_odds(cases.score)
    label, ones = cases.label.astype(float), np.ones((len(cases.label), 1))
    if method == "intercept":
        values = weighted_logistic(ones, label, weights, odds)
    else:
        values = weighted_logistic(np.column_stack([ones, odds]), label, weights)
    low, high = percentile_interval(values[1:], settings.confidence)
    return (np.append(low, np.nan), np.append(high, np.nan)) if len(low) == 1 else (low, high)
