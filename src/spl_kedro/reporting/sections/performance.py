"""How good the models are: the five models, their curves, and how they compare."""

from __future__ import annotations

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.modeling.evaluation.added_value import ADDITIONS
from spl_kedro.modeling.evaluation.figures.added_value import added_value_figure
from spl_kedro.modeling.evaluation.figures.forest import forest_figure
from spl_kedro.modeling.evaluation.figures.matrix import delong_figure
from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.classifiers import radial_statement
from spl_kedro.reporting.nesting import nesting_statement
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.patients import pooling_statement
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections.clinic_words import deployed_thresholds
from spl_kedro.reporting.sections.curves import calibration_section, decision_section, roc_section
from spl_kedro.reporting.sections.tables import (
    PROTOCOL,
    TRAINING_NOTE,
    all_models,
    cohorts_of,
    metric_table,
    note_on_training,
    of_protocol,
    panels_of,
)
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.words import (
    cohort_name,
    intervals,
    model_name,
    number,
    p_value,
    unseen_lesions,
)
from spl_kedro.schemas import MODELS, NO_CLINICAL_MODEL

#: Of what is shown for its use elsewhere, and misleads (docs/coverage.md).
READ_WITH_CARE = (
    "Continuous NRI and IDI, marked here: they are no tests of a gain. On simulated scores that "
    "rank alike they prefer the overconfident model, and a model with added noise."
)
BRIER_IN_TRAINING = (
    "The Brier score's in training hold that of the deployed model in 90 of 100 simulated cohorts, "
    "not 95: models of the folds are less well calibrated."
)
TITLE = "The models"
MAIN_METRICS = ("auc", "sensitivity", "specificity", "accuracy", "ppv", "npv")
MORE_METRICS = (
    "average_precision",
    "f1",
    "mcc",
    "brier",
    "ppv_at_prevalence",
    "npv_at_prevalence",
)
NOTHING_ADDED = (
    "No model that fuses image and clinical variables applies to this cohort, so that there is "
    "nothing to which a part is added."
)
WITH_MORE = (
    "Under Additions each model stands before the same with more: the gain is that over the model "
    "without it."
)
MADE_OF = {
    "clinical": "logistic regression on clinical variables",
    "rad": "radiomics features",
    "dtl": "deep features of a neural network",
    "dlr": "radiomics and deep features together",
    "cdlr": "the DLR score and clinical variables",
}


