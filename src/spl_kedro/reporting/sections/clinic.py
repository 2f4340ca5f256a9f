"""Use in the clinic: what the models are for, their thresholds, what they save and miss."""

from __future__ import annotations

from typing import Any

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.modeling.evaluation.clinic.zones import ONE, TWO
from spl_kedro.modeling.evaluation.figures.clinic import clinic_counts_figure, zone_figure
from spl_kedro.modeling.evaluation.figures.style import coverage, percent
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections.clinic_assumptions import assumption_sections
from spl_kedro.reporting.sections.clinic_words import (
    chosen_words,
    count_words_of,
    deployed_thresholds,
    prevalence_words,
    threshold_words,
)
from spl_kedro.reporting.sections.robustness import best_model
from spl_kedro.reporting.sections.tables import cohorts_of, of_protocol, panels_of
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.words import cohort_name, interval, model_name

TITLE = "Use in the clinic"
RULE_NAMES = {ONE: "One (operating)", TWO: "Two (rule out, rule in)"}


def clinic_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the section on the use in a clinic, and those on what could make it wrong."""
    rows = of_protocol(results.clinical_use)
    intended = settings.intended_use if results.frozen is None else results.frozen.intended_use
    words = [f"Intended use: {intended}"] if intended else []
    if rows.empty:
        missing = "Biopsies avoided and cancers missed"
        return [Section("clinic", TITLE, tuple(words), missing=(missing,))]
    counted = count_words_of(rows)
    words += [chosen_words(results), _against_words(rows), *counted]
    if TWO in set(rows["rule"]):
        words.append(_sets_words(results))
    section = Section(
        "clinic",
        TITLE,
        tuple(words),
        _figures(results, rows),
        (*_thresholds_table(results), _counts_table(rows), _accuracy_table(rows)),
    )
    return [section, *assumption_sections(results)]


def _against_words(rows: pd.DataFrame) -> str:
    unit = rows["unit"].iloc[0]
    return (
        f"Counts are of 1,000 {unit}, against biopsying all of them, {prevalence_words(rows)}. A "
        "biopsy is avoided where a lesion is ruled out; the cancers among these are missed."
    )


def _sets_words(results: StudyResults) -> str:
    stated = ""
    if results.has("conformal_coverage"):
        table = results.conformal_coverage
        assert table is not None
        stated = f", here {percent(float(table['stated'].iloc[0]))}"
    return (
        "The zone is another thing than the prediction set of a lesion, though both cut the same "
        f"cross-fitted scores. A set states its coverage of each class{stated}; the zone states "
        "the sensitivity and specificity that its borders keep. Were both stated alike, the scores "
        "in the zone would be those whose set holds both diagnoses, up to one training lesion at "
        "each border."
    )


def _figures(results: StudyResults, rows: pd.DataFrame) -> tuple[ReportFigure, ...]:
    model, known = best_model(rows), rows[rows["value"].notna()]
    cohorts = cohorts_of(known)
    figures = []
    scores = results.zone_scores
    if scores is not None and cohorts:
        figures.append(
            ReportFigure(
                "zones",
                f"Scores of {model_name(model)} by diagnosis, its thresholds, and the zone in "
                "which it defers. Training scores are cross-fitted, their counts means over "
                "repeats; thresholds are those of use.",
                "Histograms of the scores of malignant and benign lesions with the thresholds, one "
                "panel per cohort; the numbers in each zone are in the tables.",
                panels_of(
                    results, "zones",
                    cohorts,
                    lambda c: Drawing(
                        zone_figure, scores[scores["model"] == model], c, model=model,
                        simulated=results.simulated,
                    ),
                ),
            )
        )  # fmt: skip
    counts = results.clinical_use_by_prevalence
    if counts is not None and cohorts:
        at = rows.drop_duplicates("cohort").set_index("cohort")
        figures.append(
            ReportFigure(
                "clinic_counts",
                f"Biopsies that {model_name(model)} avoids and cancers that it misses, by the "
                f"prevalence of malignancy in the clinic, with {coverage(counts)} bands. "
                "Sensitivity and specificity are taken to be the same at every prevalence.",
                "Two panels per cohort: lines of biopsies avoided and cancers missed by "
                "prevalence, for the operating and the rule-out threshold.",
                panels_of(
                    results, "clinic_counts",
                    cohorts,
                    lambda c: Drawing(
                        clinic_counts_figure, counts[counts["model"] == model], c, model=model,
                        prevalence=float(at["prevalence"].loc[c]),
                        which=str(at["prevalence_is"].loc[c]), simulated=results.simulated,
                    ),
                ),
                wide=True,
            )
        )  # fmt: skip
    return tuple(figures)


def _thresholds_table(results: StudyResults) -> tuple[ReportTable, ...]:
    lines = []
    for row in deployed_thresholds(results):
        words = threshold_words(row)
        lines.append(
            {
                "Model": model_name(row["model"]),
                "Operating threshold": words["operating"],
                "Ruled out below": words["out"],
                "Ruled in from": words["in"],
                "Deferred": words["zone"],
            }
        )
    if not lines:
        return ()
    return (
        ReportTable(
            "thresholds",
            "Thresholds on the probability of malignancy, chosen in training",
            pd.DataFrame(lines, dtype="str"),
        ),
    )


def _counts_table(rows: pd.DataFrame) -> ReportTable:
    shown = {
        "avoided": "Biopsies avoided",
        "missed": "Cancers missed",
        "deferred_lesions": "Deferred",
        "ruled_in_lesions": "Ruled in",
        "benign_ruled_in": "Benign ruled in",
    }
    return ReportTable(
        "clinical_use",
        f"Of 1,000 {rows['unit'].iloc[0]}, against biopsying all ({coverage(rows)} intervals)",
        _wide(rows, shown, 0, one_threshold={"deferred_lesions": "none"}),
        2,
        f"Given {prevalence_words(rows)}. In training each lesion is judged by the thresholds of "
        "the other folds."
        if "training" in set(rows["cohort"])
        else f"Given {prevalence_words(rows)}.",
        folded=True,
    )


def _accuracy_table(rows: pd.DataFrame) -> ReportTable:
    shown = {
        "sensitivity": "Sensitivity of ruling out",
        "benign_ruled_out": "Benign ruled out",
        "npv": "NPV of ruled out",
        "specificity": "Specificity of ruling in",
        "malignant_ruled_in": "Malignant ruled in",
        "ppv": "PPV of ruled in",
    }
    return ReportTable(
        "clinical_accuracy",
        f"Accuracy of ruling out and of ruling in ({coverage(rows)} intervals)",
        _wide(rows, shown, 2),
        2,
        "Sensitivity: malignant lesions that are not ruled out; specificity: benign ones that are "
        f"not ruled in. PPV and NPV {prevalence_words(rows)}. They follow from sensitivity and "
        "specificity, and their intervals hold the prevalence fixed: in the table of the models "
        "they are counted, their intervals let it vary, and digits may differ.",
        folded=True,
    )


def _wide(
    rows: pd.DataFrame,
    shown: dict[str, str],
    digits: int,
    one_threshold: dict[str, str] | None = None,
) -> pd.DataFrame:
    """Write metrics side by side; `one_threshold` says what one threshold cannot have."""
    lines = []
    keys = ["cohort", "model", "rule"]
    for (cohort, model, rule), part in rows.groupby(keys, sort=False):
        cells: dict[Any, Any] = part.set_index("metric").to_dict("index")
        line = {
            "Cohort": cohort_name(cohort),
            "Model": model_name(model),
            "Thresholds": RULE_NAMES[str(rule)],
        }
        for metric, heading in shown.items():
            cell = cells[metric]
            line[heading] = interval(cell["value"], cell["low"], cell["high"], digits)
            if rule == ONE and one_threshold and metric in one_threshold:
                line[heading] = one_threshold[metric]
        lines.append(line)
    return pd.DataFrame(lines, dtype="str")
