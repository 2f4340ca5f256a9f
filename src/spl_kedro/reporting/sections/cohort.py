"""Who was studied: flow, findings, image quality, Table 1."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.reporting.figures.flow import flow_figure
from spl_kedro.reporting.flow import CohortFlow, cohort_flow
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections.duplicates import duplicates_section
from spl_kedro.reporting.sections.findings import findings_section
from spl_kedro.reporting.sections.leaks import leaks_section
from spl_kedro.reporting.sections.quality import quality_section
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.words import NO_BREAK, NOT_DEFINED, cohort_name, variable_name
from spl_kedro.schemas import SITE_NOT_STATED

ONE_IMAGE = "Of patients, with what the table has of each one's first image. "
_QUARTILES = re.compile(r"\[([^\[\],]+), ?([^\[\],]+)\]")


def cohort_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the sections on the cohort and its images."""
    return [
        _flow_section(results),
        findings_section(results, settings),
        quality_section(results),
        duplicates_section(results, settings),
        *([] if results.frozen is not None else [leaks_section(results)]),
        _table_one_section(results),
    ]


def _flow_section(results: StudyResults) -> Section:
    flow = cohort_flow(results)
    if flow.n_left_out:
        words = (
            f"{flow.n_analysed} lesions were analysed; {flow.n_left_out} of {flow.n_received} "
            "cases were left out by rule."
        )
    else:
        words = f"{flow.n_analysed} lesions were analysed; none was left out."
    if flow.sealed:
        kept = flow.n_divided - flow.n_analysed
        words += f" {kept} are sealed: images and variables were checked, nothing else."
    return Section(
        "cohort-flow",
        "Cohort flow",
        (
            words,
            "All are new to the study: it was fitted elsewhere, and none of them had a part in it."
            if results.frozen is not None
            else "Each patient belongs to one cohort. The split was made and stored before "
            "anything was fitted.",
        ),
        figures=(
            ReportFigure(
                "cohort_flow",
                "Cohort flow.",
                flow_words(flow),
                {"": Drawing(flow_figure, flow, simulated=results.simulated)},
                wide=True,
            ),
        ),
    )


def flow_words(flow: CohortFlow) -> str:
    """Return the flow chart in a sentence."""
    arms = "; ".join(
        f"{arm.name} {arm.lesions} lesions ({arm.benign} benign, {arm.malignant} malignant)"
        for arm in flow.arms
    )
    sealed = "".join(f"; {arm.name} {arm.lesions} lesions, sealed" for arm in flow.sealed)
    return (
        f"{flow.n_received} lesions received, {flow.n_left_out} left out, "
        f"{flow.n_analysed} analysed: {arms}{sealed}."
    )


def _arms_table(flow: CohortFlow) -> ReportTable:
    rows = [
        (
            *(a.name, str(a.patients), str(a.lesions), str(a.benign), str(a.malignant)),
            str(a.sites or SITE_NOT_STATED),
        )
        for a in flow.arms
    ]
    columns = ["Cohort", "Patients", "Lesions", "Benign", "Malignant", "Centres"]
    return ReportTable(
        "cohorts", "Patients and lesions in each cohort", pd.DataFrame(rows, columns=columns)
    )


def _table_one_section(results: StudyResults) -> Section:
    table_one = results.table_one
    if table_one is None or table_one.empty:
        return Section(
            "table-one", "Patient characteristics", tables=(_arms_table(cohort_flow(results)),),
            missing=("Table 1",),
        )  # fmt: skip
    of_patients = results.pooling != "none"
    tables = []
    for comparison in table_one["comparison"].drop_duplicates():
        rows = table_one[table_one["comparison"] == comparison]
        between = comparison == "cohorts"
        tested = not between or len(results.cohorts) > 1
        name = cohort_name(str(comparison)).replace(" (cross-fitted)", "")
        caption = (
            f"Characteristics of the cohort{'s' if tested else ''}"
            if between
            else f"Characteristics by diagnosis, {name.lower()} cohort"
        )
        tables.append(
            ReportTable(
                f"table_one_{comparison}",
                caption,
                wide_table_one(rows, "Patients" if of_patients else "Lesions"),
                row_headers=2,
                note=(ONE_IMAGE if of_patients else "")
                + "Median [first to third quartile] or n (%)."
                + (
                    " p: Kruskal–Wallis, chi-squared or Fisher's exact test, not corrected for "
                    "multiplicity."
                    if tested
                    else ""
                ),
                folded=not between,
            )
        )
    tables.insert(1, _arms_table(cohort_flow(results)))
    return Section("table-one", "Patient characteristics", tables=tuple(tables))


def wide_table_one(rows: pd.DataFrame, counted: str = "Lesions") -> pd.DataFrame:
    """Turn one comparison of the tidy Table 1 into one row per variable and category.

    Parameters
    ----------
    rows : DataFrame of str
        variable, category, missing, group, value, p_value.
    counted : str
        What it has a row for each of.

    Returns
    -------
    DataFrame of str
        Variable, Category, one column for each group, p, Missing; of one group alone without p.
    """
    groups = list(rows["group"].drop_duplicates())
    order = ["training", "validation", "external", "benign", "malignant"]
    groups = [g for g in order if g in groups] + [g for g in groups if g not in order]
    compared = len(set(groups) - {"Overall"}) > 1
    if not compared:
        groups = [group for group in groups if group != "Overall"]
    wide = rows.drop_duplicates(["variable", "category", "group"]).pivot(
        index=["variable", "category"], columns="group", values="value"
    )
    first = rows.drop_duplicates(["variable", "category"]).set_index(["variable", "category"])
    wide = wide.reindex(first.index)
    table = pd.DataFrame(
        {
            "Variable": [variable_name(variable) for variable, _ in first.index],
            "Category": [_blank(category).replace("_", " ") for _, category in first.index],
            **{group.capitalize(): wide[group].map(_spelled).to_numpy() for group in groups},
            "p": first["p_value"].map(_blank).to_numpy(),
            "Missing": first["missing"].map(_blank).to_numpy(),
        },
        dtype="str",
    )
    table.loc[table["Variable"] == "N", "Variable"] = counted
    return table if compared else table.drop(columns="p")


def _spelled(value: Any) -> str:
    """Write quartiles as in the rest of the report: ``[1.0,2.5]`` as ``[1.0 to 2.5]``."""
    if pd.isna(value):
        return NOT_DEFINED
    return _QUARTILES.sub(rf"[\1{NO_BREAK}to{NO_BREAK}\2]", str(value))


def _blank(value: object) -> str:
    text = str(value).strip()
    # Lower-case "none" is a category, the sign that a feature is absent.
    return "" if text in {"nan", "NaN", "None", "<NA>"} else text
