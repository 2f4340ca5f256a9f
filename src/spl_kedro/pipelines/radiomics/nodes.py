"""Steps from lesions to the radiomics table and the stability of its columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.features.measurement import RadiomicsParameters
from spl_kedro.imaging import Lesion
from spl_kedro.pipelines.types import FeatureCache
from spl_kedro.schemas import is_simulated

Lesions = Mapping[str, Callable[[], Lesion]]


def feature_cache(parameters: RadiomicsParameters) -> FeatureCache | None:
    """Return where features are kept from run to run, if they are."""
    from spl_kedro.features.measurement import FeatureCache

    return FeatureCache(parameters.cache.directory) if parameters.cache.enabled else None


def measure_radiomics(
    lesions: Lesions, cohort: pd.DataFrame, parameters: RadiomicsParameters
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Measure the cohort's lesions: features, what the columns are, and who was left out."""
    from spl_kedro.features.measurement import extract_features
    from spl_kedro.features.radiomics import feature_schema

    schema = feature_schema(parameters.extraction.preset)
    wanted = {name: lesions[name] for name in cohort.index if name in lesions}
    result = extract_features(
        wanted, parameters.extraction, parameters.execution, feature_cache(parameters)
    )
    if result.features.empty:
        raise ValueError(
            f"none of the {len(wanted)} lesions could be measured; the first reason: "
            f"{result.quarantine['message'].head(1).tolist()}"
        )
    return result.features, schema, result.quarantine


def judge_stability(
    features: pd.DataFrame,
    schema: pd.DataFrame,
    lesions: Lesions,
    reader2_lesions: Lesions,
    cohort: pd.DataFrame,
    parameters: RadiomicsParameters,
) -> tuple[pd.DataFrame, Drawing]:
    """Compare outlines of training lesions: two readers', or one reader's with perturbed ones."""
    from spl_kedro.features.measurement.stability import feature_stability
    from spl_kedro.features.measurement.stability_figure import stability_figure

    measured = {name: lesions[name] for name in features.index}
    training = cohort.index[cohort["cohort"] == "training"].tolist()
    stability = feature_stability(
        features,
        measured,
        reader2_lesions,
        training,
        parameters.extraction,
        parameters.execution,
        parameters.stability,
        feature_cache(parameters),
    )
    figure = Drawing(stability_figure, stability, schema, simulated=is_simulated(cohort))
    return stability, figure
