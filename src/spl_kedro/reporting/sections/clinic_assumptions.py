"""What could make the use in a clinic look better or worse than it is, and for whom it is so."""

from __future__ import annotations

from typing import Any

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.modeling.evaluation.clinic.fairness import ALIKE, DIFFERENT, FEW, OPEN
from spl_kedro.modeling.evaluation.clinic.verification import OBSERVED
from spl_kedro.modeling.evaluation.clinic.zones import ONE, TWO
from spl_kedro.modeling.evaluation.figures.clinic_assumptions import (
    reference_figure,
    verification_figure,
)
from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections.robustness import best_model
from spl_kedro.reporting.sections.tables import cohorts_of, of_protocol, panels_of
from spl_kedro.reporting.words import (
    METRIC_NAMES,
    cohort_name,
    interval,
    model_name,
    number,
    variable_name,
)

THRESHOLDS = {
    "": "",
    "operating": "Operating",
    "rule_out": "Rule-out",
    "rule_in": "Rule-in",
}
#: What is compared between groups, in plain words.
MEASURES = {
    ("", "auc"): "AUC",
    ("", "calibration_intercept"): "Calibration in the large (log odds)",
    (ONE, "sensitivity"): "Sensitivity, operating threshold",
    (ONE, "specificity"): "Specificity, operating threshold",
    (ONE, "avoided"): "Biopsies avoided per 1,000, operating threshold",
    (ONE, "missed"): "Cancers missed per 1,000, operating threshold",
    (TWO, "sensitivity"): "Sensitivity, rule-out threshold",
    (TWO, "specificity"): "Specificity, rule-in threshold",
    (TWO, "deferred"): "Share deferred",
    (TWO, "avoided"): "Biopsies avoided per 1,000, rule-out threshold",
    (TWO, "missed"): "Cancers missed per 1,000, rule-out threshold",
}
_FIXED = (
    "In training the intervals hold models and thresholds fixed, since both groups share them; "
    "those of the subgroups let them vary and are wider. "
)


def assumption_sections(results: StudyResults) -> list[Section]:
    """Return the parts on verification bias, the reference standard, and fairness."""
    return [_verification_section(results), _reference_section(results), _fairness_section(results)]


def _verification_section(results: StudyResults) -> Section:
    title = "If lesions that were not biopsied are missing"
    rows = of_protocol(results.verification_bias)
    if rows.empty:
        return Section("verification-bias", title, missing=("Verification bias",), level=3)
    model = best_model(rows)
    rows = rows[rows["model"] == model]
    lines = []
    keys = ["cohort", "threshold", "assumption", "unbiopsied", "prevalence"]
    for (cohort, threshold, assumption, share, prevalence), part in rows.groupby(keys, sort=False):
        cells: dict[Any, Any] = part.set_index("metric").to_dict("index")
        line = {
            "Cohort": cohort_name(cohort),
            "Threshold": THRESHOLDS[str(threshold)],
            "Unbiopsied": "none" if assumption == OBSERVED else f"{share:.0%}, {assumption}",
            "Prevalence": number(prevalence, 2),
        }
        for metric, digits in (
            ("sensitivity", 2), ("specificity", 2), ("npv", 2), ("ppv", 2), ("avoided", 0),
            ("missed", 0),
        ):  # fmt: skip
            name = {"avoided": "Biopsies avoided", "missed": "Cancers missed"}.get(metric)
            cell = cells.get(metric, {"value": None, "low": 0, "high": 0})
            line[name or METRIC_NAMES[metric]] = interval(
                cell["value"], cell["low"], cell["high"], digits
            )
        lines.append(line)
    words = (
        "Only lesions with a diagnosis are in the cohorts, and a diagnosis comes of a biopsy; a "
        "clinic also sees lesions that nobody biopsies. How many, and how they would score, is not "
        "known here. What follows is computed from three assumptions about them: they are benign "
        "and score as the biopsied benign lesions do; they are benign and score as the lower half "
        "of these (an optimistic bound); or they have low scores (as the lower half of all "
        "lesions) and are malignant as often as biopsied lesions with the same call (Begg and "
        "Greenes), by which cancers are missed that nobody counts. The first two leave the "
        "sensitivity as it is; by the third it is lower. NPV rises by the first two because "
        "malignancy is rarer among all lesions than among the biopsied."
    )
    table = ReportTable(
        "verification_bias",
        f"{model_name(model)} if a share of the clinic's lesions was never biopsied "
        f"({coverage(rows)} intervals)",
        pd.DataFrame(lines, dtype="str"),
        2,
        "Biopsies avoided and cancers missed: per 1,000 of all lesions of the clinic, the "
        "unbiopsied ones included, against biopsying every one. The intervals carry the sampling "
        "of the biopsied lesions; none carries that the assumptions may be wrong.",
        folded=True,
    )
    figure = ReportFigure(
        "verification_bias",
        f"What {model_name(model)}'s rule-out threshold would do if a share of the clinic's "
        "lesions was never biopsied, by three assumptions about them.",
        "Sensitivity, specificity and NPV by the share of unbiopsied lesions, one picture per "
        "cohort; all numbers are in the table.",
        panels_of(
            results,
            "verification_bias",
            _held_out(cohorts_of(rows)),
            lambda c: Drawing(
                verification_figure, rows, c, model=model, simulated=results.simulated
            ),
        ),
        wide=True,
    )
    return Section("verification-bias", title, (words,), (figure,), (table,), level=3)


