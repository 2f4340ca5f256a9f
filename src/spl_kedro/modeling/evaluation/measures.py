"""The tables of thresholds and performance."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation import calibration
from spl_kedro.modeling.evaluation.bootstrap import generator, resampling_weights
from spl_kedro.modeling.evaluation.checks import SINGLE_CLASS, Array, EvaluationError
from spl_kedro.modeling.evaluation.curves import average_precision
from spl_kedro.modeling.evaluation.decided import (
    BOOTSTRAP,
    SPREAD,
    SPREAD_LOGIT,
    Measure,
    bootstrapped,
    decided_measures,
)
from spl_kedro.modeling.evaluation.delong import structural_components
from spl_kedro.modeling.evaluation.resampled_t import cross_fitted_interval
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.units import Cell, cells, described, scored_units
from spl_kedro.modeling.evaluation.unreliability import ici_interval, unreliability_p
from spl_kedro.parallel import spread

# Weights of lesions in resamples that are at work at once: 8 MB.
_AT_ONCE = 1_000_000

#: Measures whose percentile intervals hold the truth too seldom (docs/coverage.md).
INTERVALS = {"average_precision": SPREAD_LOGIT, "calibration_slope": SPREAD}
#: Added to the method of the ICI.
FROM_ZERO = "from 0 unless the risks are shown to be wrong"
#: Metrics that `performance` always gives, in its order.
METRICS = (
    "auc",
    "average_precision",
    "sensitivity",
    "specificity",
    "accuracy",
    "ppv",
    "npv",
    "f1",
    "mcc",
    "brier",
    "calibration_slope",
    "calibration_intercept",
    "ici",
    "hosmer_lemeshow",
    "hosmer_lemeshow_p",
)


def performance(
    predictions: pd.DataFrame, thresholds: pd.DataFrame, settings: EvaluationSettings
) -> pd.DataFrame:
    """Measure every model in every cohort under every protocol.

    Cross-fitted training scores are measured in each repeat and averaged: the expected performance
    of one model of the kind that is deployed. What a threshold decides there is judged by the
    threshold of the other folds (`spl_kedro.modeling.evaluation.thresholds.applied_thresholds`).

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
        One row per (protocol, model, cohort, metric): value, low, high, n, events, method, unit,
        confidence. `method` names the interval's method and, where it is not the deployed one, the
        threshold, or the rule that left a value or interval undefined (NaN).
    """
    cut = thresholds.set_index(["protocol", "model"])["threshold"]
    units = list(
        cells(scored_units(predictions, settings.pooling), divided=settings.stratified_split)
    )
    for cell in units:
        if (cell.protocol, cell.model) not in cut.index:
            raise EvaluationError(
                f"rule threshold_from_training: no threshold for {cell.model} ({cell.protocol}); "
                "pass the table of operating_thresholds made from the same predictions"
            )

    def measured(cell: Cell) -> dict[str, Measure]:
        return measure(cell, float(cut.loc[(cell.protocol, cell.model)]), settings)

    rows: list[dict[str, object]] = []
    found = spread(measured, units, "measuring models", "model")
    for cell, measures in zip(units, found, strict=True):
        key = {"protocol": cell.protocol, "model": cell.model, "cohort": cell.cohort}
        size = {"n": cell.n, "events": cell.events}
        for metric, (value, low, high, method) in measures.items():
            rows.append(
                {**key, "metric": metric, "value": value, "low": low, "high": high}
                | {**size, "method": method}
            )
    return described(pd.DataFrame(rows), settings)


def auc_by_repeat(predictions: pd.DataFrame, settings: EvaluationSettings) -> pd.DataFrame:
    """Return the AUC of each repeat of cross-fitted scores; `performance` gives their mean.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        protocol, model, cohort, repeat, auc (NaN with one class).
    """
    rows = []
    for cell in cells(scored_units(predictions, settings.pooling)):
        if (cell.folds < 0).any():
            continue
        if cell.events in (0, cell.n):
            areas = np.full(cell.repeats, np.nan)
        else:
            areas = structural_components(cell.label, cell.scores)[0]
        rows += [(*cell.names, repeat, float(auc)) for repeat, auc in enumerate(areas)]
    return pd.DataFrame(rows, columns=["protocol", "model", "cohort", "repeat", "auc"])


def measure(cell: Cell, threshold: float, settings: EvaluationSettings) -> dict[str, Measure]:
    """Return every metric of one cell as (value, low, high, method).

    Parameters
    ----------
    cell : Cell
    threshold : float
        The deployed one: scores at or above it are called malignant.
    settings : EvaluationSettings

    Returns
    -------
    dict
        Metric name -> measure, in the order of `METRICS` and, if a prevalence is stated,
        `ppv_at_prevalence` and `npv_at_prevalence`.
    """
    if cell.events in (0, cell.n):
        return dict.fromkeys(METRICS, (np.nan, np.nan, np.nan, SINGLE_CLASS))
    rng = generator(settings.seed, *cell.names)
    resamples = resampling_weights(
        cell.label, cell.patient, settings.n_bootstrap, rng, cell.recruited
    )
    weights = np.vstack([np.ones(cell.n), resamples])
    auc = cross_fitted_interval(
        cell.label, cell.scores, cell.folds, settings.confidence, cell.patient
    )
    result: dict[str, Measure] = {"auc": (auc.auc, auc.low, auc.high, auc.method)}
    sampled: dict[str, Callable[[Array, Array], Array]] = {
        "average_precision": lambda score, part: average_precision(cell.label, score, part),
        "brier": lambda score, part: calibration.brier_score(cell.label, score, part),
        "calibration_slope": lambda score, part: calibration.calibration_slope(
            cell.label, score, part
        ),
        "calibration_intercept": lambda score, part: calibration.calibration_intercept(
            cell.label, score, part
        ),
        "ici": lambda score, part: calibration.SmoothCalibration(cell.label, score, part).ici(),
    }
    for metric, statistic in sampled.items():
        method = INTERVALS.get(metric, BOOTSTRAP)
        values = cell.averaged(partial(_in_parts, statistic, weights))
        result[metric] = bootstrapped(values, cell, settings.confidence, method)
        if metric == "ici":
            result[metric] = _down_to_zero(result[metric], values, cell, weights, settings)
    result |= decided_measures(cell, threshold, weights, settings)
    result |= _goodness_of_fit(cell, settings.calibration_bins)
    order = (*METRICS, "ppv_at_prevalence", "npv_at_prevalence")
    return {metric: result[metric] for metric in order if metric in result}


def _in_parts(statistic: Callable[[Array, Array], Array], weights: Array, score: Array) -> Array:
    """Return a statistic in every resample, of so many at once that they stay near at hand."""
    step = max(1, _AT_ONCE // score.size)
    return np.concatenate(
        [statistic(score, weights[first : first + step]) for first in range(0, len(weights), step)]
    )


def _down_to_zero(
    ici: Measure, values: Array, cell: Cell, weights: Array, settings: EvaluationSettings
) -> Measure:
    """Let the ICI's interval reach to 0 where the predicted risks can be right."""
    value, low, _, method = ici
    if np.isnan(low):
        return ici
    p = unreliability_p(cell.label, cell.scores, weights[1:] if cell.clustered else None)
    return value, *ici_interval(values, p, settings.confidence), f"{method}, {FROM_ZERO}"


