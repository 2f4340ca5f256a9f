"""The report's section on time to event."""

from __future__ import annotations

from typing import Any

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.words import (
    NO_BREAK,
    NOT_DEFINED,
    cohort_name,
    intervals,
    model_name,
    number,
    p_value,
    plural,
    without_interval,
)
from spl_kedro.survival.figures import risk_group_figure, survival_figure
from spl_kedro.survival.settings import SurvivalSettings

KEY = "survival"
METRICS = {"c_harrell": "Harrell's C", "c_uno": "Uno's C"}


def survival_section(
    tables: dict[str, pd.DataFrame],
    findings: pd.DataFrame,
    settings: SurvivalSettings,
    *,
    simulated: bool,
) -> Section:
    """Return the section.

    Parameters
    ----------
    tables : dict of str to DataFrame
        performance, comparisons, curves, groups and calibration, as
        :mod:`spl_kedro.survival.measures` and :mod:`spl_kedro.survival.groups` give them.
    findings : DataFrame
        Lesions left out (``schemas.Findings``).
    settings : SurvivalSettings
    simulated : bool

    Returns
    -------
    Section
    """
    performance = tables["performance"]
    model = list(dict.fromkeys(performance["model"]))[-1]
    cohorts = list(dict.fromkeys(performance["cohort"]))
    simulation = {"simulated": simulated}
    curves = {
        cohort_name(cohort): Drawing(
            risk_group_figure, tables["curves"], tables["groups"], model, cohort,
            unit=settings.unit, event_name=settings.event_name, **simulation,
        )
        for cohort in cohorts
    }  # fmt: skip
    measures = {
        cohort_name(cohort): Drawing(
            survival_figure, performance, tables["calibration"], model, cohort,
            unit=settings.unit, **simulation,
        )
        for cohort in cohorts
    }  # fmt: skip
    captions = (
        f"{model_name(model)}: Kaplan–Meier curves of patients above and below the training "
        "median of the risk, with the patients at risk.",
        "C-indices and AUCs of the models, and observed against predicted risk of "
        f"{model_name(model)}.",
    )
    alt = "All numbers are in the tables."
    figures = tuple(
        ReportFigure(key, caption, f"{caption} {alt}", drawn, wide=True)
        for key, caption, drawn in zip(
            ("survival_risk_groups", "survival"), captions, (curves, measures), strict=True
        )
    )
    return Section(
        KEY,
        f"Time to {settings.event_name}",
        _paragraphs(settings, findings, simulated=simulated),
        figures,
        (
            _performance(performance, settings),
            _comparisons(tables["comparisons"]),
            _groups(tables["groups"], settings),
        ),
        of_paper=True,
    )


def _paragraphs(
    settings: SurvivalSettings, findings: pd.DataFrame, *, simulated: bool
) -> tuple[str, ...]:
    lost = findings["lesion_id"].nunique()
    left_out = (
        f" {plural(lost, 'lesion')} without a usable follow-up {'is' if lost == 1 else 'are'} "
        "left out."
        if lost
        else ""
    )
    nobody = "The follow-up is simulated, too: nobody was watched. " if simulated else ""
    return (
        f"{nobody}Cox models with a ridge penalty, chosen inside every fit, on the features that "
        "the signatures kept: CDLR's are those of DLR with the clinical terms. They were selected "
        "for malignancy, not for the follow-up. Training patients are scored in the folds of the "
        f"study's first repeat by models that have not seen them.{left_out}",
        "A C-index is the share of pairs of patients of whom the one with the higher risk had the "
        "event first: 0.5 is chance. Harrell's C counts the pairs whose order is known; Uno's "
        f"counts them as if nobody had been censored, up to {settings.times[-1]:g} "
        f"{settings.unit}. Of training patients, pairs of one fold are compared. Intervals are of "
        "resampled patients; those of training leave out how much models fitted to other patients "
        "would differ. The observed risk is the Kaplan–Meier estimate.",
    )


def _performance(performance: pd.DataFrame, settings: SurvivalSettings) -> ReportTable:
    lines = []
    performance = _written(performance, ["metric", "time"])
    for (cohort, model), own in performance.groupby(["cohort", "model"], sort=False):
        first = own.iloc[0]
        events = plural(first["events"], "event").replace(" ", NO_BREAK)
        size = f"n{NO_BREAK}={NO_BREAK}{first['n']} ({events})"
        line = {"Cohort": f"{cohort_name(cohort)}, {size}", "Model": model_name(model)}
        for metric, name in METRICS.items():
            line[name] = own.loc[own["metric"] == metric, "written"].item()
        for time in settings.times:
            rows = own[(own["metric"] == "auc") & (own["time"] == time)]
            line[f"AUC at {time:g} {settings.unit}"] = rows["written"].item()
        when = f"{settings.calibration_time:g} {settings.unit}"
        rows = own[own["metric"] == "calibration_difference"]
        line[f"Predicted minus observed risk, {when}"] = rows["written"].item()
        lines.append(line)
    return ReportTable(
        "survival_performance",
        f"Models of the time to {settings.event_name} ({coverage(performance)} intervals)",
        pd.DataFrame(lines, dtype="str"),
        2,
        note=without_interval(performance["value"], performance["low"]),
    )


def _comparisons(table: pd.DataFrame) -> ReportTable:
    table = _written(table.rename(columns={"difference": "value"}), ["metric"])
    lines = [
        {
            "Cohort": cohort_name(row["cohort"]),
            "Measure": METRICS[row["metric"]],
            "Models": f"{model_name(row['model_b'])} minus {model_name(row['model_a'])}",
            "Difference": row["written"],
            "p": p_value(row["p"]),
            "p (Holm)": p_value(row["p_holm"]),
        }
        for row in table.to_dict("records")
    ]
    told = coverage(table) if len(table) else ""
    return ReportTable(
        "survival_comparisons",
        f"Differences between models on the same patients ({told} intervals)",
        pd.DataFrame(lines, dtype="str"),
        2,
        note="p of a normal test by the bootstrap's standard error; Holm over the pairs of a "
        "cohort and measure.",
        folded=True,
    )


def _groups(groups: pd.DataFrame, settings: SurvivalSettings) -> ReportTable:
    lines = []
    for (cohort, model), own in groups.groupby(["cohort", "model"], sort=False):
        line: dict[str, Any] = {"Cohort": cohort_name(cohort), "Model": model_name(model)}
        for row in own.to_dict("records"):
            name = str(row["group"]).capitalize()
            line[f"{name}: patients (events)"] = f"{row['n']} ({row['events']})"
            line[f"{name}: median ({settings.unit})"] = number(row["median"], 1)
        lines.append(line | {"Log-rank p": p_value(own["p_log_rank"].iloc[0])})
    frame = pd.DataFrame(lines).fillna(NOT_DEFINED).astype("str")
    frame["Log-rank p"] = frame.pop("Log-rank p")
    return ReportTable(
        "survival_groups",
        "Patients below and above the training median of the risk",
        frame,
        2,
        note="Median: time by which half had the event; a dash where more than half did not. In "
        "training the groups are made of the patients whose median divides them.",
        folded=True,
    )


def _written(rows: pd.DataFrame, column: list[str]) -> pd.DataFrame:
    """Add the cells: in as many decimals throughout each column of the printed table."""
    rows = rows.assign(written="")
    for _, own in rows.groupby(column, sort=False, dropna=False):
        rows.loc[own.index, "written"] = intervals(own["value"], own["low"], own["high"])
    return rows
