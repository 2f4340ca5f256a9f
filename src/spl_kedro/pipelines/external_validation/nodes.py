"""Nodes from a hospital's files and a frozen study to scores and case mix; nothing is fitted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.features.measurement import RadiomicsParameters
from spl_kedro.pipelines.data_processing import nodes as data_processing
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.types import FrozenStudy, LookLog, PackagedStudy

log = logging.getLogger(__name__)


def open_study(
    study: PackagedStudy, parameters: ModelingParameters
) -> tuple[FrozenStudy, pd.DataFrame, pd.DataFrame]:
    """Return what the report tells of the study, its thresholds, and its own performance."""
    from spl_kedro.deployment.external import frozen_cuts, frozen_thresholds, require_pooling
    from spl_kedro.modeling.signatures.declaration import model_titles
    from spl_kedro.reporting import FrozenStudy

    settings = parameters.evaluation
    require_pooling(study, settings.pooling)
    grouped = tuple(dict.fromkeys((*settings.subgroups, *settings.clinic.groups)))
    frozen = FrozenStudy(
        study_id=study.study_id,
        simulated=study.simulated,
        sites=study.sites,
        models=tuple(study.models),
        cuts=frozen_cuts(study, grouped),
        versions=dict(study.versions),
        settings={
            "radiomics": {"extraction": study.radiomics.model_dump(mode="json")},
            "deep_features": study.deep.model_dump(mode="json"),
        },
        intended_use=study.texts.get("intended_use", ""),
        titles=model_titles(study.declared),
    )
    log.info("Study %s is validated; nothing is refitted.", frozen.study_id)
    return frozen, frozen_thresholds(study), study.development


def check_cohort(
    frozen: FrozenStudy,
    cohort_table: pd.DataFrame,
    ultrasound_images: dict[str, Callable],
    lesion_masks: dict[str, Callable],
    settings: CohortSettings,
) -> tuple[
    *(pd.DataFrame, dict[str, Any], pd.DataFrame),
    *(pd.DataFrame, pd.DataFrame, pd.DataFrame),
]:
    """Keep the lesions that can be measured; say of every other one why it is left out.

    As data_processing does, but that all are external and none has to train a model. The study is
    opened before: one that cannot be ends the run before images are read.

    Returns
    -------
    checked : DataFrame, index `lesion_id`
    lesions : dict of str to function
    findings, quality, columns, duplicates : DataFrame
        As of data_processing.
    """
    log.info("Every usable lesion is external to study %s.", frozen.study_id)
    checked, lesions, _, findings, quality, columns, _, duplicates, _ = (
        data_processing.check_cohort(
            cohort_table, ultrasound_images, lesion_masks, {}, settings.as_external()
        )
    )
    return checked, lesions, findings, quality, columns, duplicates


def settle_cohort(
    checked: pd.DataFrame,
    lesions: dict[str, Callable],
    findings: pd.DataFrame,
    settings: CohortSettings,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the cohort, all external, and what was found about it."""
    usable, settled = data_processing.settle_findings(checked, lesions, {}, findings)
    return data_processing.split_cohort(usable, settings.as_external()), settled


def score_cohort(
    study: PackagedStudy,
    cohort: pd.DataFrame,
    lesions: Mapping[str, Callable],
    radiomics: RadiomicsParameters,
    looks: LookLog | None = None,  # read so that they are logged before
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Measure the lesions as the study measured its own, and score them.

    How images are measured is the study's own; of the environment's radiomics parameters only the
    machine's part counts (execution and cache).

    Returns
    -------
    predictions : DataFrame
        ``schemas.Predictions``, of the models that apply.
    variables, applicability : DataFrame
        Which of the study's clinical variables the cohort has; which models apply.
    findings : DataFrame
        Lesions that could not be measured.
    """
    from spl_kedro.deployment import external
    from spl_kedro.deployment.scoring import measure_images
    from spl_kedro.features.measurement import FeatureCache

    variables = external.match_variables(study, cohort)
    applies = external.applicability(study, variables)
    cache = FeatureCache(radiomics.cache.directory) if radiomics.cache.enabled else None
    wanted = {name: lesions[name] for name in cohort.index}
    features = measure_images(study, wanted, radiomics.execution, cache)
    predictions = external.external_predictions(study, cohort, features, variables, applies)
    return predictions, variables, applies, features.quarantine


def compare_case_mix(
    study: PackagedStudy,
    cohort: pd.DataFrame,
    predictions: pd.DataFrame,
    variables: pd.DataFrame,
    parameters: ModelingParameters,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return how the patients differ from those the study learnt from: term by term, and in all."""
    from spl_kedro.deployment.case_mix import case_mix_table, comparable_columns
    from spl_kedro.deployment.external import matched_names
    from spl_kedro.deployment.membership import membership_table

    columns = comparable_columns(study, cohort, predictions, matched_names(variables))
    return (
        case_mix_table(study, columns, cohort["label"]),
        membership_table(study, columns, cohort["patient_id"], parameters.evaluation),
    )
