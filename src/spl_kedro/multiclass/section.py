"""The report's section on several classes."""

from __future__ import annotations

from typing import Any

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.multiclass.figure import class_figure
from spl_kedro.multiclass.measures import ALL
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.words import (
    NO_BREAK,
    cohort_name,
    intervals,
    model_name,
    number,
    plural,
    without_interval,
)

KEY = "multiclass"
OVERALL = {
    "auc_macro": "AUC, mean of classes",
    "accuracy": "Accuracy",
    "balanced_accuracy": "Mean sensitivity",
    "brier": "Brier score (0 to 2)",
}
BY_CLASS = {
    "auc": "AUC against the others",
    "sensitivity": "Sensitivity",
    "ppv": "PPV",
    "calibration_difference": "Mean probability minus share",
}


def class_section(
    performance: pd.DataFrame,
    confusion: pd.DataFrame,
    roc_curves: pd.DataFrame,
    findings: pd.DataFrame,
    *,
    column: str,
    simulated: bool,
) -> Section:
    """Return the section.

    Parameters
    ----------
    performance, confusion, roc_curves : DataFrame
        From :mod:`spl_kedro.multiclass.measures`.
    findings : DataFrame
        Lesions left out (``schemas.Findings``).
    column : str
        Of the hospital's table, that holds the classes.
    simulated : bool

    Returns
    -------
    Section
    """
    classes = list(dict.fromkeys(confusion["truth"]))
    unit = str(performance["unit"].iloc[0])
    model = list(dict.fromkeys(performance["model"]))[-1]
    drawn = {
        cohort_name(cohort): Drawing(
            class_figure, roc_curves, performance, confusion, model, cohort, simulated=simulated
        )
        for cohort in dict.fromkeys(performance["cohort"])
    }
    caption = (
        f"{model_name(model)}: ROC curve of each class against the others, and {unit} by their "
        "class and by the most probable one; the share is of the row."
    )
    figure = ReportFigure(
        "multiclass", caption, f"{caption} All numbers are in the tables.", drawn, wide=True
    )
    return Section(
        KEY,
        f"{len(classes)} classes instead of benign or malignant",
        _paragraphs(classes, column, findings, unit),
        (figure,),
        (_overall(performance), _by_class(performance, classes)),
        of_paper=True,
    )


def _paragraphs(
    classes: list[str], column: str, findings: pd.DataFrame, unit: str
) -> tuple[str, ...]:
    lost = findings["lesion_id"].nunique()
    left_out = (
        f" {plural(lost, 'lesion')} without a class {'is' if lost == 1 else 'are'} left out."
        if lost
        else ""
    )
    pooled = (
        " Counted are patients, whose probabilities are the means of their images'."
        if unit == "patients"
        else ""
    )
    return (
        f"Classes ({', '.join(classes)}) by the column {column} of the hospital's table. Each "
        "model was fitted for each class against the others, every step anew, in the folds of the "
        "study's own models; a lesion's probabilities are divided by their sum, and its most "
        f"probable class is what it is called.{pooled}{left_out}",
        "Intervals are of resampled patients; those of training leave out how much models fitted "
        "to other patients would differ. Brier score: squared distance to the truth, summed over "
        "classes, 0 at best; in square brackets that of giving all the classes' shares "
        "in training, which a useful model must beat.",
    )


def _overall(performance: pd.DataFrame) -> ReportTable:
    shown = performance["metric"].isin([*OVERALL, "brier_shares"])
    rows = _written(performance[(performance["of_class"] == ALL) & shown])
    lines = []
    for (cohort, model), own in rows.groupby(["cohort", "model"], sort=False):
        values = own.set_index("metric")
        line = {"Cohort": _size(cohort, own), "Model": model_name(model)}
        for metric, name in OVERALL.items():
            line[name] = str(values.loc[metric, "written"])
        shares = number(values.loc["brier_shares", "value"])
        line[OVERALL["brier"]] += f" [{shares}]"
        lines.append(line)
    return ReportTable(
        "multiclass_performance",
        f"All classes together ({coverage(performance)} intervals)",
        pd.DataFrame(lines, dtype="str"),
        2,
        note=without_interval(rows["value"], rows["low"]),
    )


def _by_class(performance: pd.DataFrame, classes: list[str]) -> ReportTable:
    lines = []
    rows = _written(performance[performance["of_class"] != ALL])
    for (cohort, model), own in rows.groupby(["cohort", "model"], sort=False):
        for name in classes:
            values = own[own["of_class"] == name].set_index("metric")
            line = {
                "Cohort": _size(cohort, own),
                "Model": model_name(model),
                "Class": name,
                str(values["unit"].iloc[0]).capitalize(): str(values["events"].iloc[0]),
            }
            line |= {told: str(values.loc[metric, "written"]) for metric, told in BY_CLASS.items()}
            lines.append(line)
    return ReportTable(
        "multiclass_by_class",
        f"Each class ({coverage(performance)} intervals)",
        pd.DataFrame(lines, dtype="str"),
        3,
        note=" ".join(
            [
                "Sensitivity and PPV of calling each by its most probable class.",
                without_interval(rows["value"], rows["low"]),
            ]
        ).strip(),
        folded=True,
    )


def _size(cohort: Any, own: pd.DataFrame) -> str:
    return f"{cohort_name(cohort)}, n{NO_BREAK}={NO_BREAK}{own['n'].iloc[0]}"


def _written(rows: pd.DataFrame) -> pd.DataFrame:
    """Add the cells: each measure in as many decimals throughout."""
    rows = rows.assign(written="")
    for metric in set(rows["metric"]):
        own = rows[rows["metric"] == metric]
        rows.loc[own.index, "written"] = intervals(own["value"], own["low"], own["high"])
    return rows
