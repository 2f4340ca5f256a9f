"""Steps from lesions to the table of habitats, the stability of its columns, and pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.features.habitats import HabitatParameters
from spl_kedro.features.measurement import RadiomicsParameters
from spl_kedro.imaging import Lesion
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.radiomics.nodes import feature_cache
from spl_kedro.provenance import cohort_checksum
from spl_kedro.reporting.parts import AddedSections
from spl_kedro.schemas import is_simulated

#: Pixels around a lesion in the contact sheet.
MARGIN = 12

Lesions = Mapping[str, Callable[[], Lesion]]


def measure_habitats(
    lesions: Lesions,
    cohort: pd.DataFrame,
    radiomics: RadiomicsParameters,
    parameters: HabitatParameters,
    modeling: ModelingParameters,
) -> tuple[Any, ...]:
    """Measure the habitats by groups of pixels found within each fit of the signatures."""
    from spl_kedro.features.habitats import habitat_schema, measure_habitats
    from spl_kedro.modeling.signatures.nested import outer_folds

    result = measure_habitats(
        {name: lesions[name] for name in cohort.index if name in lesions},
        cohort.index[cohort["cohort"] == "training"].tolist(),
        outer_folds(cohort, modeling),
        parameters,
        radiomics.extraction,
        radiomics.execution,
        feature_cache(radiomics),
    )
    return (
        result.features,
        habitat_schema(parameters),
        result.nested,
        result.clusters,
        result.clustering,
        result.findings,
    )


def judge_habitats(
    features: pd.DataFrame,
    schema: pd.DataFrame,
    clustering: Any,
    lesions: Lesions,
    reader2_lesions: Lesions,
    cohort: pd.DataFrame,
    radiomics: RadiomicsParameters,
    parameters: HabitatParameters,
) -> tuple[pd.DataFrame, Drawing]:
    """Compare the habitats within several outlines of the same training lesions."""
    from spl_kedro.features.habitats import habitat_stability
    from spl_kedro.features.measurement.stability_figure import stability_figure

    stability = habitat_stability(
        features,
        clustering,
        {name: lesions[name] for name in features.index},
        reader2_lesions,
        cohort.index[cohort["cohort"] == "training"].tolist(),
        parameters,
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
        what="features of the habitats",
    )
    return stability, figure


def draw_habitats(
    features: pd.DataFrame,
    clusters: pd.DataFrame,
    stability: pd.DataFrame,
    clustering: Any,
    lesions: Lesions,
    cohort: pd.DataFrame,
    radiomics: RadiomicsParameters,
    parameters: HabitatParameters,
) -> tuple[Drawing, dict[str, Drawing], AddedSections]:
    """Draw habitats of some training lesions on a sheet, maps one by one; write the section."""
    from spl_kedro.features.habitats import choose_examples, habitat_examples
    from spl_kedro.features.measurement.map_figure import map_figure
    from spl_kedro.pipelines.habitats.figure import habitat_sheet
    from spl_kedro.pipelines.habitats.section import habitat_section

    simulated = is_simulated(cohort)
    measured = features.index[features.notna().any(axis=1)]
    examples = choose_examples(cohort, measured, parameters)
    mapped = [name for name in parameters.mapped or examples[:2] if name in measured]
    names = list(dict.fromkeys([*examples, *mapped]))
    found = {
        one.lesion_id: one
        for one in habitat_examples(names, lesions, clustering, parameters, radiomics.extraction)
    }
    sheet = Drawing(
        habitat_sheet,
        [found[name].cut(MARGIN) for name in examples],
        cohort.loc[examples, "label"].tolist(),
        clustering.original_centres()[:, parameters.features.index(parameters.order_by)],
        parameters.order_by,
        simulated=simulated,
    )
    maps = {
        f"{name}_{feature}": Drawing(
            map_figure,
            found[name].maps.image,
            found[name].maps.picture(feature),
            feature,
            name if simulated else "Lesion",
            radius=parameters.kernel_radius,
            simulated=simulated,
        )
        for name in mapped
        for feature in parameters.features
    }
    section = habitat_section(features, clusters, stability, sheet, parameters, simulated=simulated)
    return sheet, maps, AddedSections(cohort_checksum(cohort), (section,))
