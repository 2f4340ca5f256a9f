"""Nodes that fit and validate the signatures."""

from __future__ import annotations

from typing import Any

import pandas as pd

from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.schemas import MODELS
from spl_kedro.signatures.internal_validation import clinical_optimism, nested_cross_validation
from spl_kedro.signatures.protocol import ProtocolResult, run_as_published, run_leak_free
from spl_kedro.signatures.study_table import StudyTable, assemble_study_table
from spl_kedro.signatures.summary import odds_ratios, selected_features


def assemble_table(
    cohort: pd.DataFrame,
    radiomics_features: pd.DataFrame,
    deep_features: pd.DataFrame,
    radiomics_schema: pd.DataFrame,
    radiomics_stability: pd.DataFrame,
    deep_folds: pd.DataFrame,
    parameters: ModelingParameters,
) -> StudyTable:
    """Join cohort and features into one wide table."""
    return assemble_study_table(
        cohort,
        radiomics_features,
        deep_features,
        radiomics_schema,
        radiomics_stability,
        deep_folds,
        icc_bound=parameters.selection.icc_bound,
        exclude=parameters.clinical.exclude,
    )


def fit_leak_free(table: StudyTable, parameters: ModelingParameters) -> tuple[Any, ...]:
    """Return the leak-free result and its five models, in the order of the schema.

    In a study without clinical variables the clinical model is CDLR's own, which has nothing to
    go by and says so in ``fallback_``.
    """
    result = run_leak_free(table, parameters)
    models = {"clinical": result.models["cdlr"].clinical_, **result.models}
    return (result, *(models[name] for name in MODELS))


def fit_as_published(table: StudyTable, parameters: ModelingParameters) -> ProtocolResult:
    """Return the result of the in-sample recipe."""
    return run_as_published(table, parameters)


def collect_predictions(leak_free: ProtocolResult, as_published: ProtocolResult) -> pd.DataFrame:
    """Return the scores of both protocols in one table."""
    return pd.concat([leak_free.predictions, as_published.predictions], ignore_index=True)


def describe_models(
    leak_free: ProtocolResult,
    as_published: ProtocolResult,
    table: StudyTable,
    table_as_published: StudyTable,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what every model selected, and the clinical model's odds ratios."""
    selected = [
        selected_features(leak_free, table),
        selected_features(as_published, table_as_published),
    ]
    return pd.concat(selected, ignore_index=True), odds_ratios(leak_free)


def validate_internally(
    table: StudyTable, leak_free: ProtocolResult, parameters: ModelingParameters
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the nested cross-validation and the clinical model's bootstrap correction."""
    confidence = parameters.evaluation.confidence
    return (
        nested_cross_validation(table, parameters, leak_free.cross_fits, confidence),
        clinical_optimism(table, parameters, confidence),
    )
