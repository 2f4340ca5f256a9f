"""The table of optimism: what the in-sample recipe adds to each AUC."""

from __future__ import annotations

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.delong import auc_covariance, auc_difference
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.units import Cell, cells, described, scored_units


def optimism_table(
    performance: pd.DataFrame, predictions: pd.DataFrame, settings: EvaluationSettings
) -> pd.DataFrame:
    """Return what the in-sample recipe adds to each AUC: as_published minus leak_free.

    Both protocols have the same classifiers, so that the difference is what leaks. The recipe
    with its own radial classifiers stands beside it.

    Parameters
    ----------
    performance : DataFrame
        From `performance`, with the protocols compared.
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`; the same lesions were scored under both protocols, so
        that the difference has a paired DeLong interval.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        model, cohort, leak_free, as_published (AUC), optimism, low, high, as_published_radial
        (AUC), unit, confidence; low and high are NaN in a cohort with one class, the radial AUC
        without that protocol. Empty if one of the two compared is missing.
    """
    pairs: dict[tuple[str, str], dict[str, Cell]] = {}
    for cell in cells(scored_units(predictions, settings.pooling)):
        pairs.setdefault((cell.cohort, cell.model), {})[cell.protocol] = cell
    areas: dict[tuple[str, str], dict[str, float]] = {}
    for row in performance[performance["metric"] == "auc"].to_dict("records"):
        key = row["cohort"], row["model"]
        areas.setdefault(key, {})[row["protocol"]] = float(row["value"])
    rows = []
    for (cohort, model), area in areas.items():
        if {"leak_free", "as_published"} <= set(area):
            leak_free, published = area["leak_free"], area["as_published"]
            low, high = _paired_interval(pairs.get((cohort, model), {}), settings)
            gain = published - leak_free
            radial = area.get("as_published_radial", np.nan)
            rows.append((model, cohort, leak_free, published, gain, low, high, radial))
    columns = ["model", "cohort", "leak_free", "as_published", "optimism", "low", "high"]
    columns += ["as_published_radial"]
    return described(pd.DataFrame(rows, columns=columns), settings)


def _paired_interval(pair: dict[str, Cell], settings: EvaluationSettings) -> tuple[float, float]:
    if not {"leak_free", "as_published"} <= set(pair):
        return np.nan, np.nan
    first, second = pair["leak_free"], pair["as_published"]
    if not np.array_equal(first.lesion, second.lesion) or first.events in (0, first.n):
        return np.nan, np.nan
    auc, covariance = auc_covariance(first.label, [first.scores, second.scores], first.patient)
    test = auc_difference(auc, covariance, 0, 1, settings.confidence)
    return test.low, test.high
