"""Which features of the rings would survive another reader: ICC between outlines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from spl_kedro.features.deep.settings import DeepSettings
from spl_kedro.features.measurement import (
    ExecutionSettings,
    FeatureCache,
    RadiomicsSettings,
    StabilitySettings,
)
from spl_kedro.features.measurement.jobs import LesionLoader
from spl_kedro.features.measurement.stability import compare_outlines, second_outlines
from spl_kedro.features.rings.distances import RingDistances
from spl_kedro.features.rings.extraction import measure_rings
from spl_kedro.features.rings.settings import RingParameters


def ring_stability(
    features: pd.DataFrame,
    lesions: Mapping[str, LesionLoader],
    reader2: Mapping[str, LesionLoader],
    training: list[str],
    in_one_image: Iterable[Iterable[str]],
    distances: RingDistances,
    parameters: RingParameters,
    settings: RadiomicsSettings,
    execution: ExecutionSettings,
    stability: StabilitySettings,
    cache: FeatureCache | None = None,
) -> pd.DataFrame:
    """ICC of every feature of the rings between outlines of the same training lesions.

    The outlines are those by which the lesion's own features are judged: a second reader's, else
    perturbed ones; a ring is drawn anew around each. A ring is compared on the lesions in which it
    was measured under every outline.

    Parameters
    ----------
    features : DataFrame
        Under the first outlines, from :func:`.extraction.measure_rings`.
    lesions, reader2 : mapping of str to callable
        Readers of the lesions with the first and the second reader's outlines.
    training : list of str
        The training lesions, the only ones compared.
    in_one_image, distances, parameters, settings, execution
        As for :func:`.extraction.measure_rings`.
    stability : StabilitySettings
    cache : FeatureCache, optional

    Returns
    -------
    DataFrame
        As :func:`spl_kedro.features.measurement.stability.feature_stability` returns.
    """
    source, outlines = second_outlines(lesions, reader2, training, stability)
    groups = [tuple(group) for group in in_one_image]
    tables = [features]
    for rater, readers in outlines.items():
        result = measure_rings(
            lesions,
            groups,
            distances,
            parameters,
            settings,
            execution,
            cache,
            outlined=readers,
            description=f"rings, {rater}",
        )
        tables.append(result.features)
    return _compared(tables, len(distances.pairs), source, stability)


def deep_ring_stability(
    features: pd.DataFrame,
    lesions: Mapping[str, LesionLoader],
    reader2: Mapping[str, LesionLoader],
    training: list[str],
    in_one_image: Iterable[Iterable[str]],
    distances: RingDistances,
    parameters: RingParameters,
    settings: DeepSettings,
    stability: StabilitySettings,
) -> pd.DataFrame:
    """ICC of every deep feature of the rings between outlines of the same training lesions.

    As :func:`ring_stability`: crop and ring are those of each outline.

    Parameters
    ----------
    features : DataFrame
        Under the first outlines, from :func:`.embedding.embed_rings`.
    lesions, reader2, training, in_one_image, distances, parameters, stability
        As for :func:`ring_stability`.
    settings : DeepSettings
        The study's.

    Returns
    -------
    DataFrame
        As :func:`spl_kedro.features.measurement.stability.feature_stability` returns.
    """
    from spl_kedro.features.rings.embedding import embed_rings

    if features.columns.empty:
        return compare_outlines([features.iloc[:0]] * 2, "none", stability)
    source, outlines = second_outlines(lesions, reader2, training, stability)
    groups = [tuple(group) for group in in_one_image]
    tables = [features.astype("float64")]
    for rater, readers in outlines.items():
        about = (lesions, groups, distances, parameters, settings)
        title = f"rings, deep, {rater}"
        found = embed_rings(*about, outlined=readers, description=title)
        tables.append(found.features.astype("float64"))
    return _compared(tables, len(distances.pairs), source, stability)


def _compared(
    tables: Sequence[pd.DataFrame], rings: int, source: str, stability: StabilitySettings
) -> pd.DataFrame:
    """Compare each ring on the lesions in which it was measured under every outline."""
    columns, parts = tables[0].columns, []
    own = len(columns) // rings
    for ring in range(rings):
        names = columns[ring * own : (ring + 1) * own]
        parts.append(
            compare_outlines([table[names].dropna() for table in tables], source, stability)
        )
    return pd.concat(parts)
