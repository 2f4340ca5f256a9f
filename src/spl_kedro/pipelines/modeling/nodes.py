"""Nodes that fit and validate the signatures."""

from __future__ import annotations

from typing import Any

import pandas as pd

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.types import ProtocolResult, StudyTable
from spl_kedro.schemas import MODELS


def assemble_table(
    cohort: pd.DataFrame,
    radiomics_features: pd.DataFrame,
    deep_features: pd.DataFrame,
    radiomics_schema: pd.DataFrame,
    radiomics_stability: pd.DataFrame,
    deep_folds: pd.DataFrame,
    cohort_settings: CohortSettings,
    parameters: ModelingParameters,
) -> StudyTable:
    """Join cohort and features into one wide table."""
    from spl_kedro.signatures.study_table import assemble_study_table

    return assemble_study_table(
        cohort,
        radiomics_features,
        deep_features,
        radiomics_schema,
        radiomics_stability,
        deep_folds,
        icc_bound=parameters.selection.icc_bound,
        exclude=parameters.clinical.exclude,
        read_from_image=cohort_settings.read_from_image,
    )


def fit_leak_free(table: StudyTable, parameters: ModelingParameters) -> tuple[Any, ...]:
    """Return the leak-free result and its five models, in the order of the schema.

    In a study without clinical variables the clinical model is CDLR's own, which has nothing to
    go by and says so in ``fallback_``.
    """
    from spl_kedro.signatures.protocol import run_leak_free

    result = run_leak_free(table, parameters)
    models = {"clinical": result.models["cdlr"].clinical_, **result.models}
    return (result, *(models[name] for name in MODELS))


def fit_as_published(
    table: StudyTable, parameters: ModelingParameters
) -> tuple[ProtocolResult, ProtocolResult]:
    """Return the in-sample recipe with the leak-free classifiers, and with its own radial ones."""
    from spl_kedro.signatures.protocol import run_as_published

    return run_as_published(table, parameters), run_as_published(table, parameters, radial=True)


def collect_predictions(*results: ProtocolResult) -> pd.DataFrame:
    """Return the scores of every protocol in one table."""
    return pd.concat([result.predictions for result in results], ignore_index=True)


def describe_models(
    leak_free: ProtocolResult,
    as_published: ProtocolResult,
    as_published_radial: ProtocolResult,
    table: StudyTable,
    table_as_published: StudyTable,
    parameters: ModelingParameters,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what every model selected, and the clinical model's odds ratios."""
    from spl_kedro.signatures.summary import odds_ratios, selected_features

    selected = [
        selected_features(leak_free, table),
        selected_features(as_published, table_as_published),
        selected_features(as_published_radial, table_as_published),
    ]
    return pd.concat(selected, ignore_index=True), odds_ratios(
        leak_free, parameters.evaluation.confidence
    )


def validate_internally(
    table: StudyTable, leak_free: ProtocolResult, parameters: ModelingParameters
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the nested cross-validation and the clinical model's bootstrap correction."""
    from spl_kedro.signatures.internal_validation import clinical_optimism, nested_cross_validation

    confidence = parameters.evaluation.confidence
    return (
        nested_cross_validation(table, parameters, leak_free.cross_fits, confidence),
        clinical_optimism(table, parameters, confidence),
    )
