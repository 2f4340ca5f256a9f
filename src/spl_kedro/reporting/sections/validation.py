"""A frozen study on another hospital's patients: what it is, who they are, how it does."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.figures.validation import (
    NOTABLE,
    case_mix_figure,
    development_figure,
    linear_predictor_figure,
    term_words,
)
from spl_kedro.reporting.flow import centres
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.results import FrozenStudy, StudyResults
from spl_kedro.reporting.sections.clinic import clinic_sections
from spl_kedro.reporting.sections.cohort import cohort_sections
from spl_kedro.reporting.sections.methods import method_sections
from spl_kedro.reporting.sections.performance import performance_sections
from spl_kedro.reporting.sections.robustness import subgroup_section
from spl_kedro.reporting.sections.seal import seal_sections
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.words import (
    METRIC_NAMES,
    cohort_name,
    interval,
    model_name,
    number,
    variable_name,
)
from spl_kedro.schemas import COHORTS, MODELS

NOTHING_REFITTED = (
    "Nothing was refitted: models, networks, thresholds, imputation, scaling and the settings by "
    "which images are measured are those of the file."
)


def validation_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the sections of an external validation.

    Parameters
    ----------
    results : StudyResults
        With `frozen`.
    settings : ReportSettings

    Returns
    -------
    list of Section
    """
    frozen = results.frozen
    if frozen is None:
        raise ValueError("an external validation has a frozen study: results.frozen is None")
    performance = [
        _with_benefit(section, results) if section.key == "decision-curves" else section
        for section in performance_sections(results, settings)
    ]
    return [
        _frozen_section(results, frozen),
        *cohort_sections(results, settings),
        *(seal_sections(results, settings) if results.seal is not None else ()),
        _case_mix_section(results),
        *performance,
        _development_section(results),
        *clinic_sections(results, settings),
        subgroup_section(results),
        *method_sections(results, settings),
    ]


def _frozen_section(results: StudyResults, frozen: FrozenStudy) -> Section:
    title = "What is validated"
    if results.applicability is None or results.variables is None:
        return Section("frozen-study", title, missing=("Which models apply",))
    applies = results.applicability
    words = [
        f"Study {frozen.study_id}, fitted by spl_kedro {frozen.versions['spl_kedro']} "
        f"({centres(frozen.sites)}). " + NOTHING_REFITTED,
    ]
    if frozen.simulated:
        words.append("Its patients were simulated: it has learnt nothing about real ones.")
    if not applies["applicable"].all():
        named = ", ".join(map(results.called, applies.loc[~applies["applicable"], "model"]))
        words.append(
            f"Not applicable here: {named}. A variable that a cohort lacks is not imputed for all "
            "of its patients; a single missing value is, as in training."
        )
    models = pd.DataFrame(
        {
            "Model": applies["model"].map(results.called),
            "Applicable": applies["applicable"].map({True: "yes", False: "no"}),
            "Why not": applies["reason"],
        },
        dtype="str",
    )
    found = results.variables
    variables = pd.DataFrame(
        {
            "Variable": found["variable"].map(variable_name),
            "Status": found["status"],
            "Known": found["known"].astype("str"),
            "Missing": found["missing"].astype("str"),
            "Never seen by the study": found["unseen"],
        },
        dtype="str",
    )
    note = (
        "A category that the study never saw counts as its most frequent one."
        if (found["unseen"] != "").any()
        else ""
    )
    tables = (
        ReportTable("applicability", "Which models apply to this cohort", models),
        ReportTable(
            "variables", "The study's clinical variables in this cohort", variables, note=note,
            folded=True,
        ),
    )  # fmt: skip
    return Section("frozen-study", title, tuple(words), tables=tables if len(found) else tables[:1])


def _case_mix_section(results: StudyResults) -> Section:
    title = "Case mix"
    table, membership = results.case_mix, results.membership
    if table is None or membership is None:
        return Section("case-mix", title, missing=("Case mix",))
    simulated = results.simulated
    predictor = ReportFigure(
        "linear_predictor",
        "Linear predictor of each model in development (cross-fitted) and here. Farther apart: "
        "patients whose risk the models put elsewhere; a wider spread: more varied patients.",
        "Mean and standard deviation for each model in both cohorts; all numbers are in the table.",
        {
            "": results.figures.get("linear_predictor")
            or Drawing(linear_predictor_figure, table, simulated=simulated)
        },
        wide=True,
    )
    mix = ReportFigure(
        "case_mix",
        "Standardised mean differences of the outcome and the clinical variables, as the study "
        f"encodes them; beyond ±{NOTABLE:g} in the second colour.",
        "A dot for each variable; all numbers are in the table.",
        {
            "": results.figures.get("case_mix")
            or Drawing(case_mix_figure, table, simulated=simulated)
        },
        wide=True,
    )
    words = (
        "A model may do worse elsewhere because the patients are others or because it does not "
        "carry over; case mix tells how much the patients differ. Of development patients only "
        "means and covariances are in the file.",
    )
    return Section(
        "case-mix", title, words, (predictor, mix), (_membership(membership), _mix_table(table))
    )


