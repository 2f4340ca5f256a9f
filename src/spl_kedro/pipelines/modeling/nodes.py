"""Nodes that assemble the study, fit it under each protocol, and validate it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.features.deep import DeepSettings
from spl_kedro.features.measurement import RadiomicsParameters
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.types import FittedStudy, ProtocolRules, StudyTable
from spl_kedro.schemas import MODELS
from spl_kedro.sealing.settings import OPEN, SealingSettings

#: Cohorts drawn to measure what networks leak that are not nested.
LEAK_DRAWS = 30


def assemble_table(
    cohort: pd.DataFrame,
    radiomics_features: pd.DataFrame,
    radiomics_schema: pd.DataFrame,
    radiomics_stability: pd.DataFrame,
    deep_embeddings: pd.DataFrame,
    deep_embeddings_in_sample: pd.DataFrame,
    deep_embeddings_nested: pd.DataFrame,
    outer_folds: pd.DataFrame,
    further_features: Mapping[str, Mapping[str, pd.DataFrame]],
    cohort_settings: CohortSettings,
    radiomics: RadiomicsParameters,
    deep: DeepSettings,
    parameters: ModelingParameters,
    rules: ProtocolRules,
) -> StudyTable:
    """Join the cohort and every declared source of features into one wide table."""
    from spl_kedro.modeling.signatures.nested import NestedFeatures
    from spl_kedro.modeling.signatures.nested import outer_folds as make_folds
    from spl_kedro.modeling.signatures.sources import SourceTables, declared_tables
    from spl_kedro.modeling.signatures.study_table import assemble_study_table

    cross_fitted = rules.cross_fitted_networks
    nests = cross_fitted and deep.nests
    learnt = ("nested" if nests else "cross_fitted") if cross_fitted else "in_sample"
    own = {
        "radiomics": SourceTables(
            radiomics_features,
            radiomics_schema,
            radiomics_stability,
            made_by=radiomics.extraction.model_dump(mode="json"),
        ),
        "deep": SourceTables(
            deep_embeddings if cross_fitted else deep_embeddings_in_sample,
            labels="unseen" if deep.frozen else learnt,
            made_by=deep.model_dump(mode="json"),
            components=deep.components,
        ),
    }
    tables = declared_tables(parameters.sources, own, further_features)
    further = [one.nested for one in tables.values() if one.nested is not None]
    nested = None
    if nests or (cross_fitted and further):
        nested = NestedFeatures(
            outer_folds if nests else make_folds(cohort, parameters),
            deep_embeddings_nested if nests else None,
            tuple(further),
        )
    return assemble_study_table(
        cohort,
        tables,
        icc_bound=parameters.selection.icc_bound,
        exclude=parameters.clinical.exclude,
        read_from_image=cohort_settings.read_from_image,
        nested=nested,
    )


def measure_nesting_leak(deep: DeepSettings, parameters: ModelingParameters) -> pd.DataFrame:
    """Return what networks that copy labels leak, where the study's are cross-fitted once.

    Empty where the networks are frozen or nested: then there is nothing to leak.
    """
    from spl_kedro.modeling.signatures.nesting_probe import probe_nesting, summarise_probe

    draws = 0 if deep.frozen or deep.nests else LEAK_DRAWS
    return summarise_probe(
        probe_nesting(draws, parameters.seed, n_jobs=parameters.n_jobs, kinds=[False])
    )


def fit_models(
    table: StudyTable,
    networks: Mapping[str, Any],
    parameters: ModelingParameters,
    rules: ProtocolRules,
    sealing: SealingSettings = OPEN,
    plan: Mapping[str, Any] | None = None,
) -> FittedStudy:
    """Fit the study's models under the rules of a protocol.

    Thresholds come with them, the checksums of the networks behind the deep features, and of a
    sealed study that of the parameters in the plan of the run. While
    the validation cohort is sealed, a protocol whose filters see its labels leaves no model.
    """
    from spl_kedro.features.deep import network_checksums
    from spl_kedro.modeling.evaluation import operating_thresholds
    from spl_kedro.modeling.signatures.protocol import not_fitted, run_protocol

    if sealing.sealed and set(rules.filters_see) - {"training", *table.cohort}:
        return not_fitted(table, parameters, rules)
    fitted = run_protocol(table, parameters, rules)
    thresholds = operating_thresholds(fitted.predictions, parameters.evaluation)
    return fitted.knowing(
        thresholds=thresholds,
        networks=network_checksums(networks),
        plan=plan["hashes"]["parameters"] if sealing.sealed and plan else "",
    )


def score_sealed(
    table: StudyTable, fitted: FittedStudy, parameters: ModelingParameters
) -> FittedStudy:
    """Score the lesions that were sealed by the stored models; nothing is refitted."""
    from spl_kedro.modeling.signatures.protocol import score_unsealed

    return score_unsealed(fitted, table, parameters)


def hand_out_models(fitted: FittedStudy) -> tuple[Any, ...]:
    """Return the five models of the publication by themselves, in the order of the schema.

    In a study without clinical variables the clinical model is CDLR's own, which has nothing to
    go by and says so in ``fallback_``.
    """
    models = {"clinical": fitted.models["cdlr"].clinical_, **fitted.models}
    return tuple(models[name] for name in MODELS)


def collect_predictions(*studies: FittedStudy) -> pd.DataFrame:
    """Return the scores of every protocol in one table."""
    parts = [study.predictions for study in studies if len(study.predictions)]
    return pd.concat(parts, ignore_index=True)


def describe_models(
    parameters: ModelingParameters, leak_free: FittedStudy, *others: FittedStudy
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what every model selected, and the clinical model's odds ratios."""
    from spl_kedro.modeling.signatures.summary import odds_ratios, selected_features

    selected = [selected_features(study) for study in (leak_free, *others) if study.models]
    odds = odds_ratios(leak_free, parameters.evaluation.confidence)
    return pd.concat(selected, ignore_index=True), odds


def validate_internally(
    table: StudyTable, leak_free: FittedStudy, parameters: ModelingParameters
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the nested cross-validation and the clinical model's bootstrap correction."""
    from spl_kedro.modeling.signatures.internal_validation import (
        clinical_optimism,
        nested_cross_validation,
    )

    measured = parameters.evaluation.confidence, parameters.evaluation.pooling
    return (
        nested_cross_validation(table, parameters, leak_free.cross_fits, *measured),
        clinical_optimism(table, parameters, *measured),
    )
