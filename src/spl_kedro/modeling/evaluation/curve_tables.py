"""The tables behind the calibration and decision-curve figures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import groupby

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.bootstrap import (
    generator,
    percentile_interval,
    resampling_weights,
    spread_interval,
)
from spl_kedro.modeling.evaluation.calibration import (
    SmoothCalibration,
    averaged_calibration_bins,
    calibration_bins,
)
from spl_kedro.modeling.evaluation.checks import Array
from spl_kedro.modeling.evaluation.decision_curves import interventions_avoided, net_benefit
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.units import Cell, cells, described, scored_units
from spl_kedro.parallel import spread

TREAT_ALL, TREAT_NONE = "biopsy all", "biopsy none"


def _weights(cell: Cell, settings: EvaluationSettings, *names: str) -> Array:
    """Return unit weights, then the resamples."""
    rng = generator(settings.seed, *names)
    resamples = resampling_weights(
        cell.label, cell.patient, settings.n_bootstrap, rng, cell.recruited
    )
    return np.vstack([np.ones(cell.n), resamples])


def _cells(predictions: pd.DataFrame, settings: EvaluationSettings) -> Iterator[Cell]:
    units = scored_units(predictions, settings.pooling)
    return cells(units, divided=settings.stratified_split)


def calibration_table(predictions: pd.DataFrame, settings: EvaluationSettings) -> pd.DataFrame:
    """Return observed against predicted risk, as a smooth curve and by risk group.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        protocol, model, cohort, kind ("smooth": the spline curve with its bootstrap band,
        between the 1st and 99th percentile of the scores; "group": risk groups with Wilson
        intervals), predicted, observed, low, high, n, events (of the group, or of the cohort for
        the curve), unit, confidence.
        The curve is NaN where the classes are perfectly separated; a cohort with one class is
        left out. Of cross-fitted scores the curve is the mean of the repeats' curves, at the same
        predicted risk; risk groups hold all repeats' scores and have bootstrap intervals.
    """
    units = [cell for cell in _cells(predictions, settings) if cell.events not in (0, cell.n)]
    found = spread(partial(_calibration_of, settings=settings), units, "calibration", "model")
    tables = list(found)
    return described(pd.concat(tables, ignore_index=True), settings) if tables else pd.DataFrame()


def _calibration_of(cell: Cell, settings: EvaluationSettings) -> pd.DataFrame:
    first, last = np.quantile(cell.scores, [0.01, 0.99], axis=1).mean(axis=1).tolist()
    grid = np.unique(np.linspace(first, last, settings.calibration_points))
    weights = _weights(cell, settings, *cell.names)
    curve = _mean_curve(cell, grid, weights)
    low, high = spread_interval(curve[0], curve[1:], settings.confidence, logit_scale=True)
    smooth = pd.DataFrame(
        {"predicted": grid, "observed": curve[0], "low": low, "high": high}
        | {"n": cell.n, "events": cell.events}
    )
    groups = _risk_groups(cell, weights, settings)
    key = {"protocol": cell.protocol, "model": cell.model, "cohort": cell.cohort}
    tables = []
    for kind, table in (("smooth", smooth), ("group", groups)):
        table.insert(0, "kind", kind)
        for position, (name, value) in enumerate(key.items()):
            table.insert(position, name, value)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _mean_curve(cell: Cell, grid: Array, weights: Array) -> Array:
    return cell.averaged(lambda score: SmoothCalibration(cell.label, score, weights).observed(grid))


def _risk_groups(cell: Cell, weights: Array, settings: EvaluationSettings) -> pd.DataFrame:
    n_groups, confidence = settings.calibration_bins, settings.confidence
    if cell.repeats == 1:
        return calibration_bins(cell.label, cell.scores[0], n_groups, confidence)
    return averaged_calibration_bins(cell.label, cell.scores, weights, n_groups, confidence)


def decision_curve_table(predictions: pd.DataFrame, settings: EvaluationSettings) -> pd.DataFrame:
    """Return net benefit and biopsies avoided over threshold probabilities, with bands.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        protocol, cohort, model (also "biopsy all" and "biopsy none"), threshold, net_benefit,
        low, high, avoided (per 100 lesions, against biopsying all), avoided_low, avoided_high, n,
        events, unit, confidence. Of cross-fitted scores the net benefit is the mean over the
        repeats.
    """
    steps = np.arange(
        settings.decision_threshold_min,
        settings.decision_threshold_max + settings.decision_threshold_step / 2,
        settings.decision_threshold_step,
    )
    thresholds = np.round(steps, 10)
    tables = []
    everything = _cells(predictions, settings)
    for _, group in groupby(everything, key=lambda cell: (cell.protocol, cell.cohort)):
        models = list(group)
        first = models[0]
        strategies = [(cell.model, cell, cell.scores) for cell in models]
        # Acting on a score of 1 or of 0 for everyone is acting on all or on none.
        strategies += [
            (TREAT_ALL, first, np.ones((1, first.n))),
            (TREAT_NONE, first, np.zeros((1, first.n))),
        ]
        for name, cell, scores in strategies:
            weights = _weights(cell, settings, "decision", cell.protocol, cell.cohort)
            repeats = [net_benefit(cell.label, score, thresholds, weights) for score in scores]
            benefit = np.mean(repeats, axis=0)
            benefit_all = net_benefit(cell.label, np.ones(cell.n), thresholds, weights)
            avoided = interventions_avoided(benefit, benefit_all, thresholds)
            low, high = percentile_interval(benefit[1:], settings.confidence)
            avoided_low, avoided_high = percentile_interval(avoided[1:], settings.confidence)
            tables.append(
                pd.DataFrame(
                    {
                        "protocol": cell.protocol,
                        "cohort": cell.cohort,
                        "model": name,
                        "threshold": thresholds,
                        "net_benefit": benefit[0],
                        "low": low,
                        "high": high,
                        "avoided": avoided[0],
                        "avoided_low": avoided_low,
                        "avoided_high": avoided_high,
                        "n": cell.n,
                        "events": cell.events,
                    }
                )
            )
    return described(pd.concat(tables, ignore_index=True), settings) if tables else pd.DataFrame()
