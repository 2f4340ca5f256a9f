"""What the sections on performance share: rows of the result, panels, tables of measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.modeling.evaluation.figures.cohort import count_words
from spl_kedro.reporting.parts import ReportTable
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.words import (
    METRIC_NAMES,
    NO_BREAK,
    cohort_name,
    intervals,
    model_name,
    number,
    p_value,
)
from spl_kedro.schemas import COHORTS, MODELS, PART_MODELS

PROTOCOL = "leak_free"
TRAINING_NOTE = (
    "Training, cross-fitted: mean over repeats of single models, none of which saw the lesions it "
    "scores."
)


def of_protocol(table: pd.DataFrame | None) -> pd.DataFrame:
    """Return the rows of the result: its protocol, the five models."""
    if table is None or table.empty:
        return pd.DataFrame()
    rows = table[table["protocol"] == PROTOCOL]
    if "question" in rows:
        return rows[rows["question"] == "models"]
    return rows[~rows["model"].isin(PART_MODELS)]


def all_models(table: pd.DataFrame) -> str:
    """Return how the models of a table are called together: the five, where all are there."""
    return "the five models" if set(MODELS) <= set(table["model"]) else "the models"


def cohorts_of(table: pd.DataFrame) -> list[str]:
    """Return the cohorts of a table, in their order."""
    return [name for name in COHORTS if len(table) and name in set(table["cohort"])]


def panels_of(
    results: StudyResults, key: str, cohorts: list[str], draw: Callable[[str], Drawing]
) -> dict[str, Any]:
    """Return a picture for each cohort, by its title.

    Parameters
    ----------
    results : StudyResults
        The figure ``<key>_<cohort>`` that an earlier step drew is taken as it is.
    key : str
    cohorts : list of str
    draw : callable
        Of a cohort whose figure no step has drawn.

    Returns
    -------
    dict of str to StoredFigure or Drawing
    """
    return {
        cohort_name(cohort): results.figures.get(f"{key}_{cohort}") or draw(cohort)
        for cohort in cohorts
    }


def note_on_training(results: StudyResults) -> str:
    """Return what is said of training figures, where there are any; a blank before it."""
    return f" {TRAINING_NOTE}" if "training" in results.cohorts else ""


def metric_table(
    rows: pd.DataFrame,
    metrics: tuple[str, ...],
    key: str,
    caption: str,
    note: str = "",
    *,
    folded: bool = False,
    thresholds: Mapping[str, float] | None = None,
) -> ReportTable:
    """Write some metrics of every cohort and model, one row for each.

    Parameters
    ----------
    rows : DataFrame
        Rows of `spl_kedro.modeling.evaluation.performance` under one protocol.
    metrics : tuple of str
        Those that do not occur are left out.
    key, caption, note : str
    folded : bool
    thresholds : mapping of str to float, optional
        The operating threshold by model, printed behind the AUC.

    Returns
    -------
    ReportTable
    """
    rows = rows.assign(written="")
    for metric in set(rows["metric"]):
        own = rows[rows["metric"] == metric]
        rows.loc[own.index, "written"] = (
            [p_value(value) for value in own["value"]]
            if metric.endswith("_p")
            else intervals(own["value"], own["low"], own["high"])
        )
    keys = zip(rows["cohort"], rows["model"], rows["metric"], strict=True)
    cells = dict(zip(keys, rows["written"], strict=True))
    present = [metric for metric in metrics if metric in set(rows["metric"])]
    lines = []
    for cohort in cohorts_of(rows):
        first = rows[rows["cohort"] == cohort].iloc[0]
        size = f"{cohort_name(cohort)}, n{NO_BREAK}={NO_BREAK}{count_words(first)}"
        for model in (m for m in MODELS if m in set(rows.loc[rows["cohort"] == cohort, "model"])):
            line = {"Cohort": size, "Model": model_name(model)}
            for metric in present:
                line[METRIC_NAMES[metric]] = cells[cohort, model, metric]
                if metric == "auc" and thresholds:
                    line["Threshold"] = number(thresholds.get(model))
            lines.append(line)
    return ReportTable(key, caption, pd.DataFrame(lines, dtype="str"), 2, note, folded)