def performance_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the sections on performance; all of the leak-free protocol."""
    return [
        _models_section(results),
        _added_value_section(results),
        roc_section(results),
        calibration_section(results),
        decision_section(results),
        _comparison_section(results),
    ]


def _models_section(results: StudyResults) -> Section:
    rows = of_protocol(results.performance)
    if rows.empty:
        return Section("models", TITLE, missing=("Performance of the models",))
    parts = MADE_OF | ({"cdlr": "the DLR score alone"} if results.without_clinical else {})
    made_of = [f"{model_name(m)} ({parts[m]})" for m in MODELS if m in set(rows["model"])]
    tables = [
        metric_table(
            rows, MAIN_METRICS, "performance",
            f"Performance of {all_models(rows)} with {coverage(rows)} intervals, leak-free "
            "protocol",
            _models_note(results),
            thresholds={row["model"]: row["threshold"] for row in deployed_thresholds(results)},
        ),
        metric_table(
            rows, MORE_METRICS, "performance_more", "Further measures of performance",
            _further_note(results), folded=True,
        ),
    ]  # fmt: skip
    auc = rows[(rows["metric"] == "auc") & rows["model"].isin(MODELS)]
    figures: tuple[ReportFigure, ...] = ()
    if auc["value"].notna().any():
        figure = results.figures.get("forest") or Drawing(
            forest_figure, rows, protocol=PROTOCOL, simulated=results.simulated
        )
        best = auc.sort_values("value").dropna(subset=["value"]).iloc[-1]
        figures = (
            ReportFigure(
                "auc_forest",
                f"Area under the ROC curve of every model and cohort, {coverage(auc)} intervals.",
                f"Forest plot of AUCs. Largest: {model_name(best['model'])}, "
                f"{cohort_name(best['cohort'])}, {number(best['value'], 2)}. All values are in the "
                "table below.",
                {"": figure},
                wide=True,
            ),
        )
    words = [f"Compared are {', '.join(made_of)}."]
    if results.without_clinical:
        words.append(NO_CLINICAL_MODEL)
    words += pooling_statement(results)
    words += nesting_statement(results)
    words += radial_statement(results, PROTOCOL)
    title = all_models(rows).capitalize()
    return Section("models", title, tuple(words), figures, tuple(tables))


def _models_note(results: StudyResults) -> str:
    if results.frozen is not None:
        return (
            "Scored by the frozen models, at the operating thresholds chosen where they were "
            "fitted. AUC intervals: DeLong, on the logit scale; proportions: Wilson."
        )
    unseen = unseen_lesions(results.cohorts)
    scored = (
        f" {unseen} are scored by the model fitted on all training lesions, at the operating "
        "threshold chosen on these."
        if unseen
        else ""
    )
    kept = results.modeling("evaluation").get("stratified_split", True)
    wide = (
        " Those of PPV and NPV in validation are on the wide side: they let the share of malignant "
        "lesions vary, which the split keeps."
        if kept and "validation" in results.cohorts
        else ""
    )
    return (
        f"{TRAINING_NOTE} Sensitivity and what else a threshold decides is there judged by the "
        f"threshold of the other folds.{scored} AUC intervals: DeLong, on the logit scale; "
        "proportions: Wilson, in training a bootstrap that chooses the threshold again."
        f"{wide}"
    )


def _further_note(results: StudyResults) -> str:
    note = "Bootstrap intervals over patients, their repeats with them."
    if "training" not in results.cohorts:
        return note
    return f"{note} {BRIER_IN_TRAINING}"


def _note_on_ratios(results: StudyResults) -> str:
    if "training" not in results.cohorts:
        return ""
    return (
        " The likelihood ratio within training is descriptive: it compares logistic regressions on "
        "cross-fitted scores, which were fitted on these lesions. " + TRAINING_NOTE
    )


def _added_value_section(results: StudyResults) -> Section:
    title = "What each part adds"
    table = results.added_value
    if table is None or table.empty:
        return Section("added-value", title, missing=("What each part adds",))
    if results.frozen is not None and table["base"].eq("").all():
        return Section("added-value", title, (NOTHING_ADDED,))
    known = table[table["auc"].notna()]
    panels = panels_of(
        results,
        "added_value",
        cohorts_of(known),
        lambda c: Drawing(added_value_figure, known, c, simulated=results.simulated),
    )
    figure = ReportFigure(
        "added_value",
        f"AUC after each step with its {coverage(table)} interval; beside it the gain over the "
        "step before (DeLong interval).",
        "Forest plot of AUCs after each step, one picture per cohort; all numbers are in the "
        "table.",
        panels,
        wide=True,
    )
    areas = intervals(table["auc"], table["auc_low"], table["auc_high"])
    gains = intervals(table["added"], table["added_low"], table["added_high"])
    lines = [
        {
            "Cohort": cohort_name(row.cohort),
            "Question": str(row.view).capitalize(),
            "Step": row.step,
            "AUC": area,
            "Added": gain,
            "Likelihood ratio": number(row.lr_chi2, 1),
            "p": p_value(row.lr_p),
        }
        for row, area, gain in zip(table.itertuples(), areas, gains, strict=True)
    ]
    rows = ReportTable(
        "added_value",
        f"What each part adds to the AUC, in order and alone ({coverage(table)} intervals)",
        pd.DataFrame(lines, dtype="str"),
        2,
        f"Added: difference in AUC to the step before{_bases(table)}, DeLong on the same lesions."
        f"{_note_on_ratios(results)}",
        folded=True,
    )
    words = (_groups_text(table), *((WITH_MORE,) if (table["view"] == ADDITIONS).any() else ()))
    return Section("added-value", title, words, (figure,) if panels else (), (rows,))


def _bases(table: pd.DataFrame) -> str:
    """Return in brackets what models of both clinical groups are compared with, where some are."""
    if "clinical_before" not in set(table["model"]):
        return ""
    return (
        " (of CDLR with both groups: to Clinical; of Clinical with both groups: to what is known "
        "before)"
    )


def _groups_text(table: pd.DataFrame) -> str:
    models = set(table["model"])
    if "clinical" not in models:
        return (
            "There is no clinical model here to which an image could add: models of the image are "
            "given alone."
        )
    if "clinical_before" in models:
        return (
            "A fusion is worth its image only for what clinical variables do not say already. "
            "Variables that a reader takes from the image say part of it; those known before the "
            "image is read (age, history, laboratory) do not. So Clinical and CDLR are given "
            "for the second kind alone and for both."
        )
    return (
        "All clinical variables of this study are of one group (known before the image is read, or "
        "read from it), so that Clinical and CDLR are given once."
    )


def _comparison_section(results: StudyResults) -> Section:
    rows = of_protocol(results.comparisons)
    title = "Comparison of the models"
    if rows.empty:
        return Section("comparisons", title, missing=("Comparisons of the models",))
    defined = rows[rows["auc_difference"].notna()]
    panels = panels_of(
        results,
        "delong",
        cohorts_of(defined),
        lambda c: Drawing(delong_figure, rows, c, protocol=PROTOCOL, simulated=results.simulated),
    )
    figure = ReportFigure(
        "delong",
        "Differences in AUC between the models, row minus column, with p after Holm's correction: "
        "DeLong's test, in training the corrected resampled t-test.",
        "Matrix of AUC differences, one panel per cohort; all numbers are in the table.",
        panels,
        themed=False,
    )
    columns = [
        intervals(rows[name], rows[f"{name}_low"], rows[f"{name}_high"])
        for name in ("auc_difference", "nri", "nri_continuous", "idi")
    ]
    lines = [
        {
            "Cohort": cohort_name(row.cohort),
            "Models": f"{model_name(row.model_b)} − {model_name(row.model_a)}",
            "AUC difference": difference,
            "p": p_value(row.p),
            "p (Holm)": p_value(row.p_holm),
            "NRI": nri,
            "Continuous NRI": continuous,
            "IDI": idi,
        }
        for row, difference, nri, continuous, idi in zip(rows.itertuples(), *columns, strict=True)
    ]
    table = ReportTable(
        "comparisons",
        f"Pairwise comparisons: difference in AUC, reclassification, {coverage(rows)} intervals",
        pd.DataFrame(lines, dtype="str"),
        2,
        "NRI: net reclassification improvement at the operating thresholds; IDI: integrated "
        f"discrimination improvement; bootstrap intervals. {READ_WITH_CARE}"
        f"{note_on_training(results)}",
        folded=True,
    )
    return Section("comparisons", title, figures=(figure,) if panels else (), tables=(table,))
