"""Steps from lesions to the tables of rings and the stability of their columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.features.deep import DeepSettings
from spl_kedro.features.measurement import RadiomicsParameters
from spl_kedro.features.rings import RingParameters
from spl_kedro.imaging import Lesion
from spl_kedro.pipelines.radiomics.nodes import feature_cache
from spl_kedro.schemas import is_simulated

Lesions = Mapping[str, Callable[[], Lesion]]


def measure_rings(
    lesions: Lesions,
    cohort: pd.DataFrame,
    radiomics: RadiomicsParameters,
    parameters: RingParameters,
) -> tuple[pd.DataFrame, ...]:
    """Measure the rings: features, what the columns are, what is in view, what is missing."""
    from spl_kedro.features.rings import decide_distances, measure_rings, ring_schema

    distances = decide_distances(cohort, parameters)
    result = measure_rings(
        {name: lesions[name] for name in cohort.index if name in lesions},
        _in_one_image(cohort),
        distances,
        parameters,
        radiomics.extraction,
        radiomics.execution,
        feature_cache(radiomics),
    )
    schema = ring_schema(radiomics.extraction.preset, distances)
    return result.features, schema, result.in_view, result.findings


def embed_rings(
    lesions: Lesions,
    cohort: pd.DataFrame,
    rings_findings: pd.DataFrame,
    deep: DeepSettings,
    parameters: RingParameters,
) -> tuple[pd.DataFrame, ...]:
    """Embed the rings: deep features, what the columns are, what is missing beside the radiomics'.

    A ring out of view is missing in both, and found once.
    """
    from spl_kedro.features.rings import decide_distances, embed_rings

    result = embed_rings(
        {name: lesions[name] for name in cohort.index if name in lesions},
        _in_one_image(cohort),
        decide_distances(cohort, parameters),
        parameters,
        deep,
    )
    known = set(rings_findings.itertuples(index=False, name=None))
    rows = result.findings.itertuples(index=False, name=None)
    new = [row not in known for row in rows]
    return result.features, result.schema, result.findings.loc[new].reset_index(drop=True)


def judge_rings(
    features: pd.DataFrame,
    schema: pd.DataFrame,
    lesions: Lesions,
    reader2_lesions: Lesions,
    cohort: pd.DataFrame,
    radiomics: RadiomicsParameters,
    parameters: RingParameters,
) -> tuple[pd.DataFrame, Drawing]:
    """Compare the rings around several outlines of the same training lesions."""
    from spl_kedro.features.measurement.stability_figure import stability_figure
    from spl_kedro.features.rings import ring_stability

    stability = ring_stability(
        *_outlined_again(features, lesions, reader2_lesions, cohort, parameters),
        radiomics.extraction,
        radiomics.execution,
        radiomics.stability,
        feature_cache(radiomics),
    )
    figure = Drawing(
        stability_figure,
        stability,
        schema,
        simulated=is_simulated(cohort),
        what="informative features of the rings",
    )
    return stability, figure


def judge_deep_rings(
    features: pd.DataFrame,
    schema: pd.DataFrame,
    lesions: Lesions,
    reader2_lesions: Lesions,
    cohort: pd.DataFrame,
    radiomics: RadiomicsParameters,
    deep: DeepSettings,
    parameters: RingParameters,
) -> tuple[pd.DataFrame, Drawing]:
    """Compare the rings' deep features around several outlines of the same training lesions."""
    from spl_kedro.features.measurement.stability_figure import stability_figure
    from spl_kedro.features.rings import deep_ring_stability

    stability = deep_ring_stability(
        *_outlined_again(features, lesions, reader2_lesions, cohort, parameters),
        deep,
        radiomics.stability,
    )
    figure = Drawing(
        stability_figure,
        stability,
        schema,
        simulated=is_simulated(cohort),
        what="deep features of the rings",
        classes="ring",
        parts="block of the network",
    )
    return stability, figure


def _outlined_again(
    features: pd.DataFrame,
    lesions: Lesions,
    reader2_lesions: Lesions,
    cohort: pd.DataFrame,
    parameters: RingParameters,
) -> tuple[Any, ...]:
    """Return what the comparison of several outlines needs, whatever is measured of a ring."""
    from spl_kedro.features.rings import decide_distances

    return (
        features,
        {name: lesions[name] for name in features.index},
        reader2_lesions,
        cohort.index[cohort["cohort"] == "training"].tolist(),
        _in_one_image(cohort),
        decide_distances(cohort, parameters),
        parameters,
    )


def _in_one_image(cohort: pd.DataFrame) -> list[list[str]]:
    """Return the lesions of each image that has several."""
    groups = cohort.groupby("image_sha256").groups.values()
    return [list(lesions) for lesions in groups if len(lesions) > 1]
