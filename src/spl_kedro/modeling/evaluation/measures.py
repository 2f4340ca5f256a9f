"""The tables of thresholds and performance."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation import calibration
from spl_kedro.modeling.evaluation.bootstrap import (
    generator,
    percentile_interval,
    resampling_weights,
)
from spl_kedro.modeling.evaluation.checks import (
    CONSTANT,
    NO_THRESHOLD,
    SEPARATED,
    SINGLE_CLASS,
    UNSTABLE,
    Array,
    EvaluationError,
    is_separated,
)
from spl_kedro.modeling.evaluation.curves import average_precision
from spl_kedro.modeling.evaluation.delong import auc_interval, structural_components
from spl_kedro.modeling.evaluation.operating_point import (
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
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.thresholds import applied_thresholds, judged_by_other_folds
from spl_kedro.modeling.evaluation.units import Cell, cells, described, scored_units
from spl_kedro.parallel import spread

BOOTSTRAP = "bootstrap percentile"
#: Added to the method of what a threshold decides, where it is not the deployed one.
OTHER_FOLDS = "threshold from the other folds"
WILSON = "wilson"
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
#: Those that a threshold decides.
DECIDED = ("sensitivity", "specificity", "accuracy", "ppv", "npv", "f1", "mcc")


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
    units = list(cells(scored_units(predictions, settings.pooling)))
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


Measure = tuple[float, float, float, str]


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
    resamples = resampling_weights(cell.label, cell.patient, settings.n_bootstrap, rng)
    weights = np.vstack([np.ones(cell.n), resamples])
    auc = auc_interval(cell.label, cell.scores, settings.confidence, cell.patient)
    result: dict[str, Measure] = {"auc": (auc.auc, auc.low, auc.high, auc.method)}
    sampled: dict[str, Callable[[Array], Array]] = {
        "average_precision": lambda score: average_precision(cell.label, score, weights),
        "brier": lambda score: calibration.brier_score(cell.label, score, weights),
        "calibration_slope": lambda score: calibration.calibration_slope(
            cell.label, score, weights
        ),
        "calibration_intercept": lambda score: calibration.calibration_intercept(
            cell.label, score, weights
        ),
        "ici": lambda score: calibration.SmoothCalibration(cell.label, score, weights).ici(),
    }
    for metric, statistic in sampled.items():
        result[metric] = _bootstrapped(cell.averaged(statistic), cell, settings.confidence)
    result |= _decided(cell, threshold, weights, settings)
    result |= _goodness_of_fit(cell, settings.calibration_bins)
    order = (*METRICS, "ppv_at_prevalence", "npv_at_prevalence")
    return {metric: result[metric] for metric in order if metric in result}


def _bootstrapped(values: Array, cell: Cell, confidence: float) -> Measure:
    """Split values at unit weights (first) and at the resamples into estimate and interval."""
    estimate = float(values[0])
    low, high = (float(bound) for bound in percentile_interval(values[1:], confidence))
    if np.isnan(estimate):
        if (np.ptp(cell.scores, axis=1) == 0).any():
            return estimate, np.nan, np.nan, CONSTANT
        separated = any(is_separated(cell.label, score) for score in cell.scores)
        rule = SEPARATED if separated else "undefined: no finite value"
        return estimate, np.nan, np.nan, rule
    return estimate, low, high, UNSTABLE if np.isnan(low) else BOOTSTRAP


def _decided(
    cell: Cell, threshold: float, weights: Array, settings: EvaluationSettings
) -> dict[str, Measure]:
    """Return the measures of what the threshold decides.

    Thresholds are kept in the resamples, as the models are: the interval is that of one fitted
    model with its threshold, as in the other cohorts.
    """
    cuts = applied_thresholds(cell, threshold, settings)
    names = [name for name in METRICS if name in DECIDED]
    if settings.prevalence is not None:
        names += ["ppv_at_prevalence", "npv_at_prevalence"]
    if np.isnan(cuts).any():
        return dict.fromkeys(names, (np.nan, np.nan, np.nan, NO_THRESHOLD))
    repeats = [
        confusion(cell.label, score, cut, weights)
        for score, cut in zip(cell.scores, cuts, strict=True)
    ]
    result = {
        "f1": _averaged([f1_score(counts) for counts in repeats], cell, settings),
        "mcc": _averaged([matthews_correlation(counts) for counts in repeats], cell, settings),
    }
    for metric in proportions(repeats[0]):
        shares = [proportions(counts)[metric] for counts in repeats]
        result[metric] = _share(shares, cell, settings)
    if settings.prevalence is not None:
        result |= _at_prevalence(repeats, cell, settings)
    if judged_by_other_folds(cell):
        result = {
            metric: (
                value,
                low,
                high,
                method if method.startswith("undefined") else f"{method}, {OTHER_FOLDS}",
            )
            for metric, (value, low, high, method) in result.items()
        }
    return result


def _averaged(values: list[Array], cell: Cell, settings: EvaluationSettings) -> Measure:
    return _bootstrapped(np.mean(values, axis=0), cell, settings.confidence)


def _share(shares: list[tuple[Array, Array]], cell: Cell, settings: EvaluationSettings) -> Measure:
    """Return a proportion: Wilson's interval of one set of calls, else the bootstrap's.

    Repeats that call all lesions alike (a mean of 0 or 1) are one set of calls, on which every
    resample agrees; the bootstrap would give them an interval without width.
    """
    values = np.mean([ratio(top, bottom) for top, bottom in shares], axis=0)
    if cell.clustered or (len(shares) > 1 and values[0] not in (0.0, 1.0)):
        return _bootstrapped(values, cell, settings.confidence)
    successes, trials = (np.mean([count[i][0] for count in shares]) for i in (0, 1))
    low, high = wilson_interval(successes, trials, settings.confidence)
    return float(values[0]), float(low), float(high), WILSON


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


def _at_prevalence(
    repeats: list[Confusion], cell: Cell, settings: EvaluationSettings
) -> dict[str, Measure]:
    """Return the predictive values at the stated prevalence."""
    prevalence = settings.prevalence
    assert prevalence is not None
    names = "ppv_at_prevalence", "npv_at_prevalence"
    if len(repeats) > 1:
        values = [
            predictive_values_at(ratio(tp, tp + fn), ratio(tn, tn + fp), prevalence)
            for tp, fp, fn, tn in repeats
        ]
        return {
            name: _averaged([value[position] for value in values], cell, settings)
            for position, name in enumerate(names)
        }
    tp, fp, fn, tn = (float(count[0]) for count in repeats[0])
    ppv, npv = predictive_values_at(tp / (tp + fn), tn / (tn + fp), prevalence)
    single = Confusion(*(np.asarray(count) for count in (tp, fp, fn, tn)))
    bounds = predictive_value_intervals(single, prevalence, settings.confidence)
    return {
        name: (float(value), low, high, "mercaldo logit")
        for name, value, (low, high) in zip(names, (ppv, npv), bounds, strict=True)
    }


def resamples_of(cell: Cell, settings: EvaluationSettings, *names: str) -> Array:
    """Return the weights at which a cell's shares are measured.

    Parameters
    ----------
    cell : Cell
    settings : EvaluationSettings
    *names : str
        Of the part of the cohort, for the bootstrap's seed; none: the resamples of `measure`.

    Returns
    -------
    (b, n) array
        A row of ones, and the resamples where an interval needs them.
    """
    once = np.ones((1, cell.n))
    if cell.repeats == 1 and not cell.clustered:
        return once
    rng = generator(settings.seed, *cell.names, *names)
    return np.vstack(
        [once, resampling_weights(cell.label, cell.patient, settings.n_bootstrap, rng)]
    )


def shares_called(
    asked: Sequence[tuple[np.ndarray, np.ndarray]],
    cell: Cell,
    weights: Array,
    settings: EvaluationSettings,
) -> list[Measure]:
    """Return which share of some lesions is called so, with its interval, several at once.

    Parameters
    ----------
    asked : sequence of pairs of arrays of bool
        Of each share: which lesions are called so, (repeats, n), and of which lesions the share
        is taken, (n,).
    cell : Cell
    weights : (b, n)
        From `resamples_of`.
    settings : EvaluationSettings

    Returns
    -------
    list of tuple
        value, low, high, method: Wilson's interval, or the bootstrap's of clustered lesions and
        of repeats, as in `performance`.
    """
    columns = [row for called, among in asked for row in (among, *(called & among))]
    counts = iter((weights @ np.array(columns, dtype=float).T).T)
    found: list[Measure] = []
    for called, among in asked:
        whole = next(counts)
        shares = [(next(counts), whole) for _ in called]
        if among.any():
            found.append(_share(shares, cell, settings))
        else:
            found.append((np.nan, np.nan, np.nan, SINGLE_CLASS))
    return found


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
    return _bootstrapped(values, cell, settings.confidence)
