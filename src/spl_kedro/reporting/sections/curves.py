"""Curves of the five models: ROC, calibration, decisions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.modeling.evaluation.figures.calibration import calibration_figure
from spl_kedro.modeling.evaluation.figures.decision import MOST_OF_ONE, decision_curve_figure
from spl_kedro.modeling.evaluation.figures.rates import roc_figure
from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections.clinic_words import deployed_thresholds
from spl_kedro.reporting.sections.robustness import best_model
from spl_kedro.reporting.sections.tables import (
    PROTOCOL,
    all_models,
    cohorts_of,
    metric_table,
    note_on_training,
    of_protocol,
    panels_of,
)
from spl_kedro.reporting.words import (
    cohort_name,
    interval,
    model_name,
    number,
)
from spl_kedro.schemas import MODELS

CALIBRATION_METRICS = (
    "calibration_slope",
    "calibration_intercept",
    "ici",
    "brier",
    "hosmer_lemeshow_p",
)


def roc_section(results: StudyResults) -> Section:
    """Return the ROC curves, a panel for each cohort."""
    rows, measured = of_protocol(results.roc_curves), of_protocol(results.performance)
    if rows.empty or measured.empty:
        return Section("roc", "ROC curves", missing=("ROC curves",))
    panels = panels_of(
        results,
        "roc",
        cohorts_of(rows),
        lambda c: Drawing(
            roc_figure, rows, measured, c, protocol=PROTOCOL, simulated=results.simulated
        ),
    )
    figure = ReportFigure(
        "roc",
        f"ROC curves of {all_models(measured)}, leak-free protocol; dots: sensitivity and "
        f"specificity at the operating thresholds{_thresholds(results)}."
        f"{note_on_training(results)}",
        "ROC curves, one panel per cohort. The areas under them are in the table of performance.",
        panels,
    )
    return Section("roc", "ROC curves", figures=(figure,))


def _thresholds(results: StudyResults) -> str:
    """Return the operating thresholds in brackets; empty where they are not known."""
    rows = deployed_thresholds(results)
    named = ", ".join(f"{model_name(row['model'])} {number(row['threshold'])}" for row in rows)
    return f" ({named})" if named else ""


def calibration_section(results: StudyResults) -> Section:
    """Return calibration curves and the measures of calibration."""
    rows = of_protocol(results.calibration)
    measures = of_protocol(results.performance)
    tables = []
    if len(measures):
        tables.append(
            metric_table(
                measures, CALIBRATION_METRICS, "calibration",
                f"Calibration of {all_models(measures)}",
                "Slope 1 and intercept 0 are ideal; ICI (integrated calibration index): mean "
                "distance between predicted and observed risk, with an interval from 0 unless the "
                "risks are shown to be wrong."
                f"{note_on_training(results)}{_note_on_folds(results)}",
            )
        )  # fmt: skip
    if rows.empty:
        return Section(
            "calibration", "Calibration", tables=tuple(tables), missing=("Calibration curves",)
        )
    panels = panels_of(
        results,
        "calibration",
        cohorts_of(rows),
        lambda c: Drawing(
            calibration_figure, rows, c, protocol=PROTOCOL, simulated=results.simulated
        ),
    )
    figure = ReportFigure(
        "calibration_curves",
        f"Observed against predicted risk of malignancy: smooth curve with {coverage(rows)} band, "
        "and risk groups with their intervals.",
        "Calibration curves of each model, one picture per cohort; slopes and intercepts are in "
        "the table.",
        panels,
        wide=True,
    )
    return Section("calibration", "Calibration", figures=(figure,), tables=tuple(tables))


def _note_on_folds(results: StudyResults) -> str:
    """Return whose calibration that of training is, where there is any."""
    if "training" not in results.cohorts:
        return ""
    return (
        " Marked: these models learnt from fewer lesions than the deployed one, whose calibration "
        "the intervals in training hold less often than they say."
    )


def decision_section(results: StudyResults) -> Section:
    """Return decision curves and net benefits."""
    rows = of_protocol(results.decision_curves)
    title = "Clinical utility"
    if rows.empty:
        return Section("decision-curves", title, missing=("Decision curves",))
    panels = panels_of(
        results,
        "decision_curve",
        cohorts_of(rows),
        lambda c: Drawing(
            decision_curve_figure,
            rows,
            c,
            protocol=PROTOCOL,
            simulated=results.simulated,
            band_of=best_model(rows),
        ),
    )
    figure = ReportFigure(
        "decision_curves",
        "Net benefit of a biopsy decided by each model, against biopsying all or none. A curve "
        f"ends where one false positive moves it by more than {MOST_OF_ONE:g}, that is where "
        "threshold / (1 − threshold) / n is larger: beyond it single lesions decide.",
        "Decision curves, one panel per cohort. Net benefits at four thresholds are in the table.",
        panels,
    )
    return Section("decision-curves", title, figures=(figure,), tables=(_net_benefit_table(rows),))


def _net_benefit_table(rows: pd.DataFrame) -> ReportTable:
    wanted = [0.1, 0.2, 0.3, 0.5]
    thresholds = np.sort(rows["threshold"].unique())
    picked = [t for t in wanted if np.isclose(thresholds, t).any()]
    lines = []
    for cohort in cohorts_of(rows):
        part = rows[rows["cohort"] == cohort]
        for model in part["model"].drop_duplicates():
            line = {"Cohort": cohort_name(cohort), "Strategy": model_name(model).capitalize()
                    if model not in MODELS else model_name(model)}  # fmt: skip
            for threshold in picked:
                hit = part[(part["model"] == model) & np.isclose(part["threshold"], threshold)]
                row = hit.iloc[0]
                line[f"At {threshold:g}"] = interval(row["net_benefit"], row["low"], row["high"])
            lines.append(line)
    return ReportTable(
        "net_benefit",
        f"Net benefit at stated threshold probabilities ({coverage(rows)} bootstrap interval)",
        pd.DataFrame(lines, dtype="str"),
        2,
        folded=True,
    )
