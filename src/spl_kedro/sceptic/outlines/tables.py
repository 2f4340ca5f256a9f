"""What other outlines make of each lesion's scores, and of the models' AUCs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.multiplicity import holm
from spl_kedro.modeling.evaluation.resampled_t import cross_fitted_difference, cross_fitted_interval
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.units import Cell, cells, described, scored_units
from spl_kedro.sceptic.outlines.changes import ORIGINAL, is_drawn
from spl_kedro.sceptic.outlines.settings import KINDS
from spl_kedro.schemas import Predictions

_PREDICTIONS = list(Predictions.to_schema().columns)
_CHANGE = ["kind", "size", "unit"]
_NUMBERS = ("auc", "low", "high", "difference", "difference_low", "difference_high", "p")


def spread_table(scores: pd.DataFrame) -> pd.DataFrame:
    """Return how far each lesion's scores lie apart, for each model and size of change.

    Parameters
    ----------
    scores : DataFrame
        From :func:`.study.score_rows`.

    Returns
    -------
    DataFrame
        Columns lesion_id, patient_id, label, model, cohort, size, unit, original, threshold;
        outlines, how many changed ones gave a score; sd of these and the original score (n - 1),
        lowest, highest and range of them; flipped, the share of changed outlines that decide
        otherwise. Outlines of other hands, which have no size, are not in it.
    """
    made = scores[scores["kind"].isin(KINDS)]
    keys = ["lesion_id", "patient_id", "label", "model", "cohort", "size", "unit"]
    own = made.groupby([*keys, "original", "threshold"], sort=True, dropna=False)
    table = own.agg(
        outlines=("score", "size"),
        total=("score", "sum"),
        squares=("score", lambda values: float((values**2).sum())),
        lowest=("score", "min"),
        highest=("score", "max"),
        flipped=("flipped", "mean"),
    ).reset_index()
    count = table["outlines"] + 1
    total, squares = table["total"] + table["original"], table["squares"] + table["original"] ** 2
    variance = (squares - total**2 / count) / (count - 1)
    table["lowest"] = table[["lowest", "original"]].min(axis=1)
    table["highest"] = table[["highest", "original"]].max(axis=1)
    # Of equal scores rounding may leave a variance below 0.
    table.insert(list(table.columns).index("lowest"), "sd", np.sqrt(variance.clip(lower=0)))
    table["range"] = table["highest"] - table["lowest"]
    return table.drop(columns=["total", "squares"])


def auc_table(
    scores: pd.DataFrame, outlines: pd.DataFrame, settings: EvaluationSettings
) -> pd.DataFrame:
    """Return each model's AUC under every outline, against the error of the outlines.

    By the study's own measures: the corrected resampled t-test of cross-fitted scores, DeLong's of
    others, patients pooled where the study pools them. A difference is to the original outlines of
    the same lesions.

    Parameters
    ----------
    scores : DataFrame
        From :func:`.study.score_rows`.
    outlines : DataFrame
        As :class:`.study.Examined` has them.
    settings : EvaluationSettings

    Returns
    -------
    DataFrame
        A row for each cohort, model and outline: cohort, model, kind, size, unit; n, events;
        left_out, lesions that could not be measured under that outline; distance and dice, means
        over lesions; auc, low, high; difference with _low and _high, p, p_holm (Holm over the
        changes of a cohort and model) and test; change, the mean absolute change of a score;
        flipped, the share of lesions on whose decision the outline changes; confidence,
        unit_of_n ("lesions", or "patients" when pooled). NaN where a class is missing.
    """
    tables = []
    for (kind, size, unit), own in scores.groupby(_CHANGE, sort=False, dropna=False):
        rows = [
            {"kind": kind, "size": size, "unit": unit, **_row(pair, own, settings)}
            for pair in _pairs(own, settings)
        ]
        tables.append(pd.DataFrame(rows))
    table = pd.concat(tables, ignore_index=True)
    table["left_out"] = [_left_out(row, outlines, scores) for row in table.itertuples()]
    changed = table["kind"] != ORIGINAL
    families = table[changed].groupby(["cohort", "model"], sort=False)["p"]
    table.insert(list(table.columns).index("p") + 1, "p_holm", families.transform(holm))
    told = described(table.drop(columns="unit"), settings).rename(columns={"unit": "unit_of_n"})
    told.insert(list(told.columns).index("size") + 1, "unit", table["unit"])
    order = {name: place for place, name in enumerate(scores["cohort"].unique())}
    return told.sort_values(
        "cohort", key=lambda names: names.map(order), kind="stable"
    ).reset_index(drop=True)


def _pairs(own: pd.DataFrame, settings: EvaluationSettings) -> Iterator[tuple[Cell, Cell]]:
    """Yield each cohort and model: scores under the original outlines, and under these."""
    before = own[_PREDICTIONS].assign(score=own["original"])
    yield from zip(
        cells(scored_units(before, settings.pooling)),
        cells(scored_units(own[_PREDICTIONS], settings.pooling)),
        strict=True,
    )


def _row(
    pair: tuple[Cell, Cell], scores: pd.DataFrame, settings: EvaluationSettings
) -> dict[str, Any]:
    before, cell = pair
    own = scores[(scores["model"] == cell.model) & (scores["cohort"] == cell.cohort)]
    row: dict[str, Any] = {
        "cohort": cell.cohort,
        "model": cell.model,
        "n": cell.n,
        "events": cell.events,
        "distance": float(own["distance"].mean()),
        "dice": float(own["dice"].mean()),
        **dict.fromkeys(_NUMBERS, np.nan),
        "test": "",
        "change": float((own["score"] - own["original"]).abs().mean()),
        "flipped": float(own["flipped"].mean()),
    }
    if cell.events in (0, cell.n):
        return row
    confidence = settings.confidence
    found = cross_fitted_interval(cell.label, cell.scores, cell.folds, confidence, cell.patient)
    row |= {"auc": found.auc, "low": found.low, "high": found.high}
    if own["kind"].iloc[0] != ORIGINAL:
        test, method = cross_fitted_difference(
            cell.label, before.scores, cell.scores, cell.folds, confidence, cell.patient
        )
        row |= {"difference": test.difference, "difference_low": test.low}
        row |= {"difference_high": test.high, "p": test.p, "test": method}
    return row


def _left_out(row: Any, outlines: pd.DataFrame, scores: pd.DataFrame) -> int:
    """Return how many lesions of a cohort have such an outline but no score under it."""
    if row.kind == ORIGINAL:
        return 0
    here = scores[(scores["cohort"] == row.cohort) & (scores["kind"] == ORIGINAL)]["lesion_id"]
    own = outlines[outlines["lesion_id"].isin(here) & (outlines["kind"] == row.kind)]
    if not is_drawn(row.kind):
        own = own[own["size"] == row.size]
    return int((~own["measured"]).sum())


def feature_summary(features: pd.DataFrame) -> pd.DataFrame:
    """Count the features that survive each change, by class.

    Parameters
    ----------
    features : DataFrame
        From :func:`.study.feature_rows`, of all changes.

    Returns
    -------
    DataFrame
        Columns kind, size, unit, feature_class (``all`` radiomics and ``used`` by a model too);
        features that are not degenerate; median ICC of consistency and of agreement; stable, the
        share at or above the threshold; agreeing, the share whose agreement is; threshold.
    """
    informative = features[~features["degenerate"]]
    groups = [
        informative,
        informative[informative["source"] == "radiomics"].assign(feature_class="all"),
        informative[informative["used_by"] != ""].assign(feature_class="used"),
    ]
    table = pd.concat(groups, ignore_index=True)
    table["agreeing"] = table["agreement"] >= table["threshold"]
    keys = [*_CHANGE, "feature_class"]
    return table.groupby(keys, sort=False, dropna=False).agg(
        features=("feature", "size"),
        consistency=("consistency", "median"),
        agreement=("agreement", "median"),
        stable=("stable", "mean"),
        agreeing=("agreeing", "mean"),
        threshold=("threshold", "first"),
    ).reset_index()  # fmt: skip
