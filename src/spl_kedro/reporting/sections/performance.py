"""How good the models are: the five models, their curves, and how they compare."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.modeling.evaluation.figures.added_value import added_value_figure
from spl_kedro.modeling.evaluation.figures.calibration import calibration_figure
from spl_kedro.modeling.evaluation.figures.cohort import count_words
from spl_kedro.modeling.evaluation.figures.decision import decision_curve_figure
from spl_kedro.modeling.evaluation.figures.forest import forest_figure
from spl_kedro.modeling.evaluation.figures.matrix import delong_figure
from spl_kedro.modeling.evaluation.figures.rates import roc_figure
from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.classifiers import radial_statement
from spl_kedro.reporting.nesting import nesting_statement
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections.robustness import best_model
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.words import (
    METRIC_NAMES,
    NO_BREAK,
    cohort_name,
    interval,
    model_name,
    number,
    p_value,
)
from spl_kedro.schemas import COHORTS, MODELS, NO_CLINICAL_MODEL, PART_MODELS

MAIN_METRICS = ("auc", "sensitivity", "specificity", "accuracy", "ppv", "npv")
MORE_METRICS = (
    "average_precision",
    "f1",
    "mcc",
    "brier",
    "ppv_at_prevalence",
    "npv_at_prevalence",
)
CALIBRATION_METRICS = (
    "calibration_slope",
    "calibration_intercept",
    "ici",
    "brier",
    "hosmer_lemeshow_p",
)
PROTOCOL = "leak_free"
TRAINING_NOTE = (
    "Training, cross-fitted: mean over repeats of single models, none of which saw the lesions it "
    "scores."
)
NOTHING_ADDED = (
    "No model that fuses image and clinical variables applies to this cohort, so that there is "
    "nothing to which a part is added."
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
        _roc_section(results),
        _calibration_section(results),
        _decision_section(results),
        _comparison_section(results),
    ]


def _of_protocol(table: pd.DataFrame | None) -> pd.DataFrame:
    if table is None or table.empty:
        return pd.DataFrame()
    rows = table[table["protocol"] == PROTOCOL]
    if "question" in rows:
        return rows[rows["question"] == "models"]
    return rows[~rows["model"].isin(PART_MODELS)]


def _cohorts(table: pd.DataFrame) -> list[str]:
    return [name for name in COHORTS if len(table) and name in set(table["cohort"])]


def _models_section(results: StudyResults) -> Section:
    rows = _of_protocol(results.performance)
    if rows.empty:
        return Section("models", "The five models", missing=("Performance of the models",))
    parts = MADE_OF | ({"cdlr": "the DLR score alone"} if results.without_clinical else {})
    made_of = [f"{model_name(m)} ({parts[m]})" for m in MODELS if m in set(rows["model"])]
    tables = [
        metric_table(
            rows, MAIN_METRICS, "performance",
            f"Performance of the five models with {coverage(rows)} intervals, leak-free protocol",
            _models_note(results),
        ),
        metric_table(
            rows, MORE_METRICS, "performance_more", "Further measures of performance",
            "Bootstrap intervals over patients, their repeats with them.", folded=True,
        ),
    ]  # fmt: skip
    auc = rows[rows["metric"] == "auc"]
    figures: tuple[ReportFigure, ...] = ()
    if auc["value"].notna().any():
        figure = Drawing(forest_figure, rows, protocol=PROTOCOL, simulated=results.simulated)
        best = auc.sort_values("value").dropna(subset=["value"]).iloc[-1]
        figures = (
            ReportFigure(
                "auc_forest",
                f"Area under the ROC curve of every model and cohort, {coverage(auc)} intervals.",
                f"Forest plot of AUCs. Largest: {model_name(best['model'])}, "
                f"{cohort_name(best['cohort'])}, {number(best['value'])}. All values are in the "
                "table below.",
                {"": figure},
                wide=True,
            ),
        )
    words = [f"Compared are {', '.join(made_of)}."]
    if results.without_clinical:
        words.append(NO_CLINICAL_MODEL)
    words += nesting_statement(results)
    words += radial_statement(results, PROTOCOL)
    return Section("models", "The five models", tuple(words), figures, tuple(tables))


def _models_note(results: StudyResults) -> str:
    if results.frozen is not None:
        return (
            "Scored by the frozen models, at the operating thresholds chosen where they were "
            "fitted. AUC intervals: DeLong; proportions: Wilson."
        )
    return (
        f"{TRAINING_NOTE} Sensitivity and what else a threshold decides is there judged by the "
        "threshold of the other folds. Validation and external lesions are scored by the model "
        "fitted on all training lesions, at the operating threshold chosen on these. AUC "
        "intervals: DeLong; proportions: Wilson, in training over repeats the bootstrap."
    )


def _note_on_training(results: StudyResults) -> str:
    """Return what is said of training figures, where there are any; a blank before it."""
    return f" {TRAINING_NOTE}" if "training" in results.cohorts else ""


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
    panels = _panels(
        _cohorts(known),
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
    lines = [
        {
            "Cohort": cohort_name(row.cohort),
            "Question": str(row.view).capitalize(),
            "Step": row.step,
            "AUC": interval(row.auc, row.auc_low, row.auc_high),
            "Added": interval(row.added, row.added_low, row.added_high),
            "Likelihood ratio": number(row.lr_chi2, 1),
            "p": p_value(row.lr_p),
        }
        for row in table.itertuples()
    ]
    rows = ReportTable(
        "added_value",
        f"What each part adds to the AUC, in order and alone ({coverage(table)} intervals)",
        pd.DataFrame(lines, dtype="str"),
        2,
        "Added: difference in AUC to the step before (of CDLR with both groups: to Clinical; of "
        "Clinical with both groups: to what is known before), DeLong on the same lesions."
        f"{_note_on_ratios(results)}",
        folded=True,
    )
    return Section(
        "added-value", title, (_groups_text(table),), (figure,) if panels else (), (rows,)
    )


def _groups_text(table: pd.DataFrame) -> str:
    if set(table["model"]) & {"clinical_before"}:
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


def metric_table(
    rows: pd.DataFrame,
    metrics: tuple[str, ...],
    key: str,
    caption: str,
    note: str = "",
    *,
    folded: bool = False,
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

    Returns
    -------
    ReportTable
    """
    keys = zip(rows["cohort"], rows["model"], rows["metric"], strict=True)
    values = zip(rows["value"], rows["low"], rows["high"], strict=True)
    cells = dict(zip(keys, values, strict=True))
    present = [metric for metric in metrics if metric in set(rows["metric"])]
    lines = []
    for cohort in _cohorts(rows):
        first = rows[rows["cohort"] == cohort].iloc[0]
        size = f"{cohort_name(cohort)}, n{NO_BREAK}={NO_BREAK}{count_words(first)}"
        for model in (m for m in MODELS if m in set(rows.loc[rows["cohort"] == cohort, "model"])):
            line = {"Cohort": size, "Model": model_name(model)}
            for metric in present:
                value, low, high = cells[cohort, model, metric]
                line[METRIC_NAMES[metric]] = (
                    p_value(value) if metric.endswith("_p") else interval(value, low, high)
                )
            lines.append(line)
    return ReportTable(key, caption, pd.DataFrame(lines, dtype="str"), 2, note, folded)