def _held_out(cohorts: list[str]) -> list[str]:
    """Return the cohorts that no model learnt from, or all where there is none; tables have all."""
    return [name for name in cohorts if name != "training"] or cohorts


def _reference_section(results: StudyResults) -> Section:
    title = "If the reference standard errs"
    rows = of_protocol(results.reference_errors)
    if rows.empty:
        missing = ("Errors in the reference standard",)
        return Section("reference-errors", title, missing=missing, level=3)
    model = best_model(rows)
    rows = rows[rows["model"] == model]
    lines = []
    for (cohort, errors, rate), part in rows.groupby(["cohort", "errors", "rate"], sort=False):
        line = {
            "Cohort": cohort_name(cohort),
            "Wrong diagnoses": "none, as observed" if rate == 0 else f"{rate:.0%}, {errors}",
            "True prevalence": number(part["prevalence"].iloc[0], 2),
        }
        for cell in part.to_dict("records"):
            heading = METRIC_NAMES[cell["metric"]]
            if cell["threshold"]:
                heading = f"{heading}, {THRESHOLDS[cell['threshold']].lower()}"
            mark = "*" if cell["note"].startswith("bound") else ""
            line[heading] = interval(cell["value"], cell["low"], cell["high"], 2) + mark
        lines.append(line)
    words = (
        "A biopsy can miss a cancer, and a follow-up can be too short. If the diagnoses are wrong "
        "as often as stated, whatever the score, the observed accuracy is a mixture of the true "
        "one and chance, and the true one can be solved for. It is then better than what was "
        "observed. This holds only if the errors do not depend on the score: where the images that "
        "mislead the model also mislead the reference standard, it can be worse."
    )
    table = ReportTable(
        "reference_errors",
        f"Accuracy of {model_name(model)} behind a reference standard that errs "
        f"({coverage(rows)} intervals)",
        pd.DataFrame(lines, dtype="str"),
        1,
        "Both ways: as many of the malignant as of the benign lesions have the other diagnosis. "
        "*: a bound, since errors this frequent would have left less than was observed.",
        folded=True,
    )
    figure = ReportFigure(
        "reference_errors",
        f"Accuracy of {model_name(model)} that would lie behind the one observed, by how often the "
        "reference standard is wrong.",
        "AUC, sensitivity and specificity by the share of wrong diagnoses, one picture per cohort; "
        "all numbers are in the table.",
        panels_of(
            results,
            "reference_errors",
            _held_out(cohorts_of(rows)),
            lambda c: Drawing(reference_figure, rows, c, model=model, simulated=results.simulated),
        ),
        wide=True,
    )
    return Section("reference-errors", title, (words,), (figure,), (table,), level=3)


