"""Where the models work less well, and the optimism of the as-published protocol."""

from __future__ import annotations

from typing import Any

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.classifiers import radial_statement
from spl_kedro.reporting.figures.robustness import optimism_figure, subgroup_forest
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.words import (
    METRIC_NAMES,
    cohort_name,
    interval,
    intervals,
    model_name,
    number,
    readable,
    variable_name,
)
from spl_kedro.schemas import COHORTS, MODELS

_NOTES = {
    "nested_performance": "Mean over repeats of single models, lowest and highest beside it.",
}


def robustness_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the sections on subgroups, optimism, internal validation and sample size."""
    return [
        subgroup_section(results),
        _optimism_section(results),
        _sample_size_section(results),
    ]


def best_model(table: pd.DataFrame) -> str:
    """Return CDLR where it occurs, else the last model in the schema's order."""
    present = [model for model in MODELS if model in set(table["model"])]
    return present[-1]


def subgroup_section(results: StudyResults) -> Section:
    """Return the section on subgroups."""
    table = results.subgroups
    if table is None or table.empty:
        return Section("subgroups", "Subgroups", missing=("Subgroup analysis",))
    rows = table[table["protocol"] == "leak_free"]
    model = best_model(rows)
    rows = rows[rows["model"] == model]
    lines = []
    for cohort in [name for name in COHORTS if name in set(rows["cohort"])]:
        part = _missing_last(rows[rows["cohort"] == cohort])
        for (variable, group), cells in part.groupby(["variable", "group"], sort=False):
            first = cells.iloc[0]
            counted = "Lesions" if first["unit"] == "lesions" else "Patients"
            line = {
                "Cohort": cohort_name(cohort),
                "Group": f"{variable_name(variable)}: {group}",
                f"{counted} (malignant)": f"{first['n']} ({first['events']})",
            }
            cell: Any
            for cell in cells.itertuples():
                line[METRIC_NAMES[cell.metric]] = interval(cell.value, cell.low, cell.high, 2)
            lines.append(line | {"Remark": first["warning"]})
    auc = rows[rows["metric"] == "auc"]
    figure = ReportFigure(
        "subgroups",
        f"AUC of {model_name(model)} in subgroups; the dashed line is the whole cohort, grey "
        "groups are too small to rely on.",
        "Forest plot of subgroup AUCs, one column per cohort; all numbers are in the table.",
        {
            "": Drawing(
                subgroup_forest, _missing_last(auc), _overall(results, model),
                simulated=results.simulated,
            )
        },
        wide=True,
    )  # fmt: skip
    figures = (figure,) if auc["value"].notna().any() else ()
    frame = ReportTable(
        "subgroups",
        f"{model_name(model)} in subgroups, at the thresholds of the whole cohort "
        f"({coverage(rows)} intervals)",
        pd.DataFrame(lines, dtype="str"),
        2,
        folded=True,
    )
    return Section("subgroups", "Subgroups", figures=figures, tables=(frame,))


def _missing_last(rows: pd.DataFrame) -> pd.DataFrame:
    """Put the lesions without a value of a variable behind those with one."""
    place = {variable: i for i, variable in enumerate(rows["variable"].drop_duplicates())}
    order = 2 * rows["variable"].map(place) + (rows["group"].astype(str) == "missing")
    return rows.loc[order.sort_values(kind="stable").index]


def _overall(results: StudyResults, model: str) -> dict[str, float]:
    if results.performance is None:
        return {}
    table = results.performance
    hit = table[
        (table["protocol"] == "leak_free") & (table["model"] == model) & (table["metric"] == "auc")
    ]
    return dict(zip(hit["cohort"], hit["value"], strict=True))


def _optimism_section(results: StudyResults) -> Section:
    title = "Optimism of the as-published protocol"
    table = results.optimism
    if table is None or table.empty:
        return Section("optimism", title, missing=("Comparison of the protocols",))
    gains = intervals(table["optimism"], table["low"], table["high"])
    lines = [
        {
            "Cohort": cohort_name(row.cohort).replace(" (cross-fitted)", ""),
            "Model": model_name(row.model),
            "Leak-free AUC": number(row.leak_free, 2),
            "As-published AUC": number(row.as_published, 2),
            "Optimism": gain,
            "As published, radial": number(row.as_published_radial, 2),
        }
        for row, gain in zip(table.itertuples(), gains, strict=True)
    ]
    return Section(
        "optimism",
        title,
        (
            "The same models were also fitted as studies of this kind often are (as published): "
            "features scaled, tested and filtered on all patients, scores of one model handed to "
            "the next in-sample. The classifiers are the same under both protocols, so that the "
            "difference in AUC is optimism by leakage, not a gain. The published protocol with "
            "its own radial support vector machines stands beside it.",
            *radial_statement(results, "as_published_radial"),
        ),
        (
            ReportFigure(
                "optimism",
                "AUC of each model under the leak-free and the as-published protocol.",
                "Paired dots of two AUCs for each model, one column per cohort; all numbers are in "
                "the table.",
                {"": Drawing(optimism_figure, table, simulated=results.simulated)},
                wide=True,
            ),
        ),
        (
            ReportTable(
                "optimism",
                "Optimism: as-published minus leak-free AUC "
                f"(paired {coverage(table)} DeLong interval)",
                pd.DataFrame(lines, dtype="str"),
                2,
            ),
        ),
    )


def _sample_size_section(results: StudyResults) -> Section:
    captions = {
        "nested_performance": "Nested cross-validation: everything chosen anew in every fold",
        "clinical_optimism": "Clinical model: apparent AUC corrected by the bootstrap",
        "sample_size": "Sample size: events per candidate predictor and what Riley's criteria ask",
    }
    tables, missing = [], []
    for name, caption in captions.items():
        frame = getattr(results, name)
        if name == "clinical_optimism" and results.without_clinical:
            continue
        if frame is None or frame.empty:
            missing.append(caption.partition(":")[0])
        else:
            bounded = frame.rename(columns={"low": "auc_low", "high": "auc_high"})
            if name == "clinical_optimism":
                bounded = frame.rename(columns={"low": "corrected_low", "high": "corrected_high"})
            tables.append(ReportTable(name, caption, readable(bounded), note=_NOTES.get(name, "")))
    return Section(
        "sample-size", "Internal validation and sample size",
        tables=tuple(tables), missing=tuple(missing),
    )  # fmt: skip
