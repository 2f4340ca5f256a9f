"""The zone in which the tool defers, between a threshold to rule out and one to rule in.

A lesion below the rule-out threshold is ruled out, one at or above the rule-in threshold is ruled
in, and of those between them the tool says that it does not know. Where the rule-out threshold is
not below the other, one threshold keeps both the sensitivity and the specificity that were asked
for; there is no zone, and the lower of the two, which misses fewer cancers, divides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.checks import Array
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.thresholds import (
    applied_thresholds,
    rule_in_threshold,
    rule_out_threshold,
    training_threshold,
)
from spl_kedro.modeling.evaluation.units import Cell, cells, described, scored_units
from spl_kedro.schemas import MODELS

#: The protocol whose models score patients; the others have no use in a clinic.
DEPLOYED = "leak_free"
#: One threshold, the operating one; or two with a zone between them.
ONE, TWO = "operating", "zones"
RULED_OUT, DEFERRED, RULED_IN = "ruled out", "deferred", "ruled in"
#: Edges of the score's classes in `zone_score_table`.
EDGES = np.linspace(0, 1, 26)


class Borders(NamedTuple):
    """Scores below `lower` are ruled out, those at or above `upper` ruled in.

    Each a number, or (repeats, n) for lesions that are judged by different ones.
    """

    lower: Array
    upper: Array


def borders(rule_out: float | Array, rule_in: float | Array) -> Borders:
    """Return the borders of the zones; equal ones where there is no zone."""
    upper = np.asarray(rule_in, dtype=float)
    return Borders(np.minimum(rule_out, upper), upper)


def has_zone(rule_out: float, rule_in: float) -> bool:
    """Whether there are scores between the thresholds."""
    return bool(rule_out < rule_in)


def zone_of(score: Array, rule_out: float, rule_in: float) -> np.ndarray:
    """Return the zone of each score.

    Parameters
    ----------
    score : (n,)
    rule_out, rule_in : float
        NaN where none was chosen.

    Returns
    -------
    (n,) array of str
        `RULED_OUT`, `DEFERRED` or `RULED_IN`; empty where there is no score or no threshold.
    """
    lower, upper = borders(rule_out, rule_in)
    known = ~np.isnan(score) & ~np.isnan(lower) & ~np.isnan(upper)
    return np.select(
        [~known, score < lower, score >= upper], ["", RULED_OUT, RULED_IN], default=DEFERRED
    )


def borders_of_cell(
    cell: Cell, row: Mapping[Any, Any], settings: EvaluationSettings
) -> dict[str, Borders]:
    """Return by which borders a cell's scores are judged, for one threshold and for two.

    Cross-fitted training scores are judged by the thresholds of the other folds, as in
    `spl_kedro.modeling.evaluation.thresholds.applied_thresholds`.

    Parameters
    ----------
    cell : Cell
    row : mapping
        Its model's row of `operating_thresholds`.
    settings : EvaluationSettings

    Returns
    -------
    dict of str to Borders
        `ONE` (without a zone) and, where the thresholds were chosen, `TWO`.
    """
    operating = applied_thresholds(cell, float(row["threshold"]), settings, training_threshold)
    found = {ONE: Borders(operating, operating)}
    rule_out, rule_in = (float(row.get(name, np.nan)) for name in ("rule_out", "rule_in"))
    if np.isfinite(rule_out):
        found[TWO] = borders(
            applied_thresholds(cell, rule_out, settings, rule_out_threshold),
            applied_thresholds(cell, rule_in, settings, rule_in_threshold),
        )
    return found


def deployed_cells(predictions: pd.DataFrame, settings: EvaluationSettings) -> list[Cell]:
    """Return the cells of the five models under the deployed protocol."""
    own = predictions[(predictions["protocol"] == DEPLOYED) & predictions["model"].isin(MODELS)]
    units = scored_units(own, settings.pooling)
    return list(cells(units, divided=settings.stratified_split))


def thresholds_by_model(thresholds: pd.DataFrame) -> dict[str, dict[Any, Any]]:
    """Return the deployed protocol's row of thresholds by model."""
    own = thresholds[thresholds["protocol"] == DEPLOYED]
    return {str(row["model"]): row for row in own.to_dict("records")}


def zone_score_table(
    predictions: pd.DataFrame, thresholds: pd.DataFrame, settings: EvaluationSettings
) -> pd.DataFrame:
    """Count the scores of benign and malignant lesions, with the thresholds beside them.

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
        One row per model, cohort, label and class of the score: protocol, model, cohort, label,
        score_from, score_to, count (mean over the repeats), threshold, rule_out, rule_in (as
        deployed), n, events, unit.
    """
    chosen = thresholds_by_model(thresholds)
    tables = []
    for cell in deployed_cells(predictions, settings):
        row = chosen[cell.model]
        for label in (0, 1):
            own = cell.scores[:, cell.label == label]
            tables.append(
                pd.DataFrame(
                    {
                        "protocol": cell.protocol,
                        "model": cell.model,
                        "cohort": cell.cohort,
                        "label": label,
                        "score_from": EDGES[:-1],
                        "score_to": EDGES[1:],
                        "count": np.histogram(own, EDGES)[0] / cell.repeats,
                        "threshold": row["threshold"],
                        "rule_out": row.get("rule_out", np.nan),
                        "rule_in": row.get("rule_in", np.nan),
                        "n": cell.n,
                        "events": cell.events,
                    }
                )
            )
    return described(pd.concat(tables, ignore_index=True), settings, intervals=False)
