"""The tables of thresholds, performance and optimism."""

from __future__ import annotations

import numpy as np
import pandas as pd

from spl_kedro.evaluation import calibration
from spl_kedro.evaluation.bootstrap import generator, percentile_interval, resampling_weights
from spl_kedro.evaluation.checks import (
    CONSTANT,
    SEPARATED,
    SINGLE_CLASS,
    UNSTABLE,
    Array,
    EvaluationError,
    is_separated,
)
from spl_kedro.evaluation.curves import average_precision
from spl_kedro.evaluation.delong import auc_covariance, auc_difference, auc_interval
from spl_kedro.evaluation.operating_point import (
    Confusion,
    confusion,
    f1_score,
    matthews_correlation,
    predictive_value_intervals,
    predictive_values_at,
    proportions,
    ratio,
    wilson_interval,
)
from spl_kedro.evaluation.settings import EvaluationSettings
from spl_kedro.evaluation.thresholds import training_threshold
from spl_kedro.evaluation.units import Cell, cells, scored_units

BOOTSTRAP = "bootstrap percentile"
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


def operating_thresholds(predictions: pd.DataFrame, settings: EvaluationSettings) -> pd.DataFrame:
    """Choose each model's operating threshold from the training cohort's scores alone.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        model, protocol, threshold: one row per model and protocol.

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
    rows = []
    for cell in cells(scored_units(training, settings.pooling)):
        threshold = training_threshold(
            cell.label, cell.score, settings.threshold_rule, settings.min_sensitivity
        )
        rows.append({"model": cell.model, "protocol": cell.protocol, "threshold": threshold})
    return pd.DataFrame(rows)


def performance(
    predictions: pd.DataFrame, thresholds: pd.DataFrame, settings: EvaluationSettings
) -> pd.DataFrame:
    """Measure every model in every cohort under every protocol.

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
        One row per (protocol, model, cohort, metric): value, low, high, n, events, method. `method`
        names the interval's method, or the rule that left a value or interval undefined (NaN).
    """
    cut = thresholds.set_index(["protocol", "model"])["threshold"]
    rows: list[dict[str, object]] = []
    for cell in cells(scored_units(predictions, settings.pooling)):
        if (cell.protocol, cell.model) not in cut.index:
            raise EvaluationError(
                f"rule threshold_from_training: no threshold for {cell.model} ({cell.protocol}); "
                "pass the table of operating_thresholds made from the same predictions"
            )
        threshold = float(cut.loc[(cell.protocol, cell.model)])
        key = {"protocol": cell.protocol, "model": cell.model, "cohort": cell.cohort}
        size = {"n": cell.n, "events": cell.events}
        for metric, (value, low, high, method) in measure(cell, threshold, settings).items():
            rows.append(
                {**key, "metric": metric, "value": value, "low": low, "high": high}
                | {**size, "method": method}
            )
    return pd.DataFrame(rows)


Measure = tuple[float, float, float, str]


def measure(cell: Cell, threshold: float, settings: EvaluationSettings) -> dict[str, Measure]:
    """Return every metric of one cell as (value, low, high, method).

    Parameters
    ----------
    cell : Cell
    threshold : float
        Scores at or above it are called malignant.
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
    resamples = resampling_weights(cell.label, cell.patient, settings.n_bootstrap, rng)
    weights = np.vstack([np.ones(cell.n), resamples])
    counts = confusion(cell.label, cell.score, threshold, weights)
    auc = auc_interval(cell.label, cell.score, settings.confidence, cell.patient)
    result: dict[str, Measure] = {"auc": (auc.auc, auc.low, auc.high, auc.method)}
    smooth = calibration.SmoothCalibration(cell.label, cell.score, weights)
    sampled = {
        "average_precision": average_precision(cell.label, cell.score, weights),
        "f1": f1_score(counts),
        "mcc": matthews_correlation(counts),
        "brier": calibration.brier_score(cell.label, cell.score, weights),
        "calibration_slope": calibration.calibration_slope(cell.label, cell.score, weights),
        "calibration_intercept": calibration.calibration_intercept(cell.label, cell.score, weights),
        "ici": smooth.ici(),
    }
    for metric, values in sampled.items():
        result[metric] = _bootstrapped(values, cell, settings.confidence)
    for metric, (top, bottom) in proportions(counts).items():
        if cell.clustered:
            result[metric] = _bootstrapped(ratio(top, bottom), cell, settings.confidence)
        else:
            low, high = wilson_interval(top[0], bottom[0], settings.confidence)
            value = float(ratio(top[0], bottom[0]))
            result[metric] = (value, float(low), float(high), "wilson")
    fit = calibration.hosmer_lemeshow(cell.label, cell.score, settings.calibration_bins)
    method = f"chi-squared, {fit.degrees_of_freedom} degrees of freedom"
    result["hosmer_lemeshow"] = (fit.statistic, np.nan, np.nan, method)
    result["hosmer_lemeshow_p"] = (fit.p, np.nan, np.nan, method)
    ordered = {metric: result[metric] for metric in METRICS}
    if settings.prevalence is not None:
        ordered |= _at_prevalence(counts, settings.prevalence, settings.confidence)
    return ordered


