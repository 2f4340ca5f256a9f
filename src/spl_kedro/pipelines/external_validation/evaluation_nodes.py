"""Nodes that measure a frozen study's scores, and draw what was measured."""

from __future__ import annotations

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.modeling import evaluation
from spl_kedro.pipelines.external_validation.parameters import ExternalValidationParameters
from spl_kedro.pipelines.modeling import evaluation_nodes
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.types import FrozenStudy
from spl_kedro.schemas import is_simulated


def measure_models(
    predictions: pd.DataFrame, thresholds: pd.DataFrame, parameters: ModelingParameters
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return performance and net benefit, at the frozen thresholds."""
    settings = parameters.evaluation
    return (
        evaluation.performance(predictions, thresholds, settings),
        evaluation.threshold_benefit_table(predictions, thresholds, settings),
    )


def measure_subgroups(
    predictions: pd.DataFrame,
    thresholds: pd.DataFrame,
    cohort: pd.DataFrame,
    frozen: FrozenStudy,
    parameters: ModelingParameters,
) -> pd.DataFrame:
    """Return the performance within subgroups, numbers cut where the study cut its own."""
    same = _cut_as(frozen, parameters)
    return evaluation_nodes.measure_subgroups(predictions, thresholds, cohort, same)


def measure_clinical_use(
    predictions: pd.DataFrame,
    thresholds: pd.DataFrame,
    performance: pd.DataFrame,
    cohort: pd.DataFrame,
    frozen: FrozenStudy,
    parameters: ModelingParameters,
) -> tuple[pd.DataFrame, ...]:
    """Return what the frozen models would do in this clinic, at the study's own thresholds."""
    same = _cut_as(frozen, parameters)
    return evaluation_nodes.measure_clinical_use(predictions, thresholds, performance, cohort, same)


def _cut_as(frozen: FrozenStudy, parameters: ModelingParameters) -> ModelingParameters:
    """Return parameters by which numbers are cut into groups where the study cut its own."""
    settings = parameters.evaluation
    cuts = {**frozen.cuts, **settings.subgroup_cuts}
    cut = settings.model_copy(update={"subgroup_cuts": cuts})
    return parameters.model_copy(update={"evaluation": cut})


def compare_with_development(
    development: pd.DataFrame,
    performance: pd.DataFrame,
    parameters: ExternalValidationParameters,
) -> pd.DataFrame:
    """Return each metric here beside the one reported when the study was made."""
    from spl_kedro.deployment.development import development_comparison

    return development_comparison(development, performance, parameters.compare_with)


def draw_validation(
    performance: pd.DataFrame,
    roc_curves: pd.DataFrame,
    precision_recall_curves: pd.DataFrame,
    calibration: pd.DataFrame,
    decision_curves: pd.DataFrame,
    comparisons: pd.DataFrame,
    waterfall: pd.DataFrame,
    added_value: pd.DataFrame,
    case_mix: pd.DataFrame,
    cohort: pd.DataFrame,
) -> tuple[Drawing, ...]:
    """Return the figures of the external cohort, then those of the case mix."""
    from spl_kedro.reporting.figures.validation import case_mix_figure, linear_predictor_figure

    simulated = is_simulated(cohort)
    tables = (
        *(performance, roc_curves, precision_recall_curves, calibration, decision_curves),
        *(comparisons, waterfall, added_value),
    )
    return (
        *evaluation_nodes.cohort_figures("external", *tables, simulated=simulated),
        Drawing(case_mix_figure, case_mix, simulated=simulated),
        Drawing(linear_predictor_figure, case_mix, simulated=simulated),
    )
