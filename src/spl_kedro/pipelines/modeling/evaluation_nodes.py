"""Nodes that measure and draw: everything here comes from the predictions alone."""

from __future__ import annotations

import pandas as pd

from spl_kedro import evaluation
from spl_kedro.evaluation import figures
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.types import Figure, FittedStudy
from spl_kedro.schemas import MODELS

MAIN = {"cohort_name": "validation", "protocol": "leak_free"}
TITLES = (
    "ROC curves",
    "Precision-recall curves",
    "Calibration",
    "Decision curves",
    "Biopsies avoided",
    "DeLong's test",
    "Waterfall",
)


def measure_models(
    predictions: pd.DataFrame, parameters: ModelingParameters
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return thresholds, performance and the optimism of the in-sample recipe."""
    settings = parameters.evaluation
    thresholds = evaluation.operating_thresholds(predictions, settings)
    performance = evaluation.performance(predictions, thresholds, settings)
    optimism = evaluation.optimism_table(performance, predictions, settings)
    return thresholds, performance, optimism


def measure_parts(
    predictions: pd.DataFrame, cohort: pd.DataFrame, parameters: ModelingParameters
) -> tuple[pd.DataFrame, Figure]:
    """Return what each part of the fusion adds, and its figure of the validation cohort."""
    table = evaluation.added_value_table(predictions, parameters.evaluation)
    simulated = bool(cohort["simulated"].all())
    if table.loc[table["cohort"] == MAIN["cohort_name"], "auc"].isna().all():
        return table, figures.one_class_figure(
            "What each part adds", predictions, **MAIN, simulated=simulated
        )
    return table, figures.added_value_figure(table, MAIN["cohort_name"], simulated=simulated)


def compare_models(predictions: pd.DataFrame, parameters: ModelingParameters) -> pd.DataFrame:
    """Return pairs of models compared: DeLong, NRI, IDI."""
    return evaluation.compare_models(predictions, parameters.evaluation)


def tabulate_curves(
    predictions: pd.DataFrame, parameters: ModelingParameters
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the calibration curves and the decision curves."""
    five = _of_the_five(predictions)
    return (
        evaluation.calibration_table(five, parameters.evaluation),
        evaluation.decision_curve_table(five, parameters.evaluation),
    )


def measure_subgroups(
    predictions: pd.DataFrame, cohort: pd.DataFrame, parameters: ModelingParameters
) -> pd.DataFrame:
    """Return the performance within subgroups."""
    return evaluation.subgroup_table(_of_the_five(predictions), cohort, parameters.evaluation)


def judge_sample_size(performance: pd.DataFrame, leak_free: FittedStudy) -> pd.DataFrame:
    """Return events per variable and Riley's criteria for every model."""
    from spl_kedro.signatures.summary import candidate_parameters

    counts = candidate_parameters(leak_free)
    five = {name: counts[name] for name in MODELS if name in counts}
    return evaluation.sample_size_table(performance, five)


def _of_the_five(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["model"].isin(MODELS)]


def draw_validation(
    predictions: pd.DataFrame,
    thresholds: pd.DataFrame,
    performance: pd.DataFrame,
    comparisons: pd.DataFrame,
    calibration: pd.DataFrame,
    decision_curves: pd.DataFrame,
    cohort: pd.DataFrame,
    parameters: ModelingParameters,
) -> tuple[Figure, ...]:
    """Return the figures of the main analysis: validation cohort, leak-free.

    ROC, precision-recall, calibration, decision curves, biopsies avoided, DeLong matrix,
    waterfall, and the forest plot of the AUC in all cohorts. With one class in the validation
    cohort, all but the last say so instead.
    """
    simulated = bool(cohort["simulated"].all())
    main = {**MAIN, "simulated": simulated}
    pooling = parameters.evaluation.pooling
    forest = figures.forest_figure(performance, protocol="leak_free", simulated=simulated)
    validation = predictions.loc[predictions["cohort"] == MAIN["cohort_name"], "label"]
    if validation.nunique() < 2:
        blanks = [figures.one_class_figure(title, predictions, **main) for title in TITLES]
        return (*blanks, forest)
    confidence = parameters.evaluation.confidence
    return (
        figures.roc_figure(predictions, **main, confidence=confidence, pooling=pooling),
        figures.precision_recall_figure(predictions, **main, pooling=pooling),
        figures.calibration_figure(calibration, **main),
        figures.decision_curve_figure(decision_curves, **main),
        figures.avoided_figure(decision_curves, **main),
        figures.delong_figure(comparisons, **main),
        figures.waterfall_figure(predictions, thresholds, **main, pooling=pooling),
        forest,
    )


def draw_all_cohorts(
    predictions: pd.DataFrame,
    calibration: pd.DataFrame,
    decision_curves: pd.DataFrame,
    cohort: pd.DataFrame,
    parameters: ModelingParameters,
) -> dict[str, Figure]:
    """Return ROC, calibration and decision curves of every cohort, by file name.

    Of the leak-free protocol and of the in-sample recipe with the same classifiers.
    """
    simulated = bool(cohort["simulated"].all())
    predictions = predictions[predictions["protocol"].isin(("leak_free", "as_published"))]
    settings = parameters.evaluation
    drawn = {}
    both_classes = predictions.groupby(["protocol", "cohort"])["label"].nunique()
    for (protocol, name), classes in both_classes.items():
        if classes < 2:
            continue
        which = {"protocol": protocol, "simulated": simulated}
        roc = figures.roc_figure(
            predictions, name, **which, confidence=settings.confidence, pooling=settings.pooling
        )
        drawn[f"{protocol}_{name}_roc.png"] = roc
        drawn[f"{protocol}_{name}_calibration.png"] = figures.calibration_figure(
            calibration, name, **which
        )
        drawn[f"{protocol}_{name}_decision.png"] = figures.decision_curve_figure(
            decision_curves, name, **which
        )
    return drawn
