"""The measures of what a threshold decides, with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from spl_kedro.modeling.evaluation.bootstrap import (
    generator,
    percentile_interval,
    resampling_weights,
    spread_interval,
)
from spl_kedro.modeling.evaluation.checks import (
    CONSTANT,
    NO_THRESHOLD,
    SEPARATED,
    SINGLE_CLASS,
    UNSTABLE,
    Array,
    is_separated,
)
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
from spl_kedro.modeling.evaluation.threshold_resampling import (
    ResampledCuts,
    error_interval,
    resampled_cuts,
    share_of,
    threshold_errors,
)
from spl_kedro.modeling.evaluation.thresholds import applied_thresholds, judged_by_other_folds
from spl_kedro.modeling.evaluation.units import Cell

BOOTSTRAP = "bootstrap percentile"
#: The estimate and its standard error from the bootstrap; the same on the scale of log odds.
SPREAD, SPREAD_LOGIT = "bootstrap standard error", "bootstrap standard error, logit"
#: Added to the method of what a threshold decides, where it is not the deployed one.
OTHER_FOLDS = "threshold from the other folds"
#: Where the threshold is chosen again in every resample.
CHOSEN_ANEW = "bootstrap of the threshold"
WILSON = "wilson"
#: Those that a threshold decides.
DECIDED = ("sensitivity", "specificity", "accuracy", "ppv", "npv", "f1", "mcc")

Measure = tuple[float, float, float, str]


def bootstrapped(values: Array, cell: Cell, confidence: float, method: str = BOOTSTRAP) -> Measure:
    """Split values at unit weights (first) and at the resamples into estimate and interval.

    Parameters
    ----------
    values : (1 + b,) array
    cell : Cell
        What they were measured on; tells why there is no value.
    confidence : float in (0.5, 1)
    method : {BOOTSTRAP, SPREAD, SPREAD_LOGIT}

    Returns
    -------
    (value, low, high, method)
    """
    estimate = float(values[0])
    if method == SPREAD_LOGIT and estimate in (0.0, 1.0):
        method = BOOTSTRAP
    if method == BOOTSTRAP:
        bounds = percentile_interval(values[1:], confidence)
    else:
        logit_scale = method == SPREAD_LOGIT
        bounds = spread_interval(values[0], values[1:], confidence, logit_scale=logit_scale)
    low, high = map(float, bounds)
    if np.isnan(estimate):
        if (np.ptp(cell.scores, axis=1) == 0).any():
            return estimate, np.nan, np.nan, CONSTANT
        separated = any(is_separated(cell.label, score) for score in cell.scores)
        rule = SEPARATED if separated else "undefined: no finite value"
        return estimate, np.nan, np.nan, rule
    return estimate, low, high, UNSTABLE if np.isnan(low) else method


def decided_measures(
    cell: Cell, threshold: float, weights: Array, settings: EvaluationSettings
) -> dict[str, Measure]:
    """Return the measures of what the threshold decides.

    Parameters
    ----------
    cell : Cell
    threshold : float
        The deployed one.
    weights : (1 + b, n) array
        Ones, then the resamples.
    settings : EvaluationSettings

    Returns
    -------
    dict
        Metric name -> measure; of the predictive values at a stated prevalence if there is one.

    Notes
    -----
    Where lesions are judged by thresholds of the other folds, the intervals are those of the
    deployed threshold, which is chosen again in every resample; elsewhere it is given.
    """
    cuts = applied_thresholds(cell, threshold, settings)
    names = list(DECIDED)
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
        resampled = resampled_cuts(cell, weights[1:], settings)
        result = {
            metric: _judged_anew(metric, measured, cell, resampled, weights[1:], settings)
            for metric, measured in result.items()
        }
    return result


def _judged_anew(
    metric: str,
    measured: Measure,
    cell: Cell,
    resampled: ResampledCuts,
    weights: Array,
    settings: EvaluationSettings,
) -> Measure:
    """Return a measure with the interval of thresholds that are chosen in every resample."""
    value, low, high, method = measured
    if method.startswith("undefined"):
        return measured
    errors = threshold_errors(cell, resampled, weights, _statistic(metric, settings))
    # Where all resamples agree, as on classes that are far apart, they say nothing of what may be.
    if np.ptp(errors) != 0:
        bounds = (-1.0, 1.0) if metric == "mcc" else (0.0, 1.0)
        low, high = error_interval(value, errors, settings.confidence, bounds)
        if np.isnan(low):
            return value, low, high, UNSTABLE
        method = CHOSEN_ANEW
    return value, low, high, f"{method}, {OTHER_FOLDS}"


def _statistic(metric: str, settings: EvaluationSettings) -> Callable[[Confusion], Array]:
    """Return the function of the counts that a measure is."""
    if metric in ("f1", "mcc"):
        return f1_score if metric == "f1" else matthews_correlation
    if not metric.endswith("_at_prevalence"):
        return share_of(metric)
    which, prevalence = int(metric.startswith("npv")), settings.prevalence
    assert prevalence is not None

    def at_prevalence(counts: Confusion) -> Array:
        tp, fp, fn, tn = counts
        return predictive_values_at(ratio(tp, tp + fn), ratio(tn, tn + fp), prevalence)[which]

    return at_prevalence


def _averaged(values: list[Array], cell: Cell, settings: EvaluationSettings) -> Measure:
    return bootstrapped(np.mean(values, axis=0), cell, settings.confidence)


def _share(shares: list[tuple[Array, Array]], cell: Cell, settings: EvaluationSettings) -> Measure:
    """Return a proportion: Wilson's interval of one set of calls, else the bootstrap's.

    Repeats that call all lesions alike (a mean of 0 or 1) are one set of calls, on which every
    resample agrees; the bootstrap would give them an interval without width.
    """
    values = np.mean([ratio(top, bottom) for top, bottom in shares], axis=0)
    if cell.clustered or (len(shares) > 1 and values[0] not in (0.0, 1.0)):
        return bootstrapped(values, cell, settings.confidence)
    successes, trials = (np.mean([count[i][0] for count in shares]) for i in (0, 1))
    low, high = wilson_interval(successes, trials, settings.confidence)
    return float(values[0]), float(low), float(high), WILSON


def _at_prevalence(
    repeats: list[Confusion], cell: Cell, settings: EvaluationSettings
) -> dict[str, Measure]:
    """Return the predictive values at the stated prevalence."""
    prevalence = settings.prevalence
    assert prevalence is not None
    names = "ppv_at_prevalence", "npv_at_prevalence"
    if len(repeats) > 1 or cell.clustered:
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