def _goodness_of_fit(cell: Cell, n_groups: int) -> dict[str, Measure]:
    """Return Hosmer and Lemeshow's test.

    Over repeats the mean statistic, and twice the mean p-value, which is a p-value whatever
    the dependence of the tests (Vovk & Wang, Biometrika 2020;107:791).
    """
    fits = [calibration.hosmer_lemeshow(cell.label, score, n_groups) for score in cell.scores]
    p = float(np.mean([fit.p for fit in fits]))
    freedom = "/".join(dict.fromkeys(str(fit.degrees_of_freedom) for fit in fits))
    method = f"chi-squared, {freedom} degrees of freedom"
    if len(fits) > 1:
        p, method = min(1.0, 2 * p), f"{method}, twice the mean p"
    statistic = float(np.mean([fit.statistic for fit in fits]))
    return {
        "hosmer_lemeshow": (statistic, np.nan, np.nan, method),
        "hosmer_lemeshow_p": (p, np.nan, np.nan, method),
    }


def calibration_in_the_large(cell: Cell, weights: Array, settings: EvaluationSettings) -> Measure:
    """Return the calibration intercept of a cell of both classes, as in `performance`.

    Parameters
    ----------
    cell : Cell
    weights : (b, n)
        A row of ones, then the resamples.
    settings : EvaluationSettings
    """
    values = cell.averaged(
        lambda score: calibration.calibration_intercept(cell.label, score, weights)
    )
    return bootstrapped(values, cell, settings.confidence)
