"""Nodes that measure the predictions, and nodes that draw what was measured."""

from __future__ import annotations

from typing import Any

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.modeling import evaluation
from spl_kedro.modeling.evaluation import figures
from spl_kedro.modeling.signatures.declaration import declared_additions
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.types import FittedStudy
from spl_kedro.schemas import MODELS, is_simulated

PROTOCOL = "leak_free"
TITLES = (
    "ROC curves",
    "Precision-recall curves",
    "Calibration",
    "Decision curves",
    "Biopsies avoided",
    "DeLong's test",
    "Waterfall",
    "What each part adds",
)
#: The tables that `cohort_figures` draws.
DRAWN = (
    *("performance", "roc_curves", "precision_recall_curves", "calibration", "decision_curves"),
    *("comparisons", "waterfall", "added_value"),
)
#: The in-sample recipe whose curves are drawn; those of the main analysis are in the report.
IN_SAMPLE = "as_published"


def measure_models(
    predictions: pd.DataFrame, parameters: ModelingParameters
) -> tuple[pd.DataFrame, ...]:
    """Return thresholds, performance, each repeat's AUC, the optimism of the in-sample recipe."""
    settings = parameters.evaluation
    thresholds = evaluation.operating_thresholds(predictions, settings)
    performance = evaluation.performance(predictions, thresholds, settings)
    return (
        thresholds,
        performance,
        evaluation.auc_by_repeat(predictions, settings),
        evaluation.optimism_table(performance, predictions, settings),
    )


def measure_parts(predictions: pd.DataFrame, parameters: ModelingParameters) -> pd.DataFrame:
    """Return what each part of the fusion adds, and what declared additions do."""
    additions = declared_additions(parameters.models)
    return evaluation.added_value_table(predictions, parameters.evaluation, additions)


def compare_models(
    predictions: pd.DataFrame, thresholds: pd.DataFrame, parameters: ModelingParameters
) -> pd.DataFrame:
    """Return pairs of models compared: DeLong, NRI, IDI."""
    additions = declared_additions(parameters.models)
    return evaluation.compare_models(predictions, thresholds, parameters.evaluation, additions)


def tabulate_curves(
    predictions: pd.DataFrame, thresholds: pd.DataFrame, parameters: ModelingParameters
) -> tuple[pd.DataFrame, ...]:
    """Return ROC, precision-recall, calibration and decision curves, and the waterfall."""
    settings, five = parameters.evaluation, _of_the_five(predictions)
    return (
        evaluation.roc_curve_table(predictions, settings),
        evaluation.precision_recall_table(five, settings),
        evaluation.calibration_table(five, settings),
        evaluation.decision_curve_table(five, settings),
        evaluation.waterfall_table(five, thresholds, settings),
    )


def measure_subgroups(
    predictions: pd.DataFrame,
    thresholds: pd.DataFrame,
    cohort: pd.DataFrame,
    parameters: ModelingParameters,
) -> pd.DataFrame:
    """Return the performance within subgroups."""
    five = _of_the_five(predictions)
    return evaluation.subgroup_table(five, thresholds, cohort, parameters.evaluation)


def measure_clinical_use(
    predictions: pd.DataFrame,
    thresholds: pd.DataFrame,
    performance: pd.DataFrame,
    cohort: pd.DataFrame,
    parameters: ModelingParameters,
) -> tuple[pd.DataFrame, ...]:
    """Return what the models would do in a clinic, what could make that wrong, and for whom.

    Scores by zone, counts, counts by prevalence, verification bias, errors of the reference
    standard, fairness.
    """
    settings = parameters.evaluation
    use = evaluation.clinical_use_table(predictions, thresholds, settings)
    return (
        evaluation.zone_score_table(predictions, thresholds, settings),
        use,
        evaluation.clinical_use_by_prevalence(use, settings),
        evaluation.verification_bias_table(use, settings),
        evaluation.reference_error_table(performance, use, settings),
        evaluation.fairness_table(predictions, thresholds, cohort, settings),
    )


def judge_sample_size(performance: pd.DataFrame, leak_free: FittedStudy) -> pd.DataFrame:
    """Return events per variable and Riley's criteria for every model."""
    from spl_kedro.modeling.signatures.summary import candidate_parameters

    counts = candidate_parameters(leak_free)
    five = {name: counts[name] for name in MODELS if name in counts}
    return evaluation.sample_size_table(performance, five)