def _fairness_section(results: StudyResults) -> Section:
    title = "Fairness"
    rows = of_protocol(results.fairness)
    if rows.empty:
        missing = ("Comparison of groups of patients",)
        return Section("fairness", title, missing=missing, level=3)
    model = best_model(rows)
    rows = rows[rows["model"] == model]
    compared = rows[rows["reference"] != ""]
    keys = ["cohort", "variable", "group", "rule", "metric"]
    values: dict[Any, Any] = rows.set_index(keys).to_dict("index")
    lines = []
    for row in compared.to_dict("records"):
        digits = 0 if row["metric"] in ("avoided", "missed") else 2
        place = row["cohort"], row["variable"]
        other = values[*place, row["reference"], row["rule"], row["metric"]]
        lines.append(
            {
                "Cohort": cohort_name(row["cohort"]),
                "Groups": _groups(row),
                "Measure": MEASURES[row["rule"], row["metric"]],
                "First group": interval(row["value"], row["low"], row["high"], digits),
                "Second group": interval(other["value"], other["low"], other["high"], digits),
                "Difference": interval(
                    row["difference"], row["difference_low"], row["difference_high"], digits
                ),
                "Reading": row["reading"],
            }
        )
    table = ReportTable(
        "fairness",
        f"{model_name(model)} in groups of patients, each compared with the largest group "
        f"({coverage(rows)} intervals)",
        pd.DataFrame(lines, dtype="str"),
        2,
        "Thresholds are those of all patients, counts are given at one prevalence for all groups. "
        f"{_FIXED if 'training' in set(rows['cohort']) else ''}"
        "Alike: the interval of the difference lies within the margin "
        "(modeling.evaluation.clinic.margin); too wide to tell: it holds both 0 and differences "
        "beyond the margin. No correction was made for the number of comparisons.",
        folded=True,
    )
    words = [_asked_words(rows), *_found_words(compared)]
    return Section("fairness", title, tuple(words), tables=(table,) if lines else (), level=3)


def _groups(row: dict[Any, Any]) -> str:
    return f"{variable_name(row['variable'])}: {row['group']} against {row['reference']}"


def _asked_words(rows: pd.DataFrame) -> str:
    names = ", ".join(variable_name(name).lower() for name in rows["variable"].unique())
    return (
        f"Compared by {names}: whether malignant lesions are found as often in each group (equal "
        "opportunity: the difference in sensitivity), whether benign ones are spared as often (the "
        "difference in specificity), whether lesions are deferred as often, whether the scores "
        "rank as well (AUC), and whether the predicted risk is as right on the whole (calibration "
        "in the large). A difference says that the groups fare differently, not why: their lesions "
        f"differ too. {(rows['reference'] != '').sum()} comparisons were made, without a "
        "correction for their number, so that some look like differences by chance."
    )


def _found_words(compared: pd.DataFrame) -> list[str]:
    """Return a sentence for each pair of groups, by what their differences show."""
    said = []
    keys = ["cohort", "variable", "group", "reference"]
    for _, part in compared.groupby(keys, sort=False):
        first = part.iloc[0].to_dict()
        named: dict[str, list[str]] = {}
        for row in part.to_dict("records"):
            text = MEASURES[row["rule"], row["metric"]]
            if row["reading"] == DIFFERENT:
                digits = 0 if row["metric"] in ("avoided", "missed") else 2
                shown = interval(
                    row["difference"], row["difference_low"], row["difference_high"], digits
                )
                text = f"{text} by {shown}"
            named.setdefault(row["reading"], []).append(text[0].lower() + text[1:])
        sentence = f"{cohort_name(first['cohort'])}, {_groups(first)}: "
        rest = _rest(named)
        if FEW in named:
            sentence += "too few cases to tell anything."
        elif DIFFERENT in named:
            sentence += f"they differ in {'; '.join(named[DIFFERENT])}."
            sentence += f" Of the other measures: {rest}." if rest else ""
        else:
            sentence += f"no difference was found. Of the measures: {rest}."
        said.append(sentence)
    return said


def _rest(named: dict[str, list[str]]) -> str:
    words = ((ALIKE, "alike"), (OPEN, "intervals too wide to tell"))
    return ", ".join(f"{text} {len(named[reading])}" for reading, text in words if reading in named)
