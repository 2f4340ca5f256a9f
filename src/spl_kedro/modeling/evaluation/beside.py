"""Models beside those of the study: how good each is, and whether one should take a place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.additions import Addition
from spl_kedro.modeling.evaluation.comparisons import compare_models
from spl_kedro.modeling.evaluation.measures import performance
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.thresholds import operating_thresholds
from spl_kedro.schemas import COHORTS

#: Measures of each model, with their intervals.
MEASURES = ("auc", "brier", "calibration_slope")
MEASURE_COLUMNS = (
    *("cohort", "model"),
    *(f"{name}{end}" for name in MEASURES for end in ("", "_low", "_high")),
    *("n", "events", "unit", "confidence"),
)
_GAINS = ("difference", "difference_low", "difference_high")
PAIR_COLUMNS = ("cohort", "base", "model", *_GAINS, "p", "p_holm", "test", "confidence")


def measures_beside(
    predictions: pd.DataFrame, models: Sequence[str], settings: EvaluationSettings
) -> pd.DataFrame:
    """Measure models, as `performance` does.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`, of one protocol.
    models : sequence of str
        Their order in each cohort.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        One row per cohort and model: auc, brier, calibration_slope, each with _low and _high; n,
        events, unit, confidence.
    """
    thresholds = operating_thresholds(predictions, settings)
    measured = performance(predictions, thresholds, settings)
    keys = zip(measured["cohort"], measured["model"], measured["metric"], strict=True)
    cells = dict(zip(keys, measured.to_dict("records"), strict=True))
    rows = []
    for cohort in (name for name in COHORTS if name in set(measured["cohort"])):
        for model in models:
            row: dict[str, object] = {"cohort": cohort, "model": model}
            for metric in MEASURES:
                cell = cells[cohort, model, metric]
                ends = zip(("", "_low", "_high"), ("value", "low", "high"), strict=True)
                row |= {f"{metric}{end}": cell[key] for end, key in ends}
            row |= {key: cell[key] for key in ("n", "events", "unit", "confidence")}
            rows.append(row)
    return pd.DataFrame(rows, columns=list(MEASURE_COLUMNS))


def differences_beside(
    predictions: pd.DataFrame, pairs: Sequence[tuple[str, str]], settings: EvaluationSettings
) -> pd.DataFrame:
    """Compare the AUCs of pairs of models, as `compare_models` does.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`, of one protocol.
    pairs : sequence of (str, str)
        The model compared with, and the model; one family for Holm in each cohort.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        One row per cohort and pair: difference (model minus base) with its interval, p, p_holm,
        test, confidence.
    """
    thresholds = operating_thresholds(predictions, settings)
    additions = [Addition(base, model, model, (base, model)) for base, model in pairs]
    rows = compare_models(predictions, thresholds, settings, additions)
    rows = rows[rows["question"] == "additions"] if len(rows) else rows
    names = {"model_a": "base", "model_b": "model"}
    names |= {f"auc_{name}": name for name in _GAINS}
    return rows.rename(columns=names).reindex(columns=list(PAIR_COLUMNS)).reset_index(drop=True)


def model_to_keep(measures: pd.DataFrame, differences: pd.DataFrame, base: str) -> str:
    """Return the model that cross-fitted training lesions say to keep.

    The one compared with, unless another's AUC is shown to be higher: the interval of the
    difference lies above 0 and Holm's p is below one minus the confidence. Of several such models
    that with the largest AUC. Validation decides nothing.

    Parameters
    ----------
    measures : DataFrame
        From `measures_beside`.
    differences : DataFrame
        From `differences_beside`.
    base : str
        The model compared with.
    """
    pairs = differences[(differences["cohort"] == "training") & (differences["base"] == base)]
    shown = (pairs["difference_low"] > 0) & (pairs["p_holm"] < 1 - pairs["confidence"])
    better = list(pairs.loc[shown, "model"])
    if not better:
        return base
    training = measures[measures["cohort"] == "training"].set_index("model")["auc"]
    return str(training.loc[better].idxmax())


def measured_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table that have an AUC."""
    return table[np.isfinite(table["auc"].to_numpy(dtype=float))]
