"""Which features of the habitats would survive another reader: ICC between outlines."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from spl_kedro.features.habitats.clustering import Clustering
from spl_kedro.features.habitats.extraction import measure_again
from spl_kedro.features.habitats.settings import HabitatParameters
from spl_kedro.features.measurement import (
    ExecutionSettings,
    FeatureCache,
    RadiomicsSettings,
    StabilitySettings,
)
from spl_kedro.features.measurement.jobs import LesionLoader
from spl_kedro.features.measurement.stability import compare_outlines, second_outlines


def habitat_stability(
    features: pd.DataFrame,
    clustering: Clustering,
    lesions: Mapping[str, LesionLoader],
    reader2: Mapping[str, LesionLoader],
    training: list[str],
    parameters: HabitatParameters,
    settings: RadiomicsSettings,
    execution: ExecutionSettings,
    stability: StabilitySettings,
    cache: FeatureCache | None = None,
) -> pd.DataFrame:
    """ICC of every feature of the habitats between outlines of the same training lesions.

    The outlines are those by which the lesion's own features are judged: a second reader's, else
    perturbed ones. The groups of pixels stay those of the first outlines. A feature is compared on
    the lesions in which it was measured under every outline.

    Parameters
    ----------
    features : DataFrame
        Under the first outlines, from :func:`.extraction.measure_habitats`.
    clustering : Clustering
        Of all training lesions.
    lesions, reader2 : mapping of str to callable
        Readers of the lesions with the first and the second reader's outlines.
    training : list of str
        The training lesions, the only ones compared.
    parameters, settings, execution
        As for :func:`.extraction.measure_habitats`.
    stability : StabilitySettings
    cache : FeatureCache, optional

    Returns
    -------
    DataFrame
        As :func:`spl_kedro.features.measurement.stability.feature_stability` returns.
    """
    source, outlines = second_outlines(lesions, reader2, training, stability)
    tables = [features]
    for rater, readers in outlines.items():
        title = f"habitats, {rater}"
        tables.append(
            measure_again(readers, clustering, parameters, settings, execution, cache, title)
        )
    parts = [
        compare_outlines([table[[name]].dropna() for table in tables], source, stability)
        for name in features.columns
    ]
    return pd.concat(parts)