def _of_the_five(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["model"].isin(MODELS)]


def draw_validation(
    performance: pd.DataFrame,
    roc_curves: pd.DataFrame,
    precision_recall_curves: pd.DataFrame,
    calibration: pd.DataFrame,
    decision_curves: pd.DataFrame,
    comparisons: pd.DataFrame,
    waterfall: pd.DataFrame,
    added_value: pd.DataFrame,
    cohort: pd.DataFrame,
) -> tuple[Drawing, ...]:
    """Return the figures of the main analysis, of the validation cohort; see `cohort_figures`.

    Of the training cohort, cross-fitted, where no other lesion is scored (validation is sealed).
    """
    tables = (
        *(performance, roc_curves, precision_recall_curves, calibration, decision_curves),
        *(comparisons, waterfall, added_value),
    )
    shown = "validation" if (cohort["cohort"] != "training").any() else "training"
    return cohort_figures(shown, *tables, simulated=is_simulated(cohort))


def cohort_figures(
    cohort_name: str,
    performance: pd.DataFrame,
    roc_curves: pd.DataFrame,
    precision_recall_curves: pd.DataFrame,
    calibration: pd.DataFrame,
    decision_curves: pd.DataFrame,
    comparisons: pd.DataFrame,
    waterfall: pd.DataFrame,
    added_value: pd.DataFrame,
    *,
    simulated: bool,
) -> tuple[Drawing, ...]:
    """Return the figures of one cohort, leak-free.

    ROC, precision-recall, calibration, decision curves, biopsies avoided, DeLong matrix,
    waterfall, what each part adds, and the forest plot of the AUC in all cohorts. With one class
    in the cohort, all but the last say so instead. What is drawn of one model is drawn of the
    last of the five that was measured.
    """
    which = {"cohort_name": cohort_name, "protocol": PROTOCOL}
    main: dict[str, Any] = {**which, "simulated": simulated}
    forest = Drawing(figures.forest_figure, performance, protocol=PROTOCOL, simulated=simulated)
    if not figures.has_both_classes(performance, **which):
        blanks = [Drawing(figures.one_class_figure, title, performance, **main) for title in TITLES]
        return (*blanks, forest)
    measured = set(performance.loc[performance["cohort"] == cohort_name, "model"])
    last = [name for name in MODELS if name in measured][-1]
    delong = Drawing(figures.delong_figure, comparisons, **main)
    added = Drawing(figures.added_value_figure, added_value, cohort_name, simulated=simulated)
    if comparisons.empty:
        delong = Drawing(figures.one_model_figure, "DeLong's test", performance, **main)
    if added_value["base"].eq("").all():
        added = Drawing(figures.one_model_figure, "What each part adds", performance, **main)
    return (
        Drawing(figures.roc_figure, roc_curves, performance, **main),
        Drawing(figures.precision_recall_figure, precision_recall_curves, performance, **main),
        Drawing(figures.calibration_figure, calibration, **main),
        Drawing(figures.decision_curve_figure, decision_curves, band_of=last, **main),
        Drawing(figures.avoided_figure, decision_curves, band_of=last, **main),
        delong,
        Drawing(figures.waterfall_figure, waterfall, model=last, **main),
        added,
        forest,
    )


def draw_in_sample(
    performance: pd.DataFrame,
    roc_curves: pd.DataFrame,
    calibration: pd.DataFrame,
    decision_curves: pd.DataFrame,
    cohort: pd.DataFrame,
) -> dict[str, Drawing]:
    """Return the in-sample recipe's ROC, calibration and decision curves, by name.

    Of every cohort, with the classifiers of the main analysis.
    """
    which: dict[str, Any] = {"protocol": IN_SAMPLE, "simulated": is_simulated(cohort)}
    drawn = {}
    for name in performance.loc[performance["protocol"] == IN_SAMPLE, "cohort"].unique():
        if not figures.has_both_classes(performance, name, protocol=IN_SAMPLE):
            continue
        drawn[f"{name}_roc"] = Drawing(figures.roc_figure, roc_curves, performance, name, **which)
        drawn[f"{name}_calibration"] = Drawing(
            figures.calibration_figure, calibration, name, **which
        )
        drawn[f"{name}_decision"] = Drawing(
            figures.decision_curve_figure, decision_curves, name, **which
        )
    return drawn