def _bootstrapped(values: Array, cell: Cell, confidence: float) -> Measure:
    """Split values at unit weights (first) and at the resamples into estimate and interval."""
    estimate = float(values[0])
    low, high = (float(bound) for bound in percentile_interval(values[1:], confidence))
    if np.isnan(estimate):
        if np.ptp(cell.score) == 0:
            return estimate, np.nan, np.nan, CONSTANT
        rule = SEPARATED if is_separated(cell.label, cell.score) else "undefined: no finite value"
        return estimate, np.nan, np.nan, rule
    return estimate, low, high, UNSTABLE if np.isnan(low) else BOOTSTRAP


def _at_prevalence(counts: Confusion, prevalence: float, confidence: float) -> dict[str, Measure]:
    tp, fp, fn, tn = (float(count[0]) for count in counts)
    ppv, npv = predictive_values_at(tp / (tp + fn), tn / (tn + fp), prevalence)
    single = Confusion(*(np.asarray(count) for count in (tp, fp, fn, tn)))
    (ppv_low, ppv_high), (npv_low, npv_high) = predictive_value_intervals(
        single, prevalence, confidence
    )
    return {
        "ppv_at_prevalence": (float(ppv), ppv_low, ppv_high, "mercaldo logit"),
        "npv_at_prevalence": (float(npv), npv_low, npv_high, "mercaldo logit"),
    }


def optimism_table(
    performance: pd.DataFrame,
    predictions: pd.DataFrame | None = None,
    settings: EvaluationSettings | None = None,
) -> pd.DataFrame:
    """Return what the in-sample recipe adds to each AUC: as_published minus leak_free.

    Parameters
    ----------
    performance : DataFrame
        From `performance`, with both protocols.
    predictions, settings : optional
        Given both, the difference gets a paired DeLong interval, for the same lesions were
        scored under both protocols.

    Returns
    -------
    DataFrame
        model, cohort, leak_free, as_published (AUC), optimism, low, high; low and high are NaN
        without predictions. Empty if a protocol is missing.
    """
    pairs: dict[tuple[str, str], dict[str, Cell]] = {}
    if predictions is not None and settings is not None:
        for cell in cells(scored_units(predictions, settings.pooling)):
            pairs.setdefault((cell.cohort, cell.model), {})[cell.protocol] = cell
    areas: dict[tuple[str, str], dict[str, float]] = {}
    for row in performance[performance["metric"] == "auc"].to_dict("records"):
        key = row["cohort"], row["model"]
        areas.setdefault(key, {})[row["protocol"]] = float(row["value"])
    rows = []
    for (cohort, model), area in areas.items():
        if len(area) == 2:
            leak_free, published = area["leak_free"], area["as_published"]
            low, high = _paired_interval(pairs.get((cohort, model), {}), settings)
            rows.append((model, cohort, leak_free, published, published - leak_free, low, high))
    columns = ["model", "cohort", "leak_free", "as_published", "optimism", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _paired_interval(
    pair: dict[str, Cell], settings: EvaluationSettings | None
) -> tuple[float, float]:
    if settings is None or len(pair) < 2:
        return np.nan, np.nan
    first, second = pair["leak_free"], pair["as_published"]
    if not np.array_equal(first.lesion, second.lesion) or first.events in (0, first.n):
        return np.nan, np.nan
    scores = np.stack([first.score, second.score])
    auc, covariance = auc_covariance(first.label, scores, first.patient)
    test = auc_difference(auc, covariance, 0, 1, settings.confidence)
    return test.low, test.high