def _panels(cohorts: list[str], draw: Callable[[str], Drawing]) -> dict[str, Drawing]:
    return {cohort_name(cohort): draw(cohort) for cohort in cohorts}


def _roc_section(results: StudyResults) -> Section:
    rows, measured = _of_protocol(results.roc_curves), _of_protocol(results.performance)
    if rows.empty or measured.empty:
        return Section("roc", "ROC curves", missing=("ROC curves",))
    panels = _panels(
        _cohorts(rows),
        lambda c: Drawing(
            roc_figure, rows, measured, c, protocol=PROTOCOL, simulated=results.simulated
        ),
    )
    figure = ReportFigure(
        "roc",
        f"ROC curves of the five models, leak-free protocol.{_note_on_training(results)}",
        "ROC curves, one panel per cohort. The areas under them are in the table of the five "
        "models.",
        panels,
        size=(4.3, 4.7),
    )
    return Section("roc", "ROC curves", figures=(figure,))


def _calibration_section(results: StudyResults) -> Section:
    rows = _of_protocol(results.calibration)
    measures = _of_protocol(results.performance)
    tables = []
    if len(measures):
        tables.append(
            metric_table(
                measures, CALIBRATION_METRICS, "calibration",
                "Calibration of the five models",
                "Slope 1 and intercept 0 are ideal; ICI: mean distance between predicted and "
                f"observed risk.{_note_on_training(results)}",
            )
        )  # fmt: skip
    if rows.empty:
        return Section(
            "calibration", "Calibration", tables=tuple(tables), missing=("Calibration curves",)
        )
    panels = _panels(
        _cohorts(rows),
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


def _decision_section(results: StudyResults) -> Section:
    rows = _of_protocol(results.decision_curves)
    title = "Clinical utility"
    if rows.empty:
        return Section("decision-curves", title, missing=("Decision curves",))
    panels = _panels(
        _cohorts(rows),
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
        "Net benefit of a biopsy decided by each model, against biopsying all or none.",
        "Decision curves, one panel per cohort. Net benefits at four thresholds are in the table.",
        panels,
        size=(5.2, 3.9),
    )
    return Section("decision-curves", title, figures=(figure,), tables=(_net_benefit_table(rows),))


def _net_benefit_table(rows: pd.DataFrame) -> ReportTable:
    wanted = [0.1, 0.2, 0.3, 0.5]
    thresholds = np.sort(rows["threshold"].unique())
    picked = [t for t in wanted if np.isclose(thresholds, t).any()]
    lines = []
    for cohort in _cohorts(rows):
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


def _comparison_section(results: StudyResults) -> Section:
    rows = _of_protocol(results.comparisons)
    title = "Comparison of the models"
    if rows.empty:
        return Section("comparisons", title, missing=("Comparisons of the models",))
    defined = rows[rows["auc_difference"].notna()]
    panels = _panels(
        _cohorts(defined),
        lambda c: Drawing(delong_figure, rows, c, protocol=PROTOCOL, simulated=results.simulated),
    )
    figure = ReportFigure(
        "delong",
        "Differences in AUC between the models, row minus column, with DeLong's p after Holm's "
        "correction.",
        "Matrix of AUC differences, one panel per cohort; all numbers are in the table.",
        panels,
        size=(5.2, 4.1),
        themed=False,
    )
    lines = [
        {
            "Cohort": cohort_name(row.cohort),
            "Models": f"{model_name(row.model_b)} − {model_name(row.model_a)}",
            "AUC difference": interval(
                row.auc_difference, row.auc_difference_low, row.auc_difference_high
            ),
            "p": p_value(row.p),
            "p (Holm)": p_value(row.p_holm),
            "NRI": interval(row.nri, row.nri_low, row.nri_high),
            "Continuous NRI": interval(
                row.nri_continuous, row.nri_continuous_low, row.nri_continuous_high
            ),
            "IDI": interval(row.idi, row.idi_low, row.idi_high),
        }
        for row in rows.itertuples()
    ]
    table = ReportTable(
        "comparisons",
        f"Pairwise comparisons: difference in AUC (DeLong), reclassification, {coverage(rows)} "
        "intervals",
        pd.DataFrame(lines, dtype="str"),
        2,
        "NRI: net reclassification improvement at the operating thresholds; IDI: integrated "
        f"discrimination improvement; bootstrap intervals.{_note_on_training(results)}",
        folded=True,
    )
    return Section("comparisons", title, figures=(figure,) if panels else (), tables=(table,))