def _membership(table: pd.DataFrame) -> ReportTable:
    lines = [
        {
            "Told apart by": "clinical variables"
            if not row.model
            else f"{'clinical variables and ' if row.clinical_terms else ''}linear predictor of "
            f"{model_name(row.model)}",
            "Distance": number(row.distance, 2),
            "c-statistic": interval(row.c_statistic, row.low, row.high),
        }
        for row in table.itertuples()
    ]
    return ReportTable(
        "membership",
        f"How well the cohorts can be told apart ({coverage(table)} bootstrap interval)"
        if len(table)
        else "How well the cohorts can be told apart",
        pd.DataFrame(lines, columns=["Told apart by", "Distance", "c-statistic"], dtype="str"),
        note="c-statistic of a membership model: 0.5, patients alike; 1, always told apart (Debray "
        "et al., J Clin Epidemiol 2015;68:279). Linear discriminant with a pooled covariance, as "
        "if predictors were normal; the Mahalanobis distance without the part that chance adds. "
        "The interval resamples the new patients alone.",
    )


def _mix_table(table: pd.DataFrame) -> ReportTable:
    lines = [
        {
            "": f"Linear predictor of {model_name(row['name'])}"
            if row["kind"] == "linear predictor"
            else term_words(row),
            "Development, mean (SD)": _mean(row["mean_development"], row["sd_development"]),
            "Here, mean (SD)": _mean(row["mean"], row["sd"]),
            "Here, median (5th to 95th percentile)": interval(
                row["median"], row["p05"], row["p95"], 2
            ),
            "Standardised difference": number(row["difference"], 2),
        }
        for row in table.to_dict("records")
    ]
    return ReportTable(
        "case_mix",
        "Outcome, clinical variables and linear predictors in both cohorts",
        pd.DataFrame(lines, dtype="str"),
        note="Missing values as the study imputes them; a category is 0 or 1.",
        folded=True,
    )


def _mean(mean: float, sd: float) -> str:
    return f"{number(mean, 2)} ({number(sd, 2)})"


def _with_benefit(section: Section, results: StudyResults) -> Section:
    table = results.threshold_benefit
    if table is None or table.empty:
        return section
    rows = table[table["model"].isin(MODELS)]
    lines = [
        {
            "Model": model_name(row.model),
            "Frozen threshold": number(row.threshold),
            "Net benefit": interval(row.net_benefit, row.net_benefit_low, row.net_benefit_high),
            "Biopsy all": number(row.biopsy_all),
            "Biopsies avoided per 100": interval(row.avoided, row.avoided_low, row.avoided_high, 1),
        }
        for row in rows.itertuples()
    ]
    at_threshold = ReportTable(
        "threshold_benefit",
        "Net benefit of a biopsy decided at each model's frozen threshold "
        f"({coverage(rows)} bootstrap interval)",
        pd.DataFrame(lines, dtype="str"),
        note="A biopsy of nobody has a net benefit of 0. That of all varies with the share of "
        "malignant lesions alone.",
    )
    return replace(section, tables=(at_threshold, *section.tables))


def _development_section(results: StudyResults) -> Section:
    title = "Comparison with development"
    table = results.development_comparison
    if table is None or table.empty:
        return Section("development", title, missing=("Comparison with development",))
    table = table[table["model"].isin(MODELS)]
    cohorts = [name for name in COHORTS if name in set(table["development_cohort"])]
    panels = {
        cohort_name(name): Drawing(development_figure, table, name, simulated=results.simulated)
        for name in cohorts
    }
    figure = ReportFigure(
        "development",
        "Discrimination and calibration here and where the study was made; dotted: no "
        "discrimination, or ideal calibration.",
        "Intervals of AUC, calibration slope and intercept in both cohorts, one picture per "
        "development cohort; all numbers are in the table.",
        panels,
        wide=True,
    )
    lines = [
        {
            "Development cohort": cohort_name(row.development_cohort),
            "Model": model_name(row.model),
            "Metric": METRIC_NAMES[str(row.metric)],
            "Development": interval(row.development, row.development_low, row.development_high),
            "Here": interval(row.here, row.here_low, row.here_high),
            "Difference": interval(row.difference, row.difference_low, row.difference_high),
        }
        for row in table.itertuples()
        if not str(row.metric).startswith("hosmer_lemeshow")
    ]
    frame = ReportTable(
        "development_comparison",
        f"Each measure in development and here, and the difference ({coverage(table)} intervals)",
        pd.DataFrame(lines, dtype="str"),
        2,
        "Difference: here minus development, its interval from the two (independent samples: Zou & "
        "Donner, Stat Med 2008;27:1693). PPV and NPV also follow the prevalence.",
        folded=True,
    )
    return Section("development", title, figures=(figure,), tables=(frame,))
