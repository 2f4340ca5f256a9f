"""AUC of many models on the same lesions, each with its gain over a reference."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.delong import (
    auc_covariance,
    auc_difference,
    auc_within,
    structural_components,
)
from spl_kedro.modeling.evaluation.resampled_t import (
    cross_fitted_difference,
    cross_fitted_interval,
)
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.units import Cell, cells, described, scored_units


def auc_gain_table(
    predictions: pd.DataFrame, references: Mapping[str, str], settings: EvaluationSettings
) -> pd.DataFrame:
    """Measure the AUC of every model and what it gains over its reference.

    Parameters
    ----------
    predictions : DataFrame
        As :class:`spl_kedro.schemas.Predictions`; model and reference must have scored the same
        lesions.
    references : mapping of str to str
        Model to the model it is compared with.
    settings : EvaluationSettings
        Confidence and pooling.

    Returns
    -------
    DataFrame
        One row per (protocol, cohort, model): auc (the mean over repeats, as in `performance`),
        low, high, method; lowest_repeat, highest_repeat; auc_within_folds (only lesions of one
        fold are compared with each other; mean over repeats); reference; gain, gain_low,
        gain_high (paired, see `resampled_t`; 0 and no interval for the reference itself); n,
        events, unit, confidence.
    """
    everything = list(cells(scored_units(predictions, settings.pooling)))
    by_name = {cell.names: cell for cell in everything}
    rows = []
    for cell in everything:
        interval = cross_fitted_interval(
            cell.label, cell.scores, cell.folds, settings.confidence, cell.patient
        )
        single = structural_components(cell.label, cell.scores)[0]
        within = [
            auc_within(cell.label, score, fold)
            for score, fold in zip(cell.scores, cell.folds, strict=True)
        ]
        reference = references[cell.model]
        rows.append(
            {
                "protocol": cell.protocol,
                "cohort": cell.cohort,
                "model": cell.model,
                "auc": interval.auc,
                "low": interval.low,
                "high": interval.high,
                "method": interval.method,
                "lowest_repeat": float(single.min()),
                "highest_repeat": float(single.max()),
                "auc_within_folds": float(np.mean(within)),
                "reference": reference,
                **_gain(by_name[(cell.protocol, reference, cell.cohort)], cell, settings),
                "n": cell.n,
                "events": cell.events,
            }
        )
    return described(pd.DataFrame(rows), settings)


def _gain(reference: Cell, cell: Cell, settings: EvaluationSettings) -> dict[str, float]:
    if cell is reference:
        return {"gain": 0.0, "gain_low": np.nan, "gain_high": np.nan}
    scores, about = (reference.scores, cell.scores), (settings.confidence, cell.patient)
    if np.array_equal(reference.folds, cell.folds):
        found, _ = cross_fitted_difference(cell.label, *scores, cell.folds, *about)
    else:
        found = auc_difference(
            *auc_covariance(cell.label, scores, cell.patient), 0, 1, settings.confidence
        )
    return {"gain": found.difference, "gain_low": found.low, "gain_high": found.high}
